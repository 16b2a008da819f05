package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// The entitlements there are.
const (
	entitlementCluster   = "allow-cluster-create"
	entitlementPool      = "allow-instance-pool-create"
	entitlementSQL       = "databricks-sql-access"
	entitlementWorkspace = "workspace-access"
	entitlementConsume   = "workspace-consume"
)

var (
	knownEntitlements = []string{entitlementCluster, entitlementPool, entitlementSQL, entitlementWorkspace, entitlementConsume}
	// adminEntitlements cannot be taken from the group admins.
	adminEntitlements = []string{entitlementCluster, entitlementPool, entitlementSQL, entitlementWorkspace}
)

// scimDraft is what SCIM can set on a principal at one level. A write loads one,
// edits it and commits it, so that a refused write changes nothing.
type scimDraft struct {
	userName, applicationID string
	displayName, externalID string
	givenName, familyName   string
	emails                  []Email
	active                  bool
	members                 []string
	roles, entitlements     []string
}

func (d *scimDraft) clone() *scimDraft {
	copied := *d
	copied.emails = slices.Clone(d.emails)
	copied.members = slices.Clone(d.members)
	copied.roles = slices.Clone(d.roles)
	copied.entitlements = slices.Clone(d.entitlements)
	return &copied
}

// load is a principal as the account (ws nil) or a workspace has it. Entitlements
// exist in workspaces alone; so do the roles given there to account principals.
func (w *world) load(ws *Workspace, p *principal) *scimDraft {
	d := &scimDraft{displayName: p.display, active: p.active()}
	switch p.kind {
	case kindUser:
		d.userName, d.externalID = p.user.UserName, p.user.ExternalID
		d.givenName, d.familyName = p.user.GivenName, p.user.FamilyName
		d.emails, d.roles = p.user.Emails, p.user.Roles
	case kindServicePrincipal:
		d.applicationID, d.externalID, d.roles = p.sp.ApplicationID, p.sp.ExternalID, p.sp.Roles
	case kindGroup:
		d.externalID, d.roles, d.members = p.group.ExternalID, p.group.Roles, w.membersOf(p)
		d.entitlements = p.group.Entitlements
	}
	if ws == nil || p.workspace != 0 {
		return d
	}
	d.active = d.active && !slices.Contains(ws.Deactivated, p.id)
	d.roles, d.entitlements = nil, nil
	if e := ws.entitlement(p.id); e != nil {
		d.roles, d.entitlements = e.Roles, e.Values
	}
	return d
}

// entitlement is an account principal's entry in the workspace; nil without one.
func (ws *Workspace) entitlement(id string) *Entitlement {
	for i := range ws.Entitlements {
		if ws.Entitlements[i].Principal == id {
			return &ws.Entitlements[i]
		}
	}
	return nil
}

// commit makes a principal be as the draft says, if the level allows the change.
func (c *call) commit(ws *Workspace, p *principal, d *scimDraft) error {
	old := c.world.load(ws, p)
	if err := c.checkDraft(ws, p, old, d); err != nil {
		return err
	}
	switch {
	case p.kind == kindGroup && (ws == nil || p.workspace != 0):
		c.storeGroup(p, old, d)
	case ws == nil:
		c.storePerson(p, d)
	default:
		storeInWorkspace(ws, p, d)
		if p.kind == kindServicePrincipal {
			p.sp.DisplayName, p.sp.ExternalID = d.displayName, d.externalID
		}
	}
	return nil
}

func (c *call) storeGroup(p *principal, old, d *scimDraft) {
	g := p.group
	g.DisplayName, g.ExternalID, g.Roles, g.Entitlements = d.displayName, d.externalID, sorted(d.roles), sorted(d.entitlements)
	if !p.isSystem() {
		g.Members = sortedIDs(d.members)
		return
	}
	if p.name != groupAdmins {
		return
	}
	for _, entitlement := range adminEntitlements {
		g.Entitlements = sorted(withValue(g.Entitlements, entitlement))
	}
	// Of admins, only what is not an ADMIN assignment is stored; an administrator
	// taken out of the group keeps USER.
	ws := c.world.workspace(p.workspace)
	for _, id := range old.members {
		if !slices.Contains(d.members, id) {
			g.Members = without(g.Members, id)
			if isAssigned(ws, id) {
				ws.assign(id, []string{permissionUser})
			}
		}
	}
	for _, id := range d.members {
		if !slices.Contains(old.members, id) {
			g.Members = sortedIDs(append(g.Members, id))
		}
	}
}

func (c *call) storePerson(p *principal, d *scimDraft) {
	active := d.active
	if p.kind == kindServicePrincipal {
		p.sp.DisplayName, p.sp.ExternalID, p.sp.Active, p.sp.Roles = d.displayName, d.externalID, &active, sorted(d.roles)
		return
	}
	u := p.user
	if strings.EqualFold(u.UserName, c.world.state.Caller) {
		c.world.state.Caller = d.userName
	}
	u.UserName, u.DisplayName, u.ExternalID = d.userName, d.displayName, d.externalID
	u.GivenName, u.FamilyName, u.Emails = d.givenName, d.familyName, d.emails
	u.Active, u.Roles = &active, sorted(d.roles)
}

