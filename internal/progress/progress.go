// Package progress tells how far a run is: on a terminal in one line that is
// written again and again, elsewhere in plain lines.
//
//	p := progress.New(os.Stderr, progress.Options{Total: 63, Columns: columns, Now: time.Now, Ticks: ticker.C})
//	p.Done(progress.Step{Text: "applied update group@account/grp_a", Stage: 1})
//	p.Close()
//
// A terminal keeps what failed, as lines above the one that changes. A log keeps
// a line for each step, and while steps take long, how far the run is every ten
// seconds: who reads it sees that it lives. No control character goes anywhere but
// to a terminal.
//
// The rate is that of the stage at hand, smoothed: stages write to services of
// very different limits, and what was fast before says little. It is unknown for
// the first steps of the run. The time left takes the rate for all that remains.
package progress

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// Options are what a run is, and where it is shown.
type Options struct {
	Total   int
	Columns func() int // of the terminal, which may change; nil or 0: it is none, or its width is not known
	Now     func() time.Time
	Ticks   <-chan time.Time // when to look at the clock although nothing was done; nil = never
	Silent  bool             // shows nothing but what is said
}

// Step is the end of one of the things to be done.
type Step struct {
	Text   string // safe to print, without a line break
	Stage  int
	Failed bool
}

const (
	heartbeat = 10 * time.Second       // between two summaries in a log
	redraw    = 100 * time.Millisecond // between two writes of the line
)

// erase takes away what stands in the line of the cursor.
const erase = "\r\x1b[K"

// Progress is a run that is shown. Its methods may be called at once.
type Progress struct {
	opts  Options
	over  chan struct{}
	ended sync.WaitGroup

	mu           sync.Mutex // guards w and all below
	w            io.Writer
	done, failed int
	begun, told  time.Time
	rate         rate
	drawn        bool // the line stands there
	closed       bool
}

// New begins to show a run.
func New(w io.Writer, opts Options) *Progress {
	now := opts.Now()
	p := &Progress{opts: opts, w: w, over: make(chan struct{}), begun: now, told: now}
	p.ended.Go(func() {
		for {
			select {
			case <-p.over:
				return
			case <-opts.Ticks:
				p.tick()
			}
		}
	})
	return p
}

// Done counts a step.
func (p *Progress) Done(s Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.opts.Now()
	p.done++
	if s.Failed {
		p.failed++
	}
	p.rate.count(s.Stage, now)
	if p.opts.Silent {
		return
	}
	if p.columns() == 0 {
		fmt.Fprintf(p.w, "[%d/%d] %s\n", p.done, p.opts.Total, s.Text)
		p.beat(now)
		return
	}
	if s.Failed {
		p.say(s.Text, now)
	} else if !p.drawn || now.Sub(p.told) >= redraw || p.done == p.opts.Total {
		p.draw(now)
	}
}

// Say prints a line above the one that changes.
func (p *Progress) Say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.say(text, p.opts.Now())
}

func (p *Progress) say(text string, now time.Time) {
	p.clear()
	fmt.Fprintln(p.w, text)
	if p.columns() > 0 && !p.closed && !p.opts.Silent {
		p.draw(now)
	}
}

// Close takes the line away. Nothing is drawn afterwards.
func (p *Progress) Close() {
	close(p.over)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.closed = true
}

func (p *Progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opts.Silent {
		return
	}
	now := p.opts.Now()
	if p.columns() == 0 {
		p.beat(now)
		return
	}
	p.draw(now)
}

// beat writes the summary if the last one is long ago.
func (p *Progress) beat(now time.Time) {
	if now.Sub(p.told) < heartbeat || p.done == p.opts.Total {
		return
	}
	p.told = now
	fmt.Fprintln(p.w, p.summary(now))
}

// draw writes the line anew, no longer than the terminal is wide: a line that
// breaks cannot be taken back.
func (p *Progress) draw(now time.Time) {
	p.clear()
	p.drawn, p.told = true, now
	io.WriteString(p.w, ansi.Truncate(p.summary(now), p.columns()-1, "…"))
}

// clear takes the line away, if it stands there.
func (p *Progress) clear() {
	if p.drawn {
		io.WriteString(p.w, erase)
		p.drawn = false
	}
}

func (p *Progress) columns() int {
	if p.opts.Columns == nil {
		return 0
	}
	return max(0, p.opts.Columns())
}

// summary is "37 of 200 after 9s, 4.2/s, about 39s left, 1 failed".
func (p *Progress) summary(now time.Time) string {
	parts := []string{fmt.Sprintf("%d of %d after %s", p.done, p.opts.Total, clock(now.Sub(p.begun)))}
	if perSecond, ok := p.rate.at(now); ok {
		parts = append(parts, rateWords(perSecond))
		if left := p.opts.Total - p.done; left > 0 {
			parts = append(parts, "about "+clock(time.Duration(float64(left)/perSecond*float64(time.Second)))+" left")
		}
	}
	if p.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", p.failed))
	}
	return strings.Join(parts, ", ")
}

// rateWords are per second, or of what is slow per minute.
func rateWords(perSecond float64) string {
	switch {
	case perSecond >= 10:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	}
	return fmt.Sprintf("%.0f/min", perSecond*60)
}

// clock is a time as people say it: in whole seconds, of an hour in minutes.
func clock(d time.Duration) string {
	if d < time.Hour {
		return d.Round(time.Second).String()
	}
	return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
}
