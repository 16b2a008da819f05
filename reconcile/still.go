package reconcile

import (
	"fmt"
	"slices"

	"github.com/brickgate/brickgate/plan"
)

// remaining finds the live access of which an entry has ended and another, of the
// same or of more, has not.
func (e *ending) remaining(desired plan.State) {
	for i, all := 0, desired.All(); i < len(all); i++ {
		res := &all[i]
		live, ok := e.Live.Get(res.Key)
		if !ok {
			continue
		}
		for rest := res.Claims; len(rest) > 0; {
			entry := sameEntry(rest)
			rest = rest[len(entry):]
			e.remainingOf(live, entry)
		}
	}
}

// sameEntry are the first of the sorted claims that are about one principal.
func sameEntry(claims []plan.Claim) []plan.Claim {
	n := 1
	for n < len(claims) && claims[n].Field == claims[0].Field && (plan.IsPrincipal(claims[0].Field) || claims[n].Value == claims[0].Value) {
		n++
	}
	return claims[:n]
}

func (e *ending) remainingOf(live *plan.Resource, entry []plan.Claim) {
	field, _ := live.Field(entry[0].Field)
	for _, c := range entry {
		if c.Field == "" || !c.Want || !c.Origin.Over(e.now) {
			continue
		}
		at := slices.IndexFunc(entry, func(o plan.Claim) bool {
			return o.Want && o.Origin.InForce(e.now) && field.Has(o.Value) && (o.Value == c.Value || covers(live.Key, o.Value, c.Value))
		})
		if at >= 0 {
			fact := plan.Fact{Key: live.Key, Field: c.Field, Value: c.Value}
			e.still = append(e.still, still{c.Origin, entry[at].Origin, plan.Principal(fact), live.Key})
		}
	}
}

// throughProduct finds who leaves a group of a product and stays in another one.
func (e *ending) throughProduct(desired plan.State, p plan.Plan) {
	type seat struct{ product, principal string }
	seats := map[seat][]still{}
	for i, all := 0, desired.All(); i < len(all); i++ {
		for _, product := range groupProducts(all[i].Key, all[i].Labels) {
			for _, c := range all[i].Claims {
				if c.Field == fieldMember && c.Want && c.Origin.InForce(e.now) {
					at := seat{product, c.Value}
					seats[at] = append(seats[at], still{by: c.Origin, principal: c.Value, key: all[i].Key})
				}
			}
		}
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		for _, product := range groupProducts(c.Key, c.Labels) {
			for _, member := range c.Removed(fieldMember) {
				for _, s := range seats[seat{product, member}] {
					s.ended = e.last(c, plan.Fact{Key: c.Key, Field: fieldMember, Value: member})
					e.still = append(e.still, s)
				}
			}
		}
	}
}

func groupProducts(k plan.Key, labels []string) []string {
	if k.Kind != kindGroup {
		return nil
	}
	return productsOf(labels)
}

// warnings say once of each entry that has ended, and each that goes on, whose
// access that is: one entry is often about many facts.
func (e *ending) warnings() []plan.Warning {
	type pair struct {
		ended, by plan.Pos
		principal string
	}
	told := map[pair]bool{}
	var out []plan.Warning
	slices.SortStableFunc(e.still, func(a, b still) int { return a.key.Compare(b.key) })
	for _, s := range e.still {
		at := pair{s.ended.Pos, s.by.Pos, s.principal}
		if told[at] {
			continue
		}
		told[at] = true
		out = append(out, plan.Warning{Pos: s.ended.Pos, Message: fmt.Sprintf(
			"the entry of %s has ended; it still has access through %s (%s)", s.principal, s.by.Pos, s.key)})
	}
	slices.SortStableFunc(out, func(a, b plan.Warning) int { return a.Pos.Compare(b.Pos) })
	return out
}
