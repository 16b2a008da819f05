package policy

import (
	"cmp"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// span is a time; a zero end of it is open.
type span struct{ from, until time.Time }

func (s span) overlaps(o span) bool { return before(s.from, o.until) && before(o.from, s.until) }

// within is the part of s that is in o.
func (s span) within(o span) span {
	if s.from.Before(o.from) {
		s.from = o.from
	}
	if s.until.IsZero() || !o.until.IsZero() && o.until.Before(s.until) {
		s.until = o.until
	}
	return s
}

// before reports whether a start comes before an end.
func before(from, until time.Time) bool { return until.IsZero() || from.Before(until) }

// groups know who is in a group, as the claims say, and when.
type groups struct {
	tokens  map[string]string                   // how facts call a principal, by kind and name in the specs
	byLive  map[string]*plan.Resource           // groups
	live    func(group string) ([]string, bool) // nil offline
	rosters map[string]*roster                  // by live name
}

// roster is who is in a group, directly or through others, and when.
type roster struct {
	times  map[string][]span // by principal, as facts name it
	unread map[string][]span // groups of which nothing says who is in them
}

func newGroups(in Input) *groups {
	g := &groups{tokens: map[string]string{}, byLive: map[string]*plan.Resource{}, rosters: map[string]*roster{}}
	if in.Live != nil {
		g.live = in.Live.Members
	}
	for i := range in.Declared {
		r := &in.Declared[i]
		if name, ok := label(r, labelName); ok {
			g.tokens[r.Key.Kind+":"+name] = principalOf(r.Key)
		}
		if r.Key.Kind != kindGroup {
			continue
		}
		g.byLive[r.Key.Name] = r
		if role, derived := label(r, labelRole); derived {
			product, _ := label(r, labelProduct)
			g.tokens[spec.RefProduct+":"+product+"/"+role] = principalOf(r.Key)
		}
	}
	return g
}

// token is how facts call the principal of a reference. The suffix of the
// environment comes from the document that declares it; what is declared
// nowhere is called by its live name.
func (g *groups) token(ref spec.Ref) string {
	if token, declared := g.tokens[ref.String()]; declared {
		return token
	}
	switch ref.Kind() {
	case spec.RefUser:
		return userToken(ref.Name())
	case spec.RefServicePrincipal:
		return "sp:" + ref.Name()
	}
	return "group:" + ref.Name()
}

// of is the roster of a group, by its live name.
func (g *groups) of(live string) *roster {
	r := g.rosters[live]
	if r == nil {
		w := walk{g, &roster{times: map[string][]span{}, unread: map[string][]span{}}, map[visit]bool{}}
		w.group(live, span{})
		r = w.roster
		g.rosters[live] = r
	}
	return r
}

// walk goes down from a group through its members. A group is visited once for
// each time in which it counts, so that cycles come to an end.
type walk struct {
	*groups
	*roster
	visited map[visit]bool
}

type visit struct {
	group string
	span
}

func (w *walk) group(live string, during span) {
	v := visit{live, during}
	if w.visited[v] {
		return
	}
	w.visited[v] = true
	r := w.byLive[live]
	if r != nil {
		for _, c := range r.Claims {
			if c.Field != fieldMember || !c.Want || c.Value == "" {
				continue
			}
			if s := during.within(span{c.Origin.From, c.Origin.Until}); before(s.from, s.until) {
				w.member(c.Value, s)
			}
		}
		if listsAll(r) {
			return
		}
	}
	if w.live != nil {
		if members, read := w.live("group:" + live); read {
			for _, m := range members {
				w.member(m, during)
			}
			return
		}
	}
	w.unread[live] = append(w.unread[live], during)
}

func (w *walk) member(principal string, during span) {
	w.times[principal] = append(w.times[principal], during)
	if plan.IsGroup(principal) {
		w.group(strings.TrimPrefix(principal, "group:"), during)
	}
}

// listsAll reports whether the claims name every member that a group is to have.
func listsAll(r *plan.Resource) bool {
	if _, declared := r.Field(fieldMember); !declared {
		return false
	}
	return cmp.Or(r.Authority, plan.Exact) != plan.Merge
}

// has reports whether a principal is in the group at a time; else which groups
// would have to be read to tell.
func (r *roster) has(principal string, when span) (is bool, unread []string) {
	if anyOverlaps(r.times[principal], when) {
		return true, nil
	}
	for group, times := range r.unread {
		if anyOverlaps(times, when) {
			unread = append(unread, group)
		}
	}
	return false, plan.Set(unread)
}

func anyOverlaps(times []span, when span) bool {
	for _, t := range times {
		if t.overlaps(when) {
			return true
		}
	}
	return false
}
