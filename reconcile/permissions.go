package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// The ACL of workspace objects, as the permissions API treats it:
//
//   - PATCH upserts per principal and cannot remove; PUT replaces every direct
//     entry; there is no etag. So additions are a PATCH, and anything that
//     removes is GET, merge, PUT in one go;
//   - only direct entries can be changed; what is inherited is never compared;
//   - jobs, pipelines and warehouses have an owner that every PUT must carry,
//     and that is never a group (databricks/cli#4466);
//   - a PUT without the caller takes the caller's own CAN_MANAGE on many types
//     (terraform-provider-databricks#1504): its entry is protected and kept;
//   - the same principal twice in one request is undefined: one entry each;
//   - a deleted job or pipeline keeps answering with its ACL, so existence is
//     asked of the type's own API.
const kindPermissions = "permissions"

// Permissions is the spec of a Permissions document.
type Permissions struct {
	Workspaces   []spec.Text   `yaml:"workspaces" spec:"nonempty" doc:"the workspaces, or \"*\"; may be left out where the environment has one"`
	Objects      []Object      `yaml:"objects" spec:"required,nonempty" doc:"the objects"`
	Authority    spec.Text     `yaml:"authority" enum:"managed,exact,merge" doc:"what happens to access that is live and not declared; default managed"`
	Permissions  []Permission  `yaml:"permissions" doc:"who may do what; absent: not managed; []: nobody"`
	Owner        *spec.Ref     `yaml:"owner" doc:"the owner, where the type has one; never a group; absent: the live owner stays"`
	Required     bool          `yaml:"required" doc:"true: an object that does not exist is an error instead of a warning"`
	Environments spec.EnvNames `yaml:"environments" doc:"the environments it applies to; absent: all"`
	Pos          spec.Pos      `yaml:"-"`
}

// Object names one object of a workspace, by name, id or path.
type Object struct {
	Type spec.Text          `yaml:"type" spec:"required" doc:"the type, as in the permissions API" example:"clusters"`
	Name spec.Text          `yaml:"name" doc:"its name; ambiguous names are an error that lists the ids" example:"shared-etl"`
	ID   spec.ByEnvironment `yaml:"id" doc:"its id"`
	Path spec.Text          `yaml:"path" doc:"its path, for workspace files and folders" example:"/Shared/sales"`
	Pos  spec.Pos           `yaml:"-"`
}

// Permission is one entry of an ACL.
type Permission struct {
	spec.Ref   `yaml:",inline"`
	Level      spec.Text `yaml:"level" doc:"the permission level" example:"CAN_MANAGE"`
	spec.Terms `yaml:",inline"`
	Pos        spec.Pos `yaml:"-"`
}

// Check reports an object that is named in no way or in several.
func (o *Object) Check(c *spec.Checker) {
	t, ok := findObjectType(o.Type.Value)
	if !ok {
		c.Errorf(o.Type.Pos, "unknown object type %q%s", o.Type.Value, known(o.Type.Value, objectTypeNames())+"; all: "+list(objectTypeNames()))
		return
	}
	named := 0
	for _, pos := range []spec.Pos{o.Name.Pos, o.ID.Pos, o.Path.Pos} {
		if !pos.IsZero() {
			named++
		}
	}
	switch {
	case named != 1:
		c.Errorf(o.Pos, "an object is named by one of %s", t.namedBy())
	case !o.Path.IsZero() && !t.ByPath:
		c.Errorf(o.Path.Pos, "%s have no path; name them by %s", t.Name, t.namedBy())
	case !o.Path.IsZero() && !strings.HasPrefix(o.Path.Value, "/"):
		c.Errorf(o.Path.Pos, "a path begins with /")
	case !o.Name.IsZero() && !t.hasNames():
		c.Errorf(o.Name.Pos, "%s have no names; name them by %s", t.Name, t.namedBy())
	}
	for _, id := range o.ID.All() {
		if len(t.Fixed) > 0 && t.Lookup.Path == "" && !slices.Contains(t.Fixed, id.Value.Value) {
			c.Errorf(id.Value.Pos, "unknown id %q%s", id.Value.Value, known(id.Value.Value, t.Fixed))
		}
	}
}

func (t *objectType) hasNames() bool { return t.List.Path != "" || t.Lookup.Path != "" }

