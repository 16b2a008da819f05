package policy

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Limits of an expression. A cost of 1 is about the reading of one variable, or
// of ten characters; a fact that costs all of it takes about 0.4 ms.
const (
	maxCost       = 10_000
	maxCharacters = 10_000
	maxPattern    = 500 // steps of a compiled regular expression; x{100} has a hundred
)

// custom is a rule of the repository's own, ready to be asked.
type custom struct {
	policy   *spec.Policy
	level    plan.Level
	language *language
	program  cel.Program
	message  message
}

// overChanges tells whether the rule is about what a plan adds and removes.
func (c *custom) overChanges() bool { return c.policy.Over.Value == "changes" }

// compileCustom makes the project's own rules. The errors are mistakes with
// their places, all of all rules; a rule with mistakes is none.
func compileCustom(policies []spec.Policy) (rules []custom, mistakes []error) {
	languages := map[bool]*language{}
	for i := range policies {
		c := custom{policy: &policies[i], level: plan.LevelError}
		if c.policy.Level.Value == string(plan.LevelWarn) {
			c.level = plan.LevelWarn
		}
		l := languages[c.overChanges()]
		if l == nil {
			var err error
			if l, err = newLanguage(c.overChanges()); err != nil {
				return nil, []error{err}
			}
			languages[c.overChanges()] = l
		}
		var wrong, unknown []error
		c.language = l
		c.program, wrong = l.compile(c.policy.When)
		c.message, unknown = l.parseMessage(c.policy.Message)
		mistakes = append(append(mistakes, wrong...), unknown...)
		if len(wrong)+len(unknown) == 0 {
			rules = append(rules, c)
		}
	}
	return rules, mistakes
}

// language is CEL with the variables that a rule may use.
type language struct {
	env       *cel.Env
	variables map[string]*variable
	names     []string // of the variables, in the order of the table
}

func newLanguage(overChanges bool) (*language, error) {
	l := &language{variables: map[string]*variable{}}
	options := []cel.EnvOption{cel.ASTValidators(
		cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateHomogeneousAggregateLiterals())}
	for i := range variables {
		v := &variables[i]
		if v.ofChanges && !overChanges {
			continue
		}
		typ := cel.StringType
		if v.boolean {
			typ = cel.BoolType
		}
		l.variables[v.name], l.names = v, append(l.names, v.name)
		options = append(options, cel.Variable(v.name, typ))
	}
	var err error
	if l.env, err = cel.NewEnv(options...); err != nil {
		return nil, fmt.Errorf("prepare CEL: %w", err)
	}
	return l, nil
}

// compile makes an expression ready, or says where it is wrong.
func (l *language) compile(when spec.Passage) (cel.Program, []error) {
	if n := len([]rune(when.Value)); n > maxCharacters {
		return nil, []error{spec.Errorf(when.Pos, "the expression has %d characters; %d is the limit", n, maxCharacters)}
	}
	checked, mistakes := l.check(when)
	if mistakes != nil {
		return nil, mistakes
	}
	if typ := checked.OutputType(); !typ.IsExactType(cel.BoolType) {
		return nil, []error{spec.Errorf(when.At(0), "the expression is of type %s; it must be true or false", cel.FormatCELType(typ))}
	}
	if mistakes := patternMistakes(when, checked.NativeRep()); mistakes != nil {
		return nil, mistakes
	}
	if err := l.affordable(when, checked); err != nil {
		return nil, []error{err}
	}
	program, err := l.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost))
	if err != nil {
		return nil, []error{spec.Errorf(when.At(0), "the expression cannot be evaluated: %s", err)}
	}
	return program, nil
}

// check parses the expression and finds the types of its parts. Of mistakes in
// its form only the first is told: the others follow from it.
func (l *language) check(when spec.Passage) (*cel.Ast, []error) {
	source := common.NewTextSource(when.Value)
	parsed, issues := l.env.ParseSource(source)
	if issues.Err() != nil {
		first := issues.Errors()[0]
		return nil, []error{spec.Errorf(when.At(offsetOf(source, first)), "not CEL: %s", syntaxMessage(first.Message))}
	}
	checked, issues := l.env.Check(parsed)
	if issues.Err() == nil {
		return checked, nil
	}
	var mistakes []error
	for _, issue := range issues.Errors() {
		offset := calleeAt([]rune(when.Value), offsetOf(source, issue))
		mistakes = append(mistakes, spec.Errorf(when.At(offset), "%s", l.typeMessage(issue.Message)))
	}
	return nil, mistakes
}

