package consumer

import (
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Status is where an entry stands.
type Status string

// Statuses, in the order in which rows are listed.
const (
	Undeclared Status = "undeclared" // no entry: a live member whom nothing explains
	Pending    Status = "pending"    // requested, or its approvals are incomplete, as those of emergency access are at first
	Active     Status = "active"
	Scheduled  Status = "scheduled" // begins later
	Expired    Status = "expired"   // has ended, for whatever reason but a revocation
	Revoked    Status = "revoked"
	Denied     Status = "denied"
)

// Statuses lists them in their order.
func Statuses() []Status {
	return []Status{Undeclared, Pending, Active, Scheduled, Expired, Revoked, Denied}
}

// Truth compares an entry with who is in the live group.
type Truth string

const (
	Unasked     Truth = "" // nobody was asked
	AsApproved  Truth = "approved and live"
	NotYetLive  Truth = "approved and not yet live"
	NotApproved Truth = "live and not approved"
	NotLive     Truth = "not live"
	ByAnother   Truth = "live by another entry"
)

// Row is one consumer's entry, or a live member of a consumers' group for whom
// there is none.
type Row struct {
	Principal     string     `json:"principal"` // as plans name it: user:…, group:…, sp:…; or domain:…
	Type          string     `json:"type"`      // user, group, servicePrincipal, domain
	Status        Status     `json:"status"`
	Live          Truth      `json:"live,omitempty"`
	Access        string     `json:"access,omitempty"` // standard, temporary, emergency
	Layer         string     `json:"layer"`            // several of emergency access stand side by side: silver, gold
	Port          string     `json:"port,omitempty"`
	PII           bool       `json:"pii"`
	Granted       string     `json:"granted,omitempty"`
	Starts        string     `json:"starts,omitempty"`   // where that is still to come
	Expires       string     `json:"expires,omitempty"`  // the last day, or an instant
	DaysLeft      *int       `json:"daysLeft,omitempty"` // of access that has not ended; 0 is today
	Ends          string     `json:"ends,omitempty"`     // why it ends then: expired, revoked (unused), …
	Requested     string     `json:"requested,omitempty"`
	Requester     string     `json:"requester,omitempty"`
	Request       string     `json:"request,omitempty"` // the AccessRequest or EmergencyAccess document
	Approvals     []Approval `json:"approvals"`
	Missing       []Missing  `json:"missing,omitempty"` // approvals that it still needs
	Denied        string     `json:"denied,omitempty"`  // why the request was denied
	Justification string     `json:"justification,omitempty"`
	Ticket        string     `json:"ticket,omitempty"`
	Group         string     `json:"group,omitempty"` // the live group, of members without an entry
	At            string     `json:"at,omitempty"`    // file:line

	order time.Time // within its status: the oldest request, the next end, the latest past
}

// Approval is one approval of an entry.
type Approval struct {
	Role string `json:"role"`
	By   string `json:"by"`
	At   string `json:"at"`
	Void bool   `json:"void,omitempty"` // it was given for something else
}

// Missing is an approval that an entry still needs.
type Missing struct {
	Role string `json:"role"`
	Why  string `json:"why,omitempty"` // of one that is there and does not count
}

// row describes an entry at now; whether it is live is found out by others.
func (in *Input) row(c *spec.Consumption) Row {
	zone := in.Project.Access.Location()
	course := c.Course(in.Project)
	r := Row{
		Principal: in.principal(c), Type: c.Party.Kind(),
		Access: c.Access.Value, Layer: layerOf(c), Port: c.Port.Value, PII: c.PII,
		Requested: c.Requested.String(), Requester: c.Requester, Request: c.Request(),
		Approvals: approvals(c), Justification: c.Justification.Value, Ticket: c.Ticket.Value, At: place(c.Pos),
	}
	if in.Missing != nil && !course.Over(in.Now) && c.Status != spec.RequestDenied && !c.Absent {
		r.Missing = in.Missing(c)
	}
	r.Status = status(c, course, len(r.Missing) > 0, in.Now)
	if c.Denied != nil {
		r.Denied = c.Denied.Reason.Value
	}
	if c.Gives() {
		r.Granted, r.Expires, r.Ends = granted(c, course.From.In(zone)), lastsUntil(course.Until, zone), course.Ends
		if !course.Until.IsZero() && !course.Over(in.Now) {
			days := daysUntil(course.Until, in.Now, zone)
			r.DaysLeft = &days
		}
	}
	if r.Status == Scheduled {
		r.Starts = starts(c, course.From.In(zone))
	}
	r.order = orderOf(c, r.Status, course, zone)
	return r
}

func status(c *spec.Consumption, course spec.Course, incomplete bool, now time.Time) Status {
	switch {
	case c.Status == spec.RequestDenied:
		return Denied
	case c.Absent:
		return Revoked
	case c.Status == spec.RequestPending:
		return Pending
	case course.Over(now) && c.Revoked != nil:
		return Revoked
	case course.Over(now):
		return Expired
	case incomplete:
		return Pending
	case now.Before(course.From):
		return Scheduled
	}
	return Active
}

// orderOf is the time by which rows of one status are sorted.
func orderOf(c *spec.Consumption, s Status, course spec.Course, zone *time.Location) time.Time {
	switch s {
	case Pending:
		if !c.Requested.IsZero() {
			return c.Requested.Start(zone)
		}
		return course.From
	case Scheduled:
		return course.From
	case Denied:
		return c.Denied.At.Start(zone)
	}
	return course.Until
}

// starts writes the beginning as it was written where it is a day.
func starts(c *spec.Consumption, from time.Time) string {
	for _, w := range []spec.When{c.From, c.Granted} {
		if !w.IsZero() && w.IsDate() {
			return w.String()
		}
	}
	if from.Hour()+from.Minute()+from.Second() == 0 {
		return from.Format(time.DateOnly)
	}
	return from.Format(time.RFC3339)
}

// granted is since when the access is given; emergency access is not granted, it
// starts.
func granted(c *spec.Consumption, from time.Time) string {
	if c.Emergency() {
		return from.Format(time.RFC3339)
	}
	return c.GrantedOn().String()
}

// principal is the consumer as plans name it.
func (in *Input) principal(c *spec.Consumption) string {
	if c.Party.Kind() != spec.PartyDomain && in.Principals != nil {
		if named := in.Principals(c); len(named) == 1 {
			return named[0]
		}
	}
	return partyName(c.Party)
}

// partyName is the party in the form of facts, by the name that the entry uses.
func partyName(p spec.Party) string {
	if p.Kind() == spec.RefServicePrincipal {
		return "sp:" + p.Name()
	}
	return p.String()
}

func layerOf(c *spec.Consumption) string {
	if len(c.Layers) > 0 {
		return strings.Join(c.Layers, ", ")
	}
	return c.Layer.Value
}

func approvals(c *spec.Consumption) []Approval {
	out := []Approval{}
	digests := c.Digests()
	for _, a := range c.Approvals {
		out = append(out, Approval{a.Role.Value, a.By.Value, a.At.String(), a.VoidFor(digests)})
	}
	return out
}

func typeOf(principal string) string {
	kind, _, _ := strings.Cut(principal, ":")
	if kind == "sp" {
		return spec.RefServicePrincipal
	}
	return kind
}

// inForce tells whether a claim wants its value at now.
func inForce(c plan.Claim, now time.Time) bool {
	return c.Want && (c.Origin == nil || c.Origin.InForce(now))
}
