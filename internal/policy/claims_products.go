package policy

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// data is a securable in a catalog, by its segments.
type data struct {
	typ   string
	parts []string
}

// overlaps tells whether one of the two is the other, or holds it.
func (d data) overlaps(o data) bool {
	n := min(len(d.parts), len(o.parts))
	if n == 3 && d.typ != o.typ {
		return false // a table and a volume may have one name
	}
	return slices.Equal(d.parts[:n], o.parts[:n])
}

// dataOf is the securable that a resource is about; false for what is in no
// catalog.
func dataOf(k plan.Key) (data, bool) {
	typ, name, _ := strings.Cut(k.Name, "/")
	switch typ {
	case "catalog", "schema", "table", "volume", "function", "model":
	default:
		return data{}, false
	}
	parts, err := spec.SplitSecurable(name)
	return data{typ, parts}, err == nil
}

// products is what rules ask of products and the people around them, in the
// environment and now.
type products struct {
	data      map[string][]data   // by product
	private   map[string][]data   // by product: what of it is personal
	consumers map[string][]string // by principal: the products that it consumes
	holders   map[string][]string // by principal: those that it owns or writes, or owns the domain of
	writers   map[writer]bool
	layers    map[string]string // by live catalog
}

type writer struct{ product, who string }

// products makes that index at its first use.
func (j *judge) products() *products {
	if j.sold != nil {
		return j.sold
	}
	j.sold = &products{
		data: map[string][]data{}, private: map[string][]data{}, consumers: map[string][]string{}, holders: map[string][]string{},
		writers: map[writer]bool{}, layers: map[string]string{},
	}
	for _, layer := range j.Env.Catalogs.Entries {
		for _, c := range layer.Value {
			j.sold.layers[strings.ToLower(c.Value)] = layer.Key.Value
		}
	}
	for i := range j.Declared {
		r := &j.Declared[i]
		product, ok := label(r, labelProduct)
		if d, inCatalog := dataOf(r.Key); ok && inCatalog && r.Key.Kind == kindGrants {
			j.sold.data[product] = append(j.sold.data[product], d)
			if slices.Contains(r.Labels, labelPII) {
				j.sold.private[product] = append(j.sold.private[product], d)
			}
		}
	}
	for _, p := range j.Catalogue.Products {
		if p.Environments.Includes(j.Env.Name) {
			j.addHolders(p)
		}
	}
	j.inForce(func(e *entry) {
		for _, who := range j.party(e.Party) {
			j.sold.consumers[who] = append(j.sold.consumers[who], e.name())
		}
	})
	return j.sold
}

// addHolders notes who owns and who writes a product.
func (j *judge) addHolders(p *spec.Product) {
	name := p.Metadata.Name.Value
	hold := func(ref spec.Ref) string {
		who := j.token(ref)
		j.sold.holders[who] = append(j.sold.holders[who], name)
		return who
	}
	for _, o := range p.Owners {
		if j.given(o.Terms) {
			hold(o.Ref)
		}
	}
	for _, w := range p.Writers {
		if j.given(w.Terms) {
			j.sold.writers[writer{name, hold(w.Ref)}] = true
		}
	}
	if domain := j.Catalogue.Domain(p); domain != nil {
		for _, owner := range domain.Owners {
			hold(owner)
		}
	}
}

// party lists the principals that a party is.
func (j *judge) party(p spec.Party) []string {
	if p.Kind() != spec.PartyDomain {
		return []string{j.token(p.Ref())}
	}
	var out []string
	if domain := j.Catalogue.Domains[p.Name()]; domain != nil {
		for _, owner := range domain.Owners {
			out = append(out, j.token(owner))
		}
	}
	return out
}

// among finds one of the products that has data there; "" if none does.
func (p *products) among(names []string, d data) string {
	for _, name := range names {
		if slices.ContainsFunc(p.data[name], d.overlaps) {
			return name
		}
	}
	return ""
}
