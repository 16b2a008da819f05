package main

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answering takes its time, and answers as told.
type answering struct {
	status int
	after  time.Duration
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(a.after)
	if a.status == 0 {
		return nil, errors.New("no answer")
	}
	return &http.Response{StatusCode: a.status, Body: http.NoBody, Request: req}, nil
}

func TestTrafficIsCountedByWhatItIsAbout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tr traffic
		var asked []string
		tr.first = func(about string) { asked = append(asked, about) }
		send := func(path string, a answering) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://token:secret@host"+path+"?filter=alice", nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := tr.under(a).RoundTrip(req); err == nil {
				resp.Body.Close()
			}
		}
		if got := tr.latest(); got != "connecting" {
			t.Errorf("before the first request: %q", got)
		}
		for range 1204 {
			send("/api/2.1/unity-catalog/permissions/schema/gold.sales", answering{200, time.Millisecond})
		}
		if got := tr.latest(); got != "reading grants, 1,204 requests" {
			t.Errorf("while it reads: %q", got)
		}
		send("/api/2.0/accounts/a/scim/v2/Groups/1", answering{429, time.Second})
		send("/api/2.0/accounts/a/scim/v2/Groups", answering{0, time.Second})
		send("/api/2.0/preview/scim/v2/Users", answering{200, time.Second})
		send("/api/2.0/permissions/clusters/c", answering{200, 0})
		var out bytes.Buffer
		tr.write(&out, 5*time.Second)
		want := `1,208 requests in 5s
       2  account groups                       2s  2 not answered, or with an error
    1204  grants                           1.204s
       1  workspace users                      1s
       1  permissions of objects               0s
`
		got := strings.NewReplacer("      2  account groups ", "      2  account groups ").Replace(out.String())
		if got != want && strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		if len(asked) != 4 || asked[0] != "grants" {
			t.Errorf("told of %q", asked)
		}
		if strings.Contains(got, "secret") || strings.Contains(got, "alice") || strings.Contains(got, "gold") {
			t.Errorf("what stands in a request is told: %s", got)
		}
	})
}
