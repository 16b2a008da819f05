package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	memberField = "member"
	activeField = "active"
)

// minAdmins counts the administrators before and after the plan; it trips only
// where the plan makes them fewer, and too few.
func minAdmins(p Plan, live State, g Guards) []Violation {
	if g.Admin == nil {
		return nil
	}
	before := newAdministration(live, Plan{}, g)
	after := newAdministration(live, p, g)
	var out []Violation
	for _, of := range slices.Sorted(maps.Keys(before.holders)) {
		had, has, least := before.count(of), after.count(of), before.least[of]
		if has < had && has < least {
			out = append(out, Violation{Guard: GuardMinAdmins, Message: fmt.Sprintf(
				"%s would have %d of its %d administrators left, fewer than minAdmins %d", of, has, had, least)})
		}
	}
	return out
}

// holder is a principal as seen from a target: the same name may be an account
// group here and a workspace's own group there.
type holder struct{ target, name string }

// administration knows who administers what, and who is in which group.
type administration struct {
	holders map[string][]holder // by what they administer
	least   map[string]int
	members map[Key][]string // of the groups whose members are known
	gone    map[holder]bool  // deleted or deactivated
}

// newAdministration reads live as it will be when the plan is applied.
func newAdministration(live State, p Plan, g Guards) *administration {
	a := &administration{
		holders: map[string][]holder{}, least: map[string]int{},
		members: map[Key][]string{}, gone: map[holder]bool{},
	}
	changes := make(map[Key]*Change, len(p.Changes))
	for i := range p.Changes {
		c := &p.Changes[i]
		changes[c.Key] = c
		if c.Action == Delete {
			a.gone[holder{c.Key.Target, c.Key.principal()}] = true
		}
		if _, ok := live.Get(c.Key); !ok {
			a.add(c.Key, c.After, g)
		}
	}
	for i := range live.resources {
		r := &live.resources[i]
		if c := changes[r.Key]; c == nil || c.Action != Delete {
			a.add(r.Key, c.Upon(r.Fields), g)
		}
	}
	return a
}

// Upon is what the fields of a live resource are once the change is made; c may be
// nil. A field that was there stays, empty if need be: an empty group's members
// are known.
func (c *Change) Upon(live []Field) []Field {
	if c == nil {
		return live
	}
	var out []Field
	walkFields(live, c.After, func(name string, now, then []string) {
		if _, compared := find(c.Before, name); compared || len(then) > 0 {
			now = then
		}
		out = append(out, Field{name, now})
	})
	return out
}

func (a *administration) add(k Key, fields []Field, g Guards) {
	for _, f := range fields {
		switch {
		case f.Name == memberField:
			a.members[k] = f.Values
		case f.Name == activeField && f.Has("false"):
			a.gone[holder{k.Target, k.principal()}] = true
		}
		for _, v := range f.Values {
			fact := Fact{k, f.Name, v}
			if of, least, ok := g.Admin(fact); ok {
				a.holders[of] = append(a.holders[of], holder{k.Target, Principal(fact)})
				a.least[of] = least
			}
		}
	}
}

// count is the number of users and service principals among the administrators,
// through groups; a group whose members are unknown counts as one.
func (a *administration) count(of string) int {
	people, seen := map[string]bool{}, map[Key]bool{}
	for _, h := range a.holders[of] {
		a.expand(h, people, seen)
	}
	return len(people)
}

func (a *administration) expand(h holder, people map[string]bool, seen map[Key]bool) {
	name, isGroup := strings.CutPrefix(h.name, groupPrefix)
	if !isGroup {
		if !a.gone[h] && !a.gone[holder{accountTarget, h.name}] {
			people[h.name] = true
		}
		return
	}
	k := a.group(h.target, name)
	if seen[k] || a.gone[holder{k.Target, h.name}] {
		return
	}
	seen[k] = true
	members, known := a.members[k]
	if !known {
		people[h.name] = true
	}
	for _, m := range members {
		a.expand(holder{k.Target, m}, people, seen)
	}
}

const accountTarget = "account"

// group finds the group of that name as the target sees it.
func (a *administration) group(target, name string) Key {
	local := Key{"group", target, name}
	if _, ok := a.members[local]; ok || a.gone[holder{target, groupPrefix + name}] {
		return local
	}
	return Key{"group", accountTarget, name}
}
