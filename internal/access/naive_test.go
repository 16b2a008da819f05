package access_test

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// naive answers every question by closing everything over everything, on the bare
// facts and without an index. It shares no code with what it is held against.
type naive struct {
	all   []plan.Resource
	pairs [][2]string // all memberships: member, group
	gone  map[string]bool
	byKey map[plan.Key]plan.Resource
}

func newNaive(all []plan.Resource) naive {
	n := naive{all: all, gone: map[string]bool{}, byKey: map[plan.Key]plan.Resource{}}
	for _, r := range all {
		n.byKey[r.Key] = r
		active, _ := n.field(r, "active")
		if r.Presence == plan.Gone || slices.Contains(active, "false") {
			own := map[string]string{"group": r.Key.Target + " group:", "user": " user:", "servicePrincipal": " sp:"}
			n.gone[own[r.Key.Kind]+r.Key.Name] = true
		}
	}
	n.pairs = n.memberships()
	return n
}

// id of a principal: "account group:x", "main group:y", " user:z".
func (n naive) id(target, token string) string {
	switch {
	case !strings.HasPrefix(token, "group:"):
		return " " + token
	case target == "metastore":
		return "account " + token
	}
	if _, ok := n.get("group", target, token[6:]); ok {
		return target + " " + token
	}
	if target != "account" && (token == "group:users" || token == "group:admins") {
		return target + " " + token
	}
	return "account " + token
}

func (n naive) field(r plan.Resource, name string) ([]string, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Values, true
		}
	}
	return nil, false
}

func (n naive) context(r plan.Resource, name string) ([]string, bool) {
	for _, f := range r.Context {
		if f.Name == name {
			return f.Values, true
		}
	}
	return nil, false
}

func (n naive) memberships() [][2]string {
	var out [][2]string
	for _, r := range n.all {
		switch r.Key.Kind {
		case "group":
			members, ok := n.field(r, "member")
			if !ok {
				members, _ = n.context(r, "member")
			}
			for _, m := range members {
				out = append(out, [2]string{n.id(r.Key.Target, m), r.Key.Target + " group:" + r.Key.Name})
			}
		case "assignment":
			values, _ := n.field(r, "permission")
			to := map[string]string{"USER": "users", "ADMIN": "admins"}
			for _, v := range values {
				out = append(out, [2]string{n.id("account", r.Key.Name), r.Key.Target + " group:" + to[v]})
			}
		}
		if r.Key.Target != "account" && r.Key.Target != "metastore" {
			out = append(out, [2]string{r.Key.Target + " group:admins", r.Key.Target + " group:users"})
		}
	}
	return out
}

func (n naive) absent(id string) bool { return n.gone[id] }

// is closes the memberships of one principal.
func (n naive) is(id string) map[string]bool {
	if n.absent(id) {
		return map[string]bool{}
	}
	have := map[string]bool{id: true, "account group:account users": true}
	for more := true; more; {
		more = false
		for _, p := range n.pairs {
			if have[p[0]] && !have[p[1]] && !n.absent(p[1]) {
				have[p[1]], more = true, true
			}
		}
	}
	return have
}

// person is one principal with all that it is.
type person struct {
	naive
	is map[string]bool
}

func (n naive) person(id string) person { return person{n, n.is(id)} }

func (p person) can(key plan.Key, privilege string) bool {
	switch key.Kind {
	case "grants":
		return p.canUC(key.Name, privilege)
	case "permissions":
		return p.canACL(key, privilege)
	}
	for _, r := range p.all {
		where := r.Key.Target
		if key.Kind == "assignment" {
			where = "account"
		}
		if r.Key.Kind != key.Kind || r.Key.Target != key.Target || !p.is[p.id(where, r.Key.Name)] {
			continue
		}
		for _, f := range r.Fields {
			if slices.Contains(f.Values, privilege) || key.Kind == "assignment" && privilege == "USER" && slices.Contains(f.Values, "ADMIN") {
				return key.Kind != "entitlements" || p.inWorkspace(key.Target)
			}
		}
	}
	return false
}

