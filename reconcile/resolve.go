package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

const metastoreTarget = "metastore"

// resolve turns a reference into the token by which facts name the principal,
// for use at a target: the account (members), the metastore (grants) or a
// workspace (object ACLs). Users are looked up live, all else must be known
// here. The suffix comes from the document that declares the principal.
func (d *Declaring) resolve(ref spec.Ref, target string) (token string, ok bool) {
	switch ref.Kind() {
	case spec.RefUser:
		return userToken(ref.Name()), true
	case spec.RefGroup:
		return d.resolveGroup(ref, target)
	case spec.RefProduct:
		return d.resolveProduct(ref, target)
	}
	return d.resolveServicePrincipal(ref, target)
}

func userToken(name string) string { return "user:" + strings.ToLower(name) }

func (d *Declaring) resolveGroup(ref spec.Ref, target string) (string, bool) {
	name := ref.Name()
	if p := d.Names.Get(kindGroup, name); p != nil {
		return d.visible(p, ref, target)
	}
	switch {
	case name == accountUsersGroup && (target == metastoreTarget || target == accountTarget):
		return "group:" + name, true
	case (name == usersGroup || name == adminsGroup) && target != metastoreTarget && target != accountTarget:
		return "group:" + name, true
	case isSystemGroup(name):
		d.Errorf(ref.Text().Pos, "the system group %q is for %s", name, systemGroupUse(name))
		return "", false
	case d.Project.External.Group(name) || d.Project.Owns.ExternalGroup(name):
		return "group:" + name, true
	}
	if d.Names.known[kindGroup+"\x00"+name] {
		d.Errorf(ref.Text().Pos, "group %q is not declared for environment %s", name, d.Env.Name)
		return "", false
	}
	names := append(d.Names.specNames(kindGroup), globless(d.Project.External.Groups)...)
	d.Errorf(ref.Text().Pos, "unknown group %q: no document declares it and external.groups does not name it%s", name, known(name, names)).Lacking(name, ofProduct)
	return "", false
}

// ofProduct is in every document that may make groups and own data of any name.
const ofProduct = "kind: Product"

// resolveProduct finds the group of a product by its role.
func (d *Declaring) resolveProduct(ref spec.Ref, target string) (string, bool) {
	product := d.Catalogue.Product(ref.Product.Value)
	if product == nil {
		d.Errorf(ref.Product.Pos, "unknown product %q%s", ref.Product.Value, known(ref.Product.Value, d.Catalogue.ProductNames())).Lacking(ref.Product.Value)
		return "", false
	}
	var roles []string
	for _, p := range d.Names.products[product] {
		if p.Derived.Role == ref.Role.Value {
			return d.visible(p, ref, target)
		}
		roles = append(roles, p.Derived.Role)
	}
	if roles == nil {
		d.Errorf(ref.Product.Pos, "product %s is not in environment %s", ref.Product.Value, d.Env.Name)
		return "", false
	}
	d.Errorf(ref.Role.Pos, "product %s has no group of the role %q%s", ref.Product.Value, ref.Role.Value, known(ref.Role.Value, roles))
	return "", false
}

func systemGroupUse(name string) string {
	if name == accountUsersGroup {
		return "grants and members"
	}
	return "the ACLs of workspace objects; Unity Catalog does not know it (use \"account users\")"
}

func (d *Declaring) resolveServicePrincipal(ref spec.Ref, target string) (string, bool) {
	name := ref.Name()
	if p := d.Names.Get(kindServicePrincipal, name); p != nil {
		return d.visible(p, ref, target)
	}
	if _, ok := d.Project.External.ServicePrincipals.Get(name); ok {
		return "sp:" + name, true
	}
	for _, p := range d.Names.all { // by application id, where that is a known one
		if p.Kind == kindServicePrincipal && p.ApplicationID != "" && strings.EqualFold(p.ApplicationID, name) {
			return d.visible(p, ref, target)
		}
	}
	for _, e := range d.Project.External.ServicePrincipals.Entries {
		if strings.EqualFold(e.Value.Value, name) {
			return "sp:" + e.Key.Value, true
		}
	}
	if d.Names.known[kindServicePrincipal+"\x00"+name] {
		d.Errorf(ref.Text().Pos, "service principal %q is not declared for environment %s", name, d.Env.Name)
		return "", false
	}
	names := append(d.Names.specNames(kindServicePrincipal), d.Project.External.ServicePrincipals.Keys()...)
	d.Errorf(ref.Text().Pos, "unknown service principal %q: no document declares it and external.servicePrincipals does not name it%s", name, known(name, names)).Lacking(name)
	return "", false
}

