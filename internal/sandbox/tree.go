package sandbox

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) treeRoutes() []route {
	return []route{
		{method: "GET", path: "/api/2.0/workspace/get-status", query: append([]string{"path"}, statusQuery...), handle: getStatus, fresh: true},
		{method: "GET", path: "/api/2.0/workspace/list", query: append([]string{"path", "notebooks_modified_after"}, statusQuery...), handle: listFolder, fresh: true},
		{method: "GET", path: "/api/2.0/workspace/export", query: []string{"path", "format", "direct_download"}, handle: exportFile, fresh: true},
		{method: "POST", path: "/api/2.0/workspace/mkdirs", handle: makeFolders, touches: touchesContents},
		{method: "POST", path: "/api/2.0/workspace/import", handle: importFile, touches: touchesContents},
		{method: "POST", path: "/api/2.0/workspace/delete", handle: deletePath, touches: touchesObjects},
	}
}

// statusQuery is what the Databricks CLI asks for beside the path: details of Git
// folders and notebooks that the sandbox's entries do not have.
var statusQuery = []string{"return_git_info", "return_export_info", "return_wsfs_metadata"}

// treeEntry is what the tree shows of an object.
type treeEntry struct {
	ObjectID   int64  `json:"object_id"`
	ObjectType string `json:"object_type"`
	Path       string `json:"path"`
	Language   string `json:"language,omitempty"`
	ResourceID string `json:"resource_id,omitempty"`
	CreatedAt  int64  `json:"created_at,omitempty"`
	ModifiedAt int64  `json:"modified_at,omitempty"`
	Size       int    `json:"size,omitempty"`
}

func showTreeEntry(o *Object) treeEntry {
	t := objectTypeOf(o.Type, o.ID)
	entry := treeEntry{ObjectType: t.tree, Path: o.Path, ResourceID: o.ID}
	number := o.ID
	if t.id != idNumber {
		number = o.ObjectID
	}
	entry.ObjectID, _ = strconv.ParseInt(number, 10, 64) // ids of the tree are checked to be numbers
	if language, ok := o.Fields["language"].(string); ok {
		entry.Language = language
	} else if t.tree == "NOTEBOOK" {
		entry.Language = "PYTHON"
	}
	if t.tree == "FILE" {
		entry.CreatedAt, entry.ModifiedAt, entry.Size = o.CreatedAt, o.ModifiedAt, len(o.Content)
	}
	return entry
}

// atPath is what stands at the path of a request, for callers who may see it.
func (c *call) atPath(p string) (*Object, error) {
	if !strings.HasPrefix(p, "/") {
		return nil, badValue("Path (%s) doesn't start with '/'", p)
	}
	o := c.world.paths[pathKey(c.ws.ID, cleanPath(p))]
	if o == nil || !c.canSee(o) && !c.leadsTo(o) {
		return nil, notFound("Path (%s) doesn't exist.", p)
	}
	return o, nil
}

// leadsTo tells folders that the caller walks through: the root, and the folder of
// homes. Nobody is given rights there, and yet everybody lists them.
func (c *call) leadsTo(o *Object) bool {
	return o.Path == "/" || o.Path == "/Users" || o.Path == "/Shared"
}

func getStatus(c *call) (any, error) {
	o, err := c.atPath(c.query.Get("path"))
	if err != nil {
		return nil, err
	}
	return showTreeEntry(o), nil
}

// listFolder lists one level; what is no folder lists itself.
func listFolder(c *call) (any, error) {
	o, err := c.atPath(c.query.Get("path"))
	if err != nil {
		return nil, err
	}
	type list struct {
		Objects []treeEntry `json:"objects,omitempty"`
	}
	if o.Type != "directories" && o.Type != "repos" {
		return list{[]treeEntry{showTreeEntry(o)}}, nil
	}
	var below []*Object
	for i := range c.ws.Objects {
		child := &c.ws.Objects[i]
		if child.Path != "/" && path.Dir(child.Path) == o.Path && c.world.paths[pathKey(c.ws.ID, child.Path)] == child {
			below = append(below, child)
		}
	}
	slices.SortFunc(below, func(a, b *Object) int { return strings.Compare(a.Path, b.Path) })
	ans := list{}
	seen := c.visible(below)
	for _, child := range below {
		if slices.Contains(seen, child) || c.leadsTo(child) {
			ans.Objects = append(ans.Objects, showTreeEntry(child))
		}
	}
	return ans, nil
}

func makeFolders(c *call) (any, error) {
	var body struct {
		Path string `json:"path"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(body.Path, "/") {
		return nil, badValue("Path (%s) doesn't start with '/'", body.Path)
	}
	return nil, c.makeFolders(cleanPath(body.Path))
}

// makeFolders makes a folder and those above it, where they are missing.
func (c *call) makeFolders(at string) error {
	var missing []string
	dir := at
	for ; c.world.paths[pathKey(c.ws.ID, dir)] == nil; dir = path.Dir(dir) {
		missing = append(missing, dir)
	}
	above := c.world.paths[pathKey(c.ws.ID, dir)]
	if above.Type != "directories" && above.Type != "repos" {
		return errf(http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Path (%s) already exists and is no folder.", dir)
	}
	if len(missing) > 0 && c.world.homeOwner(homeOf(at)) != c.caller.id {
		if err := c.needEdit(above); err != nil {
			return err
		}
	}
	slices.Reverse(missing)
	for _, p := range missing {
		c.addFolder(p)
	}
	return nil
}

// homeOf is the home folder that a path is in, /Users/somebody; in /Repos, where
// everybody has a folder as well, the home of the same name.
func homeOf(at string) string {
	parts := strings.Split(at, "/")
	if len(parts) < 3 || parts[1] != "Users" && parts[1] != "Repos" {
		return ""
	}
	return "/Users/" + parts[2]
}

// addFolder makes a folder, which its maker manages.
func (c *call) addFolder(p string) {
	acl := []ACLEntry{{Principal: c.caller.id, Level: levelManage}}
	c.addObject(Object{Type: "directories", Path: p, Name: path.Base(p), Creator: c.caller.id, ACL: acl})
}

// needEdit is the error for callers who may not put anything into a folder, or
// change what a file holds.
func (c *call) needEdit(folder *Object) error {
	if c.can(folder, "CAN_EDIT") {
		return nil
	}
	return denied("%s does not have Edit permissions on %s. Please contact the owner or an administrator for access.", c.caller.name, folder.Path)
}

func deletePath(c *call) (any, error) {
	var body struct {
		Path      string `json:"path"`
		Recursive bool   `json:"recursive"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	o, err := c.atPath(body.Path)
	if err != nil {
		return nil, err
	}
	if err := c.needManage(o); err != nil {
		return nil, err
	}
	if o.Path == "/" || o.Path == "/Users" || o.Path == "/Shared" {
		return nil, errf(http.StatusBadRequest, "DIRECTORY_PROTECTED", "Folder %s is protected", o.Path)
	}
	at := o.Path
	below := func(child Object) bool { return strings.HasPrefix(child.Path, at+"/") }
	if !body.Recursive && slices.ContainsFunc(c.ws.Objects, below) {
		return nil, errf(http.StatusBadRequest, "DIRECTORY_NOT_EMPTY", "Folder (%s) is not empty", at)
	}
	c.ws.Objects = slices.DeleteFunc(c.ws.Objects, func(child Object) bool { return child.Path == at || below(child) })
	return nil, nil
}
