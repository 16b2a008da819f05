package reconcile_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
)

// Whoever comes second is told who holds the lock, since when and from where.
func TestTheSecondIsToldWhoTheFirstIs(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	inItsOwnTime(t, l, 0, 1, func(l *lab) {
		first, lines := process(7)
		first.Run = "https://ci.example.com/runs/12"
		lease := l.take(first)
		time.Sleep(100 * time.Second)
		second, _ := process(8)
		_, err := l.lock().Take(l.t.Context(), second)
		if locked := (*reconcile.LockedError)(nil); !errors.As(err, &locked) || locked.Holder.PID != 7 {
			l.t.Fatalf("taken twice: %v", err)
		}
		contains(l.t, err.Error(), "admin@example.com", "since 2000-01-01T00:00:00Z, last renewed 2000-01-01T00:01:30Z", "process 7 on host-h", "https://ci.example.com/runs/12", "main:"+lockPath)
		l.release(lease)
		if l.lockFile(lockPath) != nil || len(lines.all()) > 0 {
			l.t.Errorf("left %v, told %q", l.lockFile(lockPath), lines.all())
		}
		l.release(l.take(second))
	})
}

// A holder keeps its lease for as long as it lives, whatever the clocks say, and
// the one who waits gets it once it is released.
func TestWaitingForAHolder(t *testing.T) {
	t.Parallel()
	for name, behind := range map[string]time.Duration{"clocks agree": 0, "the holder's clock is behind": 2 * time.Hour, "the holder's clock is ahead": -2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inItsOwnTime(t, newLab(t, world, project, nil), 300*time.Millisecond, 2, func(l *lab) {
				first, _ := process(1)
				first.Now = func() time.Time { return time.Now().Add(-behind) }
				lease := l.take(first)
				start := time.Now()
				var waiting sync.WaitGroup
				waiting.Go(func() {
					second, lines := process(2)
					second.Wait = 20 * time.Minute
					lease, err := l.lock().Take(l.t.Context(), second)
					if err != nil {
						l.t.Error(err)
						return
					}
					if took := time.Since(start); took < 10*time.Minute || took > 10*time.Minute+10*time.Second {
						l.t.Errorf("got it after %s", took)
					}
					if said := strings.Join(lines.all(), "\n"); strings.Count(said, "\n") > 0 || !strings.Contains(said, " for the lock: held by admin@example.com, since ") {
						l.t.Errorf("told:\n%s", said)
					}
					l.release(lease)
				})
				time.Sleep(10 * time.Minute)
				l.release(lease)
				waiting.Wait()
			})
		})
	}
}

func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	inItsOwnTime(t, newLab(t, world, project, nil), 0, 3, func(l *lab) {
		first, _ := process(1)
		defer l.release(l.take(first))
		second, _ := process(2)
		second.Wait = 93 * time.Second
		start := time.Now()
		_, err := l.lock().Take(l.t.Context(), second)
		if err == nil || time.Since(start) != second.Wait {
			l.t.Fatalf("after %s: %v", time.Since(start), err)
		}
		contains(l.t, err.Error(), "locked by admin@example.com", "also after waiting for 1m33s")
	})
}

