package reconcile_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// Somebody else changes what an apply is about, at any of its requests, from the
// first read to the last write: the apply does what its plan shows or says that
// it was overtaken, and the next one leads to the same end. How much of it is run
// is the flag of the fault matrix.
func TestAStrangerAtAnyRequest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, target := range b.single() {
		if *matrix == "sample" && i%9 != 0 {
			continue
		}
		t.Run(target.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { b.overtaken(t, target.skip) })
		})
	}
}

func (b *bench) overtaken(t *testing.T, at int) {
	l := b.lab(t)
	var struck atomic.Int32
	l.Inject(sandbox.Fault{Skip: at, Mutate: func(st *sandbox.State) {
		struck.Add(1)
		meddle(st)
	}})
	for _, o := range l.run() {
		if o.Status == plan.Failed && !strings.HasPrefix(o.Err.Error(), fmt.Sprintf("%s %s: ", o.Change.Action, o.Change.Key)) || o.Status == plan.Cancelled {
			t.Errorf("%s is %s: %v", o.Change.Key, o.Status, o.Err)
		}
	}
	if struck.Load() != 1 {
		t.Errorf("somebody came %d times", struck.Load())
	}
	if _, p := l.plan(); len(p.Changes) > 0 {
		l.allApplied(l.run())
	}
	same(t, "end", b.facts, facts(l.State()))
	l.settled()
}

// meddle gives a user who is nobody here something of each kind, and takes what
// the documents give to others.
func meddle(st *sandbox.State) {
	const mallory = "user:mallory@example.com"
	join(st, "grp_team_dev", mallory)
	leave(st, "grp_team_dev", "user:bob@example.com")
	give(st, "gold_dev.sales", mallory, "SELECT")
	allowOn(st, "clusters", "shared-etl", mallory, "CAN_RESTART")
	w := workspace(st, "dev/main")
	w.Entitlements = append(w.Entitlements, sandbox.Entitlement{Principal: "group:grp_team_dev", Values: []string{"allow-instance-pool-create"}})
}
