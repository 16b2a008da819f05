package spec

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultLayer is the layer that an entry means which names none.
const DefaultLayer = "gold"

// DocumentID names a document.
type DocumentID struct {
	Kind, Name string
	Pos        Pos // of its metadata.name
}

// Consumption is the access of one party to one product, whichever document
// says it: a Product's consumers, a ServicePrincipal's access, an AccessRequest
// or an EmergencyAccess.
type Consumption struct {
	Record                  // Layer and Access are never empty; tables of a port have become Port
	Product      *Product   // whose
	Party        Party      // who
	Document     DocumentID // which says it
	Pos          Pos        // of the entry
	Environments EnvNames   // in which it applies; never nil where the Project names any

	Status    string   // of a request: pending, approved, denied, revoked; empty for other entries
	Requester string   // who asked or started it; empty: the consumer
	Requested When     // when a request was made
	Duration  Span     // for how long a request asks
	Layers    []string // of emergency access
	Incident  string   // of emergency access
	Post      string   // of emergency access: the post-mortem
	Denied    *Denial
	Revoked   *Revocation
}

// Emergency reports whether it is emergency access.
func (c *Consumption) Emergency() bool { return c.Access.Value == AccessEmergency }

// Request is the name of the request that it comes from; empty if none.
func (c *Consumption) Request() string {
	if c.Document.Kind == "AccessRequest" || c.Document.Kind == "EmergencyAccess" {
		return c.Document.Name
	}
	return ""
}

// Role names the derived group of the product through which the access goes:
// consumer, pii-consumer, silver-consumer, finance-consumer, emergency.
func (c *Consumption) Role() string {
	if c.Emergency() {
		return RoleEmergency
	}
	return ConsumerRole(c.Layer.Value, c.Port.Value, c.PII)
}

// The roles of a product's derived groups; those of consumers are made by
// ConsumerRole.
const (
	RoleOwner     = "owner"
	RoleConsumer  = "consumer"
	RoleEmergency = "emergency"
)

// ConsumerRole names the group of those who read a layer, a port, with or
// without personal data.
func ConsumerRole(layer, port string, pii bool) string {
	var parts []string
	if layer != DefaultLayer {
		parts = append(parts, layer)
	}
	if port != "" {
		parts = append(parts, port)
	}
	if pii {
		parts = append(parts, "pii")
	}
	return strings.Join(append(parts, RoleConsumer), "-")
}

// Course is the time in which an entry gives access, and why it ends then.
type Course struct {
	From  time.Time // zero: always
	Until time.Time // first instant without access; zero: it does not end
	Ends  string    // why it ends: expired, revoked (unused), …; "" if it does not
}

// At reports whether the access is given at now.
func (c Course) At(now time.Time) bool {
	return !now.Before(c.From) && (c.Until.IsZero() || now.Before(c.Until))
}

// Over reports whether the access has ended.
func (c Course) Over(now time.Time) bool { return !c.Until.IsZero() && !now.Before(c.Until) }

// Gives reports whether the entry gives access at any time: a request that is
// pending or denied does not.
func (c *Consumption) Gives() bool {
	return c.Status != RequestPending && c.Status != RequestDenied && !c.Absent
}

// Course is when the entry gives access: from its start to the earliest of its
// end, of what its approvals can carry, of the product's retirement, of a
// revocation and of an unmet duty.
func (c *Consumption) Course(p *Project) Course {
	zone := p.Access.Location()
	course := Course{}
	course.From = c.start(zone)
	course.end(c.ends(p))
	limit := c.MaxDuration(p)
	if c.Emergency() {
		course.end(after(c.From, limit, zone), "emergency access lasts "+limit.String()+" at most")
	} else {
		for _, a := range c.Approvals {
			course.end(after(a.At, limit, zone), "the approval of "+a.Role.Value+" has run out")
		}
	}
	if c.Product.Status.Value == StatusRetired {
		course.end(c.Product.RetiresOn.End(zone), "the product is retired")
	}
	if r := c.Revoked; r != nil {
		until := after(r.At, p.Access.NoticeBefore, zone)
		if r.Immediate {
			until = r.At.Start(zone)
		}
		course.end(until, "revoked ("+r.Reason.Value+")")
	}
	if due := c.RecertifyBy(p); !due.IsZero() {
		course.end(lastDay(p.Access.DutyGrace.AddTo(due.Add(-time.Nanosecond))), "not recertified")
	}
	if c.Emergency() && c.ApprovedAt(p).IsZero() {
		course.end(p.Access.Emergency.ApprovalWithin.AddTo(course.From), "not approved within "+p.Access.Emergency.ApprovalWithin.String())
	}
	return course
}

