package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// chain declares a group, what it is in, where it is and what it may, beside
// things that have nothing to do with it.
var chain = map[string]string{"access.yaml": docs(
	doc("Group", "grp_inner", `{members: [{user: alice@example.com}], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
	doc("Group", "grp_outer", `{members: [{group: grp_inner}]}`),
	doc("Group", "grp_apart", `{members: [{user: bob@example.com}]}`),
	onCluster(`{group: grp_inner, level: CAN_MANAGE}`),
	doc("Grants", "silver", `{securables: [{type: schema, name: silver.sales}], grants: [{group: grp_inner, privileges: [SELECT]}]}`),
	doc("Grants", "gold", `{securables: [{type: schema, name: gold.sales}], grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`))}

func outcomesByStatus(outcomes []plan.Outcome) map[plan.Status][]string {
	by := map[plan.Status][]string{}
	for _, o := range outcomes {
		by[o.Status] = append(by[o.Status], o.Change.Key.String())
	}
	for _, names := range by {
		slices.Sort(names)
	}
	return by
}

// One failure blocks what depends on it, by name; all else goes on; the next run
// does the rest.
func TestOneFailure(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, chain)
	l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Status: http.StatusBadRequest, Times: -1,
		Body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no such luck","status":"400"}`})
	run, p := l.plan()
	l.ClearFaults()
	l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Status: http.StatusBadRequest, Body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no such luck","status":"400"}`})
	run.Options.Concurrency = 1
	outcomes := l.carryOut(run, p)
	by := outcomesByStatus(outcomes)
	if len(by[plan.Failed]) != 1 || len(by[plan.Applied])+len(by[plan.Blocked])+1 != len(p.Changes) {
		t.Fatalf("outcomes: %v", by)
	}
	failed := by[plan.Failed][0]
	for _, o := range outcomes {
		switch {
		case o.Status == plan.Failed:
			contains(t, o.Err.Error(), "create "+failed, "no such luck")
		case o.Status == plan.Blocked && len(o.BlockedBy) == 0:
			t.Errorf("%s is blocked by nothing", o.Change.Key)
		case o.Status == plan.Applied && slices.ContainsFunc(o.Change.WaitsFor, func(k plan.Key) bool { return k.String() == failed }):
			t.Errorf("%s did not wait for %s", o.Change.Key, failed)
		}
	}
	l.converge()
}

// Of the chain behind a group that cannot be made, all is blocked.
func TestDependentsAreBlocked(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, chain)
	run, p := l.plan()
	l.change(func(st *sandbox.State) { // somebody else makes it in between
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_inner_dev"})
	})
	by := outcomesByStatus(l.carryOut(run, p))
	same(t, "failed", "group@account/grp_inner_dev", strings.Join(by[plan.Failed], "\n"))
	same(t, "blocked", lines(`
		assignment@main/group:grp_inner_dev
		entitlements@main/group:grp_inner_dev
		grants@metastore/schema/silver_dev.sales
		group@account/grp_outer_dev
		permissions@main/clusters/shared-etl`), strings.Join(by[plan.Blocked], "\n")+"\n")
	same(t, "applied", lines(`
		grants@metastore/schema/gold_dev.sales
		group@account/grp_apart_dev`), strings.Join(by[plan.Applied], "\n")+"\n")
	l.converge()
}

// What is interrupted ends what it began, and says of the rest that it was not begun.
func TestInterruptedApply(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, chain)
	run, p := l.plan()
	ctx, cancel := context.WithCancel(t.Context())
	run.Options.Concurrency = 1
	n := 0
	outcomes := run.Apply(ctx, p, func(plan.Outcome) {
		if n++; n == 1 {
			cancel()
		}
	})
	by := outcomesByStatus(outcomes)
	if len(by[plan.Failed]) != 0 || len(by[plan.Cancelled]) == 0 || len(by[plan.Applied]) == 0 || len(outcomes) != len(p.Changes) {
		t.Errorf("outcomes: %v", by)
	}
	for _, o := range outcomes {
		if o.Status == plan.Cancelled && !errors.Is(o.Err, context.Canceled) {
			t.Errorf("%s: %v", o.Change.Key, o.Err)
		}
	}
	l.converge()
}

// A change that waits for its turn, or for a break that the platform has asked for, was
// not begun: nothing of it was sent, and nothing of it can have failed.
func TestInterruptedWaitForATurn(t *testing.T) {
	t.Parallel()
	for _, limited := range []bool{false, true} {
		var groups []string
		for i := range 12 {
			groups = append(groups, doc("Group", fmt.Sprintf("grp_%d", i), "{}"))
		}
		l := newLab(t, world, project, file(docs(groups...)))
		ctx, cancel := context.WithCancel(t.Context())
		l.transport.Stop = ctx.Done()
		run, p := l.plan()
		l.transport.Pace = 1 // five groups are made in a second
		if limited {
			l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", Times: -1, Skip: 1, Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"60"}}})
		}
		outcomes := run.Apply(ctx, p, func(plan.Outcome) { cancel() })
		cancel()
		by := outcomesByStatus(outcomes)
		if len(by[plan.Failed]) != 0 || len(by[plan.Applied]) == 0 || len(by[plan.Cancelled]) == 0 {
			t.Errorf("limited %t: %v", limited, by)
		}
		l.ClearFaults()
		l.transport.Stop, l.transport.Pace = nil, math.Inf(1)
		l.converge()
	}
}

