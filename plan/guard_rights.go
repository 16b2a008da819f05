package plan

import (
	"fmt"
	"slices"
)

const (
	ownerField = "owner"
	ownerLevel = "IS_OWNER"
)

// protected finds what a protected principal would lose, be it by an entry or by
// a lower level in its place, and protected principals that would be deleted.
func protected(p Plan, g Guards) []Violation {
	var out []Violation
	for i := range p.Changes {
		c := &p.Changes[i]
		if who := c.Key.principal(); c.Action == Delete && g.ProtectedPrincipal != nil && g.ProtectedPrincipal(who) {
			out = append(out, Violation{GuardProtected, c.Key, origin(c), fmt.Sprintf("%s is protected and would be deleted", who)})
		}
		if g.Protected == nil {
			continue
		}
		for _, d := range c.Deltas() {
			for _, v := range d.Removed {
				f := Fact{c.Key, d.Field, v}
				if g.Protected(f) && !raised(c, d, f, g) {
					out = append(out, Violation{GuardProtected, c.Key, origin(c), fmt.Sprintf(
						"%s is protected and would lose %s on %s", Principal(f), right(f), c.Key)})
				}
			}
		}
	}
	return out
}

// raised tells whether the same principal gets a protected value instead, as
// IS_OWNER in place of CAN_MANAGE.
func raised(c *Change, d Delta, lost Fact, g Guards) bool {
	return c.Displaces(d) && slices.ContainsFunc(d.Added, func(v string) bool {
		f := Fact{c.Key, d.Field, v}
		return g.Protected(f) && Principal(f) == Principal(lost)
	})
}

// right is what the principal of the fact has by it.
func right(f Fact) string {
	if IsPrincipal(f.Value) {
		return f.Field
	}
	return f.Value
}

// lastOwners finds what would be left without an owner.
func lastOwners(p Plan) []Violation {
	var out []Violation
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Action == Delete || owned(c.After) {
			continue
		}
		if lost := owners(c.Before); len(lost) > 0 {
			out = append(out, Violation{GuardLastOwner, c.Key, origin(c),
				fmt.Sprintf("%s would lose its last owner, %s", c.Key, list(lost))})
		}
	}
	return out
}

func owned(fields []Field) bool { return len(owners(fields)) > 0 }

// owners are the values of the field owner and the entries that hold IS_OWNER.
func owners(fields []Field) []string {
	var out []string
	for _, f := range fields {
		switch {
		case f.Name == ownerField:
			out = append(out, f.Values...)
		case IsPrincipal(f.Name) && f.Has(ownerLevel):
			out = append(out, f.Name)
		}
	}
	return out
}
