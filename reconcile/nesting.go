package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// checkNesting makes sure that no group is a member of itself, through others,
// once the plan is applied. What the documents say among themselves was checked
// offline; here live memberships that stay count too.
func (r *Run) checkNesting(p plan.Plan) error {
	n := nesting{members: map[plan.Key][]string{}, state: map[plan.Key]int{}}
	for _, res := range r.Live.All() {
		if res.Key.Kind == kindGroup {
			n.members[res.Key] = valuesOf(res.Fields, fieldMember)
		}
	}
	touched := false
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Key.Kind == kindGroup {
			if len(valuesOf(c.Before, fieldMember))+len(valuesOf(c.After, fieldMember)) > 0 || c.Action == plan.Delete {
				n.members[c.Key] = valuesOf(c.After, fieldMember)
			}
			touched = touched || slices.ContainsFunc(c.Added(fieldMember), plan.IsGroup)
		}
	}
	if !touched {
		return nil // a cycle that is there already is not made by this plan
	}
	for _, k := range slices.SortedFunc(maps.Keys(n.members), plan.Key.Compare) {
		if path := n.visit(k); path != "" {
			return fmt.Errorf("the plan would make groups members of each other: %s", path)
		}
	}
	return nil
}

// nesting is a depth-first search over groups and their member groups.
type nesting struct {
	members map[plan.Key][]string
	state   map[plan.Key]int
	path    []plan.Key
}

// visit returns the cycle that it runs into, "" for none.
func (n *nesting) visit(k plan.Key) string {
	switch n.state[k] {
	case done:
		return ""
	case onPath:
		var names []string
		for _, on := range n.path[slices.Index(n.path, k):] {
			names = append(names, on.Name)
		}
		return strings.Join(append(names, k.Name), " → ")
	}
	n.state[k] = onPath
	n.path = append(n.path, k)
	for _, m := range n.members[k] {
		if !plan.IsGroup(m) {
			continue
		}
		if found := n.visit(principalKey(k.Target, m)); found != "" {
			return found
		}
	}
	n.path = n.path[:len(n.path)-1]
	n.state[k] = done
	return ""
}
