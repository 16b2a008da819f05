package render_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// hostile moves the cursor, forges a line, turns text around and hides in it.
const hostile = "a\x1b[2J\x1b]0;x\x07\u009b31mb\r\nPlan: 0 to delete \u202egpj\u2066\u200b\u00ad\U000e0041\xff\""

func hostilePlan(t *testing.T) plan.Plan {
	o := entry("groups/a"+hostile+".yaml", 2, "2026-12-31", hostile)
	k := plan.Key{Kind: "group", Target: "account", Name: "grp" + hostile}
	gone := plan.Key{Kind: "group", Target: "account", Name: "old" + hostile}
	p := made(t, []plan.Resource{
		{Key: k, Presence: plan.Present, Origin: o, Labels: []string{"product:p" + hostile}, Claims: []plan.Claim{want("member"+hostile, "user:"+hostile, o)}},
		{Key: gone, Origin: o, Claims: []plan.Claim{{Origin: o}}},
	}, []plan.Resource{
		{Key: gone, Presence: plan.Present},
		{Key: plan.Key{Kind: "group", Target: "account", Name: "orphan" + hostile}, Presence: plan.Present},
	})
	p.Changes[0].Reason = hostile
	p.Environment = hostile
	p.Warnings = []plan.Warning{{Pos: o.Pos, Message: hostile}}
	p.Findings = []plan.Finding{{Code: hostile, Level: plan.LevelError, Pos: o.Pos, Message: hostile}}
	p.Blocked = []plan.Change{p.Changes[0]}
	p.Held = []plan.Held{{Key: k, Origin: o, Reason: hostile}}
	p.Violations = []plan.Violation{{Guard: plan.GuardProtected, Key: k, Pos: o.Pos, Message: hostile}}
	p.Lacks = []plan.Lack{{Key: k, Needs: hostile, Holders: []string{hostile}, TakenBy: gone, By: hostile}}
	p.Waivers = []plan.Waiver{{Guard: plan.GuardProtected, Reason: hostile}}
	p.Impact = hostileImpact(k, o)
	return p
}

// hostileImpact has hostile text wherever there is any.
func hostileImpact(k plan.Key, o *plan.Origin) *plan.Impact {
	i := &plan.Impact{Unknown: []string{hostile}}
	fact := plan.Fact{Key: k, Field: "member" + hostile, Value: "user:" + hostile}
	for _, kind := range []string{"grants", "permissions", "assignment", "entitlements", "roles", hostile} {
		for _, name := range []string{"", hostile, "table/" + hostile, hostile + "/" + hostile} {
			i.Effects = append(i.Effects, plan.Effect{
				Object: plan.Key{Kind: kind, Target: hostile, Name: name}, Product: hostile, Domain: hostile, Gained: len(name)%2 == 0,
				Privileges: []string{hostile, "SELECT"}, Count: 1, Named: []string{hostile}, Open: []plan.OpenGroup{{Group: hostile, Heads: 1}, {Group: hostile, Heads: -1}},
				Risks: []plan.Risk{plan.Risk(hostile)}, Causes: []plan.Cause{{Fact: fact, Origin: o}},
			}, plan.Effect{
				Object: plan.Key{Kind: kind, Target: hostile, Name: name}, Privileges: []string{hostile}, Count: 1, Named: []string{hostile},
				Way: []plan.Step{{From: hostile, To: hostile}, {From: hostile, Fact: fact}}, Causes: []plan.Cause{{Fact: fact, Removed: true}},
			}, plan.Effect{
				Object: plan.Key{Kind: "grants", Target: hostile, Name: hostile + "/" + hostile}, Privileges: []string{"USE_SCHEMA"}, Count: 1, Named: []string{hostile},
			})
		}
	}
	i.Idle = []plan.Idle{{Fact: fact, Why: hostile}, {Fact: plan.Fact{Key: k}, Through: []plan.Fact{fact, {Key: k, Field: "owner", Value: "user:" + hostile}}}}
	return i
}

func TestNothingThatOthersWroteReachesTheTerminalRaw(t *testing.T) {
	p := hostilePlan(t)
	out := text(t, p, render.TextOptions{})
	p.Changes = nil
	out += text(t, p, render.TextOptions{})
	var b strings.Builder
	err := render.Outcomes(&b, []plan.Outcome{{
		Change: hostilePlan(t).Changes[0], Status: plan.Failed, Err: errors.New(hostile),
		BlockedBy: []plan.Key{{Kind: "group", Target: "account", Name: hostile}},
	}}, render.TextOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	out += b.String()
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

func TestColumnsAlignByDisplayWidth(t *testing.T) {
	o := entry("groups.yaml", 2, "", "")
	p := made(t, []plan.Resource{{
		Key: key("permissions@main/jobs/x"), Origin: o,
		Claims: []plan.Claim{want("group:日本語", "CAN_VIEW", o), want("group:abc", "CAN_VIEW", o)},
	}}, nil)
	var columns []int
	for line := range strings.Lines(text(t, p, render.TextOptions{})) {
		if before, _, ok := strings.Cut(line, "+ CAN_VIEW"); ok {
			columns = append(columns, ansi.StringWidth(before))
		}
	}
	if len(columns) != 2 || columns[0] != columns[1] {
		t.Errorf("value columns at %v, want two equal", columns)
	}
}

func TestColourIsAddedToTheSameTextAndOnlyWhenAskedFor(t *testing.T) {
	p := everything(t)
	bare, coloured := text(t, p, render.TextOptions{}), text(t, p, render.TextOptions{Color: true})
	if strings.Contains(bare, "\x1b") {
		t.Error("colour without being asked for")
	}
	if !strings.Contains(coloured, "\x1b[32m+ group:grp_analysts\x1b[0m") || !strings.Contains(coloured, "\x1b[31m- CAN_MANAGE\x1b[0m") {
		t.Errorf("additions are not green or removals not red:\n%q", coloured)
	}
	if ansi.Strip(coloured) != bare {
		t.Error("colour changes the text")
	}
}