func (t *objectType) namedBy() string {
	var ways []string
	if t.hasNames() {
		ways = append(ways, "name:")
	}
	if t.ByPath {
		ways = append(ways, "path:")
	}
	id := "id:"
	if len(t.Fixed) > 0 && t.Lookup.Path == "" {
		id += " " + strings.Join(t.Fixed, " or ")
	}
	return strings.Join(append(ways, id), ", ")
}

// objectRef is an object that a document or an owns pattern asks for, in one
// workspace. Its key is the one that claims use until the object is found.
type objectRef struct {
	Key            plan.Key
	Type           *objectType
	Workspace      string
	Name, ID, Path string
	Required       bool
	Undeclared     bool // in scope by owns alone
	Pos            spec.Pos
}

func declarePermissions(d *Declaring, e spec.Entry) {
	doc := e.Spec.(*Permissions)
	for _, w := range d.workspacesOf(doc) {
		for i := range doc.Objects {
			if ref, ok := d.object(doc, &doc.Objects[i], w); ok {
				d.permissionsOn(doc, ref, e)
			}
		}
	}
}

// workspacesOf are the workspaces of this environment that a document means.
func (d *Declaring) workspacesOf(doc *Permissions) []string {
	here := d.Env.Workspaces.Keys()
	if doc.Workspaces == nil {
		if len(here) != 1 {
			d.Errorf(doc.Pos, "environment %s has several workspaces: say which with workspaces: [%s], or \"*\"", d.Env.Name, list(here))
			return nil
		}
		return here
	}
	var out []string
	for _, w := range doc.Workspaces {
		switch {
		case w.Value == "*":
			out = append(out, here...)
		case slices.Contains(here, w.Value):
			out = append(out, w.Value)
		case !slices.Contains(workspaceNames(d.Project), w.Value):
			d.Errorf(w.Pos, "unknown workspace %q%s", w.Value, known(w.Value, workspaceNames(d.Project)))
		}
	}
	return plan.Set(out)
}

func (d *Declaring) object(doc *Permissions, o *Object, workspace string) (objectRef, bool) {
	t, _ := findObjectType(o.Type.Value)
	ref := objectRef{Type: t, Workspace: workspace, Required: doc.Required, Pos: o.Pos}
	switch {
	case !o.ID.IsZero():
		id, ok := o.ID.For(d.Env.Name)
		if !ok {
			d.Errorf(o.ID.Pos, "no id for environment %s", d.Env.Name)
			return ref, false
		}
		ref.ID = id.Value
		if slices.Contains(t.Fixed, ref.ID) {
			ref.Name = ref.ID
		}
	case !o.Path.IsZero():
		path, err := d.Env.Expand(o.Path.Pos, o.Path.Value, workspace)
		if err != nil {
			d.mistakes = append(d.mistakes, err)
			return ref, false
		}
		ref.Path = cleanPath(path)
	default:
		name, err := d.Env.Expand(o.Name.Pos, o.Name.Value, workspace)
		if err != nil {
			d.mistakes = append(d.mistakes, err)
			return ref, false
		}
		ref.Name = name
	}
	ref.Key = plan.Key{Kind: kindPermissions, Target: workspace, Name: t.Name + "/" + ref.label()}
	return ref, true
}

// label is how keys name an object: by its name or path, else by its id.
func (r *objectRef) label() string {
	switch {
	case r.Path != "":
		return strings.TrimPrefix(r.Path, "/")
	case r.Name != "":
		return r.Name
	}
	return "#" + r.ID
}

func cleanPath(path string) string {
	if len(path) > 1 {
		return strings.TrimRight(path, "/")
	}
	return path
}

func (d *Declaring) permissionsOn(doc *Permissions, ref objectRef, e spec.Entry) {
	r := d.resource(ref.Key, e.Pos)
	r.Single = true
	d.Objects = append(d.Objects, ref)
	authority := authorityOf(doc.Authority, plan.Managed)
	if doc.Permissions == nil {
		authority = plan.Merge
	}
	if named := ref.Name != "" || ref.Path != ""; named {
		if err := d.mayJudge(&ref, authority); err != nil {
			d.mistakes = append(d.mistakes, err)
		}
	}
	d.authority(ref.Key, authority, doc.Authority.Pos)
	for _, p := range doc.Permissions {
		d.permission(&ref, p)
	}
	if doc.Owner != nil {
		d.objectOwner(&ref, *doc.Owner)
	}
}

