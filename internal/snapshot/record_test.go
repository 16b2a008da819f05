package snapshot_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// answers is a transport that answers by path.
type answers map[string]string

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	body, ok := a[req.URL.Path]
	if !ok {
		return nil, errors.New("the line is dead")
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"X-Databricks-Org-Id": {"7"}}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// What passes is passed on as it came; how somebody logs in is not kept, and a line that
// broke is no empty answer.
func TestRecordingKeepsTheAPIAlone(t *testing.T) {
	recording, err := snapshot.Record(answers{
		"/token":                              `{"access_token":"secret-token"}`,
		"/api/2.0/preview/scim/v2/Me":         `{"id":"11","userName":"robot@x.example"}`,
		"/api/2.1/unity-catalog/tables/a.b.c": `{"name":"c","catalog_name":"a","schema_name":"b"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/token", "/api/2.0/preview/scim/v2/Me", "/api/2.1/unity-catalog/tables/a.b.c", "/api/2.1/unity-catalog/permissions/table/a.b.c"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://one.example"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := recording.RoundTrip(req)
		if err != nil {
			continue
		}
		if body, err := io.ReadAll(resp.Body); err != nil || len(body) == 0 {
			t.Errorf("%s: %q %v", path, body, err)
		}
		resp.Body.Close()
	}
	clients := &reconcile.Clients{Self: reconcile.Self{Name: "robot@x.example"}, Workspaces: []*reconcile.Workspace{{Name: "main", ID: 7}}}
	state, err := snapshot.Making{
		Environment: "prd", ReadAt: time.Unix(0, 0), Recording: recording,
		Hosts: []plan.Host{{Target: "account", Host: "https://one.example", ID: "a-1"}},
	}.State(clients)
	if err != nil {
		t.Fatal(err)
	}
	data, err := snapshot.Encode(state)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("secret")) {
		t.Errorf("a token is kept: %s", data)
	}
	if u := state.Snapshot.Unread; len(u) != 1 || u[0].What != "grants on table a.b.c" || u[0].Message != "the line is dead" {
		t.Errorf("unread: %v", u)
	}
	if state.Snapshot.ReadAt != "1970-01-01T00:00:00Z" || state.Account.ID != "a-1" || state.Workspaces[0].Name != "prd/main" {
		t.Errorf("%+v", state.Snapshot)
	}
}
