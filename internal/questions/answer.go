package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

// FormatVersion is that of an Answer as JSON. A version with another first number
// may mean something else by the same words.
const FormatVersion = "1.0"

// Answer is what a question comes to. Its JSON form is published in Schema.
type Answer struct {
	FormatVersion string     `json:"formatVersion"`
	Question      Question   `json:"question"`
	Environment   string     `json:"environment"`
	On            On         `json:"on"`
	At            time.Time  `json:"at"`
	Principal     string     `json:"principal,omitzero"`
	Privilege     string     `json:"privilege,omitzero"`
	Object        *Thing     `json:"object,omitzero"`
	Can           *bool      `json:"can,omitzero"`        // of why-not
	AfterApply    *bool      `json:"afterApply,omitzero"` // of why-not about live: whether it is so once what is declared is applied
	Holders       []Holder   `json:"holders,omitzero"`    // of who-can, sorted
	Holdings      []Holding  `json:"holdings,omitzero"`   // of what-can, sorted by object
	Paths         []Path     `json:"paths,omitzero"`      // of explain, and of why-not where it can
	Obstacles     []Obstacle `json:"obstacles,omitzero"`  // of why-not
	Unknown       []Unknown  `json:"unknown"`             // what could add to the answer, and nobody knows
	Notes         []string   `json:"notes"`
}

// Question is a kind of question.
type Question string

const (
	WhoCan  Question = "who-can"
	WhatCan Question = "what-can"
	Explain Question = "explain"
	WhyNot  Question = "why-not"
)

// Thing is an object of an answer, by the key of its grants or permissions.
type Thing struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	Name   string `json:"name"`
	Label  string `json:"label"` // in words
}

// Holder is somebody who can.
type Holder struct {
	Principal string `json:"principal"`
	Unread    bool   `json:"unread"`         // a group of which nobody knows the members: they can
	Way       []Step `json:"way"`            // one that lasts longest
	Until     string `json:"until,omitzero"` // by all ways, and with what is needed beside
}

// Holding is what can be done with an object.
type Holding struct {
	Object     Thing    `json:"object"`
	Privileges []string `json:"privileges"` // none: not even what is held on what it is in
	Contents   int      `json:"contents"`   // objects in it with the same
}

// Path is one way to privileges on the object.
type Path struct {
	Privileges []string `json:"privileges"`
	For        []string `json:"for,omitzero"` // what needs these beside: usage privileges, being in a workspace
	Steps      []Step   `json:"steps"`
	Until      string   `json:"until,omitzero"`
	More       bool     `json:"more"` // there are more ways like it than are listed
}

// Step is one edge of a way.
type Step struct {
	From     string  `json:"from"`
	Is       Edge    `json:"is"`
	To       string  `json:"to,omitzero"`    // the group that it leads to; of the last step none
	Gives    string  `json:"gives,omitzero"` // privilege, level, entitlement, role, or permission in a workspace
	Object   *Thing  `json:"object,omitzero"`
	Above    string  `json:"above,omitzero"` // the folder, out of scope, that gives it
	Entries  []Entry `json:"entries"`        // of the repository that want it, in force
	OnlyLive bool    `json:"onlyLive"`       // no entry does
	until    time.Time
}

// Edge is what a step is.
type Edge string

const (
	Member    Edge = "member"    // of a group
	Assigned  Edge = "assigned"  // to a workspace
	Everybody Edge = "everybody" // in account users, or among a workspace's users as its admin
	Granted   Edge = "granted"   // a privilege
	Owner     Edge = "owner"
	Listed    Edge = "listed" // in the ACL of an object
	Admin     Edge = "admin"  // of the object's workspace
	Entitled  Edge = "entitled"
	Role      Edge = "role"
)

// Entry is an entry of the repository.
type Entry struct {
	At      string `json:"at"` // file:line
	Until   string `json:"until,omitzero"`
	Reason  string `json:"reason,omitzero"`
	Request string `json:"request,omitzero"`
	Product string `json:"product,omitzero"`
}

