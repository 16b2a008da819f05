package render

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

// findingsShown is how many warnings or notes of one rule a plan prints: what is
// to change must be seen among them. Errors are printed all.
const findingsShown = 8

// levels are in the order in which a reader needs them.
var levels = []plan.Level{plan.LevelError, plan.LevelWarn, plan.LevelNote}

// found writes what rules found, by file and line under one count.
func (t *text) found(findings []plan.Finding) {
	if len(findings) == 0 {
		return
	}
	findings = plan.SortFindings(slices.Clone(findings))
	t.line("", span{"findings", bold}, span{": " + levelCounts(findings), plain})
	shown, more := shownOf(findings)
	codes := widest(shown, nameLimit, func(f plan.Finding) string { return safe(f.Code) })
	file := ""
	for i, f := range shown {
		if i == 0 || f.Pos.File != file {
			file = f.Pos.File
			t.line("", span{"  " + heading(file), plain})
		}
		t.finding(f, codes)
	}
	for _, code := range slices.Sorted(maps.Keys(more)) {
		t.line("", span{fmt.Sprintf("  and %s more of %s; -o json has all", number(more[code]), safe(code)), faint})
	}
	t.line("")
}

func heading(file string) string {
	if file == "" {
		return "not in the repository"
	}
	return safe(file)
}

// shownOf leaves out the many warnings and notes of one rule, and counts them.
func shownOf(findings []plan.Finding) (shown []plan.Finding, more map[string]int) {
	seen := map[string]int{}
	more = map[string]int{}
	for _, f := range findings {
		if f.Level != plan.LevelError {
			seen[f.Code]++
		}
		if seen[f.Code] > findingsShown {
			more[f.Code]++
			continue
		}
		shown = append(shown, f)
	}
	return shown, more
}

// finding writes one, broken under itself where it does not fit beside its line.
func (t *text) finding(f plan.Finding, codes int) {
	right := at(f.Pos.File, f.Pos)
	lead := []span{{"    " + pad(string(f.Level), len(plan.LevelError)) + "  ", styleOf(f.Level)}, {pad(safe(f.Code), codes) + "  ", plain}}
	indent := 0
	for _, s := range lead {
		indent += ansi.StringWidth(s.text)
	}
	for i, l := range wrap(safe(f.Message), t.width-indent-max(len(right), len(":1234"))-2) {
		if i > 0 {
			lead, right = []span{{strings.Repeat(" ", indent), plain}}, ""
		}
		t.line(right, append(lead[:len(lead):len(lead)], span{l, plain})...)
	}
}

func styleOf(l plan.Level) style {
	switch l {
	case plan.LevelError:
		return alarm
	case plan.LevelWarn:
		return yellow
	}
	return plain
}

// levelCounts writes "1 error, 3 warnings".
func levelCounts(findings []plan.Finding) string {
	nouns := map[plan.Level]string{plan.LevelError: "error", plan.LevelWarn: "warning", plan.LevelNote: "note"}
	var out []string
	for _, l := range levels {
		n := 0
		for _, f := range findings {
			if f.Level == l {
				n++
			}
		}
		if n > 0 {
			out = append(out, count(n, nouns[l]))
		}
	}
	return strings.Join(out, ", ")
}

// Judged is a finding and the environments that it holds in; none: all that were
// looked at.
type Judged struct {
	plan.Finding
	Environments []string
}

// Findings writes findings as compilers do, one a line, and counts them in the
// last one:
//
//	products/orders.yaml:31:7: error: nothing says why … (BG201, prd)
func Findings(w io.Writer, judged []Judged, opts TextOptions) error {
	p := newPrinter(w, opts.Color, opts.Width)
	all := make([]plan.Finding, len(judged))
	for i, j := range judged {
		all[i] = j.Finding
		where := ""
		if j.Pos.File != "" {
			where = safe(fmt.Sprintf("%s:%d: ", j.Pos, j.Pos.Col))
		}
		of := strings.Join(append([]string{j.Code}, j.Environments...), ", ")
		p.line("", span{where, plain}, span{string(j.Level) + ":", styleOf(j.Level)}, span{" " + safe(j.Message) + " (" + safe(of) + ")", plain})
	}
	if len(judged) > 0 {
		p.line("", span{levelCounts(all), bold})
	}
	return p.done()
}
