package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

type driftOptions struct {
	planning
	redacting
	output   string
	journals []string
}

func driftCommand(s streams) *cobra.Command {
	var o driftOptions
	cmd := &cobra.Command{
		Use:   "drift [DIR]",
		Short: "Tell where live is not as the repository says, for schedules",
		Long: "Reads the repository and the live account and workspaces, and reports where they differ. It changes\n" +
			"nothing, and ends with 2 where there is drift and with 0 where there is none.\n\n" +
			"Access that merely has ended is told apart as due: it is no drift, and expire takes it away, unless the\n" +
			"journal has that it was taken away before: somebody gave it again. Of each\n" +
			"difference, and of unmanaged access that is new, the report says who last applied it and when, as far\n" +
			"as the journal tells: what was made as declared and is otherwise now was changed by somebody else.\n" +
			"Without --journal that is the journal beside brickgate.yaml, where there is one; name the folder of\n" +
			"those that many machines wrote.\n\n" +
			"The other exit codes are those of plan: 1 for an error, 3 where a rule or a guard objects to the repair,\n" +
			"4 where the credentials were not accepted, 5 where something could not be read.",
		Example: "  brickgate drift --env prd\n" +
			"  brickgate drift --env prd --journal audit -o json\n" +
			"  # each night, from cron: a mail only where there is something to look at\n" +
			"  15 3 * * *  cd /srv/access && git pull -q && brickgate drift --env prd >drift.txt 2>&1 || mail -s 'access drift' data-platform@example.com <drift.txt",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDrift(cmd.Context(), s, o, args)
		},
	}
	o.planning.flags(cmd)
	o.redacting.flags(cmd)
	cmd.Flags().StringVar(&o.at, "at", "", "look as of this day, or instant in RFC 3339")
	cmd.Flags().StringArrayVar(&o.journals, "journal", nil, "file to read, or folder of files *.jsonl (repeatable; default "+journalFile+" beside brickgate.yaml)")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

func runDrift(ctx context.Context, s streams, o driftOptions, args []string) error {
	if err := checkOutput(o.output, "text", "json"); err != nil {
		return err
	}
	session, err := o.prepare(ctx, args)
	if err != nil {
		return err
	}
	p := session.plan
	if err := session.close(); err != nil {
		return err
	}
	log, err := o.recorded(s, session.repo.Dir)
	if err != nil {
		return err
	}
	p.Drift = &plan.Drift{Due: plan.Due(p.Changes, session.now)}
	p.Drift.Traces = tracesOf(p, log, session.run.Project.Metadata.Name.Value)
	p = o.redacted(s, p, session.repo)
	if err := writeAsked(ctx, s, p, o.output, session.now); err != nil {
		return err
	}
	drift, _ := p.Drifted()
	p.Changes = drift
	return verdict(p, true)
}

// recorded are the journals that are named, or that of the repository; nil where it
// has none.
func (o *driftOptions) recorded(s streams, dir string) (*journal.Log, error) {
	sources, err := readJournals(dir, o.journals)
	if len(o.journals) == 0 && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tellGaps(s, sources)
	return journal.Together(sources), nil
}

// tracesOf finds the last recorded change of each fact that differs or is unmanaged:
// of the fact itself, or of its resource, which was made without it. What has ended
// and was taken away before is no longer due: it is drift.
func tracesOf(p plan.Plan, log *journal.Log, project string) map[plan.Move]plan.Trace {
	if log == nil {
		return nil
	}
	last := lastChanges(log, project, p.Environment)
	out := map[plan.Move]plan.Trace{}
	for i := range p.Changes {
		for _, m := range p.Changes[i].Edits() {
			t, ok := last.of(m)
			if ok && t.Removed && t.Fact == m.Fact {
				delete(p.Drift.Due, m) // it was taken away when it had ended, and somebody gave it again
			}
			if ok && !p.Drift.Due[m] { // what is due explains itself
				out[m] = t
			}
		}
	}
	for _, u := range p.Unmanaged {
		m := plan.Move{Fact: u.Fact, Removed: true}
		if t, ok := last.of(m); ok && (t.Removed || t.Fact != u.Fact) { // else brickgate gave it itself
			out[m] = t
		}
	}
	return out
}

// recordedFacts are the latest recorded changes of facts, and of the resources that
// were made or deleted.
type recordedFacts map[plan.Fact]plan.Trace

// of is the last recorded change of what a plan would do: of the fact; of its
// resource, which was deleted since; or of its resource, which was made without it.
func (r recordedFacts) of(m plan.Move) (plan.Trace, bool) {
	fact, ok := r[m.Fact]
	whole, made := r[plan.Fact{Key: m.Key}]
	if made && (whole.Removed && whole.At.After(fact.At) || !ok && m.Removed) {
		return whole, true
	}
	return fact, ok
}

// lastChanges are those of all runs of an environment that were applied.
func lastChanges(log *journal.Log, project, environment string) recordedFacts {
	last := recordedFacts{}
	for _, o := range log.Operations {
		if o.Run.Project != project || o.Run.Environment != environment || o.Outcome == nil || o.Outcome.Status != plan.Applied {
			continue
		}
		note := func(f plan.Fact, removed bool) {
			if t, ok := last[f]; !ok || !o.At.Before(t.At) {
				last[f] = plan.Trace{Fact: f, Removed: removed, At: o.At, Run: o.Run.ID, Who: o.Run.Who, Command: o.Run.Command}
			}
		}
		key := o.Intent.Key()
		if o.Intent.Action != plan.Update {
			note(plan.Fact{Key: key}, o.Intent.Action == plan.Delete)
		}
		for _, f := range o.Intent.Removed {
			note(plan.Fact{Key: key, Field: f.Field, Value: f.Value}, true)
		}
		for _, f := range o.Intent.Added {
			note(plan.Fact{Key: key, Field: f.Field, Value: f.Value}, false)
		}
	}
	return last
}
