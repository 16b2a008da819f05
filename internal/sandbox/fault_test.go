package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func TestFaultsSkipStrikeAndEnd(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: "GET", Path: "*/scim/v2/Me", Skip: 1, Times: 2, Status: 500})
	var statuses []int
	for range 4 {
		statuses = append(statuses, r.do(me, "").status)
	}
	if got := jsonText(statuses); got != "[200,500,500,200]" {
		t.Errorf("statuses %s", got)
	}
	r.Inject(sandbox.Fault{Path: `^/api/2\.0/preview/.*/Me$`, Times: -1, Status: 429})
	for range 3 {
		if got := r.do(me, ""); got.status != 429 || got.field("error_code") != "REQUEST_LIMIT_EXCEEDED" {
			t.Errorf("got %d %s", got.status, got.body)
		}
	}
	r.ClearFaults()
	if got := r.do(me, ""); got.status != 200 {
		t.Errorf("cleared: %d", got.status)
	}
}

func TestFaultsAnswerOneByOne(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.Inject(sandbox.Fault{Path: "*/Me", Status: 503})
	r.Inject(sandbox.Fault{Path: "*/Me", Status: 404, ContentType: "text/plain", Body: "gone", Header: http.Header{"Retry-After": {"3"}}})
	if got := r.do(me, ""); got.status != 503 {
		t.Errorf("first: %d", got.status)
	}
	got := r.do(me, "")
	if got.status != 404 || got.body != "gone" || got.header.Get("Content-Type") != "text/plain" || got.header.Get("Retry-After") != "3" {
		t.Errorf("second: %+v", got)
	}
}

func TestAFaultAfterTheHandlerHidesASuccess(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	a, id := r.account(), r.groupID("unassigned")
	r.Inject(sandbox.Fault{Method: "DELETE", Path: "*/Groups/*", Status: 500, After: true})
	if err := a.GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: id}); err == nil {
		t.Error("the first delete succeeds")
	}
	if err := a.GroupsV2.Delete(t.Context(), iam.DeleteAccountGroupRequest{Id: id}); !errors.Is(err, apierr.ErrNotFound) {
		t.Errorf("the second delete: %v, want not found since the first one worked", err)
	}
}

func TestADroppedConnectionHasNoAnswer(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: "POST", Drop: true, After: true})
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+r.accountPath("/scim/v2/Groups"), strings.NewReader(`{"displayName":"lost"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token())
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Errorf("got an answer: %s", resp.Status)
	}
	r.groupID("lost") // it was made all the same
}

func TestAMutationBetweenReadAndWrite(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: "PATCH", Mutate: func(st *sandbox.State) {
		st.Account.Groups[0].Members = append(st.Account.Groups[0].Members, "sp:22222222-2222-2222-2222-222222222222")
	}})
	_, members := patchGroup(r, `{"op":"remove","path":"members[value eq \"`+r.userID("bob@example.com")+`\"]"}`)
	if len(members) != 2 {
		t.Errorf("members are %v, want alice and the one who came in between", members)
	}
}

func TestRequestLog(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.ResetRequests()
	r.do("PATCH "+r.accountPath("/scim/v2/Groups/"+r.groupID("analysts")), `{"Operations":[]}`)
	r.doAs("", "GET /api/2.0/clusters/fly?x=1", "")
	log := r.Requests()
	if len(log) != 2 {
		t.Fatalf("log has %d requests", len(log))
	}
	want := sandbox.Request{
		Method: "PATCH", Path: r.accountPath("/scim/v2/Groups/" + r.groupID("analysts")), Body: `{"Operations":[]}`,
		Status: 400, Caller: "admin@example.com",
	}
	if log[0] != want {
		t.Errorf("got  %+v\nwant %+v", log[0], want)
	}
	if log[1].Status != 404 || log[1].Query != "x=1" || log[1].Caller != "" {
		t.Errorf("second is %+v", log[1])
	}
}

func TestATruncatedAnswer(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	r.Inject(sandbox.Fault{Method: "POST", Truncate: true})
	r.Inject(sandbox.Fault{Method: "DELETE", Truncate: true})
	ask := func(method, path, body string) error {
		req, err := http.NewRequestWithContext(t.Context(), method, r.url+r.accountPath(path), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.Token())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
	if err := ask("POST", "/scim/v2/Groups", `{"displayName":"half"}`); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the answer ends with %v", err)
	}
	if err := ask("DELETE", "/scim/v2/Groups/"+r.groupID("half"), ""); err == nil { // which was made
		t.Error("the answer without a body came")
	}
}

func TestAStalledAnswer(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	for _, after := range []bool{false, true} {
		r.Inject(sandbox.Fault{Method: "POST", Stall: true, After: after})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "POST", r.url+r.accountPath("/scim/v2/Groups"), strings.NewReader(`{"displayName":"slow"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.Token())
		if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			resp.Body.Close()
			t.Errorf("got %v", err)
		}
		made := 0
		for _, g := range r.State().Account.Groups {
			if g.DisplayName == "slow" {
				made++
			}
		}
		if made == 1 != after {
			t.Errorf("after the handler: %v, and %d groups", after, made)
		}
	}
}

func TestTokenBuckets(t *testing.T) {
	c := newClock()
	r := startRig(t, company, sandbox.Options{Now: c.read, Knobs: sandbox.Knobs{RateLimits: 1}})
	path := "PATCH " + r.accountPath("/scim/v2/Groups/"+r.groupID("analysts"))
	body := `{"Operations":[{"op":"replace","path":"displayName","value":"analysts"}]}`
	statuses := func(n int) string {
		var list []int
		for range n {
			list = append(list, r.do(path, body).status)
		}
		return jsonText(list)
	}
	if got := statuses(3); got != "[200,200,429]" {
		t.Errorf("at once: %s", got)
	}
	c.now = c.now.Add(500 * time.Millisecond)
	if got := statuses(2); got != "[200,429]" {
		t.Errorf("half a second later: %s", got)
	}
	if got := r.do("GET "+r.accountPath("/scim/v2/Groups/"+r.groupID("analysts")), ""); got.status != 200 {
		t.Errorf("another family: %d", got.status)
	}
	got := r.do(path, body)
	if got.status != 429 || !strings.Contains(got.body, "token bucket limit has been exceeded") {
		t.Errorf("refused with %d %s", got.status, got.body)
	}
}
