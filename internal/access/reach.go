package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// reach collects what a change of resources can touch: the principals that the
// changed facts are about, and the objects to which these lead.
type reach struct {
	before, after *Access
	who           map[name]bool
	objects       map[plan.Key]bool
	changed       []changedFact
	flips         []flip
	hiding        []flip // groups of a workspace that come or go, and with them what their name means
}

// flip is a principal that can do nothing in one of the states, and what it can in
// the other one.
type flip struct {
	move  plan.Move
	who   name
	about []name
}

// changedFact is a value that one of the states has and the other has not.
type changedFact struct {
	fact    plan.Fact
	removed bool
	about   []name // the principals behind it
}

func newReach(before, after *Access) *reach {
	return &reach{before: before, after: after, who: map[name]bool{}, objects: map[plan.Key]bool{}}
}

func (r *reach) both() [2]*Access { return [2]*Access{r.before, r.after} }

// resource adds what one resource touches.
func (r *reach) resource(k plan.Key) {
	had, has := r.before.resource(k), r.after.resource(k)
	for _, removed := range []bool{true, false} {
		from, to := had, has
		if !removed {
			from, to = has, had
		}
		for _, f := range from.Fields {
			other, _ := to.Field(f.Name)
			for _, v := range f.Values {
				if !other.Has(v) {
					r.fact(plan.Fact{Key: k, Field: f.Name, Value: v}, removed)
				}
			}
		}
	}
	if !slices.EqualFunc(had.Context, has.Context, func(a, b plan.Field) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }) {
		r.everybody() // an owner, a binding, members: seldom, and never by a change of ours
	}
	switch k.Kind {
	case kindGrants:
		r.objects[k] = true
	case kindOwner:
		r.owners(plan.Key{Kind: kindGrants, Target: k.Target, Name: k.Name})
	case kindPermissions:
		r.objects[k] = true
		if r.before.reads(k) != r.after.reads(k) {
			r.folder(k)
		}
	case kindAssignment:
		r.objects[plan.Key{Kind: k.Kind, Target: k.Target}] = true
		r.leads(name{k.Target, users})
		r.leads(name{k.Target, admins})
		if r.before.knows(k.Target) != r.after.knows(k.Target) {
			r.everybody()
		}
	case kindEntitlements, kindRoles:
		r.objects[plan.Key{Kind: k.Kind, Target: k.Target}] = true
	default:
		r.principal(k)
	}
}

// reads tells whether the state has the ACL of an object.
func (a *Access) reads(k plan.Key) bool {
	o := a.byKey[k]
	return o != nil && o.resource != nil && o.read
}

// folder adds all that may inherit from a folder which one of the states lacks: what
// it gives is among their own entries there.
func (r *reach) folder(k plan.Key) {
	r.everybody()
	for _, a := range r.both() {
		if p := a.places[k.Target]; p != nil {
			for _, o := range p.objects {
				r.objects[o.key] = true
			}
		}
	}
}

// knows tells whether the state knows who is assigned to a workspace.
func (a *Access) knows(workspace string) bool {
	p := a.places[workspace]
	return p != nil && p.assigned
}

// owners adds a securable and who owns it in either state, be it by its context.
func (r *reach) owners(k plan.Key) {
	r.objects[k] = true
	for _, a := range r.both() {
		if o := a.byKey[k]; o != nil && o.owner != nil && o.owner.who >= 0 {
			r.behind(a.nodes[o.owner.who].name)
		}
	}
}

// resource is the one of a key, an empty one if there is none.
func (a *Access) resource(k plan.Key) *plan.Resource {
	if r, ok := a.state.Get(k); ok {
		return r
	}
	return &plan.Resource{Key: k}
}

// principal adds where a principal leads. One that comes, goes, or of which the
// members are read in one of the states only, is all who are in it.
func (r *reach) principal(k plan.Key) {
	token := "group:" + k.Name
	switch k.Kind {
	case kindUser:
		k.Target, token = "", "user:"+k.Name
	case kindSP:
		k.Target, token = "", "sp:"+k.Name
	}
	id := name{k.Target, token}
	r.leads(id)
	var nodes [2]node
	var there [2]bool
	for i, a := range r.both() {
		if n, ok := a.numbers[id]; ok {
			nodes[i], there[i] = a.nodes[n], true
		}
	}
	if hidden := (name{account, token}); there[0] != there[1] && id != hidden && k.Kind == kindGroup {
		r.leads(hidden) // what names of the account's group mean in the workspace
		r.hiding = append(r.hiding, flip{plan.Move{Fact: plan.Fact{Key: k}, Removed: there[0]}, id, append(r.behind(hidden), r.behind(id)...)})
	}
	if nodes[0].absent != nodes[1].absent || nodes[0].unread != nodes[1].unread {
		about := r.behind(id)
		r.leads(name{account, accountUsers}) // who can do nothing is not even one of them
		if nodes[0].absent != nodes[1].absent {
			r.flips = append(r.flips, flip{r.flipped(k, nodes[1].absent), id, about})
		}
	}
}

