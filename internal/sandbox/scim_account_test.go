package sandbox_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func memberValues(members []iam.ComplexValue) []string {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.Value)
	}
	return ids
}

func TestAccountGroupListHasNoMembersButGetHas(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	a := r.account()
	list, err := a.GroupsV2.ListAll(t.Context(), iam.ListAccountGroupsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		if len(g.Members) > 0 {
			t.Errorf("%s has members in the list", g.DisplayName)
		}
	}
	got, err := a.GroupsV2.Get(t.Context(), iam.GetAccountGroupRequest{Id: r.groupID("analysts")})
	if err != nil {
		t.Fatal(err)
	}
	want := []iam.ComplexValue{
		{Display: "Alice", Ref: "Users/" + r.userID("alice@example.com"), Value: r.userID("alice@example.com")},
		{Display: "Bob", Ref: "Users/" + r.userID("bob@example.com"), Value: r.userID("bob@example.com")},
	}
	if diff := cmp.Diff(want, got.Members, cmpopts.IgnoreFields(iam.ComplexValue{}, "ForceSendFields")); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}

	r.SetKnobs(sandbox.Knobs{MembersInAccountList: true})
	list, err = a.GroupsV2.ListAll(t.Context(), iam.ListAccountGroupsRequest{Filter: `displayName eq "analysts"`})
	if err != nil || len(list) != 1 || len(list[0].Members) != 2 {
		t.Errorf("with the knob: %v, %v; want analysts with two members", list, err)
	}
}

func TestAccountUsersHoldsEverybody(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	a := r.account()
	id := r.groupID("account users")
	got, err := a.GroupsV2.Get(t.Context(), iam.GetAccountGroupRequest{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Members) != 5 {
		t.Errorf("got %d members, want 3 users and 2 service principals", len(got.Members))
	}
	if err := a.GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: id}); !errors.Is(err, apierr.ErrPermissionDenied) {
		t.Errorf("deleting the system group: %v, want permission denied", err)
	}
}

func TestAccountGroupLifecycle(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	a, ctx := r.account(), t.Context()
	alice, bob := r.userID("alice@example.com"), r.userID("bob@example.com")
	created, err := a.GroupsV2.Create(ctx, iam.CreateAccountGroupRequest{DisplayName: "new", ExternalId: "x1", Members: []iam.ComplexValue{{Value: alice}}})
	if err != nil {
		t.Fatal(err)
	}
	patch := func(ops ...iam.Patch) error {
		return a.GroupsV2.Patch(ctx, iam.PatchAccountGroupRequest{Id: created.Id, Operations: ops, Schemas: []iam.PatchSchema{iam.PatchSchemaUrnIetfParamsScimApiMessages20PatchOp}})
	}
	if err := patch(
		iam.Patch{Op: iam.PatchOpAdd, Path: "members", Value: []iam.ComplexValue{{Value: bob}, {Value: alice}}},
		iam.Patch{Op: iam.PatchOpRemove, Path: `members[value eq "` + alice + `"]`},
		iam.Patch{Op: iam.PatchOpReplace, Path: "displayName", Value: "renamed"},
		iam.Patch{Op: iam.PatchOpAdd, Value: map[string]any{"roles": []iam.ComplexValue{{Value: "account_admin"}}}},
	); err != nil {
		t.Fatal(err)
	}
	got, err := a.GroupsV2.Get(ctx, iam.GetAccountGroupRequest{Id: created.Id})
	if err != nil {
		t.Fatal(err)
	}
	if got.DisplayName != "renamed" || got.ExternalId != "x1" || !slices.Equal(memberValues(got.Members), []string{bob}) || len(got.Roles) != 1 {
		t.Errorf("after the patch: %+v", got)
	}
	if err := a.GroupsV2.Delete(ctx, iam.DeleteAccountGroupRequest{Id: created.Id}); err != nil {
		t.Fatal(err)
	}
	_, err = a.GroupsV2.Get(ctx, iam.GetAccountGroupRequest{Id: created.Id})
	if !errors.Is(err, apierr.ErrNotFound) || err.Error() != "Group with id "+created.Id+" not found." {
		t.Errorf("get of a deleted group: %v", err)
	}
}

