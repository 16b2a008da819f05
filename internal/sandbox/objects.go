package sandbox

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

func objectKey(workspace int64, kind, id string) string {
	return strconv.FormatInt(workspace, 10) + "/" + kind + "/" + id
}

func pathKey(workspace int64, path string) string {
	return strconv.FormatInt(workspace, 10) + path
}

// indexObjects finds objects by type and id, by path, and by type alone.
func indexObjects(w *world) {
	w.objects, w.paths, w.byType = map[string]*Object{}, map[string]*Object{}, map[string][]*Object{}
	for i := range w.state.Workspaces {
		ws := &w.state.Workspaces[i]
		for j := range ws.Objects {
			o := &ws.Objects[j]
			w.objects[objectKey(ws.ID, o.Type, o.ID)] = o
			if o.Deleted {
				continue
			}
			kind := objectKey(ws.ID, o.Type, "")
			w.byType[kind] = append(w.byType[kind], o)
			if objectTypeOf(o.Type, o.ID).tree != "" && o.Path != "" {
				w.paths[pathKey(ws.ID, o.Path)] = o
			}
		}
	}
}

// checkObjects completes and checks the objects of every workspace: the root
// objects and parent folders are there, every object has an id, levels suit
// their types.
func checkObjects(st *State, p *problems) {
	for i := range st.Workspaces {
		ws := &st.Workspaces[i]
		known := true
		for j := range ws.Objects {
			known = checkObjectType(&ws.Objects[j], ws.objectPlace(j), p) && known
		}
		if !known {
			continue
		}
		ws.addRoots()
		ws.addParents(p)
		st.assignObjectIDs(ws, p)
		for j := range ws.Objects {
			ws.checkACL(&ws.Objects[j], ws.objectPlace(j), p)
		}
	}
}

func (ws *Workspace) objectPlace(i int) string {
	o := &ws.Objects[i]
	return fmt.Sprintf("workspaces[%s].objects[%s/%s]", ws.Name, o.Type, firstNonEmpty(o.ID, o.Path, o.Name))
}

// checkObjectType checks what the rest relies on: a known type, a clean path and
// a name.
func checkObjectType(o *Object, place string, p *problems) bool {
	if plain, ok := strings.CutPrefix(o.Type, "sql/"); ok && sqlTypes[plain] != "" {
		o.Type = sqlTypes[plain]
	}
	t := objectTypeOf(o.Type, o.ID)
	if t == nil {
		p.addf(place, "unknown object type %q; known: %s", o.Type, objectTypeNames())
		return false
	}
	if o.Path != "" {
		o.Path = cleanPath(o.Path)
	}
	if o.Path != "" && !strings.HasPrefix(o.Path, "/") {
		p.addf(place, "path %q is not absolute", o.Path)
	}
	if t.tree != "" && t.name != "dashboards" && o.Path == "" {
		p.strange(place, "%s need a path", t.name)
	}
	if o.Name == "" && o.Path != "" && o.Path != "/" {
		o.Name = strings.TrimSuffix(path.Base(o.Path), dashboardSuffix)
	}
	if t.id == idName {
		o.ID, o.Name = firstNonEmpty(o.ID, o.Name), firstNonEmpty(o.Name, o.ID)
	}
	if o.Name == "" && o.Path == "" && (t.rootID == "" || o.ID != t.rootID) {
		p.strange(place, "has no name")
	}
	return true
}

// cleanPath is how the workspace tree keeps a path: /Workspace is another name of
// the root.
func cleanPath(p string) string {
	if rest, ok := strings.CutPrefix(p, "/Workspace"); ok && (rest == "" || rest[0] == '/') {
		p = rest
	}
	if p == "" {
		return "/"
	}
	return path.Clean(p)
}

const dashboardSuffix = ".lvdash.json"

// addRoots adds the objects that every workspace has, with admins on them.
func (ws *Workspace) addRoots() {
	admins := ""
	for i := range ws.Groups {
		if ws.Groups[i].DisplayName == groupAdmins {
			admins = ws.Groups[i].ID
		}
	}
	for _, root := range []Object{
		{Type: "directories", ID: "0", Path: "/"},
		{Type: "registered-models", ID: "root"},
	} {
		i := slices.IndexFunc(ws.Objects, func(o Object) bool {
			return o.Type == root.Type && (o.ID == root.ID || root.Path != "" && o.Path == root.Path)
		})
		if i < 0 {
			i = len(ws.Objects)
			ws.Objects = append(ws.Objects, root)
		}
		ws.Objects[i].ID = root.ID
	}
	for i := range ws.Objects {
		o := &ws.Objects[i]
		t := objectTypeOf(o.Type, o.ID)
		isAdmins := func(e ACLEntry) bool { return e.Principal == admins }
		if t.adminsDirect && o.ID == t.rootID && !slices.ContainsFunc(o.ACL, isAdmins) {
			o.ACL = append(o.ACL, ACLEntry{Principal: admins, Level: levelManage})
		}
	}
}

