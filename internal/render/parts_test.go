package render_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// divided is a change that does something for each part, a creation and a deletion.
func divided(t *testing.T) plan.Plan {
	t.Helper()
	team, gone := key("group@account/grp_team"), key("group@account/grp_gone")
	sales, job := key("grants@metastore/schema/gold.sales"), key("permissions@main/jobs/load")
	o := func(line int, until, why string) *plan.Origin { return entry("team.yaml", line, until, why) }
	return made(t, []plan.Resource{
		{Key: team, Presence: plan.Present, Origin: o(3, "", ""), Authority: plan.Exact, Claims: []plan.Claim{
			want("member", "user:alice@example.com", o(4, "", "")), want("member", "user:bob@example.com", o(5, "2026-12-31", "quarterly report")),
		}},
		{Key: gone, Origin: o(20, "", ""), Claims: []plan.Claim{{Origin: o(21, "", "merged into grp_team")}}},
		{Key: sales, Origin: o(9, "", ""), Claims: []plan.Claim{
			want("group:grp_team", "SELECT", o(11, "", "")), want("group:grp_team", "MODIFY", o(11, "", "")), want("group:old", "SELECT", o(12, "2026-10-31", "")),
		}},
		{Key: job, Single: true, Origin: o(15, "", ""), Claims: []plan.Claim{want("group:grp_team", "CAN_MANAGE", o(17, "", ""))}},
	}, []plan.Resource{
		{Key: gone, Presence: plan.Present, Fields: []plan.Field{field("member", "user:carol@example.com")}},
		{Key: sales, Fields: []plan.Field{field("group:old", "SELECT"), field("user:dave@example.com", "MODIFY")}},
		{Key: job, Fields: []plan.Field{field("group:grp_team", "CAN_VIEW")}},
	})
}

func fact(k, f, value string) plan.Fact { return plan.Fact{Key: key(k), Field: f, Value: value} }

func TestTheChangeOfTheRepositoryIsToldApartFromDrift(t *testing.T) {
	p := divided(t)
	p.Base = &plan.Base{Ref: "origin/main", Commit: strings.Repeat("0123456789", 4), Drift: map[plan.Move]bool{}, Satisfied: []plan.Satisfied{
		{Move: plan.Move{Fact: fact("grants@metastore/schema/gold.sales", "group:grp_team", "USE_SCHEMA")}, Origin: entry("team.yaml", 11, "2026-12-31", "the way in")},
		{Move: plan.Move{Fact: fact("group@account/grp_older", "", ""), Removed: true}, Origin: entry("team.yaml", 30, "", "merged")},
		{Move: plan.Move{Fact: fact("group@account/grp_team", "member", "user:erin@example.com"), Removed: true}},
	}}
	for _, m := range p.Edits() {
		p.Base.Drift[m] = m.Key == key("group@account/grp_team") && m.Value != "user:bob@example.com" || m.Removed && strings.HasPrefix(m.Key.Kind, "grants")
	}
	golden(t, "parts.txt", text(t, p, render.TextOptions{Checksum: "c0ffee"}))
	for m := range p.Base.Drift {
		p.Base.Drift[m] = false
	}
	if got := text(t, p, render.TextOptions{}); strings.Contains(got, "drift that") || !strings.Contains(got, "11 facts of this change, 0 of drift before it") {
		t.Errorf("without drift:\n%s", got)
	}
}

func TestDriftTellsWhatIsDueAndWhatWasRecorded(t *testing.T) {
	p := divided(t)
	at := time.Date(2026, 11, 20, 9, 12, 0, 0, time.FixedZone("", 3600))
	trace := func(f plan.Fact, removed bool) plan.Trace {
		return plan.Trace{Fact: f, Removed: removed, At: at, Run: "20261120T081200Z-abcdefgh", Who: "sp:spn_access", Command: "apply"}
	}
	dave := fact("grants@metastore/schema/gold.sales", "user:dave@example.com", "MODIFY")
	alice := fact("group@account/grp_team", "member", "user:alice@example.com")
	left := fact("grants@metastore/schema/gold.sales", "user:x_zoe@example.com", "SELECT")
	p.Unmanaged = []plan.Unmanaged{{Fact: left, Kept: "not owned"}}
	p.Drift = &plan.Drift{Due: plan.Due(p.Changes, now), Traces: map[plan.Move]plan.Trace{
		{Fact: dave, Removed: true}: trace(dave, true),
		{Fact: alice}:               trace(alice, false),
		{Fact: left, Removed: true}: trace(left, true),
		{Fact: plan.Fact{Key: key("group@account/grp_gone")}, Removed: true}: trace(plan.Fact{Key: key("group@account/grp_gone")}, true),
		{Fact: plan.Fact{Key: key("group@account/grp_team")}}:                trace(plan.Fact{Key: key("group@account/grp_team")}, false),
	}}
	golden(t, "drift.txt", text(t, p, render.TextOptions{}))
}

func TestNothingOfABaseOrATraceReachesTheTerminalRaw(t *testing.T) {
	p := hostilePlan(t)
	k := p.Changes[0].Key
	f := plan.Fact{Key: k, Field: "member" + hostile, Value: "user:" + hostile}
	trace := plan.Trace{Fact: f, Run: hostile, Who: hostile, Command: hostile}
	p.Base = &plan.Base{Ref: hostile, Commit: hostile, Satisfied: []plan.Satisfied{
		{Move: plan.Move{Fact: f}, Origin: entry(hostile, 1, "", hostile)}, {Move: plan.Move{Fact: f, Removed: true}},
	}}
	p.Base.Hold(p.Changes, p.Changes[:1])
	out := text(t, p, render.TextOptions{})
	p.Base, p.Unmanaged = nil, []plan.Unmanaged{{Fact: f, Kept: hostile}}
	p.Drift = &plan.Drift{Traces: map[plan.Move]plan.Trace{{Fact: f}: trace, {Fact: f, Removed: true}: trace, {Fact: plan.Fact{Key: k}}: trace}}
	out += text(t, p, render.TextOptions{})
	if at := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) || r == unicode.ReplacementChar }); at >= 0 {
		t.Errorf("raw text at %q", out[at:min(len(out), at+20)])
	}
	if slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, "Plan: 0 to delete") }) {
		t.Error("a forged line")
	}
}
