package render

import (
	"io"
	"slices"

	"github.com/brickgate/brickgate/plan"
)

// Brief writes of a plan only what stops it, what of it could not be read, what it is
// made over, and its numbers in the last lines.
func Brief(w io.Writer, p plan.Plan, opts TextOptions) error {
	t := &text{printer: newPrinter(w, opts.Color, opts.Width), teller: teller{now: opts.Now}}
	p.Held = slices.DeleteFunc(slices.Clone(p.Held), func(h plan.Held) bool { return !h.Failed })
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f plan.Finding) bool { return f.Level != plan.LevelError })
	p.Warnings = slices.DeleteFunc(slices.Clone(p.Warnings), func(w plan.Warning) bool { return !w.Foremost })
	t.warnings(p.Warnings)
	t.held(p)
	t.found(p.Findings)
	t.lacks(p.Lacks)
	t.violations(p.Violations)
	t.numbers(p)
	return t.done()
}
