package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
)

// seeGroups reads each group by id: lists of the account hold no members.
func seeGroups(ctx context.Context, r *Run, changes []plan.Change) []glance {
	found := make([]iam.Group, len(changes))
	at := map[plan.Key]int{}
	for i, c := range changes {
		at[c.Key] = i
	}
	out := r.seeEach(ctx, changes, func(ctx context.Context, c plan.Change) (_ []plan.Field, err error) {
		l := r.dir.level(c.Key.Target)
		_, id, err := r.scimObject(l, byToken(c))
		if err == nil {
			found[at[c.Key]], err = l.readGroup(ctx, id)
		}
		return nil, explain(err, "read groups")
	})
	for i, c := range changes {
		if out[i].gone || out[i].err != nil {
			continue
		}
		members, err := r.membersOf(ctx, c.Key, found[i].Members)
		out[i] = glance{err: err, fields: []plan.Field{
			{Name: fieldMember, Values: members}, {Name: fieldName, Values: []string{found[i].DisplayName}},
		}}
	}
	return out
}

// byToken is a change of a principal itself under the name by which facts call it.
func byToken(c plan.Change) plan.Change {
	prefix := "group:"
	if c.Key.Kind == kindServicePrincipal {
		prefix = "sp:"
	}
	c.Key.Name = prefix + c.Key.Name
	return c
}

// membersOf names members. Those whom this run did not read, somebody else has
// added: they are looked up.
func (r *Run) membersOf(ctx context.Context, group plan.Key, members []iam.ComplexValue) ([]string, error) {
	l := r.dir.level(group.Target)
	var unknown []iam.ComplexValue
	for _, m := range members {
		if l.member(m.Value) == "" {
			unknown = append(unknown, m)
		}
	}
	if len(unknown) > 0 {
		if err := l.findUsers(ctx, nil, plan.Set(userIDs(unknown))); err != nil {
			return nil, fmt.Errorf("who its members are: %w", err)
		}
	}
	tokens := make([]string, len(members))
	for i, m := range members {
		if tokens[i] = l.member(m.Value); tokens[i] == "" {
			l.addUnlisted(m)
			tokens[i] = l.member(m.Value)
		}
	}
	return plan.Set(tokens), nil
}

func seeServicePrincipals(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeEach(ctx, changes, func(ctx context.Context, c plan.Change) ([]plan.Field, error) {
		l := r.dir.level(c.Key.Target)
		resource, id, err := r.scimObject(l, byToken(c))
		if err != nil {
			return nil, err
		}
		var sp iam.ServicePrincipal
		err = l.get(ctx, l.path(resource, id), map[string]any{"attributes": "id,displayName,active"}, &sp)
		if err == nil && sp.Id != id {
			err = fmt.Errorf("the answer is not about service principal %s", id)
		}
		return []plan.Field{
			{Name: fieldActive, Values: []string{fmt.Sprint(sp.Active)}}, {Name: fieldName, Values: []string{sp.DisplayName}},
		}, err
	})
}

func seeRoles(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeAttribute(ctx, changes, rolesAttribute)
}

func seeEntitlements(ctx context.Context, r *Run, changes []plan.Change) []glance {
	return r.seeAttribute(ctx, changes, entitlementsAttribute)
}

// seeAttribute reads an attribute of principals: one by one, or where that takes
// fewer requests in the list of their collection.
func (r *Run) seeAttribute(ctx context.Context, changes []plan.Change, a scimAttribute) []glance {
	var single []plan.Change
	listed := map[collectionPlace]map[string]plan.Field{}
	failed := map[collectionPlace]error{}
	for _, at := range collectionsOf(changes) {
		l := r.dir.level(at.target)
		if at.changes > l.listCost(at.resource) {
			listed[at.collectionPlace], failed[at.collectionPlace] = l.listAttribute(ctx, at.resource, a)
		}
	}
	out := make([]glance, len(changes))
	var singly []int
	for i, c := range changes {
		at := placeOfPrincipal(c)
		found, isListed := listed[at]
		if !isListed {
			single, singly = append(single, c), append(singly, i)
			continue
		}
		_, id, unknown := r.scimObject(r.dir.level(at.target), c)
		field, ok := found[id]
		out[i] = glance{fields: []plan.Field{field}, gone: !ok, err: cmp.Or(failed[at], unknown)}
	}
	for n, s := range r.seeEach(ctx, single, func(ctx context.Context, c plan.Change) ([]plan.Field, error) {
		l := r.dir.level(c.Key.Target)
		resource, id, err := r.scimObject(l, c)
		if err != nil {
			return nil, err
		}
		return l.readAttribute(ctx, resource, id, a)
	}) {
		out[singly[n]] = s
	}
	return out
}

// collectionPlace is where principals are listed.
type collectionPlace struct{ target, resource string }

func placeOfPrincipal(c plan.Change) collectionPlace {
	return collectionPlace{c.Key.Target, collectionOf(c.Key.Name)}
}

type countedPlace struct {
	collectionPlace
	changes int
}

// collectionsOf counts the changes by collection.
func collectionsOf(changes []plan.Change) []countedPlace {
	var out []countedPlace
	for _, c := range changes {
		at := placeOfPrincipal(c)
		i := slices.IndexFunc(out, func(p countedPlace) bool { return p.collectionPlace == at })
		if i < 0 {
			i, out = len(out), append(out, countedPlace{collectionPlace: at})
		}
		out[i].changes++
	}
	return out
}

// listCost is how many requests a list takes: its pages, and the empty one.
func (l *level) listCost(resource string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.sps)
	if resource == scimGroups.name {
		n = 0
		for _, named := range l.groups {
			n += len(named)
		}
	}
	return 1 + ceil(n, scimPage)
}

// listAttribute lists an attribute of all principals of a collection, by id.
func (l *level) listAttribute(ctx context.Context, resource string, a scimAttribute) (map[string]plan.Field, error) {
	all := collection[iam.Group]{resource, func(g iam.Group) (id, name string) { return g.Id, g.Id }}
	items, err := all.list(ctx, l.scim, "id,"+a.name, "", nil)
	if err != nil {
		return nil, err
	}
	found := map[string]plan.Field{}
	for _, item := range items {
		found[item.Id] = a.fieldOf(item)
	}
	return found, nil
}
