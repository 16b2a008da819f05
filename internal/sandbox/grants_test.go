package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/sharing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// lake is company with a metastore in use.
const lake = company + `
securables:
  - {type: catalog, name: gold, owner: "group:everyone", grants: [{principal: "group:analysts", privileges: [use catalog, BROWSE]}]}
  - {type: schema, name: gold.sales, owner: "user:admin@example.com", grants: [{principal: "group:analysts", privileges: [USE_SCHEMA]}]}
  - {type: table, name: gold.sales.orders, owner: "user:admin@example.com", grants: [{principal: "user:bob@example.com", privileges: [SELECT]}]}
  - {type: table, name: gold.sales.report, tableType: VIEW, owner: "user:admin@example.com"}
  - {type: volume, name: gold.sales.files, owner: "user:admin@example.com"}
  - {type: function, name: gold.sales.mask, owner: "user:admin@example.com"}
  - {type: model, name: gold.sales.churn, owner: "user:admin@example.com"}
  - {type: catalog, name: silver, owner: "user:admin@example.com"}
  - {type: schema, name: silver.raw, owner: "user:admin@example.com"}
  - {type: table, name: silver.raw.events, owner: "user:admin@example.com"}
  - {type: external_location, name: landing.zone}
  - {type: storage_credential, name: role}
  - {type: credential, name: service}
  - {type: connection, name: mysql}
  - {type: share, name: partners}
  - {type: clean_room, name: room}
  - {type: external_metadata, name: tableau}
`

func startLake(t *testing.T, opts sandbox.Options) *rig {
	t.Helper()
	return startRig(t, lake, opts)
}

// grants is grants as text, in the order in which they came.
func grants(list []catalog.PrivilegeAssignment) string {
	var lines []string
	for _, a := range list {
		var privileges []string
		for _, p := range a.Privileges {
			privileges = append(privileges, string(p))
		}
		lines = append(lines, a.Principal+": "+strings.Join(privileges, ","))
	}
	return strings.Join(lines, "; ")
}

func (r *rig) grants(w *databricks.WorkspaceClient, kind, name string) string {
	r.t.Helper()
	got, err := w.Grants.Get(r.t.Context(), catalog.GetGrantRequest{SecurableType: kind, FullName: url.PathEscape(name)})
	if err != nil {
		r.t.Fatal(err)
	}
	return grants(got.PrivilegeAssignments)
}

