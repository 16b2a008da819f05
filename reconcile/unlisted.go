package reconcile

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// Members of groups that no list holds: those who are gone, and those whom a list
// left out or does not show. Only a 404 of their own tells which; all others stay
// where they are.

// readUnlisted asks for each member of these groups that is not known, by id.
func (r *Run) readUnlisted(ctx context.Context, groups []liveMembers) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	var mu sync.Mutex // guards there
	there := map[*level]map[string]bool{}
	for _, group := range groups {
		for _, m := range group.Members {
			l := group.level
			if l.member(m.Value) != "" {
				continue
			}
			l.addUnlisted(m)
			if there[l] == nil {
				there[l] = map[string]bool{}
			}
			g.Go(func() error {
				gone, err := l.gone(ctx, m)
				mu.Lock()
				defer mu.Unlock()
				there[l][m.Value] = !gone
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, group := range groups {
		for _, m := range group.Members {
			if there[group.level][m.Value] {
				r.keepUnlisted(group, m.Value)
			}
		}
	}
	return nil
}

// keepUnlisted keeps a member of whom nobody can say who it is.
func (r *Run) keepUnlisted(group liveMembers, id string) {
	token := group.level.member(id)
	r.unknownMembers[plan.Fact{Key: group.principal.key(), Field: fieldMember, Value: token}] = true
	r.warn(group.principal.Pos, "group %s has a member of the id %s that no list of %s holds: it stays", group.principal.Live, id, group.level.target)
}

// gone tells whether the server says of a member's id that there is nobody of it.
func (l *level) gone(ctx context.Context, m iam.ComplexValue) (bool, error) {
	for _, resource := range resourcesOf(m) {
		var answer struct {
			ID string `json:"id"`
		}
		err := l.get(ctx, l.path(resource, m.Value), map[string]any{"attributes": "id"}, &answer)
		if Unauthenticated(err) || ctx.Err() != nil {
			return false, fmt.Errorf("%s: read member %s: %w", l.target, m.Value, err)
		}
		if !missing(err) {
			return false, nil
		}
	}
	return true, nil
}

// resourcesOf are the collections that a member may be in.
func resourcesOf(m iam.ComplexValue) []string {
	all := []string{"Users", "Groups", "ServicePrincipals"}
	for _, resource := range all {
		if strings.HasPrefix(m.Ref, resource+"/") {
			return []string{resource}
		}
	}
	return all
}

// addUnlisted gives a token to a member that no list holds: one that no listed
// principal has, whatever its name.
func (l *level) addUnlisted(m iam.ComplexValue) {
	kind := map[string]string{"Groups": "group:", "ServicePrincipals": "sp:"}[resourcesOf(m)[0]]
	if kind == "" {
		kind = "user:"
	}
	token := kind + "#" + m.Value
	for l.isTaken(token) {
		token = kind + "#" + strings.TrimPrefix(token, kind)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unlisted[m.Value], l.ids[token] = token, m.Value
}

// isTaken tells whether a group, or a service principal, is called so.
func (l *level) isTaken(token string) bool {
	kind, name, _ := strings.Cut(token, ":")
	if kind == "group" {
		return l.hasGroup(name)
	}
	for _, t := range l.names {
		if t == token {
			return true
		}
	}
	return false
}

// unlistedID is the id behind the token of a member that no list holds.
func (l *level) unlistedID(token string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, ok := l.ids[token]
	return id, ok
}
