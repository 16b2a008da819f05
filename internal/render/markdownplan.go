package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// plan writes all of it. What a reader must not miss comes before what can be
// opened, and the checksum last.
func (m *markdown) plan(p plan.Plan) {
	m.teller = newTeller(p, m.now)
	intent, drift := p.Parts()
	for _, write := range []func(){
		func() { m.title(p) },
		func() { m.foremost(p.Warnings) },
		func() { m.refused(p.Violations) },
		func() { m.wrong(p) },
		func() { m.unread(p.Held) },
		func() { m.numbers(p) },
		func() { m.waived(p.Waivers) },
		func() { m.lacking(p.Lacks) },
		func() { m.impact(p.Impact) },
		func() { m.taken(p, intent, drift) },
		func() { m.added(p, intent, drift) },
		func() { m.rest(p) },
		m.end,
	} {
		if m.full() {
			return // a large plan is tried in several degrees
		}
		write()
	}
}

// title begins with a comment that is not seen, by which a comment on a pull request
// is found again and updated in its place.
func (m *markdown) title(p plan.Plan) {
	m.put("<!-- brickgate plan ", marker(p.Environment), " -->")
	what := "Access plan"
	if p.Ended {
		what = "Access that has ended"
	}
	if p.Environment != "" {
		what += " for " + code(p.Environment)
	}
	m.put("## ", what)
	m.put()
	if b := p.Base; b != nil {
		m.put("Compared with ", code(b.Ref), ", commit ", code(b.Commit[:min(len(b.Commit), commitShown)]), ".")
		m.put()
	}
}

