package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/brickgate/brickgate/plan"
)

// Witness is told of every change before its first write and after its last, of
// several at once. An error of Intent keeps the change from being made.
type Witness interface {
	Intent(plan.Change) error
	Outcome(plan.Outcome)
}

// witnessed makes a change before the witness of the run, where it has one.
func (r *Run) witnessed(ctx context.Context, c plan.Change) (requests []string, err error) {
	if r.Witness != nil {
		if err := r.Witness.Intent(c); err != nil {
			return nil, fmt.Errorf("nothing was written, since it cannot be recorded: %w", err)
		}
	}
	ids := &requestIDs{}
	err = kind(c.Key.Kind).Apply(context.WithValue(ctx, requestIDsKey{}, ids), r, c)
	if errors.Is(err, errStopped) && !ids.written() {
		return nil, errNotBegun
	}
	return ids.list(), err
}

// errNotBegun is that a change was waiting for its turn when the run was
// interrupted: its intent is recorded, and nothing of it was written.
var errNotBegun = errors.New("interrupted before its first write")

// requestIDs are the ids that the platform gave to the writes of one change, by
// which its own audit log has them. They come by the context of the change, since
// only that reaches from the change through the SDK to the answer.
type requestIDs struct {
	mu    sync.Mutex // guards what follows: a change may write several things at once
	ids   []string
	wrote bool // something may have been written, whether it was answered or not
}

type requestIDsKey struct{}

func (r *requestIDs) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

func (r *requestIDs) written() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wrote
}

func (r *requestIDs) write(resp *http.Response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrote = true
	if resp == nil {
		return
	}
	if id := resp.Header.Get("X-Request-Id"); id != "" {
		r.ids = append(r.ids, id)
	}
}

// noting notes the writes that were sent, and the ids of their answers.
type noting struct{ base http.RoundTripper }

func (n noting) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(req)
	ids, ok := req.Context().Value(requestIDsKey{}).(*requestIDs)
	if ok && req.Method != http.MethodGet && !errors.Is(err, errUnmade) {
		ids.write(resp)
	}
	return resp, err
}
