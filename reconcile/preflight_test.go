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
