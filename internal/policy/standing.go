package policy

import (
	"fmt"

	"github.com/brickgate/brickgate/spec"
)

// Standing says how the approval of an access in a role stands.
type Standing string

// From the best to the worst: of several approvals in one role, the best counts.
const (
	Approved   Standing = "approved"
	Unknown    Standing = "unknown"    // nothing here says whether the approver holds the role
	NotHolder  Standing = "not holder" // the approver does not hold the role
	Conflict   Standing = "conflict"   // the approver must be somebody else
	Void       Standing = "void"       // given for something else
	Future     Standing = "future"     // dated after now
	Unapproved Standing = "unapproved" // nobody approved it
)

var standings = []Standing{Approved, Unknown, NotHolder, Conflict, Void, Future, Unapproved}

// RoleApproval is how the approval in one required role stands.
type RoleApproval struct {
	Role     string
	Standing Standing
	By       string    // e-mail of who gave it; empty if nobody did
	At       spec.When // when
	Why      string    // of one that does not count
}

// Approvals tell of any consumption which approvals it needs and has.
type Approvals struct{ judge *judge }

// NewApprovals looks at the approvals of an environment at an instant.
func NewApprovals(in Input) *Approvals { return &Approvals{newJudge(in)} }

// Of is one line for each role that must approve the access, in the order in
// which the project names them.
func (a *Approvals) Of(c *spec.Consumption) []RoleApproval {
	e := &entry{Consumption: c}
	needs := a.judge.requiredOf(e)
	var out []RoleApproval
	for _, roles := range [][]string{needs.access, needs.privacy} {
		for _, role := range roles {
			out = append(out, a.judge.standingOf(e, role))
		}
	}
	return out
}

// Outstanding lists the roles in which an approval is wanting. One is not where
// only live groups can tell whether its approver holds the role.
func Outstanding(approvals []RoleApproval) []string {
	var roles []string
	for _, a := range approvals {
		if a.Standing != Approved && a.Standing != Unknown {
			roles = append(roles, a.Role)
		}
	}
	return roles
}

// standingOf is how the approval of an entry in a role stands.
func (j *judge) standingOf(e *entry, role string) RoleApproval {
	best := RoleApproval{Role: role, Standing: Unapproved}
	if _, known := j.Project.Roles.Get(role); !known && role != spec.RoleManager && role != spec.RoleDomainOwner {
		best.Why = "nobody holds it: say who under roles:"
	}
	approvals := j.approvalsOf(e)
	for i := range approvals {
		a := &approvals[i]
		if a.Role.Value != role {
			continue
		}
		if s, why := j.stands(e, approvals, i); s.better(best.Standing) {
			best = RoleApproval{role, s, a.By.Value, a.At, why}
		}
	}
	return best
}

func (s Standing) better(o Standing) bool {
	for _, one := range standings {
		if one == s || one == o {
			return one == s && s != o
		}
	}
	return false
}

// stands is how one approval stands.
func (j *judge) stands(e *entry, approvals []approval, i int) (Standing, string) {
	a := &approvals[i]
	conflict := j.conflict(e, approvals, i)
	switch {
	case a.void:
		return Void, fmt.Sprintf("that of %s is void: it was given for something else", a.By)
	case a.future:
		return Future, fmt.Sprintf("that of %s is dated %s, in the future", a.By, a.At)
	case conflict != "":
		return Conflict, a.By.Value + " cannot: " + conflict
	case a.holder.yes:
		return Approved, ""
	case a.holder.unknown():
		return Unknown, "who is in " + a.holder.unread[0].name + " is known live only"
	}
	return NotHolder, a.By.Value + " is no " + a.Role.Value
}
