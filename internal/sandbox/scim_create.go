package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// The bodies of POST and PUT, one per kind, with every field that the APIs
// document. Some are read-only and ignored, as the platform does.
type (
	scimCommonBody struct {
		Schemas      []string    `json:"schemas"`
		ID           string      `json:"id"`
		AccountID    string      `json:"account_id"`
		DisplayName  string      `json:"displayName"`
		ExternalID   string      `json:"externalId"`
		Entitlements []scimValue `json:"entitlements"`
		Roles        []scimValue `json:"roles"`
		Groups       []scimValue `json:"groups"`
		Meta         *scimMeta   `json:"meta"`
	}
	scimGroupBody struct {
		scimCommonBody
		Members *[]scimValue `json:"members"`
	}
	scimUserBody struct {
		scimCommonBody
		UserName string    `json:"userName"`
		Name     *scimName `json:"name"`
		Emails   []Email   `json:"emails"`
		Active   *bool     `json:"active"`
	}
	scimServicePrincipalBody struct {
		scimCommonBody
		ApplicationID string `json:"applicationId"`
		Active        *bool  `json:"active"`
	}
)

// scimBody is a body of any of the kinds.
type scimBody struct {
	scimCommonBody
	Members                 *[]scimValue
	UserName, ApplicationID string
	Name                    *scimName
	Emails                  []Email
	Active                  *bool
}

func (f scimSurface) decodeBody(c *call) (*scimBody, error) {
	switch f.kind {
	case kindUser:
		var b scimUserBody
		err := c.decode(&b)
		return &scimBody{scimCommonBody: b.scimCommonBody, UserName: b.UserName, Name: b.Name, Emails: b.Emails, Active: b.Active}, err
	case kindServicePrincipal:
		var b scimServicePrincipalBody
		err := c.decode(&b)
		return &scimBody{scimCommonBody: b.scimCommonBody, ApplicationID: b.ApplicationID, Active: b.Active}, err
	}
	var b scimGroupBody
	err := c.decode(&b)
	return &scimBody{scimCommonBody: b.scimCommonBody, Members: b.Members}, err
}

func (b *scimBody) draft() *scimDraft {
	d := &scimDraft{
		userName: b.UserName, applicationID: b.ApplicationID, displayName: b.DisplayName, externalID: b.ExternalID,
		emails: b.Emails, active: isTrue(b.Active), roles: given(b.Roles), entitlements: given(b.Entitlements),
	}
	if b.Name != nil {
		d.givenName, d.familyName = b.Name.GivenName, b.Name.FamilyName
	}
	if b.Members != nil {
		d.members = given(*b.Members)
	}
	return d
}

// given are the values that are not empty, each once.
func given(values []scimValue) []string {
	var list []string
	for _, v := range values {
		if v.Value != "" {
			list = withValue(list, v.Value)
		}
	}
	return list
}

func (f scimSurface) create(c *call) (any, error) {
	if err := f.mayWrite(c); err != nil {
		return nil, err
	}
	body, err := f.decodeBody(c)
	if err != nil {
		return nil, err
	}
	draft := body.draft()
	if f.account {
		draft.entitlements = nil // accepted there, and nothing happens
	}
	var id string
	switch f.kind {
	case kindGroup:
		id, err = f.createGroup(c, draft)
	case kindUser:
		id, err = f.createUser(c, draft)
	default:
		id, err = f.createServicePrincipal(c, draft)
	}
	if err != nil {
		return nil, err
	}
	c.world.indexPrincipals()
	c.status = http.StatusCreated
	return c.world.viewer(f.level(c)).view(c.world.principals[id]), nil
}

// createGroup makes an account group, or a workspace-local one: through a
// workspace always the latter, even beside an account group of the name.
func (f scimSurface) createGroup(c *call, d *scimDraft) (string, error) {
	ws := f.level(c)
	if d.displayName == "" {
		return "", scimErrf(http.StatusBadRequest, "invalidValue", "displayName is missing")
	}
	if c.world.groupNamed(ws, d.displayName) != nil {
		return "", groupExists(d.displayName)
	}
	if err := checkEntitlementNames(d.entitlements); err != nil {
		return "", err
	}
	members, err := c.checkMembers(ws, "", nil, d.members)
	if err != nil {
		return "", err
	}
	g := Group{
		ID: c.world.state.nextNumeric(), DisplayName: d.displayName, ExternalID: d.externalID,
		Roles: sorted(d.roles), Entitlements: sorted(d.entitlements), Members: sortedIDs(members),
	}
	if ws != nil {
		ws.Groups = append(ws.Groups, g)
		return g.ID, nil
	}
	c.world.state.Account.Groups = append(c.world.state.Account.Groups, g)
	c.s.born[g.ID] = c.now
	return g.ID, nil
}

