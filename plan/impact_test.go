package plan_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// weighed is a plan with an effect of each kind.
func weighed(t *testing.T) plan.Plan {
	p := approvable(t)
	member := plan.Fact{Key: key("group@account/new"), Field: "member", Value: "user:a"}
	grant := plan.Fact{Key: key(sales), Field: "group:new", Value: "SELECT"}
	why := at(31, "2026-12-31")
	why.Reason, why.Request, why.Product = "audit <1>", "REQ-1", "sales-orders"
	p.Impact = &plan.Impact{
		Effects: []plan.Effect{
			{
				Object: key(sales), Product: "sales-orders", Domain: "sales", Privileges: []string{"SELECT"}, Gained: true,
				Count: 2, Named: []string{"user:a", "user:b"}, Before: 1, After: 3, Contents: 12, Risks: []plan.Risk{plan.RiskPersonalData},
				Open:   []plan.OpenGroup{{Group: "group:AAD-Finance", Heads: 0}, {Group: "group:account users", Heads: -1}},
				Causes: []plan.Cause{{Fact: member, Origin: why}},
				Way:    []plan.Step{{From: "user:a", To: "group:new", Fact: member, New: true}, {From: "group:new", Fact: grant}, {From: "group:new", To: "group:account users"}},
			},
			{Object: plan.Key{Kind: "assignment", Target: "main"}, Privileges: []string{"USER"}, Count: 1, Before: 1, Causes: []plan.Cause{{Fact: grant, Removed: true}}},
		},
		Idle:    []plan.Idle{{Fact: grant, Through: []plan.Fact{member}}, {Fact: member, Removed: true, Why: plan.NobodyIn}},
		Unknown: []string{"the owner of schema gold.sales"},
	}
	return p
}

func TestTheJSONOfAnImpact(t *testing.T) {
	p := weighed(t)
	golden(t, "impact.json", jsonOf(t, plan.Plan{Environment: "prd", Impact: p.Impact}))
	p.Impact = nil
	if bytes.Contains(jsonOf(t, p), []byte(`"impact"`)) {
		t.Error("an impact that nobody computed is written")
	}
}

// TestAnImpactIsNotApproved: who is in which group is not what a plan does.
func TestAnImpactIsNotApproved(t *testing.T) {
	p, without := weighed(t), approvable(t)
	if p.Checksum() != without.Checksum() {
		t.Error("the checksum is over the impact")
	}
	if !bytes.Equal(saved(t, p), saved(t, without)) {
		t.Error("the saved plan holds the impact")
	}
	if p.Impact == nil {
		t.Error("saving takes the impact away")
	}
}

func TestUntilWhenAnEffectLasts(t *testing.T) {
	cause := func(until string) plan.Cause { return plan.Cause{Origin: at(1, until)} }
	day := func(s string) time.Time { return at(1, s).Until }
	for _, test := range []struct {
		name string
		e    plan.Effect
		want time.Time
	}{
		{"the latest end", plan.Effect{Gained: true, Causes: []plan.Cause{cause("2026-12-01"), cause("2026-12-31")}}, day("2026-12-31")},
		{"one without an end", plan.Effect{Gained: true, Causes: []plan.Cause{cause("2026-12-01"), cause("")}}, time.Time{}},
		{"computed", plan.Effect{Gained: true, Ends: day("2026-11-30"), Causes: []plan.Cause{cause("2026-12-01"), cause("")}}, day("2026-11-30")},
		{"a loss", plan.Effect{Ends: day("2026-11-30"), Causes: []plan.Cause{cause("2026-12-01")}}, time.Time{}},
	} {
		if got := test.e.Until(); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
