package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// in is an entry on a line of a document, whose name stands at the line before.
func in(file string, line int) *plan.Origin {
	return &plan.Origin{Pos: plan.Pos{File: file, Line: line}, Doc: &plan.Pos{File: file, Line: 1}}
}

// mistake is an error in the document of that file.
func mistake(file string) plan.Finding {
	return plan.Finding{Code: "BG201", Level: plan.LevelError, Pos: plan.Pos{File: file, Line: 2}, Doc: plan.Pos{File: file, Line: 1}}
}

// ladder has levels from the least to the most; ALL stands over SELECT.
var ladder = []string{"VIEW", "RUN", "MANAGE"}

func lower(_ plan.Key, from, to string) bool {
	if from == "ALL" {
		return to == "SELECT"
	}
	return slices.Index(ladder, to) >= 0 && slices.Index(ladder, from) > slices.Index(ladder, to)
}

// blocked is the plan from these with an error in bad.yaml: what is done and,
// behind "!", what is not.
func blocked(t *testing.T, declared, live []plan.Resource) string {
	t.Helper()
	p := plan.Diff(folded(t, declared...), plan.NewState(live), plan.Scope{Owned: owned})
	plan.Block(&p, []plan.Finding{mistake("bad.yaml")}, now, lower)
	once := show(p)
	var b strings.Builder
	b.WriteString(once)
	for _, l := range strings.SplitAfter(show(plan.Plan{Changes: p.Blocked}), "\n") {
		if l != "" {
			b.WriteString("! " + l)
		}
	}
	plan.Block(&p, []plan.Finding{mistake("bad.yaml")}, now, lower)
	if d := cmp.Diff(once, show(p)); d != "" {
		t.Errorf("the second time is not the first (-once +again):\n%s", d)
	}
	if err := plan.Order(&p, nil); err != nil {
		t.Error(err)
	}
	return b.String()
}

const (
	other     = "group@account/other"
	assigned  = "assignment@main/group:grp_team"
	bad, good = "bad.yaml", "good.yaml"
)

