package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/brickgate/brickgate/internal/filelock"
	"github.com/brickgate/brickgate/plan"
)

// Journal is a file that is being added to. Its methods may be called at once.
type Journal struct {
	path string
	now  func() time.Time

	mu   sync.Mutex // guards all below
	file file
	tail tail
	run  string
	open map[plan.Key]int64 // intents without an outcome yet
	over map[plan.Key]int64 // intents with one
	err  error              // the first one: what the file holds is unknown from then on
}

// file is what a journal needs of an *os.File.
type file interface {
	io.WriteCloser
	Sync() error
}

// Open opens the journal at path to add to it, or begins one. It takes the lock,
// checks the last line, and completes what a killed writer left; anything else
// that is wrong at the end is an error, and so is a journal that is in use.
func Open(path string, now func() time.Time) (*Journal, error) {
	j, err := openFile(path, now)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return j, nil
}

func openFile(path string, now func() time.Time) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, now: now, file: f, open: map[plan.Key]int64{}, over: map[plan.Key]int64{}}
	if err := j.take(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

// take locks the file and finds out how to go on in it.
func (j *Journal) take(f *os.File) error {
	if err := filelock.Take(f); err != nil {
		return fmt.Errorf("in use by another run: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if j.tail, err = findTail(f, info.Size()); err != nil {
		return err
	}
	if info.Size() == 0 {
		syncFolder(filepath.Dir(j.path))
	}
	if len(j.tail.left) == 0 {
		return nil
	}
	left := torn{Bytes: len(j.tail.left), SHA256: digest(j.tail.left)}
	return j.add(&record{Torn: &left})
}

// syncFolder makes a new file outlast a machine that loses its power. Some systems
// cannot do that for a folder, and lose no less without.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// Begin records that a run begins. It is on disk when Begin returns.
func (j *Journal) Begin(r Run) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.run = r.ID
	return j.flushed(&record{Begin: &begin{Format, r}})
}

// Intent records a change that is about to be made. It is on disk when Intent
// returns; after an error the change must not be made.
func (j *Journal) Intent(c plan.Change) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.flushed(&record{Intent: intentOf(&c)}); err != nil {
		return err
	}
	j.open[c.Key] = j.tail.seq
	return nil
}

// Outcome records how a change ended whose intent was recorded. What goes wrong
// here fails all later intents, and End.
func (j *Journal) Outcome(o plan.Outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	of, ok := j.open[o.Change.Key]
	if !ok || j.err != nil {
		return
	}
	if j.add(&record{Outcome: outcomeOf(&o, of)}) == nil {
		delete(j.open, o.Change.Key)
		j.over[o.Change.Key] = of
	}
}

// Seen records what was read of a change after it was made. What goes wrong here
// fails End.
func (j *Journal) Seen(o plan.Outcome) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if of, ok := j.over[o.Change.Key]; ok && o.Seen.Sight != "" && j.err == nil {
		_ = j.add(&record{Seen: seenOf(&o.Seen, of)}) // kept for End
	}
}

// End records how the changes of the run ended. Its error is the first one of
// the run.
func (j *Journal) End(outcomes []plan.Outcome) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	counts := map[plan.Status]int{}
	for _, o := range outcomes {
		counts[o.Status]++
	}
	return j.flushed(&record{End: &end{counts}})
}

// Close gives up the lock.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = fmt.Errorf("journal %s: closed", j.path)
	}
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	return nil
}

// flushed adds a record and waits until it is on disk.
func (j *Journal) flushed(r *record) error {
	if err := j.add(r); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		j.err = fmt.Errorf("journal %s: %w", j.path, err)
	}
	return j.err
}

// add writes a record as the next line.
func (j *Journal) add(r *record) error {
	if j.err != nil {
		return j.err
	}
	r.Seq, r.Prev, r.Run, r.At = j.tail.seq+1, j.tail.hash, j.run, j.now().UTC()
	line, hash, err := r.seal()
	if err == nil {
		if j.tail.open {
			line = append([]byte("\n"), line...)
		}
		_, err = j.file.Write(line)
	}
	if err != nil {
		j.err = fmt.Errorf("journal %s: %w", j.path, err)
		return j.err
	}
	j.tail = tail{seq: r.Seq, hash: hash}
	return nil
}
