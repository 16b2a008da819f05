package access

import (
	"slices"

	"github.com/brickgate/brickgate/plan"
)

// view evaluates access for the principals of one question, all at once: what
// somebody has is a set of their numbers.
type view struct {
	*Access
	who     []int32 // the principals, by their number here; -1 for one whom the state does not name
	number  []int32 // by node: its number here, -1 for none
	found   map[int32]set
	upwards bool // found is complete
	memo    map[memo]set
}

// memo is a privilege on a container, which is asked for with each thing in it.
type memo struct {
	on        *object
	privilege string
}

// few are so many principals that it is cheaper to look up what each is in than
// who is in what.
const few = 256

func (a *Access) view(who []int32) *view {
	v := &view{Access: a, who: who, found: map[int32]set{}, memo: map[memo]set{}, upwards: len(who) <= few}
	if v.upwards {
		for i, n := range who {
			for _, id := range a.identities(n) {
				s := v.found[id]
				s.add(int32(i))
				v.found[id] = s
			}
		}
		return v
	}
	v.number = make([]int32, len(a.nodes))
	for i := range v.number {
		v.number[i] = -1
	}
	for i, n := range who {
		if n >= 0 {
			v.number[n] = int32(i)
		}
	}
	return v
}

// has are those who have what a principal has.
func (v *view) has(who int32) set {
	s, ok := v.found[who]
	if ok || v.upwards {
		return s
	}
	s = v.below(who)
	v.found[who] = s
	return s
}

// below walks down through the members.
func (v *view) below(who int32) set {
	var out set
	seen := map[int32]bool{who: true}
	queue := []int32{who}
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		n := &v.nodes[at]
		if n.absent {
			continue
		}
		if at == v.everyone {
			for i, other := range v.who {
				if other < 0 || !v.nodes[other].absent && !v.isPlace(other) {
					out.add(int32(i))
				}
			}
			continue
		}
		if i := v.number[at]; i >= 0 {
			out.add(i)
		}
		for _, m := range n.members {
			if !seen[m] {
				seen[m] = true
				queue = append(queue, m)
			}
		}
	}
	return out
}

// can are those who effectively have a privilege or level on an object.
func (v *view) can(o *object, privilege string) set {
	if len(o.contents) == 0 {
		return v.compute(o, privilege)
	}
	key := memo{o, privilege}
	s, ok := v.memo[key]
	if !ok {
		s = v.compute(o, privilege)
		v.memo[key] = s
	}
	return s
}

func (v *view) compute(o *object, privilege string) set {
	switch o.key.Kind {
	case kindGrants:
		return v.onSecurable(o, privilege)
	case kindPermissions:
		return v.onObject(o, privilege)
	}
	var out set
	for _, e := range o.entries {
		if slices.Contains(e.values, privilege) || privilege == permissionUser && slices.Contains(e.values, permissionAdmin) {
			out = or(out, v.has(e.who))
		}
	}
	if o.key.Kind == kindEntitlements {
		return v.inWorkspace(o, out)
	}
	return out
}

// onSecurable is the privilege itself and all that it needs.
func (v *view) onSecurable(o *object, privilege string) set {
	s := v.held(o, privilege)
	for _, n := range v.needs(o, privilege) {
		if s.empty() {
			break
		}
		s = and(s, v.meets(n))
	}
	if privilege == manage {
		s = or(s, v.ruling(o))
	}
	if c := o.catalog(); c != nil && c.isolated {
		s = and(s, v.through(c, privilege))
	}
	return s
}

// ruling are the owners of a securable and of what it is in.
func (v *view) ruling(o *object) set {
	var out set
	for at := o; at != nil; at = at.in {
		out = or(out, v.owns(at))
	}
	return out
}

// listed tells whether there is a privilege on the type of a securable. One that is
// granted and not listed is newer than the tables: it counts where it is granted,
// and for nothing else.
func (a *Access) listed(o *object, privilege string) bool {
	return slices.Contains(a.platform.Privileges(o.typ), privilege)
}

// held is what grants and ownership give, whether or not the way is open.
func (v *view) held(o *object, privilege string) set {
	s := v.granted(o, privilege)
	if v.ownerHas(o, privilege) {
		s = or(s, v.owns(o))
	}
	return s
}

// ownerHas tells whether the owner of an object has a privilege on it.
func (a *Access) ownerHas(o *object, privilege string) bool {
	if slices.Contains(notOwners, privilege) || !a.listed(o, privilege) {
		return false
	}
	itself, container := aboutItself[o.typ]
	return !container || slices.Contains(itself, privilege)
}

func (v *view) granted(o *object, privilege string) set {
	var out set
	o.chain(func(at *object) {
		for i := range at.entries {
			if e := &at.entries[i]; v.grants(at, o, e, privilege) {
				out = or(out, v.has(e.who))
			}
		}
	})
	return out
}

