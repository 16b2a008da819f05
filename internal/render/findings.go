package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

// unmanagedShown is how many lines of one reason are printed where the rest only
// says that access of others exists.
const unmanagedShown = 5

// keptOrder puts first what somebody must act on. Of these every line is shown.
var keptOrder = map[string]int{"orphaned": 2, "adoption": 1}

// leftAlone is unmanaged access on one field of one resource.
type leftAlone struct {
	key    plan.Key
	field  string
	values []string
}

func (t *text) unmanaged(all []plan.Unmanaged) {
	if len(all) == 0 {
		return
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b plan.Unmanaged) int {
		return cmp.Or(keptOrder[b.Kept]-keptOrder[a.Kept], strings.Compare(a.Kept, b.Kept), strings.Compare(a.From, b.From))
	})
	t.line("", span{"unmanaged", bold}, span{": live, not declared, left alone", plain})
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Kept == all[0].Kept && all[n].From == all[0].From {
			n++
		}
		t.kept(all[:n])
		all = all[n:]
	}
	t.line("")
}

// kept writes what stays for one reason.
func (t *text) kept(same []plan.Unmanaged) {
	u := same[0]
	t.line("", span{"  " + keptTitle(same), plain})
	rows := byField(same)
	shown := rows
	if keptOrder[u.Kept] == 0 && len(rows) > unmanagedShown+1 {
		shown = rows[:unmanagedShown]
	}
	keys := widest(shown, 56, func(r leftAlone) string { return safe(r.key.String()) })
	names := widest(shown, nameLimit, func(r leftAlone) string { return safe(r.field) })
	for _, r := range shown {
		lead := "    ? " + pad(safe(r.key.String()), keys) + "  " + pad(safe(r.field), names) + "  "
		t.line("", span{lead + safe(strings.Join(r.values, ", ")), plain})
	}
	more := 0
	for _, r := range rows[len(shown):] {
		more += len(r.values)
	}
	if more > 0 {
		t.line("", span{fmt.Sprintf("      and %s more", number(more)), faint})
	}
}

// keptTitle says why these stay, and until when.
func keptTitle(same []plan.Unmanaged) string {
	u := same[0]
	title := fmt.Sprintf("%s (%s)", u.Kept, number(len(same)))
	switch {
	case u.Kept == "orphaned":
		title += ": no document declares it; a Removed document takes it away"
	case u.From != "":
		title += ": will be removed when adoption ends on " + u.From
	}
	return safe(title)
}

func byField(same []plan.Unmanaged) []leftAlone {
	var out []leftAlone
	for _, u := range same {
		n := len(out)
		if n == 0 || out[n-1].key != u.Fact.Key || out[n-1].field != u.Fact.Field || plan.IsPrincipal(u.Fact.Value) {
			out = append(out, leftAlone{u.Fact.Key, u.Fact.Field, nil})
			n++
		}
		out[n-1].values = append(out[n-1].values, u.Fact.Value)
	}
	return out
}

func (t *text) held(p plan.Plan) {
	held := p.Held
	if len(held) == 0 {
		return
	}
	what := ": nothing is written to these in this run"
	if p.Ended {
		what = ": what is named here stays as it is in this run"
	}
	t.line("", span{"held back", bold}, span{what, plain})
	for _, h := range held {
		sign := span{"  = ", yellow}
		if h.Failed {
			sign = span{"  ! ", red}
		}
		t.line(at("", place(h.Origin)), sign, span{safe(h.Key.String()), plain})
		t.paragraph(safe(h.Reason), span{"      ", plain})
	}
	t.line("")
}

// warnings writes what is said of the whole run before what is said of a line.
func (t *text) warnings(warnings []plan.Warning) {
	warnings = slices.Clone(warnings)
	slices.SortStableFunc(warnings, func(a, b plan.Warning) int { return a.Pos.Compare(b.Pos) })
	for _, w := range warnings {
		t.paragraph(safe(w.String()), span{"warning: ", yellow})
	}
	if len(warnings) > 0 {
		t.line("")
	}
}

func (t *text) violations(violations []plan.Violation) {
	if len(violations) == 0 {
		return
	}
	t.line("", span{"refused", alarm}, span{": nothing is applied while a guard objects; --allow GUARD=REASON lets one off", plain})
	names := widest(violations, nameLimit, func(v plan.Violation) string { return safe(v.Guard) })
	for _, v := range violations {
		message := safe(v.Message)
		if where := safe(v.Pos.String()); where != "" {
			message += " (" + where + ")"
		}
		t.paragraph(message, span{"  ! ", alarm}, span{pad(safe(v.Guard), names) + "  ", bold})
	}
	t.line("")
}

func (t *text) waivers(waivers []plan.Waiver) {
	for _, w := range waivers {
		lead := "waived: " + safe(w.Guard) + "  "
		t.line("", span{lead + quoted(w.Reason, max(t.width-ansi.StringWidth(lead), leastReason)), yellow})
	}
	if len(waivers) > 0 {
		t.line("")
	}
}
