package sandbox_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/cleanrooms"
	"github.com/databricks/databricks-sdk-go/service/sharing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// It is long because it is a table: one paragraph per list endpoint.
func TestListsOfSecurables(t *testing.T) {
	for _, knobs := range []sandbox.Knobs{{}, {PageSize: 1, EmptyPages: true}} {
		r := startLake(t, sandbox.Options{Knobs: knobs})
		w, ctx := r.workspace("dev/main"), t.Context()
		check := func(what, got string, err error, want string) {
			t.Helper()
			if err != nil || got != want {
				t.Errorf("%+v %s: got %q, %v, want %q", knobs, what, got, err, want)
			}
		}
		catalogs, err := w.Catalogs.ListAll(ctx, catalog.ListCatalogsRequest{})
		got, err := collect(catalogs, err, func(c catalog.CatalogInfo) (string, string) { return c.Name, c.Owner })
		check("catalogs", got, err, "gold=everyone silver=admin@example.com")
		schemas, err := w.Schemas.ListAll(ctx, catalog.ListSchemasRequest{CatalogName: "gold"})
		got, err = collect(schemas, err, func(s catalog.SchemaInfo) (string, string) { return s.FullName, s.CatalogName + "/" + s.Name })
		check("schemas", got, err, "gold.sales=gold/sales")
		tables, err := w.Tables.ListAll(ctx, catalog.ListTablesRequest{CatalogName: "gold", SchemaName: "sales"})
		got, err = collect(tables, err, func(s catalog.TableInfo) (string, string) { return s.FullName, string(s.TableType) })
		check("tables", got, err, "gold.sales.orders=MANAGED gold.sales.report=VIEW")
		summaries, err := w.Tables.ListSummariesAll(ctx, catalog.ListSummariesRequest{CatalogName: "gold", TableNamePattern: "ord%"})
		got, err = collect(summaries, err, func(s catalog.TableSummary) (string, string) { return s.FullName, string(s.TableType) })
		check("table summaries", got, err, "gold.sales.orders=MANAGED")
		volumes, err := w.Volumes.ListAll(ctx, catalog.ListVolumesRequest{CatalogName: "gold", SchemaName: "sales"})
		got, err = collect(volumes, err, func(s catalog.VolumeInfo) (string, string) { return s.FullName, string(s.VolumeType) })
		check("volumes", got, err, "gold.sales.files=MANAGED")
		functions, err := w.Functions.ListAll(ctx, catalog.ListFunctionsRequest{CatalogName: "gold", SchemaName: "sales"})
		got, err = collect(functions, err, func(s catalog.FunctionInfo) (string, string) { return s.FullName, s.Name })
		check("functions", got, err, "gold.sales.mask=mask")
		for _, request := range []catalog.ListRegisteredModelsRequest{{CatalogName: "gold", SchemaName: "sales"}, {}} {
			models, err := w.RegisteredModels.ListAll(ctx, request)
			got, err = collect(models, err, func(s catalog.RegisteredModelInfo) (string, string) { return s.FullName, s.SchemaName })
			check("models", got, err, "gold.sales.churn=sales")
		}
		locations, err := w.ExternalLocations.ListAll(ctx, catalog.ListExternalLocationsRequest{})
		got, err = collect(locations, err, func(s catalog.ExternalLocationInfo) (string, string) { return s.Name, s.Owner })
		check("external locations", got, err, "landing.zone=admin@example.com")
		roles, err := w.StorageCredentials.ListAll(ctx, catalog.ListStorageCredentialsRequest{})
		got, err = collect(roles, err, func(s catalog.StorageCredentialInfo) (string, string) { return s.Name, s.Owner })
		check("storage credentials", got, err, "role=admin@example.com")
		credentials, err := w.Credentials.ListCredentialsAll(ctx, catalog.ListCredentialsRequest{Purpose: catalog.CredentialPurposeService})
		got, err = collect(credentials, err, func(s catalog.CredentialInfo) (string, string) { return s.Name, string(s.Purpose) })
		check("credentials", got, err, "service=SERVICE")
		connections, err := w.Connections.ListAll(ctx, catalog.ListConnectionsRequest{})
		got, err = collect(connections, err, func(s catalog.ConnectionInfo) (string, string) { return s.Name, s.Owner })
		check("connections", got, err, "mysql=admin@example.com")
		shares, err := w.Shares.ListSharesAll(ctx, sharing.SharesListRequest{})
		got, err = collect(shares, err, func(s sharing.ShareInfo) (string, string) { return s.Name, s.Owner })
		check("shares", got, err, "partners=admin@example.com")
		rooms, err := w.CleanRooms.ListAll(ctx, cleanrooms.ListCleanRoomsRequest{})
		got, err = collect(rooms, err, func(s cleanrooms.CleanRoom) (string, string) { return s.Name, s.Owner })
		check("clean rooms", got, err, "room=admin@example.com")
		metadata, err := w.ExternalMetadata.ListExternalMetadataAll(ctx, catalog.ListExternalMetadataRequest{})
		got, err = collect(metadata, err, func(s catalog.ExternalMetadata) (string, string) { return s.Name, s.Owner })
		check("external metadata", got, err, "tableau=admin@example.com")
	}
}

