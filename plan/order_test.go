package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// ordered plans and writes one change a line, with its stage and what it waits for.
func ordered(t *testing.T, self string, declared, live []plan.Resource) string {
	t.Helper()
	p := plan.Diff(folded(t, declared...), plan.NewState(live), plan.Scope{Owned: owned})
	if err := plan.Order(&p, losses(self)); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range p.Changes {
		b.WriteString(string('0'+rune(c.Stage)) + " " + c.Key.String())
		for _, w := range c.WaitsFor {
			b.WriteString(" after " + w.String())
		}
		b.WriteString("\n")
	}
	return b.String()
}

// losses are the changes that take anything from a principal, or delete it.
func losses(self string) func(*plan.Change) int {
	return func(c *plan.Change) int {
		if self != "" && c.Action == plan.Delete && plan.Principal(plan.Fact{Key: c.Key}) == self {
			return 1
		}
		for _, d := range c.Deltas() {
			for _, v := range d.Removed {
				if self != "" && d.Field != "name" && plan.Principal(plan.Fact{Key: c.Key, Field: d.Field, Value: v}) == self {
					return 1
				}
			}
		}
		return 0
	}
}

// What gives the applying identity rights is made first and what takes them last, one
// bearing after the other, and what waits for it goes along.
func TestOrderByBearing(t *testing.T) {
	bearings := map[string]int{"one": -500, "two": -7, "three": 3, "four": 40, "five": 3}
	var declared, live []plan.Resource
	for _, name := range []string{"five", "four", "one", "three", "two", "zero"} {
		k := "group@account/" + name
		declared = append(declared, resource(k, "member=user:a", presence(plan.Present)))
		live = append(live, resource(k, "member=", presence(plan.Present)))
	}
	declared = append(declared, resource(sales, "group:four=SELECT", refs("group@account/four")), resource(job, "group:one=CAN_VIEW", refs("group@account/one")))
	p := plan.Diff(folded(t, declared...), plan.NewState(live), plan.Scope{Owned: owned})
	err := plan.Order(&p, func(c *plan.Change) int { return bearings[c.Key.Name] })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, fmt.Sprint(c.Stage, " ", c.Key))
	}
	want := []string{"-2 group@account/one", "-1 group@account/two", "0 " + sales, "0 group@account/zero", "0 " + job,
		"4 group@account/five", "4 group@account/three", "5 group@account/four"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestOrder(t *testing.T) {
	const (
		one, two   = "group@account/one", "group@account/two"
		robot      = "servicePrincipal@account/robot"
		assignment = "assignment@main/group:one"
		rights     = "entitlements@main/group:one"
		owner      = "owner@metastore/schema/sales"
	)
	present, gone := presence(plan.Present), claims(absent("", "", at(4, "")))
	tests := []struct {
		name     string
		self     string
		declared []plan.Resource
		live     []plan.Resource
		want     string
	}{
		{"a grant waits for the group it names, which waits for its member", "",
			list(resource(sales, "group:two=SELECT", refs(two)), resource(two, "member=group:one", present, refs(one)), resource(one, "", present)), nil,
			"0 " + one + "\n0 " + two + " after " + one + "\n0 " + sales + " after " + two + "\n"},
		{"a deletion waits for every change that drops what names the principal", "",
			list(resource(one, "", gone), resource(sales, ""), resource(two, "member=", present)),
			list(resource(one, "", present), resource(sales, "group:one=SELECT", refs(one)), resource(two, "member=group:one", present, refs(one))),
			"1 " + sales + "\n1 " + two + "\n3 " + one + " after " + sales + " after " + two + "\n"},
		{"a deletion waits for a change that drops the name and gives to another", "",
			list(resource(one, "", gone), resource(sales, "group:two=SELECT", refs(two)), resource(two, "", present)),
			list(resource(one, "", present), resource(sales, "group:one=SELECT", refs(one))),
			"0 " + two + "\n0 " + sales + " after " + two + "\n3 " + one + " after " + sales + "\n"},
		{"who moves from one group to another gets the new access before the old goes", "",
			list(resource(one, "member=", present), resource(two, "member=user:a", present)),
			list(resource(one, "member=user:a", present), resource(two, "member=", present)),
			"0 " + two + "\n1 " + one + "\n"},
		{"two groups that swap a member give first and need no order", "",
			list(resource(one, "member=user:b", present), resource(two, "member=user:a", present)),
			list(resource(one, "member=user:a", present), resource(two, "member=user:b", present)),
			"0 " + one + "\n0 " + two + "\n"},
		{"entitlements come after the assignment they need", "",
			list(resource(rights, "entitlement=workspace-access", refs(assignment)), resource(assignment, "permission=USER")), nil,
			"0 " + assignment + "\n0 " + rights + " after " + assignment + "\n"},
		{"entitlements go before the assignment they need", "",
			list(resource(rights, "entitlement=", refs(assignment)), resource(assignment, "permission=")),
			list(resource(rights, "entitlement=workspace-access"), resource(assignment, "permission=USER")),
			"1 " + rights + "\n1 " + assignment + " after " + rights + "\n"},
		{"ownership is handed over after grants and revocations", "",
			list(resource(owner, "owner=group:one", late), resource(sales, "group:one=SELECT"), resource(job, "")),
			list(resource(owner, "owner=user:a", late), resource(job, "group:one=CAN_VIEW")),
			"0 " + sales + "\n1 " + job + "\n2 " + owner + "\n"},
		{"what the applying identity loses goes last", "user:me",
			list(resource(one, "member=", present), resource(two, "", gone), resource(sales, "")),
			list(resource(one, "member=user:me", present), resource(two, "", present), resource(sales, "group:one=SELECT")),
			"1 " + sales + "\n3 " + two + "\n4 " + one + "\n"},
		{"a deletion that waits for the applying identity's loss comes after it", "user:me",
			list(resource(one, "", gone), resource(two, "member=", present), resource("group@account/zzz", "", gone)),
			list(resource(one, "", present), resource(two, "member=group:one,user:me", present, refs(one)), resource("group@account/zzz", "", present)),
			"3 group@account/zzz\n4 " + two + "\n4 " + one + " after " + two + "\n"},
		{"a group that the applying identity is to leave is given to all the same, and first", "sp:robot",
			list(resource(one, "member=user:b", present), resource(sales, "group:one=SELECT", refs(one)), resource(job, "")),
			list(resource(one, "member=sp:robot,user:b", present), resource(job, "group:b=CAN_VIEW")),
			"0 " + sales + "\n1 " + job + "\n4 " + one + "\n"},
		{"nor does a loss that refers to such a group wait for it", "sp:robot",
			list(resource(one, "member=user:b", present), resource(two, "member=group:one", present, refs(one))),
			list(resource(one, "member=sp:robot,user:b", present), resource(two, "member=group:one,user:a", present)),
			"1 " + two + "\n4 " + one + "\n"},
		{"a group that the applying identity is to leave gets a name before what needs the name", "sp:robot",
			list(resource(one, "member= name=one", present), resource(two, "member=group:one", present, refs(one)),
				resource(job, "group:two=CAN_VIEW", refs(two)), resource(sales, "")),
			list(resource(one, "member=sp:robot name=uno", present), resource(two, "member=", present), resource(sales, "group:b=SELECT")),
			"1 " + sales + "\n4 " + one + "\n4 " + two + " after " + one + "\n4 " + job + " after " + two + "\n"},
		{"a new name takes nothing from the applying identity", "sp:robot",
			list(resource(robot, "name=robot", present), resource(two, "member=sp:robot", present, refs(robot))),
			list(resource(robot, "name=droid", present), resource(two, "member=", present)),
			"0 " + robot + "\n0 " + two + " after " + robot + "\n"},
		{"what becomes empty waits for the applying identity's loss", "sp:robot",
			list(resource(assignment, "permission="), resource(job, "", refs(assignment))),
			list(resource(assignment, "permission=USER"), resource(job, "group:one=CAN_VIEW sp:robot=CAN_MANAGE")),
			"4 " + job + "\n4 " + assignment + " after " + job + "\n"},
		{"a group that is emptied is there all the same", "",
			list(resource(one, "member=", present), resource(assignment, "permission=USER", single, refs(one)), resource(rights, "entitlement=workspace-access", refs(one, assignment))),
			list(resource(one, "member=user:a", present), resource(assignment, "permission=ADMIN", single), resource(rights, "entitlement=allow-cluster-create,workspace-access")),
			"0 " + one + "\n0 " + assignment + " after " + one + "\n1 " + rights + " after " + assignment + " after " + one + "\n"},
		{"a group gets nothing new before those who are to leave it have left", "",
			list(resource(one, "member=", present), resource(sales, "group:one=SELECT", refs(one))),
			list(resource(one, "member=user:a", present)),
			"0 " + one + "\n0 " + sales + " after " + one + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, ordered(t, tt.self, tt.declared, tt.live)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestACycleIsAnErrorThatNamesItsPath(t *testing.T) {
	present := presence(plan.Present)
	p := plan.Diff(folded(t,
		resource("group@account/a", "member=group:b", present, refs("group@account/b")),
		resource("group@account/b", "member=group:c", present, refs("group@account/c")),
		resource("group@account/c", "member=group:a", present, refs("group@account/a")),
		resource("group@account/apart", "member=group:a", present, refs("group@account/a")),
	), plan.NewState(nil), plan.Scope{})
	err := plan.Order(&p, nil)
	var cycle *plan.Cycle
	if !errors.As(err, &cycle) {
		t.Fatalf("error %v, want a cycle", err)
	}
	const want = "changes wait for each other: group@account/a → group@account/b → group@account/c → group@account/a"
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}

// web is a random plan: every group may refer to those after it, desired or live.
func web(t *rapid.T) (declared, live []plan.Resource) {
	n := rapid.IntRange(1, 9).Draw(t, "groups")
	name := func(i int) string { return "group@account/" + string(rune('a'+i)) }
	for i := range n {
		d, l := resource(name(i), ""), resource(name(i), "", presence(plan.Present))
		fate := rapid.IntRange(0, 3).Draw(t, "fate")
		wants, has := plan.Field{Name: "member"}, plan.Field{Name: "member"}
		for j := i + 1; j < n; j++ {
			token := "group:" + string(rune('a'+j))
			if rapid.Bool().Draw(t, "wants") && fate < 3 {
				wants.Values = append(wants.Values, token)
				d.Refs = append(d.Refs, key(name(j)))
			}
			if rapid.Bool().Draw(t, "has") {
				has.Values = append(has.Values, token)
				l.Refs = append(l.Refs, key(name(j)))
			}
		}
		if fate < 3 && rapid.Bool().Draw(t, "renamed") {
			d.Gone = []plan.Field{{Name: "name", Values: []string{"old"}}}
			l.Fields = fields("name=old")
		}
		l.Fields = append(l.Fields, has)
		if fate == 3 {
			d.Claims = []plan.Claim{absent("", "", at(2, ""))}
		} else {
			d.Presence, d.Fields = plan.Present, []plan.Field{wants}
			if len(d.Gone) > 0 {
				d.Fields = append(d.Fields, fields("name=new")...)
			}
		}
		declared = append(declared, d)
		if fate > 0 {
			live = append(live, l)
		}
	}
	return declared, live
}

// takes tells whether the group is deleted or leaves another by the change.
func takes(c plan.Change, group string) bool {
	return c.Action == plan.Delete && c.Key.Name == strings.TrimPrefix(group, "group:") || slices.Contains(c.Removed("member"), group)
}

func TestAnOrderPutsEveryChangeBehindWhatItWaitsForWhateverTheInputsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		declared, live := web(t)
		desired, _ := plan.Fold(declared, now)
		p := plan.Diff(desired, plan.NewState(live), plan.Scope{Owned: owned})
		shuffled := p
		shuffled.Changes = rapid.Permutation(slices.Clone(p.Changes)).Draw(t, "order")
		if err := plan.Order(&p, losses("group:c")); err != nil {
			var cycle *plan.Cycle
			if !errors.As(err, &cycle) || len(cycle.Keys) < 2 {
				t.Fatal(err)
			}
			return // a group that gains a deleted one: nothing can be in order
		}
		if err := plan.Order(&shuffled, losses("group:c")); err != nil {
			t.Fatal(err)
		}
		place := map[plan.Key]int{}
		for i, c := range p.Changes {
			place[c.Key] = i
			if shuffled.Changes[i].Key != c.Key || shuffled.Changes[i].Stage != c.Stage || !slices.Equal(shuffled.Changes[i].WaitsFor, c.WaitsFor) {
				t.Fatalf("shuffled input gives another order at %d: %s, %s", i, c.Key, shuffled.Changes[i].Key)
			}
			if i > 0 && p.Changes[i-1].Stage > c.Stage {
				t.Fatalf("%s of stage %d comes after stage %d", c.Key, c.Stage, p.Changes[i-1].Stage)
			}
			if takes(c, "group:c") && c.Stage != p.Changes[len(p.Changes)-1].Stage {
				t.Fatalf("%s takes from the applying identity and comes before the last stage", c.Key)
			}
			for _, w := range c.WaitsFor {
				before, ok := place[w]
				if !ok {
					t.Fatalf("%s comes before %s, which it waits for", c.Key, w)
				}
				if p.Changes[before].Stage > c.Stage {
					t.Fatalf("%s of stage %d waits for %s of a later stage", c.Key, c.Stage, w)
				}
			}
		}
	})
}
