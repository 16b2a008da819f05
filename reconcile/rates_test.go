package reconcile_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// stopwatch notes when requests of one method leave, and how many are refused.
type stopwatch struct {
	http.RoundTripper
	method string

	mu      sync.Mutex // guards the fields below
	at      []time.Time
	refused int
}

func (s *stopwatch) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	if req.Method == s.method {
		s.at = append(s.at, time.Now())
	}
	s.mu.Unlock()
	resp, err := s.RoundTripper.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		s.mu.Lock()
		s.refused++
		s.mu.Unlock()
	}
	return resp, err
}

// A hundred groups change under the platform's rates: none fails, no minute sees
// more requests than are allowed, and it takes no longer than it must. The clock
// is the bubble's.
func TestHundredGroupsUnderRates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		share   float64 // of the documented rates
		local   bool    // groups of a workspace, of which ten may be changed in a minute
		most    int
		per     time.Duration
		minutes float64 // that it may take
	}{
		{"of a workspace", 1, true, 10, time.Minute, 9.1},
		{"of a workspace that somebody else changes too", 0.5, true, 10, time.Minute, 30},
		{"of the account", 1, false, 2, time.Second, 1},
		{"of the account with half of the rate", 0.5, false, 2, time.Second, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				l := hundredGroups(t, dir, test.local)
				l.SetKnobs(sandbox.Knobs{RateLimits: test.share})
				watch := &stopwatch{RoundTripper: l.transport.Base, method: http.MethodPatch}
				l.transport = &reconcile.Transport{Base: watch}
				run, p := l.plan()
				start := time.Now()
				outcomes := l.carryOut(run, p)
				took := time.Since(start)
				l.allApplied(outcomes)
				if len(outcomes) != 100 {
					t.Errorf("%d changes", len(outcomes))
				}
				if n := most(watch.at, test.per); n > test.most {
					t.Errorf("%d PATCHes in %s, want at most %d", n, test.per, test.most)
				}
				if test.share == 1 && (watch.refused > 0 || len(watch.at) != 100) {
					t.Errorf("%d PATCHes, %d requests refused", len(watch.at), watch.refused)
				}
				if took.Minutes() > test.minutes {
					t.Errorf("took %s", took)
				}
				t.Logf("%s, %d PATCHes, %d refused", took, len(watch.at), watch.refused)
				l.settled()
			})
		})
	}
}

func hundredGroups(t *testing.T, dir string, local bool) *lab {
	t.Helper()
	state, err := sandbox.Parse([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	var documents strings.Builder
	level := ""
	if local {
		level = ", level: workspace, workspace: main"
	}
	for i := range 100 {
		name := fmt.Sprintf("grp_%03d", i)
		g := sandbox.Group{DisplayName: name + "_dev", Members: []string{"user:alice@example.com"}}
		if local {
			state.Workspaces[0].Groups = append(state.Workspaces[0].Groups, g)
		} else {
			state.Account.Groups = append(state.Account.Groups, g)
		}
		documents.WriteString(doc("Group", name, `{members: [{user: bob@example.com}]`+level+`}`))
	}
	l := newBubbleLab(t, state, sandbox.Options{Now: time.Now})
	l.dir, l.allow = dir, map[string]string{plan.GuardMaxRemovals: "they are many"}
	l.put("brickgate.yaml", project)
	l.put("access.yaml", documents.String())
	return l
}
