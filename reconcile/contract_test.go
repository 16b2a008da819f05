package reconcile_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
)

// step is one thing that happens to a repository or behind its back, and the
// plan that must follow from it.
type step struct {
	name  string
	files map[string]string // an empty text deletes the file
	drift func(*sandbox.State)
	want  string
}

// The life of one resource of each kind: created, drifted and repaired, updated,
// its line deleted, removed.
var contracts = map[string][]step{
	"group": {
		{name: "create", files: file(doc("Group", "grp_team", `{members: [{user: alice@example.com}, {servicePrincipal: spn_tableau}, {group: AAD-Auditors}]}`)),
			want: `create group@account/grp_team_dev member +group:AAD-Auditors +sp:spn_tableau +user:alice@example.com`},
		{name: "drift", drift: func(st *sandbox.State) {
			join(st, "grp_team_dev", "user:mallory@example.com")
			leave(st, "grp_team_dev", "user:alice@example.com")
		}, want: `update group@account/grp_team_dev member +user:alice@example.com -user:mallory@example.com`},
		{name: "update", files: file(doc("Group", "grp_team", `{members: [{user: bob@example.com}, {servicePrincipal: spn_tableau}, {group: AAD-Auditors}]}`)),
			want: `update group@account/grp_team_dev member +user:bob@example.com -user:alice@example.com`},
		{name: "line deleted", files: file(doc("Group", "grp_team", `{members: [{user: bob@example.com}, {group: AAD-Auditors}]}`)),
			want: `update group@account/grp_team_dev member -sp:spn_tableau`},
		{name: "removed", files: file(doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`)),
			want: `delete group@account/grp_team_dev`},
	},
	"servicePrincipal": {
		{name: "create", files: file(doc("ServicePrincipal", "spn_job", `{description: runs}`)),
			want: `create servicePrincipal@account/spn_job_dev`},
		{name: "drift", drift: func(st *sandbox.State) { deactivate(st, "spn_job_dev") },
			want: `update servicePrincipal@account/spn_job_dev active +true -false`},
		{name: "update", files: file(doc("ServicePrincipal", "spn_work", `{previously: [spn_job]}`)),
			want: `update servicePrincipal@account/spn_work_dev name +spn_work_dev -spn_job_dev`},
		{name: "deactivated", files: file(doc("Removed", "spn_work", `{kind: ServicePrincipal, action: deactivate, reason: over}`)),
			want: `update servicePrincipal@account/spn_work_dev active +false -true`},
		{name: "removed", files: file(doc("Removed", "spn_work", `{kind: ServicePrincipal, action: delete, reason: over}`)),
			want: `delete servicePrincipal@account/spn_work_dev`},
	},
	"roles": {
		{name: "create", files: file(doc("Group", "grp_team", `{roles: [profile/a]}`)), want: `
			create group@account/grp_team_dev
			update roles@account/group:grp_team_dev role +profile/a`},
		{name: "drift", drift: func(st *sandbox.State) { group(st, "grp_team_dev").Roles = []string{"profile/z"} },
			want: `update roles@account/group:grp_team_dev role +profile/a -profile/z`},
		{name: "update", files: file(doc("Group", "grp_team", `{roles: [profile/b]}`)),
			want: `update roles@account/group:grp_team_dev role +profile/b -profile/a`},
		{name: "emptied", files: file(doc("Group", "grp_team", `{roles: []}`)),
			want: `update roles@account/group:grp_team_dev role -profile/b`},
	},
	"assignment": {
		{name: "create", files: file(doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {main: {permission: ADMIN}}}`)),
			want: `update assignment@main/sp:spn_etl_dev permission +ADMIN -USER`},
		{name: "drift", drift: func(st *sandbox.State) { unassign(st, "sp:spn_etl_dev") },
			want: `update assignment@main/sp:spn_etl_dev permission +ADMIN`},
		{name: "update", files: file(doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {main: {permission: USER}}}`)),
			want: `update assignment@main/sp:spn_etl_dev permission +USER -ADMIN`},
		{name: "line deleted", files: file(doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {}}`)),
			want: `update assignment@main/sp:spn_etl_dev permission -USER`},
	},
	"entitlements": {
		{name: "create", files: file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)),
			want: `update entitlements@main/group:AAD-Auditors entitlement +workspace-access`},
		{name: "drift", drift: func(st *sandbox.State) {
			workspace(st, "dev/main").Entitlements = []sandbox.Entitlement{{Principal: "group:AAD-Auditors", Values: []string{"allow-cluster-create"}}}
		}, want: `update entitlements@main/group:AAD-Auditors entitlement +workspace-access -allow-cluster-create`},
		{name: "update", files: file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access, databricks-sql-access]}}}`)),
			want: `update entitlements@main/group:AAD-Auditors entitlement +databricks-sql-access`},
		{name: "line deleted", files: file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [databricks-sql-access]}}}`)),
			want: `update entitlements@main/group:AAD-Auditors entitlement -workspace-access`},
		{name: "removed", files: file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: []}}}`)),
			want: `update entitlements@main/group:AAD-Auditors entitlement -databricks-sql-access`},
	},
	"permissions": {
		{name: "create", files: file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}, {user: alice@example.com, level: CAN_ATTACH_TO}`)),
			want: `update permissions@main/clusters/shared-etl group:AAD-Auditors +CAN_RESTART user:alice@example.com +CAN_ATTACH_TO`},
		{name: "drift", drift: func(st *sandbox.State) {
			object(st, "clusters", "shared-etl").ACL = []sandbox.ACLEntry{{Principal: "user:mallory@example.com", Level: "CAN_MANAGE"}, {Principal: "group:AAD-Auditors", Level: "CAN_MANAGE"}}
		}, want: `update permissions@main/clusters/shared-etl group:AAD-Auditors +CAN_RESTART -CAN_MANAGE user:alice@example.com +CAN_ATTACH_TO user:mallory@example.com -CAN_MANAGE`},
		{name: "update", files: file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}, {user: alice@example.com, level: CAN_MANAGE}`)),
			want: `update permissions@main/clusters/shared-etl user:alice@example.com +CAN_MANAGE -CAN_ATTACH_TO`},
		{name: "line deleted", files: file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`)),
			want: `update permissions@main/clusters/shared-etl user:alice@example.com -CAN_MANAGE`},
		{name: "removed", files: file(doc("Group", "grp_nobody", "{}")), want: `
			create group@account/grp_nobody_dev
			update permissions@main/clusters/shared-etl group:AAD-Auditors -CAN_RESTART`},
	},
	"grants": {
		{name: "create", files: file(onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA, select]}, {user: Alice@Example.com, privileges: [MODIFY]}`)),
			want: `update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT +USE_SCHEMA user:alice@example.com +MODIFY`},
		{name: "drift", drift: func(st *sandbox.State) {
			securable(st, "silver_dev.sales").Grants = []sandbox.Grant{{Principal: "group:AAD-Auditors", Privileges: []string{"SELECT", "MODIFY"}}, {Principal: "user:alice@example.com", Privileges: []string{"MODIFY"}}}
		}, want: `update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +USE_SCHEMA -MODIFY`},
		{name: "update", files: file(onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA]}, {user: Alice@Example.com, privileges: [MODIFY, SELECT]}`)),
			want: `update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -SELECT user:alice@example.com +SELECT`},
		{name: "line deleted", files: file(onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA]}`)),
			want: `update grants@metastore/schema/silver_dev.sales user:alice@example.com -MODIFY -SELECT`},
		{name: "removed", files: file(doc("Group", "grp_nobody", "{}")), want: `
			create group@account/grp_nobody_dev
			update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -USE_SCHEMA`},
	},
	"owner": {
		{name: "create", files: file(ownedBy(`group: AAD-Auditors`)),
			want: `update owner@metastore/schema/silver_dev.sales owner +group:AAD-Auditors -user:bob@example.com`},
		{name: "drift", drift: func(st *sandbox.State) { securable(st, "silver_dev.sales").Owner = "user:carol@example.com" },
			want: `update owner@metastore/schema/silver_dev.sales owner +group:AAD-Auditors -user:carol@example.com`},
		{name: "update", files: file(ownedBy(`servicePrincipal: spn_tableau`)),
			want: `update owner@metastore/schema/silver_dev.sales owner +sp:spn_tableau -group:AAD-Auditors`},
		{name: "removed", files: file(doc("Group", "grp_nobody", "{}")), want: `create group@account/grp_nobody_dev`},
	},
}

// external is the beginning of a document about a synced group.
const external = `{source: external, externalId: ext-auditors, environmentSuffix: false`

func file(text string) map[string]string { return map[string]string{"access.yaml": text} }

func onCluster(entries string) string {
	return doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [`+entries+`]}`)
}

