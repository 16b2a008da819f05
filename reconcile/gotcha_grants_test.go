package reconcile_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// The traps of Unity Catalog and of workspace assignment.

func TestGotcha14AllPrivilegesGoesAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT, MANAGE]}`)))
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "group:AAD-Auditors", "ALL_PRIVILEGES", "SELECT", "MANAGE")
	})
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT -ALL_PRIVILEGES`)
	l.apply()
	same(t, "grants", "group:AAD-Auditors=MANAGE,SELECT", granted(l.State(), "silver_dev.sales"))
	if n := len(l.writes()); n != 1 {
		t.Errorf("%d writes, want one PATCH", n)
	}
	l.settled()
}

// What ALL_PRIVILEGES covers is no difference; what it does not cover is one.
func TestGotcha14AllPrivilegesCovers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [all privileges, SELECT, MANAGE]}`)))
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +ALL_PRIVILEGES +MANAGE`)
	l.converge()
	l.change(func(st *sandbox.State) {
		securable(st, "silver_dev.sales").Grants[0].Privileges = []string{"ALL_PRIVILEGES", "MODIFY", "EXTERNAL_USE_SCHEMA"}
	})
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +MANAGE -EXTERNAL_USE_SCHEMA`)
	l.converge()
}

func TestGotcha15TheCallerNeverRevokesItself(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{user: admin@example.com, privileges: [MANAGE], absent: true}`)))
	l.change(func(st *sandbox.State) { give(st, "silver_dev.sales", "user:admin@example.com", "MANAGE", "SELECT") })
	l.ResetRequests()
	_, p := l.plan()
	if len(p.Violations) != 1 || p.Violations[0].Guard != plan.GuardProtected {
		t.Fatalf("violations: %v", p.Violations)
	}
	contains(t, p.Violations[0].Message, "user:admin@example.com", "MANAGE")
	// Undeclared, it stays under every authority; what is no power goes.
	l.put("access.yaml", doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: exact, grants: []}`))
	p = l.want(`update grants@metastore/schema/silver_dev.sales user:admin@example.com -SELECT`)
	contains(t, kept(p), "user:admin@example.com MANAGE: protected")
	if w := l.writes(); len(w) > 0 {
		t.Errorf("written: %v", w)
	}
}

// Grants come first, ownership last.
func TestGotcha15OwnershipChangesLast(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}, {type: table, name: silver.sales.orders}], owner: {group: AAD-Auditors}, grants: [{group: AAD-Finance, privileges: [MANAGE]}]}`)))
	l.change(func(st *sandbox.State) { securable(st, "silver_dev.sales.orders").Owner = "user:bob@example.com" })
	l.apply()
	var order []string
	for _, w := range l.writes() {
		order = append(order, strings.Split(w.Path, "/")[4])
	}
	if !slices.IsSortedFunc(order, func(a, b string) int { return strings.Compare(rank(a), rank(b)) }) || len(order) != 4 {
		t.Errorf("written in this order: %v", order)
	}
}

func rank(collection string) string {
	if collection == "permissions" {
		return "0"
	}
	return "1"
}

func TestGotcha16NewGroupsAreGrantableAfterAWhile(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_new", `{members: []}`), onSchema(`{group: grp_new, privileges: [SELECT]}`))))
	l.SetKnobs(sandbox.Knobs{PrincipalDelay: 20 * time.Millisecond})
	l.converge()
}

func TestGotcha16UnknownPrincipalIsNoMissingSecurable(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Finance, privileges: [SELECT]}`)))
	run, p := l.plan()
	l.change(func(st *sandbox.State) {
		st.Account.Groups = slices.DeleteFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.DisplayName == "AAD-Finance" })
	})
	o := l.carryOut(run, p)
	if o[0].Status != plan.Failed {
		t.Fatalf("%s", o[0].Status)
	}
	contains(t, o[0].Err.Error(), "Could not find principal with name AAD-Finance", "of the account")
}

func TestGotcha16LocalGroupsAreNoPrincipals(t *testing.T) {
	t.Parallel()
	for name, entry := range map[string]string{
		"local":  `{group: grp_local, privileges: [SELECT]}`,
		"admins": `{group: admins, privileges: [SELECT]}`,
		"users":  `{group: users, privileges: [SELECT]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(docs(
				onSchema(entry), doc("Group", "grp_local", `{level: workspace, workspace: main, members: []}`))))
			l.wantError("access.yaml:5:", "Unity Catalog")
		})
	}
}

