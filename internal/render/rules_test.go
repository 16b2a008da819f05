package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

const orders = "products/orders.yaml"

func place(file string, line int) plan.Pos { return plan.Pos{File: file, Line: line, Col: 7} }

func found(code string, level plan.Level, pos plan.Pos, message string) plan.Finding {
	return plan.Finding{Code: code, Level: level, Pos: pos, Doc: plan.Pos{File: pos.File, Line: 3, Col: 17}, Message: message}
}

// judged is a plan of which one document has an error: it would create a group
// and raise a level.
func judged(t *testing.T) plan.Plan {
	entry := func(line int, until, reason string) *plan.Origin {
		o := entry(orders, line, until, reason)
		o.Doc = &plan.Pos{File: orders, Line: 3, Col: 17}
		return o
	}
	consumer, job := key("group@account/dp-orders-consumer_prd"), key("permissions@main/jobs/nightly")
	schema, team := key("grants@metastore/schema/gold_prd.sales"), key("group@account/grp_team_prd")
	ended := entry(44, "2026-10-31", "")
	ended.Ends = "revoked (unused)"
	p := made(t, []plan.Resource{{
		Key: consumer, Presence: plan.Present, Origin: entry(3, "", ""), Labels: []string{"product:orders"},
		Claims: []plan.Claim{want("", "", entry(3, "", "")), want("member", "user:alice@example.com", entry(31, "2026-12-31", "Q1 campaign analysis"))},
	}, {
		Key: schema, Origin: entryOf("grants.yaml", 4), Refs: []plan.Key{consumer},
		Claims: []plan.Claim{want("group:dp-orders-consumer_prd", "SELECT", entryOf("grants.yaml", 9)), want("group:grp_team_prd", "SELECT", entryOf("grants.yaml", 8))},
	}, {
		Key: job, Origin: entry(3, "", ""), Single: true, Claims: []plan.Claim{want("group:grp_team_prd", "CAN_MANAGE", entry(12, "", ""))},
	}, {
		Key: team, Authority: plan.Exact, Presence: plan.Present, Origin: entryOf("teams.yaml", 3), Fields: []plan.Field{field("member")},
		Claims: []plan.Claim{want("member", "user:bob@example.com", ended)},
	}}, []plan.Resource{
		{Key: job, Single: true, Fields: []plan.Field{field("group:grp_team_prd", "CAN_VIEW")}},
		{Key: team, Presence: plan.Present, Fields: []plan.Field{field("member", "user:bob@example.com")}},
	})
	findings := []plan.Finding{
		found("BG501", plan.LevelWarn, plan.Pos{}, "user:eve@example.com is a member of AAD-Risk without an entry"),
		found("BG201", plan.LevelError, place(orders, 37), "nothing says why user:bob@example.com uses orders: write justification:, or ticket: with the ticket that says it"),
		found("BG216", plan.LevelNote, place(orders, 40), "that jane@example.com is in AAD-Owners is checked in plan"),
	}
	for i := range 11 {
		findings = append(findings, found("BG103", plan.LevelWarn, place("grants.yaml", 12+i), fmt.Sprintf("removing this line will not revoke SELECT of group:x_%d", i)))
	}
	plan.Block(&p, plan.SortFindings(findings), now, nil)
	return p
}

func entryOf(file string, line int) *plan.Origin { return entry(file, line, "", "") }

func TestAPlanShowsWhatRulesFoundAndWhatIsThereforeNotApplied(t *testing.T) {
	golden(t, "judged.txt", text(t, judged(t), render.TextOptions{Width: 80}))
}

func TestNothingIsLeftToApplyOfWhatIsBlocked(t *testing.T) {
	p := judged(t)
	p.Changes = nil
	if got := text(t, p, render.TextOptions{}); !strings.HasPrefix(got, "No changes: live access in prd is as declared, 3 changes blocked.\n") {
		t.Errorf("got %q", got)
	}
}

func TestFindingsReadLikeThoseOfACompiler(t *testing.T) {
	judged := []render.Judged{
		{Finding: found("BG201", plan.LevelError, place(orders, 37), "nothing says why"), Environments: []string{"dev", "prd"}},
		{Finding: found("BG103", plan.LevelWarn, place(orders, 40), "removing this line\nwill not revoke")},
		{Finding: found("cliff", plan.LevelNote, plan.Pos{}, "many end on one day")},
		{Finding: found("BG103", plan.LevelWarn, place("::error::.yaml", 1), hostile)},
	}
	want := orders + `:37:7: error: nothing says why (BG201, dev, prd)
` + orders + `:40:7: warn: removing this line\nwill not revoke (BG103)
note: many end on one day (cliff)
: :error::.yaml:1:7: warn: a\x1b[2J\x1b]0;x\a\u009b31mb\r\nPlan: 0 to delete \u202egpj\u2066\u200b\u00ad\U000e0041\xff" (BG103)
1 error, 2 warnings, 1 note
`
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		if err := render.Findings(&b, judged, render.TextOptions{Color: color}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, ansi.Strip(b.String())); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
		if strings.Contains(b.String(), "\x1b[1;31merror:\x1b[0m nothing says why") != color {
			t.Errorf("colour %v: %q", color, b.String())
		}
	}
}

func TestNoFindingsAreNoLines(t *testing.T) {
	var b bytes.Buffer
	if err := render.Findings(&b, nil, render.TextOptions{}); err != nil || b.Len() > 0 {
		t.Errorf("%q, %v", b.String(), err)
	}
}
