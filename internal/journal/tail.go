package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// tail is the end of a journal.
type tail struct {
	seq  int64  // of the last record
	hash string // of the last record
	left []byte // behind it: what a killed writer left
	open bool   // the file does not end with a line break
}

// findTail reads a file from its end until it has a whole record, so that
// beginning a run costs the same whatever is in the journal.
func findTail(f io.ReaderAt, size int64) (tail, error) {
	for n := int64(64 << 10); ; n *= 4 {
		n = min(n, size)
		chunk := make([]byte, n)
		if _, err := f.ReadAt(chunk, size-n); err != nil && !errors.Is(err, io.EOF) {
			return tail{}, err
		}
		whole := n == size
		if !whole { // the first line is only the end of one
			_, chunk, _ = bytes.Cut(chunk, []byte("\n"))
		}
		t, found := lastRecord(chunk)
		if !found && !whole {
			continue
		}
		if !found {
			t.hash = first
		}
		return t, t.check(found)
	}
}

// lastRecord is the last line that is a record, and what is behind it.
func lastRecord(chunk []byte) (tail, bool) {
	lines := bytes.SplitAfter(chunk, []byte("\n"))
	t := tail{open: len(chunk) > 0 && chunk[len(chunk)-1] != '\n'}
	behind := len(chunk)
	for i := len(lines) - 1; i >= 0; i-- {
		r, hash, err := open(bytes.TrimSuffix(lines[i], []byte("\n")))
		if err == nil {
			t.seq, t.hash, t.left = r.Seq, hash, chunk[behind:]
			return t, true
		}
		behind -= len(lines[i])
	}
	t.left = chunk
	return t, false
}

// check refuses to go on after anything but a whole record or an unfinished one.
func (t *tail) check(found bool) error {
	switch {
	case len(t.left) == 0 || unfinished(t.left, t.seq+1, t.hash):
		return nil
	case !found:
		return errors.New("the file is no journal: name another place with --journal")
	}
	return fmt.Errorf("what stands behind record %d was edited or inserted: `brickgate journal verify` tells; move the file away to begin a new one", t.seq)
}
