package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/config"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// connection is how a command reaches Databricks: for real, or the sandbox.
type connection struct {
	clients  *reconcile.Clients
	close    func() error
	reach    reach
	snapshot *snapshot.File // in place of the account; nil: none
}

// reach opens the clients of another version of the environment, to the same
// platform.
type reach func(context.Context, *spec.Environment) (*reconcile.Clients, error)

func connect(ctx context.Context, repo *spec.Repository, env *spec.Environment, useSandbox bool) (*connection, error) {
	return connectBy(ctx, repo, env, useSandbox, reconcile.Connect)
}

// connector opens the clients of an environment: all of them, or the account's.
type connector func(context.Context, *spec.Environment, func(workspace string) reconcile.Endpoint, http.RoundTripper) (*reconcile.Clients, error)

func connectBy(ctx context.Context, repo *spec.Repository, env *spec.Environment, useSandbox bool, open connector) (*connection, error) {
	base := pooled()
	if !useSandbox {
		transport := &reconcile.Transport{Base: mannerOf(ctx).traffic.under(base), Stop: ctx.Done(), Jitter: rand.N[time.Duration]}
		reach := func(ctx context.Context, env *spec.Environment) (*reconcile.Clients, error) {
			return open(ctx, env, liveEndpoints(env), transport)
		}
		clients, err := reach(ctx, env)
		return &connection{clients: clients, reach: reach, close: func() error { base.CloseIdleConnections(); return nil }}, err
	}
	server, host, stop, err := startSandbox(ctx, repo)
	if err != nil {
		return nil, err
	}
	return connectSandbox(ctx, env, served{server, host, stop}, func(ctx context.Context, env *spec.Environment, endpoint func(string) reconcile.Endpoint, transport http.RoundTripper) (*reconcile.Clients, error) {
		for _, w := range env.Workspaces.Keys() {
			if _, ok := server.WorkspaceID(env.Name + "/" + w); !ok {
				return nil, fmt.Errorf("the sandbox has no workspace %s/%s: add it to %s", env.Name, w, filepath.Join(repo.Dir, seedFile))
			}
		}
		return open(ctx, env, endpoint, transport)
	})
}

// served is a sandbox that answers inside this process, until stop.
type served struct {
	*sandbox.Server
	host string
	stop func() error
}

// connectSandbox connects to a sandbox as its caller, and stops it with the connection.
func connectSandbox(ctx context.Context, env *spec.Environment, s served, open connector) (*connection, error) {
	base := pooled()
	base.Proxy = nil // nothing in the surroundings is between us and ourselves
	// It is ours alone, so that it can be asked as fast as it answers.
	transport := &reconcile.Transport{Base: mannerOf(ctx).traffic.under(base), Stop: ctx.Done(), Jitter: rand.N[time.Duration], Pace: math.Inf(1)}
	reach := func(ctx context.Context, env *spec.Environment) (*reconcile.Clients, error) {
		return open(ctx, env, sandboxEndpoint(s.Server, s.host, env), transport)
	}
	clients, err := reach(ctx, env)
	if err != nil {
		return nil, joined(s.stop(), err)
	}
	return &connection{clients: clients, reach: reach, close: func() error { base.CloseIdleConnections(); return s.stop() }}, nil
}

// pooled is a transport that keeps its connections: one host answers everything, and
// connections are dear.
func pooled() *http.Transport {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = base.MaxIdleConns
	return base
}

const (
	seedFile  = "sandbox.yaml"
	stateFile = ".brickgate/sandbox.json"
)

// startSandbox runs the sandbox inside this process, seeded from beside the
// Project and with its state in .brickgate there.
func startSandbox(ctx context.Context, repo *spec.Repository) (server *sandbox.Server, host string, stop func() error, err error) {
	seed, err := sandboxSeed(repo)
	if err != nil {
		return nil, "", nil, err
	}
	state := filepath.Join(repo.Dir, filepath.FromSlash(stateFile))
	if err := os.MkdirAll(filepath.Dir(state), 0o755); err != nil {
		return nil, "", nil, fmt.Errorf("make the sandbox's folder: %w", err)
	}
	if server, err = sandbox.New(seed, sandbox.Options{StateFile: state}); err != nil {
		return nil, "", nil, fmt.Errorf("start the sandbox: %w", err)
	}
	host, stop, err = serveLocally(ctx, server)
	return server, host, stop, err
}

// sandboxSeed is sandbox.yaml, or where there is none an empty account with the
// workspaces of the Project.
func sandboxSeed(repo *spec.Repository) (*sandbox.State, error) {
	path := filepath.Join(repo.Dir, seedFile)
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return emptyWorld(repo.Project), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the sandbox's seed: %w", err)
	}
	seed, err := sandbox.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return seed, nil
}

func emptyWorld(p *spec.Project) *sandbox.State {
	const admin = "admin@example.com"
	world := &sandbox.State{
		Format: 1, Caller: admin,
		Account:   sandbox.Account{ID: "00000000-0000-0000-0000-0000000000aa", Users: []sandbox.User{{UserName: admin, DisplayName: "Admin"}}},
		Metastore: sandbox.Metastore{Name: "main", Owner: "user:" + admin},
	}
	for _, e := range p.Environments.Entries {
		for _, w := range e.Value.Workspaces.Keys() {
			world.Workspaces = append(world.Workspaces, sandbox.Workspace{Name: e.Key.Value + "/" + w})
		}
	}
	return world
}

// liveEndpoints says where the environment's account and workspaces are. What
// the Project leaves out the SDK's own chain supplies; but once the Project
// names any host, credentials go to the named ones only.
func liveEndpoints(env *spec.Environment) func(workspace string) reconcile.Endpoint {
	var named []string
	name := func(host string) {
		if host != "" {
			named = append(named, canonicalHost(host))
		}
	}
	account, _ := env.AccountConfig()
	name(account.Host.Value)
	for _, w := range env.Workspaces.Entries {
		name(w.Value.Host.Value)
	}
	return func(workspace string) reconcile.Endpoint {
		if workspace == "" {
			return reconcile.Endpoint{Host: account.Host.Value, AccountID: account.ID.Value, Named: named}
		}
		w, _ := env.Workspaces.Get(workspace)
		e := reconcile.Endpoint{Host: w.Host.Value, Profile: w.Profile.Value, Named: named}
		if e.Profile != "" {
			e.Named = nil // a profile is a name for a host
		}
		return e
	}
}

func canonicalHost(host string) string {
	c := config.Config{Host: strings.TrimSpace(host)}
	return c.CanonicalHostName()
}
