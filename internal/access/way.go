package access

import (
	"time"

	"github.com/brickgate/brickgate/plan"
)

// ways finds one way from each of many principals to what gives them something: of
// those that last longest a short one. It looks at each group once for all that are
// in it, and at each claim once.
type ways struct {
	*Access
	next   map[int32]map[int32]hop // by the giving principal: from each that is in it
	claims map[plan.Key]map[fieldValue][]plan.Claim
}

// hop is the first step of a way.
type hop struct {
	up   int32     // the group that comes next
	edge Step      // how
	ends time.Time // when the whole way has ended; zero: it does not
}

type fieldValue struct{ field, value string }

func newWays(a *Access) *ways {
	return &ways{a, map[int32]map[int32]hop{}, map[plan.Key]map[fieldValue][]plan.Claim{}}
}

// to is the way of a principal to a gift that it has.
func (w *ways) to(who int32, g gift) []Step {
	next := w.below(g.who)
	var steps []Step
	at := who
	for at != g.who {
		h, ok := next[at]
		if e, in := next[w.everyone]; !ok || in && later(e.ends, h.ends) { // being in account users takes no fact
			steps = append(steps, Step{From: w.nodes[at].token, To: w.nodes[w.everyone].token})
			at = w.everyone
			continue
		}
		s := h.edge
		s.Claims = w.claimsOf(s.Fact)
		steps = append(steps, s)
		at = h.up
	}
	last := Step{From: w.nodes[at].token, Fact: g.fact, Above: g.from}
	switch {
	case g.fact.Key.Kind == kindGroup:
		last.Fact = plan.Fact{} // what admins have
	case g.from == "":
		last.Claims = w.claimsOf(g.fact)
	}
	return append(steps, last)
}

// ends is when a principal no longer has a gift; zero: no end.
func (w *ways) ends(who int32, g gift) time.Time {
	var ends time.Time
	if g.from == "" && g.fact.Key.Kind != kindGroup {
		ends = w.factEnds(w.longest(g))
	}
	if who == g.who {
		return ends
	}
	next := w.below(g.who)
	h, ok := next[who]
	if e, in := next[w.everyone]; !ok || in && later(e.ends, h.ends) {
		h = e
	}
	return earlier(ends, h.ends)
}

// longest is the fact of a gift that lasts longest.
func (w *ways) longest(g gift) plan.Fact {
	best := g.fact
	for _, value := range g.also {
		f := g.fact
		f.Value = value
		if later(w.factEnds(f), w.factEnds(best)) {
			best = f
		}
	}
	return best
}

// below finds the ways of all in a group, the nearest first. A way that lasts longer
// takes the place of one that was found before.
func (w *ways) below(group int32) map[int32]hop {
	if next, ok := w.next[group]; ok {
		return next
	}
	next := map[int32]hop{}
	w.next[group] = next
	for queue := []int32{group}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if w.nodes[at].absent {
			continue
		}
		for _, m := range w.nodes[at].members {
			if m == group {
				continue
			}
			edge, ends := w.edge(at, m)
			ends = earlier(ends, next[at].ends)
			if old, seen := next[m]; !seen || later(ends, old.ends) {
				next[m] = hop{at, edge, ends}
				queue = append(queue, m)
			}
		}
	}
	return next
}

// edge is the membership that lasts longest.
func (w *ways) edge(group, member int32) (longest Step, ends time.Time) {
	for i, s := range w.edges(group, member) {
		if until := w.factEnds(s.Fact); i == 0 || later(until, ends) {
			longest, ends = s, until
		}
	}
	return longest, ends
}

// factEnds is when the last entry that wants a fact ends; zero: none does, or nobody
// wants it, or it is no fact.
func (w *ways) factEnds(f plan.Fact) time.Time {
	if f == (plan.Fact{}) {
		return time.Time{}
	}
	var last lasting
	for _, c := range w.claimsOf(f) {
		last.add(c.Origin.Until)
	}
	return last.until()
}

func (w *ways) claimsOf(f plan.Fact) []plan.Claim {
	of, ok := w.claims[f.Key]
	if !ok {
		of = map[fieldValue][]plan.Claim{}
		for _, c := range w.claimsOn(f.Key) {
			if w.inForce(c) {
				at := fieldValue{c.Field, c.Value}
				of[at] = append(of[at], c)
			}
		}
		w.claims[f.Key] = of
	}
	return of[fieldValue{f.Field, f.Value}]
}

// held is when a principal, the i-th of a view, no longer has a privilege that it
// has: for each thing that this takes, the last that gives it. Zero: no end.
func (w *ways) held(v *view, i int32, parts []part, rulers part) time.Time {
	var granting, entering time.Time
	granted := true
	for _, p := range parts {
		var last lasting
		for _, g := range p.gifts {
			if g.to.has(i) {
				last.add(w.ends(v.who[i], g))
			}
		}
		if p.on == nil { // to be in a workspace
			entering = earlier(entering, last.until())
			continue
		}
		granting = earlier(granting, last.until())
		granted = granted && p.holders.has(i)
	}
	var either lasting
	if granted {
		either.add(granting)
	}
	for _, g := range rulers.gifts {
		if g.to.has(i) {
			either.add(w.ends(v.who[i], g))
		}
	}
	return earlier(either.until(), entering)
}

// later tells whether an end comes after another one.
func later(a, b time.Time) bool {
	return !b.IsZero() && (a.IsZero() || a.After(b))
}