// end brings the end forward.
func (c *Course) end(until time.Time, why string) {
	if !until.IsZero() && (c.Until.IsZero() || until.Before(c.Until)) {
		c.Until, c.Ends = until, why
	}
}

// start is when the access begins: not before it was granted. Zero: always.
func (c *Consumption) start(zone *time.Location) time.Time {
	var start time.Time
	for _, w := range []When{c.From, c.GrantedOn()} {
		if !w.IsZero() && w.Start(zone).After(start) {
			start = w.Start(zone)
		}
	}
	return start
}

// LastApproval is when the last of its approvals was given; zero if there is none.
func (c *Consumption) LastApproval() When {
	var last When
	for _, a := range c.Approvals {
		if last.IsZero() || a.At.Start(time.UTC).After(last.Start(time.UTC)) {
			last = a.At
		}
	}
	return last
}

// GrantedOn is the day from which durations count: of a request, that on which
// its approvals were complete; zero if nothing says it.
func (c *Consumption) GrantedOn() When {
	if c.Granted.IsZero() && c.Status != "" {
		return c.LastApproval()
	}
	return c.Granted
}

// Certified is the day on which access to personal data was last found to be
// needed: when it was granted, or later; zero if nothing says it.
func (c *Consumption) Certified() When {
	granted := c.GrantedOn()
	for _, w := range []When{c.From, c.LastApproval()} {
		if granted.IsZero() {
			granted = w
		}
	}
	if granted.IsZero() || c.Recertified.Start(time.UTC).After(granted.Start(time.UTC)) {
		return c.Recertified
	}
	return granted
}

// ends is the end that the entry gives itself: expires, or the default duration.
func (c *Consumption) ends(p *Project) (time.Time, string) {
	zone := p.Access.Location()
	granted := c.GrantedOn()
	switch {
	case !c.Expires.IsZero():
		return c.Expires.End(zone), "expired"
	case granted.IsZero():
		return time.Time{}, ""
	case !c.Duration.IsZero():
		return after(granted, c.Duration, zone), "expired"
	case c.Access.Value == AccessTemporary:
		return after(granted, p.Access.Temporary.MaxDuration, zone), "expired"
	}
	return after(granted, p.Access.Standard.DefaultDuration, zone), "expired"
}

// MaxDuration is how long access of its kind may last.
func (c *Consumption) MaxDuration(p *Project) Span {
	switch c.Access.Value {
	case AccessTemporary:
		return p.Access.Temporary.MaxDuration
	case AccessEmergency:
		return p.Access.Emergency.MaxDuration
	}
	return p.Access.Standard.MaxDuration
}

// LatestEnd is the last end that its kind of access allows; zero if nothing
// tells when it began.
func (c *Consumption) LatestEnd(p *Project) time.Time {
	begin := c.GrantedOn()
	if c.Emergency() || begin.IsZero() {
		begin = c.From
	}
	if begin.IsZero() {
		return time.Time{}
	}
	return after(begin, c.MaxDuration(p), p.Access.Location())
}

// RecertifyBy is the first instant at which access to personal data must have
// been certified anew; zero where there is no such duty.
func (c *Consumption) RecertifyBy(p *Project) time.Time {
	if !c.PII || c.Emergency() {
		return time.Time{}
	}
	last := c.Certified()
	if last.IsZero() {
		return time.Time{}
	}
	return after(last, p.Access.PIIRecertifyEvery, p.Access.Location())
}

// PostMortemBy is the first instant at which the post-mortem of emergency access
// must be there; zero where there is no such duty.
func (c *Consumption) PostMortemBy(p *Project) time.Time {
	if !c.Emergency() {
		return time.Time{}
	}
	return p.Access.Emergency.PostMortemWithin.AddTo(c.Course(p).Until.In(p.Access.Location()))
}

