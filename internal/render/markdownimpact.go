package render

import (
	"strings"

	"github.com/brickgate/brickgate/plan"
)

const causesShown = 3

// impact writes what the plan means to people, by product, the risky first.
func (m *markdown) impact(i *plan.Impact) {
	if i == nil {
		return
	}
	m.put("### Impact")
	m.put()
	if len(i.Effects) == 0 {
		m.put("Nobody can do more or less than before.")
	} else {
		m.put(strings.ToUpper(whoCan[:1]), whoCan[1:], ".")
	}
	m.put()
	all, ways := blocksOf(i.Effects)
	blocks, left := fewer(all, min(plainShown, m.degree.effects), m.degree.effects)
	for n := range blocks {
		b := &blocks[n]
		if n == 0 || b.product != blocks[n-1].product {
			if n > 0 {
				m.put()
			}
			m.put("**", capital(headingOf(b.product)).markdown(), "**")
			m.put()
		}
		for _, e := range b.effects {
			m.effect(m.tell(b, e, b.on(sameShown), takersShown), dangers(e.Risks))
		}
	}
	if len(blocks) > 0 {
		m.put()
	}
	if left.objects > 0 {
		m.put("… ", left.words())
		m.put()
	}
	for _, w := range waysThere(ways, waysShown) {
		m.put(boldSign(w.gained), w.words.markdown())
		m.put()
	}
	if len(i.Unknown) > 0 {
		m.put("**Not known**, and it could mean more:")
		m.put()
		list(m, "", i.Unknown, func(s string) string { return "unread: " + prose(s, m.words) })
		m.put()
	}
}

func boldSign(gained bool) string {
	if gained {
		return "**+** "
	}
	return "**−** "
}

// effect is one line: who can do what, by which privileges, and why to look twice; then
// who they are, how they come to it, and what causes it.
func (m *markdown) effect(e *telling, dangers []string) {
	line := boldSign(e.gained) + e.sentence.markdown() + e.numbers + e.until
	if len(e.privileges) > 0 {
		line += " · " + fewCodes(e.privileges, func(p string) string { return p })
	}
	if len(dangers) > 0 {
		line += " — ⚠ **" + prose(strings.Join(dangers, "; "), m.words) + "**"
	}
	m.put("- ", line)
	if len(e.named) > 0 {
		m.put("  - ", strings.Join(markdowns(e.named), ", "))
	}
	causes := e.causes
	if e.one && len(e.way) > 1 {
		by := "by " + strings.Join(markdowns(e.steps()), " → ")
		for len(causes) > 0 && causes[0].onTheWay {
			by += m.cause(causes[0])
			causes = causes[1:]
		}
		m.put("  - ", by)
	}
	for _, c := range causes[:min(len(causes), causesShown)] {
		sign := "+ "
		if c.Removed {
			sign = "− "
		}
		m.put("  - because of ", sign, fact(c.Fact), m.cause(c))
	}
	if more := len(causes) - causesShown; more > 0 {
		m.put("  - and because of ", number(more), " more")
	}
}

// cause is why a fact changes, and where that is written.
func (m *markdown) cause(c causeAt) string {
	switch {
	case !c.declared:
		return " — " + undeclared(m.place(c.at))
	case c.Origin.Reason != "":
		return " — " + m.quote(c.Origin.Reason) + m.behind(c.at)
	}
	return m.behind(c.at)
}
