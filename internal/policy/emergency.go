package policy

import (
	"regexp"

	"github.com/brickgate/brickgate/spec"
)

// emergencies calls the rule for each emergency access in force.
func (j *judge) emergencies(rule func(*entry)) {
	j.inForce(func(e *entry) {
		if e.Emergency() {
			rule(e)
		}
	})
}

// emergencyTerms is BG205.
func emergencyTerms(j *judge) {
	roles := j.Project.Access.Emergency.MayStart
	j.emergencies(func(e *entry) {
		j.tooLong(e)
		if h := j.mayStart(e); !h.yes && !h.unknown() {
			var names []string
			for _, role := range roles {
				names = append(names, role.Value)
			}
			j.about(e, nil, "%s started emergency access to %s, but may not: it is started by %s", e.Requester, e.name(), listed(names))
		}
	})
}

// mayStart reports whether who started an emergency access could.
func (j *judge) mayStart(e *entry) holding {
	var h holding
	for _, role := range j.Project.Access.Emergency.MayStart {
		one := j.holds(role.Value, e.Requester, e.Product, j.day(e.From))
		if one.yes {
			return one
		}
		h.unread = append(h.unread, one.unread...)
	}
	return h
}

// emergencyUnapproved is BG206.
func emergencyUnapproved(j *judge) {
	within := j.Project.Access.Emergency.ApprovalWithin
	j.emergencies(func(e *entry) {
		var missing []string
		for _, role := range j.requiredOf(e).access {
			s := j.standingOf(e, role)
			if ends := s.Standing != Conflict || e.ApprovedAt(j.Project).IsZero(); ends && NotHolder.better(s.Standing) {
				missing = append(missing, because(role, s.Why))
			}
		}
		if len(missing) == 0 {
			return
		}
		until := within.AddTo(e.course.From)
		j.about(e, nil, "the emergency access of %s to %s is not approved by %s: without that, it ends at %s (%s after it began)",
			e.Party, e.name(), listed(missing), j.lastsUntil(until), within)
	})
}

// withoutIncident is BG207.
func withoutIncident(j *judge) {
	j.emergencies(func(e *entry) {
		if !namesIncident(e.Consumption) {
			j.about(e, nil, "the emergency access of %s to %s names no incident: write incident:, or call the document by its number, like INC-4711", e.Party, e.name())
		}
	})
}

// incidentNumber is how incidents are numbered: INC-4711, INC0012345.
var incidentNumber = regexp.MustCompile(`^\pL+[-_]?[0-9]+$`)

// namesIncident reports whether emergency access says what happened: by
// incident:, or by the name of its document.
func namesIncident(c *spec.Consumption) bool {
	return !isPlaceholder(c.Incident) || incidentNumber.MatchString(c.Document.Name)
}

// postMortemDue is BG208. The duty outlives the access.
func postMortemDue(j *judge) {
	for _, e := range j.entries() {
		if !e.Emergency() || !isPlaceholder(e.Post) {
			continue
		}
		if due := e.PostMortemBy(j.Project); !due.After(j.Now) {
			j.about(e, nil, "the post-mortem of the emergency access of %s to %s was due on %s: write postMortem: with its place", e.Party, e.name(), j.lastsUntil(due))
		}
	}
}
