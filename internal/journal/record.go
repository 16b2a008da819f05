package journal

import (
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Format is the version of the records; a reader refuses any other.
const Format = 1

// record is one line: where it stands in the chain, and one of the six things
// that a line can say.
type record struct {
	Seq     int64     `json:"seq"`
	Prev    string    `json:"prev"`
	At      time.Time `json:"at"`
	Run     string    `json:"run"`
	Begin   *begin    `json:"begin,omitempty"`
	Intent  *Intent   `json:"intent,omitempty"`
	Outcome *Outcome  `json:"outcome,omitempty"`
	Seen    *Seen     `json:"seen,omitempty"`
	End     *end      `json:"end,omitempty"`
	Torn    *torn     `json:"torn,omitempty"`
}

type begin struct {
	Format int `json:"format"`
	Run
}

// Run is one apply: who makes it, where, and by which plan.
type Run struct {
	ID          string    `json:"-"`
	Command     string    `json:"command"`
	Who         string    `json:"who"`   // the applying identity, as facts name it
	Hosts       []string  `json:"hosts"` // of the account and the workspaces
	User        string    `json:"user,omitempty"`
	Machine     string    `json:"machine,omitempty"`
	URL         string    `json:"url,omitempty"` // of the CI run
	PID         int       `json:"pid,omitempty"`
	Project     string    `json:"project"`
	Environment string    `json:"environment"`
	Commit      string    `json:"commit"` // of the repository; "" where there is no git
	Dirty       bool      `json:"dirty"`  // the folder differs from the commit
	Checksum    string    `json:"checksum"`
	Approved    string    `json:"approved,omitempty"` // checksum of the saved plan, of which a part may have been done before
	Tool        string    `json:"tool"`
	Now         time.Time `json:"now"` // the instant that was planned as of
	Changes     int       `json:"changes"`
	Waivers     []Waiver  `json:"waivers,omitempty"`
}

// Waiver is a guard that was let off, and why.
type Waiver struct {
	Guard  string `json:"guard"`
	Reason string `json:"reason"`
}

// Waivers are those of a plan.
func Waivers(from []plan.Waiver) []Waiver {
	var out []Waiver
	for _, w := range from {
		out = append(out, Waiver(w))
	}
	return out
}

// Intent is a change that is about to be made.
type Intent struct {
	Kind    string      `json:"kind"`
	Target  string      `json:"target"`
	Name    string      `json:"name"`
	Action  plan.Action `json:"action"`
	Reason  string      `json:"reason,omitempty"`
	At      string      `json:"at,omitempty"`      // file:line of the document that governs the resource
	Product string      `json:"product,omitempty"` // the data product that the resource belongs to
	Added   []Fact      `json:"added,omitempty"`
	Removed []Fact      `json:"removed,omitempty"`
}

// Key names the resource.
func (i *Intent) Key() plan.Key { return plan.Key{Kind: i.Kind, Target: i.Target, Name: i.Name} }

// Fact is a value that the change adds or removes, and the entries that ask for it.
type Fact struct {
	Field string `json:"field"`
	Value string `json:"value"`
	Why   []Why  `json:"why,omitempty"` // the longest lasting first
}

// Why is an entry of the repository.
type Why struct {
	At      string `json:"at,omitempty"`    // file:line
	Until   string `json:"until,omitempty"` // its last day, or an instant
	Ends    string `json:"ends,omitempty"`  // why it ends then, where that is not its own term
	Reason  string `json:"reason,omitempty"`
	Request string `json:"request,omitempty"`
	Product string `json:"product,omitempty"`
}

// Outcome is how a change ended.
type Outcome struct {
	Of       int64       `json:"of"` // the number of its intent
	Status   plan.Status `json:"status"`
	Error    string      `json:"error,omitempty"`
	TookMs   int64       `json:"tookMs"`
	Requests []string    `json:"requests,omitempty"` // ids that the platform gave to the writes
}

// Seen is what was read of a change after it was made.
type Seen struct {
	Of      int64      `json:"of"` // the number of its intent
	Sight   plan.Sight `json:"sight"`
	Extra   []Fact     `json:"extra,omitempty"`   // read, and not as the change left it
	Missing []Fact     `json:"missing,omitempty"` // not read any more, or not yet
	Why     string     `json:"why,omitempty"`
}

func seenOf(s *plan.Seen, of int64) *Seen {
	out := &Seen{Of: of, Sight: s.Sight, Why: shortened(s.Why)}
	for _, d := range s.Differs {
		for _, v := range d.Added {
			out.Extra = append(out.Extra, Fact{Field: d.Field, Value: v})
		}
		for _, v := range d.Removed {
			out.Missing = append(out.Missing, Fact{Field: d.Field, Value: v})
		}
	}
	return out
}

// end counts the changes of a run by how they ended, those included that were
// never begun.
type end struct {
	Counts map[plan.Status]int `json:"counts"`
}

// torn says what a killed writer left unfinished before this record.
type torn struct {
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// intentOf records what a change adds and removes, and why.
func intentOf(c *plan.Change) *Intent {
	i := &Intent{Kind: c.Key.Kind, Target: c.Key.Target, Name: c.Key.Name, Action: c.Action, Reason: c.Reason}
	if c.Origin != nil {
		i.At = c.Origin.Pos.String()
	}
	for _, l := range c.Labels {
		if product, ok := strings.CutPrefix(l, "product:"); ok {
			i.Product = product
		}
	}
	for _, d := range c.Deltas() {
		i.Added = append(i.Added, facts(c, d.Field, d.Added)...)
		i.Removed = append(i.Removed, facts(c, d.Field, d.Removed)...)
	}
	return i
}

func facts(c *plan.Change, field string, values []string) []Fact {
	var out []Fact
	for _, v := range values {
		f := Fact{Field: field, Value: v}
		for _, o := range c.Why(field, v) {
			f.Why = append(f.Why, Why{o.Pos.String(), o.LastsUntil(), o.Ends, o.Reason, o.Request, o.Product})
		}
		out = append(out, f)
	}
	return out
}

// wordLimit is how much of an error is kept: a gateway may answer with a page.
const wordLimit = 4 << 10

func outcomeOf(o *plan.Outcome, of int64) *Outcome {
	out := &Outcome{Of: of, Status: o.Status, TookMs: o.Took.Milliseconds(), Requests: o.Requests}
	if o.Err != nil {
		out.Error = shortened(o.Err.Error())
	}
	return out
}

func shortened(words string) string {
	if len(words) <= wordLimit {
		return words
	}
	return strings.ToValidUTF8(words[:wordLimit], "") + "…"
}
