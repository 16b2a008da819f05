package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// gives says that ALL covers every value, and a level those before it.
func gives(_ plan.Key, value, other string) bool {
	levels := []string{"CAN_VIEW", "CAN_RUN", "CAN_MANAGE"}
	if value == "ALL" {
		return other != value
	}
	return slices.Index(levels, other) >= 0 && slices.Index(levels, value) > slices.Index(levels, other)
}

func TestOnlyEnded(t *testing.T) {
	old, older, ever := at(3, "2026-01-01"), at(4, "2025-01-01"), at(5, "")
	future := from(at(6, ""), "2027-01-01")
	tests := []struct {
		name           string
		declared, live []plan.Resource
		want           string
	}{
		{"a member whose entry has ended goes", list(resource(team, "member=", claims(wanted("member", "user:a", old)))), list(resource(team, "member=user:a")),
			"update " + team + " member -user:a\n"},
		{"a member whose entries have all ended goes", list(resource(team, "", claims(wanted("member", "user:a", old), wanted("member", "user:a", older)))), list(resource(team, "member=user:a")),
			"update " + team + " member -user:a\n"},
		{"who comes back later goes until then", list(resource(team, "", claims(wanted("member", "user:a", old), wanted("member", "user:a", future)))), list(resource(team, "member=user:a")),
			"update " + team + " member -user:a\n"},
		{"whom another entry wants stays", list(resource(team, "", claims(wanted("member", "user:a", old), wanted("member", "user:a", ever)))), list(resource(team, "member=user:a")), ""},
		{"who is undeclared stays", list(resource(team, "member=", claims(wanted("member", "user:a", old)))), list(resource(team, "member=user:a,user:b")),
			"update " + team + " member -user:a\n"},
		{"who is absent stays", list(resource(team, "member=", claims(absent("member", "user:a", ever)))), list(resource(team, "member=user:a")), ""},
		{"who is absent until an entry begins stays", list(resource(team, "member=", claims(absent("member", "user:a", ever), wanted("member", "user:a", future)))), list(resource(team, "member=user:a")), ""},
		{"who is absent and has ended goes", list(resource(team, "member=", claims(absent("member", "user:a", ever), wanted("member", "user:a", old)))), list(resource(team, "member=user:a")),
			"update " + team + " member -user:a\n"},
		{"nobody is added beside", list(resource(team, "member=user:b", claims(wanted("member", "user:a", old)))), list(resource(team, "member=user:a")),
			"update " + team + " member -user:a\n"},
		{"nothing is created", list(resource(team, "member=user:a", presence(plan.Present))), nil, ""},
		{"nothing is deleted", list(resource(team, "", claims(wanted("", "", old)))), list(resource(team, "member=user:a", presence(plan.Present))), ""},
		{"nothing is deleted whose members have ended too", list(resource(team, "", claims(wanted("", "", old), wanted("member", "user:a", old)))), list(resource(team, "member=user:a", presence(plan.Present))), ""},
		{"nothing is renamed", list(resource(team, "name=new", claims(wanted("member", "user:a", old)))), list(resource(team, "name=old member=user:a")),
			"update " + team + " member -user:a\n"},
		{"a lower level that is wanted takes the place", list(resource(job, "group:a=CAN_VIEW", single, claims(wanted("group:a", "CAN_MANAGE", old)))), list(resource(job, "group:a=CAN_MANAGE")),
			"update " + job + " group:a +CAN_VIEW -CAN_MANAGE\n"},
		{"a higher level that is wanted keeps the lower one", list(resource(job, "group:a=CAN_MANAGE", single, claims(wanted("group:a", "CAN_RUN", old)))), list(resource(job, "group:a=CAN_RUN")), ""},
		{"a privilege that all gave is given anew, and no other", list(resource(sales, "group:a=SELECT group:b=SELECT", claims(wanted("group:a", "ALL", old)))), list(resource(sales, "group:a=ALL")),
			"update " + sales + " group:a +SELECT -ALL\n"},
		{"all that is wanted keeps a privilege that has ended", list(resource(sales, "group:a=ALL", claims(wanted("group:a", "SELECT", old)))), list(resource(sales, "group:a=SELECT")), ""},
		{"a privilege beside those that are wanted goes", list(resource(sales, "group:a=SELECT,USE_SCHEMA", claims(wanted("group:a", "MODIFY", old)))), list(resource(sales, "group:a=MODIFY,USE_SCHEMA")),
			"update " + sales + " group:a -MODIFY\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan.Diff(folded(t, tt.declared...), plan.NewState(tt.live), plan.Scope{Owned: owned})
			plan.OnlyEnded(&p, plan.Ending{Now: now, Covers: gives})
			if d := cmp.Diff(tt.want, show(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if !p.Ended {
				t.Error("the plan does not say what it is")
			}
		})
	}
}

func TestOnlyEndedKeepsWhatItIsToldTo(t *testing.T) {
	claimed := claims(wanted("member", "user:a", at(3, "2026-01-01")), wanted("member", "user:b", at(4, "2026-01-01")))
	p := plan.Diff(folded(t, resource(team, "", claimed)), plan.NewState(list(resource(team, "member=user:a,user:b,user:c"))), plan.Scope{Owned: owned})
	var asked []string
	plan.OnlyEnded(&p, plan.Ending{Now: now, Keeps: func(c *plan.Change, f plan.Fact) bool {
		asked = append(asked, f.Value)
		return f.Value == "user:a"
	}})
	if d := cmp.Diff("update "+team+" member -user:b\n", show(p)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff([]string{"user:a", "user:b"}, asked); d != "" {
		t.Errorf("asked of others than those who would go (-want +got):\n%s", d)
	}
}

// drawn gives the fields of resources entries: in force, over, yet to come,
// or saying that a value must be absent.
func drawn(t *rapid.T, in []plan.Resource) []plan.Resource {
	day := func(offset int) time.Time { return now.AddDate(0, 0, offset) }
	for i := range in {
		r := &in[i]
		for _, f := range append(r.Fields, plan.Field{Name: "group:a", Values: []string{"sp:e"}}) {
			for j, v := range f.Values {
				o := &plan.Origin{Pos: plan.Pos{File: "a.yaml", Line: 1 + j}}
				switch rapid.IntRange(0, 5).Draw(t, "terms") {
				case 0:
					o.Until = day(-1)
				case 1:
					o.Until = day(1)
				case 2:
					o.From = day(1)
				case 3:
					continue
				}
				r.Claims = append(r.Claims, plan.Claim{Field: f.Name, Value: v, Want: rapid.IntRange(0, 4).Draw(t, "want") > 0, Origin: o})
			}
		}
		if rapid.Bool().Draw(t, "claims alone") {
			r.Fields = nil
		}
		r.Authority = rapid.SampledFrom([]plan.Authority{plan.Managed, plan.Exact, plan.Merge}).Draw(t, "authority")
	}
	return in
}

func TestOnlyEndedIsASubsetOfTheRemovals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, _ := plan.Fold(drawn(t, world(t, "desired")), now)
		p := plan.Diff(desired, plan.NewState(world(t, "live")), plan.Scope{Owned: owned})
		removed := map[plan.Fact]*plan.Change{}
		ended := map[plan.Fact]bool{}
		for i := range p.Changes {
			c := p.Changes[i]
			for _, d := range c.Deltas() {
				for _, v := range d.Removed {
					f := plan.Fact{Key: c.Key, Field: d.Field, Value: v}
					removed[f] = &c
					ended[f] = c.Action == plan.Update && c.ByClaim(d.Field, v) && hasEndedOnly(c.Claims, f)
				}
			}
		}
		plan.OnlyEnded(&p, plan.Ending{Now: now})
		for _, c := range p.Changes {
			if c.Action != plan.Update || c.Adds() || len(c.Deltas()) == 0 {
				t.Fatalf("%s %s does more than take away", c.Action, c.Key)
			}
			for _, d := range c.Deltas() {
				for _, v := range d.Removed {
					f := plan.Fact{Key: c.Key, Field: d.Field, Value: v}
					if removed[f] == nil || !ended[f] {
						t.Fatalf("%v goes and has not ended", f)
					}
					delete(ended, f)
				}
			}
		}
		for f, over := range ended {
			if over {
				t.Fatalf("%v has ended and stays", f)
			}
		}
		if err := plan.Order(&p, nil); err != nil {
			t.Fatal(err)
		}
	})
}

// hasEndedOnly tells whether the entries that wanted a fact are all over.
func hasEndedOnly(claims []plan.Claim, f plan.Fact) bool {
	over := 0
	for _, cl := range claims {
		if cl.Want && cl.Field == f.Field && cl.Value == f.Value && !cl.Origin.Future(now) {
			if cl.Origin.InForce(now) {
				return false
			}
			over++
		}
	}
	return over > 0
}

func TestOverIsAfterTheLastDay(t *testing.T) {
	o := at(1, "2026-11-21")
	for when, want := range map[time.Time]bool{
		o.Until.Add(-time.Nanosecond): false, o.Until: true, o.Until.Add(time.Hour): true,
	} {
		if got := o.Over(when); got != want || got == o.InForce(when) {
			t.Error(fmt.Sprint(when, " is over: ", got))
		}
	}
	if (&plan.Origin{}).Over(now) {
		t.Error("what has no end is over")
	}
}
