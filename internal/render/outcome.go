package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// statuses are in the order in which a reader needs them.
var statuses = []plan.Status{plan.Failed, plan.Blocked, plan.Withheld, plan.Cancelled, plan.Applied}

// Outcomes writes how every change ended: what failed and what that blocked
// first, the count in the last line.
func Outcomes(w io.Writer, outcomes []plan.Outcome, opts TextOptions) error {
	t := &text{printer: newPrinter(w, opts.Color, opts.Width), now: opts.Now}
	counts := map[plan.Status]int{}
	for _, s := range statuses {
		for i := range outcomes {
			if outcomes[i].Status == s {
				t.outcome(&outcomes[i])
				counts[s]++
			}
		}
	}
	if len(outcomes) > 0 {
		t.line("")
	}
	t.line("", span{tally(counts, len(outcomes)), bold})
	return t.done()
}

func (t *text) outcome(o *plan.Outcome) {
	symbol := map[plan.Status]span{
		plan.Failed: {"! failed", alarm}, plan.Blocked: {"! blocked", red}, plan.Withheld: {"= held", yellow},
		plan.Cancelled: {"= cancelled", yellow}, plan.Applied: {"  applied", green},
	}[o.Status]
	symbol.text = pad(symbol.text, len("= cancelled")+2)
	doing := pad(string(o.Change.Action), len("create")) + "  " + safe(o.Change.Key.String())
	if o.Took >= time.Second {
		doing += "  " + o.Took.Round(100*time.Millisecond).String()
	}
	t.line(at("", place(o.Change.Origin)), symbol, span{doing, plain})
	const indent = "             "
	if o.Err != nil {
		for l := range strings.Lines(o.Err.Error()) {
			t.paragraph(safe(strings.TrimSpace(l)), span{indent, plain})
		}
	}
	for _, k := range o.BlockedBy {
		t.line("", span{indent + "waits for " + safe(k.String()) + ", which did not succeed", plain})
	}
}

// tally is the last line: "Applied 7 of 9 changes; 1 failed, 1 blocked."
func tally(counts map[plan.Status]int, total int) string {
	if total == 0 {
		return "Nothing to apply."
	}
	var rest []string
	for _, s := range statuses {
		if s != plan.Applied && counts[s] > 0 {
			rest = append(rest, fmt.Sprintf("%s %s", number(counts[s]), s))
		}
	}
	line := fmt.Sprintf("Applied %s of %s", number(counts[plan.Applied]), count(total, "change"))
	if len(rest) == 0 {
		return line + "."
	}
	return line + "; " + strings.Join(slices.Clip(rest), ", ") + "."
}
