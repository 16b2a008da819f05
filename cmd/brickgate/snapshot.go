package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

type snapshotOptions struct {
	selection
	out     string
	sandbox bool
}

func snapshotCommand(s streams) *cobra.Command {
	var o snapshotOptions
	cmd := &cobra.Command{
		Use:   "snapshot [DIR]",
		Short: "Keep what a plan reads in a file, to plan over it without credentials",
		Long: "Reads the live account and workspaces as plan does, and writes what they answered into a file: for\n" +
			"plan --live FILE, which needs no credentials, and for a sandbox in which an apply is rehearsed.\n\n" +
			"The file says what was looked at and what could not be read. Nothing else is ever taken for absent:\n" +
			"a plan that needs more says so. It holds user names, names of groups and service principals, ids and\n" +
			"access, and no credentials, addresses or names of persons; still, who may use what is nobody else's\n" +
			"business, and only its owner can read it. A file that is there is replaced if it is a snapshot.\n\n" +
			"To rehearse an apply, make it the sandbox.yaml of a copy of the repository, and apply --sandbox there.",
		Example: "  brickgate snapshot --env prd --out prd.snapshot\n" +
			"  brickgate plan --env prd --live prd.snapshot\n" +
			"  brickgate sandbox serve --seed prd.snapshot",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return takeSnapshot(cmd.Context(), s, o, args) },
	}
	o.selection.flags(cmd)
	cmd.Flags().StringVar(&o.out, "out", "", "file to write (required)")
	cmd.Flags().BoolVar(&o.sandbox, "sandbox", false, "read the embedded sandbox, seeded from sandbox.yaml")
	return cmd
}

func takeSnapshot(ctx context.Context, s streams, o snapshotOptions, args []string) error {
	if o.out == "" {
		return errors.New("which file? say --out FILE")
	}
	if err := snapshot.MayReplace(o.out); err != nil {
		return err
	}
	repo, declared, err := o.declare(args)
	if repo == nil {
		return err
	}
	t := taking{repo: repo, now: time.Now().In(repo.Project.Access.Location())}
	t.rules, err = rulesFor(repo, declared, t.now, err)
	if err != nil {
		return err
	}
	state, p, err := t.read(ctx, declared.Env, o)
	if err != nil {
		return err
	}
	if err := t.proves(ctx, declared.Env.Name, state, p); err != nil {
		return err
	}
	data, err := snapshot.Encode(state)
	if err != nil {
		return err
	}
	if err := replaceFile(o.out, escaped(data)); err != nil {
		return fmt.Errorf("save the snapshot: %w", err)
	}
	tellSnapshot(s, o.out, state)
	if unread(p) {
		return exit{exitPartial}
	}
	return nil
}

// rulesFor are the rules of a repository without mistakes.
func rulesFor(repo *spec.Repository, declared *reconcile.Declared, now time.Time, mistakes error) (*policy.Rules, error) {
	rules, wrong := policy.Compile(repo.Project)
	if declared != nil {
		wrong = joined(wrong, declared.Check(now))
	}
	return rules, repo.Locate(joined(wrong, mistakes))
}

// taking is a snapshot in the making: everything that it is compared in.
type taking struct {
	repo  *spec.Repository
	rules *policy.Rules
	now   time.Time
}

// read reads the environment to the end of a plan, since that asks for things, too.
func (t *taking) read(ctx context.Context, env *spec.Environment, o snapshotOptions) (*sandbox.State, plan.Plan, error) {
	var recording *snapshot.Recording
	c, err := connectBy(ctx, t.repo, env, o.sandbox, func(ctx context.Context, env *spec.Environment, at func(string) reconcile.Endpoint, base http.RoundTripper) (*reconcile.Clients, error) {
		var err error
		if recording, err = snapshot.Record(base); err != nil {
			return nil, err
		}
		return reconcile.Connect(ctx, env, at, recording)
	})
	if err != nil {
		return nil, plan.Plan{}, err
	}
	hosts := (&planning{sandbox: o.sandbox}).hosts(c.clients)
	p, err := t.plan(ctx, env.Name, c, hosts, reconcile.Options{AllUsers: true})
	if err != nil {
		return nil, p, joined(err, c.close())
	}
	state, err := snapshot.Making{
		ToolVersion: toolVersion(), Project: t.repo.Project.Metadata.Name.Value, Environment: env.Name,
		ReadAt: t.now, Hosts: hosts, Recording: recording,
	}.State(c.clients)
	return state, p, joined(err, c.close())
}

