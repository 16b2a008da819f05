package reconcile_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// explain holds what was written against what was printed: each write becomes
// the facts that it adds and removes, by its body and the state before it, and
// these are exactly the facts of the plan.
func explain(t *testing.T, p plan.Plan, writes []sandbox.Request, before, after *sandbox.State) {
	t.Helper()
	e := &explainer{t: t, p: p, before: before, robots: slices.Concat(before.Account.ServicePrincipals, after.Account.ServicePrincipals), names: tokens(before), old: tokens(before), sent: map[string]bool{}}
	for id, token := range tokens(after) {
		e.names[id] = token
	}
	for _, w := range writes {
		e.request(w)
	}
	want := map[string]bool{}
	for i := range p.Changes {
		e.printed(&p.Changes[i], want)
	}
	if diff := cmp.Diff(want, e.sent); diff != "" {
		t.Errorf("what was sent is not what was printed (-printed +sent):\n%s", diff)
	}
}

type explainer struct {
	t          *testing.T
	p          plan.Plan
	before     *sandbox.State
	names, old map[string]string // principals by id: now, and before the writes
	robots     []sandbox.ServicePrincipal
	sent       map[string]bool
}

func (e *explainer) add(sign, kind, target, name, field string, values ...string) {
	for _, v := range values {
		e.sent[strings.TrimSpace(fmt.Sprintf("%s@%s/%s %s %s%s", kind, target, name, field, sign, v))] = true
	}
}

// printed are the facts of one change, with service principals by display name.
func (e *explainer) printed(c *plan.Change, want map[string]bool) {
	spell := func(s string) string {
		s = strings.ReplaceAll(s, "sp:spn_tableau", "sp:Tableau")
		for _, sp := range e.robots {
			s = strings.ReplaceAll(s, "sp:"+sp.ApplicationID, "sp:"+sp.DisplayName)
			s = strings.ReplaceAll(s, "servicePrincipal@account/"+sp.ApplicationID, "servicePrincipal@account/"+sp.DisplayName)
		}
		return s
	}
	if c.Action != plan.Update {
		want[spell(fmt.Sprintf("%s  %s", c.Key, c.Action))] = true
	}
	if c.Action == plan.Delete {
		return
	}
	for _, d := range c.Deltas() {
		for _, v := range d.Added {
			want[spell(fmt.Sprintf("%s %s +%s", c.Key, d.Field, v))] = true
		}
		for _, v := range d.Removed {
			want[spell(fmt.Sprintf("%s %s -%s", c.Key, d.Field, v))] = true
		}
	}
}

var (
	scimPath   = regexp.MustCompile(`^/api/2\.0/(accounts/[^/]+|preview)/scim/v2/(Groups|ServicePrincipals)(?:/(\d+))?$`)
	assignPath = regexp.MustCompile(`/workspaces/(\d+)/permissionassignments/principals/(\d+)$`)
	aclPath    = regexp.MustCompile(`^/api/2\.0/permissions/(.+)/([^/]+)$`)
	grantsPath = regexp.MustCompile(`^/api/2\.1/unity-catalog/permissions/([^/]+)/(.+)$`)
	ownerPath  = regexp.MustCompile(`^/api/2\.[01]/(?:unity-catalog/)?([a-z-]+)/(.+)$`)
	valuePath  = regexp.MustCompile(`^(\w+)\[value eq "(.*)"\]$`)
)

func (e *explainer) request(w sandbox.Request) {
	e.t.Helper()
	switch {
	case scimPath.MatchString(w.Path):
		e.scim(w, scimPath.FindStringSubmatch(w.Path))
	case assignPath.MatchString(w.Path):
		e.assignment(w, assignPath.FindStringSubmatch(w.Path))
	case aclPath.MatchString(w.Path):
		e.acl(w, aclPath.FindStringSubmatch(w.Path))
	case grantsPath.MatchString(w.Path):
		e.grants(w, grantsPath.FindStringSubmatch(w.Path))
	case w.Method == http.MethodPatch && ownerPath.MatchString(w.Path):
		e.owner(w, ownerPath.FindStringSubmatch(w.Path)[2])
	default:
		e.t.Errorf("a write of no known form: %s %s %s", w.Method, w.Path, w.Body)
	}
}

func decode[T any](t *testing.T, w sandbox.Request) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(w.Body), &v); err != nil {
		t.Fatalf("%s %s: %v in %s", w.Method, w.Path, err, w.Body)
	}
	return v
}

type valueItem struct {
	Value string `json:"value"`
}

