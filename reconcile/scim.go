package reconcile

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/databricks/databricks-sdk-go/service/iam"
)

const workspaceSCIM = "/api/2.0/preview/scim/v2"

// System groups: never created, renamed or deleted.
const (
	adminsGroup       = "admins"
	usersGroup        = "users"
	accountUsersGroup = "account users"
)

func isSystemGroup(name string) bool {
	return name == adminsGroup || name == usersGroup || name == accountUsersGroup
}

// scim speaks SCIM 2.0 with one level: the account, or a workspace.
type scim struct {
	*wire
	base string
}

func accountSCIM(w *wire) scim {
	return scim{w, "/api/2.0/accounts/" + w.api.Config.AccountID + "/scim/v2"}
}

// scimPage is how many items a page of a list holds at most.
const scimPage = 10000

// page is one page of a SCIM list; Resources is absent past the end.
type page[T any] struct {
	Schemas      []string `json:"schemas"`
	TotalResults int      `json:"totalResults"`
	Resources    []T      `json:"Resources"`
}

// collection is one kind of SCIM resource: its place in paths, and what every
// item of it must have.
type collection[T any] struct {
	name     string
	identity func(T) (id, name string)
}

var (
	scimUsers             = collection[iam.User]{"Users", func(u iam.User) (id, name string) { return u.Id, u.UserName }}
	scimGroups            = collection[iam.Group]{"Groups", func(g iam.Group) (id, name string) { return g.Id, g.DisplayName }}
	scimServicePrincipals = collection[iam.ServicePrincipal]{"ServicePrincipals", func(sp iam.ServicePrincipal) (id, name string) { return sp.Id, sp.ApplicationId }}
)

// list follows pages until the empty one, and fails if fewer items came than the
// server says there are: what is missing would look deleted. more is asked after
// every page that was not empty and may end the listing early; nil follows to
// the end. An item that moved to a later page while the list was read is in it
// once.
func (c collection[T]) list(ctx context.Context, s scim, attributes, filter string, more func(page[T]) bool) ([]T, error) {
	var all []T
	seen := map[string]bool{}
	for start := 1; ; {
		query := map[string]any{"startIndex": start, "count": scimPage, "attributes": attributes}
		if filter != "" {
			query["filter"] = filter
		}
		var p page[T]
		if err := s.get(ctx, s.base+"/"+c.name, query, &p); err != nil {
			return nil, fmt.Errorf("list %s: %w", c.name, err)
		}
		fresh, err := c.fresh(p, seen)
		all = append(all, fresh...)
		switch {
		case err != nil:
			return nil, fmt.Errorf("list %s: %w", c.name, err)
		case len(p.Resources) == 0 && len(all) < p.TotalResults:
			return nil, fmt.Errorf("list %s: %d of %d items came", c.name, len(all), p.TotalResults)
		case len(p.Resources) == 0:
			return all, nil
		case len(fresh) == 0:
			return nil, fmt.Errorf("list %s: the page that begins with item %d repeats what came before", c.name, start)
		case more != nil && !more(p):
			return all, nil
		}
		start += len(p.Resources)
	}
}

// fresh checks a page and returns what no page before it held.
func (c collection[T]) fresh(p page[T], seen map[string]bool) ([]T, error) {
	if len(p.Schemas) == 0 && p.TotalResults == 0 && len(p.Resources) == 0 {
		return nil, errors.New("the answer is no list")
	}
	var fresh []T
	for _, item := range p.Resources {
		id, name := c.identity(item)
		if id == "" || name == "" {
			return nil, fmt.Errorf("an item lacks its id or name (id %q, name %q)", id, name)
		}
		if !seen[id] {
			seen[id] = true
			fresh = append(fresh, item)
		}
	}
	return fresh, nil
}

func (s scim) path(resource, id string) string { return s.base + "/" + resource + "/" + id }

// readGroup reads one group with its members.
func (s scim) readGroup(ctx context.Context, id string) (iam.Group, error) {
	var g iam.Group
	err := s.get(ctx, s.path("Groups", id), nil, &g)
	if err == nil && g.Id == "" {
		err = errors.New("the answer is no group")
	}
	return g, err
}

func (s scim) patch(ctx context.Context, resource, id string, ops []iam.Patch) error {
	body := iam.PatchGroupRequest{
		Schemas:    []iam.PatchSchema{iam.PatchSchemaUrnIetfParamsScimApiMessages20PatchOp},
		Operations: ops,
	}
	return s.do(ctx, http.MethodPatch, s.path(resource, id), nil, body, nil)
}

func (s scim) delete(ctx context.Context, resource, id string) error {
	err := s.do(ctx, http.MethodDelete, s.path(resource, id), nil, nil, nil)
	if missing(err) {
		return nil // gone already, or by an attempt whose answer was lost
	}
	return err
}

// valueList is how SCIM writes a set of values.
func valueList(values []string) []map[string]string {
	list := make([]map[string]string, len(values))
	for i, v := range values {
		list[i] = map[string]string{"value": v}
	}
	return list
}