// Obstacle is one thing for which somebody cannot.
type Obstacle struct {
	Reason    string   `json:"reason"`
	Message   string   `json:"message"`
	Mend      string   `json:"mend,omitzero"`
	YAML      string   `json:"yaml,omitzero"`   // the entry that would mend it, there
	Groups    []string `json:"groups,omitzero"` // membership in one of these would too
	Object    *Thing   `json:"object,omitzero"`
	Privilege string   `json:"privilege,omitzero"`
	Entry     *Entry   `json:"entry,omitzero"`
}

// Unknown is something that nobody knows.
type Unknown struct {
	Lack   string `json:"lack"`
	Object Thing  `json:"object"`
}

func (w *World) answer(q Question) Answer {
	return Answer{FormatVersion: FormatVersion, Question: q, Environment: w.Env.Name, On: w.On, At: w.Now, Unknown: []Unknown{}, Notes: append([]string{}, w.Notes...)}
}

func (w *World) thing(k plan.Key) *Thing { return &Thing{k.Kind, k.Target, k.Name, w.label(k)} }

// Key is that of the thing.
func (t *Thing) Key() plan.Key { return plan.Key{Kind: t.Kind, Target: t.Target, Name: t.Name} }

// WhoCan lists who has a privilege on the object of that key.
func (w *World) WhoCan(privilege string, key plan.Key, o Object) Answer {
	a := w.answer(WhoCan)
	a.Privilege, a.Object, a.Holders = privilege, w.thing(key), []Holder{}
	holders, gaps := w.Access.WhoCan(privilege, key)
	for _, h := range holders {
		steps := w.steps(h.Way, privilege, key)
		until := (&plan.Origin{Until: h.Ends}).LastsUntil()
		a.Holders = append(a.Holders, Holder{Principal: h.Principal, Unread: h.Unread, Way: steps, Until: until})
	}
	a.note(o.Notes)
	a.unknown(w, gaps)
	return a
}

// WhatCan lists what a principal can do, by object.
func (w *World) WhatCan(p Principal) Answer {
	a := w.answer(WhatCan)
	a.Principal, a.Holdings = p.Token, []Holding{}
	holdings, gaps := w.Access.WhatCan(p.Token)
	for _, h := range holdings {
		if h.Privileges == nil {
			h.Privileges = []string{}
		}
		a.Holdings = append(a.Holdings, Holding{*w.thing(h.Object), h.Privileges, h.Contents})
	}
	a.note(p.Notes)
	a.unknown(w, gaps)
	return a
}

// Explain lists every way by which a principal has what it has on an object.
func (w *World) Explain(p Principal, o Object) Answer {
	a := w.answer(Explain)
	a.Principal, a.Object = p.Token, w.thing(o.Keys[0])
	a.Object.Label = o.Label
	a.Paths = []Path{}
	for _, key := range o.Keys {
		for _, path := range w.Access.Explain(p.Token, key) {
			a.Paths = append(a.Paths, w.path(path, key))
		}
		a.unknown(w, w.Access.Doubts(p.Token, key))
	}
	a.sortPaths()
	a.note(p.Notes)
	a.note(o.Notes)
	return a
}

// sortPaths puts what is needed beside behind what needs it.
func (a *Answer) sortPaths() {
	slices.SortStableFunc(a.Paths, func(x, y Path) int { return min(len(x.For), 1) - min(len(y.For), 1) })
}

func (w *World) path(p access.Path, key plan.Key) Path {
	steps := w.steps(p.Steps, "", key)
	return Path{Privileges: p.Privileges, For: p.For, Steps: steps, Until: w.until(steps), More: p.More}
}

