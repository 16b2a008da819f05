package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Consumers are the principals that an entry is for, as facts call them: one, or
// the owners of a domain. Those whom the environment does not know are left out.
func (d *Declared) Consumers(c *spec.Consumption) []string {
	quiet := &Declaring{Declared: d} // its mistakes were told when the documents were declared
	var out []string
	for _, ref := range quiet.parties(c.Party) {
		if token, ok := quiet.resolve(ref, accountTarget); ok {
			out = append(out, token)
		}
	}
	return plan.Set(out)
}

// ReadMembers reads who is in some of the account groups that are declared, and
// nothing else: the lists of groups and service principals, one GET for each of
// these groups that is there, and the users among their members. A group that is
// not live has no members.
func ReadMembers(ctx context.Context, clients *Clients, declared *Declared, groups []plan.Key) (map[plan.Key][]string, error) {
	if clients.Account == nil {
		return nil, fmt.Errorf("environment %s has no account, which is where the groups of products are", declared.Env.Name)
	}
	r := newRun(&Clients{Account: clients.Account}, declared, Options{})
	var err error
	if r.dir, err = readDirectory(ctx, r.clients, nil); err != nil {
		return nil, err
	}
	r.bindAccount()
	found := make([]*liveGroup, len(groups))
	for i, key := range groups {
		if found[i], err = r.liveGroup(r.Names.byKey(key)); err != nil {
			return nil, err
		}
	}
	if err := r.readEach(ctx, found); err != nil {
		return nil, err
	}
	if err := r.nameMembers(ctx, groups, found); err != nil {
		return nil, err
	}
	members := map[plan.Key][]string{}
	for i, key := range groups {
		members[key] = r.tokens(found[i])
	}
	return members, nil
}

// bindAccount settles how facts call the principals of the account. What is
// wrong with documents that are not asked about is for a plan to tell.
func (r *Run) bindAccount() {
	ignore := func(*principal, string, ...any) {}
	r.bindExternal()
	for _, p := range r.Names.All() {
		switch {
		case p.Level == levelWorkspace:
		case p.Kind == kindGroup:
			r.bindGroup(p, r.dir.account, ignore)
		default:
			r.bindServicePrincipal(p, r.dir.account, ignore)
		}
	}
	r.nameTheRest()
	r.dir.account.index(r.dir)
	r.reword()
}

func (r *Run) readEach(ctx context.Context, groups []*liveGroup) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for _, live := range groups {
		if live == nil {
			continue
		}
		g.Go(func() error {
			full, err := r.readListed(ctx, live.ID)
			if err != nil {
				return fmt.Errorf("read group %s: %w", live.Name, explain(err, "read groups"))
			}
			live.Members = full.Members
			return nil
		})
	}
	return g.Wait()
}

// readListed reads a group that a list has shown. One that was made a moment ago
// may not be found at once.
func (r *Run) readListed(ctx context.Context, id string) (iam.Group, error) {
	deadline := time.Now().Add(r.Options.stale())
	for n := 1; ; n++ {
		g, err := r.dir.account.readGroup(ctx, id)
		if !missing(err) || !time.Now().Before(deadline) {
			return g, err
		}
		if stopped := sleep(ctx, nil, r.Options.pauseBefore(n)); stopped != nil {
			return g, errors.Join(err, stopped)
		}
	}
}

// nameMembers finds out what the members of groups are called.
func (r *Run) nameMembers(ctx context.Context, keys []plan.Key, groups []*liveGroup) error {
	var ids []string
	var unnamed []liveMembers
	for i, g := range groups {
		if g == nil {
			continue
		}
		ids = append(ids, userIDs(g.Members)...)
		unnamed = append(unnamed, liveMembers{r.Names.byKey(keys[i]), r.dir.account, g.Members})
	}
	if err := r.dir.account.findUsers(ctx, nil, plan.Set(ids)); err != nil {
		return err
	}
	return r.readUnlisted(ctx, unnamed)
}

func userIDs(members []iam.ComplexValue) []string {
	var ids []string
	for _, m := range members {
		if slices.Contains(resourcesOf(m), scimUsers.name) {
			ids = append(ids, m.Value)
		}
	}
	return ids
}

func (r *Run) tokens(g *liveGroup) []string {
	members := []string{}
	if g != nil {
		for _, m := range g.Members {
			members = append(members, r.dir.account.member(m.Value))
		}
	}
	return plan.Set(members)
}