// visible tells whether a declared principal can be named at a target.
func (d *Declaring) visible(p *principal, ref spec.Ref, target string) (string, bool) {
	switch {
	case p.Removal != nil:
		d.Errorf(ref.Text().Pos, "%s is removed at %s and cannot be referred to", ref.Name(), p.Pos).With(p.Pos)
	case p.Level == levelAccount, p.Workspace == target:
		return p.token(), true
	case target == metastoreTarget:
		d.Errorf(ref.Text().Pos, "%s is local to workspace %s; Unity Catalog knows principals of the account only", ref.Name(), p.Workspace)
	default:
		d.Errorf(ref.Text().Pos, "%s is local to workspace %s and cannot be named in %s", ref.Name(), p.Workspace, target)
	}
	return "", false
}

// globless are the patterns that are plain names.
func globless(patterns []spec.Text) []string {
	var names []string
	for _, p := range patterns {
		if !strings.Contains(p.Value, "*") {
			names = append(names, p.Value)
		}
	}
	return names
}

// checkCycles reports groups that are members of each other, with the path.
func (d *Declaring) checkCycles() {
	c := cycles{of: map[string][]plan.Claim{}, state: map[string]int{}}
	for key, r := range d.resources {
		if key.Kind != kindGroup {
			continue
		}
		for _, cl := range r.Claims {
			if cl.Field == fieldMember && cl.Want && plan.IsGroup(cl.Value) {
				name := key.Target + "/" + key.Name
				c.of[name] = append(c.of[name], cl)
			}
		}
	}
	for _, p := range d.Names.all {
		if p.Kind != kindGroup {
			continue
		}
		c.visit(p.target()+"/"+p.Live, p.target())
	}
	for _, path := range c.found {
		d.Errorf(specPos(path[0].Origin.Pos), "groups are members of each other: %s", cyclePath(path))
	}
}

// cycles is a depth-first search: a group is unseen, on the path, or done.
type cycles struct {
	of    map[string][]plan.Claim
	state map[string]int
	path  []plan.Claim
	found [][]plan.Claim // the claims of each cycle, in their order
}

const (
	onPath = iota + 1
	done
)

// visit follows a group's members. One that is on the path already closes a
// cycle; each is found once, by the claim that closes it.
func (c *cycles) visit(group, target string) {
	switch c.state[group] {
	case done:
		return
	case onPath:
		from := slices.IndexFunc(c.path, func(cl plan.Claim) bool { return c.owner(cl, group) })
		c.found = append(c.found, slices.Clone(c.path[from:]))
		return
	}
	c.state[group] = onPath
	claims := c.of[group]
	slices.SortFunc(claims, func(a, b plan.Claim) int { return a.Origin.Pos.Compare(b.Origin.Pos) })
	for _, cl := range claims {
		c.path = append(c.path, cl)
		c.visit(target+"/"+strings.TrimPrefix(cl.Value, "group:"), target)
		c.path = c.path[:len(c.path)-1]
	}
	c.state[group] = done
}

// owner tells whether the claim is one of the group's own.
func (c *cycles) owner(cl plan.Claim, group string) bool {
	return slices.ContainsFunc(c.of[group], func(o plan.Claim) bool { return o.Origin == cl.Origin && o.Value == cl.Value })
}

func cyclePath(claims []plan.Claim) string {
	last := strings.TrimPrefix(claims[len(claims)-1].Value, "group:")
	var b strings.Builder
	b.WriteString(last)
	for _, cl := range claims {
		b.WriteString(" → " + strings.TrimPrefix(cl.Value, "group:") + " (" + cl.Origin.Pos.String() + ")")
	}
	return b.String()
}
