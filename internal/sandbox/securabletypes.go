package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// securableType is one row of what Unity Catalog can grant on. Privileges per
// type: Databricks' privileges reference (2026-07) and the provider's grants
// documentation; paths, fields and page sizes: SDK v0.175.0 service/catalog and
// service/sharing.
type securableType struct {
	name       string
	grantsAs   string // the type in permissions/{type}/..., where it differs
	label      string // in messages
	depth      int    // segments of a full name; 0 is the metastore
	privileges []string
	// use is the privilege without which nothing below a container can be reached,
	// and its own get is refused.
	use  string
	code string // before _DOES_NOT_EXIST and _ALREADY_EXISTS, where the platform has a code of its own

	path      string // of the type's own API
	items     string // key of a list's items
	pages     pages
	listQuery []string
	getQuery  []string
	// updateQuery and deleteQuery are the query parameters of PATCH and DELETE.
	updateQuery, deleteQuery []string
	idField                  string
	state                    map[string]any // fields that the platform sets

	makeIn  string   // the field of a create request that holds the securable, where it is not the request itself
	makes   string   // the privilege on the parent that lets callers make one; empty: there is no create
	accepts []string // fields of a create request
	changes []string // fields of an update request
}

const (
	allPrivileges  = "ALL_PRIVILEGES"
	privManage     = "MANAGE"
	privBrowse     = "BROWSE"
	privUseCatalog = "USE_CATALOG"
	privUseSchema  = "USE_SCHEMA"
	// privExternalSchema can be given and taken by the owner of the catalog alone.
	privExternalSchema = "EXTERNAL_USE_SCHEMA"

	ucBase = "/api/2.1/unity-catalog/"
)

// notInAll are the privileges that ALL_PRIVILEGES neither gives nor takes away
// with it (databricks/cli#6733).
var notInAll = []string{"EXTERNAL_USE_LOCATION", privExternalSchema, privManage, "READ_METADATA"}

// ucPages is how the lists of Unity Catalog are cut: all at once when the request
// has no max_results, the server's size when it says 0.
func ucPages(def, limit int) pages {
	return pages{size: "max_results", def: def, max: limit, mayBeEmpty: true}
}

var (
	browseQuery = []string{"include_browse"}
	topQuery    = []string{"include_browse", "include_unbound"}
	forceQuery  = []string{"force"}
	leafQuery   = []string{"catalog_name", "schema_name", "include_browse"}
)

