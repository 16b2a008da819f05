package reconcile_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// approve saves a plan and reads it again.
func (l *lab) approve(p plan.Plan) *plan.File {
	l.t.Helper()
	data, err := p.Save(plan.Making{Created: l.now, Expires: l.now.Add(24 * time.Hour)}, l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	f, err := plan.ReadFile(bytes.NewReader(data))
	if err != nil {
		l.t.Fatal(err)
	}
	return f
}

// compare holds an approved plan against the plan of now.
func (l *lab) compare(f *plan.File) plan.Comparison {
	l.t.Helper()
	run, p := l.plan()
	return f.Compare(p, plan.Reading{Live: run.Live, Now: l.now})
}

// disagreement is what keeps a plan from being applied.
func disagreement(c plan.Comparison) string {
	var b strings.Builder
	for _, e := range c.Lost {
		fmt.Fprintln(&b, "lost", e)
	}
	for _, e := range c.New {
		fmt.Fprintln(&b, "new", e)
	}
	return b.String()
}

// Once a plan is applied, live is as was approved: of every kind, whether it is
// created, changed, renamed, deactivated or deleted.
func TestWhatWasApprovedIsRecognisedOnceItIsDone(t *testing.T) {
	t.Parallel()
	for kind, steps := range contracts {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, nil)
			for _, s := range steps {
				l.putAll(s.files)
				if s.drift != nil {
					l.change(s.drift)
				}
				_, p := l.plan()
				f := l.approve(p)
				if c := l.compare(f); !c.Agrees() || len(c.Left) != len(f.Edits) {
					t.Fatalf("before %q:\n%s", s.name, disagreement(c))
				}
				l.apply()
				if c := l.compare(f); !c.Agrees() || len(c.Done) != len(f.Edits) {
					t.Fatalf("after %q, %d of %d are done:\n%s", s.name, len(c.Done), len(f.Edits), disagreement(c))
				}
			}
		})
	}
}

// A run that is cut short anywhere goes on with the same approved plan, and ends
// where an undisturbed one does.
func TestAnApprovedPlanGoesOnWhereARunWasCutShort(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 9, 30, 62} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			l := exampleLab(t)
			run, p := l.plan()
			f := l.approve(p)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			run.Options.Concurrency = 1
			n := 0
			run.Apply(ctx, p, func(plan.Outcome) {
				if n++; n == after {
					cancel()
				}
			})
			c := l.compare(f)
			if !c.Agrees() || len(c.Done) == 0 || len(c.Left) == 0 {
				t.Fatalf("%d done, %d left:\n%s", len(c.Done), len(c.Left), disagreement(c))
			}
			l.converge()
			if c := l.compare(f); !c.Agrees() || len(c.Left) > 0 {
				t.Errorf("%d left:\n%s", len(c.Left), disagreement(c))
			}
		})
	}
}

// An entry that somebody else's hand adds beside an approved one is no matter,
// where the plan leaves it alone; what it would take away is.
func TestOnlyWhatThePlanDoesCounts(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)+onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`)))
	_, p := l.plan()
	f := l.approve(p)
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "user:partner@other.example", "MODIFY")
		allowOn(st, "clusters", "shared-etl", "user:partner@other.example", "CAN_MANAGE")
	})
	if c := l.compare(f); !c.Agrees() {
		t.Errorf("a partner's access:\n%s", disagreement(c))
	}
	l.change(func(st *sandbox.State) { give(st, "silver_dev.sales", "user:mallory@example.com", "MODIFY") })
	same(t, "mallory's access", "new {{grants@metastore/schema/silver_dev.sales user:mallory@example.com MODIFY} true}\n", disagreement(l.compare(f)))
}

// worldA and worldB differ in every kind of access that a document can declare.
var (
	worldA = docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com}, {group: grp_inner}], roles: [profile/a], workspaces: {main: {permission: ADMIN, entitlements: [workspace-access, allow-cluster-create]}}}`),
		doc("Group", "grp_inner", `{members: [{servicePrincipal: spn_etl}, {user: bob@example.com, expires: 2027-06-30, justification: "the budget of next year"}], roles: [], workspaces: {main: {permission: USER, entitlements: []}}}`),
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {main: {permission: USER}}}`),
		doc("Permissions", "objects", `{objects: [{type: clusters, name: shared-etl}], permissions: [{group: grp_team, level: CAN_MANAGE}, {user: alice@example.com, level: CAN_RESTART}]}`),
		doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], owner: {servicePrincipal: spn_etl}, permissions: [{group: grp_inner, level: CAN_VIEW}]}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], owner: {group: grp_team}, grants: [{group: grp_team, privileges: [ALL PRIVILEGES, MANAGE]}, {group: grp_inner, privileges: [USE SCHEMA, SELECT]}]}`),
		doc("Grants", "catalog", `{securables: [{type: catalog, name: silver}], grants: [{group: grp_inner, privileges: [USE CATALOG]}, {group: AAD-Auditors, privileges: [BROWSE]}]}`))
	worldB = docs(
		doc("Removed", "grp_team", `{kind: Group, action: delete, reason: dissolved}`),
		doc("Group", "grp_inner", `{members: [{user: carol@example.com}], roles: [profile/b], workspaces: {main: {permission: USER, entitlements: [databricks-sql-access]}}}`),
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {main: {permission: ADMIN}}}`),
		doc("Permissions", "objects", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: alice@example.com, level: CAN_MANAGE}, {user: carol@example.com, level: CAN_ATTACH_TO}]}`),
		doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], owner: {user: bob@example.com}, permissions: []}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], owner: {group: grp_inner}, grants: [{group: grp_inner, privileges: [MODIFY]}]}`))
)

// inScope lists everything that is live in the scope of a run.
func (l *lab) inScope() []string {
	l.t.Helper()
	run, err := l.read()
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for _, r := range run.Live.All() {
		if r.Presence == plan.Present {
			out = append(out, r.Key.String())
		}
		for _, f := range r.Fields {
			for _, v := range f.Values {
				out = append(out, fmt.Sprintf("%s %s %s", r.Key, f.Name, v))
			}
		}
	}
	slices.Sort(out)
	return out
}

// A rollback is an apply of the commit before: every fact is what it was, those of
// a group that had been deleted included, and nothing is left of what came between.
func TestRollback(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(worldA))
	for _, guard := range plan.GuardNames() {
		if l.allow == nil {
			l.allow = map[string]string{}
		}
		l.allow[guard] = "a rehearsal"
	}
	l.converge()
	before := l.inScope()
	l.putAll(file(worldB))
	l.converge()
	if lost := slices.DeleteFunc(slices.Clone(before), func(s string) bool { return slices.Contains(l.inScope(), s) }); len(lost) < 15 {
		t.Fatalf("worlds A and B differ little: %v", lost)
	}
	l.putAll(file(worldA))
	l.converge()
	if diff := cmp.Diff(before, l.inScope()); diff != "" {
		t.Errorf("access before and after the rollback (-before +after):\n%s", diff)
	}
}

// Where an environment leads to is part of what is approved.
func TestHostsNameEveryTargetWithoutCredentials(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	bare := l.url
	l.url = strings.Replace(l.url, "http://", "http://admin:secret@", 1)
	run, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	want := []plan.Host{{Target: "account", Host: bare, ID: l.AccountID()}, {Target: "main", Host: bare, ID: "1001"}}
	if diff := cmp.Diff(want, run.Hosts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