func TestGotcha17OrphansAreLeftAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: exact, grants: []}`)))
	l.change(func(st *sandbox.State) { give(st, "silver_dev.sales", "group:grp_stranger", "SELECT") })
	l.change(func(st *sandbox.State) {
		id := idOf(st, "group:grp_stranger")
		st.Account.Groups = slices.DeleteFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.ID == id })
		ws := workspace(st, "dev/main")
		ws.Assignments = slices.DeleteFunc(ws.Assignments, func(a sandbox.Assignment) bool { return a.Principal == id })
	})
	l.settled()
}

func TestGotcha17WhoSeesOnlyItsOwnGrantsCannotPlan(t *testing.T) {
	t.Parallel()
	seed := with(world, `    - {userName: bob@example.com}`, notAdmin,
		`    objects:`, `      - {principal: "user:recon@ops.example", permissions: [ADMIN]}
    objects:`)
	l := newLab(t, seed, project, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)))
	l.change(func(st *sandbox.State) {
		for _, name := range []string{"silver_dev", "gold_dev"} {
			give(st, name, "user:recon@ops.example", "USE_CATALOG", "USE_SCHEMA", "SELECT")
		}
	})
	token, err := l.TokenOf("recon@ops.example")
	if err != nil {
		t.Fatal(err)
	}
	l.token = token
	l.wantError("recon@ops.example sees only its own grants", "metastore admin, or ownership or MANAGE")
	// With MANAGE and the way there it sees them all.
	l.change(func(st *sandbox.State) {
		for _, name := range []string{"silver_dev", "gold_dev"} {
			s := securable(st, name)
			s.Grants[0].Privileges = append(s.Grants[0].Privileges, "MANAGE")
		}
	})
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT`)
}

func TestGotcha18PagesOfGrants(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(``)))
	l.change(func(st *sandbox.State) {
		for i := range 400 {
			name := fmt.Sprintf("AAD-%03d", i)
			st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: name})
			give(st, "silver_dev.sales", "group:"+name, "SELECT")
		}
	})
	l.SetKnobs(sandbox.Knobs{PageSize: 150, EmptyPages: true, Cloud: "azure"})
	l.ResetRequests()
	_, p := l.plan()
	if n := strings.Count(show(p), "-SELECT"); n != 400 {
		t.Errorf("%d of 400 grants are seen", n)
	}
	pages := 0
	for _, r := range l.Requests() {
		if strings.HasSuffix(r.Path, "/permissions/schema/silver_dev.sales") {
			pages++
		}
	}
	if pages < 4 {
		t.Errorf("%d pages", pages)
	}
	_, again := l.plan()
	same(t, "plan", show(p), show(again))
}

func TestGotcha18NamesAreEscaped(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b#c", "a/b", "100%x", "a?b=c", "zürich", "a.b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			quoted := name
			if strings.ContainsAny(name, "./ #%?") {
				quoted = "`" + name + "`"
			}
			own := with(project, `catalogs: ["{silver}", "{gold}"]`, `catalogs: ["{silver}", "`+quoted+`"]`)
			l := newLab(t, world, own, file(docs(
				doc("Grants", "catalog", `{securables: [{type: catalog, name: "`+quoted+`"}], grants: [{group: AAD-Auditors, privileges: [USE CATALOG]}]}`),
				doc("Grants", "schema", `{securables: [{type: schema, name: "`+quoted+`.s"}, {type: table, name: "`+quoted+`.s.`+quoted+`"}], owner: {group: AAD-Finance}, grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`))))
			l.change(func(st *sandbox.State) {
				st.Securables = append(st.Securables,
					sandbox.Securable{Type: "catalog", Name: quoted, Owner: "user:bob@example.com"},
					sandbox.Securable{Type: "schema", Name: quoted + ".s", Owner: "user:bob@example.com"},
					sandbox.Securable{Type: "table", Name: quoted + ".s." + quoted, Owner: "user:bob@example.com"})
			})
			p := l.converge()
			if len(p.Changes) != 5 {
				t.Errorf("%s", show(p))
			}
			l.change(func(st *sandbox.State) {
				for i := range st.Securables {
					st.Securables[i].Grants = nil
				}
			})
			if p := l.converge(); len(p.Changes) != 3 {
				t.Errorf("%s", show(p))
			}
		})
	}
}

func TestGotcha19UnknownPermissionIsRejectedHere(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{workspaces: {main: {permission: user}}}`)))
	l.wantError("access.yaml:5:", `"user"`, "ADMIN, USER")
}

func TestGotcha19ErrorsInsideA200(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "AAD-Finance", `{source: external, externalId: ext-finance, environmentSuffix: false, workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`)))
	l.Inject(sandbox.Fault{Method: http.MethodPut, Path: "*/permissionassignments/*", Status: http.StatusOK,
		Body: `{"principal":{"principal_id":1},"error":"Internal error"}`})
	outcomes := l.carryOut(l.plan())
	if len(outcomes) != 2 || outcomes[0].Status != plan.Failed || outcomes[1].Status != plan.Blocked {
		t.Fatalf("outcomes: %v", outcomes)
	}
	contains(t, outcomes[0].Err.Error(), "assignment@main/group:AAD-Finance", "Internal error")
	l.converge()
}

// A new principal is not in the workspace at once.
func TestGotcha19PrincipalNotInWorkspaceYet(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{workspaces: {main: {permission: USER}}}`)))
	l.SetKnobs(sandbox.Knobs{AssignmentDelay: 20 * time.Millisecond})
	l.converge()
}
