package policy

import "github.com/brickgate/brickgate/plan"

// Rule is a built-in rule. Its code is stable: it stands in brickgate.yaml, in
// comments of pull requests and in people's memory.
type Rule struct {
	Code  string
	Level plan.Level // unless brickgate.yaml says otherwise; off: only where it is turned on
	Title string     // one line: what is wrong
	Doc   string     // one line: why, and what to do
	check func(*judge)
}

// off is the level of a rule that is not asked.
const off plan.Level = "off"

// builtin is the table of rules, one row each, sorted by code.
func builtin() []Rule {
	return []Rule{}
}
