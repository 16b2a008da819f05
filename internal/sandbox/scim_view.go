package sandbox

import (
	"slices"
	"strings"
)

// scimValue is one value of a multi-valued attribute. The prefix of $ref is the
// only marker of a member's kind.
type scimValue struct {
	Display string `json:"display,omitempty"`
	Ref     string `json:"$ref,omitempty"`
	Value   string `json:"value"`
	Type    string `json:"type,omitempty"`
	Primary bool   `json:"primary,omitempty"`
}

type scimName struct {
	GivenName  string `json:"givenName,omitempty"`
	FamilyName string `json:"familyName,omitempty"`
}

type scimMeta struct {
	ResourceType string `json:"resourceType,omitempty"`
}

// scimView is a user, service principal or group as SCIM shows it.
type scimView struct {
	Schemas       []string    `json:"schemas,omitempty"`
	ID            string      `json:"id,omitempty"`
	UserName      string      `json:"userName,omitempty"`
	ApplicationID string      `json:"applicationId,omitempty"`
	DisplayName   string      `json:"displayName,omitempty"`
	ExternalID    string      `json:"externalId,omitempty"`
	Name          *scimName   `json:"name,omitempty"`
	Emails        []scimValue `json:"emails,omitempty"`
	Active        *bool       `json:"active,omitempty"`
	Members       []scimValue `json:"members,omitempty"`
	Entitlements  []scimValue `json:"entitlements,omitempty"`
	Roles         []scimValue `json:"roles,omitempty"`
	Groups        []scimValue `json:"groups,omitempty"`
	Meta          *scimMeta   `json:"meta,omitempty"`
}

const (
	groupSchema            = "urn:ietf:params:scim:schemas:core:2.0:Group"
	userSchema             = "urn:ietf:params:scim:schemas:core:2.0:User"
	workspaceUserSchema    = "urn:ietf:params:scim:schemas:extension:workspace:2.0:User"
	servicePrincipalSchema = "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"
)

// scimViewer renders principals as one level of the API shows them.
type scimViewer struct {
	w  *world
	ws *Workspace // nil for the account
	// visible is who a workspace shows, admins its direct administrators; computed
	// once for a whole list.
	visible map[string]bool
	admins  map[string]bool
	bare    bool // leave the members of groups out
}

func (w *world) viewer(ws *Workspace) *scimViewer {
	v := &scimViewer{w: w, ws: ws}
	if ws == nil {
		return v
	}
	v.visible = w.visibleIn(ws)
	v.admins = map[string]bool{}
	for _, id := range w.membersOf(w.principals[w.systemGroup(ws, groupAdmins).ID]) {
		v.admins[id] = true
	}
	return v
}

// shows tells whether the level has a principal at all.
func (v *scimViewer) shows(p *principal) bool {
	if v.ws == nil {
		return p.workspace == 0
	}
	return v.visible[p.id]
}

func (v *scimViewer) view(p *principal) scimView {
	d := v.w.load(v.ws, p)
	view := scimView{
		ID: p.id, UserName: d.userName, ApplicationID: d.applicationID,
		DisplayName: d.displayName, ExternalID: d.externalID, Roles: scimValues(d.roles),
	}
	switch p.kind {
	case kindGroup:
		view.Schemas = []string{groupSchema}
		if !v.bare {
			view.Members = v.members(d.members)
		}
	case kindServicePrincipal:
		view.Schemas = []string{servicePrincipalSchema}
		view.Active = &d.active
	case kindUser:
		view.Schemas = []string{userSchema}
		view.Active = &d.active
		view.Emails = scimEmails(d)
		if d.givenName+d.familyName != "" {
			view.Name = &scimName{GivenName: d.givenName, FamilyName: d.familyName}
		}
	}
	if v.ws != nil {
		v.addWorkspaceParts(&view, p, d)
	}
	return view
}

func (v *scimViewer) addWorkspaceParts(view *scimView, p *principal, d *scimDraft) {
	view.Entitlements = scimValues(d.entitlements)
	view.Groups = v.parents(p)
	switch {
	case p.kind == kindUser:
		view.Schemas = append(view.Schemas, workspaceUserSchema)
	case p.kind == kindGroup && p.workspace != 0:
		view.Meta = &scimMeta{ResourceType: "WorkspaceGroup"}
	case p.kind == kindGroup:
		view.Meta = &scimMeta{ResourceType: "Group"}
	}
}

func scimValues(values []string) []scimValue {
	var list []scimValue
	for _, value := range values {
		list = append(list, scimValue{Value: value})
	}
	return list
}

// scimEmails are a user's addresses; the user name is one where there is no other.
func scimEmails(d *scimDraft) []scimValue {
	if len(d.emails) == 0 {
		return []scimValue{{Value: d.userName, Type: "work", Primary: true}}
	}
	var list []scimValue
	for _, e := range d.emails {
		list = append(list, scimValue{Value: e.Value, Type: e.Type, Primary: e.Primary})
	}
	return list
}

