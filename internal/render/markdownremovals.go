package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// taken writes every removal, always to be seen.
func (m *markdown) taken(p plan.Plan, intent, drift []plan.Change) {
	n := removals(p.Changes)
	if n == 0 {
		if len(p.Changes) > 0 {
			m.put("### No removals")
			m.put()
		}
		return
	}
	m.put("### ", count(n, "removal"))
	m.put()
	if p.Base == nil {
		m.removed(intent)
		return
	}
	if removals(intent) > 0 {
		m.put("**By this change**")
		m.put()
		m.removed(intent)
	}
	if removals(drift) > 0 {
		m.put("**Drift that was there before**")
		m.put()
		m.removed(drift)
	}
}

func (m *markdown) removed(changes []plan.Change) {
	switch m.degree.removals {
	case removalsByResource:
		m.put("What is removed stands here without its reasons, since there is so much of it.")
		m.put()
		m.byResource(changes)
	case removalsByValue:
		m.put("What is removed stands here without its reasons, since there is so much of it.")
		m.put()
		m.byValue(changes)
	default:
		m.byChange(changes)
	}
	m.put()
}

func (m *markdown) byChange(changes []plan.Change) {
	for _, g := range groups(changes) {
		for _, c := range g.changes {
			if m.full() {
				return
			}
			m.removedBy(c)
		}
	}
}

// removedBy writes what one change takes away, a line for each principal.
func (m *markdown) removedBy(c *plan.Change) {
	rows := m.losses(c)
	if len(rows) == 0 && c.Action != plan.Delete {
		return
	}
	head := code(c.Key.String())
	if product := productOf(c); product != "" && m.degree.removals == removalsInFull {
		head += " of product " + code(product)
	}
	if c.Action == plan.Delete {
		head = "**deleted** " + head
		if m.degree.removals == removalsInFull && c.Reason != "" {
			head += " — " + m.quote(c.Reason)
		}
	}
	if c.Action == plan.Delete || slices.ContainsFunc(rows, func(r row) bool { return r.note.at == "" }) {
		head += m.behind(place(c.Origin))
	}
	m.put("- ", head)
	for _, r := range rows {
		m.put("  - ", code(r.field), " − ", values(r.values), replaced(c, r), m.because(r.note))
	}
}

// losses are the rows of a change that take something away.
func (m *markdown) losses(c *plan.Change) []row {
	return m.told(c, func(d plan.Delta) []signed { return each(d.Removed, "-") })
}

func values(values []signed) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.value
	}
	return codes(out)
}

// because is why a value comes or goes, and where that is written.
func (m *markdown) because(n note) string {
	var parts []string
	if n.words != "" {
		parts = append(parts, prose(n.words, m.words))
	}
	if n.reason != "" && m.degree.removals == removalsInFull {
		parts = append(parts, m.quote(n.reason))
	}
	out := ""
	if len(parts) > 0 {
		out = " — " + strings.Join(parts, ", ")
	}
	var at []string
	for _, p := range n.from {
		if p != (plan.Pos{}) {
			at = append(at, m.place(p))
		}
	}
	if strings.HasSuffix(n.at, ", …") {
		at = append(at, "…")
	}
	if len(at) > 0 {
		out += " · " + strings.Join(at, ", ")
	}
	if n.idle != "" {
		out += "; " + prose(n.idle, m.words)
	}
	return out
}

// replaced is what takes the place of a value.
func replaced(c *plan.Change, r row) string {
	for _, d := range c.Deltas() {
		if d.Field == r.field && c.Displaces(d) {
			return ", becomes " + codes(d.Added)
		}
	}
	return ""
}

func fact(f plan.Fact) string {
	parts := []string{code(f.Key.String())}
	for _, s := range []string{f.Field, f.Value} {
		if s != "" {
			parts = append(parts, code(s))
		}
	}
	return strings.Join(parts, " ")
}

// byResource writes a line for each field from which something is removed.
func (m *markdown) byResource(changes []plan.Change) {
	for _, g := range groups(changes) {
		for _, c := range g.changes {
			if m.full() {
				return
			}
			if c.Action == plan.Delete {
				m.put("- **deleted** ", code(c.Key.String()))
			}
			for _, d := range c.Deltas() {
				if len(d.Removed) > 0 {
					m.put("- ", code(c.Key.String()), " ", code(d.Field), " − ", codes(d.Removed))
				}
			}
		}
	}
}

// loss is a value of a field of one sort of resources.
type loss struct{ value, field, kind, target string }

// byValue writes a line for each value, with all resources that lose it, which is
// shorter where somebody loses a lot.
func (m *markdown) byValue(changes []plan.Change) {
	names := map[loss][]string{}
	for i := range changes {
		for _, e := range changes[i].Edits() {
			if e.Removed {
				l := loss{e.Value, e.Field, e.Key.Kind, e.Key.Target}
				names[l] = append(names[l], e.Key.Name)
			}
		}
	}
	sorted := slices.SortedFunc(maps.Keys(names), func(a, b loss) int {
		return cmp.Or(strings.Compare(a.value, b.value), strings.Compare(a.field, b.field), strings.Compare(a.kind, b.kind), strings.Compare(a.target, b.target))
	})
	for _, l := range sorted {
		what := code(l.value) + " as " + code(l.field) + " of"
		if l.field == "" {
			what = "**deleted**:"
		}
		m.put("- ", what, " ", code(l.kind+"@"+l.target), " ", codes(names[l]))
	}
}
