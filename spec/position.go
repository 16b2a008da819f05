package spec

import (
	"cmp"
	"fmt"
	"strings"
)

// Pos is a place in a file of the repository.
type Pos struct {
	File string // relative to the repository folder, slash separated
	Line int    // from 1
	Col  int    // from 1, in characters
}

// IsZero reports whether the position is unset, which for a positioned value
// means that the field is absent from the file.
func (p Pos) IsZero() bool { return p == Pos{} }

// String is file:line:col.
func (p Pos) String() string {
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Compare orders positions by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(
		strings.Compare(p.File, q.File),
		cmp.Compare(p.Line, q.Line),
		cmp.Compare(p.Col, q.Col),
	)
}
