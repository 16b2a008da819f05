package reconcile_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// The robot is the applying identity of the tests of its rights: an account admin
// who owns nothing.
const (
	robot   = "sp:spn_robot_dev"
	robotID = "eeeeeeee-0000-4000-8000-000000000001"
)

// robotSeed is a seed with the robot, who has this permission in the workspace.
func robotSeed(seed, permission string) string {
	return with(seed, "  servicePrincipals:\n", "  servicePrincipals:\n    - {displayName: spn_robot_dev, applicationId: "+robotID+", roles: [account_admin]}\n",
		"    assignments:\n", "    assignments:\n      - {principal: \"sp:spn_robot_dev\", permissions: ["+permission+"]}\n")
}

// rightsLab is a lab of the robot's. All guards but that of rights are let off, so
// that what is left is the platform's word.
func rightsLab(t *testing.T, permission, seed, project string, files map[string]string) *lab {
	t.Helper()
	l := newLab(t, robotSeed(seed, permission), project, files)
	l.actAs(robotID)
	return l
}

func (l *lab) actAs(name string) {
	l.t.Helper()
	token, err := l.TokenOf(name)
	if err != nil {
		l.t.Fatal(err)
	}
	l.token, l.allow = token, map[string]string{}
	for _, guard := range plan.GuardNames() {
		if guard != plan.GuardRights {
			l.allow[guard] = "what the platform says is tested"
		}
	}
}

// assign gives somebody who is assigned to the workspace another permission there.
func assign(st *sandbox.State, ref, permission string) {
	id, ws := idOf(st, ref), workspace(st, "dev/main")
	for i := range ws.Assignments {
		if ws.Assignments[i].Principal == id {
			ws.Assignments[i].Permissions = []string{permission}
		}
	}
}

