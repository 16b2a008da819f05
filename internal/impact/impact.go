package impact

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Input is what an impact is computed from.
type Input struct {
	Desired, Live plan.State
	Plan          plan.Plan
	Platform      access.Platform
	Now           time.Time
	Project       *spec.Project
	Env           *spec.Environment
	Catalogue     *spec.Catalogue
}

// Of is the impact of a plan. A plan without changes has none, and costs nothing.
func Of(in Input) *plan.Impact {
	out := &plan.Impact{}
	if len(in.Plan.Changes) == 0 {
		return out
	}
	m := newMeasure(in)
	effects, idle := access.Diff(m.before, m.after, m.touched())
	for i := range effects {
		out.Effects = append(out.Effects, m.effect(&effects[i]))
	}
	slices.SortStableFunc(out.Effects, func(a, b plan.Effect) int {
		return cmp.Or(cmp.Compare(severity(a.Risks), severity(b.Risks)), unnamedLast(a.Product, b.Product), a.Object.Compare(b.Object))
	})
	for i := range idle {
		out.Idle = append(out.Idle, m.idle(&idle[i]))
	}
	out.Unknown = m.unknown(effects)
	return out
}

func unnamedLast(a, b string) int {
	if (a == "") != (b == "") {
		return strings.Compare(b, a)
	}
	return strings.Compare(a, b)
}

// measure holds both states and what the repository says about them.
type measure struct {
	Input
	before, after *access.Access
	changes       map[plan.Key]*plan.Change
	labels        map[plan.Key][]string
	holding       map[plan.Key]bool          // what holds something that is labelled as personal data
	foreigners    map[string]bool            // groups and service principals that are somebody else's
	domains       map[string]map[string]bool // that a principal belongs to
	had           map[[2]string]bool         // whether a party had anything of a product
	production    bool
}

func newMeasure(in Input) *measure {
	planned := plan.Planned(in.Desired, in.Live, in.Plan)
	m := &measure{
		Input:  in,
		before: access.New(in.Live, in.Platform, in.Now).OpenWays(), after: access.New(planned, in.Platform, in.Now).OpenWays(),
		changes: map[plan.Key]*plan.Change{}, labels: map[plan.Key][]string{}, holding: map[plan.Key]bool{},
		foreigners: map[string]bool{}, had: map[[2]string]bool{},
		production: isProduction(in.Project, in.Env),
	}
	for i := range in.Plan.Changes {
		m.changes[in.Plan.Changes[i].Key] = &in.Plan.Changes[i]
	}
	m.know(planned)
	m.domains = m.belonging(planned)
	return m
}

// know notes the labels of resources, and which principals are somebody else's.
func (m *measure) know(planned plan.State) {
	all := planned.All()
	for i := range all {
		r := &all[i]
		if len(r.Labels) > 0 {
			m.labels[r.Key] = r.Labels
		}
		if slices.Contains(r.Labels, "pii") {
			for _, in := range within(r.Key)[1:] {
				m.holding[in] = true
			}
		}
		switch {
		case r.Key.Kind == "group" && r.Presence != plan.Gone:
			_, filled := r.Field("member")
			token := "group:" + r.Key.Name // of the account, or of a workspace
			m.foreigners[token] = m.foreigners[token] || !filled && m.changes[r.Key] == nil
		case r.Key.Kind == "servicePrincipal":
			m.foreigners["sp:"+r.Key.Name] = r.Authority == plan.External
		}
	}
}

// foreign tells whether somebody else decides who a principal is. A person is one.
func (m *measure) foreign(token string) bool {
	foreign, known := m.foreigners[token]
	return foreign || !known && !strings.HasPrefix(token, "user:") && !everybody(token)
}

// touched are the keys of the changes.
func (m *measure) touched() []plan.Key {
	out := make([]plan.Key, 0, len(m.Plan.Changes))
	for i := range m.Plan.Changes {
		out = append(out, m.Plan.Changes[i].Key)
	}
	return out
}

