package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// liveFile is --live FILE, for commands that only read: a snapshot in place of the
// account.
type liveFile struct{ live string }

func (o *liveFile) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.live, "live", "", "read this snapshot in place of the live account; needs no credentials")
}

// connect opens the snapshot, where one is named, and else what connect does.
func (o *liveFile) connect(ctx context.Context, repo *spec.Repository, env *spec.Environment, useSandbox bool, open connector) (*connection, error) {
	switch {
	case o.live == "":
		return connectBy(ctx, repo, env, useSandbox, open)
	case useSandbox:
		return nil, errors.New("--live reads a snapshot and --sandbox the embedded sandbox: leave one out")
	}
	file, err := snapshot.Open(o.live)
	if err == nil {
		err = file.Is(wantedOf(repo, env))
	}
	if err != nil {
		return nil, err
	}
	c, err := connectState(ctx, env, file.State, open)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.live, err)
	}
	c.snapshot = file
	return c, nil
}

// wantedOf is what a snapshot of an environment has to be of.
func wantedOf(repo *spec.Repository, env *spec.Environment) snapshot.Wanted {
	account, _ := env.AccountConfig()
	w := snapshot.Wanted{
		Project: repo.Project.Metadata.Name.Value, Environment: env.Name, Workspaces: env.Workspaces.Keys(),
		AccountID: account.ID.Value, Hosts: map[string]string{},
	}
	name := func(target, host string) {
		if host != "" {
			w.Hosts[target] = canonicalHost(host)
		}
	}
	name("account", account.Host.Value)
	for _, ws := range env.Workspaces.Entries {
		name(ws.Key.Value, ws.Value.Host.Value)
	}
	return w
}

// connectState runs a sandbox inside this process, in memory alone, and connects to it
// as its caller.
func connectState(ctx context.Context, env *spec.Environment, state *sandbox.State, open connector) (*connection, error) {
	server, err := sandbox.New(state, sandbox.Options{})
	if err != nil {
		return nil, err
	}
	host, stop, err := serveLocally(ctx, server)
	if err != nil {
		return nil, err
	}
	return connectSandbox(ctx, env, served{server, host, stop}, open)
}

// sandboxEndpoint leads to a sandbox as its caller.
func sandboxEndpoint(server *sandbox.Server, host string, env *spec.Environment) func(workspace string) reconcile.Endpoint {
	return func(workspace string) reconcile.Endpoint {
		e := reconcile.Endpoint{Host: host, Token: server.Token(), AccountID: server.AccountID()}
		if id, ok := server.WorkspaceID(env.Name + "/" + workspace); ok {
			e.WorkspaceID = strconv.FormatInt(id, 10)
		}
		return e
	}
}

// serveLocally makes a sandbox answer on this machine, until stop, which closes it.
func serveLocally(ctx context.Context, server *sandbox.Server) (host string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, joined(server.Close(), fmt.Errorf("start the sandbox: %w", err))
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serving, listener) }()
	return "http://" + listener.Addr().String(), func() error {
		cancel()
		return joined(<-ended, server.Close())
	}, nil
}

// hosts are what was read: those of the snapshot, where the connection is to one.
func (c *connection) hosts(otherwise func(*reconcile.Clients) []plan.Host) []plan.Host {
	if c.snapshot == nil {
		return otherwise(c.clients)
	}
	hosts := make([]plan.Host, len(c.snapshot.Header.Hosts))
	for i, h := range c.snapshot.Header.Hosts {
		hosts[i] = plan.Host(h)
	}
	return hosts
}

// notice adds to a plan over a snapshot that it is one, before all other warnings.
func (c *connection) notice(p *plan.Plan) {
	if c.snapshot != nil {
		p.Warnings = append([]plan.Warning{{Message: c.snapshot.Notice(), Foremost: true}}, p.Warnings...)
	}
}
