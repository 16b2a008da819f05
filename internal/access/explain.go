package access

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Path is one way by which a principal has privileges on an object.
type Path struct {
	Privileges []string // what it gives of those that can be used, sorted
	Steps      []Step   // from the principal to what gives
	For        []string // of what is needed beside, usage privileges and being in a workspace: what needs it
	More       bool     // there are more ways than are listed to the group of the last step
}

// Step is one edge of a path: what a fact makes of a principal.
type Step struct {
	From string // the principal, or the group that it came by
	To   string // the group it is in; "" for the last step, which gives
	// Fact is the edge; the zero Fact where it goes without one, as being in account
	// users or having what admins have.
	Fact   plan.Fact
	Claims []plan.Claim // of the fact: why, by whom, until when; none: only live
	Above  string       // the folder, out of scope, that an object has it from
}

// manyPaths limits the ways through nested groups to one fact, of which a
// careless nesting can have any number.
const manyPaths = 100

// Explain lists every way by which a principal has what it effectively has on an
// object, and the usage privileges and workspaces that this needs. It lists nothing
// where the principal can do nothing.
func (a *Access) Explain(principal string, object plan.Key) []Path {
	who := a.find(principal)
	v, o := a.view([]int32{who}), a.at(object)
	b := paths{view: v, who: who, principal: principal, mine: map[int32]bool{}}
	for _, id := range a.identities(who) {
		b.mine[id] = true
	}
	for _, p := range a.privileges(o) {
		if v.can(o, p).empty() {
			continue
		}
		b.add(o, p, "")
		if o.key.Kind == kindGrants && !(p == manage && !v.ruling(o).empty()) {
			b.ways(o, p)
		}
	}
	b.workspaces(o)
	return b.list
}

// Doubts is what is not known and could mean more ways than Explain lists: of the
// object and the way to it, and the groups of whom nobody knows the members among
// those by which somebody has anything there.
func (a *Access) Doubts(principal string, about plan.Key) []Gap {
	who := a.find(principal)
	v, o := a.view([]int32{who}), a.at(about)
	var out []Gap
	seen := map[int32]bool{who: true}
	look := func(on *object, privilege string) {
		out = append(out, a.gaps(on, privilege)...)
		for _, g := range v.gifts(on, privilege) {
			out = append(out, a.unreadIn(g.who, seen)...)
		}
	}
	for _, p := range a.privileges(o) {
		look(o, p)
		if o.key.Kind != kindGrants {
			continue
		}
		for _, n := range v.needs(o, p) {
			look(n.on, n.privilege)
		}
	}
	slices.SortFunc(out, compareGaps)
	return slices.Compact(out)
}

// unreadIn are the groups in a principal, itself included, of whom nobody knows the
// members, other than those that were seen.
func (a *Access) unreadIn(who int32, seen map[int32]bool) []Gap {
	var out []Gap
	for queue := []int32{who}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		n := &a.nodes[at]
		if seen[at] || n.absent || n.person {
			continue
		}
		seen[at] = true
		if n.unread {
			out = append(out, Gap{a.groupKey(at), LackMembers})
		}
		queue = append(queue, n.members...)
	}
	return out
}

// paths collects the ways.
type paths struct {
	*view
	who       int32
	principal string
	mine      map[int32]bool
	list      []Path
}

// add lists the ways to a privilege; those of usage privileges say what for.
func (b *paths) add(o *object, privilege, purpose string) {
	for _, g := range b.gifts(o, privilege) {
		if g.to.empty() {
			continue
		}
		chains := b.chains(g.who)
		for _, chain := range chains {
			p := Path{Steps: append(chain, b.last(g)), More: len(chains) >= manyPaths}
			if purpose == "" {
				b.put(p, privilege)
				continue
			}
			b.put(p, privilege, purpose)
		}
	}
}

// put adds a privilege to the path of the same steps, or a new one.
func (b *paths) put(p Path, privilege string, purpose ...string) {
	i := slices.IndexFunc(b.list, func(o Path) bool { return (len(o.For) > 0) == (len(purpose) > 0) && sameSteps(o.Steps, p.Steps) })
	if i < 0 {
		i = len(b.list)
		b.list = append(b.list, p)
	}
	at := &b.list[i]
	at.Privileges = plan.Set(append(at.Privileges, privilege))
	at.For = plan.Set(append(at.For, purpose...))
}

func sameSteps(a, b []Step) bool {
	return slices.EqualFunc(a, b, func(a, b Step) bool {
		return a.From == b.From && a.To == b.To && a.Fact == b.Fact && a.Above == b.Above
	})
}

// last is the step that gives.
func (b *paths) last(g gift) Step {
	s := Step{From: b.nodes[g.who].token, Fact: g.fact, Above: g.from}
	if g.fact.Key.Kind == kindGroup {
		s.Fact = plan.Fact{} // what admins have
		return s
	}
	if g.from == "" {
		s.Claims = b.claims(g.fact)
	}
	return s
}

