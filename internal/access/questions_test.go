package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

func TestWhoCanNamesGroupsThatNobodyRead(t *testing.T) {
	a := facts(t, `
		group@account/team member=user:ann,sp:etl,group:inner
		group@account/inner member=user:bob
		group@account/synced
		user@account/gone active=false
		grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT group:synced=ALL_PRIVILEGES user:gone=ALL_PRIVILEGES
		grants@metastore/table/c.s.t user:bob=SELECT
		owner@metastore/table/c.s.t owner=user:carl`)
	var got []string
	holders, gaps := a.WhoCan("SELECT", on("table/c.s.t"))
	for _, h := range holders {
		got = append(got, fmt.Sprint(h.Principal, " ", h.Unread, " ", h.Via.Key.Name, " ", h.Via.Field, " ", h.Via.Value))
	}
	for _, g := range gaps {
		got = append(got, fmt.Sprint("? ", g.Lack, " of ", g.Key))
	}
	want := []string{
		"group:synced true catalog/c group:synced ALL_PRIVILEGES",
		"sp:etl false catalog/c group:team SELECT",
		"user:ann false catalog/c group:team SELECT",
		"user:bob false table/c.s.t user:bob SELECT",
		"? owner of grants@metastore/catalog/c",
		"? grants of grants@metastore/schema/c.s",
		"? owner of grants@metastore/schema/c.s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCanFoldsWhatIsTheSameInside(t *testing.T) {
	a := facts(t, `
		group@account/team member=user:ann
		group@account/synced
		grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT group:synced=SELECT
		grants@metastore/schema/c.s
		grants@metastore/table/c.s.a
		grants@metastore/table/c.s.b user:ann=MODIFY
		grants@metastore/catalog/other user:bob=SELECT
		assignment@main/group:team permission=USER
		entitlements@main/group:team entitlement=workspace-access
		roles@account/user:ann role=account_admin
		permissions@main/jobs/j user:ann=CAN_MANAGE_RUN`)
	var got []string
	holdings, gaps := a.WhatCan("user:ann")
	for _, h := range holdings {
		got = append(got, fmt.Sprint(h.Object, " ", h.Privileges, " ", h.Contents))
	}
	for _, g := range gaps {
		got = append(got, fmt.Sprint("? ", g.Lack, " of ", g.Key))
	}
	want := []string{
		"assignment@main/ [USER] 0",
		"entitlements@main/ [workspace-access] 0",
		"grants@metastore/catalog/c [SELECT USE_CATALOG USE_SCHEMA] 2",
		"grants@metastore/table/c.s.b [MODIFY SELECT] 0",
		"permissions@main/jobs/j [CAN_MANAGE_RUN CAN_VIEW] 0",
		"roles@account/ [account_admin] 0",
		"? members of group@account/synced",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCanShowsTheShortestWay(t *testing.T) {
	a := facts(t, `
		group@account/inner member=user:ann
		group@account/outer member=group:inner,user:bob,group:longer
		group@account/longer member=group:inner
		assignment@main/user:carl permission=ADMIN
		permissions@main/jobs/j group:outer=CAN_VIEW group:account\ users=CAN_MANAGE_RUN`)
	var got []string
	holders, _ := a.WhoCan("CAN_VIEW", key("permissions@main/jobs/j"))
	for _, h := range holders {
		got = append(got, paths([]access.Path{{Steps: h.Way}})...)
	}
	want := []string{
		" | user:carl is > group:account users | group:account users permissions@main/jobs/j CAN_MANAGE_RUN access.yaml:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	b := facts(t, `
		group@account/inner member=user:ann
		group@account/outer member=group:inner,user:bob,group:longer
		group@account/longer member=group:inner
		grants@metastore/catalog/c group:outer=USE_CATALOG`)
	holders, _ = b.WhoCan("USE_CATALOG", on("catalog/c"))
	for _, h := range holders {
		got = append(got, paths([]access.Path{{Steps: h.Way}})...)
	}
	want = []string{
		" | user:ann group@account/inner user:ann access.yaml:7 > group:inner | group:inner group@account/outer group:inner access.yaml:7 > group:outer | group:outer grants@metastore/catalog/c USE_CATALOG access.yaml:7",
		" | user:bob group@account/outer user:bob access.yaml:7 > group:outer | group:outer grants@metastore/catalog/c USE_CATALOG access.yaml:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLiveAccessIsExplainedByWhatIsDesired(t *testing.T) {
	live := `
		group@account/team member=user:ann
		grants@metastore/catalog/c group:team=USE_CATALOG`
	desired := stateOf(t, `
		group@account/team member=user:ann,user:bob
		grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA
		assignment@main/user:bob permission=USER`)
	resources := desired.All()
	a := access.New(withoutClaims(stateOf(t, live)), platform, now).With(plan.NewState(resources))
	got := paths(a.Explain("user:ann", on("catalog/c")))
	want := []string{"USE_CATALOG | user:ann group@account/team user:ann access.yaml:7 > group:team | group:team grants@metastore/catalog/c USE_CATALOG access.yaml:7"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var why []string
	for _, o := range a.WhyNot("user:bob", "USE_CATALOG", on("catalog/c")) {
		why = append(why, fmt.Sprint(o.Reason, " ", o.Fact.Key, " ", o.Fact.Value))
	}
	want = []string{"not granted @/ ", "not applied group@account/team user:bob"}
	if !slices.Equal(why[:2], want) {
		t.Errorf("why not: %q", why)
	}
}

func withoutClaims(s plan.State) plan.State {
	all := slices.Clone(s.All())
	for i := range all {
		all[i].Claims = nil
	}
	return plan.NewState(all)
}

func TestEveryWayIntoAWorkspaceIsForTheSame(t *testing.T) {
	a := facts(t, `
		group@account/g member=user:ann
		assignment@main/user:ann permission=USER
		assignment@main/group:g permission=USER
		permissions@main/jobs/j user:ann=CAN_MANAGE group:g=CAN_MANAGE_RUN`)
	var got []string
	for _, p := range a.Explain("user:ann", key("permissions@main/jobs/j")) {
		if len(p.For) > 0 {
			got = append(got, strings.Join(p.For, ","))
		}
	}
	want := []string{"CAN_MANAGE,CAN_MANAGE_RUN,CAN_VIEW", "CAN_MANAGE,CAN_MANAGE_RUN,CAN_VIEW"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestManyWaysAreCutAndSaidToBe(t *testing.T) {
	text := "grants@metastore/catalog/c group:top=USE_CATALOG\n"
	var middle, members []string
	for i := range 120 {
		middle = append(middle, fmt.Sprintf("group:m%d", i))
		members = append(members, fmt.Sprintf("group@account/m%d member=user:ann\n", i))
	}
	text += "group@account/top member=" + strings.Join(middle, ",") + "\n" + strings.Join(members, "")
	all := facts(t, text).Explain("user:ann", on("catalog/c"))
	if len(all) != 100 || !all[0].More {
		t.Errorf("%d paths, more: %t", len(all), all[0].More)
	}
}

// paths writes paths one a line.
func paths(all []access.Path) []string {
	var out []string
	for _, p := range all {
		line := strings.Join(p.Privileges, ",")
		if len(p.For) > 0 {
			line += " for " + strings.Join(p.For, ",")
		}
		for _, s := range p.Steps {
			line += " | " + s.From
			switch {
			case s.Fact != plan.Fact{}:
				line += " " + s.Fact.Key.String() + " " + s.Fact.Value
			default:
				line += " is"
			}
			if s.Above != "" {
				line += " above " + s.Above
			}
			for _, c := range s.Claims {
				line += " " + c.Origin.Pos.String()
			}
			if s.To != "" {
				line += " > " + s.To
			}
		}
		out = append(out, line)
	}
	return out
}

func TestExplainShowsEveryPathWithTheLineOfEachEdge(t *testing.T) {
	a := facts(t, `
		group@account/inner member=user:ann
		group@account/outer member=group:inner,user:ann
		grants@metastore/catalog/c group:account\ users=USE_CATALOG,USE_SCHEMA
		grants@metastore/table/c.s.t group:outer=SELECT group:inner=ALL_PRIVILEGES`)
	want := []string{
		"ALL_PRIVILEGES,APPLY_TAG,MODIFY,REFRESH,SELECT | user:ann group@account/inner user:ann access.yaml:7 > group:inner | group:inner grants@metastore/table/c.s.t ALL_PRIVILEGES access.yaml:7",
		"USE_CATALOG for ALL_PRIVILEGES,APPLY_TAG,MODIFY,REFRESH,SELECT | user:ann is > group:account users | group:account users grants@metastore/catalog/c USE_CATALOG access.yaml:7",
		"USE_SCHEMA for ALL_PRIVILEGES,APPLY_TAG,MODIFY,REFRESH,SELECT | user:ann is > group:account users | group:account users grants@metastore/catalog/c USE_SCHEMA access.yaml:7",
		"SELECT | user:ann group@account/outer user:ann access.yaml:7 > group:outer | group:outer grants@metastore/table/c.s.t SELECT access.yaml:7",
		"SELECT | user:ann group@account/inner user:ann access.yaml:7 > group:inner | group:inner group@account/outer group:inner access.yaml:7 > group:outer | group:outer grants@metastore/table/c.s.t SELECT access.yaml:7",
	}
	got := paths(a.Explain("user:ann", on("table/c.s.t")))
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p := a.Explain("user:bob", on("table/c.s.t")); p != nil {
		t.Errorf("bob, who has nothing, has paths: %v", paths(p))
	}
}

func TestDoubtsAreWhatCouldMeanMoreWays(t *testing.T) {
	a := facts(t, `
		group@account/inner member=group:synced,user:ann
		group@account/synced
		group@account/way
		group@account/elsewhere
		grants@metastore/catalog/c group:way=USE_CATALOG
		grants@metastore/schema/c.s held
		grants@metastore/table/c.s.t group:inner=SELECT in owner=user:bob
		grants@metastore/table/c.s.u group:elsewhere=SELECT`)
	var got []string
	for _, g := range a.Doubts("user:ann", on("table/c.s.t")) {
		got = append(got, fmt.Sprint(g.Lack, " of ", g.Key))
	}
	want := []string{
		"owner of grants@metastore/catalog/c",
		"owner of grants@metastore/metastore/current",
		"grants of grants@metastore/schema/c.s",
		"owner of grants@metastore/schema/c.s",
		"members of group@account/synced",
		"members of group@account/way",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestExplainOnAnObjectShowsAdminsAndFolders(t *testing.T) {
	a := facts(t, `
		assignment@main/user:ann permission=ADMIN
		permissions@main/directories/a group:users=CAN_RUN
		permissions@main/notebooks/a/n in inherited\ user:ann=CAN_READ\ /directories/9`)
	want := []string{
		"CAN_EDIT,CAN_MANAGE,CAN_READ,CAN_RUN | user:ann assignment@main/user:ann ADMIN access.yaml:7 > group:admins | group:admins is",
		"CAN_READ | user:ann permissions@main/notebooks/a/n CAN_READ above /directories/9",
		"CAN_READ,CAN_RUN | user:ann assignment@main/user:ann ADMIN access.yaml:7 > group:admins | group:admins is > group:users | group:users permissions@main/directories/a CAN_RUN access.yaml:7",
		"USER for CAN_EDIT,CAN_MANAGE,CAN_READ,CAN_RUN | user:ann assignment@main/user:ann ADMIN access.yaml:7 > group:admins | group:admins is > group:users",
	}
	got := paths(a.Explain("user:ann", key("permissions@main/notebooks/a/n")))
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhyNotSaysAllThatIsMissing(t *testing.T) {
	const world = `
		group@account/team member=user:bob ended member=user:ann
		group@account/synced
		grants@metastore/catalog/c group:team=USE_CATALOG future user:ann=USE_SCHEMA
		grants@metastore/schema/c.s absent user:ann=SELECT
		grants@metastore/table/c.s.t group:synced=SELECT ended user:ann=SELECT
		owner@metastore/catalog/c owner=user:root
		owner@metastore/schema/c.s owner=user:root
		owner@metastore/table/c.s.t owner=user:root
		owner@metastore/metastore/current owner=user:root
		user@account/gone active=false
		assignment@main/user:bob permission=USER
		permissions@main/jobs/j
		grants@metastore/catalog/i user:ann=SELECT,USE_CATALOG,USE_SCHEMA in isolation=ISOLATED in binding=main\ READ_WRITE`
	for _, test := range []struct {
		name, who, privilege, on string
		want                     []string
	}{
		{"a table", "user:ann", "SELECT", "grants@metastore/table/c.s.t", []string{
			"not granted SELECT grants@metastore/table/c.s.t",
			"missing usage USE_CATALOG grants@metastore/catalog/c",
			"missing usage USE_SCHEMA grants@metastore/schema/c.s",
			"absent grants@metastore/schema/c.s user:ann SELECT",
			"ended grants@metastore/table/c.s.t user:ann SELECT",
			"ended group@account/team member user:ann",
			"not yet grants@metastore/catalog/c user:ann USE_SCHEMA",
			"unknown members group@account/synced",
		}},
		{"half of a privilege", "user:bob", "MODIFY", "grants@metastore/table/c.s.t", []string{
			"not granted MODIFY grants@metastore/table/c.s.t",
			"missing usage USE_SCHEMA grants@metastore/schema/c.s",
			"missing other SELECT grants@metastore/table/c.s.t",
			"unknown members group@account/synced",
		}},
		{"a privilege that there is not", "user:ann", "EXECUTE", "grants@metastore/table/c.s.t", []string{
			"not applicable EXECUTE grants@metastore/table/c.s.t"}},
		{"somebody inactive", "user:gone", "SELECT", "grants@metastore/table/c.s.t", []string{"inactive user@account/gone"}},
		{"an object of a workspace", "user:ann", "CAN_VIEW", "permissions@main/jobs/j", []string{
			"not granted CAN_VIEW permissions@main/jobs/j", "not assigned USER assignment@main/"}},
		{"a catalog bound elsewhere", "user:ann", "SELECT", "grants@metastore/catalog/i", []string{
			"not bound SELECT grants@metastore/catalog/i", "unknown owner grants@metastore/catalog/i"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, o := range facts(t, world).WhyNot(test.who, test.privilege, key(test.on)) {
				line := string(o.Reason)
				switch {
				case o.Fact != plan.Fact{}:
					line += " " + o.Fact.Key.String() + " " + o.Fact.Field + " " + o.Fact.Value
				case o.Lack != "":
					line += " " + string(o.Lack) + " " + o.Key.String()
				case o.Privilege != "":
					line += " " + o.Privilege + " " + o.Key.String()
				default:
					line += " " + o.Key.String()
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// effects writes what Diff says, one a line.
func effects(t *testing.T, before, after string, touched ...string) []string {
	t.Helper()
	var keys []plan.Key
	for _, k := range touched {
		keys = append(keys, key(k))
	}
	changed, idle := access.Diff(facts(t, before), facts(t, after), keys)
	var out []string
	for _, e := range changed {
		sign := "-"
		if e.Gained {
			sign = "+"
		}
		out = append(out, fmt.Sprint(sign, " ", e.Object, " ", e.Privileges, " ", e.Count, " ", e.Named, e.Open, " and ", e.Contents))
	}
	for _, i := range idle {
		line := fmt.Sprint("idle ", i.Removed, " ", i.Fact.Key, " ", i.Fact.Field, " ", i.Fact.Value, " through")
		for _, f := range i.Through {
			line += " " + f.Key.String() + " " + f.Field + " " + f.Value
		}
		out = append(out, line)
	}
	return out
}

func TestDiffTellsEffectsInsteadOfEdges(t *testing.T) {
	const tables = `
		grants@metastore/table/c.s.a
		grants@metastore/table/c.s.b
		grants@metastore/volume/c.s.v
		grants@metastore/schema/c.s`
	for _, test := range []struct {
		name          string
		before, after string
		touched       []string
		want          []string
	}{
		{"a new member reads what the group reads", `
			group@account/team member=user:bob
			grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT` + tables, `
			group@account/team member=user:bob,user:ann
			grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT` + tables,
			[]string{"group@account/team"},
			[]string{"+ grants@metastore/catalog/c [SELECT USE_CATALOG USE_SCHEMA] 1 [user:ann] [] and 3"}},
		{"who had it before gains nothing", `
			group@account/team
			grants@metastore/catalog/c user:ann=USE_CATALOG,USE_SCHEMA,SELECT group:team=USE_CATALOG,USE_SCHEMA,SELECT
			group@account/team member=user:bob`, `
			grants@metastore/catalog/c user:ann=USE_CATALOG,USE_SCHEMA,SELECT group:team=USE_CATALOG,USE_SCHEMA,SELECT
			group@account/team member=user:bob,user:ann`,
			[]string{"group@account/team"},
			[]string{"idle false group@account/team member user:ann through grants@metastore/catalog/c user:ann SELECT grants@metastore/catalog/c user:ann USE_CATALOG grants@metastore/catalog/c user:ann USE_SCHEMA"}},
		{"who still has it otherwise loses nothing", `
			group@account/team member=user:ann
			grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT user:ann=SELECT` + tables, `
			group@account/team member=user:ann
			grants@metastore/catalog/c group:team=USE_CATALOG,USE_SCHEMA,SELECT` + tables,
			[]string{"grants@metastore/catalog/c"},
			[]string{"idle true grants@metastore/catalog/c user:ann SELECT through grants@metastore/catalog/c group:team SELECT"}},
		{"a privilege without a way is idle, and the way is what gives it", `
			grants@metastore/catalog/c user:ann=USE_CATALOG` + tables, `
			grants@metastore/catalog/c user:ann=USE_CATALOG` + tables + ` user:ann=SELECT`,
			[]string{"grants@metastore/schema/c.s"},
			[]string{"idle false grants@metastore/schema/c.s user:ann SELECT through"}},
		{"USE_SCHEMA opens the way to all that was granted", `
			grants@metastore/catalog/c user:ann=USE_CATALOG,SELECT` + tables, `
			grants@metastore/catalog/c user:ann=USE_CATALOG,SELECT` + tables + ` user:ann=USE_SCHEMA`,
			[]string{"grants@metastore/schema/c.s"},
			[]string{"+ grants@metastore/schema/c.s [SELECT USE_SCHEMA] 1 [user:ann] [] and 2"}},
		{"everybody, and a group that nobody read", `
			group@account/synced
			grants@metastore/catalog/c user:ann=USE_CATALOG`, `
			group@account/synced
			grants@metastore/catalog/c user:ann=USE_CATALOG group:account\ users=BROWSE group:synced=USE_CATALOG`,
			[]string{"grants@metastore/catalog/c"},
			[]string{
				"+ grants@metastore/catalog/c [BROWSE] 1 [user:ann] [group:account users group:synced] and 0",
				"+ grants@metastore/catalog/c [USE_CATALOG] 0 [] [group:synced] and 0",
			}},
		{"a new owner", `
			owner@metastore/schema/c.s owner=user:ann` + tables, `
			owner@metastore/schema/c.s owner=user:bob` + tables,
			[]string{"owner@metastore/schema/c.s"},
			[]string{
				"+ grants@metastore/schema/c.s [MANAGE] 1 [user:bob] [] and 3",
				"- grants@metastore/schema/c.s [MANAGE] 1 [user:ann] [] and 3",
			}},
		{"who is deactivated loses everything", `
			user@account/ann active=true
			permissions@main/jobs/j user:ann=CAN_VIEW`, `
			user@account/ann active=false
			permissions@main/jobs/j user:ann=CAN_VIEW`,
			[]string{"user@account/ann"},
			[]string{"- permissions@main/jobs/j [CAN_VIEW] 1 [user:ann] [] and 0"}},
		{"who leaves the workspace loses its objects", `
			assignment@main/user:ann permission=USER
			assignment@main/user:bob permission=USER
			permissions@main/jobs/j user:ann=CAN_VIEW`, `
			assignment@main/user:ann permission=
			assignment@main/user:bob permission=USER
			permissions@main/jobs/j user:ann=CAN_VIEW`,
			[]string{"assignment@main/user:ann"},
			[]string{
				"- assignment@main/ [USER] 1 [user:ann] [] and 0",
				"- permissions@main/jobs/j [CAN_VIEW] 1 [user:ann] [] and 0",
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, effects(t, test.before, test.after, test.touched...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAThousandPeopleAreOneEffect(t *testing.T) {
	var members []string
	for i := range 1000 {
		members = append(members, fmt.Sprintf("user:u%04d", i))
	}
	team := "group@account/team member=" + strings.Join(members, ",") + "\n"
	got := effects(t, team+"grants@metastore/schema/c.s", team+"grants@metastore/schema/c.s group:team=USE_SCHEMA\ngrants@metastore/catalog/c group:team=USE_CATALOG",
		"grants@metastore/schema/c.s", "grants@metastore/catalog/c")
	if len(got) != 2 || !strings.Contains(got[0], "[USE_CATALOG] 1000 [user:u0000 ") || strings.Contains(got[0], "u0020") || !strings.Contains(got[1], "[USE_SCHEMA] 1000 ") {
		t.Errorf("%q", got)
	}
}
