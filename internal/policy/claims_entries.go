package policy

import (
	"iter"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// notOwned is BG103: what is live of a principal that nobody here answers for
// stays when its line goes.
func notOwned(j *judge) {
	owned := map[string]bool{}
	for l := range j.claims().access() {
		mine, asked := owned[l.who]
		if !asked {
			mine = isSystem(l.who) || j.Owned(l.who)
			owned[l.who] = mine
		}
		if mine || l.derived() && !j.products().writers[writer{l.origin.Product, l.who}] {
			continue // a line of a product's data is not about whom the product gives it to
		}
		if s := l.stays(); s != nil {
			j.findAt(l.origin.Pos, l.origin.Document(), "%s is not owned here: removing this line will not revoke %s on %s; add it to owns, use absent: true, or authority: exact",
				l.who, and(s.values), s)
		}
	}
}

// access visits the lines of grants and of ACLs.
func (c *claims) access() iter.Seq[*line] {
	return func(yield func(*line) bool) {
		for _, list := range [][]*line{c.grants, c.permissions} {
			for _, l := range list {
				if !yield(l) {
					return
				}
			}
		}
	}
}

// stays is the first spot where access of somebody who is not owned stays when
// nothing declares it; nil if there is none.
func (l *line) stays() *spot {
	for i := range l.spots {
		if a := l.spots[i].on.Authority; a == plan.Managed || a == plan.Merge {
			return &l.spots[i]
		}
	}
	return nil
}

// personalAccounts is BG105: what a person owns or runs ends with the person.
func personalAccounts(j *judge) {
	for _, l := range j.claims().objectOwners {
		for _, s := range l.spots {
			typ, _, _ := strings.Cut(s.on.Key.Name, "/")
			if isUser(l.who) && (typ == "jobs" || typ == "pipelines") {
				j.findAt(l.origin.Pos, l.origin.Document(), "%s, a personal account, owns %s: it fails when the person leaves; let a service principal own it", l.who, s)
				break
			}
		}
	}
	for _, p := range j.Catalogue.Products {
		if !p.Environments.Includes(j.Env.Name) {
			continue
		}
		for _, w := range p.Writers {
			if w.Ref.Kind() == spec.RefUser && j.given(w.Terms) {
				j.find(w.Ref.Pos, j.Catalogue.Document(p).Pos, "%s, a personal account, writes the data of %s: let a service principal do it", w.Ref, p.Metadata.Name.Value)
			}
		}
	}
}

// given tells whether an entry with these terms gives something here and now.
func (j *judge) given(t spec.Terms) bool {
	switch {
	case t.Absent, !t.Environments.Includes(j.Env.Name):
		return false
	case !t.From.IsZero() && j.Now.Before(t.From.Start(j.zone)):
		return false
	}
	return t.Expires.IsZero() || j.Now.Before(t.Expires.End(j.zone))
}

// directUsers is BG106: users who get what their groups should get. Of what a
// product gives to users, personalAccounts tells.
func directUsers(j *judge) {
	for l := range j.claims().access() {
		if isUser(l.who) && !l.derived() {
			j.findAt(l.origin.Pos, l.origin.Document(), "%s directly: give it to a group, and make the user a member", l.has())
		}
	}
}

// missingEnds is BG224: entries without an end where the Project requires one.
func missingEnds(j *judge) {
	for name, l := range j.endless() {
		if j.requiresExpiry(name) {
			j.findAt(l.origin.Pos, l.origin.Document(), "%s without an end, which access.requireExpiry wants of all %s: add expires:", l.has(), name)
		}
	}
}

// otherEnds is BG225: those elsewhere.
func otherEnds(j *judge) {
	for name, l := range j.endless() {
		if !j.requiresExpiry(name) {
			j.findAt(l.origin.Pos, l.origin.Document(), "%s without an end: add expires:", l.has())
		}
	}
}

// endless visits the lines without an end, with what requireExpiry calls them.
// Owners and consumers of products are no members in its sense.
func (j *judge) endless() iter.Seq2[string, *line] {
	c := j.claims()
	return func(yield func(string, *line) bool) {
		for _, list := range []struct {
			name  string
			lines []*line
		}{{"grants", c.grants}, {"members", c.members}, {"permissions", c.permissions}} {
			for _, l := range list.lines {
				_, ofProduct := c.groups[principalOf(l.spots[0].on.Key)]
				if l.origin.Until.IsZero() && !l.derived() && !ofProduct && !yield(list.name, l) {
					return
				}
			}
		}
	}
}

func (j *judge) requiresExpiry(entries string) bool {
	return slices.ContainsFunc(j.Project.Access.RequireExpiry, func(t spec.Text) bool { return t.Value == entries })
}