// addFolder adds a folder to a seed that does not have it.
func (ws *Workspace) addFolder(o Object) {
	for i := range ws.Objects {
		if cleanPath(ws.Objects[i].Path) == o.Path {
			return
		}
	}
	o.Type, o.Name = "directories", path.Base(o.Path)
	ws.Objects = append(ws.Objects, o)
}

// share adds /Shared to a seed that does not have it. In a new workspace all of
// its users manage what is in there.
func (ws *Workspace) share() {
	shared := Object{Path: "/Shared"}
	for i := range ws.Groups {
		if ws.Groups[i].DisplayName == groupUsers {
			shared.ACL = []ACLEntry{{Principal: ws.Groups[i].ID, Level: levelManage}}
		}
	}
	ws.addFolder(shared)
}

// addParents adds the folders that stand above an object, and reports two objects
// in one place.
func (ws *Workspace) addParents(p *problems) {
	taken := map[string]int{}
	for i := range ws.Objects {
		o := &ws.Objects[i]
		if o.Path == "" || o.Deleted || objectTypeOf(o.Type, o.ID).tree == "" {
			continue
		}
		if other, ok := taken[o.Path]; ok {
			p.addf(ws.objectPlace(i), "path %s is already that of %s", o.Path, ws.objectPlace(other))
		}
		taken[o.Path] = i
	}
	for i := 0; i < len(ws.Objects); i++ {
		if o := &ws.Objects[i]; o.Path == "" || o.Deleted {
			continue
		}
		dir := path.Dir(ws.Objects[i].Path)
		if other, ok := taken[dir]; !ok {
			taken[dir] = len(ws.Objects)
			ws.Objects = append(ws.Objects, Object{Type: "directories", Path: dir, Name: path.Base(dir)})
		} else if kind := ws.Objects[other].Type; kind != "directories" && kind != "repos" {
			p.addf(ws.objectPlace(i), "%s is no folder", dir)
		}
	}
}

// assignObjectIDs gives ids to what has none and reports those given twice.
func (st *State) assignObjectIDs(ws *Workspace, p *problems) {
	taken := map[string]bool{}
	take := func(i int, kind, id string) {
		if id == "" {
			return
		}
		if key := kind + "/" + id; taken[key] {
			p.addf(ws.objectPlace(i), "id %s is there twice", id)
		} else {
			taken[key] = true
		}
	}
	for i := range ws.Objects {
		o := &ws.Objects[i]
		take(i, idSpace(o), o.ID)
		take(i, treeSpace, o.ObjectID)
		if objectTypeOf(o.Type, o.ID).id == idNumber && o.ID != "" && !isNumber(o.ID) {
			p.addf(ws.objectPlace(i), "id %q is not a number", o.ID)
		}
	}
	for i := range ws.Objects {
		o := &ws.Objects[i]
		if o.ID == "" {
			o.ID = st.freeID(ws, o, taken)
		}
		if o.Type == "dashboards" && o.Path != "" && o.ObjectID == "" {
			o.ObjectID = st.freeNumber(treeSpace, taken)
		}
	}
}

// treeSpace is the one space of the ids in the workspace tree.
const treeSpace = "tree"

func idSpace(o *Object) string {
	if t := objectTypeOf(o.Type, o.ID); t.tree != "" && t.id == idNumber {
		return treeSpace
	}
	return o.Type
}

func (st *State) freeNumber(space string, taken map[string]bool) string {
	for {
		id := st.nextNumeric()
		if key := space + "/" + id; !taken[key] {
			taken[key] = true
			return id
		}
	}
}

// freeID makes an id in the form of the object's type.
func (st *State) freeID(ws *Workspace, o *Object, taken map[string]bool) string {
	number := st.freeNumber(idSpace(o), taken)
	parts := []string{strconv.FormatInt(ws.ID, 10), o.Type, number}
	switch objectTypeOf(o.Type, o.ID).id {
	case idUUID:
		return uuidOf(parts...)
	case idHex16:
		return hexOf(16, parts...)
	case idHex32:
		return hexOf(32, parts...)
	case idCluster:
		return "0101-000000-" + hexOf(8, parts...)
	}
	return number
}

// checkACL checks the direct entries of an object; one principal has one.
func (ws *Workspace) checkACL(o *Object, place string, p *problems) {
	t := objectTypeOf(o.Type, o.ID)
	owners := 0
	seen := map[string]bool{}
	for i := range o.ACL {
		e := &o.ACL[i]
		level, ok := t.level(e.Level)
		if !ok {
			p.strange(place, "unknown level %q; known: %s", e.Level, strings.Join(t.allowed(), ", "))
		}
		e.Level = level
		if seen[e.Principal] {
			p.strange(place, "principal %s has another entry", e.Principal)
		}
		seen[e.Principal] = true
		if level == levelOwner {
			owners++
		}
	}
	if owners > 1 {
		p.strange(place, "has %d owners", owners)
	}
}

// object finds an object of the workspace asked; nil when there is none.
func (c *call) object(kind, id string) *Object {
	return c.world.objects[objectKey(c.ws.ID, kind, id)]
}