func TestBlock(t *testing.T) {
	exists := wanted("", "", in(good, 1))
	tests := map[string]struct {
		declared, live []plan.Resource
		want           string
	}{
		"what a document with an error adds is withheld, what it removes goes": {
			declared: list(resource(team, "member=", presence(plan.Present), authority(plan.Exact),
				claims(exists, wanted("member", "user:new", in(bad, 3)), wanted("member", "user:fine", in(good, 3)), absent("member", "user:gone", in(bad, 4))))),
			live: list(resource(team, "member=user:gone,user:old", presence(plan.Present))),
			want: "update group@account/grp_team member +user:fine -user:gone -user:old\n" +
				"! update group@account/grp_team member +user:new\n",
		},
		"what a document without errors wants as well is given": {
			declared: list(resource(sales, "", claims(wanted("group:a", "SELECT", in(bad, 3)), wanted("group:a", "SELECT", in(good, 3))))),
			want:     "update grants@metastore/schema/sales group:a +SELECT\n",
		},
		"an entry that has ended wants nothing": {
			declared: list(resource(sales, "", claims(
				wanted("group:a", "SELECT", in(bad, 3)), wanted("group:a", "SELECT", &plan.Origin{Doc: in(good, 1).Doc, Until: now})))),
			want: "! update grants@metastore/schema/sales group:a +SELECT\n",
		},
		"a change with nothing left is none": {
			declared: list(resource(sales, "", claims(wanted("group:a", "SELECT", in(bad, 3))))),
			want:     "! update grants@metastore/schema/sales group:a +SELECT\n",
		},
		"a creation is withheld whole, with all that names it": {
			declared: list(
				resource(team, "member=", presence(plan.Present), claims(wanted("", "", in(bad, 1)), wanted("member", "user:a", in(good, 9)))),
				resource(other, "member=", presence(plan.Present), claims(exists, wanted("member", "group:grp_team", in(good, 3)), wanted("member", "user:a", in(good, 4))), refs(team)),
				resource(sales, "", claims(wanted("group:grp_team", "SELECT", in(good, 5)), wanted("group:other", "SELECT", in(good, 6))), refs(team, other)),
				resource(assigned, "permission=", single, claims(wanted("permission", "USER", in(good, 2))), refs(team)),
			),
			want: "update grants@metastore/schema/sales group:other +SELECT\n" +
				"create group@account/other member +user:a\n" +
				"! update assignment@main/group:grp_team permission +USER\n" +
				"! update grants@metastore/schema/sales group:grp_team +SELECT\n" +
				"! create group@account/grp_team member +user:a\n" +
				"! update group@account/other member +group:grp_team\n",
		},
		"who is not assigned gets nothing that needs it": {
			declared: list(
				resource(team, "", presence(plan.Present), claims(exists)),
				resource(assigned, "permission=", single, claims(wanted("permission", "USER", in(bad, 2))), refs(team)),
				resource(job, "", single, claims(wanted("group:grp_team", "RUN", in(good, 2)), wanted("user:a", "RUN", in(good, 3))), refs(team, assigned)),
				resource(sales, "", claims(wanted("group:grp_team", "SELECT", in(good, 4))), refs(team)),
			),
			live: list(resource(team, "", presence(plan.Present))),
			want: "update grants@metastore/schema/sales group:grp_team +SELECT\n" +
				"update permissions@main/jobs/nightly user:a +RUN\n" +
				"! update assignment@main/group:grp_team permission +USER\n" +
				"! update permissions@main/jobs/nightly group:grp_team +RUN\n",
		},
		"a group that stays empty is there": {
			declared: list(
				resource(team, "member=", presence(plan.Present), claims(exists, wanted("member", "user:a", in(bad, 2)))),
				resource(sales, "", claims(wanted("group:grp_team", "SELECT", in(good, 2))), refs(team)),
			),
			live: list(resource(team, "", presence(plan.Present), func(r *plan.Resource) { r.ID = "7" })),
			want: "update grants@metastore/schema/sales group:grp_team +SELECT\n! update group@account/grp_team member +user:a\n",
		},
		"another principal of the name is not meant": {
			declared: list(
				resource(team, "", presence(plan.Present), claims(wanted("", "", in(bad, 1)))),
				resource(job, "", single, claims(wanted("group:grp_team", "RUN", in(good, 2))), refs("group@main/grp_team")),
			),
			want: "update permissions@main/jobs/nightly group:grp_team +RUN\n! create group@account/grp_team\n",
		},
		"where a level is withheld the one before stays": {
			declared: list(resource(job, "", single, claims(wanted("group:a", "MANAGE", in(bad, 3))))),
			live:     list(resource(job, "group:a=VIEW", single)),
			want:     "! update permissions@main/jobs/nightly group:a +MANAGE -VIEW\n",
		},
		"a lower level goes through": {
			declared: list(resource(job, "", single, claims(wanted("group:a", "VIEW", in(bad, 3))))),
			live:     list(resource(job, "group:a=MANAGE", single)),
			want:     "update permissions@main/jobs/nightly group:a +VIEW -MANAGE\n",
		},
		"a level that an entry takes away goes": {
			declared: list(resource(job, "", single, claims(
				wanted("group:a", "MANAGE", in(bad, 3)), wanted("group:a", "VIEW", &plan.Origin{Doc: in(bad, 1).Doc, Until: now})))),
			live: list(resource(job, "group:a=VIEW", single)),
			want: "update permissions@main/jobs/nightly group:a -VIEW\n! update permissions@main/jobs/nightly group:a +MANAGE\n",
		},
		"the next owner is withheld, so the one before stays": {
			declared: list(resource(job, "", single, gone("user:old=IS_OWNER"), claims(
				wanted("sp:new", "IS_OWNER", in(bad, 3)), absent("user:old", "IS_OWNER", nil)))),
			live: list(resource(job, "user:old=IS_OWNER", single)),
			want: "! update permissions@main/jobs/nightly sp:new +IS_OWNER user:old -IS_OWNER\n",
		},
		"what is live under a withheld ALL stays": {
			declared: list(resource(sales, "", claims(wanted("group:a", "ALL", in(bad, 3))))),
			live:     list(resource(sales, "group:a=MODIFY,SELECT")),
			want: "update grants@metastore/schema/sales group:a -MODIFY\n" +
				"! update grants@metastore/schema/sales group:a +ALL -SELECT\n",
		},
		"a service principal is not made active": {
			declared: list(resource("servicePrincipal@account/etl", "active=true", single, presence(plan.Present), claims(wanted("", "", in(bad, 1))))),
			live:     list(resource("servicePrincipal@account/etl", "active=false", single, presence(plan.Present))),
			want:     "! update servicePrincipal@account/etl active +true -false\n",
		},
		"a rename goes through": {
			declared: list(resource(team, "name=grp_team", presence(plan.Present), claims(wanted("", "", in(bad, 1))))),
			live:     list(resource(team, "name=old", presence(plan.Present))),
			want:     "update group@account/grp_team name +grp_team -old\n",
		},
		"a deletion goes through": {
			declared: list(resource(team, "", claims(plan.Claim{Origin: in(bad, 2)}))),
			live:     list(resource(team, "member=user:a", presence(plan.Present))),
			want:     "delete group@account/grp_team member -user:a\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for i := range test.declared {
				handOver(&test.declared[i])
			}
			if d := cmp.Diff(test.want, blocked(t, test.declared, test.live)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func gone(fs string) func(*plan.Resource) {
	return func(r *plan.Resource) { r.Gone = fields(fs) }
}

// handOver gives a claim without origin that of the first one: one entry gives
// and takes.
func handOver(r *plan.Resource) {
	for i := range r.Claims {
		if r.Claims[i].Origin == nil {
			r.Claims[i].Origin = r.Claims[0].Origin
		}
	}
}

func TestALowerLevelOfAnotherDocumentIsGivenInPlaceOfAWithheldOne(t *testing.T) {
	declared := list(resource(job, "", single, claims(
		wanted("group:a", "MANAGE", in(bad, 3)), wanted("group:a", "RUN", in(good, 3)), wanted("group:a", "VIEW", in(good, 4)))))
	for live, want := range map[string]string{
		"":               "update permissions@main/jobs/nightly group:a +RUN\n! update permissions@main/jobs/nightly group:a +MANAGE -RUN\n",
		"group:a=VIEW":   "update permissions@main/jobs/nightly group:a +RUN -VIEW\n! update permissions@main/jobs/nightly group:a +MANAGE -RUN\n",
		"group:a=RUN":    "! update permissions@main/jobs/nightly group:a +MANAGE -RUN\n",
		"group:a=MANAGE": "",
	} {
		state := folded(t, copied(declared)...)
		state.All()[0].Fields = fields("group:a=MANAGE") // the strongest is all that is wanted
		p := plan.Diff(state, plan.NewState(list(resource(job, live, single))), plan.Scope{Owned: owned})
		plan.Block(&p, []plan.Finding{mistake(bad)}, now, lower)
		got := show(p)
		if len(p.Blocked) > 0 {
			got += "! " + show(plan.Plan{Changes: p.Blocked})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("live %q (-want +got):\n%s", live, d)
		}
	}
}

// Who takes the last member's place may be withheld; that the list was emptied by
// accident it is not.
func TestAWithheldMemberIsNoEmptyList(t *testing.T) {
	g := guards(func(g *plan.Guards) { g.PerObject, g.SmallSets = 100, 10 })
	for _, tt := range []struct{ field, want string }{
		{"member", ""},
		{"other", "smallSets: " + team + " would be left with no member, its last being user:old; declare [] if nobody is meant\n"},
	} {
		declared := list(resource(team, "member=", presence(plan.Present), authority(plan.Exact),
			claims(wanted("", "", in(good, 1)), wanted("member", "user:ended", &plan.Origin{Until: now}), wanted(tt.field, "user:new", in(bad, 3)))))
		d, l := folded(t, declared...), plan.NewState(list(resource(team, "member=user:old", presence(plan.Present))))
		p := plan.Diff(d, l, plan.Scope{Owned: owned})
		plan.Block(&p, []plan.Finding{mistake(bad)}, now, lower)
		if got := violations(plan.Check(p, d, l, g)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.field, got, tt.want)
		}
	}
}

func TestALowerLevelIsNotGivenByAnErrorNorToWhoIsNotThere(t *testing.T) {
	for name, declared := range map[string][]plan.Resource{
		"both documents have an error": list(resource(job, "", single, claims(wanted("group:grp_team", "MANAGE", in(bad, 3)), wanted("group:grp_team", "RUN", in("worse.yaml", 3))))),
		"the group is not created": list(
			resource(team, "", presence(plan.Present), claims(wanted("", "", in(bad, 1)))),
			resource(job, "", single, claims(wanted("group:grp_team", "MANAGE", in(bad, 3)), wanted("group:grp_team", "RUN", in(good, 3))), refs(team))),
		"the entry has ended": list(resource(job, "", single, claims(
			wanted("group:grp_team", "MANAGE", in(bad, 3)), wanted("group:grp_team", "RUN", &plan.Origin{Doc: in(good, 1).Doc, Until: now})))),
	} {
		state := folded(t, declared...)
		state.All()[len(declared)-1].Fields = fields("group:grp_team=MANAGE") // the strongest is all that is wanted
		p := plan.Diff(state, plan.State{}, plan.Scope{Owned: owned})
		plan.Block(&p, []plan.Finding{mistake(bad), mistake("worse.yaml")}, now, lower)
		if len(p.Changes) > 0 {
			t.Errorf("%s, and yet\n%s", name, show(p))
		}
	}
}

func TestWarningsBlockNothing(t *testing.T) {
	p := plan.Diff(folded(t, resource(sales, "", claims(wanted("group:a", "SELECT", in(bad, 3)), wanted("group:a", "MODIFY", at(1, ""))))), plan.State{}, plan.Scope{})
	warning := mistake(bad)
	warning.Level = plan.LevelWarn
	nowhere := mistake(bad)
	nowhere.Doc = plan.Pos{}
	plan.Block(&p, []plan.Finding{warning, nowhere}, now, nil)
	if len(p.Blocked) > 0 || len(p.Changes) != 1 || len(p.Findings) != 2 {
		t.Errorf("changes %d, blocked %d, findings %d; want 1, 0, 2", len(p.Changes), len(p.Blocked), len(p.Findings))
	}
}

// claimed gives every value and every group a claim in one of three documents.
func claimed(t *rapid.T, resources []plan.Resource) []plan.Resource {
	document := func(what string) *plan.Origin {
		return in(rapid.SampledFrom([]string{"bad.yaml", "good.yaml", "worse.yaml"}).Draw(t, what), 2)
	}
	for i := range resources {
		r := &resources[i]
		if r.Presence == plan.Present {
			r.Claims = append(r.Claims, wanted("", "", document(r.Key.String())))
		}
		for _, f := range r.Fields {
			for _, v := range f.Values {
				r.Claims = append(r.Claims, wanted(f.Name, v, document(f.Name+v)))
			}
		}
	}
	return resources
}

func TestBlockWithholdsAdditionsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, live := plan.NewState(claimed(t, world(t, "desired"))), plan.NewState(world(t, "live"))
		before := plan.Diff(desired, live, plan.Scope{Owned: owned})
		p := before
		findings := []plan.Finding{mistake("bad.yaml"), mistake("worse.yaml")}
		wrong := map[string]bool{"bad.yaml": true, "worse.yaml": true}
		plan.Block(&p, findings, now, nil)

		whole, made, held := facts(before.Changes), facts(p.Changes), facts(p.Blocked)
		for f, sign := range whole {
			if made[f] == "" && held[f] == "" || made[f] != "" && held[f] != "" {
				t.Fatalf("%s%v has not one fate", sign, f)
			}
			if sign == "-" && made[f] == "" {
				t.Fatalf("the removal of %v is withheld", f)
			}
		}
		if len(whole) != len(made)+len(held) {
			t.Fatalf("%d additions and removals became %d and %d", len(whole), len(made), len(held))
		}
		absent := map[string]bool{}
		for _, c := range p.Blocked {
			if c.Action == plan.Create {
				absent[plan.Principal(plan.Fact{Key: c.Key})] = true
			}
		}
		for _, c := range before.Changes {
			for f, sign := range facts([]plan.Change{c}) {
				origins := c.Why(f.Field, f.Value)
				refused := len(origins) > 0 && wrong[origins[0].Doc.File]
				if c.Action == plan.Create {
					refused = refused || wrong[c.Why("", "")[0].Doc.File]
				}
				needs := absent[f.Field] || absent[f.Value] || absent[plan.Principal(plan.Fact{Key: f.Key})]
				if sign == "+" && (refused || needs) != (held[f] != "") {
					t.Fatalf("%v: refused %v, needs what is absent %v, withheld %v", f, refused, needs, held[f] != "")
				}
			}
		}
		again := p
		if plan.Block(&again, findings, now, nil); show(again) != show(p) || len(again.Blocked) != len(p.Blocked) {
			t.Fatalf("the second time is not the first:\n%s\n%s", show(p), show(again))
		}
	})
}

