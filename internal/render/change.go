package render

import (
	"slices"
	"strings"

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
	t.traced(6, t.traces[plan.Move{Fact: plan.Fact{Key: c.Key}, Removed: c.Action == plan.Delete}])
	t.table(rows)
}

// reason of the change itself: a deletion's stands in its entry, others are ours.
func reason(c *plan.Change, width int) string {
	if c.Action == plan.Delete {
		return quoted(c.Reason, width)
	}
	return ansi.Truncate(safe(c.Reason), width, "…")
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
		t.traced(names+11, r.note.trace)
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
