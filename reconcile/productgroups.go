package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/spec"
)

// derivedGroup is a group that a product has in an environment: who reads what
// of it. A role decides the group's name, and the entries that go into it.
type derivedGroup struct {
	Product *spec.Product
	Role    string
	Layer   string // of consumers: the layer that they read
	Port    string // of consumers: the port that they read
	PII     bool   // of consumers: whether they read personal data
}

// productGroupNames are the derived groups as principals.
func productGroupNames(in naming, e spec.Entry) []*principal {
	product := e.Spec.(*spec.Product)
	project := in.env.Project()
	var out []*principal
	for _, g := range derivedGroups(in, product) {
		own, _ := product.Groups.Get(g.Role)
		name := project.GroupName(product, g.Role)
		external, _ := own.ExternalID.For(in.env.Name)
		p := &principal{
			Kind: kindGroup, Spec: name, Live: own.LiveName(name, in.env), Pos: e.Pos, ExternalID: external,
			Level: levelAccount, Source: sourceDatabricks, Derived: &g,
		}
		if own.Source.Value == sourceExternal {
			p.Source = sourceExternal
		}
		if !own.Pos.IsZero() {
			p.Pos = own.Pos
		}
		p.canonical = rawToken(kindGroup, p.Live)
		for _, before := range project.FormerGroupNames(product, g.Role) {
			p.Previously = append(p.Previously, (spec.LiveNaming{EnvironmentSuffix: own.EnvironmentSuffix}).LiveName(before, in.env))
		}
		out = append(out, p)
	}
	return out
}

// derivedGroups lists the groups of a product: owners and consumers always, one
// for each port, the others where something needs them. Emergency access has its
// group beforehand, so that to start one is to add one member.
func derivedGroups(in naming, product *spec.Product) []derivedGroup {
	gold := spec.DefaultLayer
	out := []derivedGroup{{Role: spec.RoleOwner}, consumers(gold, "", false)}
	if product.HasPII(gold) {
		out = append(out, consumers(gold, "", true))
	}
	for _, port := range product.Ports.Keys() {
		out = append(out, consumers(gold, port, false))
	}
	if !in.env.Project().Access.Emergency.IsZero() {
		out = append(out, derivedGroup{Role: spec.RoleEmergency})
	}
	for _, c := range in.catalogue.Of(product) {
		if c.Environments.Includes(in.env.Name) && !c.Emergency() && mayConsume(in.env.Project(), c.Layer.Value) {
			out = append(out, consumers(c.Layer.Value, c.Port.Value, c.PII))
		}
	}
	for i := range out {
		out[i].Product = product
	}
	slices.SortFunc(out, func(a, b derivedGroup) int { return strings.Compare(a.Role, b.Role) })
	return slices.CompactFunc(out, func(a, b derivedGroup) bool { return a.Role == b.Role })
}

func consumers(layer, port string, pii bool) derivedGroup {
	return derivedGroup{Role: spec.ConsumerRole(layer, port, pii), Layer: layer, Port: port, PII: pii}
}

// mayConsume tells whether a layer has consumers at all.
func mayConsume(p *spec.Project, layer string) bool {
	l, known := p.Layer(layer)
	return known && l.Consumers.Value != "none"
}

// reads tells whether the members of the group read data of a layer. What is for every
// consumer is for those of the default layer.
func (g *derivedGroup) reads(p *spec.Project, layer string) bool {
	switch {
	case g.Role == spec.RoleOwner:
		return false // owners have more than that
	case g.Role == spec.RoleEmergency:
		return slices.ContainsFunc(p.Access.Emergency.Layers, func(t spec.Text) bool { return t.Value == layer })
	case g.Layer == layer:
		return mayConsume(p, layer)
	}
	l, _ := p.Layer(layer)
	return g.Layer == spec.DefaultLayer && l.Consumers.Value == "read"
}

// readsItem tells whether they read one item of a layer that they read.
func (g *derivedGroup) readsItem(i *dataItem) bool {
	if g.Role == spec.RoleEmergency {
		return true
	}
	return (g.PII || !i.PII) && (g.Port == "" || slices.Contains(i.ports, g.Port))
}
