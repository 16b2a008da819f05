package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Target is what access is asked about: a securable by type and full name, or, with
// the name of a workspace, one of its objects by type and id.
type Target struct {
	Workspace string
	Type      string
	Name      string
}

// Can tells whether a caller, a user by name or a service principal by application
// id, effectively has a privilege on a securable or a permission level on an object
// of a workspace. It is what the sandbox goes by when it answers or refuses, save
// that bindings of isolated catalogs to workspaces count here alone.
func (s *Server) Can(caller, privilege string, on Target) (bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.world
	who := w.callerNamed(caller)
	if who == nil {
		return false, fmt.Errorf("there is no caller %s", caller)
	}
	if on.Workspace != "" {
		return w.canOnObject(who, privilege, on)
	}
	u := w.ucCaller(who.id)
	if on.Type == "metastore" {
		return who.active() && (u.admin || u.granted(w.state.Metastore.Grants, privilege)), nil
	}
	t := securableTypeOf(on.Type)
	if t == nil {
		return false, fmt.Errorf("%q is not a securable type; known: %s", on.Type, securableTypeNames())
	}
	sec, err := w.securable(t, on.Name)
	if err != nil {
		return false, err
	}
	return who.active() && u.can(sec, privilege) && w.boundTo(who.id, sec, privilege), nil
}

func (w *world) canOnObject(who *principal, level string, on Target) (bool, error) {
	i := slices.IndexFunc(w.state.Workspaces, func(ws Workspace) bool { return ws.Name == on.Workspace })
	if i < 0 {
		return false, fmt.Errorf("there is no workspace %s", on.Workspace)
	}
	ws := &w.state.Workspaces[i]
	o := w.objects[objectKey(ws.ID, on.Type, on.Name)]
	if o == nil {
		return false, fmt.Errorf("workspace %s has no %s %s", on.Workspace, on.Type, on.Name)
	}
	in := who.active() && w.isVisibleIn(ws, who.id) && !slices.Contains(ws.Deactivated, who.id)
	return in && w.canDo(ws, w.identities(who.id), o, level), nil
}

// canDo tells whether one of some principals has a level on an object.
func (w *world) canDo(ws *Workspace, identities map[string]bool, o *Object, level string) bool {
	t := objectTypeOf(o.Type, o.ID)
	return slices.ContainsFunc(w.effectiveACL(ws, o), func(v aclValue) bool {
		return identities[v.principal] && t.gives(v.level, level)
	})
}

// gives tells whether an entry of one level lets somebody do what another is for.
// Monitoring a warehouse and using it are different things.
func (t *objectType) gives(has, wanted string) bool {
	levels := t.allowed()
	h, w := slices.Index(levels, has), slices.Index(levels, wanted)
	switch {
	case h < 0 || w < 0:
		return false
	case wanted == levelOwner, has == levelUse && wanted == "CAN_MONITOR":
		return has == wanted
	}
	return h >= w
}

// boundTo: an isolated catalog is reached through the workspaces that it is bound to,
// and through a read-only binding it is not written to.
func (w *world) boundTo(id string, sec *Securable, privilege string) bool {
	chain := w.chain(sec)
	catalog := chain[len(chain)-1]
	if mode, _ := catalog.Fields["isolation_mode"].(string); catalog.Type != "catalog" || mode != "ISOLATED" {
		return true
	}
	for _, b := range catalog.bindings() {
		ws := w.workspace(b.WorkspaceID)
		writes := !slices.Contains(privilegesToRead, privilege)
		if ws != nil && w.isVisibleIn(ws, id) && (!writes || b.BindingType == bindingReadWrite) {
			return true
		}
	}
	return false
}

var privilegesToRead = strings.Fields("BROWSE EXECUTE EXTERNAL_USE_SCHEMA READ_METADATA READ_VOLUME SELECT USE_CATALOG USE_SCHEMA")

// can tells whether the caller may use a privilege on a securable. Owners have all on
// what they own, and manage what is in it; all else goes by grants, on the
// securable or what it is in, and needs the way:
// https://docs.databricks.com/aws/en/data-governance/unity-catalog/access-control/permissions-concepts
func (u ucCaller) can(sec *Securable, privilege string) bool {
	t := securableTypeOf(sec.Type)
	if !slices.Contains(t.privilegesOf(sec.TableType), privilege) {
		return false
	}
	if privilege == privManage && u.owns(sec) {
		return true
	}
	if !u.holds(sec, privilege) || u.way(sec, privilege) != nil {
		return false
	}
	switch privilege { // as unitycatalog/unitycatalog asks for to write
	case "MODIFY":
		return !slices.Contains(t.privileges, "SELECT") || u.holds(sec, "SELECT")
	case "WRITE_FILES":
		return u.holds(sec, "READ_FILES")
	}
	return true
}

// holds tells whether a privilege was granted or comes with being the owner. What
// is in a container does not come with owning that.
func (u ucCaller) holds(sec *Securable, privilege string) bool {
	if u.has(sec, privilege) {
		return true
	}
	if !u.identities[sec.Owner] || privilege == allPrivileges || strings.HasPrefix(privilege, "EXTERNAL_USE_") {
		return false
	}
	return !securableTypeOf(sec.Type).isForContents(privilege)
}

// isForContents tells the privileges on a container that are about what is in it.
func (t *securableType) isForContents(privilege string) bool {
	switch t.name {
	case "catalog":
		return !slices.Contains([]string{"APPLY_TAG", privBrowse, "CREATE_SCHEMA", privManage, "READ_METADATA", privUseCatalog}, privilege)
	case "schema":
		return slices.Contains([]string{allPrivileges, "EXECUTE", "MODIFY", "READ_VOLUME", "REFRESH", "SELECT", "WRITE_VOLUME"}, privilege)
	}
	return false
}

// way is the error for callers who cannot get to where a privilege is used: into
// the containers around the securable, and into itself if it is one. What is about
// the schemas of a catalog has to get into all of them.
func (u ucCaller) way(sec *Securable, privilege string) error {
	t := securableTypeOf(sec.Type)
	if privilege == privBrowse {
		return nil
	}
	if err := u.reach(sec); err != nil {
		return err
	}
	if t.use == "" || privilege == t.use {
		return nil
	}
	if !u.holds(sec, t.use) {
		return u.lacks(sec, t.use)
	}
	if t.name == "catalog" && privilege != privUseSchema && t.isForContents(privilege) && !u.has(sec, privUseSchema) {
		return u.lacks(sec, privUseSchema)
	}
	return nil
}
