package journal

import "io"

// File is what a journal writes to.
type File interface {
	io.WriteCloser
	Sync() error
}

// Over makes a journal replace its file by another one, which may fail.
func (j *Journal) Over(replace func(File) File) { j.file = replace(j.file) }
