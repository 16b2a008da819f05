package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// rest is what the plan does not do, and what else there is to know of it.
func (m *markdown) rest(p plan.Plan) {
	others := slices.DeleteFunc(slices.Clone(p.Warnings), func(w plan.Warning) bool { return w.Foremost })
	mild := slices.DeleteFunc(slices.Clone(p.Findings), func(f plan.Finding) bool { return f.Level == plan.LevelError })
	waiting := slices.DeleteFunc(slices.Clone(p.Held), func(h plan.Held) bool { return h.Failed })
	if len(p.Blocked)+len(others)+len(mild)+len(waiting)+len(p.Unmanaged) > 0 {
		m.put("### Also")
		m.put()
	}
	m.blocked(p.Blocked)
	m.warned(others)
	m.noted(mild)
	m.held(waiting)
	m.unmanaged(p.Unmanaged)
}

func (m *markdown) blocked(changes []plan.Change) {
	if len(changes) == 0 {
		return
	}
	m.details("blocked while documents have errors: "+sums(pointers(changes)), func() {
		if m.additions > everyAddition {
			m.put("- ", sums(pointers(changes)))
			return
		}
		m.withheld = true
		for _, g := range groups(changes) {
			for _, c := range g.changes {
				m.addedBy(c)
			}
		}
		m.withheld = false
	})
}

func (m *markdown) warned(warnings []plan.Warning) {
	if len(warnings) == 0 {
		return
	}
	warnings = slices.Clone(warnings)
	slices.SortStableFunc(warnings, func(a, b plan.Warning) int { return a.Pos.Compare(b.Pos) })
	m.details(count(len(warnings), "warning"), func() {
		list(m, "", warnings, func(w plan.Warning) string {
			return "warning: " + prose(w.Message, m.words) + m.behind(w.Pos)
		})
	})
}

// noted writes the findings that stop nothing.
func (m *markdown) noted(findings []plan.Finding) {
	if len(findings) > 0 {
		m.details("findings of the rules: "+levelCounts(findings), func() { list(m, "", plan.SortFindings(findings), m.finding) })
	}
}

func (m *markdown) held(held []plan.Held) {
	if len(held) > 0 {
		m.details("held back, nothing is written to these: "+number(len(held)), func() { list(m, "", held, m.heldBack) })
	}
}

func (m *markdown) unmanaged(all []plan.Unmanaged) {
	if len(all) == 0 {
		return
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b plan.Unmanaged) int {
		return cmp.Or(keptOrder[b.Kept]-keptOrder[a.Kept], strings.Compare(a.Kept, b.Kept), strings.Compare(a.From, b.From))
	})
	m.details("unmanaged: live, not declared, left alone: "+number(len(all)), func() {
		for len(all) > 0 {
			n := 1
			for n < len(all) && all[n].Kept == all[0].Kept && all[n].From == all[0].From {
				n++
			}
			m.kept(all[:n])
			all = all[n:]
		}
	})
}

// kept writes what stays for one reason.
func (m *markdown) kept(same []plan.Unmanaged) {
	u := same[0]
	line := "**stays**: " + prose(u.Kept, m.words) + ", " + number(len(same))
	switch {
	case u.Kept == "orphaned":
		line += "; no document declares it, a Removed document takes it away"
	case u.From != "":
		line += "; will be removed when adoption ends on " + prose(u.From, m.words)
	}
	m.put("- ", line)
	list(m, "  ", byField(same), func(r leftAlone) string {
		out := code(r.key.String())
		if r.field != "" {
			out += " " + code(r.field)
		}
		if !slices.Equal(r.values, []string{""}) {
			shown := r.values[:min(len(r.values), m.items)]
			out += " " + codes(shown)
			if more := len(r.values) - len(shown); more > 0 {
				out += " and " + number(more) + " more"
			}
		}
		return out
	})
}
