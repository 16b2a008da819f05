package reconcile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
)

// direct calls the sandbox without a network, so that a test can have a time of
// its own. Requests take a random time before and after they are handled.
type direct struct {
	server http.Handler
	most   time.Duration

	mu     sync.Mutex // guards random
	random *rand.Rand
}

func (d *direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := d.pause(req.Context()); err != nil {
		return nil, err
	}
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	if !served(d.server, out, in) {
		return nil, errors.New("connection lost")
	}
	if err := d.pause(req.Context()); err != nil {
		return nil, err
	}
	resp := out.Result()
	resp.Request = req
	return resp, nil
}

// served is false where the handler cut the connection.
func served(h http.Handler, w http.ResponseWriter, r *http.Request) (ok bool) {
	defer func() {
		if cut := recover(); cut != nil && cut != http.ErrAbortHandler {
			panic(cut)
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

func (d *direct) pause(ctx context.Context) error {
	if d.most == 0 {
		return nil
	}
	d.mu.Lock()
	pause := time.Duration(d.random.Int64N(int64(d.most)))
	d.mu.Unlock()
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inItsOwnTime runs a test with a lab whose requests take up to most, in a time
// that passes at once. The random numbers follow from the seed.
func inItsOwnTime(t *testing.T, l *lab, most time.Duration, seed uint64, test func(*lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		inside := *l
		inside.t, inside.url, inside.now = t, "http://sandbox", time.Now()
		inside.transport = &reconcile.Transport{Base: &direct{server: l.Server, most: most, random: rand.New(rand.NewPCG(seed, 0))}, Backoff: time.Millisecond}
		test(&inside)
	})
}

// lock is the lock of the environment, as the lab's identity sees it.
func (l *lab) lock() *reconcile.Lock {
	l.t.Helper()
	clients, err := reconcile.Connect(l.t.Context(), l.environment(), l.endpoint, l.transport)
	if err != nil {
		l.t.Fatal(err)
	}
	return clients.LockOf("test", l.env)
}

// process is a taker: a process of its own on a host of its own.
func process(pid int) (reconcile.Taking, *told) {
	lines := &told{}
	return reconcile.Taking{
		Host: "host-" + string(rune('a'+pid%26)), Machine: "machine-" + string(rune('a'+pid%26)), PID: pid,
		Alive: func(int) bool { return true }, Random: rand.NewChaCha8([32]byte{byte(pid), byte(pid >> 8)}), Tell: lines.tell,
	}, lines
}

// told are the lines that a taker said.
type told struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (s *told) tell(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *told) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

const lockPath = "/Shared/.brickgate/test.dev.lock"

// leaveLock puts a lock file there, as a holder who was last there at that time
// by the platform's clock.
func (l *lab) leaveLock(at string, h any, modified time.Time) {
	l.t.Helper()
	content, err := json.Marshal(h)
	if err != nil {
		l.t.Fatal(err)
	}
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects, sandbox.Object{Type: "files", Path: at, Content: content, CreatedAt: modified.UnixMilli(), ModifiedAt: modified.UnixMilli()})
	})
}

// lockFile is what stands in the lock file, nil if there is none.
func (l *lab) lockFile(at string) *reconcile.Holder {
	l.t.Helper()
	for _, o := range workspace(l.State(), "dev/main").Objects {
		if o.Path != at {
			continue
		}
		h := &reconcile.Holder{}
		if err := json.NewDecoder(bytes.NewReader(o.Content)).Decode(h); err != nil {
			l.t.Fatal(err)
		}
		return h
	}
	return nil
}

// deadHolder was last there two minutes ago by its own clock.
func deadHolder() reconcile.Holder {
	return reconcile.Holder{
		Lease: "dead", Identity: "robot@example.com", Host: "gone-host", Machine: "gone", PID: 4242,
		Started: time.Now().Add(-10 * time.Minute), Renewed: time.Now().Add(-2 * time.Minute),
	}
}

// take takes the lock, which must succeed, and releases it at the end.
func (l *lab) take(t reconcile.Taking) *reconcile.Lease {
	l.t.Helper()
	lease, err := l.lock().Take(l.t.Context(), t)
	if err != nil {
		l.t.Fatal(err)
	}
	return lease
}

func (l *lab) release(lease *reconcile.Lease) {
	l.t.Helper()
	if err := lease.Release(l.t.Context()); err != nil {
		l.t.Error(err)
	}
}
