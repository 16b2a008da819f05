package policy

import (
	"github.com/brickgate/brickgate/spec"
)

// unapprovedUse is BG217.
func unapprovedUse(j *judge) {
	j.usesInForce(func(u *spec.Use, given []holding) {
		for _, h := range given {
			if h.yes || h.unknown() {
				return
			}
		}
		_, name := u.Item()
		j.find(at(name.Pos, u.DataItem.Pos), u.Document.Pos, "%s uses %s, data of %s (%s), without the approval of %s of the domain %s",
			u.Product.Metadata.Name, name, u.Provider.Metadata.Name, u.Layer, spec.RoleDomainOwner, u.Provider.Metadata.Domain)
	})
}

// usesInForce calls the rule for each use that holds now, with what its
// approvals by the owner of the other product's domain are worth.
func (j *judge) usesInForce(rule func(*spec.Use, []holding)) {
	for i := range j.Uses {
		u := &j.Uses[i]
		if !j.hold(u.Terms) {
			continue
		}
		var given []holding
		for _, a := range u.Terms.Approvals {
			if a.Role.Value == spec.RoleDomainOwner && !a.At.Start(j.zone).After(j.Now) {
				given = append(given, j.holds(spec.RoleDomainOwner, a.By.Value, u.Provider, j.day(a.At)))
			}
		}
		rule(u, given)
	}
}

// hold reports whether terms hold now.
func (j *judge) hold(t spec.UseTerms) bool {
	started := t.From.IsZero() || !j.Now.Before(t.From.Start(j.zone))
	return started && (t.Expires.IsZero() || j.Now.Before(t.Expires.End(j.zone)))
}
