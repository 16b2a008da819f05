package reconcile

import (
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// scope is what this run may remove.
func (r *Run) scope(now time.Time) plan.Scope {
	guarded := r.protected()
	others := r.othersWant(now)
	s := plan.Scope{
		Owned:   r.ownedEntry,
		Leaving: r.Leaving,
		Canonical: func(k plan.Key, _ string, values []string) []string {
			if k.Kind != kindGrants {
				return values
			}
			return canonicalPrivileges(values)
		},
		Elsewhere: func(f plan.Fact) bool {
			return f.Key.Target == metastoreTarget && (others[f] || r.ofAnother(f.Key, plan.Principal(f)))
		},
		Protected: func(f plan.Fact) bool {
			return f.Value == isOwner || r.isCreators(f) || r.holds(f, guarded) || r.unknownMembers[f]
		},
	}
	if until := r.Project.Adoption.Until; !until.IsZero() && now.Before(until.End(r.Zone)) {
		s.AdoptionEnds = until.End(r.Zone).Format(time.DateOnly)
	}
	return s
}

// holds tells whether a fact is power in the hands of somebody who is guarded:
// what administers, owns or manages; and of the applying identity, membership in
// a group that does, and the way in, without which MANAGE acts on nothing.
func (r *Run) holds(f plan.Fact, guarded map[string]bool) bool {
	who := plan.Principal(f)
	if r.powerful(f) && guarded[who] {
		return true
	}
	if who != r.Self() {
		return false
	}
	return f.Value == "USE_CATALOG" || f.Value == "USE_SCHEMA" || f.Field == fieldMember && r.rules(f.Key.Name)
}

// rules tells whether a group administers the account, the metastore or one of
// the workspaces.
func (r *Run) rules(group string) bool {
	token := "group:" + group
	if r.ucPrincipal(r.metastore.Owner) == token || slices.Contains(r.admins(), token) {
		return true
	}
	return slices.ContainsFunc(r.clients.Workspaces, func(w *Workspace) bool {
		a, ok := r.Live.Get(plan.Key{Kind: kindAssignment, Target: w.Name, Name: token})
		return ok && a.Facts() > 0 && a.Fields[0].Has(permissionAdmin)
	})
}

// isCreators tells whether a fact is the CAN_MANAGE that somebody has for having
// made the object. Under exact it goes.
func (r *Run) isCreators(f plan.Fact) bool {
	if !r.creators[f] {
		return false
	}
	d, ok := r.declaration(f.Key)
	return !ok || d.Authority != plan.Exact
}

// ownedEntry tells whether a principal's undeclared access may be removed.
func (r *Run) ownedEntry(token string) bool {
	kind, live := r.named(token)
	return !r.Forgotten[token] && r.Names.owned(kind, live)
}

// ofAnother tells whether access on a securable is for another environment to
// judge: that of a principal that it manages, where it owns the securable too.
func (r *Run) ofAnother(k plan.Key, token string) bool {
	kind, live := r.named(token)
	home, ok := r.Names.home(kind, live)
	if !ok || home == r.Env.Name {
		return false
	}
	other, ok := r.Project.Environments.Get(home)
	typeName, name, _ := strings.Cut(k.Name, "/")
	return ok && other.OwnsSecurable(typeName, name)
}

// othersWant are the grants that the documents of other environments want now on
// securables that this one owns as well.
func (r *Run) othersWant(now time.Time) map[plan.Fact]bool {
	state, _ := plan.Fold(cloneResources(r.Others), now)
	out := map[plan.Fact]bool{}
	for _, res := range state.All() {
		for _, f := range res.Fields {
			for _, v := range f.Values {
				out[plan.Fact{Key: res.Key, Field: f.Name, Value: v}] = true
			}
		}
	}
	return out
}

// leaveToOthers keeps what has ended here from being taken away where the documents of
// another environment want it.
func (r *Run) leaveToOthers(desired plan.State, now time.Time) {
	others := r.othersWant(now)
	if len(others) == 0 {
		return
	}
	all := desired.All()
	for i := range all {
		d := &all[i]
		var gone []plan.Field
		for _, f := range d.Gone {
			values := slices.DeleteFunc(slices.Clone(f.Values), func(v string) bool {
				return others[plan.Fact{Key: d.Key, Field: f.Name, Value: v}]
			})
			if len(f.Values) == 0 || len(values) > 0 { // no values are all: who must have nothing here
				gone = append(gone, plan.Field{Name: f.Name, Values: values})
			}
		}
		d.Gone = gone
	}
}

// named is the kind and the live display name of the principal of a token.
func (r *Run) named(token string) (kind, live string) {
	prefix, name, _ := strings.Cut(token, ":")
	switch prefix {
	case "group":
		return kindGroup, name
	case "user":
		return "user", name
	}
	for _, l := range r.dir.levels() {
		if sp := l.servicePrincipal(r.dir.applicationID(token)); sp != nil {
			return kindServicePrincipal, sp.Name
		}
	}
	return kindServicePrincipal, name
}

// powerful facts are those that a protected principal never loses by accident:
// administration, ownership, and the right to manage.
func (r *Run) powerful(f plan.Fact) bool {
	powers := r.powers[f.Key.Kind]
	return slices.Contains(powers, f.Value) || slices.Equal(powers, everything)
}

// protected are the principals of guards.protected, ourselves, and the admins of
// the account and of the metastore.
func (r *Run) protected() map[string]bool {
	out := map[string]bool{r.Self(): true}
	for _, token := range r.Protected {
		out[token] = true
	}
	if owner := r.ucPrincipal(r.metastore.Owner); owner != "" {
		out[owner] = true
	}
	for _, token := range r.admins() {
		out[token] = true
	}
	return out
}

// admins are the account admins that the directory knows.
func (r *Run) admins() []string {
	l := r.dir.account
	if l == nil {
		return nil
	}
	var out []string
	for _, name := range sortedKeys(l.groups) {
		for _, g := range l.groups[name] {
			if slices.Contains(g.Roles, roleAccountAdmin) {
				out = append(out, "group:"+r.dir.groupName(accountTarget, name))
			}
		}
	}
	for _, sp := range l.sps {
		if slices.Contains(sp.Roles, roleAccountAdmin) {
			out = append(out, r.dir.spToken(sp.ApplicationID))
		}
	}
	for _, name := range sortedKeys(l.users) {
		if slices.Contains(l.users[name].Roles, roleAccountAdmin) {
			out = append(out, userToken(name))
		}
	}
	return out
}

// accountAdmins are the account admins as facts, for the guard that counts
// them; those whose roles are declared are read already.
func (r *Run) accountAdmins(read []plan.Resource) []plan.Resource {
	have := map[plan.Key]bool{}
	for i := range read {
		if read[i].Key.Kind == kindRoles {
			have[read[i].Key] = true
		}
	}
	var out []plan.Resource
	for _, token := range r.admins() {
		key := plan.Key{Kind: kindRoles, Target: accountTarget, Name: token}
		if !have[key] {
			out = append(out, plan.Resource{
				Key: key, Authority: plan.External,
				Fields: []plan.Field{{Name: fieldRole, Values: []string{roleAccountAdmin}}},
			})
		}
	}
	return append(out, r.inactiveUsers()...)
}

// inactiveUsers are facts too: who cannot log in administers nothing.
func (r *Run) inactiveUsers() []plan.Resource {
	l := r.dir.top()
	var out []plan.Resource
	for _, name := range sortedKeys(l.users) {
		if !l.users[name].Active {
			out = append(out, plan.Resource{
				Key: principalKey(l.target, userToken(name)), Authority: plan.External,
				Fields: []plan.Field{{Name: fieldActive, Values: []string{isInactive}}},
			})
		}
	}
	return out
}

// guards are the limits of the Project, with what is protected without being
// configured.
func (r *Run) guards() plan.Guards {
	g, guarded := r.Project.Guards, r.protected()
	return plan.Guards{
		PerObject:  plan.Percent(g.MaxRemovals.PerObject.Of(100)),
		PerProduct: plan.Percent(g.MaxRemovals.PerProduct.Of(100)),
		PerRun:     plan.Percent(g.MaxRemovals.PerRun.Of(100)),
		Absolute:   g.MaxRemovals.Absolute.Value,
		SmallSets:  g.SmallSets.Value,
		MaxDeletes: g.MaxDeletes.Value,
		Protected: func(f plan.Fact) bool {
			return r.holds(f, guarded)
		},
		ProtectedPrincipal: func(token string) bool { return guarded[token] },
		Admin: func(f plan.Fact) (string, int, bool) {
			switch {
			case f.Key.Kind == kindRoles && f.Value == roleAccountAdmin:
				return "account", g.MinAdmins.Account.Value, true
			case f.Key.Kind == kindAssignment && f.Value == permissionAdmin:
				return "workspace " + f.Key.Target, g.MinAdmins.Workspace.Value, true
			}
			return "", 0, false
		},
		Lower:         lower,
		RequirePinned: r.unpinned(),
		Empty:         len(r.Resources) == 0,
		Project:       planPos(r.Project.Metadata.Name.Pos),
	}
}

// lower tells whether to have one value in place of another is to have less.
func lower(k plan.Key, from, to string) bool {
	switch k.Kind {
	case kindEntitlements:
		return to == "workspace-consume" && (from == "workspace-access" || from == "databricks-sql-access")
	case kindGrants:
		return from == allPrivileges && to != allPrivileges && !slices.Contains(notInAll, to)
	case kindAssignment:
		return from == permissionAdmin
	case kindPermissions:
		typeName, _, _ := strings.Cut(k.Name, "/")
		t, ok := findObjectType(typeName)
		return ok && from != to && t.strongest([]string{from, to}) == from
	}
	return false
}

// unpinned are the live service principals that are known by name only, where
// the Project wants them pinned.
func (r *Run) unpinned() []plan.Unpinned {
	if r.Project.Guards.RequirePinned == nil || !r.Project.Guards.RequirePinned.Includes(r.Env.Name) {
		return nil
	}
	var out []plan.Unpinned
	for _, p := range r.Names.All() {
		if p.Kind == kindServicePrincipal && p.Removal == nil && p.ApplicationID == "" && r.liveServicePrincipal(p) != nil {
			out = append(out, plan.Unpinned{Key: p.key(), Pos: planPos(p.Pos)})
		}
	}
	return out
}
