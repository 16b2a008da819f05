package reconcile_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// answers is a server that gives these answers one after the other, the last one
// for ever.
type answers struct {
	given []reply
	asked int
}

type reply struct {
	status int
	after  string // Retry-After
	date   string // Date
	err    error
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	r := a.given[min(a.asked, len(a.given)-1)]
	a.asked++
	if r.err != nil {
		return nil, r.err
	}
	resp := &http.Response{StatusCode: r.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: req}
	if r.after != "" {
		resp.Header.Set("Retry-After", r.after)
	}
	if r.date != "" {
		resp.Header.Set("Date", r.date)
	}
	return resp, nil
}

// Which requests are repeated, how often and for how long, in the time of the
// test alone.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	for _, test := range []struct {
		name   string
		method string
		given  []reply
		asked  int
		took   time.Duration
		status int // 0 = an error
	}{
		{"a wait that the server asks for", "GET", []reply{{429, "35", "", nil}, {429, "35", "", nil}, {200, "", "", nil}}, 3, 70 * time.Second, 200},
		{"a long wait that the server asks for", "GET", []reply{{429, "120", "", nil}, {200, "", "", nil}}, 2, 2 * time.Minute, 200},
		{"a wait that is too long", "GET", []reply{{429, "3600", "", nil}}, 1, 0, 429},
		{"a server that is down for too long", "GET", []reply{{503, "3600", "", nil}}, 1, 0, 503},
		{"429 without a time is asked again for minutes", "PATCH", []reply{{429, "", "", nil}}, 11, 243500 * time.Millisecond, 429},
		{"a POST that was refused for its rate", "POST", []reply{{429, "", "", nil}, {200, "", "", nil}}, 2, 500 * time.Millisecond, 200},
		{"a POST that may have been done", "POST", []reply{{503, "", "", nil}}, 1, 0, 503},
		{"a POST whose answer was lost", "POST", []reply{{0, "", "", lost}}, 1, 0, 0},
		{"a GET whose answer was lost", "GET", []reply{{0, "", "", lost}, {200, "", "", nil}}, 2, 500 * time.Millisecond, 200},
		{"five attempts of what fails", "GET", []reply{{500, "", "", nil}}, 5, 7500 * time.Millisecond, 500},
		{"what is not there", "GET", []reply{{404, "", "", nil}}, 1, 0, 404},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &answers{given: test.given}
				body := io.NopCloser(strings.NewReader("x"))
				req, err := http.NewRequestWithContext(t.Context(), test.method, "http://host/", body)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				resp, err := (&reconcile.Transport{Base: server}).RoundTrip(req)
				took := time.Since(start)
				status := 0
				if err == nil {
					status = resp.StatusCode
					if err := resp.Body.Close(); err != nil {
						t.Error(err)
					}
				}
				if server.asked != test.asked || took != test.took || status != test.status {
					t.Errorf("asked %d times in %s for %d; want %d, %s, %d", server.asked, took, status, test.asked, test.took, test.status)
				}
				if req.Body != body {
					t.Error("the caller's request was changed")
				}
			})
		})
	}
}

// An attempt has its own time, which the next one does not share, and the body of
// an answer can be read after RoundTrip.
func TestTimeOfAnAttempt(t *testing.T) {
	t.Parallel()
	asked := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			<-r.Context().Done()
			return
		}
		io.WriteString(w, strings.Repeat("x", 1<<20))
	}))
	defer web.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, web.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &reconcile.Transport{Backoff: time.Millisecond, Timeout: 500 * time.Millisecond}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || len(body) != 1<<20 {
		t.Errorf("read %d bytes: %v", len(body), err)
	}
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

// Once it is stopped a transport waits for nothing.
func TestStoppedTransport(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	close(stop)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host/", nil)
	if err != nil {
		t.Fatal(err)
	}
	server := &answers{given: []reply{{429, "60", "", nil}}}
	_, err = (&reconcile.Transport{Base: server, Stop: stop}).RoundTrip(req)
	if err == nil || !strings.Contains(err.Error(), "interrupted") || server.asked != 1 {
		t.Errorf("asked %d times: %v", server.asked, err)
	}
}