// When a lease that nobody renews is dead.
func TestDeadLeases(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		holder   func(*reconcile.Holder)
		modified time.Duration // ago, by the platform's clock
		after    time.Duration // until it is taken over; < 0 = not within 50 s
		told     string
	}{
		{"two clocks agree", func(*reconcile.Holder) {}, 2 * time.Minute, 0, "it was not renewed for 2m0s"},
		{"the process is gone", func(h *reconcile.Holder) {
			h.Machine, h.PID, h.Renewed = "machine-b", 99, time.Now()
		}, time.Second, 0, "that process is gone"},
		{"the process lives", func(h *reconcile.Holder) {
			h.Machine, h.PID, h.Renewed = "machine-b", 98, time.Now()
		}, time.Second, time.Minute, "it was not renewed for 1m0s"},
		{"it had our own number", func(h *reconcile.Holder) {
			h.Machine, h.PID, h.Renewed = "machine-b", 1, time.Now()
		}, time.Second, 0, "that process is gone"},
		{"its clock is ahead of ours", func(h *reconcile.Holder) { h.Renewed = time.Now().Add(time.Hour) }, time.Hour, time.Minute, "not renewed for 1m0s"},
		{"its clock is behind ours", func(h *reconcile.Holder) { h.Renewed = time.Now().Add(-time.Hour) }, 30 * time.Second, 30 * time.Second, "not renewed for 1m0s"},
		{"the platform does not say", func(*reconcile.Holder) {}, -1, time.Minute, "not renewed for 1m0s"},
		{"it cannot be read", func(h *reconcile.Holder) { *h = reconcile.Holder{} }, time.Hour, time.Minute, "took over the lock of somebody whose lock file cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inItsOwnTime(t, newLab(t, world, project, nil), 0, 4, func(l *lab) {
				dead := deadHolder()
				test.holder(&dead)
				modified := time.Now().Add(-test.modified)
				if test.modified < 0 {
					modified = time.UnixMilli(0)
				}
				l.leaveLock(lockPath, dead, modified)
				taking, lines := process(1)
				taking.Alive = func(pid int) bool { return pid != 99 }
				if test.after > 0 {
					if _, err := l.lock().Take(l.t.Context(), taking); err == nil {
						l.t.Fatal("taken over at once")
					}
				}
				taking.Wait = 10 * time.Minute
				start := time.Now()
				lease := l.take(taking)
				if took := time.Since(start); took < test.after || took > test.after+5*time.Second {
					l.t.Errorf("taken over after %s, want %s", took, test.after)
				}
				said := lines.all()
				if len(said) == 0 || !strings.Contains(said[len(said)-1], test.told) || !strings.HasPrefix(said[len(said)-1], "took over the lock of ") {
					l.t.Errorf("told %q", said)
				}
				if h := l.lockFile(lockPath); h == nil || h.PID != 1 || l.lockFile(lockPath+".takeover") != nil {
					l.t.Errorf("left %v, %v", h, l.lockFile(lockPath+".takeover"))
				}
				l.release(lease)
			})
		})
	}
}

// However their requests fall, of those who find a dead lease one alone has it at
// a time.
func TestTakersOfADeadLease(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		l := newLab(t, world, project, nil)
		inItsOwnTime(t, l, 3*time.Second, seed, func(l *lab) {
			l.leaveLock(lockPath, deadHolder(), time.Now().Add(-2*time.Minute))
			if seed%2 == 1 { // one of them has died over it before
				l.leaveLock(lockPath+".takeover", deadHolder(), time.Now().Add(-2*time.Minute))
			}
			var takers sync.WaitGroup
			var holding, had atomic.Int32
			for pid := range 4 {
				takers.Go(func() {
					taking, _ := process(pid)
					taking.Wait = time.Hour
					lease, err := l.lock().Take(l.t.Context(), taking)
					if err != nil {
						l.t.Error(err)
						return
					}
					if n := holding.Add(1); n != 1 {
						l.t.Errorf("seed %d: %d hold it", seed, n)
					}
					had.Add(1)
					time.Sleep(100 * time.Second)
					if err := lease.Held(l.t.Context()); err != nil {
						l.t.Errorf("seed %d: %v", seed, err)
					}
					holding.Add(-1)
					l.release(lease)
				})
			}
			takers.Wait()
			if had.Load() != 4 {
				l.t.Errorf("seed %d: %d had it", seed, had.Load())
			}
		})
	}
}

