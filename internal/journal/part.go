package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Part is what one run wrote: the lines of a journal as they stand, from behind
// the last record of the run before it to its own last record. Parts, one after
// the other, are the journal; and none changes once its run has come to its end,
// or its process is gone.
type Part struct {
	Run  Run // as its beginning says; only the ID if that is missing
	Text []byte
}

// Parts cuts a journal, the oldest part first. What stands behind the last record
// is left out: the next run says what it is.
func Parts(r io.Reader) ([]Part, error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	var parts []Part
	var between []byte // read, and not known yet whose it is
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		if len(text) == 0 {
			return parts, nil
		}
		between = append(between, text...)
		rec, _, wrong := open(bytes.TrimSuffix(text, []byte("\n")))
		if wrong != nil || rec.Run == "" {
			continue
		}
		if n := len(parts); n == 0 || parts[n-1].Run.ID != rec.Run {
			parts = append(parts, Part{Run: Run{ID: rec.Run}})
		}
		last := &parts[len(parts)-1]
		if rec.Begin != nil {
			last.Run = rec.Begin.Run
			last.Run.ID = rec.Run
		}
		last.Text = append(last.Text, between...)
		between = between[:0]
	}
}
