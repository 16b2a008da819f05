package render

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// folds breaks safe text into at most so many lines of at most that width, behind a
// space, dot, slash, dash, underscore or @ where it has one, and cuts the rest.
func folds(s string, width, lines int) []string {
	var out []string
	for s != "" {
		s = strings.TrimLeft(s, " ")
		if ansi.StringWidth(s) <= width {
			return append(out, s)
		}
		if len(out) == lines-1 {
			return append(out, ansi.Truncate(s, width, "…"))
		}
		head := ansi.Truncate(s, width, "")
		if i := strings.LastIndexAny(head, " ./-_@,"); i > len(head)/2 {
			head = head[:i+1]
		}
		out, s = append(out, strings.TrimRight(head, " ")), s[len(head):]
	}
	return out
}
