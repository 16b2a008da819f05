package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

type expireOptions struct {
	planning
	carrying
}

func expireCommand(s streams) *cobra.Command {
	var o expireOptions
	cmd := &cobra.Command{
		Use:   "expire [DIR]",
		Short: "Take away access that has ended, and nothing else",
		Long: "Shows what is live of access that has ended (expired, revoked, an emergency that nobody approved), asks,\n" +
			"and takes it away. It does not wait for a healthy repository: a file with mistakes is read from the last\n" +
			"commit in which it had none, and the command fails at the end and names it. Where git holds no such\n" +
			"commit, as in a shallow clone, whoever the file names keeps what they have.",
		Example: "  brickgate expire --env prd --yes\n" +
			"  brickgate expire --sandbox --env dev examples/lakehouse",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runExpire(cmd.Context(), s, o, args)
		},
	}
	o.planning.flags(cmd)
	o.carrying.flags(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "take away without asking")
	return cmd
}

func runExpire(ctx context.Context, s streams, o expireOptions, args []string) error {
	dir, err := o.folder(args)
	if err != nil {
		return err
	}
	repo, err := spec.Salvage(dir, reconcile.SpecKinds(), versions(ctx))
	if err != nil {
		return err
	}
	err = o.expire(ctx, s, repo)
	broken := repo.Broken()
	tellBroken(s.err, broken)
	if err == nil && len(broken) > 0 {
		return exit{exitError}
	}
	return err
}

func (o *expireOptions) expire(ctx context.Context, s streams, repo *spec.Salvaged) error {
	session, err := o.endings(ctx, repo)
	if err != nil {
		return err
	}
	err = carryOut(ctx, s, session, o.carrying.as("expire", o.sandbox))
	return joined(err, session.close())
}

// endings is the pipeline up to the plan: a file whose mistakes show on the way
// is read differently, and the pipeline begins anew.
func (o *expireOptions) endings(ctx context.Context, repo *spec.Salvaged) (*session, error) {
	allow, err := parseAllow(o.allow)
	if err != nil {
		return nil, err
	}
	if err := o.choose(repo.Project); err != nil {
		return nil, err
	}
	for {
		session, err := o.ended(ctx, repo, allow)
		if err == nil {
			return session, nil
		}
		if left, failed := repo.LeaveOut(spec.Errors(err)); failed != nil || !left {
			return nil, joined(err, failed)
		}
	}
}

// ended reads the environment and plans what has ended.
func (o *expireOptions) ended(ctx context.Context, repo *spec.Salvaged, allow map[string]string) (*session, error) {
	declared, err := o.standing(repo)
	if err != nil {
		return nil, err
	}
	c, err := connect(ctx, repo.Repository, declared.Env, o.sandbox)
	if err != nil {
		return nil, err
	}
	session := &session{repo: repo.Repository, close: c.close}
	compare := func(ctx context.Context, declared *reconcile.Declared) error {
		run, err := read(ctx, c.clients, declared)
		if err != nil {
			return repo.Locate(err)
		}
		now := time.Now().In(declared.Zone)
		p, err := run.Ended(now, allow, lostIn(repo.Broken()))
		if err == nil {
			err = run.Preflight(ctx, &p, allow)
		}
		if err == nil {
			err = weigh(ctx, run, &p, now)
		}
		p.Hosts, p.Unjudged = o.hosts(c.clients), unjudged(repo.Broken())
		session.run, session.plan, session.now = run, p, now
		return err
	}
	session.again = func(ctx context.Context) error {
		declared, err := o.standing(repo)
		if err != nil {
			return err
		}
		return compare(ctx, declared)
	}
	if err := compare(ctx, declared); err != nil {
		return nil, joined(err, c.close())
	}
	return session, nil
}

// unjudged are the files of which nobody knows whether what they declare has ended.
func unjudged(broken []spec.Broken) []string {
	var files []string
	for _, b := range broken {
		if b.Unjudged() {
			files = append(files, b.File)
		}
	}
	return files
}

// standing is what the documents declare, those included that are read as they
// were.
func (o *expireOptions) standing(repo *spec.Salvaged) (*reconcile.Declared, error) {
	declared, err := declareSalvaged(repo, o.env)
	if err != nil {
		return nil, err
	}
	return declared, keepStanding(repo, declared)
}

// declareSalvaged declares with other versions of files until their mistakes are
// gone, or no other version is left.
func declareSalvaged(repo *spec.Salvaged, env string) (*reconcile.Declared, error) {
	for {
		declared, err := reconcile.Declare(repo.Repository, env)
		if err == nil || declared == nil {
			return declared, err
		}
		changed, failed := repo.FallBack(spec.Errors(err))
		if failed != nil {
			return nil, failed
		}
		if !changed {
			return declared, nil
		}
	}
}

// keepStanding keeps what the sound documents of files that are read as they were
// want since.
func keepStanding(repo *spec.Salvaged, declared *reconcile.Declared) error {
	standing, err := repo.Standing()
	if standing == nil || err != nil {
		return err
	}
	// Its mistakes are those of which the files are read as they were.
	if today, _ := reconcile.Declare(standing, declared.Env.Name); today != nil {
		declared.Keep(today, time.Now())
	}
	return nil
}

// lostIn tells of the names of a principal which file may want its access, of
// which nobody knows all that it wants; "" if none does.
func lostIn(broken []spec.Broken) func(names []string) string {
	lost := slices.DeleteFunc(slices.Clone(broken), func(b spec.Broken) bool { return !b.Lost() })
	return func(names []string) string {
		for _, b := range lost {
			switch at := slices.IndexFunc(names, b.Mentions); {
			case b.Unread:
				return b.File + " cannot be read and may name anybody"
			case at >= 0:
				return fmt.Sprintf("%s has mistakes and names %s", b.File, names[at])
			}
		}
		return ""
	}
}