// Where the file may not be written there is no lock, and that is told apart.
func TestWhereNoLockCanBeHad(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		for i := range ws.Objects {
			if ws.Objects[i].Path == "/Shared" {
				ws.Objects[i].ACL = nil
			}
		}
	})
	token, err := l.TokenOf("bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	l.token = token
	taking, _ := process(1)
	_, err = l.lock().Take(t.Context(), taking)
	if no := (*reconcile.NoLockError)(nil); !errors.As(err, &no) {
		t.Fatalf("took it: %v", err)
	}
	contains(t, err.Error(), "the lock file main:"+lockPath+" cannot be written", "bob@example.com does not have Edit permissions")
}

// An answer that was lost does not lose the lock, nor leave it behind.
func TestLostAnswersOfTheLock(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"cut":          {After: true, Drop: true},
		"500":          {After: true, Status: http.StatusInternalServerError},
		"504 before":   {Status: http.StatusGatewayTimeout},
		"cut before":   {Drop: true},
		"409 conflict": {After: true, Status: http.StatusConflict, Body: `{"error_code":"ALREADY_EXISTS","message":"Node with name x already exists."}`},
	} {
		for at, skip := range map[string]int{"mkdirs": 0, "import": 0, "import again": 1, "delete": 0, "import of the mark": 1, "import over a dead lease": 2} {
			if name == "409 conflict" && at != "import again" {
				continue
			}
			t.Run(at+" "+name, func(t *testing.T) {
				t.Parallel()
				inItsOwnTime(t, newLab(t, world, project, nil), 0, 1, func(l *lab) {
					if strings.Contains(at, "the mark") || strings.Contains(at, "dead") {
						l.leaveLock(lockPath, deadHolder(), time.Now().Add(-2*time.Minute))
					}
					endpoint, _, _ := strings.Cut(at, " ")
					fault := fault
					fault.Method, fault.Path, fault.Skip = http.MethodPost, "/api/2.0/workspace/"+endpoint, skip
					l.Inject(fault)
					taking, _ := process(1)
					lease := l.take(taking)
					if h := l.lockFile(lockPath); h == nil || h.PID != 1 {
						l.t.Errorf("held by %v", h)
					}
					l.release(lease)
					if h, mark := l.lockFile(lockPath), l.lockFile(lockPath+".takeover"); h != nil || mark != nil {
						l.t.Errorf("left %v, %v", h, mark)
					}
				})
			})
		}
	}
}

// Somebody's lock is removed only while it is theirs.
func TestUnlocking(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	lock := l.lock()
	if _, found, err := lock.Holder(t.Context()); found || err != nil {
		t.Fatalf("held by nobody: %v %v", found, err)
	}
	taking, _ := process(1)
	lease := l.take(taking)
	h, found, err := lock.Holder(t.Context())
	if err != nil || !found || h.PID != 1 {
		t.Fatalf("held by %v: %v", h, err)
	}
	other := h
	other.Lease = "other"
	if err := lock.Remove(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another's by now") {
		t.Errorf("removed another's: %v", err)
	}
	if err := lock.Remove(t.Context(), h); err != nil || l.lockFile(lockPath) != nil {
		t.Errorf("left %v: %v", l.lockFile(lockPath), err)
	}
	second, _ := process(2)
	defer l.release(l.take(second))
	err = lease.Release(t.Context())
	if lost := (*reconcile.LostError)(nil); !errors.As(err, &lost) || l.lockFile(lockPath) == nil {
		t.Errorf("released what is another's: %v, %v", err, l.lockFile(lockPath))
	}
}

// The folder of the locks is nobody's access, also where all of /Shared is owned.
func TestTheLocksAreNotOwned(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "path: /Shared/sales}", "path: \"/Shared/*\"}"), file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`)))
	l.converge()
	taking, _ := process(1)
	defer l.release(l.take(taking))
	if _, p := l.plan(); strings.Contains(show(p)+kept(p), "brickgate") {
		t.Errorf("planned:\n%s%s", show(p), kept(p))
	}
}
