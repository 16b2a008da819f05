package reconcile_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// Every lab that converges is planned over a snapshot of it. How often is a flag:
//
//	go test ./reconcile                  before it converges for the first time
//	go test ./reconcile -snapshots=all   before each time
var snapshots = flag.String("snapshots", "first", "how often a lab that converges is planned over a snapshot: first or all")

// within answers requests in the process, without a connection.
type within struct{ http.Handler }

func (w within) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := httptest.NewRecorder()
	w.ServeHTTP(out, in)
	resp := out.Result()
	resp.Request = req
	return resp, nil
}

// through reads and plans over any transport.
func (l *lab) through(base http.RoundTripper, opts reconcile.Options) (*reconcile.Run, *reconcile.Clients, plan.Plan, error) {
	return l.throughIn(l.t.Context(), base, opts)
}

func (l *lab) throughIn(ctx context.Context, base http.RoundTripper, opts reconcile.Options) (*reconcile.Run, *reconcile.Clients, plan.Plan, error) {
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		return nil, nil, plan.Plan{}, err
	}
	declared, err := reconcile.Declare(repo, l.env)
	if err != nil {
		return nil, nil, plan.Plan{}, err
	}
	clients, err := reconcile.Connect(ctx, declared.Env, l.endpoint, base)
	if err != nil {
		return nil, nil, plan.Plan{}, err
	}
	run, err := reconcile.Read(ctx, clients, declared, opts)
	if err != nil {
		return nil, clients, plan.Plan{}, err
	}
	p, err := run.Plan(l.now, l.allow, l.judge)
	if err == nil {
		err = run.Preflight(ctx, &p, l.allow)
	}
	return run, clients, p, err
}

// snapshot takes one while it plans; nil where planning ends in an error.
func (l *lab) snapshot() (*reconcile.Run, plan.Plan, *sandbox.State) {
	l.t.Helper()
	recording, err := snapshot.Record(l.transport)
	if err != nil {
		l.t.Fatal(err)
	}
	opts := l.opts
	opts.AllUsers = true
	run, clients, p, err := l.through(recording, opts)
	if err != nil {
		return nil, p, nil
	}
	state, err := snapshot.Making{
		ToolVersion: "test", Project: "test", Environment: l.env, ReadAt: l.now, Hosts: clients.Hosts(), Recording: recording,
	}.State(clients)
	if err != nil {
		l.t.Fatal(err)
	}
	return run, p, state
}

// taken is a snapshot of what can be planned.
func (l *lab) taken() *sandbox.State {
	l.t.Helper()
	_, _, state := l.snapshot()
	if state == nil {
		l.t.Fatal("there is no plan: ", l.planError())
	}
	return state
}

// over is the lab on a sandbox that is started from a snapshot.
func (l *lab) over(state *sandbox.State) *lab {
	l.t.Helper()
	server, err := sandbox.New(state, sandbox.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	over := *l
	over.Server, over.url, over.token = server, "http://sandbox.test", server.Token()
	over.transport = &reconcile.Transport{Base: within{server}, Pace: math.Inf(1)}
	return &over
}

// sameOverSnapshot takes a snapshot and expects a plan over it to be the one over
// live, and so to be made of the same facts. It says how often it could.
func (l *lab) sameOverSnapshot() bool {
	l.t.Helper()
	l.snapped = true
	run, p, state := l.snapshot()
	if state == nil {
		return false
	}
	above := l.over(state)
	over, _, q, err := above.through(above.transport, l.opts)
	if err != nil {
		l.t.Errorf("plan over the snapshot: %v", err)
		return true
	}
	same(l.t, "plan over a snapshot", whole(run, p), untold(whole(over, q), state))
	return true
}

// whole writes a plan and everything that it was made from.
func whole(run *reconcile.Run, p plan.Plan) string {
	data, err := p.JSON("test")
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	b.Write(data)
	for _, r := range run.Live.All() {
		fmt.Fprintln(&b, r.Key, r.ID, r.Authority, r.Presence, r.Held, r.Refs, r.Fields, r.Context)
	}
	return b.String()
}

// untold leaves out what a snapshot says before the platform's own words.
func untold(text string, state *sandbox.State) string {
	for _, u := range state.Snapshot.Unread {
		text = strings.ReplaceAll(text, "the snapshot could not read "+u.What+": ", "")
	}
	return text
}

// unread lists what a snapshot says that it could not read.
func unread(state *sandbox.State) []string {
	var what []string
	for _, u := range state.Snapshot.Unread {
		what = append(what, u.What)
	}
	return slices.Clip(what)
}
