package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

const (
	nameLimit    = 52 // columns of a field's name
	valueLimit   = 44
	wordsLimit   = 28
	reasonLimit  = 60
	leastReason  = 16
	placesShown  = 3
	deletedShown = 8 // values of a field that go with a deleted resource
)

// row is one line of a change: values of a field that share one explanation.
type row struct {
	field  string
	values []signed
	note   note
}

type signed struct {
	sign  string
	value string
}

// note explains a value: until when, why, and where it is written.
type note struct {
	words  string
	reason string
	at     string
}

func (t *text) change(c *plan.Change, file string) {
	rows := t.rows(c, file)
	right := ""
	if c.Action != plan.Update || slices.ContainsFunc(rows, func(r row) bool { return r.note.at == "" }) {
		right = at(file, place(c.Origin))
	}
	symbol := map[plan.Action]span{
		plan.Create: {"  + ", green}, plan.Update: {"  ~ ", yellow}, plan.Delete: {"  - ", red},
	}[c.Action]
	if t.withheld {
		symbol = span{"  ! ", alarm}
	}
	head := []span{symbol, {safe(c.Key.String()), plain}}
	special := c.Reason != "" && !slices.Contains([]string{plan.Missing, plan.Differs, plan.DocumentError}, c.Reason)
	if special && !t.withheld {
		room := max(t.width-8-ansi.StringWidth(c.Key.String())-ansi.StringWidth(right), leastReason)
		head = append(head, span{"  " + reason(c, room), plain})
	}
	t.line(right, head...)
	if special && t.withheld {
		t.paragraph(safe(c.Reason), span{"      ", plain})
	}
	t.table(rows)
}

// reason of the change itself: a deletion's stands in its entry, others are ours.
func reason(c *plan.Change, width int) string {
	if c.Action == plan.Delete {
		return quoted(c.Reason, width)
	}
	return ansi.Truncate(safe(c.Reason), width, "…")
}

// rows are the lines of a change. Principals have a line each; other values of a
// field share one where their explanations agree.
func (t *text) rows(c *plan.Change, file string) []row {
	var out []row
	for _, d := range c.Deltas() {
		first := len(out)
		for _, v := range t.signs(c, d) {
			n := t.explain(c, d, v, file)
			last := len(out) - 1
			if last >= first && out[last].note == n && !plan.IsPrincipal(v.value) {
				out[last].values = append(out[last].values, v)
				continue
			}
			out = append(out, row{d.Field, []signed{v}, n})
		}
		out = shorten(c, out, first)
	}
	return out
}

// signs puts what a change adds before what it removes, except where one value
// makes room for another. Of what is withheld nothing is removed.
func (t *text) signs(c *plan.Change, d plan.Delta) []signed {
	if t.withheld {
		return each(d.Added, "!")
	}
	added, removed := each(d.Added, "+"), each(d.Removed, "-")
	if c.Displaces(d) {
		return append(removed, added...)
	}
	return append(added, removed...)
}

func each(values []string, sign string) []signed {
	out := make([]signed, len(values))
	for i, v := range values {
		out[i] = signed{sign, v}
	}
	return out
}

// shorten cuts what goes with a deleted resource: the resource is the news.
func shorten(c *plan.Change, rows []row, first int) []row {
	more := len(rows) - first - deletedShown
	if c.Action != plan.Delete || more <= 1 {
		return rows
	}
	rows = rows[:first+deletedShown]
	return append(rows, row{field: rows[first].field, values: []signed{{" ", fmt.Sprintf("and %s more", number(more))}}})
}

// explain says why a value comes or goes.
func (t *text) explain(c *plan.Change, d plan.Delta, v signed, file string) note {
	if v.sign == "-" && c.Displaces(d) {
		v.value = d.Added[0]
		v.sign = "+"
	}
	why := c.Why(d.Field, v.value)
	switch {
	case c.Action == plan.Delete:
		return note{}
	case v.sign != "-":
		return t.wanted(t.inForce(why), file)
	case c.ByClaim(d.Field, v.value):
		return t.taken(why, file)
	case len(why) > 0 && why[0].Future(t.now):
		return note{words: "not before " + why[0].From.Format(time.DateOnly), reason: why[0].Reason, at: places(file, why)}
	}
	return note{words: "not declared"}
}

func (t *text) inForce(why []*plan.Origin) []*plan.Origin {
	return slices.DeleteFunc(why, func(o *plan.Origin) bool { return !o.InForce(t.now) })
}

