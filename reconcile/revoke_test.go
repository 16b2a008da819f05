package reconcile_test

import (
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Deleting what gave access takes exactly that access, of exactly those who had
// it. bystanders is what others have on the same things; it must never change.

var given = map[string]string{
	"team.yaml": docs(
		doc("Group", "grp_team", `
  members:
    - user: alice@example.com
    - user: bob@example.com
  authority: managed
  roles: [profile/a, profile/b]
  workspaces:
    main: {permission: USER, entitlements: [workspace-access, allow-cluster-create]}
`)),
	"cluster.yaml": onCluster(`{group: AAD-Auditors, level: CAN_RESTART}, {user: alice@example.com, level: CAN_MANAGE}`),
	"schema.yaml": docs(
		onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA, SELECT]}, {user: alice@example.com, privileges: [SELECT]}`),
		doc("Grants", "gold", `{securables: [{type: schema, name: gold.sales}], grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`)),
}

// revokeLab has all of it applied, and access of others that is nobody's here.
func revokeLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t, world, project, given)
	l.converge()
	l.change(func(st *sandbox.State) {
		join(st, "grp_team_dev", "user:partner@other.example")
		allowOn(st, "clusters", "shared-etl", "group:grp_stranger", "CAN_ATTACH_TO")
		allowOn(st, "clusters", "shared-etl", "user:partner@other.example", "CAN_RESTART")
		give(st, "silver_dev.sales", "group:grp_stranger", "MODIFY")
		give(st, "silver_dev.sales", "user:partner@other.example", "SELECT")
		workspace(st, "dev/main").Entitlements = append(workspace(st, "dev/main").Entitlements,
			sandbox.Entitlement{Principal: "group:grp_stranger", Values: []string{"databricks-sql-access"}})
	})
	l.settled()
	return l
}

func (l *lab) bystandersKeepTheirs() {
	l.t.Helper()
	st := l.State()
	contains(l.t, members(st, "grp_team_dev"), "user:partner@other.example")
	contains(l.t, members(st, "grp_stranger"), "user:mallory@example.com")
	contains(l.t, acl(st, "clusters", "shared-etl"), "group:grp_stranger=CAN_ATTACH_TO", "user:partner@other.example=CAN_RESTART")
	contains(l.t, granted(st, "silver_dev.sales"), "group:grp_stranger=MODIFY", "user:partner@other.example=SELECT")
}

var revocations = map[string]step{
	"a line of members": {files: map[string]string{"team.yaml": with(given["team.yaml"], "    - user: bob@example.com\n", "")},
		want: `update group@account/grp_team_dev member -user:bob@example.com`},
	"the list of members": {files: map[string]string{"team.yaml": with(given["team.yaml"], `  members:
    - user: alice@example.com
    - user: bob@example.com
`, "  members: []\n")},
		want: `update group@account/grp_team_dev member -user:alice@example.com -user:bob@example.com`},
	"the field members": {files: map[string]string{"team.yaml": with(given["team.yaml"], `  members:
    - user: alice@example.com
    - user: bob@example.com
  authority: managed
`, "")}, want: ``},
	"a role": {files: map[string]string{"team.yaml": with(given["team.yaml"], "profile/a, ", "")},
		want: `update roles@account/group:grp_team_dev role -profile/a`},
	"the list of roles": {files: map[string]string{"team.yaml": with(given["team.yaml"], "profile/a, profile/b", "")},
		want: `update roles@account/group:grp_team_dev role -profile/a -profile/b`},
	"an entitlement": {files: map[string]string{"team.yaml": with(given["team.yaml"], ", allow-cluster-create", "")},
		want: `update entitlements@main/group:grp_team_dev entitlement -allow-cluster-create`},
	"the list of entitlements": {files: map[string]string{"team.yaml": with(given["team.yaml"], "workspace-access, allow-cluster-create", "")},
		want: `update entitlements@main/group:grp_team_dev entitlement -allow-cluster-create -workspace-access`},
	"a workspace": {files: map[string]string{"team.yaml": with(given["team.yaml"], "  workspaces:\n    main: {permission: USER, entitlements: [workspace-access, allow-cluster-create]}\n", "  workspaces: {}\n")},
		want: `
			update entitlements@main/group:grp_team_dev entitlement -allow-cluster-create -workspace-access
			update assignment@main/group:grp_team_dev permission -USER`},
	"a line of permissions": {files: map[string]string{"cluster.yaml": onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`)},
		want: `update permissions@main/clusters/shared-etl user:alice@example.com -CAN_MANAGE`},
	"the list of permissions": {files: map[string]string{"cluster.yaml": onCluster(``)},
		want: `update permissions@main/clusters/shared-etl group:AAD-Auditors -CAN_RESTART user:alice@example.com -CAN_MANAGE`},
	"the file of permissions": {files: map[string]string{"cluster.yaml": ""},
		want: `update permissions@main/clusters/shared-etl group:AAD-Auditors -CAN_RESTART user:alice@example.com -CAN_MANAGE`},
	"a privilege": {files: map[string]string{"schema.yaml": with(given["schema.yaml"], "USE SCHEMA, ", "")},
		want: `update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -USE_SCHEMA`},
	"a line of grants": {files: map[string]string{"schema.yaml": with(given["schema.yaml"], ", {user: alice@example.com, privileges: [SELECT]}", "")},
		want: `update grants@metastore/schema/silver_dev.sales user:alice@example.com -SELECT`},
	"the list of grants": {files: map[string]string{"schema.yaml": with(given["schema.yaml"], "{group: AAD-Auditors, privileges: [USE SCHEMA, SELECT]}, {user: alice@example.com, privileges: [SELECT]}", "")},
		want: `update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -SELECT -USE_SCHEMA user:alice@example.com -SELECT`},
	"a document of grants": {files: map[string]string{"schema.yaml": onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA, SELECT]}, {user: alice@example.com, privileges: [SELECT]}`)},
		want: `update grants@metastore/schema/gold_dev.sales group:AAD-Auditors -SELECT`},
	"the file of grants": {files: map[string]string{"schema.yaml": ""},
		want: `
			update grants@metastore/schema/gold_dev.sales group:AAD-Auditors -SELECT
			update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -SELECT -USE_SCHEMA user:alice@example.com -SELECT`},
	"the file of a group": {files: map[string]string{"team.yaml": ""}, want: ``},
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	for name, s := range revocations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := revokeLab(t)
			s.name = name
			l.follow(s)
			l.bystandersKeepTheirs()
		})
	}
}

// A group that nothing declares any more is listed; its access goes, it and its
// members stay until a Removed document says otherwise.
func TestOrphanedGroup(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"team.yaml":   doc("Group", "grp_team", `{members: [{user: alice@example.com}], roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		"access.yaml": docs(onCluster(`{group: grp_team, level: CAN_MANAGE}`), onSchema(`{group: grp_team, privileges: [SELECT]}`)),
	})
	l.converge()
	l.put("team.yaml", "")
	l.put("access.yaml", doc("Group", "grp_other", `{}`))
	p := l.want(`
		create group@account/grp_other_dev
		update grants@metastore/schema/silver_dev.sales group:grp_team_dev -SELECT
		update permissions@main/clusters/shared-etl group:grp_team_dev -CAN_MANAGE`)
	contains(t, kept(p), "group@account/grp_team_dev : orphaned")
	l.converge()
	same(t, "members", "user:alice@example.com", members(l.State(), "grp_team_dev"))

	l.put("team.yaml", doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`))
	l.want(`delete group@account/grp_team_dev`)
	l.converge()
}

// An empty repository would take everything: it is refused.
func TestEmptyRepository(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, given)
	l.converge()
	for name := range given {
		l.put(name, "")
	}
	_, p := l.plan()
	if len(p.Violations) == 0 || p.Violations[len(p.Violations)-1].Guard != "emptyRepository" {
		t.Errorf("violations: %v", p.Violations)
	}
}
