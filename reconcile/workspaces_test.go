package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// An environment of several workspaces: each has its own ACLs, entitlements and
// assignments; Unity Catalog is one for all.

const twoWorkspaces = `      workspaces: {main: {unityCatalog: true, profile: a}, ml: {profile: b}}`

func workspacesLab(t *testing.T, files map[string]string) *lab {
	t.Helper()
	seed := with(world, "workspaces:\n", `workspaces:
  - id: 1002
    name: dev/ml
    assignments: [{principal: "user:breakglass@example.com", permissions: [ADMIN]}, {principal: "user:alice@example.com", permissions: [USER]}]
    objects: [{type: clusters, name: shared-etl, acl: [{principal: "user:alice@example.com", level: CAN_RESTART}]}]
`)
	own := with(project, `      workspaces: {main: {unityCatalog: true}}`, twoWorkspaces,
		`{workspace: main, type: clusters, name: "*"}`, `{workspace: "*", type: clusters, name: "*"}`)
	return newLab(t, seed, own, files)
}

func TestSeveralWorkspaces(t *testing.T) {
	t.Parallel()
	team := func(places string) string {
		return doc("Group", "grp_team", `{members: [{user: alice@example.com}], workspaces: {`+places+`}}`)
	}
	l := workspacesLab(t, map[string]string{
		"team.yaml": team(`main: {permission: USER, entitlements: [workspace-access]}, ml: {permission: ADMIN, entitlements: [allow-cluster-create]}`),
		"access.yaml": docs(
			doc("Permissions", "all", `{workspaces: ["*"], objects: [{type: clusters, name: shared-etl}], permissions: [{group: grp_team, level: CAN_MANAGE}]}`),
			onSchema(`{group: grp_team, privileges: [SELECT]}`))})
	l.want(`
		create group@account/grp_team_dev member +user:alice@example.com
		update assignment@main/group:grp_team_dev permission +USER
		update assignment@ml/group:grp_team_dev permission +ADMIN
		update entitlements@main/group:grp_team_dev entitlement +workspace-access
		update entitlements@ml/group:grp_team_dev entitlement +allow-cluster-create
		update grants@metastore/schema/silver_dev.sales group:grp_team_dev +SELECT
		update permissions@main/clusters/shared-etl group:grp_team_dev +CAN_MANAGE
		update permissions@ml/clusters/shared-etl group:grp_team_dev +CAN_MANAGE user:alice@example.com -CAN_RESTART`)
	l.converge()
	// A workspace that is left out is one where the group is not.
	l.put("team.yaml", team(`main: {permission: USER, entitlements: [workspace-access]}`))
	l.put("access.yaml", doc("Permissions", "one", `{workspaces: [main], objects: [{type: clusters, name: shared-etl}], permissions: [{group: grp_team, level: CAN_MANAGE}]}`)+
		onSchema(`{group: grp_team, privileges: [SELECT]}`))
	l.want(`
		update permissions@ml/clusters/shared-etl group:grp_team_dev -CAN_MANAGE
		update entitlements@ml/group:grp_team_dev entitlement -allow-cluster-create
		update assignment@ml/group:grp_team_dev permission -ADMIN`)
	l.converge()
	l.put("access.yaml", doc("Permissions", "which", `{objects: [{type: clusters, name: shared-etl}], permissions: []}`))
	l.wantError("access.yaml:5:", "environment dev has several workspaces", "main, ml")
	l.put("access.yaml", doc("Permissions", "which", `{workspaces: [mian], objects: [{type: clusters, name: shared-etl}], permissions: []}`))
	l.wantError("access.yaml:5:", `unknown workspace "mian"`, "did you mean main?")
}

