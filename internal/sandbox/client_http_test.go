package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// plain is a client with nothing but HTTP, for what SDKs of other languages, the
// CLI and curl send.
type plain struct {
	*rig
	token  string
	header map[string]string
}

func (p *plain) send(request, body string) reply {
	p.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	if strings.HasPrefix(path, "/") {
		path = p.url + path
	}
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, path, reader)
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range p.header {
		req.Header.Set(name, value)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(data)}
}

func (p *plain) ok(request, body string) reply {
	p.t.Helper()
	a := p.send(request, body)
	if a.status >= 300 {
		p.t.Fatalf("%s: %d %s", request, a.status, a.body)
	}
	return a
}

// From the host alone an SDK finds where to sign in, signs in with a client id
// and a secret, and learns its workspace.
func TestHTTPSignInFromTheHostAlone(t *testing.T) {
	r, _ := startDefault(t)
	for _, tt := range []struct{ name, host, discovery string }{
		{"workspace host", "", "/oidc/.well-known/oauth-authorization-server"},
		{"account host", "accounts.localhost", "/oidc/accounts/" + r.AccountID() + "/.well-known/oauth-authorization-server"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			host := tt.host
			if host == "" {
				host = strings.TrimPrefix(r.url, "http://")
			}
			get := func(path string) map[string]string {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), "GET", r.url+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = host
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				var raw map[string]any
				if err := json.NewDecoder(resp.Body).Decode(&raw); err != nil || resp.StatusCode != 200 {
					t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
				}
				texts := map[string]string{}
				for name, v := range raw {
					texts[name], _ = v.(string)
				}
				return texts
			}
			meta := get("/.well-known/databricks-config")
			equal(t, meta["oidc_endpoint"]+"/.well-known/oauth-authorization-server", "http://"+host+tt.discovery)
			equal(t, meta["host_type"], map[bool]string{true: "workspace", false: "account"}[tt.host == ""])
			equal(t, meta["account_id"], r.AccountID())
			endpoint, err := url.Parse(get(tt.discovery)["token_endpoint"])
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"grant_type": {"client_credentials"}, "scope": {"all-apis"}}
			req, err := http.NewRequestWithContext(t.Context(), "POST", r.url+endpoint.Path, strings.NewReader(form.Encode()))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.SetBasicAuth("00000000-0000-0000-0000-0000000000bb", "any secret")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var token struct {
				AccessToken string `json:"access_token"`
				TokenType   string `json:"token_type"`
				ExpiresIn   int    `json:"expires_in"`
			}
			if err := json.NewDecoder(resp.Body).Decode(&token); err != nil || token.TokenType != "Bearer" || token.ExpiresIn == 0 {
				t.Fatalf("token %+v: %v", token, err)
			}
			me := (&plain{rig: r, token: token.AccessToken}).ok("GET /api/2.0/preview/scim/v2/Me", "")
			if me.field("displayName") != "automation" || me.header.Get("X-Databricks-Org-Id") != "1001" {
				t.Errorf("me %s, workspace %s", me.body, me.header.Get("X-Databricks-Org-Id"))
			}
		})
	}
}

// SDKs differ in the workspace's header, write truth values as words, repeat the
// parameters that are lists, and send empty bodies, {} and null alike.
func TestHTTPRequestsAsSDKsWriteThem(t *testing.T) {
	r, _ := startDefault(t)
	for _, header := range []string{"X-Databricks-Org-Id", "X-Databricks-Workspace-Id", "x-databricks-workspace-id"} {
		p := &plain{rig: r, token: r.Token(), header: map[string]string{
			header: "1001", "Accept": "application/json", "Content-Type": "application/json",
			"User-Agent": "unknown/0.0.0 databricks-sdk-py/0.61.0 python/3.12 os/linux auth/pat",
		}}
		for _, request := range []string{
			"GET /api/2.1/unity-catalog/catalogs?include_browse=true&max_results=0",
			"GET /api/2.1/unity-catalog/catalogs?include_browse=false",
			"GET /api/2.1/clusters/list?filter_by.cluster_states=RUNNING&filter_by.cluster_states=PENDING&filter_by.is_pinned=false&sort_by.field=CLUSTER_NAME&page_size=100",
			"GET /api/2.2/jobs/list?expand_tasks=false&limit=25",
			"GET /api/2.0/preview/scim/v2/Groups?startIndex=1&count=10000&filter=displayName+eq+%22data-engineers%22",
			"GET /api/2.0/preview/scim/v2/Users?filter=userName%20eq%20%22ALICE%40example.com%22&attributes=id%2CuserName",
			"GET /api/2.0/workspace/get-status?path=%2FShared&return_git_info=true",
			"GET /api/2.0/workspace/list?path=/",
			"GET /api/2.1/unity-catalog/permissions/TABLE/main.default.orders",
			"GET /api/2.0/permissions/authorization/tokens",
			"GET /api/2.0/accounts/" + r.AccountID() + "/workspaces",
			"GET /api/2.0/account/scim/v2/Groups?attributes=displayName",
		} {
			p.ok(request, "")
		}
		for _, body := range []string{"", "{}", "null"} {
			p.ok("POST /api/2.2/jobs/create", body)
		}
	}
}

