package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// documentedObjects are the types that the permissions API is documented to take,
// and securables those of the grants API.
const (
	documentedObjects = `alerts alertsv2 apps authorization cluster-policies clusters dashboards database-instances
		database-projects dbsql-dashboards directories experiments files genie instance-pools jobs knowledge-assistants
		notebooks pipelines queries registered-models repos serving-endpoints supervisor-agents vector-search-endpoints warehouses`
	documentedSecurables = `catalog clean_room connection credential external_location external_metadata function metastore
		model schema share storage_credential table volume`
	documentedLevels = `CAN_ATTACH_TO CAN_BIND CAN_CREATE CAN_EDIT CAN_EDIT_METADATA CAN_MANAGE CAN_MANAGE_PRODUCTION_VERSIONS
		CAN_MANAGE_RUN CAN_MANAGE_STAGING_VERSIONS CAN_MONITOR CAN_MONITOR_ONLY CAN_QUERY CAN_READ CAN_RESTART CAN_RUN CAN_USE
		CAN_VIEW CAN_VIEW_METADATA`
	documentedPrivileges = `ACCESS ALL_PRIVILEGES APPLY_TAG BROWSE CREATE_CATALOG CREATE_CLEAN_ROOM CREATE_CONNECTION
		CREATE_EXTERNAL_LOCATION CREATE_EXTERNAL_METADATA CREATE_EXTERNAL_TABLE CREATE_EXTERNAL_VOLUME CREATE_FOREIGN_CATALOG
		CREATE_FOREIGN_SECURABLE CREATE_FUNCTION CREATE_MANAGED_STORAGE CREATE_MATERIALIZED_VIEW CREATE_MODEL CREATE_MODEL_VERSION
		CREATE_PROVIDER CREATE_RECIPIENT CREATE_SCHEMA CREATE_SERVICE_CREDENTIAL CREATE_SHARE CREATE_STORAGE_CREDENTIAL
		CREATE_TABLE CREATE_VOLUME EXECUTE EXECUTE_CLEAN_ROOM_TASK EXTERNAL_USE_LOCATION EXTERNAL_USE_SCHEMA MANAGE
		MANAGE_ALLOWLIST MODIFY MODIFY_CLEAN_ROOM READ_FILES READ_METADATA READ_VOLUME REFRESH SELECT SET_SHARE_PERMISSION
		USE_CATALOG USE_CONNECTION USE_MARKETPLACE_ASSETS USE_PROVIDER USE_RECIPIENT USE_SCHEMA USE_SHARE WRITE_FILES WRITE_VOLUME`
)

func TestTablesAreWhatIsDocumented(t *testing.T) {
	t.Parallel()
	check := func(what string, rows []reconcile.TableRow, names, allowed string) {
		var have []string
		for _, r := range rows {
			have = append(have, r.Name)
			if len(r.Allowed) == 0 || len(plan.Set(slices.Clone(r.Allowed))) != len(r.Allowed) {
				t.Errorf("%s %s allows %v", what, r.Name, r.Allowed)
			}
			for _, a := range r.Allowed {
				if !slices.Contains(strings.Fields(allowed), a) {
					t.Errorf("%s %s allows %s, which nobody knows", what, r.Name, a)
				}
			}
		}
		if !slices.IsSorted(have) || !slices.Equal(have, strings.Fields(names)) {
			t.Errorf("%ss are\n%v, want\n%v", what, have, strings.Fields(names))
		}
	}
	check("object", reconcile.ObjectTable(), documentedObjects, documentedLevels)
	check("securable", reconcile.SecurableTable(), documentedSecurables, documentedPrivileges)
	for _, r := range reconcile.SecurableTable() {
		if !slices.IsSorted(r.Allowed) || r.Path == "" {
			t.Errorf("%s: %v at %q", r.Name, r.Allowed, r.Path)
		}
	}
	for _, r := range reconcile.ObjectTable() {
		if !r.Named && !r.ByPath && len(r.Fixed) == 0 {
			t.Errorf("%s can be named in no way", r.Name)
		}
		if owner := slices.Contains([]string{"jobs", "pipelines", "warehouses"}, r.Name); owner != r.Owner {
			t.Errorf("%s has an owner: %v", r.Name, r.Owner)
		}
	}
}

// Every type of object is found by name or path in the way of its own API, given
// its weakest level, then its strongest, and revoked.
func TestEveryObjectType(t *testing.T) {
	t.Parallel()
	for _, row := range reconcile.ObjectTable() {
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			l, ref := objectOfType(t, row)
			for _, level := range []string{row.Allowed[0], row.Allowed[len(row.Allowed)-1]} {
				l.put("access.yaml", doc("Permissions", "it", `{objects: [`+ref+`], permissions: [{group: AAD-Auditors, level: `+level+`}]}`))
				if _, p := l.plan(); !strings.Contains(show(p), "group:AAD-Auditors +"+level) && len(row.Allowed) > 1 {
					t.Fatalf("plan:\n%swarnings:\n%s", show(p), warned(p))
				}
				l.converge()
			}
			l.put("access.yaml", doc("Permissions", "it", `{objects: [`+ref+`], permissions: []}`))
			p := l.converge()
			contains(t, show(p), "group:AAD-Auditors -"+row.Allowed[len(row.Allowed)-1])
		})
	}
}

