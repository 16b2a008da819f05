package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// securableType is one row of what Unity Catalog can grant on. Privileges per
// type: Databricks' privileges reference, 2026-07, and the provider's grants
// documentation; the URL of each type: SDK v0.175.0 service/catalog.
type securableType struct {
	Name       string
	URL        string // in permissions/{type}/, where it differs
	Privileges []string
	Depth      int    // dot-separated segments of a full name
	Path       string // of the type's own API: GET for existence, PATCH for the owner
	NoOwner    bool   // cannot be given to somebody else through its API
	Recipients bool   // granted to recipients of a share, who are no principals
	Items      string // key of a list's items
	PageSize   int    // as page_size, of lists that know no max_results
}

const (
	allPrivileges = "ALL_PRIVILEGES"
	manage        = "MANAGE"
)

// notInAll are the privileges that ALL_PRIVILEGES neither gives nor takes away
// with it (Databricks privileges reference; databricks/cli#6733).
var notInAll = []string{"EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", manage, "READ_METADATA"}

const uc = "/api/2.1/unity-catalog/"

// securableTypes is the table, sorted by name.
var securableTypes = []securableType{
	{Name: "catalog", Depth: 1, Path: uc + "catalogs", Items: "catalogs",
		Privileges: []string{allPrivileges, "APPLY_TAG", "BROWSE", "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_SCHEMA", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_SCHEMA", manage, "MODIFY", "READ_METADATA", "READ_VOLUME", "REFRESH", "SELECT", "USE_CATALOG", "USE_SCHEMA", "WRITE_VOLUME"}},
	{Name: "clean_room", Depth: 1, Path: "/api/2.0/clean-rooms", Items: "clean_rooms", PageSize: 100, NoOwner: true,
		Privileges: []string{"BROWSE", "EXECUTE_CLEAN_ROOM_TASK", manage, "MODIFY_CLEAN_ROOM"}},
	{Name: "connection", Depth: 1, Path: uc + "connections", Items: "connections",
		Privileges: []string{allPrivileges, "CREATE_FOREIGN_CATALOG", manage, "USE_CONNECTION"}},
	{Name: "credential", Depth: 1, Path: uc + "credentials", Items: "credentials",
		Privileges: []string{"ACCESS", allPrivileges, "CREATE_CONNECTION", manage}},
	{Name: "external_location", Depth: 1, Path: uc + "external-locations", Items: "external_locations",
		Privileges: []string{allPrivileges, "BROWSE", "CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_FOREIGN_SECURABLE", "CREATE_MANAGED_STORAGE", "EXTERNAL_USE_LOCATION", manage, "READ_FILES", "WRITE_FILES"}},
	{Name: "external_metadata", Depth: 1, Path: "/api/2.0/lineage-tracking/external-metadata", Items: "external_metadata", PageSize: 1000, NoOwner: true,
		Privileges: []string{allPrivileges, "APPLY_TAG", "BROWSE", manage, "MODIFY"}},
	{Name: "function", Depth: 3, Path: uc + "functions", Items: "functions",
		Privileges: []string{allPrivileges, "EXECUTE", manage}},
	{Name: "metastore", Depth: 0, Path: uc + "metastores", NoOwner: true,
		Privileges: []string{"CREATE_CATALOG", "CREATE_CLEAN_ROOM", "CREATE_CONNECTION", "CREATE_EXTERNAL_LOCATION", "CREATE_EXTERNAL_METADATA", "CREATE_PROVIDER", "CREATE_RECIPIENT", "CREATE_SERVICE_CREDENTIAL", "CREATE_SHARE", "CREATE_STORAGE_CREDENTIAL", "MANAGE_ALLOWLIST", "SET_SHARE_PERMISSION", "USE_MARKETPLACE_ASSETS", "USE_PROVIDER", "USE_RECIPIENT", "USE_SHARE"}},
	{Name: "model", URL: "function", Depth: 3, Path: uc + "models", Items: "registered_models",
		Privileges: []string{allPrivileges, "APPLY_TAG", "CREATE_MODEL_VERSION", "EXECUTE", manage}},
	{Name: "schema", Depth: 2, Path: uc + "schemas", Items: "schemas",
		Privileges: []string{allPrivileges, "APPLY_TAG", "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE", "EXTERNAL_USE_SCHEMA", manage, "MODIFY", "READ_METADATA", "READ_VOLUME", "REFRESH", "SELECT", "USE_SCHEMA", "WRITE_VOLUME"}},
	{Name: "share", Depth: 1, Path: uc + "shares", Items: "shares", Recipients: true,
		Privileges: []string{"SELECT"}},
	{Name: "storage_credential", Depth: 1, Path: uc + "storage-credentials", Items: "storage_credentials",
		Privileges: []string{allPrivileges, "CREATE_EXTERNAL_LOCATION", "CREATE_EXTERNAL_TABLE", manage, "READ_FILES", "WRITE_FILES"}},
	{Name: "table", Depth: 3, Path: uc + "tables", Items: "tables",
		Privileges: []string{allPrivileges, "APPLY_TAG", manage, "MODIFY", "READ_METADATA", "REFRESH", "SELECT"}},
	{Name: "volume", Depth: 3, Path: uc + "volumes", Items: "volumes",
		Privileges: []string{allPrivileges, "APPLY_TAG", manage, "READ_VOLUME", "WRITE_VOLUME"}},
}

// leafTypes are the types of what is in a schema, as specs own them with the catalog.
var leafTypes = []string{"function", "model", "table", "volume"}

// metastoreName stands for the metastore that the workspace is attached to,
// whose real name in URLs is an id.
const metastoreName = "current"

func securableTypeNames() []string {
	names := make([]string, len(securableTypes))
	for i, t := range securableTypes {
		names[i] = t.Name
	}
	return names
}

// findSecurableType accepts views and materialized views, which are tables to
// the grants API.
func findSecurableType(name string) (*securableType, bool) {
	name = spec.LiveType(name)
	i := slices.IndexFunc(securableTypes, func(t securableType) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return &securableTypes[i], true
}

func (t *securableType) url() string {
	if t.URL != "" {
		return t.URL
	}
	return t.Name
}

// created is what CREATE means on a type.
var created = map[string]string{"metastore": "CREATE_CATALOG", "catalog": "CREATE_SCHEMA", "schema": "CREATE_TABLE"}

// privilege is the canonical spelling of a privilege: upper case, underscores,
// and the names that replaced USAGE and CREATE (terraform-provider-databricks#1658).
func (t *securableType) privilege(name string) (string, bool) {
	p := apiSpelling(name)
	switch {
	case p == "USAGE" && slices.Contains(t.Privileges, "USE_"+strings.ToUpper(t.Name)):
		p = "USE_" + strings.ToUpper(t.Name)
	case p == "CREATE" && created[t.Name] != "":
		p = created[t.Name]
	case p == "ALL", p == "ALL_PRIVILEGE":
		p = allPrivileges
	}
	return p, slices.Contains(t.Privileges, p)
}

// canonicalPrivileges drops what ALL_PRIVILEGES covers, on both sides alike, so
// that equal access is an equal set. It keeps order and writes in place.
func canonicalPrivileges(privileges []string) []string {
	if !slices.Contains(privileges, allPrivileges) {
		return privileges
	}
	return slices.DeleteFunc(slices.Clone(privileges), func(p string) bool {
		return p != allPrivileges && !slices.Contains(notInAll, p)
	})
}

// apiSpelling turns what people write into what the API answers.
func apiSpelling(name string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(name)))
}
