package render

import (
	"fmt"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// changes writes the changes of a plan: by file, and apart where some are of this
// change of the repository and some were there before, or where some are drift and
// some are due.
func (t *text) changes(p plan.Plan) {
	switch {
	case p.Base != nil:
		intent, drift := p.Parts()
		t.part("this change", ": what the repository says since "+since(p.Base), intent)
		t.part("drift that was there before", ": the plan of "+safe(p.Base.Ref)+" would do the same", drift)
		t.satisfied(p.Base)
	case p.Drift != nil:
		drift, due := p.Drifted()
		t.part("drift", ": live is not as the repository says", drift)
		t.part("due", ": access that has ended, for the next run to take away", due)
		t.returned(p)
	default:
		t.byFile(p.Changes)
	}
}

func (t *text) byFile(changes []plan.Change) {
	for _, g := range groups(changes) {
		t.group(g)
		t.line("")
	}
}

// part writes some of the changes under a title.
func (t *text) part(title, about string, changes []plan.Change) {
	if len(changes) == 0 {
		return
	}
	t.line("", span{title, bold}, span{about, plain})
	t.line("")
	t.indent(2)
	t.byFile(changes)
	t.indent(-2)
}

// since is the base, by its name and its commit.
func since(b *plan.Base) string {
	ref, commit := safe(b.Ref), safe(b.Commit[:min(len(b.Commit), commitShown)])
	if commit == "" || strings.HasPrefix(ref, commit) {
		return ref
	}
	return ref + " (" + commit + ")"
}

// commitShown is how much of a commit is written.
const commitShown = 12

// satisfied lists what the change of the repository asks for and nobody has to do.
func (t *text) satisfied(b *plan.Base) {
	all := b.Satisfied
	if len(all) == 0 {
		return
	}
	t.line("", span{"live already has", bold}, span{": what this change asks for, and is so", plain})
	var at plan.Key
	for i, s := range all {
		if i == 0 || s.Key != at {
			at = s.Key
			t.line("", span{"  = ", faint}, span{safe(at.String()), plain})
		}
		n := note{words: "not declared any more"}
		if s.Origin != nil {
			n = t.wanted([]*plan.Origin{s.Origin}, "")
		}
		if s.Field == "" {
			n.words = ""
		}
		left := span{"      " + what(s.Move), plain}
		rest := t.explanation(n, n.words, []span{left, {"   ", plain}})
		t.line(n.at, append([]span{left, {"   ", plain}}, rest...)...)
	}
	t.line("")
}

// returned lists unmanaged access that brickgate had taken away, or made otherwise.
func (t *text) returned(p plan.Plan) {
	all := p.Returned()
	if len(all) == 0 {
		return
	}
	t.line("", span{"unmanaged, and new", bold}, span{": left alone, and not there after the last recorded apply", plain})
	var at plan.Key
	for i, u := range all {
		if i == 0 || u.Fact.Key != at {
			at = u.Fact.Key
			t.line("", span{"  ? ", yellow}, span{safe(at.String()), plain})
		}
		t.line("", span{"      " + safe(u.Fact.Field) + "   " + safe(u.Fact.Value) + "   " + safe(u.Kept), plain})
		t.traced(8, t.traces[plan.Move{Fact: u.Fact, Removed: true}])
	}
	t.line("")
}

// traced writes what was recorded of a fact, below it.
func (t *text) traced(column int, words string) {
	if words != "" {
		t.paragraph(words, span{strings.Repeat(" ", min(column, t.width/2)), plain})
	}
}

// tracesOf puts what was recorded into words.
func tracesOf(p plan.Plan) map[plan.Move]string {
	if p.Drift == nil {
		return nil
	}
	out := map[plan.Move]string{}
	for m, trace := range p.Drift.Traces {
		out[m] = traceWords(m, trace)
	}
	return out
}

// traceWords say who made a fact otherwise, and what that means: what was made as
// declared was changed by somebody else since; what was not, the repository asks for
// only since.
func traceWords(m plan.Move, trace plan.Trace) string {
	whole := trace.Fact.Field == "" // it was the resource that was made or deleted
	did := map[bool]string{false: "made", true: "taken away"}[trace.Removed]
	if whole && trace.Removed {
		did = "deleted"
	}
	if whole && m.Field != "" {
		did = "its resource was " + map[bool]string{false: "made without it", true: "deleted"}[trace.Removed]
	}
	since := "declared no more"
	switch {
	case !m.Removed && trace.Removed:
		since = "declared since"
	case !m.Removed:
		since = "gone since, by no recorded run"
	case m.Field == "" && trace.Removed:
		since = "there again since, by no recorded run"
	case trace.Removed || whole && m.Field != "":
		since = "given since, by no recorded run"
	}
	who := ""
	if trace.Who != "" {
		who = " by " + safe(trace.Who)
	}
	return fmt.Sprintf("%s %s%s in run %s; %s", did, trace.At.UTC().Format("2006-01-02 15:04 UTC"), who, safe(trace.Run), since)
}

// partsSummary says how many facts each part has; "" where there are no parts.
func partsSummary(p plan.Plan) string {
	switch {
	case p.Base != nil:
		c := p.Counts()
		return fmt.Sprintf("Since %s: %s of this change, %s of drift before it; live already has %s.",
			since(p.Base), count(c.Intent, "fact"), number(c.Drift), number(c.Satisfied))
	case p.Drift != nil:
		drift, due := p.Drifted()
		s := fmt.Sprintf("Drift: %s; %s due", count(plan.Facts(drift), "fact"), number(plan.Facts(due)))
		if n := len(p.Returned()); n > 0 {
			s += fmt.Sprintf("; %s unmanaged and new", number(n))
		}
		return s + "."
	}
	return ""
}
