package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// folds applies changes one after the other to what a resource has.
func folds(t interface{ Fatalf(string, ...any) }, before []plan.Field, parts ...plan.Change) string {
	at := write(nonEmpty(before))
	for _, p := range parts {
		if got := write(nonEmpty(p.Before)); got != at {
			t.Fatalf("%s begins with %q, where %q is", p.Key, got, at)
		}
		at = write(nonEmpty(p.After))
	}
	return at
}

func of(k plan.Key, changes []plan.Change) []plan.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c plan.Change) bool { return c.Key != k })
}

// checkParts holds the parts of a plan against it: drift, then intent, lead from
// Before to After of every change, and share no fact.
func checkParts(t *rapid.T, p plan.Plan) {
	intent, drift := p.Parts()
	for _, c := range p.Changes {
		parts := append(of(c.Key, drift), of(c.Key, intent)...)
		if len(parts) == 0 || len(parts) > 2 {
			t.Fatalf("%s has %d parts", c.Key, len(parts))
		}
		if got, want := folds(t, c.Before, parts...), write(nonEmpty(c.After)); got != want {
			t.Fatalf("%s: drift and intent lead to %q, want %q", c.Key, got, want)
		}
		var all []plan.Edit
		for i := range parts {
			if len(parts[i].Edits()) == 0 {
				t.Fatalf("%s has a part that does nothing", c.Key)
			}
			all = append(all, parts[i].Edits()...)
		}
		slices.SortFunc(all, plan.Edit.Compare)
		if d := cmp.Diff(c.Edits(), all); d != "" { // as many, so that none is in both
			t.Fatalf("%s: the facts of its parts: -want +got:\n%s", c.Key, d)
		}
		if len(parts) == 2 && parts[1].Action != plan.Update {
			t.Fatalf("%s: %s comes second", c.Key, parts[1].Action)
		}
	}
	if n := plan.Facts(intent) + plan.Facts(drift); n != len(p.Edits()) {
		t.Fatalf("%d facts in the parts, %d in the plan", n, len(p.Edits()))
	}
}

// worlds are what the repository says, what it said before, and what is live, from
// the same few names, with levels that displace each other and what is removed.
func worlds(t *rapid.T) (desired, before, live []plan.Resource) {
	single := rapid.Bool().Draw(t, "single")
	gone := plan.Claim{Origin: at(9, "")}
	all := [3][]plan.Resource{}
	for i, who := range []string{"desired", "before", "live"} {
		all[i] = world(t, who)
		for k := range all[i] {
			r := &all[i][k]
			r.Single = single && r.Presence != plan.Present
			if r.Single {
				for f := range r.Fields {
					r.Fields[f].Values = r.Fields[f].Values[:min(1, len(r.Fields[f].Values))]
				}
			}
			if i < 2 && r.Presence == plan.Present && rapid.Bool().Draw(t, who+" removes") {
				r.Presence, r.Fields, r.Claims = plan.Gone, nil, []plan.Claim{gone}
			}
		}
	}
	return all[0], all[1], all[2]
}

func TestDriftAndThenIntentLeadWhereThePlanLeads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, before, live := worlds(t)
		now, then := plan.NewState(copied(live)), plan.NewState(copied(live))
		p := plan.Diff(plan.NewState(desired), now, plan.Scope{Owned: owned})
		old := plan.Diff(plan.NewState(before), then, plan.Scope{Owned: owned})
		p.Base = &plan.Base{}
		p.Base.Hold(p.Changes, old.Changes)
		checkParts(t, p)

		would := map[plan.Edit]bool{}
		for _, e := range old.Edits() {
			would[e] = true
		}
		_, drift := p.Parts()
		marked := 0
		for i := range drift {
			c := &drift[i]
			for _, e := range c.Edits() {
				if !p.Base.Drift[e] {
					t.Fatalf("%v is in the part of drift, and is no drift", e)
				}
				marked++
				if c.Action != plan.Delete && !would[e] {
					t.Fatalf("%v is drift, and the base would not do it", e)
				}
			}
			for _, d := range c.Deltas() { // a level makes room for another one in the same part
				whole := p.Changes[slices.IndexFunc(p.Changes, func(o plan.Change) bool { return o.Key == c.Key })]
				if whole.Displaces(d) && (len(d.Added) != len(whole.Added(d.Field)) || len(d.Removed) != len(whole.Removed(d.Field))) {
					t.Fatalf("%s %s is torn apart", c.Key, d.Field)
				}
			}
		}
		if marked != len(p.Base.Drift) {
			t.Fatalf("%d facts are marked as drift, %d are in its part", len(p.Base.Drift), marked)
		}
	})
}