// grants tells whether an entry on a securable, or on what it is in, gives a
// privilege on it.
func (a *Access) grants(at, o *object, e *entry, privilege string) bool {
	if !a.listed(o, privilege) {
		return at == o && slices.Contains(e.values, privilege)
	}
	return gives(e, privilege)
}

func gives(e *entry, privilege string) bool {
	return slices.Contains(e.values, privilege) || InAll(privilege) && slices.Contains(e.values, allPrivileges)
}

func (v *view) owns(o *object) set {
	if o.owner == nil || o.owner.who < 0 {
		return nil
	}
	return v.has(o.owner.who)
}

// need is a privilege that another one asks for.
type need struct {
	on        *object
	privilege string
	owner     bool // its owner has it too
}

// needs are the privileges that one on a securable asks for, outside first.
func (v *view) needs(o *object, privilege string) []need {
	var out []need
	itself := slices.Contains(aboutItself[o.typ], privilege)
	switch o.typ {
	case "catalog":
		if privilege != useCatalog && privilege != browse {
			out = append(out, need{o, useCatalog, true})
		}
		if !itself && privilege != useSchema {
			out = append(out, need{o, useSchema, false})
		}
	case "schema":
		out = append(out, need{o.in, useCatalog, true})
		if privilege != useSchema {
			out = append(out, need{o, useSchema, true})
		}
	case "table", "volume", "function", "model":
		if o.in != nil && o.in.in != nil {
			out = append(out, need{o.in.in, useCatalog, true}, need{o.in, useSchema, true})
		}
	}
	if with, ok := companions[privilege]; ok && v.listed(o, with) {
		out = append(out, need{o, with, v.ownerHas(o, with)})
	}
	return out
}

func (v *view) meets(n need) set {
	key := memo{n.on, "need " + n.privilege}
	if !n.owner {
		key.privilege = "granted " + n.privilege
	}
	s, ok := v.memo[key]
	if !ok {
		s = v.granted(n.on, n.privilege)
		if n.owner {
			s = or(s, v.owns(n.on))
		}
		if v.open && n.on.unread() {
			s = v.has(v.everyone)
		}
		if len(n.on.contents) > 0 {
			v.memo[key] = s
		}
	}
	return s
}

// through are those who are in a workspace through which an isolated catalog can
// be used so.
func (v *view) through(catalog *object, privilege string) set {
	var out set
	if v.open && catalog.unbounded() {
		return v.has(v.everyone)
	}
	for _, b := range catalog.bound {
		if b.workspace != nil && (b.writes || slices.Contains(reading, privilege)) {
			out = or(out, v.has(b.workspace.users))
		}
	}
	return out
}

// onObject is the level or a stronger one, from the object and the folders above.
func (v *view) onObject(o *object, level string) set {
	var out set
	o.chain(func(at *object) {
		for i := range at.entries {
			if e := &at.entries[i]; v.reaches(at, o, e, level) {
				out = or(out, v.has(e.who))
			}
		}
	})
	if o.workspace != nil && v.adminsHave(o, level) {
		out = or(out, v.has(o.workspace.admins))
	}
	return v.inWorkspace(o, out)
}

// reaches tells whether an entry on a folder, or on the object itself, gives a level.
func (v *view) reaches(at, o *object, e *entry, level string) bool {
	if at != o && o.inherited && o.read && e.from != "" {
		return false // what o inherits from out of scope is among its own entries
	}
	return slices.ContainsFunc(e.values, func(has string) bool { return v.platform.Includes(o.typ, has, level) })
}

// adminsHave tells whether the admins of a workspace have a level on its objects:
// all up to the strongest.
func (v *view) adminsHave(o *object, level string) bool {
	levels := v.platform.Levels(o.typ)
	return len(levels) > 0 && v.platform.Includes(o.typ, levels[len(levels)-1], level)
}

// inWorkspace leaves those who are in the workspace of an object, where it is
// known who is.
func (v *view) inWorkspace(o *object, s set) set {
	if o.workspace == nil || !o.workspace.assigned || s.empty() {
		return s
	}
	return and(s, v.has(o.workspace.users))
}

// privileges are what can be held on an object, as questions about it go through
// them, sorted.
func (a *Access) privileges(o *object) []string {
	var out []string
	switch o.key.Kind {
	case kindGrants:
		out = slices.Clone(a.platform.Privileges(o.typ))
	case kindPermissions:
		out = append(slices.Clone(a.platform.Levels(o.typ)), isOwner)
	case kindAssignment:
		out = []string{permissionUser}
	}
	for i := range o.entries {
		out = append(out, o.entries[i].values...)
	}
	return plan.Set(out)
}

// concerned tells whether something on the object itself is about the principals of
// the view.
func (v *view) concerned(o *object) bool {
	return o.isolated || !v.owns(o).empty() ||
		slices.ContainsFunc(o.entries, func(e entry) bool { return !v.has(e.who).empty() })
}