// grant sends changes such as "group:analysts" "+SELECT" "-MODIFY".
func (r *rig) grant(w *databricks.WorkspaceClient, kind, name, principal string, changes ...string) error {
	change := catalog.PermissionsChange{Principal: principal}
	for _, c := range changes {
		if c[0] == '+' {
			change.Add = append(change.Add, catalog.Privilege(c[1:]))
		} else {
			change.Remove = append(change.Remove, catalog.Privilege(c[1:]))
		}
	}
	_, err := w.Grants.Update(r.t.Context(), catalog.UpdatePermissions{
		SecurableType: kind, FullName: url.PathEscape(name), Changes: []catalog.PermissionsChange{change}})
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEverySecurableTypeTakesAGrant(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	for _, s := range []struct{ kind, name, privilege string }{
		{"catalog", "gold", "USE_CATALOG"}, {"schema", "gold.sales", "CREATE_TABLE"}, {"table", "gold.sales.orders", "MODIFY"},
		{"volume", "gold.sales.files", "READ_VOLUME"}, {"function", "gold.sales.mask", "EXECUTE"}, {"function", "gold.sales.churn", "CREATE_MODEL_VERSION"},
		{"external_location", "landing.zone", "READ_FILES"}, {"storage_credential", "role", "CREATE_EXTERNAL_TABLE"}, {"credential", "service", "ACCESS"},
		{"connection", "mysql", "USE_CONNECTION"}, {"share", "partners", "SELECT"}, {"clean_room", "room", "EXECUTE_CLEAN_ROOM_TASK"},
		{"external_metadata", "tableau", "MODIFY"}, {"CATALOG", "silver", "APPLY_TAG"},
		{"metastore", r.State().Metastore.ID, "CREATE_CATALOG"},
	} {
		if err := r.grant(w, s.kind, s.name, "unassigned", "+"+s.privilege); err != nil {
			t.Errorf("%s %s: %v", s.kind, s.name, err)
		} else if got := r.grants(w, s.kind, s.name); !strings.Contains(got, "unassigned: "+s.privilege) {
			t.Errorf("%s %s: %s", s.kind, s.name, got)
		}
	}
	shares, err := w.Shares.SharePermissions(t.Context(), sharing.SharePermissionsRequest{Name: "partners"})
	if err != nil || len(shares.PrivilegeAssignments) != 1 {
		t.Errorf("share permissions: %+v, %v", shares, err)
	}
	_, err = w.Shares.UpdatePermissions(t.Context(), sharing.UpdateSharePermissions{Name: "partners", OmitPermissionsList: true,
		Changes: []sharing.PermissionsChange{{Principal: "unassigned", Remove: []string{"SELECT"}}}})
	must(t, err)
	equal(t, r.grants(w, "share", "partners"), "")
}

func TestNoGrantsIsAnEmptyObject(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	equal(t, strings.TrimSpace(r.do("GET /api/2.1/unity-catalog/permissions/catalog/silver", "").body), "{}")
	got := r.do("PATCH /api/2.1/unity-catalog/permissions/catalog/silver",
		`{"changes":[{"principal":"analysts","add":["USE_CATALOG"]}],"omit_permissions_in_response":true}`)
	equal(t, strings.TrimSpace(got.body), "{}")
	equal(t, r.grants(r.workspace("dev/main"), "catalog", "silver"), "analysts: USE_CATALOG")
}

func TestGrantsAreDeltasInCanonicalSpelling(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	must(t, r.grant(w, "catalog", "silver", "ALICE@example.com", "+use catalog", "+USAGE", "+CREATE", "+select"))
	must(t, r.grant(w, "catalog", "silver", "11111111-1111-1111-1111-111111111111", "+BROWSE"))
	equal(t, r.grants(w, "catalog", "silver"), "11111111-1111-1111-1111-111111111111: BROWSE; alice@example.com: CREATE_SCHEMA,SELECT,USE_CATALOG")
	must(t, r.grant(w, "catalog", "silver", "alice@example.com", "+SELECT", "-MODIFY", "-CREATE_SCHEMA"))
	must(t, r.grant(w, "catalog", "silver", "11111111-1111-1111-1111-111111111111", "-BROWSE"))
	equal(t, r.grants(w, "catalog", "silver"), "alice@example.com: SELECT,USE_CATALOG")
	wantError(t, r.grant(w, "schema", "silver.raw", "analysts", "+USE_CATALOG"), 400, "INVALID_PARAMETER_VALUE", "Privilege USE_CATALOG is not applicable to this entity")
	wantError(t, r.grant(w, "table", "gold.sales.report", "analysts", "+MODIFY"), 400, "INVALID_PARAMETER_VALUE", "MODIFY is not applicable")
	wantError(t, r.grant(w, "catalog", "silver", "analysts", "+SELECT", "-select"), 400, "INVALID_PARAMETER_VALUE", "Duplicate privileges to add and delete for principal analysts.")
	equal(t, r.grants(w, "catalog", "silver"), "alice@example.com: SELECT,USE_CATALOG")
}

func TestAllPrivilegesIsOneEntryAndTakesWhatItCoversWithIt(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	must(t, r.grant(w, "schema", "silver.raw", "analysts", "+ALL PRIVILEGES", "+SELECT", "+MANAGE", "+EXTERNAL_USE_SCHEMA"))
	equal(t, r.grants(w, "schema", "silver.raw"), "analysts: ALL_PRIVILEGES,EXTERNAL_USE_SCHEMA,MANAGE,SELECT")
	must(t, r.grant(w, "schema", "silver.raw", "analysts", "-ALL_PRIVILEGES"))
	equal(t, r.grants(w, "schema", "silver.raw"), "analysts: EXTERNAL_USE_SCHEMA,MANAGE")
	must(t, r.grant(w, "schema", "silver.raw", "analysts", "+ALL_PRIVILEGES", "+MODIFY"))
	must(t, r.grant(w, "schema", "silver.raw", "analysts", "-ALL_PRIVILEGES", "+SELECT", "-EXTERNAL_USE_SCHEMA"))
	equal(t, r.grants(w, "schema", "silver.raw"), "analysts: MANAGE,SELECT")
}

func TestUnityCatalogKnowsAccountPrincipalsAlone(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := startLake(t, sandbox.Options{Now: func() time.Time { return now }, Knobs: sandbox.Knobs{PrincipalDelay: time.Minute}})
	w := r.workspace("dev/main")
	for _, name := range []string{"local", "admins", "users", "Analysts", "nobody@example.com"} {
		wantError(t, r.grant(w, "catalog", "silver", name, "+SELECT"), 404, "PRINCIPAL_DOES_NOT_EXIST", "Could not find principal with name "+name)
	}
	must(t, r.grant(w, "catalog", "silver", "account users", "+BROWSE"))
	if _, err := r.account().GroupsV2.Create(t.Context(), iam.CreateAccountGroupRequest{DisplayName: "fresh"}); err != nil {
		t.Fatal(err)
	}
	wantError(t, r.grant(w, "catalog", "silver", "fresh", "+SELECT"), 404, "PRINCIPAL_DOES_NOT_EXIST", "fresh")
	now = now.Add(time.Minute)
	must(t, r.grant(w, "catalog", "silver", "fresh", "+SELECT"))
}

func TestADeletedPrincipalLeavesAnOrphan(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	id := r.groupID("analysts")
	must(t, r.account().GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: id}))
	equal(t, strings.TrimSpace(r.do("GET /api/2.1/unity-catalog/permissions/schema/gold.sales", "").body),
		`{"privilege_assignments":[{"principal":"","principal_id":`+id+`,"privileges":["USE_SCHEMA"]}]}`)
	wantError(t, r.grant(r.workspace("dev/main"), "schema", "gold.sales", "analysts", "-USE_SCHEMA"), 404, "PRINCIPAL_DOES_NOT_EXIST", "analysts")
}

