package sandbox_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func TestWhatThePlatformDoesNotKnowIsNamed(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	groups := r.accountPath("/scim/v2/Groups")
	for _, tt := range []struct {
		request, body string
		status        int
		want          string
	}{
		{"GET /api/2.0/fly", "", 404, "No API found for 'GET /api/2.0/fly'"},
		{"DELETE " + groups, "", 405, "this path knows GET, POST"},
		{"GET " + groups + "?fliter=x", "", 400, `unknown query parameter \"fliter\"`},
		{"POST " + groups, `{"displayName":"x","color":"red"}`, 400, `unknown field \"color\"`},
		{"POST " + groups, `{"displayName":"x","members":[{"id":"1"}]}`, 400, `unknown field \"id\"`},
		{"POST " + groups, `{"displayName":`, 400, "unexpected EOF"},
		{"POST " + groups, `{"displayName":"x"} {}`, 400, "more than one JSON value"},
		{"POST " + groups, ``, 400, "displayName is missing"},
		{"POST " + r.accountPath("/scim/v2/Users"), `{"userName":"x@y","members":[]}`, 400, `unknown field \"members\"`},
		{"PATCH " + groups + "/1", `{"operation":[]}`, 404, "Group with id 1 not found."},
		{"GET /", "", 404, "No API found"},
	} {
		got := r.do(tt.request, tt.body)
		if got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s %s: %d %s, want %d %s", tt.request, tt.body, got.status, got.body, tt.status, tt.want)
		}
	}
}

func TestGzipAndSCIMContentTypes(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	var body bytes.Buffer
	zip := gzip.NewWriter(&body)
	fmt.Fprint(zip, `{"displayName":"zipped"}`)
	zip.Close()
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+r.accountPath("/scim/v2/Groups"), &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token())
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 201 {
		t.Errorf("status %s", resp.Status)
	}
	r.groupID("zipped")
}

func TestLatencyIsAddedToEveryAnswer(t *testing.T) {
	r := startRig(t, company, sandbox.Options{Latency: 30 * time.Millisecond})
	start := time.Now()
	r.do(me, "")
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("took %s", took)
	}
}

// Under the race detector this shows that requests, snapshots and switches do
// not step on each other.
func TestManyClientsAtOnce(t *testing.T) {
	r := startRig(t, company, sandbox.Options{Knobs: sandbox.Knobs{Staleness: time.Millisecond, Flipping: true}})
	a, w := r.account(), r.workspace("dev/main")
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 10 {
				name := fmt.Sprintf("g%d-%d", i, j)
				if _, err := a.GroupsV2.Create(t.Context(), iam.CreateAccountGroupRequest{DisplayName: name}); err != nil {
					t.Error(err)
				}
				if _, err := w.GroupsV2.ListAll(t.Context(), iam.ListGroupsRequest{}); err != nil {
					t.Error(err)
				}
				r.State()
				r.Requests()
				r.SetKnobs(r.Knobs())
			}
		})
	}
	wait.Wait()
	if n := len(r.State().Account.Groups); n != 84 {
		t.Errorf("%d account groups, want 84", n)
	}
}
