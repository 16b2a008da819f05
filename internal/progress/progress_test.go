package progress_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/progress"
)

var update = flag.Bool("update", false, "write the golden files")

// run is a run on the clock of a bubble.
type run struct {
	*progress.Progress
	out    bytes.Buffer
	ticker *time.Ticker
	n      int
}

func begin(total, columns int) *run {
	r := &run{ticker: time.NewTicker(time.Second)}
	r.Progress = progress.New(&r.out, progress.Options{
		Total: total, Columns: func() int { return columns }, Now: time.Now, Ticks: r.ticker.C,
	})
	return r
}

// wait lets time pass, in which nothing ends.
func (r *run) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait() // for a tick of now
}

// step ends steps, each so long after the one before.
func (r *run) step(stage, steps int, each time.Duration) {
	for range steps {
		r.wait(each)
		r.n++
		r.Done(progress.Step{Text: fmt.Sprintf("applied update group@account/grp_%d", r.n), Stage: stage})
	}
}

func (r *run) fail(stage int, text string) {
	r.n++
	r.Done(progress.Step{Text: text, Stage: stage, Failed: true})
}

func (r *run) end() string {
	r.ticker.Stop()
	r.Close()
	return r.out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// story is a run with a fast stage, a failure, and a slow stage that stands still.
func story(t *testing.T, columns int) (text string) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		r := begin(60, columns)
		r.step(1, 12, 250*time.Millisecond)
		r.fail(1, "failed update group@account/grp_bad: 403 PERMISSION_DENIED")
		r.step(2, 2, time.Second)
		r.wait(11 * time.Second)
		r.step(2, 3, 6*time.Second)
		r.Say("interrupted")
		r.step(2, 42, 40*time.Millisecond)
		text = r.end()
	})
	return text
}

// A terminal: one line that is taken back before it is written again, and what is
// to stay above it. ↵ stands for that.
func TestTheLineOnATerminal(t *testing.T) {
	text := story(t, 80)
	if !strings.HasSuffix(text, "\r\x1b[K") || strings.Count(text, "\n") != 2 {
		t.Errorf("%q", text)
	}
	golden(t, "terminal.txt", strings.ReplaceAll(text, "\r\x1b[K", "↵\n"))
}

func TestLinesInALog(t *testing.T) {
	text := story(t, 0)
	if strings.ContainsAny(text, "\r\x1b") {
		t.Errorf("control characters in a log: %q", text)
	}
	lines := strings.Split(text, "\n")
	golden(t, "log.txt", strings.Join(append(lines[:25:25], "…", lines[len(lines)-2], ""), "\n"))
}

// A line that were longer than the terminal is wide would break, and could not be
// taken back.
func TestANarrowTerminal(t *testing.T) {
	for _, columns := range []int{1, 2, 7, 20, 31} {
		text := story(t, columns)
		if !strings.Contains(text, "\r\x1b[K") {
			t.Errorf("%d columns: %q", columns, text)
		}
		for _, drawn := range strings.FieldsFunc(text, func(c rune) bool { return c == '\r' || c == '\n' }) {
			if shown := ansi.Strip(drawn); ansi.StringWidth(shown) >= columns && !strings.HasPrefix(shown, "failed") && shown != "interrupted" {
				t.Errorf("%d columns hold %q", columns, shown)
			}
		}
	}
}

// Nothing is drawn of a run that is over.
func TestNothingIsDrawnAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(3, 80)
		r.step(1, 1, time.Second)
		before := len(r.end())
		r.Say("stopped")
		if got := r.out.String()[before:]; got != "stopped\n" {
			t.Errorf("%q", got)
		}
	})
}

// The rate is that of the stage: what was fast before does not promise an end
// that will not come.
func TestTimeLeft(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func(*run)
		want string
	}{
		{"no rate yet", func(r *run) { r.step(1, 3, time.Second) }, "3 of 100 after 3s"},
		{"one in a second", func(r *run) { r.step(1, 40, time.Second) }, "40 of 100 after 40s, 1.0/s, about 58s left"},
		{"a new stage goes on with the rate of the one before", func(r *run) { r.step(1, 40, 100*time.Millisecond); r.step(2, 1, 100*time.Millisecond) }, "41 of 100 after 4s, 9.7/s, about 6s left"},
		{"unless it cannot any more", func(r *run) { r.step(1, 40, 100*time.Millisecond); r.step(2, 1, 0); r.wait(30 * time.Second) }, "41 of 100 after 34s, 2/min, about 29m30s left"},
		{"and then has its own", func(r *run) { r.step(1, 40, 100*time.Millisecond); r.step(2, 10, 6*time.Second) }, "50 of 100 after 1m4s, 12/min, about 4m7s left"},
		{"it stands still", func(r *run) { r.step(1, 40, time.Second); r.wait(10 * time.Minute) }, "40 of 100 after 10m40s"},
		{"at once", func(r *run) { r.step(1, 99, 0) }, "99 of 100 after 0s"},
		{"the last", func(r *run) { r.step(1, 100, time.Second) }, "100 of 100 after 1m40s, 1.0/s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := begin(100, 200)
			test.run(r)
			r.Say("now")
			_, last, _ := strings.Cut(r.end(), "now\n")
			if last = strings.TrimSuffix(last, "\r\x1b[K"); last != test.want {
				t.Errorf("%s: %q, want %q", test.name, last, test.want)
			}
		})
	}
}

// Steps end at once while the clock ticks.
func TestManyAtOnce(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := progress.New(&out, progress.Options{Total: 80, Columns: func() int { return 60 }, Now: time.Now, Ticks: ticks})
	done := make(chan struct{})
	for range 8 {
		go func() {
			for range 10 {
				p.Done(progress.Step{Text: "applied"})
			}
			done <- struct{}{}
		}()
	}
	for range 8 {
		ticks <- time.Time{}
		<-done
	}
	p.Close()
	if !strings.Contains(out.String(), "80 of 80") {
		t.Errorf("%q", out.String())
	}
}
