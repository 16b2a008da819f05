package reconcile

import (
	"context"
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
	return ids.list(), err
}

// requestIDs are the ids that the platform gave to the writes of one change, by
// which its own audit log has them. They come by the context of the change, since
// only that reaches from the change through the SDK to the answer.
type requestIDs struct {
	mu  sync.Mutex // guards ids: a change may write several things at once
	ids []string
}

type requestIDsKey struct{}

func (r *requestIDs) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ids)
}

// noting notes the ids of answers to writes.
type noting struct{ base http.RoundTripper }

func (n noting) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.base.RoundTrip(req)
	ids, ok := req.Context().Value(requestIDsKey{}).(*requestIDs)
	if err != nil || !ok || req.Method == http.MethodGet {
		return resp, err
	}
	if id := resp.Header.Get("X-Request-Id"); id != "" {
		ids.mu.Lock()
		ids.ids = append(ids.ids, id)
		ids.mu.Unlock()
	}
	return resp, nil
}
