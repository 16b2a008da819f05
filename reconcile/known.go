package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// What questions about access are asked with: the names of principals and of objects
// that the documents and live know, in or out of scope.

// Desired folds the claims at now without a live side. What only live knows, as who
// owns what is not declared, is missing in it.
func (d *Declared) Desired(now time.Time) (plan.State, error) {
	state, conflicts := plan.Fold(cloneResources(d.Resources), now)
	folded := state.All()
	for i := range folded {
		if c := canonicalOf(folded[i].Key.Kind); c != nil {
			c(&folded[i])
		}
	}
	return plan.NewState(folded), conflictErrors(conflicts)
}

// Called are the groups and service principals of the environment as facts name
// them, by what the documents call them.
func (d *Declared) Called() map[string][]string {
	out := map[string][]string{}
	add := func(name, token string) {
		if !slices.Contains(out[name], token) {
			out[name] = append(out[name], token)
		}
	}
	for _, p := range d.Names.All() {
		if p.Removal == nil {
			add(p.Spec, p.token())
		}
	}
	for _, name := range d.Project.External.ServicePrincipals.Keys() {
		add(name, "sp:"+name)
	}
	return out
}

// Principals are the principals that live knows, as facts name them, sorted: all
// groups and service principals, and the users who had to be looked up.
func (r *Run) Principals() []string {
	var out []string
	for _, l := range r.dir.levels() {
		for name := range l.groups {
			out = append(out, "group:"+r.dir.groupName(l.target, name))
		}
		for _, sp := range l.sps {
			out = append(out, r.dir.spToken(sp.ApplicationID))
		}
		for name := range l.users {
			out = append(out, "user:"+name)
		}
	}
	return plan.Set(out)
}

// ServicePrincipal is how facts name the service principal of an application id.
func (r *Run) ServicePrincipal(applicationID string) (token string, ok bool) {
	token = r.dir.spToken(applicationID)
	_, ok = r.dir.knownApplicationID(token)
	return token, ok
}

// Exists asks whether there is an object that is out of scope, by the key that its
// grants or permissions would have: one request, or one list of its type.
func (r *Run) Exists(ctx context.Context, key plan.Key) (bool, error) {
	typ, name, _ := strings.Cut(key.Name, "/")
	var err error
	switch key.Kind {
	case kindGrants:
		t, ok := findSecurableType(typ)
		if !ok || t.Depth == 0 {
			return ok, nil
		}
		err = r.clients.catalog().get(ctx, t.Path+"/"+escaped(name), nil, new(answer))
	case kindPermissions:
		t, ok := findObjectType(typ)
		if !ok {
			return false, nil
		}
		return r.existsIn(ctx, t, key.Target, name)
	default:
		return false, nil
	}
	switch {
	case missing(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for %s %s: %w", typ, name, explain(err, "read securables"))
	}
	return true, nil
}

// existsIn asks a workspace for an object by its name, or by its path.
func (r *Run) existsIn(ctx context.Context, t *objectType, workspace, name string) (bool, error) {
	ref := objectRef{Type: t, Workspace: workspace, Name: name}
	id, byID := strings.CutPrefix(name, "#")
	switch {
	case t.List.Path == "" && t.ByPath:
		ref.Path = "/" + name
	case t.List.Path == "" && byID, len(t.Fixed) > 0:
		return slices.Contains(t.Fixed, name), nil
	case t.List.Path != "":
		items, err := r.clients.Workspace(workspace).inventory(ctx, t)
		found := slices.ContainsFunc(items, func(o object) bool {
			return o.Name == name || byID && o.ID == id || o.Name+"#"+o.ID == name
		})
		if found || err != nil || !t.ByPath {
			return found, err
		}
		ref.Path = "/" + name
	}
	_, err := r.lookup(ctx, ref)
	switch {
	case missing(err), spec.Errors(err) != nil: // nothing, or something of another type
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for %s %s in workspace %s: %w", t.Name, name, workspace, explain(err, "find objects"))
	}
	return true, nil
}

// ReadMembers reads who is in groups of the account that were left unread, and in the
// groups in these: one request each. Live has their members from then on.
func (r *Run) ReadMembers(ctx context.Context, groups []string) error {
	if r.dir.account == nil {
		return nil
	}
	if r.watched == nil {
		r.watched = map[string][]iam.ComplexValue{}
	}
	var ids []string
	for next := groups; len(next) > 0; {
		found, err := r.readGroups(ctx, next)
		if err != nil {
			return err
		}
		for _, m := range found {
			if slices.Contains(resourcesOf(m), scimUsers.name) {
				ids = append(ids, m.Value)
			}
		}
		next = r.nested(found)
	}
	if err := r.dir.account.findUsers(ctx, nil, plan.Set(ids)); err != nil {
		return err
	}
	all := slices.Clone(r.Live.All())
	for i := range all {
		if _, known := all[i].Field(fieldMember); all[i].Key.Kind == kindGroup && all[i].Key.Target == accountTarget && !known {
			all[i].Context = r.watchedMembers(all[i].Key.Name)
		}
	}
	r.Live = plan.NewState(append(all, r.watchedGroups(all)...))
	return nil
}