// Paging ends with an empty page for SCIM, and with the last token elsewhere.
func TestHTTPPages(t *testing.T) {
	r, _ := startDefault(t)
	p := &plain{rig: r, token: r.Token()}
	seen, start := 0, 1
	for range 10 {
		page := p.ok("GET /api/2.0/preview/scim/v2/Users?count=2&startIndex="+jsonText(start), "")
		users, _ := page.field("Resources").([]any)
		if page.field("startIndex") != float64(start) || page.field("totalResults") != float64(3) {
			t.Fatalf("page %s", page.body)
		}
		if len(users) == 0 {
			break
		}
		seen, start = seen+len(users), start+len(users)
	}
	equal(t, seen, 3)
	for i := range 5 {
		p.ok("POST /api/2.2/jobs/create", `{"name":"job `+jsonText(i)+`"}`)
	}
	jobs, token := 0, ""
	for range 10 {
		page := p.ok("GET /api/2.2/jobs/list?limit=2&page_token="+token, "")
		list, _ := page.field("jobs").([]any)
		for _, job := range list {
			if _, isNumber := job.(map[string]any)["job_id"].(float64); !isNumber {
				t.Errorf("job_id of %v is no number", job)
			}
		}
		jobs += len(list)
		token, _ = page.field("next_page_token").(string)
		if page.field("has_more") != (token != "") {
			t.Errorf("has_more of %s", page.body)
		}
		if token == "" {
			break
		}
	}
	equal(t, jobs, 5)
}

// The statuses, bodies and headers by which clients tell one outcome from another.
func TestHTTPOutcomes(t *testing.T) {
	r, _ := startDefault(t)
	p := &plain{rig: r, token: r.Token()}
	group := p.ok("POST /api/2.0/preview/scim/v2/Groups", `{"displayName":"local"}`)
	id, _ := group.field("id").(string)
	for _, tt := range []struct {
		request, body string
		status        int
		part          string
	}{
		{"POST /api/2.0/preview/scim/v2/Groups", `{"displayName":"local"}`, 409, `"detail":"Group with name local already exists.","status":"409"`},
		{"PATCH /api/2.0/preview/scim/v2/Groups/" + id, `{"Operations":[{"op":"replace","path":"displayName","value":"other"}]}`, 200, `"displayName":"other"`},
		{"DELETE /api/2.0/preview/scim/v2/Groups/" + id, "", 204, ""},
		{"GET /api/2.0/preview/scim/v2/Groups/" + id, "", 404, `"status":"404"`},
		{"GET /api/2.1/unity-catalog/catalogs/none", "", 404, `"error_code":"CATALOG_DOES_NOT_EXIST"`},
		{"GET /api/2.2/jobs/get?job_id=5", "", 400, "Job 5 does not exist."},
		{"GET /api/2.0/none", "", 404, `"error_code":"ENDPOINT_NOT_FOUND"`},
		{"POST /api/2.1/unity-catalog/catalogs", `{"name":"c"}`, 200, `"full_name":"c"`},
		{"DELETE /api/2.1/unity-catalog/catalogs/c?force=true", "", 200, "{}"},
		{"GET /api/2.1/unity-catalog/permissions/volume/main.default.files", "", 200, "{}"},
	} {
		a := p.send(tt.request, tt.body)
		if a.status != tt.status || !strings.Contains(a.body, tt.part) {
			t.Errorf("%s: %d %s, want %d and %s", tt.request, a.status, a.body, tt.status, tt.part)
		}
		if a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s has no request id", tt.request)
		}
	}
	p.token = ""
	if a := p.send("GET /api/2.0/preview/scim/v2/Me", ""); a.status != 401 {
		t.Errorf("without a token: %d %s", a.status, a.body)
	}
}