func (p person) inWorkspace(w string) bool {
	for _, r := range p.all {
		if r.Key.Kind == "assignment" && r.Key.Target == w {
			return p.is[w+" group:users"]
		}
	}
	return true // nobody knows who is
}

func (n naive) get(kind, target, name string) (plan.Resource, bool) {
	r, ok := n.byKey[plan.Key{Kind: kind, Target: target, Name: name}]
	return r, ok
}

// grant tells whether the resource itself gives the privilege.
func (p person) grant(name, privilege string) bool {
	r, _ := p.get("grants", "metastore", name)
	for _, f := range r.Fields {
		if !p.is[p.id("metastore", f.Name)] {
			continue
		}
		for _, v := range f.Values {
			if v == privilege {
				return true
			}
			if v == "ALL_PRIVILEGES" {
				switch privilege {
				case "MANAGE", "EXTERNAL_USE_SCHEMA", "EXTERNAL_USE_LOCATION", "READ_METADATA":
				default:
					return true
				}
			}
		}
	}
	return false
}

func (p person) owner(name string) bool {
	owners, ok := []string(nil), false
	if r, found := p.get("owner", "metastore", name); found {
		owners, ok = p.field(r, "owner")
	}
	if r, found := p.get("grants", "metastore", name); found && !ok {
		owners, _ = p.context(r, "owner")
	}
	return len(owners) > 0 && p.is[p.id("metastore", owners[0])]
}

func (p person) canUC(name, privilege string) bool {
	typ, full, _ := strings.Cut(name, "/")
	parts := strings.Split(full, ".")
	catalog, schema := "", ""
	switch {
	case typ == "catalog":
		catalog = name
	case typ == "schema":
		catalog, schema = "catalog/"+parts[0], name
	case len(parts) == 3:
		catalog, schema = "catalog/"+parts[0], "schema/"+parts[0]+"."+parts[1]
	}
	listed := slices.Contains(reconcile.Privileges(typ), privilege)
	if !listed { // one that is newer than the table: what is granted is there
		direct := false
		r, _ := p.get("grants", "metastore", name)
		for _, f := range r.Fields {
			direct = direct || p.is[p.id("metastore", f.Name)] && slices.Contains(f.Values, privilege)
		}
		if !direct {
			return false
		}
	}
	if catalog != "" && !p.bound(catalog, privilege) {
		return false
	}
	ownsSomething := p.owner(name) || catalog != "" && p.owner(catalog) || schema != "" && p.owner(schema) || p.owner("metastore/current")
	if privilege == "MANAGE" && ownsSomething {
		return true
	}
	above := func(privilege string) bool {
		return p.grant(name, privilege) || catalog != "" && p.grant(catalog, privilege) || schema != "" && p.grant(schema, privilege)
	}
	has := func(privilege string) bool {
		if above(privilege) {
			return true
		}
		if !p.owner(name) || strings.HasPrefix(privilege, "EXTERNAL_USE") || privilege == "ALL_PRIVILEGES" {
			return false
		}
		switch typ {
		case "catalog":
			return slices.Contains(strings.Fields("APPLY_TAG BROWSE CREATE_SCHEMA MANAGE READ_METADATA USE_CATALOG"), privilege)
		case "schema":
			return strings.HasPrefix(privilege, "CREATE_") || slices.Contains(strings.Fields("APPLY_TAG MANAGE READ_METADATA USE_SCHEMA"), privilege)
		}
		return true
	}
	if !has(privilege) {
		return false
	}
	if privilege == "MODIFY" && slices.Contains(reconcile.Privileges(typ), "SELECT") && !has("SELECT") {
		return false
	}
	if privilege == "WRITE_FILES" && slices.Contains(reconcile.Privileges(typ), "READ_FILES") && !has("READ_FILES") {
		return false
	}
	if catalog == "" || privilege == "USE_CATALOG" && typ == "catalog" || privilege == "BROWSE" && typ == "catalog" {
		return true
	}
	if !p.grant(catalog, "USE_CATALOG") && !p.owner(catalog) {
		return false
	}
	if typ == "catalog" {
		switch privilege {
		case "APPLY_TAG", "CREATE_SCHEMA", "MANAGE", "READ_METADATA", "USE_SCHEMA":
			return true
		}
		return p.grant(catalog, "USE_SCHEMA")
	}
	if typ == "schema" && privilege == "USE_SCHEMA" {
		return true
	}
	return p.grant(catalog, "USE_SCHEMA") || p.grant(schema, "USE_SCHEMA") || p.owner(schema)
}