// lacking writes what a plan lacks, one right a line.
func lacking(p plan.Plan) string {
	var b strings.Builder
	for _, l := range p.Lacks {
		fmt.Fprintf(&b, "%s needs %s", l.Key, l.Needs)
		if l.TakenBy != (plan.Key{}) {
			fmt.Fprintf(&b, ", taken by %s", l.TakenBy)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// denied applies a plan in spite of all, and returns the changes that the platform
// refused to the applying identity, in the order in which it did, and those that
// failed otherwise.
func (l *lab) denied(run *reconcile.Run, p plan.Plan) (out []plan.Key, failed []error) {
	l.t.Helper()
	run.Apply(l.t.Context(), p, func(o plan.Outcome) {
		var refused *apierr.APIError
		switch {
		case errors.As(o.Err, &refused) && refused.StatusCode == http.StatusForbidden:
			out = append(out, o.Change.Key)
			l.said = append(l.said, o.Err.Error())
		case o.Status == plan.Failed:
			failed = append(failed, o.Err)
		}
	})
	return out, failed
}

// wantLacks expects a plan to lack these rights, to be refused exactly then, and
// the platform to refuse the same changes when they are made all the same.
func (l *lab) wantLacks(want string) plan.Plan {
	l.t.Helper()
	run, p := l.plan()
	if len(p.Changes) == 0 {
		l.t.Fatalf("no changes; held: %v; warnings: %s", p.Held, warned(p))
	}
	same(l.t, "lacks", lines(want), lacking(p))
	refused := slices.ContainsFunc(p.Violations, func(v plan.Violation) bool { return v.Guard == plan.GuardRights })
	if refused != (want != "") || len(p.Violations) > 1 {
		l.t.Errorf("violations: %v", p.Violations)
	}
	var lacks []string
	for _, lack := range p.Lacks {
		lacks = append(lacks, lack.Key.String())
	}
	refusals, failed := l.denied(run, p)
	if len(failed) > 0 {
		l.t.Error(failed)
	}
	var denied []string
	for _, k := range refusals {
		denied = append(denied, k.String())
	}
	slices.Sort(denied)
	slices.Sort(lacks)
	same(l.t, "refused by the platform", strings.Join(slices.Compact(lacks), "\n"), strings.Join(denied, "\n"))
	return p
}

const silverOnly = `catalogs: ["{silver}"]`

// Callers of many kinds, each with plans that they may and may not make.
func TestWhoMayMakeWhichChanges(t *testing.T) {
	t.Parallel()
	const (
		auditors = `{source: external, externalId: ext-auditors, environmentSuffix: false, workspaces: {main: {entitlements: [workspace-access]}}}`
	)
	const managed = `  - {type: catalog, name: silver_dev, grants: [{principal: "sp:spn_robot_dev", privileges: [MANAGE, USE_CATALOG, USE_SCHEMA]}]}`
	tests := []struct {
		name       string
		permission string
		seed       func(*sandbox.State)
		owns       string
		files      map[string]string
		want       string
	}{
		{"a user of the workspace does not give entitlements", "USER", nil, "",
			file(doc("Group", "AAD-Auditors", auditors)),
			`entitlements@main/group:AAD-Auditors needs admin of workspace main`},
		{"nor makes groups there", "USER", nil, "",
			file(doc("Group", "grp_local", `{level: workspace, workspace: main, members: [{user: alice@example.com}]}`)),
			`group@main/grp_local_dev needs admin of workspace main`},
		{"nor hands over what manages a job, which can be managed", "USER", func(st *sandbox.State) { allowOn(st, "jobs", "sales-etl", robot, "CAN_MANAGE") }, "",
			file(doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], permissions: [{group: AAD-Auditors, level: CAN_VIEW}], authority: merge}`)), ""},
		{"but an account admin makes groups of the account and assigns them", "USER", nil, "",
			file(doc("Group", "grp_team", `{members: [{user: alice@example.com}], roles: [profile/a], workspaces: {main: {permission: USER}}}`)), ""},
		{"an admin of the workspace does all that", "ADMIN", nil, "",
			file(docs(doc("Group", "AAD-Auditors", auditors), doc("Group", "grp_local", `{level: workspace, workspace: main}`),
				onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`))), ""},
		{"so does who is in a group of admins", "USER", func(st *sandbox.State) {
			join(st, "grp_stranger", robot)
			assign(st, "group:grp_stranger", "ADMIN")
		}, "", file(doc("Group", "AAD-Auditors", auditors)), ""},
		{"who holds MANAGE and the way grants, and hands over", "ADMIN", nil, silverOnly,
			file(doc("Grants", "s", `{securables: [{type: schema, name: "{silver}.sales"}], owner: {group: AAD-Auditors}, grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`)), ""},
		{"but only the owner of the catalog grants EXTERNAL USE SCHEMA", "ADMIN", nil, silverOnly,
			file(doc("Grants", "s", `{securables: [{type: schema, name: "{silver}.sales"}], grants: [{group: AAD-Auditors, privileges: [EXTERNAL USE SCHEMA]}]}`)),
			`grants@metastore/schema/silver_dev.sales needs ownership of the catalog`},
		{"who is in a group that owns the catalog is its owner", "ADMIN", func(st *sandbox.State) {
			join(st, "grp_stranger", robot)
			securable(st, "silver_dev").Owner = "group:grp_stranger"
		}, silverOnly,
			file(doc("Grants", "s", `{securables: [{type: schema, name: "{silver}.sales"}], grants: [{group: AAD-Auditors, privileges: [EXTERNAL USE SCHEMA]}]}`)), ""},
		{"a share is handed over by its owner", "ADMIN", func(st *sandbox.State) {
			st.Securables = append(st.Securables, sandbox.Securable{Type: "share", Name: "ours", Owner: robot}, sandbox.Securable{Type: "share", Name: "theirs", Grants: []sandbox.Grant{{Principal: robot, Privileges: []string{"SELECT"}}}})
		}, `securables: [{type: share, name: "*"}]`,
			file(docs(doc("Grants", "a", `{securables: [{type: share, name: ours}], owner: {group: AAD-Auditors}}`),
				doc("Grants", "b", `{securables: [{type: share, name: theirs}], owner: {group: AAD-Auditors}}`))),
			`owner@metastore/share/theirs needs metastore admin, or ownership of the share`},
		{"nobody deletes itself", "ADMIN", nil, "",
			file(doc("Removed", "spn_robot", `{kind: ServicePrincipal, action: delete, reason: gone}`)),
			`servicePrincipal@account/spn_robot_dev needs another identity, since nobody deletes itself`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			owns, seed := tt.owns, world
			own := strings.Replace(project, "    catalogs: [\"{silver}\", \"{gold}\"]\n", "    "+owns+"\n", 1)
			if strings.HasPrefix(owns, "catalogs") && tt.seed == nil {
				seed = with(seed, "  - {type: catalog, name: silver_dev}", managed)
			}
			l := rightsLab(t, tt.permission, seed, own, tt.files)
			if tt.seed != nil {
				l.change(tt.seed)
			}
			l.wantLacks(tt.want)
		})
	}
}

