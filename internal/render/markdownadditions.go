package render

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// added writes what comes, by product and file, to be opened.
func (m *markdown) added(p plan.Plan, intent, drift []plan.Change) {
	if p.Base == nil {
		m.additionsOf("Additions", intent)
		return
	}
	m.additionsOf("Additions by this change", intent)
	m.additionsOf("Additions that mend drift from before", drift)
	m.satisfied(p.Base.Satisfied)
}

func (m *markdown) additionsOf(title string, changes []plan.Change) {
	changes = slices.DeleteFunc(slices.Clone(changes), func(c plan.Change) bool { return !c.Adds() })
	if len(changes) == 0 {
		return
	}
	m.put("### ", title)
	m.put()
	if m.additions > everyAddition {
		m.put(count(edits(changes)-removals(changes), "addition"), ", summarised: all of them are more than fits here.")
		m.put()
	}
	m.gained(changes)
}

// gained writes what changes add, as far as the degree says.
func (m *markdown) gained(changes []plan.Change) {
	in := groups(changes)
	switch m.additions {
	case additionsCounted:
		m.put("- ", sums(pointers(changes)), " in ", count(len(in), "file"))
		m.put()
	case additionsByFile:
		for _, g := range in {
			m.put("- ", titleOf(g, code), " · ", sums(g.changes))
		}
		m.put()
	default:
		for _, g := range in {
			m.details(titleOf(g, htmlCode)+" · "+sums(g.changes), func() {
				for _, c := range g.changes {
					m.addedBy(c)
				}
			})
		}
	}
}

func pointers(changes []plan.Change) []*plan.Change {
	out := make([]*plan.Change, len(changes))
	for i := range changes {
		out[i] = &changes[i]
	}
	return out
}

// details writes what is seen once it is opened, under a title in HTML. Markdown is
// read in it behind an empty line.
func (m *markdown) details(title string, body func()) {
	m.put("<details>")
	m.put("<summary>", title, "</summary>")
	m.put()
	body()
	m.put()
	m.put("</details>")
	m.put()
}

func titleOf(g group, span func(string) string) string {
	switch {
	case g.product != "" && g.file != "":
		return "product " + span(g.product) + " in " + span(g.file)
	case g.product != "":
		return "product " + span(g.product)
	case g.file != "":
		return span(g.file)
	}
	return "not in the repository"
}

// sums are "1 created, 2 changed, 12 additions".
func sums(changes []*plan.Change) string {
	created, added := 0, 0
	for _, c := range changes {
		if c.Action == plan.Create {
			created++
		}
		for _, e := range c.Edits() {
			if !e.Removed {
				added++
			}
		}
	}
	var out []string
	if created > 0 {
		out = append(out, number(created)+" created")
	}
	if n := len(changes) - created; n > 0 {
		out = append(out, number(n)+" changed")
	}
	return strings.Join(append(out, count(added, "addition")), ", ")
}

// addedBy writes what one change gives, a line for each principal.
func (m *markdown) addedBy(c *plan.Change) {
	rows := m.gains(c)
	head := code(c.Key.String())
	if c.Action == plan.Create {
		head = "**created** " + head
	}
	if c.Reason != "" && !slices.Contains([]string{plan.Missing, plan.Differs, plan.DocumentError}, c.Reason) {
		head += " — " + prose(c.Reason, m.words)
	}
	if m.additions == additionsByChange {
		m.put("- ", head, ": ", count(len(c.Edits())-removals([]plan.Change{*c}), "addition"))
		return
	}
	if c.Action == plan.Create || len(rows) == 0 {
		head += m.behind(place(c.Origin))
	}
	m.put("- ", head)
	for _, r := range rows {
		m.put("  - ", code(r.field), " + ", values(r.values), m.because(r.note))
	}
}

// gains are the rows of a change that add something.
func (m *markdown) gains(c *plan.Change) []row {
	return m.told(c, func(d plan.Delta) []signed { return each(d.Added, "+") })
}

// told explains some values of a change. Unlike the rows for a terminal these are
// complete. Principals have a row each, but for those that go with a resource.
func (m *markdown) told(c *plan.Change, some func(plan.Delta) []signed) []row {
	var out []row
	for _, d := range c.Deltas() {
		first := len(out)
		for _, v := range some(d) {
			n := m.explain(c, d, v, "")
			m.changesNothing(&n, plan.Fact{Key: c.Key, Field: d.Field, Value: v.value}, v.sign)
			last := len(out) - 1
			if last >= first && out[last].note == n && (c.Action == plan.Delete || !plan.IsPrincipal(v.value)) {
				out[last].values = append(out[last].values, v)
				continue
			}
			out = append(out, row{d.Field, []signed{v}, n})
		}
	}
	return out
}

// satisfied writes what is asked for and live already.
func (m *markdown) satisfied(all []plan.Satisfied) {
	if len(all) == 0 {
		return
	}
	m.details("asked for by this change, and live already: "+number(len(all)), func() {
		list(m, "", all, func(s plan.Satisfied) string {
			state := "there: "
			if s.Removed {
				state = "gone: "
			}
			return state + fact(s.Fact) + m.behind(place(s.Origin))
		})
	})
}
