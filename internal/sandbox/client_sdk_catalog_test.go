package sandbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/sharing"
)

func TestSDKReadsOfUnityCatalog(t *testing.T) {
	r, w := startDefault(t)
	ctx, metastore := t.Context(), r.State().Metastore.ID
	const table = "main.default.orders"
	run(t, []attempt{
		{"current metastore", func() error { return got(w.Metastores.Current(ctx)) }},
		{"metastore summary", func() error { return got(w.Metastores.Summary(ctx)) }},
		{"metastores", func() error { return filled(w.Metastores.ListAll(ctx, catalog.ListMetastoresRequest{})) }},
		{"metastore", func() error { return got(w.Metastores.GetById(ctx, metastore)) }},
		{"catalogs", func() error {
			return filled(w.Catalogs.ListAll(ctx, catalog.ListCatalogsRequest{IncludeBrowse: true, IncludeUnbound: true}))
		}},
		{"catalogs, the server's page size", func() error {
			return filled(w.Catalogs.ListAll(ctx, catalog.ListCatalogsRequest{MaxResults: 0, ForceSendFields: []string{"MaxResults"}}))
		}},
		{"catalog", func() error { return got(w.Catalogs.GetByName(ctx, "main")) }},
		{"schemas", func() error { return filled(w.Schemas.ListAll(ctx, catalog.ListSchemasRequest{CatalogName: "main"})) }},
		{"schema", func() error { return got(w.Schemas.GetByFullName(ctx, "main.default")) }},
		{"tables", func() error {
			return filled(w.Tables.ListAll(ctx, catalog.ListTablesRequest{CatalogName: "main", SchemaName: "default", OmitColumns: true, OmitProperties: true}))
		}},
		{"table summaries", func() error {
			return filled(w.Tables.ListSummariesAll(ctx, catalog.ListSummariesRequest{CatalogName: "main", SchemaNamePattern: "def%"}))
		}},
		{"table", func() error { return got(w.Tables.GetByFullName(ctx, table)) }},
		{"table exists", func() error {
			exists, err := w.Tables.ExistsByFullName(ctx, table)
			if err == nil && !exists.TableExists {
				return errors.New("it does not")
			}
			return err
		}},
		{"volumes", func() error {
			return filled(w.Volumes.ListAll(ctx, catalog.ListVolumesRequest{CatalogName: "main", SchemaName: "default"}))
		}},
		{"volume", func() error { return got(w.Volumes.ReadByName(ctx, "main.default.files")) }},
		{"functions", func() error {
			return got(w.Functions.ListAll(ctx, catalog.ListFunctionsRequest{CatalogName: "main", SchemaName: "default"}))
		}},
		{"models", func() error { return got(w.RegisteredModels.ListAll(ctx, catalog.ListRegisteredModelsRequest{})) }},
		{"external locations", func() error { return got(w.ExternalLocations.ListAll(ctx, catalog.ListExternalLocationsRequest{})) }},
		{"storage credentials", func() error { return got(w.StorageCredentials.ListAll(ctx, catalog.ListStorageCredentialsRequest{})) }},
		{"credentials", func() error { return got(w.Credentials.ListCredentialsAll(ctx, catalog.ListCredentialsRequest{})) }},
		{"connections", func() error { return got(w.Connections.ListAll(ctx, catalog.ListConnectionsRequest{})) }},
		{"shares", func() error { return got(w.Shares.ListSharesAll(ctx, sharing.SharesListRequest{})) }},
		{"grants", func() error { return got(w.Grants.GetBySecurableTypeAndFullName(ctx, "TABLE", table)) }},
		{"effective grants", func() error {
			return got(w.Grants.GetEffective(ctx, catalog.GetEffectiveRequest{SecurableType: "table", FullName: table, Principal: "data-engineers"}))
		}},
		{"privilege assignments", func() error {
			return filled(w.Grants.ListAll(ctx, catalog.ListPrivilegeAssignmentsRequest{SecurableType: "table", FullName: table}))
		}},
		{"grants of the metastore", func() error { return got(w.Grants.GetBySecurableTypeAndFullName(ctx, "metastore", metastore)) }},
		{"bindings", func() error {
			return got(w.WorkspaceBindings.GetBindingsAll(ctx, catalog.GetBindingsRequest{SecurableType: "catalog", SecurableName: "main"}))
		}},
	})
}

