package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

type unlockOptions struct {
	selection
	yes     bool
	sandbox bool
}

func unlockCommand(s streams) *cobra.Command {
	var o unlockOptions
	cmd := &cobra.Command{
		Use:   "unlock [DIR]",
		Short: "Remove the lock of a run that is gone",
		Long: "Shows who holds the lock on the environment, asks, and removes it. It is seldom needed: a lock that is\n" +
			"not renewed for a minute is taken over by the next run. A run that lives notices within 15 seconds that\n" +
			"its lock is gone, finishes what it has begun, and stops; until then it goes on writing.",
		Example: "  brickgate unlock --env prd",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runUnlock(cmd.Context(), s, o, args)
		},
	}
	o.selection.flags(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "remove without asking")
	cmd.Flags().BoolVar(&o.sandbox, "sandbox", false, "run against the embedded sandbox, seeded from sandbox.yaml")
	return cmd
}

// runUnlock does without a healthy repository: only the Project counts.
func runUnlock(ctx context.Context, s streams, o unlockOptions, args []string) error {
	dir, err := o.folder(args)
	if err != nil {
		return err
	}
	repo, err := spec.Salvage(dir, reconcile.SpecKinds(), versions(ctx))
	if err != nil {
		return err
	}
	if err := o.choose(repo.Project); err != nil {
		return err
	}
	env, err := repo.Environment(o.env)
	if err != nil {
		return err
	}
	c, err := connect(ctx, repo.Repository, env, o.sandbox)
	if err != nil {
		return err
	}
	lock := c.clients.LockOf(repo.Project.Metadata.Name.Value, env.Name)
	return joined(o.unlock(ctx, s, lock), c.close())
}

func (o unlockOptions) unlock(ctx context.Context, s streams, lock *reconcile.Lock) error {
	holder, found, err := lock.Holder(ctx)
	if err != nil {
		return err
	}
	if !found {
		fmt.Fprintf(s.out, "Nobody holds the lock (%s).\n", clean(lock.Path()))
		return nil
	}
	fmt.Fprintln(s.out, prefixed("", fmt.Sprintf("Locked by %s (%s).", holder, lock.Path())))
	if m := machine(); m != "" && m == holder.Machine && alive(holder.PID) {
		warn(s, fmt.Sprintf("process %d runs on this machine: it goes on writing for up to 15 seconds after its lock is gone; a signal (SIGTERM) stops it", holder.PID))
	}
	if !o.yes {
		if err := ask(ctx, s, question{"Remove this lock?", "not removed", "remove it"}); err != nil {
			return err
		}
	}
	if err := lock.Remove(ctx, holder); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "Removed.")
	return nil
}
