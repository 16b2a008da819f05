package reconcile

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// Verifying is how long what was written is looked at again.
type Verifying struct {
	Timeout time.Duration                          // from the end of the apply
	Waiting func(pending int, until time.Duration) // told before each wait how many are not visible yet, and how long they are given; nil = nobody
}

// glance is what one read showed of a change. Of what is gone there are no fields.
type glance struct {
	fields []plan.Field
	gone   bool
	err    error
}

// Verify reads what an apply has written until it is seen, or until the time is
// over, and says of every applied change which of these it is. It writes nothing.
//
// That the platform accepted a write and that a read then shows it are two
// witnesses that agree: where nothing is stale, each written resource is read
// once, or a list that holds many of them. Once a read has shown anything else,
// reads are known to be stale, and may go back (databrickslabs/ucx): from then on
// two in a row must show it. What is neither before nor after may be older than
// both, or half of what several requests wrote: only what two reads show when
// nothing old can be left to be seen was written by somebody else.
func (r *Run) Verify(ctx context.Context, outcomes []plan.Outcome, v Verifying) []plan.Outcome {
	outcomes = slices.Clone(outcomes)
	begun := time.Now()
	r.learn(outcomes)
	pending := r.watching(outcomes)
	for n := 1; ; n++ {
		waited := time.Since(begun)
		r.look(ctx, pending)
		last := n > 1 && waited >= v.Timeout
		pending = slices.DeleteFunc(pending, func(w *watching) bool {
			return w.settled(ctx) || last && w.unsettled(waited >= r.Options.stale())
		})
		if len(pending) == 0 {
			return outcomes
		}
		left := v.Timeout - time.Since(begun)
		if v.Waiting != nil && left > 0 {
			v.Waiting(len(pending), left)
		}
		// What becomes of an interrupted wait is told by the read after it.
		_ = sleep(ctx, nil, max(0, min(left, r.pauseOf(pending, n))))
	}
}

// pauseOf is short where all that is waited for is the second of two reads.
func (r *Run) pauseOf(pending []*watching, n int) time.Duration {
	if slices.ContainsFunc(pending, func(w *watching) bool { return !w.seen }) {
		return r.Options.pauseBefore(n)
	}
	return r.Options.settlePause()
}

// watching is an applied change that is not settled.
type watching struct {
	outcome  *plan.Outcome
	change   plan.Change // in canonical words
	now, was *glance     // the last read, and the one before
	seen     bool        // the last read showed it
	doubted  bool        // a read showed anything else
}

func (r *Run) watching(outcomes []plan.Outcome) []*watching {
	var out []*watching
	for i := range outcomes {
		if o := &outcomes[i]; o.Status == plan.Applied {
			out = append(out, &watching{outcome: o, change: canonicalChange(o.Change)})
		}
	}
	return out
}

// look reads what is watched once, all kinds at the same time.
func (r *Run) look(ctx context.Context, pending []*watching) {
	var kindsAtOnce sync.WaitGroup
	for _, k := range kinds() {
		of := slices.DeleteFunc(slices.Clone(pending), func(w *watching) bool { return w.change.Key.Kind != k.Name })
		if len(of) == 0 {
			continue
		}
		kindsAtOnce.Go(func() {
			changes := make([]plan.Change, len(of))
			for i, w := range of {
				changes[i] = w.change
			}
			for i, s := range k.See(ctx, r, changes) {
				s.fields = canonicalFields(k.Name, s.fields)
				of[i].was, of[i].now = of[i].now, &s
			}
		})
	}
	kindsAtOnce.Wait()
}

// settled judges the last read: it is seen, or it cannot be.
func (w *watching) settled(ctx context.Context) bool {
	before := w.seen
	w.seen = w.shows()
	switch {
	case w.seen && (before || !w.doubted):
		w.outcome.Seen = plan.Seen{Sight: plan.Visible}
	case ctx.Err() != nil:
		w.outcome.Seen = plan.Seen{Sight: plan.Unverified, Why: "interrupted"}
	case w.now.err != nil:
		w.outcome.Seen = plan.Seen{Sight: plan.Unverified, Why: w.now.err.Error()}
	default:
		w.doubted = w.doubted || !w.seen
		return false
	}
	return true
}

// unsettled judges what was not seen in time. Only where nothing old can be left
// to be seen is what is neither somebody else's.
func (w *watching) unsettled(fresh bool) bool {
	seen := plan.Seen{Sight: plan.NotYet}
	switch {
	case w.seen:
		seen.Why = "reads still show the old and the new in turns"
	case w.showsBefore():
	case !w.agree():
		seen.Why, seen.Differs = "reads do not agree", w.differs()
	case !fresh:
		seen.Why, seen.Differs = "what is read is neither as before nor as written, and may be old", w.differs()
	default:
		seen.Sight, seen.Differs = plan.Changed, w.differs()
		if w.now.gone {
			seen.Why = "it is not there any more"
		}
	}
	w.outcome.Seen = seen
	return true
}

