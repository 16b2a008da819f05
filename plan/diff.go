package plan

import "slices"

// Scope says what a run may remove.
type Scope struct {
	// Owned tells whether the principal's undeclared access may go.
	Owned func(principal string) bool
	// Protected facts stay under every authority unless an entry takes them away.
	Protected func(Fact) bool
	// Elsewhere tells whether another environment answers for the fact: it is left
	// alone and not listed.
	Elsewhere func(Fact) bool
	// Canonical drops the values of an entry that others among them give as well. It
	// keeps the order and does not write to the values. nil: every value counts.
	Canonical func(k Key, field string, values []string) []string
	// Leaving are principals that the repository removes, and where it says so:
	// their access goes under every authority.
	Leaving map[string]*Origin
	// AdoptionEnds is the day until which nothing undeclared is removed, "" for never.
	AdoptionEnds string
}

// Diff walks desired and live once and returns what makes live desired, in the
// order of the keys, and what it leaves alone.
func Diff(desired, live State, scope Scope) Plan {
	p := differ{scope: scope}
	d, l := desired.resources, live.resources
	for len(d) > 0 || len(l) > 0 {
		switch {
		case len(l) == 0 || len(d) > 0 && d[0].Key.Compare(l[0].Key) < 0:
			p.compare(&d[0], nil)
			d = d[1:]
		case len(d) == 0 || l[0].Key.Compare(d[0].Key) < 0:
			p.compare(nil, &l[0])
			l = l[1:]
		default:
			p.compare(&d[0], &l[0])
			d, l = d[1:], l[1:]
		}
	}
	return p.Plan
}

// differ is a plan in the making.
type differ struct {
	Plan
	scope         Scope
	before, after []Field // of the resource at hand, used again for the next
}

func (p *differ) compare(d, l *Resource) {
	switch {
	case d == nil:
		p.undeclared(l)
	case d.Held != "" || l != nil && l.Held != "":
		// The reader has listed it with its reason.
	case d.Presence == Gone:
		if l != nil && d.Authority != External && l.Authority != External {
			p.Changes = append(p.Changes, deletion(d, l))
		}
	case l == nil && d.Authority == External:
		// Checked where principals are resolved; there is nothing to compare with.
	case l == nil:
		p.update(d, &Resource{Key: d.Key})
	default:
		p.update(d, l)
	}
}

// undeclared handles a live resource in scope that no document mentions: its
// principals should have no access; a principal that should not be is listed.
func (p *differ) undeclared(l *Resource) {
	switch {
	case l.Held != "" || l.Authority == External:
	case l.Presence == Present:
		p.Unmanaged = append(p.Unmanaged, Unmanaged{Fact: Fact{Key: l.Key}, Kept: "orphaned"})
	default:
		p.update(&Resource{
			Key: l.Key, Authority: Managed, Origin: l.Origin, Labels: l.Labels, Single: l.Single, Late: l.Late,
		}, l)
	}
}

func deletion(d, l *Resource) Change {
	c := change(d, l)
	c.Action = Delete
	c.Before, c.After = l.Fields, nil
	for _, cl := range d.Claims {
		if cl.Field == "" && !cl.Want {
			c.Reason = cl.Origin.Reason
		}
	}
	return c
}

func change(d, l *Resource) Change {
	return Change{
		Key: d.Key, Action: Update, ID: l.ID, Origin: d.Origin, Claims: d.Claims, Labels: d.Labels,
		gone: d.Gone, refs: d.Refs, drops: l.Refs, single: d.Single, late: d.Late,
	}
}

func (p *differ) update(d, l *Resource) {
	m := merger{differ: p, d: d}
	p.before, p.after = p.before[:0], p.after[:0]
	walkFields(l.Fields, d.Fields, m.visit)
	isNew := d.Presence == Present && l.Presence != Present
	if !m.changed && !isNew {
		p.Unchanged++
		return
	}
	c := change(d, l)
	c.Before, c.After = slices.Clone(p.before), slices.Clone(p.after)
	if isNew {
		c.Action = Create
	}
	if len(m.leaving) > 0 {
		c.Claims = append(slices.Clip(c.Claims), m.leaving...)
		c.gone = withLeaving(c.gone, m.leaving)
	}
	p.Changes = append(p.Changes, c)
}

// withLeaving adds the facts of leaving principals to what entries take away.
func withLeaving(gone []Field, leaving []Claim) []Field {
	all := slices.Clone(gone)
	for _, cl := range leaving {
		if !takes(gone, cl.Field, cl.Value) {
			all = append(all, Field{cl.Field, []string{cl.Value}})
		}
	}
	return canonical(all)
}

