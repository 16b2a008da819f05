package reconcile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// right is something that a change needs its writer to have.
type right struct {
	kind rightKind
	on   string   // a workspace, or "type/name" of a securable
	key  plan.Key // of an object's ACL
}

type rightKind int

const (
	toBeActive rightKind = iota + 1
	toBeAnother
	toAdministerAccount
	toAdministerWorkspace
	toEnter
	toManageObject
	toManageSecurable
	toOwnCatalog
)

// Preflight walks the changes of an ordered plan one by one, and notes in the plan
// which rights they need and we do not have when their turn comes: because we never
// had them, or because an earlier change took them. Without them the plan is
// refused, unless allow lets the guard off. What it takes from us for good is
// warned of: who runs next cannot change what is declared here.
//
// It goes by the rules of the platform over what was read, and asks for more only
// where nothing that was read gives a right. Where nobody can tell, it says nothing.
func (r *Run) Preflight(ctx context.Context, p *plan.Plan, allow map[string]string) error {
	s := r.standing(p.Changes)
	var lacks []plan.Lack
	for i := range p.Changes {
		for _, need := range s.needs(&p.Changes[i]) {
			lacking, err := s.lacks(ctx, need, i)
			if err != nil {
				return fmt.Errorf("find out who may make the changes: %w", err)
			}
			if lacking {
				lacks = append(lacks, s.lack(need, i))
			}
		}
	}
	if len(lacks) == 0 {
		lockouts, err := s.lockouts(ctx, p.Violations)
		if err != nil {
			return fmt.Errorf("find out who may change what is declared after this: %w", err)
		}
		p.Warnings = append(p.Warnings, lockouts...)
		sortWarnings(p.Warnings)
	}
	p.Refuse(lacks, r.Self(), allow)
	return nil
}

// needs are the rights that a change needs, all of them.
func (s *standing) needs(c *plan.Change) []right {
	if c.Action == plan.Delete && c.Key == principalKey(accountTarget, s.self) {
		return []right{{kind: toBeAnother}}
	}
	needs := s.needsOf(c.Key)
	if c.Key.Kind == kindGrants && slices.ContainsFunc(c.Deltas(), func(d plan.Delta) bool {
		return slices.Contains(d.Added, "EXTERNAL_USE_SCHEMA") || slices.Contains(d.Removed, "EXTERNAL_USE_SCHEMA")
	}) {
		needs = append(needs, right{kind: toOwnCatalog, on: c.Key.Name})
	}
	return needs
}

// needsOf are the rights that every change of a resource needs.
func (s *standing) needsOf(k plan.Key) []right {
	needs := []right{{kind: toBeActive}}
	switch k.Kind {
	case kindGrants, kindOwner:
		return append(needs, right{kind: toEnter, on: s.run.clients.catalog().Name}, right{kind: toManageSecurable, on: k.Name})
	case kindPermissions:
		return append(needs, right{kind: toEnter, on: k.Target}, right{kind: toManageObject, key: k})
	case kindAssignment:
		return append(needs, right{kind: toAdministerAccount})
	}
	if k.Target == accountTarget {
		return append(needs, right{kind: toAdministerAccount})
	}
	return append(needs, right{kind: toEnter, on: k.Target}, right{kind: toAdministerWorkspace, on: k.Target})
}

// has is what is known of a right after the changes before the given one.
func (s *standing) has(need right, at int) maybe {
	s.at = at
	switch need.kind {
	case toBeActive:
		return s.active()
	case toBeAnother:
		return no
	case toAdministerAccount:
		return s.accountAdmin()
	case toAdministerWorkspace:
		return s.workspaceAdmin(need.on)
	case toEnter:
		return s.entered(need.on)
	case toManageObject:
		return s.managesObject(need.key)
	case toManageSecurable:
		return s.managesSecurable(need.on)
	case toOwnCatalog:
		return s.ownsCatalog(need.on)
	}
	panic(fmt.Sprintf("reconcile: a right of the unknown kind %d", need.kind))
}

