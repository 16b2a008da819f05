package spec

import "time"

// AccessRequest is the spec of an AccessRequest document: the long form of a
// consumer's entry, one file per request.
type AccessRequest struct {
	Product       Text          `yaml:"product" spec:"required" doc:"the data product"`
	Consumer      Party         `yaml:"consumer" spec:"required" doc:"who is to use it"`
	Requester     Text          `yaml:"requester" doc:"who asks, by e-mail; absent: the consumer"`
	Requested     When          `yaml:"requested" spec:"required" doc:"the day of the request"`
	Scope         RequestScope  `yaml:"scope" doc:"what of the product; absent: what every consumer reads"`
	Access        Text          `yaml:"access" enum:"standard,temporary" doc:"standard (default), or temporary"`
	Justification Text          `yaml:"justification" doc:"why the access is needed"`
	Ticket        Text          `yaml:"ticket" doc:"the ticket that asked for it" example:"RITM0012345"`
	UseCases      []Text        `yaml:"useCases" doc:"what the data is used for"`
	BusinessUnit  Text          `yaml:"businessUnit" doc:"the unit that asks"`
	Duration      Span          `yaml:"duration" doc:"how long the access is needed, from its approval on; absent: the default" example:"365d"`
	Conditions    []Text        `yaml:"conditions" doc:"what was agreed beside"`
	Attestations  *Attestations `yaml:"attestations" doc:"what the consumer has confirmed"`
	Minimisation  Text          `yaml:"minimisation" doc:"how the use of personal data is kept small"`
	Recertified   When          `yaml:"recertified" doc:"the day on which access to personal data was last certified"`
	Approvals     []Approval    `yaml:"approvals" doc:"who approved it"`
	Status        Text          `yaml:"status" spec:"required" enum:"pending,approved,denied,revoked" doc:"where the request stands"`
	Denied        *Denial       `yaml:"denied" doc:"who denied it, and why"`
	Revoked       *Revocation   `yaml:"revoked" doc:"who revoked it, and why"`
	Environments  EnvNames      `yaml:"environments" doc:"the environments it applies to; absent: access.consumerEnvironments"`
	Metadata      Metadata      `yaml:"-"`
	Pos           Pos           `yaml:"-"`
}

// RequestScope is what of a product is asked for.
type RequestScope struct {
	Layer  Text   `yaml:"layer" doc:"the layer; gold by default"`
	Port   Text   `yaml:"port" doc:"only the tables of that port"`
	Tables []Text `yaml:"tables" spec:"nonempty" doc:"only these tables, which must be those of a port"`
	PII    bool   `yaml:"pii" doc:"personal data too"`
	Pos    Pos    `yaml:"-"`
}

// Denial is why a request was denied.
type Denial struct {
	By     Text `yaml:"by" spec:"required" doc:"who denied it, by e-mail"`
	At     When `yaml:"at" spec:"required" doc:"when"`
	Reason Text `yaml:"reason" spec:"required" enum:"insufficient-justification,alternative-available,pii-without-privacy-approval,consumer-not-trained,data-quality,license-or-compliance" doc:"why"`
	Note   Text `yaml:"note" doc:"in words"`
	Pos    Pos  `yaml:"-"`
}

// Revocation is why access was taken away.
type Revocation struct {
	By        Text `yaml:"by" spec:"required" doc:"who revoked it, by e-mail"`
	At        When `yaml:"at" spec:"required" doc:"when"`
	Reason    Text `yaml:"reason" spec:"required" enum:"left-organisation,project-completed,unused,policy-violation,owner-discretion" doc:"why"`
	Immediate bool `yaml:"immediate" doc:"at once; otherwise after the notice of access.noticeBefore"`
	Note      Text `yaml:"note" doc:"in words"`
	Pos       Pos  `yaml:"-"`
}

// Statuses of a request.
const (
	RequestPending  = "pending"
	RequestApproved = "approved"
	RequestDenied   = "denied"
	RequestRevoked  = "revoked"
)