// facts are what changes add and remove, creations included.
func facts(changes []plan.Change) map[plan.Fact]string {
	out := map[plan.Fact]string{}
	for _, c := range changes {
		if c.Action == plan.Create {
			out[plan.Fact{Key: c.Key}] = "+"
		}
		for _, d := range c.Deltas() {
			for _, v := range d.Added {
				out[plan.Fact{Key: c.Key, Field: d.Field, Value: v}] = "+"
			}
			for _, v := range d.Removed {
				out[plan.Fact{Key: c.Key, Field: d.Field, Value: v}] = "-"
			}
		}
	}
	return out
}

// ranked draws the levels that entries of two documents want on one object, and
// those that are live.
func ranked(t *rapid.T) (desired, live plan.State) {
	d, l := resource(job, "", single, authority(plan.Exact)), resource(job, "", single)
	for _, who := range []string{"group:a", "group:x_b", "user:c"} {
		for _, file := range []string{bad, good} {
			if level := rapid.SampledFrom(append([]string{""}, ladder...)).Draw(t, who+" in "+file); level != "" {
				d.Claims = append(d.Claims, wanted(who, level, in(file, 3)))
			}
		}
		if level := rapid.SampledFrom(append([]string{""}, ladder...)).Draw(t, who+" live"); level != "" {
			l.Fields = append(l.Fields, plan.Field{Name: who, Values: []string{level}})
		}
	}
	desired, _ = plan.Fold(list(d), now)
	for i, f := range desired.All()[0].Fields { // the strongest is all that is wanted
		desired.All()[0].Fields[i].Values = []string{slices.MaxFunc(f.Values, func(a, b string) int { return slices.Index(ladder, a) - slices.Index(ladder, b) })}
	}
	return desired, plan.NewState(list(l))
}

