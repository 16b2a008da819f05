package access

import "github.com/brickgate/brickgate/plan"

// ways finds one shortest way from each of many principals to what gives them
// something. It looks at each group once for all that are in it, and at each claim
// once.
type ways struct {
	*Access
	next   map[int32]map[int32]int32 // by the giving principal: the group that comes next after each that is in it
	claims map[plan.Key]map[fieldValue][]plan.Claim
}

type fieldValue struct{ field, value string }

func newWays(a *Access) *ways {
	return &ways{a, map[int32]map[int32]int32{}, map[plan.Key]map[fieldValue][]plan.Claim{}}
}

// to is the way of a principal to a gift that it has.
func (w *ways) to(who int32, g gift) []Step {
	next, ok := w.next[g.who]
	if !ok {
		next = w.below(g.who)
		w.next[g.who] = next
	}
	var steps []Step
	at := who
	for at != g.who {
		up, ok := next[at]
		if !ok { // being in account users takes no fact
			steps = append(steps, Step{From: w.nodes[at].token, To: w.nodes[w.everyone].token})
			at = w.everyone
			continue
		}
		s := w.edges(up, at)[0]
		s.Claims = w.claimsOf(s.Fact)
		steps = append(steps, s)
		at = up
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

// below finds all in a group, the nearest first.
func (w *ways) below(group int32) map[int32]int32 {
	next := map[int32]int32{}
	queue := []int32{group}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if w.nodes[at].absent {
			continue
		}
		for _, m := range w.nodes[at].members {
			if _, seen := next[m]; !seen && m != group {
				next[m] = at
				queue = append(queue, m)
			}
		}
	}
	return next
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