// What a glob of paths owns is in scope whether declared or not: deleting the
// document revokes below the folder, and nowhere else.
func TestOwnedFolder(t *testing.T) {
	t.Parallel()
	own := with(project, `{workspace: main, type: directories, path: /Shared/sales}`, `{workspace: main, type: notebooks, path: "/Shared/sales/*"}`)
	l := newLab(t, world, own, file(docs(
		doc("Permissions", "notebook", `{objects: [{type: notebooks, path: /Shared/sales/deep/load}], permissions: [{user: alice@example.com, level: CAN_RUN}]}`),
		doc("Group", "grp_any", `{}`))))
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects,
			sandbox.Object{Type: "notebooks", Path: "/Shared/sales/deep/load"},
			sandbox.Object{Type: "notebooks", Path: "/Shared/other/load", ACL: []sandbox.ACLEntry{{Principal: "user:alice@example.com", Level: "CAN_RUN"}}})
	})
	l.want(`
		create group@account/grp_any_dev
		update permissions@main/notebooks/Shared/sales/deep/load user:alice@example.com +CAN_RUN`)
	l.converge()
	l.put("access.yaml", doc("Group", "grp_any", `{}`))
	l.want(`update permissions@main/notebooks/Shared/sales/deep/load user:alice@example.com -CAN_RUN`)
	l.converge()
	same(t, "acl", "user:alice@example.com=CAN_RUN", acl(l.State(), "notebooks", "/Shared/other/load"))
}

// A failed list of a folder is no empty folder.
func TestOwnedFolderUnread(t *testing.T) {
	t.Parallel()
	own := with(project, `{workspace: main, type: directories, path: /Shared/sales}`, `{workspace: main, type: directories, path: "/Shared/*"}`)
	l := newLab(t, world, own, file(doc("Group", "grp_any", `{}`)))
	for _, status := range []int{403, 500} {
		l.Inject(sandbox.Fault{Path: "/api/2.0/workspace/list", Status: status, Times: -1})
		l.wantError("list /Shared in workspace main")
		l.ClearFaults()
	}
}

// Two things of the metastore that two workspaces see are one.
func TestCatalogIsReadThroughOneWorkspace(t *testing.T) {
	t.Parallel()
	l := workspacesLab(t, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)))
	l.converge()
	for _, r := range l.Requests() {
		if strings.HasPrefix(r.Path, "/api/2.1/unity-catalog/") && r.Workspace != "1001" {
			t.Errorf("%s is asked of workspace %s", r.Path, r.Workspace)
		}
	}
}

// A service principal of a workspace alone: made, changed and deleted there.
func TestWorkspaceLocalServicePrincipal(t *testing.T) {
	t.Parallel()
	local := `level: workspace, workspace: main`
	l := newLab(t, world, project, file(docs(
		doc("ServicePrincipal", "spn_local", `{`+local+`, roles: [profile/a], workspaces: {main: {entitlements: [allow-cluster-create]}}}`),
		onCluster(`{servicePrincipal: spn_local, level: CAN_MANAGE}`))))
	l.want(`
		create servicePrincipal@main/spn_local_dev
		update entitlements@main/sp:spn_local_dev entitlement +allow-cluster-create
		update permissions@main/clusters/shared-etl sp:spn_local_dev +CAN_MANAGE
		update roles@main/sp:spn_local_dev role +profile/a`)
	l.converge()
	l.put("access.yaml", docs(
		doc("Removed", "spn_local", `{kind: ServicePrincipal, action: deactivate, reason: over, `+local+`}`), onCluster(``)))
	l.want(`
		update permissions@main/clusters/shared-etl sp:spn_local_dev -CAN_MANAGE
		update servicePrincipal@main/spn_local_dev active +false -true`)
	l.converge()
}

// A group may lose everything at once.
func TestAGroupIsEmptiedAndLoweredInOneRun(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: [{user: alice@example.com}], workspaces: {main: {permission: ADMIN, entitlements: [workspace-access, allow-cluster-create]}}}`)))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_a", `{members: [], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`))
	l.want(`
		update assignment@main/group:grp_a_dev permission +USER -ADMIN
		update entitlements@main/group:grp_a_dev entitlement -allow-cluster-create
		update group@account/grp_a_dev member -user:alice@example.com
	`)
	l.converge()
}
