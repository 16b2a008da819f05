package sandbox

import (
	"encoding/json"
	"errors"
	"path"
	"strings"
)

// recordedEntry is one principal of an ACL, by name.
type recordedEntry struct {
	User  string `json:"user_name"`
	Group string `json:"group_name"`
	SP    string `json:"service_principal_name"`
	All   []struct {
		Level     string   `json:"permission_level"`
		Inherited bool     `json:"inherited"`
		From      []string `json:"inherited_from_object"`
	} `json:"all_permissions"`
}

func (r *reading) permissions() error {
	var acl struct {
		ObjectID string          `json:"object_id"`
		Entries  []recordedEntry `json:"access_control_list"`
	}
	if r.params["id"] != path.Base(r.exchange.Path) && strings.HasSuffix(r.exchange.Path, "/permissionLevels") {
		return nil
	}
	if err := r.decode(&acl); err != nil {
		return err
	}
	if acl.ObjectID == "" {
		r.refused(r.what, Exchange{Failure: "the answer is no ACL"})
		return nil
	}
	for _, e := range acl.Entries {
		if e.User+e.Group+e.SP == "" {
			r.refused(r.what, Exchange{Failure: "the answer has an entry without a principal"})
			return nil
		}
	}
	kind, id := aclType(r.params), r.params["id"]
	r.object(kind, id)
	r.ws.acls[kind+"/"+id] = acl.Entries
	r.sawAll(r.what)
	return nil
}

// object is the object of a type and id, made where it is new.
func (r *reading) object(kind, id string) *Object {
	key := kind + "/" + id
	if r.ws.objects[key] == nil {
		r.ws.objects[key] = &Object{Type: kind, ID: id, Unlisted: true}
	}
	return r.ws.objects[key]
}

// tree keeps what stands at a path, or in a folder.
func (r *reading) tree() error {
	type entry struct {
		ID       json.Number `json:"object_id"`
		Type     string      `json:"object_type"`
		Path     string      `json:"path"`
		Resource string      `json:"resource_id"`
	}
	var entries []entry
	switch path.Base(r.route.path) {
	case "get-status":
		var one entry
		if err := r.decode(&one); err != nil {
			return err
		}
		one.Path = r.exchange.Query.Get("path")
		entries = []entry{one}
	case "list":
		var list struct {
			Objects []entry `json:"objects"`
		}
		if err := r.decode(&list); err != nil {
			return err
		}
		entries = list.Objects
	default:
		return nil
	}
	for _, e := range entries {
		t := typeInTree(e.Type)
		if t == nil || e.Path == "" {
			continue // no plan is about it
		}
		id, number := e.ID.String(), ""
		if t.id != idNumber {
			id, number = e.Resource, id
		}
		if root := cleanPath(e.Path) == "/"; id == "" || id == "0" && !root {
			r.refused(r.what, Exchange{Failure: "the answer names no id of " + e.Path})
			return nil
		}
		o := r.object(t.name, id)
		o.Path, o.ObjectID = cleanPath(e.Path), number
	}
	r.sawAll(r.what)
	return nil
}

func typeInTree(name string) *objectType {
	for i := range objectTypes {
		if t := &objectTypes[i]; t.tree == name && name != "" {
			return t
		}
	}
	return nil
}

// fields are where answers of types that have shapes of their own keep id and name.
var recordedFields = map[string][2]string{
	"jobs":              {"job_id", "settings.name"},
	"database-projects": {"status.project_id", "status.display_name"},
	"dbsql-dashboards":  {"id", "name"},
}

// objectsOf keeps a page of a type's list, or what a name was looked up to.
func (r *reading) objectsOf() error {
	if r.route.path == legacyDashboards {
		return r.objectList("dbsql-dashboards", "results", "", func(items int) bool { return items == 0 })
	}
	for i := range inventories {
		inv := &inventories[i]
		for _, base := range inv.bases {
			get, _, _ := strings.Cut(inv.get, "?")
			switch r.route.path {
			case base + inv.list:
				if inv.items != "" {
					return r.objectList(inv.kind, inv.items, inv.creator, func(int) bool { return r.lastPage() })
				}
			case base + get:
				if inv.get != "" {
					return r.lookedUp(inv)
				}
			}
		}
	}
	return errors.New("a snapshot has no place for it")
}

