package reconcile

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// readGrants reads the grants of every securable in scope, one call each and
// one more per further page.
func readGrants(ctx context.Context, r *Run) ([]plan.Resource, error) {
	if err := r.readBindings(ctx); err != nil {
		return nil, err
	}
	names := sortedKeys(r.securables)
	answers, failed := make([][]catalog.PrivilegeAssignment, len(names)), make([]error, len(names))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for i, name := range names {
		s := r.securables[name]
		if s.Type.Recipients {
			continue
		}
		g.Go(func() error {
			answers[i], failed[i] = r.grants(gctx, s)
			if err := failed[i]; err != nil && (gctx.Err() != nil || Unauthenticated(err)) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := r.joinGranted(ctx, names, answers); err != nil {
		return nil, err
	}
	return r.grantsResources(names, answers, failed, r.managedAmong(names, answers))
}

// managedAmong are the securables on which we hold MANAGE, as "type/name": a catalog
// and an external location may have one name.
func (r *Run) managedAmong(names []string, answers [][]catalog.PrivilegeAssignment) map[string]bool {
	managed := map[string]bool{}
	for i, name := range names {
		managed[name] = r.holdsManage(answers[i])
	}
	return managed
}

// joinGranted finds out whether we are in the groups of whose grants alone we would
// conclude that we see those of others: to who may not see them, a group that it is
// in is shown too, assigned to the workspace or not. It asks for nothing where an
// owner, MANAGE or the grant of a single principal proves it.
func (r *Run) joinGranted(ctx context.Context, names []string, answers [][]catalog.PrivilegeAssignment) error {
	if r.isSelf(r.metastore.Owner) {
		return nil
	}
	managed := r.managedAmong(names, answers)
	groups := map[string]bool{}
	for i, name := range names {
		ofGroups := func(a catalog.PrivilegeAssignment) bool { return a.Principal == "" || r.isGroup(a.Principal) }
		if r.seesGrants(r.securables[name], slices.DeleteFunc(slices.Clone(answers[i]), ofGroups), managed) {
			continue
		}
		for _, a := range answers[i] {
			if r.isGroup(a.Principal) && !r.isSelf(a.Principal) {
				groups[a.Principal] = true
			}
		}
	}
	m := memberships{run: r, members: map[string][]iam.ComplexValue{}}
	for _, group := range sortedKeys(groups) {
		in, err := m.inGroup(ctx, group, nestingLimit)
		if err != nil {
			return err
		}
		if in {
			r.clients.Self.Groups = append(r.clients.Self.Groups, group)
		}
	}
	return nil
}

func (r *Run) grantsResources(names []string, answers [][]catalog.PrivilegeAssignment, failed []error, managed map[string]bool) ([]plan.Resource, error) {
	out := make([]plan.Resource, 0, len(names))
	var blind []error
	for i, name := range names {
		s := r.securables[name]
		key := grantsKey(s.Type, s.Name)
		switch {
		case s.Type.Recipients:
		case failed[i] != nil:
			why := explain(failed[i], "read grants").Error()
			out = append(out, plan.Resource{Key: key, Held: why})
			r.hold(plan.Held{Key: key, Origin: s.Origin, Reason: why, Failed: true})
		case !r.seesGrants(s, answers[i], managed):
			blind = append(blind, fmt.Errorf("%s: %s sees only its own grants there, so what others have is unknown; it needs %s", s.label(), r.clients.Self.Name, rights["read grants"]))
		default:
			out = append(out, r.grantsResource(key, s, answers[i]))
		}
	}
	return out, firstOf(blind)
}

// firstOf returns the first error and how many more there are.
func firstOf(errs []error) error {
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return fmt.Errorf("%w (and %d more securables)", errs[0], len(errs)-1)
}

func (r *Run) grantsPath(s securable) string {
	if s.Type.Depth == 0 {
		return uc + "permissions/metastore/" + escapedID(r.metastore.ID)
	}
	return uc + "permissions/" + s.Type.url() + "/" + escaped(s.Name)
}

// grants follows the pages to the end. A page size of 0 lets the server choose;
// leaving it out asks for everything at once, which is to be withdrawn.
func (r *Run) grants(ctx context.Context, s securable) ([]catalog.PrivilegeAssignment, error) {
	query := map[string]any{"max_results": 0}
	var all []catalog.PrivilegeAssignment
	tokens := pageTokens{}
	for {
		var page catalog.GetPermissionsResponse
		if err := r.clients.catalog().get(ctx, r.grantsPath(s), query, &page); err != nil {
			return nil, err
		}
		all = append(all, page.PrivilegeAssignments...)
		if page.NextPageToken == "" {
			return all, nil
		}
		if err := tokens.follow(page.NextPageToken); err != nil {
			return nil, err
		}
		query["page_token"] = page.NextPageToken
	}
}

// seesGrants tells whether the answer can be everybody's grants: to those who
// are neither metastore admin nor owner nor hold MANAGE, there or on what it is
// in, it is their own only.
func (r *Run) seesGrants(s securable, assignments []catalog.PrivilegeAssignment, managed map[string]bool) bool {
	if r.isStill(r.metastore.Owner) {
		return true
	}
	for _, label := range chainOf(s.label()) {
		if managed[label] || r.isStill(r.securables[label].Owner) { // as far as it was read
			return true
		}
	}
	return slices.ContainsFunc(assignments, func(a catalog.PrivilegeAssignment) bool { return !r.isSelf(a.Principal) })
}

func (r *Run) holdsManage(assignments []catalog.PrivilegeAssignment) bool {
	return slices.ContainsFunc(assignments, func(a catalog.PrivilegeAssignment) bool {
		return r.isStill(a.Principal) && slices.Contains(a.Privileges, catalog.PrivilegeManage)
	})
}

// isSelf tells whether a name of Unity Catalog is us or a group we are in.
func (r *Run) isSelf(name string) bool {
	return name != "" && (strings.EqualFold(name, r.clients.Self.Name) || slices.Contains(r.clients.Self.Groups, name))
}

// isStill is isSelf without the groups that we may have left.
func (r *Run) isStill(name string) bool { return r.isSelf(name) && !r.doubtful[name] }

func (r *Run) grantsResource(key plan.Key, s securable, assignments []catalog.PrivilegeAssignment) plan.Resource {
	res := plan.Resource{Key: key, ID: s.Name, Origin: s.Origin, Context: r.securableContext(s)}
	for _, a := range assignments {
		token := r.ucPrincipal(a.Principal)
		if token == "" {
			continue // what a deleted principal left behind, which nobody can revoke
		}
		f := plan.Field{Name: token}
		for _, p := range a.Privileges {
			privilege, _ := s.Type.privilege(string(p))
			f.Values = append(f.Values, privilege)
		}
		res.Fields = append(res.Fields, f)
		res.Refs = append(res.Refs, principalKey(accountTarget, token))
	}
	return res
}

// ucPrincipal turns a name of Unity Catalog into a token, "" for none: users
// are e-mails, service principals application ids, and all else is a group.
func (r *Run) ucPrincipal(name string) string {
	switch {
	case name == "":
		return ""
	case uuid.MatchString(name):
		return r.dir.spToken(name)
	case strings.Contains(name, "@") && !r.isGroup(name):
		return userToken(name)
	}
	return "group:" + r.dir.groupName(accountTarget, name)
}

func (r *Run) isGroup(name string) bool {
	return r.dir.account != nil && r.dir.account.hasGroup(name)
}

// ucName turns a token into a name of Unity Catalog.
func (r *Run) ucName(token string) string {
	kind, name, _ := strings.Cut(token, ":")
	if kind == "sp" {
		return r.dir.applicationID(token)
	}
	return name
}

// applyGrants sends one delta for all principals. Added and removed are
// disjoint; the server removes first, so that what ALL_PRIVILEGES covered and
// is still wanted is added again in the same change.
func applyGrants(ctx context.Context, r *Run, c plan.Change) error {
	s, ok := r.securables[c.Key.Name]
	if !ok {
		panic("reconcile: a change of a securable that was not read: " + c.Key.String())
	}
	var changes []catalog.PermissionsChange
	for _, d := range c.Deltas() {
		changes = append(changes, catalog.PermissionsChange{
			Principal: r.ucName(d.Field), Add: privileges(d.Added), Remove: privileges(d.Removed),
		})
	}
	body := catalog.UpdatePermissions{Changes: changes}
	err := r.untilKnown(ctx, func(err error) bool { return code(err) == principalMissing }, func() error {
		return r.clients.catalog().do(ctx, http.MethodPatch, r.grantsPath(s), nil, body, nil)
	})
	return grantError(err)
}

// seeGrants: what an answer leaves out is missing only where the answer is
// everybody's grants, which it need not be any more after what this run wrote.
func seeGrants(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeEach(ctx, changes, func(ctx context.Context, c plan.Change) ([]plan.Field, error) {
		s := r.securables[c.Key.Name]
		answer, err := r.grants(ctx, s)
		if err != nil {
			return nil, explain(err, "read grants")
		}
		managed := maps.Clone(r.managed)
		managed[s.label()] = r.holdsManage(answer)
		if !r.seesGrants(s, answer, managed) {
			return nil, fmt.Errorf("%s sees only its own grants there by now; it needs %s", r.clients.Self.Name, rights["read grants"])
		}
		res := r.grantsResource(c.Key, s, answer)
		return plan.NewState([]plan.Resource{res}).All()[0].Fields, nil
	})
}

func grantError(err error) error {
	if code(err) == principalMissing {
		return fmt.Errorf("%w (Unity Catalog knows users, groups and service principals of the account; not workspace-local groups)", err)
	}
	return err
}

func privileges(names []string) []catalog.Privilege {
	out := make([]catalog.Privilege, len(names))
	for i, n := range names {
		out[i] = catalog.Privilege(n)
	}
	return out
}
