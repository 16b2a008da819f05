package reconcile_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/reconcile"
)

// arrivals is a server that notes when requests come, and refuses those that
// refuse says, by their number.
type arrivals struct {
	mu     sync.Mutex // guards at, and what refuse keeps
	at     []time.Time
	refuse func(n int) (refused bool, after string)
}

func (a *arrivals) RoundTrip(req *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	n := len(a.at)
	a.mu.Unlock()
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}
	if a.refuse != nil {
		a.mu.Lock()
		refused, after := a.refuse(n)
		a.mu.Unlock()
		if refused {
			resp.StatusCode = http.StatusTooManyRequests
			resp.Header.Set("Retry-After", after)
		}
	}
	return resp, nil
}

// send sends n requests at once, some at a time, and waits for all of them.
func send(t *testing.T, transport *reconcile.Transport, n int, method, path string) {
	t.Helper()
	todo := make(chan int)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for range todo {
				req, err := http.NewRequestWithContext(t.Context(), method, "http://host"+path, nil)
				if err != nil {
					t.Error(err)
					continue
				}
				resp, err := transport.RoundTrip(req)
				if err != nil || resp.StatusCode != 200 {
					t.Errorf("%v, %v", resp, err)
				}
			}
		})
	}
	for i := range n {
		todo <- i
	}
	close(todo)
	workers.Wait()
}

// most is the largest number of arrivals in any such time.
func most(at []time.Time, per time.Duration) int {
	most, from := 0, 0
	for i := range at {
		for at[i].Sub(at[from]) >= per {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// No family is ever faster than what is documented for it, and as fast as that.
func TestDocumentedRates(t *testing.T) {
	t.Parallel()
	const account = "/api/2.0/accounts/aaa/scim/v2/"
	for _, test := range []struct {
		method, path string
		limit        int
		per          time.Duration
	}{
		{"PATCH", "/api/2.0/preview/scim/v2/Groups/1", 10, time.Minute},
		{"GET", "/api/2.0/preview/scim/v2/Groups", 255, time.Minute},
		{"GET", "/api/2.0/preview/scim/v2/Me", 255, time.Minute},
		{"POST", "/api/2.0/preview/scim/v2/Groups", 35, time.Minute},
		{"DELETE", "/api/2.0/preview/scim/v2/Groups/1", 35, time.Minute},
		{"GET", account + "Users", 240, time.Minute},
		{"GET", account + "Groups/1", 20, time.Second},
		{"PATCH", account + "Groups/1", 2, time.Second},
		{"POST", account + "Groups", 5, time.Second},
		{"DELETE", account + "ServicePrincipals/1", 5, time.Second},
		{"PUT", "/api/2.0/accounts/aaa/workspaces/1/permissionassignments/principals/2", 5, time.Second},
		{"GET", "/api/2.0/permissions/sql/warehouses/1", 100, time.Second},
		{"PUT", "/api/2.0/permissions/jobs/1", 30, time.Second},
		{"PATCH", "/api/2.0/permissions/jobs/1", 30, time.Second},
		{"GET", "/api/2.0/workspace/list", 50, time.Second},
		{"POST", "/api/2.0/workspace/import", 30, time.Second},
		{"GET", "/api/2.0/workspace/export", 60, time.Second},
		{"POST", "/api/2.0/workspace/mkdirs", 20, time.Second},
		{"POST", "/api/2.0/workspace/delete", 2, time.Second},
		{"GET", "/api/2.2/jobs/list", 20, time.Second},
		{"GET", "/api/2.0/pipelines", 150, time.Second},
	} {
		t.Run(test.method+test.path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &arrivals{}
				start := time.Now()
				send(t, &reconcile.Transport{Base: server}, 3*test.limit, test.method, test.path)
				if n := most(server.at, test.per); n != test.limit {
					t.Errorf("%d requests in %s, want %d", n, test.per, test.limit)
				}
				if took := time.Since(start); took != 2*test.per {
					t.Errorf("three times the limit took %s, want %s", took, 2*test.per)
				}
			})
		})
	}
}

