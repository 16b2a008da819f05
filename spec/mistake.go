package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/go-multierror"
)

// Error is a mistake in a spec file.
type Error struct {
	Pos    Pos
	Msg    string
	Source string // the source line, without its line break
	Also   Pos    // the other place, where two contradict each other; zero: none

	// Missing is what a document that would mend the mistake says; nil: none could.
	Missing []string
}

// Lacking says which of these a document holds whose absence is the mistake.
func (e *Error) Lacking(words ...string) *Error {
	e.Missing = words
	return e
}

// With says which other place contradicts the one of the mistake.
func (e *Error) With(other Pos) *Error {
	e.Also = other
	return e
}

// Errorf describes a mistake that another package found. Its source line is
// filled in by Repository.Locate.
func Errorf(pos Pos, format string, args ...any) *Error {
	return &Error{Pos: pos, Msg: fmt.Sprintf(format, args...)}
}

// Error is "file:line:col: message".
func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

// excerptWidth is the number of characters of a source line that are shown
// before and after the column of a mistake: a spec file may be one long line.
const excerptWidth = 80

// Excerpt is the source line with a caret under the column of the mistake,
// two lines without a final line break; empty if the source line is unknown.
// What a terminal would obey or hide is replaced.
func (e *Error) Excerpt() string {
	if e.Source == "" || e.Pos.Col < 1 {
		return ""
	}
	line := []rune(strings.Map(visible, e.Source))
	col := min(e.Pos.Col-1, len(line))
	from, to := max(0, col-excerptWidth), min(len(line), col+excerptWidth)
	// Tabs are repeated, so that the caret stands right whatever their width.
	under := make([]rune, 0, col-from+1)
	for _, c := range line[from:col] {
		if c != '\t' {
			c = ' '
		}
		under = append(under, c)
	}
	return string(line[from:to]) + "\n" + string(under) + "^"
}

func visible(c rune) rune {
	if c != '\t' && isInvisible(c) {
		return utf8.RuneError
	}
	return c
}

// Errors lists the spec mistakes in err, in their order.
func Errors(err error) []*Error {
	mistakes, _ := split(err)
	return mistakes
}

// OnlyErrors tells whether err is spec mistakes, one or more, and nothing else.
func OnlyErrors(err error) bool {
	mistakes, others := split(err)
	return len(mistakes) > 0 && len(others) == 0
}

// split parts the spec mistakes in err from its other errors.
func split(err error) (mistakes []*Error, others []error) {
	var inner []error
	switch e := err.(type) {
	case nil:
		return nil, nil
	case *Error:
		return []*Error{e}, nil
	case *multierror.Error:
		inner = e.WrappedErrors()
	case interface{ Unwrap() []error }:
		inner = e.Unwrap()
	default:
		if mistakes, _ = split(errors.Unwrap(err)); mistakes == nil {
			return nil, []error{err}
		}
		return mistakes, nil
	}
	for _, one := range inner {
		m, o := split(one)
		mistakes, others = append(mistakes, m...), append(others, o...)
	}
	return mistakes, others
}

// join makes one error of many mistakes, sorted by position, and of other
// errors after them; nil of none.
func join(mistakes []*Error, others ...error) error {
	if len(mistakes)+len(others) == 0 {
		return nil
	}
	slices.SortStableFunc(mistakes, func(a, b *Error) int {
		if c := a.Pos.Compare(b.Pos); c != 0 {
			return c
		}
		return strings.Compare(a.Msg, b.Msg)
	})
	all := &multierror.Error{ErrorFormat: oneALine}
	for _, m := range mistakes {
		all.Errors = append(all.Errors, m)
	}
	all.Errors = append(all.Errors, others...)
	return all
}

func oneALine(errs []error) string {
	lines := make([]string, len(errs))
	for i, err := range errs {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}
