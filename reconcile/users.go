package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
)

// findUsers makes sure that the users with these names and ids are known if
// they exist, by listing on or by filters, whichever needs fewer requests. What
// a list does not hold is asked for once more: one that changes while it is read
// can leave a user out.
func (l *level) findUsers(ctx context.Context, names, ids []string) error {
	missing := func() []string { return l.missingUsers(names, ids) }
	if len(missing()) == 0 {
		return nil
	}
	if !l.whole && (l.all || l.pages == 0 || l.pages <= filterRequests(missing())) {
		if err := l.listUsers(ctx, missing); err != nil {
			return fmt.Errorf("%s: %w", l.target, explain(err, "list users"))
		}
	}
	return l.filterUsers(ctx, missing())
}

// filterRequests is how many requests it takes to ask for users on their own.
func filterRequests(filters []string) int {
	return requestsPerFilter * ceil(len(filters), namesPerFilter)
}

// listUsers reads the list of users as long as that takes fewer requests than to
// ask for those that are missing yet.
func (l *level) listUsers(ctx context.Context, missing func() []string) error {
	read := 0
	l.whole = true
	_, err := scimUsers.list(ctx, l.scim, userAttributes, "", func(p page[iam.User]) bool {
		l.addUsers(p.Resources)
		read += len(p.Resources)
		if l.pages == 0 {
			l.pages = 1 + ceil(p.TotalResults, len(p.Resources))
		}
		left := 1 + ceil(p.TotalResults-read, len(p.Resources))
		l.whole = l.all || left <= filterRequests(missing())
		return l.whole
	})
	return err
}

// missingUsers are filters for the users who are not known and were not asked
// for on their own.
func (l *level) missingUsers(names, ids []string) []string {
	var filters []string
	for _, n := range names {
		if l.users[n] == nil {
			filters = append(filters, "userName eq "+quoted(n))
		}
	}
	for _, id := range ids {
		if _, ok := l.names[id]; !ok {
			filters = append(filters, "id eq "+quoted(id))
		}
	}
	return slices.DeleteFunc(filters, func(f string) bool { return l.asked[f] })
}

// filterUsers asks for those that the pages read so far do not hold.
func (l *level) filterUsers(ctx context.Context, filters []string) error {
	for chunk := range slices.Chunk(filters, namesPerFilter) {
		users, err := scimUsers.list(ctx, l.scim, userAttributes, strings.Join(chunk, " or "), nil)
		if err != nil {
			return fmt.Errorf("%s: %w", l.target, explain(err, "list users"))
		}
		l.addUsers(users)
		for _, f := range chunk {
			l.asked[f] = true
		}
	}
	return nil
}

func (l *level) addUsers(users []iam.User) {
	for _, u := range users {
		p := &livePrincipal{
			ID: u.Id, Name: strings.ToLower(u.UserName), ExternalID: u.ExternalId, Active: u.Active, Roles: values(u.Roles),
		}
		l.users[p.Name] = p
		l.names[p.ID] = "user:" + p.Name
	}
}
