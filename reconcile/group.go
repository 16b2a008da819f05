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

// Groups, by SCIM, as the API treats them:
//
//   - account lists carry no members since 2025-08-22, a GET by id does
//     (SDK v0.175.0, service/iam);
//   - members are numeric ids; an application id is accepted and adds nobody
//     (terraform-provider-databricks#4194);
//   - a removal with path "members" and a value empties the group, whatever the
//     value (mick2004/nested-aad-scim-connector#5): only members[value eq "id"];
//   - removing from a group without members is 400 invalidPath;
//   - a group created through a workspace is local to it, even where the account
//     has one of that name; account groups cannot be changed from a workspace;
//   - a PUT drops what it leaves out: never a PUT.
const kindGroup = "group"

// Group is the spec of a Group document.
type Group struct {
	Principal `yaml:",inline"`
	Members   []Member  `yaml:"members" doc:"who is in the group; absent: not managed; []: nobody"`
	Authority spec.Text `yaml:"authority" enum:"managed,exact,merge" doc:"what happens to members that are live and not declared; default exact"`
	Pos       spec.Pos  `yaml:"-"`
}

// Member is one entry of a member list.
type Member struct {
	spec.Ref   `yaml:",inline"`
	spec.Terms `yaml:",inline"`
	Pos        spec.Pos `yaml:"-"`
}

const (
	fieldMember = "member"
	fieldName   = "name" // only in changes that rename
)

func declareGroup(d *Declaring, e spec.Entry) {
	g := e.Spec.(*Group)
	p := d.Names.of(e)
	if p == nil {
		return
	}
	r := d.principal(p, &g.Principal, e)
	if g.Members == nil || p.Elsewhere != "" {
		return
	}
	if p.Source != sourceDatabricks {
		d.Errorf(g.Pos, "the members of %s come from elsewhere (source: %s) and cannot be declared here", e.Name, p.Source)
		return
	}
	d.field(r.Key, fieldMember)
	d.authority(r.Key, authorityOf(g.Authority, plan.Exact), g.Authority.Pos)
	for _, m := range g.Members {
		d.member(p, m.Ref, m.Terms, m.Ref.Pos)
	}
}

// member claims that somebody is in a group that this repository manages.
func (d *Declaring) member(group *principal, ref spec.Ref, terms spec.Terms, pos spec.Pos) {
	if !d.applies(terms.Environments) {
		d.resources[group.key()].Partial = true
		return
	}
	if token, ok := d.memberToken(group, ref, pos); ok {
		d.claim(group.key(), fieldMember, token, terms, pos)
		d.refer(group.key(), token)
	}
}

// memberToken is how facts call a member of a group that this repository manages.
func (d *Declaring) memberToken(group *principal, ref spec.Ref, pos spec.Pos) (string, bool) {
	token, ok := d.resolve(ref, group.target())
	switch {
	case !ok:
		return "", false
	case token == group.token():
		d.Errorf(pos, "%s cannot be a member of itself", ref)
		return "", false
	case plan.IsGroup(token) && isSystemGroup(ref.Name()):
		d.Errorf(pos, "the system group %s cannot be a member of a group", ref.Name())
		return "", false
	}
	return token, true
}

func readGroups(_ context.Context, r *Run) ([]plan.Resource, error) {
	var out []plan.Resource
	for _, p := range r.Names.All() {
		if p.Kind != kindGroup || r.Forgotten[p.token()] {
			continue
		}
		g, err := r.liveGroup(p)
		if err != nil {
			return nil, err
		}
		if g != nil {
			out = append(out, r.groupResource(p.key(), g, p.Managed()))
		}
	}
	for _, o := range r.orphanGroups() {
		out = append(out, plan.Resource{Key: plan.Key{Kind: kindGroup, Target: o.target, Name: o.Name}, ID: o.ID, Presence: plan.Present})
	}
	return out, nil
}

func (r *Run) groupResource(key plan.Key, g *liveGroup, ours bool) plan.Resource {
	res := plan.Resource{Key: key, ID: g.ID, Presence: plan.Present}
	if !ours {
		res.Authority, res.Context = plan.External, r.watchedMembers(key.Name)
		return res
	}
	l := r.dir.level(key.Target)
	members := plan.Field{Name: fieldMember}
	for _, m := range g.Members {
		token := l.member(m.Value)
		members.Values = append(members.Values, token)
		res.Refs = append(res.Refs, principalKey(key.Target, token))
	}
	res.Fields = []plan.Field{members}
	if g.Name != key.Name {
		res.Fields = append(res.Fields, plan.Field{Name: fieldName, Values: []string{g.Name}})
	}
	return res
}

func applyGroup(ctx context.Context, r *Run, c plan.Change) error {
	l := r.dir.level(c.Key.Target)
	switch c.Action {
	case plan.Create:
		return r.createGroup(ctx, l, c)
	case plan.Delete:
		return l.delete(ctx, "Groups", c.ID)
	}
	if to := c.Added(fieldName); len(to) > 0 {
		op := []iam.Patch{{Op: iam.PatchOpReplace, Path: "displayName", Value: to[0]}}
		if err := l.patch(ctx, "Groups", c.ID, op); err != nil {
			return fmt.Errorf("rename: %w", err)
		}
	}
	return r.patchMembers(ctx, l, c.ID, c.Added(fieldMember), c.Removed(fieldMember))
}