// spnRobot is the robot's own document.
func spnRobot(more string) string {
	return doc("ServicePrincipal", "spn_robot", `{applicationId: `+robotID+more+`}`)
}

// inOrder are the changes of a plan as they are made.
func inOrder(p plan.Plan) string {
	var b strings.Builder
	for i := range p.Changes {
		fmt.Fprintf(&b, "%s %s\n", p.Changes[i].Action, p.Changes[i].Key)
	}
	return b.String()
}

// Plans that take rights from the applying identity which other changes need: where
// an order helps, it is that order; where none does, both changes are named.
func TestAPlanThatTakesOurOwnRights(t *testing.T) {
	t.Parallel()
	ownsSales := func(st *sandbox.State) {
		securable(st, "silver_dev").Owner = robot
		securable(st, "silver_dev.sales").Owner = "group:grp_stranger"
		join(st, "grp_stranger", robot)
	}
	byGroup := func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_admins_dev", Roles: []string{"account_admin"}, Members: []string{"group:grp_inner_dev"}},
			sandbox.Group{DisplayName: "grp_inner_dev", Members: []string{robot}})
		sp := &st.Account.ServicePrincipals[slices.IndexFunc(st.Account.ServicePrincipals, func(sp sandbox.ServicePrincipal) bool { return sp.DisplayName == "spn_robot_dev" })]
		sp.Roles = nil
	}
	leaving := docs(spnRobot(""), doc("Group", "grp_admins", `{members: [{group: grp_inner, absent: true}, {servicePrincipal: spn_robot, absent: true}]}`),
		doc("Group", "grp_inner", `{members: [{servicePrincipal: spn_robot, absent: true}]}`))
	tests := []struct {
		name       string
		permission string
		live       func(*sandbox.State)
		owns       string
		docs       string
		order      string
		lacks      string
		warning    string
	}{
		{name: "a catalog is handed over after the grants in it", permission: "ADMIN", live: ownsSales, owns: silverOnly,
			docs: docs(doc("Grants", "c", `{securables: [{type: catalog, name: "{silver}"}], owner: {group: AAD-Auditors}}`),
				doc("Grants", "s", `{securables: [{type: schema, name: "{silver}.sales"}], owner: {group: AAD-Auditors}, grants: [{group: AAD-Auditors, privileges: [EXTERNAL USE SCHEMA]}]}`)),
			order:   "update grants@metastore/schema/silver_dev.sales\nupdate owner@metastore/schema/silver_dev.sales\nupdate owner@metastore/catalog/silver_dev\n",
			warning: "can no longer change what is declared of grants@metastore/catalog/silver_dev, grants@metastore/schema/silver_dev.sales, owner@metastore/catalog/silver_dev, owner@metastore/schema/silver_dev.sales: that needs metastore admin, or ownership"},
		{name: "admin of the workspace is given before it is needed", permission: "USER",
			docs:  docs(spnRobot(`, workspaces: {main: {permission: ADMIN}}`), doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)),
			order: "update assignment@main/sp:spn_robot_dev\nupdate entitlements@main/group:AAD-Auditors\n"},
		{name: "admin of the workspace goes when nobody needs it any more", permission: "ADMIN",
			docs:    docs(spnRobot(`, workspaces: {main: {permission: USER}}`), doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)),
			order:   "update entitlements@main/group:AAD-Auditors\nupdate assignment@main/sp:spn_robot_dev\n",
			warning: "can no longer change what is declared of entitlements@main/group:AAD-Auditors: that needs admin of workspace main, which update assignment@main/sp:spn_robot_dev takes away"},
		{name: "the workspace is left when nothing is left to do in it", permission: "USER", owns: silverOnly,
			live:    func(st *sandbox.State) { securable(st, "silver_dev").Owner = robot },
			docs:    docs(spnRobot(`, workspaces: {}`), doc("Group", "grp_team", `{}`), onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)),
			order:   "update grants@metastore/schema/silver_dev.sales\ncreate group@account/grp_team_dev\nupdate assignment@main/sp:spn_robot_dev\n",
			warning: "that needs assignment to workspace main, which update assignment@main/sp:spn_robot_dev takes away"},
		{name: "a group that makes us account admin is left after all other groups", permission: "ADMIN", live: func(st *sandbox.State) {
			byGroup(st)
			join(st, "grp_admins_dev", robot)
			leave(st, "grp_inner_dev", robot)
		},
			docs: docs(spnRobot(""), doc("Group", "grp_admins", `{members: [{servicePrincipal: spn_robot, absent: true}, {user: breakglass@example.com}]}`),
				doc("Group", "grp_zoo", `{}`)),
			order:   "create group@account/grp_zoo_dev\nupdate group@account/grp_admins_dev\n",
			warning: "that needs account admin, which update group@account/grp_admins_dev takes away"},
		{name: "no order helps where each of two takes what the other needs", permission: "ADMIN", live: byGroup,
			docs:  leaving,
			order: "update group@account/grp_inner_dev\nupdate group@account/grp_admins_dev\n",
			lacks: "group@account/grp_admins_dev needs account admin, taken by group@account/grp_inner_dev\n"},
		{name: "of two groups that make us account admin the outer one is left last", permission: "ADMIN", live: func(st *sandbox.State) { byGroup(st); join(st, "grp_admins_dev", robot) },
			docs:    leaving,
			order:   "update group@account/grp_inner_dev\nupdate group@account/grp_admins_dev\n",
			warning: "which update group@account/grp_admins_dev takes away"},
		{name: "a folder is left after what is in it", permission: "USER",
			live: func(st *sandbox.State) {
				ws := workspace(st, "dev/main")
				ws.Objects = append(ws.Objects, sandbox.Object{Type: "notebooks", Path: "/Projects/sales/load"})
				allowOn(st, "directories", "/Projects/sales", robot, "CAN_MANAGE")
			},
			docs: docs(spnRobot(""), doc("Permissions", "folder", `{objects: [{type: directories, path: /Projects/sales}], permissions: [{servicePrincipal: spn_robot, absent: true}]}`),
				doc("Permissions", "notebook", `{objects: [{type: notebooks, path: /Projects/sales/load}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_READ}]}`)),
			order:   "update permissions@main/notebooks/Projects/sales/load\nupdate permissions@main/directories/Projects/sales\n",
			warning: "of permissions@main/directories/Projects/sales, permissions@main/notebooks/Projects/sales/load: that needs CAN_MANAGE on the object, or workspace admin, which update permissions@main/directories/Projects/sales takes away"},
		{name: "without the way to a schema MANAGE there is worth nothing", permission: "ADMIN", owns: silverOnly,
			live: func(st *sandbox.State) {
				give(st, "silver_dev", robot, "USE_CATALOG", "MANAGE")
				give(st, "silver_dev.sales", robot, "MANAGE", "USE_SCHEMA")
			},
			docs: docs(spnRobot(""), doc("Grants", "catalog", `{securables: [{type: catalog, name: "{silver}"}], grants: [{servicePrincipal: spn_robot, privileges: [USE CATALOG], absent: true}, {servicePrincipal: spn_robot, privileges: [MANAGE], absent: true}]}`),
				onSchema(`{group: AAD-Auditors, privileges: [SELECT]}, {servicePrincipal: spn_robot, privileges: [MANAGE]}`)),
			order:   "update grants@metastore/schema/silver_dev.sales\nupdate grants@metastore/catalog/silver_dev\n",
			warning: "can no longer change what is declared of grants@metastore/catalog/silver_dev, grants@metastore/schema/silver_dev.sales: that needs metastore admin"},
		{name: "nor without the way into the catalog itself", permission: "ADMIN", owns: silverOnly,
			live: func(st *sandbox.State) {
				join(st, "grp_stranger", robot)
				st.Account.Groups[slices.IndexFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.DisplayName == "grp_stranger" })].DisplayName = "grp_way_dev"
				give(st, "silver_dev", robot, "MANAGE")
				give(st, "silver_dev", "group:grp_way_dev", "USE_CATALOG")
			},
			docs: docs(spnRobot(""), doc("Group", "grp_way", `{members: [{servicePrincipal: spn_robot, absent: true}]}`),
				doc("Grants", "catalog", `{securables: [{type: catalog, name: "{silver}"}], authority: merge, grants: [{group: AAD-Auditors, privileges: [USE CATALOG]}]}`)),
			order:   "update grants@metastore/catalog/silver_dev\nupdate group@account/grp_way_dev\n",
			warning: "can no longer change what is declared of grants@metastore/catalog/silver_dev: that needs metastore admin"},
		{name: "what is left of two ways is enough", permission: "ADMIN",
			live: func(st *sandbox.State) {
				byGroup(st)
				join(st, "grp_admins_dev", robot)
				group(st, "AAD-Auditors").Roles = []string{"account_admin"}
				join(st, "AAD-Auditors", robot)
			},
			docs:  leaving,
			order: "update group@account/grp_inner_dev\nupdate group@account/grp_admins_dev\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			elsewhere := func(text string) string { return strings.ReplaceAll(text, "/Shared/sales", "/Projects/sales") } // all users manage what is in /Shared
			l := rightsLab(t, tt.permission, elsewhere(world), strings.Replace(elsewhere(project), "    catalogs: [\"{silver}\", \"{gold}\"]\n", "    "+tt.owns+"\n", 1), file(tt.docs))
			if tt.live != nil {
				l.change(tt.live)
			}
			p := l.wantLacks(tt.lacks)
			same(t, "order", tt.order, inOrder(p))
			if said := strings.Contains(warned(p), "can no longer change"); said != (tt.warning != "") || !strings.Contains(warned(p), tt.warning) {
				t.Errorf("warnings:\n%swant %q", warned(p), tt.warning)
			}
		})
	}
}

