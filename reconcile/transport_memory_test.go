package reconcile_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/reconcile"
)

// counting answers each request with its number, until it is told otherwise.
type counting struct {
	n      int
	status int
	err    error
}

func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.n++
	if c.err != nil {
		return nil, c.err
	}
	text := fmt.Sprintf("answer %d %s", c.n, strings.Repeat("x", 10_000))
	header := http.Header{"Content-Type": {"text/plain"}, "X-Databricks-Org-Id": {"1001"}, "Set-Cookie": {"secret"}}
	return &http.Response{StatusCode: c.status, Header: header, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
}

func TestMemoryAnswersWhatWasAnswered(t *testing.T) {
	wire := &counting{status: http.StatusOK}
	m := &reconcile.Memory{Base: wire}
	ask := func(method, url, workspace string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "http://host"+url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Databricks-Workspace-Id", workspace)
		resp, err := m.RoundTrip(req)
		if err != nil {
			return err.Error()
		}
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Header.Get("X-Databricks-Org-Id") != "1001" || resp.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s %s: %v", method, url, resp.Header)
		}
		words := strings.Fields(string(text))
		return fmt.Sprint(resp.StatusCode, " ", words[1], " ", len(words[2]))
	}
	want := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// While it learns, nothing is kept from being read twice.
	want(ask("GET", "/api/2.0/a?x=1", "7"), "200 1 10000")
	want(ask("GET", "/api/2.0/a?x=1", "7"), "200 2 10000")
	wire.status = http.StatusNotFound
	want(ask("GET", "/api/2.0/none", "7"), "404 3 10000")
	wire.status = http.StatusInternalServerError
	want(ask("GET", "/api/2.0/broken", "7"), "500 4 10000")
	wire.status = http.StatusForbidden
	want(ask("GET", "/api/2.0/forbidden", "7"), "403 5 10000")
	wire.status, wire.err = http.StatusOK, errors.New("lost")
	want(ask("GET", "/api/2.0/lost", "7"), "lost")
	wire.err = nil
	want(ask("GET", "/oidc/token", "7"), "200 7 10000")
	want(ask("POST", "/api/2.0/a?x=1", "7"), "200 8 10000")

	// Then it answers the last of what it learned, and asks for the rest.
	m.Recall()
	want(ask("GET", "/api/2.0/a?x=1", "7"), "200 2 10000")
	want(ask("GET", "/api/2.0/a?x=1", "7"), "200 2 10000")
	want(ask("GET", "/api/2.0/none", "7"), "404 3 10000")
	want(ask("GET", "/api/2.0/a?x=1", "8"), "200 9 10000")
	want(ask("GET", "/api/2.0/a?x=1", "8"), "200 9 10000")
	want(ask("GET", "/api/2.0/a?x=2", "7"), "200 10 10000")
	want(ask("GET", "/api/2.0/broken", "7"), "200 11 10000")
	want(ask("GET", "/api/2.0/forbidden", "7"), "200 12 10000")
	want(ask("GET", "/api/2.0/lost", "7"), "200 13 10000")
	want(ask("GET", "/oidc/token", "7"), "200 14 10000")
	want(ask("GET", "/oidc/token", "7"), "200 15 10000")
	want(ask("POST", "/api/2.0/a?x=1", "7"), "200 16 10000")
	want(ask("DELETE", "/api/2.0/a?x=1", "7"), "200 17 10000")

	m.Forget()
	want(ask("GET", "/api/2.0/a?x=1", "7"), "200 18 10000")
}
