package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

const (
	sales = "grants@metastore/schema/sales"
	job   = "permissions@main/jobs/nightly"
)

func list(r ...plan.Resource) []plan.Resource { return r }

func TestDiff(t *testing.T) {
	ended, revoked := at(5, "2026-01-01"), at(6, "")
	tests := []struct {
		name     string
		declared []plan.Resource
		live     []plan.Resource
		scope    func(*plan.Scope)
		want     string
	}{
		{"what is as declared is no change",
			list(resource(sales, "group:a=SELECT")), list(resource(sales, "group:a=SELECT")), nil, ""},
		{"what is missing is added",
			list(resource(sales, "group:a=MODIFY,SELECT")), list(resource(sales, "group:a=SELECT")), nil,
			"update " + sales + " group:a +MODIFY\n"},
		{"a principal that is not live is created with its fields",
			list(resource(team, "member=user:a", presence(plan.Present))), nil, nil,
			"create " + team + " member +user:a\n"},
		{"a principal without fields is created all the same",
			list(resource(team, "", presence(plan.Present))), nil, nil, "create " + team + "\n"},
		{"access on a thing that always exists is an update even where nothing is live",
			list(resource(sales, "group:a=SELECT")), nil, nil, "update " + sales + " group:a +SELECT\n"},

		{"managed takes from owned principals and leaves everyone else",
			list(resource(sales, "", authority(plan.Managed))), list(resource(sales, "group:a=SELECT group:x_b=SELECT")), nil,
			"update " + sales + " group:a -SELECT\nkeep " + sales + " group:x_b SELECT: not owned\n"},
		{"no authority is managed",
			list(resource(sales, "")), list(resource(sales, "group:x_b=SELECT")), nil,
			"keep " + sales + " group:x_b SELECT: not owned\n"},
		{"exact takes from everyone",
			list(resource(sales, "", authority(plan.Exact))), list(resource(sales, "group:a=SELECT group:x_b=SELECT")), nil,
			"update " + sales + " group:a -SELECT group:x_b -SELECT\n"},
		{"merge takes nothing",
			list(resource(sales, "", authority(plan.Merge))), list(resource(sales, "group:a=SELECT")), nil,
			"keep " + sales + " group:a SELECT: authority: merge\n"},
		{"merge takes what has expired and what is revoked",
			list(resource(sales, "", authority(plan.Merge), claims(wanted("group:a", "SELECT", ended), absent("group:b", "", revoked)))),
			list(resource(sales, "group:a=MODIFY,SELECT group:b=MODIFY,SELECT")), nil,
			"update " + sales + " group:a -SELECT group:b -MODIFY -SELECT\nkeep " + sales + " group:a MODIFY: authority: merge\n"},
		{"an absent principal goes though it is not owned",
			list(resource(sales, "", claims(absent("group:x_b", "", revoked)))), list(resource(sales, "group:x_b=SELECT")), nil,
			"update " + sales + " group:x_b -SELECT\n"},
		{"what another entry still wants stays when one expires",
			list(resource(sales, "", claims(wanted("group:a", "SELECT", ended), wanted("group:a", "SELECT", at(7, ""))))),
			list(resource(sales, "group:a=SELECT")), nil, ""},

		{"a list that is not declared is not managed",
			list(resource(team, "", presence(plan.Present))), list(resource(team, "member=user:a", presence(plan.Present))), nil, ""},
		{"an empty list means nobody",
			list(resource(team, "member=", presence(plan.Present))), list(resource(team, "member=user:a", presence(plan.Present))), nil,
			"update " + team + " member -user:a\n"},
		{"an expired entry takes its value from a list that is not declared, and no other",
			list(resource(team, "", claims(wanted("member", "user:a", ended)))), list(resource(team, "member=user:a,user:b")), nil,
			"update " + team + " member -user:a\n"},
		{"a value of the resource's own principal is owned as the principal is",
			list(resource("entitlements@main/group:x_b", "entitlement=workspace-access")),
			list(resource("entitlements@main/group:x_b", "entitlement=allow-cluster-create")), nil,
			"update entitlements@main/group:x_b entitlement +workspace-access\n" +
				"keep entitlements@main/group:x_b entitlement allow-cluster-create: not owned\n"},

		{"a level displaces another, whoever's it is",
			list(resource(job, "group:x_b=CAN_VIEW", single)), list(resource(job, "group:x_b=CAN_MANAGE", single)), nil,
			"update " + job + " group:x_b +CAN_VIEW -CAN_MANAGE\n"},
		{"a level displaces another under merge",
			list(resource(job, "group:a=CAN_VIEW", single, authority(plan.Merge))), list(resource(job, "group:a=CAN_MANAGE")), nil,
			"update " + job + " group:a +CAN_VIEW -CAN_MANAGE\n"},

		{"an owned thing that no document mentions has nobody of ours",
			nil, list(resource(sales, "group:a=SELECT group:x_b=SELECT owner=group:a")), nil,
			"update " + sales + " group:a -SELECT\nkeep " + sales + " group:x_b SELECT: not owned\n"},
		{"a principal that no document declares is orphaned and keeps its members",
			nil, list(resource(team, "member=user:a", presence(plan.Present))), nil, "keep " + team + "  : orphaned\n"},
		{"somebody else's principal is nobody's business",
			nil, list(resource(team, "member=user:a", presence(plan.Present), authority(plan.External))), nil, ""},
		{"an external principal that is not live is not created",
			list(resource(team, "", presence(plan.Present), authority(plan.External))), nil, nil, ""},
		{"an external principal is not deleted",
			list(resource(team, "", claims(absent("", "", revoked)), authority(plan.External))), list(resource(team, "", presence(plan.Present))), nil, ""},

		{"a removed principal is deleted with all it has",
			list(resource(team, "", claims(absent("", "", revoked)))), list(resource(team, "member=user:a", presence(plan.Present))), nil,
			"delete " + team + " member -user:a\n"},
		{"a removed principal that is gone already is no change",
			list(resource(team, "", claims(absent("", "", revoked)))), nil, nil, ""},
		{"what is held back is not touched, declared so or read so",
			list(resource(sales, "group:a=SELECT", held("not there yet")), resource(team, "member=")),
			list(resource(team, "member=user:a", held("read: 500"))), nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scope := plan.Scope{Owned: owned}
			if tt.scope != nil {
				tt.scope(&scope)
			}
			got := show(plan.Diff(folded(t, tt.declared...), plan.NewState(tt.live), scope))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestDiffWithinAScope(t *testing.T) {
	protect := func(s *plan.Scope) { s.Protected = func(f plan.Fact) bool { return plan.Principal(f) == "user:root" } }
	leave := func(s *plan.Scope) { s.Leaving = map[string]*plan.Origin{"group:old": at(9, "")} }
	adopt := func(s *plan.Scope) { s.AdoptionEnds = "2026-12-22" }
	elsewhere := func(s *plan.Scope) {
		s.Elsewhere = func(f plan.Fact) bool { return plan.Principal(f) == "group:a_dev" }
	}
	exact := authority(plan.Exact)
	tests := []struct {
		name     string
		declared []plan.Resource
		live     []plan.Resource
		scope    func(*plan.Scope)
		want     string
	}{
		{"a protected principal stays under exact",
			list(resource(sales, "", exact)), list(resource(sales, "user:root=MANAGE")), protect,
			"keep " + sales + " user:root MANAGE: protected\n"},
		{"an entry takes even what is protected, for the guard to see",
			list(resource(sales, "", exact, claims(absent("user:root", "", at(3, ""))))), list(resource(sales, "user:root=MANAGE")), protect,
			"update " + sales + " user:root -MANAGE\n"},
		{"a leaving principal loses its entries under merge",
			list(resource(sales, "", authority(plan.Merge))), list(resource(sales, "group:old=SELECT")), leave,
			"update " + sales + " group:old -SELECT\n"},
		{"a leaving principal loses its entries where nothing is declared",
			nil, list(resource(sales, "group:old=SELECT")), leave, "update " + sales + " group:old -SELECT\n"},
		{"a leaving principal leaves a list that is not declared, alone",
			list(resource(team, "")), list(resource(team, "member=group:old,user:x_a")), leave, "update " + team + " member -group:old\n"},
		{"a leaving principal stays in a synced group",
			list(resource(team, "", authority(plan.External))), list(resource(team, "member=group:old")), leave, ""},
		{"until adoption ends nothing undeclared goes, and the plan lists what will",
			list(resource(sales, "", exact), resource(team, "member=")),
			list(resource(sales, "group:a=SELECT group:x_b=SELECT"), resource(team, "member=user:a")), adopt,
			"keep " + sales + " group:a SELECT: adoption 2026-12-22\nkeep " + sales + " group:x_b SELECT: adoption 2026-12-22\n" +
				"keep " + team + " member user:a: adoption 2026-12-22\n"},
		{"during adoption what is not owned is not on the list of what will go",
			list(resource(sales, "")), list(resource(sales, "group:x_b=SELECT")), adopt, "keep " + sales + " group:x_b SELECT: not owned\n"},
		{"what another environment answers for is neither taken nor listed",
			list(resource(sales, "", authority(plan.Managed))), list(resource(sales, "group:a_dev=SELECT group:x_b=SELECT")), elsewhere,
			"keep " + sales + " group:x_b SELECT: not owned\n"},
		{"nor is it under exact, nor where nothing is declared",
			list(resource(sales, "", exact)), list(resource(sales, "group:a_dev=SELECT group:x_b=SELECT"), resource(job, "group:a_dev=CAN_VIEW")), elsewhere,
			"update " + sales + " group:x_b -SELECT\n"},
		{"an entry takes it away all the same",
			list(resource(sales, "", exact, claims(absent("group:a_dev", "", at(3, ""))))), list(resource(sales, "group:a_dev=SELECT")), elsewhere,
			"update " + sales + " group:a_dev -SELECT\n"},
		{"during adoption entries still take away",
			list(resource(sales, "", claims(wanted("group:a", "SELECT", at(3, "2026-01-01"))))), list(resource(sales, "group:a=SELECT")), adopt,
			"update " + sales + " group:a -SELECT\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scope := plan.Scope{Owned: owned}
			tt.scope(&scope)
			got := show(plan.Diff(folded(t, tt.declared...), plan.NewState(tt.live), scope))
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// coveredByAll drops what ALL_PRIVILEGES gives as well: all but MANAGE.
func coveredByAll(_ plan.Key, _ string, values []string) []string {
	if !slices.Contains(values, "ALL_PRIVILEGES") {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v != "ALL_PRIVILEGES" && v != "MANAGE" })
}

func TestWhatOtherValuesGiveAsWellIsNotAdded(t *testing.T) {
	const keep = "keep " + sales + " group:a ALL_PRIVILEGES: "
	merge := authority(plan.Merge)
	adopt := func(s *plan.Scope) { s.AdoptionEnds = "2026-12-22" }
	ended := claims(wanted("group:a", "ALL_PRIVILEGES", at(3, "2026-01-01")))
	tests := []struct {
		name           string
		declared, live plan.Resource
		scope          func(*plan.Scope)
		want           string
	}{
		{"all stays under merge", resource(sales, "group:a=SELECT", merge), resource(sales, "group:a=ALL_PRIVILEGES"), nil,
			keep + "authority: merge\n"},
		{"all stays with who is not owned", resource(sales, "group:x_b=SELECT"), resource(sales, "group:x_b=ALL_PRIVILEGES"), nil,
			"keep " + sales + " group:x_b ALL_PRIVILEGES: not owned\n"},
		{"all stays until adoption ends", resource(sales, "group:a=SELECT"), resource(sales, "group:a=ALL_PRIVILEGES"), adopt,
			keep + "adoption 2026-12-22\n"},
		{"what all does not give is added to it", resource(sales, "group:a=MANAGE,SELECT", merge), resource(sales, "group:a=ALL_PRIVILEGES"), nil,
			"update " + sales + " group:a +MANAGE\n" + keep + "authority: merge\n"},
		{"what is live beside all is not taken away", resource(sales, "group:a=MODIFY,SELECT", merge), resource(sales, "group:a=ALL_PRIVILEGES,SELECT"), nil,
			keep + "authority: merge\n"},
		{"all takes the place of what it gives", resource(sales, "group:a=ALL_PRIVILEGES"), resource(sales, "group:a=MODIFY,SELECT"), nil,
			"update " + sales + " group:a +ALL_PRIVILEGES -MODIFY -SELECT\n"},
		{"under merge all comes beside what it gives", resource(sales, "group:a=ALL_PRIVILEGES", merge), resource(sales, "group:a=SELECT"), nil,
			"update " + sales + " group:a +ALL_PRIVILEGES\nkeep " + sales + " group:a SELECT: authority: merge\n"},
		{"when all expires, what is wanted comes in its place", resource(sales, "group:a=SELECT", ended), resource(sales, "group:a=ALL_PRIVILEGES"), nil,
			"update " + sales + " group:a +SELECT -ALL_PRIVILEGES\n"},
		{"undeclared, all goes for what is wanted", resource(sales, "group:a=SELECT"), resource(sales, "group:a=ALL_PRIVILEGES"), nil,
			"update " + sales + " group:a +SELECT -ALL_PRIVILEGES\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scope := plan.Scope{Owned: owned, Canonical: coveredByAll}
			if tt.scope != nil {
				tt.scope(&scope)
			}
			desired, live := folded(t, tt.declared), plan.NewState(list(tt.live))
			p := plan.Diff(desired, live, scope)
			if d := cmp.Diff(tt.want, show(p)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if again := plan.Diff(desired, applied(live, apply(live, p)), scope); len(again.Changes) > 0 {
				t.Errorf("the next plan is not empty:\n%s", show(again))
			}
		})
	}
}

func TestARemovalKnowsWhetherAnEntryAskedForIt(t *testing.T) {
	d := resource(team, "member=", claims(
		wanted("member", "user:expired", at(3, "2026-01-01")),
		wanted("member", "user:later", from(at(4, ""), "2027-01-01")),
		absent("member", "user:revoked", at(5, "")),
		absent("member", "user:once", at(6, "2026-01-01")),
	))
	l := resource(team, "member=group:old,user:expired,user:later,user:once,user:revoked,user:undeclared")
	scope := plan.Scope{Owned: owned, Leaving: map[string]*plan.Origin{"group:old": at(9, "")}}
	p := plan.Diff(folded(t, d), plan.NewState(list(l)), scope)
	if len(p.Changes) != 1 {
		t.Fatalf("%d changes, want 1", len(p.Changes))
	}
	c := p.Changes[0]
	for value, want := range map[string]bool{
		"group:old": true, "user:expired": true, "user:revoked": true,
		"user:later": false, "user:once": false, "user:undeclared": false,
	} {
		if got := c.ByClaim("member", value); got != want {
			t.Errorf("%s removed by an entry: %v, want %v", value, got, want)
		}
	}
	if why := c.Why("member", "group:old"); len(why) != 1 || why[0].Pos.Line != 9 {
		t.Errorf("group:old is removed because of %v, want a.yaml:9", why)
	}
}

func TestUnchangedCountsWhatWasComparedOnly(t *testing.T) {
	p := plan.Diff(
		folded(t, resource(sales, "group:a=SELECT"), resource(team, "member=user:a", held("read: 500"))),
		plan.NewState(list(
			resource(sales, "group:a=SELECT"), resource(job, "group:x_b=CAN_VIEW"),
			resource("user@account/carol", "active=true", authority(plan.External)))),
		plan.Scope{Owned: owned})
	if p.Unchanged != 2 || len(p.Changes) != 0 {
		t.Errorf("%d unchanged and %d changes, want 2 and 0", p.Unchanged, len(p.Changes))
	}
}

func TestWhyPutsTheLongestLastingEntryFirst(t *testing.T) {
	short, long, forever := at(1, "2026-12-01"), at(2, "2027-12-01"), at(3, "")
	d := folded(t, resource(sales, "", claims(wanted("group:a", "SELECT", short), wanted("group:a", "SELECT", long), wanted("group:a", "SELECT", forever))))
	p := plan.Diff(d, plan.NewState(nil), plan.Scope{})
	if diff := cmp.Diff([]*plan.Origin{forever, long, short}, p.Changes[0].Why("group:a", "SELECT")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
