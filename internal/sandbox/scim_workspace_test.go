package sandbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

const workspaceGroups = "/api/2.0/preview/scim/v2/Groups"

// localID is the id of a group of the first workspace.
func (r *rig) localID(name string) string {
	r.t.Helper()
	for _, g := range r.State().Workspaces[0].Groups {
		if g.DisplayName == name {
			return g.ID
		}
	}
	r.t.Fatalf("no local group %s", name)
	return ""
}

func TestWorkspaceShowsLocalAndAssignedGroups(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	list, err := r.workspace("dev/main").GroupsV2.ListAll(t.Context(), iam.ListGroupsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range list {
		got = append(got, g.DisplayName+" "+g.Meta.ResourceType)
		if g.DisplayName == "analysts" && (g.Id != r.groupID("analysts") || len(g.Members) != 2) {
			t.Errorf("analysts is %+v, want the account's id and both members", g)
		}
	}
	want := []string{"analysts Group", "everyone Group", "local WorkspaceGroup", "admins WorkspaceGroup", "users WorkspaceGroup"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	other, err := r.workspace("prd/main").UsersV2.ListAll(t.Context(), iam.ListUsersRequest{})
	if err != nil || len(other) != 1 || other[0].UserName != "admin@example.com" {
		t.Errorf("the other workspace has %v, %v; want its administrator alone", other, err)
	}
}

func TestWorkspaceUserHasParentsAndEntitlements(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	got := r.do("GET /api/2.0/preview/scim/v2/Users/"+r.userID("bob@example.com"), "")
	var parents []string
	for _, g := range got.field("groups").([]any) {
		parents = append(parents, fmt.Sprint(g.(map[string]any)["display"]))
	}
	if !slices.Equal(parents, []string{"analysts", "local", "users"}) {
		t.Errorf("parents are %v", parents)
	}
	got = r.do("GET "+workspaceGroups+"/"+r.groupID("everyone"), "")
	if !strings.Contains(got.body, `"entitlements":[{"value":"workspace-access"}]`) {
		t.Errorf("everyone: %s", got.body)
	}
}

func TestAccountGroupsAreReadOnlyInAWorkspace(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := workspaceGroups + "/" + r.groupID("everyone")
	for _, request := range [][2]string{
		{"PATCH " + path, `{"Operations":[{"op":"add","path":"members","value":[{"value":"` + r.userID("bob@example.com") + `"}]}]}`},
		{"PATCH " + path, `{"Operations":[{"op":"replace","path":"displayName","value":"x"}]}`},
		{"PUT " + path, `{"displayName":"everyone","members":[]}`},
		{"DELETE " + path, ``},
	} {
		got := r.do(request[0], request[1])
		if got.status != 403 || !strings.Contains(got.body, "can only be managed in account") {
			t.Errorf("%s %s: %d %s", request[0], request[1], got.status, got.body)
		}
	}
	got := r.do("PATCH "+path, `{"Operations":[{"op":"add","path":"entitlements","value":[{"value":"databricks-sql-access"}]}]}`)
	if got.status != 200 || !strings.Contains(got.body, `"entitlements":[{"value":"databricks-sql-access"},{"value":"workspace-access"}]`) {
		t.Errorf("entitlements: %d %s", got.status, got.body)
	}
	if got := r.do("GET "+r.accountPath("/scim/v2/Groups/"+r.groupID("everyone")), ""); strings.Contains(got.body, "entitlements") {
		t.Errorf("the account shows entitlements: %s", got.body)
	}
}

func TestEntitlementPatch(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := workspaceGroups + "/" + r.groupID("everyone")
	for _, step := range []struct {
		ops    string
		status int
		want   string
	}{
		{`{"op":"add","path":"entitlements","value":[{"value":"allow-cluster-create"},{"value":"workspace-access"}]}`, 200, "allow-cluster-create workspace-access"},
		{`{"op":"remove","path":"entitlements[value eq \"workspace-access\"]"}`, 200, "allow-cluster-create"},
		{`{"op":"replace","path":"entitlements","value":[{"value":"workspace-consume"}]}`, 200, "workspace-consume"},
		{`{"op":"remove","path":"entitlements","value":[{"value":"allow-cluster-create"}]}`, 200, "workspace-consume"},
		{`{"op":"add","path":"entitlements","value":[{"value":"fly"}]}`, 400, "workspace-consume"},
		{`{"op":"replace","path":"entitlements","value":[{"value":""}]}`, 200, ""},
		{`{"op":"remove","path":"entitlements","value":[{"value":"workspace-consume"}]}`, 400, ""},
	} {
		got := r.do("PATCH "+path, `{"Operations":[`+step.ops+`]}`)
		after := r.do("GET "+path, "")
		var values []string
		list, _ := after.field("entitlements").([]any)
		for _, v := range list {
			values = append(values, fmt.Sprint(v.(map[string]any)["value"]))
		}
		if got.status != step.status || strings.Join(values, " ") != step.want {
			t.Errorf("%s: %d %s, entitlements %v; want %d %s", step.ops, got.status, got.body, values, step.status, step.want)
		}
	}
}

func TestRolesGivenInAWorkspaceStayThere(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	ops := `{"Operations":[{"op":"add","path":"roles","value":[{"value":"arn:x"}]}]}`
	id := r.userID("bob@example.com")
	if got := r.do("PATCH /api/2.0/preview/scim/v2/Users/"+id, ops); !strings.Contains(got.body, `"roles":[{"value":"arn:x"}]`) {
		t.Errorf("workspace: %s", got.body)
	}
	if got := r.do("GET "+r.accountPath("/scim/v2/Users/"+id), ""); got.field("roles") != nil {
		t.Errorf("account: %s", got.body)
	}
}

func TestLocalGroupLifecycle(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	w, ctx := r.workspace("dev/main"), t.Context()
	g, err := w.GroupsV2.Create(ctx, iam.CreateGroupRequest{
		DisplayName: "analysts", Entitlements: []iam.ComplexValue{{Value: "workspace-access"}},
		Members: []iam.ComplexValue{{Value: r.groupID("analysts")}, {Value: r.localID("local")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if g.Id == r.groupID("analysts") || g.Meta.ResourceType != "WorkspaceGroup" || len(g.Members) != 2 {
		t.Errorf("created %+v, want a local group of its own beside the account's", g)
	}
	if got := r.do("PATCH "+workspaceGroups+"/"+g.Id, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+r.groupID("unassigned")+`"}]}]}`); got.status != 400 {
		t.Errorf("a member who is not in the workspace: %d %s", got.status, got.body)
	}
	if _, err := r.account().GroupsV2.Get(ctx, iam.GetAccountGroupRequest{Id: g.Id}); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("the account knows the local group: %v", err)
	}
	if err := w.GroupsV2.Delete(ctx, iam.DeleteGroupRequest{Id: g.Id}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.GroupsV2.Get(ctx, iam.GetGroupRequest{Id: g.Id}); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("after delete: %v", err)
	}
}

func TestSystemGroupsOfAWorkspace(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	users, admins := workspaceGroups+"/"+r.localID("users"), workspaceGroups+"/"+r.localID("admins")
	got := r.do("GET "+users, "")
	if n := len(got.field("members").([]any)); n != 4 {
		t.Errorf("users holds %d, want the 4 who are assigned: %s", n, got.body)
	}
	if !strings.Contains(got.body, "workspace-access") || !strings.Contains(got.body, "databricks-sql-access") {
		t.Errorf("users lacks its entitlements: %s", got.body)
	}
	for _, request := range []string{"DELETE " + users, "DELETE " + admins} {
		if got := r.do(request, ""); got.status != 403 {
			t.Errorf("%s: %d %s", request, got.status, got.body)
		}
	}
	if got := r.do("PATCH "+users, `{"Operations":[{"op":"remove","path":"members"}]}`); got.status != 403 {
		t.Errorf("emptying users: %d %s", got.status, got.body)
	}
	got = r.do("PATCH "+admins, `{"Operations":[{"op":"remove","path":"entitlements"}]}`)
	if !strings.Contains(got.body, "workspace-access") {
		t.Errorf("admins lost entitlements: %s", got.body)
	}
	alice := r.userID("alice@example.com")
	r.do("PATCH "+admins, `{"Operations":[{"op":"add","path":"members","value":[{"value":"`+alice+`"}]}]}`)
	if got := r.doAs(r.tokenOf("alice@example.com"), "POST "+workspaceGroups, `{"displayName":"by-alice"}`); got.status != 201 {
		t.Errorf("alice is no admin: %d %s", got.status, got.body)
	}
}

func TestJoiningAndLeavingAWorkspaceThroughSCIM(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	const sps = "/api/2.0/preview/scim/v2/ServicePrincipals"
	const second = "22222222-2222-2222-2222-222222222222"
	got := r.do("POST "+sps, `{"applicationId":"`+second+`","entitlements":[{"value":"workspace-access"}]}`)
	id, _ := got.field("id").(string)
	if got.status != 201 || id != r.State().Account.ServicePrincipals[1].ID || !strings.Contains(got.body, "workspace-access") {
		t.Fatalf("joining: %d %s", got.status, got.body)
	}
	if got := r.do("POST "+sps, `{"applicationId":"`+second+`"}`); got.status != 409 {
		t.Errorf("joining twice: %d %s", got.status, got.body)
	}
	if got := r.do("DELETE "+sps+"/"+id, ""); got.status != 204 {
		t.Fatalf("leaving: %d %s", got.status, got.body)
	}
	if got := r.do("GET "+sps+"/"+id, ""); got.status != 404 {
		t.Errorf("after leaving: %d %s", got.status, got.body)
	}
	if got := r.do("GET "+r.accountPath("/scim/v2/ServicePrincipals/"+id), ""); got.status != 200 {
		t.Errorf("the account lost it: %d %s", got.status, got.body)
	}
	got = r.do("POST /api/2.0/preview/scim/v2/Users", `{"userName":"dora@example.com","displayName":"Dora"}`)
	if got.status != 201 || r.userID("dora@example.com") != got.field("id") {
		t.Errorf("a new user is not in the account: %d %s", got.status, got.body)
	}
}

func TestDeactivationInAWorkspaceHoldsThereAlone(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	id := r.userID("bob@example.com")
	off := `{"Operations":[{"op":"replace","path":"active","value":[{"value":"false"}]}]}`
	if got := r.do("PATCH /api/2.0/preview/scim/v2/Users/"+id, off); got.field("active") != false {
		t.Errorf("workspace: %s", got.body)
	}
	if got := r.do("GET "+r.accountPath("/scim/v2/Users/"+id), ""); got.field("active") != true {
		t.Errorf("account: %s", got.body)
	}
	bob := r.tokenOf("bob@example.com")
	if got := r.doAs(bob, "GET /api/2.0/preview/scim/v2/Me", ""); got.status != 403 {
		t.Errorf("bob gets in: %d %s", got.status, got.body)
	}
}

func TestUserNamesAreTheAccounts(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := "/api/2.0/preview/scim/v2/Users/" + r.userID("bob@example.com")
	if got := r.do("PATCH "+path, `{"Operations":[{"op":"replace","path":"displayName","value":"Robert"}]}`); got.status != 400 {
		t.Errorf("renaming through a workspace: %d %s", got.status, got.body)
	}
	if got := r.do("PUT "+path, `{"userName":"bob@example.com","displayName":"Bob","active":true,"entitlements":[{"value":"allow-cluster-create"}]}`); got.status != 200 {
		t.Errorf("PUT with the same names: %d %s", got.status, got.body)
	}
}

func TestWorkspaceAuthorization(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	bob := r.tokenOf("bob@example.com")
	if got := r.doAs(bob, "POST "+workspaceGroups, `{"displayName":"x"}`); got.status != 403 {
		t.Errorf("create by a user: %d %s", got.status, got.body)
	}
	got := r.doAs(bob, "GET "+workspaceGroups+`?filter=displayName+eq+"local"`, "")
	if !strings.Contains(got.body, `"displayName":"local"`) || strings.Contains(got.body, "members") || strings.Contains(got.body, "entitlements") {
		t.Errorf("a user sees %s, want name and id alone", got.body)
	}
	if got := r.doAs(bob, "GET "+workspaceGroups+`?filter=externalId+eq+"x"`, ""); got.status != 403 {
		t.Errorf("externalId for a user: %d %s", got.status, got.body)
	}
}

func TestMe(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	w := r.workspace("prd/main")
	me, err := w.CurrentUser.Me(t.Context(), iam.MeRequest{})
	if err != nil || me.UserName != "admin@example.com" || me.Groups[0].Display != "admins" {
		t.Errorf("me is %+v, %v", me, err)
	}
	if id, err := w.CurrentWorkspaceID(t.Context()); err != nil || id != 1002 {
		t.Errorf("workspace id %d, %v; want 1002", id, err)
	}
	const app = "11111111-1111-1111-1111-111111111111"
	me, err = r.workspaceAs("dev/main", r.tokenOf(app)).CurrentUser.Me(t.Context(), iam.MeRequest{})
	if err != nil || me.UserName != app {
		t.Errorf("a service principal is %+v, %v", me, err)
	}
	if _, err = r.workspaceAs("prd/main", r.tokenOf(app)).CurrentUser.Me(t.Context(), iam.MeRequest{}); !errors.Is(err, apierr.ErrPermissionDenied) {
		t.Errorf("in a workspace it is not assigned to: %v", err)
	}
}
