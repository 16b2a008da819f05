package sandbox

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// aclValue is one permission that somebody has on an object: directly where from
// is empty, else inherited from the object that from names.
type aclValue struct {
	principal string
	level     string
	from      string
}

// effectiveACL is the direct entries of an object and what it inherits:
//
//	directories, notebooks, ...  from every folder above, to the root
//	registered models            from registered-models/root
//	everything else              admins alone, from the type
//
// Entries of principals that are gone are left out.
func (w *world) effectiveACL(ws *Workspace, o *Object) []aclValue {
	t := objectTypeOf(o.Type, o.ID)
	var values []aclValue
	for _, e := range o.ACL {
		values = append(values, aclValue{principal: e.Principal, level: e.Level})
	}
	values = append(values, w.inheritedACL(ws, o, t)...)
	values = slices.DeleteFunc(values, func(v aclValue) bool { return w.principals[v.principal] == nil })
	w.sortACL(values)
	return slices.Compact(values)
}

func (w *world) inheritedACL(ws *Workspace, o *Object, t *objectType) []aclValue {
	if w.snap != nil && w.snap.looked[aclLook(ws.Name, o.Type, o.ID)] {
		return w.inheritedThen(ws, o)
	}
	if t.adminsDirect && o.ID == t.rootID {
		return nil
	}
	admins := aclValue{principal: w.systemGroup(ws, groupAdmins).ID, level: t.strongest(), from: t.prefix()}
	if t.id == idFixed {
		admins.from = "/" + t.name + "/"
	}
	if o.Path == "" {
		if !t.adminsDirect {
			return []aclValue{admins}
		}
		return inheritedFrom(w.objects[objectKey(ws.ID, t.name, t.rootID)], t)
	}
	folders := objectTypeOf("directories", "")
	var values []aclValue
	for dir := o.Path; dir != "/"; {
		if owner := w.homeOwner(dir); owner != "" && o.Type == "directories" && dir == o.Path {
			values = append(values, aclValue{principal: owner, level: levelManage, from: folders.prefix()})
		}
		dir = path.Dir(dir)
		if parent := w.paths[pathKey(ws.ID, dir)]; parent != nil {
			values = append(values, inheritedFrom(parent, folders)...)
		}
		if owner := w.homeOwner(dir); owner != "" {
			values = append(values, aclValue{principal: owner, level: levelManage, from: folders.prefix()})
		}
	}
	return values
}

// fromNowhere stands for the object that an inherited entry comes from, where nobody
// said which.
const fromNowhere = "?"

// inheritedThen is what a snapshot found inherited. What comes from a folder whose own
// entries it holds as well follows these, so that a rehearsal sees it change.
func (w *world) inheritedThen(ws *Workspace, o *Object) []aclValue {
	known := map[string]bool{} // by what inherited_from_object says
	var values []aclValue
	above := func(parent *Object) {
		if parent == nil || !w.snap.looked[aclLook(ws.Name, parent.Type, parent.ID)] {
			return
		}
		t := objectTypeOf(parent.Type, parent.ID)
		values = append(values, inheritedFrom(parent, t)...)
		known[fromOf(parent, t)] = true
	}
	homes := map[string]bool{} // their owners keep what they have there, whatever is written
	for dir := o.Path; dir != "" && dir != "/"; {
		homes[w.homeOwner(dir)] = true
		dir = path.Dir(dir)
		above(w.paths[pathKey(ws.ID, dir)])
	}
	if t := objectTypeOf(o.Type, o.ID); o.Path == "" && t.adminsDirect && o.ID != t.rootID {
		above(w.objects[objectKey(ws.ID, t.name, t.rootID)])
	}
	for _, e := range o.Inherited {
		if !known[e.From] || homes[e.Principal] {
			values = append(values, aclValue{principal: e.Principal, level: e.Level, from: firstNonEmpty(e.From, fromNowhere)})
		}
	}
	return values
}

// fromOf is how inherited_from_object names a parent.
func fromOf(parent *Object, t *objectType) string {
	if parent.ID == t.rootID {
		return t.prefix()
	}
	return t.prefix() + parent.ID
}

// inheritedFrom is what the direct entries of a parent give to what is below it.
func inheritedFrom(parent *Object, t *objectType) []aclValue {
	from := fromOf(parent, t)
	values := make([]aclValue, 0, len(parent.ACL))
	for _, e := range parent.ACL {
		values = append(values, aclValue{principal: e.Principal, level: e.Level, from: from})
	}
	return values
}

// homeOwner is the principal whose home folder a path is: they keep CAN_MANAGE
// there whatever is written.
func (w *world) homeOwner(dir string) string {
	name, ok := strings.CutPrefix(dir, "/Users/")
	if !ok || strings.Contains(name, "/") {
		return ""
	}
	if p := w.callerNamed(name); p != nil {
		return p.id
	}
	return ""
}

// sortACL orders by kind and name of the principal, direct entries first.
func (w *world) sortACL(values []aclValue) {
	slices.SortFunc(values, func(a, b aclValue) int {
		p, q := w.principals[a.principal], w.principals[b.principal]
		return cmp.Or(cmp.Compare(p.kind, q.kind), cmp.Compare(p.name, q.name), compareIDs(p.id, q.id),
			cmp.Compare(a.from, b.from), cmp.Compare(a.level, b.level))
	})
}

// levelsOn is every level that the caller has on an object.
func (c *call) levelsOn(o *Object) []string {
	identities := c.world.identities(c.caller.id)
	var levels []string
	for _, v := range c.world.effectiveACL(c.ws, o) {
		if identities[v.principal] {
			levels = append(levels, v.level)
		}
	}
	return levels
}

// can tells whether the caller has a level on an object, or a stronger one.
func (c *call) can(o *Object, level string) bool {
	return c.world.canDo(c.ws, c.world.identities(c.caller.id), o, level)
}

// canSee tells whether lists and gets show an object to the caller.
func (c *call) canSee(o *Object) bool {
	return c.isWorkspaceAdmin() || len(c.levelsOn(o)) > 0
}

// visible filters a list for the caller. For the many objects of a list the
// caller's groups are looked up once.
func (c *call) visible(objects []*Object) []*Object {
	if c.isWorkspaceAdmin() {
		return objects
	}
	identities := c.world.identities(c.caller.id)
	var seen []*Object
	for _, o := range objects {
		if slices.ContainsFunc(c.world.effectiveACL(c.ws, o), func(v aclValue) bool { return identities[v.principal] }) {
			seen = append(seen, o)
		}
	}
	return seen
}

// needManage is the error for callers who may neither read nor write an ACL.
func (c *call) needManage(o *Object) error {
	if c.isWorkspaceAdmin() {
		return nil
	}
	if c.can(o, levelManage) {
		return nil
	}
	id := o.ID
	if o.Type == "jobs" {
		id = "ElasticJobId(" + id + ")"
	}
	return denied("%s does not have Manage permissions on %s with ID: %s. Please contact the owner or an administrator for access.",
		c.caller.name, objectTypeOf(o.Type, o.ID).label, id)
}

// needSee is the error for callers who may not see an object at all.
func (c *call) needSee(o *Object) error {
	if c.canSee(o) {
		return nil
	}
	return denied("%s does not have View permissions on %s with ID: %s. Please contact the owner or an administrator for access.",
		c.caller.name, objectTypeOf(o.Type, o.ID).label, o.ID)
}
