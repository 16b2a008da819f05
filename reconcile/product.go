package reconcile

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// declareProduct expands a data product in one environment:
//
//	owners     ─▶ group …-owner            ALL_PRIVILEGES on the data of every layer
//	consumers  ─▶ group …-consumer         read on gold that is not personal
//	              group …-pii-consumer     read on all of gold
//	              group …-silver-consumer  read on silver
//	              group …-{port}-consumer  read on the tables of a port
//	emergency  ─▶ group …-emergency        read on the layers of emergency access
//	writers, stewards, uses                grants to the principals themselves
//
// Whoever gets something on an item also gets the USE path to it. Items are the
// narrowest securables that serve, so that nothing else is inherited.
func declareProduct(d *Declaring, e spec.Entry) {
	x := &expansion{Declaring: d, product: e.Spec.(*spec.Product), pos: e.Pos, given: map[given]bool{}}
	if d.Env.Account.Value == "" {
		d.Errorf(e.Pos, "environment %s has no account: Unity Catalog knows account principals only, so a product needs one", d.Env.Name)
		return
	}
	x.items()
	x.groups()
	x.owners()
	x.consumers()
	x.writers()
	x.stewards()
	x.uses()
}

// expansion is one product in one environment.
type expansion struct {
	*Declaring
	product *spec.Product
	pos     spec.Pos
	data    []*dataItem
	parts   []*dataItem // tables of ports that are data only with the schema that holds them
	given   map[given]bool

	building []builder
}

// builder is a writer, and the entry that says until when.
type builder struct {
	token  string
	origin *plan.Origin
}

// given is a privilege that somebody has of the product already, for the same
// time: the way to several items is one.
type given struct {
	on               plan.Key
	token, privilege string
	want             bool
	from, until      time.Time
}

func (x *expansion) name() string { return x.product.Metadata.Name.Value }

// group is the derived group of a role; nil if another principal has its name.
func (x *expansion) group(role string) *principal { return x.Names.ofProduct(x.product, role) }

// groups declares the derived groups, and what each may do with the data.
func (x *expansion) groups() {
	x.checkGroups()
	for _, p := range x.Names.products[x.product] {
		r := x.resource(p.key(), x.pos)
		x.label(p.key(), productLabel+x.name(), "domain:"+x.product.Metadata.Domain.Value, "role:"+p.Derived.Role, "name:"+p.Spec, "source:"+p.Source)
		if p.Managed() {
			r.Claims = append(r.Claims, plan.Claim{Want: true, Origin: r.Origin})
			x.field(p.key(), fieldMember)
			x.authority(p.key(), plan.Exact, spec.Pos{})
		} else {
			r.Authority = plan.External
		}
		for _, i := range x.data {
			x.onItem(p, i)
		}
		for _, i := range x.parts {
			if p.Derived.Port != "" {
				x.onItem(p, i)
			}
		}
	}
}

// checkGroups reports groups that the repository would fill without being
// authoritative for them.
func (x *expansion) checkGroups() {
	var strangers []string
	for _, p := range x.Names.products[x.product] {
		switch {
		case !p.Managed():
		case x.Declaring.owns(p):
			x.checkHome(p)
		default:
			strangers = append(strangers, p.Spec)
		}
	}
	if len(strangers) > 0 {
		x.Errorf(x.pos, "the groups of product %s are managed here, but owns.groups does not cover %s: add a pattern there", x.name(), list(strangers))
	}
}

// onItem grants a derived group what it may do with an item.
func (x *expansion) onItem(p *principal, i *dataItem) {
	switch {
	case p.Derived.Role == spec.RoleOwner:
		x.grantOn(i, p.token(), i.origin, allPrivileges)
	case p.Derived.reads(x.Project, i.layer) && p.Derived.readsItem(i):
		x.grantOn(i, p.token(), i.origin, reading[i.Type.Name]...)
	}
}

func (x *expansion) owners() {
	p := x.group(spec.RoleOwner)
	for _, o := range x.product.Owners {
		x.memberOfGroup(p, o.Ref, o.Terms)
	}
}

// memberOfGroup puts a principal into a derived group.
func (x *expansion) memberOfGroup(p *principal, ref spec.Ref, terms spec.Terms) {
	if p == nil || !p.Managed() {
		return
	}
	x.member(p, ref, terms, ref.Pos)
}

// consumers puts the entries of the product, wherever they are written, into the
// groups through which they get their access.
func (x *expansion) consumers() {
	for _, c := range x.Catalogue.Of(x.product) {
		if !c.Environments.Includes(x.Env.Name) || !c.Gives() && !c.Absent {
			continue
		}
		p := x.group(c.Role())
		x.sharedBy(p, c)
		if p == nil || !p.Managed() {
			continue // a layer without consumers, which the rules tell, or a group that is synced
		}
		origin := x.courseOrigin(c)
		for _, ref := range x.parties(c.Party) {
			token, ok := x.memberToken(p, ref, c.Pos)
			if !ok {
				continue
			}
			r := x.resources[p.key()]
			r.Claims = append(r.Claims, plan.Claim{Field: fieldMember, Value: token, Want: !c.Absent, Origin: origin})
			x.refer(p.key(), token)
		}
	}
}

