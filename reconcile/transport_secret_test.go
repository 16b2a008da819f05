package reconcile_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/reconcile"
)

// What a gateway says is told without what it was sent; what an API answers comes
// as it is, and short words are no secrets.
func TestAnswersAreToldWithoutCredentials(t *testing.T) {
	t.Parallel()
	const secret = `dose/42+"&=s3cr3té`
	basic := base64.StdEncoding.EncodeToString([]byte("id:" + url.QueryEscape(secret)))
	for _, test := range []struct {
		status               int
		kind, authorization  string
		form, answered, want string
	}{
		{500, "text/html", "Bearer dapi-0123456789", "", "<p>Bearer dapi-0123456789</p>", "<p>Bearer [hidden]</p>"},
		{502, "text/html", "Basic " + basic, "", basic + " " + secret + " " + url.QueryEscape(secret), "[hidden] [hidden] [hidden]"},
		{401, "application/json", "Basic " + basic, "", `{"m": "dose\/42+\"&=s3cr3té dose/42+\"\u0026=s3cr3t\u00E9"}`, `{"m": "[hidden] [hidden]"}`},
		{400, "application/json", "", "client_secret=" + url.QueryEscape(secret), "client_secret=" + url.QueryEscape(secret), "client_secret=[hidden]"},
		{200, "text/html", "Bearer dapi-0123456789", "", "dapi-0123456789", "[hidden]"},
		{200, "application/json", "Bearer dapi-0123456789", "", `"dapi-0123456789"`, `"dapi-0123456789"`},
		{500, "text/html", "Bearer x", "", "the box", "the box"},
	} {
		host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.answered)
		}))
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, host.URL, strings.NewReader(test.form))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if test.authorization != "" {
			req.Header.Set("Authorization", test.authorization)
		}
		resp, err := (&reconcile.Transport{Backoff: time.Millisecond}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != test.want {
			t.Errorf("%d %s: %s, want %s (%v)", test.status, test.authorization, body, test.want, err)
		}
		host.Close()
	}
}

// A redirection on the same host, or of a request without a credential, is for
// the client to follow.
func TestHarmlessRedirections(t *testing.T) {
	t.Parallel()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	}))
	t.Cleanup(host.Close)
	for _, test := range []struct {
		to, authorization string
		refused           bool
	}{
		{"/elsewhere", "Bearer dapi-0123456789", false},
		{"https://login.example.com/x", "", false},
		{"https://login.example.com/x", "Bearer dapi-0123456789", true},
		{"//login.example.com/x", "Bearer dapi-0123456789", true},
		{"https://" + strings.TrimPrefix(host.URL, "http://"), "Bearer dapi-0123456789", true},
	} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, host.URL+"/?to="+url.QueryEscape(test.to), nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.authorization != "" {
			req.Header.Set("Authorization", test.authorization)
		}
		_, err = (&reconcile.Transport{}).RoundTrip(req)
		if refused := err != nil && strings.Contains(err.Error(), "redirects to "); refused != test.refused {
			t.Errorf("to %s with %q: %v", test.to, test.authorization, err)
		}
	}
}