// A change that waits for Unity Catalog to know a new principal ends with the run.
func TestInterruptedWait(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(doc("Group", "grp_a", "{}"), onSchema(`{group: grp_a, privileges: [SELECT]}`))))
	l.opts.SettlePause, l.opts.Settle = time.Hour, 2*time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.Inject(sandbox.Fault{Method: http.MethodPatch, Path: "/api/2.1/unity-catalog/permissions/*", Times: -1, Status: http.StatusNotFound,
		Body:   `{"error_code":"PRINCIPAL_DOES_NOT_EXIST","message":"Could not find principal"}`,
		Mutate: func(*sandbox.State) { cancel() }})
	run, p := l.plan()
	outcomes := run.Apply(ctx, p, func(plan.Outcome) {})
	last := outcomes[len(outcomes)-1]
	if last.Status != plan.Failed {
		t.Fatalf("%s ended as %s", last.Change.Key, last.Status)
	}
	contains(t, last.Err.Error(), "Could not find principal", "interrupted")
}

// An environment without workspaces is refused.
func TestConnectWithoutWorkspaces(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	env := *l.environment()
	env.Workspaces.Entries = nil
	_, err := reconcile.Connect(t.Context(), &env, l.endpoint, l.transport)
	if err == nil || !strings.Contains(err.Error(), "environment dev has no workspace") {
		t.Errorf("connected: %v", err)
	}
}

// Changes that are made at once share the directory.
func TestManyChangesAtOnce(t *testing.T) {
	t.Parallel()
	var documents, objects strings.Builder
	for i := range 60 {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		documents.WriteString(doc("ServicePrincipal", "spn_"+n, `{}`))
		objects.WriteString("      - {type: clusters, id: c" + n + ", name: c" + n + ", creator: \"user:admin@example.com\"}\n")
		documents.WriteString(doc("Permissions", "c"+n, `{objects: [{type: clusters, name: c`+n+`}], permissions: [{group: AAD-Auditors, level: CAN_RESTART}]}`))
	}
	l := newLab(t, with(world, "    objects:\n", "    objects:\n"+objects.String()), project, file(documents.String()))
	l.opts.Concurrency = 120
	l.change(func(st *sandbox.State) {
		for _, o := range workspace(st, "dev/main").Objects {
			if strings.HasPrefix(o.ID, "c") {
				allowOn(st, "clusters", o.Name, "sp:spn_etl_dev", "CAN_MANAGE")
			}
		}
	})
	run, p := l.plan()
	for _, o := range l.carryOut(run, p) {
		if o.Status != plan.Applied {
			t.Errorf("%s: %v", o.Change.Key, o.Err)
		}
	}
	l.settled()
}

// A date in Retry-After is read by the clock of the server, which need not be ours.
func TestRetryAfterByTheServersClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		there := time.Now().Add(-3 * time.Hour).UTC()
		server := &answers{given: []reply{
			{429, there.Add(20 * time.Second).Format(http.TimeFormat), there.Format(http.TimeFormat), nil},
			{429, there.Add(-time.Hour).Format(http.TimeFormat), there.Format(http.TimeFormat), nil},
			{429, "99999999999999999999", "", nil}, {429, "-1", "", nil}, {429, "soon", "", nil}, {200, "", "", nil},
		}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host/", nil)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := (&reconcile.Transport{Base: server, Backoff: time.Second}).RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if took, want := time.Since(start), (20+2+4+8+16)*time.Second; took != want {
			t.Errorf("took %s, want %s", took, want)
		}
	})
}

// An answer that breaks off is a lost one, wherever it does.
func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "the beginning")
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, "all of it")
	}))
	defer web.Close()
	for method, want := range map[string]int{http.MethodGet: 3, http.MethodPost: 1} {
		asked.Store(0)
		req, err := http.NewRequestWithContext(t.Context(), method, web.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := (&reconcile.Transport{Backoff: time.Millisecond}).RoundTrip(req)
		if int(asked.Load()) != want || (err == nil) != (method == http.MethodGet) {
			t.Errorf("%s: asked %d times, want %d: %v", method, asked.Load(), want, err)
		}
		if err == nil {
			if text, err := io.ReadAll(resp.Body); err != nil || string(text) != "all of it" {
				t.Errorf("%q, %v", text, err)
			}
		}
	}
}

// Connections are kept, those of failed attempts too: a run takes no more of them
// than it has requests at once.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, chain)
	base, dialed := &http.Transport{MaxIdleConns: 100, MaxIdleConnsPerHost: 100}, new(atomic.Int32)
	defer base.CloseIdleConnections()
	base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	l.transport.Base = base
	for _, method := range []string{http.MethodGet, http.MethodPatch} {
		l.Inject(sandbox.Fault{Method: method, Times: 20, Status: http.StatusBadGateway, ContentType: "text/html", Body: strings.Repeat("<html>", 50_000)})
	}
	l.transport.Attempts, l.transport.Limit = 25, time.Millisecond
	for range 5 {
		l.converge()
	}
	if dialed.Load() > 30 {
		t.Errorf("%d connections", dialed.Load())
	}
}