// sharedBy reports an entry that applies in one of several environments that share
// the group it goes through: it would give access in all of them, or where another
// environment manages the group, in none.
func (x *expansion) sharedBy(p *principal, c *spec.Consumption) {
	if p == nil || p.Source != sourceDatabricks {
		return
	}
	own, _ := x.product.Groups.Get(c.Role())
	for i := range x.Project.Environments.Entries {
		env := &x.Project.Environments.Entries[i].Value
		if env.Account.Value != x.Env.Account.Value || !x.product.Environments.Includes(env.Name) || c.Environments.Includes(env.Name) {
			continue
		}
		if own.Fixed(env) && own.LiveName(p.Spec, env) == p.Live {
			x.Errorf(c.Pos, "the access of %s is for environment %s, but goes through %s, which is the group of environment %s too: let the entry apply in both, or the groups have names of their own",
				c.Party, x.Env.Name, p.Live, env.Name)
		}
	}
}

// parties are the principals that a party stands for: itself, or the owners of a
// domain.
func (d *Declaring) parties(p spec.Party) []spec.Ref {
	if p.Kind() != spec.PartyDomain {
		return []spec.Ref{p.Ref()}
	}
	if domain := d.Catalogue.Domains[p.Name()]; domain != nil {
		return domain.Owners
	}
	return nil // the catalogue has told that there is no such domain
}

// courseOrigin says of an entry where it stands, why it is there, and when it
// begins and ends.
func (d *Declaring) courseOrigin(c *spec.Consumption) *plan.Origin {
	course := c.Course(d.Project)
	o := &plan.Origin{
		Pos: planPos(c.Pos), Doc: d.named(c.Document.Pos), From: course.From, Until: course.Until,
		Reason: reasonOf(c.Terms), Request: c.Request(), Product: c.Product.Metadata.Name.Value,
	}
	if course.Ends != "expired" {
		o.Ends = course.Ends
	}
	return o
}

// writers are pipelines: they build the product's data, and create in the schemas
// that hold it. From an absent one just that is taken: the way there may be that
// to other data.
func (x *expansion) writers() {
	for _, w := range x.product.Writers {
		token, ok := x.writer(w)
		if !ok {
			continue
		}
		origin := x.productOrigin(w.Terms, w.Ref.Pos)
		give := x.grantOn
		if w.Absent {
			give = x.denyOn
		}
		for _, i := range x.data {
			give(i, token, origin, writing[i.Type.Name]...)
			x.claimOn(i.schema(), token, origin, !w.Absent, "CREATE_TABLE", "CREATE_VOLUME")
		}
		if !w.Absent {
			x.building = append(x.building, builder{token, origin})
		}
	}
}

// writer is how facts call a writer of the product in this environment.
func (x *expansion) writer(w spec.Holder) (token string, ok bool) {
	if !x.applies(w.Terms.Environments) {
		return "", false
	}
	token, ok = x.resolve(w.Ref, metastoreTarget)
	if ok && isSystemGroup(strings.TrimPrefix(token, "group:")) && !w.Absent {
		x.Errorf(w.Ref.Pos, "the system group %s cannot write the data of a product: name the service principals that build it", w.Ref.Name())
		return "", false
	}
	return token, ok
}

// stewards read what consumers of gold read: personal data is for those whom the
// privacy team let in by name.
func (x *expansion) stewards() {
	holder, ok := x.Project.Roles.Get(spec.RoleDataSteward)
	if !ok {
		return
	}
	public := slices.DeleteFunc(slices.Clone(x.data), func(i *dataItem) bool { return i.layer != spec.DefaultLayer || i.PII })
	if len(public) == 0 {
		return
	}
	for _, ref := range holder.Holders() {
		token, ok := x.resolve(ref, metastoreTarget)
		if !ok {
			continue
		}
		for _, i := range public {
			x.grantOn(i, token, i.origin, reading[i.Type.Name]...)
		}
	}
}

// uses lets the owners and writers of this product read data of another one.
func (x *expansion) uses() {
	for _, layer := range x.product.Uses.Entries {
		for k := range layer.Value {
			use := &layer.Value[k]
			i := x.item(layer.Key, &use.DataItem)
			if i == nil {
				continue
			}
			x.lake = append(x.lake, dataClaim{i, x.product, use})
			origin := x.productOrigin(use.Terms.AsTerms(), use.DataItem.Pos)
			if p := x.group(spec.RoleOwner); p != nil {
				x.grantOn(i, p.token(), origin, reading[i.Type.Name]...)
			}
			for _, b := range x.building {
				x.grantOn(i, b.token, during(origin, b.origin), reading[i.Type.Name]...)
			}
		}
	}
}

// during is an origin that holds no longer than another one: what a product uses
// is for its writers as long as they are its writers.
func during(o, other *plan.Origin) *plan.Origin {
	within := *o
	if other.From.After(o.From) {
		within.From = other.From
	}
	if !other.Until.IsZero() && (o.Until.IsZero() || other.Until.Before(o.Until)) {
		within.Until = other.Until
	}
	return &within
}

// productOrigin is that of an entry of the product.
func (x *expansion) productOrigin(t spec.Terms, pos spec.Pos) *plan.Origin {
	o := x.termsOrigin(t, pos)
	o.Product = x.name()
	return o
}

// label says what a resource is about.
func (d *Declaring) label(key plan.Key, labels ...string) {
	r := d.resources[key]
	for _, l := range labels {
		if !slices.Contains(r.Labels, l) {
			r.Labels = append(r.Labels, l)
		}
	}
}

// ofProduct finds the derived group of a product by its role.
func (n *Names) ofProduct(product *spec.Product, role string) *principal {
	for _, p := range n.products[product] {
		if p.Derived.Role == role {
			return p
		}
	}
	return nil
}
