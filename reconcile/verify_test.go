package reconcile_test

import (
	"context"
	"fmt"
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

// patience is how long the tests look for what was written.
var patience = reconcile.Verifying{Timeout: 90 * time.Second}

// allVisible verifies an apply of which everything must be seen at once: by no
// more reads than there are changes, and no write.
func (l *lab) allVisible(run *reconcile.Run, outcomes []plan.Outcome) {
	l.t.Helper()
	before, written := len(l.Requests()), len(l.writes())
	outcomes = run.Verify(l.t.Context(), outcomes, patience)
	same(l.t, "seen", "", unseen(outcomes))
	if n := len(l.Requests()) - before; n > len(outcomes) || len(l.writes()) > written {
		l.t.Errorf("%d requests to verify %d changes: %v", n, len(outcomes), l.Requests()[before:])
	}
}

// unseen are the outcomes that are not visible, with what was seen of them.
func unseen(outcomes []plan.Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		if o.Seen.Sight != plan.Visible {
			fmt.Fprintf(&b, "%s %s %s: %s%s\n", o.Status, o.Change.Action, o.Change.Key, o.Seen.Sight, differences(o.Seen))
		}
	}
	return b.String()
}

func differences(s plan.Seen) string {
	var b strings.Builder
	for _, d := range s.Differs {
		for _, v := range d.Added {
			b.WriteString(" " + d.Field + " +" + v)
		}
		for _, v := range d.Removed {
			b.WriteString(" " + d.Field + " -" + v)
		}
	}
	if s.Why != "" {
		b.WriteString(" (" + s.Why + ")")
	}
	return b.String()
}

// What it takes to see what was written: one read for each resource, one list for
// all assignments of a workspace, and one for entitlements where that is less.
func TestReadsOfVerification(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	synctest.Test(t, func(t *testing.T) {
		l := b.lab(t)
		run, p := l.plan()
		outcomes := l.carryOut(run, p)
		l.allApplied(outcomes)
		l.ResetRequests()
		start := time.Now()
		same(t, "seen", "", unseen(run.Verify(t.Context(), outcomes, patience)))
		kinds := map[string]int{}
		for _, c := range p.Changes {
			kinds[c.Key.Kind]++
		}
		lists, read := map[string]int{}, map[string]int{}
		for _, r := range l.Requests() {
			if read[r.Path]++; strings.HasSuffix(r.Path, "/Groups") || strings.HasSuffix(r.Path, "permissionassignments") {
				lists[r.Path]++
			}
		}
		want := len(p.Changes) - (kinds["assignment"] - 1) - (3 - 2) // three groups' entitlements in a list of a page and the empty one
		if got := len(l.Requests()); got != want || kinds["assignment"] < 3 || len(lists) != 2 || time.Since(start) > 0 {
			t.Errorf("%d reads in %s, want %d for the changes %v: %v", got, time.Since(start), want, kinds, read)
		}
	})
}

// Reads that show the old world, or the old and the new one in turns, for a minute:
// nothing is written again, nobody is blamed, and once all is seen, there is nothing
// left to do.
func TestVerificationOfStaleReads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, knobs := range map[string]sandbox.Knobs{
		"old for a minute": {Staleness: time.Minute},
		"old and new":      {Staleness: time.Minute, Flipping: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := b.lab(t)
				l.SetKnobs(knobs)
				run, p := l.plan()
				outcomes := l.carryOut(run, p)
				l.allApplied(outcomes)
				l.ResetRequests()
				waits, start := 0, time.Now()
				outcomes = run.Verify(t.Context(), outcomes, reconcile.Verifying{Timeout: 90 * time.Second, Waiting: func(pending int, left time.Duration) {
					if waits++; pending < 1 || left <= 0 {
						t.Errorf("waits for %d, %s", pending, left)
					}
				}})
				same(t, "seen", "", unseen(outcomes))
				if took := time.Since(start); waits == 0 || took < 30*time.Second || took > 90*time.Second {
					t.Errorf("%d waits, %s", waits, took)
				}
				if w := l.writes(); len(w) > 0 {
					t.Errorf("written: %v", w)
				}
				l.settled()
			})
		})
	}
}

// What is not seen in time is not yet visible, and nobody's fault.
func TestNotYetVisible(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, knobs := range map[string]sandbox.Knobs{
		"old for an hour": {Staleness: time.Hour},
		"old and new":     {Staleness: time.Hour, Flipping: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := b.lab(t)
				run, p := l.plan()
				l.SetKnobs(knobs)
				start := time.Now()
				outcomes := l.carryOut(run, p)
				applied := 0
				for _, o := range run.Verify(t.Context(), outcomes, patience) {
					if o.Status != plan.Applied {
						continue
					}
					if applied++; o.Seen.Sight != plan.NotYet && o.Seen.Sight != plan.Visible || !knobs.Flipping && o.Seen.Sight != plan.NotYet {
						t.Errorf("%s %s: %s%s", o.Change.Action, o.Change.Key, o.Seen.Sight, differences(o.Seen))
					}
				}
				if applied < 10 {
					t.Errorf("%d applied in %s", applied, time.Since(start))
				}
			})
		})
	}
}

