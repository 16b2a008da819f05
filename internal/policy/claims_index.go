package policy

import (
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// line is what one entry of the repository wants for one principal, wherever.
type line struct {
	who    string // the principal, as facts call it
	origin *plan.Origin
	spots  []spot
}

// spot is a resource that a line is about, and what it wants there.
type spot struct {
	on     *plan.Resource
	values []string // privileges or levels; nil for a member or an owner
}

// derived tells whether a data product expands to the line.
func (l *line) derived() bool { return l.origin.Product != "" }

// claims is the declared access in force, in the orders in which rules ask for it.
type claims struct {
	grants, permissions, members []*line
	owners                       []*line // of securables
	objectOwners                 []*line // of objects of workspaces

	groups map[string]derivedGroup // of products, by how facts call them
}

// derivedGroup is a group that a product expands to.
type derivedGroup struct{ product, role string }

// reads tells whether it is a group of consumers, or of those in an emergency.
func (g derivedGroup) reads() bool {
	return g.role == "emergency" || g.consumes()
}

func (g derivedGroup) consumes() bool {
	return g.role == "consumer" || strings.HasSuffix(g.role, "-consumer")
}

// claims makes the index at its first use: several rules need it, and some runs
// have all of them off.
func (j *judge) claims() *claims {
	if j.claimed == nil {
		j.claimed = newClaims(j.Input)
	}
	return j.claimed
}

func newClaims(in Input) *claims {
	c := &claims{groups: map[string]derivedGroup{}}
	seen := map[lineID]*line{}
	for i := range in.Declared {
		r := &in.Declared[i]
		c.principal(r)
		for _, cl := range r.Claims {
			if cl.Want && cl.Field != "" && cl.Origin.InForce(in.Now) {
				c.add(seen, r, cl)
			}
		}
	}
	for l := range c.access() {
		for i := range l.spots {
			l.spots[i].values = plan.Set(l.spots[i].values)
		}
	}
	return c
}

// lineID tells the lines of one entry apart: it may name several principals, as
// one for a domain does.
type lineID struct {
	origin    *plan.Origin
	kind, who string
	owns      bool
}

// add puts a claim to the others of its line.
func (c *claims) add(seen map[lineID]*line, r *plan.Resource, cl plan.Claim) {
	id := lineID{origin: cl.Origin, kind: r.Key.Kind, who: cl.Field}
	var list *[]*line
	switch {
	case r.Key.Kind == kindGrants:
		list = &c.grants
	case r.Key.Kind == kindPermissions && cl.Value == isOwner:
		list, id.owns = &c.objectOwners, true
	case r.Key.Kind == kindPermissions:
		list = &c.permissions
	case r.Key.Kind == kindOwner:
		list, id.who = &c.owners, cl.Value
	case r.Key.Kind == kindGroup && cl.Field == fieldMember:
		list, id.who = &c.members, cl.Value
	default:
		return
	}
	l := seen[id]
	if l == nil {
		l = &line{who: id.who, origin: cl.Origin}
		seen[id] = l
		*list = append(*list, l)
	}
	if n := len(l.spots); n == 0 || l.spots[n-1].on != r {
		l.spots = append(l.spots, spot{on: r})
	}
	if id.who == cl.Field {
		last := &l.spots[len(l.spots)-1]
		last.values = append(last.values, cl.Value)
	}
}

// principal remembers what the labels say of a product's group.
func (c *claims) principal(r *plan.Resource) {
	if role, ok := label(r, labelRole); ok && r.Key.Kind == kindGroup {
		product, _ := label(r, labelProduct)
		c.groups[principalOf(r.Key)] = derivedGroup{product, role}
	}
}
