package plan

import (
	"slices"
	"strings"
	"time"
)

// Action is what a change does to its resource.
type Action string

const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
)

// Reasons that go without saying where the change itself is seen.
const (
	Missing = "declared and not live"
	Differs = "live differs from what is declared"
)

// Change is the complete before and after of one resource. What is printed of
// it is what is sent: added and removed are computed from Before and After.
type Change struct {
	Key      Key
	Action   Action
	Reason   string // in words: renamed from …, the reason of a removal
	Before   []Field
	After    []Field
	WaitsFor []Key // changes that must have succeeded first, sorted
	Stage    int   // changes of a stage start when those of all earlier stages have ended
	ID       string
	Origin   *Origin // the document that governs the resource
	Claims   []Claim // why; shared with the desired resource
	Labels   []string

	gone   []Field // what entries take away
	refs   []Key   // desired references
	drops  []Key   // live references
	single bool
	late   bool
}

// Plan is what a run would do, and what it leaves alone.
type Plan struct {
	Environment string
	Hosts       []Host // where it is carried out, by target
	Changes     []Change
	Blocked     []Change    // what documents with an error in Findings would add, and what hangs on it: not applied
	Findings    []Finding   // of the rules, by place
	Unchanged   int         // resources that are as declared
	Unmanaged   []Unmanaged // live access that is not declared and stays
	Held        []Held      // resources whose changes are held back
	Warnings    []Warning
	Lacks       []Lack // of rights that the changes need, in the order of the changes
	Violations  []Violation
	Waivers     []Waiver
	Unjudged    []string // files of which nobody can tell whether what they declare has ended
	Ended       bool     // of access that has ended alone: OnlyEnded has been over it
	Impact      *Impact  // on effective access; nil: nobody computed it
	Base        *Base    // what the repository said before; nil: nobody asked
	Drift       *Drift   // what of it is drift, where that was the question; else nil
	Redacted    string   // checksum of the plan that this is the redacted form of; "": names are as they are
}

// Summary counts the changes by what they do.
type Summary struct {
	Create    int `json:"create"`
	Update    int `json:"update"`
	Delete    int `json:"delete"`
	Unchanged int `json:"unchanged"`
	Blocked   int `json:"blocked"`
}

// Summary counts what the plan would do.
func (p Plan) Summary() Summary {
	s := Summary{Unchanged: p.Unchanged, Blocked: len(p.Blocked)}
	for i := range p.Changes {
		switch p.Changes[i].Action {
		case Create:
			s.Create++
		case Update:
			s.Update++
		case Delete:
			s.Delete++
		}
	}
	return s
}

// Unmanaged is live access that nobody declared and that the plan leaves alone.
type Unmanaged struct {
	Fact Fact
	Kept string // why it stays: not owned, protected, authority: merge, orphaned
	From string // the day from which it will be removed, when adoption ends; "" otherwise
}

// Held is a resource that the plan does not touch because it could not be read
// or is not there yet.
type Held struct {
	Key    Key
	Origin *Origin
	Reason string
	Failed bool // a read failed, in contrast to an object that does not exist yet
}

// Warning is something a reader of the plan must know and that blocks nothing.
type Warning struct {
	Pos      Pos
	Message  string
	Foremost bool // it is about the whole plan, and nobody may read that without it
}

// Waiver is a guard that was let off in this run, and why.
type Waiver struct {
	Guard  string
	Reason string
}

// Delta is one field of a change.
type Delta struct {
	Field   string
	Added   []string
	Removed []string
}

// Deltas computes what the change adds and removes, field by field in order.
func (c *Change) Deltas() []Delta {
	var out []Delta
	walkFields(c.Before, c.After, func(name string, before, after []string) {
		d := Delta{Field: name, Added: minus(after, before), Removed: minus(before, after)}
		if len(d.Added)+len(d.Removed) > 0 {
			out = append(out, d)
		}
	})
	return out
}

