package reconcile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// ended plans what has ended, where one file of somebody else names some.
func (l *lab) ended(named ...string) (*reconcile.Run, plan.Plan) {
	l.t.Helper()
	run, err := l.read()
	if err != nil {
		l.t.Fatal(err)
	}
	p, err := run.Ended(l.now, l.allow, func(names []string) string {
		if slices.ContainsFunc(names, func(n string) bool { return slices.Contains(named, n) }) {
			return "lost.yaml is broken"
		}
		return ""
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return run, p
}

// expire carries out a plan of what has ended, and expects that nothing is left
// of it.
func (l *lab) expire(named ...string) plan.Plan {
	l.t.Helper()
	run, p := l.ended(named...)
	if len(p.Violations) > 0 {
		l.t.Fatal(p.Violations)
	}
	for _, o := range l.carryOut(run, p) {
		if o.Status != plan.Applied {
			l.t.Errorf("%s: %s: %v", o.Change.Key, o.Status, o.Err)
		}
	}
	l.ResetRequests()
	if _, again := l.ended(named...); len(again.Changes) > 0 {
		l.t.Errorf("the next plan is not empty:\n%s", show(again))
	}
	if w := l.writes(); len(w) > 0 {
		l.t.Errorf("a plan wrote %v", w)
	}
	return p
}

func TestWhatHasEndedGoesAndNothingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_a", `{members: [{user: alice@example.com}, {user: bob@example.com}, {user: carol@example.com}], workspaces: {main: {permission: USER}}}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [ALL_PRIVILEGES]}, {group: AAD-Auditors, privileges: [SELECT, USE_SCHEMA]}]}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: alice@example.com, level: CAN_MANAGE}, {user: bob@example.com, level: CAN_RESTART}]}`),
	)))
	l.converge()
	l.put("access.yaml", docs(
		doc("Group", "grp_a", `{members: [{user: alice@example.com, expires: 2026-01-01}, {user: bob@example.com, expires: 2026-01-01}, {user: mallory@example.com}]}`),
		doc("Group", "grp_new", `{members: [{user: alice@example.com}]}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [ALL_PRIVILEGES], expires: 2026-01-01}, {group: AAD-Auditors, privileges: [USE_SCHEMA]}]}`),
		doc("Grants", "less", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [SELECT]}, {group: AAD-Auditors, privileges: [SELECT], expires: 2026-01-01}]}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: alice@example.com, level: CAN_MANAGE, expires: 2026-01-01}, {user: bob@example.com, level: CAN_RESTART, expires: 2026-01-01}]}`),
		doc("Permissions", "more", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: alice@example.com, level: CAN_ATTACH_TO}, {user: bob@example.com, level: CAN_MANAGE}]}`),
		doc("Grants", "nobody", `{securables: [{type: table, name: silver.sales.orders}], grants: [{group: AAD-Nobody, privileges: [SELECT]}]}`),
		doc("Group", "grp_contradiction", `{members: [{user: alice@example.com}, {user: alice@example.com, absent: true}]}`),
	))
	same(t, "plan", lines(`
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -SELECT group:AAD-Finance +SELECT -ALL_PRIVILEGES
		update group@account/grp_a_dev member -user:alice@example.com -user:bob@example.com
		update permissions@main/clusters/shared-etl user:alice@example.com +CAN_ATTACH_TO -CAN_MANAGE
	`), sorted(show(l.expire())))
	state := l.State()
	same(t, "members", "user:carol@example.com", members(state, "grp_a_dev"))
	same(t, "grants", "group:AAD-Auditors=USE_SCHEMA group:AAD-Finance=SELECT", granted(state, "silver_dev.sales"))
	same(t, "acl", "user:alice@example.com=CAN_ATTACH_TO user:bob@example.com=CAN_RESTART", acl(state, "clusters", "shared-etl"))
}

func TestAccessThatGoesOnIsTold(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"a.yaml": docs(
			doc("Grants", "ended", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [SELECT, USE_SCHEMA], expires: 2026-01-01}, {user: bob@example.com, privileges: [SELECT], expires: 2026-01-01}]}`),
			doc("Group", "grp_a", `{members: [{servicePrincipal: spn_etl, expires: 2026-01-01}, {user: carol@example.com, expires: 2026-01-01}]}`)),
		"b.yaml": docs(
			doc("Grants", "goes-on", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [SELECT, USE_SCHEMA]}, {user: bob@example.com, privileges: [ALL_PRIVILEGES]}]}`),
			doc("ServicePrincipal", "spn_etl", `{memberOf: [grp_a]}`)),
	})
	l.converge()
	_, p := l.ended()
	same(t, "plan", "", show(p))
	same(t, "warnings", lines(`
		the entry of group:AAD-Finance has ended; it still has access through b.yaml:5 (grants@metastore/schema/silver_dev.sales)
		the entry of user:bob@example.com has ended; it still has access through b.yaml:5 (grants@metastore/schema/silver_dev.sales)
		the entry of sp:spn_etl_dev has ended; it still has access through b.yaml:10 (group@account/grp_a_dev)
	`), warned(p))
	if at := p.Warnings[0].Pos; at.File != "a.yaml" || at.Line != 5 {
		t.Errorf("the entry that has ended is at %s", at)
	}
}

