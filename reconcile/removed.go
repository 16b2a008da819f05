package reconcile

import (
	"cmp"
	"slices"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Removed is the spec of a Removed document: the only way to delete a principal.
type Removed struct {
	Kind            spec.Text          `yaml:"kind" spec:"required" enum:"Group,ServicePrincipal" doc:"what is removed"`
	Action          spec.Text          `yaml:"action" spec:"required" enum:"delete,deactivate,forget" doc:"delete; deactivate (service principals); forget: another repository takes it over"`
	Reason          spec.Text          `yaml:"reason" spec:"required" doc:"why"`
	Level           spec.Text          `yaml:"level" enum:"account,workspace" doc:"where it exists; default account"`
	Workspace       spec.Text          `yaml:"workspace" doc:"the workspace of a workspace-local principal"`
	ApplicationID   spec.ByEnvironment `yaml:"applicationId" doc:"which service principal is meant, where several have the name"`
	Environments    spec.EnvNames      `yaml:"environments" doc:"the environments in which it is removed; absent: all"`
	spec.LiveNaming `yaml:",inline"`
	Pos             spec.Pos `yaml:"-"`
}

const (
	actionDelete     = "delete"
	actionDeactivate = "deactivate"
	actionForget     = "forget"
)

// Check reports what cannot be done to the kind.
func (r *Removed) Check(c *spec.Checker) {
	if r.Action.Value == actionDeactivate && r.Kind.Value == "Group" {
		c.Errorf(r.Action.Pos, "a group cannot be deactivated; allowed: %s, %s", actionDelete, actionForget)
	}
	if (r.Level.Value == levelWorkspace) == r.Workspace.IsZero() {
		c.Errorf(r.Pos, "level: workspace and workspace: NAME go together")
	}
}

func removedName(in naming, e spec.Entry) []*principal {
	r := e.Spec.(*Removed)
	id, _ := r.ApplicationID.For(in.env.Name)
	kind, live := principalKind(r.Kind.Value), r.LiveName(e.Name, in.env)
	return []*principal{{
		Kind: kind, Spec: e.Name, Live: live, ApplicationID: id.Value, canonical: rawToken(kind, live),
		Level: cmp.Or(r.Level.Value, levelAccount), Workspace: r.Workspace.Value,
		Source: sourceDatabricks, Removal: r, Pos: e.Pos,
	}}
}

func declareRemoved(d *Declaring, e spec.Entry) {
	doc := e.Spec.(*Removed)
	p := d.Names.of(e)
	if p == nil {
		return
	}
	home, owned := d.Names.home(p.Kind, p.Live)
	if p.Level == levelAccount && owned && home != d.Env.Name {
		d.Errorf(e.Pos, "%s %s is managed from environment %s: say environments: [%s]", p.Kind, p.Live, home, home)
		return
	}
	if p.Level == levelWorkspace {
		owned = d.Project.Owns.Principal(p.Kind, p.Spec) || d.Project.Owns.Principal(p.Kind, p.Live)
	}
	if p.Level == levelWorkspace && !slices.Contains(d.Env.Workspaces.Keys(), p.Workspace) {
		d.Errorf(e.Pos, "environment %s has no workspace %q%s", d.Env.Name, p.Workspace, known(p.Workspace, d.Env.Workspaces.Keys()))
		return
	}
	if !owned {
		d.Errorf(e.Pos, "%s %s is not owned by this repository and cannot be removed here: add it to owns", p.Kind, p.Live)
		return
	}
	o := d.origin(e.Pos)
	o.Reason = doc.Reason.Value
	if doc.Action.Value == actionForget {
		d.Forgotten[p.token()] = true
		return
	}
	r := d.resource(p.key(), e.Pos)
	if doc.Action.Value == actionDeactivate {
		r.Single = true
		d.field(p.key(), fieldActive)
		r.Claims = append(r.Claims, plan.Claim{Field: fieldActive, Value: isInactive, Want: true, Origin: o})
		return
	}
	r.Claims = append(r.Claims, plan.Claim{Origin: o})
	d.Leaving[p.token()] = o
}
