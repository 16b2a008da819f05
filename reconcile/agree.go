package reconcile

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Agree plans again until two plans in a row would do the same, and returns the
// last. For a minute after a write reads may show the world before it, or the old
// and the new one in turns: a plan from such a read would do again what is done,
// or undo what somebody has just done. Who is about to write lets plan be made
// once more; if it agrees with the one in hand, that was all. It waits no longer
// than opts.Stale, when there is nothing old left to be seen.
func Agree(ctx context.Context, opts Options, p plan.Plan, again func(context.Context) (*Run, plan.Plan, error)) (*Run, plan.Plan, error) {
	deadline := time.Now().Add(opts.stale())
	for n := 1; ; n++ {
		run, next, err := again(ctx)
		if err != nil {
			return nil, next, fmt.Errorf("plan again: %w", err)
		}
		if sameChanges(p.Changes, next.Changes) || !time.Now().Before(deadline) {
			return run, next, nil
		}
		p = next
		if err := sleep(ctx, nil, opts.pauseBefore(n)); err != nil {
			return nil, p, err
		}
	}
}

func sameChanges(a, b []plan.Change) bool {
	return slices.EqualFunc(a, b, func(a, b plan.Change) bool {
		return a.Key == b.Key && a.Action == b.Action && slices.EqualFunc(a.Deltas(), b.Deltas(), func(a, b plan.Delta) bool {
			return a.Field == b.Field && slices.Equal(a.Added, b.Added) && slices.Equal(a.Removed, b.Removed)
		})
	})
}
