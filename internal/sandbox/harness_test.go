package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/config"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// company is the world of most tests: an administrator, two more users, two
// service principals of one name, nested groups, two workspaces.
const company = `
format: 1
caller: admin@example.com
account:
  id: 00000000-0000-0000-0000-0000000000aa
  users:
    - {userName: admin@example.com, displayName: Admin}
    - {userName: Alice@example.com, displayName: Alice, externalId: ext-alice}
    - {userName: bob@example.com, displayName: Bob}
  servicePrincipals:
    - {displayName: etl, applicationId: 11111111-1111-1111-1111-111111111111}
    - {displayName: etl, applicationId: 22222222-2222-2222-2222-222222222222}
  groups:
    - {displayName: analysts, members: ["user:alice@example.com", "user:bob@example.com"]}
    - {displayName: everyone, members: ["group:analysts", "sp:11111111-1111-1111-1111-111111111111"]}
    - {displayName: unassigned}
metastore: {name: main}
workspaces:
  - id: 1001
    name: dev/main
    assignments: [{principal: "group:everyone", permissions: [USER]}]
    groups: [{displayName: local, members: ["user:bob@example.com"], entitlements: [allow-cluster-create]}]
    entitlements: [{principal: "group:everyone", values: [workspace-access]}]
  - id: 1002
    name: prd/main
`

// rig is a sandbox behind HTTP.
type rig struct {
	*sandbox.Server
	t   *testing.T
	url string
}

func startRig(t *testing.T, seed string, opts sandbox.Options) *rig {
	t.Helper()
	st, err := sandbox.Parse([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	return serveRig(t, st, opts)
}

// serveRig starts a sandbox from a seed, or from none.
func serveRig(t *testing.T, st *sandbox.State, opts sandbox.Options) *rig {
	t.Helper()
	server, err := sandbox.New(st, opts)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{Server: server, t: t, url: web.URL}
}

// noEnvironment keeps the SDK from reading the environment and profiles.
type noEnvironment struct{}

func (noEnvironment) Name() string                   { return "none" }
func (noEnvironment) Configure(*config.Config) error { return nil }

func (r *rig) config(token string) *databricks.Config {
	return &databricks.Config{
		Host: r.url, Token: token, AuthType: "pat", Loaders: []config.Loader{noEnvironment{}},
		RateLimitPerSecond: 10_000, RetryTimeoutSeconds: 1,
	}
}

func (r *rig) workspace(name string) *databricks.WorkspaceClient {
	r.t.Helper()
	return r.workspaceAs(name, r.Token())
}

func (r *rig) workspaceAs(name, token string) *databricks.WorkspaceClient {
	r.t.Helper()
	cfg := r.config(token)
	for _, ws := range r.State().Workspaces {
		if ws.Name == name {
			cfg.WorkspaceID = jsonText(ws.ID)
		}
	}
	client, err := databricks.NewWorkspaceClient(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

func (r *rig) account() *databricks.AccountClient {
	r.t.Helper()
	return r.accountAs(r.Token())
}

func (r *rig) accountAs(token string) *databricks.AccountClient {
	r.t.Helper()
	cfg := r.config(token)
	cfg.AccountID = r.AccountID()
	client, err := databricks.NewAccountClient(cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	return client
}

func (r *rig) tokenOf(name string) string {
	r.t.Helper()
	token, err := r.TokenOf(name)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// reply is what a raw request got.
type reply struct {
	status int
	header http.Header
	body   string
}

// field is a top-level field of a JSON reply.
func (a reply) field(name string) any {
	var m map[string]any
	if json.Unmarshal([]byte(a.body), &m) != nil {
		return nil
	}
	return m[name]
}

// do sends a raw request as the seed's caller: "GET /path" and a body, which may
// be empty.
func (r *rig) do(request, body string) reply {
	r.t.Helper()
	return r.doAs(r.Token(), request, body)
}

func (r *rig) doAs(token, request, body string) reply {
	r.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, bytes.NewBufferString(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(data)}
}

// accountPath is the account's SCIM path for what follows.
func (r *rig) accountPath(rest string) string {
	return "/api/2.0/accounts/" + r.AccountID() + rest
}

// groupID is the id of an account group.
func (r *rig) groupID(name string) string {
	r.t.Helper()
	for _, g := range r.State().Account.Groups {
		if g.DisplayName == name {
			return g.ID
		}
	}
	r.t.Fatalf("no account group %s", name)
	return ""
}

// userID is the id of a user.
func (r *rig) userID(name string) string {
	r.t.Helper()
	for _, u := range r.State().Account.Users {
		if strings.EqualFold(u.UserName, name) {
			return u.ID
		}
	}
	r.t.Fatalf("no user %s", name)
	return ""
}

func jsonText(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
