package sandbox

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// problems collects what is wrong with a state, each with its place.
type problems struct {
	list []error
	// lax takes what a platform may have that the sandbox would not let in: levels
	// and privileges that it does not know yet, names that are there twice.
	lax bool
}

// strange reports what a sandbox would not have come to by itself.
func (p *problems) strange(place, format string, args ...any) {
	if !p.lax {
		p.addf(place, format, args...)
	}
}

func (p *problems) addf(place, format string, args ...any) {
	p.list = append(p.list, fmt.Errorf("%s: %s", place, fmt.Sprintf(format, args...)))
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return fmt.Errorf("sandbox state: %w", errors.Join(p.list...))
}

// normalise makes a state hold together: ids for all, references as ids, system
// groups, lists sorted. Doing it again changes nothing. The caller of a seed gets
// its administrator's rights here, once.
func (st *State) normalise() error {
	p := &problems{lax: st.Snapshot != nil}
	if st.Format != stateFormat {
		p.addf("format", "is %d, want %d", st.Format, stateFormat)
	}
	seeding := st.NextID == 0
	st.ensureSystemGroups(seeding)
	st.assignIDs(p)
	st.checkNames(p)
	if err := p.err(); err != nil {
		return err // references could not be told apart
	}
	st.resolveReferences(p)
	st.sort()
	if seeding {
		st.empower(p)
	}
	for _, check := range stateChecks {
		check(st, p)
	}
	st.sort()
	return p.err()
}

// nextNumeric is a numeric id that nothing in the state has.
func (st *State) nextNumeric() string {
	id := strconv.FormatInt(st.NextID, 10)
	st.NextID++
	return id
}

// uuidOf is a UUID that follows from the parts alone.
func uuidOf(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x-%x-4%03x-8%03x-%x", h[0:4], h[4:6],
		uint16(h[6])<<8>>4|uint16(h[7])>>4, uint16(h[8])<<8>>4|uint16(h[9])>>4, h[10:16])
}

// hexOf is n hexadecimal digits (at most 64) that follow from the parts alone.
func hexOf(n int, parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x", h)[:n]
}

// ensureSystemGroups adds the groups that the platform makes. In a seed, "users"
// and "admins" get the entitlements they have by default.
func (st *State) ensureSystemGroups(seeding bool) {
	ensure := func(groups *[]Group, name string, entitlements ...string) {
		i := slices.IndexFunc(*groups, func(g Group) bool { return g.DisplayName == name })
		if i < 0 {
			i = len(*groups)
			*groups = append(*groups, Group{DisplayName: name})
		}
		if g := &(*groups)[i]; seeding && g.Entitlements == nil {
			g.Entitlements = entitlements
		}
	}
	ensure(&st.Account.Groups, groupAccountUsers)
	for i := range st.Workspaces {
		ensure(&st.Workspaces[i].Groups, groupAdmins, adminEntitlements...)
		ensure(&st.Workspaces[i].Groups, groupUsers, entitlementSQL, entitlementWorkspace)
	}
}

// firstID is where numeric ids start in a seed that sets none.
const firstID = 100_000_000_001

// assignIDs gives ids to what has none, in the order of the document, and checks
// those that are there.
func (st *State) assignIDs(p *problems) {
	if st.Account.ID == "" {
		st.Account.ID = defaultAccountID
	}
	if st.Metastore.Name == "" {
		st.Metastore.Name = "main"
	}
	if st.Metastore.ID == "" {
		st.Metastore.ID = uuidOf("metastore", st.Account.ID, st.Metastore.Name)
	}
	slots := st.principalIDs()
	taken := map[string]string{}
	for _, s := range slots {
		if *s.id == "" {
			continue
		}
		if n, err := strconv.ParseInt(*s.id, 10, 64); err != nil || n <= 0 {
			p.addf(s.place, "id %q is not a number", *s.id)
		} else if other := taken[*s.id]; other != "" {
			p.addf(s.place, "id %s is already that of %s", *s.id, other)
		} else {
			st.NextID = max(st.NextID, n+1)
		}
		taken[*s.id] = s.place
	}
	st.NextID = max(st.NextID, firstID)
	for _, s := range slots {
		if *s.id == "" {
			*s.id = st.nextNumeric()
		}
	}
	for i := range st.Account.ServicePrincipals {
		if sp := &st.Account.ServicePrincipals[i]; sp.ApplicationID == "" {
			sp.ApplicationID = uuidOf("application", st.Account.ID, sp.ID)
		}
	}
	for i := range st.Workspaces {
		if ws := &st.Workspaces[i]; ws.ID == 0 {
			ws.ID = st.NextID
			st.NextID++
		}
	}
}

