package sandbox_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// assignments is what a workspace's assignments look like to the account client.
func (r *rig) assignments(workspace int64) string {
	r.t.Helper()
	list, err := r.account().WorkspaceAssignment.ListAll(r.t.Context(), iam.ListWorkspaceAssignmentRequest{WorkspaceId: workspace})
	if err != nil {
		r.t.Fatal(err)
	}
	var lines []string
	for _, a := range list {
		name := a.Principal.GroupName + a.Principal.UserName + a.Principal.ServicePrincipalName
		lines = append(lines, name+" "+jsonText(a.Permissions))
	}
	return strings.Join(lines, "; ")
}

func TestAssignments(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	group := r.groupID("unassigned")
	const start = `admin@example.com ["ADMIN"]; everyone ["USER"]`
	const given = start + `; unassigned ["USER"]`
	if got := r.assignments(1001); got != start {
		t.Fatalf("seeded: %s", got)
	}
	account := r.accountPath("/workspaces/1001/permissionassignments/principals/")
	const workspace = "/api/2.0/preview/permissionassignments/principals/"
	for _, step := range []struct {
		request, body string
		status        int
		answer, after string
	}{
		{"PUT " + account + group, `{"permissions":["USER"]}`, 200, `"permissions":["USER"]`, given},
		{"PUT " + account + group, `{"permissions":["user"]}`, 200, `"group_name":"unassigned"`, start},
		{"PUT " + workspace + group, `{"permissions":["USER","OWNER"]}`, 200, `"permissions":["USER"]`, given},
		{"PUT " + workspace + group, `{"permissions":[]}`, 200, `"group_name":"unassigned"`, start},
		{"PUT " + account + "42", `{"permissions":["USER"]}`, 200, `"error":"RESOURCE_DOES_NOT_EXIST: Principal not found in account."`, start},
		{"PUT " + account + r.localID("local"), `{"permissions":["USER"]}`, 200, `"error":"RESOURCE_DOES_NOT_EXIST`, start},
		{"PUT " + account + group, `{"permission":["USER"]}`, 400, `unknown field`, start},
		{"POST /api/2.0/preview/permissionassignments", `{"permission_assignments":[{"group_name":"unassigned","permissions":["USER"]},{"user_name":"nobody@x","permissions":["USER"]}]}`,
			200, `"error":"RESOURCE_DOES_NOT_EXIST: Principal not found in account."`, given},
		{"DELETE " + account + group, ``, 200, `{}`, start},
		{"DELETE " + account + group, ``, 404, `RESOURCE_DOES_NOT_EXIST`, start},
		{"POST /api/2.0/preview/permissionassignments", `{"permission_assignments":[{"group_name":"unassigned","permissions":["ADMIN"]}]}`, 200, `"error":"Invalid permission"`, start},
		{"GET " + r.accountPath("/workspaces/1001/permissionassignments/permissions"), ``, 200, `"permission_level":"ADMIN"`, start},
		{"GET " + r.accountPath("/workspaces/5/permissionassignments"), ``, 404, `Workspace 5 does not exist`, start},
	} {
		got := r.do(step.request, step.body)
		if got.status != step.status || !strings.Contains(got.body, step.answer) {
			t.Errorf("%s %s: %d %s, want %d %s", step.request, step.body, got.status, got.body, step.status, step.answer)
		}
		if after := r.assignments(1001); after != step.after {
			t.Errorf("%s %s: assignments are %s, want %s", step.request, step.body, after, step.after)
		}
	}
}

func TestAnAdminAssignmentMakesAnAdmin(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	id, err := strconv.ParseInt(r.groupID("analysts"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	alice := r.tokenOf("alice@example.com")
	if got := r.doAs(alice, "GET /api/2.0/preview/permissionassignments", ""); got.status != 403 {
		t.Errorf("before: %d %s", got.status, got.body)
	}
	_, err = r.account().WorkspaceAssignment.Update(t.Context(), iam.UpdateWorkspaceAssignments{
		WorkspaceId: 1001, PrincipalId: id, Permissions: []iam.WorkspacePermission{iam.WorkspacePermissionAdmin},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.doAs(alice, "GET /api/2.0/preview/permissionassignments", ""); got.status != 200 {
		t.Errorf("after her group became ADMIN: %d %s", got.status, got.body)
	}
	if got := r.doAs(alice, "GET "+r.accountPath("/workspaces/1001/permissionassignments"), ""); got.status != 403 {
		t.Errorf("the account's assignments for a workspace admin: %d %s", got.status, got.body)
	}
}

func TestANewPrincipalIsNotAtOnceInTheWorkspace(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := startRig(t, company, sandbox.Options{
		Now: func() time.Time { return now }, Knobs: sandbox.Knobs{AssignmentDelay: time.Minute},
	})
	created := r.do("POST "+r.accountPath("/scim/v2/Groups"), `{"displayName":"fresh"}`)
	path := "PUT " + r.accountPath("/workspaces/1001/permissionassignments/principals/") + created.field("id").(string)
	if got := r.do(path, `{"permissions":["USER"]}`); got.status != 400 || !strings.Contains(got.body, "not in workspace 1001") {
		t.Errorf("at once: %d %s", got.status, got.body)
	}
	now = now.Add(time.Minute)
	if got := r.do(path, `{"permissions":["USER"]}`); got.status != 200 {
		t.Errorf("a minute later: %d %s", got.status, got.body)
	}
}

func TestWorkspacesOfTheAccount(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	list, err := r.account().Workspaces.List(t.Context())
	if err != nil || len(list) != 2 || list[0].WorkspaceId != 1001 || list[0].WorkspaceName != "dev/main" {
		t.Errorf("workspaces: %v, %v", list, err)
	}
	list, err = r.accountAs(r.tokenOf("bob@example.com")).Workspaces.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Errorf("bob sees %v, %v; want the one he is in", list, err)
	}
}

func TestEntitlementsStayWithWhoIsVisibleThroughAGroup(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if err := r.Change(func(st *sandbox.State) {
		ws := &st.Workspaces[0]
		ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "group:analysts", Permissions: []string{"USER"}})
		ws.Entitlements = append(ws.Entitlements, sandbox.Entitlement{Principal: "group:analysts", Values: []string{"allow-cluster-create"}})
	}); err != nil {
		t.Fatal(err)
	}
	principals := r.accountPath("/workspaces/1001/permissionassignments/principals/")
	r.do("DELETE "+principals+r.groupID("analysts"), "")
	if n := len(r.State().Workspaces[0].Entitlements); n != 2 {
		t.Errorf("%d entries, want analysts' kept: it is in everyone, which is assigned", n)
	}
	r.do("DELETE "+principals+r.groupID("everyone"), "")
	if entries := r.State().Workspaces[0].Entitlements; len(entries) != 1 {
		t.Errorf("entries %v, want everyone's gone", entries)
	}
}
