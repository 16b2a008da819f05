package render

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// TableCSV writes the columns and rows for a spreadsheet, which must not take a
// cell for a formula: one that begins like it gets an apostrophe.
func TableCSV(w io.Writer, t Table) error {
	out := csv.NewWriter(w)
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = strings.ReplaceAll(c.Name, " ", "_")
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for _, r := range t.rows() {
		for i, c := range r {
			record[i] = inert(c.Text)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// formulas are the characters with which spreadsheets begin formulas, in the
// widths that they accept.
const formulas = "=+-@＝＋－＠"

// inert is a cell that a spreadsheet shows as it is, and a runner's log too. What
// is not printable is escaped, so that none can begin with a tab or line break.
func inert(s string) string {
	s = safe(s)
	start := strings.TrimLeft(s, " ")
	if strings.HasPrefix(start, "::") || start != "" && strings.ContainsAny(firstRune(start), formulas) {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}