func (e *explainer) target(w sandbox.Request, space string) string {
	if space != "preview" {
		return "account"
	}
	for _, ws := range e.before.Workspaces {
		if fmt.Sprint(ws.ID) == w.Workspace {
			return ws.Name[strings.Index(ws.Name, "/")+1:]
		}
	}
	e.t.Errorf("%s %s is of no workspace: %q", w.Method, w.Path, w.Workspace)
	return ""
}

func (e *explainer) scim(w sandbox.Request, m []string) {
	target, kind := e.target(w, m[1]), "group"
	if m[2] == "ServicePrincipals" {
		kind = "servicePrincipal"
	}
	_, name, _ := strings.Cut(e.names[m[3]], ":")
	switch w.Method {
	case http.MethodPost:
		body := decode[struct {
			DisplayName string
			Members     []valueItem
		}](e.t, w)
		e.add("create", kind, target, body.DisplayName, "", "")
		for _, v := range body.Members {
			e.add("+", kind, target, body.DisplayName, "member", e.names[v.Value])
		}
	case http.MethodDelete:
		e.add("delete", kind, target, name, "", "")
	case http.MethodPatch:
		for _, op := range decode[struct {
			Operations []struct {
				Op, Path string
				Value    json.RawMessage
			}
		}](e.t, w).Operations {
			e.operation(op.Op, op.Path, op.Value, kind, target, m[3])
		}
	default:
		e.t.Errorf("SCIM is never written by %s: %s", w.Method, w.Path)
	}
}

// operation is one SCIM PATCH operation.
func (e *explainer) operation(op, path string, raw json.RawMessage, kind, target, id string) {
	_, name, _ := strings.Cut(e.names[id], ":")
	var items []valueItem
	var text string
	if json.Unmarshal(raw, &items) != nil && len(raw) > 0 {
		if err := json.Unmarshal(raw, &text); err != nil {
			e.t.Errorf("SCIM value %s: %v", raw, err)
		}
	}
	sign := map[string]string{"add": "+", "remove": "-"}[op]
	if m := valuePath.FindStringSubmatch(path); m != nil {
		path, items = m[1], []valueItem{{m[2]}}
	}
	switch path + " " + op {
	case "members add", "members remove":
		for _, v := range items {
			e.add(sign, kind, target, name, "member", e.names[v.Value])
		}
	case "roles add", "roles remove":
		for _, v := range items {
			e.add(sign, "roles", target, e.names[id], "role", v.Value)
		}
	case "entitlements add":
		for _, v := range items {
			e.add(sign, "entitlements", target, e.names[id], "entitlement", v.Value)
		}
	case "entitlements replace":
		var then []string
		for _, v := range items {
			if v.Value != "" {
				then = append(then, v.Value)
			}
		}
		e.replaced("entitlements", target, e.names[id], "entitlement", e.entitlements(target, id), then)
	case "displayName replace":
		_, old, _ := strings.Cut(e.old[id], ":")
		e.replaced(kind, target, text, "name", []string{old}, []string{text})
	case "active replace":
		e.replaced(kind, target, name, "active", []string{map[string]string{"true": "false", "false": "true"}[text]}, []string{text})
	default:
		e.t.Errorf("a SCIM operation of no known form: %s %s %s", op, path, raw)
	}
}

// replaced adds what one set has over another.
func (e *explainer) replaced(kind, target, name, field string, now, then []string) {
	for _, v := range then {
		if !slices.Contains(now, v) {
			e.add("+", kind, target, name, field, v)
		}
	}
	for _, v := range now {
		if !slices.Contains(then, v) {
			e.add("-", kind, target, name, field, v)
		}
	}
}

func (e *explainer) liveWorkspace(target string) *sandbox.Workspace {
	for i := range e.before.Workspaces {
		ws := &e.before.Workspaces[i]
		if strings.HasSuffix(ws.Name, "/"+target) && strings.HasPrefix(ws.Name, e.p.Environment) {
			return ws
		}
	}
	e.t.Fatalf("no workspace %s/%s", e.p.Environment, target)
	return nil
}

func (e *explainer) entitlements(target, id string) []string {
	ws := e.liveWorkspace(target)
	for _, v := range ws.Entitlements {
		if v.Principal == id {
			return v.Values
		}
	}
	for _, g := range ws.Groups {
		if g.ID == id {
			return g.Entitlements
		}
	}
	return nil
}

