package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Writes that are not simply repeated when their answer is lost, because
// somebody else may have written in the meantime, or because twice is one too
// many: creates, what replaces a whole, and what may take our own right to do it
// again. They are sent once; then live tells what happened.

// attemptsOfWrite is how often such a write is sent in all.
const attemptsOfWrite = 5

// replace makes a write that replaces a whole, from a read that finds it as the
// plan saw it; what is as it is to be already needs none. Before it is repeated
// it is read again: what is as it is to be was done, and what is neither is
// somebody else's.
func (r *Run) replace(ctx context.Context, c plan.Change, read func(context.Context) ([]plan.Field, error), write func(context.Context) error) error {
	live, err := r.agreed(ctx, read)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		if asAfter(c, live) {
			return nil
		}
		if err := sameAsBefore(c, live); err != nil {
			return err
		}
		lost := write(sentOnce(ctx))
		if !uncertain(lost) {
			return lost
		}
		stopped := sleep(ctx, r.stop, r.Options.pauseBefore(attempt))
		live, err = r.agreed(ctx, read)
		switch {
		case err != nil:
			return fmt.Errorf("%w; whether it was done is not known: read again: %w", lost, err)
		case (stopped != nil || attempt == attemptsOfWrite) && !asAfter(c, live):
			return errors.Join(lost, stopped)
		}
	}
}

// agreed reads until two reads in a row are the same. Reads may go back and forth
// between what is and what was (databrickslabs/ucx), but not for longer than
// Options.Stale; the last one is taken then.
func (r *Run) agreed(ctx context.Context, read func(context.Context) ([]plan.Field, error)) ([]plan.Field, error) {
	deadline := time.Now().Add(r.Options.stale())
	before, err := read(ctx)
	for n := 1; err == nil; n++ {
		var now []plan.Field
		if now, err = read(ctx); err != nil {
			break
		}
		if sameFields(before, now) || !time.Now().Before(deadline) {
			return now, nil
		}
		before = now
		err = sleep(ctx, r.stop, r.Options.pauseBefore(n))
	}
	return nil, err
}

func sameFields(a, b []plan.Field) bool {
	return slices.EqualFunc(a, b, func(a, b plan.Field) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) })
}

// create sends a POST that makes something, and finds what it made where its
// answer is lost. find tells whether it is there; while it is not, reads are
// given patience to show it, before it is sent again.
func (r *Run) create(ctx context.Context, patience time.Duration, post func(context.Context) error, find func(context.Context) (bool, error)) error {
	ours := false // an attempt may have made it
	for attempt := 1; ; attempt++ {
		err := post(sentOnce(ctx))
		exists := alreadyExists(err)
		if !uncertain(err) && !exists || exists && !ours {
			return err
		}
		look := patience
		switch {
		case exists: // by an earlier attempt, so that it must come to light
			look = r.Options.stale()
		case status(err) == http.StatusConflict:
			look = 0 // nothing was done
		default:
			ours = true
		}
		found, lookErr := r.lookFor(ctx, look, find)
		switch {
		case lookErr != nil:
			return fmt.Errorf("%w; whether it was done is not known: %w", err, lookErr)
		case found && ours:
			return nil
		case found || exists || attempt == attemptsOfWrite:
			return err
		}
	}
}

// lookFor looks until it finds, or until what was written must be visible.
func (r *Run) lookFor(ctx context.Context, patience time.Duration, find func(context.Context) (bool, error)) (bool, error) {
	deadline := time.Now().Add(patience)
	for look := 1; ; look++ {
		stopped := sleep(ctx, r.stop, r.Options.pauseBefore(look))
		found, err := find(ctx)
		if found || err != nil {
			return found, err
		}
		if stopped != nil {
			return false, stopped
		}
		if !time.Now().Before(deadline) {
			return false, nil
		}
	}
}