// shows tells whether the last read is as the change leaves it.
func (w *watching) shows() bool {
	switch {
	case w.now.err != nil:
		return false
	case w.change.Action == plan.Delete:
		return w.now.gone
	case w.now.gone && exists(w.change.Key):
		return false
	}
	return asAfter(w.change, w.now.fields)
}

// showsBefore tells whether the last read is as the plan saw it.
func (w *watching) showsBefore() bool {
	switch {
	case w.change.Action == plan.Delete:
		return !w.now.gone
	case exists(w.change.Key):
		if w.now.gone != (w.change.Action == plan.Create) {
			return false
		}
	}
	return sameAsBefore(w.change, w.now.fields) == nil
}

func (w *watching) agree() bool {
	return w.was != nil && w.was.err == nil && w.was.gone == w.now.gone && sameFields(w.was.fields, w.now.fields)
}

func (w *watching) differs() []plan.Delta {
	if w.now.gone {
		return nil
	}
	return w.change.Differs(w.now.fields)
}

// exists tells the kinds of which the resource itself is made and deleted; of all
// others, what is not there is an empty set.
func exists(k plan.Key) bool { return k.Kind == kindGroup || k.Kind == kindServicePrincipal }

// canonicalChange makes equal access equal facts on both sides of a change.
func canonicalChange(c plan.Change) plan.Change {
	c.Before, c.After = canonicalFields(c.Key.Kind, c.Before), canonicalFields(c.Key.Kind, c.After)
	return c
}

func canonicalFields(kind string, fields []plan.Field) []plan.Field {
	if kind != kindGrants {
		return fields
	}
	fields = slices.Clone(fields)
	for i := range fields {
		fields[i].Values = canonicalPrivileges(fields[i].Values)
	}
	return fields
}

// seeEach reads every changed resource on its own. One that the server says is not
// there is gone.
func (r *Run) seeEach(ctx context.Context, changes []plan.Change, read func(context.Context, plan.Change) ([]plan.Field, error)) []glance {
	out := make([]glance, len(changes))
	var g errgroup.Group
	g.SetLimit(r.Options.concurrency())
	for i, c := range changes {
		g.Go(func() error {
			fields, err := read(ctx, c)
			if missing(err) {
				out[i] = glance{gone: true}
				return nil
			}
			out[i] = glance{fields: fields, err: err}
			return nil
		})
	}
	_ = g.Wait() // every error is in its glance
	return out
}

// learn takes in what the run did to our own rights: whoever owns no more, and
// manages no more, sees its own grants only, and all others would look removed.
func (r *Run) learn(outcomes []plan.Outcome) {
	r.learnGroups(outcomes)
	r.managed = map[string]bool{}
	for _, live := range r.Live.All() {
		r.learnGrants(live.Key, live.Fields)
	}
	for i := range outcomes {
		c := &outcomes[i].Change
		if outcomes[i].Status != plan.Applied {
			continue
		}
		switch c.Key.Kind {
		case kindGrants:
			r.learnGrants(c.Key, c.After)
		case kindOwner:
			if s, ok := r.securables[c.Key.Name]; ok {
				s.Owner = r.ucName(c.Value(fieldOwner))
				r.securables[c.Key.Name] = s
			}
		}
	}
}

// learnGroups takes in which groups we may have left, by ourselves or with a group
// that we were in.
func (r *Run) learnGroups(outcomes []plan.Outcome) {
	var applied []plan.Change
	for _, o := range outcomes {
		if o.Status == plan.Applied {
			applied = append(applied, o.Change)
		}
	}
	s := r.standing(applied)
	s.at = len(applied)
	if !s.left() {
		return
	}
	r.doubtful = map[string]bool{}
	r.clients.Self.Groups = slices.DeleteFunc(slices.Clone(r.clients.Self.Groups), func(name string) bool {
		in := s.is("group:" + r.dir.groupName(accountTarget, name))
		r.doubtful[name] = in == unknown
		return in == no
	})
}

func (r *Run) learnGrants(k plan.Key, fields []plan.Field) {
	if k.Kind != kindGrants {
		return
	}
	r.managed[k.Name] = slices.ContainsFunc(fields, func(f plan.Field) bool { return f.Has(manage) && r.isStill(r.ucName(f.Name)) })
}
