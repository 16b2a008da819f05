package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// planning is what plan and apply have in common.
type planning struct {
	selection
	liveFile
	at      string
	allow   []string
	sandbox bool
	saved   *plan.File // the plan to be applied; nil: what the plan says now
	base    string     // the reference whose plan this one is held against; "" = none
}

func (o *planning) flags(cmd *cobra.Command) {
	o.selection.flags(cmd)
	cmd.Flags().StringArrayVar(&o.allow, "allow", nil, "let a guard off in this run, as GUARD=REASON (repeatable)")
	cmd.Flags().BoolVar(&o.sandbox, "sandbox", false, "run against the embedded sandbox, seeded from sandbox.yaml")
}

type planOptions struct {
	planning
	saving
	redacting
	output   string
	detailed bool
}

func planCommand(s streams) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show what apply would change",
		Long: "Reads the repository and the live account and workspaces, and prints the difference, and what it does\n" +
			"to people: who can do more and who can do less, by which lines, and where to look twice. It changes nothing.\n" +
			"--out saves the plan for apply FILE; its checksum is for apply --expect.\n" +
			"--live plans over a file of brickgate snapshot, and says so.\n\n" +
			"-o markdown is for a comment on a pull request: under 60,000 characters, with every removal. -o html is one\n" +
			"page for a browser, which needs nothing else: effects first, every removal, a search, filters by product,\n" +
			"principal and risk, and a picture of the access paths. -o json is what `brickgate schema plan` describes.\n" +
			"--redact prints a pseudonym in place of each person and e-mail, the same in every plan with the same\n" +
			"$" + redactKey + "; groups, service principals and other words stay, and what --out saves names everybody.\n\n" +
			"In GitHub Actions it adds the plan to the summary of the step, annotates what the rules find, and sets the\n" +
			"outputs has_changes, additions, removals, blocked and plan_path.\n\n" + aboutBase,
		Example: "  brickgate plan --env dev\n" +
			"  brickgate plan --sandbox --env dev examples/lakehouse\n" +
			"  brickgate plan --env prd --base origin/main\n" +
			"  brickgate plan --env prd --at 2027-01-01 -o json\n" +
			"  brickgate plan --env prd -o html > plan.html\n" +
			"  brickgate plan --env prd -o markdown --redact > comment.md\n" +
			"  brickgate plan --env prd --out prd.plan\n" +
			"  brickgate plan --env prd --live prd.snapshot",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPlan(cmd.Context(), s, o, args)
		},
	}
	o.planning.flags(cmd)
	o.liveFile.flags(cmd)
	o.saving.flags(cmd)
	cmd.Flags().Var((*baseFlag)(&o.base), "base", "part the changes by what this git `reference` wanted (branch, tag or commit)")
	o.redacting.flags(cmd)
	cmd.Flags().StringVar(&o.at, "at", "", "plan as of this day, or instant in RFC 3339")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, json, markdown or html")
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	return cmd
}

func runPlan(ctx context.Context, s streams, o planOptions, args []string) error {
	if err := checkOutput(o.output, "text", "json", "markdown", "html"); err != nil {
		return err
	}
	if err := o.saving.check(); err != nil {
		return err
	}
	if o.live != "" && o.out != "" {
		return errors.New("--out saves a plan for apply, and over a snapshot there is none to save: leave --live out, or hand its checksum to apply --expect")
	}
	session, err := o.prepare(ctx, args)
	if err != nil {
		return err
	}
	p := session.plan
	if err := session.close(); err != nil {
		return err
	}
	if err := o.save(ctx, s, session); err != nil {
		return err
	}
	p = o.redacted(s, p, session.repo)
	if err := tellStep(s, p, session, o.out); err != nil {
		return err
	}
	if err := writeAsked(ctx, s, p, o.output, session.now); err != nil {
		return err
	}
	return verdict(p, o.detailed)
}

// verdict is how a plan ends a command: refused by a guard, partly unread, partly
// refused by a rule, with changes.
func verdict(p plan.Plan, detailed bool) error {
	switch {
	case len(p.Violations) > 0:
		return exit{exitRefused}
	case unread(p):
		return exit{exitPartial}
	case plan.Errors(p.Findings):
		return exit{exitRefused}
	case detailed && len(p.Changes) > 0:
		return exit{exitChanges}
	}
	return nil
}

func unread(p plan.Plan) bool {
	for _, h := range p.Held {
		if h.Failed {
			return true
		}
	}
	return false
}

// writeAsked writes a plan as it was asked for.
func writeAsked(ctx context.Context, s streams, p plan.Plan, output string, now time.Time) error {
	if mannerOf(ctx).quiet && output == "text" {
		return writeBrief(s, p, now)
	}
	return writePlan(s, p, output, now)
}

func writePlan(s streams, p plan.Plan, output string, now time.Time) error {
	switch output {
	case "json":
		data, err := p.JSON(toolVersion())
		if err != nil {
			return err
		}
		_, err = s.out.Write(escaped(data))
		return err
	case "markdown":
		return writeMarkdown(s, p, now)
	case "html":
		return writePage(s, p, now)
	}
	opts := textOptions(s, now)
	opts.Checksum = checksumOf(p)
	return render.Text(s.out, p, opts)
}

// writeBrief writes of a plan what --quiet leaves.
func writeBrief(s streams, p plan.Plan, now time.Time) error {
	return render.Brief(s.out, p, textOptions(s, now))
}

func textOptions(s streams, now time.Time) render.TextOptions {
	return render.TextOptions{Color: coloured(s.out), Width: width(s.out), Now: now}
}

// joined keeps the first error as it is where there is no second.
func joined(first, second error) error {
	switch {
	case second == nil:
		return first
	case first == nil:
		return second
	}
	return errors.Join(first, second)
}
