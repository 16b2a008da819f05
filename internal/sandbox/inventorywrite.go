package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"
)

// fields reads a body whose fields are kept as they come; those that the API does
// not have are an error that names them.
func (c *call) fields(accepted []string) (map[string]any, error) {
	fields := map[string]any{}
	if len(bytes.TrimSpace(c.body)) > 0 {
		if err := json.Unmarshal(c.body, &fields); err != nil {
			return nil, errf(http.StatusBadRequest, "MALFORMED_REQUEST", "body of %s %s: %v", c.r.Method, c.r.URL.Path, err)
		}
	}
	if fields == nil { // the body is null
		fields = map[string]any{}
	}
	return fields, c.checkFields(fields, "", accepted)
}

// checkFields refuses fields that the API does not have, and drops those that are
// null, which is to say not sent; prefix is what they are in.
func (c *call) checkFields(fields map[string]any, prefix string, accepted []string) error {
	for _, name := range sortedKeys(fields) {
		if !slices.Contains(accepted, name) {
			return errf(http.StatusBadRequest, "MALFORMED_REQUEST", "body of %s %s: unknown field %q; known: %s",
				c.r.Method, c.r.URL.Path, prefix+name, strings.Join(accepted, ", "))
		}
		if fields[name] == nil {
			delete(fields, name)
		}
	}
	return nil
}

// take removes a text field and returns it.
func take(fields map[string]any, name string) (string, error) {
	v, ok := fields[name]
	delete(fields, name)
	if !ok || v == nil {
		return "", nil
	}
	text, ok := v.(string)
	if !ok {
		return "", badValue("%s must be a string", name)
	}
	return text, nil
}

func (inv *inventory) handleMake(c *call) (any, error) {
	fields, err := inv.sentFields(c)
	if err != nil {
		return nil, err
	}
	acl := fields["access_control_list"]
	delete(fields, "access_control_list")
	made, err := inv.draft(c, fields)
	if err != nil {
		return nil, err
	}
	if err := c.firstACL(&made, acl); err != nil {
		return nil, err
	}
	if inv.kind == "jobs" {
		fields["created_time"] = c.now.UnixMilli()
	}
	o := c.addObject(made)
	shown := inv.render(c, o)
	switch {
	case inv.makeOut == "*":
		return shown, nil
	case inv.makeOut != "":
		return map[string]any{inv.makeOut: shown}, nil
	}
	return map[string]any{inv.id: shown[inv.id]}, nil
}

// sentFields is the object that a create request describes.
func (inv *inventory) sentFields(c *call) (map[string]any, error) {
	if inv.makeIn == "" {
		return c.fields(inv.accepts)
	}
	body, err := c.fields(append([]string{inv.makeIn}, inv.beside...))
	if err != nil {
		return nil, err
	}
	return c.innerFields(body, inv.makeIn, inv.accepts)
}

// draft is the object of a create request, named and in its place.
func (inv *inventory) draft(c *call, fields map[string]any) (Object, error) {
	made := Object{Type: inv.kind, Creator: c.caller.id, Fields: fields}
	var err error
	if inv.name != "" {
		if made.Name, err = take(fields, inv.name); err != nil {
			return made, err
		}
	}
	for _, own := range []string{inv.id, "id", inv.creator} {
		delete(fields, own) // set by the platform, whatever is sent
	}
	switch inv.kind {
	case "dashboards":
		if made.Name == "" {
			return made, badValue("display_name is missing")
		}
		return made, c.placeDashboard(&made)
	case "repos":
		return made, c.placeRepo(&made)
	case "jobs":
		made.Name = firstNonEmpty(made.Name, "Untitled")
	case "genie":
		made.Name = firstNonEmpty(made.Name, "New Space")
	}
	return made, inv.checkName(c, &made)
}

func (inv *inventory) checkName(c *call, made *Object) error {
	if made.Name == "" && inv.kind != "clusters" && inv.kind != "pipelines" {
		return badValue("%s is missing", inv.name)
	}
	t := objectTypeOf(inv.kind, "")
	if t.id == idName {
		made.ID = made.Name
	}
	if inv.unique == 0 {
		return nil
	}
	for _, o := range c.world.byType[objectKey(c.ws.ID, inv.kind, "")] {
		if o.Name == made.Name {
			return errf(inv.unique, "RESOURCE_ALREADY_EXISTS", "%s with name '%s' already exists.", t.label, made.Name)
		}
	}
	return nil
}

