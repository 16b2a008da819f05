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
			out[i] = spec.Version{Commit: v.Commit, Text: func() ([]byte, error) {
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

// tellBroken prints the first mistake of each file with mistakes, and what was
// read in its place.
func tellBroken(w io.Writer, broken []spec.Broken) {
	for _, b := range broken {
		fmt.Fprintln(w, line(b.Errors[0].Error()))
		if excerpt := b.Errors[0].Excerpt(); excerpt != "" {
			fmt.Fprintln(w, prefixed("  | ", excerpt))
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

func instead(b spec.Broken) string {
	const shown = 12 // characters of a commit
	commit := ""
	if b.Commit != "" {
		commit = " as of commit " + b.Commit[:min(len(b.Commit), shown)]
	}
	if b.Instead == spec.OlderVersion {
		return "read" + commit
	}
	text := "left out"
	if b.Instead == spec.InPart {
		text = "read in part" + commit
	}
	text += ", and whoever it names keeps what they have: no version without mistakes was found"
	if b.History != nil {
		text += " (" + b.History.Error() + ")"
	}
	return text
}
