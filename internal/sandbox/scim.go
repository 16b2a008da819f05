package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// scimSurface is one of the three ways in, for one kind of principal.
type scimSurface struct {
	kind principalKind
	// account: the account's principals rather than a workspace's view of them.
	account bool
	// proxied: the account through a workspace's host, where workspace admins see
	// what account admins see.
	proxied bool
}

var listQuery = []string{"attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count"}

func (s *Server) scimRoutes() []route {
	routes := []route{{
		method: "GET", path: "/api/2.0/preview/scim/v2/Me", scim: true,
		query: []string{"attributes", "excludedAttributes"}, handle: scimMe,
	}}
	for _, kind := range []principalKind{kindUser, kindServicePrincipal, kindGroup} {
		plural := "/" + kind.scimName() + "s"
		routes = append(routes, scimSurface{kind: kind}.routes("/api/2.0/preview/scim/v2"+plural)...)
		account := scimSurface{kind: kind, account: true}
		routes = append(routes, account.routes("/api/2.0/accounts/{account}/scim/v2"+plural)...)
		account.proxied = true
		routes = append(routes, account.routes("/api/2.0/account/scim/v2"+plural)...)
	}
	return routes
}

// routes are the verbs of a surface. Those that answer with what they made index
// it themselves, to be able to show it.
func (f scimSurface) routes(path string) []route {
	one := path + "/{id}"
	routes := []route{
		{method: "GET", path: path, query: listQuery, handle: f.list},
		{method: "POST", path: path, handle: f.create, touches: touchesContents},
		{method: "GET", path: one, query: listQuery, handle: f.get},
		{method: "PUT", path: one, handle: f.put, touches: touchesContents},
		{method: "PATCH", path: one, handle: f.patch, touches: touchesContents},
		{method: "DELETE", path: one, handle: f.delete, touches: touchesPrincipals},
	}
	for i := range routes {
		routes[i].scim, routes[i].account = true, f.account
	}
	return routes
}

// level is the workspace that the surface is about; nil for the account.
func (f scimSurface) level(c *call) *Workspace {
	if f.account {
		return nil
	}
	return c.ws
}

// readsAll tells callers who see more than names and ids.
func (f scimSurface) readsAll(c *call) bool {
	if f.account && !f.proxied {
		return c.isAccountAdmin()
	}
	return c.isWorkspaceAdmin() || c.isAccountAdmin()
}

func (f scimSurface) mayWrite(c *call) error {
	if f.account && !c.isAccountAdmin() {
		return scimErrf(http.StatusForbidden, "", "%s is not an account admin.", c.caller.name)
	}
	if !f.account && !c.isWorkspaceAdmin() {
		return scimErrf(http.StatusForbidden, "", "Only workspace admins can manage %ss; %s is none in workspace %d.", f.kind.scimName(), c.caller.name, c.ws.ID)
	}
	return nil
}

// find is the principal of the path, if the level has it.
func (f scimSurface) find(c *call) (*principal, error) {
	id := c.params["id"]
	if !isNumber(id) {
		return nil, scimErrf(http.StatusNotFound, "", "Endpoint not supported.")
	}
	p := c.world.principals[id]
	if p == nil || p.stranger || p.kind != f.kind || f.account && p.workspace != 0 || !f.account && !c.world.isVisibleIn(c.ws, id) {
		return nil, scimErrf(http.StatusNotFound, "", "%s with id %s not found.", f.kind.scimName(), id)
	}
	return p, nil
}

func (f scimSurface) get(c *call) (any, error) {
	if err := f.mayAsk(c); err != nil {
		return nil, err
	}
	p, err := f.find(c)
	if err != nil {
		return nil, err
	}
	view := c.world.viewer(f.level(c)).view(p)
	f.show(c, &view, f.readsAll(c))
	return view, nil
}

// mayAsk refuses external ids to callers who are no admins.
func (f scimSurface) mayAsk(c *call) error {
	asked := strings.ToLower(c.query.Get("attributes") + " " + c.query.Get("filter"))
	if strings.Contains(asked, "externalid") && !f.readsAll(c) {
		return scimErrf(http.StatusForbidden, "", "Only admins can read externalId.")
	}
	return nil
}

