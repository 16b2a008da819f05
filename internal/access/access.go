package access

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Access is the index of one state; see the package documentation for what it
// answers. It is read-only once made.
type Access struct {
	state    plan.State
	desired  plan.State // of With
	platform Platform
	now      time.Time

	nodes    []node
	numbers  map[name]int32 // into nodes
	everyone int32          // account users

	objects  []*object
	byKey    map[plan.Key]*object
	naming   [][]*object // by node: the objects whose entries or owners it is
	isolated []*object   // catalogs that bindings keep people out of
	places   map[string]*place
	open     bool // of OpenWays
}

// name is what tells principals apart: people and service principals have no
// target, groups are of the account or of a workspace.
type name struct{ target, token string }

// node is one principal.
type node struct {
	name
	members, parents []int32
	person           bool // user or service principal
	unread           bool // a group of which nobody knows the members
	absent           bool // inactive, or about to be deleted: it can do nothing
}

// place is a workspace of the state.
type place struct {
	users, admins int32
	assigned      bool // who is assigned to it is known
	objects       []*object
}

// New indexes a state, in time and memory linear in its facts. The resources of
// the state are shared and must not change. now decides which claims are about
// access that has ended, for those who ask why somebody has none.
func New(state plan.State, platform Platform, now time.Time) *Access {
	a := &Access{
		state: state, platform: platform, now: now,
		numbers: map[name]int32{}, byKey: map[plan.Key]*object{}, places: map[string]*place{},
	}
	a.everyone = a.node(account, accountUsers)
	a.nodes[a.everyone].unread = false
	all := state.All()
	for i := range all {
		a.principal(&all[i])
	}
	for i := range all {
		a.facts(&all[i])
	}
	a.hang()
	return a
}

// With is the same access, which explains its facts by the claims that a desired
// state has, where its own state has none: live facts come without.
func (a *Access) With(desired plan.State) *Access {
	b := *a
	b.desired = desired
	return &b
}

// OpenWays is the same access where every way that the state does not know is open:
// the USE_CATALOG on a catalog whose grants nobody read, and the workspaces to which
// one is bound. So what is granted behind it counts for those who have it.
func (a *Access) OpenWays() *Access {
	b := *a
	b.open = true
	return &b
}

// claimsOn are all claims on a resource, wherever they stand.
func (a *Access) claimsOn(key plan.Key) []plan.Claim {
	if r, ok := a.state.Get(key); ok && len(r.Claims) > 0 {
		return r.Claims
	}
	if r, ok := a.desired.Get(key); ok {
		return r.Claims
	}
	return nil
}

// node is the number of a principal, which is made if it is new.
func (a *Access) node(target, token string) int32 {
	id := name{target, token}
	group := plan.IsGroup(token)
	if !group {
		id.target = ""
	}
	n, ok := a.numbers[id]
	if !ok {
		n = int32(len(a.nodes))
		a.numbers[id] = n
		a.nodes = append(a.nodes, node{name: id, person: !group, unread: group})
		a.naming = append(a.naming, nil)
	}
	return n
}

// principal makes the principals that have resources of their own.
func (a *Access) principal(r *plan.Resource) {
	var n int32
	switch r.Key.Kind {
	case kindGroup:
		n = a.node(r.Key.Target, "group:"+r.Key.Name)
	case kindUser:
		n = a.node("", "user:"+r.Key.Name)
	case kindSP:
		n = a.node("", "sp:"+r.Key.Name)
	default:
		if t := r.Key.Target; t != account && t != metastore {
			a.place(t)
		}
		return
	}
	if f, ok := r.Field(fieldActive); ok && f.Has(inactive) || r.Presence == plan.Gone {
		a.nodes[n].absent = true
	}
}

func (a *Access) place(workspace string) *place {
	p := a.places[workspace]
	if p == nil {
		p = &place{users: a.node(workspace, users), admins: a.node(workspace, admins)}
		a.places[workspace] = p
		a.nodes[p.users].unread, a.nodes[p.admins].unread = false, false
		a.member(p.users, p.admins)
	}
	return p
}

// resolve is the principal that a name means in a place: in a workspace its own
// group where there is one, else the account's.
func (a *Access) resolve(target, token string) int32 {
	if target != metastore && plan.IsGroup(token) {
		if n, ok := a.numbers[name{target, token}]; ok {
			return n
		}
	}
	return a.node(account, token)
}

func (a *Access) member(group, member int32) {
	a.nodes[group].members = append(a.nodes[group].members, member)
	a.nodes[member].parents = append(a.nodes[member].parents, group)
}

