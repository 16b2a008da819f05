package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

type applyOptions struct {
	planning
	carrying
	expect string // checksum; "" for any
	file   string // that holds the saved plan
}

// carrying is how a plan is carried out: whether without asking, how others are
// kept from writing meanwhile, where it is recorded, and how long it is looked at.
type carrying struct {
	locking
	recording
	verifying
	yes bool
}

func applyCommand(s streams) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [DIR|FILE]",
		Short: "Show the plan, and carry it out",
		Long: "Shows the plan, asks, and makes the changes in the order of their dependencies. What fails does not\n" +
			"stop what does not depend on it; the next run goes on from what is live then. Where the rules find an\n" +
			"error, what its document adds is not applied; all else is, and it ends with 3.\n\n" +
			"What was written is read again until it is seen. A signal lets it finish what is under way; a second one\n" +
			"stops it at once.\n\n" +
			"With a FILE that plan --out saved, it plans again and applies only what was approved: what is done\n" +
			"already and what has ended since is left out, and if anything else would be done, or something is\n" +
			"no longer to be done, nothing is. -C names the repository. With --expect it applies only what has\n" +
			"this checksum: of the plan as it is now, or of FILE.",
		Example: "  brickgate apply --env dev\n" +
			"  brickgate apply --sandbox --yes --env dev examples/lakehouse\n" +
			"  brickgate apply --env prd --yes --allow 'maxDeletes=teams merged, CHG-1234'\n" +
			"  brickgate apply prd.plan --yes --expect 9f2c6a1de07b4c58a3f10b62d47e95c8",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runApply(cmd.Context(), s, o, args)
		},
	}
	o.planning.flags(cmd)
	o.carrying.flags(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "apply without asking")
	cmd.Flags().StringVar(&o.expect, "expect", "", "apply only what has this checksum, as plan printed it")
	return cmd
}

func runApply(ctx context.Context, s streams, o applyOptions, args []string) error {
	args, err := o.open(args)
	if err != nil {
		return err
	}
	session, err := o.prepare(ctx, args)
	if err != nil {
		return o.located(err)
	}
	if err := o.approved(ctx, s, session); err != nil {
		return joined(err, session.close())
	}
	return joined(carryOut(ctx, s, session, o.carrying.as("apply", o.sandbox)), session.close())
}

func (o *carrying) flags(cmd *cobra.Command) {
	o.recording.flags(cmd)
	o.locking.flags(cmd)
	o.verifying.flags(cmd)
}

func carryOut(ctx context.Context, s streams, session *session, how carrying) error {
	p := session.plan
	if err := how.show(ctx, s, session); err != nil {
		return err
	}
	if len(p.Violations) > 0 || len(p.Changes) == 0 {
		return verdict(p, false)
	}
	if !how.yes {
		if err := confirm(ctx, s, len(p.Changes)); err != nil {
			return err
		}
	}
	defer outliveReaders()()
	err := how.under(ctx, s, session, how.yes, func() error { return write(ctx, s, session, how) })
	how.upload(ctx, s, session)
	return err
}

// show shows the plan: all of it where somebody is asked about it.
func (o *carrying) show(ctx context.Context, s streams, session *session) error {
	if mannerOf(ctx).quiet && o.yes {
		return writeBrief(s, session)
	}
	return writePlan(s, session.plan, "text", session.now)
}

// write makes the changes of the session's plan, and records them.
func write(ctx context.Context, s streams, session *session, how carrying) error {
	p := session.plan
	log, err := how.begin(ctx, s, session)
	if err != nil {
		return err
	}
	session.run.Witness = log
	quiet := mannerOf(ctx).quiet
	if !quiet {
		fmt.Fprintln(s.out)
	}
	shown := show(ctx, s, len(p.Changes))
	takeBack := leave(ctx, func() { shown.Say(stopped(session, how.file(session.repo.Dir))) })
	outcomes := session.run.Apply(ctx, p, shown.outcome)
	shown.end()
	outcomes = how.look(ctx, s, session, log, outcomes)
	takeBack()
	unrecorded := joined(log.End(outcomes), log.Close())
	opts := textOptions(s, session.now)
	opts.Brief = quiet
	unread := render.Outcomes(s.out, outcomes, opts)
	tellSeen(ctx, s, outcomes)
	tellLeft(ctx, s, outcomes)
	if n := len(p.Blocked); n > 0 {
		fmt.Fprintf(s.err, "error: blocked while their documents have errors: %d\n", n)
	}
	err = applied(ctx, p, outcomes)
	if unrecorded != nil {
		fmt.Fprintln(s.err, prefixed("error: ", "not all of this is recorded: "+unrecorded.Error()))
		err = cmp.Or(err, error(exit{exitPartial}))
	}
	if unread != nil { // what was done is done, and is in the journal
		fmt.Fprintln(s.err, prefixed("error: ", "the outcomes could not be printed, `brickgate history` has them: "+unread.Error()))
		err = cmp.Or(err, error(exit{exitPartial}))
	}
	return err
}

func applied(ctx context.Context, p plan.Plan, outcomes []plan.Outcome) error {
	if ctx.Err() != nil {
		return exit{exitInterrupted}
	}
	for _, o := range outcomes {
		if o.Status != plan.Applied || o.Seen.Sight == plan.Changed {
			return exit{exitPartial}
		}
	}
	return verdict(plan.Plan{Held: p.Held, Findings: p.Findings}, false)
}

// confirm asks whether to apply.
func confirm(ctx context.Context, s streams, changes int) error {
	return ask(ctx, s, question{fmt.Sprintf("Apply these %d changes?", changes), "not applied", "apply"})
}

// question is what is asked, what has happened where the answer is no, and what
// --yes does without being asked.
type question struct{ text, no, yes string }

// ask asks on a terminal and refuses elsewhere: a pipe cannot mean yes.
func ask(ctx context.Context, s streams, q question) error {
	if !isTerminal(s.in) {
		return fmt.Errorf("%s: this is no terminal to ask on; say --yes to %s without being asked", q.no, q.yes)
	}
	fmt.Fprintf(s.err, "\n%s Only 'yes' is taken for yes: ", q.text)
	answer := make(chan error, 1)
	go func() { // ends with its line, or with the program
		line, err := bufio.NewReader(s.in).ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			answer <- fmt.Errorf("read the answer: %w", err)
		case strings.TrimSpace(line) != "yes":
			answer <- errors.New(q.no)
		default:
			answer <- nil
		}
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		fmt.Fprintln(s.err)
		return ctx.Err()
	}
}
