package main

import (
	"bufio"
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
	yes bool
}

func applyCommand(s streams) *cobra.Command {
	var o applyOptions
	cmd := &cobra.Command{
		Use:   "apply [DIR]",
		Short: "Show the plan, and carry it out",
		Long: "Shows the plan, asks, and makes the changes in the order of their dependencies. What fails does not\n" +
			"stop what does not depend on it; the next run goes on from what is live then. Where the rules find an\n" +
			"error, what its document adds is not applied; all else is, and it ends with 3.",
		Example: "  brickgate apply --env dev\n" +
			"  brickgate apply --sandbox --yes --env dev examples/lakehouse\n" +
			"  brickgate apply --env prd --yes --allow 'maxDeletes=teams merged, CHG-1234'",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runApply(cmd.Context(), s, o, args)
		},
	}
	o.planning.flags(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "apply without asking")
	return cmd
}

func runApply(ctx context.Context, s streams, o applyOptions, args []string) error {
	session, err := o.prepare(ctx, args)
	if err != nil {
		return err
	}
	return joined(carryOut(ctx, s, session, o.yes), session.close())
}

func carryOut(ctx context.Context, s streams, session *session, yes bool) error {
	p := session.plan
	if err := writePlan(s, p, "text", session.now); err != nil {
		return err
	}
	if len(p.Violations) > 0 || len(p.Changes) == 0 {
		return verdict(p, false)
	}
	if !yes {
		if err := confirm(ctx, s, len(p.Changes)); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.out)
	n := 0
	outcomes := session.run.Apply(ctx, p, func(o plan.Outcome) {
		n++
		fmt.Fprintf(s.err, "[%d/%d] %s %s %s\n", n, len(p.Changes), o.Status, o.Change.Action, line(o.Change.Key.String()))
	})
	if err := render.Outcomes(s.out, outcomes, textOptions(s, session.now)); err != nil {
		return err
	}
	if n := len(p.Blocked); n > 0 {
		fmt.Fprintf(s.err, "error: blocked while their documents have errors: %d\n", n)
	}
	return applied(ctx, p, outcomes)
}

func applied(ctx context.Context, p plan.Plan, outcomes []plan.Outcome) error {
	if ctx.Err() != nil {
		return exit{exitInterrupted}
	}
	for _, o := range outcomes {
		if o.Status != plan.Applied {
			return exit{exitPartial}
		}
	}
	return verdict(plan.Plan{Held: p.Held, Findings: p.Findings}, false)
}

// confirm asks on a terminal and refuses elsewhere: a pipe cannot mean yes.
func confirm(ctx context.Context, s streams, changes int) error {
	if !isTerminal(s.in) {
		return errors.New("not applied: this is no terminal to ask on; say --yes to apply without being asked")
	}
	fmt.Fprintf(s.err, "\nApply these %d changes? Only 'yes' is taken for yes: ", changes)
	answer := make(chan error, 1)
	go func() { // ends with its line, or with the program
		line, err := bufio.NewReader(s.in).ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			answer <- fmt.Errorf("read the answer: %w", err)
		case strings.TrimSpace(line) != "yes":
			answer <- errors.New("not applied")
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
