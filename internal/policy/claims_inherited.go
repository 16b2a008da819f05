package policy

import "github.com/brickgate/brickgate/internal/access"

// inherits is BG306: privileges that the same principal has already on what holds
// the securable, for at least as long.
func inherits(j *judge) {
	r := j.rights()
	for _, l := range j.claims().grants {
		if l.derived() {
			continue
		}
		for _, s := range l.spots {
			if again, above := r.again(l, s); len(again) > 0 {
				j.once(l, "%s has %s on %s already, so that on %s %s nothing more: leave it out", l.who, and(again), above, s, adds(again))
			}
		}
	}
}

func adds(privileges []string) string {
	if len(privileges) == 1 {
		return "it adds"
	}
	return "they add"
}

// again lists the privileges of a spot that come from above, and from where.
func (r *rights) again(l *line, s spot) (privileges []string, above string) {
	d, ok := dataOf(s.on.Key)
	if !ok || len(d.parts) == 1 {
		return nil, ""
	}
	holders := []string{catalogOf(d)}
	if len(d.parts) == 3 {
		holders = append(holders, schemaOf(d))
	}
	for _, on := range holders {
		for _, p := range s.values {
			if p != useSchema && r.lasts(on, l, p) && (above == "" || above == on) {
				privileges, above = append(privileges, p), on
			}
		}
	}
	return privileges, words(above)
}

// lasts tells whether the privilege is held there at least as long as the line.
func (r *rights) lasts(on string, l *line, privilege string) bool {
	for _, p := range []string{privilege, allPrivileges} {
		if p != privilege && !access.InAll(privilege) {
			continue
		}
		until, ok := r.held[held{on, l.who, p}]
		if ok && (until.IsZero() || !l.origin.Until.IsZero() && !until.Before(l.origin.Until)) {
			return true
		}
	}
	return false
}
