package render

import (
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

// code is a text in a code span, which holds exactly that: no markup, mention,
// reference, emoji or link works in it.
func code(s string) string {
	s = safe(s)
	if s == "" {
		return `""`
	}
	return fenced(s)
}

// codes lists texts in code spans.
func codes(texts []string) string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = code(s)
	}
	return strings.Join(out, ", ")
}

// fenced puts safe text between more backticks than it holds in a row. Of text that
// begins and ends with a space, renderers take one from each side.
func fenced(s string) string {
	longest := 0
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return r != '`' }) {
		longest = max(longest, len(run))
	}
	spaced := strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") && strings.Trim(s, " ") != ""
	if spaced || strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	fence := strings.Repeat("`", longest+1)
	return fence + s + fence
}

// prose is a sentence in which somebody else's words may stand, cut to a width:
// words of letters as they are, whatever could be more than that in code spans.
func prose(s string, width int) string {
	s = ansi.Truncate(safe(strings.Join(strings.Fields(s), " ")), width, "…")
	var out, held []string // held are words of one code span
	release := func() {
		if len(held) > 0 {
			out = append(out, fenced(strings.Join(held, " ")))
			held = nil
		}
	}
	for word := range strings.SplitSeq(s, " ") {
		before, core, after := parted(word)
		switch {
		case isWord(core):
			release()
			out = append(out, word)
		case before == "" && after == "":
			held = append(held, word)
		case before == "":
			held = append(held, core)
			release()
			out[len(out)-1] += after
		default:
			release()
			out = append(out, before+fenced(core)+after)
		}
	}
	release()
	return strings.Join(out, " ")
}

// parted takes the punctuation of a sentence off a word.
func parted(word string) (before, core, after string) {
	core = strings.TrimLeft(word, `("'`)
	before = word[:len(word)-len(core)]
	trimmed := strings.TrimRight(core, `.,;:)"'…`)
	if trimmed == "" {
		return "", word, ""
	}
	return before, trimmed, core[len(trimmed):]
}

// isWord tells whether a word is only that to every renderer: neither markup nor a
// mention, the name of a commit, or what GitHub links.
func isWord(s string) bool {
	if s == "" || strings.Trim(s, "–—") == "" {
		return true
	}
	for i, r := range s {
		inside := i > 0 && strings.ContainsRune("-'/,.", r)
		if !inside && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '…' {
			return false
		}
	}
	return !reference.MatchString(s)
}

// reference is what GitHub may link where nothing marks it, and what begins a list.
var reference = regexp.MustCompile(`(?i)^www\.|gh-[0-9]|[0-9a-f]{7}|^[0-9]+[.)]`)

// quote is a reason as it was given, in quotation marks.
func (m *markdown) quote(s string) string { return "“" + prose(s, m.words) + "”" }

// place is where something stands, as a link where the text is read beside the
// repository.
func (m *markdown) place(p plan.Pos) string {
	at := p.String()
	if at == "" {
		return ""
	}
	if m.blob == "" {
		return code(at)
	}
	parts := strings.Split(p.File, "/")
	for i, s := range parts {
		parts[i] = url.PathEscape(s)
	}
	to := m.blob + "/" + strings.Join(parts, "/")
	if p.Line > 0 {
		to += "#L" + strconv.Itoa(p.Line)
	}
	return "[" + code(at) + "](" + to + ")"
}

// htmlCode is a code span where Markdown is not read: in the summary of details.
func htmlCode(s string) string { return "<code>" + html.EscapeString(safe(s)) + "</code>" }
