package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// verifying is whether and for how long a command that writes looks at what it
// wrote.
type verifying struct {
	timeout time.Duration
}

func (o *verifying) flags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&o.timeout, "verify-timeout", 90*time.Second, "how long what was written may take to be visible; 0 does not look")
}

// many are so many changes that to read them again takes time.
const many = 100

// look reads again what was written, and records what it saw. An interrupted run
// ends at once.
func (o verifying) look(ctx context.Context, s streams, session *session, log *journal.Journal, outcomes []plan.Outcome) []plan.Outcome {
	if o.timeout <= 0 || ctx.Err() != nil {
		return outcomes
	}
	if len(outcomes) >= many && !mannerOf(ctx).quiet {
		fmt.Fprintln(s.err, "reading again what was written …")
	}
	told := false
	outcomes = session.run.Verify(ctx, outcomes, reconcile.Verifying{Timeout: o.timeout, Waiting: func(pending int, left time.Duration) {
		if !told {
			fmt.Fprintf(s.err, "%s not visible yet: reads may be old for a minute; looking for up to %s more\n", areOf(pending, "change"), left.Round(time.Second))
		}
		told = true
	}})
	for _, outcome := range outcomes {
		log.Seen(outcome)
	}
	return outcomes
}

// tellSeen says what is to be known of changes that were applied.
func tellSeen(ctx context.Context, s streams, outcomes []plan.Outcome) {
	counts := map[plan.Sight]int{}
	for _, o := range outcomes {
		counts[o.Seen.Sight]++
	}
	if n := counts[plan.NotYet]; n > 0 {
		warn(s, areOf(n, "change")+" applied and not yet visible: plan again in a few minutes; what it still shows then, somebody has set back")
	}
	if n := counts[plan.Unverified]; n > 0 {
		warn(s, areOf(n, "change")+" applied and not verified")
	}
	if n := counts[plan.Changed]; n > 0 {
		fmt.Fprintf(s.err, "error: changed by somebody else since they were applied: %d; nothing was written again\n", n)
	}
	if !mannerOf(ctx).quiet && slices.ContainsFunc(outcomes, takesMembers) {
		fmt.Fprintln(s.out, "Removal from a group is effective in Unity Catalog within about 20 minutes.")
	}
}

// takesMembers tells whether Unity Catalog will hear of a removal: it knows no group
// of a workspace.
func takesMembers(o plan.Outcome) bool {
	return o.Status == plan.Applied && o.Change.Key.Target == "account" && len(o.Change.Removed("member")) > 0
}