func checkEntitlementNames(values []string) error {
	for _, e := range values {
		if !slices.Contains(knownEntitlements, e) {
			return scimErrf(http.StatusBadRequest, "invalidValue", "Unknown entitlement %s; known: %s", e, strings.Join(knownEntitlements, ", "))
		}
	}
	return nil
}

func (f scimSurface) createUser(c *call, d *scimDraft) (string, error) {
	if d.userName == "" {
		return "", scimErrf(http.StatusBadRequest, "invalidValue", "userName is missing")
	}
	if err := checkEntitlementNames(d.entitlements); err != nil {
		return "", err
	}
	ws, existing := f.level(c), c.world.callerNamed(d.userName)
	if existing != nil && ws == nil {
		return "", scimErrf(http.StatusConflict, "", "User with email %s already exists in this account", d.userName)
	}
	if existing != nil && c.world.isVisibleIn(ws, existing.id) {
		return "", scimErrf(http.StatusConflict, "", "User with username %s already exists.", d.userName)
	}
	if existing != nil {
		return c.join(ws, existing, d), nil
	}
	active := d.active
	u := User{
		ID: c.world.state.nextNumeric(), UserName: d.userName, DisplayName: firstNonEmpty(d.displayName, strings.TrimSpace(d.givenName+" "+d.familyName), d.userName),
		ExternalID: d.externalID, GivenName: d.givenName, FamilyName: d.familyName, Emails: d.emails, Active: &active,
	}
	if ws == nil {
		u.Roles = sorted(d.roles)
	}
	c.world.state.Account.Users = append(c.world.state.Account.Users, u)
	return c.settle(ws, u.ID, d), nil
}

// createServicePrincipal makes one with an application id of the server's; on
// Azure the id of an Entra application may be given. A workspace may name one
// that the account has, which then joins the workspace.
func (f scimSurface) createServicePrincipal(c *call, d *scimDraft) (string, error) {
	if err := checkEntitlementNames(d.entitlements); err != nil {
		return "", err
	}
	ws, existing := f.level(c), c.world.callerOf(kindServicePrincipal, d.applicationID)
	switch {
	case existing != nil && (ws == nil || c.world.isVisibleIn(ws, existing.id)):
		return "", scimErrf(http.StatusConflict, "", "Service principal with application ID %s already exists.", d.applicationID)
	case existing != nil:
		return c.join(ws, existing, d), nil
	case d.applicationID != "" && c.s.Knobs().cloud() != "azure":
		return "", scimErrf(http.StatusBadRequest, "invalidValue", "Attribute applicationID cannot be specified")
	case d.applicationID != "" && !isUUID(d.applicationID):
		return "", scimErrf(http.StatusBadRequest, "invalidValue", "applicationId %s is not a UUID", d.applicationID)
	}
	active := d.active
	sp := ServicePrincipal{
		ID: c.world.state.nextNumeric(), ApplicationID: d.applicationID, DisplayName: d.displayName,
		ExternalID: d.externalID, Active: &active,
	}
	if sp.ApplicationID == "" {
		sp.ApplicationID = uuidOf("application", c.world.state.Account.ID, sp.ID)
	}
	sp.DisplayName = firstNonEmpty(sp.DisplayName, sp.ApplicationID)
	if ws == nil {
		sp.Roles = sorted(d.roles)
	}
	c.world.state.Account.ServicePrincipals = append(c.world.state.Account.ServicePrincipals, sp)
	return c.settle(ws, sp.ID, d), nil
}

// settle finishes a new principal: noted as new, and in the workspace through
// which it was made.
func (c *call) settle(ws *Workspace, id string, d *scimDraft) string {
	c.s.born[id] = c.now
	if ws != nil {
		c.world.indexPrincipals()
		c.join(ws, c.world.principals[id], d)
	}
	return id
}

// join assigns an account principal to a workspace, with the entitlements asked.
func (c *call) join(ws *Workspace, p *principal, d *scimDraft) string {
	ws.assign(p.id, []string{permissionUser})
	storeInWorkspace(ws, p, d)
	return p.id
}
