package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// readPrincipals fills the directory and checks every principal that the
// documents name against it.
func (r *Run) readPrincipals(ctx context.Context) error {
	local := map[string]bool{}
	for _, p := range r.Names.All() {
		if p.Kind == kindGroup && p.Level == levelWorkspace {
			local[p.Workspace] = true
		}
	}
	var err error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { r.dir, err = readDirectory(gctx, r.clients, local); return err })
	g.Go(func() error { return r.readMetastore(gctx) })
	if err = g.Wait(); err != nil {
		return err
	}
	for _, l := range r.dir.levels() {
		l.all = r.Options.AllUsers
	}
	r.nameOwnGroups()
	if err := r.bind(); err != nil {
		return err
	}
	r.reword()
	if err := r.readMembers(ctx); err != nil {
		return err
	}
	if err := r.readUsers(ctx); err != nil {
		return err
	}
	return r.readWatched(ctx)
}

// readMembers reads each account group in scope by id, since lists carry no
// members. Of groups that are somebody else's nobody needs them.
func (r *Run) readMembers(ctx context.Context) error {
	var groups []*liveGroup
	for _, p := range r.Names.All() {
		if p.Kind != kindGroup || !p.Managed() || p.Level == levelWorkspace {
			continue
		}
		live, err := r.liveGroup(p)
		if err != nil {
			return err
		}
		if live != nil {
			groups = append(groups, live)
		}
	}
	return r.readEach(ctx, groups)
}

// liveMembers are the members of a group that this environment manages.
type liveMembers struct {
	*principal
	*level
	Members []iam.ComplexValue
}

func (r *Run) managedMembers() ([]liveMembers, error) {
	var out []liveMembers
	for _, p := range r.Names.All() {
		if p.Kind != kindGroup || !p.Managed() {
			continue
		}
		live, err := r.liveGroup(p)
		if err != nil {
			return nil, err
		}
		if live != nil {
			out = append(out, liveMembers{p, r.dir.level(p.target()), live.Members})
		}
	}
	return out, nil
}

// readUsers looks up the users that documents name or that are members of what
// was read, and finds out who has left.
func (r *Run) readUsers(ctx context.Context) error {
	groups, err := r.managedMembers()
	if err != nil {
		return err
	}
	ids := map[*level][]string{}
	for _, g := range groups {
		ids[g.level] = append(ids[g.level], userIDs(g.Members)...)
	}
	top := r.dir.top()
	names := r.mentionedUsers(func(plan.Key) bool { return true })
	for _, l := range r.dir.levels() {
		wanted := names
		if l != top { // where only members of its own groups are called by id
			wanted = r.mentionedUsers(func(k plan.Key) bool { return k.Kind == kindGroup && k.Target == l.target })
		}
		if err := l.findUsers(ctx, wanted, plan.Set(ids[l])); err != nil {
			return err
		}
	}
	if none := func() []string { return nil }; top.all && !top.whole {
		if err := top.listUsers(ctx, none); err != nil {
			return fmt.Errorf("%s: %w", top.target, explain(err, "list users"))
		}
	}
	for _, n := range names {
		if u := top.users[n]; u == nil || !u.Active {
			r.departed[userToken(n)] = true
		}
	}
	return r.readUnlisted(ctx, groups)
}

// readPowerful looks up the users who hold rights that a plan may not take from
// an admin, to know which of them are admins.
func (r *Run) readPowerful(ctx context.Context, resources []plan.Resource) error {
	seen := map[string]bool{}
	for i := range resources {
		for _, f := range resources[i].Fields {
			for _, v := range f.Values {
				fact := plan.Fact{Key: resources[i].Key, Field: f.Name, Value: v}
				if name, ok := strings.CutPrefix(plan.Principal(fact), "user:"); ok && r.powerful(fact) {
					seen[name] = true
				}
			}
		}
	}
	return r.dir.top().findUsers(ctx, sortedKeys(seen), nil)
}

// mentionedUsers are the users whom claims on these resources name.
func (r *Run) mentionedUsers(of func(plan.Key) bool) []string {
	seen := map[string]bool{}
	r.eachToken(func(token string, k plan.Key, _ plan.Claim) {
		if name, ok := strings.CutPrefix(token, "user:"); ok && of(k) {
			seen[name] = true
		}
	})
	return sortedKeys(seen)
}

