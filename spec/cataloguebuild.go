package spec

import (
	"slices"
)

// catalogueBuilder turns documents into consumptions and reports what they
// cannot mean.
type catalogueBuilder struct {
	*Catalogue
	project  *Project
	mistakes []*Error
}

func (b *catalogueBuilder) errorf(pos Pos, format string, args ...any) *Error {
	m := Errorf(pos, format, args...)
	b.mistakes = append(b.mistakes, m)
	return m
}

func (b *catalogueBuilder) consumptionsOf(e Entry, accesses func(Entry) []ServiceAccess) {
	id := DocumentID{e.Kind, e.Name, e.Pos}
	switch doc := e.Spec.(type) {
	case *Product:
		for i := range doc.Consumers {
			entry := &doc.Consumers[i]
			b.add(&Consumption{Record: entry.Record, Product: doc, Party: entry.Party, Document: id, Pos: entry.Party.Pos})
		}
	case *AccessRequest:
		b.request(doc, id)
	case *EmergencyAccess:
		b.emergency(doc, id)
	}
	for _, a := range accesses(e) {
		product := b.product(a.Product)
		party := Party{ServicePrincipal: Text{e.Name, e.Pos}, Pos: a.Pos}
		b.add(&Consumption{Record: a.Record, Product: product, Party: party, Document: id, Pos: a.Product.Pos})
	}
}

func (b *catalogueBuilder) request(r *AccessRequest, id DocumentID) {
	b.add(&Consumption{
		Record: Record{
			Layer: r.Scope.Layer, Port: r.Scope.Port, Tables: r.Scope.Tables, PII: r.Scope.PII, Access: r.Access,
			Recertified: r.Recertified, Minimisation: r.Minimisation, Attestations: r.Attestations,
			Terms: Terms{Justification: r.Justification, Ticket: r.Ticket, Approvals: r.Approvals, Environments: r.Environments},
		},
		Product: b.product(r.Product), Party: r.Consumer, Document: id, Pos: id.Pos,
		Status: r.Status.Value, Requester: r.Requester.Value, Requested: r.Requested, Duration: r.Duration,
		Denied: r.Denied, Revoked: r.Revoked,
	})
}

func (b *catalogueBuilder) emergency(e *EmergencyAccess, id DocumentID) {
	if b.project.Access.Emergency.IsZero() {
		b.errorf(id.Pos, "there is no emergency access here; access.emergency in the Project says who may start and approve it")
		return
	}
	for _, layer := range e.Layers {
		if !slices.Contains(textValues(b.project.Access.Emergency.Layers), layer.Value) {
			b.errorf(layer.Pos, "%s", unknown("layer of emergency access", layer.Value, textValues(b.project.Access.Emergency.Layers)))
		}
	}
	b.add(&Consumption{
		Record: Record{
			Access: Text{Value: AccessEmergency},
			Terms: Terms{
				From: e.From, Expires: e.Until, Justification: e.Justification, Approvals: e.Approvals, Environments: e.Environments,
			},
		},
		Product:  b.product(e.Product),
		Party:    partyOf(e.Consumer),
		Document: id, Pos: id.Pos, Requester: e.StartedBy.Value, Layers: textValues(e.Layers), Incident: e.Incident.Value, Post: e.PostMortem.Value,
	})
}

// product finds the product that an entry names.
func (b *catalogueBuilder) product(name Text) *Product {
	p := b.byName[name.Value]
	if p == nil {
		b.errorf(name.Pos, "%s", unknown("product", name.Value, b.ProductNames())).Lacking(name.Value)
	}
	return p
}

