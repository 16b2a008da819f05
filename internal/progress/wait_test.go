package progress_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/internal/progress"
)

// waited shows a wait of so long, with a request each second, on so many columns.
func waited(t *testing.T, seconds, columns int) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(500 * time.Millisecond)
		var requests atomic.Int64
		w := progress.NewWait(&out, progress.WaitOptions{
			Columns: func() int { return columns }, Now: time.Now, Ticks: ticker.C,
			Words: func() string { return fmt.Sprintf("reading grants, %d requests", requests.Load()) },
		})
		time.Sleep(time.Millisecond)
		for range seconds {
			synctest.Wait()
			requests.Add(1)
			time.Sleep(time.Second)
		}
		ticker.Stop()
		w.Close()
	})
	return out.String()
}

func TestAWaitThatIsOverSoonIsNotShown(t *testing.T) {
	if got := waited(t, 1, 80); got != "" {
		t.Errorf("shown: %q", got)
	}
}

func TestALongWaitIsShownInOneLine(t *testing.T) {
	got := waited(t, 75, 80)
	if !strings.HasPrefix(got, "\r\x1b[Kreading grants, 2 requests … 2s\r") || !strings.Contains(got, "reading grants, 75 requests … 1m15s") {
		t.Errorf("shown: %q", got)
	}
	if strings.Contains(got, "\n") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("it is not one line that is taken away: %q", got)
	}
}

func TestTheLineOfAWaitFitsTheTerminal(t *testing.T) {
	for line := range strings.SplitSeq(waited(t, 5, 20), "\r\x1b[K") {
		if w := ansi.StringWidth(line); w > 19 {
			t.Errorf("%d columns: %q", w, line)
		}
	}
	if got := waited(t, 5, 0); got != "" {
		t.Errorf("on a terminal of no width: %q", got)
	}
}