// placeDashboard finds the folder of a new dashboard.
func (c *call) placeDashboard(o *Object) error {
	folder, err := take(o.Fields, "parent_path")
	if err != nil {
		return err
	}
	delete(o.Fields, "path")
	if folder == "" {
		folder = "/Users/" + c.caller.name
		if err := c.makeFolders(folder); err != nil {
			return err
		}
	}
	parent, err := c.atPath(folder)
	if err != nil {
		return err
	}
	if err := c.needEdit(parent); err != nil {
		return err
	}
	o.Path = path.Join(cleanPath(folder), o.Name+dashboardSuffix)
	if c.world.paths[pathKey(c.ws.ID, o.Path)] != nil {
		return errf(http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Node named '%s' already exists", path.Base(o.Path))
	}
	return nil
}

// placeRepo finds the place of a new Git folder: the one asked for, or one named
// after the repository in the caller's folder of /Repos.
func (c *call) placeRepo(o *Object) error {
	at, err := take(o.Fields, "path")
	if err != nil {
		return err
	}
	url := textField(o.Fields, "url")
	if url == "" {
		return badValue("url is missing")
	}
	if at == "" {
		at = path.Join("/Repos", c.caller.name, strings.TrimSuffix(path.Base(url), ".git"))
	}
	o.Path = cleanPath(at)
	o.Name = path.Base(o.Path)
	if c.world.paths[pathKey(c.ws.ID, o.Path)] != nil {
		return errf(http.StatusBadRequest, "RESOURCE_ALREADY_EXISTS", "Path (%s) already exists.", o.Path)
	}
	return c.makeFolders(path.Dir(o.Path))
}

// firstACL gives a new object to its creator, and to whom the request names.
func (c *call) firstACL(o *Object, sent any) error {
	t := objectTypeOf(o.Type, o.ID)
	level := t.strongest()
	if t.owner != ownerNone {
		level = levelOwner
	}
	if t.strongest() == levelManage {
		o.ACL = []ACLEntry{{Principal: c.caller.id, Level: level}}
	}
	if sent == nil {
		return nil
	}
	data, err := json.Marshal(sent)
	if err != nil {
		return err
	}
	var requests []aclRequest
	if err := decodeStrict(data, &requests); err != nil {
		return errf(http.StatusBadRequest, "MALFORMED_REQUEST", "access_control_list: %v", err)
	}
	entries, err := c.readACL(requests, t)
	if err != nil {
		return err
	}
	if countOwners(entries) > 0 {
		o.ACL = nil
	}
	o.ACL = upsertACL(o.ACL, entries)
	return c.checkWrittenACL(o.ACL, o, t)
}

// addObject puts an object into the workspace, with the ids it lacks. Pointers to
// other objects of the workspace are stale after it, the indexes are not.
func (c *call) addObject(o Object) *Object {
	taken := map[string]bool{}
	for i := range c.ws.Objects {
		have := &c.ws.Objects[i]
		taken[idSpace(have)+"/"+have.ID] = true
		taken[treeSpace+"/"+have.ObjectID] = true
	}
	if o.ID == "" {
		o.ID = c.world.state.freeID(c.ws, &o, taken)
	}
	if o.Type == "dashboards" {
		o.ObjectID = c.world.state.freeNumber(treeSpace, taken)
	}
	c.ws.Objects = append(c.ws.Objects, o)
	indexObjects(c.world)
	return &c.ws.Objects[len(c.ws.Objects)-1]
}

func (inv *inventory) handleDrop(c *call) (any, error) {
	id := c.params["id"]
	if inv.dropPath != "/{id}" {
		fields, err := c.fields([]string{inv.id})
		if err != nil {
			return nil, err
		}
		id = idText(fields[inv.id])
	}
	o, err := inv.find(c, id)
	if err != nil {
		return nil, err
	}
	if err := c.needManage(o); err != nil {
		return nil, err
	}
	if objectTypeOf(inv.kind, id).deleted != deletedGone {
		o.Deleted = true
		return nil, nil
	}
	gone := o.ID
	c.ws.Objects = slices.DeleteFunc(c.ws.Objects, func(have Object) bool { return have.Type == inv.kind && have.ID == gone })
	return nil, nil
}