// Check reports a status without what it stands on.
func (r *AccessRequest) Check(c *Checker) {
	status := r.Status.Value
	if (status == RequestDenied) != (r.Denied != nil) {
		c.Errorf(r.Status.Pos, "status: denied and denied: go together")
	}
	if (status == RequestRevoked) != (r.Revoked != nil) {
		c.Errorf(r.Status.Pos, "status: revoked and revoked: go together")
	}
	if (status == RequestApproved || status == RequestRevoked) && len(r.Approvals) == 0 {
		c.Errorf(r.Status.Pos, "status: %s without approvals: nobody can tell since when", status)
	}
	if !r.Scope.Port.IsZero() && len(r.Scope.Tables) > 0 {
		c.Errorf(r.Scope.Tables[0].Pos, "port: and tables: say the same; write one of them")
	}
	for _, by := range r.deciders() {
		if !isEmail(by.Value) {
			c.Errorf(by.Pos, "%q is not an e-mail; requests are decided by persons", by.Value)
		}
	}
	for _, at := range r.decided() {
		if at.End(time.UTC).Before(r.Requested.Start(time.UTC)) {
			c.Errorf(at.Pos(), "decided on %s, before it was requested on %s", at, r.Requested)
		}
	}
	if !r.Requester.IsZero() && !isEmail(r.Requester.Value) {
		c.Errorf(r.Requester.Pos, "%q is not an e-mail; requests are made by persons", r.Requester.Value)
	}
}

// deciders are who denied or revoked the request.
func (r *AccessRequest) deciders() []Text {
	var out []Text
	if r.Denied != nil {
		out = append(out, r.Denied.By)
	}
	if r.Revoked != nil {
		out = append(out, r.Revoked.By)
	}
	return out
}

// decided are the times of what was decided about the request.
func (r *AccessRequest) decided() []When {
	var out []When
	if r.Denied != nil {
		out = append(out, r.Denied.At)
	}
	if r.Revoked != nil {
		out = append(out, r.Revoked.At)
	}
	return out
}

// EmergencyAccess is the spec of an EmergencyAccess document: access that
// starts before it is approved.
type EmergencyAccess struct {
	Product       Text       `yaml:"product" spec:"required" doc:"the data product"`
	Consumer      Ref        `yaml:"consumer" spec:"required" doc:"who gets it"`
	Layers        []Text     `yaml:"layers" spec:"required,nonempty" doc:"the layers that are needed"`
	Incident      Text       `yaml:"incident" doc:"the incident; absent: the name of the document is its number"`
	Justification Text       `yaml:"justification" doc:"what happened"`
	StartedBy     Text       `yaml:"startedBy" spec:"required" doc:"who started it, by e-mail"`
	From          When       `yaml:"from" spec:"required" doc:"the instant at which it starts" example:"2026-01-12T02:10:00Z"`
	Until         When       `yaml:"until" spec:"required" doc:"the instant at which it ends" example:"2026-01-12T10:10:00Z"`
	Approvals     []Approval `yaml:"approvals" doc:"who approved it; without, it ends after access.emergency.approvalWithin"`
	PostMortem    Text       `yaml:"postMortem" doc:"where the post-mortem can be read"`
	Environments  EnvNames   `yaml:"environments" doc:"the environments it applies to; absent: access.consumerEnvironments"`
	Metadata      Metadata   `yaml:"-"`
	Pos           Pos        `yaml:"-"`
}

// Check reports times that are no instants: hours matter here.
func (e *EmergencyAccess) Check(c *Checker) {
	for _, w := range []When{e.From, e.Until} {
		if w.IsDate() {
			c.Errorf(w.Pos(), "%s is a day; emergency access is counted in hours: write an instant like 2026-01-12T02:10:00Z", w)
		}
	}
	for _, a := range e.Approvals {
		if a.At.IsDate() {
			c.Errorf(a.At.Pos(), "%s is a day; emergency access is counted in hours: write an instant like 2026-01-12T02:10:00Z", a.At)
		}
	}
	if !e.From.IsDate() && !e.Until.IsDate() && !e.From.Start(time.UTC).Before(e.Until.End(time.UTC)) {
		c.Errorf(e.Until.Pos(), "until %s, before it begins on %s", e.Until, e.From)
	}
	if !isEmail(e.StartedBy.Value) {
		c.Errorf(e.StartedBy.Pos, "%q is not an e-mail; emergency access is started by persons", e.StartedBy.Value)
	}
}
