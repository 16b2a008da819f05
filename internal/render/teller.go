package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// teller says of each value of a change why it comes or goes: what all forms of a
// plan write, each in its way.
type teller struct {
	now      time.Time
	zone     string // of the days that were told
	withheld bool   // what is being told is not applied
	traces   map[plan.Move]string
	whole    bool // nothing is left out to be brief
	idle     map[plan.Move]*plan.Idle

	documents map[plan.Key]plan.Pos // where what changes is declared
}

// newTeller knows of a plan what its explanations need.
func newTeller(p plan.Plan, now time.Time) teller {
	t := teller{now: now, traces: tracesOf(p), idle: idleOf(p.Impact), documents: map[plan.Key]plan.Pos{}}
	for i := range p.Changes {
		t.documents[p.Changes[i].Key] = place(p.Changes[i].Origin)
	}
	return t
}

// row is one line of a change: values of a field that share one explanation.
type row struct {
	field  string
	values []signed
	note   note
}

type signed struct {
	sign  string
	value string
}

// note explains a value: until when, why, and where it is written.
type note struct {
	words  string
	reason string
	at     string
	from   [placesShown]plan.Pos // what at writes, for forms that write it otherwise
	trace  string                // what was recorded of it before
	idle   string                // that it changes nothing, and why; "" where it does
}

// rows are the lines of a change. Principals have a line each; other values of a
// field share one where their explanations agree.
func (t *teller) rows(c *plan.Change, file string) []row {
	var out []row
	for _, d := range c.Deltas() {
		first := len(out)
		for _, v := range t.signs(c, d) {
			n := t.explain(c, d, v, file)
			n.trace = t.traces[plan.Move{Fact: plan.Fact{Key: c.Key, Field: d.Field, Value: v.value}, Removed: v.sign == "-"}]
			t.changesNothing(&n, plan.Fact{Key: c.Key, Field: d.Field, Value: v.value}, v.sign)
			last := len(out) - 1
			if last >= first && out[last].note == n && !plan.IsPrincipal(v.value) {
				out[last].values = append(out[last].values, v)
				continue
			}
			out = append(out, row{d.Field, []signed{v}, n})
		}
		if !t.whole {
			out = shorten(c, out, first)
		}
	}
	return out
}

// signs puts what a change adds before what it removes, except where one value
// makes room for another. Of what is withheld nothing is removed.
func (t *teller) signs(c *plan.Change, d plan.Delta) []signed {
	if t.withheld {
		return each(d.Added, "!")
	}
	added, removed := each(d.Added, "+"), each(d.Removed, "-")
	if c.Displaces(d) {
		return append(removed, added...)
	}
	return append(added, removed...)
}

func each(values []string, sign string) []signed {
	out := make([]signed, len(values))
	for i, v := range values {
		out[i] = signed{sign, v}
	}
	return out
}

// shorten cuts what goes with a deleted resource: the resource is the news.
func shorten(c *plan.Change, rows []row, first int) []row {
	more := len(rows) - first - deletedShown
	if c.Action != plan.Delete || more <= 1 {
		return rows
	}
	rows = rows[:first+deletedShown]
	return append(rows, row{field: rows[first].field, values: []signed{{" ", fmt.Sprintf("and %s more", number(more))}}})
}

// explain says why a value comes or goes.
func (t *teller) explain(c *plan.Change, d plan.Delta, v signed, file string) note {
	if v.sign == "-" && c.Displaces(d) {
		v.value = d.Added[0]
		v.sign = "+"
	}
	why := c.Why(d.Field, v.value)
	switch {
	case c.Action == plan.Delete:
		return note{}
	case v.sign != "-":
		return t.wanted(t.inForce(why), file)
	case c.ByClaim(d.Field, v.value):
		return t.taken(why, file)
	case len(why) > 0 && why[0].Future(t.now):
		return note{words: "not before " + why[0].From.Format(time.DateOnly), reason: why[0].Reason}.standing(file, why)
	}
	return note{words: "not declared"}
}

func (t *teller) inForce(why []*plan.Origin) []*plan.Origin {
	return slices.DeleteFunc(why, func(o *plan.Origin) bool { return !o.InForce(t.now) })
}

func (t *teller) wanted(why []*plan.Origin, file string) note {
	if len(why) == 0 {
		return note{}
	}
	n := note{reason: why[0].Reason}.standing(file, why)
	if !why[0].Until.IsZero() {
		n.words = "until " + t.until(why[0])
	}
	return n
}

// taken explains a removal that entries ask for: the last of them to end, or
// those that say the access must not be.
func (t *teller) taken(why []*plan.Origin, file string) note {
	ended := plan.Ended(why, t.now)
	if ended.IsZero() {
		n := t.wanted(t.inForce(why), file)
		n.words = "revoked"
		return n
	}
	last := slices.IndexFunc(why, func(o *plan.Origin) bool { return o.Until.Equal(ended) })
	ends := "expired"
	if why[last].Ends != "" {
		ends = safe(why[last].Ends)
	}
	return note{words: ends + " " + t.until(why[last]), reason: why[last].Reason}.standing(file, why[last:last+1])
}

// until remembers the zone of the days it writes.
func (t *teller) until(o *plan.Origin) string {
	if o.EndsWithDay() {
		t.zone = o.Until.Location().String()
	}
	return o.LastsUntil()
}

// standing adds where entries stand, without the file that the group names.
func (n note) standing(file string, why []*plan.Origin) note {
	var out []string
	for _, o := range why {
		s := at(file, o.Pos)
		if s == "" || slices.Contains(out, s) {
			continue
		}
		if len(out) < placesShown {
			n.from[len(out)] = plan.Pos{File: o.Pos.File, Line: o.Pos.Line}
		}
		out = append(out, s)
	}
	if len(out) > placesShown {
		out = append(out[:placesShown], "…")
	}
	n.at = strings.Join(out, ", ")
	return n
}

func at(file string, p plan.Pos) string {
	if p.File == file && p.Line > 0 {
		return fmt.Sprintf(":%d", p.Line)
	}
	return safe(p.String())
}
