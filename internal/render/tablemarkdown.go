package render

import (
	"bufio"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// TableMarkdown writes the table in GitHub's Markdown, for an issue or a pull
// request.
func TableMarkdown(w io.Writer, t Table) error {
	out := bufio.NewWriter(w)
	if t.Title != "" {
		out.WriteString("**" + inline(t.Title) + "**\n")
	}
	var columns []int
	for i, c := range t.Columns {
		if c.Use != Data && !blank(t.rows(), i) {
			columns = append(columns, i)
		}
	}
	for _, s := range t.Sections {
		if len(s.Rows) > 0 {
			markdownSection(out, t.Columns, columns, s)
		}
	}
	for _, n := range t.Notes {
		out.WriteString("\n" + inline(n) + "\n")
	}
	return out.Flush()
}

func markdownSection(out *bufio.Writer, columns []Column, shown []int, s Section) {
	if s.Title != "" {
		out.WriteString("\n#### " + inline(s.Title) + "\n")
	}
	if s.Note != "" {
		out.WriteString("\n" + inline(s.Note) + "\n")
	}
	out.WriteString("\n|")
	for _, i := range shown {
		out.WriteString(" " + inline(columns[i].Name) + " |")
	}
	out.WriteString("\n|")
	for _, i := range shown {
		rule := " --- |"
		if columns[i].Use == Number {
			rule = " ---: |"
		}
		out.WriteString(rule)
	}
	for _, r := range s.Rows {
		out.WriteString("\n|")
		for _, i := range shown {
			text := inline(r[i].Text)
			if r[i].Tone == Bad && text != "" {
				text = "**" + text + "**"
			}
			out.WriteString(" " + text + " |")
		}
	}
	out.WriteString("\n")
}

// inline is text that means only itself in Markdown, in a cell or a line: plain
// where it holds nothing that could be markup, a mention, a reference or a link,
// else a code span, in which none of these works.
func inline(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = safe(s)
	if isPlain(s) {
		return s
	}
	return codeSpan(s)
}

// isPlain tells whether no renderer reads anything into the text. An @ or _ inside
// of a word is part of a name: neither a mention nor emphasis.
func isPlain(s string) bool {
	runes := []rune(s)
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]))
	}
	for i, r := range runes {
		inWord := (r == '@' || r == '_') && word(i-1) && word(i+1)
		if !word(i) && !inWord && !strings.ContainsRune(" .,;:()/–—-'\"", r) {
			return false
		}
	}
	return !linked.MatchString(s)
}

// linked is what GitHub makes a link of where nothing marks it, and what begins a
// list or a rule.
var linked = regexp.MustCompile(`(?i)://|www\.|\bgh-[0-9]|^[-:]`)

// codeSpan fences text with more backticks than it holds in a row. A bar would
// end the cell even in code; a backslash before it would undo its escape.
func codeSpan(s string) string {
	s = strings.ReplaceAll(s, `\|`, `\ |`)
	s = strings.ReplaceAll(s, "|", `\|`)
	longest := 0
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return r != '`' }) {
		longest = max(longest, len(run))
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