// What was read for the plan is enough to tell who may make it. More is asked for
// only where nothing says yes.
func TestWhatPreflightAsksFor(t *testing.T) {
	t.Parallel()
	l := rightsLab(t, "ADMIN", world, with(project, `catalogs: ["{silver}", "{gold}"]`, silverOnly), nil)
	l.change(func(st *sandbox.State) {
		securable(st, "silver_dev.sales").Owner = robot
		give(st, "silver_dev", robot, "USE_CATALOG", "MANAGE")
	})
	asked := func(text string) []string {
		t.Helper()
		l.putAll(file(text))
		run, err := l.read()
		if err != nil {
			t.Fatal(err)
		}
		p, err := run.Plan(l.now, l.allow, nil)
		if err != nil || len(p.Changes) == 0 {
			t.Fatal(err, len(p.Changes))
		}
		l.ResetRequests()
		if err := run.Preflight(t.Context(), &p, nil); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range l.Requests() {
			out = append(out, r.Method+" "+r.Path)
		}
		return out
	}
	if got := asked(docs(doc("Group", "grp_team", `{}`), onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`), onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`))); len(got) > 0 {
		t.Errorf("asked without need: %v", got)
	}
	l.change(func(st *sandbox.State) { assign(st, robot, "USER") })
	got := asked(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`))
	if len(got) != 1 || !strings.HasPrefix(got[0], "GET /api/2.0/preview/scim/v2/Groups/") {
		t.Errorf("asked %v, want who is in admins", got)
	}
	l.change(func(st *sandbox.State) { assign(st, "group:grp_stranger", "ADMIN") })
	if got := asked(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)); len(got) != 2 {
		t.Errorf("asked %v, want who is in admins and in the group that administers", got)
	}
}

// What nobody can tell is not held against a plan.
func TestWhatIsNotKnownIsNotLacking(t *testing.T) {
	t.Parallel()
	l := rightsLab(t, "USER", world, project, file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)))
	l.change(func(st *sandbox.State) {
		for _, name := range []string{"silver_dev", "gold_dev"} {
			give(st, name, robot, "MANAGE", "USE_CATALOG", "USE_SCHEMA")
		}
	})
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/preview/scim/v2/Groups/*", Times: -1, Status: http.StatusForbidden})
	if _, p := l.plan(); len(p.Lacks)+len(p.Violations) > 0 || len(p.Changes) == 0 {
		t.Errorf("lacks %sof\n%s", lacking(p), show(p))
	}
	l.ClearFaults()
	if _, p := l.plan(); len(p.Lacks) != 1 {
		t.Errorf("lacks %s", lacking(p))
	}
}

// To who may not see the grants of others, those of a group that it is in are shown
// as well, and prove nothing.
func TestTheGrantsOfAGroupOfOursProveNothing(t *testing.T) {
	t.Parallel()
	l := rightsLab(t, "ADMIN", world, with(project, `catalogs: ["{silver}", "{gold}"]`, silverOnly), file(onSchema(`{group: AAD-Finance, privileges: [SELECT]}`)))
	l.change(func(st *sandbox.State) {
		join(st, "AAD-Finance", robot) // which no workspace knows
		give(st, "silver_dev", "group:AAD-Finance", "USE_CATALOG")
		give(st, "silver_dev.sales", "group:AAD-Finance", "USE_SCHEMA")
		give(st, "silver_dev.sales", "user:carol@example.com", "SELECT")
	})
	l.wantError("sees only its own grants there")
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", robot, "MANAGE")
		give(st, "silver_dev", robot, "MANAGE")
	})
	l.wantLacks("")
}

// A group of the workspace alone may be in its admins, which makes admins of those
// who are in it, whatever is assigned to them.
func TestAGroupOfTheWorkspaceAmongItsAdmins(t *testing.T) {
	t.Parallel()
	seed := with(world, "    name: dev/main\n", `    name: dev/main
    groups: [{displayName: admins, members: ["group:grp_wsadmins"]}, {displayName: grp_wsadmins, members: ["sp:spn_robot_dev"]}]
`)
	entitled := doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`)
	rightsLab(t, "USER", seed, project, file(entitled)).wantLacks("")
	p := rightsLab(t, "ADMIN", seed, project, file(docs(spnRobot(`, workspaces: {main: {permission: USER}}`), entitled))).wantLacks("")
	if strings.Contains(warned(p), "can no longer change") {
		t.Errorf("warnings:\n%s", warned(p))
	}
}

