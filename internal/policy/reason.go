package policy

import (
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// unjustified is BG201. The incident of an emergency is its ticket.
func unjustified(j *judge) {
	j.inForce(func(e *entry) {
		if !blank(e.Justification) || hasTicket(e) {
			return
		}
		j.about(e, []spec.Pos{e.Justification.Pos, e.Ticket.Pos},
			"nothing says why %s uses %s: write justification:, or ticket: with the ticket that says it", e.Party, e.name())
	})
}

// hollow is BG202. A ticket may stand beside one word, but not beside none.
func hollow(j *judge) {
	j.inForce(func(e *entry) {
		why, ticket := e.Justification, e.Ticket
		switch {
		case !blank(why) && isPlaceholder(why.Value):
			j.about(e, []spec.Pos{why.Pos}, "the justification %.60q says nothing: write what %s uses %s for", why.Value, e.Party, e.name())
		case !blank(why) && saysLittle(why.Value) && !hasTicket(e):
			j.about(e, []spec.Pos{why.Pos}, "the justification %.60q says little: write what %s uses %s for, or add ticket:", why.Value, e.Party, e.name())
		case !blank(ticket) && isPlaceholder(ticket.Value):
			j.about(e, []spec.Pos{ticket.Pos}, "the ticket %.60q is none: write its number, or justification: in its place", ticket.Value)
		}
	})
}

// hasTicket reports whether something is written where a ticket stands.
func hasTicket(e *entry) bool {
	return !blank(e.Ticket) || e.Emergency() && namesIncident(e.Consumption)
}

func blank(t spec.Text) bool { return strings.TrimSpace(t.Value) == "" }
