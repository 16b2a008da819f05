package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
)

// nestingLimit is how deep groups may be nested (Databricks resource limits).
const nestingLimit = 10

// nameOwnGroups finds the names of the account groups that we are in by their
// ids, which are those of workspaces too: groups of a workspace can have the same
// names, and own nothing in Unity Catalog.
func (r *Run) nameOwnGroups() {
	self, account := &r.clients.Self, r.dir.account
	self.Groups = []string{accountUsersGroup} // everybody is
	if account == nil {
		return
	}
	for _, name := range sortedKeys(account.groups) {
		if slices.ContainsFunc(account.groups[name], func(g *liveGroup) bool { return self.groupIDs[g.ID] }) {
			self.Groups = append(self.Groups, name)
		}
	}
}

// joinOwners finds out whether we are in the groups that own the metastore or
// catalogs, which a workspace does not tell of groups that are not
// assigned to it. The metastore's owner sees everything, so it is asked first.
func (r *Run) joinOwners(ctx context.Context, owners []string) error {
	m := memberships{run: r, members: map[string][]iam.ComplexValue{}}
	for _, owner := range append([]string{r.metastore.Owner}, owners...) {
		if r.isSelf(r.metastore.Owner) {
			return nil
		}
		if !r.isGroup(owner) || r.isSelf(owner) {
			continue
		}
		in, err := m.inGroup(ctx, owner, nestingLimit)
		if err != nil {
			return err
		}
		if in {
			r.clients.Self.Groups = append(r.clients.Self.Groups, owner)
		}
	}
	return nil
}

// memberships reads the members of each group once.
type memberships struct {
	run     *Run
	members map[string][]iam.ComplexValue // by group name
}

// inGroup tells whether we are a member of a group, directly or through others.
func (m *memberships) inGroup(ctx context.Context, name string, depth int) (bool, error) {
	members, err := m.of(ctx, name)
	if err != nil || depth == 0 {
		return false, err
	}
	self := m.run.clients.Self.ID
	if slices.ContainsFunc(members, func(v iam.ComplexValue) bool { return v.Value == self }) {
		return true, nil
	}
	for _, v := range members {
		if nested, ok := strings.CutPrefix(m.run.dir.account.member(v.Value), "group:"); ok {
			if in, err := m.inGroup(ctx, nested, depth-1); in || err != nil {
				return in, err
			}
		}
	}
	return false, nil
}

func (m *memberships) of(ctx context.Context, name string) ([]iam.ComplexValue, error) {
	if members, read := m.members[name]; read {
		return members, nil
	}
	account := m.run.dir.account
	g, err := account.group(name, false)
	if g == nil || err != nil {
		return nil, err
	}
	members := g.Members // those of the groups that are managed here are read by now
	if len(members) == 0 {
		full, err := account.readGroup(ctx, g.ID)
		if err != nil {
			return nil, fmt.Errorf("read group %s: %w", name, explain(err, "read groups"))
		}
		members = full.Members
	}
	m.members[name] = members
	return members, nil
}
