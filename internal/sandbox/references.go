package sandbox

import (
	"fmt"
	"strings"
)

// references turns the references of a seed into ids.
type references struct {
	users   map[string]string   // by folded user name
	apps    map[string]string   // by folded application id
	spNames map[string][]string // by display name
	groups  map[string]string   // account groups
	known   map[string]bool     // every id
}

func (st *State) references() *references {
	r := &references{
		users: map[string]string{}, apps: map[string]string{}, spNames: map[string][]string{},
		groups: map[string]string{}, known: map[string]bool{},
	}
	for _, u := range st.Account.Users {
		r.users[strings.ToLower(u.UserName)] = u.ID
	}
	for _, sp := range st.Account.ServicePrincipals {
		r.apps[strings.ToLower(sp.ApplicationID)] = sp.ID
		r.spNames[sp.DisplayName] = append(r.spNames[sp.DisplayName], sp.ID)
	}
	for _, g := range st.Account.Groups {
		r.groups[g.DisplayName] = g.ID
	}
	for _, s := range st.principalIDs() {
		r.known[*s.id] = true
	}
	return r
}

// find is the id that a reference means. Group names are looked up in local
// first, which is nil outside workspaces.
func (r *references) find(ref string, local map[string]string) (string, error) {
	if isNumber(ref) {
		return ref, nil
	}
	kind, name, _ := strings.Cut(ref, ":")
	id := ""
	switch kind {
	case "user":
		id = r.users[strings.ToLower(name)]
	case "group":
		if id = local[name]; id == "" {
			id = r.groups[name]
		}
	case "sp":
		if id = r.apps[strings.ToLower(name)]; id == "" {
			if len(r.spNames[name]) > 1 {
				return "", fmt.Errorf("%d service principals are called %q; name one by its application id", len(r.spNames[name]), name)
			}
			if len(r.spNames[name]) == 1 {
				id = r.spNames[name][0]
			}
		}
	default:
		return "", fmt.Errorf("principal %q is not user:NAME, group:NAME, sp:NAME or an id", ref)
	}
	if id == "" {
		return "", fmt.Errorf("unknown principal %q", ref)
	}
	return id, nil
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// resolver replaces references in place and reports those it cannot.
type resolver struct {
	*references
	local map[string]string
	p     *problems
}

// orphan resolves a reference whose principal may have been deleted since.
func (r resolver) orphan(ref *string, place string) {
	if *ref == "" {
		return
	}
	id, err := r.find(*ref, r.local)
	if err != nil {
		r.p.addf(place, "%v", err)
		return
	}
	*ref = id
}

// living resolves a reference whose principal has to be there.
func (r resolver) living(ref *string, place string) {
	r.orphan(ref, place)
	if *ref == "" || isNumber(*ref) && !r.known[*ref] {
		r.p.strange(place, "unknown principal %q", *ref)
	}
}

func (r resolver) all(refs []string, place string) {
	for i := range refs {
		r.living(&refs[i], fmt.Sprintf("%s[%d]", place, i))
	}
}

// grants resolves the principals of grants; one principal has one entry.
func (r resolver) grants(grants []Grant, place string) {
	seen := map[string]bool{}
	for i := range grants {
		at := fmt.Sprintf("%s.grants[%d]", place, i)
		if grants[i].Principal == "" {
			r.p.addf(at, "has no principal")
		}
		r.orphan(&grants[i].Principal, at)
		if seen[grants[i].Principal] {
			r.p.addf(at, "the principal has another entry here")
		}
		seen[grants[i].Principal] = true
	}
}

// resolveReferences makes ids of all references.
func (st *State) resolveReferences(p *problems) {
	r := resolver{references: st.references(), p: p}
	for i := range st.Account.Groups {
		g := &st.Account.Groups[i]
		r.all(g.Members, fmt.Sprintf("account.groups[%s].members", g.DisplayName))
	}
	r.orphan(&st.Metastore.Owner, "metastore.owner")
	r.grants(st.Metastore.Grants, "metastore")
	for i := range st.Securables {
		sec := &st.Securables[i]
		place := fmt.Sprintf("securables[%s %s]", sec.Type, sec.Name)
		r.orphan(&sec.Owner, place+".owner")
		r.grants(sec.Grants, place)
	}
	for i := range st.Workspaces {
		st.Workspaces[i].resolveReferences(r)
	}
}

func (ws *Workspace) resolveReferences(r resolver) {
	place := "workspaces[" + ws.Name + "]"
	account := r
	r.local = map[string]string{}
	for _, g := range ws.Groups {
		r.local[g.DisplayName] = g.ID
	}
	seen := map[string]bool{}
	for i := range ws.Assignments {
		a, at := &ws.Assignments[i], fmt.Sprintf("%s.assignments[%d]", place, i)
		account.living(&a.Principal, at)
		if seen[a.Principal] {
			r.p.addf(at, "the principal has another assignment here")
		}
		seen[a.Principal] = true
		for _, permission := range a.Permissions {
			if permission != permissionUser && permission != permissionAdmin {
				r.p.strange(at, "unknown permission %q; known: USER, ADMIN", permission)
			}
		}
	}
	for i := range ws.Groups {
		r.all(ws.Groups[i].Members, fmt.Sprintf("%s.groups[%s].members", place, ws.Groups[i].DisplayName))
	}
	for i := range ws.Deactivated {
		account.living(&ws.Deactivated[i], fmt.Sprintf("%s.deactivated[%d]", place, i))
	}
	ws.resolveEntitlements(r, place)
	for i := range ws.Objects {
		o := &ws.Objects[i]
		at := fmt.Sprintf("%s.objects[%s/%s]", place, o.Type, firstNonEmpty(o.ID, o.Path, o.Name))
		r.orphan(&o.Creator, at+".creator")
		for j := range o.ACL {
			if o.ACL[j].Principal == "" {
				r.p.addf(fmt.Sprintf("%s.acl[%d]", at, j), "has no principal")
			}
			r.orphan(&o.ACL[j].Principal, fmt.Sprintf("%s.acl[%d]", at, j))
		}
	}
}

// resolveEntitlements moves entitlements of the workspace's own groups to those
// groups, where the state keeps them.
func (ws *Workspace) resolveEntitlements(r resolver, place string) {
	kept := ws.Entitlements[:0]
	seen := map[string]bool{}
	for i, e := range ws.Entitlements {
		at := fmt.Sprintf("%s.entitlements[%d]", place, i)
		r.living(&e.Principal, at)
		checkEntitlements(at, e.Values, r.p)
		if seen[e.Principal] {
			r.p.addf(at, "the principal has another entry here")
		}
		seen[e.Principal] = true
		if g := ws.group(e.Principal); g != nil {
			for _, v := range e.Values {
				g.Entitlements = withValue(g.Entitlements, v)
			}
			for _, v := range e.Roles {
				g.Roles = withValue(g.Roles, v)
			}
			continue
		}
		kept = append(kept, e)
	}
	ws.Entitlements = kept
}

// group is the workspace's own group with an id; nil when there is none.
func (ws *Workspace) group(id string) *Group {
	for i := range ws.Groups {
		if ws.Groups[i].ID == id {
			return &ws.Groups[i]
		}
	}
	return nil
}

func firstNonEmpty(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
