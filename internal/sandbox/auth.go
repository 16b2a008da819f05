package sandbox

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Tokens follow from names, so that no secret has to be kept anywhere.
const (
	tokenPrefix = "sandbox-"
	tokenLife   = time.Hour
)

func tokenFor(name string) string { return tokenPrefix + strings.ToLower(name) }

// authenticate finds the caller by the bearer token. The present world decides
// who exists, also where a read is answered from an older one.
func (c *call) authenticate() error {
	if c.route.open {
		return nil
	}
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok || token == "" {
		return errf(http.StatusUnauthorized, "401", "Credential was not sent or was of an unsupported type for this API.")
	}
	name, ok := strings.CutPrefix(token, tokenPrefix)
	if ok {
		c.caller = c.s.world.callerNamed(name)
	}
	if c.caller == nil {
		return errf(http.StatusUnauthorized, "401", "Invalid access token.")
	}
	c.callerName = c.caller.name
	if !c.caller.active() {
		return denied("User %s is deactivated.", c.caller.name)
	}
	return nil
}

func (s *Server) authRoutes() []route {
	return []route{
		{method: "GET", path: "/.well-known/databricks-config", handle: hostMetadata, open: true},
		{method: "GET", path: "/oidc/.well-known/oauth-authorization-server", handle: oidcEndpoints, open: true},
		{method: "GET", path: "/oidc/accounts/{account}/.well-known/oauth-authorization-server", handle: oidcEndpoints, open: true},
		{method: "POST", path: "/oidc/v1/token", handle: issueToken, open: true, read: true},
		{method: "POST", path: "/oidc/accounts/{account}/v1/token", handle: issueToken, open: true, read: true},
	}
}

// baseURL is the address the client used.
func (c *call) baseURL() string {
	scheme := "http"
	if c.r.TLS != nil || c.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host
}

// hostMetadata tells SDKs, which ask before everything else, what this host is.
// The workspace id is the first workspace's: clients that configure none send it.
// Reached as accounts.*, the sandbox says that it is an account's host, for
// clients that choose between the two levels by the kind of host.
func hostMetadata(c *call) (any, error) {
	type metadata struct {
		OIDCEndpoint string `json:"oidc_endpoint"`
		AccountID    string `json:"account_id"`
		WorkspaceID  string `json:"workspace_id,omitempty"`
		Cloud        string `json:"cloud"`
		HostType     string `json:"host_type"`
	}
	m := metadata{
		OIDCEndpoint: c.baseURL() + "/oidc",
		AccountID:    c.world.state.Account.ID,
		Cloud:        strings.ToUpper(c.s.Knobs().cloud()),
		HostType:     "workspace",
	}
	workspaces := c.world.state.Workspaces
	if strings.HasPrefix(c.r.Host, "accounts.") || len(workspaces) == 0 {
		m.HostType = "account"
		m.OIDCEndpoint += "/accounts/" + m.AccountID
		return m, nil
	}
	m.WorkspaceID = strconv.FormatInt(workspaces[0].ID, 10)
	return m, nil
}

func oidcEndpoints(c *call) (any, error) {
	root := c.baseURL() + "/oidc"
	if account := c.params["account"]; account != "" {
		root += "/accounts/" + account
	}
	return map[string]any{
		"issuer":                           root,
		"authorization_endpoint":           root + "/v1/authorize",
		"token_endpoint":                   root + "/v1/token",
		"grant_types_supported":            []string{"client_credentials"},
		"response_types_supported":         []string{"code"},
		"scopes_supported":                 []string{"all-apis"},
		"code_challenge_methods_supported": []string{"S256"},
	}, nil
}

// issueToken is OAuth's client_credentials grant: the client id is a service
// principal's application id. The sandbox keeps no secrets, so any one will do,
// but there has to be one.
func issueToken(c *call) (any, error) {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, &oauthError{http.StatusBadRequest, "invalid_request", "token request: " + err.Error()}
	}
	id, secret, ok := c.r.BasicAuth()
	if !ok {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		return nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "grant_type is " + strconv.Quote(grant) + "; known: client_credentials"}
	}
	p := c.s.world.callerNamed(id)
	if p == nil || p.kind != kindServicePrincipal || secret == "" {
		return nil, &oauthError{http.StatusUnauthorized, "invalid_client", "Client authentication failed: a service principal's application id and a secret are needed"}
	}
	c.callerName = p.name
	return map[string]any{
		"access_token": tokenFor(p.name),
		"token_type":   "Bearer",
		"scope":        "all-apis",
		"expires_in":   int(tokenLife.Seconds()),
	}, nil
}