// storeInWorkspace keeps what a workspace alone knows of an account principal.
func storeInWorkspace(ws *Workspace, p *principal, d *scimDraft) {
	e := ws.entitlement(p.id)
	if e == nil && len(d.entitlements)+len(d.roles) > 0 {
		ws.Entitlements = append(ws.Entitlements, Entitlement{Principal: p.id})
		e = &ws.Entitlements[len(ws.Entitlements)-1]
	}
	if e != nil {
		e.Values, e.Roles = sorted(d.entitlements), sorted(d.roles)
	}
	ws.Entitlements = slices.DeleteFunc(ws.Entitlements, func(e Entitlement) bool { return len(e.Values)+len(e.Roles) == 0 })
	if p.kind == kindGroup {
		return
	}
	ws.Deactivated = without(ws.Deactivated, p.id)
	if !d.active && p.active() {
		ws.Deactivated = sortedIDs(append(ws.Deactivated, p.id))
	}
}

// checkDraft refuses what the level does not let be changed.
func (c *call) checkDraft(ws *Workspace, p *principal, old, d *scimDraft) error {
	if err := checkEntitlementNames(d.entitlements); err != nil {
		return err
	}
	if d.applicationID != old.applicationID {
		return scimErrf(http.StatusBadRequest, "mutability", "Attribute applicationId cannot be changed")
	}
	if p.kind == kindGroup {
		return c.checkGroup(ws, p, old, d)
	}
	if ws == nil {
		return c.checkNames(p, d)
	}
	if d.userName != old.userName || p.kind == kindUser && d.displayName != old.displayName || d.active && !p.active() {
		return scimErrf(http.StatusBadRequest, "mutability",
			"%s %s is managed in the account: its names and its activity there cannot be changed through a workspace", p.scimKind(), p.id)
	}
	return nil
}

func (c *call) checkNames(p *principal, d *scimDraft) error {
	if p.kind != kindUser {
		return nil
	}
	if d.userName == "" {
		return scimErrf(http.StatusBadRequest, "invalidValue", "userName is missing")
	}
	if other := c.world.callerNamed(d.userName); other != nil && other.id != p.id {
		return scimErrf(http.StatusConflict, "", "User with email %s already exists in this account", d.userName)
	}
	return nil
}

func (c *call) checkGroup(ws *Workspace, p *principal, old, d *scimDraft) error {
	sameMembers := slices.Equal(sortedIDs(d.members), sortedIDs(old.members))
	sameNames := d.displayName == old.displayName && d.externalID == old.externalID
	if ws != nil && p.workspace == 0 && (!sameMembers || !sameNames) {
		return scimErrf(http.StatusForbidden, "", "Group %s is an account group and can only be managed in account.", old.displayName)
	}
	if p.isSystem() && (!sameNames || !sameMembers && p.name != groupAdmins) {
		return scimErrf(http.StatusForbidden, "", "Group %s is a system group and cannot be changed.", old.displayName)
	}
	if d.displayName == "" {
		return scimErrf(http.StatusBadRequest, "invalidValue", "displayName is missing")
	}
	if d.displayName != old.displayName && c.world.groupNamed(ws, d.displayName) != nil {
		return groupExists(d.displayName)
	}
	members, err := c.checkMembers(ws, p.id, old.members, d.members)
	d.members = members
	return err
}

// groupNamed is the account's group, or the workspace's own one, of a name.
func (w *world) groupNamed(ws *Workspace, name string) *principal {
	if ws == nil {
		return w.groups[name]
	}
	for i := range ws.Groups {
		if ws.Groups[i].DisplayName == name {
			return w.principals[ws.Groups[i].ID]
		}
	}
	return nil
}

// groupExists has, like the other conflicts, no scimType: SDKs put that before
// the text, and the Terraform provider compares the whole with it when it takes
// over what is there (terraform-provider-databricks scim/resource_group.go).
func groupExists(name string) error {
	return scimErrf(http.StatusConflict, "", "Group with name %s already exists.", name)
}

// checkMembers is the member list without what the API silently drops: an
// application id instead of a service principal's id is accepted and adds nobody.
func (c *call) checkMembers(ws *Workspace, group string, old, members []string) ([]string, error) {
	var kept []string
	for _, id := range members {
		p := c.world.principals[id]
		switch {
		case slices.Contains(old, id):
			kept = append(kept, id)
		case isUUID(id):
		case p == nil || ws == nil && p.workspace != 0 || ws != nil && !c.world.isVisibleIn(ws, id):
			return nil, scimErrf(http.StatusBadRequest, "invalidValue", "Principal with id %s not found.", id)
		case id == group:
			return nil, scimErrf(http.StatusBadRequest, "invalidValue", "Group %s cannot be a member of itself.", id)
		default:
			kept = append(kept, id)
		}
	}
	return kept, nil
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, ch := range s {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (ch == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", ch) {
			return false
		}
	}
	return true
}

func sorted(values []string) []string {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

func sortedIDs(ids []string) []string {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

// scimKind is what SCIM calls a principal in its messages.
func (p *principal) scimKind() string { return p.kind.scimName() }

func (k principalKind) scimName() string {
	switch k {
	case kindUser:
		return "User"
	case kindServicePrincipal:
		return "ServicePrincipal"
	}
	return "Group"
}
