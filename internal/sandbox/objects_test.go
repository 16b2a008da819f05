package sandbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// workshop is company with one object of every kind.
const workshop = company + `
    objects:
      - {type: jobs, id: "77", name: nightly, creator: "user:alice@example.com", acl: [{principal: "user:alice@example.com", level: IS_OWNER}, {principal: "group:everyone", level: CAN_VIEW}]}
      - {type: jobs, id: "78", name: ownerless}
      - {type: pipelines, name: bronze, creator: "user:admin@example.com", acl: [{principal: "user:admin@example.com", level: IS_OWNER}]}
      - {type: warehouses, id: 1234567890abcdef, name: serverless, creator: "user:alice@example.com", acl: [{principal: "user:alice@example.com", level: IS_OWNER}]}
      - {type: warehouses, id: fedcba0987654321, name: orphaned}
      - {type: clusters, id: 0123-456789-abcdef, name: shared-etl, creator: "user:alice@example.com", acl: [{principal: "user:alice@example.com", level: CAN_MANAGE}]}
      - {type: cluster-policies, name: small}
      - {type: instance-pools, name: pool}
      - {type: repos, path: /Repos/team/project}
      - {type: notebooks, path: /Shared/reports/daily}
      - {type: files, path: /Shared/reports/data.csv}
      - {type: directories, path: /Shared/reports, acl: [{principal: "group:analysts", level: CAN_RUN}]}
      - {type: directories, path: /Users/alice@example.com}
      - {type: dashboards, name: Sales, path: /Shared/reports/Sales.lvdash.json}
      - {type: dbsql-dashboards, name: Legacy}
      - {type: queries, name: Top customers}
      - {type: alerts, name: Late}
      - {type: alertsv2, name: Later}
      - {type: genie, name: Ask}
      - {type: experiments, name: /Users/alice@example.com/churn}
      - {type: registered-models, name: churn}
      - {type: serving-endpoints, name: scorer}
      - {type: vector-search-endpoints, name: vectors}
      - {type: apps, name: portal}
      - {type: database-instances, name: pg}
      - {type: database-projects, name: lakebase}
      - {type: knowledge-assistants, name: helper}
      - {type: supervisor-agents, name: boss}
      - {type: authorization, id: tokens, acl: [{principal: "group:users", level: CAN_USE}]}
`

func startWorkshop(t *testing.T, opts sandbox.Options) *rig {
	t.Helper()
	// The objects belong to the first workspace of company.
	head, rest, _ := strings.Cut(workshop, "  - id: 1002\n    name: prd/main\n")
	return startRig(t, head+rest+"  - id: 1002\n    name: prd/main\n", opts)
}

// objectID is the id of an object of the first workspace, found by name or path.
func (r *rig) objectID(kind, name string) string {
	r.t.Helper()
	for _, o := range r.State().Workspaces[0].Objects {
		if o.Type == kind && (o.Name == name || o.Path == name) {
			return o.ID
		}
	}
	r.t.Fatalf("no %s %s", kind, name)
	return ""
}