// facts indexes what a resource gives.
func (a *Access) facts(r *plan.Resource) {
	switch r.Key.Kind {
	case kindGroup:
		a.membersOf(r)
	case kindAssignment:
		a.assignment(r)
	case kindGrants:
		o := a.object(r.Key)
		o.resource, o.read = r, r.Held == ""
		a.entries(o, r)
		a.securable(o, r)
	case kindOwner:
		o := a.object(plan.Key{Kind: kindGrants, Target: r.Key.Target, Name: r.Key.Name})
		f, ok := r.Field(fieldOwner)
		a.owned(o, r, f.Values, ok)
	case kindPermissions:
		o := a.object(r.Key)
		o.resource, o.read = r, r.Held == ""
		a.entries(o, r)
		a.inherited(o, r)
	case kindEntitlements, kindRoles:
		o := a.object(plan.Key{Kind: r.Key.Kind, Target: r.Key.Target})
		o.read = true
		for _, f := range r.Fields {
			a.entry(o, entry{who: a.resolve(r.Key.Target, r.Key.Name), fact: r.Key, field: f.Name, values: f.Values})
		}
	}
}

// membersOf reads the members of a group; where it is somebody else's, those that
// its context knows.
func (a *Access) membersOf(r *plan.Resource) {
	group := a.node(r.Key.Target, "group:"+r.Key.Name)
	f, ok := r.Field(fieldMember)
	if !ok {
		f, ok = r.InContext(plan.ContextMember)
	}
	if !ok {
		return
	}
	a.nodes[group].unread = false
	for _, token := range f.Values {
		if token != "" {
			a.member(group, a.resolve(r.Key.Target, token))
		}
	}
}

// assignment makes a principal a member of the workspace's users or admins.
func (a *Access) assignment(r *plan.Resource) {
	p, who := a.place(r.Key.Target), a.resolve(account, r.Key.Name)
	p.assigned = true
	f, _ := r.Field(fieldPermission)
	o := a.object(plan.Key{Kind: kindAssignment, Target: r.Key.Target})
	o.read = true
	a.entry(o, entry{who: who, fact: r.Key, field: f.Name, values: f.Values})
	switch {
	case f.Has(permissionAdmin):
		a.member(p.admins, who)
	case f.Has(permissionUser):
		a.member(p.users, who)
	}
}

// identities are the principals whose access somebody has, itself first; none for
// those who can do nothing. Whoever is not in the state is in account users.
func (a *Access) identities(who int32) []int32 {
	seen := map[int32]bool{}
	var out []int32
	visit := func(n int32) {
		if !seen[n] && !a.nodes[n].absent {
			seen[n] = true
			out = append(out, n)
		}
	}
	switch {
	case who < 0:
		visit(a.everyone)
	default:
		visit(who)
		if len(out) == 0 {
			return nil
		}
		if !a.isPlace(who) {
			visit(a.everyone)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, parent := range a.nodes[out[i]].parents {
			visit(parent)
		}
	}
	return out
}

// isPlace tells the users and admins of a workspace.
func (a *Access) isPlace(n int32) bool {
	p := a.places[a.nodes[n].target]
	return p != nil && (p.users == n || p.admins == n)
}

// find is the number of a principal, -1 for one whom the state does not name.
// Groups of a workspace are found where the account has none of the name.
func (a *Access) find(principal string) int32 {
	target := account
	if !plan.IsGroup(principal) {
		target = ""
	}
	if n, ok := a.numbers[name{target, principal}]; ok {
		return n
	}
	for _, w := range sortedKeys(a.places) {
		if n, ok := a.numbers[name{w, principal}]; ok {
			return n
		}
	}
	return -1
}

// Principals are all whom the state names, sorted; groups of workspaces stand
// among those of the account.
func (a *Access) Principals() []string {
	out := make([]string, 0, len(a.nodes))
	for i := range a.nodes {
		out = append(out, a.nodes[i].token)
	}
	return plan.Set(out)
}

// Objects are the keys of all that access can be asked about, sorted: those of
// grants and permissions, and of assignments, entitlements and roles without a
// name, for what principals are in a workspace and the account.
func (a *Access) Objects() []plan.Key {
	out := make([]plan.Key, 0, len(a.objects))
	for _, o := range a.objects {
		out = append(out, o.key)
	}
	slices.SortFunc(out, plan.Key.Compare)
	return out
}

// Has tells whether a key is among the Objects.
func (a *Access) Has(object plan.Key) bool { return a.byKey[object] != nil }

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}
