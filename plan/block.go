package plan

import (
	"slices"
	"strings"
	"time"
)

// DocumentError is why the additions of a document are withheld, where it goes
// without saying.
const DocumentError = "its document has an error"

// Block withholds what documents with an error in findings would add: it moves
// these additions from p.Changes to p.Blocked, and with them all that needs what
// so is not made, as the members and grants of a group that is not created.
// Removals, deletions and renames stay where they are:
//
//	Changes   group b   member  + user:y  - user:z         member  - user:z
//	                                                  ──▶
//	Blocked                                                member  + user:y
//
// A value that several documents want is withheld if all of these have an error.
// Where a withheld value would have taken another one's place, that one stays,
// unless the new one is less: to lower is to take away. Who is to be deleted and so
// stays an owner is not deleted either: nobody would own it. lower tells whether to is
// less than from, as CAN_VIEW is less than CAN_MANAGE; nil: nothing is.
//
// Block comes between Diff and Order, so that nothing waits for a change that is
// not made. It may be called again with the same findings.
func Block(p *Plan, findings []Finding, now time.Time, lower func(k Key, from, to string) bool) {
	p.Findings = findings
	b := &blocker{now: now, lower: lower, wrong: map[Pos]bool{}, missing: map[string][]Key{}, kept: map[string][]Key{}}
	for _, f := range findings {
		if f.Level == LevelError && f.Doc != (Pos{}) {
			b.wrong[f.Doc] = true
		}
	}
	if len(b.wrong) == 0 {
		return
	}
	b.findMissing(p.Changes)
	var rest []Change
	for i := range p.Changes {
		made, withheld := b.split(&p.Changes[i])
		if made != nil {
			rest = append(rest, *made)
		}
		if withheld != nil {
			p.Blocked = append(p.Blocked, *withheld)
			b.noteKept(&p.Changes[i], made)
		}
	}
	p.Changes = slices.DeleteFunc(rest, func(c Change) bool {
		kept := b.kept[c.Key.principal()]
		if c.Action != Delete || len(kept) == 0 {
			return false
		}
		c.Reason = waitingFor(kept)
		p.Blocked = append(p.Blocked, c)
		return true
	})
	slices.SortStableFunc(p.Blocked, func(a, b Change) int { return a.Key.Compare(b.Key) })
}

// blocker knows what is wrong and what is therefore not there.
type blocker struct {
	now     time.Time
	lower   func(k Key, from, to string) bool
	wrong   map[Pos]bool     // documents with an error
	missing map[string][]Key // what is not made, by the principal that it is or that it lets in
	kept    map[string][]Key // where a principal keeps what another one would have had in its place

	at       *Change // the change that refusals are of
	refusals map[wish]bool
}

// wish is a value that entries want; the zero wish is the resource itself.
type wish struct{ field, value string }

// findMissing collects what is not made: groups that are not created, and then
// what so is not assigned to a workspace, and gets nothing on an object there.
func (b *blocker) findMissing(changes []Change) {
	for i := range changes {
		if c := &changes[i]; c.Action == Create && b.refused(c, "", "") {
			b.miss(c.Key)
		}
	}
	for i := range changes {
		if c := &changes[i]; c.Key.principal() != "" && b.grantsNothing(c) {
			b.miss(c.Key)
		}
	}
}

func (b *blocker) miss(k Key) {
	if who := k.principal(); who != "" {
		b.missing[who] = append(b.missing[who], k)
	}
}

// grantsNothing tells whether all of what would be given is withheld where there
// is nothing.
func (b *blocker) grantsNothing(c *Change) bool {
	if c.Action != Update || c.ID != "" || len(c.Before) > 0 {
		return false
	}
	made, _ := b.split(c)
	return made == nil
}

// refused tells whether all entries in force that want the value stand in
// documents with an error. What no entry claims, as that a service principal is
// active, stands or falls with the resource.
func (b *blocker) refused(c *Change, field, value string) bool {
	if b.at != c {
		b.at, b.refusals = c, b.refusalsOf(c)
	}
	refused, claimed := b.refusals[wish{field, value}]
	if !claimed && field != "" && field != nameField {
		return b.refusals[wish{}]
	}
	return refused
}

// refusalsOf judges every value that entries in force want.
func (b *blocker) refusalsOf(c *Change) map[wish]bool {
	out := map[wish]bool{}
	for _, cl := range c.Claims {
		if cl.Want && cl.Origin.InForce(b.now) {
			w := wish{cl.Field, cl.Value}
			before, again := out[w]
			out[w] = b.wrong[cl.Origin.Document()] && (before || !again)
		}
	}
	return out
}

// waitsFor lists what is not made and what the value needs.
func (b *blocker) waitsFor(c *Change, field, value string) []Key {
	var out []Key
	for _, who := range []string{field, value, c.Key.principal()} {
		for _, k := range b.missing[who] {
			if IsPrincipal(who) && c.needs(k, who) {
				out = append(out, k)
			}
		}
	}
	return out
}

// needs tells whether the change refers to k, or names the principal k without
// saying which of that name it means.
func (c *Change) needs(k Key, who string) bool {
	if slices.Contains(c.refs, k) {
		return true
	}
	return k.isPrincipal() && !slices.ContainsFunc(c.refs, func(ref Key) bool { return ref.Kind == k.Kind && ref.principal() == who })
}

// withheld lists the values of the delta that are not given, and what those of
// them wait for that have no error of their own.
func (b *blocker) withheld(c *Change, d Delta) (values []string, waits []Key) {
	for _, v := range d.Added {
		if b.isLess(c.Key, d.Removed, v) {
			continue
		}
		if b.refused(c, d.Field, v) {
			values = append(values, v)
		} else if needs := b.waitsFor(c, d.Field, v); len(needs) > 0 {
			values = append(values, v)
			waits = append(waits, needs...)
		}
	}
	return values, waits
}

// isLess tells whether the value is less than one of the others.
func (b *blocker) isLess(k Key, others []string, value string) bool {
	return b.lower != nil && slices.ContainsFunc(others, func(from string) bool { return from != value && b.lower(k, from, value) })
}

// split parts a change into what is made and what is withheld; nil where there
// is nothing of it.
func (b *blocker) split(c *Change) (made, withheld *Change) {
	if c.Action == Create && b.refused(c, "", "") {
		whole := *c
		whole.Reason = DocumentError
		return nil, &whole
	}
	s := splitting{blocker: b, Change: c, withheld: map[string][]string{}}
	var waits []Key
	for _, d := range c.Deltas() {
		values, needs := b.withheld(c, d)
		if len(values) > 0 {
			s.withheld[d.Field] = values
			waits = append(waits, needs...)
		}
	}
	if len(s.withheld) == 0 {
		return c, nil
	}
	made, withheld = s.parts()
	withheld.Reason = DocumentError
	if len(waits) > 0 {
		withheld.Reason = waitingFor(waits)
	}
	return made, withheld
}

// noteKept notes who keeps what the change would have taken and what is made of it
// does not.
func (b *blocker) noteKept(c, made *Change) {
	for _, d := range c.Deltas() {
		for _, v := range d.Removed {
			who := Principal(Fact{c.Key, d.Field, v})
			if IsPrincipal(who) && (made == nil || !contains(made.Removed(d.Field), v)) {
				b.kept[who] = append(b.kept[who], c.Key)
			}
		}
	}
}

func waitingFor(keys []Key) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = k.String()
	}
	return "waits for " + strings.Join(Set(out), ", ")
}
