package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// twoWorld has two environments in one account, and a workspace of each.
const twoWorld = `
format: 1
caller: admin@example.com
account:
  users: [{userName: admin@example.com}, {userName: breakglass@example.com, roles: [account_admin]}, {userName: alice@example.com}, {userName: bob@example.com}]
  groups:
    - {displayName: grp_legacy_tst, members: ["user:bob@example.com"]}
    - {displayName: grp_hand_dev, members: ["user:bob@example.com"]}
    - {displayName: grp_hand_prd, members: ["user:bob@example.com"]}
metastore: {name: main}
securables:
  - {type: catalog, name: gold_dev}
  - {type: schema, name: gold_dev.sales, grants: [{principal: "group:grp_hand_dev", privileges: [SELECT]}, {principal: "group:grp_hand_prd", privileges: [SELECT]}, {principal: "group:grp_legacy_tst", privileges: [SELECT]}]}
  - {type: catalog, name: gold_prd}
  - {type: schema, name: gold_prd.sales, grants: [{principal: "group:grp_hand_dev", privileges: [SELECT]}, {principal: "group:grp_hand_prd", privileges: [SELECT]}, {principal: "group:grp_legacy_tst", privileges: [SELECT]}]}
workspaces:
  - {id: 1001, name: dev/main, assignments: [{principal: "user:alice@example.com", permissions: [USER]}], objects: [{type: clusters, name: etl}]}
  - {id: 1002, name: prd/main, assignments: [{principal: "user:alice@example.com", permissions: [USER]}], objects: [{type: clusters, name: etl}]}
`

const twoProject = `
apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: two}
spec:
  accounts: {main: {}}
  environments:
    dev: {account: main, suffix: _dev, workspaces: {main: {profile: a}}, catalogs: {gold: gold_dev}}
    prd: {account: main, suffix: _prd, workspaces: {main: {profile: b}}, catalogs: {gold: gold_prd}}
  sharedPrincipals: prd
  otherSuffixes: [_tst]
  owns:
    groups: ["grp_*"]
    users: ["*@example.com"]
    catalogs: ["{gold}"]
    objects: [{workspace: "*", type: clusters, name: "*"}]
    assignments: true
    shared: [grp_everyone]
  adoption: none
`

var twoFiles = map[string]string{"access.yaml": docs(
	doc("Group", "grp_team", `{members: [{user: alice@example.com}], roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
	doc("Group", "grp_everyone", `{environments: [prd], environmentSuffix: false, members: [{group: grp_team}]}`),
	doc("Grants", "gold", `{securables: [{type: schema, name: gold.sales}], grants: [{group: grp_team, privileges: [SELECT, USE SCHEMA]}]}`),
	onAnyCluster(`{group: grp_team, level: CAN_RESTART}`))}

func onAnyCluster(entries string) string {
	return doc("Permissions", "etl", `{objects: [{type: clusters, name: etl}], permissions: [`+entries+`]}`)
}

func TestTwoEnvironmentsInOneAccount(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoWorld, twoProject, twoFiles)
	envs := []string{"dev", "prd"}
	for _, env := range envs {
		l.env = env
		p := l.converge()
		if len(p.Changes) < 6 {
			t.Errorf("%s:\n%s", env, show(p))
		}
	}
	l.env = "dev"
	l.settled()
	for i, env := range envs {
		l.env = env
		_, p := l.plan()
		text, other := show(p)+kept(p), envs[1-i]
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "grants@metastore/schema/gold_"+env) && strings.Contains(line, "_"+other) {
				t.Errorf("%s is in the plan of %s: %s", other, env, line)
			}
		}
	}
	st := l.State()
	same(t, "of dev", "group:grp_legacy_tst=SELECT group:grp_team_dev=SELECT,USE_SCHEMA", granted(st, "gold_dev.sales"))
	same(t, "of prd", "group:grp_legacy_tst=SELECT group:grp_team_prd=SELECT,USE_SCHEMA", granted(st, "gold_prd.sales"))
	same(t, "shared", "group:grp_team_prd", members(st, "grp_everyone"))
	same(t, "of nobody", "user:bob@example.com", members(st, "grp_hand_dev"))
}

// A shared group is of the environment that sharedPrincipals names; the other one
// leaves it, its members and what it has to that one.
func TestSharedGroup(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoWorld, twoProject, twoFiles)
	for _, l.env = range []string{"prd", "dev"} {
		l.converge()
	}
	l.put("access.yaml", with(twoFiles["access.yaml"], doc("Group", "grp_everyone", `{environments: [prd], environmentSuffix: false, members: [{group: grp_team}]}`), ""))
	_, dev := l.plan()
	if strings.Contains(show(dev)+kept(dev), "grp_everyone") {
		t.Errorf("dev speaks of prd's group:\n%s%s", show(dev), kept(dev))
	}
	l.env = "prd"
	_, prd := l.plan()
	contains(t, kept(prd), "group@account/grp_everyone : orphaned")
	same(t, "plan", "", show(prd))
}

// Entries of one environment's groups on what the other one owns are removed by
// the owner of the thing.
func TestForeignEntriesOnOwnedThings(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoWorld, twoProject, twoFiles)
	for _, l.env = range []string{"prd", "dev"} {
		l.converge()
	}
	l.change(func(st *sandbox.State) {
		give(st, "gold_dev.sales", "group:grp_team_prd", "MODIFY")
		give(st, "gold_dev.sales", "group:grp_everyone", "MODIFY")
	})
	l.want(`update grants@metastore/schema/gold_dev.sales group:grp_everyone -MODIFY group:grp_team_prd -MODIFY`)
	l.env = "prd"
	l.settled()
}

// An entry that is for one environment is undeclared in the other.
func TestEntriesByEnvironment(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoWorld, twoProject, map[string]string{"access.yaml": docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com, environments: [dev]}, {user: bob@example.com}]}`),
		doc("Grants", "gold", `{environments: [prd], securables: [{type: schema, name: "{gold}.sales"}], grants: [{group: grp_team, privileges: [SELECT]}]}`))})
	l.converge()
	l.env = "prd"
	l.converge()
	same(t, "dev", "user:alice@example.com user:bob@example.com", members(l.State(), "grp_team_dev"))
	same(t, "prd", "user:bob@example.com", members(l.State(), "grp_team_prd"))
	same(t, "gold_dev", "group:grp_legacy_tst=SELECT", granted(l.State(), "gold_dev.sales"))
}

// What both environments own, each keeps in order for the principals it manages.
func TestThingOwnedByBothEnvironments(t *testing.T) {
	t.Parallel()
	own := with(twoProject, "    assignments: true", "    securables: [{type: external_location, name: landing}]\n    assignments: true")
	l := newLab(t, with(twoWorld, "securables:\n", `securables:
  - {type: external_location, name: landing, grants: [{principal: "group:grp_hand_dev", privileges: [READ_FILES]}, {principal: "group:grp_hand_prd", privileges: [READ_FILES]}]}
`), own, map[string]string{"access.yaml": doc("Group", "grp_team", `{}`)})
	l.want(`
		create group@account/grp_team_dev
		update grants@metastore/external_location/landing group:grp_hand_dev -READ_FILES
		update grants@metastore/schema/gold_dev.sales group:grp_hand_dev -SELECT group:grp_hand_prd -SELECT`)
	l.converge()
	same(t, "landing", "group:grp_hand_prd=READ_FILES", granted(l.State(), "landing"))
}
