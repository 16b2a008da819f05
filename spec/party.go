package spec

import "strings"

// Party is who consumes a product: a principal, or the owners of another domain.
// Entries inline it: {group: AAD-Finance, expires: …}.
type Party struct {
	User             Text `yaml:"user" doc:"a user, by e-mail" example:"alice@example.com"`
	Group            Text `yaml:"group" doc:"a group, by its name in the specs (without suffix) or an external one" example:"AAD-Finance"`
	ServicePrincipal Text `yaml:"servicePrincipal" doc:"a service principal, by its name in the specs (without suffix) or an external one" example:"sp-finance-reporting"`
	Domain           Text `yaml:"domain" doc:"another domain: its owners" example:"marketing"`
	Product          Text `yaml:"product" doc:"a group that is derived from another product; role: says which" example:"customer-360"`
	Role             Text `yaml:"role" doc:"which group of that product" example:"owner"`
	Pos              Pos  `yaml:"-"`
}

// PartyDomain is the kind of a party that is a domain; the others are those of Ref.
const PartyDomain = "domain"

// Ref is the principal that the party is; zero for a domain.
func (p Party) Ref() Ref {
	return Ref{User: p.User, Group: p.Group, ServicePrincipal: p.ServicePrincipal, Product: p.Product, Role: p.Role, Pos: p.Pos}
}

// partyOf is a principal as a party.
func partyOf(r Ref) Party {
	return Party{User: r.User, Group: r.Group, ServicePrincipal: r.ServicePrincipal, Product: r.Product, Role: r.Role, Pos: r.Pos}
}

// Kind is domain, or one of the kinds of Ref.
func (p Party) Kind() string {
	if p.Domain.Value != "" {
		return PartyDomain
	}
	return p.Ref().Kind()
}

// Name is the name of the party as the specs know it; e-mails are lower-cased.
func (p Party) Name() string {
	if p.Domain.Value != "" {
		return p.Domain.Value
	}
	return p.Ref().Name()
}

// Text is the name as written, with its position.
func (p Party) Text() Text {
	if p.Domain.Value != "" {
		return p.Domain
	}
	return p.Ref().Text()
}

// String is kind:name.
func (p Party) String() string { return p.Kind() + ":" + p.Name() }

// Check reports an entry that names none or several parties.
func (p *Party) Check(c *Checker) {
	if p.Domain.Pos.IsZero() {
		ref := p.Ref()
		if p.unset() {
			c.Errorf(p.Pos, "no consumer; write user:, group:, servicePrincipal:, domain:, or product: with role:")
			return
		}
		ref.Check(c)
		return
	}
	if ref := p.Ref(); !ref.IsZero() {
		c.Errorf(ref.Text().Pos, "an entry names one consumer; write a second entry for this one")
	}
	if msg := nameMistake(p.Domain.Value); msg != "" {
		c.Errorf(p.Domain.Pos, "the name of a domain %s", msg)
	}
}

// unset reports whether no field names a party, not even an empty one.
func (p *Party) unset() bool {
	for _, t := range []Text{p.User, p.Group, p.ServicePrincipal, p.Product} {
		if !t.Pos.IsZero() {
			return false
		}
	}
	return true
}

// constraint tells the JSON Schema what Check requires.
func (p *Party) constraint() map[string]any {
	var one []any
	for _, kind := range []string{RefUser, RefGroup, RefServicePrincipal, PartyDomain} {
		one = append(one, map[string]any{"required": []string{kind}})
	}
	one = append(one, map[string]any{"required": []string{RefProduct, "role"}})
	return map[string]any{"oneOf": one}
}

// containsPerson reports whether a list of e-mails holds one, whatever its case.
func containsPerson(emails []Text, email string) bool {
	for _, e := range emails {
		if strings.EqualFold(e.Value, email) {
			return true
		}
	}
	return false
}
