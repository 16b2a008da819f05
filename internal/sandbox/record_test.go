package sandbox

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// seen is an account and a workspace as another platform than the sandbox may show it:
// a nested group's people are not listed, names are there that no list has.
var seen = []Exchange{
	{Path: "/api/2.0/preview/scim/v2/Me", Workspace: 7, Status: 200, Body: []byte(`{"id":"11","userName":"robot@x.example","groups":[{"value":"21","display":"team"}]}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/Users", Status: 200, Body: []byte(`{"totalResults":3,"Resources":[{"id":"11","userName":"robot@x.example","active":true},{"id":"12","userName":"Ann@x.example","active":true,"displayName":"Ann Secret","emails":[{"value":"secret@home.example"}]}]}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/Users", Query: url.Values{"startIndex": {"3"}}, Status: 200, Body: []byte(`{"totalResults":3,"Resources":[{"id":"13","userName":"bob@x.example"}]}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/Groups", Status: 200, Body: []byte(`{"totalResults":2,"Resources":[{"id":"21","displayName":"team"},{"id":"22","displayName":"inner"}]}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/Groups/22", Status: 200, Body: []byte(`{"id":"22","displayName":"inner","members":[{"value":"12","$ref":"Users/12"},{"value":"99","$ref":"ServicePrincipals/99"}]}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/ServicePrincipals", Status: 200, Body: []byte(`{"totalResults":0}`)},
	{Path: "/api/2.0/accounts/a-1/scim/v2/ServicePrincipals/99", Query: url.Values{"attributes": {"id"}}, Status: 404, Body: []byte(`{"detail":"gone","status":"404"}`)},
	{Path: "/api/2.0/preview/scim/v2/Groups", Workspace: 7, Status: 200, Body: []byte(`{"totalResults":3,"Resources":[{"id":"31","displayName":"admins","meta":{"resourceType":"WorkspaceGroup"}},{"id":"32","displayName":"users","meta":{"resourceType":"WorkspaceGroup"}},{"id":"22","displayName":"inner","meta":{"resourceType":"Group"}}]}`)},
	{Path: "/api/2.0/preview/scim/v2/Users", Workspace: 7, Status: 200, Body: []byte(`{"totalResults":1,"Resources":[{"id":"11","userName":"robot@x.example","active":true}]}`)},
	{Path: "/api/2.0/accounts/a-1/workspaces/7/permissionassignments", Status: 200, Body: []byte(`{"permission_assignments":[{"principal":{"principal_id":22,"group_name":"inner"},"permissions":["USER"]}]}`)},
	{Path: "/api/2.1/unity-catalog/metastore_summary", Workspace: 7, Status: 200, Body: []byte(`{"metastore_id":"m-1","owner":"admins of everything"}`)},
	{Path: "/api/2.1/unity-catalog/tables/main.sales.orders", Workspace: 7, Status: 200, Body: []byte(`{"name":"orders","catalog_name":"main","schema_name":"sales","owner":"left@x.example","comment":"secret"}`)},
	{Path: "/api/2.1/unity-catalog/permissions/table/main.sales.orders", Workspace: 7, Status: 200, Body: []byte(`{"privilege_assignments":[{"principal":"Ann@x.example","privileges":["SELECT","BRAND_NEW"]},{"principal_id":77,"privileges":["MODIFY"]}]}`)},
	{Path: "/api/2.1/unity-catalog/tables/main.sales.none", Workspace: 7, Status: 400, Body: []byte(`{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"none"}`)},
	{Path: "/api/2.1/unity-catalog/bindings/catalog/main", Workspace: 7, Status: 404, Body: []byte(`{"error_code":"ENDPOINT_NOT_FOUND","message":"no such API"}`)},
	{Path: "/api/2.0/permissions/jobs/5", Workspace: 7, Failure: "cut"},
	{Path: "/api/2.1/unity-catalog/catalogs", Workspace: 7, Status: 200, Body: []byte(`{"catalogs":[{"name":"main"}],"next_page_token":"more"}`)},
}

func recorded(t *testing.T, exchanges []Exchange) (*State, error) {
	t.Helper()
	r, err := NewRecorder()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exchanges {
		r.Saw(e)
	}
	return r.State(Origin{
		Snapshot: Snapshot{Environment: "prd", ReadAt: "2026-11-22T09:00:00Z"},
		Caller:   "robot@x.example", AccountID: "a-1", Workspaces: map[int64]string{7: "prd/main"},
	})
}

func TestRecorderKeepsWhatWasSaid(t *testing.T) {
	st, err := recorded(t, seen)
	if err != nil {
		t.Fatal(err)
	}
	var absent, unread []string
	for _, r := range st.Snapshot.Absent {
		absent = append(absent, r.What)
	}
	for _, r := range st.Snapshot.Unread {
		unread = append(unread, r.What)
	}
	if want := []string{"account: service principal 99", "table main.sales.none"}; !slices.Equal(absent, want) {
		t.Errorf("absent: %q, want %q", absent, want)
	}
	if want := []string{"bindings of catalog main", "list of catalogs", "prd/main: permissions of jobs/5"}; !slices.Equal(unread, want) {
		t.Errorf("unread: %q, want %q", unread, want)
	}
	for _, what := range []string{"account: users", "account: group 22", "prd/main: users", "table main.sales.orders", "metastore"} {
		if !slices.Contains(st.Snapshot.Looked, what) {
			t.Errorf("%q is not listed as looked at: %q", what, st.Snapshot.Looked)
		}
	}
	if slices.Contains(st.Snapshot.Looked, "list of catalogs") || slices.Contains(st.Snapshot.Looked, "account: group 21") {
		t.Errorf("what was not read is listed: %q", st.Snapshot.Looked)
	}
	if text := string(st.marshal()); strings.Contains(strings.ToLower(text), "secret") {
		t.Errorf("more than names is kept: %s", text)
	}
	ws := st.Workspaces[0]
	if !slices.Equal(ws.Hidden, []string{"12"}) || !slices.Equal(ws.Shown, []string{"11"}) {
		t.Errorf("shown %q and hidden %q: the workspace lists robot@x.example, and not Ann, whom an assigned group holds", ws.Shown, ws.Hidden)
	}
}

// Concurrent reads end in any order.
func TestRecordersAreEqualInAnyOrder(t *testing.T) {
	first, err := recorded(t, seen)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		shuffled := slices.Clone(seen)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		st, err := recorded(t, shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := string(first.marshal()), string(st.marshal()); a != b {
			t.Fatalf("another state:\n%s\n%s", a, b)
		}
	}
}

func TestRecorderRefusesWhatItHasNoPlaceFor(t *testing.T) {
	for path, want := range map[string]string{
		"/api/2.0/unheard/of":                       "No API found",
		"/api/2.1/clusters/spark-versions":          "no place for it",
		"/api/2.1/unity-catalog/volumes/a.b.c/none": "No API found",
	} {
		_, err := recorded(t, append(slices.Clone(seen), Exchange{Path: path, Workspace: 7, Status: http.StatusOK, Body: []byte(`{}`)}))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	_, err := recorded(t, []Exchange{{Path: "/api/2.2/jobs/list", Workspace: 8, Status: http.StatusOK, Body: []byte(`{}`)}})
	if err == nil || !strings.Contains(err.Error(), "workspace 8 is none of the environment") {
		t.Error(err)
	}
}