func TestWhoSeesAndWhoMakesGrants(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	admin := r.workspace("dev/main")
	// bob is in analysts: USE on the path, SELECT on the table, no more.
	bob := r.workspaceAs("dev/main", r.tokenOf("bob@example.com"))
	must(t, r.grant(admin, "schema", "silver.raw", "alice@example.com", "+USE_SCHEMA"))
	equal(t, r.grants(bob, "schema", "silver.raw"), "")
	wantError(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "+SELECT"), 403, "PERMISSION_DENIED", "User does not have USE CATALOG on Catalog 'silver'.")
	// MANAGE counts only where its holder can get to.
	must(t, r.grant(admin, "schema", "silver.raw", "bob@example.com", "+MANAGE"))
	wantError(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "+SELECT"), 403, "PERMISSION_DENIED", "USE CATALOG")
	must(t, r.grant(admin, "catalog", "silver", "bob@example.com", "+USE_CATALOG"))
	wantError(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "+SELECT"), 403, "PERMISSION_DENIED", "USE SCHEMA on Schema 'silver.raw'")
	must(t, r.grant(admin, "schema", "silver.raw", "bob@example.com", "+USE_SCHEMA"))
	must(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "+SELECT"))
	equal(t, r.grants(bob, "schema", "silver.raw"), "alice@example.com: USE_SCHEMA; bob@example.com: MANAGE,SELECT,USE_SCHEMA")
	must(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "-MANAGE"))
	wantError(t, r.grant(bob, "schema", "silver.raw", "bob@example.com", "+MANAGE"), 403, "PERMISSION_DENIED", "MANAGE on Schema 'silver.raw'")
	equal(t, r.grants(bob, "schema", "silver.raw"), "bob@example.com: SELECT,USE_SCHEMA")
	// everyone owns gold, and analysts are in it: bob owns all of gold.
	must(t, r.grant(bob, "table", "gold.sales.orders", "alice@example.com", "+SELECT"))
	_, err := admin.Catalogs.Update(t.Context(), catalog.UpdateCatalog{Name: "gold", Owner: "unassigned"})
	must(t, err)
	wantError(t, r.grant(bob, "table", "gold.sales.orders", "alice@example.com", "-SELECT"), 403, "PERMISSION_DENIED", "MANAGE on Table")
	wantError(t, r.grant(admin, "schema", "gold.sales", "analysts", "+EXTERNAL_USE_SCHEMA"), 403, "PERMISSION_DENIED", "Only the owner of Catalog 'gold'")
	wantError(t, r.grant(bob, "metastore", r.State().Metastore.ID, "bob@example.com", "+CREATE_CATALOG"), 403, "PERMISSION_DENIED", "owner of Metastore")
}

