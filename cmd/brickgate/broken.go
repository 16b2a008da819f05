package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/brickgate/brickgate/internal/history"
	"github.com/brickgate/brickgate/spec"
)

// versions finds the older versions of files in git, which is asked only once
// there is a file that needs them.
func versions(ctx context.Context) spec.History {
	var past *history.Repository
	var failed error
	return func(dir, file string) ([]spec.Version, error) {
		if past == nil && failed == nil {
			past, failed = history.Open(ctx, dir)
		}
		if failed != nil {
			return nil, failed
		}
		found, err := past.Versions(ctx, file)
		out := make([]spec.Version, len(found))
		for i, v := range found {
			out[i] = spec.Version{Commit: v.Commit, Time: v.Time, Text: func() ([]byte, error) {
				text, err := v.Text(ctx)
				if errors.Is(err, history.ErrNoText) {
					err = spec.ErrNoText
				}
				return text, err
			}}
		}
		return out, err
	}
}

// tellBroken prints the first mistakes of each file with mistakes, and what was
// read in its place.
func tellBroken(w io.Writer, broken []spec.Broken) {
	const shown = 3 // mistakes of a file
	for _, b := range broken {
		for _, m := range b.Errors[:min(len(b.Errors), shown)] {
			fmt.Fprintln(w, line(m.Error()))
			if excerpt := m.Excerpt(); excerpt != "" {
				fmt.Fprintln(w, prefixed("  | ", excerpt))
			}
		}
		if more := len(b.Errors) - shown; more > 0 {
			fmt.Fprintf(w, "  and %d more in %s\n", more, line(b.File))
		}
		fmt.Fprintln(w, "  "+line(instead(b)))
	}
	switch len(broken) {
	case 0:
	case 1:
		fmt.Fprintln(w, "1 file with mistakes")
	default:
		fmt.Fprintf(w, "%d files with mistakes\n", len(broken))
	}
}

// shownCommit is how much of a commit is printed.
const shownCommit = 12

func instead(b spec.Broken) string {
	commit := ""
	if b.Commit != "" {
		commit = " as of commit " + b.Commit[:min(len(b.Commit), shownCommit)]
	}
	if b.Instead == spec.OlderVersion {
		return "read" + commit
	}
	text, named := "left out", "whoever it names"
	switch {
	case b.Repeats:
		text, named = "left out: other files have its documents", ""
	case b.Instead == spec.InPart && b.Loads:
		text, named = "read with its mistakes"+commit, "whoever the entries with them name"
	case b.Instead == spec.InPart:
		text = "read in part" + commit
	}
	if named != "" {
		text += ", and " + named + " keeps what they have"
	}
	text += ": no version without mistakes was found"
	if b.History != nil {
		text += " (" + b.History.Error() + ")"
	}
	return text
}
