package sandbox

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

func (s *Server) grantRoutes() []route {
	type form struct{ path, size string }
	var routes []route
	for _, f := range []form{{"permissions", "max_results"}, {"privilege-assignments", "page_size"}} {
		query := []string{"principal", "page_token", f.size}
		handler := grantReader{size: f.size}
		routes = append(routes,
			route{method: "GET", path: ucBase + f.path + "/{type}/{name}", query: query, handle: handler.direct},
			route{method: "GET", path: ucBase + "effective-" + f.path + "/{type}/{name}", query: query, handle: handler.effective})
	}
	shares := ucBase + "shares/{name}/permissions"
	return append(routes,
		route{method: "PATCH", path: ucBase + "permissions/{type}/{name}", handle: updateGrants, touches: touchesContents},
		route{method: "GET", path: shares, query: []string{"page_token", "max_results"}, handle: grantReader{size: "max_results"}.direct},
		route{method: "PATCH", path: shares, handle: updateGrants, touches: touchesContents})
}

// grantTarget is what grants stand on: a securable, or the metastore.
type grantTarget struct {
	t      *securableType
	name   string
	sec    *Securable // nil for the metastore
	grants *[]Grant
}

// grantTarget is what the path names.
func (c *call) grantTarget() (grantTarget, error) {
	kind := strings.ToLower(firstNonEmpty(c.params["type"], "share"))
	name := c.params["name"]
	if st := c.world.state; kind == "metastore" {
		t := securableTypeOf(kind)
		if name != st.Metastore.ID {
			return grantTarget{}, t.doesNotExist(name)
		}
		return grantTarget{t: t, name: name, grants: &st.Metastore.Grants}, nil
	}
	var firstErr error
	for i := range securableTypes {
		t := &securableTypes[i]
		if cmp.Or(t.grantsAs, t.name) != kind {
			continue
		}
		sec, err := c.world.securable(t, name)
		if err == nil {
			return grantTarget{t: t, name: sec.Name, sec: sec, grants: &sec.Grants}, nil
		}
		firstErr = cmp.Or(firstErr, err)
	}
	if firstErr == nil {
		firstErr = badValue("%q is not a securable type; known: %s", kind, securableTypeNames())
	}
	return grantTarget{}, firstErr
}

// seesAll tells who is shown the grants of others.
func (c *call) seesAll(target grantTarget) bool {
	u := c.uc()
	if target.sec == nil {
		return u.admin
	}
	return u.manages(target.sec)
}

// grantReader answers the two generations of reads, which name the page size
// differently.
type grantReader struct{ size string }

type assignment struct {
	Principal string `json:"principal"`
	// PrincipalID is sent for principals that are gone: they have no name any more.
	PrincipalID int64 `json:"principal_id,omitempty"`
	Privileges  any   `json:"privileges"`
}

type assignments struct {
	PrivilegeAssignments []assignment `json:"privilege_assignments,omitempty"`
	NextPageToken        string       `json:"next_page_token,omitempty"`
}

func (r grantReader) direct(c *call) (any, error) {
	target, err := c.grantTarget()
	if err != nil {
		return nil, err
	}
	return r.answer(c, target, c.showGrants(target))
}

func (r grantReader) effective(c *call) (any, error) {
	target, err := c.grantTarget()
	if err != nil {
		return nil, err
	}
	return r.answer(c, target, c.showEffective(target))
}

// showGrants is the direct grants, by principal and privilege.
func (c *call) showGrants(target grantTarget) []assignment {
	var all []assignment
	for _, g := range *target.grants {
		privileges := slices.Sorted(slices.Values(g.Privileges))
		all = append(all, c.assignment(g.Principal, privileges))
	}
	return c.shown(target, all)
}

func (c *call) assignment(id string, privileges any) assignment {
	a := assignment{Principal: c.ucName(id), Privileges: privileges}
	a.PrincipalID, _ = strconv.ParseInt(id, 10, 64) // principals in the state are numbers
	return a
}