// merger computes the after of one resource, field by field.
type merger struct {
	*differ
	d       *Resource
	leaving []Claim
	changed bool
}

func (m *merger) visit(name string, live, desired []string) {
	declared, isDeclared := find(m.d.Fields, name)
	if !isDeclared && !IsPrincipal(name) && m.nothingGone(name) && !m.anyLeaving(live) {
		return // not managed
	}
	kept := m.keep(name, live, desired, isDeclared)
	after := m.needed(name, live, union(declared.Values, kept))
	before := m.withoutCovered(name, live, after)
	if len(before) > 0 {
		m.before = append(m.before, Field{name, before})
	}
	if len(after) > 0 {
		m.after = append(m.after, Field{name, after})
	}
	m.changed = m.changed || !slices.Equal(before, after)
}

// withoutCovered leaves out of what is live the values that go with one that
// covers them, as SELECT does with ALL_PRIVILEGES: those that stay are given anew.
func (m *merger) withoutCovered(name string, live, after []string) []string {
	if m.scope.Canonical == nil || !IsPrincipal(name) {
		return live
	}
	covered := minus(live, m.scope.Canonical(m.d.Key, name, live))
	again := minus(covered, minus(after, m.scope.Canonical(m.d.Key, name, after)))
	var out []string
	for _, v := range live {
		if !contains(again, v) || !contains(after, v) {
			out = append(out, v)
		}
	}
	return out
}

// needed drops what other values of the entry give as well, as SELECT beside an
// ALL_PRIVILEGES that stays: adding it again in each run would change nothing.
// What is live of it is not taken away.
func (m *merger) needed(name string, live, after []string) []string {
	if m.scope.Canonical == nil || !IsPrincipal(name) {
		return after
	}
	least := m.scope.Canonical(m.d.Key, name, after)
	if len(least) == len(after) {
		return after
	}
	var out []string
	for _, v := range after {
		if contains(least, v) || contains(live, v) {
			out = append(out, v)
		}
	}
	return out
}

// keep returns the live values that are not desired and stay.
func (m *merger) keep(name string, live, desired []string, isDeclared bool) []string {
	var kept []string
	for _, v := range live {
		if contains(desired, v) {
			continue
		}
		if m.d.Single && len(desired) > 0 {
			continue // displaced
		}
		if why := m.stays(Fact{m.d.Key, name, v}, isDeclared); why != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

// stays tells why an undeclared live value stays, "" if it goes.
func (m *merger) stays(f Fact, isDeclared bool) string {
	if m.gone(f) {
		return ""
	}
	principal := Principal(f)
	if o, ok := m.scope.Leaving[principal]; ok {
		m.leaving = append(m.leaving, Claim{Field: f.Field, Value: f.Value, Origin: o})
		return ""
	}
	if !isDeclared && !IsPrincipal(f.Field) {
		return "not managed"
	}
	if m.scope.Elsewhere != nil && m.scope.Elsewhere(f) {
		return "of another environment"
	}
	u := Unmanaged{Fact: f}
	switch {
	case m.scope.Protected != nil && m.scope.Protected(f):
		u.Kept = "protected"
	case m.d.Authority == Merge:
		u.Kept = "authority: merge"
	case m.d.Authority != Exact && !m.owned(principal):
		u.Kept = "not owned"
	case m.scope.AdoptionEnds != "":
		u.Kept, u.From = "adoption", m.scope.AdoptionEnds
	default:
		return ""
	}
	m.Unmanaged = append(m.Unmanaged, u)
	return u.Kept
}

func (m *merger) owned(principal string) bool {
	return principal == "" || m.scope.Owned != nil && m.scope.Owned(principal)
}

func (m *merger) gone(f Fact) bool { return takes(m.d.Gone, f.Field, f.Value) }

func (m *merger) nothingGone(name string) bool {
	_, ok := find(m.d.Gone, name)
	return !ok
}

// anyLeaving tells whether one of the values is a principal on its way out. What
// is somebody else's, as a synced group's members, is not ours to take it from.
func (m *merger) anyLeaving(values []string) bool {
	if len(m.scope.Leaving) == 0 || m.d.Authority == External {
		return false
	}
	return slices.ContainsFunc(values, func(v string) bool { _, ok := m.scope.Leaving[v]; return ok })
}
