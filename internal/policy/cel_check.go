package policy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/brickgate/brickgate/plan"
)

// askCustom asks the repository's own rules. Offline there are no changes to
// ask about.
func askCustom(rules []custom, in *Input) []plan.Finding {
	var findings []plan.Finding
	for i := range rules {
		a := &asking{custom: &rules[i], subject: subject{Input: in, variables: rules[i].language.variables}}
		if !a.overChanges() {
			a.facts(in.Declared)
		} else if in.Live != nil {
			a.changes(in.Live.Changes)
		}
		findings = append(append(findings, a.findings...), a.unjudged()...)
	}
	return findings
}

// asking is one rule at work.
type asking struct {
	*custom
	subject  subject
	findings []plan.Finding
	failures map[plan.Pos]*failure // by document
}

// failure is what the rule could not judge of a document.
type failure struct {
	fact plan.Fact // the first one
	why  string
	more int
}

// facts asks about each value and each entry in force that wants it. Where two
// entries want one value, each is judged by its own words, and a finding stands
// in the document of each: a value is withheld only if all that want it are
// wrong.
func (a *asking) facts(declared []plan.Resource) {
	for i := range declared {
		r := &declared[i]
		a.subject.labels = r.Labels
		for _, cl := range r.Claims {
			if cl.Want && cl.Origin.InForce(a.subject.Now) {
				a.ask(plan.Fact{Key: r.Key, Field: cl.Field, Value: cl.Value}, cl.Origin, cl.Origin)
			}
		}
	}
}

// changes asks about each value that is added or removed, and about each
// resource that is created or deleted: a fact without field and value.
func (a *asking) changes(changes []plan.Change) {
	for i := range changes {
		c := &changes[i]
		a.subject.labels = c.Labels
		claims := claimsOf(c)
		switch c.Action {
		case plan.Create:
			a.added(c, claims, wish{})
		case plan.Delete:
			a.removed(c, claims, wish{})
		}
		for _, d := range c.Deltas() {
			for _, v := range d.Added {
				a.added(c, claims, wish{d.Field, v})
			}
			for _, v := range d.Removed {
				a.removed(c, claims, wish{d.Field, v})
			}
		}
	}
}

// wish is a value of a field; the zero wish is the resource itself.
type wish struct{ field, value string }

// claimsOf lists the claims of a change by what they are about.
func claimsOf(c *plan.Change) map[wish][]plan.Claim {
	claims := make(map[wish][]plan.Claim, len(c.Claims))
	for _, cl := range c.Claims {
		w := wish{cl.Field, cl.Value}
		claims[w] = append(claims[w], cl)
	}
	return claims
}

// added asks about an added value for each entry in force that wants it, and
// where none does, as for a name, for the document of the resource.
func (a *asking) added(c *plan.Change, claims map[wish][]plan.Claim, w wish) {
	a.subject.change = added
	fact, wanted := plan.Fact{Key: c.Key, Field: w.field, Value: w.value}, false
	for _, cl := range claims[w] {
		if cl.Want && cl.Origin.InForce(a.subject.Now) {
			a.ask(fact, cl.Origin, cl.Origin)
			wanted = true
		}
	}
	if !wanted {
		a.ask(fact, &plan.Origin{}, c.Origin)
	}
}

// removed asks about a removed value once, with the entry that the plan names
// as the reason, if there is one.
func (a *asking) removed(c *plan.Change, claims map[wish][]plan.Claim, w wish) {
	a.subject.change = removed
	about := plan.Change{Action: c.Action, Claims: slices.Concat(claims[w], claims[wish{field: w.field}], claims[wish{}])}
	fact := plan.Fact{Key: c.Key, Field: w.field, Value: w.value}
	if why := about.Why(w.field, w.value); len(why) > 0 {
		a.ask(fact, why[0], why[0])
		return
	}
	a.ask(fact, &plan.Origin{}, c.Origin)
}

// ask judges one subject. at is where a finding about it stands; nil, or without
// a place: at the rule itself.
func (a *asking) ask(fact plan.Fact, entry, at *plan.Origin) {
	a.subject.fact, a.subject.entry = fact, entry
	if at == nil || at.Pos == (plan.Pos{}) {
		at = &plan.Origin{Pos: planPos(a.policy.Pos), Doc: placed(a.subject.Project.Metadata.Name.Pos)}
	}
	out, _, err := a.program.Eval(&a.subject)
	if err != nil {
		a.fail(fact, at.Document(), err)
		return
	}
	if out == types.True {
		a.findings = append(a.findings, plan.Finding{
			Code: a.policy.Name.Value, Level: a.level, Pos: at.Pos, Doc: at.Document(), Message: a.message.fill(&a.subject),
		})
	}
}

// fail keeps what could not be judged, by document. A rule that only warns
// withholds nothing where it cannot judge either.
func (a *asking) fail(fact plan.Fact, doc plan.Pos, err error) {
	if a.level != plan.LevelError {
		doc = planPos(a.subject.Project.Metadata.Name.Pos)
	}
	if f := a.failures[doc]; f != nil {
		f.more++
		return
	}
	if a.failures == nil {
		a.failures = map[plan.Pos]*failure{}
	}
	why := err.Error()
	if cancelled, ok := errors.AsType[interpreter.EvalCancelledError](err); ok && cancelled.Cause == interpreter.CostLimitExceeded {
		why = fmt.Sprintf("that costs more than %d", maxCost)
	}
	a.failures[doc] = &failure{fact: fact, why: why}
}

// unjudged reports what could not be judged, at the rule. There is one finding
// for each document, so that nothing of it is added unjudged.
func (a *asking) unjudged() []plan.Finding {
	var findings []plan.Finding
	for _, doc := range slices.SortedFunc(maps.Keys(a.failures), plan.Pos.Compare) {
		f := a.failures[doc]
		what := strings.TrimRight(f.fact.Key.String()+": "+f.fact.Field+" "+f.fact.Value, ": ")
		msg := fmt.Sprintf("the rule cannot judge %s: %s", what, f.why)
		if f.more > 0 {
			msg += fmt.Sprintf(" (and %d more)", f.more)
		}
		findings = append(findings, plan.Finding{
			Code: a.policy.Name.Value, Level: plan.LevelError, Pos: planPos(a.policy.Pos), Doc: doc, Message: msg,
		})
	}
	return findings
}
