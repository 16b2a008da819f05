package reconcile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// Renames keep members, grants and ACL entries; nothing is made anew.
func TestRenamedGroup(t *testing.T) {
	t.Parallel()
	team := func(name, more string) string {
		return doc("Group", name, `{members: [{user: alice@example.com}], roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}`+more+`}`)
	}
	access := func(name string) string {
		return docs(onCluster(`{group: `+name+`, level: CAN_MANAGE}`), onSchema(`{group: `+name+`, privileges: [SELECT]}`))
	}
	l := newLab(t, world, project, map[string]string{"team.yaml": team("grp_old", ""), "access.yaml": access("grp_old")})
	l.converge()
	id := group(l.State(), "grp_old_dev").ID

	l.putAll(map[string]string{"team.yaml": team("grp_new", ", previously: [grp_older, grp_old]"), "access.yaml": access("grp_new")})
	p := l.want(`update group@account/grp_new_dev name +grp_new_dev -grp_old_dev`)
	contains(t, p.Changes[0].Reason, "renamed from grp_old_dev")
	l.converge()
	g := group(l.State(), "grp_new_dev")
	if g.ID != id {
		t.Errorf("a new group %s in place of %s", g.ID, id)
	}
	contains(t, granted(l.State(), "silver_dev.sales"), "group:grp_new_dev=SELECT")
	contains(t, acl(l.State(), "clusters", "shared-etl"), "group:grp_new_dev=CAN_MANAGE")
}

// A rename and changes that name the group go in one run, the rename first.
func TestRenameWithChanges(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"team.yaml":   doc("Group", "grp_old", `{members: [{user: alice@example.com}]}`),
		"access.yaml": onSchema(`{group: grp_old, privileges: [SELECT]}`)})
	l.converge()
	l.putAll(map[string]string{
		"team.yaml":   doc("Group", "grp_new", `{previously: [grp_old], members: [{user: bob@example.com}]}`),
		"access.yaml": onSchema(`{group: grp_new, privileges: [MODIFY]}`)})
	l.want(`
		update group@account/grp_new_dev member +user:bob@example.com -user:alice@example.com name +grp_new_dev -grp_old_dev
		update grants@metastore/schema/silver_dev.sales group:grp_new_dev +MODIFY -SELECT`)
	l.converge()
}

// Access that a renamed group loses in the same run is taken under the new name,
// so after the rename.
func TestRenameWhileAccessGoes(t *testing.T) {
	t.Parallel()
	access := func(entries string) string {
		return docs(onCluster(entries), onSchema(strings.ReplaceAll(entries, "level: CAN_MANAGE", "privileges: [SELECT]")))
	}
	l := newLab(t, world, project, map[string]string{
		"team.yaml":   doc("Group", "grp_old", `{workspaces: {main: {permission: USER}}}`),
		"access.yaml": access(`{group: grp_old, level: CAN_MANAGE}, {user: alice@example.com, level: CAN_MANAGE}`)})
	l.converge()
	l.putAll(map[string]string{
		"team.yaml":   doc("Group", "grp_new", `{previously: [grp_old], workspaces: {main: {permission: USER}}}`),
		"access.yaml": access(`{user: alice@example.com, level: CAN_MANAGE}, {user: bob@example.com, level: CAN_MANAGE}`)})
	l.opts.Concurrency = 1
	l.want(`
		update group@account/grp_new_dev name +grp_new_dev -grp_old_dev
		update grants@metastore/schema/silver_dev.sales group:grp_new_dev -SELECT user:bob@example.com +SELECT
		update permissions@main/clusters/shared-etl group:grp_new_dev -CAN_MANAGE user:bob@example.com +CAN_MANAGE`)
	l.converge()
}

