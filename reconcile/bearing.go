package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// What a change does to our own rights decides when it is made, as plan.Order
// wants it: what gives us some first, what takes some last, and of the latter first
// what nothing else needs; of what gives, first what others need. Something is managed
// by who manages what it is in, and almost everything by who administers the account:
//
//	objects, folders ─▶ leaves, schemas, catalogs ─▶ entitlements ─▶ assignments ─▶ groups ─▶ account admin ─▶ ourselves
const (
	takesObject   = 1
	takesFolder   = 2 // up to the root: plus folderDepth less the depth of the folder
	folderDepth   = 100
	takesGrant    = 200 // plus up to 6 by what the securable is in
	takesWithin   = 300 // a workspace
	takesEntry    = 400
	takesMember   = 500 // plus the height of the group
	takesAccount  = 600 // likewise
	takesIdentity = 700
)

// bearing is that of every change on our rights, by what is known without asking.
// What takes rights that no change needs is made in its turn: a change that comes
// late would keep from others what it gives them, while what it replaces goes.
func (r *Run) bearing(changes []plan.Change) func(*plan.Change) int {
	s := r.standing(changes)
	needed := s.needsTaken()
	return func(c *plan.Change) int {
		switch takes, gives := s.weigh(c); {
		case takes && needed:
			return s.rank(c)
		case gives && !takes:
			return -s.rank(c)
		}
		return 0
	}
}

// needsTaken tells whether any change may need what another takes from us: whether
// there is one that we could not make for certain after all that take, and none that
// only give.
func (s *standing) needsTaken() bool {
	var takers []plan.Change
	for i := range s.changes {
		if takes, _ := s.weigh(&s.changes[i]); takes {
			takers = append(takers, s.changes[i])
		}
	}
	if len(takers) == 0 {
		return false
	}
	left := s.run.standing(takers)
	return slices.ContainsFunc(s.changes, func(c plan.Change) bool {
		return slices.ContainsFunc(left.needs(&c), func(need right) bool { return left.has(need, len(takers)) != yes })
	})
}

// weigh tells whether a change takes rights from us, and whether it gives us any.
// To have more in place of less is to be given something.
func (s *standing) weigh(c *plan.Change) (takes, gives bool) {
	if c.Action == plan.Delete && s.ours(plan.Principal(plan.Fact{Key: c.Key})) {
		return true, false
	}
	for _, d := range c.Deltas() {
		if d.Field == fieldName {
			continue // another name takes nothing
		}
		for _, v := range d.Removed {
			lost := plan.Fact{Key: c.Key, Field: d.Field, Value: v}
			raised := c.Displaces(d) && lower(c.Key, d.Added[0], v)
			takes = takes || !raised && (plan.Principal(lost) == s.self || s.isRight(lost) && s.ours(plan.Principal(lost)))
		}
		for _, v := range d.Added {
			got := plan.Fact{Key: c.Key, Field: d.Field, Value: v}
			gives = gives || s.isRight(got) && s.ours(plan.Principal(got))
		}
	}
	return takes, gives
}

// ours tells whether a principal is us, or an account group that we are known to
// be in at any time: before the changes, after them, or between two of them. What
// everybody has is nobody's right.
func (s *standing) ours(token string) bool {
	group, isGroup := strings.CutPrefix(token, "group:")
	if !isGroup {
		return token == s.self
	}
	if group == accountUsersGroup {
		return false
	}
	if _, known := s.ever[group]; !known {
		s.ever[group] = false // while it is looked for: a group is not in itself
		s.ever[group] = slices.ContainsFunc(s.everIn(group), s.ours) || s.wasIn(group)
	}
	return s.ever[group]
}

// everIn are the members of an account group before the changes, and those whom they
// add.
func (s *standing) everIn(group string) []string {
	k := plan.Key{Kind: kindGroup, Target: accountTarget, Name: group}
	var members []string
	if live, read := s.run.Live.Get(k); read {
		members = valuesOf(live.Fields, fieldMember)
	}
	if i, changed := s.index[k]; changed {
		members = slices.Concat(members, s.changes[i].Added(fieldMember))
	}
	return members
}

// isRight tells whether others of our changes may need a fact.
func (s *standing) isRight(f plan.Fact) bool {
	switch f.Key.Kind {
	case kindGrants:
		return slices.Contains([]string{manage, allPrivileges, "USE_CATALOG", "USE_SCHEMA"}, f.Value)
	case kindGroup:
		return f.Field == fieldMember
	case kindAssignment:
		return true
	}
	return s.run.powerful(f)
}

// rank is how late a change comes that takes rights from us.
func (s *standing) rank(c *plan.Change) int {
	switch k := c.Key; {
	case k == principalKey(accountTarget, s.self):
		return takesIdentity
	case k.Kind == kindPermissions:
		return objectRank(k)
	case k.Kind == kindGrants:
		return takesGrant + 2*(3-depthOf(k))
	case k.Kind == kindOwner:
		return takesGrant + 2*(3-depthOf(k)) + 1
	case k.Kind == kindAssignment:
		return takesEntry
	case k.Target != accountTarget:
		return takesWithin
	case k.Kind == kindRoles:
		return takesAccount
	case k.Kind == kindGroup && s.administers(k.Name):
		return takesAccount + s.height(k.Name, nestingLimit)
	}
	return takesMember + s.height(c.Key.Name, nestingLimit)
}

// height is how many groups are nested in an account group, at any time. By the outer
// one we may still be what the inner one made us.
func (s *standing) height(group string, limit int) int {
	most := 0
	for _, m := range s.everIn(group) {
		if nested, ok := strings.CutPrefix(m, "group:"); ok && limit > 0 {
			most = max(most, 1+s.height(nested, limit-1))
		}
	}
	return most
}

// objectRank puts folders behind what is in them.
func objectRank(k plan.Key) int {
	path, isFolder := strings.CutPrefix(k.Name, "directories/")
	switch {
	case k.Name == "registered-models/root":
		return takesFolder
	case !isFolder:
		return takesObject
	}
	return takesFolder + folderDepth - min(folderDepth, 1+strings.Count(path, "/"))
}

func depthOf(k plan.Key) int {
	typ, _, _ := strings.Cut(k.Name, "/")
	t, _ := findSecurableType(typ)
	if t.Depth == 1 && t.Name != "catalog" {
		return 3 // nothing is in it
	}
	return t.Depth
}

// administers tells whether who is in an account group administers the account by
// it, be it through other groups.
func (s *standing) administers(group string) bool {
	return slices.ContainsFunc(s.admins, func(token string) bool {
		name, isGroup := strings.CutPrefix(token, "group:")
		return isGroup && s.holdsGroup(name, group, nil)
	})
}

// holdsGroup tells whether a group is another one, or holds it.
func (s *standing) holdsGroup(group, other string, through []string) bool {
	if group == other {
		return true
	}
	members, _ := s.members(group)
	return !slices.Contains(through, group) && slices.ContainsFunc(members, func(m string) bool {
		nested, ok := strings.CutPrefix(m, "group:")
		return ok && s.holdsGroup(nested, other, append(through, group))
	})
}
