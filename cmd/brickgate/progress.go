package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/brickgate/brickgate/internal/progress"
	"github.com/brickgate/brickgate/plan"
)

// showing is a run that is shown while it writes.
type showing struct {
	*progress.Progress
	ticker *time.Ticker
	told   chan struct{} // closed once it is said that the run is interrupted
	quiet  func() bool   // keeps that from being said, unless it is
}

// show shows a run, and says when it is interrupted.
func show(ctx context.Context, s streams, total int) *showing {
	opts := progress.Options{Total: total, Now: time.Now, Silent: mannerOf(ctx).quiet}
	if rewritable(s) {
		opts.Columns = func() int { return width(s.err) }
	}
	sh := &showing{ticker: time.NewTicker(time.Second), told: make(chan struct{})}
	opts.Ticks = sh.ticker.C
	sh.Progress = progress.New(s.err, opts)
	sh.quiet = context.AfterFunc(ctx, func() {
		defer close(sh.told)
		sh.Say("interrupted: what is under way is finished, and nothing new begins; a second signal stops at once")
	})
	return sh
}

// rewritable tells whether errors go to a terminal on which a line can be written
// again, and whoever looks at it wants that.
func rewritable(s streams) bool {
	return isTerminal(s.err) && os.Getenv("TERM") != "dumb" && os.Getenv("NO_COLOR") == ""
}

func (sh *showing) outcome(o plan.Outcome) {
	text := fmt.Sprintf("%s %s %s", o.Status, o.Change.Action, o.Change.Key)
	if o.Err != nil && o.Status == plan.Failed {
		text = fmt.Sprintf("%s %v", o.Status, o.Err)
	}
	sh.Done(progress.Step{Text: line(text), Stage: o.Change.Stage, Failed: o.Status == plan.Failed})
}

func (sh *showing) end() {
	if !sh.quiet() {
		<-sh.told
	}
	sh.ticker.Stop()
	sh.Close()
}
