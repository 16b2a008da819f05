package plan

import "time"

// Impact is what a plan does to effective access: who can do more and who can do
// less afterwards, whatever facts that takes.
type Impact struct {
	Effects []Effect // the risky first, then by product and object
	Idle    []Idle   // changed facts that change nothing effectively
	Unknown []string // what could not be read and could mean more, in words
}

// Effect is what people gain or lose effectively on one object, and in the same way
// on what is in it.
type Effect struct {
	Object     Key // of its grants or permissions; assignments, entitlements and roles of a workspace or account have no name
	Product    string
	Domain     string
	Privileges []string // sorted; the same people gain or lose all of them
	Gained     bool
	Count      int      // users and service principals, those in Open not among them
	Named      []string // the first of them, sorted
	Open       []OpenGroup
	Before     int // how many held the strongest of the privileges before the plan, Open aside
	After      int // and hold it afterwards
	Contents   int // objects in it, at any depth, with the same effect
	Risks      []Risk
	Causes     []Cause
	Ends       time.Time // when a gain ends by itself at the latest, as computed; see Until
	Way        []Step    // how the first of Named has it: after the plan, or before it where it is lost
}

// OpenGroup is a group that gains or loses whose members the states do not name.
type OpenGroup struct {
	Group string
	Heads int // how many are in it, -1 where nobody could say
}

// Cause is a changed fact that makes an effect.
type Cause struct {
	Fact    Fact
	Removed bool
	Origin  *Origin // the entry that asks for it; nil: nothing declares it any more
}

// Step is one edge of the way from a principal to an object.
type Step struct {
	From string // the principal, or the group it came by
	To   string // the group it is in; "" for the last step, which gives
	Fact Fact   // the zero Fact where it goes without one, as being in account users
	New  bool   // the plan makes or takes this edge
}

// Idle is a changed fact that changes nothing effectively.
type Idle struct {
	Fact    Fact
	Removed bool
	Through []Fact // by which the same is still held, or was before; none: it leads nowhere
	Why     string // it leads nowhere, in words
}

// NobodyIn is why a fact about a group leads nowhere while the group is empty.
const NobodyIn = "nobody is in it"

// Risk is why a reviewer should look twice at an effect.
type Risk string

// The risks, the worst first.
const (
	RiskEverybody     Risk = "everybody"     // account users, or the users of a workspace
	RiskPersonalData  Risk = "personal data" // access to what is labelled as such
	RiskProduction    Risk = "write in production"
	RiskOwner         Risk = "owner"              // ownership or MANAGE, and what comes with them
	RiskExternalParty Risk = "external party"     // its first access
	RiskExternalGroup Risk = "external group"     // somebody else decides who is in it
	RiskOutside       Risk = "outside the domain" // the principal belongs to another one
)

// Until is when the effect ends by itself, at the latest: Ends, or the latest end of
// its causes; zero if one of them has no end, or if it is a loss.
func (e *Effect) Until() time.Time {
	if e.Gained && !e.Ends.IsZero() {
		return e.Ends
	}
	var last time.Time
	for _, c := range e.Causes {
		if !e.Gained || c.Origin == nil || c.Origin.Until.IsZero() {
			return time.Time{}
		}
		if c.Origin.Until.After(last) {
			last = c.Origin.Until
		}
	}
	return last
}