// Without an account nobody tells who is in its groups, which stand in ACLs all the
// same.
func TestGroupsOfAnAccountThatIsNotAsked(t *testing.T) {
	t.Parallel()
	own := with(project, "  accounts: {main: {}}\n", "", "      account: main\n", "", "      catalogs: {silver: silver_dev, gold: gold_dev}\n", "",
		`    catalogs: ["{silver}", "{gold}"]`+"\n", "", "    assignments: true\n", "")
	l := rightsLab(t, "USER", world, own, file(docs(
		doc("ServicePrincipal", "spn_robot", `{applicationId: `+robotID+`, level: workspace, workspace: main}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [{servicePrincipal: spn_robot, absent: true}]}`))))
	l.change(func(st *sandbox.State) {
		for _, who := range []string{robot, "group:grp_stranger"} {
			allowOn(st, "clusters", "shared-etl", who, "CAN_MANAGE")
		}
	})
	p := l.wantLacks("")
	if strings.Contains(warned(p), "can no longer change") {
		t.Errorf("warnings:\n%s", warned(p))
	}
}

// Who leaves a group of a workspace may still be in it by a group in it.
func TestALocalGroupThatIsLeftInPart(t *testing.T) {
	t.Parallel()
	seed := with(world, "    name: dev/main\n", `    name: dev/main
    groups: [{displayName: grp_local_dev, members: ["sp:spn_robot_dev", "group:grp_inner"]}, {displayName: grp_inner, members: ["sp:spn_robot_dev"]}]
`)
	l := rightsLab(t, "ADMIN", seed, project, file(docs(spnRobot(`, workspaces: {main: {permission: USER}}`),
		doc("Group", "grp_local", `{level: workspace, workspace: main, authority: merge, members: [{servicePrincipal: spn_robot, absent: true}]}`),
		onCluster(`{group: grp_local, level: CAN_MANAGE}`))))
	l.change(func(st *sandbox.State) { allowOn(st, "clusters", "shared-etl", "group:grp_local_dev", "CAN_MANAGE") })
	if p := l.wantLacks(""); strings.Contains(warned(p), "permissions@main/clusters/shared-etl") {
		t.Errorf("warnings:\n%s", warned(p))
	}
}

