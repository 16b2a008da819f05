package policy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Rules are the rules that hold in a repository, each with its level.
type Rules struct {
	builtin []Rule
	levels  map[string]plan.Level // of every rule, by code
	custom  []custom
}

// Compile makes the rules of a project, those without mistakes. The error holds what the project says
// of rules that cannot be, each with its position; Repository.Locate adds the
// source lines.
func Compile(project *spec.Project) (*Rules, error) {
	r := &Rules{builtin: builtin(), levels: map[string]plan.Level{}}
	for _, rule := range r.builtin {
		r.levels[rule.Code] = rule.Level
	}
	if project.Access.RequireApprovalDigest {
		r.levels[codeUnverified] = plan.LevelError
	}
	var mistakes []error
	for _, set := range project.Rules.Entries {
		if _, known := r.levels[set.Key.Value]; !known {
			mistakes = append(mistakes, r.unknown(set.Key))
			continue
		}
		r.levels[set.Key.Value] = plan.Level(set.Value.Level.Value)
	}
	var wrong []error
	r.custom, wrong = compileCustom(project.Policies)
	return r, errors.Join(append(mistakes, wrong...)...)
}

// codeUnverified is the rule about approvals without digest, whose level
// access.requireApprovalDigest raises.
const codeUnverified = "BG215"

func (r *Rules) unknown(code spec.Text) error {
	var codes []string
	for _, rule := range r.builtin {
		codes = append(codes, rule.Code)
	}
	meant := ""
	if near, ok := spec.Nearest(code.Value, codes); ok {
		meant = fmt.Sprintf(" (did you mean %s?)", near)
	}
	return spec.Errorf(code.Pos, "there is no rule %s%s; the rules are %s", code.Value, meant, strings.Join(codes, ", "))
}

// Check asks every rule that is not off. The findings are sorted by place; what
// is said twice is said once.
func (r *Rules) Check(in Input) []plan.Finding {
	j := newJudge(in)
	for i := range r.builtin {
		rule := &r.builtin[i]
		level := r.levels[rule.Code]
		if level == off {
			continue
		}
		j.code, j.level = rule.Code, level
		rule.check(j)
	}
	return plan.SortFindings(append(j.findings, askCustom(r.custom, &j.Input)...))
}
