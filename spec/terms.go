package spec

import "time"

// Terms are the conditions of an entry that gives access; entries inline them.
type Terms struct {
	From          When       `yaml:"from" doc:"the first day, or the instant, of the access"`
	Expires       When       `yaml:"expires" doc:"the last day, or the instant at which the access ends"`
	Justification Text       `yaml:"justification" doc:"why the access is needed"`
	Ticket        Text       `yaml:"ticket" doc:"the ticket that asked for it" example:"RITM0012345"`
	Environments  EnvNames   `yaml:"environments" doc:"the environments it applies to; absent: all"`
	Absent        bool       `yaml:"absent" doc:"the principal must not have this access, whoever gave it"`
	Approvals     []Approval `yaml:"approvals" doc:"who approved it"`
}

// Approval records that somebody agreed to an access.
type Approval struct {
	Role Text `yaml:"role" spec:"required" doc:"the role in which it was given" example:"domain_owner"`
	By   Text `yaml:"by" spec:"required" doc:"who gave it, by e-mail"`
	At   When `yaml:"at" spec:"required" doc:"when it was given"`
	Of   Text `yaml:"of" doc:"digest of what was approved" example:"3f9a1c07"`
	Ref  Text `yaml:"ref" doc:"where the approval can be seen, such as the pull request"`
	Pos  Pos  `yaml:"-"`
}

// Check reports access that would end before it begins.
func (t *Terms) Check(c *Checker) {
	if t.From.IsZero() || t.Expires.IsZero() {
		return
	}
	if !t.From.Start(time.UTC).Before(t.Expires.End(time.UTC)) {
		c.Errorf(t.Expires.Pos(), "expires %s, before it begins on %s", t.Expires, t.From)
	}
}

// Check reports an approver who is not a person.
func (a *Approval) Check(c *Checker) {
	if !isEmail(a.By.Value) {
		c.Errorf(a.By.Pos, "%q is not an e-mail; approvals are given by persons", a.By.Value)
	}
}
