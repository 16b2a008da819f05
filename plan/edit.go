package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Edit is one fact that a plan makes true, or no longer true. A fact with neither
// field nor value is the resource itself, created or deleted. Since a set is given
// and taken value by value, an edit is the same whether its resource is created
// beside it or was there already.
type Edit struct {
	Fact
	Removed bool
}

// Compare orders edits by fact, what is given before what is taken.
func (e Edit) Compare(o Edit) int {
	order := cmp.Or(e.Key.Compare(o.Key), strings.Compare(e.Field, o.Field), strings.Compare(e.Value, o.Value))
	if order != 0 || e.Removed == o.Removed {
		return order
	}
	if o.Removed {
		return -1
	}
	return 1
}

// Edits lists what the plan does, fact by fact and sorted: its minimal difference
// to what is live.
func (p Plan) Edits() []Edit {
	var out []Edit
	for i := range p.Changes {
		out = append(out, p.Changes[i].Edits()...)
	}
	slices.SortFunc(out, Edit.Compare)
	return out
}

// Edits lists what the change does, sorted.
func (c *Change) Edits() []Edit {
	var out []Edit
	if c.Action != Update {
		out = append(out, Edit{Fact{Key: c.Key}, c.Action == Delete})
	}
	for _, d := range c.Deltas() {
		for _, v := range d.Added {
			out = append(out, Edit{Fact{c.Key, d.Field, v}, false})
		}
		for _, v := range d.Removed {
			out = append(out, Edit{Fact{c.Key, d.Field, v}, true})
		}
	}
	slices.SortFunc(out, Edit.Compare)
	return out
}

// ends is when the last of the entries that want the value at now ends; zero if
// one of them does not, or if no entry is about it.
func (c *Change) ends(field, value string, now time.Time) time.Time {
	var last *Origin
	for _, cl := range c.Claims {
		if cl.Want && cl.Field == field && cl.Value == value && cl.Origin.InForce(now) && (last == nil || lasts(cl.Origin, last)) {
			last = cl.Origin
		}
	}
	if last == nil {
		return time.Time{}
	}
	return last.Until
}