// Every securable that can be made is made, changed and deleted.
func TestSDKWritesOfUnityCatalog(t *testing.T) {
	r, w := startDefault(t)
	ctx := t.Context()
	run(t, []attempt{
		{"make a table", func() error {
			table, err := w.Tables.Create(ctx, catalog.CreateTableRequest{CatalogName: "main", SchemaName: "default", Name: "Raw", TableType: catalog.TableTypeExternal,
				DataSourceFormat: catalog.DataSourceFormatDelta, StorageLocation: "s3://bucket/raw", Columns: []catalog.ColumnInfo{{Name: "id", TypeName: catalog.ColumnTypeNameLong, Position: 0}}})
			if err == nil && (table.FullName != "main.default.raw" || len(table.Columns) != 1 || table.CreatedAt == 0) {
				return errors.New(jsonText(table))
			}
			return err
		}},
		{"its owner", func() error {
			return w.Tables.Update(ctx, catalog.UpdateTableRequest{FullName: "main.default.raw", Owner: "data-engineers"})
		}},
		{"drop it", func() error { return w.Tables.DeleteByFullName(ctx, "main.default.raw") }},
		{"make a function", func() error {
			return got(w.Functions.Create(ctx, catalog.CreateFunctionRequest{FunctionInfo: catalog.CreateFunction{CatalogName: "main", SchemaName: "default", Name: "f", RoutineDefinition: "1"}}))
		}},
		{"drop it", func() error { return w.Functions.DeleteByName(ctx, "main.default.f") }},
		{"make a model", func() error {
			return got(w.RegisteredModels.Create(ctx, catalog.CreateRegisteredModelRequest{CatalogName: "main", SchemaName: "default", Name: "m"}))
		}},
		{"rename it", func() error {
			return got(w.RegisteredModels.Update(ctx, catalog.UpdateRegisteredModelRequest{FullName: "main.default.m", NewName: "n"}))
		}},
		{"drop it", func() error { return w.RegisteredModels.DeleteByFullName(ctx, "main.default.n") }},
		{"make a volume", func() error {
			return got(w.Volumes.Create(ctx, catalog.CreateVolumeRequestContent{CatalogName: "main", SchemaName: "default", Name: "v", VolumeType: catalog.VolumeTypeManaged}))
		}},
		{"rename it", func() error {
			return got(w.Volumes.Update(ctx, catalog.UpdateVolumeRequestContent{Name: "main.default.v", NewName: "v2", Comment: "c"}))
		}},
		{"drop it", func() error { return w.Volumes.DeleteByName(ctx, "main.default.v2") }},
		{"make a storage credential", func() error {
			return got(w.StorageCredentials.Create(ctx, catalog.CreateStorageCredential{Name: "cred", AwsIamRole: &catalog.AwsIamRoleRequest{RoleArn: "arn"}}))
		}},
		{"make an external location", func() error {
			return got(w.ExternalLocations.Create(ctx, catalog.CreateExternalLocation{Name: "loc", Url: "s3://bucket", CredentialName: "cred", SkipValidation: true}))
		}},
		{"its owner", func() error {
			return got(w.ExternalLocations.Update(ctx, catalog.UpdateExternalLocation{Name: "loc", Owner: "data-engineers", Force: true}))
		}},
		{"drop it", func() error {
			return w.ExternalLocations.Delete(ctx, catalog.DeleteExternalLocationRequest{Name: "loc", Force: true})
		}},
		{"drop the credential", func() error { return w.StorageCredentials.DeleteByName(ctx, "cred") }},
		{"make a service credential", func() error {
			return got(w.Credentials.CreateCredential(ctx, catalog.CreateCredentialRequest{Name: "svc", Purpose: catalog.CredentialPurposeService}))
		}},
		{"drop it", func() error { return w.Credentials.DeleteCredentialByNameArg(ctx, "svc") }},
		{"make a connection", func() error {
			return got(w.Connections.Create(ctx, catalog.CreateConnection{Name: "pg", ConnectionType: catalog.ConnectionTypePostgresql, Options: map[string]string{"host": "h"}}))
		}},
		{"drop it", func() error { return w.Connections.DeleteByName(ctx, "pg") }},
		{"make a share", func() error { return got(w.Shares.Create(ctx, sharing.CreateShare{Name: "s"})) }},
		{"its permissions", func() error {
			return got(w.Shares.SharePermissions(ctx, sharing.SharePermissionsRequest{Name: "s"}))
		}},
		{"drop it", func() error { return w.Shares.DeleteByName(ctx, "s") }},
		{"the metastore", func() error {
			m, err := w.Metastores.Update(ctx, catalog.UpdateMetastore{Id: r.State().Metastore.ID, Owner: "data-engineers", DeltaSharingOrganizationName: "org"})
			if err == nil && (m.Owner != "data-engineers" || m.DeltaSharingOrganizationName != "org") {
				return errors.New(jsonText(m))
			}
			return err
		}},
	})
}

// What a full container, a missing parent and a missing principal are answered
// with is what clients branch on.
func TestSDKRefusalsOfUnityCatalog(t *testing.T) {
	_, w := startDefault(t)
	ctx := t.Context()
	if err := w.Schemas.DeleteByFullName(ctx, "main.default"); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("drop a full schema: %v", err)
	}
	must(t, w.Schemas.Delete(ctx, catalog.DeleteSchemaRequest{FullName: "main.default", Force: true}))
	_, err := w.Tables.GetByFullName(ctx, "main.default.orders")
	if !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("a table of a schema that is gone: %v", err)
	}
	_, err = w.Schemas.Create(ctx, catalog.CreateSchema{CatalogName: "nowhere", Name: "s"})
	wantError(t, err, 404, "CATALOG_DOES_NOT_EXIST", "Catalog 'nowhere' does not exist.")
	_, err = w.Catalogs.Update(ctx, catalog.UpdateCatalog{Name: "main", Owner: "nobody"})
	wantError(t, err, 404, "PRINCIPAL_DOES_NOT_EXIST", "Could not find principal with name nobody")
}
