package spec

import "strings"

// Product is the spec of a Product document: what data a data product has, who
// owns it and who may use it.
type Product struct {
	Description  Text              `yaml:"description" doc:"for people; not sent anywhere"`
	Status       Text              `yaml:"status" enum:"active,deprecated,retired" doc:"active (default); deprecated: no entry is granted after deprecatedOn; retired: all entries end with retiresOn"`
	DeprecatedOn When              `yaml:"deprecatedOn" doc:"the last day on which access was granted"`
	RetiresOn    When              `yaml:"retiresOn" doc:"the last day of all access of consumers"`
	Previously   []FormerProduct   `yaml:"previously" doc:"what it was called before; its groups are renamed, members and grants stay"`
	Owners       []Holder          `yaml:"owners" spec:"required,nonempty" doc:"who owns it: all privileges on its data in every layer, never MANAGE"`
	Writers      []Holder          `yaml:"writers" doc:"pipelines: they read, change and create its data"`
	Data         Map[[]DataItem]   `yaml:"data" spec:"required,nonempty" doc:"its schemas, tables, volumes, functions and models, by layer"`
	Uses         Map[[]UsedItem]   `yaml:"uses" doc:"data of other products that its owners and writers read, by layer"`
	Ports        Map[[]Text]       `yaml:"ports" doc:"parts of its gold data that can be granted apart: names of tables, by port"`
	Privacy      Privacy           `yaml:"privacy" doc:"who approves access to its personal data"`
	Groups       Map[ProductGroup] `yaml:"groups" doc:"what is special about its groups, by role: owner, consumer, pii-consumer, …"`
	Consumers    []Consumer        `yaml:"consumers" doc:"who may use it, why and until when"`
	Contacts     []Text            `yaml:"contacts" doc:"where its people are reached; absent: those of the domain"`
	Reviewed     When              `yaml:"reviewed" doc:"the day of the last review of its consumers"`
	Environments EnvNames          `yaml:"environments" doc:"the environments in which it exists; absent: all"`
	Metadata     Metadata          `yaml:"-" domain:"required"`
	Pos          Pos               `yaml:"-"`
}

// Statuses of a product that is no longer active.
const (
	StatusDeprecated = "deprecated"
	StatusRetired    = "retired"
)

// FormerProduct is a name that a product had, in the domain where it was.
type FormerProduct struct {
	Name   Text `yaml:"name" spec:"required,name" doc:"the name"`
	Domain Text `yaml:"domain" spec:"name" doc:"the domain; absent: the same"`
	Pos    Pos  `yaml:"-"`
}

// Holder is one owner or writer of a product.
type Holder struct {
	Ref   `yaml:",inline"`
	Terms `yaml:",inline"`
	Pos   Pos `yaml:"-"`
}

// DataItem is a securable that belongs to a product. Exactly one of its type
// fields is set. A name leaves out the catalog, which the layer tells, or gives
// one of the layer's catalogs.
type DataItem struct {
	Schema       Text     `yaml:"schema" doc:"a schema with all that is in it" example:"sales"`
	Table        Text     `yaml:"table" doc:"a table or view" example:"sales.orders_daily"`
	Volume       Text     `yaml:"volume" doc:"a volume" example:"sales.exports"`
	Function     Text     `yaml:"function" doc:"a function" example:"sales.to_euro"`
	Model        Text     `yaml:"model" doc:"a registered model" example:"sales.forecast"`
	PII          bool     `yaml:"pii" doc:"it holds personal data: only consumers whose entry says pii: true read it"`
	PIIFields    []Text   `yaml:"piiFields" doc:"which fields are personal data"`
	Environments EnvNames `yaml:"environments" doc:"the environments in which it exists; absent: all"`
	Pos          Pos      `yaml:"-"`
}

// Item is the type and the name of the securable.
func (i DataItem) Item() (typ string, name Text) {
	switch {
	case !i.Schema.IsZero():
		return "schema", i.Schema
	case !i.Table.IsZero():
		return "table", i.Table
	case !i.Volume.IsZero():
		return "volume", i.Volume
	case !i.Function.IsZero():
		return "function", i.Function
	}
	return "model", i.Model
}

// Check reports an item that names none or several securables.
func (i *DataItem) Check(c *Checker) { checkItem(c, i) }

func checkItem(c *Checker, i *DataItem) {
	named := 0
	for _, t := range []Text{i.Schema, i.Table, i.Volume, i.Function, i.Model} {
		if t.Pos.IsZero() {
			continue
		}
		if named++; named > 1 {
			c.Errorf(t.Pos, "an item names one securable; write a second item for this one")
		}
		if t.Value == "" {
			c.Errorf(t.Pos, "the name is empty")
		}
	}
	if named == 0 {
		c.Errorf(i.Pos, "no data; write schema:, table:, volume:, function: or model:")
	}
	if len(i.PIIFields) > 0 && !i.PII {
		c.Errorf(i.PIIFields[0].Pos, "piiFields goes with pii: true")
	}
}

