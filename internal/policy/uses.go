package policy

import (
	"github.com/brickgate/brickgate/spec"
)

// unapprovedUse is BG217.
func unapprovedUse(j *judge) {
	j.usesInForce(func(u *spec.Use) {
		if !j.approvedUse(u, spec.RoleDomainOwner) {
			j.aboutUse(u, "%s uses %s, data of %s (%s), without the approval of %s of the domain %s",
				u.Product.Metadata.Name, usedName(u), u.Provider.Metadata.Name, u.Layer, spec.RoleDomainOwner, u.Provider.Metadata.Domain)
		}
	})
}

// personalUse is the part of BG220 about uses: who builds a product of personal
// data reads it. Of the owner of the domain unapprovedUse tells.
func personalUse(j *judge) {
	j.usesInForce(func(u *spec.Use) {
		if !u.PII {
			return
		}
		var needs, missing []string
		for _, role := range u.Provider.PrivacyApproval() {
			needs = append(needs, role.Value)
			if role.Value != spec.RoleDomainOwner && !j.approvedUse(u, role.Value) {
				missing = append(missing, role.Value)
			}
		}
		if len(missing) > 0 {
			j.aboutUse(u, "%s uses %s, personal data of %s, without the approval of %s; it needs %s",
				u.Product.Metadata.Name, usedName(u), u.Provider.Metadata.Name, listed(missing), listed(needs))
		}
	})
}

func usedName(u *spec.Use) spec.Text {
	_, name := u.Item()
	return name
}

func (j *judge) aboutUse(u *spec.Use, format string, args ...any) {
	j.find(at(usedName(u).Pos, u.DataItem.Pos), u.Document.Pos, format, args...)
}

// usesInForce calls the rule for each use that holds now.
func (j *judge) usesInForce(rule func(*spec.Use)) {
	for i := range j.Uses {
		if u := &j.Uses[i]; j.hold(u.Terms) {
			rule(u)
		}
	}
}

// approvedUse reports whether an approval in a role counts, as far as is known
// here.
func (j *judge) approvedUse(u *spec.Use, role string) bool {
	for _, h := range j.useApprovals(u, role) {
		if h.yes || h.unknown() {
			return true
		}
	}
	return false
}

// useApprovals are what the approvals of a use in a role are worth. The owner of
// the domain is that of the other product's.
func (j *judge) useApprovals(u *spec.Use, role string) []holding {
	var given []holding
	for _, a := range u.Terms.Approvals {
		if a.Role.Value == role && !a.At.Start(j.zone).After(j.Now) {
			given = append(given, j.holds(role, a.By.Value, u.Provider, j.day(a.At)))
		}
	}
	return given
}

// hold reports whether terms hold now.
func (j *judge) hold(t spec.UseTerms) bool {
	started := t.From.IsZero() || !j.Now.Before(t.From.Start(j.zone))
	return started && (t.Expires.IsZero() || j.Now.Before(t.Expires.End(j.zone)))
}
