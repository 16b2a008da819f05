package access

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Holder is somebody who can do what was asked about: a user, a service principal,
// a group whose members nobody read, or `account users` for everybody whom the
// state does not name.
type Holder struct {
	Principal string
	Unread    bool      // a group: its members can, whoever they are
	Via       plan.Fact // what gives it, the longest, then the most direct of several; of admins, their being that
	Way       []Step    // to Via and including it: of those that last longest, a short one
	Ends      time.Time // when all of it has ended, with all that the privilege needs beside; zero: it does not
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
	parts, rulers := v.parts(o, privilege), part{}
	if o.key.Kind == kindGrants && privilege == manage {
		rulers = v.rulers(o)
	}
	var out []Holder
	can.all(func(i int32) {
		n := &a.nodes[v.who[i]]
		h := Holder{Principal: n.token, Unread: n.unread}
		if g := ways.best(v.who[i], i, given); g != nil {
			g.fact = ways.longest(*g)
			h.Via = g.fact
			h.Way = ways.to(v.who[i], *g)
		}
		h.Ends = ways.held(v, i, parts, rulers)
		out = append(out, h)
	})
	slices.SortFunc(out, func(a, b Holder) int { return strings.Compare(a.Principal, b.Principal) })
	return out, a.gaps(o, privilege)
}

// best is the gift that somebody, the i-th of a view, has longest, of several the
// most direct.
func (w *ways) best(who, i int32, given []gift) *gift {
	var best *gift
	var ends time.Time
	for g := range given {
		if !given[g].to.has(i) {
			continue
		}
		until := w.ends(who, given[g])
		direct := given[g].who == who && best != nil && best.who != who
		if best == nil || later(until, ends) || until.Equal(ends) && direct {
			one := given[g]
			best, ends = &one, until
		}
	}
	return best
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
	also []string // other values of the same field that give it too
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
				out = append(out, gift{plan.Fact{Key: e.fact, Field: e.field, Value: value}, e.who, at, e.from, v.has(e.who), v.also(at, o, e, privilege, value)})
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
		out = append(out, gift{plan.Fact{Key: plan.Key{Kind: kindGroup, Target: o.key.Target, Name: "admins"}}, w, o, "", v.has(w), nil})
	}
	return out
}

func (o *object) ownership(v *view) gift {
	return gift{plan.Fact{Key: o.owner.fact, Field: fieldOwner, Value: o.owner.values[0]}, o.owner.who, o, "", v.owns(o), nil}
}

// also are the values of an entry that give a privilege, other than one that does.
func (v *view) also(at, o *object, e *entry, privilege, value string) []string {
	if len(e.values) < 2 {
		return nil
	}
	var out []string
	for _, has := range e.values {
		one := *e
		one.values = []string{has}
		if has != value && v.value(at, o, &one, privilege) != "" {
			out = append(out, has)
		}
	}
	return out
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