// ApprovedAt is when emergency access was approved in time; zero if it was not.
// Whoever started it or gets it approves nothing, and nobody does in two roles.
func (c *Consumption) ApprovedAt(p *Project) time.Time {
	zone := p.Access.Location()
	last := c.From.Start(zone)
	limit := p.Access.Emergency.ApprovalWithin.AddTo(last)
	missing, roles, digests := c.RequiredRoles(p), map[string]string{}, c.Digests()
	for _, a := range c.Approvals {
		at, by := a.At.Start(zone), strings.ToLower(a.By.Value)
		if at.After(limit) || a.VoidFor(digests) || c.appliedFor(by) {
			continue
		}
		if role, before := roles[by]; before && role != a.Role.Value {
			continue
		}
		roles[by] = a.Role.Value
		missing = slices.DeleteFunc(missing, func(role string) bool { return role == a.Role.Value })
		if at.After(last) {
			last = at
		}
	}
	if len(missing) > 0 {
		return time.Time{}
	}
	return last
}

// RequiredRoles are the roles that must approve the access: those of its kind,
// or of its layer. Those that guard personal data are Product.PrivacyApproval.
func (c *Consumption) RequiredRoles(p *Project) []string {
	switch c.Access.Value {
	case AccessTemporary:
		return textValues(p.Access.Temporary.Approval)
	case AccessEmergency:
		return textValues(p.Access.Emergency.Approval)
	}
	layer, _ := p.Layer(c.Layer.Value)
	return textValues(layer.Approval)
}

// PrivacyApproval are the roles that approve access to personal data.
func (p *Product) PrivacyApproval() []Text {
	return textsOr(p.Privacy.Approval, RoleDomainOwner, RolePrivacyTeam)
}

// Roles of the access model that the language itself knows.
const (
	RoleManager     = "manager"
	RoleDomainOwner = "domain_owner"
	RolePrivacyTeam = "privacy_team"
	RoleDataSteward = "data_steward"
)

// Digest is what an approval stands on, as 8 hexadecimal digits: principal,
// product, layer, port, personal data, start and end, as they are written. That
// the access is temporary and where it applies are part of it where the entry
// says so, since they decide when it ends and what is reached.
func (c *Consumption) Digest() string { return c.digest(c.Product.Metadata.Name.Value) }

// Digests are all that an approval may stand on: Digest first, then what it was
// under each name that the product had. A new name changes nothing for anybody.
func (c *Consumption) Digests() []string {
	out := []string{c.Digest()}
	for _, before := range c.Product.Previously {
		out = append(out, c.digest(before.Name.Value))
	}
	return out
}

func (c *Consumption) digest(product string) string {
	layers := c.Layer.Value
	if len(c.Layers) > 0 {
		layers = strings.Join(c.Layers, ",")
	}
	start, end := c.From.String(), c.Expires.String()
	if granted := c.Granted.String(); start == "" || granted == "" {
		start += granted
	} else {
		start += "/" + granted
	}
	if end == "" {
		end = c.Duration.String()
	}
	text := []string{c.Party.String(), product, layers, c.Port.Value, fmt.Sprint(c.PII), start, end}
	if c.Access.Value == AccessTemporary {
		text = append(text, AccessTemporary)
	}
	if c.Terms.Environments != nil {
		text = append(text, "environments "+strings.Join(sortedValues(c.Terms.Environments), ","))
	}
	sum := sha256.Sum256([]byte(strings.Join(text, "\n")))
	return hex.EncodeToString(sum[:4])
}

// VoidFor reports whether an approval was given for something else than what
// the digests stand for.
func (a Approval) VoidFor(digests []string) bool {
	same := func(digest string) bool { return strings.EqualFold(a.Of.Value, digest) }
	return a.Of.Value != "" && !slices.ContainsFunc(digests, same)
}

// appliedFor reports whether a person, by e-mail, asked for the access or gets it.
func (c *Consumption) appliedFor(email string) bool {
	return strings.EqualFold(email, c.Requester) || c.Party.Kind() == RefUser && strings.EqualFold(email, c.Party.Name())
}

// after is the first instant behind a span that begins with a day or instant: a
// day lasts through that day. Days are counted by the calendar, since a zone may
// have no midnight on the last of them.
func after(w When, s Span, zone *time.Location) time.Time {
	if w.IsDate() {
		return firstInstant(s.AddTo(w.t).AddDate(0, 0, 1), zone)
	}
	return s.AddTo(w.Start(zone).In(zone))
}

// lastDay is the end of the day of t.
func lastDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return firstInstant(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), t.Location())
}

func textValues(texts []Text) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = t.Value
	}
	return out
}

// compareConsumptions orders by place.
func compareConsumptions(a, b *Consumption) int {
	return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Party.String(), b.Party.String()))
}
