package access_test

import (
	"strings"
	"testing"
)

// The documents that the cases rest on.
const (
	// https://docs.databricks.com/aws/en/data-governance/unity-catalog/access-control/permissions-concepts
	concepts = "permissions concepts"
	// https://docs.databricks.com/aws/en/data-governance/unity-catalog/access-control/privileges-reference
	reference = "privileges reference"
	// unitycatalog/unitycatalog, TemporaryTableCredentialsService: what data is read by
	server = "open source server"
	// https://docs.databricks.com/aws/en/catalogs/binding
	bindings = "workspace bindings"
	// https://docs.databricks.com/aws/en/security/auth/access-control
	acls = "access control lists"
	// https://docs.databricks.com/aws/en/admin/users-groups/groups
	groupDocs = "groups"
)

// way is what ann needs to read in c.s.
const way = `
	grants@metastore/catalog/c user:ann=USE_CATALOG
	grants@metastore/schema/c.s user:ann=USE_SCHEMA
`

// TestModel is the model in small cases. Of each, can lists what ann can do on the
// object, of those asked about with can and cannot.
func TestModel(t *testing.T) {
	for _, test := range []struct {
		name, source string
		facts        string
		on           string
		can, cannot  string
	}{
		{"SELECT on a table needs USE_CATALOG and USE_SCHEMA", concepts,
			way + `grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "SELECT", "MODIFY MANAGE"},
		{"without USE_SCHEMA, SELECT gives nothing", concepts,
			`grants@metastore/catalog/c user:ann=USE_CATALOG
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "", "SELECT"},
		{"without USE_CATALOG, SELECT gives nothing", concepts,
			`grants@metastore/schema/c.s user:ann=USE_SCHEMA
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "", "SELECT"},
		{"USE_SCHEMA on the catalog is one on all its schemas", reference,
			`grants@metastore/catalog/c user:ann=USE_CATALOG,USE_SCHEMA
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"SELECT on the catalog reads every table in it", concepts,
			`grants@metastore/catalog/c user:ann=USE_CATALOG,USE_SCHEMA,SELECT`, "grants@metastore/table/c.s.t", "SELECT", "MODIFY"},
		{"SELECT on the schema reads its tables", concepts,
			way + `grants@metastore/schema/c.s user:ann=SELECT`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"SELECT on the catalog is none on a volume", reference,
			`grants@metastore/catalog/c user:ann=USE_CATALOG,USE_SCHEMA,SELECT`, "grants@metastore/volume/c.s.v", "", "SELECT READ_VOLUME"},
		{"USE_CATALOG alone reads nothing", reference, way, "grants@metastore/table/c.s.t", "", "SELECT MODIFY"},
		{"nothing is inherited from the metastore", concepts,
			`grants@metastore/metastore/current user:ann=CREATE_CATALOG,SELECT`, "grants@metastore/catalog/c", "", "SELECT CREATE_SCHEMA USE_CATALOG"},
		{"MODIFY needs SELECT", server,
			way + `grants@metastore/table/c.s.t user:ann=MODIFY`, "grants@metastore/table/c.s.t", "", "MODIFY SELECT"},
		{"EXECUTE on a function", reference,
			way + `grants@metastore/function/c.s.f user:ann=EXECUTE`, "grants@metastore/function/c.s.f", "EXECUTE", "MANAGE"},
		{"EXECUTE on the schema, for a model", reference,
			way + `grants@metastore/schema/c.s user:ann=EXECUTE`, "grants@metastore/model/c.s.m", "EXECUTE", "APPLY_TAG"},
		{"READ_VOLUME is not WRITE_VOLUME", reference,
			way + `grants@metastore/volume/c.s.v user:ann=READ_VOLUME`, "grants@metastore/volume/c.s.v", "READ_VOLUME", "WRITE_VOLUME"},
		{"a view is read as a table is, whoever may read what it selects from", reference,
			way + `grants@metastore/table/c.s.view user:ann=SELECT`, "grants@metastore/table/c.s.view", "SELECT", ""},
		{"BROWSE needs no way", reference,
			`grants@metastore/catalog/c user:ann=BROWSE`, "grants@metastore/catalog/c", "BROWSE", "USE_CATALOG SELECT"},
		{"an external location needs no way", reference,
			`grants@metastore/external_location/x user:ann=READ_FILES`, "grants@metastore/external_location/x", "READ_FILES", "WRITE_FILES"},

		{"ALL_PRIVILEGES does not hold MANAGE and EXTERNAL_USE_SCHEMA", concepts,
			`grants@metastore/catalog/c user:ann=ALL_PRIVILEGES`, "grants@metastore/schema/c.s", "SELECT USE_SCHEMA CREATE_TABLE", "MANAGE EXTERNAL_USE_SCHEMA READ_METADATA"},
		{"ALL_PRIVILEGES on a catalog is its own way", concepts,
			`grants@metastore/catalog/c user:ann=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "SELECT MODIFY", "MANAGE"},
		{"ALL_PRIVILEGES on a table is not the way to it", concepts,
			`grants@metastore/table/c.s.t user:ann=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "", "SELECT MODIFY"},
		{"MANAGE does not read", concepts,
			way + `grants@metastore/table/c.s.t user:ann=MANAGE`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT"},
		{"MANAGE on the catalog is one on what is in it", reference,
			way + `grants@metastore/catalog/c user:ann=MANAGE`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT"},
		{"MANAGE needs the way", concepts,
			`grants@metastore/table/c.s.t user:ann=MANAGE`, "grants@metastore/table/c.s.t", "", "MANAGE"},

		{"the owner of a table reads it", concepts,
			way + `owner@metastore/table/c.s.t owner=user:ann`, "grants@metastore/table/c.s.t", "SELECT MODIFY MANAGE", ""},
		{"the owner of a table needs the way to read it, not to manage it", server,
			`owner@metastore/table/c.s.t owner=user:ann`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT"},
		{"the owner of a catalog does not read its tables", concepts,
			`owner@metastore/catalog/c owner=user:ann`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT MODIFY"},
		{"the owner of a schema does not read its tables either, and manages them", concepts,
			`grants@metastore/catalog/c user:ann=USE_CATALOG
			 owner@metastore/schema/c.s owner=user:ann`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT MODIFY"},
		{"the owner of the schema and the catalog has the way to what is granted", server,
			`owner@metastore/catalog/c owner=user:ann
			 owner@metastore/schema/c.s owner=user:ann
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"the owner of the catalog has no way into its schemas", concepts,
			`owner@metastore/catalog/c owner=user:ann
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT"},
		{"the owner of a schema makes tables, and lacks EXTERNAL_USE_SCHEMA", concepts,
			`grants@metastore/catalog/c user:ann=USE_CATALOG
			 owner@metastore/schema/c.s owner=user:ann`, "grants@metastore/schema/c.s", "CREATE_TABLE USE_SCHEMA MANAGE", "EXTERNAL_USE_SCHEMA SELECT"},
		{"the owner of an external location lacks EXTERNAL_USE_LOCATION", concepts,
			`owner@metastore/external_location/x owner=user:ann`, "grants@metastore/external_location/x", "READ_FILES WRITE_FILES MANAGE", "EXTERNAL_USE_LOCATION"},
		{"the owner of the metastore manages everything and reads nothing", concepts,
			`owner@metastore/metastore/current owner=user:ann
			 grants@metastore/table/c.s.t`, "grants@metastore/table/c.s.t", "MANAGE", "SELECT"},
		{"an owner known by context alone", concepts,
			way + `grants@metastore/table/c.s.t in owner=user:ann`, "grants@metastore/table/c.s.t", "SELECT", ""},

		{"groups in groups", groupDocs,
			`group@account/inner member=user:ann
			 group@account/outer member=group:inner
			 grants@metastore/catalog/c group:outer=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"groups in each other end", groupDocs,
			`group@account/a member=user:ann,group:b
			 group@account/b member=group:a
			 grants@metastore/catalog/c group:b=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"everybody is in account users", groupDocs,
			`grants@metastore/catalog/c group:account\ users=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"a way of a group and a privilege of one's own add up", concepts,
			`group@account/g member=user:ann
			 grants@metastore/catalog/c group:g=USE_CATALOG group:account\ users=USE_SCHEMA
			 grants@metastore/table/c.s.t user:ann=SELECT`, "grants@metastore/table/c.s.t", "SELECT", ""},
		{"who is inactive can do nothing", groupDocs,
			`user@account/ann active=false
			 grants@metastore/catalog/c user:ann=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "", "SELECT"},
		{"a group that is about to be deleted gives nothing", groupDocs,
			`group@account/g member=user:ann gone
			 grants@metastore/catalog/c group:g=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "", "SELECT"},
		{"what an unread group has, nobody has for certain", groupDocs,
			`group@account/g
			 grants@metastore/catalog/c group:g=ALL_PRIVILEGES`, "grants@metastore/table/c.s.t", "", "SELECT"},

		{"an isolated catalog is reached through its workspaces", bindings,
			`assignment@main/user:ann permission=USER
			 grants@metastore/catalog/c user:ann=ALL_PRIVILEGES in isolation=ISOLATED in binding=main\ READ_WRITE`, "grants@metastore/table/c.s.t", "SELECT MODIFY", ""},
		{"not from others", bindings,
			`assignment@main/user:bob permission=USER
			 grants@metastore/catalog/c user:ann=ALL_PRIVILEGES in isolation=ISOLATED in binding=main\ READ_WRITE`, "grants@metastore/table/c.s.t", "", "SELECT MODIFY"},
		{"a read-only binding is not written through", bindings,
			`assignment@main/user:ann permission=USER
			 grants@metastore/catalog/c user:ann=ALL_PRIVILEGES in isolation=ISOLATED in binding=main\ READ_ONLY`, "grants@metastore/table/c.s.t", "SELECT", "MODIFY"},
		{"bindings of an open catalog keep nobody out", bindings,
			`grants@metastore/catalog/c user:ann=ALL_PRIVILEGES in isolation=OPEN in binding=main\ READ_ONLY`, "grants@metastore/table/c.s.t", "SELECT MODIFY", ""},

		{"a level includes the weaker ones", acls,
			`permissions@main/jobs/j user:ann=CAN_MANAGE_RUN`, "permissions@main/jobs/j", "CAN_VIEW CAN_MANAGE_RUN", "CAN_MANAGE IS_OWNER"},
		{"an owner has every level", acls,
			`permissions@main/jobs/j user:ann=IS_OWNER`, "permissions@main/jobs/j", "CAN_VIEW CAN_MANAGE IS_OWNER", ""},
		{"using a warehouse is not monitoring it", acls,
			`permissions@main/warehouses/w user:ann=CAN_USE`, "permissions@main/warehouses/w", "CAN_USE CAN_VIEW", "CAN_MONITOR CAN_MANAGE"},
		{"a folder's level is one on all in it", acls,
			`permissions@main/directories/a user:ann=CAN_EDIT
			 permissions@main/notebooks/a/b/n`, "permissions@main/notebooks/a/b/n", "CAN_READ CAN_EDIT", "CAN_MANAGE"},
		{"what comes from a folder out of scope", acls,
			`permissions@main/notebooks/a/n in inherited\ user:ann=CAN_RUN\ /directories/9`, "permissions@main/notebooks/a/n", "CAN_RUN CAN_READ", "CAN_EDIT"},
		{"who is not assigned to the workspace has nothing in it", acls,
			`assignment@main/user:bob permission=USER
			 permissions@main/jobs/j user:ann=CAN_MANAGE`, "permissions@main/jobs/j", "", "CAN_VIEW"},
		{"assigned as a member of a group", acls,
			`group@account/g member=user:ann
			 assignment@main/group:g permission=USER
			 permissions@main/jobs/j group:users=CAN_VIEW`, "permissions@main/jobs/j", "CAN_VIEW", "CAN_MANAGE"},
		{"admins manage every object of the workspace", acls,
			`assignment@main/user:ann permission=ADMIN
			 permissions@main/clusters/k`, "permissions@main/clusters/k", "CAN_ATTACH_TO CAN_MANAGE", "IS_OWNER"},
		{"admins of a workspace read no data for that", concepts,
			`assignment@main/user:ann permission=ADMIN
			 grants@metastore/table/c.s.t`, "grants@metastore/table/c.s.t", "", "SELECT MANAGE"},
		{"a name in an ACL means the workspace's own group", acls,
			`group@main/g member=user:bob
			 group@account/g member=user:ann
			 permissions@main/jobs/j group:g=CAN_VIEW`, "permissions@main/jobs/j", "", "CAN_VIEW"},
		{"a workspace's own group is nobody in Unity Catalog", concepts,
			`group@main/g member=user:ann
			 grants@metastore/catalog/c group:g=ALL_PRIVILEGES`, "grants@metastore/catalog/c", "", "SELECT"},
	} {
		t.Run(strings.ReplaceAll(test.name, "/", " "), func(t *testing.T) {
			a, o := facts(t, test.facts), key(test.on)
			for _, p := range strings.Fields(test.can) {
				if !a.Can("user:ann", p, o) {
					t.Errorf("ann cannot %s on %s: %v", p, o, a.WhyNot("user:ann", p, o))
				}
			}
			for _, p := range strings.Fields(test.cannot) {
				if a.Can("user:ann", p, o) {
					t.Errorf("ann can %s on %s: %v", p, o, a.Explain("user:ann", o))
				}
				if len(a.WhyNot("user:ann", p, o)) == 0 {
					t.Errorf("nothing says why ann cannot %s on %s", p, o)
				}
			}
		})
	}
}