// Where somebody moves from one group to another, and the grants with them, what
// gives to them comes first, although it takes from us too: nothing needs that.
func TestAMoveOutOfAGroupOfOurs(t *testing.T) {
	t.Parallel()
	l := rightsLab(t, "ADMIN", world, project, file(docs(spnRobot(""),
		doc("Group", "grp_old", `{members: [{servicePrincipal: spn_robot}]}`),
		doc("Group", "grp_new", `{members: [{user: alice@example.com}]}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: "{silver}.sales"}], authority: exact, grants: [{group: grp_new, privileges: [USE SCHEMA, SELECT]}]}`))))
	l.change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_old_dev", Members: []string{robot, "user:alice@example.com"}})
		give(st, "silver_dev.sales", "group:grp_old_dev", "USE_SCHEMA", "SELECT")
		st.Metastore.Owner = robot
	})
	p := l.wantLacks("")
	same(t, "order", "create group@account/grp_new_dev\nupdate grants@metastore/schema/silver_dev.sales\nupdate group@account/grp_old_dev\n", inOrder(p))
}

// MANAGE on an external location shows nothing of the catalog that is called alike.
func TestTheGrantsOfANamesakeAreNotShown(t *testing.T) {
	t.Parallel()
	seed := with(world, "  - {type: catalog, name: silver_dev}", `  - {type: catalog, name: silver_dev, grants: [{principal: "sp:spn_robot_dev", privileges: [USE_CATALOG]}, {principal: "group:AAD-Auditors", privileges: [USE_CATALOG]}]}
  - {type: external_location, name: silver_dev, grants: [{principal: "sp:spn_robot_dev", privileges: [MANAGE]}]}`)
	rightsLab(t, "USER", seed, with(project, `catalogs: ["{silver}", "{gold}"]`, `securables: [{type: external_location, name: "*"}, {type: catalog, name: silver_dev}]`),
		file(docs(doc("Grants", "l", `{securables: [{type: external_location, name: silver_dev}], authority: merge, grants: [{group: AAD-Auditors, privileges: [READ FILES]}]}`),
			doc("Grants", "c", `{securables: [{type: catalog, name: "{silver}"}], authority: merge, grants: [{group: AAD-Auditors, privileges: [USE CATALOG]}]}`)))).
		wantError("catalog/silver_dev", "sees only its own grants there")
}
