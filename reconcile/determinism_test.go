package reconcile_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Two plans over the same state are the same bytes, whatever answers first and
// in whatever order.
func TestEqualPlansAreEqualBytes(t *testing.T) {
	t.Parallel()
	l := exampleLab(t)
	l.SetKnobs(sandbox.Knobs{Cloud: "azure"})
	labs := []*lab{l, everythingLab(t)}
	// What cannot be read is listed in an order too.
	labs[1].Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/permissions/*", Status: http.StatusForbidden, Times: -1})
	labs[1].Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.1/unity-catalog/permissions/*", Status: http.StatusForbidden, Times: -1})
	for _, l := range labs {
		var first []byte
		for i := range 8 {
			l.opts.Concurrency = 1 + i*3
			_, p := l.plan()
			data, err := p.JSON("test")
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = data
			}
			if !bytes.Equal(first, data) {
				same(t, "plan", string(first), string(data))
			}
		}
	}
}

// A run can be planned again and again, and planning changes nothing in it.
func TestPlanningLeavesTheRunAlone(t *testing.T) {
	t.Parallel()
	l := everythingLab(t)
	run, first := l.plan()
	for range 2 {
		again, err := run.Plan(l.now, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "plan", show(first), show(again))
		same(t, "kept", kept(first), kept(again))
		same(t, "warnings", warned(first), warned(again))
	}
}

// emptied answers a path with 200 and a body of its own.
type emptied struct {
	http.RoundTripper
	path, body string
}

func (e *emptied) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := e.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodGet && r.URL.Path == e.path {
		resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(e.body)), int64(len(e.body))
	}
	return resp, err
}

// An answer that says nothing is no absence: an empty body anywhere, an empty
// object where the API always says more.
func TestAnswersThatSayNothing(t *testing.T) {
	t.Parallel()
	l := everythingLab(t)
	l.ResetRequests()
	_, whole := l.plan()
	e := &emptied{RoundTripper: l.transport.Base}
	l.transport.Base = e
	for _, e.path = range l.reads() {
		if e.path == "/.well-known/databricks-config" {
			continue
		}
		for _, e.body = range []string{"", "{}"} {
			if e.body == "{}" && !strings.Contains(e.path, "/scim/") && !strings.HasPrefix(e.path, "/api/2.0/permissions/") {
				continue // how these APIs write an empty list
			}
			_, p, err := l.tryPlan()
			if err == nil && len(missingChanges(whole, p)) != 1 {
				t.Errorf("GET %s answered %q and is believed:\n%s", e.path, e.body, show(p))
			}
		}
	}
}
