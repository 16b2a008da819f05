package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// maxFilterNodes is how many comparisons and connectives one filter may have.
const maxFilterNodes = 200

// scimFilter tells whether a resource, given by the values of its attributes,
// passes. An unknown attribute is an error.
type scimFilter func(values func(attribute string) ([]string, bool)) (bool, error)

// parseFilter reads SCIM's filter language: comparisons joined by and, or, not
// and parentheses; values quoted ("..." or '...', a backslash escapes) or bare.
// The empty filter passes everything.
func parseFilter(text string) (scimFilter, error) {
	tokens, err := scanFilter(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 0 {
		return func(func(string) ([]string, bool)) (bool, error) { return true, nil }, nil
	}
	p := &filterParser{text: text, tokens: tokens}
	filter, err := p.either()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, p.unexpected()
	}
	if p.nodes > maxFilterNodes {
		return nil, scimErrf(http.StatusBadRequest, "INVALID_FILTER", "The filter has %d nodes, more than %d.", p.nodes, maxFilterNodes)
	}
	return filter, nil
}

func badFilter(format string, args ...any) error {
	return scimErrf(http.StatusBadRequest, "InvalidFilter", format, args...)
}

type filterToken struct {
	text   string
	quoted bool
}

func scanFilter(text string) ([]filterToken, error) {
	var tokens []filterToken
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case ch == ' ' || ch == '\t':
			i++
		case ch == '(' || ch == ')':
			tokens = append(tokens, filterToken{text: string(ch)})
			i++
		case ch == '"' || ch == '\'':
			value, end := scanQuoted(text, i)
			if end < 0 {
				return nil, badFilter("Filter %s: the quote at position %d is not closed.", text, i+1)
			}
			tokens = append(tokens, filterToken{text: value, quoted: true})
			i = end
		default:
			end := i
			for end < len(text) && !strings.ContainsRune(" \t()", rune(text[end])) {
				end++
			}
			tokens = append(tokens, filterToken{text: text[i:end]})
			i = end
		}
	}
	return tokens, nil
}

// scanQuoted reads the quoted value that starts at a position; end is -1 where it
// is never closed.
func scanQuoted(text string, start int) (value string, end int) {
	var b strings.Builder
	for i := start + 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == text[start]:
			return b.String(), i + 1
		default:
			b.WriteByte(text[i])
		}
	}
	return "", -1
}

type filterParser struct {
	text   string
	tokens []filterToken
	nodes  int
}

func (p *filterParser) word(word string) bool {
	if len(p.tokens) == 0 || p.tokens[0].quoted || !strings.EqualFold(p.tokens[0].text, word) {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *filterParser) unexpected() error {
	if len(p.tokens) == 0 {
		return badFilter("Filter %s ends too early.", p.text)
	}
	return badFilter("Filter %s: unexpected %q.", p.text, p.tokens[0].text)
}

func (p *filterParser) either() (scimFilter, error) {
	left, err := p.both()
	for err == nil && p.word("or") {
		p.nodes++
		var right scimFilter
		if right, err = p.both(); err == nil {
			left = joinFilters(left, right, true)
		}
	}
	return left, err
}

func (p *filterParser) both() (scimFilter, error) {
	left, err := p.one()
	for err == nil && p.word("and") {
		p.nodes++
		var right scimFilter
		if right, err = p.one(); err == nil {
			left = joinFilters(left, right, false)
		}
	}
	return left, err
}

// joinFilters evaluates both sides, so that an unknown attribute on either is
// told whatever the other says.
func joinFilters(left, right scimFilter, either bool) scimFilter {
	return func(values func(string) ([]string, bool)) (bool, error) {
		a, err := left(values)
		if err != nil {
			return false, err
		}
		b, err := right(values)
		if either {
			return a || b, err
		}
		return a && b, err
	}
}

func (p *filterParser) one() (scimFilter, error) {
	if p.word("not") {
		inner, err := p.one()
		if err != nil {
			return nil, err
		}
		return func(values func(string) ([]string, bool)) (bool, error) {
			ok, err := inner(values)
			return !ok, err
		}, nil
	}
	if p.word("(") {
		inner, err := p.either()
		if err != nil {
			return nil, err
		}
		if !p.word(")") {
			return nil, p.unexpected()
		}
		return inner, nil
	}
	return p.comparison()
}

func (p *filterParser) comparison() (scimFilter, error) {
	p.nodes++
	if len(p.tokens) < 2 || p.tokens[0].quoted || p.tokens[1].quoted {
		return nil, p.unexpected()
	}
	attribute, operator := strings.ToLower(p.tokens[0].text), strings.ToLower(p.tokens[1].text)
	p.tokens = p.tokens[2:]
	compare, known := filterOperators[operator]
	if !known {
		return nil, badFilter("Filter %s: unknown operator %q.", p.text, operator)
	}
	value := ""
	if operator != "pr" {
		if len(p.tokens) == 0 || !p.tokens[0].quoted && strings.ContainsAny(p.tokens[0].text, "()") {
			return nil, p.unexpected()
		}
		value = strings.ToLower(p.tokens[0].text)
		p.tokens = p.tokens[1:]
	}
	text := p.text
	return func(values func(string) ([]string, bool)) (bool, error) {
		have, ok := values(attribute)
		if !ok {
			return false, badFilter("Filter %s: unknown attribute %q.", text, attribute)
		}
		match := slices.ContainsFunc(have, func(v string) bool { return compare(strings.ToLower(v), value) })
		if operator == "ne" {
			return !match, nil
		}
		return match, nil
	}, nil
}

// filterOperators compare values in lower case: none of the attributes is known
// to be compared exactly, so clients have to look again at what they get. The
// result of ne is turned over by the caller.
var filterOperators = map[string]func(have, want string) bool{
	"eq": func(have, want string) bool { return have == want },
	"ne": func(have, want string) bool { return have == want },
	"co": strings.Contains,
	"sw": strings.HasPrefix,
	"ew": strings.HasSuffix,
	"pr": func(have, _ string) bool { return have != "" },
	"gt": func(have, want string) bool { return have > want },
	"ge": func(have, want string) bool { return have >= want },
	"lt": func(have, want string) bool { return have < want },
	"le": func(have, want string) bool { return have <= want },
}