func (t *taking) plan(ctx context.Context, env string, c *connection, hosts []plan.Host, opts reconcile.Options) (plan.Plan, error) {
	declared, err := reconcile.Declare(t.repo, env)
	if err != nil {
		return plan.Plan{}, t.repo.Locate(err)
	}
	run, err := reconcile.Read(ctx, c.clients, declared, opts)
	if err != nil {
		return plan.Plan{}, t.repo.Locate(err)
	}
	p, err := run.Plan(t.now, nil, judge(t.rules, run, t.now))
	if err == nil {
		err = run.Preflight(ctx, &p, nil)
	}
	if err == nil {
		err = weigh(ctx, run, &p, t.now)
	}
	p.Hosts = hosts
	return p, t.repo.Locate(err)
}

// proves plans over the snapshot before it is kept: one that would say something else
// than live says is worse than none.
func (t *taking) proves(ctx context.Context, env string, state *sandbox.State, live plan.Plan) error {
	declared, err := reconcile.Declare(t.repo, env)
	if err != nil {
		return t.repo.Locate(err)
	}
	c, err := connectState(ctx, declared.Env, state, reconcile.Connect)
	if err != nil {
		return fmt.Errorf("plan over the snapshot: %w", err)
	}
	p, err := t.plan(ctx, env, c, live.Hosts, reconcile.Options{})
	if err = joined(err, c.close()); err != nil {
		return fmt.Errorf("nothing is saved, since a plan over the snapshot fails where one over live does not: %w", err)
	}
	if line, same := samePlans(live, p); !same {
		return fmt.Errorf("nothing is saved, since a plan over the snapshot is not the one over live: they part at %s", line)
	}
	return nil
}

// samePlans compares plans but for how a failed read is told; line is the first one
// that only one of them has.
func samePlans(live, over plan.Plan) (line string, same bool) {
	var texts [2][]byte
	for i, p := range []plan.Plan{live, over} {
		p.Warnings, p.Held = nil, slices.Clone(p.Held)
		for j := range p.Held {
			p.Held[j].Reason = ""
		}
		var err error
		if texts[i], err = p.JSON(""); err != nil {
			return err.Error(), false
		}
	}
	if bytes.Equal(texts[0], texts[1]) {
		return "", true
	}
	a, b := bytes.Split(texts[0], []byte("\n")), bytes.Split(texts[1], []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("%q and %q", bytes.TrimSpace(a[i]), bytes.TrimSpace(b[i])), false
		}
	}
	return "the end", false
}

// tellSnapshot says what is in the file, and what is not.
func tellSnapshot(s streams, name string, st *sandbox.State) {
	securables, objects := st.Snapshot.Counts()
	fmt.Fprintln(s.err, prefixed("saved: ", fmt.Sprintf("%s, a snapshot of %s taken %s: %s, %s, %s, the access to %s and %s", name, st.Snapshot.Environment, st.Snapshot.ReadAt,
		counted(len(st.Account.Users), "user"), counted(len(st.Account.ServicePrincipals), "service principal"),
		counted(len(st.Account.Groups), "group"), counted(securables, "securable"), counted(objects, "object"))))
	for _, u := range st.Snapshot.Unread {
		fmt.Fprintln(s.err, prefixed("unread: ", u.What+": "+u.Message))
	}
}
