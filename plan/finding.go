package plan

import (
	"cmp"
	"slices"
	"strings"
)

// Level says what a finding does.
type Level string

const (
	LevelError Level = "error" // blocks what its document adds
	LevelWarn  Level = "warn"
	LevelNote  Level = "note" // for the reader; nothing is wrong
)

// Finding is what a rule has to say about one place of the repository, or about
// live access.
type Finding struct {
	Code    string // stable: BG201; of a rule of the repository's own, its name
	Level   Level
	Pos     Pos // of the entry
	Doc     Pos // of the document that it stands in, by the place of its name; an error blocks what it adds
	Message string
}

// SortFindings orders by place, code and message, and drops what is said twice.
func SortFindings(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(findings)
}

// Errors tells whether any of the findings is an error.
func Errors(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == LevelError })
}
