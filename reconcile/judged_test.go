package reconcile_test

import (
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// errorsIn finds an error in every document of a file.
func errorsIn(file string) reconcile.Judge {
	return func(desired plan.State, _ plan.Plan) []plan.Finding {
		var out []plan.Finding
		for _, r := range desired.All() {
			for _, c := range r.Claims {
				if c.Origin.Doc.File == file {
					out = append(out, plan.Finding{Code: "BG999", Level: plan.LevelError, Pos: c.Origin.Document(), Doc: c.Origin.Document()})
				}
			}
		}
		return plan.SortFindings(out)
	}
}

// held is what a plan withholds.
func (l *lab) held(changes, withheld string) {
	l.t.Helper()
	p := l.want(changes)
	same(l.t, "blocked", sorted(lines(withheld)), sorted(show(plan.Plan{Changes: p.Blocked})))
}

// What a document with an error adds is not written, all else is; once it is
// mended, the rest follows.
func TestAnErrorWithholdsWhatItsDocumentAdds(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"bad.yaml": docs(
			doc("ServicePrincipal", "spn_new", `{memberOf: [grp_team]}`),
			doc("Group", "AAD-Finance", `{source: external, environmentSuffix: false, workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
			doc("Group", "grp_new", `{members: [{user: alice@example.com}], workspaces: {main: {permission: USER}}}`),
			doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], owner: {user: alice@example.com}, permissions: [{group: AAD-Auditors, level: CAN_MANAGE}]}`),
			doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], owner: {user: carol@example.com}, grants: [{group: AAD-Auditors, privileges: [ALL_PRIVILEGES]}]}`)),
		"good.yaml": docs(
			doc("Group", "grp_team", `{members: [{user: bob@example.com}, {group: grp_new}]}`),
			doc("Permissions", "job-too", `{objects: [{type: jobs, name: sales-etl}], permissions: [{group: grp_new, level: CAN_VIEW}, {user: carol@example.com, level: CAN_VIEW}]}`),
			doc("Grants", "catalog", `{securables: [{type: catalog, name: silver}], grants: [{group: grp_new, privileges: [USE_CATALOG]}, {group: grp_team, privileges: [USE_CATALOG]}]}`)),
	})
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "group:AAD-Auditors", "SELECT")
		ws := workspace(st, "dev/main")
		ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "group:AAD-Finance", Permissions: []string{"USER"}})
		ws.Entitlements = append(ws.Entitlements, sandbox.Entitlement{Principal: "group:AAD-Finance", Values: []string{"workspace-consume"}})
		give(st, "silver_dev.sales", "user:mallory@example.com", "SELECT")
		allowOn(st, "jobs", "sales-etl", "group:AAD-Auditors", "CAN_VIEW")
	})
	l.judge = errorsIn("bad.yaml")
	l.held(`
		create group@account/grp_team_dev member +user:bob@example.com
		update grants@metastore/catalog/silver_dev group:grp_team_dev +USE_CATALOG
		update grants@metastore/schema/silver_dev.sales user:mallory@example.com -SELECT
		update permissions@main/jobs/sales-etl user:carol@example.com +CAN_VIEW
	`, `
		create group@account/grp_new_dev member +user:alice@example.com
		create servicePrincipal@account/spn_new_dev
		update assignment@main/group:grp_new_dev permission +USER
		update entitlements@main/group:AAD-Finance entitlement +workspace-access -workspace-consume
		update grants@metastore/catalog/silver_dev group:grp_new_dev +USE_CATALOG
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +ALL_PRIVILEGES -SELECT
		update group@account/grp_team_dev member +group:grp_new_dev +sp:spn_new_dev
		update owner@metastore/schema/silver_dev.sales owner +user:carol@example.com -user:bob@example.com
		update permissions@main/jobs/sales-etl group:AAD-Auditors +CAN_MANAGE -CAN_VIEW group:grp_new_dev +CAN_VIEW user:alice@example.com +IS_OWNER user:bob@example.com -IS_OWNER
	`)
	l.apply()
	if p := l.want(""); len(p.Blocked) != 9 {
		t.Errorf("%d changes are withheld after the rest was applied, want 9", len(p.Blocked))
	}
	l.judge = nil
	l.converge()
}

// Who is to be deleted owns what it owns until its successor does: with the one
// before gone, nobody could change the ACL any more.
func TestAnOwnerIsNotDeletedBeforeItsSuccessorMayOwn(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{
		"bad.yaml": docs(
			doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], owner: {user: alice@example.com}}`),
			doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], owner: {user: carol@example.com}}`)),
		"good.yaml": docs(
			doc("Removed", "spn_etl", `{kind: ServicePrincipal, action: delete, reason: "the pipeline was retired"}`),
			doc("Removed", "grp_old", `{kind: Group, action: delete, reason: "the team was dissolved"}`)),
	})
	l.change(func(st *sandbox.State) {
		etl := idOf(st, "sp:spn_etl_dev")
		object(st, "jobs", "sales-etl").ACL[0].Principal = etl
		securable(st, "silver_dev.sales").Owner = etl
		give(st, "gold_dev.sales", "sp:spn_etl_dev", "SELECT")
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_old_dev"})
	})
	l.judge = errorsIn("bad.yaml")
	l.held(`
		delete group@account/grp_old_dev
		update grants@metastore/schema/gold_dev.sales sp:spn_etl_dev -SELECT
	`, `
		delete servicePrincipal@account/spn_etl_dev
		update owner@metastore/schema/silver_dev.sales owner +user:carol@example.com -sp:spn_etl_dev
		update permissions@main/jobs/sales-etl sp:spn_etl_dev -IS_OWNER user:alice@example.com +IS_OWNER
	`)
	l.apply()
	l.judge = nil
	l.converge()
}

// A lower level, or to be deactivated, is a loss, and no error keeps what is lost.
func TestAnErrorKeepsNoHigherLevel(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{"bad.yaml": docs(
		doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], permissions: [{group: AAD-Auditors, level: CAN_VIEW}]}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`),
		doc("Removed", "spn_etl", `{kind: ServicePrincipal, action: deactivate, reason: "the pipeline is paused"}`))})
	l.change(func(st *sandbox.State) {
		allowOn(st, "jobs", "sales-etl", "group:AAD-Auditors", "CAN_MANAGE")
		give(st, "silver_dev.sales", "group:AAD-Auditors", "ALL_PRIVILEGES")
	})
	l.judge = errorsIn("bad.yaml")
	l.held(`
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT -ALL_PRIVILEGES
		update permissions@main/jobs/sales-etl group:AAD-Auditors +CAN_VIEW -CAN_MANAGE
		update servicePrincipal@account/spn_etl_dev active +false -true
	`, "")
	l.converge()
}

// Guards look at what is done: where the second administrator is withheld, the
// first must stay.
func TestGuardsSeeWhatIsDone(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "  adoption: none", "  guards: {minAdmins: {workspace: 3}}\n  adoption: none"), map[string]string{
		"bad.yaml":  doc("Group", "grp_new", `{members: [{user: alice@example.com}], workspaces: {main: {permission: ADMIN}}}`),
		"good.yaml": doc("Group", "grp_old", `{members: [{user: bob@example.com}], workspaces: {main: {permission: ADMIN}}}`),
	})
	l.judge = errorsIn("bad.yaml")
	l.apply()
	l.put("good.yaml", doc("Group", "grp_old", `{members: [{user: bob@example.com}], workspaces: {main: {permission: USER}}}`))
	if _, p := l.plan(); len(p.Violations) != 1 || p.Violations[0].Guard != plan.GuardMinAdmins {
		t.Errorf("violations: %v, want minAdmins", p.Violations)
	}
	l.judge = nil
	if _, p := l.plan(); len(p.Violations) > 0 {
		t.Errorf("violations: %v", p.Violations)
	}
}
