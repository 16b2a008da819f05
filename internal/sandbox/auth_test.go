package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

const me = "GET /api/2.0/preview/scim/v2/Me"

func TestBearerTokens(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if r.Token() != "sandbox-admin@example.com" {
		t.Errorf("token is %s", r.Token())
	}
	if token := r.tokenOf("ALICE@example.com"); token != "sandbox-alice@example.com" {
		t.Errorf("alice's token is %s", token)
	}
	if _, err := r.TokenOf("analysts"); err == nil {
		t.Error("a group has a token")
	}
	if got := r.doAs("", me, ""); got.status != 401 || !strings.Contains(got.body, "Credential was not sent") {
		t.Errorf("no token: %d %s", got.status, got.body)
	}
	for _, token := range []string{"dapi123", "sandbox-nobody@example.com"} {
		if got := r.doAs(token, me, ""); got.status != 401 || !strings.Contains(got.body, "Invalid access token") {
			t.Errorf("%s: %d %s", token, got.status, got.body)
		}
	}
	_, err := r.workspaceAs("dev/main", "wrong").CurrentUser.Me(t.Context(), iam.MeRequest{})
	if !errors.Is(err, apierr.ErrUnauthenticated) {
		t.Errorf("the SDK sees %v, want unauthenticated", err)
	}
}

func TestADeactivatedUserHasNoAccess(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if err := r.Change(func(st *sandbox.State) {
		off := false
		st.Account.Users[1].Active = &off
	}); err != nil {
		t.Fatal(err)
	}
	if got := r.doAs(r.tokenOf("alice@example.com"), me, ""); got.status != 403 || !strings.Contains(got.body, "deactivated") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestWorkspaceHeaderChoosesTheWorkspace(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	for _, tt := range []struct{ header, value, want string }{
		{"X-Databricks-Workspace-Id", "1002", "1002"},
		{"X-Databricks-Org-Id", "1002", "1002"},
		{"X-Unrelated", "1002", "1001"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", r.url+"/api/2.0/preview/scim/v2/Me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.Token())
		req.Header.Set(tt.header, tt.value)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("X-Databricks-Org-Id"); got != tt.want {
			t.Errorf("%s: %s answered by workspace %s, want %s", tt.header, tt.value, got, tt.want)
		}
	}
}

func TestHostMetadata(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	got := r.doAs("", "GET /.well-known/databricks-config", "")
	for field, want := range map[string]string{
		"oidc_endpoint": r.url + "/oidc", "account_id": r.AccountID(), "workspace_id": "1001", "cloud": "AWS",
	} {
		if got.field(field) != want {
			t.Errorf("%s is %v, want %s", field, got.field(field), want)
		}
	}
}

func TestAnAccountsHostIsToldByItsName(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	req, err := http.NewRequestWithContext(t.Context(), "GET", r.url+"/.well-known/databricks-config", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "accounts.localhost"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var m map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m["host_type"] != "account" || m["workspace_id"] != "" || m["oidc_endpoint"] != "http://accounts.localhost/oidc/accounts/"+r.AccountID() {
		t.Errorf("metadata %v", m)
	}
}

func TestServicePrincipalsLogInWithOAuth(t *testing.T) {
	const app = "11111111-1111-1111-1111-111111111111"
	r := startRig(t, company, sandbox.Options{})
	w, err := databricks.NewWorkspaceClient(&databricks.Config{
		Host: r.url, ClientID: app, ClientSecret: "any", AuthType: "oauth-m2m", Loaders: []config.Loader{noEnvironment{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	who, err := w.CurrentUser.Me(t.Context(), iam.MeRequest{})
	if err != nil || who.UserName != app {
		t.Errorf("logged in as %+v, %v", who, err)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	form := func(grant, id, secret string) string {
		return url.Values{"grant_type": {grant}, "client_id": {id}, "client_secret": {secret}}.Encode()
	}
	const app = "11111111-1111-1111-1111-111111111111"
	path := "POST /oidc/accounts/" + r.AccountID() + "/v1/token"
	if got := r.doAs("", path, form("client_credentials", app, "x")); got.field("access_token") != "sandbox-"+app {
		t.Errorf("good credentials: %d %s", got.status, got.body)
	}
	if got := r.doAs("", path, form("client_credentials", "admin@example.com", "x")); got.status != 401 {
		t.Errorf("a user: %d %s", got.status, got.body)
	}
	if got := r.doAs("", path, form("client_credentials", app, "")); got.status != 401 {
		t.Errorf("no secret: %d %s", got.status, got.body)
	}
	if got := r.doAs("", path, form("password", app, "x")); got.status != 400 || got.field("error") != "unsupported_grant_type" {
		t.Errorf("another grant: %d %s", got.status, got.body)
	}
}