// What somebody else has done since is told by its facts, once nothing old can be
// left to be seen; in less time nobody knows.
func TestChangedBySomebodyElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	meddle := func(st *sandbox.State) {
		join(st, "grp_team_dev", "user:mallory@example.com")
		acl := object(st, "clusters", "shared-etl").ACL
		acl[slices.IndexFunc(acl, func(e sandbox.ACLEntry) bool { return e.Principal == idOf(st, "group:grp_new_dev") })].Level = "CAN_MANAGE"
		for i := range st.Securables {
			for j := range st.Securables[i].Grants {
				if g := &st.Securables[i].Grants[j]; g.Principal == idOf(st, "sp:spn_new_dev") {
					g.Privileges = append(g.Privileges, "MODIFY")
				}
			}
		}
		st.Account.Groups = slices.DeleteFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.DisplayName == "grp_second_dev" })
	}
	const want = `
		applied update grants@metastore/schema/silver_dev.sales: SIGHT sp:spn_new_dev +MODIFYWHY
		applied update group@account/grp_second_dev: SIGHT (it is not there any more)
		applied update group@account/grp_team_dev: SIGHT member +user:mallory@example.comWHY
		applied update permissions@main/clusters/shared-etl: SIGHT group:grp_new_dev +CAN_MANAGE group:grp_new_dev -CAN_RESTARTWHY`
	for timeout, words := range map[time.Duration][2]string{
		90 * time.Second: {string(plan.Changed), ""},
		10 * time.Second: {string(plan.NotYet), " (what is read is neither as before nor as written, and may be old)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := b.lab(t)
			run, p := l.plan()
			outcomes := l.carryOut(run, p)
			l.change(meddle)
			start := time.Now()
			l.ResetRequests()
			outcomes = run.Verify(t.Context(), outcomes, reconcile.Verifying{Timeout: timeout})
			text := strings.NewReplacer("SIGHT", words[0], "WHY", words[1]).Replace(want)
			if timeout < time.Minute {
				text = strings.Replace(text, " (it is not there any more)", words[1], 1)
			}
			same(t, "seen", sorted(lines(text)), sorted(unseen(outcomes)))
			if took := time.Since(start); took < timeout || took > timeout+time.Second || len(l.writes()) > 0 {
				t.Errorf("%s, written %v", took, l.writes())
			}
		})
	}
}

