package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/term"
)

// isTerminal tells whether a stream is one that a person looks at or types in.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// coloured decides per writer: on a terminal, unless NO_COLOR or a dumb one
// says otherwise; CLICOLOR_FORCE colours pipes too.
func coloured(w io.Writer) bool {
	if os.Getenv("NO_COLOR") != "" {
		return false
	}
	if force := os.Getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return isTerminal(w) && os.Getenv("TERM") != "dumb"
}

func width(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// line is a text of others on a line of its own, which does not begin like a command
// of GitHub's runners. These look past spaces.
func line(text string) string {
	text = strings.NewReplacer("\n", "\uFFFD", "\t", "\uFFFD").Replace(clean(text))
	if strings.HasPrefix(strings.TrimSpace(text), "::") {
		text = strings.Replace(text, "::", ": :", 1)
	}
	return text
}

// prefixed begins every line in the same way. Nothing that specs or servers say
// can so begin a line, where GitHub's runners look for commands (::error::).
func prefixed(prefix, text string) string {
	return prefix + strings.ReplaceAll(clean(text), "\n", "\n"+prefix)
}

// clean takes what could steer a terminal out of text that quotes specs and
// servers, and what runners obey wherever it stands (##[…], ##vso[…]).
func clean(text string) string {
	for range 2 { // of three in a row, two are left the first time
		text = strings.ReplaceAll(text, "##", "# #")
	}
	return strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && steers(c) {
			return '\uFFFD'
		}
		return c
	}, text)
}

// escaped writes what could steer a terminal or a runner as JSON's own escapes,
// which mean the same; in JSON such characters stand in strings only.
func escaped(document []byte) []byte {
	document = bytes.ReplaceAll(document, []byte("##"), []byte(`#\u0023`))
	var b bytes.Buffer
	for _, c := range string(document) {
		switch {
		case c == '\n' || !steers(c):
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.Bytes()
}

// steers tells control, formatting and line-breaking characters.
func steers(c rune) bool { return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
