package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Conflict is a value that one entry wants and another says must be absent.
type Conflict struct {
	Fact   Fact
	Wanted *Origin
	Absent *Origin
}

func (c *Conflict) Error() string {
	what := strings.TrimRight(c.Fact.Key.String()+": "+c.Fact.Field+" "+c.Fact.Value, ": ")
	return fmt.Sprintf("%s is wanted at %s and absent at %s", what, c.Wanted.Pos, c.Absent.Pos)
}

// Fold turns claims into the desired state at now. Any wanting claim in force
// makes the value desired; otherwise a claim that is expired, or that says
// absent, makes it gone. A claim whose time has not come is no claim. Fields
// that the resources already have are kept: they say that a field is declared
// even where no claim fills it. Conflicts are returned beside the state.
func Fold(declared []Resource, now time.Time) (State, []*Conflict) {
	state := NewState(declared)
	var conflicts []*Conflict
	for i := range state.resources {
		conflicts = append(conflicts, fold(&state.resources[i], now)...)
	}
	return state, conflicts
}

// fold walks the claims sorted by field and value, one run per value.
func fold(r *Resource, now time.Time) []*Conflict {
	if !slices.IsSortedFunc(r.Claims, compareClaims) {
		slices.SortStableFunc(r.Claims, compareClaims)
	}
	var conflicts []*Conflict
	wanted := newCollector(r.Claims)
	var gone collector
	for rest := r.Claims; len(rest) > 0; {
		run := sameValue(rest)
		rest = rest[len(run):]
		want, absent, ended := judge(run, now)
		f, v := run[0].Field, run[0].Value
		switch {
		case want != nil && absent != nil:
			conflicts = append(conflicts, &Conflict{Fact{r.Key, f, v}, want, absent})
		case f == "" && want != nil:
			r.Presence = Present
		case f == "" && (absent != nil || ended):
			r.Presence = Gone
		case want != nil:
			wanted.add(f, v)
		case absent != nil || ended:
			gone.add(f, v)
		}
	}
	r.Fields = merged(r.Fields, wanted.fields)
	r.Gone = merged(r.Gone, gone.fields)
	return append(conflicts, r.absentEntries()...)
}

// absentEntries finds entries that must have nothing and yet are wanted.
func (r *Resource) absentEntries() []*Conflict {
	var conflicts []*Conflict
	for i := range r.Gone {
		g := &r.Gone[i]
		if len(g.Values) == 0 || g.Values[0] != "" {
			continue
		}
		g.Values = nil // all values of the entry
		f, ok := r.Field(g.Name)
		if !ok || len(f.Values) == 0 {
			continue
		}
		conflicts = append(conflicts, &Conflict{
			Fact{r.Key, g.Name, f.Values[0]}, r.claim(g.Name, f.Values[0], true), r.claim(g.Name, "", false)})
	}
	return conflicts
}

func (r *Resource) claim(field, value string, want bool) *Origin {
	for _, c := range r.Claims {
		if c.Field == field && c.Value == value && c.Want == want {
			return c.Origin
		}
	}
	return &Origin{}
}

// judge reads all claims on one value: the first in force that wants it, the
// first that says absent, and whether any has ended.
func judge(run []Claim, now time.Time) (want, absent *Origin, ended bool) {
	for _, c := range run {
		switch {
		case c.Origin.Future(now):
		case !c.Want && c.Origin.InForce(now):
			absent = cmp.Or(absent, c.Origin)
		case c.Want && c.Origin.InForce(now):
			want = cmp.Or(want, c.Origin)
		default:
			ended = ended || c.Want
		}
	}
	return want, absent, ended
}

// lasts tells whether a outlives b.
func lasts(a, b *Origin) bool {
	if b.Until.IsZero() {
		return false
	}
	return a.Until.IsZero() || a.Until.After(b.Until)
}

func compareClaims(a, b Claim) int {
	return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value), a.Origin.Pos.Compare(b.Origin.Pos))
}

func sameValue(claims []Claim) []Claim {
	n := 1
	for n < len(claims) && claims[n].Field == claims[0].Field && claims[n].Value == claims[0].Value {
		n++
	}
	return claims[:n]
}

// collector gathers sorted values into fields over one backing array.
type collector struct {
	fields  []Field
	backing []string
}

// newCollector has room for all values of the claims, which are sorted.
func newCollector(claims []Claim) collector {
	fields := 0
	for i := range claims {
		if i == 0 || claims[i].Field != claims[i-1].Field {
			fields++
		}
	}
	return collector{fields: make([]Field, 0, fields), backing: make([]string, 0, len(claims))}
}

func (c *collector) add(field, value string) {
	c.backing = append(c.backing, value)
	at := len(c.backing)
	if n := len(c.fields); n > 0 && c.fields[n-1].Name == field {
		from := at - 1 - len(c.fields[n-1].Values)
		c.fields[n-1].Values = c.backing[from:at:at]
		return
	}
	c.fields = append(c.fields, Field{Name: field, Values: c.backing[at-1 : at : at]})
}

// merged joins declared fields, which may be empty, with the wanted ones.
func merged(declared, wanted []Field) []Field {
	if len(declared) == 0 {
		return wanted
	}
	return canonical(append(slices.Clip(declared), wanted...))
}