func TestSCIMStatusCodesAndDuplicates(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	groups, users := r.accountPath("/scim/v2/Groups"), r.accountPath("/scim/v2/Users")
	const ws = "/api/2.0/preview/scim/v2"
	for _, tt := range []struct {
		request, body string
		status        int
		detail        any
	}{
		{"POST " + groups, `{"displayName":"fresh"}`, 201, nil},
		{"POST " + groups, `{"displayName":"fresh"}`, 409, "Group with name fresh already exists."},
		{"POST " + groups, `{"displayName":"Fresh"}`, 201, nil},
		{"POST " + groups, `{"displayname":"analysts"}`, 409, "Group with name analysts already exists."},
		{"POST " + users, `{"userName":"ALICE@example.com"}`, 409, "User with email ALICE@example.com already exists in this account"},
		{"POST " + users, `{"userName":"carol@example.com"}`, 201, nil},
		{"POST " + ws + "/Users", `{"userName":"Alice@Example.com"}`, 409, "User with username Alice@Example.com already exists."},
		{"POST " + r.accountPath("/scim/v2/ServicePrincipals"), `{"applicationId":"11111111-1111-1111-1111-111111111111"}`, 409,
			"Service principal with application ID 11111111-1111-1111-1111-111111111111 already exists."},
		{"POST " + r.accountPath("/scim/v2/ServicePrincipals"), `{"applicationId":"33333333-3333-3333-3333-333333333333"}`, 400,
			"Attribute applicationID cannot be specified"},
		{"POST " + ws + "/Groups", `{"displayName":"analysts"}`, 201, nil},
		{"POST " + ws + "/Groups", `{"displayName":"local"}`, 409, "Group with name local already exists."},
		{"PATCH " + groups + "/" + r.groupID("analysts"), `{"Operations":[{"op":"replace","path":"displayName","value":"everyone"}]}`, 409, "Group with name everyone already exists."},
		{"PATCH " + groups + "/" + r.groupID("analysts"), `{"Operations":[{"op":"replace","path":"externalId","value":"e"}]}`, 200, nil},
		{"PUT " + groups + "/" + r.groupID("analysts"), `{"displayName":"analysts"}`, 200, nil},
		{"DELETE " + groups + "/" + r.groupID("unassigned"), ``, 204, nil},
		{"DELETE " + groups + "/" + r.groupID("unassigned"), ``, 404, "Group with id " + r.groupID("unassigned") + " not found."},
		{"GET " + groups + "/analysts", ``, 404, "Endpoint not supported."},
	} {
		got := r.do(tt.request, tt.body)
		if got.status != tt.status || got.field("detail") != tt.detail {
			t.Errorf("%s %s: %d %s, want %d %v", tt.request, tt.body, got.status, got.body, tt.status, tt.detail)
		}
		if tt.status >= 400 && got.field("status") != jsonText(tt.status) {
			t.Errorf("%s: SCIM status is %#v, want the string %d", tt.request, got.field("status"), tt.status)
		}
	}
}

func TestPutReplacesAndLosesWhatItLeavesOut(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Groups/" + r.groupID("analysts"))
	r.do("PUT "+path, `{"displayName":"analysts","roles":[{"value":"x"}]}`)
	got := r.do("GET "+path, "")
	if got.field("members") != nil || got.field("roles") == nil {
		t.Errorf("after PUT without members: %s", got.body)
	}
}

func TestEntitlementsAtTheAccountDoNothing(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Groups/" + r.groupID("analysts"))
	got := r.do("PATCH "+path, `{"Operations":[{"op":"add","path":"entitlements","value":[{"value":"workspace-access"}]}]}`)
	if got.status != 200 || got.field("entitlements") != nil {
		t.Errorf("got %d %s, want 200 and no entitlements", got.status, got.body)
	}
}

func TestMemberByApplicationIDAddsNobody(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Groups/" + r.groupID("unassigned"))
	got := r.do("PATCH "+path, `{"Operations":[{"op":"add","path":"members","value":[{"value":"11111111-1111-1111-1111-111111111111"}]}]}`)
	if got.status != 200 || got.field("members") != nil {
		t.Errorf("got %d %s, want 200 and no member", got.status, got.body)
	}
	got = r.do("PATCH "+path, `{"Operations":[{"op":"add","path":"members","value":[{"value":"42"}]}]}`)
	if got.status != 400 {
		t.Errorf("unknown numeric id: %d %s, want 400", got.status, got.body)
	}
}