// What cannot be read again was applied all the same. What failed is not read.
func TestNotVerified(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(doc("Group", "grp_new", `{}`), doc("Group", "grp_other", `{}`),
		onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`), onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA]}`))))
	run, p := l.plan()
	l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Status: http.StatusBadRequest})
	outcomes := l.carryOut(run, p)
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*/permissions/clusters/*", Times: -1, Status: http.StatusForbidden})
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*/permissions/schema/*", Times: -1, Status: http.StatusInternalServerError})
	l.ResetRequests()
	outcomes = run.Verify(t.Context(), outcomes, patience)
	text := unseen(outcomes)
	contains(t, text, "applied update permissions@main/clusters/shared-etl: not verified (not allowed to read permissions; it needs CAN_MANAGE",
		"applied update grants@metastore/schema/silver_dev.sales: not verified (")
	if n := strings.Count(text, "failed create group@account/"); n != 1 || strings.Count(text, "\n") != 3 {
		t.Errorf("seen:\n%s", text)
	}
	if n := strings.Count(strings.Join(l.reads(), "\n"), "/Groups/"); n != 1 {
		t.Errorf("%d groups were read: %v", n, l.reads())
	}
}

// An interrupted verification says so, and waits for nothing.
func TestInterruptedVerification(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := bubbleLabOf(t, dir, world, doc("Group", "grp_new", `{}`))
		l.SetKnobs(sandbox.Knobs{Staleness: time.Hour})
		run, p := l.plan()
		outcomes := l.carryOut(run, p)
		ctx, interrupt := context.WithCancel(t.Context())
		start := time.Now()
		outcomes = run.Verify(ctx, outcomes, reconcile.Verifying{Timeout: time.Minute, Waiting: func(int, time.Duration) { interrupt() }})
		same(t, "seen", "applied create group@account/grp_new_dev: not verified (interrupted)\n", unseen(outcomes))
		if took := time.Since(start); took > 0 {
			t.Errorf("it took %s", took)
		}
	})
}

// Who gives away what let it see the grants of others sees only its own: what it
// cannot see any more is not missing.
func TestVerificationWithFewerRights(t *testing.T) {
	t.Parallel()
	seed := with(world, "  - {type: schema, name: silver_dev.sales, owner: \"user:bob@example.com\"}", `  - {type: schema, name: silver_dev.sales, owner: "user:robot@example.com", grants: [{principal: "group:AAD-Finance", privileges: [SELECT]}]}`,
		"  - {type: catalog, name: silver_dev}", `  - {type: catalog, name: silver_dev, grants: [{principal: "user:robot@example.com", privileges: [USE_CATALOG]}]}`)
	l := robotLab(t, "ADMIN", seed, with(project, `catalogs: ["{silver}", "{gold}"]`, `securables: [{type: schema, name: "{silver}.sales"}]`),
		file(doc("Grants", "s", `{securables: [{type: schema, name: "{silver}.sales"}], authority: merge, owner: {user: bob@example.com}, grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`)))
	l.allow = map[string]string{plan.GuardLastOwner: "it is handed over", plan.GuardProtected: "it is handed over"}
	run, p := l.plan()
	outcomes := l.carryOut(run, p)
	l.allApplied(outcomes)
	text := unseen(run.Verify(t.Context(), outcomes, patience))
	if strings.Contains(text, string(plan.Changed)) {
		t.Errorf("seen:\n%s", text)
	}
	contains(t, text, "applied update grants@metastore/schema/silver_dev.sales: not verified (robot@example.com sees only its own grants there by now")
}

// Nor is it where a group of ours is left, and with it the one that it is in, which
// owns the metastore: nobody told by which way we were in that one.
func TestVerificationAfterLeavingAGroup(t *testing.T) {
	t.Parallel()
	l := rightsLab(t, "ADMIN", world, with(project, `catalogs: ["{silver}", "{gold}"]`, `securables: [{type: schema, name: "{silver}.sales"}]`),
		file(docs(spnRobot(""), doc("Group", "grp_inner", `{members: [{user: bob@example.com}, {servicePrincipal: spn_robot, absent: true}]}`),
			onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`))))
	l.change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_outer", Members: []string{"group:grp_inner_dev"}},
			sandbox.Group{DisplayName: "grp_inner_dev", Members: []string{robot}})
		st.Metastore.Owner = "group:grp_outer"
		give(st, "silver_dev", robot, "USE_CATALOG")
	})
	run, p := l.plan()
	same(t, "order", "update grants@metastore/schema/silver_dev.sales\nupdate group@account/grp_inner_dev\n", inOrder(p))
	contains(t, warned(p), "can no longer change what is declared of grants@metastore/schema/silver_dev.sales", "which update group@account/grp_inner_dev takes away")
	outcomes := l.carryOut(run, p)
	l.allApplied(outcomes)
	text := unseen(run.Verify(t.Context(), outcomes, patience))
	if strings.Contains(text, string(plan.Changed)) {
		t.Errorf("seen:\n%s", text)
	}
	contains(t, text, "applied update grants@metastore/schema/silver_dev.sales: not verified (")
}

// bubbleLabOf is a lab in a bubble on a repository that was written outside of it.
func bubbleLabOf(t *testing.T, dir, seed, access string) *lab {
	t.Helper()
	state, err := sandbox.Parse([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	l := newBubbleLab(t, state, sandbox.Options{Now: time.Now})
	l.dir = dir
	l.put("brickgate.yaml", project)
	l.putAll(file(access))
	return l
}

// Access is compared, not its spelling: what ALL_PRIVILEGES covers may stand beside
// it or not.
func TestVerificationOfAllPrivileges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		seed := with(world, "  - {type: schema, name: gold_dev.sales}", `  - {type: schema, name: gold_dev.sales, grants: [{principal: "group:AAD-Auditors", privileges: [ALL_PRIVILEGES, SELECT, MANAGE]}]}`)
		l := bubbleLabOf(t, dir, seed, doc("Grants", "g", `{securables: [{type: schema, name: gold.sales}], grants: [{group: AAD-Auditors, privileges: [SELECT, MANAGE]}]}`))
		run, p := l.plan()
		l.SetKnobs(sandbox.Knobs{Staleness: time.Hour})
		outcomes := l.carryOut(run, p)
		l.allApplied(outcomes)
		same(t, "seen", "applied update grants@metastore/schema/gold_dev.sales: not yet visible\n", unseen(run.Verify(t.Context(), outcomes, patience)))
	})
}

// Reads of which no two are the same blame nobody.
func TestVerificationOfReadsThatDisagree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := bubbleLabOf(t, dir, world, doc("Group", "grp_new", `{members: [{user: alice@example.com}]}`))
		run, p := l.plan()
		outcomes := l.carryOut(run, p)
		n := 0
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*/Groups/*", Times: -1, Mutate: func(st *sandbox.State) {
			n++
			others := []string{"user:mallory@example.com", "user:carol@example.com"}
			for i := range st.Account.Groups {
				if g := &st.Account.Groups[i]; g.DisplayName == "grp_new_dev" {
					g.Members = []string{others[n%2]}
				}
			}
		}})
		text := unseen(run.Verify(t.Context(), outcomes, patience))
		contains(t, text, "applied create group@account/grp_new_dev: not yet visible member +user:", "member -user:alice@example.com (reads do not agree)")
	})
}
