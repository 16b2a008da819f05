package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Take takes the lease, and keeps it renewed until it is released. Where somebody
// else has it, it waits for as long as t says, and then is a *LockedError; where
// the file may not be written it is a *NoLockError.
func (l *Lock) Take(ctx context.Context, t Taking) (*Lease, error) {
	t.Renew, t.Stale, t.Poll = cmp.Or(t.Renew, 15*time.Second), cmp.Or(t.Stale, time.Minute), cmp.Or(t.Poll, 5*time.Second)
	me, err := l.newHolder(t)
	if err != nil {
		return nil, err
	}
	taker := &taker{Lock: l, Taking: t, me: me, start: time.Now(), seen: map[string]sighting{}}
	for looks := 1; ; looks++ {
		holder, err := taker.try(ctx)
		switch {
		case err == nil && holder == nil:
			return l.keep(ctx, t, taker.me, taker.written), nil
		case err == nil:
			looks, err = 0, taker.wait(ctx, *holder)
		case errors.As(err, new(lookAgain)) && looks < maxLooks:
			err = sleep(ctx, nil, time.Second)
		case errors.Is(err, errTaken):
			err = &LockedError{Path: l.Path()} // it is there, but not for us to see
		}
		if err != nil {
			return nil, err
		}
	}
}

// lookAgain is why a file could not be made although none is there: it has gone
// since, or the request failed.
type lookAgain struct{ error }

func (e lookAgain) Unwrap() error { return e.error }

// maxLooks is how often in succession that may be.
const maxLooks = 4

// taker is one attempt to get a lease.
type taker struct {
	*Lock
	Taking
	me      Holder
	written time.Time // when we began to write me
	start   time.Time
	seen    map[string]sighting // by path: what was read last
	told    string              // for whose lease we said that we wait
}

// sign dates our lease, which is about to be written.
func (t *taker) sign() {
	t.written, t.me.Started = time.Now(), t.now().UTC()
	t.me.Renewed = t.me.Started
}

// try makes the file, or replaces a dead one. Where that is somebody else's, it
// says whose.
func (t *taker) try(ctx context.Context) (*Holder, error) {
	t.sign()
	failed := t.create(ctx, t.path, t.me)
	if failed == nil {
		return nil, nil
	}
	if errors.As(failed, new(*NoLockError)) {
		return nil, failed
	}
	// What failed in another way may have been done.
	there, found, err := t.look(ctx, t.path)
	switch {
	case err != nil:
		return nil, errors.Join(failed, err)
	case !found:
		return nil, lookAgain{failed}
	case there.holder.Lease == t.me.Lease:
		return nil, nil
	}
	why, dead := t.dead(ctx, t.path, there)
	if !dead {
		return &there.holder, nil
	}
	return t.takeOver(ctx, there, why)
}

// look reads a file, and remembers since when it has been as it is.
func (t *taker) look(ctx context.Context, at string) (sighting, bool, error) {
	now, found, err := t.read(ctx, at)
	if err != nil || !found {
		delete(t.seen, at)
		return now, found, err
	}
	if before, ok := t.seen[at]; ok && before.unchanged(now) {
		now.first = before.first
	}
	t.seen[at] = now
	return now, true, nil
}

// dead tells whether the holder of a lease is gone, and how we know.
func (t *taker) dead(ctx context.Context, at string, s sighting) (string, bool) {
	h := s.holder
	if h.Machine != "" && h.Machine == t.Machine && (h.PID == t.PID || !t.Alive(h.PID)) {
		return "that process is gone", true
	}
	if watched := time.Since(s.first); watched >= t.Stale {
		return fmt.Sprintf("it was not renewed for %s", watched.Round(time.Second)), true
	}
	ours := t.now().Sub(h.Renewed)
	if h.Lease == "" || ours < t.Stale {
		return "", false
	}
	theirs, known := t.age(ctx, at)
	return fmt.Sprintf("it was not renewed for %s", min(ours, theirs).Round(time.Second)), known && theirs >= t.Stale
}

// takeOver replaces a dead lease with ours. Only who makes the mark may, and only
// if the lease is still the one that is dead.
func (t *taker) takeOver(ctx context.Context, dead sighting, why string) (*Holder, error) {
	if failed := t.create(ctx, t.mark(), t.me); failed != nil {
		other, err := t.otherTaker(ctx, failed)
		if other != nil || err != nil {
			return other, err
		}
	}
	holder, err := t.exchange(ctx, dead)
	if removed := t.remove(context.WithoutCancel(ctx), t.mark()); removed != nil && err == nil {
		t.Tell(fmt.Sprintf("warning: %v", removed))
	}
	if err == nil && holder == nil {
		t.Tell(fmt.Sprintf("took over the lock of %s: %s", dead.holder, why))
	}
	return holder, err
}

// otherTaker is who replaces the dead lease at this moment, nil if that is us: the
// answer was lost. The mark of one who died over it goes away.
func (t *taker) otherTaker(ctx context.Context, failed error) (*Holder, error) {
	if errors.As(failed, new(*NoLockError)) {
		return nil, failed
	}
	mark, found, err := t.look(ctx, t.mark())
	switch {
	case err != nil:
		return nil, errors.Join(failed, err)
	case !found:
		return nil, lookAgain{failed}
	case mark.holder.Lease == t.me.Lease:
		return nil, nil
	}
	if _, dead := t.dead(ctx, t.mark(), mark); !dead {
		return &mark.holder, nil
	}
	return nil, cmp.Or(t.remove(ctx, t.mark()), error(lookAgain{failed}))
}

// exchange writes our lease in place of the dead one, and reads it back.
func (t *taker) exchange(ctx context.Context, dead sighting) (*Holder, error) {
	now, found, err := t.look(ctx, t.path)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, lookAgain{errTaken}
	case !dead.unchanged(now):
		return &now.holder, nil
	}
	t.sign()
	written := t.replace(ctx, t.path, t.me)
	now, found, err = t.look(ctx, t.path)
	switch {
	case err != nil:
		return nil, errors.Join(written, err)
	case found && now.holder.Lease == t.me.Lease:
		return nil, nil
	case errors.As(written, new(*NoLockError)):
		return nil, written
	case written != nil:
		return nil, lookAgain{written}
	case !found:
		return nil, lookAgain{errTaken}
	}
	return &now.holder, nil
}

// wait lets the holder go on for a while; it is an error once there is no time
// left.
func (t *taker) wait(ctx context.Context, h Holder) error {
	left := t.Wait - time.Since(t.start)
	if left <= 0 {
		return &LockedError{h, t.Path(), t.Wait}
	}
	if whose := cmp.Or(h.Lease, h.String()); t.told != whose {
		t.told = whose
		t.Tell(fmt.Sprintf("waiting up to %s for the lock: held by %s", left.Round(time.Second), h))
	}
	return sleep(ctx, nil, min(t.Poll, left))
}
