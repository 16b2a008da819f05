package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// On a securable that two environments own, each leaves to the other what the
// other's documents want, users and synced groups included.
func TestTwoEnvironmentsOnOneSecurable(t *testing.T) {
	t.Parallel()
	seed := with(twoWorld, "securables:\n", "securables:\n  - {type: external_location, name: loc_sales}\n")
	owns := with(twoProject, `    assignments: true`, `    securables: [{type: external_location, name: "loc_*"}]
    assignments: true`)
	for _, authority := range []string{"managed", "exact"} {
		t.Run(authority, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, seed, owns, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)+
				doc("Grants", "loc", `{securables: [{type: external_location, name: loc_sales}], authority: `+authority+`, grants: [{group: grp_team, privileges: [READ FILES]}, {user: bob@example.com, privileges: [WRITE FILES], environments: [dev]}]}`)))
			for range 2 {
				for _, l.env = range []string{"dev", "prd"} {
					l.converge()
				}
			}
			same(t, "granted", "group:grp_team_dev=READ_FILES group:grp_team_prd=READ_FILES user:bob@example.com=WRITE_FILES", granted(l.State(), "loc_sales"))
			_, p := l.plan()
			if strings.Contains(kept(p), "loc_sales") {
				t.Errorf("the other environment's access is listed: %s", kept(p))
			}
			l.env = "dev"
			l.put("access.yaml", doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`))
			l.want(`update grants@metastore/external_location/loc_sales group:grp_team_dev -READ_FILES user:bob@example.com -WRITE_FILES`)
		})
	}
}

// A list whose entries are all for other environments is no empty list.
func TestLastMemberOfAListForOthers(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoWorld, twoProject, file(doc("Group", "grp_hand", `{members: [{user: alice@example.com, environments: [prd]}]}`)))
	l.refused(plan.GuardSmallSets, "group@account/grp_hand_dev", "user:bob@example.com")
}

// depth: schema leaves alone what no document names, and only that.
func TestDeclaredTableBelowItsDepth(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, `catalogs: ["{silver}", "{gold}"]`, `catalogs: [{name: "{silver}", depth: schema}]`), file(
		doc("Group", "grp_team", `{members: []}`)+doc("Grants", "orders", `{securables: [{type: table, name: silver.sales.orders}], grants: [{group: grp_team, privileges: [SELECT]}]}`)))
	l.converge()
	same(t, "granted", "group:grp_team_dev=SELECT", granted(l.State(), "silver_dev.sales.orders"))
}

// Memberships that stay can close a circle with declared ones.
func TestCycleWithLiveMembers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: []}`)+doc("Group", "grp_b", `{members: []}`)))
	l.converge()
	l.change(func(st *sandbox.State) { join(st, "grp_a_dev", "group:grp_b_dev") })
	l.put("access.yaml", doc("Group", "grp_a", `{}`)+doc("Group", "grp_b", `{members: [{group: grp_a}]}`))
	l.wantError("grp_a_dev → grp_b_dev → grp_a_dev")
}

func TestWhatIsAlwaysSaid(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "adoption: none", "adoption: {until: 2026-12-31}"), file(onSchema(`{group: account users, privileges: [SELECT]}`)))
	_, p := l.plan()
	contains(t, warned(p), "adoption until 2026-12-31", "deleting a line revokes nothing yet", "every user of the account has SELECT on schema/silver_dev.sales")
	l.now = l.now.AddDate(0, 2, 0)
	_, p = l.plan()
	if strings.Contains(warned(p), "adoption") {
		t.Error(warned(p))
	}
}

// A workspace's own group is renamed without touching the account's of that name.
func TestRenameOfALocalGroup(t *testing.T) {
	t.Parallel()
	seed := with(world, "    - {displayName: grp_stranger,", "    - {displayName: grp_old_dev, members: [\"user:bob@example.com\"]}\n    - {displayName: grp_stranger,",
		"    objects:\n", "    groups: [{displayName: grp_old_dev, members: [\"user:alice@example.com\"]}]\n    objects:\n")
	l := newLab(t, seed, project, file(doc("Group", "grp_new", `{level: workspace, workspace: main, previously: [grp_old], members: [{user: alice@example.com}]}`)+
		doc("Group", "grp_old", `{members: [{user: bob@example.com}]}`)+onSchema(`{group: grp_old, privileges: [SELECT]}`)))
	l.want(`
		update grants@metastore/schema/silver_dev.sales group:grp_old_dev +SELECT
		update group@main/grp_new_dev name +grp_new_dev -grp_old_dev`)
	l.converge()
}

func TestEnvironmentWithoutWorkspaces(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "      workspaces: {main: {unityCatalog: true}}\n", "", "workspace: main, type: clusters", "workspace: \"*\", type: clusters",
		"workspace: main, type: jobs", "workspace: \"*\", type: jobs", "workspace: main, type: warehouses", "workspace: \"*\", type: warehouses", "workspace: main, type: directories", "workspace: \"*\", type: directories"), file(doc("Group", "grp_team", `{members: []}`)))
	l.wantError("environment dev has no workspaces")
}
