package policy

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// approval is one approval of an entry with what the rules ask about it.
type approval struct {
	*spec.Approval
	void   bool    // given for something else
	future bool    // dated after now
	holder holding // of the role; only where it is neither void nor in the future
}

// counts reports whether it is an approval of this entry, by whomever.
func (a *approval) counts() bool { return !a.void && !a.future }

// approvalsOf are the approvals of an entry, in their order.
func (j *judge) approvalsOf(e *entry) []approval {
	if e.approvals != nil || len(e.Approvals) == 0 {
		return e.approvals
	}
	e.approvals = make([]approval, len(e.Approvals))
	for i := range e.Approvals {
		given := &e.Approvals[i]
		a := approval{
			Approval: given,
			void:     given.VoidFor(j.digestsOf(e)),
			future:   given.At.Start(j.zone).After(j.Now),
		}
		if a.counts() {
			a.holder = j.holds(given.Role.Value, given.By.Value, e.Product, j.day(given.At))
		}
		e.approvals[i] = a
	}
	return e.approvals
}

// digestsOf is what approvals of the entry may stand on, first what they do today.
func (j *judge) digestsOf(e *entry) []string {
	if e.digests == nil {
		e.digests = e.Digests()
	}
	return e.digests
}

// conflict says why an approval cannot come from this person, whatever roles the
// person holds; empty if it can.
func (j *judge) conflict(e *entry, approvals []approval, i int) string {
	a := &approvals[i]
	by := a.By.Value
	switch {
	case !a.counts():
		return ""
	case slices.Contains(j.party(e.Party), userToken(by)):
		return "consumers do not approve their own access"
	case j.within(e.Party, by, j.day(a.At)):
		return "members of a group that is a consumer do not approve its access"
	case e.Requester != "" && strings.EqualFold(by, e.Requester):
		return "who asks for access does not approve it"
	}
	other := func(o approval) bool {
		return o.counts() && strings.EqualFold(o.By.Value, by) && o.Role.Value != a.Role.Value
	}
	if k := slices.IndexFunc(approvals, other); k >= 0 {
		if k > i {
			return "" // said where the second one stands
		}
		return "the same person approves as " + approvals[k].Role.Value + "; two roles are two persons"
	}
	if a.Role.Value == spec.RoleManager && j.ownsDomain(by, j.Catalogue.Domain(e.Product), j.day(a.At)).yes {
		return "a manager is nobody who owns the domain " + e.Product.Metadata.Domain.Value
	}
	if j.Live != nil && strings.EqualFold(j.Live.Self, userToken(by)) {
		return "who applies access does not approve it"
	}
	return ""
}

// within reports whether a person was in a group that is the consumer, as far as
// its members are known.
func (j *judge) within(party spec.Party, email string, when span) bool {
	for _, token := range j.party(party) {
		if group, is := strings.CutPrefix(token, "group:"); is {
			if in, _ := j.groups.of(group).has(userToken(email), when); in {
				return true
			}
		}
	}
	return false
}

// required are the roles that must approve an entry.
type required struct {
	access  []string // its kind or its layer
	privacy []string // personal data
}

// what requirements depend on.
type requirement struct {
	access, layer string
	privacy       *spec.Product // nil without personal data
}

func (j *judge) requiredOf(e *entry) required {
	key := requirement{access: e.Access.Value, layer: e.Layer.Value}
	if e.PII {
		key.privacy = e.Product
	}
	r, known := j.required[key]
	if !known {
		r.access = e.RequiredRoles(j.Project)
		if e.PII {
			for _, role := range e.Product.PrivacyApproval() {
				r.privacy = append(r.privacy, role.Value)
			}
			r.access = slices.DeleteFunc(r.access, func(role string) bool { return slices.Contains(r.privacy, role) })
		}
		j.required[key] = r
	}
	return r
}
