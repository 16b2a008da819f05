package policy

import (
	"github.com/brickgate/brickgate/spec"
)

// personal calls the rule for each entry in force that reads personal data.
func (j *judge) personal(rule func(*entry)) {
	j.inForce(func(e *entry) {
		if e.PII {
			rule(e)
		}
	})
}

// personalUnapproved is BG220.
func personalUnapproved(j *judge) {
	j.personal(func(e *entry) {
		needs := j.requiredOf(e).privacy
		if missing := j.missing(e, needs); missing != "" {
			j.about(e, nil, "%s reads personal data of %s without the approval of %s; it needs %s", e.Party, e.name(), missing, listed(needs))
		}
	})
}

// unminimised is BG221.
func unminimised(j *judge) {
	j.personal(func(e *entry) {
		if isPlaceholder(e.Minimisation.Value) {
			j.about(e, []spec.Pos{e.Minimisation.Pos}, "%s reads personal data of %s, and nothing says how its use is kept small: write minimisation:", e.Party, e.name())
		}
	})
}

// unminimisedUse is the part of BG221 about uses.
func unminimisedUse(j *judge) {
	j.usesInForce(func(u *spec.Use) {
		if u.PII && isPlaceholder(u.Terms.Minimisation.Value) {
			j.aboutUse(u, "%s uses %s, personal data of %s, and nothing says how that is kept small: write minimisation:",
				u.Product.Metadata.Name, usedName(u), u.Provider.Metadata.Name)
		}
	})
}

// recertificationDue is BG222. After the grace the access is gone.
func recertificationDue(j *judge) {
	j.personal(func(e *entry) {
		if e.Recertified.Start(j.zone).After(j.Now) {
			j.about(e, []spec.Pos{e.Recertified.Pos()}, "the access of %s to personal data of %s was certified on %s, which is in the future: write the day on which it was",
				e.Party, e.name(), e.Recertified)
			return
		}
		due := e.RecertifyBy(j.Project)
		if due.IsZero() || due.After(j.Now) {
			return
		}
		j.about(e, []spec.Pos{e.Recertified.Pos()}, "the access of %s to personal data of %s was to be certified anew by %s: it ends with %s (%s)",
			e.Party, e.name(), j.lastsUntil(due), j.lastsUntil(e.course.Until), e.course.Ends)
	})
}
