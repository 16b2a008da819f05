package main

import (
	"slices"
	"time"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// missingApprovals tells of an entry which of the approvals that it needs it does
// not have. Those that no rule asks for are not missed.
func missingApprovals(declared *reconcile.Declared, now time.Time) func(*spec.Consumption) []consumer.Missing {
	approvals := policy.NewApprovals(policy.Input{
		Project: declared.Project, Env: declared.Env, Catalogue: declared.Catalogue, Now: now,
		Declared: declared.Resources, Uses: declared.Uses,
	})
	return func(c *spec.Consumption) []consumer.Missing {
		all := approvals.Of(c)
		outstanding := policy.Outstanding(all)
		var out []consumer.Missing
		for _, a := range all {
			if slices.Contains(outstanding, a.Role) && !isOff(declared.Project, ruleOf(c, a)) {
				out = append(out, consumer.Missing{Role: a.Role, Why: a.Why})
			}
		}
		return out
	}
}

// ruleOf is the rule that reports an approval that is wanting.
func ruleOf(c *spec.Consumption, a policy.RoleApproval) string {
	switch a.Standing {
	case policy.NotHolder:
		return "BG211"
	case policy.Conflict:
		return "BG212"
	case policy.Void:
		return "BG213"
	}
	private := slices.ContainsFunc(c.Product.PrivacyApproval(), func(t spec.Text) bool { return t.Value == a.Role })
	switch {
	case c.Emergency():
		return "BG206"
	case c.PII && private:
		return "BG220"
	}
	return "BG210"
}

func isOff(p *spec.Project, code string) bool {
	rule, set := p.Rules.Get(code)
	return set && rule.Level.Value == "off"
}