func TestWhoMayBeMeantElsewhereStays(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	l.converge()
	l.now = now.AddDate(1, 0, 0)
	for _, tt := range []struct {
		named string
		stays []string
	}{
		{"nobody", nil},
		{"alice@example.com", []string{"user:alice@example.com"}},
		{"AAD-Finance", []string{"group:AAD-Finance"}},
		{"sales-orders", nil}, // the product of all of them
	} {
		_, p := l.ended(tt.named)
		text := show(p)
		for _, who := range []string{"user:alice@example.com", "group:AAD-Finance", "user:bob@example.com", "user:carol@example.com"} {
			if stays := slices.Contains(tt.stays, who); strings.Contains(text, "-"+who) == stays {
				t.Errorf("%s is named and %s stays: %v:\n%s", tt.named, who, stays, text)
			}
		}
		if len(p.Held) != len(tt.stays) {
			t.Errorf("%s is named: held %v", tt.named, p.Held)
		}
		for _, h := range p.Held {
			contains(t, h.Reason, "has ended and stays", "lost.yaml")
			if h.Failed || h.Origin == nil || h.Origin.Pos.File != "sales.yaml" {
				t.Errorf("held: %+v", h)
			}
		}
	}
	p := l.expire("bob@example.com")
	same(t, "plan", lines(`
		update group@account/dp-sales-orders-consumer_dev member -user:alice@example.com
		update group@account/dp-sales-orders-finance-consumer_dev member -group:AAD-Finance
		update group@account/dp-sales-orders-pii-consumer_dev member -user:carol@example.com
	`), sorted(show(p)))
}

func TestOwnersOfADomainAreMeantWithIt(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, consumersOf(`
    - {domain: marketing, justification: "a reason", granted: 2026-01-10, expires: 2026-12-31}
    - {user: carol@example.com, justification: "a reason", granted: 2026-01-10, expires: 2026-12-31}
`))
	l.converge()
	l.now = now.AddDate(1, 0, 0)
	_, p := l.ended("marketing")
	same(t, "plan", "update group@account/dp-sales-orders-consumer_dev member -user:carol@example.com\n", show(p))
	if len(p.Held) != 2 {
		t.Errorf("held: %v", p.Held)
	}
}

func TestServicePrincipalsAreNamedInSeveralWays(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001}`),
		doc("Group", "grp_a", `{members: [{servicePrincipal: spn_etl, expires: 2026-12-31}, {servicePrincipal: spn_tableau, expires: 2026-12-31}]}`))))
	l.converge()
	l.now = now.AddDate(1, 0, 0)
	for named, want := range map[string]string{
		"spn_etl": "spn_tableau", "spn_etl_dev": "spn_tableau", "aaaaaaaa-0000-4000-8000-000000000001": "spn_tableau",
		"spn_tableau": "spn_etl_dev", "Tableau": "spn_etl_dev", "cccccccc-0000-4000-8000-000000000001": "spn_etl_dev",
	} {
		_, p := l.ended(named)
		same(t, named+" is named", "update group@account/grp_a_dev member -sp:"+want+"\n", show(p))
	}
}

func TestAProductsGroupIsNamedByItsProduct(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, map[string]string{"sales.yaml": lakeFiles["sales.yaml"],
		"crm.yaml": doc("Grants", "crm", `{securables: [{type: schema, name: gold.crm}], grants: [{product: sales-orders, role: consumer, privileges: [USE_SCHEMA], expires: 2026-12-01}]}`)})
	l.converge()
	l.now = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	_, p := l.ended("sales-orders")
	same(t, "plan", "", show(p))
	same(t, "plan", "update grants@metastore/schema/gold_dev.crm group:dp-sales-orders-consumer_dev -USE_SCHEMA\n", show(l.expire("sales-order")))
}

func TestAllPrivilegesDoNotGiveManage(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Grants", "schema",
		`{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [MANAGE, SELECT], expires: 2026-12-01}]}`)))
	l.converge()
	l.put("more.yaml", doc("Grants", "all", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Finance, privileges: [ALL_PRIVILEGES]}]}`))
	l.now = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	same(t, "plan", "update grants@metastore/schema/silver_dev.sales group:AAD-Finance -MANAGE\n", show(l.expire()))
}