// show cuts a view down to what was asked for and what the caller may see:
// callers who are no admins get names and ids, those who read all the rest too.
func (f scimSurface) show(c *call, view *scimView, all bool) {
	if !all {
		view.project("displayName", "")
	}
	if attributes, excluded := c.query.Get("attributes"), c.query.Get("excludedAttributes"); attributes+excluded != "" {
		view.project(attributes, excluded)
	}
}

func (f scimSurface) list(c *call) (any, error) {
	if err := f.mayAsk(c); err != nil {
		return nil, err
	}
	filter, err := parseFilter(c.query.Get("filter"))
	if err != nil {
		return nil, err
	}
	viewer := c.world.viewer(f.level(c))
	viewer.bare = f.account && !c.s.Knobs().MembersInAccountList && !strings.Contains(strings.ToLower(c.query.Get("filter")), "members")
	views := []scimView{}
	for _, p := range c.world.inOrder(f.kind) {
		if !viewer.shows(p) {
			continue
		}
		view := viewer.view(p)
		pass, err := filter(func(attribute string) ([]string, bool) { return view.values(f.kind, attribute) })
		if err != nil {
			return nil, err
		}
		if pass {
			views = append(views, view)
		}
	}
	if len(views) == 0 { // the filter's attributes are checked even so
		if _, err := filter(func(attribute string) ([]string, bool) { return (&scimView{}).values(f.kind, attribute) }); err != nil {
			return nil, err
		}
	}
	if err := f.order(c, views); err != nil {
		return nil, err
	}
	return f.listPage(c, views)
}

// inOrder is every principal of a kind by id, those of all workspaces included.
func (w *world) inOrder(kind principalKind) []*principal {
	var list []*principal
	for _, p := range w.principals {
		if p.kind == kind && !p.stranger {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *principal) int { return compareIDs(a.id, b.id) })
	return list
}

func (f scimSurface) order(c *call, views []scimView) error {
	sign := 1
	switch c.query.Get("sortOrder") {
	case "", "ascending":
	case "descending":
		sign = -1
	default:
		return scimErrf(http.StatusBadRequest, "invalidValue", "sortOrder is %q; known: ascending, descending", c.query.Get("sortOrder"))
	}
	attribute := strings.ToLower(c.query.Get("sortBy"))
	if attribute == "" {
		return nil
	}
	if _, ok := (&scimView{}).values(f.kind, attribute); !ok {
		return scimErrf(http.StatusBadRequest, "invalidValue", "sortBy: unknown attribute %q", c.query.Get("sortBy"))
	}
	key := func(view *scimView) string {
		texts, _ := view.values(f.kind, attribute)
		return strings.ToLower(strings.Join(texts, " "))
	}
	slices.SortStableFunc(views, func(a, b scimView) int { return sign * cmp.Compare(key(&a), key(&b)) })
	return nil
}

const (
	listSchema      = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	defaultSCIMPage = 10_000
)

type scimList struct {
	Schemas      []string   `json:"schemas"`
	TotalResults int        `json:"totalResults"`
	StartIndex   int        `json:"startIndex"`
	ItemsPerPage int        `json:"itemsPerPage"`
	Resources    []scimView `json:"Resources,omitempty"`
}

// listPage cuts the page out and echoes where it starts: clients go on from
// there until a page is empty.
func (f scimSurface) listPage(c *call, views []scimView) (any, error) {
	start, err := c.intQuery("startIndex", 1)
	if err != nil {
		return nil, err
	}
	count, err := c.intQuery("count", defaultSCIMPage)
	if err != nil {
		return nil, err
	}
	start, count = max(start, 1), max(count, 0)
	if limit := c.s.Knobs().PageSize; limit > 0 {
		count = min(count, limit)
	}
	lo := min(start-1, len(views))
	page := views[lo:min(lo+min(count, len(views)), len(views))]
	all := f.readsAll(c)
	for i := range page {
		if f.account && !c.s.Knobs().MembersInAccountList {
			page[i].Members = nil
		}
		f.show(c, &page[i], all)
	}
	return scimList{[]string{listSchema}, len(views), start, len(page), page}, nil
}

// scimMe is the caller in the workspace.
func scimMe(c *call) (any, error) {
	view := c.world.viewer(c.ws).view(c.world.principals[c.caller.id])
	if c.caller.kind == kindServicePrincipal {
		view.UserName = c.caller.name
	}
	view.project(c.query.Get("attributes"), c.query.Get("excludedAttributes"))
	return view, nil
}

