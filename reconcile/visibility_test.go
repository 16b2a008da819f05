package reconcile_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// What a caller who may not see everything can and cannot conclude.

// as makes the lab run as another user, with these rights in the workspace.
func robotLab(t *testing.T, assignment, seed, project string, files map[string]string) *lab {
	t.Helper()
	seed = with(seed, "  users:\n", "  users:\n    - {userName: robot@example.com, roles: [account_admin]}\n",
		"    assignments:\n", "    assignments:\n      - {principal: \"user:robot@example.com\", permissions: ["+assignment+"]}\n")
	l := newLab(t, seed, project, files)
	token, err := l.TokenOf("robot@example.com")
	if err != nil {
		t.Fatal(err)
	}
	l.token = token
	return l
}

// A table that the caller may not see is no table that does not exist.
func TestTableOutOfSight(t *testing.T) {
	t.Parallel()
	seed := with(world, "  - {type: table, name: silver_dev.sales.orders}", `  - {type: table, name: silver_dev.sales.orders, owner: "user:bob@example.com"}`,
		"  - {type: catalog, name: silver_dev}", `  - {type: catalog, name: silver_dev, grants: [{principal: "user:robot@example.com", privileges: [MANAGE, USE_CATALOG]}]}`)
	l := robotLab(t, "ADMIN", seed, with(project, `catalogs: ["{silver}", "{gold}"]`, `catalogs: ["{silver}"]`),
		file(doc("Grants", "s", `{securables: [{type: table, name: "{silver}.sales.orders"}], authority: merge, grants: [{group: AAD-Auditors, privileges: [SELECT], expires: 2026-01-01}]}`)))
	l.change(func(st *sandbox.State) { give(st, "silver_dev.sales.orders", "group:AAD-Auditors", "SELECT") })
	p := l.want("")
	if strings.Contains(warned(p), "does not exist") {
		t.Errorf("taken for absent: %s", warned(p))
	}
	if len(p.Held) != 1 || !p.Held[0].Failed || !strings.HasPrefix(p.Held[0].Key.Name, "table/") {
		t.Errorf("held: %v", p.Held)
	}
}

// An object that the caller may not see is no object that does not exist.
func TestJobOutOfSight(t *testing.T) {
	t.Parallel()
	job := func(more string) map[string]string {
		return file(doc("Permissions", "j", `{objects: [{type: jobs, name: sales-etl}]`+more+`, permissions: [{group: AAD-Auditors, level: CAN_VIEW}]}`))
	}
	l := robotLab(t, "USER", world, with(project, `    catalogs: ["{silver}", "{gold}"]`+"\n", ""), job(""))
	p := l.want("")
	contains(t, warned(p), "jobs sales-etl is not in the list that robot@example.com may see")
	l.putAll(job(", required: true"))
	l.wantError("is not in the list that robot@example.com may see in workspace main, and is required")
}

// A path that has no id has no ACL; the ACL of the root is not its own.
func TestPathWithoutAnID(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, "path: /Shared/sales}", "path: \"/Shared/*\"}"), nil)
	answer := func(path, body string) {
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: path, Times: -1, Status: http.StatusOK, Body: body})
	}
	answer("/api/2.0/workspace/get-status", `{"object_type":"DIRECTORY","path":"/Shared/sales"}`)
	l.put("access.yaml", doc("Permissions", "d", `{objects: [{type: directories, path: /Shared/sales}], permissions: [{group: AAD-Auditors, level: CAN_READ}]}`))
	l.heldBecause("the answer has no object_id")
	l.ClearFaults()
	l.put("access.yaml", doc("Permissions", "e", `{objects: [{type: dashboards, path: /Shared/d.lvdash.json}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_READ}]}`))
	answer("/api/2.0/workspace/get-status", `{"object_type":"DASHBOARD","object_id":7}`)
	l.heldBecause("the answer has no resource_id")
	l.ClearFaults()
	answer("/api/2.0/workspace/list", `{"objects":[{"object_type":"DIRECTORY","path":"/Shared/x"}]}`)
	l.wantError("/Shared/x has no object_id")
}

func (l *lab) heldBecause(why string) plan.Plan {
	l.t.Helper()
	p := l.want("")
	if len(p.Held) != 1 || !p.Held[0].Failed {
		l.t.Fatalf("held: %v", p.Held)
	}
	contains(l.t, p.Held[0].Reason, why)
	return p
}

// An assignment that the platform reports as broken is shown, and not changed.
func TestAssignmentThatThePlatformReportsAsBroken(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "AAD-Auditors", external+`, workspaces: {main: {permission: ADMIN}}}`)))
	l.want(`update assignment@main/group:AAD-Auditors permission +ADMIN -USER`)
	id := idOf(l.State(), "group:AAD-Auditors")
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*permissionassignments", Times: -1, Status: http.StatusOK,
		Body: `{"permission_assignments":[{"principal":{"principal_id":` + id + `,"group_name":"AAD-Auditors"},"permissions":["USER"],"error":"Internal error"}]}`})
	l.heldBecause("the platform reports: Internal error")
}

// Only the platform's own tables are left out of scope, and what a document names
// is looked up whatever its name.
func TestTablesCalledLikeEventLogs(t *testing.T) {
	t.Parallel()
	const log = "event_log_0a1b2c3d_0000_4000_8000_0123456789ab"
	l := newLab(t, with(world, "  - {type: catalog, name: gold_dev}", "  - {type: table, name: silver_dev.sales.event_log_clicks}\n  - {type: table, name: silver_dev.sales."+log+"}\n  - {type: catalog, name: gold_dev}"),
		project, file(doc("Group", "grp_x", `{}`)))
	l.converge()
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales.event_log_clicks", "group:grp_x_dev", "SELECT")
		give(st, "silver_dev.sales."+log, "group:grp_x_dev", "SELECT")
	})
	l.want(`update grants@metastore/table/silver_dev.sales.event_log_clicks group:grp_x_dev -SELECT`)
	l.put("access.yaml", docs(doc("Group", "grp_x", `{}`),
		doc("Grants", "s", `{securables: [{type: table, name: "{silver}.sales.`+log+`"}], grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`)))
	l.want(`
		update grants@metastore/table/silver_dev.sales.event_log_clicks group:grp_x_dev -SELECT
		update grants@metastore/table/silver_dev.sales.` + log + ` group:AAD-Auditors +SELECT group:grp_x_dev -SELECT`)
}