// effect tells one effect in the terms of the repository.
func (m *measure) effect(e *access.Effect) plan.Effect {
	out := plan.Effect{
		Object: e.Object, Product: m.label(e.Object, "product:"), Domain: m.label(e.Object, "domain:"),
		Privileges: e.Privileges, Gained: e.Gained, Count: e.Count, Named: e.Named,
		Before: e.Before, After: e.After, Contents: e.Contents, Ends: e.Ends,
	}
	for _, g := range e.Open {
		out.Open = append(out.Open, plan.OpenGroup{Group: g, Heads: -1})
	}
	for _, c := range e.Causes {
		out.Causes = append(out.Causes, plan.Cause{Fact: c.Fact, Removed: c.Removed, Origin: m.origin(c)})
	}
	out.Way = m.way(&out)
	out.Risks = m.risks(&out)
	return out
}

// label is what an object, or what it is in, is labelled with; "" for nothing, and
// for several.
func (m *measure) label(k plan.Key, prefix string) string {
	for _, at := range within(k) {
		found := ""
		for _, l := range m.labels[at] {
			if v, ok := strings.CutPrefix(l, prefix); ok {
				if found != "" {
					return ""
				}
				found = v
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// within are the key of a securable and of those that it is in, inside first.
func within(k plan.Key) []plan.Key {
	out := []plan.Key{k}
	_, full, ok := strings.Cut(k.Name, "/")
	if k.Kind != "grants" || !ok {
		return out
	}
	parts, err := spec.SplitSecurable(full)
	if err != nil {
		return out
	}
	for n := min(len(parts)-1, 2); n > 0; n-- {
		typ := []string{"catalog", "schema"}[n-1]
		out = append(out, plan.Key{Kind: k.Kind, Target: k.Target, Name: typ + "/" + spec.JoinSecurable(parts[:n]...)})
	}
	return out
}

// origin is the entry that makes a change of a fact: what wants it, what takes it, or
// where one value makes room for another, what wants that one.
func (m *measure) origin(move plan.Move) *plan.Origin {
	c := m.changes[move.Fact.Key]
	if c == nil {
		return nil
	}
	field, value, removed := move.Fact.Field, move.Fact.Value, move.Removed
	if removed {
		for _, d := range c.Deltas() {
			if d.Field == field && c.Displaces(d) {
				value, removed = d.Added[0], false
			}
		}
	}
	why := c.Why(field, value)
	switch {
	case !removed:
		why = slices.DeleteFunc(why, func(o *plan.Origin) bool { return !o.InForce(m.Now) })
	case !c.ByClaim(field, value):
		return nil
	default:
		if ended := plan.Ended(why, m.Now); !ended.IsZero() {
			why = slices.DeleteFunc(why, func(o *plan.Origin) bool { return !o.Until.Equal(ended) })
		}
	}
	switch {
	case len(why) > 0:
		return why[0]
	case removed && c.Action != plan.Delete:
		return nil
	}
	return c.Origin
}

// way is how the first of those whom an effect names has it, or had it. One that the
// plan makes or takes comes before one that stays.
func (m *measure) way(e *plan.Effect) []plan.Step {
	who := ""
	switch {
	case len(e.Named) > 0:
		who = e.Named[0]
	case len(e.Open) > 0:
		who = e.Open[0].Group
	}
	at := m.after
	if !e.Gained {
		at = m.before
	}
	moved := map[plan.Fact]bool{}
	for _, c := range e.Causes {
		moved[c.Fact] = true
	}
	var best []plan.Step
	for _, p := range at.Explain(who, e.Object) {
		if len(p.For) > 0 || !slices.ContainsFunc(p.Privileges, func(v string) bool { return slices.Contains(e.Privileges, v) }) {
			continue
		}
		steps := make([]plan.Step, len(p.Steps))
		isNew := false
		for i, s := range p.Steps {
			steps[i] = plan.Step{From: s.From, To: s.To, Fact: s.Fact, New: moved[s.Fact]}
			isNew = isNew || steps[i].New
		}
		if isNew {
			return steps
		}
		if best == nil {
			best = steps
		}
	}
	return best
}

// Unread are the groups in an impact whose heads nobody has counted, sorted; without
// account users, which is everybody.
func Unread(i *plan.Impact) []string {
	var out []string
	for _, e := range i.Effects {
		for _, g := range e.Open {
			if !everybody(g.Group) {
				out = append(out, g.Group)
			}
		}
	}
	return plan.Set(out)
}

// Count notes how many are in groups; those that are missing stay unknown.
func Count(i *plan.Impact, heads map[string]int) {
	for _, e := range i.Effects {
		for k := range e.Open {
			if n, ok := heads[e.Open[k].Group]; ok {
				e.Open[k].Heads = n
			}
		}
	}
}
