package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Reason is a kind of obstacle.
type Reason string

const (
	NotApplicable Reason = "not applicable" // there is no such privilege on that type
	Inactive      Reason = "inactive"       // the principal is deactivated or about to be deleted
	NotGranted    Reason = "not granted"    // nobody gives it to the principal or to a group that it is in
	MissingUse    Reason = "missing usage"  // USE_CATALOG or USE_SCHEMA on the way
	MissingOther  Reason = "missing other"  // a privilege with which alone it counts, as SELECT with MODIFY
	NotAssigned   Reason = "not assigned"   // to the workspace
	NotBound      Reason = "not bound"      // the catalog, to a workspace that the principal is in, or for reading only
	Ended         Reason = "ended"          // the repository gave it; it has ended
	NotYet        Reason = "not yet"        // the repository gives it, from a day to come
	NotApplied    Reason = "not applied"    // the repository gives it, and the state does not have it
	Absent        Reason = "absent"         // the repository says that it must not be
	Unknown       Reason = "unknown"        // what the state does not know may give it
)

// Obstacle is one thing for which somebody cannot do what was asked about.
type Obstacle struct {
	Reason    Reason
	Key       plan.Key   // what it is about: the securable without USE_…, the group that nobody read, …
	Privilege string     // what is missing there
	Fact      plan.Fact  // of NotApplied, Ended, NotYet and Absent: what would give it
	Claim     plan.Claim // and the claim
	Lack      Lack       // of Unknown
}

// WhyNot lists everything for which a principal does not have a privilege or level
// on an object; nothing where it has it. What the repository has to say of it comes
// after the obstacle itself, what is not known comes last.
func (a *Access) WhyNot(principal, privilege string, object plan.Key) []Obstacle {
	who := a.find(principal)
	v, o := a.view([]int32{who}), a.at(object)
	if !v.can(o, privilege).empty() {
		return nil
	}
	w := why{view: v, who: who, principal: principal, ids: a.identities(who)}
	if who >= 0 && len(w.ids) == 0 {
		return []Obstacle{{Reason: Inactive, Key: a.keyOf(who)}}
	}
	switch o.key.Kind {
	case kindGrants:
		w.securable(o, privilege)
	case kindPermissions:
		w.object(o, privilege)
	default:
		w.missing(o, privilege, NotGranted)
	}
	for _, g := range a.gaps(o, privilege) {
		w.add(Obstacle{Reason: Unknown, Key: g.Key, Privilege: privilege, Lack: g.Lack})
	}
	return w.list()
}

// keyOf is the key of the resource that a principal is.
func (a *Access) keyOf(n int32) plan.Key {
	kind, name, _ := strings.Cut(a.nodes[n].token, ":")
	switch kind {
	case "group":
		return a.groupKey(n)
	case "sp":
		kind = kindSP
	}
	return plan.Key{Kind: kind, Target: account, Name: name}
}

// why collects obstacles.
type why struct {
	*view
	who       int32
	principal string
	ids       []int32
	found     []Obstacle
}

func (w *why) add(o Obstacle) { w.found = append(w.found, o) }

func (w *why) list() []Obstacle {
	rank := []Reason{NotApplicable, NotGranted, MissingUse, MissingOther, NotAssigned, NotBound, NotApplied, Absent, Ended, NotYet, Unknown}
	slices.SortStableFunc(w.found, func(a, b Obstacle) int {
		return cmp.Compare(slices.Index(rank, a.Reason), slices.Index(rank, b.Reason))
	})
	return slices.CompactFunc(w.found, func(a, b Obstacle) bool {
		return a.Reason == b.Reason && a.Key == b.Key && a.Privilege == b.Privilege && a.Fact == b.Fact && a.Claim == b.Claim && a.Lack == b.Lack
	})
}

