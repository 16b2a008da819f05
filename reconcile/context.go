package reconcile

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"
	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/plan"
)

// What live resources know beside the facts that are compared: owners that nobody
// declared, isolation and bindings of catalogs, levels that objects inherit, and
// members of groups that are somebody else's. Who can do what rests on it too.

const isolated = "ISOLATED"

// securableContext is what is known of a securable beside its grants.
func (r *Run) securableContext(s securable) []plan.Field {
	var out []plan.Field
	if token := r.ucPrincipal(s.Owner); token != "" {
		out = append(out, plan.Field{Name: plan.ContextOwner, Values: []string{token}})
	}
	if s.Isolation == "" {
		return out
	}
	out = append(out, plan.Field{Name: plan.ContextIsolation, Values: []string{s.Isolation}})
	if bound, ok := r.bindings[s.Name]; ok {
		out = append(out, plan.Field{Name: plan.ContextBinding, Values: slices.Clone(bound)})
	}
	return out
}

// isolation is the isolation mode that a catalog has; other types have none that
// access depends on.
func isolation(t *securableType, item map[string]any) string {
	if t.Name != "catalog" {
		return ""
	}
	return dig(item, "isolation_mode")
}

// readBindings reads to which workspaces the isolated catalogs in scope are bound,
// one request each and one more per further page. One that we may not read stays
// unknown.
func (r *Run) readBindings(ctx context.Context) error {
	var names []string
	for _, key := range sortedKeys(r.securables) {
		if s := r.securables[key]; s.Isolation == isolated {
			names = append(names, s.Name)
		}
	}
	found := make([][]string, len(names))
	known := make([]bool, len(names))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Options.concurrency())
	for i, name := range names {
		g.Go(func() (err error) {
			found[i], err = r.bindingsOf(ctx, name)
			known[i] = err == nil
			if ctx.Err() != nil || Unauthenticated(err) {
				return err
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	r.bindings = map[string][]string{}
	for i, name := range names {
		if known[i] {
			r.bindings[name] = found[i]
		}
	}
	return nil
}

func (r *Run) bindingsOf(ctx context.Context, catalog string) ([]string, error) {
	query := map[string]any{"max_results": 0}
	out := []string{}
	tokens := pageTokens{}
	for {
		var page struct {
			Bindings []struct {
				WorkspaceID int64  `json:"workspace_id"`
				BindingType string `json:"binding_type"`
			} `json:"bindings"`
			NextPageToken string `json:"next_page_token"`
		}
		if err := r.clients.catalog().do(ctx, http.MethodGet, uc+"bindings/catalog/"+escaped(catalog), query, nil, &page); err != nil {
			return nil, err
		}
		for _, b := range page.Bindings {
			out = append(out, r.workspaceName(b.WorkspaceID)+" "+strings.TrimPrefix(b.BindingType, "BINDING_TYPE_"))
		}
		if page.NextPageToken == "" {
			return out, nil
		}
		if err := tokens.follow(page.NextPageToken); err != nil {
			return nil, err
		}
		query["page_token"] = page.NextPageToken
	}
}

// workspaceName is the name of one of the environment's workspaces, of others # and
// the id.
func (r *Run) workspaceName(id int64) string {
	for _, w := range r.clients.Workspaces {
		if w.ID == id {
			return w.Name
		}
	}
	return "#" + strconv.FormatInt(id, 10)
}

// ownersAbove are the owners of the metastore, and of catalogs out of scope that hold
// something in it, as facts: whoever owns a container manages what is in it.
func (r *Run) ownersAbove(read []plan.Resource) []plan.Resource {
	have := map[plan.Key]bool{}
	for i := range read {
		have[read[i].Key] = true
	}
	var out []plan.Resource
	add := func(name, owner string) {
		key := plan.Key{Kind: kindOwner, Target: metastoreTarget, Name: name}
		grants := plan.Key{Kind: kindGrants, Target: metastoreTarget, Name: name}
		if token := r.ucPrincipal(owner); token != "" && !have[key] && !have[grants] {
			out = append(out, plan.Resource{Key: key, Authority: plan.External, Single: true, Late: true, Fields: ownerFields(token)})
		}
	}
	if r.metastore.ID != "" {
		add("metastore/"+metastoreName, r.metastore.Owner)
	}
	for _, name := range sortedKeys(r.catalogOwners) {
		add("catalog/"+name, r.catalogOwners[name])
	}
	return out
}

// inheritedLevels are the levels of an ACL that come from above. What admins have
// everywhere is left out.
func (r *Run) inheritedLevels(workspace string, t *objectType, acl []iam.AccessControlResponse) []plan.Field {
	var out []plan.Field
	for _, e := range acl {
		f := plan.Field{}
		for _, p := range e.AllPermissions {
			if !p.Inherited || e.GroupName == adminsGroup {
				continue
			}
			level, _ := t.level(string(p.PermissionLevel))
			for _, from := range p.InheritedFromObject {
				f.Values = append(f.Values, level+" "+from)
			}
			if len(p.InheritedFromObject) == 0 { // from where, nobody says
				f.Values = append(f.Values, level)
			}
		}
		if len(f.Values) > 0 {
			f.Name = plan.ContextInherited + r.aclPrincipal(workspace, e)
			out = append(out, f)
		}
	}
	return out
}

// watchedMembers are the members of a group that somebody else fills, where they
// were read.
func (r *Run) watchedMembers(group string) []plan.Field {
	members, ok := r.watched[group]
	if !ok {
		return nil
	}
	f := plan.Field{Name: plan.ContextMember}
	for _, m := range members {
		if token := r.dir.account.member(m.Value); token != "" {
			f.Values = append(f.Values, token)
		}
	}
	return []plan.Field{f}
}

// watchedGroups are the groups of which members were read and that no document has.
func (r *Run) watchedGroups(read []plan.Resource) []plan.Resource {
	have := map[plan.Key]bool{}
	for i := range read {
		have[read[i].Key] = true
	}
	var out []plan.Resource
	for _, name := range sortedKeys(r.watched) {
		key := plan.Key{Kind: kindGroup, Target: accountTarget, Name: name}
		if live, err := r.dir.account.group(name, false); !have[key] && live != nil && err == nil {
			out = append(out, plan.Resource{
				Key: key, ID: live.ID, Presence: plan.Present, Authority: plan.External, Context: r.watchedMembers(name),
			})
		}
	}
	return out
}