// flipped is the change by which a principal comes to be, or is no more.
func (r *reach) flipped(k plan.Key, removed bool) plan.Move {
	for _, a := range r.both() {
		if res, ok := a.state.Get(k); ok && res.Presence == plan.Gone {
			return plan.Move{Fact: plan.Fact{Key: k}, Removed: removed}
		}
	}
	return plan.Move{Fact: plan.Fact{Key: k, Field: fieldActive, Value: "true"}, Removed: removed}
}

// fact adds the principals that a changed fact is about.
func (r *reach) fact(f plan.Fact, removed bool) {
	token, target := f.Field, f.Key.Target
	switch f.Key.Kind {
	case kindGroup, kindOwner:
		token = f.Value
	case kindAssignment:
		token, target = f.Key.Name, account // local groups are not assigned
	case kindEntitlements, kindRoles:
		token = f.Key.Name
	}
	if f.Key.Kind == kindUser || f.Key.Kind == kindSP || !plan.IsPrincipal(token) {
		return // who is active is not a fact about others
	}
	r.changed = append(r.changed, changedFact{f, removed, r.behind(r.meant(target, token))})
}

// meant is the principal that a name means, in either state.
func (r *reach) meant(target, token string) name {
	for _, a := range r.both() {
		if id := (name{target, token}); plan.IsGroup(token) && target != metastore {
			if _, ok := a.numbers[id]; ok {
				return id
			}
		}
	}
	if plan.IsGroup(token) {
		return name{account, token}
	}
	return name{"", token}
}

// behind adds everybody who is, or is in, a principal, in either state.
func (r *reach) behind(id name) []name {
	var out []name
	for _, a := range r.both() {
		n, ok := a.numbers[id]
		if !ok {
			continue
		}
		for _, m := range a.within(n) {
			out = append(out, a.nodes[m].name)
			r.who[a.nodes[m].name] = true
		}
	}
	return out
}

// within are those of everybody who are in a principal, active or not.
func (a *Access) within(who int32) []int32 {
	seen := map[int32]bool{who: true}
	queue := []int32{who}
	var out []int32
	for i := 0; i < len(queue); i++ {
		n := &a.nodes[queue[i]]
		if queue[i] == a.everyone {
			return a.everybody()
		}
		if n.person || n.unread && !n.absent {
			out = append(out, queue[i])
		}
		for _, m := range n.members {
			if !seen[m] {
				seen[m] = true
				queue = append(queue, m)
			}
		}
	}
	return out
}

func (r *reach) everybody() {
	for _, a := range r.both() {
		for _, n := range a.everybody() {
			r.who[a.nodes[n].name] = true
		}
	}
}

// leads adds the objects on which a principal, or what it is in, has anything.
func (r *reach) leads(id name) {
	for _, a := range r.both() {
		n, ok := a.numbers[id]
		if !ok {
			continue
		}
		seen := map[int32]bool{n: true}
		queue := []int32{n}
		for i := 0; i < len(queue); i++ {
			at := queue[i]
			for _, o := range a.naming[at] {
				r.objects[o.key] = true
			}
			if a.isPlace(at) {
				r.workspace(a, at)
			}
			for _, p := range a.nodes[at].parents {
				if !seen[p] {
					seen[p] = true
					queue = append(queue, p)
				}
			}
		}
	}
}

// workspace adds all that depends on who is in a workspace.
func (r *reach) workspace(a *Access, place int32) {
	for _, o := range a.places[a.nodes[place].target].objects {
		r.objects[o.key] = true
	}
	for _, c := range a.isolated {
		r.objects[c.key] = true
	}
}

// comparison is ready to compare what was collected.
func (r *reach) comparison() *comparison {
	c := &comparison{touched: r.objects, leading: map[plan.Key]bool{}, moved: map[plan.Key]map[string]set{}}
	for id := range r.who {
		c.who = append(c.who, id)
	}
	slices.SortFunc(c.who, func(a, b name) int {
		return cmp.Or(strings.Compare(a.token, b.token), strings.Compare(a.target, b.target))
	})
	c.before, c.after = r.before.viewOf(c.who), r.after.viewOf(c.who)
	c.number = make(map[name]int32, len(c.who))
	for i, id := range c.who {
		c.number[id] = int32(i)
		if id.target == "" {
			c.persons.add(int32(i))
		}
	}
	for k := range r.objects {
		for _, a := range r.both() {
			for o := a.at(k); o != nil; o = o.in {
				c.leading[o.key] = true
			}
		}
	}
	return c
}

// viewOf is a view of principals of another state too; those who are new to this
// one are in account users alone.
func (a *Access) viewOf(who []name) *view {
	nodes := make([]int32, len(who))
	for i, id := range who {
		n, ok := a.numbers[id]
		if !ok {
			n = -1
		}
		nodes[i] = n
	}
	return a.view(nodes)
}
