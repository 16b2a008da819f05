package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// locking is how a command that writes keeps others from writing beside it.
type locking struct {
	wait time.Duration
}

func (o *locking) flags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&o.wait, "lock-timeout", 0, "how long to wait while somebody else applies to the environment, as 10m")
}

// under writes while nobody else does. Live may have changed since the plan was
// shown, so with the lock it is read and planned again. Where there can be no lock
// it warns: what replaces a whole is compared with live once more before it is
// written, all else only adds and removes what the plan shows.
func (o locking) under(ctx context.Context, s streams, session *session, yes bool, write func() error) error {
	lease, err := session.run.Lock().Take(ctx, o.taking(s))
	switch {
	case errors.As(err, new(*reconcile.LockedError)):
		return fmt.Errorf("not applied: %w; --lock-timeout waits, and unlock removes the lock of somebody who is gone", err)
	case errors.As(err, new(*reconcile.NoLockError)):
		warn(s, fmt.Sprintf("%v; nothing keeps others from applying at the same time", err))
		return write()
	case err != nil:
		return fmt.Errorf("take the lock: %w", err)
	}
	err = refresh(ctx, s, session, yes)
	if err == nil && len(session.plan.Changes) > 0 {
		session.run.Lease = lease
		err = write()
	}
	if lost := lease.Release(ctx); lost != nil {
		warn(s, lost.Error())
	}
	return err
}

// warn tells what may go wrong, and stops nothing.
func warn(s streams, text string) { fmt.Fprintln(s.err, prefixed("warning: ", text)) }

// taking is this process as others see it.
func (o locking) taking(s streams) reconcile.Taking {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	return reconcile.Taking{
		Host: host, Machine: machine(), PID: os.Getpid(), Run: runURL(os.Getenv), Alive: alive,
		Random: rand.Reader, Wait: o.wait,
		Tell: func(line string) { fmt.Fprintln(s.err, prefixed("", line)) },
	}
}

// refresh plans again, until two plans in a row agree: one read of a platform that
// settles late proves little. What was shown is applied if it is the same still; else it
// is shown, and asked about. Where nobody is asked, less than was shown will do,
// and more is refused.
func refresh(ctx context.Context, s streams, session *session, yes bool) error {
	shown := session.plan.Edits()
	again := func(ctx context.Context) (*reconcile.Run, plan.Plan, error) {
		err := session.again(ctx)
		return session.run, session.plan, err
	}
	if _, _, err := reconcile.Agree(ctx, reconcile.Options{}, session.plan, again); err != nil {
		return err
	}
	p := session.plan
	now := p.Edits()
	switch {
	case len(p.Violations) == 0 && slices.Equal(shown, now):
		return nil
	case len(p.Changes) == 0 && len(p.Violations) == 0:
		fmt.Fprintln(s.out, "Nothing is left to do: somebody else has done it.")
		return verdict(p, false)
	}
	warn(s, "what is live has changed since this plan was made; now it is:")
	if err := writePlan(s, p, "text", session.now); err != nil {
		return err
	}
	switch {
	case len(p.Violations) > 0:
		return exit{exitRefused}
	case !yes:
		return confirm(ctx, s, len(p.Changes))
	case !subset(now, shown):
		fmt.Fprintln(s.err, "error: not applied: this plan does what the first one did not; look at it, and apply again")
		return exit{exitRefused}
	}
	return nil
}

// subset tells whether all of a is in b; both are sorted.
func subset(a, b []plan.Edit) bool {
	return !slices.ContainsFunc(a, func(e plan.Edit) bool {
		_, found := slices.BinarySearchFunc(b, e, plan.Edit.Compare)
		return !found
	})
}

// runURL is the address of the CI run that we are in, "" outside of one. What
// stands in it to log in with is nobody's business.
func runURL(env func(string) string) string {
	at, err := url.Parse(runAddress(env))
	if err != nil {
		return ""
	}
	at.User = nil
	return at.String()
}

func runAddress(env func(string) string) string {
	switch {
	case env("GITHUB_RUN_ID") != "":
		return address(env("GITHUB_SERVER_URL")) + "/" + env("GITHUB_REPOSITORY") + "/actions/runs/" + env("GITHUB_RUN_ID")
	case env("CI_JOB_URL") != "": // GitLab
		return address(env("CI_JOB_URL"))
	case env("BUILD_BUILDID") != "": // Azure Pipelines
		return address(env("SYSTEM_COLLECTIONURI")) + env("SYSTEM_TEAMPROJECT") + "/_build/results?buildId=" + env("BUILD_BUILDID")
	}
	return address(env("BUILD_URL")) // Jenkins
}

// address is where a URL leads, without what lets somebody in there.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