func TestMembershipCycles(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: [{group: grp_a}]}`)))
	l.wantError("access.yaml:5:", "cannot be a member of itself")
	l.put("access.yaml", docs(
		doc("Group", "grp_a", `{members: [{group: grp_b}]}`),
		doc("Group", "grp_b", `{members: [{group: grp_c}]}`),
		doc("Group", "grp_c", `{members: [{group: grp_a}]}`)))
	l.wantError("groups are members of each other: grp_a_dev → grp_b_dev (access.yaml:5) → grp_c_dev (access.yaml:10) → grp_a_dev (access.yaml:15)")
}

func TestRenameMistakes(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(doc("Group", "grp_old", `{}`), doc("Group", "grp_new", `{}`))))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_new", `{previously: [grp_old]}`))
	l.wantError("access.yaml:4:", "grp_new_dev and its previous name grp_old_dev both exist")
	l.change(func(st *sandbox.State) { group(st, "grp_new_dev").DisplayName = "x" })
	l.put("access.yaml", docs(doc("Group", "grp_new", `{previously: [grp_old]}`), doc("Group", "grp_old", `{}`)))
	l.wantError("access.yaml:4:", "grp_old_dev is declared by another document")
	l.put("access.yaml", doc("Group", "grp_new", `{environmentNames: {dev: grp_mine_dev}, previously: [stranger]}`))
	l.change(func(st *sandbox.State) { group(st, "grp_stranger").DisplayName = "stranger_dev" })
	l.wantError("stranger_dev is not owned by this repository")
}

// removalLab has a group and a service principal with access of every sort, none
// of it declared but that they exist.
func removalLab(t *testing.T) *lab {
	t.Helper()
	cluster := doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_RESTART}]}`)
	l := newLab(t, world, project, map[string]string{
		"team.yaml": docs(
			doc("Group", "grp_old", `{members: [{user: alice@example.com}]}`),
			doc("Group", "grp_outer", `{members: [{group: grp_old}, {user: bob@example.com}], authority: merge}`),
			doc("ServicePrincipal", "spn_old", `{}`)),
		"access.yaml": docs(cluster, onSchema(`{group: grp_old, privileges: [SELECT]}, {servicePrincipal: spn_old, privileges: [SELECT]}`))})
	l.converge()
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "group:grp_old_dev", Permissions: []string{"USER"}})
		allowOn(st, "clusters", "shared-etl", "group:grp_old_dev", "CAN_MANAGE")
	})
	l.put("access.yaml", docs(cluster, onSchema(``)))
	return l
}

const outer = `{members: [{user: bob@example.com}], authority: merge}`

func TestRemovedDeletesLast(t *testing.T) {
	t.Parallel()
	l := removalLab(t)
	l.put("team.yaml", docs(doc("Group", "grp_outer", outer), doc("ServicePrincipal", "spn_old", `{}`), doc("Removed", "grp_old", `{kind: Group, action: delete, reason: over}`)))
	_, p := l.plan()
	i := slices.IndexFunc(p.Changes, func(c plan.Change) bool { return c.Action == plan.Delete })
	if i != len(p.Changes)-1 || len(p.Changes) != 4 {
		t.Fatalf("the deletion is change %d of\n%s", i, show(p))
	}
	for _, c := range p.Changes[:i] {
		if !slices.Contains(p.Changes[i].WaitsFor, c.Key) {
			t.Errorf("the deletion does not wait for %s", c.Key)
		}
	}
	contains(t, p.Changes[i].Reason, "over")
	l.converge()
}

func TestRemovedDeactivates(t *testing.T) {
	t.Parallel()
	l := removalLab(t)
	l.put("team.yaml", docs(doc("Group", "grp_outer", outer), doc("Group", "grp_old", `{}`), doc("Removed", "spn_old", `{kind: ServicePrincipal, action: deactivate, reason: over}`)))
	_, p := l.plan()
	contains(t, show(p), "update servicePrincipal@account/spn_old_dev active +false -true\n")
	l.converge()
}

func TestRemovedForgets(t *testing.T) {
	t.Parallel()
	l := removalLab(t)
	l.put("team.yaml", docs(doc("Group", "grp_outer", outer), doc("ServicePrincipal", "spn_old", `{}`), doc("Removed", "grp_old", `{kind: Group, action: forget, reason: "moved to the other repository"}`)))
	_, p := l.plan()
	if strings.Contains(show(p), "grp_old") {
		t.Errorf("a forgotten group is touched:\n%s", show(p))
	}
	if strings.Contains(kept(p), "grp_old_dev : orphaned") {
		t.Errorf("a forgotten group is orphaned:\n%s", kept(p))
	}
}