// slot is the id of one principal and where it stands.
type slot struct {
	id    *string
	place string
}

func (st *State) principalIDs() []slot {
	var slots []slot
	for i := range st.Account.Users {
		slots = append(slots, slot{&st.Account.Users[i].ID, fmt.Sprintf("account.users[%d]", i)})
	}
	for i := range st.Account.ServicePrincipals {
		slots = append(slots, slot{&st.Account.ServicePrincipals[i].ID, fmt.Sprintf("account.servicePrincipals[%d]", i)})
	}
	for i := range st.Account.Groups {
		slots = append(slots, slot{&st.Account.Groups[i].ID, fmt.Sprintf("account.groups[%d]", i)})
	}
	for w := range st.Workspaces {
		for i := range st.Workspaces[w].Groups {
			place := fmt.Sprintf("workspaces[%s].groups[%d]", st.Workspaces[w].Name, i)
			slots = append(slots, slot{&st.Workspaces[w].Groups[i].ID, place})
		}
	}
	return slots
}

// checkNames reports names that are missing or given twice.
func (st *State) checkNames(p *problems) {
	seen := map[string]bool{}
	once := func(place, scope, name string) {
		if name == "" {
			p.addf(place, "has no %s", scope)
		} else if seen[scope+"\x00"+name] {
			p.strange(place, "%s %q is there twice", scope, name)
		}
		seen[scope+"\x00"+name] = true
	}
	for i, u := range st.Account.Users {
		once(fmt.Sprintf("account.users[%d]", i), "userName", strings.ToLower(u.UserName))
	}
	for i, sp := range st.Account.ServicePrincipals {
		once(fmt.Sprintf("account.servicePrincipals[%d]", i), "applicationId", strings.ToLower(sp.ApplicationID))
	}
	for i, g := range st.Account.Groups {
		once(fmt.Sprintf("account.groups[%d]", i), "displayName", g.DisplayName)
		if len(g.Entitlements) > 0 {
			p.addf(fmt.Sprintf("account.groups[%d]", i), "account groups have entitlements only in a workspace's entitlements")
		}
	}
	for i, ws := range st.Workspaces {
		place := fmt.Sprintf("workspaces[%d]", i)
		once(place, "name", ws.Name)
		once(place, "workspace id", strconv.FormatInt(ws.ID, 10))
		for j, g := range ws.Groups {
			place := fmt.Sprintf("workspaces[%s].groups[%d]", ws.Name, j)
			once(place, "displayName in "+ws.Name, g.DisplayName)
			checkEntitlements(place, g.Entitlements, p)
		}
	}
}

func checkEntitlements(place string, values []string, p *problems) {
	for _, v := range values {
		if !slices.Contains(knownEntitlements, v) {
			p.strange(place, "unknown entitlement %q; known: %s", v, strings.Join(knownEntitlements, ", "))
		}
	}
}

