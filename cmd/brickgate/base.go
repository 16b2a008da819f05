package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/brickgate/brickgate/internal/history"
	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

const aboutBase = "--base parts the changes. What the reference wanted is held against the same live state: what that would\n" +
	"change as well is drift that was there before; the rest is what this change of the repository asks for,\n" +
	"with what of it live has already. Meant is the last commit that HEAD shares with the reference, as for a\n" +
	"pull request: what others merged since is none of this change. What is not committed counts as this change.\n" +
	"Where live contradicts the base, as by a group of it that is gone, nothing is parted, and a warning says why.\n" +
	"Guards, rules, the exit code and a saved plan are about all of it, as without --base."

// projectFile marks the folder of a repository.
const projectFile = "brickgate.yaml"

// baseFlag is a reference that is asked for even where it is empty, as a variable
// of a workflow may be: that must not pass for none.
type baseFlag string

func (f *baseFlag) String() string { return string(*f) }
func (f *baseFlag) Type() string   { return "string" }
func (f *baseFlag) Set(ref string) error {
	if ref == "" {
		return errors.New("it is empty: name a branch, a tag or a commit")
	}
	*f = baseFlag(ref)
	return nil
}

// base is what the repository said before: what a reference declares, and its rules.
// A nil base is none.
type base struct {
	ref      string
	fork     history.Fork
	declared *reconcile.Declared
	rules    *policy.Rules
	memory   *reconcile.Memory // of what was read for the plan
}

// before compiles the base that is asked for; nil where none is.
func (o *planning) before(ctx context.Context, repo *spec.Repository, now time.Time) (*base, error) {
	if o.base == "" {
		return nil, nil
	}
	b := &base{ref: o.base, memory: &reconcile.Memory{}}
	if err := b.compile(ctx, repo.Dir, o.env, now); err != nil {
		return nil, b.wrong(err)
	}
	return b, nil
}

// compile reads and declares the base from a copy of its files, which is gone
// afterwards.
func (b *base) compile(ctx context.Context, dir, env string, now time.Time) (err error) {
	past, err := history.Open(ctx, dir)
	if err != nil {
		return err
	}
	if b.fork, err = past.Fork(ctx, b.ref); err != nil {
		return err
	}
	into, err := os.MkdirTemp("", "brickgate-base-")
	if err != nil {
		return fmt.Errorf("make a folder for its files: %w", err)
	}
	defer func() { err = joined(err, os.RemoveAll(into)) }()
	folder, err := past.Export(ctx, b.fork.Commit, into, spec.IsSpec)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(folder, projectFile)); err != nil {
		return fmt.Errorf("commit %s has no %s in this folder", b.fork.Commit[:shownCommit], projectFile)
	}
	repo, err := spec.Load(folder, reconcile.SpecKinds())
	if err != nil {
		return err
	}
	if b.declared, err = reconcile.Declare(repo, env); err != nil {
		return err
	}
	b.rules, err = policy.Compile(repo.Project)
	return joined(err, b.declared.Check(now))
}

// wrong tells in one line what is wrong with the base. Of mistakes in its files it
// is the first, with its place.
func (b *base) wrong(err error) error {
	mistakes := spec.Errors(err)
	if len(mistakes) == 0 {
		return fmt.Errorf("--base %s: %w", b.ref, err)
	}
	return fmt.Errorf("--base %s: what it declares has mistakes, and nothing can be held against it: %s:%s%s", b.ref, b.ref, mistakes[0].Error(), andMore(mistakes))
}

// remembering has the clients remember what they read, where there is a base.
func (b *base) remembering(open connector) connector {
	if b == nil {
		return open
	}
	return func(ctx context.Context, env *spec.Environment, endpoint func(string) reconcile.Endpoint, transport http.RoundTripper) (*reconcile.Clients, error) {
		b.memory.Base = transport
		return open(ctx, env, endpoint, b.memory)
	}
}

// parting is a plan, how it was read, and how more can be.
type parting struct {
	run        *reconcile.Run
	plan       *plan.Plan
	now        time.Time
	connection *connection
}

// part holds the plan against that of the base, over the same live state.
func (b *base) part(ctx context.Context, p parting) error {
	if b == nil {
		return nil
	}
	b.memory.Recall()
	defer b.memory.Forget()
	var clients *reconcile.Clients // nil: the same
	if !sameWay(p.run.Env, b.declared.Env) {
		var err error
		if clients, err = p.connection.reach(ctx, b.declared.Env); err != nil {
			return b.wrong(err)
		}
	}
	run, err := p.run.ReadBase(ctx, clients, b.declared)
	if err == nil {
		p.plan.Base = &plan.Base{Ref: b.ref, Commit: b.fork.Commit}
		err = p.run.Part(p.plan, run, p.now, judge(b.rules, run, p.now))
	}
	if spec.OnlyErrors(err) {
		b.unparted(p.plan, spec.Errors(err))
		return nil
	}
	if err != nil {
		return b.wrong(err)
	}
	if n := b.fork.Missing; n > 0 {
		p.plan.Warnings = slices.Insert(p.plan.Warnings, 0, plan.Warning{Message: fmt.Sprintf(
			"%s has had %s since it and this branch parted at %s: what was applied of them is shown as drift; merge it to see what is left",
			b.ref, counted(n, "commit"), b.fork.Commit[:shownCommit])})
	}
	return nil
}

// unparted leaves a plan whole where live contradicts the base, as by a group of it
// that is gone: a change of the repository that mends this could not be planned else.
func (b *base) unparted(p *plan.Plan, mistakes []*spec.Error) {
	p.Base = nil
	p.Warnings = slices.Insert(p.Warnings, 0, plan.Warning{Message: fmt.Sprintf(
		"--base %s: what it declares cannot be held against what is live, so all changes are shown together, with what was amiss before: %s:%s%s",
		b.ref, b.ref, mistakes[0].Error(), andMore(mistakes))})
}

// andMore counts the mistakes behind the first.
func andMore(mistakes []*spec.Error) string {
	if n := len(mistakes) - 1; n > 0 {
		return fmt.Sprintf(" (and %s)", counted(n, "more mistake"))
	}
	return ""
}

// sameWay tells whether two versions of an environment are reached alike.
func sameWay(a, b *spec.Environment) bool {
	if a.Account.Value != b.Account.Value || !slices.Equal(a.Workspaces.Keys(), b.Workspaces.Keys()) {
		return false
	}
	before, now := liveEndpoints(b), liveEndpoints(a)
	same := func(workspace string) bool {
		x, y := before(workspace), now(workspace)
		return x.Host == y.Host && x.Profile == y.Profile && x.AccountID == y.AccountID
	}
	return same("") && !slices.ContainsFunc(a.Workspaces.Keys(), func(w string) bool {
		x, _ := a.Workspaces.Get(w)
		y, _ := b.Workspaces.Get(w)
		return !same(w) || x.UnityCatalog != y.UnityCatalog
	})
}
