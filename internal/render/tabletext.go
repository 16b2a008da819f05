package render

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// TableText writes the table for a terminal. As many columns as the width allows
// stand side by side; the others follow below their row, each with its name:
//
//	principal                status   live               expires
//	user:alice@example.com   active   approved and live  2026-12-31
//	    sales.yaml:14; access standard; approvals manager jane@example.com 2026-01-09
//	    "Q1 campaign analysis"
func TableText(w io.Writer, t Table, opts TextOptions) error {
	p := &tableText{printer: newPrinter(w, opts.Color, opts.Width)}
	if t.Title != "" {
		p.paragraph(safe(t.Title))
	}
	if !t.empty() {
		p.line("")
		p.fit(&t)
		p.header()
		for i, s := range t.Sections {
			p.section(s, i > 0)
		}
	}
	if len(t.Notes) > 0 {
		p.line("")
	}
	for _, n := range t.Notes {
		p.paragraph(safe(n))
	}
	return p.done()
}

// cellLimit is how wide the first column becomes for the sake of one long cell,
// which then stands out.
const cellLimit = 48

type tableText struct {
	*printer
	beside []field // side by side
	below  []field
	quotes []field
	right  *field // at the right-hand edge; nil if there is no room
}

// field is a column and its place in rows.
type field struct {
	Column
	at    int
	width int
}

// fit decides which columns stand side by side. The place of a row gets the room
// that they leave.
func (p *tableText) fit(t *Table) {
	rows := t.rows()
	used := -2
	var place *field
	for i, c := range t.Columns {
		f := field{Column: c, at: i, width: widest(rows, p.width+1, func(r Row) string { return safe(r[i].Text) })}
		if len(p.beside) == 0 {
			f.width = min(f.width, cellLimit)
		}
		if f.width == 0 || c.Use == Data {
			continue
		}
		f.width = max(f.width, ansi.StringWidth(c.Name))
		switch {
		case c.Use == Quote:
			p.quotes = append(p.quotes, f)
		case c.Use == Place:
			place = &f
		case len(p.below) == 0 && (used+2+f.width <= p.width || len(p.beside) == 0):
			used += 2 + f.width
			p.beside = append(p.beside, f)
		default:
			p.below = append(p.below, f)
		}
	}
	switch {
	case place == nil:
	case used+2+place.width <= p.width:
		p.right = place
	default:
		p.below = append([]field{*place}, p.below...)
	}
}

// blank tells whether no row says anything in a column.
func blank(rows []Row, column int) bool {
	for _, r := range rows {
		if r[column].Text != "" {
			return false
		}
	}
	return true
}

func (p *tableText) header() {
	var spans []span
	for _, f := range p.beside {
		spans = append(spans, span{f.aligned(safe(f.Name)) + "  ", faint})
	}
	p.line("", spans...)
}

func (f field) aligned(text string) string {
	if f.Use == Number {
		return strings.Repeat(" ", max(0, f.width-ansi.StringWidth(text))) + text
	}
	return pad(text, f.width)
}

func (p *tableText) section(s Section, apart bool) {
	if s.Title != "" {
		if apart {
			p.line("")
		}
		spans := []span{{safe(s.Title), bold}}
		if s.Note != "" {
			spans = append(spans, span{"  " + safe(s.Note), faint})
		}
		p.line("", spans...)
	}
	for _, r := range s.Rows {
		p.row(r)
	}
}

func (p *tableText) row(r Row) {
	var spans []span
	for _, f := range p.beside {
		text := safe(r[f.at].Text)
		spans = append(spans, span{f.aligned(text), r[f.at].Tone.style()}, span{"  ", plain})
	}
	right := ""
	if p.right != nil {
		right = safe(r[p.right.at].Text)
	}
	p.line(right, spans...)
	var more []string
	for _, f := range p.below {
		switch text := r[f.at].Text; {
		case text == "":
		case f.Use == Remark || f.Use == Place:
			more = append(more, safe(text))
		default:
			more = append(more, safe(f.Name)+" "+safe(text))
		}
	}
	const indent = "    "
	for _, l := range filled(strings.Join(more, "; "), p.width-len(indent)) {
		p.line("", span{indent + l, plain})
	}
	for _, f := range p.quotes {
		if text := r[f.at].Text; text != "" {
			p.line("", span{indent + quoted(text, p.width-len(indent)), plain})
		}
	}
}

// filled breaks safe text at its spaces alone, which keeps dates and names whole.
func filled(s string, width int) []string {
	var lines []string
	used := 0
	for word := range strings.FieldsSeq(s) {
		n := ansi.StringWidth(word)
		if len(lines) == 0 || used+1+n > width {
			lines, used = append(lines, word), n
			continue
		}
		lines[len(lines)-1] += " " + word
		used += 1 + n
	}
	return lines
}