// level is the rank of what somebody has, 0 for nothing.
func level(fields []plan.Field, who string) int {
	for _, f := range fields {
		if f.Name == who && len(f.Values) == 1 {
			return 1 + slices.Index(ladder, f.Values[0])
		}
	}
	return 0
}

func TestAWithheldLevelNeitherRaisesNorTakesAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, live := ranked(t)
		after := func(findings []plan.Finding) []plan.Field {
			p := plan.Diff(desired, live, plan.Scope{})
			plan.Block(&p, findings, now, lower)
			if len(p.Changes) == 0 {
				return live.All()[0].Fields
			}
			return p.Changes[0].After
		}
		got, asked := after([]plan.Finding{mistake(bad)}), after(nil)
		for _, who := range []string{"group:a", "group:x_b", "user:c"} {
			rightful := 0
			for _, c := range desired.All()[0].Claims {
				if c.Field == who && c.Origin.Doc.File == good {
					rightful = max(rightful, 1+slices.Index(ladder, c.Value))
				}
			}
			is, was, asks := level(got, who), level(live.All()[0].Fields, who), level(asked, who)
			if want := min(asks, max(was, rightful)); is != want {
				t.Fatalf("%s had %d, the faultless document gives %d, both ask for %d: has %d, want %d", who, was, rightful, asks, is, want)
			}
		}
	})
}
