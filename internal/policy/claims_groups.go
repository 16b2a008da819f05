package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// nestingLimit is how deep groups may be nested:
// https://docs.databricks.com/aws/en/resources/limits
const nestingLimit = 10

// deepGroups is BG104: groups that are nested deeper than the platform allows.
// The one at which the limit is passed is named; those above it are deeper still.
func deepGroups(j *judge) {
	n := nesting{members: map[plan.Key][]nested{}, depth: map[plan.Key]int{}}
	for _, l := range j.claims().members {
		for _, s := range l.spots {
			if name, ok := strings.CutPrefix(l.who, "group:"); ok {
				member := plan.Key{Kind: kindGroup, Target: s.on.Key.Target, Name: name}
				n.members[s.on.Key] = append(n.members[s.on.Key], nested{member, l.origin})
			}
		}
	}
	for i := range j.Declared {
		group := j.Declared[i].Key
		if group.Kind != kindGroup || n.of(group) != nestingLimit+1 {
			continue
		}
		path, origin := n.path(group)
		j.findAt(origin.Pos, origin.Document(), "groups are nested %d deep, and the platform allows %d: %s", nestingLimit+1, nestingLimit, strings.Join(path, " → "))
	}
}

// nesting is how deep groups are.
type nesting struct {
	members map[plan.Key][]nested
	depth   map[plan.Key]int // as far as known; 0 while it is being found out
}

// nested is a group that is a member, and the entry that says so.
type nested struct {
	group  plan.Key
	origin *plan.Origin
}

// of is the length of the longest way down from a group. Groups that are members
// of each other are a mistake that is reported elsewhere, and end the way.
func (n *nesting) of(group plan.Key) int {
	if depth, known := n.depth[group]; known {
		return depth
	}
	n.depth[group] = 0
	depth := 0
	for _, m := range n.members[group] {
		depth = max(depth, 1+n.of(m.group))
	}
	n.depth[group] = depth
	return depth
}

// path is that way, and the entry with which it begins.
func (n *nesting) path(group plan.Key) ([]string, *plan.Origin) {
	path := []string{group.Name}
	var first *plan.Origin
	for n.depth[group] > 0 {
		below := n.depth[group] - 1
		at := slices.IndexFunc(n.members[group], func(m nested) bool { return n.depth[m.group] == below })
		if at < 0 {
			panic(fmt.Sprintf("policy: no member of %s is nested %d deep", group, below))
		}
		if first == nil {
			first = n.members[group][at].origin
		}
		group = n.members[group][at].group
		path = append(path, group.Name)
	}
	return path, first
}
