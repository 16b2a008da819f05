package render_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

var update = flag.Bool("update", false, "write the golden files")

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func text(t *testing.T, p plan.Plan, opts render.TextOptions) string {
	t.Helper()
	opts.Now = now
	var b bytes.Buffer
	if err := render.Text(&b, p, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// entry is one line of a repository's file.
func entry(file string, line int, until, reason string) *plan.Origin {
	o := &plan.Origin{Pos: plan.Pos{File: file, Line: line, Col: 7}, Reason: reason}
	if until != "" {
		day, err := time.Parse(time.DateOnly, until)
		if err != nil {
			panic(err)
		}
		o.Until = day.AddDate(0, 0, 1)
	}
	return o
}

func want(field, value string, o *plan.Origin) plan.Claim {
	return plan.Claim{Field: field, Value: value, Want: true, Origin: o}
}

func field(name string, values ...string) plan.Field { return plan.Field{Name: name, Values: values} }

func key(s string) plan.Key {
	kind, rest, _ := strings.Cut(s, "@")
	target, name, _ := strings.Cut(rest, "/")
	return plan.Key{Kind: kind, Target: target, Name: name}
}

// made is the plan from declared and live resources, everything owned but the
// principals that begin with x_.
func made(t *testing.T, declared, live []plan.Resource) plan.Plan {
	t.Helper()
	desired, conflicts := plan.Fold(declared, now)
	if len(conflicts) > 0 {
		t.Fatal(conflicts)
	}
	p := plan.Diff(desired, plan.NewState(live), plan.Scope{
		Owned: func(who string) bool { return !strings.Contains(who, ":x_") },
	})
	p.Environment = "prd"
	if err := plan.Order(&p, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

func salesOrders() (declared, live []plan.Resource) {
	const file = "products/sales-orders.yaml"
	consumer, schema := key("group@account/dp-sales-orders-consumer_prd"), key("grants@metastore/schema/gold_prd.sales")
	doc := entry(file, 3, "", "")
	gold := entry(file, 12, "", "")
	declared = []plan.Resource{{
		Key: consumer, Authority: plan.Exact, Presence: plan.Present, Origin: doc, Labels: []string{"product:sales-orders"},
		Fields: []plan.Field{field("member")},
		Claims: []plan.Claim{
			want("member", "user:alice@example.com", entry(file, 31, "2026-12-31", "Q1 campaign analysis")),
			want("member", "user:bob@example.com", entry(file, 37, "2026-10-31", "")),
		},
	}, {
		Key: schema, Authority: plan.Managed, Origin: doc, Labels: []string{"product:sales-orders"}, Refs: []plan.Key{consumer},
		Claims: []plan.Claim{
			want("group:dp-sales-orders-consumer_prd", "SELECT", gold),
			want("group:dp-sales-orders-consumer_prd", "USE_SCHEMA", gold),
		},
	}}
	live = []plan.Resource{
		{Key: consumer, Presence: plan.Present, Fields: []plan.Field{field("member", "user:bob@example.com")}},
		{Key: schema},
	}
	return declared, live
}

func TestAPlanShowsWhatChangesUntilWhenWhyAndWhere(t *testing.T) {
	p := made(t, first(salesOrders()), second(salesOrders()))
	p.Unchanged = 1204
	golden(t, "product.txt", text(t, p, render.TextOptions{}))
}

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// everything is a plan with every sort of change.
func everything(t *testing.T) plan.Plan {
	const groups, perms, removed = "groups/engineering.yaml", "permissions/etl.yaml", "removed.yaml"
	declared, live := salesOrders()
	team := key("group@account/grp_engineering_prd")
	etl, old := key("permissions@main/clusters/shared-etl"), key("group@account/grp_old_prd")
	bronze := key("grants@metastore/catalog/bronze_prd")
	privileges := []string{"BROWSE", "CREATE_FUNCTION", "CREATE_MODEL", "CREATE_SCHEMA", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE", "MODIFY", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"}
	catalog := plan.Resource{Key: bronze, Origin: entry("grants/bronze.yaml", 1, "", "")}
	for _, v := range privileges {
		catalog.Claims = append(catalog.Claims, want("group:grp_engineering_prd", v, entry("grants/bronze.yaml", 9, "", "")))
	}
	catalog.Claims = append(catalog.Claims, plan.Claim{Field: "group:grp_contractors", Origin: entry("grants/bronze.yaml", 11, "", "contract ended")})
	declared = append(declared, catalog, plan.Resource{
		Key: team, Authority: plan.Exact, Presence: plan.Present, Origin: entry(groups, 3, "", ""), Fields: []plan.Field{field("member")},
		Claims: []plan.Claim{
			want("", "", entry(groups, 3, "", "")),
			want("member", "group:grp_analysts", entry(groups, 8, "", "")),
			want("member", "user:bob@example.com", entry(groups, 9, "2026-12-31", "migration project, phase two: move every nightly job off the old cluster and onto serverless")),
			want("member", "user:bob@example.com", entry("serviceprincipals/etl.yaml", 14, "2026-12-01", "")),
		},
	}, plan.Resource{
		Key: key("entitlements@main/group:grp_engineering_prd"), Origin: entry(groups, 3, "", ""), Refs: []plan.Key{team},
		Claims: []plan.Claim{
			want("entitlement", "workspace-access", entry(groups, 12, "", "")),
			want("entitlement", "databricks-sql-access", entry(groups, 12, "", "")),
		},
	}, plan.Resource{
		Key: etl, Origin: entry(perms, 1, "", ""), Single: true,
		Claims: []plan.Claim{
			want("group:grp_engineering_prd", "CAN_RESTART", entry(perms, 8, "", "")),
			want("sp:spn_etl", "CAN_MANAGE", entry(perms, 9, "", "")),
		},
	}, plan.Resource{
		Key: old, Origin: entry(removed, 4, "", ""),
		Claims: []plan.Claim{{Origin: entry(removed, 4, "", "team dissolved")}},
	})
	live = append(live,
		plan.Resource{Key: etl, Single: true, Fields: []plan.Field{
			field("group:grp_engineering_prd", "CAN_ATTACH_TO"), field("user:carol@example.com", "CAN_MANAGE"), field("user:x_ray@example.com", "CAN_RESTART")}},
		plan.Resource{Key: bronze, Fields: []plan.Field{field("group:grp_contractors", "SELECT", "USE_CATALOG")}},
		plan.Resource{Key: old, Presence: plan.Present, Fields: []plan.Field{field("member", "user:dave@example.com", "user:erin@example.com")}},
		plan.Resource{Key: key("group@account/grp_forgotten_prd"), Presence: plan.Present},
		plan.Resource{Key: key("grants@metastore/schema/silver_prd.hr"), Origin: entry("brickgate.yaml", 34, "", ""), Fields: []plan.Field{
			field("group:grp_analysts", "SELECT"), field("group:x_auditors", "SELECT", "USE_SCHEMA")}},
	)
	return made(t, declared, live)
}

func TestAPlanGroupsChangesByFile(t *testing.T) {
	golden(t, "everything.txt", text(t, everything(t), render.TextOptions{Width: 110}))
}

func TestOutcomesPutWhatFailedFirst(t *testing.T) {
	p := everything(t)
	var outcomes []plan.Outcome
	for i, c := range p.Changes {
		o := plan.Outcome{Change: c, Status: plan.Applied, Took: time.Duration(i) * 400 * time.Millisecond}
		switch i {
		case 0:
			o.Status, o.Err = plan.Failed, errors.New("patch grants@metastore/catalog/bronze_prd: 403 PERMISSION_DENIED: caller needs MANAGE on Catalog 'bronze_prd'")
		case 3:
			o.Status, o.BlockedBy = plan.Blocked, []plan.Key{p.Changes[0].Key}
		}
		outcomes = append(outcomes, o)
	}
	var b bytes.Buffer
	if err := render.Outcomes(&b, outcomes, render.TextOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	golden(t, "outcomes.txt", b.String())
}

func TestAnEmptyPlanSaysSoInOneLine(t *testing.T) {
	got := text(t, plan.Plan{Environment: "prd", Unchanged: 1204}, render.TextOptions{})
	want := "No changes: live access in prd is as declared.\n\nPlan: 0 to create, 0 to change, 0 to delete; 1,204 unchanged.\n"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFindingsFollowTheChanges(t *testing.T) {
	p := plan.Plan{Environment: "prd", Unchanged: 12}
	for i := range 9 {
		user := "user:x" + string(rune('a'+i)) + "@example.com"
		p.Unmanaged = append(p.Unmanaged,
			plan.Unmanaged{Fact: plan.Fact{Key: key("permissions@main/jobs/nightly"), Field: user, Value: "CAN_VIEW"}, Kept: "not owned"},
			plan.Unmanaged{Fact: plan.Fact{Key: key("group@account/grp_team_prd"), Field: "member", Value: user}, Kept: "adoption", From: "2026-12-22"},
			plan.Unmanaged{Fact: plan.Fact{Key: key("group@account/grp_old_" + user[6:7])}, Kept: "orphaned"},
		)
	}
	p.Held = []plan.Held{
		{Key: key("permissions@main/clusters/shared-etl"), Origin: entry("permissions/etl.yaml", 6, "", ""), Reason: "waits: no cluster is named shared-etl yet"},
		{Key: key("grants@metastore/schema/gold_prd.hr"), Origin: entry("grants/hr.yaml", 6, "", ""), Reason: "read: 500 INTERNAL_ERROR", Failed: true},
	}
	p.Warnings = []plan.Warning{{Pos: plan.Pos{File: "groups/team.yaml", Line: 9}, Message: "user:zoe@example.com is inactive in the account: the entry is skipped"}}
	p.Violations = []plan.Violation{
		{Guard: plan.GuardMaxRemovals, Pos: plan.Pos{File: "groups/team.yaml", Line: 2}, Message: "group@account/grp_team_prd would lose 12 of 20 facts (60%), more than perObject 50%"},
		{Guard: plan.GuardMinAdmins, Message: "account would have 1 of its 2 administrators left, fewer than minAdmins 2"},
	}
	p.Waivers = []plan.Waiver{{Guard: plan.GuardMaxDeletes, Reason: "clean-up agreed in \"CHG-9\""}}
	golden(t, "findings.txt", text(t, p, render.TextOptions{}))
}

func TestAWarningAboutTheWholeRunStandsBeforeThoseOfLines(t *testing.T) {
	p := plan.Plan{Environment: "prd", Unchanged: 12, Warnings: []plan.Warning{
		{Pos: plan.Pos{File: "brickgate.yaml", Line: 9}, Message: "user:zoe@example.com is inactive in the account: the entry is skipped"},
		{Message: "adoption until 2026-12-31: nothing undeclared is removed yet, and deleting a line revokes nothing"},
	}}
	for i := range 9 {
		p.Unmanaged = append(p.Unmanaged, plan.Unmanaged{
			Fact: plan.Fact{Key: key("group@account/grp_team_prd"), Field: "member", Value: "user:x" + string(rune('a'+i)) + "@example.com"},
			Kept: "adoption", From: "2026-12-31",
		})
	}
	golden(t, "adoption.txt", text(t, p, render.TextOptions{Width: 80}))
}

func TestARenameADeletionOfManyAndALaterEntryExplainThemselves(t *testing.T) {
	team, crowd := key("group@account/grp_new_prd"), key("group@account/grp_crowd_prd")
	members := []string{"user:a@example.com", "user:b@example.com", "user:c@example.com", "user:d@example.com", "user:e@example.com",
		"user:f@example.com", "user:g@example.com", "user:h@example.com", "user:i@example.com", "user:j@example.com", "user:k@example.com"}
	later := entry("groups.yaml", 7, "2027-12-31", "joins next year")
	later.From = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	hours := entry("groups.yaml", 8, "", "incident INC-4711")
	hours.Until = time.Date(2026, 11, 22, 17, 30, 0, 0, time.UTC)
	p := made(t, []plan.Resource{{
		Key: team, Authority: plan.Exact, Presence: plan.Present, Origin: entry("groups.yaml", 3, "", ""),
		Fields: []plan.Field{field("displayName", "grp_new_prd"), field("member")},
		Claims: []plan.Claim{want("member", "user:early@example.com", later), want("member", "user:oncall@example.com", hours)},
	}, {
		Key: crowd, Origin: entry("removed.yaml", 3, "", ""), Claims: []plan.Claim{{Origin: entry("removed.yaml", 3, "", "team dissolved")}},
	}}, []plan.Resource{
		{Key: team, Presence: plan.Present, Fields: []plan.Field{field("displayName", "grp_old_prd"), field("member", "user:early@example.com")}},
		{Key: crowd, Presence: plan.Present, Fields: []plan.Field{field("member", members...)}},
	})
	for i := range p.Changes {
		if p.Changes[i].Key == team {
			p.Changes[i].Reason = "renamed from grp_old_prd"
		}
	}
	golden(t, "reasons.txt", text(t, p, render.TextOptions{}))
}

func TestWhatSeveralProductsShareStandsUnderItsFile(t *testing.T) {
	o := entry("products.yaml", 4, "", "")
	shared := plan.Resource{
		Key: key("grants@metastore/catalog/gold_prd"), Origin: o, Labels: []string{"product:a", "product:b"},
		Claims: []plan.Claim{want("group:x", "USE_CATALOG", o)},
	}
	got := text(t, made(t, []plan.Resource{shared}, nil), render.TextOptions{})
	if !strings.HasPrefix(got, "products.yaml\n") {
		t.Errorf("not under its file:\n%s", got)
	}
}

func TestAWriteThatFailsIsAnError(t *testing.T) {
	if err := render.Text(full{}, everything(t), render.TextOptions{Now: now}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestOutcomesTellWhatWasSeen(t *testing.T) {
	p := everything(t)
	var outcomes []plan.Outcome
	for i, c := range p.Changes {
		o := plan.Outcome{Change: c, Status: plan.Applied, Seen: plan.Seen{Sight: plan.Visible}}
		switch i {
		case 1:
			o.Seen = plan.Seen{Sight: plan.NotYet}
		case 2:
			o.Seen = plan.Seen{Sight: plan.Unverified, Why: "not allowed to read permissions; it needs CAN_MANAGE\n::error::x\x1b[31m"}
		case 3:
			o.Seen = plan.Seen{Sight: plan.Changed, Differs: []plan.Delta{
				{Field: "member", Added: []string{"user:mallory\u202e@example.com"}, Removed: []string{"user:alice@example.com"}},
			}}
		case 4:
			o.Seen = plan.Seen{Sight: plan.Changed, Why: "it is not there any more"}
		}
		outcomes = append(outcomes, o)
	}
	var b bytes.Buffer
	if err := render.Outcomes(&b, outcomes, render.TextOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	golden(t, "seen.txt", b.String())
}

// Of what an interrupted run did not begin the first are listed; what failed is,
// all of it.
func TestOutcomesListTheFirstOfWhatIsLeft(t *testing.T) {
	var outcomes []plan.Outcome
	add := func(n int, status plan.Status, blockedBy ...plan.Key) {
		for i := range n {
			name := string(status) + strings.Repeat("x", i)
			outcomes = append(outcomes, plan.Outcome{
				Change: plan.Change{Key: plan.Key{Kind: "group", Target: "account", Name: name}, Action: plan.Update}, Status: status, BlockedBy: blockedBy,
			})
		}
	}
	add(23, plan.Failed)
	add(30, plan.Cancelled)
	add(21, plan.Blocked, outcomes[23].Change.Key)
	var b bytes.Buffer
	if err := render.Outcomes(&b, outcomes, render.TextOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]int{
		"! failed ": 23, "= cancelled ": 20, "! blocked ": 20, "and 10 more\n": 1, "and 1 more\n": 1,
		"Applied 0 of 74 changes; 23 failed, 21 blocked, 30 cancelled.": 1,
	} {
		if n := strings.Count(b.String(), part); n != want {
			t.Errorf("%q %d times, want %d:\n%s", part, n, want, &b)
		}
	}
}
