package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/spec"
)

// holding says whether a person holds a role: yes, no, or nobody knows here,
// since that stands on groups that were not read.
type holding struct {
	yes    bool
	unread []unreadGroup
}

// unknown reports whether nothing here can tell.
func (h holding) unknown() bool { return !h.yes && len(h.unread) > 0 }

// unreadGroup is a group of which nothing here says who is in it.
type unreadGroup struct {
	name string   // live
	pos  spec.Pos // of the reference that makes its members hold a role
	doc  spec.Pos
}

// day is the time in which an approval was given: an instant, or all of a day.
func (j *judge) day(w spec.When) span {
	if w.IsDate() {
		return span{w.Start(j.zone), w.End(j.zone)}
	}
	at := w.Start(j.zone)
	return span{at, at.Add(time.Nanosecond)}
}

// holds reports whether a person, by e-mail, held a role at a time. The role of
// the owner of a domain is that of the product's. Who the manager of somebody is,
// nobody knows here.
func (j *judge) holds(role, email string, product *spec.Product, when span) holding {
	switch role {
	case spec.RoleManager:
		return holding{yes: true}
	case spec.RoleDomainOwner:
		return j.ownsProduct(email, product, when)
	}
	holder, _ := j.Project.Roles.Get(role)
	return j.anyOf(holder.Holders(), email, when, j.Project.Metadata.Name.Pos)
}

// ownsProduct reports whether a person owns the domain of a product, or one that
// it was in before: what was approved there stays approved when it moves.
func (j *judge) ownsProduct(email string, product *spec.Product, when span) holding {
	h := j.ownsDomain(email, j.Catalogue.Domain(product), when)
	for _, before := range product.Previously {
		if domain := j.Catalogue.Domains[before.Domain.Value]; domain != nil && !h.yes {
			former := j.ownsDomain(email, domain, when)
			h = holding{former.yes, append(slices.Clip(h.unread), former.unread...)}
		}
	}
	return h
}

// ownsDomain reports whether a person is an approver of a domain or one of its
// owners.
func (j *judge) ownsDomain(email string, domain *spec.Domain, when span) holding {
	if domain == nil {
		return holding{}
	}
	if domain.Approves(email) {
		return holding{yes: true}
	}
	return j.anyOf(domain.Owners, email, when, domain.Metadata.Name.Pos)
}

// anyOf reports whether a person is one of several principals, or in one of them.
func (j *judge) anyOf(holders []spec.Ref, email string, when span, doc spec.Pos) holding {
	var h holding
	for _, ref := range holders {
		switch ref.Kind() {
		case spec.RefUser:
			h.yes = strings.EqualFold(ref.User.Value, email)
		case spec.RefGroup, spec.RefProduct:
			group := strings.TrimPrefix(j.token(ref), "group:")
			is, unread := j.groups.of(group).has(userToken(email), when)
			h.yes = is
			for _, name := range unread {
				h.unread = append(h.unread, unreadGroup{name, ref.Text().Pos, doc})
			}
		}
		if h.yes {
			return holding{yes: true}
		}
	}
	return h
}

// token is how facts call the principal of a reference.
func (j *judge) token(ref spec.Ref) string { return j.groups.token(ref) }

// userToken is how facts name a user.
func userToken(email string) string { return "user:" + strings.ToLower(email) }