func (d *Declaring) permission(ref *objectRef, p Permission) {
	if !d.applies(p.Terms.Environments) {
		return
	}
	token, ok := d.resolve(p.Ref, ref.Workspace)
	if !ok {
		return
	}
	d.referPlaced(ref.Key, token)
	if p.Terms.Absent {
		if !p.Level.IsZero() {
			d.Errorf(p.Level.Pos, "absent: true means no level at all; leave level: out")
			return
		}
		d.claim(ref.Key, token, "", p.Terms, p.Ref.Pos)
		return
	}
	level, ok := ref.Type.level(p.Level.Value)
	fewer, limited := ref.Type.Fewer[ref.ID]
	switch {
	case p.Level.IsZero():
		d.Errorf(p.Pos, "no level%s", allowedOnly(ref.Type.allowed()))
	case limited && !slices.Contains(fewer, level):
		d.Errorf(p.Level.Pos, "%s have no level %q%s", ref.ID, p.Level.Value, allowedOnly(fewer))
	case level == isOwner && ok:
		d.Errorf(p.Level.Pos, "the owner of an object is set by owner:, not as a permission")
	case !ok:
		d.Errorf(p.Level.Pos, "%s have no level %q%s", ref.Type.Name, p.Level.Value, nearest(p.Level.Value, ref.Type.Levels)+allowedOnly(ref.Type.Levels))
	default:
		d.claim(ref.Key, token, level, p.Terms, p.Ref.Pos)
	}
}

func (d *Declaring) objectOwner(ref *objectRef, owner spec.Ref) {
	switch {
	case !ref.Type.Owner:
		d.Errorf(owner.Pos, "%s have no owner; types with one: jobs, pipelines, warehouses", ref.Type.Name)
		return
	case owner.Kind() == spec.RefGroup, owner.Kind() == spec.RefProduct:
		d.Errorf(owner.Pos, "a group cannot own %s: name a user or service principal", ref.Type.Name)
		return
	}
	token, ok := d.resolve(owner, ref.Workspace)
	if !ok {
		return
	}
	for _, c := range d.resources[ref.Key].Claims {
		if c.Value == isOwner && c.Field != token {
			d.Errorf(owner.Pos, "the owner of %s is set at %s already: one document decides for a target", ref.Key.Name, c.Origin.Pos).With(specPos(c.Origin.Pos))
			return
		}
	}
	d.claimAt(ref.Key, token, isOwner, owner.Pos)
	d.referPlaced(ref.Key, token)
}

// referPlaced refers to a principal and to its assignment to the workspace: an
// ACL knows only who is there.
func (d *Declaring) referPlaced(key plan.Key, token string) {
	d.refer(key, token)
	d.referKey(key, plan.Key{Kind: kindAssignment, Target: key.Target, Name: token})
}

// ownedBy is the index of the owns.objects pattern that covers an object, -1 if
// none does; of one that is named by id it can tell only once its name is known.
func (d *Declared) ownedBy(ref *objectRef) int {
	return slices.IndexFunc(d.Project.Owns.Objects, func(o spec.OwnedObject) bool {
		t, ok := findObjectType(o.Type.Value)
		if !ok || t != ref.Type || o.Workspace.Value != "*" && o.Workspace.Value != ref.Workspace {
			return false
		}
		if !o.Path.IsZero() {
			path, err := d.Env.Expand(o.Path.Pos, o.Path.Value, ref.Workspace)
			return err == nil && ref.Path != "" && spec.MatchName(cleanPath(path), ref.Path)
		}
		name, err := d.Env.Expand(o.Name.Pos, o.Name.Value, ref.Workspace)
		return err == nil && ref.Name != "" && spec.MatchName(name, ref.Name)
	})
}

// mayJudge reports an authority over an object that is not owned.
func (d *Declared) mayJudge(ref *objectRef, authority plan.Authority) error {
	if authority == plan.Merge || d.ownedBy(ref) >= 0 {
		return nil
	}
	return spec.Errorf(ref.Pos, "%s %s is not owned by this repository (owns.objects): say authority: merge, or own it", ref.Type.Name, ref.label())
}

// canonicalPermissions keeps the strongest of several levels of one principal.
func canonicalPermissions(r *plan.Resource) {
	typeName, _, _ := strings.Cut(r.Key.Name, "/")
	t, ok := findObjectType(typeName)
	if !ok {
		return
	}
	for i, f := range r.Fields {
		if len(f.Values) > 1 {
			r.Fields[i].Values = []string{t.strongest(f.Values)}
		}
	}
}