// Of two service principals of one name, the one that is meant goes or is
// forgotten.
func TestRemovedByApplicationID(t *testing.T) {
	t.Parallel()
	const one, two = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
	seed := with(world, "  groups:\n", "    - {displayName: spn_etl_dev, applicationId: "+two+"}\n  groups:\n", "sp:spn_etl_dev", "sp:"+one)
	removed := func(action string) map[string]string {
		return file(docs(doc("Removed", "spn_etl", `{kind: ServicePrincipal, action: `+action+`, applicationId: `+one+`, reason: over}`), onSchema(``)))
	}
	l := newLab(t, seed, project, removed("forget"))
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "sp:"+one, "SELECT")
		give(st, "silver_dev.sales", "sp:"+two, "SELECT")
	})
	p := l.want(`update grants@metastore/schema/silver_dev.sales sp:` + two + ` -SELECT`)
	if strings.Contains(kept(p), one+" : orphaned") {
		t.Errorf("what is forgotten is orphaned:\n%s", kept(p))
	}
	l.putAll(removed("delete"))
	l.want(`
		update grants@metastore/schema/silver_dev.sales sp:` + one + ` -SELECT sp:` + two + ` -SELECT
		delete servicePrincipal@account/` + one)
	l.apply()
	if n := len(l.State().Account.ServicePrincipals); n != 2 {
		t.Errorf("%d service principals are left", n)
	}
}

func TestMemberOf(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_open", `{}`),
		doc("Group", "grp_listed", `{members: [{user: alice@example.com}]}`),
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, memberOf: [grp_open, grp_listed]}`),
		doc("ServicePrincipal", "spn_new", `{memberOf: [grp_open]}`))))
	l.want(`
		create servicePrincipal@account/spn_new_dev
		create group@account/grp_listed_dev member +sp:spn_etl_dev +user:alice@example.com
		create group@account/grp_open_dev member +sp:spn_etl_dev +sp:spn_new_dev`)
	l.converge()
	l.change(func(st *sandbox.State) {
		join(st, "grp_open_dev", "user:bob@example.com")
		join(st, "grp_listed_dev", "user:bob@example.com")
	})
	l.want(`update group@account/grp_listed_dev member -user:bob@example.com`)
	l.put("access.yaml", doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, memberOf: [AAD-Auditors]}`)+
		doc("Group", "AAD-Auditors", external+`}`))
	l.wantError("AAD-Auditors come from elsewhere")
}

func TestExternalGroups(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "AAD-Finance", `{source: external, externalId: ext-finance, environmentSuffix: false, roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		doc("Group", "grp_team", `{members: [{group: AAD-Finance}]}`),
		onCluster(`{group: AAD-Finance, level: CAN_MANAGE}`),
		onSchema(`{group: AAD-Finance, privileges: [SELECT]}`))))
	l.converge()
	for _, w := range l.writes() {
		if strings.Contains(w.Body, "members") && !strings.Contains(w.Path, idOf(l.State(), "group:grp_team_dev")) {
			t.Errorf("members are written: %s %s", w.Path, w.Body)
		}
	}
	l.put("more.yaml", doc("Group", "AAD-Missing", `{source: external, environmentSuffix: false}`))
	l.wantError("more.yaml:4:", "AAD-Missing is not found in the account: check the SCIM sync")
	l.put("more.yaml", doc("Grants", "gold", `{securables: [{type: schema, name: gold.sales}], grants: [{group: AAD-Missing, privileges: [SELECT]}]}`))
	l.wantError("more.yaml:5:", "group:AAD-Missing is not found in the account: check the SCIM sync")
	l.put("more.yaml", "")
	l.put("access.yaml", doc("Group", "AAD-Finance", `{source: external, externalId: other, environmentSuffix: false}`))
	l.wantError(`has the external id "ext-finance", the document says "other"`)
	l.put("access.yaml", doc("Group", "AAD-Finance", `{source: external, environmentSuffix: false, members: [{user: alice@example.com}]}`))
	l.wantError("members of AAD-Finance come from elsewhere")
}

func TestDepartedUsers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_team", `
  members:
    - user: alice@example.com
    - user: frank@example.com
    - user: nobody@example.com
`),
		onCluster(`{user: frank@example.com, level: CAN_MANAGE}, {user: alice@example.com, level: CAN_MANAGE}`),
		onSchema(`{user: frank@example.com, privileges: [SELECT]}, {group: AAD-Auditors, privileges: [SELECT]}`))))
	p := l.want(`
		create group@account/grp_team_dev member +user:alice@example.com
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT
		update permissions@main/clusters/shared-etl user:alice@example.com +CAN_MANAGE`)
	for _, w := range p.Warnings {
		contains(t, w.String(), "access.yaml:", "is gone or inactive in the account: the entry is skipped")
	}
	if n := strings.Count(warned(p), "user:frank@example.com"); n != 3 || strings.Count(warned(p), "user:nobody@example.com") != 1 {
		t.Errorf("warnings:\n%s", warned(p))
	}
	l.converge()
	// What who has left still has stays, until its line goes or ends.
	l.change(func(st *sandbox.State) {
		join(st, "grp_team_dev", "user:frank@example.com")
		give(st, "silver_dev.sales", "user:frank@example.com", "SELECT")
	})
	l.settled()
	l.put("access.yaml", docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`),
		onCluster(`{user: alice@example.com, level: CAN_MANAGE}`),
		onSchema(`{user: frank@example.com, privileges: [SELECT], expires: 2026-11-21}, {group: AAD-Auditors, privileges: [SELECT]}`)))
	l.want(`
		update grants@metastore/schema/silver_dev.sales user:frank@example.com -SELECT
		update group@account/grp_team_dev member -user:frank@example.com`)
	l.converge()
}

