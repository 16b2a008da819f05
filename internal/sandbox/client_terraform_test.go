//lint:file-ignore SA1019 programs in the field use the deprecated services and methods; that they work is what is tested

package sandbox_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

// terraform makes requests as the Terraform provider does: its SCIM requests are
// its own, with the media type of SCIM, sent through the SDK's client.
type terraform struct {
	*rig
	client *client.DatabricksClient
	scim   string // the root of the SCIM paths
}

// providerOf is a provider block for the workspace; with account it is one for
// the account.
func providerOf(r *rig, account bool) *terraform {
	r.t.Helper()
	cfg := (*config.Config)(r.config(r.Token()))
	tf := &terraform{rig: r, scim: "/api/2.0/preview/scim/v2/"}
	if account {
		cfg.AccountID = r.AccountID()
		tf.scim = r.accountPath("/scim/v2/")
	}
	c, err := client.New(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	tf.client = c
	return tf
}

// do sends "PUT Groups/1?attributes=id" and fills answer, which may be nil.
func (tf *terraform) do(request string, body, answer any) error {
	method, path, _ := strings.Cut(request, " ")
	if !strings.HasPrefix(path, "/") {
		path = tf.scim + path
	}
	headers := map[string]string{"Content-Type": "application/scim+json; charset=utf-8", "Accept": "application/json"}
	return tf.client.Do(tf.t.Context(), method, path, headers, nil, body, answer)
}

func (tf *terraform) must(request string, body, answer any) {
	tf.t.Helper()
	if err := tf.do(request, body, answer); err != nil {
		tf.t.Fatalf("%s: %v", request, err)
	}
}

func (tf *terraform) wantText(text, request string, body any) {
	tf.t.Helper()
	if err := tf.do(request, body, nil); err == nil || err.Error() != text {
		tf.t.Errorf("%s: %v, want exactly %q", request, err, text)
	}
}

func (tf *terraform) wantGone(request string) {
	tf.t.Helper()
	if err := tf.do(request, nil, nil); !errors.Is(err, apierr.ErrNotFound) {
		tf.t.Errorf("%s: %v, want not found", request, err)
	}
}

// raw is a body or an answer as plain JSON.
type raw = map[string]any

func patchOf(op, path string, value any) raw {
	operation := raw{"op": op, "path": path}
	if value != nil {
		operation["value"] = value
	}
	return raw{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": []any{operation}}
}

// valuesOf is the values of a multi-valued attribute, joined.
func valuesOf(answer raw, attribute string) string {
	var values []string
	list, _ := answer[attribute].([]any)
	for _, item := range list {
		value, _ := item.(raw)["value"].(string)
		values = append(values, value)
	}
	return strings.Join(values, " ")
}

// noValue is how the provider writes an empty list of entitlements.
var noValue = []any{raw{}}

func TestTerraformGroup(t *testing.T) {
	for _, account := range []bool{false, true} {
		t.Run(map[bool]string{false: "workspace", true: "account"}[account], func(t *testing.T) {
			r, _ := startDefault(t)
			tf := providerOf(r, account)
			alice := r.userID("alice@example.com")
			create := raw{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": "tf", "entitlements": noValue, "externalId": "x"}
			var made, read raw
			tf.must("POST Groups", create, &made)
			id, isText := made["id"].(string)
			if !isText || id == "" {
				t.Fatalf("the id is %v, want a text", made["id"])
			}
			tf.must("GET Groups/"+id+"?attributes=displayName,externalId,entitlements", nil, &read)
			if read["displayName"] != "tf" || read["externalId"] != "x" || read["entitlements"] != nil {
				t.Errorf("read %v", read)
			}

			// A second one is refused with the text on which force = true goes on.
			tf.wantText("Group with name tf already exists.", "POST Groups", create)
			var list raw
			tf.must("GET Groups?filter=displayName+eq+%27tf%27", nil, &list)
			if found := list["Resources"].([]any); len(found) != 1 || found[0].(raw)["id"] != id {
				t.Errorf("by name %v", found)
			}

			tf.must("PATCH Groups/"+id, patchOf("add", "members", []any{raw{"value": alice}}), nil)
			tf.must("PATCH Groups/"+id, patchOf("add", "members", []any{raw{"value": alice}}), nil)
			read = nil
			tf.must("GET Groups/"+id+"?attributes=members", nil, &read)
			if valuesOf(read, "members") != alice {
				t.Errorf("members %v", read["members"])
			}

			// An update reads everything and sends it back with another name.
			read = nil
			tf.must("GET Groups/"+id+"?attributes=displayName,entitlements,groups,members,externalId,roles", nil, &read)
			update := raw{"displayName": "tf2", "schemas": create["schemas"], "entitlements": []any{raw{"value": "workspace-access"}}, "externalId": "x"}
			for _, kept := range []string{"groups", "roles", "members"} {
				if read[kept] != nil {
					update[kept] = read[kept]
				}
			}
			tf.must("PUT Groups/"+id, update, nil)
			read = nil
			tf.must("GET Groups/"+id, nil, &read)
			want := "workspace-access"
			if account {
				want = ""
			}
			if read["displayName"] != "tf2" || valuesOf(read, "members") != alice || valuesOf(read, "entitlements") != want {
				t.Errorf("after the update %v", read)
			}

			tf.must("PATCH Groups/"+id, patchOf("remove", `members[value eq "`+alice+`"]`, nil), nil)
			tf.must("DELETE Groups/"+id, nil, nil)
			tf.wantGone("GET Groups/" + id)
			tf.wantGone("DELETE Groups/" + id)
		})
	}
}

func TestTerraformUserAndServicePrincipal(t *testing.T) {
	for _, tt := range []struct {
		name, userExists string
		account          bool
	}{
		{"workspace", "User with username tf@example.com already exists.", false},
		{"account", "User with email tf@example.com already exists in this account", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, _ := startDefault(t)
			tf := providerOf(r, tt.account)
			user := raw{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": "tf@example.com", "displayName": "T F", "active": true, "entitlements": noValue}
			var made, read raw
			tf.must("POST Users", user, &made)
			one := "Users/" + made["id"].(string)
			tf.wantText(tt.userExists, "POST Users", user)
			tf.must("GET "+one+"?attributes=userName,displayName,active,externalId,entitlements", nil, &read)
			if read["userName"] != "tf@example.com" || read["displayName"] != "T F" || read["active"] != true {
				t.Errorf("read %v", read)
			}
			user["entitlements"] = []any{raw{"value": "allow-cluster-create"}}
			tf.must("PUT "+one, user, nil)
			var list raw
			tf.must("GET Users?excludedAttributes=roles&filter=userName+eq+%27tf@example.com%27", nil, &list)
			if list["totalResults"] != float64(1) {
				t.Errorf("by name %v", list)
			}
			// Destroying deactivates, by a list with a text.
			tf.must("PATCH "+one, patchOf("replace", "active", []any{raw{"value": "false"}}), nil)
			read = nil
			tf.must("GET "+one, nil, &read)
			if read["active"] != false {
				t.Errorf("after the deactivation %v", read)
			}
			tf.must("DELETE "+one, nil, nil)
			tf.wantGone("GET " + one)
			tf.servicePrincipal()
		})
	}
}

// servicePrincipal is the life of one whose application id the platform makes.
func (tf *terraform) servicePrincipal() {
	tf.t.Helper()
	sp := raw{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"}, "displayName": "tf", "active": true, "entitlements": noValue}
	var made, list raw
	tf.must("POST ServicePrincipals", sp, &made)
	app, _ := made["applicationId"].(string)
	one := "ServicePrincipals/" + made["id"].(string)
	tf.must("GET ServicePrincipals?excludedAttributes=roles&filter=applicationId+eq+%27"+app+"%27", nil, &list)
	if app == "" || list["totalResults"] != float64(1) {
		tf.t.Errorf("application id %q, found %v", app, list)
	}
	sp["displayName"] = "tf2"
	tf.must("PUT "+one, sp, nil)
	var read raw
	tf.must("GET "+one, nil, &read)
	if read["displayName"] != "tf2" || read["applicationId"] != app {
		tf.t.Errorf("after the update %v", read)
	}
	tf.must("PATCH "+one, patchOf("replace", "active", []any{raw{"value": "false"}}), nil)
	tf.must("DELETE "+one, nil, nil)
	tf.wantGone("GET " + one)
}

// An account group of the workspace gets entitlements and roles through it, and
// destroying them twice ends in the text that the provider takes for success.
func TestTerraformEntitlementsAndRoles(t *testing.T) {
	r, _ := startDefault(t)
	tf := providerOf(r, false)
	one := "Groups/" + r.groupID("data-engineers")
	tf.must("PATCH "+one, patchOf("replace", "entitlements", []any{raw{"value": "allow-cluster-create"}, raw{"value": "workspace-consume"}}), nil)
	var read raw
	tf.must("GET "+one+"?attributes=entitlements", nil, &read)
	if valuesOf(read, "entitlements") != "allow-cluster-create workspace-consume" {
		t.Errorf("entitlements %v", read)
	}
	remove := patchOf("remove", "entitlements", []any{raw{"value": "allow-cluster-create"}, raw{"value": "workspace-consume"}})
	tf.must("PATCH "+one, remove, nil)
	tf.wantText("invalidPath No such attribute with the name : entitlements in the current resource", "PATCH "+one, remove)

	const role = "arn:aws:iam::123456789012:instance-profile/etl"
	tf.must("PATCH "+one, patchOf("add", "roles", []any{raw{"value": role}}), nil)
	read = nil
	tf.must("GET "+one+"?attributes=roles", nil, &read)
	if valuesOf(read, "roles") != role {
		t.Errorf("roles %v", read)
	}
	tf.must("PATCH "+one, patchOf("remove", `roles[value eq "`+role+`"]`, nil), nil)
}

func TestTerraformDataSources(t *testing.T) {
	r, w := startDefault(t)
	tf, ctx := providerOf(r, false), t.Context()
	var list raw
	tf.must("GET Groups?attributes=members,roles,entitlements,externalId&filter=displayName+eq+%27data-engineers%27", nil, &list)
	group := list["Resources"].([]any)[0].(raw)
	if group["id"] != r.groupID("data-engineers") || len(group["members"].([]any)) != 2 {
		t.Errorf("group %v", group)
	}
	for _, m := range group["members"].([]any) {
		ref := m.(raw)["$ref"].(string)
		if !strings.HasPrefix(ref, "Users/") && !strings.HasPrefix(ref, "ServicePrincipals/") {
			t.Errorf("the kind of the member %v cannot be told", m)
		}
	}
	if err := filled(w.Catalogs.ListAll(ctx, catalog.ListCatalogsRequest{})); err != nil {
		t.Error("catalogs:", err)
	}
	if err := filled(w.Schemas.ListAll(ctx, catalog.ListSchemasRequest{CatalogName: "main"})); err != nil {
		t.Error("schemas:", err)
	}
	if err := filled(w.Tables.ListAll(ctx, catalog.ListTablesRequest{CatalogName: "main", SchemaName: "default"})); err != nil {
		t.Error("tables:", err)
	}
	if m, err := w.Metastores.Summary(ctx); err != nil || m.MetastoreId != r.State().Metastore.ID {
		t.Errorf("metastore %v: %v", m, err)
	}
	if v, err := w.Clusters.SelectSparkVersion(ctx, compute.SparkVersionRequest{Latest: true, LongTermSupport: true}); err != nil || v == "" {
		t.Errorf("runtime %q: %v", v, err)
	}
	if n, err := w.Clusters.SelectNodeType(ctx, compute.NodeTypeRequest{LocalDisk: true}); err != nil || n == "" {
		t.Errorf("machine %q: %v", n, err)
	}
}

func TestTerraformAssignments(t *testing.T) {
	r, w := startDefault(t)
	tf, a, ctx := providerOf(r, false), r.account(), t.Context()
	made, err := a.GroupsV2.Create(ctx, iam.CreateAccountGroupRequest{DisplayName: "team"})
	if err != nil {
		t.Fatal(err)
	}
	const path = "/api/2.0/preview/permissionassignments"
	tf.must("PUT "+path+"/principals/"+made.Id, raw{"permissions": []string{"ADMIN"}}, nil)
	var list struct {
		PermissionAssignments []struct {
			Permissions []string
			Principal   struct {
				PrincipalID json.Number `json:"principal_id"`
				GroupName   string      `json:"group_name"`
			}
		} `json:"permission_assignments"`
	}
	tf.must("GET "+path, nil, &list)
	found := ""
	for _, p := range list.PermissionAssignments {
		if p.Principal.PrincipalID.String() == made.Id {
			found = p.Principal.GroupName + " " + strings.Join(p.Permissions, ",")
		}
	}
	equal(t, found, "team ADMIN")
	tf.must("DELETE "+path+"/principals/"+made.Id, nil, nil)
	tf.wantGone("DELETE " + path + "/principals/" + made.Id)

	update := iam.UpdateWorkspaceAssignments{WorkspaceId: 1001, PrincipalId: number(made.Id), Permissions: []iam.WorkspacePermission{iam.WorkspacePermissionUser}}
	if got, err := a.WorkspaceAssignment.Update(ctx, update); err != nil || got.Principal.GroupName != "team" || got.Error != "" {
		t.Errorf("assigned %v: %v", got, err)
	}
	if _, err := w.Groups.GetById(ctx, made.Id); err != nil {
		t.Error("the group is not in the workspace:", err)
	}
	if err := a.WorkspaceAssignment.DeleteByWorkspaceIdAndPrincipalId(ctx, 1001, number(made.Id)); err != nil {
		t.Error(err)
	}
	if _, err := w.Groups.GetById(ctx, made.Id); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("the group is still in the workspace: %v", err)
	}
}

// The provider adds itself as manager and the creator as owner, in that order, and
// takes the rest away again when it destroys.
func TestTerraformPermissions(t *testing.T) {
	r, w := startDefault(t)
	ctx := t.Context()
	me, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	warehouse, err := w.Warehouses.GetByName(ctx, "Starter Warehouse")
	if err != nil {
		t.Fatal(err)
	}
	use := iam.AccessControlRequest{GroupName: "data-engineers", PermissionLevel: iam.PermissionLevelCanUse}
	mine := []iam.AccessControlRequest{
		{UserName: me.UserName, PermissionLevel: iam.PermissionLevelCanManage},
		{UserName: warehouse.CreatorName, PermissionLevel: iam.PermissionLevelIsOwner},
	}
	set := func(entries ...iam.AccessControlRequest) {
		t.Helper()
		_, err := w.Permissions.Set(ctx, iam.SetObjectPermissions{RequestObjectType: "sql/warehouses", RequestObjectId: warehouse.Id, AccessControlList: entries})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(append([]iam.AccessControlRequest{use}, mine...)...)
	read, err := w.Permissions.Get(ctx, iam.GetPermissionRequest{RequestObjectType: "sql/warehouses", RequestObjectId: warehouse.Id})
	if err != nil || read.ObjectType != "warehouses" || read.ObjectId != "/sql/warehouses/"+warehouse.Id {
		t.Fatalf("read %v: %v", read, err)
	}
	equal(t, levels(read.AccessControlList), "admin@example.com IS_OWNER; admins CAN_MANAGE from /sql/warehouses/; data-engineers CAN_USE")
	set(mine...)
	equal(t, r.acl(w, "sql/warehouses", warehouse.Id), "admin@example.com IS_OWNER; admins CAN_MANAGE from /sql/warehouses/")

	// A path becomes an id by get-status; the notebook's folder is made when the
	// import says that it is missing.
	notebook := workspace.Import{Path: "/Shared/team/n", Language: workspace.LanguagePython, Format: workspace.ImportFormatSource, Content: "cHJpbnQoMSk="}
	err = w.Workspace.Import(ctx, notebook)
	if err == nil || !strings.Contains(err.Error(), "The parent folder (/Shared/team) does not exist") {
		t.Fatalf("import into a missing folder: %v", err)
	}
	must(t, w.Workspace.MkdirsByPath(ctx, "/Shared/team"))
	must(t, w.Workspace.Import(ctx, notebook))
	status, err := w.Workspace.GetStatusByPath(ctx, "/Shared/team/n")
	if err != nil || status.Language != workspace.LanguagePython || status.ObjectId == 0 {
		t.Errorf("status %v: %v", status, err)
	}
	must(t, w.Workspace.Delete(ctx, workspace.Delete{Path: "/Shared/team", Recursive: true}))
}

// The default schema of a new catalog is deleted at once; grants are read,
// changed by the difference and read again.
func TestTerraformCatalogAndGrants(t *testing.T) {
	r, w := startDefault(t)
	ctx := t.Context()
	made, err := w.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "Sandbox_TF", Comment: "c", Properties: map[string]string{"purpose": "testing"}})
	if err != nil || made.Name != "sandbox_tf" {
		t.Fatalf("catalog %v: %v", made, err)
	}
	if _, err := w.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "sandbox_tf"}); err == nil || !strings.Contains(err.Error(), "Catalog 'sandbox_tf' already exists") {
		t.Errorf("a second catalog: %v", err)
	}
	must(t, w.Schemas.DeleteByFullName(ctx, "sandbox_tf.default"))
	updated, err := w.Catalogs.Update(ctx, catalog.UpdateCatalog{Name: "sandbox_tf", Owner: "data-engineers", IsolationMode: catalog.CatalogIsolationModeIsolated})
	if err != nil || updated.Owner != "data-engineers" || updated.IsolationMode != catalog.CatalogIsolationModeIsolated || updated.Comment != "c" {
		t.Errorf("updated %v: %v", updated, err)
	}
	bound, err := w.WorkspaceBindings.UpdateBindings(ctx, catalog.UpdateWorkspaceBindingsParameters{SecurableType: "catalog", SecurableName: "sandbox_tf", Add: []catalog.WorkspaceBinding{{WorkspaceId: 1001}}})
	if err != nil || len(bound.Bindings) != 1 || bound.Bindings[0].BindingType != "BINDING_TYPE_READ_WRITE" {
		t.Errorf("bound %v: %v", bound, err)
	}
	kept, err := w.WorkspaceBindings.GetBindingsAll(ctx, catalog.GetBindingsRequest{SecurableType: "catalog", SecurableName: "sandbox_tf"})
	if err != nil || len(kept) != 1 || kept[0].WorkspaceId != 1001 {
		t.Errorf("bindings %v: %v", kept, err)
	}
	// The catalog is somebody else's now: a metastore admin makes nothing in it
	// before having granted itself the privilege.
	something := catalog.CreateSchema{CatalogName: "sandbox_tf", Name: "things"}
	if _, err := w.Schemas.Create(ctx, something); err == nil || !strings.Contains(err.Error(), "does not have CREATE SCHEMA on Catalog 'sandbox_tf'") {
		t.Errorf("a schema in a catalog of others: %v", err)
	}
	must(t, r.grant(w, "catalog", "sandbox_tf", "admin@example.com", "+USE_CATALOG", "+CREATE_SCHEMA"))
	schema, err := w.Schemas.Create(ctx, catalog.CreateSchema{CatalogName: "sandbox_tf", Name: "things", Properties: map[string]string{"kind": "various"}})
	if err != nil || schema.FullName != "sandbox_tf.things" || schema.Owner != "admin@example.com" || schema.MetastoreId != r.State().Metastore.ID {
		t.Fatalf("schema %v: %v", schema, err)
	}
	volume, err := w.Volumes.Create(ctx, catalog.CreateVolumeRequestContent{CatalogName: "sandbox_tf", SchemaName: "things", Name: "files", VolumeType: catalog.VolumeTypeManaged})
	if err != nil || volume.FullName != "sandbox_tf.things.files" || volume.VolumeType != catalog.VolumeTypeManaged {
		t.Fatalf("volume %v: %v", volume, err)
	}

	grants := func(kind, name string) string {
		t.Helper()
		got, err := w.Grants.Get(ctx, catalog.GetGrantRequest{SecurableType: kind, FullName: name})
		if err != nil {
			t.Fatal(err)
		}
		return jsonText(got.PrivilegeAssignments)
	}
	equal(t, grants("SCHEMA", "sandbox_tf.things"), "null")
	change := func(add, remove []catalog.Privilege) {
		t.Helper()
		_, err := w.Grants.Update(ctx, catalog.UpdatePermissions{SecurableType: "SCHEMA", FullName: "sandbox_tf.things",
			Changes: []catalog.PermissionsChange{{Principal: "data-engineers", Add: add, Remove: remove}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	change([]catalog.Privilege{catalog.PrivilegeUseSchema, "CREATE TABLE"}, nil)
	equal(t, grants("schema", "sandbox_tf.things"), `[{"principal":"data-engineers","privileges":["CREATE_TABLE","USE_SCHEMA"]}]`)
	change([]catalog.Privilege{catalog.PrivilegeSelect}, []catalog.Privilege{catalog.PrivilegeCreateTable})
	equal(t, grants("schema", "sandbox_tf.things"), `[{"principal":"data-engineers","privileges":["SELECT","USE_SCHEMA"]}]`)
	change(nil, []catalog.Privilege{catalog.PrivilegeSelect, catalog.PrivilegeUseSchema})
	equal(t, grants("schema", "sandbox_tf.things"), "null")

	must(t, w.Volumes.DeleteByName(ctx, "sandbox_tf.things.files"))
	must(t, w.Schemas.DeleteByFullName(ctx, "sandbox_tf.things"))
	must(t, w.Catalogs.DeleteByName(ctx, "sandbox_tf"))
	if _, err := w.Catalogs.GetByName(ctx, "sandbox_tf"); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("the catalog after its deletion: %v", err)
	}
}