// ways lists the ways to the usage privileges that a privilege asks for.
func (b *paths) ways(o *object, privilege string) {
	for _, n := range b.needs(o, privilege) {
		if n.privilege == useCatalog || n.privilege == useSchema {
			b.add(n.on, n.privilege, privilege)
		}
	}
}

// workspaces lists the ways into the workspace of an object, or into those through
// which an isolated catalog is reached.
func (b *paths) workspaces(o *object) {
	var through []*place
	if o.workspace != nil && o.workspace.assigned && o.key.Kind != kindAssignment {
		through = append(through, o.workspace)
	}
	if c := o.catalog(); c != nil && c.isolated {
		for _, at := range c.bound {
			if at.workspace != nil {
				through = append(through, at.workspace)
			}
		}
	}
	var used []string
	for _, p := range b.list {
		used = append(used, p.Privileges...)
	}
	used = plan.Set(used)
	for _, p := range through {
		if len(used) == 0 || b.has(p.users).empty() {
			continue
		}
		chains := b.chains(p.users)
		for _, chain := range chains {
			b.put(Path{Steps: chain, More: len(chains) >= manyPaths}, permissionUser, used...)
		}
	}
}

// chains are the ways up from the principal to a group, each without going anywhere
// twice, shortest first.
func (b *paths) chains(to int32) [][]Step {
	if to == b.who {
		return [][]Step{nil}
	}
	var out [][]Step
	var down func(at int32, steps []Step, seen []int32)
	down = func(at int32, steps []Step, seen []int32) {
		if len(out) >= manyPaths {
			return
		}
		if at == b.everyone {
			out = append(out, reversed(append(slices.Clip(steps), Step{From: b.principal, To: b.nodes[at].token})))
			return
		}
		for _, m := range b.sorted(at) {
			if !b.mine[m] || slices.Contains(seen, m) {
				continue
			}
			for _, s := range b.memberships(at, m) {
				longer := append(slices.Clip(steps), s)
				if m == b.who {
					out = append(out, reversed(longer))
					continue
				}
				down(m, longer, append(slices.Clip(seen), m))
			}
		}
	}
	down(to, nil, []int32{to})
	slices.SortStableFunc(out, func(a, b []Step) int { return len(a) - len(b) })
	return out
}

func reversed(steps []Step) []Step {
	out := slices.Clone(steps)
	slices.Reverse(out)
	return out
}

// sorted are the members of a group by name.
func (a *Access) sorted(group int32) []int32 {
	out := slices.Clone(a.nodes[group].members)
	slices.SortFunc(out, func(x, y int32) int { return strings.Compare(a.nodes[x].token, a.nodes[y].token) })
	return slices.Compact(out)
}

// memberships are the steps from a member to its group: one for each fact that
// makes it one.
func (a *Access) memberships(group, member int32) []Step {
	steps := a.edges(group, member)
	for i := range steps {
		steps[i].Claims = a.claims(steps[i].Fact)
	}
	return steps
}

// edges are the memberships without their claims.
func (a *Access) edges(group, member int32) []Step {
	g, m := &a.nodes[group], &a.nodes[member]
	place := a.isPlace(group)
	if place && a.isPlace(member) && m.target == g.target {
		return []Step{{From: m.token, To: g.token}} // admins are users
	}
	facts := []plan.Fact{{Key: a.groupKey(group), Field: fieldMember, Value: m.token}}
	if place {
		assigned := plan.Fact{Key: plan.Key{Kind: kindAssignment, Target: g.target, Name: m.token}, Field: fieldPermission, Value: permissionUser}
		if a.places[g.target].admins == group {
			assigned.Value = permissionAdmin
		}
		facts = slices.DeleteFunc(append(facts, assigned), func(f plan.Fact) bool { return !a.holds(f) })
	}
	steps := make([]Step, len(facts))
	for i, f := range facts {
		steps[i] = Step{From: m.token, To: g.token, Fact: f}
	}
	return steps
}

// holds tells whether the state has a fact.
func (a *Access) holds(f plan.Fact) bool {
	r, ok := a.state.Get(f.Key)
	if !ok {
		return false
	}
	values, ok := r.Field(f.Field)
	if !ok && f.Field == fieldMember {
		values, _ = r.InContext(plan.ContextMember)
	}
	return values.Has(f.Value)
}

// claims are those of a fact, in the order of the repository.
func (a *Access) claims(f plan.Fact) []plan.Claim {
	var out []plan.Claim
	for _, c := range a.claimsOn(f.Key) {
		if c.Field == f.Field && c.Value == f.Value && a.inForce(c) {
			out = append(out, c)
		}
	}
	return out
}

func (a *Access) inForce(c plan.Claim) bool {
	return c.Want && c.Field != "" && c.Origin.InForce(a.now)
}