func offsetOf(source common.Source, issue *cel.Error) int {
	offset, ok := source.LocationOffset(issue.Location)
	if !ok {
		return 0
	}
	return max(0, int(offset))
}

// calleeAt goes back from the bracket of a call, by which CEL places it, to the
// name of what is called.
func calleeAt(text []rune, offset int) int {
	if offset >= len(text) || text[offset] != '(' {
		return offset
	}
	end := offset
	for end > 0 && strings.ContainsRune(" \t\r\n", text[end-1]) {
		end--
	}
	start := end
	for start > 0 && isWordCharacter(text[start-1]) {
		start--
	}
	if start == end {
		return offset
	}
	return start
}

func isWordCharacter(c rune) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

var unexpected = regexp.MustCompile(`(?s)^(?:mismatched input|extraneous input|token recognition error at:|no viable alternative at input) (')(.*)'(?: expecting .*)?$`)

// syntaxMessage says in plain words what the parser of CEL met.
func syntaxMessage(text string) string {
	text = strings.TrimPrefix(text, "Syntax error: ")
	m := unexpected.FindStringSubmatch(text)
	switch {
	case m == nil:
		return text
	case strings.HasPrefix(m[2], "<EOF>"):
		return "the expression ends too early"
	}
	return "unexpected " + strings.TrimSpace(m[2])
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'(.*)$`)
	noOverload = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
)

// typeMessage says in plain words what the checker of CEL found, and names the
// variables that there are where one is not known.
func (l *language) typeMessage(text string) string {
	if m := noOverload.FindStringSubmatch(text); m != nil {
		function := m[1]
		if sign, ok := operators.FindReverse(function); ok && sign != "" {
			function = sign
		}
		return fmt.Sprintf("there is no %s for %s", function, m[2])
	}
	m := undeclared.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	if m[1] == "change" {
		return "only a rule with over: changes knows the variable change"
	}
	if near, ok := spec.Nearest(m[1], l.names); ok {
		return fmt.Sprintf("unknown variable %q (did you mean %q?); known: %s", m[1], near, strings.Join(l.names, ", "))
	}
	return fmt.Sprintf("unknown name %q%s; the variables are %s", m[1], m[2], strings.Join(l.names, ", "))
}

// patternMistakes reports regular expressions that do not compile, that are too
// large, or that are known only when a fact is looked at: those would be
// compiled anew for each.
func patternMistakes(when spec.Passage, checked *ast.AST) (mistakes []error) {
	ast.PostOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != overloads.Matches {
			return
		}
		args := e.AsCall().Args()
		pattern := args[len(args)-1]
		at, _ := checked.SourceInfo().GetOffsetRange(pattern.ID())
		if msg := patternMistake(pattern); msg != "" {
			mistakes = append(mistakes, spec.Errorf(when.At(int(at.Start)), "%s", msg))
		}
	}))
	return mistakes
}

func patternMistake(pattern ast.Expr) string {
	if pattern.Kind() != ast.LiteralKind {
		return "the regular expression must be written out, in quotes"
	}
	text, _ := pattern.AsLiteral().Value().(string)
	if _, err := regexp.Compile(text); err != nil {
		return "not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
	}
	if steps, err := types.RegexProgramSize(text); err != nil || steps > maxPattern {
		return fmt.Sprintf("the regular expression has %d steps once its repetitions are written out; %d is the limit", steps, maxPattern)
	}
	return ""
}

// affordable reports an expression that may cost more than the limit for one fact.
func (l *language) affordable(when spec.Passage, checked *cel.Ast) error {
	estimate, err := l.env.EstimateCost(checked, lengths{l})
	switch {
	case err != nil:
		return spec.Errorf(when.At(0), "the cost of the expression cannot be told: %s", err)
	case estimate.Max == math.MaxUint64:
		return spec.Errorf(when.At(0), "nothing bounds the cost of the expression; %d for one fact is the limit", maxCost)
	case estimate.Max > maxCost:
		return spec.Errorf(when.At(0), "the expression may cost %d for one fact; %d is the limit: shorten its lists, nest fewer of them, and search in fewer texts", estimate.Max, maxCost)
	}
	return nil
}

// lengths tells the estimate of costs how long the texts of variables get.
type lengths struct{ *language }

func (l lengths) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if len(n.Path()) != 1 {
		return nil
	}
	v := l.variables[n.Path()[0]]
	if v == nil || v.boolean {
		return nil
	}
	return &cost.SizeEstimate{Min: 0, Max: v.longest}
}

func (lengths) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
