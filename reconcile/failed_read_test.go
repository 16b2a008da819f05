package reconcile_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// everything declares something of every kind, all of it different from live.
var everything = map[string]string{
	"teams.yaml": docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com}], roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		doc("Group", "grp_live", `{members: [{user: bob@example.com}]}`),
		doc("Group", "AAD-Auditors", external+`, workspaces: {main: {entitlements: [workspace-access]}}}`),
		doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001, memberOf: [grp_team]}`)),
	"access.yaml": docs(
		doc("Permissions", "objects", `{objects: [{type: clusters, name: shared-etl}, {type: warehouses, name: bi}, {type: directories, path: /Shared/sales}], permissions: [{group: AAD-Auditors, level: CAN_MANAGE}]}`),
		doc("Permissions", "job", `{objects: [{type: jobs, id: "90071992547409930"}], permissions: [{user: alice@example.com, level: CAN_VIEW}]}`),
		doc("Grants", "silver", `{securables: [{type: catalog, name: silver}, {type: schema, name: silver.sales}, {type: table, name: silver.sales.orders}, {type: catalog, name: gold}, {type: schema, name: gold.sales}], grants: [{group: AAD-Auditors, privileges: [APPLY_TAG]}]}`),
		doc("Grants", "owner", `{securables: [{type: schema, name: silver.sales}], owner: {group: AAD-Auditors}}`),
		doc("Grants", "location", `{securables: [{type: external_location, name: landing}], grants: [{group: AAD-Auditors, privileges: [READ_FILES]}], authority: merge}`)),
}

const everythingLive = `  - {displayName: grp_live_dev, members: ["user:alice@example.com", "user:mallory@example.com"]}
    - {displayName: grp_stranger`

func everythingLab(t *testing.T) *lab {
	t.Helper()
	seed := with(world, `  - {displayName: grp_stranger`, everythingLive,
		"  - {type: catalog, name: gold_dev}", "  - {type: catalog, name: gold_dev}\n  - {type: external_location, name: landing}")
	return newLab(t, seed, project, everything)
}

// isOne tells the reads of a single object or securable, which hold back what is
// about it; all other reads are of lists or of who we are, and fail the plan.
func isOne(path string) bool {
	for _, one := range []string{
		"/api/2.0/permissions/", "/api/2.1/unity-catalog/permissions/", "/api/2.0/workspace/get-status",
		"/api/2.1/unity-catalog/external-locations/landing",
	} {
		if strings.HasPrefix(path, one) {
			return true
		}
	}
	return false
}

var failures = []sandbox.Fault{
	{Status: http.StatusInternalServerError},
	{Status: http.StatusForbidden},
	{Status: http.StatusNotFound, ContentType: "text/html", Body: "<html><body>no such page</body></html>"},
	{Status: http.StatusBadGateway, ContentType: "text/html", Body: "<html><body>bad gateway</body></html>"},
	{Status: http.StatusOK, ContentType: "text/html", Body: "<html><body>please log in</body></html>"},
	{Status: http.StatusOK, Body: `[1,2]`},
	{Status: http.StatusOK, Body: `null`},
	{Status: http.StatusOK, Body: " "},
	{Status: http.StatusOK, Body: `{"privilege_assignments": `},
}

// No read that fails, whatever it is and however it fails, is taken for absence:
// a list fails the plan, one object holds back its own changes and no other.
func TestFailedReads(t *testing.T) {
	t.Parallel()
	l := everythingLab(t)
	l.ResetRequests()
	_, whole := l.plan()
	paths := l.reads()
	if len(paths) < 20 {
		t.Fatalf("only %d reads: %v", len(paths), paths)
	}
	for i, f := range failures {
		t.Run(fmt.Sprint(i, "_", f.Status), func(t *testing.T) {
			t.Parallel()
			l := everythingLab(t)
			l.transport.Attempts = 2
			for _, path := range paths {
				if path == "/.well-known/databricks-config" {
					continue // the SDK goes on without it
				}
				f.Method, f.Path, f.Times = http.MethodGet, path, -1
				l.Inject(f)
				l.failing(path, f, whole)
				l.ClearFaults()
			}
		})
	}
}

func (l *lab) failing(path string, f sandbox.Fault, whole plan.Plan) {
	l.t.Helper()
	_, p, err := l.tryPlan()
	absent := f.Status == http.StatusNotFound && (strings.HasSuffix(path, "get-status") || strings.Contains(path, "external-locations/landing"))
	switch {
	case !isOne(path):
		if err == nil {
			l.t.Errorf("GET %s answered %d and the plan was made:\n%s", path, f.Status, show(p))
		}
		return
	case err != nil:
		l.t.Errorf("GET %s answered %d, which is of one thing, and all failed: %v", path, f.Status, err)
		return
	}
	lost := missingChanges(whole, p)
	if len(lost) != 1 {
		l.t.Errorf("GET %s answered %d: held back %v, and left %d of %d changes", path, f.Status, lost, len(p.Changes), len(whole.Changes))
	}
	if absent {
		return // a waiting thing: 404 of its own API
	}
	i := slices.IndexFunc(p.Held, func(h plan.Held) bool { return h.Failed && slices.Contains(lost, h.Key.Name) })
	if i < 0 {
		l.t.Errorf("GET %s answered %d: %v is held back, Held says %v", path, f.Status, lost, p.Held)
		return
	}
	if f.Status == http.StatusForbidden && !strings.Contains(p.Held[i].Reason, "needs") {
		l.t.Errorf("the refusal does not name the missing permission: %s", p.Held[i].Reason)
	}
}

// missingChanges are the things whose changes are in the first plan alone; of a
// thing either all changes are missing, its owner's included, or none.
func missingChanges(whole, p plan.Plan) []string {
	var lost []string
	for _, c := range whole.Changes {
		if !slices.ContainsFunc(p.Changes, func(d plan.Change) bool { return d.Key.Name == c.Key.Name && d.Key.Target == c.Key.Target }) {
			lost = append(lost, c.Key.Name)
		}
	}
	return plan.Set(lost)
}

// A refusal names the permission that is missing.
func TestRefusedListsNameTheMissingPermission(t *testing.T) {
	t.Parallel()
	l := everythingLab(t)
	for path, permission := range map[string]string{
		"/api/2.0/accounts/*/scim/v2/Groups":                 "account admin",
		"/api/2.0/accounts/*/scim/v2/Users":                  "account admin",
		"/api/2.0/accounts/*/scim/v2/ServicePrincipals":      "account admin",
		"/api/2.0/accounts/*/workspaces/*/permissionassign*": "account admin",
		"/api/2.0/preview/scim/v2/Groups":                    "workspace admin",
		"/api/2.1/unity-catalog/schemas":                     "metastore admin",
		"/api/2.1/clusters/list":                             "workspace admin",
	} {
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: path, Status: http.StatusForbidden, Times: -1})
		l.wantError("not allowed to", permission)
		l.ClearFaults()
	}
}

// A page that fails half-way fails the list.
func TestFailedPage(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/api/2.0/accounts/*/scim/v2/Groups", "/api/2.0/accounts/*/scim/v2/ServicePrincipals", "/api/2.0/preview/scim/v2/Groups",
		"/api/2.1/clusters/list", "/api/2.2/jobs/list", "/api/2.1/unity-catalog/catalogs", "/api/2.1/unity-catalog/schemas",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			l := everythingLab(t)
			l.change(func(st *sandbox.State) {
				ws := workspace(st, "dev/main")
				ws.Objects = append(ws.Objects, sandbox.Object{Type: "clusters", Name: "b"}, sandbox.Object{Type: "jobs", Name: "b", ACL: []sandbox.ACLEntry{{Principal: "user:bob@example.com", Level: "IS_OWNER"}}})
				st.Securables = append(st.Securables, sandbox.Securable{Type: "schema", Name: "gold_dev.b"}, sandbox.Securable{Type: "schema", Name: "silver_dev.b"})
			})
			l.SetKnobs(sandbox.Knobs{PageSize: 1})
			l.Inject(sandbox.Fault{Method: http.MethodGet, Path: path, Skip: 1, Status: http.StatusInternalServerError, Times: -1})
			l.wantError("told to answer 500")
		})
	}
}
