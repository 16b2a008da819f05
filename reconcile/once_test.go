package reconcile_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// failure is the one outcome that is no success, as text.
func failure(t *testing.T, outcomes []plan.Outcome) string {
	t.Helper()
	var text string
	for _, o := range outcomes {
		if o.Status == plan.Failed && text == "" {
			text = o.Err.Error()
		} else if o.Status != plan.Applied && o.Status != plan.Blocked {
			t.Errorf("%s is %s: %v", o.Change.Key, o.Status, o.Err)
		}
	}
	return text
}

// An entry that somebody adds between an ACL that was lost on its way and its
// repetition is kept; one that is about the same principal stops it.
func TestWhatCameBeforeTheRepetition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, ref, level, want, end string }{
		{"somebody else's", "group:grp_stranger", "CAN_ATTACH_TO", "", "group:AAD-Auditors=CAN_RESTART group:grp_stranger=CAN_ATTACH_TO"},
		{"the same principal's", "user:alice@example.com", "CAN_RESTART", "changed by somebody else", "group:AAD-Auditors=CAN_RESTART user:alice@example.com=CAN_RESTART"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}, {user: alice@example.com, level: CAN_MANAGE}`)))
			l.converge()
			l.put("access.yaml", onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`))
			l.Inject(sandbox.Fault{Method: http.MethodPut, Path: "/api/2.0/permissions/*", Status: http.StatusGatewayTimeout, Mutate: func(st *sandbox.State) {
				o := object(st, "clusters", "shared-etl")
				id := idOf(st, test.ref)
				o.ACL = slices.DeleteFunc(o.ACL, func(e sandbox.ACLEntry) bool { return e.Principal == id })
				allowOn(st, "clusters", "shared-etl", test.ref, test.level)
			}})
			run, p := l.plan()
			got := failure(t, l.carryOut(run, p))
			if got == "" != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("it ends with %q, want %q", got, test.want)
			}
			same(t, "ACL", test.end, acl(l.State(), "clusters", "shared-etl"))
		})
	}
}

// Who gives an object away may not do so twice: that it was done is found out by
// a look, not by a second attempt.
func TestOwnershipIsGivenOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(ownedBy(`group: AAD-Auditors`)))
	l.Inject(sandbox.Fault{Method: http.MethodPatch, Path: "*/schemas/*", Drop: true, After: true})
	l.Inject(sandbox.Fault{Method: http.MethodPatch, Path: "*/schemas/*", Status: http.StatusForbidden, Times: -1})
	run, p := l.plan()
	l.allApplied(l.carryOut(run, p))
	l.settled()
}

// A create whose answer is lost is taken for ours only if it is what we meant.
func TestWhatIsAdopted(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		made sandbox.Group
		want string
	}{
		{"as we meant it", sandbox.Group{Members: []string{"user:alice@example.com"}}, ""},
		{"with another member", sandbox.Group{Members: []string{"user:mallory@example.com"}}, "somebody else made a group grp_new_dev"},
		{"from the identity provider", sandbox.Group{ExternalID: "ext-1"}, "somebody else made a group grp_new_dev"},
		{"with a role", sandbox.Group{Roles: []string{"profile/x"}}, "somebody else made a group grp_new_dev"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(doc("Group", "grp_new", `{members: [{user: alice@example.com}]}`)))
			test.made.DisplayName = "grp_new_dev"
			l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Drop: true, Mutate: func(st *sandbox.State) {
				st.Account.Groups = append(st.Account.Groups, test.made)
			}})
			run, p := l.plan()
			got := failure(t, l.carryOut(run, p))
			if got == "" != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("it ends with %q, want %q", got, test.want)
			}
			if n := strings.Count(facts(l.State()), "account group grp_new_dev ["); n != 1 {
				t.Errorf("%d groups", n)
			}
		})
	}
}

// A service principal may have the name of another: it is made once, although
// reads do not show it for a minute and the answers to its creation are lost.
func TestCreatesUnderStaleReads(t *testing.T) {
	t.Parallel()
	for name, knobs := range map[string]sandbox.Knobs{
		"old for a minute": {Staleness: time.Minute},
		"old and new":      {Staleness: time.Minute, Flipping: true},
	} {
		for _, after := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					state, err := sandbox.Parse([]byte(world))
					if err != nil {
						t.Fatal(err)
					}
					l := newBubbleLab(t, state, sandbox.Options{Now: time.Now, Knobs: knobs})
					l.dir = dir
					l.put("brickgate.yaml", project)
					l.put("access.yaml", docs(doc("ServicePrincipal", "spn_new", `{}`), doc("Group", "grp_new", `{members: [{user: alice@example.com}, {servicePrincipal: spn_new}]}`)))
					for range 2 {
						l.Inject(sandbox.Fault{Method: http.MethodPost, Drop: true, After: after})
					}
					l.allApplied(l.run())
					text := facts(l.State())
					for _, made := range []string{"service principal spn_new_dev ", "account group grp_new_dev ["} {
						if n := strings.Count(text, made); n != 1 {
							t.Errorf("%q %d times", made, n)
						}
					}
					time.Sleep(time.Minute)
					l.settled()
				})
			})
		}
	}
}

