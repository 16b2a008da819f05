package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/brickgate/brickgate/internal/filelock"
)

// flushEvery is the longest time between a change and its being on disk.
const flushEvery = 100 * time.Millisecond

// stateFile keeps a state on disk. The lock is on a file beside it, since every
// write replaces the state file itself.
type stateFile struct {
	path string
	lock *os.File

	encode func() ([]byte, error)
	dirty  chan struct{} // holds one mark when there is something to write
	stop   chan struct{}
	done   chan struct{}
	once   sync.Once
	err    error // of the last write; read after done is closed
}

// openStateFile takes the lock; a file that another process has is an error.
func openStateFile(path string) (*stateFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("state file %s: %w", path, err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("state file %s: %w", path, err)
	}
	if err := filelock.Take(lock); err != nil {
		lock.Close()
		return nil, fmt.Errorf("state file %s: in use by another sandbox: %w", path, err)
	}
	f := &stateFile{
		path: path, lock: lock,
		dirty: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if err := f.sweep(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("state file %s: %w", path, err)
	}
	return f, nil
}

// sweep removes what a sandbox that was killed in the middle of a write has left
// beside the file. Nobody else can be writing: the lock is ours.
func (f *stateFile) sweep() error {
	dir, base := filepath.Split(f.path)
	entries, err := os.ReadDir(filepath.Clean(dir + "."))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base+".") && strings.HasSuffix(e.Name(), tmpSuffix) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// tmpSuffix ends the names of files that are still being written.
const tmpSuffix = ".tmp"

// read is the content of the file; nil when there is none yet.
func (f *stateFile) read() ([]byte, error) {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state file %s: %w", f.path, err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("state file %s: is empty", f.path)
	}
	return data, nil
}

// touch marks the state as changed.
func (f *stateFile) touch() {
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}

// start writes the file after changes until close. encode makes its content.
func (f *stateFile) start(encode func() ([]byte, error)) {
	f.encode = encode
	go func() {
		defer close(f.done)
		for {
			select {
			case <-f.dirty:
				f.err = f.write()
			case <-f.stop:
				return
			}
			select {
			case <-time.After(flushEvery):
			case <-f.stop:
				return
			}
		}
	}()
}

// close writes what is left and gives up the lock.
func (f *stateFile) close() error {
	f.once.Do(func() {
		close(f.stop)
		<-f.done
		select {
		case <-f.dirty:
			f.err = f.write()
		default:
		}
		f.release()
	})
	return f.err
}

// release gives up the lock by closing its file.
func (f *stateFile) release() {
	f.lock.Close()
}

// write replaces the file as a whole: whoever reads it sees the old or the new one.
func (f *stateFile) write() error {
	data, err := f.encode()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.path), filepath.Base(f.path)+".*"+tmpSuffix)
	if err != nil {
		return fmt.Errorf("state file %s: %w", f.path, err)
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("state file %s: %w", f.path, err)
	}
	return nil
}
