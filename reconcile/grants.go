package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Grants on Unity Catalog securables, as the API treats them:
//
//   - PATCH is a delta, per principal; the same privilege in add and remove is
//     refused (databricks/cli#4801);
//   - ALL_PRIVILEGES is one entry beside others; removing it also removes what
//     it covers, but not MANAGE and its like (databricks/cli#6733);
//   - lists come in pages, some empty, and a page size of 1 to 149 is refused;
//   - an unknown principal is PRINCIPAL_DOES_NOT_EXIST, for new groups of the
//     account too until they have spread; deleted principals are left as
//     entries without a name, which nobody can revoke;
//   - callers who are neither owner nor hold MANAGE nor administer the metastore
//     see only their own grants: an empty answer to them proves nothing;
//   - ownership is no grant.
const kindGrants = "grants"

// Grants is the spec of a Grants document.
type Grants struct {
	Securables   []Securable   `yaml:"securables" spec:"required,nonempty" doc:"the securables"`
	Authority    spec.Text     `yaml:"authority" enum:"managed,exact,merge" doc:"what happens to grants that are live and not declared; default managed"`
	Owner        *spec.Ref     `yaml:"owner" doc:"the owner; absent: not managed"`
	Grants       []Grant       `yaml:"grants" doc:"who may do what; absent: not managed; []: nobody"`
	Required     bool          `yaml:"required" doc:"true: a securable that does not exist is an error instead of a warning"`
	Environments spec.EnvNames `yaml:"environments" doc:"the environments it applies to; absent: all"`
	Pos          spec.Pos      `yaml:"-"`
}

// Securable names one securable.
type Securable struct {
	Type spec.Text `yaml:"type" spec:"required" doc:"the type of the securable" example:"schema"`
	Name spec.Text `yaml:"name" doc:"its full name; {layer} or a bare layer as first segment means that layer's catalog" example:"{silver}.sales"`
	Pos  spec.Pos  `yaml:"-"`
}

// Grant is the privileges of one principal.
type Grant struct {
	spec.Ref   `yaml:",inline"`
	Privileges []spec.Text `yaml:"privileges" doc:"the privileges, in the spelling of the API or with spaces" example:"SELECT"`
	spec.Terms `yaml:",inline"`
	Pos        spec.Pos `yaml:"-"`
}

// Check reports types and names that there are not.
func (s *Securable) Check(c *spec.Checker) {
	t, ok := findSecurableType(s.Type.Value)
	switch {
	case !ok:
		c.Errorf(s.Type.Pos, "unknown securable type %q%s", s.Type.Value, nearest(s.Type.Value, securableTypeNames())+allowedOnly(securableTypeNames()))
	case t.Depth == 0 && !s.Name.IsZero():
		c.Errorf(s.Name.Pos, "the metastore is the one that the workspace is attached to; leave name: out")
	case t.Depth > 0 && s.Name.IsZero():
		c.Errorf(s.Pos, "a %s needs a name", t.Name)
	}
}

// securableRef is a securable that a document asks for.
type securableRef struct {
	Key      plan.Key
	Type     *securableType
	Name     string // full name, lower case; metastoreName for the metastore
	Required bool
	Pos      spec.Pos
}

func grantsKey(t *securableType, name string) plan.Key {
	return plan.Key{Kind: kindGrants, Target: metastoreTarget, Name: t.Name + "/" + name}
}

func declareGrants(d *Declaring, e spec.Entry) {
	doc := e.Spec.(*Grants)
	if d.Env.Account.Value == "" {
		d.Errorf(e.Pos, "environment %s has no account, and Unity Catalog knows principals of an account only", d.Env.Name)
		return
	}
	for _, s := range doc.Securables {
		t, _ := findSecurableType(s.Type.Value)
		name := metastoreName
		if t.Depth > 0 {
			var err error
			if name, err = d.Env.Securable(s.Name.Pos, t.Name, s.Name.Value); err != nil {
				d.mistakes = append(d.mistakes, err)
				continue
			}
		}
		d.grantsOn(doc, securableRef{Key: grantsKey(t, name), Type: t, Name: name, Required: doc.Required, Pos: s.Pos}, e)
	}
}

func (d *Declaring) grantsOn(doc *Grants, ref securableRef, e spec.Entry) {
	d.resource(ref.Key, e.Pos)
	d.Securables = append(d.Securables, ref)
	authority := authorityOf(doc.Authority, plan.Managed)
	if doc.Grants == nil {
		authority = plan.Merge
	}
	if authority != plan.Merge && !d.Env.OwnsDeclared(ref.Type.Name, ref.Name) {
		d.Errorf(e.Pos, "%s %s is not owned by this repository (owns.catalogs, owns.securables): say authority: merge, or own it", ref.Type.Name, ref.Name)
	}
	d.authority(ref.Key, authority, doc.Authority.Pos)
	if ref.Type.Recipients && len(doc.Grants) > 0 {
		d.Errorf(doc.Grants[0].Pos, "a share is granted to recipients, who are no users, groups or service principals; only its owner can be declared")
		return
	}
	for _, g := range doc.Grants {
		d.grant(&ref, g)
	}
	if doc.Owner != nil {
		d.owner(&ref, *doc.Owner, e)
	}
}

func (d *Declaring) grant(ref *securableRef, g Grant) {
	if !d.applies(g.Terms.Environments) {
		return
	}
	token, ok := d.resolve(g.Ref, metastoreTarget)
	if !ok {
		return
	}
	d.refer(ref.Key, token)
	if g.Terms.Absent {
		if g.Privileges == nil {
			d.claim(ref.Key, token, "", g.Terms, g.Ref.Pos)
			return
		}
	} else if len(g.Privileges) == 0 {
		d.Errorf(g.Pos, "no privileges%s", allowedOnly(ref.Type.Privileges))
		return
	}
	for _, text := range g.Privileges {
		p, ok := ref.Type.privilege(text.Value)
		if !ok {
			d.Errorf(text.Pos, "%s has no privilege %q%s", article(ref.Type.Name), text.Value, nearest(p, ref.Type.Privileges)+allowedOnly(ref.Type.Privileges))
			continue
		}
		d.claim(ref.Key, token, p, g.Terms, g.Ref.Pos)
	}
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// settleGrants drops what ALL_PRIVILEGES covers from what is wanted, and takes
// what it covers of the live grants for wanted: the access is the same.
func settleGrants(d, live *plan.Resource) {
	for i, f := range d.Fields {
		if !plan.IsPrincipal(f.Name) || !f.Has(allPrivileges) {
			continue
		}
		values := canonicalPrivileges(f.Values)
		if live != nil {
			if l, ok := live.Field(f.Name); ok && l.Has(allPrivileges) {
				values = slices.Concat(values, coveredOf(l.Values))
			}
		}
		d.Fields[i].Values = plan.Set(slices.Clone(values))
	}
}

// coveredOf are those of the privileges that ALL_PRIVILEGES gives as well.
func coveredOf(privileges []string) []string {
	var out []string
	for _, p := range privileges {
		if p != allPrivileges && !slices.Contains(notInAll, p) {
			out = append(out, p)
		}
	}
	return out
}