func objectOfType(t *testing.T, row reconcile.TableRow) (*lab, string) {
	t.Helper()
	o, owned, ref := sandbox.Object{Type: row.Name, Name: "thing"}, `name: "*"`, `{type: `+row.Name+`, name: thing}`
	switch {
	case row.Name == "authorization":
		o.ID, o.Name, ref = "tokens", "", `{type: authorization, id: tokens}`
		o.ACL = []sandbox.ACLEntry{{Principal: "group:admins", Level: "CAN_MANAGE"}}
	case row.ByPath && row.Name != "dashboards":
		o.Path, owned, ref = "/Shared/deep/thing", `path: /Shared/deep/thing`, `{type: `+row.Name+`, path: /Shared/deep/thing}`
	case row.Owner:
		o.ACL = []sandbox.ACLEntry{{Principal: "user:bob@example.com", Level: "IS_OWNER"}}
	}
	own := with(project, `      - {workspace: main, type: clusters, name: "*"}
      - {workspace: main, type: jobs, name: "*"}
      - {workspace: main, type: warehouses, name: "*"}
      - {workspace: main, type: directories, path: /Shared/sales}`, `      - {workspace: main, type: `+row.Name+`, `+owned+`}`)
	l := newLab(t, world, own, nil)
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects, o)
	})
	return l, ref
}

// Every type of securable is granted all that it allows, then one thing less,
// then nothing; and given away, where it can be.
func TestEverySecurableType(t *testing.T) {
	t.Parallel()
	for _, row := range reconcile.SecurableTable() {
		if row.Name == "share" {
			continue // granted to recipients, who are no principals
		}
		t.Run(row.Name, func(t *testing.T) {
			t.Parallel()
			name := strings.Join([]string{"thing", "b", "c"}[:row.Depth], ".")
			owned := `    securables: [{type: ` + row.Name + `, name: "*"}]`
			if row.Depth > 1 {
				owned = `    catalogs: [thing]`
			}
			l := newLab(t, world, with(project, `    catalogs: ["{silver}", "{gold}"]`, owned), nil)
			l.allow = map[string]string{plan.GuardMaxRemovals: "they are few"}
			l.change(func(st *sandbox.State) { addSecurable(st, row, name) })
			some := slices.DeleteFunc(slices.Clone(row.Allowed), func(p string) bool {
				return p == "ALL_PRIVILEGES" || p == "EXTERNAL_USE_SCHEMA" // which the owner of the catalog alone can give
			})
			for _, privileges := range [][]string{some, some[1:], nil} {
				l.put("access.yaml", grantsOn(row, name, privileges))
				if p := l.converge(); len(p.Changes) == 0 {
					t.Errorf("no change to %v:\n%s", privileges, warned(p))
				}
			}
			if row.Owner {
				l.put("access.yaml", doc("Grants", "it", `{securables: [{type: `+row.Name+`, name: "`+name+`"}], owner: {group: AAD-Auditors}}`))
				same(t, "owner", "update owner@metastore/"+row.Name+"/"+name+" owner +group:AAD-Auditors -user:bob@example.com\n", show(l.converge()))
			}
		})
	}
}

func addSecurable(st *sandbox.State, row reconcile.TableRow, name string) {
	if row.Depth == 0 {
		return
	}
	parts := strings.Split(name, ".")
	for i, kind := range []string{"catalog", "schema"} {
		if i < row.Depth-1 {
			st.Securables = append(st.Securables, sandbox.Securable{Type: kind, Name: strings.Join(parts[:i+1], ".")})
		}
	}
	s := sandbox.Securable{Type: row.Name, Name: name, Owner: "user:bob@example.com"}
	if row.Name == "table" {
		s.TableType = "STREAMING_TABLE" // which allows all that tables can
	}
	st.Securables = append(st.Securables, s)
}

func grantsOn(row reconcile.TableRow, name string, privileges []string) string {
	thing := fmt.Sprintf(`{type: %s, name: %q}`, row.Name, name)
	if row.Depth == 0 {
		thing = `{type: metastore}`
	}
	if privileges == nil {
		return doc("Grants", "it", `{securables: [`+thing+`], grants: []}`)
	}
	return doc("Grants", "it", `{securables: [`+thing+`], grants: [{group: AAD-Auditors, privileges: [`+strings.Join(privileges, ", ")+`]}]}`)
}

// Passwords can be used and nothing else.
func TestLevelsOfSingleObjects(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Permissions", "it", `{objects: [{type: authorization, id: passwords}], authority: merge, permissions: [{group: users, level: CAN_MANAGE}]}`)))
	l.wantError("access.yaml:5:", `passwords have no level "CAN_MANAGE"; allowed: CAN_USE`)
}

// The table of kinds is in the order in which access is built up.
func TestKinds(t *testing.T) {
	t.Parallel()
	want := "group servicePrincipal roles assignment entitlements permissions grants owner"
	if got := strings.Join(reconcile.KindNames(), " "); got != want {
		t.Errorf("kinds are %s, want %s", got, want)
	}
	if n := len(slices.Collect(maps.Keys(contracts))); n != len(reconcile.KindNames()) {
		t.Errorf("%d contracts", n)
	}
}
