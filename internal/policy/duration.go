package policy

import (
	"time"

	"github.com/brickgate/brickgate/spec"
)

// standardTooLong is BG203, temporaryTooLong BG204.
func standardTooLong(j *judge) { j.tooLongOf(spec.AccessStandard) }

func temporaryTooLong(j *judge) { j.tooLongOf(spec.AccessTemporary) }

func (j *judge) tooLongOf(access string) {
	j.inForce(func(e *entry) {
		if e.Access.Value == access {
			j.tooLong(e)
		}
	})
}

// tooLong reports an entry that would last longer than its kind of access may.
func (j *judge) tooLong(e *entry) {
	limit := e.MaxDuration(j.Project)
	if e.Expires.IsZero() {
		// Without a duration of its own it takes the default, which is no longer.
		start := e.GrantedOn().Start(j.zone)
		if !e.Duration.IsZero() && e.Duration.AddTo(start).After(limit.AddTo(start)) {
			j.about(e, []spec.Pos{e.Duration.Pos()}, "%s asks for %s of %s: %s access lasts %s at most", e.Party, e.Duration, e.name(), e.Access, limit)
		}
		return
	}
	begin, latest := j.latestEnd(e)
	if end := e.Expires.End(j.zone); end.After(latest) {
		j.about(e, []spec.Pos{e.Expires.Pos()}, "%s has %s until %s: %s access lasts %s at most, from %s until %s",
			e.Party, e.name(), e.Expires, e.Access, limit, begin, j.lastsUntil(latest))
	}
}

// latestEnd is the last end that an entry may have, and from when it counts:
// where nothing says when it was granted, from its approval; without one, from now.
func (j *judge) latestEnd(e *entry) (begin spec.When, latest time.Time) {
	switch {
	case e.Emergency():
		return e.From, e.LatestEnd(j.Project)
	case !e.GrantedOn().IsZero():
		return e.GrantedOn(), e.LatestEnd(j.Project)
	case !e.From.IsZero():
		return e.From, e.LatestEnd(j.Project)
	}
	counted := *e.Consumption
	counted.Granted = e.LastApproval()
	if counted.Granted.IsZero() {
		counted.Granted = j.today
	}
	return counted.Granted, counted.LatestEnd(j.Project)
}

// grantedLate is BG209. Emergency access is about an incident, which a product
// that is still used can have.
func grantedLate(j *judge) {
	j.inForce(func(e *entry) {
		p := e.Product
		active := p.Status.Value != spec.StatusDeprecated && p.Status.Value != spec.StatusRetired
		if active || p.DeprecatedOn.IsZero() || e.Emergency() {
			return
		}
		granted := e.GrantedOn()
		if granted.IsZero() {
			granted = e.LastApproval()
		}
		if granted.IsZero() {
			granted = e.From
		}
		if !granted.IsZero() && !granted.Start(j.zone).Before(p.DeprecatedOn.End(j.zone)) {
			j.about(e, []spec.Pos{e.Granted.Pos()}, "%s was given %s on %s, but it is %s: nobody gets it after %s",
				e.Party, e.name(), granted, p.Status, p.DeprecatedOn)
		}
	})
}

// keepDays is for how many days an entry that has ended may stand as a record.
const keepDays = 90

// stale is BG223. An emergency access is kept for its post-mortem.
func stale(j *judge) {
	for _, e := range j.entries() {
		if !e.course.Over(j.Now) || e.Emergency() && isPlaceholder(e.Post) {
			continue
		}
		if j.Now.After(e.course.Until.In(j.zone).AddDate(0, 0, keepDays)) {
			j.about(e, nil, "the access of %s to %s ended with %s (%s): remove the entry; git keeps it", e.Party, e.name(), j.lastsUntil(e.course.Until), e.course.Ends)
		}
	}
}
