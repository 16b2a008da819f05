package consumer

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// What is due.
const (
	AccessEnds     = "access ends"
	RequestWaiting = "request waits"
	StartApproval  = "emergency approval"
	PostMortem     = "post-mortem"
	Recertify      = "recertification"
	Review         = "review"
	Deprecation    = "deprecation"
	Retirement     = "retirement"
)

// Due is one thing that comes, or that should have been done.
type Due struct {
	Product      string   `json:"product,omitempty"`  // none for lines of other documents
	Contacts     []string `json:"contacts,omitempty"` // of the product
	What         string   `json:"what"`
	Who          []string `json:"who,omitempty"` // principals; none where it is about the product
	Why          string   `json:"why,omitempty"`
	On           string   `json:"on"`       // the last day for it, or an instant
	Days         int      `json:"daysLeft"` // 0 is today; less than 0 is past
	Overdue      bool     `json:"overdue"`
	Environments []string `json:"environments"`
	File         string   `json:"file"`
	At           string   `json:"at"` // file:line

	end time.Time
}

// Agenda is what Upcoming looks at.
type Agenda struct {
	Project      *spec.Project
	Catalogue    *spec.Catalogue
	Environments []Environment // in the order of the Project
	Now          time.Time
	Within       spec.Span
}

// Environment is what the repository declares for one environment.
type Environment struct {
	Name     string
	Declared []plan.Resource // with claims
}

// Until is the end of the last day that the agenda covers.
func (a *Agenda) Until() time.Time { return a.Within.Horizon(a.Now, a.zone()) }

// LastDay is that day.
func (a *Agenda) LastDay() string { return lastsUntil(a.Until(), a.zone()) }

func (a *Agenda) zone() *time.Location { return a.Project.Access.Location() }

// Upcoming is what comes within the span after now, and what is overdue: by
// product, then by file for what is not about one, and by time in both. An entry
// that applies to several environments is listed once.
func Upcoming(a Agenda) []Due {
	u := &upcoming{Agenda: a, entries: map[plan.Pos]bool{}}
	for _, c := range a.Catalogue.Consumptions {
		u.entries[planPos(c.Pos)] = true
		if envs := u.environments(c); len(envs) > 0 {
			u.consumption(c, envs)
		}
	}
	for _, p := range a.Catalogue.Products {
		u.product(p)
	}
	u.claims()
	slices.SortStableFunc(u.due, compareDue)
	return u.due
}

type upcoming struct {
	Agenda
	due     []Due
	entries map[plan.Pos]bool // places of consumptions, of which the claims tell nothing new
}

// environments are those of the agenda in which an entry applies.
func (u *upcoming) environments(c *spec.Consumption) []string {
	var out []string
	for _, e := range u.Environments {
		if c.Environments.Includes(e.Name) && c.Product.Environments.Includes(e.Name) {
			out = append(out, e.Name)
		}
	}
	return out
}

// add lists what ends within the span. Of what has ended already, only duties
// are still of interest.
func (u *upcoming) add(d Due, end time.Time, duty bool) {
	past := !u.Now.Before(end)
	if end.IsZero() || end.After(u.Until()) || past && !duty {
		return
	}
	d.end, d.Overdue = end, past
	d.On, d.Days = lastsUntil(end, u.zone()), daysUntil(end, u.Now, u.zone())
	u.due = append(u.due, d)
}

// consumption lists what one entry has coming.
func (u *upcoming) consumption(c *spec.Consumption, envs []string) {
	course := c.Course(u.Project)
	entry := Due{
		Product: c.Product.Metadata.Name.Value, Contacts: u.Catalogue.Contacts(c.Product), Who: []string{partyName(c.Party)},
		Environments: envs, File: c.Pos.File, At: place(c.Pos),
	}
	as := func(what, why string) Due {
		d := entry
		d.What, d.Why = what, why
		return d
	}
	if c.Status == spec.RequestPending {
		u.add(as(RequestWaiting, "requested "+c.Requested.String()), c.Requested.Deadline(u.Project.Access.ApprovalWithin, u.zone()), true)
	}
	if !c.Gives() {
		return
	}
	if by := c.PostMortemBy(u.Project); !by.IsZero() && c.Post == "" && !u.Now.Before(course.From) {
		u.add(as(PostMortem, "incident "+cmp.Or(c.Incident, c.Document.Name)), by, true)
	}
	if course.Over(u.Now) {
		return
	}
	if !u.endsWithProduct(c, course) {
		u.add(as(AccessEnds, u.whyEnds(c, course, envs)), course.Until, false)
	}
	u.add(as(Recertify, "personal data, last certified "+c.Certified().String()), c.RecertifyBy(u.Project), true)
	if c.Emergency() && c.ApprovedAt(u.Project).IsZero() {
		u.add(as(StartApproval, ""), u.Project.Access.Emergency.ApprovalWithin.AddTo(course.From), true)
	}
}

// endsWithProduct tells whether access ends since its product does, which the
// product's own line says.
func (u *upcoming) endsWithProduct(c *spec.Consumption, course spec.Course) bool {
	p := c.Product
	return p.Status.Value == spec.StatusRetired && course.Until.Equal(p.RetiresOn.End(u.zone()))
}

// whyEnds is the reason, and the entry through which the access goes on.
func (u *upcoming) whyEnds(c *spec.Consumption, course spec.Course, envs []string) string {
	why := course.Ends
	if why == "expired" {
		why = "" // of itself
	}
	for _, o := range u.Catalogue.Of(c.Product) {
		if o.Gives() && o.Party.String() == c.Party.String() && o.Role() == c.Role() &&
			o.Course(u.Project).At(course.Until) && includesAll(o.Environments, envs) {
			return strings.TrimPrefix(why+", goes on by "+place(o.Pos), ", ")
		}
	}
	return why
}

func includesAll(names spec.EnvNames, envs []string) bool {
	return !slices.ContainsFunc(envs, func(e string) bool { return !names.Includes(e) })
}

func compareDue(a, b Due) int {
	if (a.Product == "") != (b.Product == "") {
		return strings.Compare(b.Product, a.Product) // products first
	}
	byGroup := strings.Compare(a.Product, b.Product)
	if a.Product == "" {
		byGroup = strings.Compare(a.File, b.File)
	}
	return cmp.Or(byGroup, a.end.Compare(b.end), strings.Compare(a.What, b.What), strings.Compare(a.At, b.At),
		slices.Compare(a.Who, b.Who))
}
