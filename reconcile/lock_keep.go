package reconcile

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Lease is a lock that is held: renewed until Release, or until it is lost. No
// lease (nil) is never lost.
type Lease struct {
	lock   *Lock
	taking Taking
	stop   chan struct{} // closed by Release
	ended  sync.WaitGroup
	over   chan struct{} // closed when the lease is lost

	turn    sync.Mutex // held while renewing: one renewal at a time
	mu      sync.Mutex // guards the fields below
	me      Holder
	renewed time.Time // when the last renewal that succeeded was begun
	lost    error
}

// keep renews a lease that was written at that time, beyond the end of ctx: what
// is under way then is finished under it.
func (l *Lock) keep(ctx context.Context, t Taking, me Holder, written time.Time) *Lease {
	lease := &Lease{lock: l, taking: t, stop: make(chan struct{}), over: make(chan struct{}), me: me, renewed: written}
	lease.ended.Go(func() { lease.renewing(context.WithoutCancel(ctx)) })
	return lease
}

// renewing renews in time. What fails is tried again sooner. A renewal is never
// broken off: its write could bring the file back after Release.
func (l *Lease) renewing(ctx context.Context) {
	timer := time.NewTimer(l.taking.Renew)
	defer timer.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-l.over:
			return
		case <-timer.C:
		}
		pause := l.taking.Renew
		if err := l.renew(ctx); err != nil {
			pause /= 3
		}
		timer.Reset(pause)
	}
}

// spare is for how long a lease may go unrenewed until its holder has to stop:
// before others may think that it is dead.
func (l *Lease) spare() time.Duration { return l.taking.Stale - l.taking.Renew }

// renew writes the file anew, if it is ours still.
func (l *Lease) renew(ctx context.Context) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	l.mu.Lock()
	me, left := l.me, l.spare()-time.Since(l.renewed)
	l.mu.Unlock()
	if left <= 0 {
		return l.overdue()
	}
	ctx, end := context.WithTimeout(ctx, min(left, l.taking.Renew))
	defer end()
	begun := time.Now()
	now, found, err := l.lock.read(ctx, l.lock.path)
	switch {
	case err != nil:
		return err
	case !found:
		return l.lose("somebody has removed it")
	case now.holder.Lease != me.Lease:
		return l.lose("it was taken over by " + now.holder.String())
	}
	me.Renewed = l.taking.now().UTC()
	if err := l.lock.replace(ctx, l.lock.path, me); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.me, l.renewed = me, begun
	return nil
}

// lose ends the lease.
func (l *Lease) lose(why string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil {
		l.lost = &LostError{l.lock.Path(), why}
		close(l.over)
	}
	return l.lost
}

func (l *Lease) overdue() error {
	return l.lose(fmt.Sprintf("it could not be renewed for %s", l.spare()))
}

// Held is nil while the lease is ours, and has to be asked before every write. It
// costs nothing, unless the clock says that this process stood still: then the
// file is asked.
func (l *Lease) Held(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	lost, since, asleep := l.lost, time.Since(l.renewed), l.taking.now().Sub(l.me.Renewed)
	l.mu.Unlock()
	switch {
	case lost != nil:
		return lost
	case since >= l.spare():
		return l.overdue()
	case asleep >= l.spare(): // the clock that only runs forward stands still with a machine that sleeps
		return l.renew(ctx)
	}
	return nil
}

// bound is a context that ends with the lease.
func (l *Lease) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if l == nil {
		return context.WithCancel(ctx)
	}
	ctx, end := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-l.over:
			end(l.lostError())
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		end(context.Canceled)
		<-done
	}
}

func (l *Lease) lostError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// releaseTime is how long the end of a run waits for its lock to go.
const releaseTime = 30 * time.Second

// Release ends the renewals and removes the file, if it is ours still. It works
// after the end of ctx as well. A lease that was lost is an error.
func (l *Lease) Release(ctx context.Context) error {
	if l == nil {
		return nil
	}
	close(l.stop)
	l.ended.Wait()
	if err := l.lostError(); err != nil {
		return err
	}
	ctx, end := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer end()
	now, found, err := l.lock.read(ctx, l.lock.path)
	switch {
	case err != nil:
		return fmt.Errorf("release the lock: %w", err)
	case !found:
		return &LostError{l.lock.Path(), "somebody has removed it"}
	case now.holder.Lease != l.me.Lease:
		return &LostError{l.lock.Path(), "it was taken over by " + now.holder.String()}
	}
	if err := l.lock.remove(ctx, l.lock.path); err != nil {
		return fmt.Errorf("release the lock: %w", err)
	}
	return nil
}
