package render

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// commands breaks up what Azure's runner obeys wherever it stands in a log.
var commands = strings.NewReplacer("##vso[", "## vso[", "##[", "## [")

// safe makes text that somebody else wrote harmless on a terminal and in a log:
// whatever is not printable (escape sequences, control, bidirectional and
// invisible characters, broken UTF-8) is shown as an escape.
func safe(s string) string {
	s = commands.Replace(s)
	if isSafe(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[0])|0x100, 16)[1:])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		s = s[n:]
	}
	return b.String()
}

func isSafe(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return false
		}
	}
	return true
}

// quoted is a reason as it is printed: on one line, in double quotes, cut to the
// width.
func quoted(s string, width int) string {
	s = strings.Join(strings.Fields(s), " ")
	s = strings.ReplaceAll(safe(s), `"`, `'`)
	return `"` + ansi.Truncate(s, max(width-2, 1), "…") + `"`
}

// wrap breaks a safe text between words into lines of at most that width.
func wrap(s string, width int) []string {
	return strings.Split(ansi.Wrap(s, max(width, 20), ""), "\n")
}

// unlikeCommand makes the beginning of a line unlike a command of GitHub's runner,
// ::error::, which looks past spaces.
func unlikeCommand(line string) string {
	if strings.HasPrefix(strings.TrimLeft(line, " "), "::") {
		return strings.Replace(line, "::", ": :", 1)
	}
	return line
}
