package plan

// Base is what the repository said before, as the plan of the same moment against
// the same live state.
type Base struct {
	Ref    string // as it was asked for
	Commit string
	// Drift are the facts that the plan changes and that the plan of the base would
	// have changed in the same way: live had drifted before.
	Drift map[Move]bool
	// Satisfied is what this change of the repository asks for and live has already.
	Satisfied []Satisfied
}

// Move is one fact that is added or removed.
type Move struct {
	Fact    Fact
	Removed bool
}

// Satisfied is a fact that the base wanted otherwise, and live does not.
type Satisfied struct {
	Move
	Origin *Origin // the entry that asks for it now; nil where nothing declares it any more
}

// Parts splits the changes into those that the change of the repository asks for,
// and those that repair drift that was there before. A change that does both is in
// both, each with its part. Without a base, all of it is intent.
func (p Plan) Parts() (intent, drift []Change) {
	if p.Base == nil {
		return p.Changes, nil
	}
	for i := range p.Changes {
		asked, before := p.Base.part(&p.Changes[i])
		if asked != nil {
			intent = append(intent, *asked)
		}
		if before != nil {
			drift = append(drift, *before)
		}
	}
	return intent, drift
}

// part splits one change. Drift comes first: it leads from what is live to where
// the base would have led, and intent from there to what is declared.
func (b *Base) part(c *Change) (intent, drift *Change) {
	first, second := *c, *c
	first.After, second.Before, second.After = nil, nil, nil
	walkFields(c.Before, c.After, func(name string, before, after []string) {
		was := before
		for _, v := range minus(after, before) {
			if b.Drift[Move{Fact{c.Key, name, v}, false}] {
				was = union(was, []string{v})
			}
		}
		for _, v := range minus(before, after) {
			if b.Drift[Move{Fact{c.Key, name, v}, true}] {
				was = minus(was, []string{v})
			}
		}
		first.After = appendField(first.After, name, was)
		second.Before = appendField(second.Before, name, was)
		second.After = appendField(second.After, name, after)
	})
	exists := b.Drift[Move{Fact{Key: c.Key}, c.Action == Delete}]
	switch {
	case c.Action != Update && exists && len(second.Deltas()) > 0 && c.Action == Create:
		second.Action = Update // the resource itself was missing before
		return &second, &first
	case c.Action != Update && exists:
		return nil, c
	case c.Action != Update, len(first.Deltas()) == 0:
		return c, nil
	case len(second.Deltas()) == 0:
		return nil, c
	}
	return &second, &first
}
