package sandbox

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// scimItem is what is kept of a principal: never a person's name, addresses or
// anything else that SCIM may know.
type scimItem struct {
	ID            string       `json:"id"`
	UserName      string       `json:"userName"`
	ApplicationID string       `json:"applicationId"`
	DisplayName   string       `json:"displayName"` // of groups and service principals alone
	ExternalID    string       `json:"externalId"`
	Active        *bool        `json:"active"`
	Roles         []scimMember `json:"roles"`
	Entitlements  []scimMember `json:"entitlements"`
	Members       []scimMember `json:"members"`
	Groups        []scimMember `json:"groups"`
	Meta          struct {
		ResourceType string `json:"resourceType"`
	} `json:"meta"`
}

type scimMember struct {
	Value string `json:"value"`
	Ref   string `json:"$ref"`
}

func valuesOf(members []scimMember) []string {
	var list []string
	for _, m := range members {
		if m.Value != "" {
			list = withValue(list, m.Value)
		}
	}
	return list
}

// scim keeps a list, a principal on its own, or who the caller is.
func (r *reading) scim() error {
	collection := path.Base(strings.TrimSuffix(r.route.path, "/{id}"))
	if collection == "Me" {
		var me scimItem
		if err := r.decode(&me); err != nil {
			return err
		}
		r.ws.me = &me
		r.ws.mine = valuesOf(me.Groups)
		return nil
	}
	ws := r.ws
	if r.route.account {
		ws, r.account = nil, true
	}
	if r.params["id"] != "" {
		var item scimItem
		if err := r.decode(&item); err != nil {
			return err
		}
		r.onePrincipal(ws, collection, item)
		return nil
	}
	var list struct {
		Total     int        `json:"totalResults"`
		Resources []scimItem `json:"Resources"`
	}
	if err := r.decode(&list); err != nil {
		return err
	}
	for _, item := range list.Resources {
		r.listedPrincipal(ws, collection, item)
		r.count(item.ID)
	}
	if r.counted() >= list.Total {
		r.sawAll(r.what)
	}
	return nil
}

// count counts the different items of a list that have come so far.
func (r *reading) count(id string) {
	if r.items[r.what] == nil {
		r.items[r.what] = map[string]bool{}
	}
	r.items[r.what][id] = true
}

func (r *reading) counted() int { return len(r.items[r.what]) }

// onePrincipal keeps what a request for one principal alone tells: of a group, who is
// in it; of any other, that there is one.
func (r *reading) onePrincipal(ws *recordedWorkspace, collection string, item scimItem) {
	attributes := strings.ToLower(r.exchange.Query.Get("attributes"))
	if collection != "Groups" || attributes != "" && !strings.Contains(attributes, "members") {
		r.alone[r.what] = item.ID
		return
	}
	r.keepMembers(item)
	r.members[item.ID] = valuesOf(item.Members)
	r.sawAll(r.what)
}

// listedPrincipal keeps one that a list holds.
func (r *reading) listedPrincipal(ws *recordedWorkspace, collection string, item scimItem) {
	local := ws != nil && collection == "Groups" && item.Meta.ResourceType == "WorkspaceGroup"
	switch {
	case local:
		ws.local[item.ID] = &Group{
			ID: item.ID, DisplayName: item.DisplayName, ExternalID: item.ExternalID,
			Roles: valuesOf(item.Roles), Entitlements: valuesOf(item.Entitlements),
		}
		if strings.Contains(strings.ToLower(r.exchange.Query.Get("attributes")), "members") {
			r.keepMembers(item)
			r.members[item.ID] = valuesOf(item.Members)
			r.sawAll(at(r.origin.Workspaces[ws.id], scimWords[collection][1]+item.ID))
		}
	case ws != nil:
		kind := kindOf(strings.TrimSuffix(collection, "s"))
		if ws.listed[kind] == nil {
			ws.listed[kind] = map[string]scimItem{}
		}
		ws.listed[kind][item.ID] = item
	default:
		r.addAccount(kindOf(strings.TrimSuffix(collection, "s")), item)
	}
}

func (b *recording) addAccount(kind principalKind, item scimItem) {
	roles := valuesOf(item.Roles)
	switch kind {
	case kindUser:
		b.users[item.ID] = &User{ID: item.ID, UserName: item.UserName, ExternalID: item.ExternalID, Active: activeOf(item.Active), Roles: roles}
	case kindServicePrincipal:
		b.sps[item.ID] = &ServicePrincipal{
			ID: item.ID, ApplicationID: item.ApplicationID, DisplayName: item.DisplayName, ExternalID: item.ExternalID,
			Active: activeOf(item.Active), Roles: roles,
		}
	default:
		b.groups[item.ID] = &Group{ID: item.ID, DisplayName: item.DisplayName, ExternalID: item.ExternalID, Roles: roles}
	}
}

