package reconcile

import (
	"context"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"
)

// Heads counts who is in groups of the account that somebody else fills, by their
// names in facts: users and service principals, those of the groups in them too, each
// once. It takes one GET per group that was not read yet. A group that does not exist
// yet has nobody in it; one that cannot be read is left out, and so is one in which
// there is such a group.
func (r *Run) Heads(ctx context.Context, groups []string) (map[string]int, error) {
	out := map[string]int{}
	if r.dir.account == nil || len(groups) == 0 {
		return out, nil
	}
	h := heads{Run: r, members: map[string][]iam.ComplexValue{}, unread: map[string]bool{}}
	for next := groups; len(next) > 0; next = h.nested() {
		if err := h.read(ctx, next); err != nil {
			return nil, err
		}
	}
	for _, g := range groups {
		if n, ok := h.count(g); ok {
			out[g] = n
		}
	}
	return out, nil
}

// heads are the members of groups as they are read, by token.
type heads struct {
	*Run
	members map[string][]iam.ComplexValue
	unread  map[string]bool
}

// read asks for the members of these groups.
func (h *heads) read(ctx context.Context, groups []string) error {
	found := make([][]iam.ComplexValue, len(groups))
	failed := make([]error, len(groups))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(h.Options.concurrency())
	for i, token := range groups {
		name := strings.TrimPrefix(token, "group:")
		if known, ok := h.watched[name]; ok {
			found[i] = known
			continue
		}
		live, err := h.dir.account.group(name, false)
		if live == nil {
			failed[i] = err // two of one name; one that is not there has nobody
			continue
		}
		g.Go(func() error {
			full, err := h.dir.account.readGroup(gctx, live.ID)
			if err != nil {
				failed[i] = err
				return ctx.Err()
			}
			found[i] = full.Members
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, token := range groups {
		h.members[token], h.unread[token] = found[i], failed[i] != nil
	}
	return nil
}

// nested are the groups among the members that are not read yet, sorted.
func (h *heads) nested() []string {
	seen := map[string]bool{}
	for _, members := range h.members {
		for _, m := range members {
			if token, ok := h.groupOf(m); ok {
				if _, read := h.members[token]; !read {
					seen[token] = true
				}
			}
		}
	}
	return sortedKeys(seen)
}

// groupOf is the group that a member is.
func (h *heads) groupOf(m iam.ComplexValue) (string, bool) {
	token := h.dir.account.member(m.Value)
	return token, strings.HasPrefix(token, "group:")
}

// count is how many heads a group has; false if that is not known.
func (h *heads) count(group string) (int, bool) {
	seen := map[string]bool{group: true}
	heads := map[string]bool{}
	queue := []string{group}
	for i := 0; i < len(queue); i++ {
		if h.unread[queue[i]] {
			return 0, false
		}
		for _, m := range h.members[queue[i]] {
			token, isGroup := h.groupOf(m)
			switch {
			case !isGroup:
				heads[m.Value] = true
			case !seen[token]:
				seen[token] = true
				queue = append(queue, token)
			}
		}
	}
	return len(heads), true
}
