package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Groups that somebody else fills, and whose members are looked at all the same:
// synced groups of products, to be compared with their entries, and groups whose
// members hold the roles in which access was approved.

// readWatched reads the members of these groups and of the groups in them, one
// GET per group.
func (r *Run) readWatched(ctx context.Context) error {
	if r.dir.account == nil {
		return nil
	}
	r.watched = map[string][]iam.ComplexValue{}
	for next := r.toWatch(); len(next) > 0; {
		found, err := r.readGroups(ctx, next)
		if err != nil {
			return err
		}
		next = r.nested(found)
	}
	var ids []string
	for _, members := range r.watched {
		for _, m := range members {
			if slices.Contains(resourcesOf(m), scimUsers.name) {
				ids = append(ids, m.Value)
			}
		}
	}
	return r.dir.account.findUsers(ctx, nil, plan.Set(ids))
}

// readGroups reads groups by name; those that do not exist have no members.
func (r *Run) readGroups(ctx context.Context, names []string) ([]iam.ComplexValue, error) {
	members := make([][]iam.ComplexValue, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for i, name := range names {
		live, err := r.dir.account.group(name, false)
		if err != nil || live == nil {
			continue // told where the name is used
		}
		g.Go(func() error {
			full, err := r.dir.account.readGroup(ctx, live.ID)
			if err != nil {
				return fmt.Errorf("read group %s: %w", name, explain(err, "read groups"))
			}
			members[i] = full.Members
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, name := range names {
		r.watched[name] = members[i]
	}
	return slices.Concat(members...), nil
}

// nested are the groups among members that were not read yet.
func (r *Run) nested(members []iam.ComplexValue) []string {
	seen := map[string]bool{}
	for _, m := range members {
		if name, ok := strings.CutPrefix(r.dir.account.member(m.Value), "group:"); ok && r.unwatched(name) {
			seen[name] = true
		}
	}
	return sortedKeys(seen)
}

// unwatched tells whether the members of a group are not known yet.
func (r *Run) unwatched(name string) bool {
	if _, ok := r.watched[name]; ok {
		return false
	}
	p := r.Names.at("group:"+name, accountTarget)
	return p == nil || !p.Managed()
}

// toWatch names the groups to begin with.
func (r *Run) toWatch() []string {
	w := watch{Run: r, unread: map[string]bool{}, seen: map[string]bool{}}
	for _, p := range r.Names.All() {
		if p.Derived != nil && !p.Managed() {
			w.unread[p.Live] = true
		}
	}
	quiet := &Declaring{Declared: r.Declared} // its mistakes were told when the documents were declared
	for _, ref := range r.approvers() {
		if token, ok := quiet.resolve(ref, accountTarget); ok && plan.IsGroup(token) {
			w.group(token)
		}
	}
	return sortedKeys(w.unread)
}

// watch finds the groups of which the documents do not say who is in them.
type watch struct {
	*Run
	unread, seen map[string]bool
}

// group looks at a group, and where the documents fill it, at the groups in it.
func (w *watch) group(token string) {
	if w.seen[token] {
		return
	}
	w.seen[token] = true
	if name := strings.TrimPrefix(token, "group:"); w.unwatched(name) {
		w.unread[name] = true
		return
	}
	key := principalKey(accountTarget, token)
	i, ok := slices.BinarySearchFunc(w.Resources, key, func(r plan.Resource, k plan.Key) int { return r.Key.Compare(k) })
	if !ok {
		return
	}
	for _, c := range w.Resources[i].Claims {
		if c.Field == fieldMember && plan.IsGroup(c.Value) {
			w.group(c.Value)
		}
	}
}

// approvers are those of whose members it matters whether somebody is among them:
// the holders of the roles in which access of this environment was approved or
// started, and the owners of the domains for which nobody else can be a manager,
// where no list of persons settles it offline.
func (r *Run) approvers() []spec.Ref {
	var out []spec.Ref
	for _, c := range r.Catalogue.Consumptions {
		if !c.Environments.Includes(r.Env.Name) {
			continue
		}
		for _, a := range c.Approvals {
			out = append(out, r.holders(a.Role.Value, a.By.Value, c.Product)...)
		}
		if c.Emergency() {
			for _, role := range r.Project.Access.Emergency.MayStart {
				out = append(out, r.holders(role.Value, c.Requester, c.Product)...)
			}
		}
	}
	for i := range r.Uses {
		for _, a := range r.Uses[i].Terms.Approvals {
			out = append(out, r.holders(a.Role.Value, a.By.Value, r.Uses[i].Provider)...)
		}
	}
	return out
}

// holders are those among whom a person is to be found, or as a manager is not;
// nobody where the person is named.
func (r *Run) holders(role, email string, product *spec.Product) []spec.Ref {
	holder, _ := r.Project.Roles.Get(role)
	refs := holder.Holders()
	if role == spec.RoleManager || role == spec.RoleDomainOwner {
		domain := r.Catalogue.Domain(product)
		if domain == nil || domain.Approves(email) {
			return nil
		}
		refs = domain.Owners
	}
	if slices.ContainsFunc(refs, func(ref spec.Ref) bool { return strings.EqualFold(ref.User.Value, email) }) {
		return nil
	}
	return refs
}

// Members are the direct members of a group of the account as facts call them;
// false for a group that was not read.
func (r *Run) Members(group string) ([]string, bool) {
	name := strings.TrimPrefix(group, "group:")
	if members, ok := r.watched[name]; ok {
		tokens := make([]string, 0, len(members))
		for _, m := range members {
			if token := r.dir.account.member(m.Value); token != "" {
				tokens = append(tokens, token)
			}
		}
		return plan.Set(tokens), true
	}
	live, ok := r.Live.Get(principalKey(accountTarget, group))
	if !ok || live.Authority == plan.External {
		return nil, false
	}
	f, read := live.Field(fieldMember)
	return f.Values, read
}

// Owned tells whether the undeclared access of a principal may be removed, by
// what the repository says of it.
func (d *Declared) Owned(token string) bool {
	kind, name, _ := strings.Cut(token, ":")
	if kind == "sp" {
		kind = kindServicePrincipal
		if p := d.Names.byToken(token, accountTarget); p != nil {
			name = p.Live
		}
	}
	return d.Names.owned(kind, name)
}