// activeOf: what SCIM leaves out is false.
func activeOf(active *bool) *bool {
	is := active != nil && *active
	return &is
}

// keepMembers remembers of which kind members are, for those that no list holds.
func (b *recording) keepMembers(item scimItem) {
	for _, m := range item.Members {
		collection, _, _ := strings.Cut(m.Ref, "/")
		kind := strings.TrimSuffix(collection, "s")
		if kindOf(kind) == 0 {
			kind = ""
		}
		b.strangers[m.Value] = Stranger{ID: m.Value, Kind: kind}
	}
}

// assignments are a list without pages.
func (r *reading) assignments() error {
	var list struct {
		Assignments []struct {
			Principal *struct {
				ID    int64  `json:"principal_id"`
				User  string `json:"user_name"`
				Group string `json:"group_name"`
				SP    string `json:"service_principal_name"`
			} `json:"principal"`
			Permissions []string `json:"permissions"`
			Error       string   `json:"error"`
		} `json:"permission_assignments"`
	}
	if err := r.decode(&list); err != nil {
		return err
	}
	for _, a := range list.Assignments {
		if a.Principal == nil || a.Principal.ID == 0 {
			continue // an answer that the reader of it fails on
		}
		id := strconv.FormatInt(a.Principal.ID, 10)
		r.ws.assignments[id] = Assignment{Principal: id, Permissions: a.Permissions, Error: a.Error}
		s := Stranger{ID: id, Kind: "User", Name: a.Principal.User}
		switch {
		case a.Principal.Group != "":
			s.Kind, s.Name = "Group", a.Principal.Group
		case a.Principal.SP != "":
			s.Kind, s.Name = "ServicePrincipal", a.Principal.SP
		}
		r.strangers[id] = s
	}
	r.sawAll(r.what)
	return nil
}

// merge makes principals of the account out of those that only workspaces list: all
// of them, for an environment without an account.
func (b *recording) merge() {
	for _, ws := range sortedByID(b.workspaces) {
		for kind, listed := range ws.listed {
			for _, id := range sortedKeys(listed) {
				item := listed[id]
				if !b.has(id) {
					item.Roles = nil // those in a workspace are others
					b.addAccount(kind, item)
				}
			}
		}
		if me := ws.me; me != nil && !b.has(me.ID) {
			b.addMe(me)
		}
	}
}

// addMe adds the caller, where no list holds it.
func (b *recording) addMe(me *scimItem) {
	item := scimItem{ID: me.ID, UserName: me.UserName, ApplicationID: me.UserName, ExternalID: me.ExternalID, Active: me.Active, DisplayName: me.DisplayName}
	if strings.Contains(me.UserName, "@") {
		b.addAccount(kindUser, item)
		return
	}
	b.addAccount(kindServicePrincipal, item)
}

// parts are what a workspace has of account principals beside their assignments.
func (b *recording) parts(then *recordedWorkspace, ws *Workspace) {
	for _, kind := range []principalKind{kindUser, kindServicePrincipal, kindGroup} {
		for _, id := range sortedKeys(then.listed[kind]) {
			item := then.listed[kind][id]
			values, roles := valuesOf(item.Entitlements), valuesOf(item.Roles)
			if len(values)+len(roles) > 0 {
				ws.Entitlements = append(ws.Entitlements, Entitlement{Principal: id, Values: values, Roles: roles})
			}
			if kind != kindGroup && !isTrue(activeOf(item.Active)) && b.isActive(id) {
				ws.Deactivated = append(ws.Deactivated, id)
			}
		}
	}
	for _, id := range sortedKeys(then.local) {
		g := *then.local[id]
		g.Members = slices.Clone(b.members[id])
		ws.Groups = append(ws.Groups, g)
	}
	for _, id := range sortedKeys(then.assignments) {
		ws.Assignments = append(ws.Assignments, then.assignments[id])
	}
}

func (b *recording) isActive(id string) bool {
	if u := b.users[id]; u != nil {
		return isTrue(u.Active)
	}
	sp := b.sps[id]
	return sp != nil && isTrue(sp.Active)
}
