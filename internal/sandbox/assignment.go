package sandbox

import (
	"slices"
	"strconv"
)

// The permissions of a workspace assignment; ADMIN implies USER.
const (
	permissionUser  = "USER"
	permissionAdmin = "ADMIN"
)

func (s *Server) assignmentRoutes() []route {
	const account = "/api/2.0/accounts/{account}/workspaces/{workspace}/permissionassignments"
	const workspace = "/api/2.0/preview/permissionassignments"
	return []route{
		{method: "GET", path: account, handle: listAssignments},
		{method: "GET", path: account + "/permissions", handle: listAssignmentLevels},
		{method: "PUT", path: account + "/principals/{principal}", handle: putAssignment, touches: touchesPrincipals},
		{method: "DELETE", path: account + "/principals/{principal}", handle: deleteAssignment, touches: touchesPrincipals},
		{method: "GET", path: workspace, handle: listAssignments},
		{method: "POST", path: workspace, handle: postAssignments, touches: touchesPrincipals},
		{method: "GET", path: workspace + "/permissions", handle: listAssignmentLevels},
		{method: "PUT", path: workspace + "/principals/{principal}", handle: putAssignment, touches: touchesPrincipals},
		{method: "DELETE", path: workspace + "/principals/{principal}", handle: deleteAssignment, touches: touchesPrincipals},
	}
}

type assignmentPrincipal struct {
	PrincipalID          int64  `json:"principal_id,omitempty"`
	DisplayName          string `json:"display_name,omitempty"`
	UserName             string `json:"user_name,omitempty"`
	GroupName            string `json:"group_name,omitempty"`
	ServicePrincipalName string `json:"service_principal_name,omitempty"`
}

type assignmentView struct {
	Principal   *assignmentPrincipal `json:"principal,omitempty"`
	Permissions []string             `json:"permissions,omitempty"`
	Error       string               `json:"error,omitempty"`
}

type assignmentList struct {
	PermissionAssignments []assignmentView `json:"permission_assignments,omitempty"`
}

const errPrincipalNotFound = "RESOURCE_DOES_NOT_EXIST: Principal not found in account."

// assignedWorkspace is the workspace whose assignments are asked about; the
// caller has to administer it or, on the account's routes, the account.
func (c *call) assignedWorkspace() (*Workspace, error) {
	if id, ok := c.params["workspace"]; ok {
		if !c.isAccountAdmin() {
			return nil, denied("%s is not an account admin.", c.caller.name)
		}
		return c.workspaceByID(id)
	}
	if !c.isWorkspaceAdmin() && !c.isAccountAdmin() {
		return nil, denied("Only workspace admins can manage the assignments of workspace %d.", c.ws.ID)
	}
	return c.ws, nil
}

func (c *call) workspaceByID(id string) (*Workspace, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, badValue("workspace id %q is not a number", id)
	}
	if ws := c.world.workspace(n); ws != nil {
		return ws, nil
	}
	return nil, notFound("Workspace %s does not exist in account %s.", id, c.world.state.Account.ID)
}

func viewAssignment(p *principal, permissions []string) assignmentView {
	id, err := strconv.ParseInt(p.id, 10, 64)
	if err != nil {
		panic("principal id " + p.id + " is not a number")
	}
	who := &assignmentPrincipal{PrincipalID: id, DisplayName: p.display}
	switch p.kind {
	case kindUser:
		who.UserName = p.name
	case kindServicePrincipal:
		who.ServicePrincipalName = p.name
	case kindGroup:
		who.GroupName = p.name
	}
	return assignmentView{Principal: who, Permissions: permissions}
}

func listAssignments(c *call) (any, error) {
	ws, err := c.assignedWorkspace()
	if err != nil {
		return nil, err
	}
	list := assignmentList{}
	for _, a := range ws.Assignments {
		if p := c.world.principals[a.Principal]; p != nil {
			view := viewAssignment(p, a.Permissions)
			view.Error = a.Error
			list.PermissionAssignments = append(list.PermissionAssignments, view)
		}
	}
	return list, nil
}

func listAssignmentLevels(c *call) (any, error) {
	if _, err := c.assignedWorkspace(); err != nil {
		return nil, err
	}
	type level struct {
		PermissionLevel string `json:"permission_level"`
		Description     string `json:"description"`
	}
	return map[string][]level{"permissions": {
		{permissionUser, "Can access the workspace"},
		{permissionAdmin, "Can manage the workspace"},
	}}, nil
}

