package plan

import "slices"

// splitting is one change of which values are withheld.
type splitting struct {
	*blocker
	*Change
	withheld map[string][]string // by field
}

// parts are the two changes: one to what will be there, and one from there to
// what was asked for.
func (s *splitting) parts() (made, withheld *Change) {
	first, second := *s.Change, *s.Change
	first.After, second.Before, second.After = nil, nil, nil
	walkFields(s.Before, s.After, func(name string, before, after []string) {
		will := s.after(Delta{name, minus(after, before), minus(before, after)}, before, after)
		first.After = appendField(first.After, name, will)
		second.Before = appendField(second.Before, name, minus(will, after))
		second.After = appendField(second.After, name, minus(after, will))
	})
	if first.Action == Create {
		second.Action = Update // the resource itself is made
	} else if len(first.Deltas()) == 0 {
		return nil, &second
	}
	return &first, &second
}

func appendField(fields []Field, name string, values []string) []Field {
	if len(values) == 0 {
		return fields
	}
	return append(fields, Field{name, values})
}

// after are the values that the field will have.
func (s *splitting) after(d Delta, before, after []string) []string {
	if s.handsOver(d) {
		return before
	}
	withheld := s.withheld[d.Field]
	if len(withheld) == 0 {
		return after
	}
	stays := slices.DeleteFunc(slices.Clone(d.Removed), func(v string) bool {
		return s.ByClaim(d.Field, v) || !s.Displaces(d) && !s.isLess(s.Key, withheld, v)
	})
	stays = append(stays, s.covered(d.Field, withheld, after)...)
	will := minus(after, withheld)
	all := union(will, stays)
	stays = slices.DeleteFunc(stays, func(v string) bool { return s.isLess(s.Key, all, v) })
	return union(will, Set(stays))
}

// covered are the values that other documents want and that the withheld ones
// would have given as well, as a lower level for the same principal.
func (s *splitting) covered(field string, withheld, after []string) []string {
	var out []string
	for _, cl := range s.Claims {
		if cl.Want && cl.Field == field && cl.Origin.InForce(s.now) && !contains(after, cl.Value) &&
			s.isLess(s.Key, withheld, cl.Value) && !s.refused(s.Change, field, cl.Value) && len(s.waitsFor(s.Change, field, cl.Value)) == 0 {
			out = append(out, cl.Value)
		}
	}
	return out
}

// handsOver tells whether the field loses a value to another field where that
// value is withheld, as an object's only owner does to the next: one entry gives
// and takes it.
func (s *splitting) handsOver(d Delta) bool {
	for _, v := range d.Removed {
		for _, to := range s.Claims {
			if to.Want && to.Value == v && slices.Contains(s.withheld[to.Field], v) &&
				slices.Contains(s.Claims, Claim{Field: d.Field, Value: v, Origin: to.Origin}) {
				return true
			}
		}
	}
	return false
}