// eachToken visits every principal that a claim names.
func (r *Run) eachToken(visit func(token string, on plan.Key, c plan.Claim)) {
	for i := range r.Resources {
		for _, c := range r.Resources[i].Claims {
			if plan.IsPrincipal(c.Field) {
				visit(c.Field, r.Resources[i].Key, c)
			}
			if plan.IsPrincipal(c.Value) {
				visit(c.Value, r.Resources[i].Key, c)
			}
		}
	}
}

// checkReferences makes sure that principals that exist elsewhere do exist. Who
// is named in an entry that has ended may be gone.
func (r *Run) checkReferences(now time.Time) error {
	var mistakes []error
	reported := map[string]bool{}
	r.eachToken(func(token string, _ plan.Key, c plan.Claim) {
		if c.Want && c.Origin.InForce(now) && !reported[token] && !r.isKnown(token) {
			reported[token] = true
			mistakes = append(mistakes, spec.Errorf(specPos(c.Origin.Pos), "%s is %s", token, notFound(r.dir.top().target)))
		}
	})
	return errors.Join(append(mistakes, r.twins()...)...)
}

// twins reports names in ACLs that mean two groups in the workspace: one of the
// account, and one of its own, which would get the access.
func (r *Run) twins() []error {
	var mistakes []error
	for i := range r.Resources {
		res := &r.Resources[i]
		if res.Key.Kind != kindPermissions {
			continue
		}
		for _, c := range res.Claims {
			name, isGroup := strings.CutPrefix(c.Field, "group:")
			if !isGroup || r.dir.account == nil || r.dir.whereIs(res.Key.Target, name) == accountTarget {
				continue
			}
			if p := r.Names.byToken(c.Field, accountTarget); p != nil || len(r.dir.account.groups[name]) > 0 {
				mistakes = append(mistakes, spec.Errorf(specPos(c.Origin.Pos), "the account and workspace %s each have a group %s: an ACL cannot tell them apart; rename one", res.Key.Target, name))
			}
		}
	}
	return mistakes
}

// isKnown tells whether a group or service principal is declared or live.
func (r *Run) isKnown(token string) bool {
	kind, name, _ := strings.Cut(token, ":")
	for _, l := range r.dir.levels() {
		if r.Names.byToken(token, l.target) != nil {
			return true
		}
	}
	switch kind {
	case "group":
		if isSystemGroup(name) {
			return true
		}
		for _, l := range r.dir.levels() {
			if len(l.groups[name]) > 0 {
				return true
			}
		}
		return false
	case "sp":
		for _, l := range r.dir.levels() {
			if l.servicePrincipal(r.dir.applicationID(token)) != nil {
				return true
			}
		}
		return false
	}
	return true // users who are not there have departed
}

func (r *Run) warn(pos spec.Pos, format string, args ...any) {
	r.warnAll([]plan.Warning{{Pos: planPos(pos), Message: fmt.Sprintf(format, args...)}})
}

// liveGroup is the live group of a document, by its name or the one it had.
func (r *Run) liveGroup(p *principal) (*liveGroup, error) {
	l, local := r.dir.level(p.target()), p.Level == levelWorkspace
	g, err := l.group(p.Live, local)
	if g != nil || err != nil {
		return g, err
	}
	for _, before := range p.Previously {
		if r.dir.renamed[place{l.target, before}] == p.Live {
			return l.group(before, local)
		}
	}
	return nil, nil
}

func (r *Run) liveServicePrincipal(p *principal) *livePrincipal {
	id, ok := r.dir.knownApplicationID(p.token())
	if !ok {
		return nil
	}
	return r.dir.level(p.target()).servicePrincipal(id)
}

// seenAt is a principal as one level shows it: in a workspace, an account
// principal is seen only where it is assigned.
func (r *Run) seenAt(l *level, p *principal) (*liveGroup, *livePrincipal, error) {
	if p.Kind == kindServicePrincipal {
		if sp := r.liveServicePrincipal(p); sp != nil {
			return nil, l.servicePrincipal(sp.ApplicationID), nil
		}
		return nil, nil, nil
	}
	own, err := r.liveGroup(p)
	if own == nil || err != nil {
		return nil, nil, err
	}
	g, err := l.group(own.Name, p.Level == levelWorkspace)
	return g, nil, err
}