// proved tells whether having read what we read takes the right itself.
func (s *standing) proved(need right) bool {
	switch need.kind {
	case toBeActive, toAdministerAccount, toEnter, toManageObject:
		return true // ids of the identity provider are for admins, and ACLs for who manages them
	case toAdministerWorkspace:
		return s.run.clients.Account == nil
	case toManageSecurable:
		live, read := s.run.Live.Get(plan.Key{Kind: kindGrants, Target: metastoreTarget, Name: need.on})
		return read && live.Held == ""
	}
	return false
}

// lacks tells whether a right is certainly not there when the turn of the change
// comes. What would decide it is asked for. A right that we have by a way that was
// not read stays: no change is known to take it.
func (s *standing) lacks(ctx context.Context, need right, at int) (bool, error) {
	if s.proved(need) && (at == 0 || s.has(need, 0) != yes) {
		return false, nil
	}
	for {
		s.open = nil
		switch has := s.has(need, at); {
		case has != unknown:
			return has == no, nil
		case len(s.open) == 0:
			return false, nil
		}
		if err := s.ask(ctx); err != nil {
			return false, err
		}
	}
}

// lack says what a change lacks, who has it, and which change takes it.
func (s *standing) lack(need right, at int) plan.Lack {
	c := &s.changes[at]
	l := plan.Lack{Key: c.Key, Action: c.Action, Needs: need.String(), Holders: s.holders(need)}
	if by := s.takenBy(need, at); by != nil {
		l.TakenBy, l.By = by.Key, by.Action
	}
	return l
}

// takenBy is the change, of those before the given one, by which a right is lost
// that was there before; nil if it was not, or nobody knows.
func (s *standing) takenBy(need right, at int) *plan.Change {
	if s.has(need, 0) != yes {
		return nil
	}
	has, lost := 0, at
	for lost-has > 1 {
		if mid := (has + lost) / 2; s.has(need, mid) == no {
			lost = mid
		} else {
			has = mid
		}
	}
	return &s.changes[lost-1]
}

// String says in words what is needed.
func (n right) String() string {
	switch n.kind {
	case toBeActive:
		return rights["act at all"]
	case toBeAnother:
		return rights["delete ourselves"]
	case toAdministerAccount:
		return rights["write principals of the account"]
	case toAdministerWorkspace:
		return "admin of workspace " + n.on
	case toEnter:
		return "assignment to workspace " + n.on
	case toManageObject:
		return rights["write permissions"]
	case toOwnCatalog:
		return rights["grant EXTERNAL_USE_SCHEMA"]
	}
	switch typ, _, _ := strings.Cut(n.on, "/"); typ {
	case "metastore":
		return rights["write grants on the metastore"]
	case "share":
		return rights["hand over a share"]
	}
	return rights["write grants"]
}

// holders are who else has a right before the plan, as far as was read.
func (s *standing) holders(need right) []string {
	s.at = 0
	var out []string
	switch need.kind {
	case toAdministerAccount:
		out = slices.DeleteFunc(slices.Clone(s.admins), func(token string) bool { return !s.hasRole(token) })
	case toAdministerWorkspace, toEnter:
		out = s.administrators(need.on)
	case toManageObject:
		fields, _ := s.fields(need.key)
		out = append(holding(fields, canManage), holding(fields, isOwner)...)
	case toManageSecurable:
		out = append(out, s.run.ucPrincipal(s.run.metastore.Owner))
		for _, label := range chainOf(need.on) {
			fields, _ := s.fields(plan.Key{Kind: kindGrants, Target: metastoreTarget, Name: label})
			out = append(append(out, s.owner(label)), holding(fields, manage)...)
		}
	case toOwnCatalog:
		chain := chainOf(need.on)
		out = append(out, s.owner(chain[len(chain)-1]))
	}
	return slices.DeleteFunc(plan.Set(out), func(token string) bool { return token == "" || token == s.self })
}

// holding are the principals whose entry has the value.
func holding(fields []plan.Field, value string) []string {
	var out []string
	for _, f := range fields {
		if f.Has(value) {
			out = append(out, f.Name)
		}
	}
	return out
}

// administrators are the principals that administer a workspace.
func (s *standing) administrators(workspace string) []string {
	var out []string
	for _, res := range s.run.Live.All() {
		if res.Key.Kind == kindAssignment && res.Key.Target == workspace && slices.Contains(valuesOf(res.Fields, fieldPermission), permissionAdmin) {
			out = append(out, res.Key.Name)
		}
	}
	return out
}
