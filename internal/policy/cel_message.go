package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/brickgate/brickgate/spec"
)

// message is a text with variables to be filled in.
type message []part

// part is a piece of text and the variable after it, if any.
type part struct {
	text     string
	variable *variable
}

// parseMessage reads a message, or says where it names what there is not.
func (l *language) parseMessage(text spec.Passage) (message, []error) {
	var m message
	var mistakes []error
	for rest, at := text.Value, 0; ; {
		before, after, opens := strings.Cut(rest, "{")
		if !opens {
			return append(m, part{text: before}), mistakes
		}
		at += utf8.RuneCountInString(before)
		name, tail, closes := strings.Cut(after, "}")
		if !closes {
			return nil, append(mistakes, spec.Errorf(text.At(at), "a { that is not closed; braces hold the name of a variable"))
		}
		v := l.variables[name]
		if v == nil {
			mistakes = append(mistakes, spec.Errorf(text.At(at), "%s", l.noPlaceholder(name)))
		}
		m = append(m, part{before, v})
		rest, at = tail, at+utf8.RuneCountInString(name)+len("{}")
	}
}

func (l *language) noPlaceholder(name string) string {
	if name == "change" {
		return "only a rule with over: changes knows {change}"
	}
	msg := fmt.Sprintf("unknown placeholder {%s}", name)
	if near, ok := spec.Nearest(name, l.names); ok {
		msg += fmt.Sprintf(" (did you mean {%s}?)", near)
	}
	return msg + "; known: {" + strings.Join(l.names, "}, {") + "}"
}

// fill writes the message about a subject.
func (m message) fill(s *subject) string {
	var b strings.Builder
	for _, p := range m {
		b.WriteString(p.text)
		if p.variable != nil {
			b.WriteString(p.variable.of(s))
		}
	}
	return b.String()
}
