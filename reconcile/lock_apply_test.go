package reconcile_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// groupsNamed is a repository of that many groups.
func groupsNamed(prefix string, n int) map[string]string {
	var b strings.Builder
	for i := range n {
		b.WriteString(doc("Group", fmt.Sprintf("grp_%s%02d", prefix, i), "{}"))
	}
	return file(b.String())
}

// access are the logged writes apart from those of the lock.
func (l *lab) access() []sandbox.Request {
	return slices.DeleteFunc(l.writes(), func(r sandbox.Request) bool { return strings.HasPrefix(r.Path, "/api/2.0/workspace/") })
}

// Two appliers of one environment write one after the other, never in turns.
func TestTwoAppliersAtOnce(t *testing.T) {
	t.Parallel()
	first := newLab(t, with(world, "{userName: breakglass@example.com, roles: [account_admin]}", "{userName: breakglass@example.com, roles: [account_admin]}\n    - {userName: robot@example.com, roles: [account_admin]}",
		`- {principal: "user:alice@example.com", permissions: [USER]}`, `- {principal: "user:robot@example.com", permissions: [ADMIN]}`), project, nil)
	for seed := range uint64(6) {
		inItsOwnTime(t, first, 4*time.Second, seed, func(l *lab) {
			l.putAll(groupsNamed(fmt.Sprintf("a%d", seed), 20))
			other := *l
			other.dir = l.t.TempDir()
			other.put("brickgate.yaml", project)
			other.putAll(groupsNamed(fmt.Sprintf("b%d", seed), 20))
			token, err := l.TokenOf("robot@example.com")
			if err != nil {
				l.t.Fatal(err)
			}
			other.token = token
			l.ResetRequests()
			var both sync.WaitGroup
			for pid, one := range []*lab{l, &other} {
				both.Go(func() {
					taking, _ := process(pid)
					taking.Wait = time.Hour
					one.opts.Concurrency = 3
					lease, err := one.lock().Take(one.t.Context(), taking)
					if err != nil {
						one.t.Error(err)
						return
					}
					run, p := one.plan()
					run.Lease = lease
					one.carryOut(run, p)
					one.release(lease)
				})
			}
			both.Wait()
			turns := 0
			writes := l.access()
			for i := range writes {
				if i == 0 || writes[i].Caller != writes[i-1].Caller {
					turns++
				}
			}
			if len(writes) < 40 || turns != 2 {
				l.t.Errorf("seed %d: %d writes in %d turns", seed, len(writes), turns)
			}
		})
	}
}

// A run whose lease is lost finishes what is under way and begins nothing more;
// every change has its outcome, and says why.
func TestALostLeaseStopsTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		lose   func(*lab)
		within time.Duration
		why    string
	}{
		{"removed", func(l *lab) { l.removeLock() }, 16 * time.Second, "somebody has removed it"},
		{"taken over", func(l *lab) {
			l.removeLock()
			l.leaveLock(lockPath, deadHolder(), time.Now())
		}, 16 * time.Second, "it was taken over by robot@example.com"},
		{"out of reach", func(l *lab) {
			l.Inject(sandbox.Fault{Path: "/api/2.0/workspace/*", Times: -1, Status: http.StatusInternalServerError})
		}, 46 * time.Second, "it could not be renewed for 45s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			slow := sandbox.Options{Latency: time.Second}
			inItsOwnTime(t, newLabWith(t, slow, world, project, groupsNamed("a", 100)), 0, 1, func(l *lab) {
				l.opts.Concurrency = 1
				run, p := l.plan()
				taking, _ := process(1)
				run.Lease = l.take(taking)
				start := time.Now()
				time.AfterFunc(20*time.Second, func() { test.lose(l) })
				outcomes := l.carryOut(run, p)
				if took := time.Since(start); took > 20*time.Second+test.within {
					l.t.Errorf("it wrote for %s", took)
				}
				last := outcomes[len(outcomes)-1]
				if outcomes[0].Status != plan.Applied || last.Status != plan.Cancelled {
					l.t.Fatalf("first %s, last %s", outcomes[0].Status, last.Status)
				}
				if lost := (*reconcile.LostError)(nil); !errors.As(last.Err, &lost) || !strings.Contains(lost.Why, test.why) {
					l.t.Errorf("cancelled because of %v", last.Err)
				}
				if err := run.Lease.Release(l.t.Context()); err == nil {
					l.t.Error("released a lease that was lost")
				}
			})
		})
	}
}

// removeLock deletes the lock file behind everybody's back.
func (l *lab) removeLock() {
	if err := l.Change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = slices.DeleteFunc(ws.Objects, func(o sandbox.Object) bool { return o.Path == lockPath })
	}); err != nil {
		l.t.Error(err)
	}
}

// After a machine has slept, or its clock was set, the file is asked before the
// next write.
func TestAJumpOfTheClockAsksTheFile(t *testing.T) {
	t.Parallel()
	inItsOwnTime(t, newLab(t, world, project, nil), 0, 1, func(l *lab) {
		var jump time.Duration
		taking, _ := process(1)
		taking.Now = func() time.Time { return time.Now().Add(jump) }
		lease := l.take(taking)
		jump = time.Hour
		if err := lease.Held(l.t.Context()); err != nil {
			l.t.Errorf("lost although the file is ours: %v", err)
		}
		if h := l.lockFile(lockPath); h == nil || time.Until(h.Renewed) != jump {
			l.t.Errorf("not renewed: %v", h)
		}
		l.ResetRequests()
		if err := lease.Held(l.t.Context()); err != nil || len(l.Requests()) > 0 {
			l.t.Errorf("asked again: %v", err)
		}
		l.removeLock()
		jump = 2 * time.Hour
		if err := lease.Held(l.t.Context()); err == nil {
			l.t.Error("held although the file is gone")
		}
		if err := lease.Release(l.t.Context()); err == nil {
			l.t.Error("released a lease that was lost")
		}
	})
}

// A renewal that fails is tried again before the lease is lost.
func TestRenewalsSurviveFailures(t *testing.T) {
	t.Parallel()
	inItsOwnTime(t, newLab(t, world, project, nil), 0, 1, func(l *lab) {
		taking, _ := process(1)
		lease := l.take(taking)
		l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "/api/2.0/workspace/import", Times: 3, Status: http.StatusServiceUnavailable})
		time.Sleep(5 * time.Minute)
		if err := lease.Held(l.t.Context()); err != nil {
			l.t.Error(err)
		}
		l.release(lease)
	})
}
