package reconcile_test

import (
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// refused plans and expects exactly these guards to stop it, saying these parts.
func (l *lab) refused(guard string, parts ...string) {
	l.t.Helper()
	_, p := l.plan()
	if len(p.Violations) != 1 || p.Violations[0].Guard != guard {
		l.t.Errorf("violations: %v, want one of %s; the plan is\n%s", p.Violations, guard, show(p))
		return
	}
	contains(l.t, p.Violations[0].Message, parts...)
	l.allow = map[string]string{guard: "CHG-1"}
	if _, p := l.plan(); len(p.Violations) != 0 || len(p.Waivers) != 1 || p.Waivers[0].Reason != "CHG-1" {
		l.t.Errorf("waived, and yet %v; waivers %v", p.Violations, p.Waivers)
	}
	l.allow = nil
}

// fine plans and expects these changes and no guard to stop them.
func (l *lab) fine(changes string) {
	l.t.Helper()
	if p := l.want(changes); len(p.Violations) > 0 {
		l.t.Errorf("violations: %v", p.Violations)
	}
}

// Account and metastore admins, the applying identity and guards.protected lose
// no power that is merely undeclared; a declared loss is stopped.
func TestProtected(t *testing.T) {
	t.Parallel()
	protect := with(project, `  adoption: none`, `  guards: {protected: [{user: carol@example.com}]}
  adoption: none`, "adoption: none", "adoption: none")
	for _, who := range []string{"admin@example.com", "breakglass@example.com", "carol@example.com"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, protect, file(docs(
				doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: exact, grants: []}`),
				doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: exact, permissions: []}`))))
			l.change(func(st *sandbox.State) {
				give(st, "silver_dev.sales", "user:"+who, "MANAGE", "SELECT")
				ws := workspace(st, "dev/main")
				ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "user:carol@example.com", Permissions: []string{"USER"}})
				allowOn(st, "clusters", "shared-etl", "user:"+who, "CAN_MANAGE")
			})
			l.fine(`update grants@metastore/schema/silver_dev.sales user:` + who + ` -SELECT`)
			l.put("access.yaml", doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: merge, permissions: [{user: `+who+`, absent: true}]}`)+
				doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: merge, grants: []}`))
			l.refused(plan.GuardProtected, "user:"+who, "CAN_MANAGE")
			l.put("access.yaml", doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: merge, grants: [{user: `+who+`, privileges: [MANAGE], absent: true}]}`)+
				doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: merge, permissions: []}`))
			l.refused(plan.GuardProtected, "user:"+who, "MANAGE")
		})
	}
}

// Administrators never become fewer than there must be.
func TestMinAdmins(t *testing.T) {
	t.Parallel()
	admins := func(members, permission string) map[string]string {
		return file(doc("Group", "grp_admins", `{members: [`+members+`], roles: [account_admin], workspaces: {main: {permission: `+permission+`}}}`))
	}
	few := with(project, "  adoption: none", "  guards: {minAdmins: {account: 4, workspace: 4}}\n  adoption: none")
	l := newLab(t, world, few, admins(`{user: alice@example.com}, {user: bob@example.com}`, "ADMIN"))
	l.converge()
	l.putAll(admins(`{user: alice@example.com}`, "ADMIN"))
	_, p := l.plan()
	if len(p.Violations) != 2 || p.Violations[0].Guard != plan.GuardMinAdmins {
		t.Fatalf("violations: %v", p.Violations)
	}
	contains(t, p.Violations[0].Message+p.Violations[1].Message, "account would have 3 of its 4 administrators", "workspace main would have 3 of its 4 administrators")
	l.putAll(admins(`{user: alice@example.com}, {user: bob@example.com}`, "USER"))
	_, p = l.plan()
	if len(p.Violations) == 0 {
		t.Errorf("the workspace loses its admins:\n%s", show(p))
	}
	// One for another is no fewer.
	l.putAll(admins(`{user: alice@example.com}, {user: carol@example.com}`, "ADMIN"))
	l.fine(`update group@account/grp_admins_dev member +user:carol@example.com -user:bob@example.com`)
}

func TestMaxRemovals(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)))
	l.converge()
	l.change(func(st *sandbox.State) {
		for i := range 12 {
			name := "AAD-" + string(rune('a'+i))
			st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: name})
			give(st, "silver_dev.sales", "group:"+name, "SELECT")
		}
	})
	_, p := l.plan()
	if len(p.Violations) != 2 {
		t.Fatalf("violations: %v", p.Violations)
	}
	contains(t, p.Violations[0].Message, "the run would remove 12 of")
	contains(t, p.Violations[1].Message, "12 of 13 facts (92.3%), more than perObject 50%")
	// What entries take away is not counted.
	l.put("access.yaml", onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`+absentGroups(12)))
	if _, p := l.plan(); len(p.Violations) != 0 || len(p.Changes) != 1 {
		t.Errorf("violations: %v\n%s", p.Violations, show(p))
	}
	l.converge()
}

func absentGroups(n int) string {
	text := ""
	for i := range n {
		text += ", {group: AAD-" + string(rune('a'+i)) + ", absent: true}"
	}
	return text
}

func TestSmallSetsAndMaxDeletes(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "  adoption: none", "  guards: {maxDeletes: 0}\n  adoption: none"),
		file(doc("Group", "grp_team", `{members: [{user: alice@example.com}, {user: bob@example.com}, {user: carol@example.com}, {user: mallory@example.com}]}`)))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`))
	l.refused(plan.GuardSmallSets, "group@account/grp_team_dev", "3 principals would lose access")
	l.put("access.yaml", doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`))
	l.refused(plan.GuardMaxDeletes, "the run would delete 1, more than maxDeletes 0: group@account/grp_team_dev")
}

func TestRequirePinned(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "  adoption: none", "  guards: {requirePinned: [dev]}\n  adoption: none"), file(docs(
		doc("ServicePrincipal", "spn_etl", `{workspaces: {main: {permission: ADMIN}}}`), doc("ServicePrincipal", "spn_new", `{}`))))
	l.refused(plan.GuardRequirePinned, "spn_etl_dev")
	l.put("access.yaml", doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, workspaces: {main: {permission: ADMIN}}}`))
	l.fine(`update assignment@main/sp:spn_etl_dev permission +ADMIN -USER`)
}

// What must have an owner keeps one.
func TestLastOwner(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onJob(`{user: bob@example.com, absent: true}`)))
	l.refused(plan.GuardLastOwner, "permissions@main/jobs/sales-etl", "user:bob@example.com")
}

// MANAGE acts on nothing without the way in, so the applying identity keeps that too.
func TestTheApplyingIdentityKeepsItsWayIn(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: exact, grants: []}`)))
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "user:admin@example.com", "MANAGE", "SELECT", "USE_SCHEMA")
		give(st, "silver_dev.sales", "user:carol@example.com", "USE_SCHEMA")
	})
	l.fine(`update grants@metastore/schema/silver_dev.sales user:admin@example.com -SELECT user:carol@example.com -USE_SCHEMA`)
}