func (p person) bound(catalog, privilege string) bool {
	r, _ := p.get("grants", "metastore", catalog)
	mode, _ := p.context(r, "isolation")
	if !slices.Contains(mode, "ISOLATED") {
		return true
	}
	bindings, _ := p.context(r, "binding")
	for _, b := range bindings {
		w, kind, _ := strings.Cut(b, " ")
		writes := !slices.Contains(strings.Fields("BROWSE EXECUTE EXTERNAL_USE_SCHEMA READ_METADATA READ_VOLUME SELECT USE_CATALOG USE_SCHEMA"), privilege)
		if (kind == "READ_WRITE" || !writes) && p.is[w+" group:users"] {
			return true
		}
	}
	return false
}

// enough tells whether having one level is having another.
func enough(typ, has, wants string) bool {
	if has == wants {
		return true
	}
	levels := reconcile.Levels(typ)
	if wants == "IS_OWNER" || !slices.Contains(levels, wants) {
		return false
	}
	if has == "IS_OWNER" {
		return true
	}
	if typ == "warehouses" && has == "CAN_USE" && wants == "CAN_MONITOR" {
		return false
	}
	return slices.Index(levels, has) > slices.Index(levels, wants)
}

func (p person) canACL(key plan.Key, level string) bool {
	if !p.inWorkspace(key.Target) {
		return false
	}
	typ, label, _ := strings.Cut(key.Name, "/")
	levels := reconcile.Levels(typ)
	if p.is[key.Target+" group:admins"] && enough(typ, levels[len(levels)-1], level) {
		return true
	}
	names := []string{key.Name}
	switch typ {
	case "directories", "notebooks", "files", "repos":
		if !strings.HasPrefix(label, "#") {
			for at := label; at != ""; {
				at = at[:max(strings.LastIndex(at, "/"), 0)]
				names = append(names, "directories/"+at)
			}
		}
	case "registered-models":
		names = append(names, "registered-models/root")
	}
	known := map[string]bool{}
	for _, r := range p.all {
		t, _, _ := strings.Cut(r.Key.Name, "/")
		if r.Key.Kind == "permissions" && r.Key.Target == key.Target && r.ID != "" && r.Held == "" {
			known["/"+t+"/"+r.ID] = true
		}
	}
	above := map[string]bool{}
	for _, name := range names {
		r, _ := p.get("permissions", key.Target, name)
		t, _, _ := strings.Cut(name, "/")
		above["/"+t+"/"+r.ID] = true
	}
	own, _ := p.get("permissions", key.Target, key.Name)
	seesAll := slices.ContainsFunc(own.Context, func(f plan.Field) bool { return strings.HasPrefix(f.Name, "inherited ") })
	for i, name := range names {
		r, _ := p.get("permissions", key.Target, name)
		for _, f := range r.Fields {
			for _, has := range f.Values {
				if p.is[p.id(key.Target, f.Name)] && enough(typ, has, level) {
					return true
				}
			}
		}
		if i > 0 && seesAll {
			continue
		}
		for _, f := range r.Context {
			token, ok := strings.CutPrefix(f.Name, "inherited ")
			if !ok || !p.is[p.id(key.Target, token)] {
				continue
			}
			for _, v := range f.Values {
				has, from, _ := strings.Cut(v, " ")
				if from == "/directories/" {
					from = "/directories/0"
				}
				if !(known[from] && above[from]) && enough(typ, has, level) {
					return true
				}
			}
		}
	}
	return false
}