// constraint tells the JSON Schema what Check requires.
func (i *DataItem) constraint() map[string]any {
	var one []any
	for _, typ := range []string{"schema", "table", "volume", "function", "model"} {
		one = append(one, map[string]any{"required": []string{typ}})
	}
	return map[string]any{"oneOf": one}
}

// UsedItem is data of another product that this one reads.
type UsedItem struct {
	DataItem `yaml:",inline"`
	Terms    UseTerms `yaml:",inline"`
	Pos      Pos      `yaml:"-"`
}

// UseTerms are the conditions of such use.
type UseTerms struct {
	From          When       `yaml:"from" doc:"the first day, or the instant, of the access"`
	Expires       When       `yaml:"expires" doc:"the last day, or the instant at which the access ends"`
	Justification Text       `yaml:"justification" doc:"what the data is used for"`
	Ticket        Text       `yaml:"ticket" doc:"the ticket that asked for it" example:"RITM0012345"`
	Minimisation  Text       `yaml:"minimisation" doc:"how the use of personal data is kept small"`
	Approvals     []Approval `yaml:"approvals" doc:"who approved it: the owner of the other product's domain; for personal data, the roles of its privacy.approval too"`
}

// AsTerms are the terms as claims have them.
func (u UseTerms) AsTerms() Terms {
	return Terms{From: u.From, Expires: u.Expires, Justification: u.Justification, Ticket: u.Ticket, Approvals: u.Approvals}
}

// Check reports use that would end before it begins.
func (u *UseTerms) Check(c *Checker) {
	t := u.AsTerms()
	t.Check(c)
}

// Privacy says who approves access to personal data.
type Privacy struct {
	Approval []Text `yaml:"approval" spec:"nonempty" doc:"the roles that approve it, beside those of the layer; domain_owner and privacy_team by default"`
	Pos      Pos    `yaml:"-"`
}

// ProductGroup is what is special about one derived group of a product.
type ProductGroup struct {
	Name       Text          `yaml:"name" spec:"name" doc:"its name, in place of the one from the template"`
	Source     Text          `yaml:"source" enum:"databricks,external" doc:"databricks (default): created and filled here; external: synced from the identity provider, entries are compared with its members"`
	ExternalID ByEnvironment `yaml:"externalId" doc:"its id in the identity provider; checked against live"`
	LiveNaming `yaml:",inline"`
	Pos        Pos `yaml:"-"`
}

// Check reports an id of the identity provider for a group that is not its.
func (g *ProductGroup) Check(c *Checker) {
	if !g.ExternalID.IsZero() && g.Source.Value != "external" {
		c.Errorf(g.ExternalID.Pos, "externalId goes with source: external")
	}
}

// Check reports what does not go together.
func (p *Product) Check(c *Checker) {
	switch {
	case p.Status.Value == StatusDeprecated && p.DeprecatedOn.IsZero():
		c.Errorf(p.Status.Pos, "a deprecated product says since when: deprecatedOn")
	case p.Status.Value == StatusRetired && p.RetiresOn.IsZero():
		c.Errorf(p.Status.Pos, "a retired product says until when its consumers have access: retiresOn")
	}
	if !p.DeprecatedOn.IsZero() && p.Status.Value != StatusDeprecated && p.Status.Value != StatusRetired {
		c.Errorf(p.DeprecatedOn.Pos(), "deprecatedOn goes with status: deprecated")
	}
	if !p.RetiresOn.IsZero() && p.Status.Value != StatusRetired {
		c.Errorf(p.RetiresOn.Pos(), "retiresOn goes with status: retired, which all access of consumers ends with; until then, say deprecated")
	}
	items := 0
	for _, layer := range p.Data.Entries {
		items += len(layer.Value)
	}
	if items == 0 {
		c.Errorf(p.Data.Pos, "a product without data: name its schemas, tables or volumes by layer")
	}
	for _, port := range p.Ports.Entries {
		if !identifier.MatchString(port.Key.Value) {
			c.Errorf(port.Key.Pos, "%q cannot name a port; use letters, digits, - and _", port.Key.Value)
		}
		if len(port.Value) == 0 {
			c.Errorf(port.Key.Pos, "port %q has no tables", port.Key.Value)
		}
	}
	for _, contact := range p.Contacts {
		if strings.TrimSpace(contact.Value) == "" {
			c.Errorf(contact.Pos, "the contact is empty")
		}
	}
}

// HasPII reports whether any data of a layer is personal.
func (p *Product) HasPII(layer string) bool {
	items, _ := p.Data.Get(layer)
	for _, i := range items {
		if i.PII {
			return true
		}
	}
	return false
}
