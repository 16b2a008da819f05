package reconcile

import (
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// dataClaim is a securable that a product lists as its data, or as data of
// another one that it uses.
type dataClaim struct {
	*dataItem
	product *spec.Product
	use     *spec.UsedItem // nil of its own data
}

func (c dataClaim) name() string { return c.product.Metadata.Name.Value }

// checkData makes sure that each schema, table and volume belongs to one product,
// and that what a product uses belongs to another.
func (d *Declaring) checkData() {
	owner := map[plan.Key]dataClaim{}
	for _, c := range d.lake {
		if c.use != nil {
			continue
		}
		if first, taken := owner[c.Key]; taken {
			d.bothListed(first, c)
			continue
		}
		owner[c.Key] = c
	}
	for _, c := range d.lake {
		whole, inSchema := owner[c.schema().Key]
		own, listed := owner[c.Key]
		switch {
		case c.use != nil:
			d.checkUse(c, own, listed, whole, inSchema)
		case !inSchema || whole.Key == c.Key:
		case whole.product != c.product:
			d.Errorf(c.securableRef.Pos, "%s is in the schema %s, which product %s lists at %s: say there which tables it has, or list this one under uses:", c.securableRef.Name, whole.securableRef.Name, whole.name(), whole.securableRef.Pos).With(whole.securableRef.Pos)
			d.Errorf(whole.securableRef.Pos, "schema %s holds %s, which product %s lists at %s: name the tables that are this product's", whole.securableRef.Name, c.securableRef.Name, c.name(), c.securableRef.Pos).With(c.securableRef.Pos)
		case c.PII && !whole.PII && whole.layer == c.layer:
			d.Errorf(c.securableRef.Pos, "%s holds personal data and is in the schema %s, which the product lists at %s without pii: who reads the schema reads it; name the tables of the schema instead", c.securableRef.Name, whole.securableRef.Name, whole.securableRef.Pos)
		}
	}
}

func (d *Declaring) bothListed(first, second dataClaim) {
	if first.product == second.product {
		d.Errorf(second.securableRef.Pos, "%s %s is listed twice; first at %s", second.Type.Name, second.securableRef.Name, first.securableRef.Pos)
		return
	}
	d.Errorf(second.securableRef.Pos, "%s %s belongs to product %s (%s): a second product lists it under uses:", second.Type.Name, second.securableRef.Name, first.name(), first.securableRef.Pos).With(first.securableRef.Pos)
	d.Errorf(first.securableRef.Pos, "%s %s is listed by product %s as well (%s): one product has it, others list it under uses:", first.Type.Name, first.securableRef.Name, second.name(), second.securableRef.Pos).With(second.securableRef.Pos)
}

// checkUse reports a use of what belongs to nobody, or to the product itself.
func (d *Declaring) checkUse(use, own dataClaim, listed bool, whole dataClaim, inSchema bool) {
	if !listed {
		own, listed = whole, inSchema
	}
	switch {
	case !listed:
		d.Errorf(use.securableRef.Pos, "%s %s is no data of any product: uses: is for data of other products", use.Type.Name, use.securableRef.Name).Lacking(ofProduct)
	case own.product == use.product:
		d.Errorf(use.securableRef.Pos, "%s %s is data of the product itself (%s): leave it out of uses:", use.Type.Name, use.securableRef.Name, own.securableRef.Pos)
	default:
		d.Uses = append(d.Uses, spec.Use{
			UsedItem: use.use, Product: use.product, Provider: own.product, Layer: use.layer, PII: own.PII,
			Document: d.Catalogue.Document(use.product),
		})
	}
}