func TestAnEmptyListHasNoKey(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	equal(t, strings.TrimSpace(r.do("GET /api/2.1/unity-catalog/volumes?catalog_name=silver&schema_name=raw", "").body), "{}")
	got := r.do("GET /api/2.1/unity-catalog/tables?catalog_name=silver", "")
	if got.status != 400 || !strings.Contains(got.body, "schema_name") {
		t.Errorf("a missing schema_name: %d %s", got.status, got.body)
	}
	equal(t, fmt.Sprint(r.do("GET /api/2.1/unity-catalog/schemas?catalog_name=nope", "").field("error_code")), "CATALOG_DOES_NOT_EXIST")
	equal(t, r.do("GET /api/2.1/unity-catalog/catalogs?max_results=-1", "").status, 400)
}

func TestOwnersChange(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	uc := "/api/2.1/unity-catalog/"
	for _, path := range []string{uc + "catalogs/gold", uc + "schemas/gold.sales", uc + "tables/gold.sales.orders", uc + "volumes/gold.sales.files",
		uc + "functions/gold.sales.mask", uc + "models/gold.sales.churn", uc + "external-locations/landing.zone", uc + "storage-credentials/role",
		uc + "credentials/service", uc + "connections/mysql", uc + "shares/partners", "/api/2.0/clean-rooms/room",
		"/api/2.0/lineage-tracking/external-metadata/tableau", uc + "metastores/" + r.State().Metastore.ID} {
		if got := r.do("PATCH "+path, `{"owner":"nobody"}`); got.status != 404 || got.field("error_code") != "PRINCIPAL_DOES_NOT_EXIST" {
			t.Errorf("%s: unknown owner: %d %s", path, got.status, got.body)
		}
		if got := r.do("PATCH "+path, `{"owner":"unassigned"}`); got.status != 200 {
			t.Errorf("PATCH %s: %d %s", path, got.status, got.body)
		}
		if got := r.do("GET "+path, ""); got.field("owner") != "unassigned" {
			t.Errorf("%s: owner is %v", path, got.field("owner"))
		}
	}
	_, err := w.CleanRooms.Update(t.Context(), cleanrooms.UpdateCleanRoomRequest{Name: "room", CleanRoom: &cleanrooms.CleanRoom{Owner: "analysts"}})
	must(t, err)
	equal(t, fmt.Sprint(r.do("GET /api/2.0/clean-rooms/room", "").field("owner")), "analysts")
	_, err = w.ExternalMetadata.UpdateExternalMetadata(t.Context(), catalog.UpdateExternalMetadataRequest{Name: "tableau", UpdateMask: "owner",
		ExternalMetadata: catalog.ExternalMetadata{Name: "tableau", Owner: "analysts", SystemType: "TABLEAU", EntityType: "report"}})
	must(t, err)
	if got := r.do("GET /api/2.0/lineage-tracking/external-metadata/tableau", ""); got.field("owner") != "analysts" || got.field("entity_type") != nil {
		t.Errorf("an update outside its mask: %s", got.body)
	}
}

func TestHandingAnOwnerAwayCanTakeTheCallersAccess(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	must(t, r.grant(bob, "catalog", "gold", "analysts", "-USE_CATALOG", "-BROWSE"))
	_, err := bob.Catalogs.Update(t.Context(), catalog.UpdateCatalog{Name: "gold", Owner: "unassigned"})
	must(t, err)
	_, err = bob.Catalogs.GetByName(t.Context(), "gold")
	wantError(t, err, 403, "PERMISSION_DENIED", "User does not have USE CATALOG on Catalog 'gold'.")
	list, err := bob.Catalogs.ListAll(t.Context(), catalog.ListCatalogsRequest{})
	if err != nil || len(list) != 0 {
		t.Errorf("bob still sees %v, %v", list, err)
	}
}

func TestBrowseShowsWithoutAccess(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	must(t, r.grant(r.workspace("dev/main"), "catalog", "silver", "bob@example.com", "+BROWSE"))
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	plain, err := bob.Tables.ListAll(t.Context(), catalog.ListTablesRequest{CatalogName: "silver", SchemaName: "raw"})
	if err == nil {
		t.Errorf("bob lists %v without USE CATALOG", plain)
	}
	seen, err := bob.Tables.ListAll(t.Context(), catalog.ListTablesRequest{CatalogName: "silver", SchemaName: "raw", IncludeBrowse: true})
	if err != nil || len(seen) != 1 || !seen[0].BrowseOnly {
		t.Errorf("bob browses %+v, %v", seen, err)
	}
}