func TestAnAbsenceThatIsOverIsNoAccess(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(
		doc("Group", "grp_a", `{members: [{user: carol@example.com}, {user: carol@example.com, absent: true, expires: 2026-12-01}]}`)))
	l.now = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	l.converge()
	if _, p := l.ended(); len(p.Warnings) > 0 {
		t.Errorf("warnings: %v", p.Warnings)
	}
}

func TestWhoLeavesOneGroupOfAProductAndStaysInAnother(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, consumersOf(`
    - {user: alice@example.com, justification: "a reason", granted: 2026-01-10, expires: 2026-12-31}
    - {user: alice@example.com, port: finance, justification: "a reason", granted: 2026-01-10, expires: 2027-01-05}
`))
	l.converge()
	l.now = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	p := l.expire()
	same(t, "plan", "update group@account/dp-sales-orders-consumer_dev member -user:alice@example.com\n", show(p))
	contains(t, warned(p), "the entry of user:alice@example.com has ended; it still has access through sales.yaml:", "(group@account/dp-sales-orders-finance-consumer_dev)")
}

func TestGuardsThatHoldForWhatHasEnded(t *testing.T) {
	t.Parallel()
	guarded := with(project, "  adoption: none", `  guards: {protected: [{user: carol@example.com}], maxRemovals: {absolute: 0, perRun: 0%, perObject: 0%}, maxDeletes: 0, requirePinned: [dev]}
  adoption: none`)
	l := newLab(t, world, guarded, file(docs(
		doc("ServicePrincipal", "spn_etl", `{}`),
		doc("Group", "grp_a", `{members: [{user: alice@example.com, expires: 2026-12-31}, {user: bob@example.com, expires: 2026-12-31}, {user: mallory@example.com, expires: 2026-12-31}]}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: carol@example.com, level: CAN_MANAGE, expires: 2026-12-31}]}`))))
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "user:carol@example.com", Permissions: []string{"USER"}})
	})
	l.allow = map[string]string{plan.GuardRequirePinned: "known"}
	l.converge()
	l.allow = nil
	l.now = now.AddDate(1, 0, 0)
	_, p := l.ended()
	if len(p.Changes) != 2 || len(p.Violations) != 1 || p.Violations[0].Guard != plan.GuardProtected {
		t.Errorf("violations: %v\n%s", p.Violations, show(p))
	}
	l.allow = map[string]string{plan.GuardProtected: "CHG-1"}
	if p := l.expire(); len(p.Waivers) != 1 {
		t.Errorf("waivers: %v", p.Waivers)
	}
}

func TestNothingEndsInARepositoryWithoutDocuments(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	if p := l.expire(); len(p.Changes) > 0 {
		t.Errorf("changes:\n%s", show(p))
	}
}

func TestAnotherEnvironmentsEntryKeepsWhatHasEndedHere(t *testing.T) {
	t.Parallel()
	two := with(project, "  owns:\n", `    prd: {account: main, suffix: _prd, workspaces: {other: {unityCatalog: true}}, catalogs: {silver: silver_prd, gold: gold_prd}}
  owns:
    securables: [{type: external_location, name: "abfss_*"}]
`)
	both := docs(
		doc("Grants", "dev", `{securables: [{type: external_location, name: abfss_sales}], environments: [dev], grants: [{group: AAD-Finance, privileges: [READ_FILES], expires: 2026-12-31}]}`),
		doc("Grants", "prd", `{securables: [{type: external_location, name: abfss_sales}], environments: [prd], grants: [{group: AAD-Finance, privileges: [READ_FILES], expires: 2028-06-30}]}`))
	l := newLab(t, with(world, "  - {type: schema, name: gold_dev.sales}\n", "  - {type: schema, name: gold_dev.sales}\n  - {type: external_location, name: abfss_sales}\n"), two, file(both))
	l.converge()
	l.now = now.AddDate(1, 0, 0)
	_, p := l.ended()
	same(t, "plan", "", show(p))
	l.want("") // nor does it go with all that is not as declared: the other environment would give it back
	same(t, "warnings", "the entry of group:AAD-Finance has ended; it still has access through access.yaml:10 (grants@metastore/external_location/abfss_sales)\n", warned(p))
	l.now = now.AddDate(2, 0, 0)
	same(t, "plan once both have ended", "update grants@metastore/external_location/abfss_sales group:AAD-Finance -READ_FILES\n", show(l.expire()))
}