// levels is an ACL as text: who, level, and * for what is inherited.
func levels(acl []iam.AccessControlResponse) string {
	var lines []string
	for _, e := range acl {
		for _, p := range e.AllPermissions {
			line := e.UserName + e.GroupName + e.ServicePrincipalName + " " + string(p.PermissionLevel)
			if p.Inherited {
				line += " from " + strings.Join(p.InheritedFromObject, ",")
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

func (r *rig) acl(client *databricks.WorkspaceClient, kind, id string) string {
	r.t.Helper()
	got, err := client.Permissions.Get(r.t.Context(), iam.GetPermissionRequest{RequestObjectType: kind, RequestObjectId: id})
	if err != nil {
		r.t.Fatal(err)
	}
	return levels(got.AccessControlList)
}

func entry(who, level string) iam.AccessControlRequest {
	kind, name, _ := strings.Cut(who, ":")
	e := iam.AccessControlRequest{PermissionLevel: iam.PermissionLevel(level)}
	switch kind {
	case "user":
		e.UserName = name
	case "group":
		e.GroupName = name
	case "sp":
		e.ServicePrincipalName = name
	}
	return e
}

func (r *rig) put(client *databricks.WorkspaceClient, kind, id string, acl ...iam.AccessControlRequest) (string, error) {
	got, err := client.Permissions.Set(r.t.Context(), iam.SetObjectPermissions{RequestObjectType: kind, RequestObjectId: id, AccessControlList: acl})
	if err != nil {
		return "", err
	}
	return levels(got.AccessControlList), nil
}

func (r *rig) patch(client *databricks.WorkspaceClient, kind, id string, acl ...iam.AccessControlRequest) (string, error) {
	got, err := client.Permissions.Update(r.t.Context(), iam.UpdateObjectPermissions{RequestObjectType: kind, RequestObjectId: id, AccessControlList: acl})
	if err != nil {
		return "", err
	}
	return levels(got.AccessControlList), nil
}

// wantError checks status, error_code and a part of the message.
func wantError(t *testing.T, err error, status int, code, part string) {
	t.Helper()
	var api *apierr.APIError
	if !errors.As(err, &api) {
		t.Fatalf("error is %v, want %d %s", err, status, code)
	}
	if api.StatusCode != status || api.ErrorCode != code || !strings.Contains(api.Message, part) {
		t.Fatalf("error is %d %s %q, want %d %s %q", api.StatusCode, api.ErrorCode, api.Message, status, code, part)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got  %v\nwant %v", got, want)
	}
}

func TestEveryObjectTypeHasAnACLWithItsAdmins(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	for _, o := range r.State().Workspaces[0].Objects {
		if o.ID == "78" || o.Name == "orphaned" {
			continue
		}
		acl := r.acl(w, o.Type, o.ID)
		if !strings.Contains(acl, "admins CAN_") {
			t.Errorf("%s %s: %s", o.Type, o.ID, acl)
		}
		levels, err := w.Permissions.GetPermissionLevels(t.Context(), iam.GetPermissionLevelsRequest{RequestObjectType: o.Type, RequestObjectId: o.ID})
		if err != nil || len(levels.PermissionLevels) == 0 {
			t.Errorf("%s %s: levels %v, %v", o.Type, o.ID, levels, err)
		}
	}
	equal(t, r.acl(w, "sql/warehouses", "1234567890abcdef"), r.acl(w, "warehouses", "1234567890abcdef"))
	equal(t, r.acl(w, "cluster-policies", r.objectID("cluster-policies", "small")), "admins CAN_USE from /cluster-policies/")
}

func TestPermissionsAnswerNamesTheObjectAndThePrincipals(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	got := r.do("GET /api/2.0/permissions/jobs/77", "")
	want := `{"object_id":"/jobs/77","object_type":"job","access_control_list":[` +
		`{"user_name":"Alice@example.com","display_name":"Alice","all_permissions":[{"permission_level":"IS_OWNER","inherited":false}]},` +
		`{"group_name":"admins","all_permissions":[{"permission_level":"CAN_MANAGE","inherited":true,"inherited_from_object":["/jobs/"]}]},` +
		`{"group_name":"everyone","all_permissions":[{"permission_level":"CAN_VIEW","inherited":false}]}]}`
	equal(t, strings.TrimSpace(got.body), want)
}

func TestPutReplacesAndPatchUpserts(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	id := "0123-456789-abcdef"
	got, err := r.patch(w, "clusters", id, entry("group:analysts", "CAN_RESTART"), entry("sp:11111111-1111-1111-1111-111111111111", "CAN_ATTACH_TO"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, "Alice@example.com CAN_MANAGE; 11111111-1111-1111-1111-111111111111 CAN_ATTACH_TO; admins CAN_MANAGE from /clusters/; analysts CAN_RESTART")
	if got, err = r.patch(w, "clusters", id, entry("group:analysts", "CAN_ATTACH_TO")); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "analysts CAN_ATTACH_TO") || strings.Contains(got, "CAN_RESTART") {
		t.Fatalf("a new level replaces the old one, got %s", got)
	}
	if got, err = r.put(w, "clusters", id, entry("group:local", "CAN_RESTART")); err != nil {
		t.Fatal(err)
	}
	equal(t, got, "admins CAN_MANAGE from /clusters/; local CAN_RESTART")
	if got, err = r.put(w, "clusters", id); err != nil {
		t.Fatal(err)
	}
	equal(t, got, "admins CAN_MANAGE from /clusters/")
}

func TestJobsNeedExactlyOneOwner(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	_, err := r.put(w, "jobs", "77", entry("group:analysts", "CAN_VIEW"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "The job must have exactly one owner.")
	_, err = r.put(w, "jobs", "77", entry("user:alice@example.com", "IS_OWNER"), entry("user:bob@example.com", "IS_OWNER"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "The job must have exactly one owner.")
	_, err = r.put(w, "jobs", "77", entry("group:analysts", "IS_OWNER"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "owner")
	_, err = r.put(w, "pipelines", r.objectID("pipelines", "bronze"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "The pipeline must have exactly one owner.")
	_, err = r.patch(w, "jobs", "78", entry("group:analysts", "CAN_VIEW"))
	wantError(t, err, 500, "INTERNAL_ERROR", "no owner")
	// The last entry of a principal counts: alice loses the owner here.
	_, err = r.put(w, "jobs", "77", entry("user:alice@example.com", "IS_OWNER"), entry("user:alice@example.com", "CAN_MANAGE"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "exactly one owner")
	if _, err = r.put(w, "jobs", "77", entry("user:bob@example.com", "IS_OWNER")); err != nil {
		t.Fatal(err)
	}
	if _, err = r.put(w, "jobs", "78", entry("user:bob@example.com", "IS_OWNER")); err != nil {
		t.Fatalf("a PUT gives an ownerless job its owner: %v", err)
	}
}

func TestWarehousesKeepTheirOwner(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	got, err := r.put(w, "sql/warehouses", "1234567890abcdef", entry("group:analysts", "CAN_USE"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, "Alice@example.com IS_OWNER; admins CAN_MANAGE from /sql/warehouses/; analysts CAN_USE")
	_, err = r.put(w, "sql/warehouses", "fedcba0987654321", entry("group:analysts", "CAN_USE"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "with no existing owner must provide a new owner")
}

func TestAPutCanLockItsCallerOut(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	alice := r.workspaceAs("dev/main", r.tokenOf("alice@example.com"))
	id := "0123-456789-abcdef"
	if _, err := r.put(alice, "clusters", id, entry("group:analysts", "CAN_RESTART")); err != nil {
		t.Fatal(err)
	}
	_, err := r.put(alice, "clusters", id, entry("group:analysts", "CAN_RESTART"))
	wantError(t, err, 403, "PERMISSION_DENIED", "does not have Manage permissions on Cluster with ID: "+id)
	_, err = alice.Permissions.Get(t.Context(), iam.GetPermissionRequest{RequestObjectType: "clusters", RequestObjectId: id})
	wantError(t, err, 403, "PERMISSION_DENIED", "does not have Manage permissions")
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	_, err = bob.Permissions.Get(t.Context(), iam.GetPermissionRequest{RequestObjectType: "jobs", RequestObjectId: "77"})
	wantError(t, err, 403, "PERMISSION_DENIED", "Job with ID: ElasticJobId(77)")
}

func TestAdminsStayOnRootLikeObjects(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	for kind, id := range map[string]string{"directories": "0", "authorization": "tokens", "registered-models": "root"} {
		if got := r.acl(w, kind, id); !strings.Contains(got, "admins CAN_MANAGE") || strings.Contains(got, "admins CAN_MANAGE from") {
			t.Errorf("%s/%s: admins are not direct: %s", kind, id, got)
		}
		_, err := r.put(w, kind, id, entry("group:analysts", "CAN_MANAGE"))
		wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins' to None.")
		if _, err := r.put(w, kind, id, entry("group:analysts", "CAN_MANAGE"), entry("group:admins", "CAN_MANAGE")); err != nil {
			t.Error(err)
		}
	}
	_, err := r.patch(w, "directories", "0", entry("group:admins", "CAN_READ"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins'")
	if got := r.acl(w, "registered-models", r.objectID("registered-models", "churn")); !strings.Contains(got, "analysts CAN_MANAGE from /registered-models/") {
		t.Errorf("models inherit from the root: %s", got)
	}
	_, err = r.workspace("prd/main").Permissions.Get(t.Context(), iam.GetPermissionRequest{RequestObjectType: "authorization", RequestObjectId: "tokens"})
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "tokens tokens does not exist")
}

func TestTheTreeInherits(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	folder := r.objectID("directories", "/Shared/reports")
	for _, o := range []struct{ kind, path string }{{"notebooks", "/Shared/reports/daily"}, {"files", "/Shared/reports/data.csv"}, {"dashboards", "Sales"}} {
		equal(t, r.acl(w, o.kind, r.objectID(o.kind, o.path)),
			"admins CAN_MANAGE from /directories/; analysts CAN_RUN from /directories/"+folder+"; users CAN_MANAGE from /directories/"+r.objectID("directories", "/Shared"))
	}
	home := r.objectID("directories", "/Users/alice@example.com")
	got, err := r.put(w, "directories", home)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, "Alice@example.com CAN_MANAGE from /directories/; admins CAN_MANAGE from /directories/")
	alice := r.workspaceAs("dev/main", r.tokenOf("alice@example.com"))
	if _, err := r.patch(alice, "directories", home, entry("group:local", "CAN_READ")); err != nil {
		t.Errorf("the owner of a home folder manages it: %v", err)
	}
}

func TestPrincipalsOfACLs(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	const id = "0123-456789-abcdef"
	_, err := r.patch(w, "clusters", id, entry("user:nobody@example.com", "CAN_RESTART"))
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Principal: UserName(nobody@example.com) does not exist")
	_, err = r.patch(w, "clusters", id, entry("sp:22222222-2222-2222-2222-222222222222", "CAN_RESTART"))
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Principal: ServicePrincipalName(22222222-2222-2222-2222-222222222222) does not exist")
	_, err = r.patch(w, "clusters", id, entry("group:unassigned", "CAN_RESTART"))
	wantError(t, err, 404, "RESOURCE_DOES_NOT_EXIST", "Principal: GroupName(unassigned) does not exist")
	_, err = r.patch(w, "clusters", id, entry("group:analysts", "CAN_RUN"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "CAN_ATTACH_TO, CAN_RESTART, CAN_MANAGE")
	_, err = r.patch(w, "clusters", id, iam.AccessControlRequest{UserName: "alice@example.com", GroupName: "analysts", PermissionLevel: "CAN_RESTART"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "exactly one")
	got, err := r.put(w, "clusters", id, entry("user:11111111-1111-1111-1111-111111111111", "CAN_RESTART"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "11111111-1111-1111-1111-111111111111 CAN_RESTART") || strings.Contains(r.do("GET /api/2.0/permissions/clusters/"+id, "").body, `"user_name":"1111`) {
		t.Errorf("an application id given as user_name reads back as a service principal, got %s", got)
	}
	r.SetKnobs(sandbox.Knobs{Cloud: "gcp"})
	_, err = r.put(w, "clusters", id, entry("user:bob@example.com", "CAN_RESTART"), entry("user:bob@example.com", "CAN_MANAGE"))
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "Permissions being set for UserName(bob@example.com) are ambiguous")
}

func TestLegacyLevelsAreReadByTheirNewName(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	w := r.workspace("dev/main")
	got, err := r.put(w, "sql/queries", r.objectID("queries", "Top customers"), entry("group:analysts", "CAN_VIEW"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, "admins CAN_MANAGE from /sql/queries/; analysts CAN_READ")
}

func TestUnknownTypesAndObjectsOfThePermissionsAPI(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	for path, want := range map[string]string{
		"/api/2.0/permissions/gadgets/1":      "400 INVALID_PARAMETER_VALUE",
		"/api/2.0/permissions/genie/spaces/1": "404 ENDPOINT_NOT_FOUND",
		"/api/2.0/permissions/jobs/999":       "404 RESOURCE_DOES_NOT_EXIST",
		"/api/2.0/permissions/notebooks/999":  "404 RESOURCE_DOES_NOT_EXIST",
	} {
		got := r.do("GET "+path, "")
		equal(t, fmt.Sprint(got.status, " ", got.field("error_code")), want)
	}
	got := r.do("PATCH /api/2.0/permissions/jobs/77", `{"access_control_list":[{"group":"x","permission_level":"CAN_VIEW"}]}`)
	if got.status != 400 || !strings.Contains(got.body, `group`) {
		t.Errorf("an unknown field is named: %d %s", got.status, got.body)
	}
}

func TestBadObjectsInASeed(t *testing.T) {
	seeds := map[string]string{
		`{type: gadgets, name: x}`: "unknown object type",
		`{type: clusters, name: x, acl: [{principal: "group:everyone", level: CAN_RUN}]}`:   "known: CAN_ATTACH_TO, CAN_RESTART, CAN_MANAGE",
		`{type: clusters, name: x, acl: [{principal: "group:nobody", level: CAN_RESTART}]}`: `unknown principal "group:nobody"`,
		`{type: jobs, id: abc, name: x}`:                                 "is not a number",
		`{type: notebooks, name: x}`:                                     "need a path",
		`{type: clusters}`:                                               "has no name",
		`{type: notebooks, path: /a}, {type: files, path: /a}`:           "is already that of",
		`{type: jobs, id: "5", name: x}, {type: jobs, id: "5", name: y}`: "is there twice",
		`{type: notebooks, path: /a}, {type: files, path: /a/b}`:         "is no folder",
		`{type: jobs, name: x, acl: [{principal: "group:everyone", level: CAN_VIEW}, {principal: "group:everyone", level: CAN_MANAGE}]}`: "another entry",
	}
	for objects, want := range seeds {
		st, err := sandbox.Parse([]byte(company + "    objects: [" + objects + "]\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.New(st, sandbox.Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "workspaces[prd/main].objects[") {
			t.Errorf("%s: error %v, want %q with its place", objects, err, want)
		}
	}
}

func TestDeletedPrincipalsLeaveACLs(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	if err := r.account().GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: r.groupID("everyone")}); err != nil {
		t.Fatal(err)
	}
	if got := r.acl(r.workspace("dev/main"), "jobs", "77"); strings.Contains(got, "CAN_VIEW") {
		t.Errorf("the entry of a deleted group is still there: %s", got)
	}
}

func TestAnotherWriterBetweenGetAndPut(t *testing.T) {
	r := startWorkshop(t, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: "GET", Path: "/api/2.0/permissions/clusters/*", After: true, Mutate: func(st *sandbox.State) {
		objects := st.Workspaces[0].Objects
		i := slices.IndexFunc(objects, func(o sandbox.Object) bool { return o.Type == "clusters" })
		objects[i].ACL = append(objects[i].ACL, sandbox.ACLEntry{Principal: "group:local", Level: "CAN_ATTACH_TO"})
	}})
	w := r.workspace("dev/main")
	if got := r.acl(w, "clusters", "0123-456789-abcdef"); strings.Contains(got, "local") {
		t.Fatalf("the change came too early: %s", got)
	}
	if got := r.acl(w, "clusters", "0123-456789-abcdef"); !strings.Contains(got, "local CAN_ATTACH_TO") {
		t.Fatalf("the change did not come: %s", got)
	}
}
