package main

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// lakehouseDay is when the lakehouse is looked at: its entries come and go, and
// these tests stay true.
var lakehouseDay = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// exampleRun is one environment of an example, connected with the sandbox.
type exampleRun struct {
	*connection
	t     *testing.T
	repo  *spec.Repository
	env   string
	rules *policy.Rules
}

func openExample(t *testing.T, name, env string) *exampleRun {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := copyExample(name, dir); err != nil {
		t.Fatal(err)
	}
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	rules, err := policy.Compile(repo.Project)
	if err != nil {
		t.Fatal(err)
	}
	environment, err := repo.Environment(env)
	if err != nil {
		t.Fatal(err)
	}
	c, err := connect(t.Context(), repo, environment, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return &exampleRun{c, t, repo, env, rules}
}

// read declares and reads the environment anew: a run binds what was declared to
// what is live.
func (e *exampleRun) read() *reconcile.Run {
	e.t.Helper()
	declared, err := reconcile.Declare(e.repo, e.env)
	if err != nil {
		e.t.Fatal(err)
	}
	run, err := reconcile.Read(e.t.Context(), e.clients, declared, reconcile.Options{})
	if err != nil {
		e.t.Fatal(err)
	}
	return run
}

// plan is the plan as of an instant, to which no guard and no rule may object.
func (e *exampleRun) plan(run *reconcile.Run, now time.Time) plan.Plan {
	e.t.Helper()
	p, err := run.Plan(now, nil, judge(e.rules, run, now))
	if err != nil {
		e.t.Fatal(err)
	}
	if len(p.Violations) > 0 || plan.Errors(p.Findings) || len(p.Blocked) > 0 {
		e.t.Fatalf("at %s: violations %v, findings %v, blocked %d", now, p.Violations, p.Findings, len(p.Blocked))
	}
	return p
}

// apply makes the environment as it is declared at an instant, and returns what
// is live then. A second run has nothing to do.
func (e *exampleRun) apply(now time.Time) *reconcile.Run {
	e.t.Helper()
	run := e.read()
	for _, o := range run.Apply(e.t.Context(), e.plan(run, now), func(plan.Outcome) {}) {
		if o.Status != plan.Applied {
			e.t.Fatalf("%s %s: %s %v", o.Change.Action, o.Change.Key, o.Status, o.Err)
		}
	}
	after := e.read()
	if diff := cmp.Diff(changed{}, changedBy(e.plan(after, now))); diff != "" {
		e.t.Fatalf("the plan after apply (-want +got):\n%s", diff)
	}
	return after
}

// changed is what a plan does, as sorted facts.
type changed struct{ Added, Removed []string }

func changedBy(p plan.Plan) (c changed) {
	for i := range p.Changes {
		one := &p.Changes[i]
		for _, d := range one.Deltas() {
			for _, v := range d.Added {
				c.Added = append(c.Added, factText(one.Key, d.Field, v))
			}
			for _, v := range d.Removed {
				c.Removed = append(c.Removed, factText(one.Key, d.Field, v))
			}
		}
		if one.Action != plan.Update {
			c.Added = append(c.Added, string(one.Action)+" "+one.Key.String())
		}
	}
	slices.Sort(c.Added)
	slices.Sort(c.Removed)
	return c
}

func factText(k plan.Key, field, value string) string {
	return strings.Join([]string{k.String(), field, value}, " ")
}

// inForce are the facts that entries want at an instant.
func inForce(declared []plan.Resource, now time.Time) map[string]bool {
	facts := map[string]bool{}
	for i := range declared {
		for _, c := range declared[i].Claims {
			if c.Want && c.Field != "" && c.Origin.InForce(now) {
				facts[factText(declared[i].Key, c.Field, c.Value)] = true
			}
		}
	}
	return facts
}

// ends are the instants after now at which an entry ends, in order.
func ends(declared []plan.Resource, now time.Time) []time.Time {
	at := map[int64]time.Time{}
	for i := range declared {
		for _, c := range declared[i].Claims {
			if until := c.Origin.Until; c.Want && until.After(now) {
				at[until.Unix()] = until
			}
		}
	}
	return slices.SortedFunc(maps.Values(at), time.Time.Compare)
}

// TestTheLakehouseEndsAccessInTime: once applied, a plan as of the end of each
// entry takes away what has ended by then, and nothing else; the instant before,
// it does not. Contract items 27, 31, 44, 54.
func TestTheLakehouseEndsAccessInTime(t *testing.T) {
	for env, least := range map[string]int{"dev": 12, "acc": 2, "prd": 12} {
		t.Run(env, func(t *testing.T) {
			e := openExample(t, "lakehouse", env)
			run := e.apply(lakehouseDay)
			before := inForce(run.Resources, lakehouseDay)
			all := ends(run.Resources, lakehouseDay)
			if len(all) < least {
				t.Errorf("entries end at %v, want %d instants at least", all, least)
			}
			for _, end := range all {
				for _, now := range []time.Time{end.Add(-time.Second), end} {
					after := inForce(run.Resources, now)
					var want changed
					for fact := range before {
						if !after[fact] {
							want.Removed = append(want.Removed, fact)
						}
					}
					slices.Sort(want.Removed)
					p := e.plan(run, now)
					if diff := cmp.Diff(want, changedBy(p)); diff != "" {
						t.Errorf("as of %s (-want +got):\n%s", now, diff)
					}
					saysWhen(t, p, now)
				}
			}
		})
	}
}

// saysWhen makes sure that each removal names an entry that has ended.
func saysWhen(t *testing.T, p plan.Plan, now time.Time) {
	t.Helper()
	for i := range p.Changes {
		c := &p.Changes[i]
		for _, d := range c.Deltas() {
			for _, v := range d.Removed {
				why := c.Why(d.Field, v)
				if len(why) == 0 || why[0].Until.IsZero() || why[0].Until.After(now) || why[0].Pos.Line == 0 {
					t.Errorf("as of %s: %s goes because of %+v", now, factText(c.Key, d.Field, v), why)
				}
			}
		}
	}
}

// TestTheLakehouseInFiveYears: by then all consumers are out, and nothing is
// added; nor does what is left ever change again.
func TestTheLakehouseInFiveYears(t *testing.T) {
	for _, env := range []string{"dev", "acc", "prd"} {
		t.Run(env, func(t *testing.T) {
			e := openExample(t, "lakehouse", env)
			run := e.apply(lakehouseDay)
			then := lakehouseDay.AddDate(5, 0, 0)
			c := changedBy(e.plan(run, then))
			if len(c.Added) > 0 || len(c.Removed) == 0 {
				t.Errorf("added %v, removed %v", c.Added, c.Removed)
			}
			e.apply(then)
		})
	}
}

// TestTheLakehouseConvergesOnAnyDay begins with the world of the example.
func TestTheLakehouseConvergesOnAnyDay(t *testing.T) {
	for _, now := range []time.Time{lakehouseDay, lakehouseDay.AddDate(0, 6, 0), lakehouseDay.AddDate(5, 0, 0)} {
		for _, env := range []string{"dev", "acc", "prd"} {
			t.Run(env+now.Format(time.DateOnly), func(t *testing.T) {
				openExample(t, "lakehouse", env).apply(now)
			})
		}
	}
}

// TestTheLakehouseIsValidOnAnyDay: whatever begins or ends, no rule finds an
// error, and on the day of the tests none finds anything.
func TestTheLakehouseIsValidOnAnyDay(t *testing.T) {
	dir := filepath.Join("..", "..", "examples", "lakehouse")
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]bool{"2020-01-01": true, "2025-01-01": true, "2031-01-01": true, "2046-11-22": true}
	for _, env := range repo.Project.Environments.Keys() {
		declared, err := reconcile.Declare(repo, env)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range declared.Catalogue.Consumptions {
			course := c.Course(repo.Project)
			for _, at := range []time.Time{course.From, course.Until, course.Until.Add(-time.Second)} {
				days[at.Format(time.RFC3339)] = true
			}
		}
	}
	for _, at := range slices.Sorted(maps.Keys(days)) {
		if code, out, errs := called(t, "validate", "--at", at, dir); code != exitOK || errs != "" {
			t.Errorf("at %s: exit code %d\n%s%s", at, code, out, errs)
		}
	}
	if _, out, _ := called(t, "validate", "--at", "2026-11-22", dir); !regexp.MustCompile(`^\d+ documents are valid for dev, acc, prd\.\n$`).MatchString(out) {
		t.Errorf("the rules have something to say:\n%s", out)
	}
}
