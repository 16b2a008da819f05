package main

import (
	"context"
	"time"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// session is one environment, read and planned.
type session struct {
	repo  *spec.Repository
	run   *reconcile.Run
	plan  plan.Plan
	now   time.Time
	close func() error
	// approved is the checksum of the saved plan that is applied, "" where none is.
	approved string
	// recorded is the run in the journal, "" as long as nothing is recorded.
	recorded string
	again    func(context.Context) error // reads and plans anew, from the same documents
}

// prepare is the pipeline up to the plan: load, declare, connect, read, compare.
func (o *planning) prepare(ctx context.Context, args []string) (*session, error) {
	w, declared, now, err := o.compile(args)
	if err != nil {
		return nil, err
	}
	if w.before, err = o.before(ctx, w.repo, now); err != nil {
		return nil, err
	}
	if err := w.connect(ctx, o, declared.Env); err != nil {
		return nil, err
	}
	session := &session{repo: w.repo, close: w.connection.close}
	session.again = func(ctx context.Context) error {
		declared, err := reconcile.Declare(w.repo, o.env)
		if err != nil {
			return err
		}
		now, err := parseAt(o.at, declared.Zone)
		if err != nil {
			return err
		}
		return w.compare(ctx, session, declared, now)
	}
	if err := w.compare(ctx, session, declared, now); err != nil {
		return nil, joined(err, session.close())
	}
	return session, nil
}

// workings are what a plan is made with, and made again with.
type workings struct {
	repo       *spec.Repository
	rules      *policy.Rules
	allow      map[string]string
	before     *base
	connection *connection
	hosts      []plan.Host
}

// compile loads and declares, and tells all that is wrong with the documents at once.
func (o *planning) compile(args []string) (*workings, *reconcile.Declared, time.Time, error) {
	allow, err := o.waivers()
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	repo, declared, err := o.declare(args)
	if repo == nil {
		return nil, nil, time.Time{}, err
	}
	now, wrong := parseAt(o.at, repo.Project.Access.Location())
	if wrong != nil {
		return nil, nil, now, wrong
	}
	rules, wrong := policy.Compile(repo.Project)
	if declared != nil {
		wrong = joined(wrong, declared.Check(now))
	}
	return &workings{repo: repo, rules: rules, allow: allow}, declared, now, repo.Locate(joined(wrong, err))
}

// connect reaches what is live: where a saved plan is applied, that which it is of.
func (w *workings) connect(ctx context.Context, o *planning, env *spec.Environment) error {
	c, err := o.liveFile.connect(ctx, w.repo, env, o.sandbox, w.before.remembering(reconcile.Connect))
	if err != nil {
		return err
	}
	w.connection, w.hosts = c, c.hosts(o.hosts)
	if o.saved == nil {
		return nil
	}
	if err := o.saved.At(w.hosts); err != nil {
		return joined(err, c.close())
	}
	return nil
}

// compare reads what is live and makes the session's plan.
func (w *workings) compare(ctx context.Context, session *session, declared *reconcile.Declared, now time.Time) error {
	run, err := read(ctx, w.connection.clients, declared)
	if err != nil {
		return w.repo.Locate(err)
	}
	p, err := run.Plan(now, w.allow, judge(w.rules, run, now))
	if err == nil {
		err = run.Preflight(ctx, &p, w.allow)
	}
	if err == nil {
		err = weigh(ctx, run, &p, now)
	}
	if err == nil {
		err = w.before.part(ctx, parting{run, &p, now, w.connection})
	}
	p.Hosts = w.hosts
	w.connection.notice(&p)
	session.run, session.plan, session.now = run, p, now
	return w.repo.Locate(err)
}
