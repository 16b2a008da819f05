package reconcile

import (
	"context"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
)

// Entitlements and roles are SCIM attributes of a group or service principal:
//
//   - entitlements live in a workspace; a PATCH of them at account level answers
//     success and does nothing (databricks-sdk-py#269);
//   - removal with a path and a value empties a set on the server that answers
//     SCIM here, so removals of entitlements send the whole set that is to stay,
//     and an empty one as [{"value":""}] (terraform-provider-databricks,
//     scim/resource_entitlement.go); roles are removed by roles[value eq "…"].
const (
	kindEntitlements = "entitlements"
	kindRoles        = "roles"

	fieldEntitlement = "entitlement"
	fieldRole        = "role"

	roleAccountAdmin = "account_admin"
)

func (d *Declaring) entitlements(p *principal, workspace string, place Placement, placed bool) {
	if placed && place.Entitlements == nil {
		return
	}
	key := plan.Key{Kind: kindEntitlements, Target: workspace, Name: p.token()}
	d.resource(key, p.Pos)
	d.field(key, fieldEntitlement)
	d.refer(key, p.token())
	if p.Level == levelAccount {
		d.referKey(key, plan.Key{Kind: kindAssignment, Target: workspace, Name: p.token()})
	}
	if !placed {
		return
	}
	for _, e := range place.Entitlements {
		d.claimAt(key, fieldEntitlement, e.Value, e.Pos)
	}
}

func readEntitlements(_ context.Context, r *Run) ([]plan.Resource, error) {
	return r.readAttribute(kindEntitlements, fieldEntitlement, func(g *liveGroup, sp *livePrincipal) []string {
		if g != nil {
			return g.Entitlements
		}
		return sp.Entitlements
	})
}

func readRoles(_ context.Context, r *Run) ([]plan.Resource, error) {
	return r.readAttribute(kindRoles, fieldRole, func(g *liveGroup, sp *livePrincipal) []string {
		if g != nil {
			return g.Roles
		}
		return sp.Roles
	})
}

// readAttribute reads, for every principal of which the attribute is declared,
// what the directory knows of it.
func (r *Run) readAttribute(kind, field string, get func(*liveGroup, *livePrincipal) []string) ([]plan.Resource, error) {
	var out []plan.Resource
	for _, d := range r.declared(kind) {
		res := plan.Resource{Key: d.Key, Refs: d.Refs}
		p := r.Names.byToken(d.Key.Name, d.Key.Target)
		l := r.dir.level(d.Key.Target)
		g, sp, err := r.seenAt(l, p)
		if err != nil {
			return nil, err
		}
		if g == nil && sp == nil {
			out = append(out, res) // it will exist when its turn comes
			continue
		}
		if g != nil {
			res.ID = g.ID
		} else {
			res.ID = sp.ID
		}
		res.Fields = []plan.Field{{Name: field, Values: get(g, sp)}}
		out = append(out, res)
	}
	return out, nil
}

func applyEntitlements(ctx context.Context, r *Run, c plan.Change) error {
	l := r.dir.level(c.Key.Target)
	resource, id, err := r.scimObject(l, c)
	if err != nil {
		return err
	}
	if len(c.Removed(fieldEntitlement)) == 0 {
		return l.patch(ctx, resource, id, []iam.Patch{{Op: iam.PatchOpAdd, Path: "entitlements", Value: valueList(c.Added(fieldEntitlement))}})
	}
	after := valuesOf(c.After, fieldEntitlement)
	if len(after) == 0 {
		after = []string{""}
	}
	return r.replace(ctx, c, func(ctx context.Context) ([]plan.Field, error) {
		fields, err := l.readAttribute(ctx, resource, id, entitlementsAttribute)
		return fields, explain(err, "read entitlements again")
	}, func(ctx context.Context) error {
		return l.patch(ctx, resource, id, []iam.Patch{{Op: iam.PatchOpReplace, Path: "entitlements", Value: valueList(after)}})
	})
}

// scimAttribute is one of the two, as SCIM and as facts call it.
type scimAttribute struct {
	name, field string
	of          func(iam.Group) []iam.ComplexValue // groups and service principals hold it alike
}

var (
	entitlementsAttribute = scimAttribute{"entitlements", fieldEntitlement, func(g iam.Group) []iam.ComplexValue { return g.Entitlements }}
	rolesAttribute        = scimAttribute{"roles", fieldRole, func(g iam.Group) []iam.ComplexValue { return g.Roles }}
)

func (a scimAttribute) fieldOf(g iam.Group) plan.Field {
	return plan.Field{Name: a.field, Values: values(a.of(g))}
}

// readAttribute reads the attribute of one principal again.
func (l *level) readAttribute(ctx context.Context, resource, id string, a scimAttribute) ([]plan.Field, error) {
	var live iam.Group
	if err := l.get(ctx, l.path(resource, id), map[string]any{"attributes": "id," + a.name}, &live); err != nil {
		return nil, err
	}
	return []plan.Field{a.fieldOf(live)}, nil
}

func applyRoles(ctx context.Context, r *Run, c plan.Change) error {
	l := r.dir.level(c.Key.Target)
	resource, id, err := r.scimObject(l, c)
	if err != nil {
		return err
	}
	var ops []iam.Patch
	if add := c.Added(fieldRole); len(add) > 0 {
		ops = append(ops, iam.Patch{Op: iam.PatchOpAdd, Path: "roles", Value: valueList(add)})
	}
	for _, v := range c.Removed(fieldRole) {
		ops = append(ops, iam.Patch{Op: iam.PatchOpRemove, Path: "roles[value eq " + quoted(v) + "]"})
	}
	if err := l.patch(ctx, resource, id, ops); !noSuchAttribute(err) || len(c.Added(fieldRole)) > 0 {
		return err
	}
	return nil // the last role is gone already
}

// collectionOf is where a principal that a fact names is kept.
func collectionOf(token string) string {
	if plan.IsGroup(token) {
		return scimGroups.name
	}
	return scimServicePrincipals.name
}

// scimObject finds where the attributes of the principal that a key names are
// written: the collection and the id.
func (r *Run) scimObject(l *level, c plan.Change) (resource, id string, err error) {
	resource = collectionOf(c.Key.Name)
	if c.ID != "" {
		return resource, c.ID, nil
	}
	// An account principal keeps its id in every workspace, and one that was
	// just assigned is not yet in the workspace's lists.
	top := l
	if p := r.Names.byToken(c.Key.Name, c.Key.Target); p != nil {
		top = r.dir.level(p.target())
	}
	id, err = r.dir.id(top, c.Key.Name)
	return resource, id, err
}