func (t *text) wanted(why []*plan.Origin, file string) note {
	if len(why) == 0 {
		return note{}
	}
	n := note{reason: why[0].Reason, at: places(file, why)}
	if !why[0].Until.IsZero() {
		n.words = "until " + t.until(why[0])
	}
	return n
}

// taken explains a removal that entries ask for: the last of them to end, or
// those that say the access must not be.
func (t *text) taken(why []*plan.Origin, file string) note {
	ended := plan.Ended(why, t.now)
	if ended.IsZero() {
		n := t.wanted(t.inForce(why), file)
		n.words = "revoked"
		return n
	}
	last := slices.IndexFunc(why, func(o *plan.Origin) bool { return o.Until.Equal(ended) })
	ends := "expired"
	if why[last].Ends != "" {
		ends = safe(why[last].Ends)
	}
	return note{words: ends + " " + t.until(why[last]), reason: why[last].Reason, at: places(file, why[last:last+1])}
}

// until remembers the zone of the days it writes.
func (t *text) until(o *plan.Origin) string {
	if o.EndsWithDay() {
		t.zone = o.Until.Location().String()
	}
	return o.LastsUntil()
}

// places lists where entries stand, without the file that the group names.
func places(file string, why []*plan.Origin) string {
	var out []string
	for _, o := range why {
		if s := at(file, o.Pos); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if len(out) > placesShown {
		out = append(out[:placesShown], "…")
	}
	return strings.Join(out, ", ")
}

func at(file string, p plan.Pos) string {
	if p.File == file && p.Line > 0 {
		return fmt.Sprintf(":%d", p.Line)
	}
	return safe(p.String())
}

// table aligns the rows of one change; a field's name is written once.
func (t *text) table(rows []row) {
	names := widest(rows, nameLimit, func(r row) string { return safe(r.field) })
	values := widest(rows, valueLimit, func(r row) string {
		if r.note.words+r.note.reason == "" {
			return "" // nothing stands behind it
		}
		return valuesText(r.values)
	})
	words := widest(rows, wordsLimit, func(r row) string { return r.note.words })
	field := ""
	for _, r := range rows {
		name := safe(r.field)
		if r.field == field {
			name = ""
		}
		field = r.field
		t.row(r, [3]string{pad(name, names), pad("", values), pad(r.note.words, words)})
	}
}

func (t *text) row(r row, columns [3]string) {
	lines := t.fold(r.values, ansi.StringWidth(columns[0])+9)
	for i, line := range lines {
		spans := []span{{"      " + columns[0] + "   ", plain}}
		if i > 0 {
			spans[0].text = strings.Repeat(" ", ansi.StringWidth(spans[0].text))
		}
		for j, v := range line {
			if j > 0 {
				spans = append(spans, span{"  ", plain})
			}
			spans = append(spans, span{v.sign + " " + safe(v.value), colorOf(v.sign)})
		}
		if i < len(lines)-1 {
			t.line("", spans...)
			continue
		}
		gap := ansi.StringWidth(columns[1]) - ansi.StringWidth(valuesText(line))
		spans = append(spans, span{strings.Repeat(" ", max(0, gap)+3), plain})
		t.line(r.note.at, append(spans, t.explanation(r.note, columns[2], spans)...)...)
	}
}

func colorOf(sign string) style {
	switch sign {
	case "+":
		return green
	case "-":
		return red
	case "!":
		return yellow
	}
	return plain
}

// explanation fits words and reason between the values and the place.
func (t *text) explanation(n note, words string, left []span) []span {
	if n.reason == "" {
		return []span{{n.words, plain}}
	}
	if words != "" {
		words += "  "
	}
	room := t.width - ansi.StringWidth(words) - ansi.StringWidth(n.at) - 2
	for _, s := range left {
		room -= ansi.StringWidth(s.text)
	}
	return []span{{words + quoted(n.reason, min(reasonLimit, max(room, leastReason))), plain}}
}

// fold breaks many values into lines.
func (t *text) fold(values []signed, indent int) [][]signed {
	room := max(t.width-indent-12, valueLimit)
	lines := [][]signed{nil}
	used := 0
	for _, v := range values {
		n := ansi.StringWidth(safe(v.value)) + 4
		if last := len(lines) - 1; used+n > room && len(lines[last]) > 0 {
			lines = append(lines, nil)
			used = 0
		}
		used += n
		lines[len(lines)-1] = append(lines[len(lines)-1], v)
	}
	return lines
}

func valuesText(values []signed) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.sign + " " + safe(v.value)
	}
	return strings.Join(parts, "  ")
}