// Workspaces do not share what is counted for each of them, and what nothing is
// documented for is as fast as it goes.
func TestFamiliesApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &arrivals{}
		transport := &reconcile.Transport{Base: server}
		start := time.Now()
		for _, workspace := range []string{"1", "2"} {
			for range 10 {
				req, err := http.NewRequestWithContext(t.Context(), "PATCH", "http://host/api/2.0/preview/scim/v2/Groups/1", nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("X-Databricks-Workspace-Id", workspace)
				if _, err := transport.RoundTrip(req); err != nil {
					t.Fatal(err)
				}
			}
		}
		send(t, transport, 500, "GET", "/api/2.0/apps")
		if took := time.Since(start); took != 0 {
			t.Errorf("took %s", took)
		}
	})
}

// A server that allows less than is documented is asked less and less often, then
// more often step by step; never more often than is documented.
func TestRateFollowsRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &arrivals{}
		last, refused := time.Time{}, 0
		server.refuse = func(n int) (bool, string) { // 20 a second at best are 8 here, one at a time
			if n > 200 || time.Since(last) >= time.Second/8 {
				last = time.Now()
				return false, ""
			}
			refused++
			return true, ""
		}
		send(t, &reconcile.Transport{Base: server}, 1000, "GET", "/api/2.0/accounts/aaa/scim/v2/Groups/1")
		if refused > 60 {
			t.Errorf("%d requests were refused", refused)
		}
		if n := most(server.at, time.Second); n != 20 {
			t.Errorf("%d requests in a second, want 20", n)
		}
		end := server.at[len(server.at)-200:]
		if took := end[199].Sub(end[0]); took > 10*time.Second {
			t.Errorf("the last 200 requests took %s: the rate did not rise again", took)
		}
	})
}

// What the server asks one request to wait, all of its family wait, by seconds or
// by date; others do not.
func TestRetryAfterHoldsTheFamily(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func() string{
		"seconds": func() string { return "30" },
		"a date":  func() string { return time.Now().Add(30 * time.Second).UTC().Format(http.TimeFormat) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &arrivals{refuse: func(n int) (bool, string) { return n == 1, after() }}
				transport := &reconcile.Transport{Base: server}
				start := time.Now()
				var first sync.WaitGroup
				first.Go(func() { send(t, transport, 1, "GET", "/api/2.0/permissions/jobs/1") })
				synctest.Wait()
				send(t, transport, 20, "GET", "/api/2.2/jobs/list")
				if took := time.Since(start); took != 0 {
					t.Errorf("another family waited for %s", took)
				}
				send(t, transport, 3, "GET", "/api/2.0/permissions/jobs/2")
				first.Wait()
				held := server.at[21:]
				for _, at := range held {
					if at.Sub(start) < 30*time.Second {
						t.Errorf("one of the family went after %s", at.Sub(start))
					}
				}
				if len(held) != 4 {
					t.Errorf("%d requests after the break, want 4", len(held))
				}
			})
		})
	}
}

// Jitter comes on top of what the server asks for.
func TestJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &arrivals{refuse: func(n int) (bool, string) { return n < 3, []string{"", "7", "", ""}[n] }}
		transport := &reconcile.Transport{Base: server, Jitter: func(d time.Duration) time.Duration { return d / 2 }}
		send(t, transport, 1, "GET", "/api/2.0/apps")
		waits := []time.Duration{server.at[1].Sub(server.at[0]), server.at[2].Sub(server.at[1])}
		if want := []time.Duration{7250 * time.Millisecond, 1500 * time.Millisecond}; !slices.Equal(waits, want) {
			t.Errorf("waited %v, want %v", waits, want)
		}
	})
}

// Who waits for a turn is let go when the run is interrupted, without a request.
func TestStoppedBeforeItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, stop := &arrivals{}, make(chan struct{})
		transport := &reconcile.Transport{Base: server, Stop: stop}
		send(t, transport, 10, "PATCH", "/api/2.0/preview/scim/v2/Groups/1")
		time.AfterFunc(time.Second, func() { close(stop) })
		req, err := http.NewRequestWithContext(t.Context(), "PATCH", "http://host/api/2.0/preview/scim/v2/Groups/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = transport.RoundTrip(req)
		if err == nil || !strings.Contains(err.Error(), "interrupted") || time.Since(start) != time.Second || len(server.at) != 10 {
			t.Errorf("after %s, %d requests: %v", time.Since(start), len(server.at), err)
		}
	})
}
