package reconcile

import (
	"slices"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Keep counts what other declarations of the environment want at now as wanted here
// too, where both are about the same: it does not go although entries here have ended.
func (d *Declared) Keep(other *Declared, now time.Time) {
	for i := range d.Resources {
		r := &d.Resources[i]
		at, ok := slices.BinarySearchFunc(other.Resources, r.Key, func(o plan.Resource, k plan.Key) int { return o.Key.Compare(k) })
		if ok {
			r.Claims = append(r.Claims, wantedBeside(r.Claims, other.Resources[at].Claims, now)...)
		}
	}
	d.Others = append(d.Others, other.Others...)
	slices.SortStableFunc(d.Others, func(a, b plan.Resource) int { return a.Key.Compare(b.Key) })
}

// wantedBeside are the claims among more that want something at now and do not stand
// among these.
func wantedBeside(these, more []plan.Claim, now time.Time) []plan.Claim {
	type entry struct {
		field, value string
		pos          plan.Pos
		until        time.Time
	}
	entryOf := func(c plan.Claim) entry { return entry{c.Field, c.Value, c.Origin.Pos, c.Origin.Until.UTC()} }
	known := make(map[entry]bool, len(these))
	for _, c := range these {
		known[entryOf(c)] = true
	}
	var out []plan.Claim
	for _, c := range more {
		if c.Want && c.Origin.InForce(now) && !known[entryOf(c)] {
			out = append(out, c)
		}
	}
	return out
}
