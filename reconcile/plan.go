package reconcile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Judge holds what is desired, and a plan in the making, against rules. An error
// that it finds withholds what its document would add.
type Judge func(desired plan.State, p plan.Plan) []plan.Finding

// Plan compares what is declared at now with what was read, has it judged (by
// nobody where judge is nil), and holds what is left to do against the guards.
func (r *Run) Plan(now time.Time, allow map[string]string, judge Judge) (plan.Plan, error) {
	if err := r.checkReferences(now); err != nil {
		return plan.Plan{}, err
	}
	desired, departed, err := r.desired(now)
	if err != nil {
		return plan.Plan{}, err
	}
	r.leaveToOthers(desired, now)
	p := plan.Diff(desired, r.Live, r.scope(now))
	p.Environment = r.Env.Name
	for i := range p.Changes {
		p.Changes[i].Reason = r.reason(&p.Changes[i])
	}
	if judge != nil {
		plan.Block(&p, judge(desired, p), now, takesAway)
	}
	if err := r.checkNesting(p); err != nil {
		return plan.Plan{}, err
	}
	if err := plan.Order(&p, r.bearing(p.Changes)); err != nil {
		return plan.Plan{}, fmt.Errorf("order the plan: %w", err)
	}
	r.Desired = desired
	p.Held, p.Warnings = r.Held, r.warnings(desired, departed, now)
	p.Violations, p.Waivers = plan.Waive(plan.Check(p, desired, r.Live, r.guards()), allow)
	return p, nil
}

// takesAway tells whether to have one value in place of another is to lose something:
// to have less, or to be deactivated, which guards do not count among many removals.
func takesAway(k plan.Key, from, to string) bool {
	return lower(k, from, to) || k.Kind == kindServicePrincipal && from == isActive && to == isInactive
}

// warnings are what a reader of the plan must know, by place.
func (r *Run) warnings(desired plan.State, departed []plan.Warning, now time.Time) []plan.Warning {
	out := slices.Concat(r.Warnings, departed, r.adopting(now), r.everybodyReads(desired))
	for _, d := range desired.All() {
		if d.Held == ownerMissing {
			out = append(out, plan.Warning{Pos: d.Origin.Pos, Message: fmt.Sprintf("%s: %s", d.Key, d.Held)})
		}
	}
	sortWarnings(out)
	return out
}

func sortWarnings(w []plan.Warning) {
	slices.SortStableFunc(w, func(a, b plan.Warning) int {
		if c := a.Pos.Compare(b.Pos); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
}

// desired folds the claims at now, and warns of those that are for people who
// have left.
func (r *Run) desired(now time.Time) (plan.State, []plan.Warning, error) {
	state, departed, conflicts := r.fold(now)
	return state, departed, conflictErrors(conflicts)
}

func (r *Run) fold(now time.Time) (plan.State, []plan.Warning, []*plan.Conflict) {
	var departed []plan.Warning
	resources := cloneResources(r.Resources)
	for i := range resources {
		departed = append(departed, r.skipDeparted(&resources[i], now)...)
	}
	state, conflicts := plan.Fold(resources, now)
	folded := state.All()
	for i := range folded {
		if c := canonicalOf(folded[i].Key.Kind); c != nil {
			c(&folded[i])
		}
	}
	return plan.NewState(r.settle(folded)), departed, conflicts
}

// cloneResources copies what folding writes to.
func cloneResources(from []plan.Resource) []plan.Resource {
	out := make([]plan.Resource, len(from))
	for i, res := range from {
		res.Fields, res.Gone = slices.Clone(res.Fields), slices.Clone(res.Gone)
		res.Claims, res.Refs = slices.Clone(res.Claims), slices.Clone(res.Refs)
		out[i] = res
	}
	return out
}

// skipDeparted drops the claims in force for users who are gone or inactive:
// what they have stays as it is, and nothing is given to them.
func (r *Run) skipDeparted(res *plan.Resource, now time.Time) []plan.Warning {
	var warnings []plan.Warning
	res.Claims = slices.DeleteFunc(res.Claims, func(c plan.Claim) bool {
		who := c.Field
		if !r.departed[who] {
			who = c.Value
		}
		if !c.Want || !r.departed[who] || !c.Origin.InForce(now) {
			return false
		}
		warnings = append(warnings, plan.Warning{
			Pos:     c.Origin.Pos,
			Message: fmt.Sprintf("%s is gone or inactive in the %s: the entry is skipped", who, r.dir.top().target),
		})
		if live, ok := r.Live.Get(res.Key); ok {
			if f, ok := live.Field(c.Field); ok && f.Has(c.Value) {
				res.Fields = append(res.Fields, plan.Field{Name: c.Field, Values: []string{c.Value}})
			}
		}
		res.Partial = true
		return true
	})
	return slices.Compact(warnings)
}

// adopting says what adoption means while it lasts.
func (r *Run) adopting(now time.Time) []plan.Warning {
	until := r.Project.Adoption.Until
	if until.IsZero() || !now.Before(until.End(r.Zone)) {
		return nil
	}
	return []plan.Warning{{
		Pos:     planPos(r.Project.Adoption.Pos),
		Message: fmt.Sprintf("adoption until %s: nothing undeclared is removed before, so deleting a line revokes nothing yet", until),
	}}
}

// everybodyReads reports what every user of the account may read, declared or not.
func (r *Run) everybodyReads(desired plan.State) []plan.Warning {
	var out []plan.Warning
	for _, state := range []plan.State{desired, r.Live} {
		for _, res := range state.All() {
			f, ok := res.Field("group:" + accountUsersGroup)
			if !ok || res.Key.Kind != kindGrants || !f.Has("SELECT") && !f.Has(allPrivileges) {
				continue
			}
			w := plan.Warning{Message: fmt.Sprintf("every user of the account has %s on %s", list(f.Values), res.Key.Name)}
			if res.Origin != nil {
				w.Pos = res.Origin.Pos
			}
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b plan.Warning) int { return strings.Compare(a.Message, b.Message) })
	return slices.CompactFunc(out, func(a, b plan.Warning) bool { return a.Message == b.Message })
}

func conflictErrors(conflicts []*plan.Conflict) error {
	var errs []error
	for _, c := range conflicts {
		what := c.Fact.Field
		if !plan.IsPrincipal(what) {
			what = c.Fact.Value
		}
		for _, at := range []struct{ here, there *plan.Origin }{{c.Wanted, c.Absent}, {c.Absent, c.Wanted}} {
			errs = append(errs, spec.Errorf(specPos(at.here.Pos), "%s is wanted and absent on %s: see %s", what, c.Fact.Key, at.there.Pos))
		}
	}
	return errors.Join(errs...)
}

// Check folds the claims without a live side, for what contradicts itself.
func (d *Declared) Check(now time.Time) error {
	_, conflicts := plan.Fold(slices.Clone(d.Resources), now)
	return conflictErrors(conflicts)
}

// reason says in words why a change is made.
func (r *Run) reason(c *plan.Change) string {
	switch {
	case c.Reason != "":
		return c.Reason
	case c.Action == plan.Create:
		return plan.Missing
	case len(c.Added(fieldName)) > 0:
		return "renamed from " + strings.Join(c.Removed(fieldName), ", ")
	case len(c.Claims) == 0:
		return "live and not declared"
	}
	return plan.Differs
}

// Self is the applying identity as facts call it.
func (r *Run) Self() string {
	name := r.clients.Self.Name
	if uuid.MatchString(name) {
		return r.dir.spToken(name)
	}
	return userToken(name)
}
