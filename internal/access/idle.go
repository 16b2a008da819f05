package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// idle lists the changed facts that change nothing for anybody behind them.
func (c *comparison) idle(changed []changedFact) []Idle {
	var out []Idle
	for _, f := range changed {
		who := c.numbers(f.about)
		if c.moves(f.fact, who) {
			continue
		}
		v := c.after // what is left of what was taken
		if !f.removed {
			v = c.before
		}
		out = append(out, Idle{Fact: f.fact, Removed: f.removed, Through: c.through(v, f.fact, who), Who: c.first(f, who)})
	}
	slices.SortStableFunc(out, func(a, b Idle) int { return compareFacts(a.Fact, b.Fact) })
	return out
}

// first are the first of those behind a fact who can do anything in the state that has
// it.
func (c *comparison) first(f changedFact, who set) []string {
	a := c.after
	if f.removed {
		a = c.before
	}
	var out []string
	who.all(func(i int32) {
		if n := a.who[i]; n >= 0 && !a.nodes[n].absent && len(out) < sample {
			out = append(out, c.who[i].token)
		}
	})
	return out
}

func compareFacts(a, b plan.Fact) int {
	return cmp.Or(a.Key.Compare(b.Key), strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value))
}

func compareMoves(a, b plan.Move) int {
	switch c := compareFacts(a.Fact, b.Fact); {
	case c != 0 || a.Removed == b.Removed:
		return c
	case a.Removed:
		return 1
	}
	return -1
}

// moves tells whether somebody behind a fact gains or loses what it is about.
func (c *comparison) moves(f plan.Fact, who set) bool {
	key := f.Key
	switch key.Kind {
	case kindGroup, kindAssignment:
		return !and(c.anywhere, who).empty()
	case kindOwner:
		key.Kind = kindGrants
	case kindEntitlements, kindRoles:
		key.Name = ""
	}
	for p, s := range c.moved[key] {
		if c.about(f, p) && !and(s, who).empty() {
			return true
		}
	}
	return false
}

// about tells whether a fact on an object gives a privilege or level there.
func (c *comparison) about(f plan.Fact, privilege string) bool {
	switch f.Key.Kind {
	case kindGrants:
		return gives(&entry{values: []string{f.Value}}, privilege)
	case kindPermissions:
		typ, _, _ := strings.Cut(f.Key.Name, "/")
		return c.before.platform.Includes(typ, f.Value, privilege)
	}
	return true
}

// through are the other facts of a state by which somebody has what a fact gives.
func (c *comparison) through(v *view, f plan.Fact, who set) []plan.Fact {
	var out []plan.Fact
	for _, o := range c.given(v, f) {
		for _, p := range v.privileges(o) {
			if !c.about(f, p) || and(v.can(o, p), who).empty() {
				continue
			}
			for _, g := range v.gifts(o, p) {
				if g.fact != f && !and(g.to, who).empty() {
					out = append(out, g.fact)
				}
			}
		}
	}
	slices.SortFunc(out, compareFacts)
	out = slices.Compact(out)
	return out[:min(len(out), sample)]
}

// given are the objects that a fact is about: of a membership, those on which the
// group has anything.
func (c *comparison) given(v *view, f plan.Fact) []*object {
	switch f.Key.Kind {
	case kindGroup:
		n, ok := v.numbers[name{f.Key.Target, "group:" + f.Key.Name}]
		if !ok {
			return nil
		}
		var out []*object
		for _, id := range v.identities(n) {
			if id != v.everyone {
				out = append(out, v.naming[id]...)
			}
		}
		return out[:min(len(out), sample)]
	case kindOwner:
		return []*object{v.at(plan.Key{Kind: kindGrants, Target: f.Key.Target, Name: f.Key.Name})}
	case kindAssignment, kindEntitlements, kindRoles:
		return []*object{v.at(plan.Key{Kind: f.Key.Kind, Target: f.Key.Target})}
	}
	return []*object{v.at(f.Key)}
}