func TestAPlanThatIsItsOwnBaseIsAllDrift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, _, live := worlds(t)
		p := plan.Diff(plan.NewState(desired), plan.NewState(live), plan.Scope{Owned: owned})
		p.Base = &plan.Base{}
		p.Base.Hold(p.Changes, p.Changes)
		if intent, drift := p.Parts(); len(intent) > 0 || len(drift) != len(p.Changes) {
			t.Fatalf("%d changes are intent, %d of %d drift", len(intent), len(drift), len(p.Changes))
		}
		p.Base.Hold(p.Changes, nil)
		if intent, drift := p.Parts(); len(drift) > 0 || len(intent) != len(p.Changes) {
			t.Fatalf("%d changes are drift, %d of %d intent", len(drift), len(intent), len(p.Changes))
		}
	})
}

// Whoever makes up a base gets parts that can be carried out all the same.
func TestPartsOfAnySetOfFactsLeadWhereThePlanLeads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		desired, _, live := worlds(t)
		p := plan.Diff(plan.NewState(desired), plan.NewState(live), plan.Scope{Owned: owned})
		p.Base = &plan.Base{Drift: map[plan.Move]bool{}}
		for i, e := range p.Edits() {
			p.Base.Drift[e] = rapid.Bool().Draw(t, fmt.Sprint(i))
		}
		checkParts(t, p)
	})
}

func TestParts(t *testing.T) {
	o := at(3, "")
	hand := []plan.Claim{wanted("user:b", "IS_OWNER", o), absent("user:a", "IS_OWNER", o)}
	other := at(4, "")
	tests := []struct {
		name                  string
		desired, before, live []plan.Resource
		intent, drift         string
	}{
		{"what both would do is drift, the rest is intent",
			list(resource(team, "member=user:a,user:b", presence(plan.Present))), list(resource(team, "member=user:a", presence(plan.Present))),
			list(resource(team, "member=user:c", presence(plan.Present))),
			"update " + team + " member +user:b\n", "update " + team + " member +user:a -user:c\n"},
		{"a group that was missing before is made by drift and filled by intent",
			list(resource(team, "member=user:a,user:b", presence(plan.Present))), list(resource(team, "member=user:a", presence(plan.Present))), nil,
			"update " + team + " member +user:b\n", "create " + team + " member +user:a\n"},
		{"a group that only this change has is all intent",
			list(resource(team, "member=user:a", presence(plan.Present))), nil, nil,
			"create " + team + " member +user:a\n", ""},
		{"a group that this change deletes takes along what was to be removed before",
			list(resource(team, "", claims(absent("", "", o)))), list(resource(team, "member=user:a", presence(plan.Present))),
			list(resource(team, "member=user:a,user:b", presence(plan.Present))),
			"delete " + team + " member -user:a -user:b\n", ""},
		{"a deletion that was due before is drift with all that goes",
			list(resource(team, "", claims(absent("", "", o)))), list(resource(team, "", claims(absent("", "", other)))),
			list(resource(team, "member=user:a", presence(plan.Present))),
			"", "delete " + team + " member -user:a\n"},
		{"a level is not torn from the one that makes room for it",
			list(resource(job, "group:a=CAN_MANAGE", single)), list(resource(job, "group:a=CAN_VIEW", single)), list(resource(job, "group:a=CAN_RUN", single)),
			"update " + job + " group:a +CAN_MANAGE -CAN_RUN\n", ""},
		{"a level that both want is drift",
			list(resource(job, "group:a=CAN_VIEW group:b=CAN_RUN", single)), list(resource(job, "group:a=CAN_VIEW", single)), list(resource(job, "group:a=CAN_RUN", single)),
			"update " + job + " group:b +CAN_RUN\n", "update " + job + " group:a +CAN_VIEW -CAN_RUN\n"},
		{"who owns next takes from the owner before in the same part",
			list(resource(job, "", claims(hand...))), list(resource(job, "", claims(wanted("user:c", "IS_OWNER", o), absent("user:a", "IS_OWNER", o)))),
			list(resource(job, "user:a=IS_OWNER")),
			"update " + job + " user:a -IS_OWNER user:b +IS_OWNER\n", ""},
		{"what merely ended for both is not intent",
			list(resource(sales, "", claims(wanted("user:a", "SELECT", at(5, "2026-01-31"))))),
			list(resource(sales, "", claims(wanted("user:a", "SELECT", at(7, "2026-02-28"))))),
			list(resource(sales, "user:a=SELECT")),
			"", "update " + sales + " user:a -SELECT\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scope := plan.Scope{Owned: owned}
			live := plan.NewState(tt.live)
			p := plan.Diff(folded(t, tt.desired...), live, scope)
			p.Base = &plan.Base{}
			p.Base.Hold(p.Changes, plan.Diff(folded(t, tt.before...), live, scope).Changes)
			intent, drift := p.Parts()
			if d := cmp.Diff(tt.intent, show(plan.Plan{Changes: intent})); d != "" {
				t.Errorf("intent: -want +got:\n%s", d)
			}
			if d := cmp.Diff(tt.drift, show(plan.Plan{Changes: drift})); d != "" {
				t.Errorf("drift: -want +got:\n%s", d)
			}
		})
	}
}

