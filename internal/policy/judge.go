package policy

import (
	"fmt"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// judge applies the rules to one input and collects what they find.
type judge struct {
	Input
	levels   map[string]plan.Level // of every rule, by code
	rule     *Rule                 // the one at work
	findings []plan.Finding
}

// find reports what the rule at work finds at a place in a document.
func (j *judge) find(pos, doc spec.Pos, format string, args ...any) {
	j.findAt(planPos(pos), planPos(doc), format, args...)
}

// findAt is find for places of claims.
func (j *judge) findAt(pos, doc plan.Pos, format string, args ...any) {
	j.findings = append(j.findings, plan.Finding{
		Code: j.rule.Code, Level: j.levels[j.rule.Code], Pos: pos, Doc: doc, Message: fmt.Sprintf(format, args...),
	})
}

func planPos(p spec.Pos) plan.Pos { return plan.Pos{File: p.File, Line: p.Line, Col: p.Col} }
