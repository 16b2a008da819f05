package reconcile_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

// watching is a witness that counts the writes that the platform has seen when it
// is told of a change, and refuses changes from a number on.
type watching struct {
	lab    *lab
	refuse int

	mu       sync.Mutex // guards all below
	intents  []plan.Change
	before   []int
	outcomes []plan.Outcome
}

var errNoPaper = errors.New("no paper left")

func (w *watching) Intent(c plan.Change) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.intents) == w.refuse {
		return errNoPaper
	}
	w.intents, w.before = append(w.intents, c), append(w.before, len(w.lab.writes()))
	return nil
}

func (w *watching) Outcome(o plan.Outcome) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outcomes = append(w.outcomes, o)
}

// TestAWitnessIsToldBeforeAndAfter: before the first write of each change, and
// after its last, with the ids of the writes.
func TestAWitnessIsToldBeforeAndAfter(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{"cluster.yaml": onCluster(`{user: alice@example.com, level: CAN_MANAGE}, {user: bob@example.com, level: CAN_RESTART}`)})
	l.converge()
	l.put("cluster.yaml", onCluster(`{user: bob@example.com, level: CAN_RESTART}`)) // which is read again before the PUT
	l.put("grants.yaml", docs(
		doc("Group", "grp_inner", `{members: [{user: alice@example.com}], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		doc("Grants", "silver", `{securables: [{type: schema, name: silver.sales}], grants: [{group: grp_inner, privileges: [SELECT]}]}`)))
	run, p := l.plan()
	w := &watching{lab: l, refuse: -1}
	run.Witness, run.Options.Concurrency = w, 1
	l.ResetRequests()
	l.carryOut(run, p)
	if len(w.intents) != len(p.Changes) || len(w.outcomes) != len(p.Changes) {
		t.Fatalf("%d intents and %d outcomes for %d changes", len(w.intents), len(w.outcomes), len(p.Changes))
	}
	known, ids := map[string]bool{}, 0
	for i, o := range w.outcomes {
		writes := len(l.writes())
		if i+1 < len(w.before) {
			writes = w.before[i+1]
		}
		if o.Change.Key != w.intents[i].Key || o.Status != plan.Applied || len(o.Requests) != writes-w.before[i] || len(o.Requests) == 0 {
			t.Errorf("%s: %s with the ids %v of %d writes", o.Change.Key, o.Status, o.Requests, writes-w.before[i])
		}
		for _, id := range o.Requests {
			known[id], ids = true, ids+1
		}
	}
	if len(known) != ids || ids != len(l.writes()) {
		t.Errorf("%d ids, of which %d differ, for %d writes", ids, len(known), len(l.writes()))
	}
	l.settled()
}

// TestNothingIsWrittenThatCannotBeRecorded, and the next run makes up for it.
func TestNothingIsWrittenThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	for refuse := range 4 {
		l := newLab(t, world, project, chain)
		run, p := l.plan()
		w := &watching{lab: l, refuse: refuse}
		run.Witness, run.Options.Concurrency = w, 1
		outcomes := l.carryOut(run, p)
		by := outcomesByStatus(outcomes)
		if len(by[plan.Applied]) != refuse || len(by[plan.Failed]) == 0 || len(by[plan.Failed])+len(by[plan.Blocked])+refuse != len(p.Changes) {
			t.Errorf("refused from %d on: %v", refuse, by)
		}
		for _, o := range outcomes {
			if o.Status == plan.Failed && (!errors.Is(o.Err, errNoPaper) || len(o.Requests) > 0) {
				t.Errorf("%s: %v %v", o.Change.Key, o.Err, o.Requests)
			}
		}
		if refuse == 0 && len(l.writes()) > 0 {
			t.Errorf("written without a record: %v", l.writes())
		}
		l.converge()
	}
}