func TestARenameIsToldWithThePartThatBringsIt(t *testing.T) {
	c := plan.Change{
		Key: key(team), Action: plan.Update, Reason: "renamed from old",
		Before: fields("member=user:a name=old"), After: fields("member=user:b name=new"),
	}
	drifted := plan.Change{Key: key(team), Action: plan.Update, Before: fields("member=user:a"), After: fields("member=user:b")}
	p := plan.Plan{Changes: []plan.Change{c}, Base: &plan.Base{}}
	p.Base.Hold(p.Changes, []plan.Change{drifted})
	intent, drift := p.Parts()
	if len(intent) != 1 || len(drift) != 1 || intent[0].Reason != "renamed from old" || drift[0].Reason != plan.Differs {
		t.Errorf("intent %+v\ndrift %+v", intent, drift)
	}
}

func TestTheBaseIsNoPartOfWhatIsApproved(t *testing.T) {
	p := plan.Plan{Environment: "dev", Changes: plan.Diff(folded(t, resource(team, "member=user:a", presence(plan.Present))), plan.NewState(nil), plan.Scope{}).Changes}
	sum := p.Checksum()
	bare, err := p.Save(plan.Making{}, now)
	if err != nil {
		t.Fatal(err)
	}
	p.Base = &plan.Base{Ref: "main", Commit: "c0ffee", Satisfied: []plan.Satisfied{{Move: plan.Move{Fact: plan.Fact{Key: key(team), Field: "member", Value: "user:b"}}}}}
	p.Base.Hold(p.Changes, p.Changes)
	with, err := p.Save(plan.Making{}, now)
	if err != nil {
		t.Fatal(err)
	}
	if string(bare) != string(with) || p.Checksum() != sum {
		t.Error("a base changes what is saved, or its checksum")
	}
	if p.Base == nil {
		t.Error("saving drops the base of the plan itself")
	}
	data, err := p.JSON("test")
	if err != nil || !strings.Contains(string(data), `"ref": "main"`) {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestDueIsWhatHasEndedAndWhatTakesItsPlace(t *testing.T) {
	ended, now1 := at(5, "2026-01-31"), at(6, "")
	live := plan.NewState(list(
		resource(job, "group:a=CAN_MANAGE group:b=CAN_RUN"), resource(sales, "user:a=MODIFY,SELECT user:b=SELECT"),
		resource(team, "member=user:a", presence(plan.Present))))
	p := plan.Diff(folded(t,
		resource(job, "", single, claims(wanted("group:a", "CAN_MANAGE", ended), wanted("group:a", "CAN_VIEW", now1), wanted("group:b", "CAN_VIEW", now1))),
		resource(sales, "", claims(wanted("user:a", "SELECT", ended), absent("user:b", "SELECT", now1))),
		resource(team, "", claims(absent("", "", now1)))), live, plan.Scope{Owned: owned})
	p.Drift = &plan.Drift{Due: plan.Due(p.Changes, now)}
	drift, due := p.Drifted()
	wantDue := "update " + sales + " user:a -SELECT\nupdate " + job + " group:a +CAN_VIEW -CAN_MANAGE\n"
	wantDrift := "delete " + team + " member -user:a\nupdate " + sales + " user:a -MODIFY user:b -SELECT\nupdate " + job + " group:b +CAN_VIEW -CAN_RUN\n"
	sorted := func(s string) []string { return slices.Sorted(maps.Keys(lines(s))) }
	if d := cmp.Diff(sorted(wantDue), sorted(show(plan.Plan{Changes: due}))); d != "" {
		t.Errorf("due: -want +got:\n%s", d)
	}
	if d := cmp.Diff(sorted(wantDrift), sorted(show(plan.Plan{Changes: drift}))); d != "" {
		t.Errorf("drift: -want +got:\n%s", d)
	}
}

func lines(s string) map[string]bool {
	out := map[string]bool{}
	for l := range strings.Lines(s) {
		out[l] = true
	}
	return out
}

// A group may have as many members as an account has users.
func TestPartsOfALargeGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	var before, then, after []string
	for i := range 20_000 {
		before, then, after = append(before, fmt.Sprintf("user:a%05d", i)), append(then, fmt.Sprintf("user:b%05d", i)), append(after, fmt.Sprintf("user:c%05d", i))
	}
	c := plan.Change{Key: key(team), Action: plan.Update, Before: []plan.Field{{Name: "member", Values: before}}, After: []plan.Field{{Name: "member", Values: after}}}
	old := plan.Change{Key: key(team), Action: plan.Update, Before: c.Before, After: []plan.Field{{Name: "member", Values: then}}}
	p := plan.Plan{Changes: []plan.Change{c}, Base: &plan.Base{}}
	p.Base.Hold(p.Changes, []plan.Change{old})
	if n := p.Counts(); n.Drift != 20_000 || n.Intent != 20_000 {
		t.Errorf("%+v", n)
	}
}
