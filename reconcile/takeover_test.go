package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// What these repositories ask for would take over, change or delete principals
// that are not theirs.
func TestPrincipalsOfOthersAreNotTakenOver(t *testing.T) {
	t.Parallel()
	team := doc("Group", "grp_team", `{members: []}`)
	for name, tt := range map[string]struct {
		seed, documents string
		says            []string
	}{
		"a stranger's application id": {documents: doc("ServicePrincipal", "spn_x", `{applicationId: dddddddd-0000-4000-8000-000000000001}`),
			says: []string{`service principal "Partner"`, "previously"}},
		"removal by a stranger's application id": {documents: doc("Removed", "spn_x", `{kind: ServicePrincipal, action: delete, reason: over, applicationId: dddddddd-0000-4000-8000-000000000001}`),
			says: []string{`service principal "Partner"`, "cannot be removed"}},
		"an application id twice": {documents: doc("ServicePrincipal", "spn_a", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001}`) + doc("ServicePrincipal", "spn_b", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001}`),
			says: []string{"applicationId aaaaaaaa-0000-4000-8000-000000000001 is spn_a_dev of environment dev already (access.yaml:4:18)"}},
		"an external application id": {documents: doc("ServicePrincipal", "spn_a", `{applicationId: cccccccc-0000-4000-8000-000000000001}`),
			says: []string{"is external.servicePrincipals.spn_tableau already"}},
		"a previous name of another document": {documents: doc("ServicePrincipal", "spn_etl", `{}`) + doc("ServicePrincipal", "spn_new", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, previously: [spn_etl]}`),
			says: []string{"it is the service principal spn_etl_dev, which is declared at"}},
		"a synced group": {documents: doc("Group", "grp_synced", `{members: [{user: alice@example.com}]}`),
			says: []string{"synced from the identity provider (external id ext-1)", "source: external"}},
		"removal of a synced group": {documents: doc("Removed", "grp_synced", `{kind: Group, action: delete, reason: over}`),
			says: []string{"synced from the identity provider"}},
		"a group said to be synced": {documents: doc("Group", "grp_stranger", `{source: external, environmentSuffix: false}`),
			says: []string{"has no external id: it is not synced"}},
		"a system group": {documents: doc("Group", "admins", `{level: workspace, workspace: main, environmentSuffix: false, members: []}`),
			says: []string{`"admins" is a system group`}},
		"removal of a system group": {documents: doc("Removed", "users", `{kind: Group, action: delete, reason: over, level: workspace, workspace: main, environmentSuffix: false}`),
			says: []string{`"users" is a system group`}},
		"a system group's name before": {documents: doc("Group", "grp_team", `{displayName: grp_team_dev, environmentSuffix: false, previously: ["account users"]}`),
			says: []string{`"account users" is a system group`}},
		"a local group that is not owned": {documents: doc("Removed", "team_local", `{kind: Group, action: delete, reason: over, level: workspace, workspace: main}`),
			says: []string{"not owned by this repository"}},
		"a workspace that is not there": {documents: doc("Group", "grp_team", `{level: workspace, workspace: mian, members: []}`),
			says: []string{`environment dev has no workspace "mian" (did you mean main?)`}},
		"a local group beside one of the account": {documents: team + onCluster(`{group: grp_both, level: CAN_RESTART}`) + doc("Group", "grp_both", `{members: []}`),
			says: []string{"the account and workspace main each have a group grp_both_dev"}},
		"a layer called like a live catalog": {seed: "  - {type: catalog, name: silver}\n", documents: team,
			says: []string{"the layer silver is called like a live catalog"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := with(world, "    - {displayName: grp_stranger,", `    - {displayName: grp_synced_dev, externalId: ext-1, members: ["user:carol@example.com"]}
    - {displayName: grp_both_dev}
    - {displayName: grp_stranger,`, "  - {type: catalog, name: gold_dev}\n", "  - {type: catalog, name: gold_dev}\n"+tt.seed,
				"    - {displayName: Tableau,", `    - {displayName: Partner, applicationId: dddddddd-0000-4000-8000-000000000001}
    - {displayName: Tableau,`, "    objects:\n", "    groups: [{displayName: grp_both_dev, members: [\"user:mallory@example.com\"]}, {displayName: team_local_dev}]\n    objects:\n")
			l := newLab(t, seed, project, file(tt.documents))
			l.wantError(tt.says...)
		})
	}
}

// A removal is for the environment that manages the principal.
func TestRemovalIsForTheHomeEnvironment(t *testing.T) {
	t.Parallel()
	removed := doc("Removed", "grp_hand_prd", `{kind: Group, action: delete, reason: over, environmentSuffix: false}`)
	l := newLab(t, twoWorld, twoProject, file(removed))
	l.wantError("is managed from environment prd", "environments: [prd]")
}

// A group with one live name in all environments is managed by the one that
// sharedPrincipals names; the others refer to it.
func TestOneNameInAllEnvironments(t *testing.T) {
	t.Parallel()
	everyone := doc("Group", "grp_everyone", `{environmentSuffix: false, members: [{user: alice@example.com}, {user: bob@example.com, environments: [prd]}]}`)
	l := newLab(t, twoWorld, twoProject, file(everyone+onAnyCluster("")))
	l.env = "dev"
	l.wantError("managed from environment prd and not there yet")
	for _, l.env = range []string{"prd", "dev"} {
		l.converge()
	}
	same(t, "members", "user:alice@example.com user:bob@example.com", members(l.State(), "grp_everyone"))
	l.put("brickgate.yaml", with(twoProject, "    prd: {account", "    acc: {account: main, suffix: _acc, workspaces: {main: {profile: c}}}\n    prd: {account"))
	l.settled() // whatever the order in which the environments stand
	l.put("brickgate.yaml", with(twoProject, "  sharedPrincipals: prd\n", ""))
	l.wantError("sharedPrincipals")
}

func TestDeactivatingTheApplyingIdentityIsRefused(t *testing.T) {
	t.Parallel()
	seed := with(world, "caller: admin@example.com", "caller: aaaaaaaa-0000-4000-8000-000000000001", "    - {userName: breakglass@example.com, roles: [account_admin]}",
		"    - {userName: breakglass@example.com, roles: [account_admin]}\n    - {userName: second@example.com, roles: [account_admin]}")
	l := newLab(t, seed, project, file(doc("Removed", "spn_etl", `{kind: ServicePrincipal, action: deactivate, reason: over}`)))
	_, p := l.plan()
	if len(p.Violations) == 0 || p.Violations[0].Guard != plan.GuardMinAdmins && p.Violations[0].Guard != plan.GuardProtected {
		t.Fatalf("violations: %v", p.Violations)
	}
	contains(t, p.Violations[len(p.Violations)-1].Message, "sp:spn_etl_dev", "protected")
}

// Membership in a group that administers is as good as administering.
func TestTheApplyingIdentityStaysInTheGroupThatAdministers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(
		doc("Group", "grp_admins", `{members: [{user: alice@example.com}], roles: [account_admin], workspaces: {main: {permission: ADMIN}}}`)))
	l.converge()
	l.change(func(st *sandbox.State) { join(st, "grp_admins_dev", "user:admin@example.com") })
	l.settled()
	l.put("access.yaml", doc("Group", "grp_admins", `{members: [{user: alice@example.com}, {user: admin@example.com, expires: 2026-01-01}], roles: [account_admin], workspaces: {main: {permission: ADMIN}}}`))
	l.refused(plan.GuardProtected, "user:admin@example.com")
}

// What a deleted principal owns would have no owner.
func TestDeletingAnOwnerIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)+ownedBy("group: grp_team")))
	l.converge()
	l.put("access.yaml", doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`))
	l.refused(plan.GuardLastOwner, "schema/silver_dev.sales")
	l.put("access.yaml", doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`)+ownedBy("user: bob@example.com"))
	p := l.converge()
	last := p.Changes[len(p.Changes)-1]
	if last.Action != plan.Delete || len(last.WaitsFor) == 0 || !strings.HasPrefix(last.WaitsFor[0].String(), "owner@") {
		t.Errorf("the deletion does not wait for the new owner: %+v", last)
	}
}
