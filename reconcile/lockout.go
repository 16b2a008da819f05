package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// lockout is what we can no longer change once the plan is made, because of one
// change of it.
type lockout struct {
	needs string
	by    *plan.Change
	keys  []string
}

// lockouts warns of what is declared and what we have no right to any more when all
// changes are made. Of what a guard objects to already nothing is said.
func (s *standing) lockouts(ctx context.Context, violations []plan.Violation) ([]plan.Warning, error) {
	s.at = 0
	takes := func(c plan.Change) bool { takes, _ := s.weigh(&c); return takes }
	if !slices.ContainsFunc(s.changes, takes) {
		return nil, nil
	}
	var found []lockout
	lost := map[right]*plan.Change{} // many resources need the same
	for i := range s.run.Resources {
		k := s.run.Resources[i].Key
		if c, ok := s.index[k]; ok && s.changes[c].Action == plan.Delete {
			continue
		}
		for _, need := range s.needsOf(k) {
			by, known := lost[need]
			if !known {
				var err error
				if by, err = s.lost(ctx, need); err != nil {
					return nil, err
				}
				lost[need] = by
			}
			if by != nil && !slices.ContainsFunc(violations, func(v plan.Violation) bool { return v.Key == by.Key }) {
				found = locked(found, need.String(), by, k)
				break
			}
		}
	}
	var out []plan.Warning
	for _, l := range found {
		out = append(out, l.warning(s.self))
	}
	return out, nil
}

// lost is the change by which a right is gone when all are made; nil if we still
// have it, or never had.
func (s *standing) lost(ctx context.Context, need right) (*plan.Change, error) {
	lacking, err := s.lacks(ctx, need, len(s.changes))
	if err != nil || !lacking {
		return nil, err
	}
	return s.takenBy(need, len(s.changes)), nil
}

// locked adds a resource to what is lost for one reason.
func locked(found []lockout, needs string, by *plan.Change, k plan.Key) []lockout {
	i := slices.IndexFunc(found, func(l lockout) bool { return l.needs == needs && l.by == by })
	if i < 0 {
		found = append(found, lockout{needs: needs, by: by})
		i = len(found) - 1
	}
	found[i].keys = append(found[i].keys, k.String())
	return found
}

func (l lockout) warning(self string) plan.Warning {
	const shown = 3
	names := l.keys
	more := ""
	if len(names) > shown+1 {
		names, more = names[:shown], fmt.Sprintf(" and %d more", len(names)-shown)
	}
	w := plan.Warning{Message: fmt.Sprintf("after this %s can no longer change what is declared of %s%s: that needs %s, which %s %s takes away",
		self, strings.Join(names, ", "), more, l.needs, l.by.Action, l.by.Key)}
	if l.by.Origin != nil {
		w.Pos = l.by.Origin.Pos
	}
	return w
}
