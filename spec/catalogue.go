package spec

import (
	"slices"
)

// Catalogue is what the documents say about data products, whatever the
// environment.
type Catalogue struct {
	Domains      map[string]*Domain
	Products     []*Product     // by place
	Consumptions []*Consumption // by place

	byName    map[string]*Product
	byProduct map[*Product][]*Consumption
	positions map[*Product]DocumentID
}

// NewCatalogue collects the documents about products. accesses are the entries
// that documents of other kinds write for them: of one document, those of its
// service principal. The mistakes are those that need several documents to be seen.
func NewCatalogue(p *Project, entries []Entry, accesses func(Entry) []ServiceAccess) (*Catalogue, []*Error) {
	b := &catalogueBuilder{project: p, Catalogue: &Catalogue{
		Domains: map[string]*Domain{}, byName: map[string]*Product{},
		byProduct: map[*Product][]*Consumption{}, positions: map[*Product]DocumentID{},
	}}
	for _, e := range entries {
		switch doc := e.Spec.(type) {
		case *Domain:
			b.Domains[e.Name] = doc
		case *Product:
			b.Products = append(b.Products, doc)
			b.byName[e.Name] = doc
			b.positions[doc] = DocumentID{e.Kind, e.Name, e.Pos}
		}
	}
	for _, e := range entries {
		b.consumptionsOf(e, accesses)
	}
	slices.SortStableFunc(b.Consumptions, compareConsumptions)
	for _, c := range b.Consumptions {
		b.byProduct[c.Product] = append(b.byProduct[c.Product], c)
	}
	b.checkProducts()
	return b.Catalogue, b.mistakes
}

// Product finds a product by name; nil if there is none.
func (c *Catalogue) Product(name string) *Product { return c.byName[name] }

// Document is the document of a product.
func (c *Catalogue) Document(p *Product) DocumentID { return c.positions[p] }

// Domain is the domain of a product; nil if no document declares it.
func (c *Catalogue) Domain(p *Product) *Domain { return c.Domains[p.Metadata.Domain.Value] }

// Of are the consumptions of a product, by place.
func (c *Catalogue) Of(p *Product) []*Consumption { return c.byProduct[p] }

// Contacts are where the people of a product are reached.
func (c *Catalogue) Contacts(p *Product) []string {
	if p.Contacts != nil {
		return textValues(p.Contacts)
	}
	if d := c.Domain(p); d != nil {
		return textValues(d.Contacts)
	}
	return nil
}

// ProductNames lists the products by name, sorted.
func (c *Catalogue) ProductNames() []string {
	names := make([]string, 0, len(c.byName))
	for name := range c.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