func (r *Run) createGroup(ctx context.Context, l *level, c plan.Change) error {
	ids, err := r.memberIDs(l, c.Added(fieldMember))
	if err != nil {
		return err
	}
	first := ids[:min(len(ids), r.Options.memberChunk())]
	body := iam.Group{DisplayName: c.Key.Name}
	for _, id := range first {
		body.Members = append(body.Members, iam.ComplexValue{Value: id})
	}
	var id string
	err = r.create(ctx, 0, func(ctx context.Context) error {
		var made iam.Group
		err := l.do(ctx, http.MethodPost, l.base+"/Groups", nil, body, &made)
		id = made.Id
		if err == nil && id == "" {
			err = fmt.Errorf("the answer to the create names no id")
		}
		return err
	}, func(ctx context.Context) (bool, error) {
		var err error
		id, err = l.madeGroup(ctx, c.Key.Name, first)
		return id != "", err
	})
	if err != nil {
		return err
	}
	r.dir.addGroup(c.Key.Target, &liveGroup{ID: id, Name: c.Key.Name, Local: l.target != accountTarget})
	return r.sendMembers(ctx, l, id, ids[len(first):], nil)
}

// madeGroup finds the group that a create whose answer was lost has made, "" if
// it is not to be seen. The server takes no second group of a name; one that has
// what we did not give it is somebody else's.
func (l *level) madeGroup(ctx context.Context, name string, members []string) (id string, err error) {
	found, err := scimGroups.list(ctx, l.scim, groupAttributes, "displayName eq "+quoted(name), nil)
	if err != nil {
		return "", err
	}
	for _, g := range found {
		local := g.Meta != nil && g.Meta.ResourceType == "WorkspaceGroup"
		if g.DisplayName != name || l.target != accountTarget && !local {
			continue
		}
		live, err := l.readGroup(ctx, g.Id)
		if missing(err) {
			return "", nil // lists and single reads are not stale at the same time
		}
		if err != nil {
			return "", err
		}
		others := slices.ContainsFunc(values(live.Members), func(id string) bool { return !slices.Contains(members, id) })
		if others || g.ExternalId != "" || len(g.Roles) > 0 {
			return "", fmt.Errorf("somebody else made a group %s (id %s) at the same time; plan again", name, g.Id)
		}
		return g.Id, nil
	}
	return "", nil
}

func (r *Run) memberIDs(l *level, tokens []string) ([]string, error) {
	ids := make([]string, len(tokens))
	for i, t := range tokens {
		id, err := r.dir.id(l, t)
		if err != nil {
			return nil, fmt.Errorf("member: %w", err)
		}
		ids[i] = id
	}
	return ids, nil
}

func (r *Run) patchMembers(ctx context.Context, l *level, id string, add, remove []string) error {
	adds, err := r.memberIDs(l, add)
	if err != nil {
		return err
	}
	removes, err := r.memberIDs(l, remove)
	if err != nil {
		return err
	}
	err = r.sendMembers(ctx, l, id, adds, removes)
	if !noSuchAttribute(err) {
		return err
	}
	return r.retryMembers(ctx, l, id, adds, removes)
}

// retryMembers sends what is still to do after somebody else emptied the group
// under us, which turns a removal into an error.
func (r *Run) retryMembers(ctx context.Context, l *level, id string, add, remove []string) error {
	live, err := l.readGroup(ctx, id)
	if err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	have := values(live.Members)
	add = slices.DeleteFunc(slices.Clone(add), func(v string) bool { return slices.Contains(have, v) })
	remove = slices.DeleteFunc(slices.Clone(remove), func(v string) bool { return !slices.Contains(have, v) })
	return r.sendMembers(ctx, l, id, add, remove)
}

// sendMembers sends adds and removals together, in as few PATCHes as the chunk
// size allows: workspaces take ten a minute. Adds come first, so that a group is
// never emptied on the way.
func (r *Run) sendMembers(ctx context.Context, l *level, id string, add, remove []string) error {
	size := r.Options.memberChunk()
	for len(add)+len(remove) > 0 {
		var ops []iam.Patch
		adds := add[:min(len(add), size)]
		removes := remove[:min(len(remove), size-len(adds))]
		add, remove = add[len(adds):], remove[len(removes):]
		if len(adds) > 0 {
			ops = append(ops, iam.Patch{Op: iam.PatchOpAdd, Path: "members", Value: valueList(adds)})
		}
		for _, v := range removes {
			ops = append(ops, iam.Patch{Op: iam.PatchOpRemove, Path: "members[value eq " + quoted(v) + "]"})
		}
		if err := l.patch(ctx, "Groups", id, ops); err != nil {
			return groupError(err)
		}
	}
	return nil
}

func groupError(err error) error {
	if strings.Contains(err.Error(), "can only be managed in account") {
		return fmt.Errorf("this is a group of the account, which a workspace cannot change; declare it without level: workspace: %w", err)
	}
	return err
}
