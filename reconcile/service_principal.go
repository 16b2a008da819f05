package reconcile

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Service principals, by SCIM, as the API treats them:
//
//   - the application id is the name in object ACLs and grants, the numeric id
//     the one in groups and assignments; display names are not unique;
//   - AWS and GCP choose the application id and refuse a given one
//     (terraform-provider-databricks#556), Azure needs the Entra application's;
//   - deactivation takes the value as a string: "false".
const kindServicePrincipal = "servicePrincipal"

const (
	fieldActive = "active"
	isActive    = "true"
	isInactive  = "false"
)

// ServicePrincipal is the spec of a ServicePrincipal document.
type ServicePrincipal struct {
	Principal     `yaml:",inline"`
	ApplicationID spec.ByEnvironment   `yaml:"applicationId" doc:"its application id; pins which service principal is meant"`
	MemberOf      []spec.Text          `yaml:"memberOf" doc:"groups that it is a member of"`
	Access        []spec.ServiceAccess `yaml:"access" doc:"data products that it reads: entries of their consumers"`
	Pos           spec.Pos             `yaml:"-"`
}

func declareServicePrincipal(d *Declaring, e spec.Entry) {
	s := e.Spec.(*ServicePrincipal)
	p := d.Names.of(e)
	if p == nil {
		return
	}
	r := d.principal(p, &s.Principal, e)
	r.Single = true
	if p.ApplicationID == "" && !s.ApplicationID.IsZero() {
		d.Errorf(s.ApplicationID.Pos, "no applicationId for environment %s", d.Env.Name)
	}
	for _, g := range s.MemberOf {
		d.memberOf(p, g)
	}
}

// serviceAccesses are the entries of product consumers that a document writes.
func serviceAccesses(e spec.Entry) []spec.ServiceAccess {
	if s, ok := e.Spec.(*ServicePrincipal); ok {
		return s.Access
	}
	return nil
}

// memberOf is sugar for an entry of the group's members.
func (d *Declaring) memberOf(p *principal, name spec.Text) {
	group := d.Names.Get(kindGroup, name.Value)
	switch {
	case group == nil && (d.Project.External.Group(name.Value) || d.Project.Owns.ExternalGroup(name.Value)):
		d.Errorf(name.Pos, "the members of %s come from elsewhere (it is external) and cannot be declared here", name.Value)
		return
	case group == nil:
		d.Errorf(name.Pos, "unknown group %q%s", name.Value, known(name.Value, d.Names.specNames(kindGroup))).Lacking(name.Value, ofProduct)
		return
	case group.Elsewhere != "":
		return // the environment that manages it reads the same line
	case !group.Managed():
		d.Errorf(name.Pos, "the members of %s come from elsewhere (source: %s) and cannot be declared here", name.Value, group.Source)
		return
	case group.target() != p.target():
		d.Errorf(name.Pos, "%s lives in %s, %s in %s: they cannot be members of each other", name.Value, group.target(), p.Spec, p.target())
		return
	}
	key := group.key()
	d.within(d.documentOf(group), func() { d.resource(key, group.Pos) })
	d.field(key, fieldMember)
	d.claim(key, fieldMember, p.token(), spec.Terms{}, name.Pos)
	d.refer(key, p.token())
}

func readServicePrincipals(_ context.Context, r *Run) ([]plan.Resource, error) {
	var out []plan.Resource
	for _, p := range r.Names.All() {
		if p.Kind != kindServicePrincipal || r.Forgotten[p.token()] {
			continue
		}
		if sp := r.liveServicePrincipal(p); sp != nil {
			out = append(out, servicePrincipalResource(p.key(), sp, p))
		}
	}
	for _, o := range r.orphanServicePrincipals() {
		out = append(out, plan.Resource{
			Key: principalKey(o.target, r.dir.spToken(o.ApplicationID)), ID: o.ID, Presence: plan.Present,
		})
	}
	return out, nil
}

func servicePrincipalResource(key plan.Key, sp *livePrincipal, p *principal) plan.Resource {
	res := plan.Resource{Key: key, ID: sp.ID, Presence: plan.Present, Single: true}
	if !p.Managed() {
		res.Authority = plan.External
		return res
	}
	res.Fields = []plan.Field{{Name: fieldActive, Values: []string{fmt.Sprint(sp.Active)}}}
	if sp.Name != p.Live {
		res.Fields = append(res.Fields, plan.Field{Name: fieldName, Values: []string{sp.Name}})
	}
	return res
}

func applyServicePrincipal(ctx context.Context, r *Run, c plan.Change) error {
	l := r.dir.level(c.Key.Target)
	switch c.Action {
	case plan.Create:
		return r.createServicePrincipal(ctx, l, c)
	case plan.Delete:
		return l.delete(ctx, "ServicePrincipals", c.ID)
	}
	var ops []iam.Patch
	if to := c.Added(fieldName); len(to) > 0 {
		ops = append(ops, iam.Patch{Op: iam.PatchOpReplace, Path: "displayName", Value: to[0]})
	}
	if to := c.Added(fieldActive); len(to) > 0 {
		ops = append(ops, iam.Patch{Op: iam.PatchOpReplace, Path: "active", Value: to[0]})
	}
	return l.patch(ctx, "ServicePrincipals", c.ID, ops)
}

func (r *Run) createServicePrincipal(ctx context.Context, l *level, c plan.Change) error {
	p := r.Names.byKey(c.Key)
	body := iam.ServicePrincipal{DisplayName: p.Live, ApplicationId: p.ApplicationID, Active: true}
	var made iam.ServicePrincipal
	err := r.create(ctx, r.Options.stale(), func(ctx context.Context) error {
		made = iam.ServicePrincipal{}
		err := l.do(ctx, http.MethodPost, l.base+"/ServicePrincipals", nil, body, &made)
		if err == nil && (made.Id == "" || made.ApplicationId == "") {
			err = fmt.Errorf("the answer to the create names no id and application id")
		}
		return err
	}, func(ctx context.Context) (bool, error) {
		var err error
		made, err = l.madeServicePrincipal(ctx, p)
		return made.Id != "", err
	})
	if err != nil {
		return err
	}
	r.dir.addServicePrincipal(c.Key.Target, p.token(), &livePrincipal{
		ID: made.Id, ApplicationID: made.ApplicationId, Name: p.Live, Active: true,
	})
	return nil
}

// madeServicePrincipal finds the one that a create whose answer was lost has
// made. Nothing keeps the server from making a second one of the name, so it must
// be the only one that nobody knew before.
func (l *level) madeServicePrincipal(ctx context.Context, p *principal) (iam.ServicePrincipal, error) {
	found, err := scimServicePrincipals.list(ctx, l.scim, spAttributes, "displayName eq "+quoted(p.Live), nil)
	if err != nil {
		return iam.ServicePrincipal{}, err
	}
	found = slices.DeleteFunc(found, func(sp iam.ServicePrincipal) bool {
		return sp.DisplayName != p.Live || l.servicePrincipal(sp.ApplicationId) != nil ||
			p.ApplicationID != "" && !strings.EqualFold(sp.ApplicationId, p.ApplicationID)
	})
	switch {
	case len(found) == 0:
		return iam.ServicePrincipal{}, nil
	case len(found) > 1 || found[0].ExternalId != "" || len(found[0].Roles) > 0 || !found[0].Active:
		return iam.ServicePrincipal{}, fmt.Errorf("somebody else made a service principal %s (id %s) at the same time; plan again", p.Live, found[0].Id)
	}
	return found[0], nil
}
