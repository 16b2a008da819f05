package access

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Holder is somebody who can do what was asked about: a user, a service principal,
// a group whose members nobody read, or `account users` for everybody whom the
// state does not name.
type Holder struct {
	Principal string
	Unread    bool      // a group: its members can, whoever they are
	Via       plan.Fact // what gives it, the most direct of several; of admins, their being that
	Way       []Step    // to Via and including it: a shortest one
}

// WhoCan lists those who effectively have a privilege or level on an object, sorted,
// and what is not known and could add to them. The object is named by the key of
// its grants or permissions; the state need not have it.
func (a *Access) WhoCan(privilege string, object plan.Key) ([]Holder, []Gap) {
	v := a.view(a.everybody())
	o := a.at(object)
	can := v.can(o, privilege)
	given := v.gifts(o, privilege)
	ways := newWays(a)
	var out []Holder
	can.all(func(i int32) {
		n := &a.nodes[v.who[i]]
		h := Holder{Principal: n.token, Unread: n.unread}
		best := int32(-1)
		for g := range given {
			if given[g].to.has(i) && (best < 0 || given[g].who == v.who[i] && given[best].who != v.who[i]) {
				best = int32(g)
			}
		}
		if best >= 0 {
			h.Via = given[best].fact
			h.Way = ways.to(v.who[i], given[best])
		}
		out = append(out, h)
	})
	slices.SortFunc(out, func(a, b Holder) int { return strings.Compare(a.Principal, b.Principal) })
	return out, a.gaps(o, privilege)
}

// everybody is all who can be in an answer: people, service principals, groups
// of whom nobody knows the members, and those whom the state does not name.
func (a *Access) everybody() []int32 {
	var out []int32
	for i := range a.nodes {
		if n := &a.nodes[i]; !n.absent && (n.person || n.unread || int32(i) == a.everyone) {
			out = append(out, int32(i))
		}
	}
	return out
}

// gift is one fact that gives a privilege, and to whom.
type gift struct {
	fact plan.Fact
	who  int32
	on   *object
	from string // a folder above that is out of scope
	to   set
}

// gifts are the facts that give a privilege on an object, the nearest first, owners
// and admins last.
func (v *view) gifts(o *object, privilege string) []gift {
	var out []gift
	o.chain(func(at *object) {
		for i := range at.entries {
			e := &at.entries[i]
			value := v.value(at, o, e, privilege)
			if value != "" {
				out = append(out, gift{plan.Fact{Key: e.fact, Field: e.field, Value: value}, e.who, at, e.from, v.has(e.who)})
			}
		}
	})
	if o.key.Kind == kindGrants {
		for at := o; at != nil; at = at.in {
			if at.owner != nil && at.owner.who >= 0 && (at == o && v.ownerHas(o, privilege) || privilege == manage) {
				out = append(out, at.ownership(v))
			}
		}
	}
	if o.key.Kind == kindPermissions && o.workspace != nil && v.adminsHave(o, privilege) {
		w := o.workspace.admins
		out = append(out, gift{plan.Fact{Key: plan.Key{Kind: kindGroup, Target: o.key.Target, Name: "admins"}}, w, o, "", v.has(w)})
	}
	return out
}

func (o *object) ownership(v *view) gift {
	return gift{plan.Fact{Key: o.owner.fact, Field: fieldOwner, Value: o.owner.values[0]}, o.owner.who, o, "", v.owns(o)}
}

// value is which value of an entry gives a privilege or level, the thing itself
// before what includes it; "" for none.
func (v *view) value(at, o *object, e *entry, privilege string) string {
	own := slices.Contains(e.values, privilege)
	switch o.key.Kind {
	case kindGrants:
		switch {
		case !v.grants(at, o, e, privilege):
			return ""
		case !own:
			return allPrivileges
		}
		return privilege
	case kindPermissions:
		if !v.reaches(at, o, e, privilege) {
			return ""
		}
		if own {
			return privilege
		}
		for _, has := range e.values {
			if v.platform.Includes(o.typ, has, privilege) {
				return has
			}
		}
	case kindAssignment:
		if !own && privilege == permissionUser && slices.Contains(e.values, permissionAdmin) {
			return permissionAdmin
		}
	}
	if own {
		return privilege
	}
	return ""
}

// Can tells whether the facts of the state prove that somebody has a privilege or
// level on an object.
func (a *Access) Can(principal, privilege string, object plan.Key) bool {
	return !a.view([]int32{a.find(principal)}).can(a.at(object), privilege).empty()
}
