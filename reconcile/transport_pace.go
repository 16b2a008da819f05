package reconcile

import (
	"context"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

// family is a row of requests that share a rate: so many in any such time. The
// platform counts them per account or per workspace.
type family struct {
	methods string // "" = those that no row above takes
	path    string // {} is one segment; a last {...} is one or more
	limit   int
	per     time.Duration
}

const (
	scimOfWorkspace = workspaceSCIM + "/{...}"
	scimOfAccount   = "/api/2.0/accounts/{}/scim/v2/{}"
	scimInAccount   = "/api/2.0/accounts/{}/scim/v2/{}/{}"
)

// families is the table; the first row that a request matches is its own.
// Limits: Databricks, "Resource limits", 2026-07; that of assignments is the one
// that databrickslabs/ucx keeps. For Unity Catalog none is documented: its rows
// are ours, there to be lowered by the server's own answers.
var families = []family{
	{"GET", scimOfWorkspace, 255, time.Minute},
	{"PATCH", scimOfWorkspace, 10, time.Minute},
	{"", scimOfWorkspace, 35, time.Minute},
	{"GET", scimOfAccount, 240, time.Minute},
	{"GET", scimInAccount, 20, time.Second},
	{"PATCH", scimInAccount, 2, time.Second},
	{"", "/api/2.0/accounts/{}/scim/v2/{...}", 5, time.Second},
	{"PUT DELETE", "/api/2.0/accounts/{}/workspaces/{}/permissionassignments/{...}", 5, time.Second},
	{"GET", "/api/2.0/permissions/{...}", 100, time.Second},
	{"", "/api/2.0/permissions/{...}", 30, time.Second},
	{"GET", "/api/2.0/workspace/list", 50, time.Second},
	{"POST", "/api/2.0/workspace/import", 30, time.Second},
	{"GET", "/api/2.0/workspace/export", 60, time.Second},
	{"POST", "/api/2.0/workspace/mkdirs", 20, time.Second},
	{"POST", "/api/2.0/workspace/delete", 2, time.Second},
	{"GET", "/api/2.2/jobs/list", 20, time.Second},
	{"GET", "/api/2.0/pipelines", 150, time.Second},
	{"GET", uc + "{...}", 100, time.Second},
	{"", uc + "{...}", 30, time.Second},
}

func (f *family) has(method, path string) bool {
	if f.methods != "" && !strings.Contains(" "+f.methods+" ", " "+method+" ") {
		return false
	}
	template := strings.Split(f.path, "/")
	segments := strings.Split(path, "/")
	for i, part := range template {
		switch {
		case i == len(segments):
			return false
		case part == "{...}":
			return true
		case part != "{}" && part != segments[i]:
			return false
		}
	}
	return len(segments) == len(template)
}

// paces are the paces of the families in use; the zero value has none.
type paces struct {
	mu sync.Mutex // guards of
	of map[place]*pace
}

// paceOf is the pace that a request keeps, nil for none. Requests of a family
// are counted by host and workspace; those of the account have one host.
func (t *Transport) paceOf(req *http.Request) *pace {
	if math.IsInf(t.Pace, 1) {
		return nil
	}
	for i := range families {
		f := &families[i]
		if !f.has(req.Method, req.URL.EscapedPath()) {
			continue
		}
		at := place{req.URL.Host + " " + req.Header.Get(workspaceHeader), f.methods + " " + f.path}
		t.paces.mu.Lock()
		defer t.paces.mu.Unlock()
		if t.paces.of == nil {
			t.paces.of = map[place]*pace{}
		}
		if t.paces.of[at] == nil {
			t.paces.of[at] = newPace(f, t.Pace)
		}
		return t.paces.of[at]
	}
	return nil
}

// pace gives turns to the requests of one family. At full speed there are never
// more than limit of them in any window, however they fall; once the server has
// refused one, they are also spread evenly, at half the speed, which rises again
// step by step while it refuses none. So the speed finds what other programs
// that use the same limit leave over.
type pace struct {
	limit  int
	window time.Duration

	mu      sync.Mutex  // guards the fields below
	turns   []time.Time // the last turns, as many as limit, the oldest at next
	next    int
	last    time.Time
	speed   float64   // 1 = the limit
	changed time.Time // when speed was
	closed  time.Time // no turn before
}

const (
	slowest  = 1.0 / 16
	speedUp  = 0.1              // of the limit, once per …
	quietest = 10 * time.Second // … window, or this
)

func newPace(f *family, scale float64) *pace {
	if scale == 0 {
		scale = 1
	}
	window := time.Duration(float64(f.per) / scale)
	return &pace{limit: f.limit, window: window, speed: 1, turns: make([]time.Time, f.limit)}
}

// wait waits for a turn, and returns when it was.
func (p *pace) wait(ctx context.Context, stop <-chan struct{}) (time.Time, error) {
	if p == nil {
		return time.Time{}, nil
	}
	for {
		now := time.Now()
		left := p.take(now)
		if left <= 0 {
			return now, nil
		}
		if err := sleep(ctx, stop, left); err != nil {
			return now, err
		}
	}
}

// take takes the turn of this moment, or tells how long there is none. Who waits
// asks again: in the meantime others may have come first, or the server may have
// asked for a break.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rise(now)
	turn := p.closed
	if oldest := p.turns[p.next]; !oldest.IsZero() {
		turn = later(turn, oldest.Add(p.window))
	}
	if p.speed < 1 {
		turn = later(turn, p.last.Add(time.Duration(float64(p.window)/float64(p.limit)/p.speed)))
	}
	if turn.After(now) {
		return turn.Sub(now)
	}
	p.turns[p.next], p.last = now, now
	p.next = (p.next + 1) % p.limit
	return 0
}

// slow halves the speed because the request of a turn was refused, and gives no
// turns for as long as the server asks. Of many that are refused at once only the
// first one counts.
func (p *pace) slow(turn time.Time, pause time.Duration) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.closed = later(p.closed, now.Add(pause))
	if turn.Before(p.changed) {
		return
	}
	p.rise(now)
	p.speed, p.changed = max(p.speed/2, slowest), now
}

func (p *pace) rise(now time.Time) {
	step := min(p.window, quietest)
	if n := now.Sub(p.changed) / step; p.speed < 1 && n > 0 {
		p.speed = min(1, p.speed+speedUp*float64(n))
		p.changed = p.changed.Add(n * step)
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