// add fills in what the entry leaves to defaults, and keeps it if it makes sense.
func (b *catalogueBuilder) add(c *Consumption) {
	if c.Product == nil {
		return
	}
	if c.Access.Value == "" {
		c.Access.Value = AccessStandard
	}
	if c.Layer.Value == "" {
		c.Layer.Value = DefaultLayer
	}
	c.Environments = c.Terms.Environments
	if c.Environments == nil {
		c.Environments = b.consumerEnvironments(c)
	}
	if !c.Emergency() {
		b.scope(c)
	}
	if c.Gives() && !c.Emergency() && c.Expires.IsZero() && c.GrantedOn().IsZero() {
		b.errorf(c.Pos, "nobody can tell when the access of %s ends: write expires:, or granted: from which the default of %s counts",
			c.Party, b.project.Access.Standard.DefaultDuration)
	}
	b.Consumptions = append(b.Consumptions, c)
}

// consumerEnvironments is where entries apply that name no environment. With
// several environments the Project must say it: nobody means to give consumers
// access to all of them.
func (b *catalogueBuilder) consumerEnvironments(c *Consumption) EnvNames {
	names := b.project.Access.ConsumerEnvironments
	if names != nil {
		return names
	}
	if b.project.Environments.Len() > 1 {
		b.errorf(c.Pos, "in which environments? name them with environments:, or for all consumers with access.consumerEnvironments in the Project")
	}
	for _, key := range b.project.Environments.Keys() {
		names = append(names, Text{Value: key})
	}
	return names
}

// scope checks what of the product an entry names: its layer, its port.
func (b *catalogueBuilder) scope(c *Consumption) {
	layer := c.Layer
	if _, known := b.project.Layer(layer.Value); !known {
		b.errorf(at(layer.Pos, c.Pos), "%s", unknown("layer", layer.Value, b.layers()))
	} else if items, _ := c.Product.Data.Get(layer.Value); len(items) == 0 {
		b.errorf(at(layer.Pos, c.Pos), "product %s has no data in layer %s; it has some in %s", c.Product.Metadata.Name, layer.Value, listed(c.Product.Data.Keys()))
	}
	if c.PII && c.Product.Data.Len() > 0 && !c.Product.HasPII(layer.Value) {
		b.errorf(c.Pos, "product %s has no personal data in layer %s: leave pii: out", c.Product.Metadata.Name, layer.Value)
	}
	if c.PII && c.Party.Kind() == PartyDomain {
		b.errorf(c.Pos, "a domain cannot be given personal data: name the persons who need it, each with the privacy team's approval")
	}
	if len(c.Tables) > 0 {
		c.Port = b.portOf(c)
	}
	if c.Port.IsZero() {
		return
	}
	if _, ok := c.Product.Ports.Get(c.Port.Value); !ok {
		b.errorf(c.Port.Pos, "product %s: %s", c.Product.Metadata.Name, unknown("port", c.Port.Value, c.Product.Ports.Keys()))
	} else if layer.Value != DefaultLayer {
		b.errorf(c.Port.Pos, "ports are of the %s layer; leave layer: %s or port: out", DefaultLayer, layer.Value)
	}
}

// at is the first position that is set.
func at(positions ...Pos) Pos {
	for _, p := range positions {
		if !p.IsZero() {
			return p
		}
	}
	return Pos{}
}

func (b *catalogueBuilder) layers() []string {
	names := append(b.project.Layers.Keys(), "bronze", "silver", "gold")
	slices.Sort(names)
	return slices.Compact(names)
}

// portOf is the port that has just the tables of an entry.
func (b *catalogueBuilder) portOf(c *Consumption) Text {
	want := sortedValues(c.Tables)
	for _, port := range c.Product.Ports.Entries {
		if slices.Equal(sortedValues(port.Value), want) {
			return Text{port.Key.Value, c.Tables[0].Pos}
		}
	}
	var ports []string
	for _, port := range c.Product.Ports.Entries {
		ports = append(ports, port.Key.Value+" "+listed(sortedValues(port.Value)))
	}
	if len(ports) == 0 {
		ports = []string{"none"}
	}
	b.errorf(c.Tables[0].Pos, "product %s has no port of just these tables; its ports: %s", c.Product.Metadata.Name, listed(ports))
	return Text{}
}

func sortedValues(texts []Text) []string {
	out := textValues(texts)
	slices.Sort(out)
	return out
}