// marker writes a name so that no comment ends in it, and no two names alike.
func marker(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		inside := c == '-' && i > 0 && name[i-1] != '-' && i < len(name)-1
		if inside || c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

// alert opens one of GitHub's coloured boxes; elsewhere it is a quotation.
func (m *markdown) alert(kind, title, text string) {
	m.put("> [!", kind, "]")
	m.put("> **", title, "** ", text)
}

// foremost writes what is to be known before anything else, as that the plan is one
// over a file.
func (m *markdown) foremost(warnings []plan.Warning) {
	for _, w := range warnings {
		if w.Foremost {
			m.alert("WARNING", "Mind.", prose(w.Message, max(m.words, 120)))
			m.put()
		}
	}
}

func (m *markdown) refused(violations []plan.Violation) {
	if len(violations) == 0 {
		return
	}
	m.alert("CAUTION", "Refused.", "Nothing is applied while a guard objects; `--allow GUARD=REASON` lets one off.")
	m.put(">")
	list(m, "> ", violations, func(v plan.Violation) string {
		return "**" + prose(v.Guard, m.words) + "**: " + prose(v.Message, m.words) + m.behind(v.Pos)
	})
	m.put()
}

// wrong writes the findings that block something, where they do.
func (m *markdown) wrong(p plan.Plan) {
	errs := slices.DeleteFunc(slices.Clone(p.Findings), func(f plan.Finding) bool { return f.Level != plan.LevelError })
	if len(errs)+len(p.Blocked) == 0 {
		return
	}
	text := "Nothing that the plan holds waits for that."
	if n := len(p.Blocked); n > 0 {
		text = "What their documents would add is not applied: " + count(n, "change") + "."
	}
	m.alert("WARNING", "Blocked by "+count(len(errs), "error")+" of the rules.", text)
	m.put(">")
	list(m, "> ", plan.SortFindings(errs), m.finding)
	m.put()
}

// unread writes what could not be read, which makes the plan one of a part.
func (m *markdown) unread(held []plan.Held) {
	failed := slices.DeleteFunc(slices.Clone(held), func(h plan.Held) bool { return !h.Failed })
	if len(failed) == 0 {
		return
	}
	m.alert("WARNING", "Not everything could be read.", "Nothing is written to these in this run.")
	m.put(">")
	list(m, "> ", failed, m.heldBack)
	m.put()
}

func (m *markdown) heldBack(h plan.Held) string {
	return code(h.Key.String()) + ": " + prose(h.Reason, m.words) + m.behind(place(h.Origin))
}

func (m *markdown) finding(f plan.Finding) string {
	return "**" + prose(f.Code, m.words) + "** " + string(f.Level) + ": " + prose(f.Message, m.words) + m.behind(f.Pos)
}

// behind is a place after what stands there.
func (m *markdown) behind(p plan.Pos) string {
	at := m.place(p)
	if at == "" {
		return ""
	}
	return " · " + at
}

// numbers are what the plan does, in two lines.
func (m *markdown) numbers(p plan.Plan) {
	s := p.Summary()
	if len(p.Changes) == 0 {
		m.put(m.nothing(p))
		m.put()
		return
	}
	line := fmt.Sprintf("**%s to create, %s to change, %s to delete**; %s unchanged", number(s.Create), number(s.Update), number(s.Delete), number(s.Unchanged))
	if s.Blocked > 0 {
		line += "; " + number(s.Blocked) + " blocked"
	}
	gone := removals(p.Changes)
	m.put(line, ".")
	m.put("That is ", count(edits(p.Changes)-gone, "addition"), " and **", count(gone, "removal"), "**.")
	m.put()
}

func (m *markdown) nothing(p plan.Plan) string {
	s := "**No changes**: live access is as declared"
	if p.Ended {
		s = "**Nothing to take away**: no live access has ended"
		if len(p.Held)+len(p.Unjudged) > 0 {
			s = "**Nothing to take away now**: of some access nobody can tell whether it has ended"
		}
	}
	if n := len(p.Held); n > 0 {
		s += ", " + count(n, "resource") + " held back"
	}
	if n := len(p.Blocked); n > 0 {
		s += ", " + count(n, "change") + " blocked"
	}
	return s + "."
}

func edits(changes []plan.Change) int {
	n := 0
	for i := range changes {
		n += len(changes[i].Edits())
	}
	return n
}

// removals counts what is taken away, what makes room for another value included.
func removals(changes []plan.Change) int {
	n := 0
	for i := range changes {
		for _, e := range changes[i].Edits() {
			if e.Removed {
				n++
			}
		}
	}
	return n
}

func (m *markdown) waived(waivers []plan.Waiver) {
	for _, w := range waivers {
		m.put("**Waived**: ", prose(w.Guard, m.words), ", ", m.quote(w.Reason))
		m.put()
	}
}

func (m *markdown) lacking(lacks []plan.Lack) {
	if len(lacks) == 0 {
		return
	}
	m.put("### Rights that are missing")
	m.put()
	m.put("The applying identity does not have these:")
	m.put()
	list(m, "", byRight(lacks), func(l lacking) string {
		line := "**needs** " + prose(l.Needs, m.words) + " for " + count(len(l.changes), "change") + ": " + fewCodes(l.changes, plan.Key.String)
		if l.TakenBy != (plan.Key{}) {
			line += "; taken away before by " + string(l.By) + " of " + code(l.TakenBy.String())
		}
		if len(l.Holders) > 0 {
			line += "; who has it: " + fewCodes(l.Holders, func(s string) string { return s })
		}
		return line
	})
	m.put()
}

// fewCodes names the first of a list and counts the rest.
func fewCodes[T any](list []T, name func(T) string) string {
	var names []string
	for _, v := range list[:min(len(list), lacksShown)] {
		names = append(names, name(v))
	}
	out := codes(names)
	if more := len(list) - len(names); more > 0 {
		out += " and " + number(more) + " more"
	}
	return out
}

// list writes the first of the items, and counts the rest.
func list[T any](m *markdown, lead string, items []T, line func(T) string) {
	for _, item := range items[:min(len(items), m.items)] {
		m.put(lead, "- ", line(item))
	}
	if more := len(items) - m.items; more > 0 {
		m.put(lead, "- and ", number(more), " more")
	}
}

// end is the part by which the plan is told from others.
func (m *markdown) end() {
	if m.zone != "" {
		m.put("Dates are whole days in ", prose(m.zone, m.words), ".")
		m.put()
	}
	if m.checksum != "" {
		m.put("Checksum: ", code(m.checksum))
	}
}

// tooLarge says of a plan what can be said in few lines.
func (m *markdown) tooLarge(p plan.Plan, e *TooLarge) {
	m.title(p)
	m.foremost(p.Warnings)
	m.alert("CAUTION", "This plan is too large to be shown here.", "It takes away "+number(e.Removals)+
		" facts, and not one of them is named below: decide by another form of it.")
	m.put()
	m.numbers(p)
	m.end()
}