// Additions of a run come before its removals, so that nobody who moves is
// without access in between; deletions come last.
func TestOrderOfWrites(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"a.yaml": docs(doc("Group", "grp_a", `{members: [{user: alice@example.com}]}`), doc("Group", "grp_gone", `{}`)),
		"b.yaml": doc("Group", "grp_b", `{members: []}`)})
	l.converge()
	l.put("a.yaml", docs(doc("Group", "grp_a", `{members: []}`), doc("Removed", "grp_gone", `{kind: Group, action: delete, reason: over}`)))
	l.put("b.yaml", doc("Group", "grp_b", `{members: [{user: alice@example.com}]}`))
	l.apply()
	var order []string
	for _, w := range l.writes() {
		switch {
		case w.Method == http.MethodDelete:
			order = append(order, "delete")
		case strings.Contains(w.Body, `"remove"`):
			order = append(order, "remove")
		default:
			order = append(order, "add")
		}
	}
	same(t, "order", "add remove delete", strings.Join(order, " "))
}

// Members go in as few PATCHes as the chunk size allows, in both directions.
func TestMemberChunks(t *testing.T) {
	t.Parallel()
	var before, after []string
	l := newLab(t, world, project, nil)
	l.allow = map[string]string{plan.GuardMaxRemovals: "they are many"}
	l.change(func(st *sandbox.State) {
		for i := range 60 {
			name := fmt.Sprintf("u%02d@example.com", i)
			st.Account.Users = append(st.Account.Users, sandbox.User{UserName: name})
			if i < 45 {
				before = append(before, "{user: "+name+"}")
			}
			if i >= 15 {
				after = append(after, "{user: "+name+"}")
			}
		}
	})
	l.opts.MemberChunk = 10
	l.put("access.yaml", doc("Group", "grp_many", `{members: [`+strings.Join(before, ", ")+`]}`))
	l.apply()
	if n := len(l.writes()); n != 5 { // a create with ten, and 35 more
		t.Errorf("%d writes make a group of 45", n)
	}
	l.put("access.yaml", doc("Group", "grp_many", `{members: [`+strings.Join(after, ", ")+`]}`))
	l.apply()
	if n := len(l.writes()); n != 3 { // 15 in and 15 out
		t.Errorf("%d writes move 15 in and 15 out", n)
	}
	l.settled()
}

// The example goes from its drifted world to nothing left to do.
func TestExample(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"dev", "acc", "prd"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			l := exampleLab(t)
			l.env = env
			if p := l.converge(); len(p.Changes) < 5 {
				t.Errorf("the example has drifted little:\n%s", show(p))
			}
		})
	}
}

// The transport repeats what may be repeated and nothing else.
func TestRepeatedRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, path string
		status, want int
	}{
		{http.MethodGet, "*/permissionassignments", http.StatusInternalServerError, 3},
		{http.MethodGet, "*/permissionassignments", http.StatusForbidden, 1},
		{http.MethodGet, "*/permissionassignments", http.StatusTooManyRequests, 3},
		{http.MethodPost, "*/Groups", http.StatusInternalServerError, 5}, // each after a look for what it made
		{http.MethodPost, "*/Groups", http.StatusBadRequest, 1},
		{http.MethodPost, "*/Groups", http.StatusTooManyRequests, 3},
		{http.MethodPut, "*/permissionassignments/*", http.StatusGatewayTimeout, 3},
		{http.MethodPatch, "*/unity-catalog/permissions/schema/gold*", http.StatusConflict, 3},
	} {
		t.Run(fmt.Sprint(test.method, test.status), func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, chain)
			l.transport.Attempts, l.transport.Patience = 3, 3*time.Millisecond
			l.Inject(sandbox.Fault{Method: test.method, Path: test.path, Status: test.status, Times: -1})
			if run, p, err := l.tryPlan(); err == nil {
				run.Options.Concurrency = 1
				l.carryOut(run, p)
			}
			n := 0
			for _, r := range l.Requests() {
				if r.Method == test.method && r.Status == test.status {
					n++
				}
			}
			if groups := 2; test.method == http.MethodPost { // two of them wait for nothing
				n /= groups
			}
			if n != test.want {
				t.Errorf("%d requests, want %d", n, test.want)
			}
		})
	}
}

// A change of several requests that is refused in its middle has failed, and what it
// did stays; the next run does the rest, and nothing twice.
func TestAChangeThatFailsInItsMiddle(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: []}`)))
	l.opts.MemberChunk = 2
	l.converge()
	l.putAll(file(doc("Group", "grp_a", `{members: [{user: alice@example.com}, {user: bob@example.com}, {user: carol@example.com}, {user: mallory@example.com}]}`)))
	l.Inject(sandbox.Fault{Method: http.MethodPatch, Path: "*/Groups/*", Skip: 1, Status: http.StatusForbidden})
	run, p := l.plan()
	outcomes := run.Apply(t.Context(), p, func(plan.Outcome) {})
	if len(outcomes) != 1 || outcomes[0].Status != plan.Failed {
		t.Fatalf("%+v", outcomes)
	}
	before := members(l.State(), "grp_a_dev")
	if n := len(strings.Fields(before)); n != 2 {
		t.Errorf("members: %s", before)
	}
	if next := l.apply(); len(next.Changes) != 1 || len(next.Changes[0].Added("member")) != 2 {
		t.Errorf("left to do:\n%s", show(next))
	}
	l.settled()
}
