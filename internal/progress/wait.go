package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// WaitOptions are what somebody waits for, and on which terminal.
type WaitOptions struct {
	Columns func() int    // of the terminal, which may change; 0: its width is not known
	Words   func() string // what is being done, safe to print, without a line break
	Now     func() time.Time
	Ticks   <-chan time.Time // when to look at the clock
}

// patience is for how long somebody waits without a word.
const patience = 2 * time.Second

// Wait is something of which nobody knows how long it takes, and that is shown on a
// terminal in one line that is written again: "reading grants, 1,204 requests … 34s".
// What is over soon is not shown at all.
type Wait struct {
	over chan struct{}
	gone chan struct{}
}

// NewWait begins to show what is waited for.
func NewWait(w io.Writer, opts WaitOptions) *Wait {
	wait := &Wait{make(chan struct{}), make(chan struct{})}
	go wait.show(w, opts, opts.Now())
	return wait
}

// Close takes the line away. Nothing is written afterwards.
func (w *Wait) Close() {
	close(w.over)
	<-w.gone
}

func (w *Wait) show(out io.Writer, opts WaitOptions, begun time.Time) {
	defer close(w.gone)
	drawn := false
	for {
		select {
		case <-w.over:
			if drawn {
				io.WriteString(out, erase)
			}
			return
		case <-opts.Ticks:
		}
		took, columns := opts.Now().Sub(begun), opts.Columns()
		if took < patience || columns <= 0 {
			continue
		}
		text := fmt.Sprintf("%s … %s", opts.Words(), clock(took))
		io.WriteString(out, erase+ansi.Truncate(text, columns-1, "…"))
		drawn = true
	}
}
