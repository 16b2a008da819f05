package policy

import (
	"iter"

	"github.com/brickgate/brickgate/plan"
)

// staying visits the live fields of a kind, without what the plan removes.
func (l *Live) staying(kind string) iter.Seq2[*plan.Resource, plan.Field] {
	changes := map[plan.Key]*plan.Change{}
	for i := range l.Changes {
		if l.Changes[i].Key.Kind == kind {
			changes[l.Changes[i].Key] = &l.Changes[i]
		}
	}
	all := l.State.All()
	return func(yield func(*plan.Resource, plan.Field) bool) {
		for i := range all {
			r := &all[i]
			if r.Key.Kind != kind {
				continue
			}
			c := changes[r.Key]
			for _, f := range r.Fields {
				if c != nil {
					f.Values = without(f.Values, c.Removed(f.Name))
				}
				if len(f.Values) > 0 && !yield(r, f) {
					return
				}
			}
		}
	}
}

// without is the sorted set less those of another.
func without(values, less []string) []string {
	if len(less) == 0 {
		return values
	}
	gone := plan.Field{Values: less}
	var out []string
	for _, v := range values {
		if !gone.Has(v) {
			out = append(out, v)
		}
	}
	return out
}
