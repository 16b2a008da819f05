package render_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

func edit(k plan.Key, field, value string, removed bool) plan.Edit {
	return plan.Edit{Fact: plan.Fact{Key: k, Field: field, Value: value}, Removed: removed}
}

func compared(t *testing.T, c plan.Comparison) string {
	t.Helper()
	var b strings.Builder
	if err := render.Comparison(&b, c, render.TextOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAComparisonShowsBothSidesOfWhatDiffers(t *testing.T) {
	team, old, sales := plan.Key{Kind: "group", Target: "account", Name: "grp_team"}, plan.Key{Kind: "group", Target: "account", Name: "grp_old"},
		plan.Key{Kind: "grants", Target: "metastore", Name: "schema/sales"}
	ended := plan.Approval{Edit: edit(team, "member", "user:eve", false), Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	agreed := plan.Comparison{
		Left: []plan.Edit{edit(team, "", "", false), edit(team, "member", "user:alice", false), edit(sales, "group:a", "SELECT", false)},
		Done: []plan.Edit{edit(sales, "group:b", "SELECT", true)}, Ended: []plan.Approval{ended},
	}
	refused := agreed
	refused.Lost = []plan.Lost{{Edit: edit(team, "member", "user:bob", false), Why: "its document has an error"}}
	refused.New = []plan.Edit{edit(team, "member", "user:carol", true), edit(old, "", "", true)}
	golden(t, "comparison.txt", compared(t, agreed)+"\n"+compared(t, refused))
}

func TestAnUndisturbedComparisonSaysNothing(t *testing.T) {
	if got := compared(t, plan.Comparison{Left: []plan.Edit{{}}}); got != "" {
		t.Errorf("%q", got)
	}
}

func TestNothingOfAComparisonReachesTheTerminalRaw(t *testing.T) {
	e := edit(plan.Key{Kind: "group", Target: "account", Name: hostile}, hostile, hostile, true)
	c := plan.Comparison{Ended: []plan.Approval{{Edit: e, Until: now}}}
	out := compared(t, c)
	c.Left, c.Done, c.New, c.Lost = []plan.Edit{e}, []plan.Edit{e}, []plan.Edit{e}, []plan.Lost{{Edit: e, Why: hostile}}
	out += compared(t, c)
	for i, r := range out {
		if r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			t.Fatalf("raw %U at %q", r, out[max(0, i-20):i])
		}
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "Plan: 0 to delete") {
			t.Errorf("forged line %q", line)
		}
	}
}
