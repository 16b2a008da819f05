package policy

import (
	"fmt"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// judge applies the rules to one input and collects what they find. It works
// out once what several rules want to know.
type judge struct {
	Input
	zone     *time.Location
	code     string     // of the rule at work
	level    plan.Level // of the rule at work
	findings []plan.Finding

	consumers []*entry // see entries
	groups    *groups
	required  map[requirement]required
	today     spec.When // the day of now
	claimed   *claims   // see judge.claims
	sold      *products // see judge.products
	inherited *rights   // see judge.rights
}

func newJudge(in Input) *judge {
	j := &judge{Input: in, zone: in.Project.Access.Location(), groups: newGroups(in), required: map[requirement]required{}}
	j.today, _ = spec.ParseWhen(in.Now.In(j.zone).Format(time.DateOnly)) // a day is always a date
	return j
}

// find reports what the rule at work finds at a place in a document.
func (j *judge) find(pos, doc spec.Pos, format string, args ...any) {
	j.findAt(planPos(pos), planPos(doc), format, args...)
}

// findAt is find for places of claims.
func (j *judge) findAt(pos, doc plan.Pos, format string, args ...any) {
	j.findings = append(j.findings, plan.Finding{
		Code: j.code, Level: j.level, Pos: pos, Doc: doc, Message: fmt.Sprintf(format, args...),
	})
}

// placed is a place that origins share.
func placed(p spec.Pos) *plan.Pos {
	at := planPos(p)
	return &at
}

func planPos(p spec.Pos) plan.Pos { return plan.Pos{File: p.File, Line: p.Line, Col: p.Col} }

// at is the first place that is set: that of a field, or where the field is
// absent, of what it should be part of.
func at(places ...spec.Pos) spec.Pos {
	for _, p := range places {
		if !p.IsZero() {
			return p
		}
	}
	return spec.Pos{}
}
