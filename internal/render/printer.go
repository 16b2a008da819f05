package render

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// style is how a span looks where colour is on. Colour repeats what a symbol or
// a word says already.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	alarm  style = "1;31"
)

// span is safe text in one style.
type span struct {
	text  string
	style style
}

const (
	defaultWidth = 100
	leastWidth   = 60
)

// printer lays out lines; the first write error ends it and is returned by done.
type printer struct {
	w      *bufio.Writer
	color  bool
	width  int // columns of a line, without the margin
	margin string
}

func newPrinter(w io.Writer, color bool, width int) *printer {
	if width <= 0 {
		width = defaultWidth
	}
	return &printer{w: bufio.NewWriter(w), color: color, width: max(width, leastWidth)}
}

func (p *printer) done() error { return p.w.Flush() }

// line writes the spans, and right at the right-hand edge; where both do not
// fit, right follows two spaces behind. Whatever comes first in it, the line is no
// command to a runner.
func (p *printer) line(right string, spans ...span) {
	width, begun := 0, false
	for i, s := range trimmed(spans) {
		if i == 0 {
			p.w.WriteString(p.margin)
		}
		if !begun {
			s.text = unlikeCommand(s.text)
			begun = strings.TrimLeft(s.text, " ") != ""
		}
		width += ansi.StringWidth(s.text)
		p.span(s)
	}
	if !begun {
		right = unlikeCommand(right)
	}
	if right != "" {
		p.w.WriteString(strings.Repeat(" ", max(2, p.width-width-ansi.StringWidth(right))))
		p.span(span{right, faint})
	}
	p.w.WriteByte('\n')
}

// indent moves what follows by so many columns.
func (p *printer) indent(columns int) {
	p.width -= columns
	p.margin = strings.Repeat(" ", len(p.margin)+columns)
}

// trimmed drops the blanks at the end of a line.
func trimmed(spans []span) []span {
	for n := len(spans); n > 0; n-- {
		last := spans[n-1]
		if last.text = strings.TrimRight(last.text, " "); last.text != "" {
			return append(spans[:n-1:n-1], last)
		}
	}
	return nil
}

func (p *printer) span(s span) {
	if !p.color || s.style == plain || s.text == "" {
		p.w.WriteString(s.text)
		return
	}
	p.w.WriteString("\x1b[" + string(s.style) + "m" + s.text + "\x1b[0m")
}

// paragraph writes text behind a lead, broken between words under itself.
func (p *printer) paragraph(text string, lead ...span) {
	indent := 0
	for _, s := range lead {
		indent += ansi.StringWidth(s.text)
	}
	for i, l := range wrap(text, p.width-indent) {
		if i > 0 {
			lead = []span{{strings.Repeat(" ", indent), plain}}
		}
		p.line("", append(lead[:len(lead):len(lead)], span{l, plain})...)
	}
}

// items writes a list, broken between its items: names are never torn apart.
func (p *printer) items(list []string, separator string, lead span) {
	line := ""
	for i, item := range list {
		if i < len(list)-1 {
			item += separator
		}
		if line != "" && ansi.StringWidth(lead.text)+ansi.StringWidth(line)+1+ansi.StringWidth(item) > p.width {
			p.line("", lead, span{line, plain})
			lead, line = span{strings.Repeat(" ", ansi.StringWidth(lead.text)), plain}, ""
		}
		if line != "" {
			line += " "
		}
		line += item
	}
	if line != "" {
		p.line("", lead, span{line, plain})
	}
}

// pad fills text up to a display width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

// widest is the display width of the widest text, no more than limit.
func widest[T any](rows []T, limit int, text func(T) string) int {
	n := 0
	for _, r := range rows {
		n = max(n, ansi.StringWidth(text(r)))
	}
	return min(n, limit)
}