// shown orders grants, leaves out what the caller may not see, and the ids of
// principals that have a name.
func (c *call) shown(target grantTarget, all []assignment) []assignment {
	if !c.seesAll(target) {
		mine := c.world.identities(c.caller.id)
		all = slices.DeleteFunc(all, func(a assignment) bool { return !mine[strconv.FormatInt(a.PrincipalID, 10)] })
	}
	slices.SortFunc(all, func(a, b assignment) int {
		return cmp.Or(cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.PrincipalID, b.PrincipalID))
	})
	for i := range all {
		if all[i].Principal != "" {
			all[i].PrincipalID = 0
		}
	}
	return all
}

type effectivePrivilege struct {
	Privilege         string `json:"privilege"`
	InheritedFromType string `json:"inherited_from_type,omitempty"`
	InheritedFromName string `json:"inherited_from_name,omitempty"`
}

// showEffective is the direct grants and, of those on what the securable is in,
// the ones that apply to it. BROWSE is not reported as inherited.
func (c *call) showEffective(target grantTarget) []assignment {
	byPrincipal := map[string][]effectivePrivilege{}
	for _, g := range *target.grants {
		for _, p := range slices.Sorted(slices.Values(g.Privileges)) {
			byPrincipal[g.Principal] = append(byPrincipal[g.Principal], effectivePrivilege{Privilege: p})
		}
	}
	if target.sec != nil {
		applicable := target.t.privilegesOf(target.sec.TableType)
		for _, above := range c.world.chain(target.sec)[1:] {
			for _, g := range above.Grants {
				for _, p := range slices.Sorted(slices.Values(g.Privileges)) {
					if p != privBrowse && slices.Contains(applicable, p) {
						byPrincipal[g.Principal] = append(byPrincipal[g.Principal], effectivePrivilege{p, strings.ToUpper(above.Type), above.Name})
					}
				}
			}
		}
	}
	var all []assignment
	for _, id := range sortedKeys(byPrincipal) {
		all = append(all, c.assignment(id, byPrincipal[id]))
	}
	return c.shown(target, all)
}

const (
	grantPageMin    = 150
	grantPageServer = 1000
)

// answer filters by principal and cuts the page. On Azure the order within a page
// is random, and another one for each request.
func (r grantReader) answer(c *call, target grantTarget, all []assignment) (any, error) {
	if name := c.query.Get("principal"); name != "" {
		p, err := c.ucPrincipal(name)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(a assignment) bool { return a.Principal != c.ucName(p.id) })
	}
	size, err := c.intQuery(r.size, 0)
	if err != nil {
		return nil, err
	}
	if size < 0 || size > 0 && size < grantPageMin {
		return nil, badValue("%s must be 0 or at least %d, got %d", r.size, grantPageMin, size)
	}
	cut := pages{size: r.size, def: grantPageServer, max: grantPageServer, mayBeEmpty: true}
	lo, hi, next, err := c.ucPage(len(all), cut, r.size == "max_results")
	if err != nil {
		return nil, err
	}
	page := slices.Clone(all[lo:hi])
	if c.s.Knobs().cloud() == "azure" {
		order := rand.New(rand.NewPCG(uint64(c.serial), uint64(len(target.name))))
		order.Shuffle(len(page), func(i, j int) { page[i], page[j] = page[j], page[i] })
	}
	return assignments{page, next}, nil
}

// ucPage is page for the lists of Unity Catalog, where 0 asks for the server's
// own page size. With wholeByDefault, a request that says no size gets everything
// at once.
func (c *call) ucPage(n int, p pages, wholeByDefault bool) (lo, hi int, next string, err error) {
	switch c.query.Get(p.size) {
	case "":
		if wholeByDefault {
			p.def, p.max = 0, 0
			p.mayBeEmpty = p.mayBeEmpty && c.s.Knobs().PageSize > 0
		}
	case "0":
		c.query.Set(p.size, strconv.Itoa(p.max))
	}
	return c.page(n, p)
}