func (f scimSurface) patch(c *call) (any, error) {
	if err := f.mayWrite(c); err != nil {
		return nil, err
	}
	p, err := f.find(c)
	if err != nil {
		return nil, err
	}
	var body struct {
		Schemas    []string        `json:"schemas"`
		Operations []scimOperation `json:"Operations"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.Operations) == 0 {
		return nil, unparsable("There are no Operations")
	}
	draft := c.world.load(f.level(c), p).clone()
	patch := &patcher{kind: f.kind, account: f.account, lenient: c.s.Knobs().LenientSCIM, draft: draft, display: func(id string) string {
		if member := c.world.principals[id]; member != nil {
			return member.shown()
		}
		return ""
	}}
	for _, op := range body.Operations {
		if err := patch.apply(op); err != nil {
			return nil, err
		}
	}
	return f.store(c, p, draft)
}

// put replaces all that the level can set: what the body leaves out is lost. What
// the level cannot set is left as it is where the body does not name it.
func (f scimSurface) put(c *call) (any, error) {
	if err := f.mayWrite(c); err != nil {
		return nil, err
	}
	p, err := f.find(c)
	if err != nil {
		return nil, err
	}
	body, err := f.decodeBody(c)
	if err != nil {
		return nil, err
	}
	old := c.world.load(f.level(c), p)
	draft := body.draft()
	draft.userName = firstNonEmpty(draft.userName, old.userName)
	draft.applicationID = firstNonEmpty(draft.applicationID, old.applicationID)
	switch {
	case f.account:
		draft.entitlements = old.entitlements
	case p.workspace == 0 || p.isSystem():
		draft.displayName = firstNonEmpty(draft.displayName, old.displayName)
		draft.externalID = firstNonEmpty(draft.externalID, old.externalID)
		if body.Members == nil {
			draft.members = old.members
		}
	}
	return f.store(c, p, draft)
}

// store commits a draft and answers with the principal as it is then.
func (f scimSurface) store(c *call, p *principal, draft *scimDraft) (any, error) {
	if err := c.commit(f.level(c), p, draft); err != nil {
		return nil, err
	}
	c.world.indexPrincipals()
	return c.world.viewer(f.level(c)).view(c.world.principals[p.id]), nil
}

func (f scimSurface) delete(c *call) (any, error) {
	if err := f.mayWrite(c); err != nil {
		return nil, err
	}
	p, err := f.find(c)
	if err != nil {
		return nil, err
	}
	switch {
	case p.isSystem():
		return nil, scimErrf(http.StatusForbidden, "", "Group %s is a system group and cannot be deleted.", p.name)
	case p.id == c.caller.id:
		return nil, scimErrf(http.StatusForbidden, "", "%s cannot delete itself.", p.name)
	case !f.account && p.workspace == 0 && p.kind == kindGroup:
		return nil, scimErrf(http.StatusForbidden, "", "Group %s is an account group and can only be managed in account.", p.name)
	case !f.account && p.workspace == 0:
		c.ws.forget(p.id) // the account keeps it
	default:
		c.world.erase(p)
	}
	c.status = http.StatusNoContent
	return nil, nil
}

// erase deletes a principal and its memberships and assignments everywhere. Its
// grants and ACL entries stay behind as orphans.
func (w *world) erase(p *principal) {
	id := p.id
	account := &w.state.Account
	for i := range account.Groups {
		account.Groups[i].Members = without(account.Groups[i].Members, id)
	}
	for i := range w.state.Workspaces {
		ws := &w.state.Workspaces[i]
		ws.forget(id)
		if ws.ID == p.workspace {
			ws.Groups = slices.DeleteFunc(ws.Groups, func(g Group) bool { return g.ID == id })
		}
	}
	account.Users = slices.DeleteFunc(account.Users, func(u User) bool { return u.ID == id })
	account.ServicePrincipals = slices.DeleteFunc(account.ServicePrincipals, func(sp ServicePrincipal) bool { return sp.ID == id })
	account.Groups = slices.DeleteFunc(account.Groups, func(g Group) bool { return g.ID == id })
}
