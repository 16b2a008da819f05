package reconcile

import (
	"slices"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Where a principal comes from, as documents say it.
const (
	sourceDatabricks = "databricks" // created and changed here
	sourceExternal   = "external"   // synced from the identity provider; members read-only
	sourceReference  = "reference"  // somebody else's; nothing is ever written
)

// Labels by which rules know the resource of a principal.
const (
	labelName   = "name:"   // as the specs call it
	labelSource = "source:" // databricks, external, reference
)

const (
	levelAccount   = "account"
	levelWorkspace = "workspace"
	accountTarget  = "account"
)

// Principal is what Group and ServicePrincipal documents have in common.
type Principal struct {
	Description     spec.Text          `yaml:"description" doc:"for people; not sent anywhere"`
	Level           spec.Text          `yaml:"level" enum:"account,workspace" doc:"where it exists; default account"`
	Workspace       spec.Text          `yaml:"workspace" doc:"the workspace of a workspace-local principal"`
	Source          spec.Text          `yaml:"source" enum:"databricks,external,reference" doc:"databricks (default): created and changed here; external: synced from the identity provider, only read; reference: somebody else's, nothing is ever written"`
	ExternalID      spec.ByEnvironment `yaml:"externalId" doc:"its id in the identity provider; checked against live"`
	spec.LiveNaming `yaml:",inline"`
	Previously      []spec.Text         `yaml:"previously" doc:"names that it had; a live principal of such a name is renamed"`
	Workspaces      spec.Map[Placement] `yaml:"workspaces" doc:"assignment to workspaces, with the entitlements there; absent: not managed"`
	Roles           []spec.Text         `yaml:"roles" doc:"roles such as instance profiles or account_admin; absent: not managed"`
	Environments    spec.EnvNames       `yaml:"environments" doc:"the environments in which it exists; absent: all"`
}

// Placement is a principal's place in one workspace.
type Placement struct {
	Permission   spec.Text     `yaml:"permission" enum:"USER,ADMIN" doc:"assignment of an account principal to the workspace; absent: not managed"`
	Entitlements []spec.Text   `yaml:"entitlements" enum:"workspace-access,databricks-sql-access,allow-cluster-create,allow-instance-pool-create,workspace-consume" doc:"what it may use there; absent: not managed; []: nothing"`
	Environments spec.EnvNames `yaml:"environments" doc:"the environments it applies to; absent: all"`
	Pos          spec.Pos      `yaml:"-"`
}

// Check reports combinations that Databricks refuses.
func (p *Placement) Check(c *spec.Checker) {
	has := func(name string) bool {
		return slices.ContainsFunc(p.Entitlements, func(t spec.Text) bool { return t.Value == name })
	}
	if has("workspace-consume") && (has("workspace-access") || has("databricks-sql-access")) {
		c.Errorf(p.Pos, "workspace-consume excludes workspace-access and databricks-sql-access")
	}
}

// Check reports what a principal cannot be.
func (p *Principal) Check(c *spec.Checker) {
	if p.Level.Value == levelWorkspace && p.Workspace.IsZero() {
		c.Errorf(p.Level.Pos, "a workspace-local principal needs workspace: NAME")
	}
	if p.Level.Value != levelWorkspace && !p.Workspace.IsZero() {
		c.Errorf(p.Workspace.Pos, "workspace: goes with level: workspace; assignment of an account principal is under workspaces:")
	}
	if !p.DisplayName.IsZero() && p.EnvironmentSuffix != nil && *p.EnvironmentSuffix {
		c.Errorf(p.DisplayName.Pos, "displayName is the whole live name; it goes without environmentSuffix: true")
	}
}

// principal is a Group or ServicePrincipal in one environment.
type principal struct {
	Kind          string // group, servicePrincipal
	Spec          string // metadata.name
	Live          string // display name
	Level         string
	Workspace     string
	Source        string
	ApplicationID string
	ExternalID    spec.Text
	Previously    []string // live names, in the same environment
	Removal       *Removed
	Derived       *derivedGroup // of a product's group; nil of a document's
	Elsewhere     string        // the environment that manages it, if that is not this one
	Pos           spec.Pos

	canonical string // how facts name it
}

// Managed tells whether this environment creates and changes it.
func (p *principal) Managed() bool { return p.Source == sourceDatabricks && p.Elsewhere == "" }

// sourceHere is the source that the principal has for this environment: one that
// another environment manages is somebody else's here.
func (p *principal) sourceHere() string {
	if p.Elsewhere != "" {
		return sourceReference
	}
	return p.Source
}

// manages tells whether the document claims an account principal as this
// repository's own, wherever its home is.
func (p *principal) manages() bool {
	return p.Source == sourceDatabricks && p.Level == levelAccount && p.Removal == nil
}

// what names the principal in messages about names.
func (p *principal) what() string {
	if p.Derived != nil {
		return "the " + p.Derived.Role + " group of product " + p.Derived.Product.Metadata.Name.Value
	}
	return p.kindOfDocument() + " " + p.Spec
}

func (p *principal) kindOfDocument() string {
	if p.Kind == kindServicePrincipal {
		return "ServicePrincipal"
	}
	return "Group"
}

func (p *principal) target() string {
	if p.Level == levelWorkspace {
		return p.Workspace
	}
	return accountTarget
}

// token is how facts name it: by its live name, or a service principal of which
// several live ones have the name, by its application id.
func (p *principal) token() string { return p.canonical }

func (p *principal) key() plan.Key { return principalKey(p.target(), p.token()) }

// principal claims that a principal exists, and its roles and places. It
// returns the resource of the principal itself.
func (d *Declaring) principal(p *principal, doc *Principal, e spec.Entry) *plan.Resource {
	r := d.resource(p.key(), e.Pos)
	r.Labels = append(r.Labels, labelName+p.Spec, labelSource+p.sourceHere())
	if p.Managed() {
		r.Claims = append(r.Claims, plan.Claim{Want: true, Origin: r.Origin})
		r.Authority = plan.Merge // until a member list says otherwise
		d.checkOwned(p, e)
	} else {
		r.Authority = plan.External
	}
	if p.Level == levelAccount && d.Env.Account.Value == "" {
		d.Errorf(e.Pos, "environment %s has no account: say level: workspace, and which", d.Env.Name)
		return r
	}
	if p.Level == levelWorkspace && !slices.Contains(d.Env.Workspaces.Keys(), p.Workspace) {
		d.Errorf(e.Pos, "environment %s has no workspace %q%s", d.Env.Name, p.Workspace, known(p.Workspace, d.Env.Workspaces.Keys()))
		return r
	}
	if p.Elsewhere == "" {
		d.roles(p, doc.Roles)
	}
	d.places(p, doc, e)
	return r
}

func (d *Declaring) roles(p *principal, roles []spec.Text) {
	if roles == nil {
		return
	}
	if p.Source == sourceReference {
		d.Errorf(p.Pos, "%s is a reference: nothing is written to it, so it cannot have roles", p.Spec)
		return
	}
	key := plan.Key{Kind: kindRoles, Target: p.target(), Name: p.token()}
	d.resource(key, p.Pos)
	d.field(key, fieldRole)
	d.refer(key, p.token())
	for _, r := range roles {
		d.claim(key, fieldRole, r.Value, spec.Terms{}, r.Pos)
	}
}

// places claims assignment and entitlements in the environment's workspaces. A
// workspace that `workspaces:` leaves out is one where the principal is not.
func (d *Declaring) places(p *principal, doc *Principal, e spec.Entry) {
	if doc.Workspaces.IsZero() {
		return
	}
	if p.Source == sourceReference {
		d.Errorf(doc.Workspaces.Pos, "%s is a reference: nothing is written to it, so it cannot be placed in workspaces", p.Spec)
		return
	}
	for _, entry := range doc.Workspaces.Entries {
		if all := workspaceNames(d.Project); !slices.Contains(all, entry.Key.Value) {
			d.Errorf(entry.Key.Pos, "unknown workspace %q%s", entry.Key.Value, known(entry.Key.Value, all))
		}
	}
	for _, w := range d.Env.Workspaces.Keys() {
		place, ok := doc.Workspaces.Get(w)
		if ok && !d.applies(place.Environments) {
			ok = false
		}
		if p.Level == levelWorkspace && w != p.Workspace {
			if ok {
				d.Errorf(place.Pos, "%s is local to workspace %s", p.Spec, p.Workspace)
			}
			continue
		}
		d.assignment(p, w, place, ok)
		d.entitlements(p, w, place, ok)
	}
}
