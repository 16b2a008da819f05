package spec

import "strings"

const (
	defaultOwnerGroup    = "dp-{domain}-{product}-owner"
	defaultConsumerGroup = "dp-{domain}-{product}-consumer"
)

// GroupName is the name, without suffix, of a product's derived group of a role:
// the product's own word for it, or what the template of the Project makes.
func (p *Project) GroupName(product *Product, role string) string {
	if own, ok := product.Groups.Get(role); ok && own.Name.Value != "" {
		return own.Name.Value
	}
	return p.groupName(product.Metadata.Domain.Value, product.Metadata.Name.Value, role)
}

// FormerGroupNames are what the group of a role was called before the product
// was renamed or moved.
func (p *Project) FormerGroupNames(product *Product, role string) []string {
	var names []string
	for _, before := range product.Previously {
		domain := before.Domain.Value
		if domain == "" {
			domain = product.Metadata.Domain.Value
		}
		if name := p.groupName(domain, before.Name.Value, role); name != p.GroupName(product, role) {
			names = append(names, name)
		}
	}
	return names
}

// groupName fills in a template. A product whose name begins with its domain
// says the domain already: dp-sales-orders-owner, not dp-sales-sales-orders-owner.
func (p *Project) groupName(domain, product, role string) string {
	template := textOr(p.Naming.OwnerGroup, defaultOwnerGroup)
	if role != RoleOwner {
		template = forRole(textOr(p.Naming.ConsumerGroup, defaultConsumerGroup), role)
	}
	if product == domain || strings.HasPrefix(product, domain+"-") {
		template = withoutDomain(template)
	}
	return strings.NewReplacer("{domain}", domain, "{product}", product).Replace(template)
}

// forRole makes the template of another role of the one of consumers: its last
// "consumer" gives way, or the role follows at the end.
func forRole(template, role string) string {
	if role == RoleConsumer {
		return template
	}
	at := strings.LastIndex(template, RoleConsumer)
	if at < 0 {
		return template + "-" + role
	}
	return template[:at] + role + template[at+len(RoleConsumer):]
}

// withoutDomain drops the domain with the separator that follows it, or where it
// stands at the end, with the one before.
func withoutDomain(template string) string {
	const separators = "-_."
	before, after, found := strings.Cut(template, "{domain}")
	switch {
	case !found:
		return template
	case after == "":
		return strings.TrimRight(before, separators)
	case strings.ContainsRune(separators, rune(after[0])):
		after = after[1:]
	}
	return before + after
}

func textOr(t Text, otherwise string) string {
	if t.Value == "" {
		return otherwise
	}
	return t.Value
}