// putAssignment sets a principal's permissions. Values other than USER and ADMIN
// are ignored, and a list in which nothing is left takes the assignment away: an
// unknown principal is told inside a 200.
func putAssignment(c *call) (any, error) {
	ws, err := c.assignedWorkspace()
	if err != nil {
		return nil, err
	}
	var body struct {
		Permissions []string `json:"permissions"`
		// The path names both; the API's own clients may repeat them here.
		PrincipalID int64 `json:"principal_id"`
		WorkspaceID int64 `json:"workspace_id"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	p := c.world.principals[c.params["principal"]]
	if p == nil || p.workspace != 0 {
		return assignmentView{Error: errPrincipalNotFound}, nil
	}
	if !c.settled(p.id, c.s.Knobs().AssignmentDelay) {
		return nil, badValue("Principal %s not in workspace %d", p.id, ws.ID)
	}
	permissions := knownPermissions(body.Permissions)
	if len(permissions) == 0 {
		c.world.unassign(ws, p.id)
		return viewAssignment(p, nil), nil
	}
	ws.assign(p.id, permissions)
	return viewAssignment(p, permissions), nil
}

func knownPermissions(given []string) []string {
	var known []string
	for _, permission := range given {
		if permission == permissionUser || permission == permissionAdmin {
			known = withValue(known, permission)
		}
	}
	return known
}

func deleteAssignment(c *call) (any, error) {
	ws, err := c.assignedWorkspace()
	if err != nil {
		return nil, err
	}
	id := c.params["principal"]
	if !isAssigned(ws, id) {
		return nil, notFound("Principal %s not found in workspace %d.", id, ws.ID)
	}
	c.world.unassign(ws, id)
	return nil, nil
}

// postAssignments assigns principals by name, each with its own outcome. ADMIN
// cannot be given that way.
func postAssignments(c *call) (any, error) {
	ws, err := c.assignedWorkspace()
	if err != nil {
		return nil, err
	}
	var body struct {
		PermissionAssignments []struct {
			assignmentPrincipal
			Permissions []string `json:"permissions"`
		} `json:"permission_assignments"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	list := assignmentList{}
	for _, item := range body.PermissionAssignments {
		p := c.world.assignee(item.assignmentPrincipal)
		switch {
		case p == nil:
			who := item.assignmentPrincipal
			list.PermissionAssignments = append(list.PermissionAssignments, assignmentView{Principal: &who, Error: errPrincipalNotFound})
		case !slices.Equal(item.Permissions, []string{permissionUser}):
			view := viewAssignment(p, nil)
			view.Error = "Invalid permission"
			list.PermissionAssignments = append(list.PermissionAssignments, view)
		default:
			ws.assign(p.id, item.Permissions)
			list.PermissionAssignments = append(list.PermissionAssignments, viewAssignment(p, item.Permissions))
		}
	}
	return list, nil
}

// assignee is the account principal that an item names, by whichever name.
func (w *world) assignee(who assignmentPrincipal) *principal {
	switch {
	case who.GroupName != "":
		return w.groups[who.GroupName]
	case who.UserName != "":
		return w.callerOf(kindUser, who.UserName)
	case who.ServicePrincipalName != "":
		return w.callerOf(kindServicePrincipal, who.ServicePrincipalName)
	}
	p := w.principals[strconv.FormatInt(who.PrincipalID, 10)]
	if p == nil || p.workspace != 0 {
		return nil
	}
	return p
}

func (w *world) callerOf(kind principalKind, name string) *principal {
	if p := w.callerNamed(name); p != nil && p.kind == kind {
		return p
	}
	return nil
}

// assign sets the permissions of a principal in the workspace, in id order.
func (ws *Workspace) assign(id string, permissions []string) {
	i, found := slices.BinarySearchFunc(ws.Assignments, id, func(a Assignment, id string) int {
		return compareIDs(a.Principal, id)
	})
	if !found {
		ws.Assignments = slices.Insert(ws.Assignments, i, Assignment{Principal: id})
	}
	ws.Assignments[i].Permissions = permissions
}

// unassign takes a principal's own assignment away. Where it does not stay
// visible through a group, the workspace forgets all it had there.
func (w *world) unassign(ws *Workspace, id string) {
	ws.Assignments = slices.DeleteFunc(ws.Assignments, func(a Assignment) bool { return a.Principal == id })
	if !w.isVisibleIn(ws, id) {
		ws.forget(id)
	}
}

// forget drops whatever the workspace holds of an account principal, except what
// the platform leaves behind as well: entries in the ACLs of objects.
func (ws *Workspace) forget(id string) {
	ws.Assignments = slices.DeleteFunc(ws.Assignments, func(a Assignment) bool { return a.Principal == id })
	ws.Entitlements = slices.DeleteFunc(ws.Entitlements, func(e Entitlement) bool { return e.Principal == id })
	ws.Deactivated = slices.DeleteFunc(ws.Deactivated, func(other string) bool { return other == id })
	for i := range ws.Groups {
		ws.Groups[i].Members = without(ws.Groups[i].Members, id)
	}
}

func without(list []string, value string) []string {
	return slices.DeleteFunc(list, func(v string) bool { return v == value })
}
