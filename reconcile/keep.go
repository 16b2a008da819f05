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
		if !ok {
			continue
		}
		for _, c := range other.Resources[at].Claims {
			if c.Want && c.Origin.InForce(now) {
				r.Claims = append(r.Claims, c)
			}
		}
	}
	d.Others = append(d.Others, other.Others...)
	slices.SortStableFunc(d.Others, func(a, b plan.Resource) int { return a.Key.Compare(b.Key) })
}