func TestServicePrincipals(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("ServicePrincipal", "spn_etl", `{}`),
		doc("Group", "grp_team", `{members: [{servicePrincipal: spn_etl}, {servicePrincipal: spn_tableau}]}`),
		onSchema(`{servicePrincipal: aaaaaaaa-0000-4000-8000-000000000001, privileges: [SELECT]}`))))
	l.wantError("unknown service principal")
	l.put("access.yaml", docs(
		doc("ServicePrincipal", "spn_etl", `{}`),
		doc("Group", "grp_team", `{members: [{servicePrincipal: spn_etl}, {servicePrincipal: spn_tableau}]}`),
		onSchema(`{servicePrincipal: spn_etl, privileges: [SELECT]}`)))
	p := l.want(`
		create group@account/grp_team_dev member +sp:spn_etl_dev +sp:spn_tableau
		update grants@metastore/schema/silver_dev.sales sp:spn_etl_dev +SELECT`)
	contains(t, warned(p), "pin it with applicationId: aaaaaaaa-0000-4000-8000-000000000001")
	l.converge()
	// Pinned, it may be called what it likes, once its document says so.
	l.change(func(st *sandbox.State) { st.Account.ServicePrincipals[0].DisplayName = "robot_dev" })
	l.put("access.yaml", doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001}`))
	l.wantError(`service principal "robot_dev"`, "previously")
	l.put("access.yaml", docs(
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, previously: [robot]}`),
		doc("Group", "grp_team", `{members: [{servicePrincipal: spn_etl}, {servicePrincipal: spn_tableau}]}`),
		onSchema(`{servicePrincipal: spn_etl, privileges: [SELECT]}`)))
	l.want(`update servicePrincipal@account/spn_etl_dev name +spn_etl_dev -robot_dev`)
	l.converge()
}

func TestWorkspaceLocalPrincipals(t *testing.T) {
	t.Parallel()
	local := func(who string) string {
		return doc("Group", "grp_local", `{level: workspace, workspace: main, members: [`+who+`], workspaces: {main: {entitlements: [workspace-access]}}}`)
	}
	l := newLab(t, world, project, file(docs(local(`{user: alice@example.com}`), onCluster(`{group: grp_local, level: CAN_MANAGE}`))))
	l.want(`
		create group@main/grp_local_dev member +user:alice@example.com
		update entitlements@main/group:grp_local_dev entitlement +workspace-access
		update permissions@main/clusters/shared-etl group:grp_local_dev +CAN_MANAGE`)
	l.converge()
	l.put("access.yaml", docs(local(`{user: bob@example.com}`), onCluster(`{group: grp_local, level: CAN_RESTART}`)))
	l.want(`
		update group@main/grp_local_dev member +user:bob@example.com -user:alice@example.com
		update permissions@main/clusters/shared-etl group:grp_local_dev +CAN_RESTART -CAN_MANAGE`)
	l.converge()
	l.put("access.yaml", docs(onCluster(``), doc("Removed", "grp_local", `{kind: Group, action: delete, reason: over, level: workspace, workspace: main}`)))
	l.want(`
		update permissions@main/clusters/shared-etl group:grp_local_dev -CAN_RESTART
		delete group@main/grp_local_dev`)
	l.converge()
}