func TestGrantsComeInPages(t *testing.T) {
	const last = "    - {displayName: unassigned}\n"
	groups, list := last, []string{}
	for i := range 400 {
		groups += fmt.Sprintf("    - {displayName: g%03d}\n", i)
		list = append(list, fmt.Sprintf(`{principal: "group:g%03d", privileges: [SELECT]}`, i))
	}
	text := strings.Replace(lake, last, groups, 1) + "  - {type: catalog, name: wide, grants: [" + strings.Join(list, ", ") + "]}\n"
	for _, knobs := range []sandbox.Knobs{{}, {EmptyPages: true}, {Cloud: "azure"}} {
		r := startRig(t, text, sandbox.Options{Knobs: knobs})
		w := r.workspace("dev/main")
		seen, sizes, token := map[string]bool{}, []int{}, ""
		for {
			got, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: "catalog", FullName: "wide", MaxResults: 150, PageToken: token})
			must(t, err)
			sizes = append(sizes, len(got.PrivilegeAssignments))
			for _, a := range got.PrivilegeAssignments {
				seen[a.Principal] = true
			}
			if token = got.NextPageToken; token == "" {
				break
			}
		}
		want := "[150 150 100]"
		if knobs.EmptyPages {
			want = "[0 150 0 150 0 100]"
		}
		if len(seen) != 400 || fmt.Sprint(sizes) != want {
			t.Errorf("%+v: %d principals in pages %v, want 400 in %s", knobs, len(seen), sizes, want)
		}
		first, second := r.grants(w, "catalog", "wide"), r.grants(w, "catalog", "wide")
		if shuffled := first != second; shuffled != (knobs.Cloud == "azure") {
			t.Errorf("%+v: order differs between two reads: %v", knobs, shuffled)
		}
		for _, size := range []int{-1, 1, 149} {
			_, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: "catalog", FullName: "wide", MaxResults: size})
			wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "max_results")
		}
		all, err := w.Grants.ListAll(t.Context(), catalog.ListPrivilegeAssignmentsRequest{SecurableType: "catalog", FullName: "wide"})
		if err != nil || len(all) != 400 {
			t.Errorf("privilege-assignments: %d, %v", len(all), err)
		}
	}
}

func TestGrantsOfOnePrincipal(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	must(t, r.grant(w, "schema", "gold.sales", "bob@example.com", "+SELECT"))
	got, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: "schema", FullName: "gold.sales", Principal: "Bob@example.com"})
	must(t, err)
	equal(t, grants(got.PrivilegeAssignments), "bob@example.com: SELECT")
}

func TestEffectivePermissions(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	must(t, r.grant(w, "catalog", "gold", "analysts", "+SELECT"))
	must(t, r.grant(w, "schema", "gold.sales", "analysts", "+SELECT", "+CREATE_TABLE"))
	got, err := w.Grants.GetEffective(t.Context(), catalog.GetEffectiveRequest{SecurableType: "table", FullName: "gold.sales.orders"})
	must(t, err)
	var lines []string
	for _, a := range got.PrivilegeAssignments {
		for _, p := range a.Privileges {
			lines = append(lines, strings.TrimSpace(fmt.Sprint(a.Principal, " ", p.Privilege, " ", p.InheritedFromType, " ", p.InheritedFromName)))
		}
	}
	equal(t, strings.Join(lines, "; "), "analysts SELECT SCHEMA gold.sales; analysts SELECT CATALOG gold; bob@example.com SELECT")
}

