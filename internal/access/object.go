package access

import (
	"path"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// object is what privileges and levels are held on.
type object struct {
	key       plan.Key
	typ       string
	resource  *plan.Resource // nil where the state has none
	read      bool           // the state knows what is given here
	entries   []entry
	owner     *entry // nil where nobody knows the owner
	in        *object
	contents  []*object
	workspace *place // of objects in a workspace

	isolated bool
	unbound  bool // nobody knows to which workspaces
	bound    []binding

	path      string
	inherited bool // what comes from folders out of scope is among the entries
}

// entry is what a fact, or the context of a resource, gives to a principal.
type entry struct {
	who    int32
	fact   plan.Key
	field  string
	values []string
	from   string // the folder above, for what is only seen to be inherited
}

// binding is a workspace through which an isolated catalog can be reached.
type binding struct {
	workspace *place // nil for one that the state does not have
	name      string
	writes    bool
}

// object is the one of a key, made with all that it is in.
func (a *Access) object(key plan.Key) *object {
	if o := a.byKey[key]; o != nil {
		return o
	}
	o := a.bare(key)
	a.byKey[key] = o
	a.objects = append(a.objects, o)
	return o
}

// bare is an object of which nothing is known but its key.
func (a *Access) bare(key plan.Key) *object {
	o := &object{key: key}
	o.typ, _, _ = strings.Cut(key.Name, "/")
	if key.Kind == kindPermissions {
		o.path = pathOf(o.typ, key.Name)
	}
	if p := a.places[key.Target]; p != nil {
		o.workspace = p
	}
	return o
}

// pathOf is where an object stands in its workspace's tree, "" for one that does
// not, or of which only the id is known.
func pathOf(typ, name string) string {
	label := strings.TrimPrefix(name, typ+"/")
	if !slices.Contains(inTree, typ) || strings.HasPrefix(label, "#") {
		return ""
	}
	return "/" + label
}

// entries reads what the fields of a resource give.
func (a *Access) entries(o *object, r *plan.Resource) {
	for _, f := range r.Fields {
		if plan.IsPrincipal(f.Name) && len(f.Values) > 0 {
			a.entry(o, entry{who: a.resolve(r.Key.Target, f.Name), fact: r.Key, field: f.Name, values: f.Values})
		}
	}
}

func (a *Access) entry(o *object, e entry) {
	o.entries = append(o.entries, e)
	a.names(e.who, o)
}

func (a *Access) names(who int32, o *object) {
	if all := a.naming[who]; len(all) == 0 || all[len(all)-1] != o {
		a.naming[who] = append(all, o)
	}
}

// securable reads the context of a securable.
func (a *Access) securable(o *object, r *plan.Resource) {
	if f, ok := r.InContext(plan.ContextOwner); ok && o.owner == nil {
		a.owned(o, r, f.Values, true)
	}
	if f, ok := r.InContext(plan.ContextIsolation); !ok || !f.Has(isolated) {
		return
	}
	o.isolated = true
	a.isolated = append(a.isolated, o)
	f, ok := r.InContext(plan.ContextBinding)
	o.unbound = !ok
	for _, v := range f.Values {
		i := strings.LastIndexByte(v, ' ')
		name, kind := v[:max(i, 0)], v[i+1:]
		o.bound = append(o.bound, binding{a.places[name], name, kind == readWrite})
	}
}

func (a *Access) owned(o *object, r *plan.Resource, owners []string, known bool) {
	if !known {
		return
	}
	e := entry{who: -1, fact: r.Key, field: fieldOwner, values: owners}
	if len(owners) > 0 {
		e.who = a.resolve(account, owners[0])
		a.names(e.who, o)
	}
	o.owner = &e
}

// inherited reads what an object's context says of what comes from above.
func (a *Access) inherited(o *object, r *plan.Resource) {
	for _, f := range r.Context {
		token, ok := strings.CutPrefix(f.Name, plan.ContextInherited)
		if !ok {
			continue
		}
		o.inherited = true
		for _, v := range f.Values {
			level, from := plan.Inherited(v)
			o.entries = append(o.entries, entry{
				who: a.resolve(r.Key.Target, token), fact: r.Key, field: token, values: []string{level}, from: from,
			})
		}
	}
}

// hang puts every object into what it is in. What an object's context has from a
// folder of the state is left to the folder's own facts.
func (a *Access) hang() {
	folders := map[string]*object{} // by workspace and id
	for _, o := range a.objects {
		if o.resource != nil && o.read && o.key.Kind == kindPermissions && o.resource.ID != "" {
			folders[o.key.Target+" /"+o.typ+"/"+o.resource.ID] = o
		}
	}
	a.object(plan.Key{Kind: kindGrants, Target: metastore, Name: metastoreName})
	for i := 0; i < len(a.objects); i++ { // it grows by containers
		o := a.objects[i]
		o.in = a.container(o)
		if o.in != nil {
			o.in.contents = append(o.in.contents, o)
		}
		if o.workspace != nil {
			o.workspace.objects = append(o.workspace.objects, o)
		}
	}
	for _, o := range a.objects {
		if o.key.Kind == kindPermissions {
			a.forget(o, folders)
		}
		slices.SortFunc(o.contents, func(a, b *object) int { return a.key.Compare(b.key) })
	}
}

// forget drops inherited entries whose folder is in the state, and names the rest.
func (a *Access) forget(o *object, folders map[string]*object) {
	o.entries = slices.DeleteFunc(o.entries, func(e entry) bool {
		if e.from == "" {
			return false
		}
		from := e.from
		switch from {
		case "/directories/":
			from += "0"
		case "/registered-models/":
			from += "root"
		}
		if f := folders[o.key.Target+" "+from]; f != nil && o.hangsIn(f) {
			return true
		}
		a.names(e.who, o)
		return false
	})
}

// hangsIn tells whether an object is in a folder of the state, or is it.
func (o *object) hangsIn(folder *object) bool {
	for at := o; at != nil; at = at.in {
		if at == folder {
			return true
		}
	}
	return false
}

// metastoreName is the name in the key of the metastore's grants.
const metastoreName = "metastore/current"

// container is what the object is in, nil for nothing. Of securables it is made
// where the state does not have it; of folders, the nearest that the state has.
func (a *Access) container(o *object) *object {
	switch {
	case o.key.Kind == kindPermissions:
		return a.folder(o)
	case o.key.Kind != kindGrants || o.key.Name == metastoreName:
		return nil
	}
	if in := above(o.typ, o.key.Name); in != "" {
		return a.object(plan.Key{Kind: kindGrants, Target: o.key.Target, Name: in})
	}
	return nil
}

// above is what a securable is in: "schema/main.sales" for a table there.
func above(typ, key string) string {
	full := strings.TrimPrefix(key, typ+"/")
	switch typ {
	case "schema", "table", "volume", "function", "model":
		parts, err := spec.SplitSecurable(full)
		if err != nil || len(parts) < 2 {
			return metastoreName
		}
		in := spec.JoinSecurable(parts[:len(parts)-1]...)
		if typ == "schema" {
			return "catalog/" + in
		}
		return "schema/" + in
	}
	return metastoreName
}

func (a *Access) folder(o *object) *object {
	if o.typ == "registered-models" && o.key.Name != "registered-models/root" {
		return a.byKey[plan.Key{Kind: kindPermissions, Target: o.key.Target, Name: "registered-models/root"}]
	}
	for at := o.path; at != "" && at != "/"; {
		at = path.Dir(at)
		key := plan.Key{Kind: kindPermissions, Target: o.key.Target, Name: "directories/" + strings.TrimPrefix(at, "/")}
		if in := a.byKey[key]; in != nil {
			return in
		}
	}
	return nil
}

// at is the object of a key; for one that the state does not have, what is known
// from what it is in.
func (a *Access) at(key plan.Key) *object {
	if o := a.byKey[key]; o != nil {
		return o
	}
	o := a.bare(key)
	switch key.Kind {
	case kindPermissions:
		o.in = a.folder(o)
	case kindGrants:
		in := above(o.typ, key.Name)
		if key.Name != metastoreName && in != key.Name {
			o.in = a.at(plan.Key{Kind: kindGrants, Target: key.Target, Name: in})
		}
	}
	return o
}

// catalog is the catalog that a securable is in, or is.
func (o *object) catalog() *object {
	for ; o != nil; o = o.in {
		if o.typ == "catalog" && o.key.Kind == kindGrants {
			return o
		}
	}
	return nil
}

// chain visits the object and all from which it inherits grants or levels.
func (o *object) chain(visit func(*object)) {
	for at := o; at != nil; at = at.in {
		if at.key.Name == metastoreName && at != o {
			return // nothing is inherited from the metastore
		}
		visit(at)
	}
}