func (r *reading) objectList(kind, items, creator string, ends func(items int) bool) error {
	var list []map[string]any
	if raw, ok := r.body[items]; ok && decodeNumbers(raw, &list) != nil {
		return errors.New("the answer's " + items + " is no list")
	}
	for _, item := range list {
		if err := r.keepObject(kind, item, creator, true); err != nil {
			return err
		}
	}
	if ends(len(list)) {
		r.sawAll(r.what)
	}
	return nil
}

func (r *reading) lookedUp(inv *inventory) error {
	var item map[string]any
	raw := json.RawMessage(r.exchange.Body)
	if inv.wrap != "" {
		raw = r.body[inv.wrap]
	}
	if decodeNumbers(raw, &item) != nil {
		return errors.New("the answer is no object")
	}
	if err := r.keepObject(inv.kind, item, inv.creator, false); err != nil {
		return err
	}
	r.sawAll(r.what)
	return nil
}

func (r *reading) keepObject(kind string, item map[string]any, creator string, listed bool) error {
	id, name := fieldsOf(kind)
	o := r.object(kind, textAt(item, id))
	if o.ID == "" {
		return errors.New("an item has no " + id)
	}
	o.Name = firstNonEmpty(textAt(item, name), o.Name)
	if p := textAt(item, "path"); p != "" && (kind == "repos" || kind == "dashboards") {
		o.Path = cleanPath(p)
	}
	o.Unlisted = o.Unlisted && !listed
	if by := textAt(item, creator); by != "" {
		r.ws.creators[kind+"/"+o.ID] = by
	}
	return nil
}

// fieldsOf is where a type's answers keep id and name; a type without an id of its own
// has its name for one.
func fieldsOf(kind string) (id, name string) {
	if f, ok := recordedFields[kind]; ok {
		return f[0], f[1]
	}
	for i := range inventories {
		if inv := &inventories[i]; inv.kind == kind && (inv.id != "" || objectTypeOf(kind, "").id == idName) {
			return firstNonEmpty(inv.id, inv.name), inv.name
		}
	}
	return "", ""
}

// textAt reads a field by its dotted path, as text.
func textAt(fields map[string]any, at string) string {
	name, rest, nested := strings.Cut(at, ".")
	switch v := fields[name].(type) {
	case map[string]any:
		if nested {
			return textAt(v, rest)
		}
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// decodeNumbers keeps all digits of numbers: ids are larger than a float64 holds.
func decodeNumbers(raw json.RawMessage, v any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	return d.Decode(v)
}

// build makes a workspace of what was read of it.
func (b *recording) build(then *recordedWorkspace, names *recordedNames) Workspace {
	ws := Workspace{ID: then.id, Name: b.origin.Workspaces[then.id]}
	b.parts(then, &ws)
	local := map[string]string{}
	for _, g := range ws.Groups {
		local[g.DisplayName] = g.ID
	}
	for _, key := range sortedKeys(then.objects) {
		o := *then.objects[key]
		o.Creator = names.inWorkspace(local, recordedEntry{User: then.creators[key]})
		for _, e := range then.acls[key] {
			who := names.inWorkspace(local, e)
			for _, p := range e.All {
				entry := ACLEntry{Principal: who, Level: p.Level}
				switch {
				case !p.Inherited:
					o.ACL = append(o.ACL, entry)
				case len(p.From) == 0:
					o.Inherited = append(o.Inherited, InheritedEntry{ACLEntry: entry})
				}
				for _, from := range p.From {
					if p.Inherited {
						o.Inherited = append(o.Inherited, InheritedEntry{entry, from})
					}
				}
			}
		}
		ws.Objects = append(ws.Objects, o)
	}
	return ws
}

// inWorkspace is who a name in an ACL means: of groups, one of the workspace's own
// before one of the account.
func (n *recordedNames) inWorkspace(local map[string]string, e recordedEntry) string {
	folded := strings.ToLower(firstNonEmpty(e.SP, e.User))
	switch {
	case e.Group != "":
		if id := firstNonEmpty(local[e.Group], n.groups[e.Group]); id != "" {
			return id
		}
		return n.stranger(kindGroup, e.Group)
	case folded == "":
		return ""
	case n.apps[folded] != "":
		return n.apps[folded]
	case e.SP == "" && n.users[folded] != "":
		return n.users[folded]
	case e.SP != "" || isUUID(e.User):
		return n.stranger(kindServicePrincipal, firstNonEmpty(e.SP, e.User))
	}
	return n.stranger(kindUser, e.User)
}
