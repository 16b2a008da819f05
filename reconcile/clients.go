package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/config"
	"github.com/databricks/databricks-sdk-go/httpclient"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/spec"
)

// Endpoint is how a client is reached. The zero Endpoint leaves everything to
// the SDK's own chain of environment variables and profiles.
type Endpoint struct {
	Host        string
	Profile     string
	AccountID   string
	WorkspaceID string
	Named       []string // the only hosts that credentials may go to; empty = any
	Token       string   // only for the embedded sandbox; real credentials come from the SDK's chain
}

// Clients are the connections of one environment.
type Clients struct {
	Account    *wire // nil for an environment without an account
	Workspaces []*Workspace
	Self       Self
}

// Workspace is one workspace of the environment and our connection to it.
type Workspace struct {
	Name         string // as the environment calls it
	ID           int64
	UnityCatalog bool
	*wire
}

// Self is the applying identity as the first workspace knows it.
type Self struct {
	Name   string // user name or application id
	ID     string
	Groups []string        // names of the account groups it is in, as far as Read found out
	Admin  map[string]bool // by workspace: may it manage every object

	groupIDs map[string]bool // of the groups it is in, those of workspaces included
}

// wire is an SDK client for calls whose paths, like those of the many object
// types, are rows of tables.
type wire struct {
	api       *client.DatabricksClient
	workspace string // sent with every request to a workspace
}

