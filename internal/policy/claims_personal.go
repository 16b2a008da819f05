package policy

import (
	"maps"
	"slices"

	"github.com/brickgate/brickgate/spec"
)

// personalGrants is the part of BG220 for Grants documents: consumers whose entry
// does not say pii: true, stewards or everybody get personal data past the entries.
func personalGrants(j *judge) {
	stewards := j.stewards()
	for g := range j.written() {
		group, derived := j.claims().groups[g.who]
		readsOnly := derived && group.consumes() && !j.readsPersonal(group)
		if !readsOnly && !stewards[g.who] && g.who != accountUsers || !reading(g.values) {
			continue
		}
		if product := j.products().privateAt(g.data); product != "" {
			j.once(g.line, "%s gets %s on %s, where personal data of %s is: who is to read it has an entry with pii: true, and a group of its own",
				g.who, and(g.values), g.spot, product)
		}
	}
}

// readsPersonal tells whether the group is for consumers who may read personal data.
func (j *judge) readsPersonal(g derivedGroup) bool {
	p := j.Catalogue.Product(g.product)
	of := func(layer, port string) bool { return g.role == spec.ConsumerRole(layer, port, true) }
	return slices.ContainsFunc(p.Data.Keys(), func(layer string) bool { return of(layer, "") }) ||
		slices.ContainsFunc(p.Ports.Keys(), func(port string) bool { return of(spec.DefaultLayer, port) })
}

// privateAt is a product that has personal data there; "" if none does.
func (p *products) privateAt(d data) string {
	for _, name := range slices.Sorted(maps.Keys(p.private)) {
		if slices.ContainsFunc(p.private[name], d.overlaps) {
			return name
		}
	}
	return ""
}