func TestApplicationIDsFollowTheCloud(t *testing.T) {
	const given = "33333333-3333-3333-3333-333333333333"
	r := startRig(t, company, sandbox.Options{Knobs: sandbox.Knobs{Cloud: "azure"}})
	path := r.accountPath("/scim/v2/ServicePrincipals")
	got := r.do("POST "+path, `{"applicationId":"`+given+`","displayName":"entra"}`)
	if got.status != 201 || got.field("applicationId") != given {
		t.Errorf("azure: %d %s", got.status, got.body)
	}
	r.SetKnobs(sandbox.Knobs{Cloud: "gcp"})
	got = r.do("POST "+path, `{"displayName":"etl"}`)
	if id, _ := got.field("applicationId").(string); got.status != 201 || len(id) != 36 {
		t.Errorf("gcp: %d %s, want a generated application id", got.status, got.body)
	}
}

func TestDeletingAPrincipalEndsItsMembershipsAndAssignments(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	a := r.account()
	if err := a.UsersV2.Delete(t.Context(), iam.DeleteAccountUserRequest{Id: r.userID("bob@example.com")}); err != nil {
		t.Fatal(err)
	}
	if err := a.GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: r.groupID("everyone")}); err != nil {
		t.Fatal(err)
	}
	st := r.State()
	if n := len(st.Account.Groups[0].Members); n != 1 {
		t.Errorf("analysts has %d members, want alice alone", n)
	}
	for _, g := range st.Workspaces[0].Groups {
		if g.DisplayName == "local" && len(g.Members) > 0 {
			t.Errorf("the local group still has %v", g.Members)
		}
	}
	if len(st.Workspaces[0].Assignments) != 1 || len(st.Workspaces[0].Entitlements) != 0 {
		t.Errorf("the workspace still knows the group: %+v", st.Workspaces[0])
	}
}

func TestAccountAuthorization(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Groups")
	alice := r.tokenOf("alice@example.com")
	if got := r.doAs(alice, "POST "+path, `{"displayName":"x"}`); got.status != http.StatusForbidden {
		t.Errorf("create by a user: %d %s", got.status, got.body)
	}
	got := r.doAs(alice, "GET "+path+"/"+r.groupID("analysts"), "")
	if got.field("displayName") != "analysts" || got.field("members") != nil {
		t.Errorf("a user sees %s, want name and id alone", got.body)
	}
	if got := r.doAs(alice, "GET "+path+"?attributes=id,externalId", ""); got.status != http.StatusForbidden {
		t.Errorf("externalId for a user: %d %s", got.status, got.body)
	}
	if got := r.do("GET /api/2.0/accounts/other/scim/v2/Groups", ""); got.status != http.StatusNotFound {
		t.Errorf("another account: %d %s", got.status, got.body)
	}
}

func TestAccountThroughAWorkspaceHost(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if err := r.Change(func(st *sandbox.State) {
		st.Workspaces[0].Assignments = append(st.Workspaces[0].Assignments, sandbox.Assignment{Principal: "user:alice@example.com", Permissions: []string{"ADMIN"}})
	}); err != nil {
		t.Fatal(err)
	}
	alice, path := r.tokenOf("alice@example.com"), "/api/2.0/account/scim/v2/Groups/"+r.groupID("analysts")
	if got := r.doAs(alice, "GET "+path, ""); got.field("members") == nil {
		t.Errorf("a workspace admin sees %s, want the members", got.body)
	}
	add := `{"Operations":[{"op":"add","path":"members","value":[{"value":"` + r.userID("admin@example.com") + `"}]}]}`
	if got := r.doAs(alice, "PATCH "+path, add); got.status != http.StatusForbidden {
		t.Errorf("patch by a workspace admin: %d %s", got.status, got.body)
	}
	if got := r.do("PATCH "+path, add); got.status != http.StatusOK {
		t.Errorf("patch by the account admin: %d %s", got.status, got.body)
	}
}
