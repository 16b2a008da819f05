package consumer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Input is one product in one environment at one instant.
type Input struct {
	Project   *spec.Project
	Catalogue *spec.Catalogue
	Product   *spec.Product
	Env       string
	Now       time.Time
	// Principals are the principals that an entry is for, as facts name them: one,
	// or the owners of a domain. nil: entries are listed by the names they use.
	Principals func(*spec.Consumption) []string
	// Missing are the approvals that an entry still needs. nil: nobody judges.
	Missing func(*spec.Consumption) []Missing
	// Groups are the groups of the product's consumers as they are live; nil where
	// nobody was asked.
	Groups []Group
}

// Group is a live group of a product's consumers.
type Group struct {
	Role    string // consumer, pii-consumer, …
	Name    string // its live name
	Members []string
	Claims  []plan.Claim // what is declared of it
}

// List has a row for every entry of the product in the environment, and one for
// every live member of its groups for whom there is none. What somebody must act
// on comes first: members without an entry, then what is pending, the oldest
// first.
func List(in Input) []Row {
	l := &lister{Input: in, entries: map[spec.Pos]*Row{}, explained: map[member]bool{}}
	for _, c := range in.Catalogue.Of(in.Product) {
		if c.Environments.Includes(in.Env) {
			l.consumptions = append(l.consumptions, c)
			l.rows = append(l.rows, in.row(c))
		}
	}
	if in.Groups != nil {
		l.compare()
	}
	slices.SortStableFunc(l.rows, compareRows)
	return l.rows
}

// lister compares the entries with who is live.
type lister struct {
	Input
	consumptions []*spec.Consumption
	rows         []Row // of the consumptions, in their order
	entries      map[spec.Pos]*Row
	explained    map[member]bool
}

// member is somebody in the group of a role.
type member struct{ role, principal string }

func (l *lister) compare() {
	groups := map[string]*Group{}
	for i := range l.Groups {
		groups[l.Groups[i].Role] = &l.Groups[i]
	}
	for i, c := range l.consumptions {
		l.entries[c.Pos] = &l.rows[i]
	}
	for i, c := range l.consumptions {
		g := groups[c.Role()]
		if g == nil {
			g = &Group{Role: c.Role()} // it has not been created yet
		}
		l.rows[i].Live = l.truth(c, &l.rows[i], g)
	}
	for i := range l.Groups {
		l.strangers(&l.Groups[i])
	}
}

// truth holds one entry against the members of its group.
func (l *lister) truth(c *spec.Consumption, r *Row, g *Group) Truth {
	who := l.named(c)
	for _, p := range who {
		l.explained[member{g.Role, p}] = true
	}
	live := slices.DeleteFunc(slices.Clone(who), func(p string) bool { return !slices.Contains(g.Members, p) })
	switch {
	case r.Status == Active && len(live) == len(who) && len(who) > 0:
		return AsApproved
	case r.Status == Active:
		return NotYetLive
	case len(live) == 0:
		return NotLive
	case !slices.ContainsFunc(live, func(p string) bool { return !l.wanted(g, p, c.Pos) }):
		return ByAnother
	}
	return NotApproved
}

func (l *lister) named(c *spec.Consumption) []string {
	if l.Principals == nil {
		return []string{partyName(c.Party)}
	}
	return l.Principals(c)
}

// wanted tells whether something other than the entry at a place gives a
// principal membership now: an entry that is active, or a line that is not a
// consumer's.
func (l *lister) wanted(g *Group, principal string, but spec.Pos) bool {
	return slices.ContainsFunc(g.Claims, func(c plan.Claim) bool {
		if c.Value != principal || !inForce(c, l.Now) || c.Origin == nil {
			return false
		}
		at := spec.Pos{File: c.Origin.Pos.File, Line: c.Origin.Pos.Line, Col: c.Origin.Pos.Col}
		entry := l.entries[at]
		return at != but && (entry == nil || entry.Status == Active)
	})
}

// strangers adds the members of a group whom no entry and no other line of the
// repository explains.
func (l *lister) strangers(g *Group) {
	for _, p := range g.Members {
		if l.explained[member{g.Role, p}] || l.wanted(g, p, spec.Pos{}) {
			continue
		}
		r := Row{
			Principal: p, Type: typeOf(p), Status: Undeclared, Live: NotApproved, Group: g.Name, Approvals: []Approval{},
		}
		l.scope(&r, g.Role)
		l.rows = append(l.rows, r)
	}
}

// scope is what the members of the group of a role read.
func (l *lister) scope(r *Row, role string) {
	if role == spec.RoleEmergency {
		r.Access = spec.AccessEmergency
		return
	}
	for _, layer := range l.Product.Data.Keys() {
		for _, port := range append([]string{""}, l.Product.Ports.Keys()...) {
			for _, pii := range []bool{false, true} {
				if spec.ConsumerRole(layer, port, pii) == role {
					r.Layer, r.Port, r.PII = layer, port, pii
				}
			}
		}
	}
}

// compareRows orders by status, then by what is most pressing in it.
func compareRows(a, b Row) int {
	order := a.order.Compare(b.order)
	switch {
	case a.Status == Expired || a.Status == Revoked || a.Status == Denied:
		order = -order
	case a.order.IsZero() != b.order.IsZero():
		order = -order // what never ends comes last
	}
	requests := 0
	if a.Status == Pending && (a.Requested == "") != (b.Requested == "") {
		requests = -strings.Compare(a.Requested, b.Requested) // before entries that only lack approvals
	}
	return cmp.Or(
		slices.Index(Statuses(), a.Status)-slices.Index(Statuses(), b.Status),
		requests,
		order,
		strings.Compare(a.Principal, b.Principal),
		strings.Compare(a.Group, b.Group),
	)
}

// Only keeps the rows of one status.
func Only(rows []Row, s Status) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Status != s })
}

// Counts says how many rows have each status.
func Counts(rows []Row) map[Status]int {
	counts := map[Status]int{}
	for _, r := range rows {
		counts[r.Status]++
	}
	return counts
}

// Unapproved says how many principals have access that is not approved: a person
// with two ended entries counts once.
func Unapproved(rows []Row) int {
	seen := map[string]bool{}
	for _, r := range rows {
		if r.Live == NotApproved {
			seen[r.Principal+"\x00"+r.Layer+"\x00"+r.Port] = true
		}
	}
	return len(seen)
}