// An interrupted run waits for nothing, but looks once what became of a write
// whose answer is lost.
func TestInterruptedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} {
		l := newLab(t, world, project, file(doc("Group", "grp_new", `{}`)))
		l.opts.SettlePause, l.opts.Stale = time.Hour, 2*time.Hour
		run, p := l.plan()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Mutate: func(*sandbox.State) { cancel() }})
		l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Drop: true, After: after})
		outcomes := run.Apply(ctx, p, func(plan.Outcome) {})
		switch o := outcomes[0]; {
		case after && o.Status != plan.Applied:
			t.Errorf("%s: %v", o.Status, o.Err)
		case !after && (o.Status != plan.Failed || !strings.Contains(o.Err.Error(), "interrupted")):
			t.Errorf("%s: %v", o.Status, o.Err)
		}
	}
}

// After an apply reads show the old and the new world in turns for a minute. No
// plan is made from that: nothing is written a second time, and nothing undone.
func TestNothingIsDoneTwiceUnderFlippingReads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, between := range map[string]time.Duration{"at once": 0, "half a minute later": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := b.lab(t)
				l.SetKnobs(sandbox.Knobs{Staleness: time.Minute, Flipping: true})
				l.allApplied(l.run())
				same(t, "end", b.facts, facts(l.State()))
				time.Sleep(between)
				l.ResetRequests()
				stale := 0
				for range 4 {
					_, p := l.plan()
					if len(p.Changes) == 0 {
						continue
					}
					stale++
					_, next, err := reconcile.Agree(t.Context(), l.opts, p, func(context.Context) (*reconcile.Run, plan.Plan, error) { return l.tryPlan() })
					if err != nil {
						t.Fatal(err)
					}
					same(t, "plan", "", show(next))
				}
				if w := l.writes(); len(w) > 0 || stale == 0 {
					t.Errorf("%d plans from stale reads; written again: %v", stale, w)
				}
				time.Sleep(time.Minute)
				l.settled()
			})
		})
	}
}

// What replaces a whole is made from two reads that agree: entitlements that
// somebody gave a moment ago, and that reads do not show all of the time, stay.
func TestNothingIsReplacedFromStaleReads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, newFirst := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			l := b.lab(t)
			run, p := l.plan()
			l.SetKnobs(sandbox.Knobs{Staleness: time.Minute, Flipping: true})
			l.change(func(st *sandbox.State) {
				ws, id := workspace(st, "dev/main"), idOf(st, "group:grp_team_dev")
				for i := range ws.Entitlements {
					if e := &ws.Entitlements[i]; e.Principal == id {
						e.Values = append(e.Values, "allow-instance-pool-create")
					}
				}
				allowOn(st, "clusters", "shared-etl", "group:grp_stranger", "CAN_ATTACH_TO")
			})
			if newFirst {
				l.plan() // has seen the old ACL
			}
			got := failure(t, l.carryOut(run, p))
			contains(t, got, "entitlements@main/group:grp_team_dev", "changed by somebody else since the plan", "allow-instance-pool-create")
			contains(t, acl(l.State(), "clusters", "shared-etl"), "group:grp_stranger=CAN_ATTACH_TO")
		})
	}
}

// Plans are made until two in a row agree, or until nothing old can be seen.
func TestAgree(t *testing.T) {
	t.Parallel()
	const old, now = "old", "new"
	for _, test := range []struct {
		reads string // one a plan, the last for ever
		want  string
		made  int
		most  time.Duration
	}{
		{"old", old, 1, 0},
		{"new old new old new new", now, 6, time.Minute},
		{"old new old new old old", old, 6, time.Minute},
		{strings.Repeat("new old ", 50), now, 9, 2 * time.Minute}, // it never settles: the last one counts
	} {
		synctest.Test(t, func(t *testing.T) {
			reads, made, start := strings.Fields(test.reads), 0, time.Now()
			plans := map[string]plan.Plan{
				old: {Changes: []plan.Change{{Key: plan.Key{Kind: "group", Name: "grp_a"}, Action: plan.Delete}}},
				now: {},
			}
			_, p, err := reconcile.Agree(t.Context(), reconcile.Options{}, plans[old], func(context.Context) (*reconcile.Run, plan.Plan, error) {
				made++
				return nil, plans[reads[min(made, len(reads))-1]], nil
			})
			if took := time.Since(start); err != nil || len(p.Changes) != len(plans[test.want].Changes) || made > test.made || took > test.most {
				t.Errorf("%.30s: %d changes after %d plans and %s: %v", test.reads, len(p.Changes), made, took, err)
			}
		})
	}
}
