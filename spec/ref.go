package spec

import (
	"strings"
	"unicode"
)

// Ref names one principal. Entries inline it: {user: a@example.com, expires: …}.
type Ref struct {
	User             Text `yaml:"user" doc:"a user, by e-mail" example:"alice@example.com"`
	Group            Text `yaml:"group" doc:"a group, by its name in the specs (without suffix), a system group, or an external one" example:"grp_data_engineering"`
	ServicePrincipal Text `yaml:"servicePrincipal" doc:"a service principal, by its name in the specs (without suffix) or an external one" example:"spn_etl_pipeline"`
	Product          Text `yaml:"product" doc:"a group that is derived from this product; role: says which" example:"sales-orders"`
	Role             Text `yaml:"role" doc:"which group of the product: owner, consumer, pii-consumer, …" example:"owner"`
	Pos              Pos  `yaml:"-"`
}

// The kinds of principals that a Ref can name. A group of a product is a group,
// named by what it is for.
const (
	RefUser             = "user"
	RefGroup            = "group"
	RefServicePrincipal = "servicePrincipal"
	RefProduct          = "product"
)

// Kind is the kind of the principal: user, group, servicePrincipal, product;
// empty for a zero Ref.
func (r Ref) Kind() string {
	switch {
	case r.User.Value != "":
		return RefUser
	case r.Group.Value != "":
		return RefGroup
	case r.ServicePrincipal.Value != "":
		return RefServicePrincipal
	case r.Product.Value != "":
		return RefProduct
	}
	return ""
}

// Name is the name of the principal as the specs know it; e-mails are
// lower-cased, all else is exact.
func (r Ref) Name() string {
	if r.User.Value != "" {
		return strings.ToLower(r.User.Value)
	}
	if r.Product.Value != "" {
		return r.Product.Value + "/" + r.Role.Value
	}
	return r.Text().Value
}

// Text is the name as written, with its position.
func (r Ref) Text() Text {
	switch {
	case r.User.Value != "":
		return r.User
	case r.Group.Value != "":
		return r.Group
	case r.ServicePrincipal.Value != "":
		return r.ServicePrincipal
	}
	return r.Product
}

// IsZero reports whether it names nobody.
func (r Ref) IsZero() bool { return r.Kind() == "" }

// String is kind:name.
func (r Ref) String() string { return r.Kind() + ":" + r.Name() }

// Check reports a reference that names none or several principals.
func (r *Ref) Check(c *Checker) {
	named := 0
	for _, t := range []Text{r.User, r.Group, r.ServicePrincipal, r.Product} {
		if t.Pos.IsZero() {
			continue
		}
		named++
		if named > 1 {
			c.Errorf(t.Pos, "an entry names one principal; write a second entry for this one")
		}
		if msg := nameMistake(t.Value); msg != "" {
			c.Errorf(t.Pos, "the name of a principal %s", msg)
		}
	}
	if named == 0 {
		c.Errorf(r.Pos, "no principal; write user:, group:, servicePrincipal:, or product: with role:")
	}
	if r.Product.Pos.IsZero() != r.Role.Pos.IsZero() {
		c.Errorf(r.Pos, "product: and role: go together: a group of a product is named by its role")
	}
	if e := r.User; e.Value != "" && !isEmail(e.Value) {
		c.Errorf(e.Pos, "%q is not an e-mail; a user is named by e-mail", e.Value)
	}
}

// constraint tells the JSON Schema what Check requires.
func (r *Ref) constraint() map[string]any {
	return map[string]any{"oneOf": []any{
		map[string]any{"required": []string{RefUser}},
		map[string]any{"required": []string{RefGroup}},
		map[string]any{"required": []string{RefServicePrincipal}},
		map[string]any{"required": []string{RefProduct, "role"}},
	}}
}

// isEmail holds back what can only be a mistake; the platform decides the rest.
func isEmail(name string) bool {
	at := strings.IndexByte(name, '@')
	return at > 0 && at < len(name)-1 && !strings.ContainsFunc(name, unicode.IsSpace)
}

// nameMistake says what is wrong with a name; empty if nothing is.
func nameMistake(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.TrimSpace(name) != name:
		return "begins or ends with a space"
	case strings.ContainsFunc(name, isInvisible):
		return "has control characters or invisible ones"
	}
	return ""
}

// isInvisible is true of control characters and of those that only change how
// the text around them is shown.
func isInvisible(c rune) bool {
	return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
