package sandbox

import (
	"slices"
	"strings"
)

// world is a normalised state with the indexes to find things in it.
type world struct {
	state *State

	principals map[string]*principal // by id, local and system groups too
	callers    map[string]*principal // by folded user name or application id
	groups     map[string]*principal // account groups by exact name
	parents    map[string][]string   // group ids by direct stored member, ordered
	snap       *snapshotIndex        // nil where the state is no snapshot

	// Filled by the indexers of other files.
	objects    map[string]*Object      // by objectKey
	paths      map[string]*Object      // what stands in a workspace's tree, by pathKey
	byType     map[string][]*Object    // by objectKey without an id
	securables map[string]*Securable   // by securableKey
	children   map[string][]*Securable // by securableKey of the children's type and the parent's name
}

type principalKind int

const (
	_ principalKind = iota
	kindUser
	kindServicePrincipal
	kindGroup
)

// principal is one user, service principal or group as the indexes know it; one
// of the three pointers is set. They point into the state.
type principal struct {
	id      string
	kind    principalKind
	name    string // user name, application id, group name
	display string
	// workspace is 0 for account principals and the workspace's id for its local
	// and system groups.
	workspace int64
	user      *User
	sp        *ServicePrincipal
	group     *Group
	stranger  bool // of a snapshot: no list holds it
}

// isSystem tells the groups that the platform makes.
func (p *principal) isSystem() bool {
	if p.kind != kindGroup {
		return false
	}
	if p.workspace == 0 {
		return p.name == groupAccountUsers
	}
	return p.name == groupAdmins || p.name == groupUsers
}

func (p *principal) active() bool {
	switch p.kind {
	case kindUser:
		return isTrue(p.user.Active)
	case kindServicePrincipal:
		return isTrue(p.sp.Active)
	}
	return true
}

func newWorld(st *State) *world {
	w := &world{state: st, snap: indexSnapshot(st.Snapshot)}
	w.index()
	return w
}

// index builds every index anew.
func (w *world) index() {
	w.indexPrincipals()
	for _, fill := range indexers {
		fill(w)
	}
}

// indexPrincipals builds the indexes of the account's and the workspaces' users,
// service principals and groups anew.
func (w *world) indexPrincipals() {
	st := w.state
	size := len(st.Account.Users) + len(st.Account.ServicePrincipals) + len(st.Account.Groups)
	w.principals = make(map[string]*principal, size)
	w.callers = make(map[string]*principal, size)
	w.groups = make(map[string]*principal, len(st.Account.Groups))
	w.parents = make(map[string][]string, size)
	for i := range st.Account.Users {
		u := &st.Account.Users[i]
		p := &principal{id: u.ID, kind: kindUser, name: u.UserName, display: u.DisplayName, user: u}
		w.principals[u.ID], w.callers[strings.ToLower(u.UserName)] = p, p
	}
	for i := range st.Account.ServicePrincipals {
		sp := &st.Account.ServicePrincipals[i]
		p := &principal{id: sp.ID, kind: kindServicePrincipal, name: sp.ApplicationID, display: sp.DisplayName, sp: sp}
		w.principals[sp.ID], w.callers[strings.ToLower(sp.ApplicationID)] = p, p
	}
	w.indexGroups(st.Account.Groups, 0)
	for i := range st.Workspaces {
		w.indexGroups(st.Workspaces[i].Groups, st.Workspaces[i].ID)
	}
	w.indexStrangers()
}

func (w *world) indexGroups(groups []Group, workspace int64) {
	for i := range groups {
		g := &groups[i]
		p := &principal{id: g.ID, kind: kindGroup, name: g.DisplayName, display: g.DisplayName, workspace: workspace, group: g}
		w.principals[g.ID] = p
		if workspace == 0 {
			w.groups[g.DisplayName] = p
		}
		for _, member := range g.Members {
			w.parents[member] = append(w.parents[member], g.ID)
		}
	}
}

// callerNamed is the user of a name (in any case) or the service principal of an
// application id; nil when there is none.
func (w *world) callerNamed(name string) *principal {
	return w.callers[strings.ToLower(name)]
}

