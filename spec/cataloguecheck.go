package spec

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// checkProducts reports what is wrong between a product and its surroundings.
func (b *catalogueBuilder) checkProducts() {
	domains := make([]string, 0, len(b.Domains))
	for name := range b.Domains {
		domains = append(domains, name)
	}
	slices.Sort(domains)
	for _, p := range b.Products {
		if b.Domain(p) == nil {
			b.errorf(p.Metadata.Domain.Pos, "%s", unknown("domain", p.Metadata.Domain.Value, domains)).Lacking(p.Metadata.Domain.Value)
		}
		for _, role := range p.Privacy.Approval {
			known := append(b.project.Roles.Keys(), RoleManager, RoleDomainOwner)
			if !slices.Contains(known, role.Value) {
				b.errorf(role.Pos, "%s", unknown("role", role.Value, known))
			}
		}
		b.layersOf(p)
		b.formerNames(p)
		b.rolesOf(p)
		b.overlaps(b.byProduct[p])
	}
	for _, c := range b.Consumptions {
		if c.Party.Kind() == PartyDomain && b.Domains[c.Party.Name()] == nil {
			b.errorf(c.Party.Text().Pos, "%s", unknown("domain", c.Party.Name(), domains)).Lacking(c.Party.Name())
		}
		if c.Party.Kind() == PartyDomain && c.Party.Name() == c.Product.Metadata.Domain.Value {
			b.errorf(c.Party.Text().Pos, "%s is the product's own domain: its owners are under owners:", c.Party.Name())
		}
		b.approverRoles(c)
		b.approvedInTime(c)
	}
}

func (b *catalogueBuilder) layersOf(p *Product) {
	for _, keys := range [][]Text{keysOf(p.Data), keysOf(p.Uses)} {
		for _, layer := range keys {
			if _, known := b.project.Layer(layer.Value); !known {
				b.errorf(layer.Pos, "%s", unknown("layer", layer.Value, b.layers()))
			}
		}
	}
}

// formerNames reports a former name that another product still has: its groups
// cannot be taken over while they are somebody else's.
func (b *catalogueBuilder) formerNames(p *Product) {
	for _, before := range p.Previously {
		other := b.byName[before.Name.Value]
		if other == nil || other == p {
			continue
		}
		if of := textOr(before.Domain, p.Metadata.Domain.Value); of == other.Metadata.Domain.Value {
			b.errorf(before.Name.Pos, "product %s is still declared at %s: a former name is one that no product has", before.Name, other.Metadata.Name.Pos).With(other.Metadata.Name.Pos)
		}
	}
}

// rolesOf reports ports by whose name consumers would get into the group of
// something else, and what is said of groups that the product cannot have.
func (b *catalogueBuilder) rolesOf(p *Product) {
	means := map[string]string{RoleOwner: "its owners", RoleEmergency: "emergencies"}
	for _, layer := range b.layers() {
		for _, pii := range []bool{false, true} {
			means[ConsumerRole(layer, "", pii)] = "layer " + layer
		}
	}
	means[ConsumerRole(DefaultLayer, "", true)] = "personal data"
	for _, port := range p.Ports.Entries {
		for _, pii := range []bool{false, true} {
			role := ConsumerRole(DefaultLayer, port.Key.Value, pii)
			if other, taken := means[role]; taken {
				b.errorf(port.Key.Pos, "port %s would share the group of the role %s with %s: call it something else", port.Key.Value, role, other)
				break
			}
			means[role] = "port " + port.Key.Value
		}
	}
	for _, group := range p.Groups.Entries {
		if _, known := means[group.Key.Value]; !known {
			b.errorf(group.Key.Pos, "product %s: %s", p.Metadata.Name, unknown("role of a group", group.Key.Value, slices.Sorted(maps.Keys(means))))
		}
	}
}

// approverRoles reports approvals in a role that there is not.
func (b *catalogueBuilder) approverRoles(c *Consumption) {
	known := append(b.project.Roles.Keys(), RoleManager, RoleDomainOwner)
	for _, a := range c.Approvals {
		if !slices.Contains(known, a.Role.Value) {
			b.errorf(a.Role.Pos, "%s", unknown("role", a.Role.Value, known))
		}
	}
}

// approvedInTime reports an approval that has run out before the access begins:
// with it the entry never gives any.
func (b *catalogueBuilder) approvedInTime(c *Consumption) {
	if c.Emergency() || !c.Gives() {
		return
	}
	zone := b.project.Access.Location()
	start, limit := c.start(zone), c.MaxDuration(b.project)
	for _, a := range c.Approvals {
		if end := after(a.At, limit, zone); !end.After(start) {
			b.errorf(a.At.Pos(), "the approval of %s carries %s access for %s, and has run out when it begins on %s: have it approved anew",
				a.Role, c.Access.Value, limit, start.Format(time.DateOnly))
		}
	}
}

// overlaps reports two entries that give one consumer the same access of one
// product at one time: which of them ends it, nobody could tell. Each emergency
// ends by itself, and somebody may be needed in two.
func (b *catalogueBuilder) overlaps(all []*Consumption) {
	type what struct{ party, role string }
	before := map[what][]timed{}
	for _, c := range all {
		if !c.Gives() && !c.Absent || c.Emergency() {
			continue
		}
		key, now := what{c.Party.String(), c.Role()}, timed{c, c.Course(b.project)}
		for _, o := range before[key] {
			if now.overlaps(o) {
				b.errorf(c.Pos, "%s has %s access to %s at %s already, for the same time: write one entry", c.Party, c.Role(), c.Product.Metadata.Name, o.Pos).With(o.Pos)
				break
			}
		}
		before[key] = append(before[key], now)
	}
}

// timed is an entry with its course, which takes a while to find out.
type timed struct {
	*Consumption
	course Course
}

// overlaps reports whether two entries apply in one environment at one time. One
// that ended before it began applies at none.
func (t timed) overlaps(o timed) bool {
	from, until := t.course.From, t.course.Until
	if o.course.From.After(from) {
		from = o.course.From
	}
	if until.IsZero() || !o.course.Until.IsZero() && o.course.Until.Before(until) {
		until = o.course.Until
	}
	return startsBefore(from, until) &&
		slices.ContainsFunc(t.Environments, func(env Text) bool { return o.Environments.Includes(env.Value) })
}

// startsBefore reports whether something begins before something else ends.
func startsBefore(from, until time.Time) bool { return until.IsZero() || from.Before(until) }

func listed(names []string) string { return strings.Join(names, ", ") }
