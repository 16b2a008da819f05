package spec

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFileSize is the largest spec file that is read.
const maxFileSize = 1 << 20

// file is one spec file while it is read: its text and its mistakes.
type file struct {
	name     string // relative to the repository folder, slash separated
	text     string
	mistakes []*Error
	at       map[Pos]bool // positions that have a mistake already
	reached  written      // how far the search for passages has come
}

func newFile(name, text string) *file {
	// A byte order mark is no character of the first line.
	return &file{name: name, text: strings.TrimPrefix(text, "\ufeff"), at: map[Pos]bool{}}
}

// pos is where a node begins.
func (f *file) pos(n *yaml.Node) Pos { return Pos{f.name, n.Line, n.Column} }

// errorf reports a mistake. A second one at the same place is dropped: it is
// nearly always a consequence of the first.
func (f *file) errorf(pos Pos, format string, args ...any) {
	if f.at[pos] {
		return
	}
	f.at[pos] = true
	f.mistakes = append(f.mistakes, &Error{Pos: pos, Msg: fmt.Sprintf(format, args...)})
}

// locate gives every mistake its source line.
func (f *file) locate(mistakes []*Error) {
	if len(mistakes) == 0 {
		return
	}
	lines := sourceLines(f.text)
	for _, m := range mistakes {
		if m.Pos.Line >= 1 && m.Pos.Line <= len(lines) {
			m.Source = lines[m.Pos.Line-1]
		}
	}
}

// sourceLines splits as YAML does: a line ends with \n, \r\n or a lone \r.
func sourceLines(text string) []string {
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return strings.Split(text, "\n")
}

// characters reports the first character that a spec file cannot hold; false
// if there is one. The breaks that only YAML 1.1 takes for ends of lines would
// make two readers see two different documents.
func (f *file) characters() bool {
	line, col, last := 1, 1, rune(0)
	for i, c := range f.text {
		if msg := characterMistake(c, f.text[i:]); msg != "" {
			f.errorf(Pos{f.name, line, col}, "%s", msg)
			return false
		}
		switch {
		case c == '\n' && last == '\r':
		case c == '\n', c == '\r':
			line, col = line+1, 1
		default:
			col++
		}
		last = c
	}
	return true
}

func characterMistake(c rune, rest string) string {
	switch {
	case c >= ' ' && c < 0x7f, c == '\n', c == '\r', c == '\t':
		return ""
	case c == utf8.RuneError && !strings.HasPrefix(rest, string(utf8.RuneError)):
		return "the file is not UTF-8"
	case c == 0x85, c == 0x2028, c == 0x2029:
		return fmt.Sprintf("%U ends a line in YAML 1.1 and not in YAML 1.2; write it as an escape in double quotes", c)
	case c < 0xa0, c == 0xfeff, c == 0xfffe, c == 0xffff:
		return fmt.Sprintf("%U is not allowed in YAML; write it as an escape in double quotes", c)
	}
	return ""
}

// documents calls each for every document of the file that is not empty. The
// tree of one is gone before the next is parsed.
func (f *file) documents(each func(root *yaml.Node)) {
	if !f.characters() {
		return
	}
	dec := yaml.NewDecoder(strings.NewReader(f.text))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.syntax(err)
			return
		}
		if doc.Kind == yaml.DocumentNode && len(doc.Content) == 1 {
			if root := doc.Content[0]; !(isPlain(root) && root.Value == "") {
				each(root)
			}
		}
	}
}

var syntaxLine = regexp.MustCompile(`^(?:yaml: )?line ([0-9]+): `)

// fromParser are the messages whose lines yaml/v3 counts from zero: those of its
// parser, in contrast to its scanner's.
var fromParser = regexp.MustCompile(`^did not find expected (<|node content|'-' indicator|key|',' or)`)

// syntax reports what the YAML parser could not read. It names the line only,
// and no line at all for the first.
func (f *file) syntax(err error) {
	msg, line := err.Error(), 1
	if m := syntaxLine.FindStringSubmatch(msg); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		msg = msg[len(m[0]):]
		if fromParser.MatchString(msg) {
			line++
		}
	}
	lines := sourceLines(f.text)
	line = min(line, len(lines))
	indent := lines[line-1][:len(lines[line-1])-len(strings.TrimLeft(lines[line-1], " \t"))]
	f.errorf(Pos{f.name, line, len(indent) + 1}, "not YAML: %s", strings.TrimPrefix(msg, "yaml: "))
}
