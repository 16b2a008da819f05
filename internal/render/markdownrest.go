package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// rest is what the plan does not do, and what else there is to know of it.
func (m *markdown) rest(p plan.Plan) {
	m.blocked(p.Blocked)
	m.warned(p.Warnings)
	m.noted(p.Findings)
	m.held(p.Held)
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
	mild := slices.DeleteFunc(slices.Clone(findings), func(f plan.Finding) bool { return f.Level == plan.LevelError })
	if len(mild) == 0 {
		return
	}
	m.details("findings of the rules: "+levelCounts(mild), func() { list(m, "", plan.SortFindings(mild), m.finding) })
}

func (m *markdown) held(held []plan.Held) {
	rest := slices.DeleteFunc(slices.Clone(held), func(h plan.Held) bool { return h.Failed })
	if len(rest) == 0 {
		return
	}
	m.details("held back, nothing is written to these: "+number(len(rest)), func() { list(m, "", rest, m.heldBack) })
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