// accountPrincipal finds who a name means in Unity Catalog: a user by name in any
// case, a service principal by application id, an account group by its exact
// name. Workspace-local groups, "admins" and "users" are nobody there.
func (w *world) accountPrincipal(name string) *principal {
	if p := w.groups[name]; p != nil {
		return p
	}
	return w.callerNamed(name)
}

// groupsOf is every group that a principal is in, through any depth of nesting,
// the system groups "account users", "users" and "admins" included; sorted.
func (w *world) groupsOf(id string) []string {
	seen := map[string]bool{}
	queue := []string{id}
	for len(queue) > 0 {
		for _, parent := range w.parents[queue[0]] {
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
		queue = queue[1:]
	}
	if p := w.principals[id]; p != nil && p.kind != kindGroup {
		seen[w.groups[groupAccountUsers].id] = true
	}
	for i := range w.state.Workspaces {
		ws := &w.state.Workspaces[i]
		isUser, isAdmin := false, false
		for _, a := range ws.Assignments {
			if a.Principal == id || seen[a.Principal] {
				isUser = true
				isAdmin = isAdmin || slices.Contains(a.Permissions, permissionAdmin)
			}
		}
		if isUser {
			seen[w.systemGroup(ws, groupUsers).ID] = true
		}
		if isAdmin {
			seen[w.systemGroup(ws, groupAdmins).ID] = true
		}
	}
	return sortedKeys(seen)
}

// identities is a principal's own id and the ids of all groups it is in: whatever
// is given to one of them is given to the principal.
func (w *world) identities(id string) map[string]bool {
	all := map[string]bool{id: true}
	for _, group := range w.groupsOf(id) {
		all[group] = true
	}
	return all
}

// systemGroup is "admins" or "users" of a workspace.
func (w *world) systemGroup(ws *Workspace, name string) *Group {
	for i := range ws.Groups {
		if ws.Groups[i].DisplayName == name {
			return &ws.Groups[i]
		}
	}
	panic("workspace " + ws.Name + " has no group " + name)
}

// isAccountAdmin tells holders of the role account_admin, by themselves or
// through a group.
func (w *world) isAccountAdmin(id string) bool {
	for identity := range w.identities(id) {
		if p := w.principals[identity]; p != nil && slices.Contains(p.roles(), roleAccountAdmin) {
			return true
		}
	}
	return false
}

const roleAccountAdmin = "account_admin"

func (p *principal) roles() []string {
	switch p.kind {
	case kindUser:
		return p.user.Roles
	case kindServicePrincipal:
		return p.sp.Roles
	}
	return p.group.Roles
}

// isWorkspaceAdmin tells the members of a workspace's admins, ADMIN assignments
// included.
func (w *world) isWorkspaceAdmin(ws *Workspace, id string) bool {
	return slices.Contains(w.groupsOf(id), w.systemGroup(ws, groupAdmins).ID)
}

// isMetastoreAdmin tells the owner of the metastore, members of an owning group,
// and the seed's caller.
func (w *world) isMetastoreAdmin(id string) bool {
	if p := w.principals[id]; p != nil && w.snap == nil && strings.EqualFold(p.name, w.state.Caller) {
		return true
	}
	return w.identities(id)[w.state.Metastore.Owner]
}

// isVisibleIn tells whether an account principal belongs to a workspace: it, or a
// group it is in, is assigned, or it is a stored member of admins. Local and
// system groups are visible in their own workspace.
func (w *world) isVisibleIn(ws *Workspace, id string) bool {
	p := w.principals[id]
	if p == nil {
		return false
	}
	if p.workspace != 0 {
		return p.workspace == ws.ID
	}
	if isAssigned(ws, id) || slices.Contains(ws.Shown, id) {
		return true
	}
	if slices.Contains(ws.Hidden, id) {
		return false
	}
	groups := w.groupsOf(id)
	return slices.Contains(groups, w.systemGroup(ws, groupUsers).ID) ||
		slices.Contains(groups, w.systemGroup(ws, groupAdmins).ID)
}

func isAssigned(ws *Workspace, id string) bool {
	return slices.ContainsFunc(ws.Assignments, func(a Assignment) bool { return a.Principal == id })
}

// visibleIn is every principal that isVisibleIn would accept, in one pass.
func (w *world) visibleIn(ws *Workspace) map[string]bool {
	seen := map[string]bool{}
	var queue []string
	visit := func(id string) {
		if p := w.principals[id]; p != nil && !seen[id] && (p.workspace == 0 || p.workspace == ws.ID) {
			seen[id] = true
			queue = append(queue, id)
		}
	}
	for _, a := range ws.Assignments {
		visit(a.Principal)
	}
	for _, member := range w.systemGroup(ws, groupAdmins).Members {
		visit(member)
	}
	for len(queue) > 0 {
		if p := w.principals[queue[0]]; p.kind == kindGroup && (p.workspace == 0 || !p.isSystem()) {
			for _, member := range w.membersOf(p) {
				visit(member)
			}
		}
		queue = queue[1:]
	}
	for i := range ws.Groups {
		seen[ws.Groups[i].ID] = true
	}
	for _, id := range ws.Hidden {
		if !isAssigned(ws, id) {
			delete(seen, id)
		}
	}
	for _, id := range ws.Shown {
		seen[id] = true
	}
	return seen
}

// membersOf is who a group holds directly: the stored members, and what a system
// group holds by rule. Sorted by id.
func (w *world) membersOf(p *principal) []string {
	if !p.isSystem() {
		return p.group.Members
	}
	members := slices.Clone(p.group.Members)
	if p.workspace == 0 {
		for i := range w.state.Account.Users {
			members = append(members, w.state.Account.Users[i].ID)
		}
		for i := range w.state.Account.ServicePrincipals {
			members = append(members, w.state.Account.ServicePrincipals[i].ID)
		}
	} else {
		members = append(members, w.ruleMembers(p)...)
	}
	slices.SortFunc(members, compareIDs)
	return slices.Compact(members)
}

// ruleMembers is who "users" or "admins" of a workspace hold by rule: everybody
// who is visible there, and the ADMIN assignments.
func (w *world) ruleMembers(p *principal) []string {
	ws := w.workspace(p.workspace)
	var members []string
	if p.name == groupUsers {
		for id := range w.visibleIn(ws) {
			if w.principals[id].kind != kindGroup {
				members = append(members, id)
			}
		}
		return members
	}
	for _, a := range ws.Assignments {
		if slices.Contains(a.Permissions, permissionAdmin) {
			members = append(members, a.Principal)
		}
	}
	return members
}

func (w *world) workspace(id int64) *Workspace {
	for i := range w.state.Workspaces {
		if w.state.Workspaces[i].ID == id {
			return &w.state.Workspaces[i]
		}
	}
	return nil
}

// namedIn finds who a name means in a workspace's ACLs. Groups are matched
// exactly, the local one before the account one; nil when nobody visible there
// has the name.
func (w *world) namedIn(ws *Workspace, kind principalKind, name string) *principal {
	if kind == kindGroup {
		for i := range ws.Groups {
			if ws.Groups[i].DisplayName == name {
				return w.principals[ws.Groups[i].ID]
			}
		}
		if p := w.groups[name]; p != nil && w.isVisibleIn(ws, p.id) {
			return p
		}
		return nil
	}
	if p := w.callerNamed(name); p != nil && p.kind == kind && w.isVisibleIn(ws, p.id) {
		return p
	}
	return nil
}

// compareIDs orders numeric ids by value.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Authorization of the caller, for handlers.

func (c *call) isAccountAdmin() bool   { return c.shownTo() || c.world.isAccountAdmin(c.caller.id) }
func (c *call) isMetastoreAdmin() bool { return c.world.isMetastoreAdmin(c.caller.id) }

// isWorkspaceAdmin is about the workspace asked; false where there is none.
func (c *call) isWorkspaceAdmin() bool {
	return c.ws != nil && (c.shownTo() || c.world.isWorkspaceAdmin(c.ws, c.caller.id))
}
