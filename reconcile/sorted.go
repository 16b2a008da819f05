package reconcile

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/brickgate/brickgate/plan"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}

func escapedID(id string) string { return url.PathEscape(id) }

func valuesOf(fields []plan.Field, name string) []string {
	for _, f := range fields {
		if f.Name == name {
			return f.Values
		}
	}
	return nil
}

// sameAsBefore makes sure that what a change is about is still as the plan saw
// it, before the whole of something is replaced.
func sameAsBefore(c plan.Change, live []plan.Field) error {
	for _, d := range c.Deltas() {
		before, now := valuesOf(c.Before, d.Field), valuesOf(live, d.Field)
		if !slices.Equal(before, now) {
			return fmt.Errorf("changed by somebody else since the plan: %s had %v and now has %v; plan again", d.Field, before, now)
		}
	}
	return nil
}

// asAfter tells whether all that a change is about is as the change leaves it.
func asAfter(c plan.Change, live []plan.Field) bool {
	for _, d := range c.Deltas() {
		if !slices.Equal(valuesOf(c.After, d.Field), valuesOf(live, d.Field)) {
			return false
		}
	}
	return true
}
