package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// cliffs is BG401: days on which more access ends than one run should remove.
func cliffs(j *judge) {
	facts := 0
	days := map[string]*cliff{}
	for i := range j.Declared {
		facts += j.endings(&j.Declared[i], days)
	}
	m := j.Project.Guards.MaxRemovals
	limit := min(m.Absolute.Value, max(perRunAtLeast, m.PerRun.Of(facts)))
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if c := days[day]; c.facts > limit {
			j.findAt(c.first.Pos, c.first.Document(), "%d of %d facts end on %s (%s), more than the %d that one run should remove by guards.maxRemovals: spread their ends (%s)",
				c.facts, facts, day, j.zone, limit, c.sources())
		}
	}
}

// perRunAtLeast is what a run may remove however little there is.
const perRunAtLeast = 10

// cliff is a day on which access ends.
type cliff struct {
	facts int
	first *plan.Origin   // the first entry, by place
	from  map[string]int // facts by product or file
}

// endings counts the facts of a resource that are in force, and by their last day
// those that end.
func (j *judge) endings(r *plan.Resource, days map[string]*cliff) int {
	facts := j.facts(r)
	for _, f := range facts {
		if f.Origin.Until.IsZero() {
			continue
		}
		day := f.Origin.Until.Add(-time.Nanosecond).In(j.zone).Format(time.DateOnly)
		if days[day] == nil {
			days[day] = &cliff{first: f.Origin, from: map[string]int{}}
		}
		days[day].add(f.Origin)
	}
	return len(facts)
}

// facts lists what of a resource is declared and in force. Of several entries that
// want one value, it is the one that lasts longest.
func (j *judge) facts(r *plan.Resource) []plan.Claim {
	wanted := j.wanted(r)
	slices.SortFunc(wanted, func(a, b plan.Claim) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value),
			compareEnds(b.Origin.Until, a.Origin.Until), a.Origin.Pos.Compare(b.Origin.Pos))
	})
	return slices.CompactFunc(wanted, func(a, b plan.Claim) bool { return a.Field == b.Field && a.Value == b.Value })
}

// compareEnds orders ends; none is the last.
func compareEnds(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}

func (c *cliff) add(o *plan.Origin) {
	c.facts++
	if o.Pos.Compare(c.first.Pos) < 0 {
		c.first = o
	}
	source := o.Product
	if source == "" {
		source = o.Pos.File
	}
	c.from[source]++
}

// sources tells briefly whose access ends, the most of it first.
func (c *cliff) sources() string {
	names := slices.SortedFunc(maps.Keys(c.from), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.from[b], c.from[a]), strings.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, c.from[name])
	}
	return few(names)
}
