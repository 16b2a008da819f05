package reconcile

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// readPermissions reads one ACL per object in scope. One that cannot be read is
// held back; the rest goes on.
func readPermissions(ctx context.Context, r *Run) ([]plan.Resource, error) {
	keys := sortedObjects(r.objects)
	out := make([]plan.Resource, len(keys))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for i, k := range keys {
		o := r.objects[k]
		g.Go(func() error {
			acl, err := r.acl(ctx, o)
			if err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
			if Unauthenticated(err) {
				return err
			}
			if err != nil {
				out[i], err = r.unread(k, o, err)
				return err
			}
			out[i] = r.permissionsResource(k, o, acl)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range out {
		r.noteCreator(&out[i], r.objects[out[i].Key])
	}
	return out, nil
}

// unread holds back the changes to an object whose ACL could not be read. Of
// what has no API of its own, such as the tokens of a workspace that never had
// one, the ACL alone tells that it does not exist yet
// (terraform-provider-databricks#1524).
func (r *Run) unread(k plan.Key, o object, err error) (plan.Resource, error) {
	res := plan.Resource{Key: k, ID: o.ID, Held: explain(err, "read permissions").Error()}
	if !missing(err) || !slices.Contains(o.Type.Fixed, o.ID) {
		r.hold(plan.Held{Key: k, Origin: o.Origin, Reason: res.Held, Failed: true})
		return res, nil
	}
	i := slices.IndexFunc(r.Objects, func(ref objectRef) bool { return ref.Key == k })
	if i < 0 {
		return res, nil
	}
	var f finder
	err = r.absent(r.Objects[i], &f)
	r.warnAll(f.warnings)
	return res, err
}

func permissionsPath(o object) string {
	return "/api/2.0/permissions/" + o.Type.url() + "/" + escapedID(o.ID)
}

func (r *Run) acl(ctx context.Context, o object) ([]iam.AccessControlResponse, error) {
	var answer iam.ObjectPermissions
	w := r.clients.Workspace(o.Workspace)
	err := w.get(ctx, permissionsPath(o), nil, &answer)
	if err == nil && answer.ObjectId == "" {
		err = errors.New("the answer is no ACL")
	}
	for _, e := range answer.AccessControlList {
		if e.GroupName+e.ServicePrincipalName+e.UserName == "" {
			return nil, errors.New("the answer has an entry without a principal")
		}
	}
	return answer.AccessControlList, err
}

// permissionsResource keeps the direct entries. The entry of admins on the few
// objects where it is direct is not for anybody to change.
func (r *Run) permissionsResource(key plan.Key, o object, acl []iam.AccessControlResponse) plan.Resource {
	res := plan.Resource{Key: key, ID: o.ID, Single: true, Origin: o.Origin, Context: r.inheritedLevels(key.Target, o.Type, acl)}
	for _, e := range acl {
		token := r.aclPrincipal(key.Target, e)
		levels := directLevels(o.Type, e)
		if len(levels) == 0 {
			continue
		}
		f := plan.Field{Name: token, Values: levels}
		if token == "group:"+adminsGroup && slices.Contains(o.Type.AdminsDirect, o.ID) {
			res.Context = append(res.Context, f)
			continue
		}
		res.Fields = append(res.Fields, f)
		res.Refs = append(res.Refs, principalKey(accountTarget, token), plan.Key{Kind: kindAssignment, Target: key.Target, Name: token})
	}
	return res
}

func directLevels(t *objectType, e iam.AccessControlResponse) []string {
	var levels []string
	for _, p := range e.AllPermissions {
		if !p.Inherited {
			level, _ := t.level(string(p.PermissionLevel))
			levels = append(levels, level)
		}
	}
	return levels
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// aclPrincipal names the principal of an entry. An application id given as a
// user name reads back as a service principal (databricks/cli#6710); until it
// does, it is one to us.
func (r *Run) aclPrincipal(workspace string, e iam.AccessControlResponse) string {
	switch {
	case e.GroupName != "":
		return "group:" + r.dir.groupName(r.dir.whereIs(workspace, e.GroupName), e.GroupName)
	case e.ServicePrincipalName != "":
		return r.dir.spToken(e.ServicePrincipalName)
	case uuid.MatchString(e.UserName):
		return r.dir.spToken(e.UserName)
	}
	return userToken(e.UserName)
}

// noteCreator remembers the CAN_MANAGE that the platform gives to whoever made
// an object: under managed it stays.
func (r *Run) noteCreator(res *plan.Resource, o object) {
	if o.Creator == "" {
		return
	}
	token := userToken(o.Creator)
	if uuid.MatchString(o.Creator) {
		token = r.dir.spToken(o.Creator)
	}
	r.creators[plan.Fact{Key: res.Key, Field: token, Value: canManage}] = true
}

// applyPermissions adds with PATCH. What removes, or moves ownership, reads the
// ACL again, makes sure that what it is about is as the plan saw it, and puts
// it back changed: entries of others that came in between are kept.
func applyPermissions(ctx context.Context, r *Run, c plan.Change) error {
	o, ok := r.objects[c.Key]
	if !ok {
		panic("reconcile: a change of an object that was not read: " + c.Key.String())
	}
	if !replaces(c) {
		return r.sendACL(ctx, http.MethodPatch, o, r.entries(c.Deltas()))
	}
	var live plan.Resource
	return r.replace(ctx, c, func(ctx context.Context) (_ []plan.Field, err error) {
		live, err = r.readACL(ctx, c.Key)
		return live.Fields, err
	}, func(ctx context.Context) error {
		return r.sendACL(ctx, http.MethodPut, o, r.mergedACL(o, live, c))
	})
}

// readACL reads the direct entries of one object again.
func (r *Run) readACL(ctx context.Context, k plan.Key) (plan.Resource, error) {
	acl, err := r.acl(ctx, r.objects[k])
	if err != nil {
		return plan.Resource{}, explain(err, "read permissions")
	}
	live := r.permissionsResource(k, r.objects[k], acl)
	canonicalPermissions(&live)
	return plan.NewState([]plan.Resource{live}).All()[0], nil
}

func seePermissions(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeEach(ctx, changes, func(ctx context.Context, c plan.Change) ([]plan.Field, error) {
		live, err := r.readACL(ctx, c.Key)
		return live.Fields, err
	})
}

// replaces tells whether a change takes more than a PATCH: one that removes an
// entry, or that sets an owner, of whom there is exactly one.
func replaces(c plan.Change) bool {
	return slices.ContainsFunc(c.Deltas(), func(d plan.Delta) bool {
		return len(d.Added) == 0 || slices.Contains(d.Added, isOwner) || slices.Contains(d.Removed, isOwner)
	})
}

func (r *Run) entries(deltas []plan.Delta) []iam.AccessControlRequest {
	var out []iam.AccessControlRequest
	for _, d := range deltas {
		for _, level := range d.Added {
			out = append(out, r.entry(d.Field, level))
		}
	}
	return out
}

// mergedACL is the whole ACL to put: what is live now with the change made.
func (r *Run) mergedACL(o object, live plan.Resource, c plan.Change) []iam.AccessControlRequest {
	var out []iam.AccessControlRequest
	changed := map[string]bool{}
	for _, d := range c.Deltas() {
		changed[d.Field] = true
	}
	for _, f := range slices.Concat(live.Fields, live.Context) {
		if !changed[f.Name] && plan.IsPrincipal(f.Name) && len(f.Values) > 0 {
			out = append(out, r.entry(f.Name, o.Type.strongest(f.Values)))
		}
	}
	for _, f := range c.After {
		if changed[f.Name] && len(f.Values) > 0 {
			out = append(out, r.entry(f.Name, f.Values[0]))
		}
	}
	slices.SortFunc(out, func(a, b iam.AccessControlRequest) int { return strings.Compare(entryName(a), entryName(b)) })
	return out
}

func (r *Run) entry(token, level string) iam.AccessControlRequest {
	e := iam.AccessControlRequest{PermissionLevel: iam.PermissionLevel(level)}
	kind, name, _ := strings.Cut(token, ":")
	switch kind {
	case "group":
		e.GroupName = name
	case "sp":
		e.ServicePrincipalName = r.dir.applicationID(token)
	default:
		e.UserName = name
	}
	return e
}

func entryName(e iam.AccessControlRequest) string {
	return e.GroupName + "\x00" + e.ServicePrincipalName + "\x00" + e.UserName
}

// sendACL always sends the list, an empty one too: the SDK's own request leaves
// it out, and what a PUT without a list does is nowhere said.
func (r *Run) sendACL(ctx context.Context, method string, o object, entries []iam.AccessControlRequest) error {
	body := map[string][]iam.AccessControlRequest{"access_control_list": slices.Concat([]iam.AccessControlRequest{}, entries)}
	if len(entries) == 0 {
		body["access_control_list"] = []iam.AccessControlRequest{}
	}
	return r.clients.Workspace(o.Workspace).do(ctx, method, permissionsPath(o), nil, body, nil)
}
