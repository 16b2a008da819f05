package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// endings are the ways in which changes end, in the order in which a reader
// needs them: a status, and of what was applied, what was seen of it.
var endings = []ending{
	{status: plan.Failed, mark: span{"! failed", alarm}},
	{status: plan.Blocked, mark: span{"! blocked", red}},
	{status: plan.Applied, sight: plan.Changed, mark: span{"! changed", alarm}},
	{status: plan.Cancelled, mark: span{"= cancelled", yellow}},
	{status: plan.Applied, sight: plan.NotYet, mark: span{"? applied", yellow}},
	{status: plan.Applied, sight: plan.Unverified, mark: span{"? applied", yellow}},
	{status: plan.Applied, mark: span{"  applied", green}},
}

type ending struct {
	status plan.Status
	sight  plan.Sight
	mark   span
}

func endingOf(o *plan.Outcome) ending {
	for _, e := range endings {
		if e.status == o.Status && (e.sight == o.Seen.Sight || e.sight == "") {
			return e
		}
	}
	panic("render: an outcome of the unknown status " + string(o.Status))
}

// shownLeft is how many of the changes that an interrupted run did not begin are
// listed one by one.
const shownLeft = 20

// Outcomes writes how every change ended: what failed and what that blocked
// first, the count in the last line. Of what was merely not begun it lists the
// first twenty.
func Outcomes(w io.Writer, outcomes []plan.Outcome, opts TextOptions) error {
	t := &text{printer: newPrinter(w, opts.Color, opts.Width), teller: teller{now: opts.Now}}
	counts := map[ending]int{}
	left := notBegun(outcomes)
	for _, e := range endings {
		shown, hidden := 0, 0
		for i := range outcomes {
			o := &outcomes[i]
			if endingOf(o) != e {
				continue
			}
			counts[e]++
			if opts.Brief && o.Status == plan.Applied && e.sight == "" {
				continue
			}
			if left[o.Change.Key] {
				if shown++; shown > shownLeft {
					hidden++
					continue
				}
			}
			t.outcome(o, e.mark)
		}
		if hidden > 0 {
			t.line("", span{fmt.Sprintf("%sand %s more", indent, number(hidden)), plain})
		}
	}
	if len(outcomes) > 0 && !opts.Brief {
		t.line("")
	}
	t.line("", span{tally(counts, len(outcomes)), bold})
	return t.done()
}

// notBegun are the changes that were cancelled, and those that were waiting for
// nothing else.
func notBegun(outcomes []plan.Outcome) map[plan.Key]bool {
	left := map[plan.Key]bool{}
	for i := range outcomes { // what a change waits for stands before it
		o := &outcomes[i]
		waits := o.Status == plan.Blocked && !slices.ContainsFunc(o.BlockedBy, func(k plan.Key) bool { return !left[k] })
		if o.Status == plan.Cancelled || waits {
			left[o.Change.Key] = true
		}
	}
	return left
}

const indent = "             "

func (t *text) outcome(o *plan.Outcome, mark span) {
	mark.text = pad(mark.text, len("= cancelled")+2)
	doing := pad(string(o.Change.Action), len("create")) + "  " + safe(o.Change.Key.String())
	if o.Took >= time.Second {
		doing += "  " + o.Took.Round(100*time.Millisecond).String()
	}
	t.line(at("", place(o.Change.Origin)), mark, span{doing, plain})
	if o.Err != nil && !errors.Is(o.Err, context.Canceled) { // that the run was interrupted is said once
		t.words(o.Err.Error())
	}
	for _, k := range o.BlockedBy {
		t.line("", span{indent + "waits for " + safe(k.String()) + ", which did not succeed", plain})
	}
	t.seen(&o.Seen)
}

func (t *text) words(text string) {
	for l := range strings.Lines(text) {
		t.paragraph(safe(strings.TrimSpace(l)), span{indent, plain})
	}
}

// seen writes what was read of an applied change that is not as it left it.
func (t *text) seen(s *plan.Seen) {
	switch s.Sight {
	case "", plan.Visible:
		return
	case plan.NotYet:
		t.words("not yet visible: " + cmp.Or(s.Why, "what is read is still as it was before"))
	case plan.Changed:
		t.words("changed by somebody else since it was applied" + because(s.Why))
	default:
		t.words(string(s.Sight) + because(s.Why))
	}
	for _, d := range s.Differs {
		for _, v := range d.Removed {
			t.line("", span{indent + "- " + safe(d.Field+" "+v) + "  is missing", plain})
		}
		for _, v := range d.Added {
			t.line("", span{indent + "+ " + safe(d.Field+" "+v) + "  was not to be", plain})
		}
	}
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

// tally is the last line: "Applied 7 of 9 changes; 1 failed, 1 blocked."
func tally(counts map[ending]int, total int) string {
	if total == 0 {
		return "Nothing to apply."
	}
	applied := 0
	var rest []string
	for _, e := range endings {
		word := string(e.status)
		if e.status == plan.Applied {
			applied += counts[e]
			word = string(e.sight)
		}
		if word != "" && counts[e] > 0 {
			rest = append(rest, fmt.Sprintf("%s %s", number(counts[e]), word))
		}
	}
	line := fmt.Sprintf("Applied %s of %s", number(applied), count(total, "change"))
	if len(rest) == 0 {
		return line + "."
	}
	return line + "; " + strings.Join(slices.Clip(rest), ", ") + "."
}