// steps tells what edges are. The last one, without a fact, is what admins have.
func (w *World) steps(way []access.Step, privilege string, on plan.Key) []Step {
	out := make([]Step, len(way))
	for i, s := range way {
		out[i] = w.step(s, privilege, on)
	}
	return out
}

func (w *World) step(s access.Step, privilege string, on plan.Key) Step {
	out := Step{From: s.From, To: s.To, Gives: s.Fact.Value, Above: s.Above, Entries: []Entry{}}
	switch kind := s.Fact.Key.Kind; {
	case s.Fact == plan.Fact{} && s.To != "":
		out.Is = Everybody
		return out
	case s.Fact == plan.Fact{}:
		out.Is, out.Gives, out.Object = Admin, privilege, w.thing(on)
		return out
	case kind == kindAssignment:
		out.Is = Assigned
	case kind == kindGroup:
		out.Is, out.Gives = Member, ""
	case s.Fact.Field == "owner":
		out.Is, out.Gives = Owner, ""
	default:
		out.Is = map[string]Edge{kindGrants: Granted, kindPermissions: Listed, kindEntitlements: Entitled, kindRoles: Role}[kind]
	}
	if out.Is != Member {
		key := s.Fact.Key
		switch key.Kind {
		case kindOwner:
			key.Kind = kindGrants
		case kindAssignment, kindEntitlements, kindRoles:
			key.Name = ""
		}
		out.Object = w.thing(key)
	}
	for _, c := range s.Claims {
		out.Entries = append(out.Entries, entry(c.Origin))
	}
	out.OnlyLive = len(out.Entries) == 0
	out.until = last(s.Claims)
	return out
}

// last is when the last of several entries ends; zero if one does not.
func last(claims []plan.Claim) time.Time {
	var end time.Time
	for _, c := range claims {
		if c.Origin.Until.IsZero() {
			return time.Time{}
		}
		if c.Origin.Until.After(end) {
			end = c.Origin.Until
		}
	}
	return end
}

// until is when the first edge of a way ends.
func (w *World) until(steps []Step) string {
	var end time.Time
	for _, s := range steps {
		if !s.until.IsZero() && (end.IsZero() || s.until.Before(end)) {
			end = s.until
		}
	}
	return (&plan.Origin{Until: end}).LastsUntil()
}

func entry(o *plan.Origin) Entry {
	return Entry{At: o.Pos.String(), Until: o.LastsUntil(), Reason: o.Reason, Request: o.Request, Product: o.Product}
}

func (a *Answer) note(notes []string) {
	for _, n := range notes {
		if !slices.Contains(a.Notes, n) {
			a.Notes = append(a.Notes, n)
		}
	}
}

func (a *Answer) unknown(w *World, gaps []access.Gap) {
	for _, g := range gaps {
		a.Unknown = append(a.Unknown, Unknown{string(g.Lack), *w.thing(g.Key)})
	}
}

// Unreadable notes what the answer does not know since it could not be read, and
// tells whether there is anything.
func (a *Answer) Unreadable(held []plan.Held) bool {
	failed := false
	for _, h := range held {
		about := func(u Unknown) bool { return u.Object.Name == h.Key.Name && u.Object.Target == h.Key.Target }
		if h.Failed && slices.ContainsFunc(a.Unknown, about) {
			a.note([]string{fmt.Sprintf("%s could not be read: %s.", h.Key.Name, h.Reason)})
			failed = true
		}
	}
	return failed
}

// UnreadGroups are the account's groups that the answer hangs on and of which nobody
// knows the members, by name.
func (a *Answer) UnreadGroups() []string {
	var out []string
	for _, h := range a.Holders {
		if name, ok := strings.CutPrefix(h.Principal, "group:"); ok && h.Unread {
			out = append(out, name)
		}
	}
	for _, u := range a.Unknown {
		if u.Lack == string(access.LackMembers) && u.Object.Target == account {
			out = append(out, u.Object.Name)
		}
	}
	return plan.Set(out)
}
