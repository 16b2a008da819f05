package reconcile

import (
	"context"
	"net/http"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// The owner of a securable is set by a PATCH of the securable itself. Handing
// it to a group that the caller is not in can take the caller's own access at
// once (terraform-provider-databricks#2109), so owners change after all grants.
const kindOwner = "owner"

const fieldOwner = "owner"

func (d *Declaring) owner(ref *securableRef, owner spec.Ref, e spec.Entry) {
	if ref.Type.NoOwner {
		d.Errorf(owner.Pos, "the owner of %s cannot be set", article(ref.Type.Name))
		return
	}
	if !d.Env.OwnsDeclared(ref.Type.Name, ref.Name) {
		d.Errorf(owner.Pos, "%s %s is not owned by this repository (owns.catalogs, owns.securables), so its owner cannot be set here", ref.Type.Name, ref.Name)
		return
	}
	token, ok := d.resolve(owner, metastoreTarget)
	if !ok {
		return
	}
	key := plan.Key{Kind: kindOwner, Target: metastoreTarget, Name: ref.Key.Name}
	r := d.resource(key, e.Pos)
	for _, c := range r.Claims {
		if c.Value != token {
			d.Errorf(owner.Pos, "the owner of %s is set at %s already: one document decides for a target", ref.Name, c.Origin.Pos).With(specPos(c.Origin.Pos))
			return
		}
	}
	r.Single, r.Late = true, true
	d.field(key, fieldOwner)
	d.claimAt(key, fieldOwner, token, owner.Pos)
	d.refer(key, token)
}

// readOwners reads the owners that are declared, and those that are on their way
// out: nobody else would see that a deletion leaves something without an owner.
func readOwners(_ context.Context, r *Run) ([]plan.Resource, error) {
	var out []plan.Resource
	for _, name := range sortedKeys(r.securables) {
		s := r.securables[name]
		key := plan.Key{Kind: kindOwner, Target: metastoreTarget, Name: name}
		token := r.ucPrincipal(s.Owner)
		if _, leaving := r.Leaving[token]; !leaving && !r.isDeclared(key) {
			continue
		}
		res := plan.Resource{Key: key, ID: s.Name, Single: true, Late: true, Origin: s.Origin, Fields: ownerFields(token)}
		if token != "" {
			res.Refs = []plan.Key{principalKey(accountTarget, token)}
		}
		out = append(out, res)
	}
	return out, nil
}

func applyOwner(ctx context.Context, r *Run, c plan.Change) error {
	body := map[string]string{"owner": r.ucName(c.Value(fieldOwner))}
	return r.replace(ctx, c, func(ctx context.Context) ([]plan.Field, error) {
		return r.readOwner(ctx, c)
	}, func(ctx context.Context) error {
		return r.clients.catalog().do(ctx, http.MethodPatch, securablePath(c.Key), nil, body, nil)
	})
}

func (r *Run) readOwner(ctx context.Context, c plan.Change) ([]plan.Field, error) {
	var item answer
	if err := r.clients.catalog().get(ctx, securablePath(c.Key), nil, &item); err != nil {
		return nil, explain(err, "read securables")
	}
	return ownerFields(r.ucPrincipal(dig(item, "owner"))), nil
}

func seeOwners(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeEach(ctx, changes, r.readOwner)
}

func securablePath(k plan.Key) string {
	typeName, name, _ := strings.Cut(k.Name, "/")
	t, _ := findSecurableType(typeName)
	return t.Path + "/" + escaped(name)
}

func ownerFields(token string) []plan.Field {
	f := plan.Field{Name: fieldOwner}
	if token != "" {
		f.Values = []string{token}
	}
	return []plan.Field{f}
}