func onSchema(entries string) string {
	return doc("Grants", "schema", `{securables: [{type: schema, name: "{silver}.sales"}], grants: [`+entries+`]}`)
}

func ownedBy(ref string) string {
	return doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], owner: {`+ref+`}}`)
}

func deactivate(st *sandbox.State, displayName string) {
	off := false
	for i := range st.Account.ServicePrincipals {
		if sp := &st.Account.ServicePrincipals[i]; sp.DisplayName == displayName {
			sp.Active = &off
		}
	}
}

func unassign(st *sandbox.State, ref string) {
	id, ws := idOf(st, ref), workspace(st, "dev/main")
	ws.Assignments = slices.DeleteFunc(ws.Assignments, func(a sandbox.Assignment) bool { return a.Principal == id })
}

func TestContract(t *testing.T) {
	t.Parallel()
	if want, got := slices.Sorted(slices.Values(reconcile.KindNames())), slices.Sorted(maps.Keys(contracts)); !slices.Equal(want, got) {
		t.Fatalf("contracts for %v, kinds are %v", got, want)
	}
	for kind, steps := range contracts {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, nil)
			for _, s := range steps {
				l.follow(s)
			}
		})
	}
}

// follow takes one step: the plan is as it must be, and applied it leaves nothing.
func (l *lab) follow(s step) {
	l.t.Helper()
	l.putAll(s.files)
	if s.drift != nil {
		l.change(s.drift)
	}
	l.want(s.want)
	l.converge()
	if l.t.Failed() {
		l.t.Fatalf("in the step %q", s.name)
	}
}
