package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Ended plans the removal of access of which every entry has ended, and nothing
// else. It asks less of the repository than Plan: what contradicts itself or names
// who does not exist concerns what is added. lost says why somebody of these names
// may have access by a file that could not be read, "" if nobody can tell one; who
// may have it keeps what has ended.
func (r *Run) Ended(now time.Time, allow map[string]string, lost func(names []string) string) (plan.Plan, error) {
	desired, _, _ := r.fold(now)
	p := plan.Diff(desired, r.Live, r.scope(now))
	p.Environment, r.Desired = r.Env.Name, desired
	e := &ending{Run: r, now: now, lost: lost}
	plan.OnlyEnded(&p, plan.Ending{Now: now, Covers: covers, Keeps: e.keeps})
	for i := range p.Changes {
		p.Changes[i].Reason = r.reason(&p.Changes[i])
	}
	if err := plan.Order(&p, r.bearing(p.Changes)); err != nil {
		return plan.Plan{}, fmt.Errorf("order the plan: %w", err)
	}
	p.Held = slices.Concat(r.Held, e.held)
	slices.SortStableFunc(p.Held, func(a, b plan.Held) int { return a.Key.Compare(b.Key) })
	e.remaining(desired)
	e.throughProduct(desired, p)
	p.Warnings = e.warnings()
	guards := r.guards()
	guards.RequirePinned, guards.Empty = nil, false // which stop what is added, and what is undeclared
	p.Violations, p.Waivers = plan.Waive(plan.Check(p, desired, r.Live, guards), allow)
	return p, nil
}

// covers tells whether one value of an entry gives what another one would.
func covers(k plan.Key, value, other string) bool {
	if k.Kind == kindGrants {
		return value == allPrivileges && len(canonicalPrivileges([]string{value, other})) == 1
	}
	return lower(k, value, other)
}

// ending is a plan of what has ended, in the making.
type ending struct {
	*Run
	now   time.Time
	lost  func(names []string) string
	held  []plan.Held
	still []still
}

// still is access that has ended and goes on by another entry.
type still struct {
	ended, by *plan.Origin
	principal string
	key       plan.Key // of the entry that goes on
}

// keeps tells whether a fact stays although its entries here have ended.
func (e *ending) keeps(c *plan.Change, f plan.Fact) bool {
	ended := e.last(c, f)
	if by := e.elsewhere(f); by != nil {
		e.still = append(e.still, still{ended, by, plan.Principal(f), f.Key})
		return true
	}
	why := e.lost(e.names(c, plan.Principal(f)))
	if why == "" {
		return false
	}
	e.held = append(e.held, plan.Held{Key: f.Key, Origin: ended, Reason: fmt.Sprintf("%s %s has ended and stays: %s", f.Field, f.Value, why)})
	return true
}

// last is the entry on a fact that ended last.
func (e *ending) last(c *plan.Change, f plan.Fact) *plan.Origin {
	why := slices.DeleteFunc(c.Why(f.Field, f.Value), func(o *plan.Origin) bool { return !o.Over(e.now) })
	return why[0]
}

// elsewhere is the entry of another environment that wants a fact on a securable
// which both own.
func (e *ending) elsewhere(f plan.Fact) *plan.Origin {
	at, ok := slices.BinarySearchFunc(e.Others, f.Key, func(r plan.Resource, k plan.Key) int { return r.Key.Compare(k) })
	for ; ok && at < len(e.Others) && e.Others[at].Key == f.Key; at++ {
		for _, cl := range e.Others[at].Claims {
			if cl.Want && cl.Field == f.Field && cl.Value == f.Value && cl.Origin.InForce(e.now) {
				return cl.Origin
			}
		}
	}
	return nil
}

// names are all by which files may call a principal. Who owns a domain may be meant
// where entries name the domain.
func (e *ending) names(c *plan.Change, token string) []string {
	_, name, _ := strings.Cut(token, ":")
	_, live := e.named(token)
	names := []string{name, live, strings.TrimSuffix(live, e.Env.Suffix.Value)}
	if strings.HasPrefix(token, "sp:") {
		names = append(names, e.dir.applicationID(token))
	}
	if p := e.Names.byToken(token, c.Key.Target); p != nil {
		names = append(names, p.Spec)
		if p.Derived != nil {
			names = append(names, p.Derived.Product.Metadata.Name.Value)
		}
	}
	if slices.ContainsFunc(c.Labels, func(l string) bool { return strings.HasPrefix(l, productLabel) }) {
		names = append(names, e.domainsOf(names)...)
	}
	return slices.DeleteFunc(plan.Set(names), func(n string) bool { return n == "" })
}

// domainsOf are the domains among whose owners is somebody of these names.
func (e *ending) domainsOf(names []string) []string {
	var out []string
	for domain, d := range e.Catalogue.Domains {
		owns := func(o spec.Ref) bool {
			called := func(name string) bool { return strings.EqualFold(name, o.Text().Value) }
			return slices.ContainsFunc(names, called)
		}
		if slices.ContainsFunc(d.Owners, owns) {
			out = append(out, domain)
		}
	}
	slices.Sort(out)
	return out
}

const productLabel = "product:"

// productsOf are the products that labels name.
func productsOf(labels []string) []string {
	var out []string
	for _, l := range labels {
		if name, ok := strings.CutPrefix(l, productLabel); ok {
			out = append(out, name)
		}
	}
	return out
}
