package consumer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// product lists what the product itself has coming: its review, its
// deprecation, its retirement.
func (u *upcoming) product(p *spec.Product) {
	envs := u.existsIn(p)
	if len(envs) == 0 {
		return
	}
	at := u.Catalogue.Document(p).Pos
	due := Due{
		Product: p.Metadata.Name.Value, Contacts: u.Catalogue.Contacts(p), Environments: envs, File: at.File, At: place(at),
	}
	as := func(what, why string, pos spec.Pos) Due {
		d := due
		d.What, d.Why = what, why
		if !pos.IsZero() {
			d.At = place(pos)
		}
		return d
	}
	if since, why, used := u.reviewedOn(p); !since.IsZero() {
		review := as(Review, why, p.Reviewed.Pos())
		review.Environments = used
		u.add(review, since.Deadline(u.Project.Access.ReviewEvery, u.zone()), true)
	}
	switch p.Status.Value {
	case spec.StatusDeprecated:
		u.add(as(Deprecation, "no access is granted after it", p.DeprecatedOn.Pos()), p.DeprecatedOn.End(u.zone()), false)
	case spec.StatusRetired:
		u.add(as(Retirement, "all access of its consumers ends", p.RetiresOn.Pos()), p.RetiresOn.End(u.zone()), false)
	}
}

func (u *upcoming) existsIn(p *spec.Product) []string {
	var out []string
	for _, e := range u.Environments {
		if p.Environments.Includes(e.Name) {
			out = append(out, e.Name)
		}
	}
	return out
}

// reviewedOn is the day from which the next review counts, that of the last one
// or else of the oldest access in force, and the environments where there is
// such access. A product without consumers has nothing to review.
func (u *upcoming) reviewedOn(p *spec.Product) (since spec.When, why string, envs []string) {
	var oldest spec.When
	for _, c := range u.Catalogue.Of(p) {
		if !c.Gives() || !c.Course(u.Project).At(u.Now) {
			continue
		}
		for _, e := range u.environments(c) {
			if !slices.Contains(envs, e) {
				envs = append(envs, e)
			}
		}
		granted := c.GrantedOn()
		if !granted.IsZero() && (oldest.IsZero() || granted.Start(u.zone()).Before(oldest.Start(u.zone()))) {
			oldest = granted
		}
	}
	switch {
	case len(envs) == 0:
		return spec.When{}, "", nil
	case !p.Reviewed.IsZero():
		return p.Reviewed, "last reviewed " + p.Reviewed.String(), envs
	}
	return oldest, "never reviewed, oldest access granted " + oldest.String(), envs
}

// term is one line of a document whose access ends.
type term struct {
	due   Due
	until time.Time
	goes  []plan.Pos // where something else wants all of it when the line ends
	open  bool       // something of it really ends
	keys  []string
}

// claims lists the ends of members, grants and permissions, and of the owners
// and writers of products.
func (u *upcoming) claims() {
	terms := map[plan.Pos]*term{}
	var order []*term
	for _, e := range u.Environments {
		for i := range e.Declared {
			r := &e.Declared[i]
			for _, c := range r.Claims {
				if c.Origin == nil || c.Origin.Until.IsZero() || !c.Want || u.entries[c.Origin.Pos] {
					continue
				}
				t := terms[c.Origin.Pos]
				if t == nil {
					t = u.term(c.Origin)
					terms[c.Origin.Pos] = t
					order = append(order, t)
				}
				t.note(e.Name, r, c)
			}
		}
	}
	for _, t := range order {
		t.due.Why = t.why()
		u.add(t.due, t.until, false)
	}
}

func (u *upcoming) term(o *plan.Origin) *term {
	d := Due{What: AccessEnds, Product: o.Product, File: o.Pos.File, At: o.Pos.String(), Why: o.Ends}
	if p := u.Catalogue.Product(o.Product); p != nil {
		d.Contacts = u.Catalogue.Contacts(p)
	}
	return &term{due: d, until: o.Until}
}

// note adds one claim of the line.
func (t *term) note(env string, r *plan.Resource, c plan.Claim) {
	who := plan.Principal(plan.Fact{Key: r.Key, Field: c.Field, Value: c.Value})
	if who != "" && !slices.Contains(t.due.Who, who) {
		t.due.Who = append(t.due.Who, who)
	}
	if !slices.Contains(t.due.Environments, env) {
		t.due.Environments = append(t.due.Environments, env)
	}
	if k := r.Key.String(); !slices.Contains(t.keys, k) {
		t.keys = append(t.keys, k)
	}
	other := slices.IndexFunc(r.Claims, func(o plan.Claim) bool {
		return o.Want && o.Field == c.Field && o.Value == c.Value && o.Origin != nil && o.Origin.InForce(t.until)
	})
	if other < 0 {
		t.open = true
		return
	}
	if at := r.Claims[other].Origin.Pos; !slices.Contains(t.goes, at) {
		t.goes = append(t.goes, at)
	}
}

// keysShown is how many places of one line's access are named.
const keysShown = 2

// why says what ends, for which reason, and whether it goes on all the same.
func (t *term) why() string {
	names := t.keys
	more := ""
	if len(names) > keysShown {
		names, more = names[:keysShown], fmt.Sprintf(" and %d more", len(names)-keysShown)
	}
	text := strings.Join(names, ", ") + more
	if t.due.Why != "" {
		text += ", " + t.due.Why
	}
	if !t.open && len(t.goes) > 0 {
		text += ", goes on by " + t.goes[0].String()
	}
	return text
}