func TestCatalogsSchemasTablesAndVolumesComeAndGo(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	admin, ctx := r.workspace("dev/main"), t.Context()
	alice := r.workspaceAs("dev/main", r.tokenOf("alice@example.com"))
	_, err := alice.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "Lab"})
	wantError(t, err, 403, "PERMISSION_DENIED", "CREATE CATALOG on Metastore")
	must(t, r.grant(admin, "metastore", r.State().Metastore.ID, "analysts", "+CREATE_CATALOG"))
	made, err := alice.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "Lab", Comment: "c", StorageRoot: "s3://x", Properties: map[string]string{"a": "b"}})
	must(t, err)
	equal(t, fmt.Sprint(made.Name, made.Owner, made.Comment, made.StorageRoot, made.Properties), "labalice@example.comcs3://xmap[a:b]")
	_, err = alice.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "lab"})
	wantError(t, err, 400, "CATALOG_ALREADY_EXISTS", "Catalog 'lab' already exists")
	must(t, alice.Schemas.DeleteByFullName(ctx, "lab.default"))

	_, err = alice.Schemas.Create(ctx, catalog.CreateSchema{CatalogName: "lab", Name: "s"})
	must(t, err)
	table, err := alice.Tables.Create(ctx, catalog.CreateTableRequest{CatalogName: "lab", SchemaName: "s", Name: "t", TableType: catalog.TableTypeExternal,
		DataSourceFormat: catalog.DataSourceFormatDelta, StorageLocation: "s3://x/t", Columns: []catalog.ColumnInfo{{Name: "id", TypeName: "INT"}}})
	must(t, err)
	equal(t, fmt.Sprint(table.FullName, table.Owner, table.Columns[0].Name), "lab.s.talice@example.comid")
	_, err = alice.Volumes.Create(ctx, catalog.CreateVolumeRequestContent{CatalogName: "lab", SchemaName: "s", Name: "v", VolumeType: catalog.VolumeTypeManaged})
	must(t, err)
	must(t, r.grant(alice, "table", "lab.s.t", "analysts", "+SELECT"))

	_, err = alice.Schemas.Update(ctx, catalog.UpdateSchema{FullName: "lab.s", NewName: "renamed"})
	must(t, err)
	equal(t, r.grants(alice, "table", "lab.renamed.t"), "analysts: SELECT")

	wantError(t, alice.Schemas.DeleteByFullName(ctx, "lab.renamed"), 400, "SCHEMA_NOT_EMPTY", "lab.renamed")
	wantError(t, alice.Catalogs.Delete(ctx, catalog.DeleteCatalogRequest{Name: "lab"}), 400, "CATALOG_NOT_EMPTY", "lab")
	must(t, alice.Tables.DeleteByFullName(ctx, "lab.renamed.t"))
	if _, err := alice.Tables.GetByFullName(ctx, "lab.renamed.t"); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("get of a deleted table: %v", err)
	}
	must(t, alice.Catalogs.Delete(ctx, catalog.DeleteCatalogRequest{Name: "lab", Force: true}))
	if slices.ContainsFunc(r.State().Securables, func(s sandbox.Securable) bool { return strings.HasPrefix(s.Name, "lab") }) {
		t.Error("the catalog's contents outlived it")
	}
}

func TestUnknownFieldsOfUnityCatalogRequestsAreNamed(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	for request, body := range map[string]string{
		"POST /api/2.1/unity-catalog/catalogs":                             `{"nmae":"x"}`,
		"PATCH /api/2.1/unity-catalog/schemas/gold.sales":                  `{"nmae":"x"}`,
		"PATCH /api/2.1/unity-catalog/permissions/table/gold.sales.orders": `{"changes":[{"nmae":"x"}]}`,
	} {
		if got := r.do(request, body); got.status != 400 || !strings.Contains(got.body, "nmae") {
			t.Errorf("%s: %d %s", request, got.status, got.body)
		}
	}
}

func TestTheMetastore(t *testing.T) {
	r := startLake(t, sandbox.Options{Knobs: sandbox.Knobs{Cloud: "azure"}})
	w, ctx := r.workspace("dev/main"), t.Context()
	current, err := w.Metastores.Current(ctx)
	if err != nil || current.WorkspaceId != 1001 || current.MetastoreId != r.State().Metastore.ID {
		t.Errorf("current: %+v, %v", current, err)
	}
	summary, err := w.Metastores.Summary(ctx)
	if err != nil || summary.Cloud != "azure" || summary.Owner != "admin@example.com" {
		t.Errorf("summary: %+v, %v", summary, err)
	}
	list, err := w.Metastores.ListAll(ctx, catalog.ListMetastoresRequest{})
	if err != nil || len(list) != 1 {
		t.Errorf("list: %+v, %v", list, err)
	}
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	_, err = bob.Metastores.GetById(ctx, current.MetastoreId)
	wantError(t, err, 403, "PERMISSION_DENIED", "not a metastore admin")
}
