package spec

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Passage is a text with places of its own: what is wrong in the middle of an
// expression is reported there, however the scalar is written.
type Passage struct {
	Text
	source string // the file, from the scalar on
	style  yaml.Style
}

func (p *Passage) decodeNode(d *decoder, n *yaml.Node, r rules) {
	if t, ok := d.text(n, r); ok {
		*p = Passage{t, d.from(t.Pos), n.Style}
	}
}

// At is where the character of the value at an offset, counted in characters,
// stands in the file. White space, which YAML folds, and the end are told as
// the place behind what comes before them. Where the file does not read as the
// value does, it is the place of the scalar.
func (p Passage) At(offset int) Pos {
	w := written{p.source, p.Pos, p.style}
	if !w.open() {
		return p.Pos
	}
	for _, c := range p.Value {
		if !isBlank(c) {
			w.skipBlanks()
		}
		if offset <= 0 {
			break
		}
		offset--
		if !isBlank(c) && !w.read(c) {
			return p.Pos
		}
	}
	return w.pos
}

// from is the text of the file from a position on. Passages are met in the
// order of the file, so each search goes on where the last one ended.
func (f *file) from(pos Pos) string {
	w := &f.reached
	if w.pos.IsZero() || pos.Compare(w.pos) < 0 {
		*w = written{rest: f.text, pos: Pos{f.name, 1, 1}}
	}
	for w.rest != "" && w.pos.Compare(pos) < 0 {
		_, size := utf8.DecodeRuneInString(w.rest)
		w.advance(size)
	}
	return w.rest
}

// written is a scalar as the file has it, which is read along with its value:
// the white space of the two may differ, everything else is the same once
// escapes are read.
type written struct {
	rest  string
	pos   Pos
	style yaml.Style
}

func isBlank(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// open steps over what precedes the text: a quote, or the line with | or >.
func (w *written) open() bool {
	switch {
	case w.style&yaml.SingleQuotedStyle != 0:
		return w.read('\'')
	case w.style&yaml.DoubleQuotedStyle != 0:
		return w.read('"')
	case w.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		line := strings.IndexAny(w.rest, "\r\n")
		if line < 0 {
			return false
		}
		w.advance(line)
	}
	return true
}

func (w *written) skipBlanks() {
	for {
		c, size := w.peek()
		if size == 0 || !isBlank(c) {
			return
		}
		w.advance(size)
	}
}

// read steps over the next character if it is c.
func (w *written) read(c rune) bool {
	next, size := w.peek()
	if size == 0 || next != c {
		return false
	}
	w.advance(size)
	return true
}

// peek is the next character of the value and how many bytes it is written in.
func (w *written) peek() (rune, int) {
	switch {
	case w.rest == "":
		return 0, 0
	case w.style&yaml.SingleQuotedStyle != 0 && strings.HasPrefix(w.rest, "''"):
		return '\'', 2
	case w.style&yaml.DoubleQuotedStyle != 0 && w.rest[0] == '\\':
		return escaped(w.rest)
	}
	return utf8.DecodeRuneInString(w.rest)
}

// escaped reads an escape in double quotes. One that only continues the line
// is white space, which the value does not have.
func escaped(text string) (rune, int) {
	const letters, meanings = "0abtnvfre \"\\N_LP\t\n", "\x00\a\b\t\n\v\f\r\x1b \"\\\u0085\u00a0\u2028\u2029\t\n"
	if len(text) < 2 {
		return 0, 0
	}
	if digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]; digits > 0 {
		if len(text) < 2+digits {
			return 0, 0
		}
		code, err := strconv.ParseUint(text[2:2+digits], 16, 32)
		if err != nil {
			return 0, 0
		}
		return rune(code), 2 + digits
	}
	if text[1] == '\r' {
		return '\n', 2
	}
	at := strings.IndexByte(letters, text[1])
	if at < 0 {
		return 0, 0
	}
	return []rune(meanings)[at], 2
}

// advance steps over that many bytes. A line ends as YAML ends it: with \n,
// \r\n or a lone \r.
func (w *written) advance(size int) {
	for i, c := range w.rest[:size] {
		switch {
		case c == '\r' && strings.HasPrefix(w.rest[i+1:], "\n"):
		case c == '\r', c == '\n':
			w.pos.Line, w.pos.Col = w.pos.Line+1, 1
		default:
			w.pos.Col++
		}
	}
	w.rest = w.rest[size:]
}