// empower makes the caller of a seed account admin, admin of every workspace with
// a home there and, where the metastore has no owner, its owner.
func (st *State) empower(p *problems) {
	if st.Caller == "" {
		p.addf("caller", "is missing: name the user or the application id whose token is handed out")
		return
	}
	id := ""
	for i := range st.Account.Users {
		if u := &st.Account.Users[i]; strings.EqualFold(u.UserName, st.Caller) {
			id = u.ID
			u.Roles = withValue(u.Roles, roleAccountAdmin)
		}
	}
	for i := range st.Account.ServicePrincipals {
		if sp := &st.Account.ServicePrincipals[i]; strings.EqualFold(sp.ApplicationID, st.Caller) {
			id = sp.ID
			sp.Roles = withValue(sp.Roles, roleAccountAdmin)
		}
	}
	if id == "" {
		p.addf("caller", "%q is no user name and no application id of the account", st.Caller)
		return
	}
	for i := range st.Workspaces {
		st.Workspaces[i].assign(id, []string{permissionAdmin})
		st.Workspaces[i].share()
		st.Workspaces[i].addFolder(Object{Path: "/Users/" + st.Caller, Creator: id})
	}
	if st.Metastore.Owner == "" {
		st.Metastore.Owner = id
	}
}

// withValue is list with value in it once.
func withValue(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(slices.Clip(list), value)
}

// sort orders every list, so that equal worlds are equal documents.
func (st *State) sort() {
	byID := func(a, b Group) int { return compareIDs(a.ID, b.ID) }
	sortGroup := func(g *Group) {
		slices.Sort(g.Roles)
		slices.Sort(g.Entitlements)
		slices.SortFunc(g.Members, compareIDs)
		g.Members = slices.Compact(g.Members)
	}
	slices.SortFunc(st.Account.Users, func(a, b User) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(st.Account.ServicePrincipals, func(a, b ServicePrincipal) int { return compareIDs(a.ID, b.ID) })
	slices.SortFunc(st.Account.Groups, byID)
	for i := range st.Account.Users {
		slices.Sort(st.Account.Users[i].Roles)
	}
	for i := range st.Account.ServicePrincipals {
		slices.Sort(st.Account.ServicePrincipals[i].Roles)
	}
	for i := range st.Account.Groups {
		sortGroup(&st.Account.Groups[i])
	}
	sortGrants(st.Metastore.Grants)
	slices.SortStableFunc(st.Securables, func(a, b Securable) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name))
	})
	for i := range st.Securables {
		sortGrants(st.Securables[i].Grants)
		st.Securables[i].sortFiles()
	}
	for i := range st.Workspaces {
		ws := &st.Workspaces[i]
		slices.SortFunc(ws.Groups, byID)
		for j := range ws.Groups {
			sortGroup(&ws.Groups[j])
		}
		ws.sortRest()
	}
}

// sortRest orders a workspace's lists other than its groups. The workspaces
// themselves keep the order of the seed: the first one is the default.
func (ws *Workspace) sortRest() {
	slices.SortFunc(ws.Assignments, func(a, b Assignment) int { return compareIDs(a.Principal, b.Principal) })
	slices.SortFunc(ws.Entitlements, func(a, b Entitlement) int { return compareIDs(a.Principal, b.Principal) })
	for i := range ws.Entitlements {
		slices.Sort(ws.Entitlements[i].Values)
		slices.Sort(ws.Entitlements[i].Roles)
	}
	slices.SortFunc(ws.Deactivated, compareIDs)
	slices.SortStableFunc(ws.Objects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Path, b.Path), compareIDs(a.ID, b.ID))
	})
	for i := range ws.Objects {
		slices.SortStableFunc(ws.Objects[i].ACL, func(a, b ACLEntry) int {
			return cmp.Or(compareIDs(a.Principal, b.Principal), cmp.Compare(a.Level, b.Level))
		})
	}
}

func sortGrants(grants []Grant) {
	slices.SortStableFunc(grants, func(a, b Grant) int { return compareIDs(a.Principal, b.Principal) })
	for i := range grants {
		slices.Sort(grants[i].Privileges)
	}
}
