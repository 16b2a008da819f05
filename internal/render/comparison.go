package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

// Comparison writes what was approved beside what would be done now. Where both
// agree it says what of the approved is left out and why; where they do not, it
// shows the resources on which they differ, with all that concerns them.
func Comparison(w io.Writer, c plan.Comparison, opts TextOptions) error {
	t := &text{printer: newPrinter(w, opts.Color, opts.Width), teller: teller{now: opts.Now}}
	if c.Agrees() {
		t.leftOut(c)
		return t.done()
	}
	lines := compared(t, c)
	differ := map[plan.Key]bool{}
	for _, l := range lines {
		differ[l.Key] = differ[l.Key] || l.alarming
	}
	t.line("", span{"What would be done now is not what was approved:", bold})
	as := slices.DeleteFunc(slices.Clone(lines), func(l comparedLine) bool { return differ[l.Key] })
	t.compared(slices.DeleteFunc(lines, func(l comparedLine) bool { return !differ[l.Key] }))
	if n := len(as); n > 0 {
		t.line("")
		t.line("", span{"as approved, on other resources: " + count(n, "fact"), plain})
	}
	return t.done()
}

// comparedLine is one fact and what has become of it.
type comparedLine struct {
	plan.Edit
	state    string
	alarming bool
	note     string
}

// compared lists all facts of both sides, sorted.
func compared(t *text, c plan.Comparison) []comparedLine {
	var out []comparedLine
	for _, e := range c.Left {
		out = append(out, comparedLine{Edit: e, state: "approved, to be done"})
	}
	for _, e := range c.Done {
		out = append(out, comparedLine{Edit: e, state: "approved, done already"})
	}
	for _, a := range c.Ended {
		out = append(out, comparedLine{Edit: a.Edit, state: "approved, ended since", note: t.until(t.ending(a))})
	}
	for _, l := range c.Lost {
		out = append(out, comparedLine{Edit: l.Edit, state: "approved, not to be done now", alarming: true, note: safe(l.Why)})
	}
	for _, e := range c.New {
		out = append(out, comparedLine{Edit: e, state: "to be done now, not approved", alarming: true})
	}
	slices.SortFunc(out, func(a, b comparedLine) int { return a.Compare(b.Edit) })
	return out
}

func (t *text) compared(lines []comparedLine) {
	states := widest(lines, nameLimit, func(l comparedLine) string { return l.state })
	var at plan.Key
	for _, l := range lines {
		if l.Key != at {
			at = l.Key
			t.line("")
			t.line("", span{"  " + safe(at.String()), plain})
		}
		symbol := span{"    = ", faint}
		if l.alarming {
			symbol = span{"    ! ", alarm}
		}
		t.line("", symbol, span{pad(l.state, states) + "   ", plain}, span{what(l.Edit), colorOf(sign(l.Edit))})
		if l.note != "" {
			t.paragraph(l.note, span{strings.Repeat(" ", states+9), plain})
		}
	}
}

// leftOut says what of an approved plan is not done any more, and need not be.
func (t *text) leftOut(c plan.Comparison) {
	if len(c.Done)+len(c.Ended) == 0 {
		return
	}
	t.line("", span{fmt.Sprintf("Approved: %s; %s to be done, %s done already, %s ended since.",
		count(len(c.Left)+len(c.Done)+len(c.Ended), "fact"), number(len(c.Left)), number(len(c.Done)), number(len(c.Ended))), plain})
	for _, a := range c.Ended {
		head := fmt.Sprintf("  dropped: %s  %s", safe(a.Key.String()), what(a.Edit))
		words := "ended " + t.until(t.ending(a))
		if ansi.StringWidth(head)+ansi.StringWidth(words)+2 <= t.width {
			head += "  " + words
			words = ""
		}
		t.line("", span{head, plain})
		if words != "" {
			t.line("", span{strings.Repeat(" ", len("  dropped: ")) + words, plain})
		}
	}
}

// ending is the end of an approval, in the zone of the repository.
func (t *text) ending(a plan.Approval) *plan.Origin {
	return &plan.Origin{Until: a.Until.In(t.now.Location())}
}

func sign(e plan.Edit) string {
	if e.Removed {
		return "-"
	}
	return "+"
}

// what is the edit in words: member + user:alice, or + created.
func what(e plan.Edit) string {
	switch {
	case e.Field == "" && e.Removed:
		return "- deleted"
	case e.Field == "":
		return "+ created"
	}
	return safe(e.Field) + " " + sign(e) + " " + safe(e.Value)
}
