package plan_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

func TestTheChecksumIsOfWhatIsDone(t *testing.T) {
	sum := approvable(t).Checksum()
	tests := []struct {
		name string
		edit func(*plan.Plan)
		same bool
	}{
		{"nothing else", func(*plan.Plan) {}, true},
		{"another reason and place", func(p *plan.Plan) {
			p.Changes[0].Reason, p.Changes[0].Claims, p.Changes[0].Origin = "why not", nil, at(99, "")
		}, true},
		{"other findings and waivers", func(p *plan.Plan) { p.Findings, p.Waivers, p.Unchanged = []plan.Finding{{Code: "BG201"}}, nil, 7 }, true},
		{"another order", func(p *plan.Plan) { p.Changes[0], p.Changes[1] = p.Changes[1], p.Changes[0] }, true},
		{"an entry beside it that stays", func(p *plan.Plan) {
			c := &p.Changes[0]
			c.Before, c.After = fields("group:b=MODIFY,SELECT user:x_y=SELECT user:x_z=SELECT"), fields("group:a=SELECT user:x_y=SELECT user:x_z=SELECT")
		}, true},
		{"one value less", func(p *plan.Plan) { p.Changes[0].After = fields("group:a=SELECT group:b=SELECT user:x_z=SELECT") }, false},
		{"one change less", func(p *plan.Plan) { p.Changes = p.Changes[1:] }, false},
		{"an update in place of a creation", func(p *plan.Plan) {
			for i := range p.Changes {
				p.Changes[i].Action = plan.Update
			}
		}, false},
		{"another environment", func(p *plan.Plan) { p.Environment = "dev" }, false},
		{"another host", func(p *plan.Plan) { p.Hosts = hosts[:1] }, false},
		{"nothing at all", func(p *plan.Plan) { p.Changes = nil }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := approvable(t)
			if c := p.Changes[0].Key; c != key(sales) {
				t.Fatalf("the first change is to %s", c)
			}
			tt.edit(&p)
			if got := p.Checksum() == sum; got != tt.same {
				t.Errorf("the same: %v, want %v", got, tt.same)
			}
		})
	}
}

func TestExpectedChecksums(t *testing.T) {
	sum := approvable(t).Checksum()
	other := "0" + sum[1:]
	if sum[0] == '0' {
		other = "1" + sum[1:]
	}
	tests := []struct {
		name, text string
		want, bad  bool
	}{
		{"in full", sum, true, false},
		{"in short", plan.ShortChecksum(sum), true, false},
		{"of another plan", other, false, false},
		{"of another plan, in short", plan.ShortChecksum(other), false, false},
		{"shorter than short, which is found by trying", sum[:12], false, true},
		{"none", "", false, true},
		{"in capitals", strings.ToUpper(sum), false, true},
		{"a word of that length", strings.Repeat("x", 32), false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := plan.Expected(sum, tt.text); got != tt.want || (err != nil) != tt.bad {
				t.Errorf("%v %v, want %v, bad: %v", got, err, tt.want, tt.bad)
			}
		})
	}
}