func TestNamesWithSpecialCharacters(t *testing.T) {
	names := []string{"a b#c", "a/b", "100%x", "größe", "`dotted.name`"}
	seed := lake
	for _, name := range names {
		seed += fmt.Sprintf("  - {type: schema, name: %q}\n  - {type: table, name: %q}\n", "silver."+name, "silver."+name+"."+name)
	}
	seed += "  - {type: catalog, name: \"a b#c\"}\n"
	r := startRig(t, seed, sandbox.Options{})
	w := r.workspace("dev/main")
	for _, name := range names {
		full := "silver." + name + "." + name
		must(t, r.grant(w, "table", full, "analysts", "+SELECT"))
		equal(t, r.grants(w, "table", full), "analysts: SELECT")
		got, err := w.Tables.GetByFullName(t.Context(), url.PathEscape(full))
		if err != nil || got.FullName != full || got.Name != strings.Trim(name, "`") {
			t.Errorf("%s: %+v, %v", full, got, err)
		}
		list, err := w.Tables.ListAll(t.Context(), catalog.ListTablesRequest{CatalogName: "silver", SchemaName: strings.Trim(name, "`")})
		if err != nil || len(list) != 1 {
			t.Errorf("tables of %s: %v, %v", name, list, err)
		}
	}
	must(t, r.grant(w, "catalog", "a b#c", "analysts", "+SELECT"))
	equal(t, r.grants(w, "catalog", "a b#c"), "analysts: SELECT")
	// Unescaped, as the SDK itself sends it, it is another name.
	_, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: "catalog", FullName: "a b#c"})
	wantError(t, err, 404, "CATALOG_DOES_NOT_EXIST", "Catalog 'a b' does not exist.")
}

func TestMissingSecurables(t *testing.T) {
	r := startLake(t, sandbox.Options{})
	w := r.workspace("dev/main")
	for _, c := range []struct{ kind, name, code, message string }{
		{"catalog", "nope", "CATALOG_DOES_NOT_EXIST", "Catalog 'nope' does not exist."},
		{"schema", "gold.nope", "SCHEMA_DOES_NOT_EXIST", "Schema 'gold.nope' does not exist."},
		{"table", "gold.sales.nope", "TABLE_DOES_NOT_EXIST", "Table 'gold.sales.nope' does not exist."},
		{"table", "gold.nope.nope", "SCHEMA_DOES_NOT_EXIST", "Schema 'gold.nope' does not exist."},
		{"volume", "nope.x.y", "CATALOG_DOES_NOT_EXIST", "Catalog 'nope' does not exist."},
		{"metastore", "nope", "METASTORE_DOES_NOT_EXIST", "nope"},
	} {
		_, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: c.kind, FullName: c.name})
		wantError(t, err, 404, c.code, c.message)
	}
	_, err := w.Grants.Get(t.Context(), catalog.GetGrantRequest{SecurableType: "gadget", FullName: "x"})
	wantError(t, err, 400, "INVALID_PARAMETER_VALUE", "not a securable type")
}

func TestBadSecurablesInASeed(t *testing.T) {
	for line, want := range map[string]string{
		`{type: gadget, name: x}`:         "unknown securable type",
		`{type: schema, name: nowhere.x}`: "there is no catalog nowhere",
		`{type: table, name: gold.x}`:     "3 segments",
		`{type: catalog, name: GOLD}`:     "is there twice",
		`{type: schema, name: gold.x, grants: [{principal: "group:analysts", privileges: [USE_CATALOG]}]}`: `unknown privilege "USE_CATALOG"`,
		`{type: schema, name: gold.x, grants: [{principal: "group:local", privileges: [SELECT]}]}`:         `unknown principal "group:local"`,
		`{type: schema, name: gold.x, grants: [{principal: "group:analysts", privileges: []}]}`:            "has no privileges",
	} {
		st, err := sandbox.Parse([]byte(lake + "  - " + line + "\n"))
		must(t, err)
		if _, err := sandbox.New(st, sandbox.Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "securables[") {
			t.Errorf("%s: error %v, want %q with its place", line, err, want)
		}
	}
}

func TestAWrittenLakeLoadsBackEqual(t *testing.T) {
	first := startLake(t, sandbox.Options{})
	st := first.State()
	again, err := sandbox.New(st, sandbox.Options{})
	must(t, err)
	if !slices.EqualFunc(st.Securables, again.State().Securables, func(a, b sandbox.Securable) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
		t.Error("loading a state changed its securables")
	}
}
