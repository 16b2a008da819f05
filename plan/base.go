package plan

import "slices"

// Base is what the repository said before, as the plan of the same moment against
// the same live state.
type Base struct {
	Ref    string // as it was asked for
	Commit string
	// Drift are the facts that the plan changes and that the plan of the base would
	// have changed in the same way: live had drifted before. Hold fills it.
	Drift map[Move]bool
	// Satisfied is what this change of the repository asks for and live has already.
	Satisfied []Satisfied
}

// Move is one fact that is added or removed.
type Move = Edit

// Satisfied is a fact that the base wanted otherwise, and live does not.
type Satisfied struct {
	Move
	Origin *Origin // the entry that asks for it now; nil where nothing declares it any more
}

// Hold notes which of the changes the plan of the base would have made as well:
// those facts of which it would have done the same. What belongs together is not
// torn apart, so that each part by itself is something that can be done:
//
//   - A level, an owner or a name that makes room for another one goes with that one.
//   - What goes with a deletion goes with it, and nothing is in what is not there.
func (b *Base) Hold(changes, before []Change) {
	would := map[Move]bool{}
	for i := range before {
		for _, m := range before[i].Edits() {
			would[m] = true
		}
	}
	b.Drift = map[Move]bool{}
	for i := range changes {
		c := &changes[i]
		if c.Action != Update && !would[Move{Fact{Key: c.Key}, c.Action == Delete}] {
			continue
		}
		torn := c.torn(would)
		for _, m := range c.Edits() {
			if c.Action == Delete || would[m] && !torn[m.Field] && !c.inherited(m, would) {
				b.Drift[m] = true
			}
		}
	}
}

// torn are the fields in which one value makes room for another, and of which not
// all is among the others.
func (c *Change) torn(others map[Move]bool) map[string]bool {
	out := map[string]bool{}
	for _, d := range c.Deltas() {
		if !c.Displaces(d) {
			continue
		}
		lacks := func(removed bool) func(string) bool {
			return func(v string) bool { return !others[Move{Fact{c.Key, d.Field, v}, removed}] }
		}
		out[d.Field] = slices.ContainsFunc(d.Added, lacks(false)) || slices.ContainsFunc(d.Removed, lacks(true))
	}
	return out
}

// inherited tells whether a value is taken for another field to get it, which is not
// among the others.
func (c *Change) inherited(m Move, others map[Move]bool) bool {
	return m.Removed && slices.ContainsFunc(c.heirs(m.Fact), func(to string) bool {
		return !others[Move{Fact{c.Key, to, m.Value}, false}]
	})
}

// heirs are the fields that get a value which another field loses for it, as the
// next owner of an object does: one entry gives and takes it.
func (c *Change) heirs(lost Fact) []string {
	var out []string
	for _, to := range c.Claims {
		if to.Want && to.Value == lost.Value && to.Field != lost.Field && slices.Contains(c.Added(to.Field), to.Value) &&
			slices.Contains(c.Claims, Claim{Field: lost.Field, Value: lost.Value, Origin: to.Origin}) {
			out = append(out, to.Field)
		}
	}
	return out
}

// Parts splits the changes into those that the change of the repository asks for,
// and those that repair drift that was there before. A change that does both is in
// both, each with its part. Without a base, all of it is intent.
func (p Plan) Parts() (intent, drift []Change) {
	if p.Base == nil {
		return p.Changes, nil
	}
	drift, intent = parted(p.Changes, func(m Move) bool { return p.Base.Drift[m] })
	return intent, drift
}

// parted splits changes into what is in a set, and the rest.
func parted(changes []Change, in func(Move) bool) (first, second []Change) {
	for i := range changes {
		a, b := changes[i].parted(in)
		if a != nil {
			first = append(first, *a)
		}
		if b != nil {
			second = append(second, *b)
		}
	}
	return first, second
}

// parted splits one change into two that follow each other: the first leads from
// what is live to where only what is in the set is done, the second from there to
// what is declared. One that there is nothing of is nil. What is deleted goes as a
// whole, and so does all that is in what the set does not create.
func (c *Change) parted(in func(Move) bool) (first, second *Change) {
	whole := c.Action != Update && in(Move{Fact{Key: c.Key}, c.Action == Delete})
	switch {
	case c.Action == Delete && whole:
		return c, nil
	case c.Action != Update && !whole:
		return nil, c
	}
	a, b := *c, *c
	a.After, b.Before, b.After = nil, nil, nil
	walkFields(c.Before, c.After, func(name string, before, after []string) {
		then := between(c.Key, name, before, after, in)
		a.After = appendField(a.After, name, then)
		b.Before = appendField(b.Before, name, then)
		b.After = appendField(b.After, name, after)
	})
	switch {
	case len(b.Deltas()) == 0:
		return c, nil
	case c.Action == Create:
		b.Action, b.Reason = Update, Differs // it is there by then
	case len(a.Deltas()) == 0:
		return nil, c
	}
	a.Reason, b.Reason = a.reasonOf(c), b.reasonOf(c)
	return &a, &b
}

// between is a field once what is in the set is done to it.
func between(k Key, field string, before, after []string, in func(Move) bool) []string {
	var added, removed []string
	for _, v := range minus(after, before) {
		if in(Move{Fact{k, field, v}, false}) {
			added = append(added, v)
		}
	}
	for _, v := range minus(before, after) {
		if in(Move{Fact{k, field, v}, true}) {
			removed = append(removed, v)
		}
	}
	return minus(union(before, added), removed)
}

// reasonOf is the reason of the whole change, unless it is a new name that another
// part brings.
func (c *Change) reasonOf(whole *Change) string {
	if len(whole.Added(nameField)) > 0 && len(c.Added(nameField)) == 0 {
		return Differs
	}
	return c.Reason
}
