package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

func TestMissingRightsRefuseAPlan(t *testing.T) {
	one := plan.Lack{Key: key(team), Action: plan.Update, Needs: "account admin"}
	again := plan.Lack{Key: key(team), Action: plan.Update, Needs: "assignment to workspace main"}
	two := plan.Lack{Key: key(sales), Action: plan.Update, Needs: "ownership"}
	guarded := plan.Violation{Guard: plan.GuardRequirePinned}
	tests := []struct {
		name       string
		plan       plan.Plan
		lacks      []plan.Lack
		allow      map[string]string
		violations []plan.Violation
		waivers    []plan.Waiver
	}{
		{"none", plan.Plan{}, nil, map[string]string{plan.GuardRights: "sure"}, nil, nil},
		{"two rights of one change", plan.Plan{}, []plan.Lack{one, again}, nil,
			[]plan.Violation{{Guard: plan.GuardRights, Message: `sp:me lacks the rights that a change needs: see "needs rights"`}}, nil},
		{"behind other guards", plan.Plan{Violations: []plan.Violation{guarded}}, []plan.Lack{one, two}, nil,
			[]plan.Violation{guarded, {Guard: plan.GuardRights, Message: `sp:me lacks rights that 2 of the changes need: see "needs rights"`}}, nil},
		{"let off by name", plan.Plan{Waivers: []plan.Waiver{{Guard: "smallSets", Reason: "x"}}}, []plan.Lack{one}, map[string]string{plan.GuardRights: "sure"},
			nil, []plan.Waiver{{Guard: "rights", Reason: "sure"}, {Guard: "smallSets", Reason: "x"}}},
		{"not what has ended", plan.Plan{Ended: true}, []plan.Lack{one}, nil, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.plan
			p.Refuse(tt.lacks, "sp:me", tt.allow)
			want := tt.plan
			want.Lacks, want.Violations, want.Waivers = tt.lacks, tt.violations, tt.waivers
			if d := cmp.Diff(want, p); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