func (e *explainer) assignment(w sandbox.Request, m []string) {
	for i := range e.before.Workspaces {
		ws := &e.before.Workspaces[i]
		if fmt.Sprint(ws.ID) != m[1] {
			continue
		}
		var now, then []string
		for _, a := range ws.Assignments {
			if a.Principal == m[2] {
				now = a.Permissions[:1] // ADMIN stands before USER
			}
		}
		if w.Method == http.MethodPut {
			then = decode[struct{ Permissions []string }](e.t, w).Permissions
		}
		e.replaced("assignment", ws.Name[strings.Index(ws.Name, "/")+1:], e.names[m[2]], "permission", now, then)
	}
}

func (e *explainer) acl(w sandbox.Request, m []string) {
	typeName := strings.TrimPrefix(m[1], "sql/")
	i := slices.IndexFunc(e.p.Changes, func(c plan.Change) bool {
		return c.Key.Kind == "permissions" && c.ID == m[2] && strings.HasPrefix(c.Key.Name, typeName+"/")
	})
	if i < 0 {
		e.t.Errorf("an ACL is written that no change is about: %s %s", w.Method, w.Path)
		return
	}
	key := e.p.Changes[i].Key
	now, then := map[string]string{}, map[string]string{}
	for _, o := range e.liveWorkspace(key.Target).Objects {
		if o.Type == typeName && o.ID == m[2] {
			for _, entry := range o.ACL {
				now[e.names[entry.Principal]] = entry.Level
			}
		}
	}
	if w.Method == http.MethodPatch {
		for who, level := range now {
			then[who] = level
		}
	}
	for _, entry := range decode[struct {
		ACL []struct {
			User  string `json:"user_name"`
			Group string `json:"group_name"`
			SP    string `json:"service_principal_name"`
			Level string `json:"permission_level"`
		} `json:"access_control_list"`
	}](e.t, w).ACL {
		then[e.token(entry.User, entry.Group, entry.SP)] = entry.Level
	}
	for who := range merged(now, then) {
		if now[who] != then[who] {
			e.replaced("permissions", key.Target, key.Name, who, nonEmpty(now[who]), nonEmpty(then[who]))
		}
	}
}

func (e *explainer) token(user, group, sp string) string {
	switch {
	case user != "":
		return "user:" + strings.ToLower(user)
	case group != "":
		return "group:" + group
	}
	return e.ucToken(sp)
}

func (e *explainer) grants(w sandbox.Request, m []string) {
	i := slices.IndexFunc(e.p.Changes, func(c plan.Change) bool {
		return c.Key.Kind == "grants" && (strings.HasSuffix(unquoted(c.Key.Name), "/"+unquoted(m[2])) || strings.HasPrefix(c.Key.Name, "metastore/") && m[1] == "metastore")
	})
	if i < 0 {
		e.t.Errorf("grants are written that no change is about: %s %s", w.Method, w.Path)
		return
	}
	key := e.p.Changes[i].Key
	for _, c := range decode[struct {
		Changes []struct {
			Principal   string
			Add, Remove []string
		}
	}](e.t, w).Changes {
		e.add("+", "grants", key.Target, key.Name, e.ucToken(c.Principal), c.Add...)
		e.add("-", "grants", key.Target, key.Name, e.ucToken(c.Principal), c.Remove...)
	}
}

// ucToken turns a name of Unity Catalog into a token.
func (e *explainer) ucToken(name string) string {
	for _, sp := range e.robots {
		if strings.EqualFold(sp.ApplicationID, name) {
			return "sp:" + sp.DisplayName
		}
	}
	for _, token := range e.names {
		if strings.EqualFold(token, "user:"+name) || token == "group:"+name {
			return token
		}
	}
	return "sp:" + name
}

func (e *explainer) owner(w sandbox.Request, name string) {
	i := slices.IndexFunc(e.p.Changes, func(c plan.Change) bool {
		return c.Key.Kind == "owner" && strings.HasSuffix(unquoted(c.Key.Name), "/"+unquoted(name))
	})
	if i < 0 {
		e.t.Errorf("an owner is written that no change is about: %s %s %s", w.Method, w.Path, w.Body)
		return
	}
	key := e.p.Changes[i].Key
	var now []string
	for _, s := range e.before.Securables {
		if strings.EqualFold(s.Name, name) && strings.HasPrefix(key.Name, s.Type+"/") && s.Owner != "" {
			now = []string{e.names[s.Owner]}
		}
	}
	to := decode[struct{ Owner string }](e.t, w).Owner
	e.replaced("owner", key.Target, key.Name, "owner", now, []string{e.ucToken(to)})
}

func merged(a, b map[string]string) map[string]bool {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	return all
}

func unquoted(name string) string { return strings.ReplaceAll(name, "`", "") }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
