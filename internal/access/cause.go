package access

import (
	"slices"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// A privilege is held where several things come together: somebody gives it, the way
// to it is open, the workspace may be entered. Who gains it lacked at least one of
// these before, who loses it lacks one afterwards. The facts that changed and make
// up those are the causes; other changes to the same object are not.

// part is one of the things that a privilege on an object takes.
type part struct {
	on        *object
	privilege string // on it; "" for being in a workspace
	holders   set
	gifts     []gift // what gives it; one without a fact is being in a group
}

// parts are all that a privilege on an object takes.
func (v *view) parts(o *object, privilege string) []part {
	var out []part
	if o.key.Kind == kindGrants {
		out = append(out, part{o, privilege, v.held(o, privilege), v.granting(o, privilege)})
		for _, n := range v.needs(o, privilege) {
			out = append(out, part{n.on, n.privilege, v.meets(n), v.granting(n.on, n.privilege)})
		}
		if c := o.catalog(); c != nil && c.isolated {
			out = append(out, v.bindings(c, privilege))
		}
		return out
	}
	given := part{on: o, privilege: privilege, gifts: v.gifts(o, privilege)}
	for _, g := range given.gifts {
		given.holders = or(given.holders, g.to)
	}
	out = append(out, given)
	if o.workspace != nil && o.workspace.assigned && o.key.Kind != kindAssignment && o.key.Kind != kindRoles {
		users := v.has(o.workspace.users)
		out = append(out, part{holders: users, gifts: []gift{{who: o.workspace.users, to: users}}})
	}
	return out
}

// granting are the gifts of a privilege, without the owners of what holds the object:
// see [view.rulers].
func (v *view) granting(o *object, privilege string) []gift {
	return slices.DeleteFunc(v.gifts(o, privilege), func(g gift) bool {
		return g.fact.Field == fieldOwner && (g.on != o || !v.ownerHas(o, privilege))
	})
}

// rulers is to manage something by owning it or what it is in, which takes no way.
func (v *view) rulers(o *object) part {
	out := part{holders: v.ruling(o)}
	for at := o; at != nil; at = at.in {
		if at.owner != nil && at.owner.who >= 0 {
			out.gifts = append(out.gifts, at.ownership(v))
		}
	}
	return out
}

// bindings is being in a workspace through which an isolated catalog is reached.
func (v *view) bindings(catalog *object, privilege string) part {
	out := part{holders: v.through(catalog, privilege)}
	for _, b := range catalog.bound {
		if b.workspace != nil && (b.writes || slices.Contains(reading, privilege)) {
			out.gifts = append(out.gifts, gift{who: b.workspace.users, to: v.has(b.workspace.users)})
		}
	}
	return out
}

// edge is a changed fact by which those behind a principal come to be in a group, or
// by which a principal comes to be at all.
type edge struct {
	move  plan.Move
	into  name
	about set
}

// causing finds the causes of effects in one direction.
type causing struct {
	with    *view                // of the state in which the principals have what they gain or lose
	lacking *view                // of the one in which they do not
	removed bool                 // whether they lose it
	moves   map[entryOf][]string // the changed values
	edges   map[int32][]edge     // by each principal, in with, that they lead to
	all     []edge               // every change, for what nothing in a way explains
}

// entryOf is a field of a resource.
type entryOf struct {
	key   plan.Key
	field string
}

// causing is set up once for each direction.
func (c *comparison) causing(r *reach, gained bool) *causing {
	f := &causing{with: c.after, lacking: c.before, removed: !gained, moves: map[entryOf][]string{}, edges: map[int32][]edge{}}
	if !gained {
		f.with, f.lacking = c.before, c.after
	}
	for _, ch := range r.changed {
		e := edge{plan.Move{Fact: ch.fact, Removed: ch.removed}, into(ch.fact), c.numbers(ch.about)}
		f.all = append(f.all, e)
		if ch.removed != f.removed {
			continue
		}
		at := entryOf{ch.fact.Key, ch.fact.Field}
		f.moves[at] = append(f.moves[at], ch.fact.Value)
		f.lead(e)
	}
	for _, fl := range r.flips {
		e := edge{fl.move, fl.who, c.numbers(fl.about)}
		f.all = append(f.all, e)
		if fl.move.Removed != f.removed {
			continue
		}
		f.lead(e)
		if fl.who.target == "" { // whoever can do nothing is not even in account users
			f.edges[f.with.everyone] = append(f.edges[f.with.everyone], e)
		}
	}
	for _, h := range r.hiding {
		f.all = append(f.all, edge{h.move, h.who, c.numbers(h.about)})
	}
	return f
}

// numbers are the principals of the comparison among these.
func (c *comparison) numbers(who []name) set {
	var out set
	for _, id := range who {
		out.add(c.number[id])
	}
	return out
}

// into is the group that a fact makes somebody a member of; the zero name for none.
func into(f plan.Fact) name {
	switch f.Key.Kind {
	case kindGroup:
		return name{f.Key.Target, "group:" + f.Key.Name}
	case kindAssignment:
		if f.Value == permissionAdmin {
			return name{f.Key.Target, admins}
		}
		return name{f.Key.Target, users}
	}
	return name{}
}

// lead notes an edge with every group that it leads to.
func (f *causing) lead(e edge) {
	n, ok := f.with.numbers[e.into]
	if !ok {
		return
	}
	seen := map[int32]bool{n: true}
	queue := []int32{n}
	for i := 0; i < len(queue); i++ {
		f.edges[queue[i]] = append(f.edges[queue[i]], e)
		for _, p := range f.with.nodes[queue[i]].parents {
			if !seen[p] {
				seen[p] = true
				queue = append(queue, p)
			}
		}
	}
}

// cause is why some principals gain or lose a privilege, and until when they have it
// at the latest, as far as the causes say.
type cause struct {
	moves []plan.Move
	ends  time.Time // zero: no end
}

// of explains that principals have a privilege on an object in one state only.
func (f *causing) of(k plan.Key, privilege string, who set) cause {
	var out cause
	have, lack := f.with.at(k), f.lacking.at(k)
	parts, lacking := f.with.parts(have, privilege), f.lacking.parts(lack, privilege)
	granted := who
	if k.Kind == kindGrants && privilege == manage {
		f.part(&out, f.with.rulers(have), f.lacking.rulers(lack), who)
		for _, p := range parts { // the others, and those who have it both ways
			granted = and(granted, p.holders)
		}
	}
	for i := range min(len(parts), len(lacking)) { // one that is not asked for there is not lacking
		if parts[i].on == nil { // to be in a workspace, rulers too need
			f.part(&out, parts[i], lacking[i], who)
			continue
		}
		f.part(&out, parts[i], lacking[i], granted)
	}
	if len(out.moves) == 0 {
		out.moves = f.otherwise(who)
	}
	return out
}

// otherwise is every change that is about some of the principals: what a name means
// has changed. Where there is none, more is known: who is in a workspace.
func (f *causing) otherwise(who set) []plan.Move {
	var about, out []plan.Move
	for _, e := range f.all {
		out = append(out, e.move)
		if !and(e.about, who).empty() {
			about = append(about, e.move)
		}
	}
	if len(about) > 0 {
		return about
	}
	return out
}

// part adds why some of the principals have one part in one state only.
func (f *causing) part(c *cause, have, lack part, who set) {
	newly := without(and(who, have.holders), lack.holders)
	if newly.empty() {
		return
	}
	var last lasting
	for _, g := range have.gifts {
		if to := and(g.to, newly); !to.empty() {
			f.gift(c, &last, have, g, to)
		}
	}
	c.ends = earlier(c.ends, last.until())
}

// gift adds what of one gift changed for those to whom it is new.
func (f *causing) gift(c *cause, last *lasting, p part, g gift, to set) {
	values := f.values(p, g)
	var own lasting
	for _, v := range values {
		m := plan.Move{Fact: plan.Fact{Key: g.fact.Key, Field: g.fact.Field, Value: v}, Removed: f.removed}
		c.moves = append(c.moves, m)
		own.add(f.ends(m.Fact))
	}
	ends, found := own.until(), len(values) > 0
	var edges lasting
	var joined set
	for _, e := range f.edges[g.who] {
		if in := without(and(e.about, to), f.members(e.into)); !in.empty() {
			found, joined = true, or(joined, in)
			c.moves = append(c.moves, e.move)
			edges.add(f.ends(e.move.Fact))
		}
	}
	if without(to, joined).empty() {
		ends = earlier(ends, edges.until()) // all of them have it by an edge
	}
	if found {
		last.add(ends)
	}
}

// values are the changed values of what gives that give the privilege.
func (f *causing) values(p part, g gift) []string {
	var out []string
	for _, v := range f.moves[entryOf{g.fact.Key, g.fact.Field}] {
		e := entry{who: g.who, values: []string{v}, from: g.from}
		if g.fact.Field == fieldOwner && v == g.fact.Value || p.privilege != "" && f.with.value(g.on, p.on, &e, p.privilege) != "" {
			out = append(out, v)
		}
	}
	return out
}

// members are those in a principal where something is lacking.
func (f *causing) members(id name) set {
	n, ok := f.lacking.numbers[id]
	if !ok {
		return nil
	}
	return f.lacking.has(n)
}

// ends is when the last entry that wants a fact ends.
func (f *causing) ends(fact plan.Fact) time.Time {
	var last lasting
	for _, c := range f.with.claims(fact) {
		last.add(c.Origin.Until)
	}
	return last.until()
}

// lasting is the latest of several ends, none of which may be zero, which is none.
type lasting struct {
	last    time.Time
	endless bool
}

func (l *lasting) add(until time.Time) {
	l.endless = l.endless || until.IsZero()
	if until.After(l.last) {
		l.last = until
	}
}

func (l *lasting) until() time.Time {
	if l.endless {
		return time.Time{}
	}
	return l.last
}

// earlier is the first of two ends.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
