package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// TextOptions say for what terminal a text is.
type TextOptions struct {
	Color    bool
	Width    int       // columns; 0 for 100
	Now      time.Time // at which the plan was made: what ends before it has expired
	Checksum string    // of the plan, to be printed; "" for none
	Brief    bool      // of outcomes, leaves out what went well
}

// Text writes the plan: its changes by file, what it leaves alone, what stops it,
// and its numbers in the last line.
func Text(w io.Writer, p plan.Plan, opts TextOptions) error {
	t := &text{printer: newPrinter(w, opts.Color, opts.Width), teller: newTeller(p, opts.Now)}
	if len(p.Changes) == 0 {
		t.line("", span{noChanges(p), plain})
		t.line("")
	}
	t.changes(p)
	t.impact(p)
	t.unmanaged(p.Unmanaged)
	t.held(p)
	t.warnings(p.Warnings)
	t.found(p.Findings)
	t.blocked(p.Blocked)
	t.lacks(p.Lacks)
	t.violations(p.Violations)
	t.waivers(p.Waivers)
	if t.zone != "" {
		t.line("", span{"Dates are whole days in " + safe(t.zone) + ".", faint})
	}
	if opts.Checksum != "" {
		t.line("", span{"Checksum: " + safe(opts.Checksum), plain})
	}
	t.numbers(p)
	return t.done()
}

// numbers are the last lines of a plan.
func (t *text) numbers(p plan.Plan) {
	if parts := partsSummary(p); parts != "" {
		t.line("", span{parts, bold})
	}
	if p.Drift == nil {
		t.line("", span{summary(p.Summary()), bold})
	}
}

// text is one plan being written.
type text struct {
	*printer
	teller
}

func noChanges(p plan.Plan) string {
	s, in := "No changes: live access%s is as declared", ""
	if p.Ended && len(p.Held)+len(p.Unjudged) > 0 {
		return nothingNow(p)
	}
	if p.Ended {
		s = "Nothing to take away: no live access%s has ended"
	}
	if p.Drift != nil {
		s = "No drift: live access%s is as declared"
	}
	if p.Environment != "" {
		in = " in " + safe(p.Environment)
	}
	s = fmt.Sprintf(s, in)
	if n := len(p.Held); n > 0 {
		s += fmt.Sprintf(", %s held back", count(n, "resource"))
	}
	if n := len(p.Blocked); n > 0 {
		s += fmt.Sprintf(", %s blocked", count(n, "change"))
	}
	return s + "."
}

// nothingNow is told where nobody can say that no access has ended.
func nothingNow(p plan.Plan) string {
	var why []string
	if n := len(p.Held); n > 0 {
		why = append(why, number(n)+" held back")
	}
	if len(p.Unjudged) > 0 {
		files := make([]string, len(p.Unjudged))
		for i, f := range p.Unjudged {
			files[i] = safe(f)
		}
		why = append(why, "what "+strings.Join(files, ", ")+" declares could not be judged")
	}
	return "Nothing to take away now: " + strings.Join(why, "; ") + "."
}

func summary(s plan.Summary) string {
	line := fmt.Sprintf("Plan: %s to create, %s to change, %s to delete; %s unchanged",
		number(s.Create), number(s.Update), number(s.Delete), number(s.Unchanged))
	if s.Blocked > 0 {
		line += fmt.Sprintf("; %s blocked", number(s.Blocked))
	}
	return line + "."
}

// number groups digits by thousands: 1,204.
func number(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// count writes "1 change" or "2 changes".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return number(n) + " " + noun
}

// group is the changes that one file, or one product in it, asks for.
type group struct {
	product, file string
	changes       []*plan.Change
}

// groups are sorted by file and product; in a group the order of the plan stays.
func groups(changes []plan.Change) []group {
	index := map[[2]string]int{}
	var out []group
	for i := range changes {
		c := &changes[i]
		product, file := productOf(c), place(c.Origin).File
		at, ok := index[[2]string{product, file}]
		if !ok {
			at = len(out)
			index[[2]string{product, file}] = at
			out = append(out, group{product: product, file: file})
		}
		out[at].changes = append(out[at].changes, c)
	}
	slices.SortFunc(out, func(a, b group) int {
		return cmp.Or(strings.Compare(a.file, b.file), strings.Compare(a.product, b.product))
	})
	return out
}

// productOf is the product that the change belongs to, "" for none or several.
func productOf(c *plan.Change) string {
	product := ""
	for _, l := range c.Labels {
		if name, ok := strings.CutPrefix(l, "product:"); ok {
			if product != "" {
				return ""
			}
			product = name
		}
	}
	return product
}

func place(o *plan.Origin) plan.Pos {
	if o == nil {
		return plan.Pos{}
	}
	return o.Pos
}

func (t *text) group(g group) {
	switch {
	case g.product != "":
		t.line(safe(g.file), span{"product " + safe(g.product), bold})
	default:
		t.line("", span{heading(g.file), bold})
	}
	for _, c := range g.changes {
		t.change(c, g.file)
	}
}
