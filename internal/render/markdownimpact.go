package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

const (
	peopleShown = 10 // of an effect
	causesShown = 3
)

// impact writes what the plan means to people: the risky first, then gains and
// losses.
func (m *markdown) impact(i *plan.Impact) {
	m.idle = map[plan.Move]plan.Idle{}
	if i == nil {
		return
	}
	for _, idle := range i.Idle {
		m.idle[plan.Move{Fact: idle.Fact, Removed: idle.Removed}] = idle
	}
	m.put("### Impact")
	m.put()
	if len(i.Effects) == 0 {
		m.put("Nobody can do more or less than before.")
		m.put()
	}
	m.effects("Look twice", i.Effects, func(e *plan.Effect) bool { return len(e.Risks) > 0 })
	m.effects("Gained", i.Effects, func(e *plan.Effect) bool { return len(e.Risks) == 0 && e.Gained })
	m.effects("Lost", i.Effects, func(e *plan.Effect) bool { return len(e.Risks) == 0 && !e.Gained })
	if len(i.Unknown) > 0 {
		m.put("**Not known**, and it could mean more:")
		m.put()
		list(m, "", i.Unknown, func(s string) string { return "unread: " + prose(s, m.words) })
		m.put()
	}
}

func (m *markdown) effects(title string, all []plan.Effect, of func(*plan.Effect) bool) {
	var some []*plan.Effect
	for i := range all {
		if of(&all[i]) {
			some = append(some, &all[i])
		}
	}
	if len(some) == 0 {
		return
	}
	m.put("**", title, "**")
	m.put()
	shown := some[:min(len(some), m.degree.effects)]
	for _, e := range shown {
		m.effect(e)
	}
	if more := len(some) - len(shown); more > 0 {
		m.put("- and ", number(more), " more")
	}
	m.put()
}

// effect is one line: who, what, on what, why to look twice, until when; and one
// for what causes it.
func (m *markdown) effect(e *plan.Effect) {
	sign, verb := "−", "lose"
	if e.Gained {
		sign, verb = "+", "gain"
	}
	if e.Count+len(e.Open) == 1 {
		verb += "s"
	}
	line := "**" + sign + " " + heads(e) + "** " + verb + " " + codes(e.Privileges) + " " + object(e.Object)
	if e.Contents > 0 {
		line += " and on " + count(e.Contents, "object") + " in it"
	}
	if e.Before+e.After > 0 {
		line += fmt.Sprintf(" (%s → %s)", number(e.Before), number(e.After))
	}
	if e.Product != "" {
		line += ", product " + code(e.Product)
	}
	if until := e.Until(); !until.IsZero() {
		line += ", until " + m.until(&plan.Origin{Until: until})
	}
	if len(e.Risks) > 0 {
		line += " — ⚠ **" + risks(e.Risks) + "**"
	}
	m.put("- ", line)
	if len(e.Named) > 0 {
		m.put("  - ", m.people(e))
	}
	for _, g := range e.Open {
		m.put("  - everybody in ", code(g.Group), ": ", headsIn(g))
	}
	for _, c := range e.Causes[:min(len(e.Causes), causesShown)] {
		m.put("  - ", m.cause(c))
	}
	if more := len(e.Causes) - causesShown; more > 0 {
		m.put("  - and by ", number(more), " more")
	}
}

// heads counts those who gain or lose.
func heads(e *plan.Effect) string {
	switch {
	case len(e.Open) == 0:
		return count(e.Count, "principal")
	case e.Count == 0:
		return count(len(e.Open), "open group")
	}
	return count(e.Count, "principal") + " and " + count(len(e.Open), "open group")
}

func headsIn(g plan.OpenGroup) string {
	if g.Heads < 0 {
		return "nobody could say how many that are"
	}
	return number(g.Heads)
}

func risks(all []plan.Risk) string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = prose(string(r), 40)
	}
	return strings.Join(out, ", ")
}

// people names the first of those who gain or lose, and how the first of them does.
func (m *markdown) people(e *plan.Effect) string {
	shown := e.Named[:min(len(e.Named), peopleShown)]
	out := codes(shown)
	if more := e.Count - len(shown); more > 0 {
		out += " and " + number(more) + " more"
	}
	var by []string
	for _, s := range e.Way {
		if s.To != "" && !slices.Contains(by, s.To) {
			by = append(by, s.To)
		}
	}
	if len(by) > 0 {
		out += ", by way of " + codes(by)
	}
	return out
}

// object names what an effect is on.
func object(k plan.Key) string {
	if k.Name == "" {
		return "in " + code(k.Target)
	}
	kind, name, ok := strings.Cut(k.Name, "/")
	if !ok {
		return "on " + code(k.Name)
	}
	if k.Target != "metastore" {
		return "on " + prose(kind, 40) + " " + code(name) + " in " + code(k.Target)
	}
	return "on " + prose(kind, 40) + " " + code(name)
}

func (m *markdown) cause(c plan.Cause) string {
	sign := "+ "
	if c.Removed {
		sign = "− "
	}
	out := "by " + sign + fact(c.Fact)
	if c.Origin == nil {
		return out + " — not declared"
	}
	if c.Origin.Reason != "" {
		out += " — " + m.quote(c.Origin.Reason)
	}
	return out + m.behind(c.Origin.Pos)
}