// Added lists the values of that field that the change adds.
func (c *Change) Added(field string) []string {
	before, _ := find(c.Before, field)
	after, _ := find(c.After, field)
	return minus(after.Values, before.Values)
}

// Removed lists the values of that field that the change removes.
func (c *Change) Removed(field string) []string {
	before, _ := find(c.Before, field)
	after, _ := find(c.After, field)
	return minus(before.Values, after.Values)
}

// Value is the only value that the field is to have, "" for none.
func (c *Change) Value(field string) string {
	after, _ := find(c.After, field)
	if len(after.Values) == 0 {
		return ""
	}
	return after.Values[0]
}

// Adds tells whether the change gives anything to anybody, or creates.
func (c *Change) Adds() bool {
	return c.Action == Create || slices.ContainsFunc(c.Deltas(), func(d Delta) bool { return len(d.Added) > 0 })
}

// Displaces tells whether a removed value of the field makes room for another
// one, as a level does for a higher or lower level, or an old name for a new
// one: a property that the document itself sets, one value for one value.
func (c *Change) Displaces(d Delta) bool {
	if c.single {
		return len(d.Added) > 0
	}
	before, _ := find(c.Before, d.Field)
	after, _ := find(c.After, d.Field)
	return len(d.Added) == 1 && len(before.Values) == 1 && len(after.Values) == 1 &&
		!slices.ContainsFunc(c.Claims, func(cl Claim) bool { return cl.Field == d.Field })
}

// Why lists the origins of the claims on a value, the longest lasting first.
// A claim on all values of a field or on the whole resource answers for each.
func (c *Change) Why(field, value string) []*Origin {
	var out []*Origin
	for _, cl := range c.Claims {
		if cl.Field == field && (cl.Value == value || cl.Value == "") || cl.Field == "" && c.Action == Delete {
			out = append(out, cl.Origin)
		}
	}
	slices.SortStableFunc(out, func(a, b *Origin) int {
		switch {
		case lasts(a, b):
			return -1
		case lasts(b, a):
			return 1
		}
		return a.Pos.Compare(b.Pos)
	})
	return slices.Compact(out)
}

// ByClaim tells whether a removal is asked for by an entry (expired, revoked,
// absent, a removed principal), in contrast to one that is merely undeclared.
func (c *Change) ByClaim(field, value string) bool {
	return c.Action == Delete || takes(c.gone, field, value)
}

// takes tells whether the fields of gone values name this one, or all of its field.
func takes(gone []Field, field, value string) bool {
	f, ok := find(gone, field)
	return ok && (len(f.Values) == 0 || contains(f.Values, value))
}

// Ended tells when the last entry that wanted the value ended; zero if none did by now.
func Ended(origins []*Origin, now time.Time) time.Time {
	var last time.Time
	for _, o := range origins {
		if !o.Until.IsZero() && !now.Before(o.Until) && o.Until.After(last) {
			last = o.Until
		}
	}
	return last
}

// walkFields visits the fields of two canonical lists in one pass.
func walkFields(before, after []Field, visit func(name string, before, after []string)) {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Name < after[0].Name:
			visit(before[0].Name, before[0].Values, nil)
			before = before[1:]
		case len(before) == 0 || after[0].Name < before[0].Name:
			visit(after[0].Name, nil, after[0].Values)
			after = after[1:]
		default:
			visit(after[0].Name, before[0].Values, after[0].Values)
			before, after = before[1:], after[1:]
		}
	}
}

// minus is the sorted set a without b.
func minus(a, b []string) []string {
	var out []string
	for _, v := range a {
		for len(b) > 0 && b[0] < v {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != v {
			out = append(out, v)
		}
	}
	return out
}

// union is the sorted set of both.
func union(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	return Set(append(slices.Clone(a), b...))
}

func contains(sorted []string, v string) bool {
	_, ok := slices.BinarySearchFunc(sorted, v, strings.Compare)
	return ok
}