// Connect opens one client per workspace and one for the account, and asks who
// we are. Endpoints are found by workspace name; the account's by "".
func Connect(ctx context.Context, env *spec.Environment, endpoint func(workspace string) Endpoint, base http.RoundTripper) (*Clients, error) {
	if len(env.Workspaces.Entries) == 0 {
		return nil, fmt.Errorf("environment %s has no workspace: one tells who we are and leads to Unity Catalog", env.Name)
	}
	c := &Clients{Self: Self{Admin: map[string]bool{}, groupIDs: map[string]bool{}}}
	if env.Account.Value != "" {
		var err error
		if c.Account, err = openAccount(ctx, env.Account.Value, endpoint(""), base); err != nil {
			return nil, err
		}
	}
	for _, w := range env.Workspaces.Entries {
		c.Workspaces = append(c.Workspaces, &Workspace{Name: w.Key.Value, UnityCatalog: w.Value.UnityCatalog})
	}
	me := make([]iam.User, len(c.Workspaces))
	g, ctx := errgroup.WithContext(ctx)
	for i, w := range c.Workspaces {
		g.Go(func() error {
			api, err := open(ctx, endpoint(w.Name), base)
			if err != nil {
				return fmt.Errorf("workspace %s: %w", w.Name, err)
			}
			w.wire = &wire{api, api.Config.WorkspaceID}
			if me[i], err = w.whoAmI(ctx); err != nil {
				return fmt.Errorf("workspace %s: who am I: %w", w.Name, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return c, c.identify(me)
}

// ConnectAccount opens the client of the account alone, which is enough for
// ReadMembers and needs no access to a workspace.
func ConnectAccount(ctx context.Context, env *spec.Environment, endpoint func(workspace string) Endpoint, base http.RoundTripper) (*Clients, error) {
	if env.Account.Value == "" {
		return &Clients{}, nil
	}
	account, err := openAccount(ctx, env.Account.Value, endpoint(""), base)
	return &Clients{Account: account}, err
}

func openAccount(ctx context.Context, name string, e Endpoint, base http.RoundTripper) (*wire, error) {
	api, err := open(ctx, e, base)
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", name, err)
	}
	if api.Config.AccountID == "" {
		return nil, fmt.Errorf("account %s: no account id: set accounts.%s.id in brickgate.yaml or DATABRICKS_ACCOUNT_ID", name, name)
	}
	return &wire{api: api}, nil
}

func (c *Clients) identify(me []iam.User) error {
	ids := map[int64]string{}
	for i, w := range c.Workspaces {
		if twin, ok := ids[w.ID]; ok {
			return fmt.Errorf("workspaces %s and %s are one and the same (id %d): give each its host or profile", twin, w.Name, w.ID)
		}
		ids[w.ID] = w.Name
		for _, g := range me[i].Groups {
			c.Self.groupIDs[g.Value] = true
			if g.Display == adminsGroup {
				c.Self.Admin[w.Name] = true
			}
		}
		if i == 0 {
			c.Self.Name, c.Self.ID = me[i].UserName, me[i].Id
		}
		if me[i].UserName != c.Self.Name {
			return fmt.Errorf("workspace %s is reached as %s, workspace %s as %s: one identity must run an environment",
				c.Workspaces[0].Name, c.Self.Name, w.Name, me[i].UserName)
		}
	}
	return nil
}

// Workspace returns the workspace of that name.
func (c *Clients) Workspace(name string) *Workspace {
	i := slices.IndexFunc(c.Workspaces, func(w *Workspace) bool { return w.Name == name })
	if i < 0 {
		panic("reconcile: no client for workspace " + name)
	}
	return c.Workspaces[i]
}

// catalog is the workspace through which Unity Catalog is reached: the one
// marked so, else the first.
func (c *Clients) catalog() *Workspace {
	if i := slices.IndexFunc(c.Workspaces, func(w *Workspace) bool { return w.UnityCatalog }); i >= 0 {
		return c.Workspaces[i]
	}
	return c.Workspaces[0]
}

// open makes an SDK client whose limiter and retries are out of the way: rate
// and repetition belong to the transport.
func open(ctx context.Context, e Endpoint, base http.RoundTripper) (*client.DatabricksClient, error) {
	cfg := &config.Config{
		Host: e.Host, Profile: e.Profile, AccountID: e.AccountID, WorkspaceID: e.WorkspaceID,
		HTTPTransport: noting{base}, RateLimitPerSecond: 1 << 20, HostMetadataResolver: metadata(ctx, base),
		HTTPTimeoutSeconds: int(repeatedTime.Seconds()),
	}
	if e.Token != "" {
		cfg.Token, cfg.AuthType = e.Token, "pat"
		cfg.Loaders = []config.Loader{nothing{}}
	}
	if err := cfg.EnsureResolved(); err != nil {
		return nil, unresolved(err)
	}
	if _, err := url.Parse(cfg.Host); err != nil {
		return nil, errors.New("the host is no URL: look at brickgate.yaml, DATABRICKS_HOST and the profile, and write it as https://name, without what is used to log in")
	}
	if cfg.Host == "" {
		return nil, fmt.Errorf("no host: set one in brickgate.yaml, or DATABRICKS_HOST or a profile")
	}
	if len(e.Named) > 0 && !slices.Contains(e.Named, cfg.CanonicalHostName()) {
		return nil, fmt.Errorf("the host %s comes from the surroundings (DATABRICKS_HOST or a profile) and the environment names others: name it in brickgate.yaml, so that no token goes to a host that was not meant", cfg.Host)
	}
	http, err := config.HTTPClientConfigFromConfig(cfg)
	if err != nil {
		return nil, err
	}
	http.TransientErrors = nil
	http.ErrorRetriable = func(context.Context, error) bool { return false }
	return client.NewWithClient(cfg, httpclient.NewApiClient(http))
}

// unresolved is why a configuration does not do. What cannot be read of a file of
// profiles is in the SDK's words the line itself, which may be the one with the token.
func unresolved(err error) error {
	if before, _, ok := strings.Cut(err.Error(), "cannot parse config file"); ok {
		return errors.New(before + "cannot parse the file of profiles (DATABRICKS_CONFIG_FILE, else ~/.databrickscfg): a line in it is no [profile] and no name = value")
	}
	return err
}

// repeatedTime is the SDK's limit of one request, which to it includes all of its
// attempts and the waits between them; the transport has limits for each.
const repeatedTime = time.Hour

// metadataTime is how long a host may take to say what it is.
const metadataTime = 30 * time.Second

// metadata asks a host what it is. The SDK would do so with retries of its own,
// for minutes, and resolves a configuration in a context of its own; a host that
// does not say is used as it is configured.
func metadata(ctx context.Context, base http.RoundTripper) config.HostMetadataResolver {
	return func(_ context.Context, host string) (*config.HostMetadata, error) {
		ctx, cancel := context.WithTimeout(ctx, metadataTime)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, host+"/.well-known/databricks-config", nil)
		if err != nil {
			return nil, fmt.Errorf("host %q: %w", host, err)
		}
		resp, err := base.RoundTrip(req)
		if err != nil {
			return nil, nil // the first real request says why
		}
		defer resp.Body.Close()
		var m config.HostMetadata
		if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&m) != nil {
			return nil, nil
		}
		return &m, nil
	}
}

// nothing is a loader that reads neither environment nor files, so that the
// sandbox is never mixed with the user's own credentials.
type nothing struct{}

func (nothing) Name() string                   { return "nothing" }
func (nothing) Configure(*config.Config) error { return nil }

// whoAmI asks once for our name, our groups and, in a header, the workspace's id.
func (w *Workspace) whoAmI(ctx context.Context) (iam.User, error) {
	var me iam.User
	var org string
	var body []byte
	err := w.api.ApiClient().Do(ctx, http.MethodGet, workspaceSCIM+"/Me",
		httpclient.WithRequestHeaders(w.headers()),
		httpclient.WithResponseHeader(organisationHeader, &org),
		httpclient.WithResponseUnmarshal(&body))
	if err != nil {
		return me, err
	}
	if err := decodeAnswer(body, &me); err != nil {
		return me, err
	}
	if w.ID, err = strconv.ParseInt(org, 10, 64); err != nil {
		return me, fmt.Errorf("the answer names no workspace (X-Databricks-Org-Id is %q): is the host a workspace?", org)
	}
	if me.UserName == "" {
		return me, fmt.Errorf("the answer names no user")
	}
	return me, nil
}

// do sends one request with the headers that the SDK's own services send. The
// answer is for out; nil asks for none.
func (w *wire) do(ctx context.Context, method, path string, query map[string]any, in, out any) error {
	var body []byte
	if err := w.api.Do(ctx, method, path, w.headers(), query, in, &body); err != nil {
		return err
	}
	if out == nil {
		return accepted(body)
	}
	return decodeAnswer(body, out)
}

func (w *wire) get(ctx context.Context, path string, query map[string]any, out any) error {
	return w.do(ctx, http.MethodGet, path, query, nil, out)
}

func (w *wire) headers() map[string]string {
	h := map[string]string{"Accept": "application/json"}
	if w.workspace != "" {
		h[workspaceHeader] = w.workspace
	}
	return h
}