var securableTypes = []securableType{
	{name: "catalog", label: "Catalog", depth: 1, use: privUseCatalog, code: "CATALOG",
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG BROWSE CREATE_FUNCTION CREATE_MATERIALIZED_VIEW CREATE_MODEL
			CREATE_SCHEMA CREATE_TABLE CREATE_VOLUME EXECUTE EXTERNAL_USE_SCHEMA MANAGE MODIFY READ_METADATA READ_VOLUME
			REFRESH SELECT USE_CATALOG USE_SCHEMA WRITE_VOLUME`),
		path: ucBase + "catalogs", items: "catalogs", pages: ucPages(0, 1000), listQuery: topQuery, getQuery: browseQuery, idField: "id",
		state: map[string]any{"catalog_type": "MANAGED_CATALOG", "isolation_mode": "OPEN", "securable_type": "CATALOG"},
		makes: "CREATE_CATALOG", deleteQuery: forceQuery,
		accepts: strings.Fields(`comment connection_name custom_max_retention_hours isolation_mode managed_encryption_settings
			name options properties provider_name share_name storage_root`),
		changes: strings.Fields(`comment custom_max_retention_hours enable_predictive_optimization isolation_mode
			managed_encryption_settings name new_name options owner properties`)},
	{name: "clean_room", label: "Clean room", depth: 1,
		privileges: strings.Fields(`BROWSE EXECUTE_CLEAN_ROOM_TASK MANAGE MODIFY_CLEAN_ROOM`),
		path:       "/api/2.0/clean-rooms", items: "clean_rooms", pages: pages{size: "page_size", def: 100, max: 100, mayBeEmpty: true},
		state: map[string]any{"status": "ACTIVE"}, changes: []string{"clean_room", "comment", "owner"}},
	{name: "connection", label: "Connection", depth: 1,
		privileges: strings.Fields(`ALL_PRIVILEGES CREATE_FOREIGN_CATALOG MANAGE USE_CONNECTION`),
		path:       ucBase + "connections", items: "connections", pages: ucPages(0, 1000), listQuery: []string{"parent"}, idField: "connection_id",
		state: map[string]any{"securable_type": "CONNECTION"}, makes: "CREATE_CONNECTION",
		accepts: strings.Fields(`comment connection_type environment_settings name options parent properties read_only`),
		changes: strings.Fields(`comment environment_settings name new_name options owner`)},
	{name: "credential", label: "Credential", depth: 1,
		privileges: strings.Fields(`ACCESS ALL_PRIVILEGES CREATE_CONNECTION MANAGE`),
		path:       ucBase + "credentials", items: "credentials", pages: ucPages(0, 1000), listQuery: []string{"include_unbound", "purpose"},
		idField: "id", state: map[string]any{"purpose": "SERVICE", "isolation_mode": "ISOLATION_MODE_OPEN"}, makes: "CREATE_SERVICE_CREDENTIAL", deleteQuery: forceQuery,
		accepts: strings.Fields(`aws_iam_role azure_managed_identity azure_service_principal comment
			databricks_gcp_service_account name purpose read_only skip_validation`),
		changes: strings.Fields(`aws_iam_role azure_managed_identity azure_service_principal comment
			databricks_gcp_service_account force isolation_mode name new_name owner read_only skip_validation`)},
	{name: "external_location", label: "External Location", depth: 1, code: "EXTERNAL_LOCATION",
		privileges: strings.Fields(`ALL_PRIVILEGES BROWSE CREATE_EXTERNAL_TABLE CREATE_EXTERNAL_VOLUME CREATE_FOREIGN_SECURABLE
			CREATE_MANAGED_STORAGE EXTERNAL_USE_LOCATION MANAGE READ_FILES WRITE_FILES`),
		path: ucBase + "external-locations", items: "external_locations", pages: ucPages(0, 1000), listQuery: topQuery, getQuery: browseQuery,
		state: map[string]any{"isolation_mode": "ISOLATION_MODE_OPEN"}, makes: "CREATE_EXTERNAL_LOCATION", deleteQuery: forceQuery,
		accepts: strings.Fields(`comment credential_name effective_enable_file_events effective_file_event_queue
			enable_file_events encryption_details fallback file_event_queue name read_only skip_validation url`),
		changes: strings.Fields(`comment credential_name effective_enable_file_events effective_file_event_queue
			enable_file_events encryption_details fallback file_event_queue force isolation_mode name new_name owner
			read_only skip_validation url`)},
	{name: "external_metadata", label: "External metadata", depth: 1,
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG BROWSE MANAGE MODIFY`),
		path:       "/api/2.0/lineage-tracking/external-metadata", items: "external_metadata",
		pages: pages{size: "page_size", def: 100, max: 1000, mayBeEmpty: true}, idField: "id", makes: "CREATE_EXTERNAL_METADATA", updateQuery: []string{"update_mask"},
		accepts: externalMetadataFields, changes: externalMetadataFields},
	{name: "function", label: "Function", depth: 3,
		privileges: strings.Fields(`ALL_PRIVILEGES EXECUTE MANAGE`),
		path:       ucBase + "functions", items: "functions", pages: ucPages(0, 1000), listQuery: leafQuery, getQuery: browseQuery, idField: "function_id",
		makeIn: "function_info", makes: "CREATE_FUNCTION", deleteQuery: forceQuery, changes: []string{"owner"},
		accepts: strings.Fields(`catalog_name comment data_type external_language external_name full_data_type input_params
			is_deterministic is_null_call name parameter_style properties return_params routine_body routine_definition
			routine_dependencies schema_name security_type specific_name sql_data_access sql_path`)},
	{name: "metastore", label: "Metastore", code: "METASTORE",
		privileges: strings.Fields(`CREATE_CATALOG CREATE_CLEAN_ROOM CREATE_CONNECTION CREATE_EXTERNAL_LOCATION
			CREATE_EXTERNAL_METADATA CREATE_PROVIDER CREATE_RECIPIENT CREATE_SERVICE_CREDENTIAL CREATE_SHARE
			CREATE_STORAGE_CREDENTIAL MANAGE_ALLOWLIST SET_SHARE_PERMISSION USE_MARKETPLACE_ASSETS USE_PROVIDER
			USE_RECIPIENT USE_SHARE`)},
	{name: "model", grantsAs: "function", label: "Model", depth: 3,
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG CREATE_MODEL_VERSION EXECUTE MANAGE`),
		path:       ucBase + "models", items: "registered_models", pages: ucPages(100, 1000), listQuery: leafQuery,
		getQuery: []string{"include_aliases", "include_browse"}, makes: "CREATE_MODEL",
		accepts: modelFields, changes: append(slices.Clip(modelFields), "new_name")},
	{name: "schema", label: "Schema", depth: 2, use: privUseSchema, code: "SCHEMA",
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG CREATE_FUNCTION CREATE_MATERIALIZED_VIEW CREATE_MODEL CREATE_TABLE
			CREATE_VOLUME EXECUTE EXTERNAL_USE_SCHEMA MANAGE MODIFY READ_METADATA READ_VOLUME REFRESH SELECT USE_SCHEMA
			WRITE_VOLUME`),
		path: ucBase + "schemas", items: "schemas", pages: ucPages(0, 1000), listQuery: []string{"catalog_name", "include_browse"},
		getQuery: browseQuery, idField: "schema_id", makes: "CREATE_SCHEMA", deleteQuery: forceQuery,
		accepts: strings.Fields(`catalog_name comment custom_max_retention_hours name properties storage_root`),
		changes: strings.Fields(`comment custom_max_retention_hours enable_predictive_optimization full_name name new_name
			owner properties`)},
	{name: "share", label: "Share", depth: 1, code: "SHARE",
		privileges: []string{"SELECT"},
		path:       ucBase + "shares", items: "shares", pages: ucPages(0, 1000), getQuery: []string{"include_shared_data"},
		makes: "CREATE_SHARE", accepts: []string{"comment", "name", "storage_root"},
		changes: strings.Fields(`comment name new_name owner storage_root updates`)},
	{name: "storage_credential", label: "Storage Credential", depth: 1, code: "STORAGE_CREDENTIAL",
		privileges: strings.Fields(`ALL_PRIVILEGES CREATE_EXTERNAL_LOCATION CREATE_EXTERNAL_TABLE MANAGE READ_FILES WRITE_FILES`),
		path:       ucBase + "storage-credentials", items: "storage_credentials", pages: ucPages(0, 1000), listQuery: []string{"include_unbound"},
		idField: "id", state: map[string]any{"isolation_mode": "ISOLATION_MODE_OPEN"}, makes: "CREATE_STORAGE_CREDENTIAL", deleteQuery: forceQuery,
		accepts: strings.Fields(`aws_iam_role azure_managed_identity azure_service_principal cloudflare_api_token comment
			databricks_gcp_service_account name read_only skip_validation`),
		changes: strings.Fields(`aws_iam_role azure_managed_identity azure_service_principal cloudflare_api_token comment
			databricks_gcp_service_account force isolation_mode name new_name owner read_only skip_validation`)},
	{name: "table", label: "Table", depth: 3, code: "TABLE",
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG MANAGE MODIFY READ_METADATA REFRESH SELECT`),
		path:       ucBase + "tables", items: "tables", pages: ucPages(0, 1000), idField: "table_id",
		listQuery: append([]string{"include_manifest_capabilities", "omit_columns", "omit_properties", "omit_username", "include_delta_metadata"}, leafQuery...),
		getQuery:  []string{"include_browse", "include_delta_metadata", "include_manifest_capabilities"}, makes: "CREATE_TABLE",
		accepts: strings.Fields(`catalog_name columns comment data_source_format name properties schema_name
			storage_credential_name storage_location table_type view_definition`),
		changes: []string{"comment", "full_name", "owner"}},
	{name: "volume", label: "Volume", depth: 3,
		privileges: strings.Fields(`ALL_PRIVILEGES APPLY_TAG MANAGE READ_VOLUME WRITE_VOLUME`),
		path:       ucBase + "volumes", items: "volumes", pages: ucPages(10000, 10000), listQuery: leafQuery, getQuery: browseQuery, idField: "volume_id",
		state: map[string]any{"volume_type": "MANAGED"}, makes: "CREATE_VOLUME",
		accepts: strings.Fields(`catalog_name comment name schema_name storage_location volume_type`),
		changes: strings.Fields(`comment name new_name owner`)},
}

var (
	modelFields = strings.Fields(`aliases browse_only catalog_name comment created_at created_by full_name metastore_id
		name owner schema_name storage_location updated_at updated_by`)
	externalMetadataFields = strings.Fields(`columns create_time created_by description entity_type id metastore_id name
		owner properties system_type update_time updated_by url`)
)

func securableTypeOf(name string) *securableType {
	for i := range securableTypes {
		if securableTypes[i].name == name {
			return &securableTypes[i]
		}
	}
	return nil
}

func securableTypeNames() string {
	names := make([]string, len(securableTypes))
	for i := range securableTypes {
		names[i] = securableTypes[i].name
	}
	return strings.Join(names, ", ")
}

// privilege is how a privilege is stored: upper case with underscores, and by
// today's name (terraform-provider-databricks#1658). False where the type lacks it.
func (t *securableType) privilege(name, tableType string) (string, bool) {
	p := strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	switch p + "@" + t.name {
	case "USAGE@catalog":
		p = privUseCatalog
	case "USAGE@schema":
		p = privUseSchema
	case "CREATE@metastore":
		p = "CREATE_CATALOG"
	case "CREATE@catalog":
		p = "CREATE_SCHEMA"
	case "CREATE@schema":
		p = "CREATE_TABLE"
	}
	return p, slices.Contains(t.privilegesOf(tableType), p)
}

// privilegesOf is the privileges of a type; views cannot be modified, and only
// what is materialized can be refreshed.
func (t *securableType) privilegesOf(tableType string) []string {
	if t.name != "table" {
		return t.privileges
	}
	return slices.DeleteFunc(slices.Clone(t.privileges), func(p string) bool {
		switch p {
		case "MODIFY":
			return tableType == "VIEW" || tableType == "MATERIALIZED_VIEW" || tableType == "METRIC_VIEW"
		case "REFRESH":
			return tableType != "MATERIALIZED_VIEW" && tableType != "STREAMING_TABLE"
		}
		return false
	})
}

// doesNotExist is the answer for a securable that is not there.
func (t *securableType) doesNotExist(name string) error {
	code := "RESOURCE_DOES_NOT_EXIST"
	if t.code != "" {
		code = t.code + "_DOES_NOT_EXIST"
	}
	return errf(http.StatusNotFound, code, "%s '%s' does not exist.", t.label, name)
}

func (t *securableType) alreadyExists(name string) error {
	code := "RESOURCE_ALREADY_EXISTS"
	if t.code != "" {
		code = t.code + "_ALREADY_EXISTS"
	}
	return errf(http.StatusBadRequest, code, "%s '%s' already exists", t.label, name)
}