func (v *scimViewer) members(ids []string) []scimValue {
	var list []scimValue
	for _, id := range ids {
		if p := v.w.principals[id]; p != nil {
			list = append(list, scimValue{Display: p.shown(), Ref: p.ref(), Value: id})
		}
	}
	return list
}

// parents are the groups of the workspace that hold a principal directly.
func (v *scimViewer) parents(p *principal) []scimValue {
	ids := slices.DeleteFunc(slices.Clone(v.w.parents[p.id]), func(id string) bool { return !v.visible[id] })
	if p.kind != kindGroup {
		ids = append(ids, v.w.systemGroup(v.ws, groupUsers).ID)
	}
	if v.admins[p.id] {
		ids = append(ids, v.w.systemGroup(v.ws, groupAdmins).ID)
	}
	slices.SortFunc(ids, compareIDs)
	list := v.members(slices.Compact(ids))
	for i := range list {
		list[i].Type = "direct"
	}
	return list
}

// shown is the name a principal goes by in the lists of groups.
func (p *principal) shown() string { return firstNonEmpty(p.display, p.name) }

// ref is the $ref of a principal.
func (p *principal) ref() string {
	switch p.kind {
	case kindUser:
		return "Users/" + p.id
	case kindServicePrincipal:
		return "ServicePrincipals/" + p.id
	}
	return "Groups/" + p.id
}

// project keeps the attributes that were asked for, and always id and schemas.
// Names are compared without case; of a sub-attribute the whole attribute stays.
func (view *scimView) project(attributes, excluded string) {
	wanted, unwanted := attributeSet(attributes), attributeSet(excluded)
	drop := func(name string) bool {
		return len(wanted) > 0 && !wanted[name] || unwanted[name]
	}
	for name, clear := range map[string]func(){
		"username":      func() { view.UserName = "" },
		"applicationid": func() { view.ApplicationID = "" },
		"displayname":   func() { view.DisplayName = "" },
		"externalid":    func() { view.ExternalID = "" },
		"name":          func() { view.Name = nil },
		"emails":        func() { view.Emails = nil },
		"active":        func() { view.Active = nil },
		"members":       func() { view.Members = nil },
		"entitlements":  func() { view.Entitlements = nil },
		"roles":         func() { view.Roles = nil },
		"groups":        func() { view.Groups = nil },
		"meta":          func() { view.Meta = nil },
	} {
		if drop(name) {
			clear()
		}
	}
}

func attributeSet(list string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), ".")
		if name != "" {
			set[name] = true
		}
	}
	return set
}

// values are the texts of an attribute that a filter may name, in lower case; ok
// is false for attributes that the kind does not have.
func (view *scimView) values(kind principalKind, attribute string) (texts []string, ok bool) {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch attribute {
	case "id":
		return one(view.ID), true
	case "displayname":
		return one(view.DisplayName), true
	case "externalid":
		return one(view.ExternalID), true
	case "roles", "roles.value":
		return plainValues(view.Roles), true
	case "entitlements", "entitlements.value":
		return plainValues(view.Entitlements), true
	case "groups", "groups.value":
		return plainValues(view.Groups), true
	case "groups.display":
		return displays(view.Groups), true
	case "meta.resourcetype":
		if view.Meta == nil {
			return nil, true
		}
		return one(view.Meta.ResourceType), true
	}
	switch kind {
	case kindGroup:
		return view.groupValues(attribute)
	case kindUser:
		return view.userValues(attribute)
	}
	if attribute == "applicationid" {
		return one(view.ApplicationID), true
	}
	return view.activeValue(attribute)
}

func (view *scimView) groupValues(attribute string) ([]string, bool) {
	switch attribute {
	case "members", "members.value":
		return plainValues(view.Members), true
	case "members.display":
		return displays(view.Members), true
	}
	return nil, false
}

func (view *scimView) userValues(attribute string) ([]string, bool) {
	name := scimName{}
	if view.Name != nil {
		name = *view.Name
	}
	switch attribute {
	case "username":
		return []string{view.UserName}, true
	case "emails", "emails.value":
		return plainValues(view.Emails), true
	case "name.givenname":
		return []string{name.GivenName}, true
	case "name.familyname":
		return []string{name.FamilyName}, true
	}
	return view.activeValue(attribute)
}

func (view *scimView) activeValue(attribute string) ([]string, bool) {
	if attribute != "active" {
		return nil, false
	}
	if isTrue(view.Active) {
		return []string{"true"}, true
	}
	return []string{"false"}, true
}

func plainValues(values []scimValue) []string {
	var list []string
	for _, v := range values {
		list = append(list, v.Value)
	}
	return list
}

func displays(values []scimValue) []string {
	var list []string
	for _, v := range values {
		list = append(list, v.Display)
	}
	return list
}