func (w *why) securable(o *object, privilege string) {
	if !slices.Contains(w.privileges(o), privilege) {
		w.add(Obstacle{Reason: NotApplicable, Key: o.key, Privilege: privilege})
		return
	}
	if w.held(o, privilege).empty() {
		w.missing(o, privilege, NotGranted)
	}
	for _, n := range w.needs(o, privilege) {
		if !w.meets(n).empty() {
			continue
		}
		reason := MissingUse
		if n.privilege != useCatalog && n.privilege != useSchema {
			reason = MissingOther
		}
		w.missing(n.on, n.privilege, reason)
	}
	if c := o.catalog(); c != nil && c.isolated && w.through(c, privilege).empty() {
		w.add(Obstacle{Reason: NotBound, Key: c.key, Privilege: privilege})
	}
}

func (w *why) object(o *object, level string) {
	if !slices.Contains(w.privileges(o), level) {
		w.add(Obstacle{Reason: NotApplicable, Key: o.key, Privilege: level})
		return
	}
	given := slices.ContainsFunc(w.gifts(o, level), func(g gift) bool { return !g.to.empty() })
	if !given {
		w.missing(o, level, NotGranted)
	}
	if o.workspace != nil && o.workspace.assigned && w.has(o.workspace.users).empty() {
		key := plan.Key{Kind: kindAssignment, Target: o.key.Target}
		w.add(Obstacle{Reason: NotAssigned, Key: key, Privilege: permissionUser})
		for _, id := range w.ids {
			w.claimed(plan.Key{Kind: kindAssignment, Target: o.key.Target, Name: w.nodes[id].token}, func(plan.Claim) bool { return true })
		}
	}
}

// missing notes a privilege that is not there, what the repository has to say of it,
// and the groups that have it and of whom nobody knows the members.
func (w *why) missing(o *object, privilege string, reason Reason) {
	w.add(Obstacle{Reason: reason, Key: o.key, Privilege: privilege})
	mine := map[string]bool{}
	for _, id := range w.ids {
		mine[w.nodes[id].token] = true
	}
	mine[w.principal] = true
	o.chain(func(at *object) {
		w.claimed(at.key, func(c plan.Claim) bool {
			return mine[c.Field] && (c.Value == "" || slices.Contains(w.privilegeOf(o, c.Value), privilege))
		})
	})
	for _, g := range w.gifts(o, privilege) {
		w.members(g.who, mine)
	}
}

// privilegeOf are the privileges or levels that a value gives on an object.
func (w *why) privilegeOf(o *object, value string) []string {
	e := &entry{values: []string{value}}
	var out []string
	for _, p := range w.privileges(o) {
		if w.value(o, o, e, p) != "" {
			out = append(out, p)
		}
	}
	return append(out, value)
}

// members looks at a group that has what is missing, and at the groups in it: a
// membership that has ended, or members that nobody knows.
func (w *why) members(group int32, mine map[string]bool) {
	seen := map[int32]bool{group: true}
	queue := []int32{group}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		n := &w.nodes[at]
		if n.person || n.absent {
			continue
		}
		if n.unread {
			w.add(Obstacle{Reason: Unknown, Key: w.groupKey(at), Lack: LackMembers})
		}
		if !w.isPlace(at) {
			w.claimed(w.groupKey(at), func(c plan.Claim) bool { return c.Field == fieldMember && mine[c.Value] })
		}
		for _, m := range w.sorted(at) {
			if !seen[m] {
				seen[m] = true
				queue = append(queue, m)
			}
		}
	}
}

// claimed notes the claims of a resource that would give something and do not.
func (w *why) claimed(key plan.Key, about func(plan.Claim) bool) {
	for _, c := range w.claimsOn(key) {
		if c.Field == "" || !about(c) {
			continue
		}
		o := Obstacle{Key: key, Privilege: c.Value, Fact: plan.Fact{Key: key, Field: c.Field, Value: c.Value}, Claim: c}
		switch {
		case !c.Want && c.Origin.InForce(w.now):
			o.Reason = Absent
		case c.Want && c.Origin.Over(w.now):
			o.Reason = Ended
		case c.Want && c.Origin.Future(w.now):
			o.Reason = NotYet
		case c.Want && !w.holds(o.Fact):
			o.Reason = NotApplied
		default:
			continue
		}
		w.add(o)
	}
}
