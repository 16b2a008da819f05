package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// policyInput is what the rules see of an environment.
func policyInput(d *reconcile.Declared, now time.Time) policy.Input {
	return policy.Input{
		Project: d.Project, Env: d.Env, Catalogue: d.Catalogue, Now: now,
		Declared: d.Resources, Uses: d.Uses, Owned: d.Owned,
	}
}

// judge asks the rules about an environment as it was read.
func judge(rules *policy.Rules, run *reconcile.Run, now time.Time) reconcile.Judge {
	return func(_ plan.State, p plan.Plan) []plan.Finding {
		in := policyInput(run.Declared, now)
		in.Live = &policy.Live{State: run.Live, Changes: p.Changes, Self: run.Self(), Members: run.Members}
		return rules.Check(in)
	}
}

// found is what the rules say of one environment, by place.
type found struct {
	env      string
	findings []plan.Finding
}

// told says everything once: what a rule says at one place of several
// environments is mostly the same, told with the names of each.
func told(all []found) []render.Judged {
	var out []render.Judged
	at := map[spot][]int{} // into out
	for _, f := range all {
		for rest := f.findings; len(rest) > 0; {
			run := sameSpot(rest)
			rest = rest[len(run):]
			before := at[spotOf(run[0])]
			for i, one := range run {
				k := slices.IndexFunc(before, func(k int) bool { return out[k].Finding == one })
				switch {
				case len(before) == len(run):
					k = before[i]
				case k >= 0:
					k = before[k]
				default:
					k = len(out)
					out = append(out, render.Judged{Finding: one})
					at[spotOf(one)] = append(at[spotOf(one)], k)
				}
				out[k].Environments = append(out[k].Environments, f.env)
			}
		}
	}
	for i := range out {
		if len(out[i].Environments) == len(all) {
			out[i].Environments = nil
		}
	}
	slices.SortStableFunc(out, func(a, b render.Judged) int {
		return cmp.Or(a.Pos.Compare(b.Pos), strings.Compare(a.Code, b.Code), strings.Compare(a.Message, b.Message))
	})
	return out
}

// spot is a place about which a rule has something to say.
type spot struct {
	pos  plan.Pos
	code string
}

func spotOf(f plan.Finding) spot { return spot{f.Pos, f.Code} }

func sameSpot(findings []plan.Finding) []plan.Finding {
	n := 1
	for n < len(findings) && spotOf(findings[n]) == spotOf(findings[0]) {
		n++
	}
	return findings[:n]
}
