package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Apply makes the changes of an ordered plan, stage by stage and within a stage
// as many at once as the options allow. A change whose predecessor did not
// succeed is blocked; everything independent goes on; every change ends with
// exactly one outcome, in the order of the plan. Once ctx is done, or the lease is
// lost, nothing new starts, and what is under way is finished, but not tried
// again. done is told of each outcome as it comes, one at a time.
func (r *Run) Apply(ctx context.Context, p plan.Plan, done func(plan.Outcome)) []plan.Outcome {
	ctx, end := r.Lease.bound(ctx)
	defer end()
	r.stop = ctx.Done()
	e := &executor{
		run: r, changes: p.Changes, done: done,
		outcomes: make([]plan.Outcome, len(p.Changes)), index: map[plan.Key]int{},
	}
	for i := range p.Changes {
		e.index[p.Changes[i].Key] = i
	}
	for from := 0; from < len(p.Changes); {
		to := from
		for to < len(p.Changes) && p.Changes[to].Stage == p.Changes[from].Stage {
			to++
		}
		e.stage(ctx, from, to)
		from = to
	}
	return e.outcomes
}

type executor struct {
	run      *Run
	changes  []plan.Change
	outcomes []plan.Outcome
	index    map[plan.Key]int
	done     func(plan.Outcome)
	waited   [][]int // of the stage: who waits for a change
	missing  []int   // of the stage: for how many changes one waits
}

// untilKnown repeats a write that a service refuses because it does not know a
// principal yet: of those that this run created, others hear after a while.
func (r *Run) untilKnown(ctx context.Context, unknown func(error) bool, write func() error) error {
	deadline := time.Now().Add(r.Options.settle())
	for {
		err := write()
		if err == nil || !unknown(err) || !r.dir.grew() || time.Now().After(deadline) {
			return err
		}
		if stopped := sleep(ctx, r.stop, r.Options.settlePause()); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// stage runs the changes in [from, to): those that wait for nothing first, each
// end starting those that waited for it alone.
func (e *executor) stage(ctx context.Context, from, to int) {
	e.waited, e.missing = make([][]int, len(e.changes)), make([]int, len(e.changes))
	var ready []int
	for i := from; i < to; i++ {
		for _, k := range e.changes[i].WaitsFor {
			if j, ok := e.index[k]; ok && j >= from && j < to {
				e.waited[j] = append(e.waited[j], i)
				e.missing[i]++
			}
		}
		if e.missing[i] == 0 {
			ready = append(ready, i)
		}
	}
	todo, ended := make(chan int), make(chan int)
	var workers sync.WaitGroup
	for range min(e.run.Options.concurrency(), to-from) {
		workers.Go(func() {
			for i := range todo {
				e.outcomes[i] = e.attempt(ctx, i)
				ended <- i
			}
		})
	}
	for left := to - from; left > 0; {
		next, out := -1, (chan int)(nil)
		if len(ready) > 0 {
			next, out = ready[0], todo
		}
		select {
		case out <- next:
			ready = ready[1:]
		case i := <-ended:
			left--
			e.done(e.outcomes[i])
			ready = append(ready, e.released(i)...)
		}
	}
	close(todo)
	workers.Wait()
}

// released are the changes for which i was the last to wait for.
func (e *executor) released(i int) []int {
	var out []int
	for _, j := range e.waited[i] {
		if e.missing[j]--; e.missing[j] == 0 {
			out = append(out, j)
		}
	}
	slices.Sort(out)
	return out
}

// attempt makes one change, unless it is blocked or the run is over.
func (e *executor) attempt(ctx context.Context, i int) plan.Outcome {
	c := e.changes[i]
	o := plan.Outcome{Change: c}
	for _, k := range c.WaitsFor {
		if j, ok := e.index[k]; ok && e.outcomes[j].Status != plan.Applied {
			o.BlockedBy = append(o.BlockedBy, k)
		}
	}
	switch {
	case len(o.BlockedBy) > 0:
		o.Status = plan.Blocked
		return o
	case ctx.Err() != nil:
		o.Status, o.Err = plan.Cancelled, context.Cause(ctx)
		return o
	}
	if err := e.run.Lease.Held(ctx); err != nil {
		o.Status, o.Err = plan.Cancelled, err
		return o
	}
	start := time.Now()
	requests, err := e.run.witnessed(context.WithoutCancel(ctx), c)
	o.Took, o.Requests = time.Since(start), requests
	o.Status = plan.Applied
	switch {
	case errors.Is(err, errNotBegun):
		o.Status, o.Err = plan.Cancelled, cmp.Or(context.Cause(ctx), err)
	case err != nil:
		o.Status, o.Err = plan.Failed, fmt.Errorf("%s %s: %w", c.Action, c.Key, inDoubt(err))
	}
	if e.run.Witness != nil {
		e.run.Witness.Outcome(o)
	}
	return o
}
