package plan

import (
	"slices"
	"time"
)

// Ending says of which entries the time is over, and what that may not take.
type Ending struct {
	Now time.Time
	// Covers tells whether whoever has one value of an entry needs no other, as
	// ALL_PRIVILEGES gives SELECT. nil: no value covers another.
	Covers func(k Key, value, other string) bool
	// Keeps tells whether a fact stays although its entries have ended. nil: none does.
	Keeps func(c *Change, f Fact) bool
}

// OnlyEnded leaves of the plan's changes what takes away access of which every
// entry has ended, and of the rest nothing: no additions, creates and deletes, and
// no removal of what is absent, undeclared or renamed. Where less than what has
// ended is still wanted of the same entry, it takes the place of the more. It is
// for a plan that has not been ordered yet.
func OnlyEnded(p *Plan, e Ending) {
	var kept []Change
	for i := range p.Changes {
		c := p.Changes[i]
		if c.Action == Update && e.reduce(&c) {
			kept = append(kept, c)
		}
	}
	p.Changes, p.Unmanaged, p.Ended = kept, nil, true
}

// reduce rewrites the change's after; false if nothing is left of the change.
func (e Ending) reduce(c *Change) bool {
	var after []Field
	takes := false
	walkFields(c.Before, c.After, func(name string, before, then []string) {
		left := e.left(c, name, before, then)
		takes = takes || !slices.Equal(left, before)
		if len(left) > 0 {
			after = append(after, Field{name, left})
		}
	})
	c.After = after
	return takes
}

// left is what stays of a field that the whole plan would change to then.
func (e Ending) left(c *Change, field string, before, then []string) []string {
	wanted := minus(then, before)
	var gone, less []string
	for _, v := range minus(before, then) {
		enough := func(w string) bool { return e.covers(c.Key, w, v) }
		f := Fact{c.Key, field, v}
		if c.hasEnded(f, e.Now) && !slices.ContainsFunc(wanted, enough) && (e.Keeps == nil || !e.Keeps(c, f)) {
			gone = append(gone, v)
		}
	}
	for _, w := range wanted {
		if slices.ContainsFunc(gone, func(v string) bool { return e.covers(c.Key, v, w) }) {
			less = append(less, w)
		}
	}
	return union(minus(before, gone), less)
}

func (e Ending) covers(k Key, value, other string) bool {
	return e.Covers != nil && e.Covers(k, value, other)
}

// hasEnded tells whether the fact goes because of entries that wanted it once.
func (c *Change) hasEnded(f Fact, now time.Time) bool {
	return c.ByClaim(f.Field, f.Value) && slices.ContainsFunc(c.Claims, func(cl Claim) bool {
		return cl.Want && cl.Field == f.Field && cl.Value == f.Value && cl.Origin.Over(now)
	})
}
