package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

// roomy guards refuse nothing by numbers.
var roomy = plan.Guards{PerObject: 100, PerProduct: 100, PerRun: 100, Absolute: 1000, SmallSets: 0, MaxDeletes: 1000}

func guards(set func(*plan.Guards)) plan.Guards {
	g := roomy
	set(&g)
	return g
}

// users writes the tokens of n users.
func users(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("user:u%02d", i)
	}
	return strings.Join(out, ",")
}

// checked plans and returns the violations, one "guard: message" a line.
func checked(t *testing.T, g plan.Guards, declared, live []plan.Resource) string {
	t.Helper()
	d, l := folded(t, declared...), plan.NewState(live)
	return violations(plan.Check(plan.Diff(d, l, plan.Scope{Owned: owned}), d, l, g))
}

func violations(vs []plan.Violation) string {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(v.Guard + ": " + v.Message + "\n")
	}
	return b.String()
}

// crowd is live facts that no run touches.
func crowd(n int) plan.Resource {
	return resource("grants@metastore/catalog/crowd", "group:x_all="+strings.ReplaceAll(users(n), "user:", ""))
}

func TestMaxRemovals(t *testing.T) {
	perObject := guards(func(g *plan.Guards) { g.PerObject, g.SmallSets = 50, 10 })
	perProduct := guards(func(g *plan.Guards) { g.PerProduct = 25 })
	perRun := guards(func(g *plan.Guards) { g.PerRun = 5 })
	absolute := guards(func(g *plan.Guards) { g.Absolute = 12 })
	product := label("product:orders", "layer:gold")
	members := func(n int, with ...func(*plan.Resource)) plan.Resource {
		return resource(team, "member="+users(n), with...)
	}
	expired := func(n int) func(*plan.Resource) {
		return func(r *plan.Resource) {
			for u := range strings.SplitSeq(users(n), ",") {
				r.Claims = append(r.Claims, wanted("member", u, at(3, "2026-01-01")))
			}
		}
	}
	tests := []struct {
		name           string
		guards         plan.Guards
		declared, live []plan.Resource
		want           string
	}{
		{"half of an object may go", perObject, list(members(10)), list(members(20)), ""},
		{"more than half of an object may not", perObject, list(members(8)), list(members(20)),
			"maxRemovals: " + team + " would lose 12 of 20 facts (60%), more than perObject 50%\n"},
		{"a share that rounds to the limit is shown with its decimals", perObject, list(members(100)), list(members(201)),
			"maxRemovals: " + team + " would lose 101 of 201 facts (50.2%), more than perObject 50%\n"},
		{"an object as big as smallSets is judged by percentage", perObject, list(members(4)), list(members(10)),
			"maxRemovals: " + team + " would lose 6 of 10 facts (60%), more than perObject 50%\n"},
		{"three facts of a product may go always", perProduct, list(members(1, product)), list(members(4)), ""},
		{"a quarter of a product may go", perProduct, list(members(15, product)), list(members(20)), ""},
		{"more than a quarter of a product may not", perProduct, list(members(14, product)), list(members(20)),
			"maxRemovals: product orders would lose 6 of 20 facts (30%), more than perProduct 25% (at most 5)\n"},
		{"a product is all its resources", perProduct,
			list(members(6, product), resource(sales, "", product)), list(members(8), resource(sales, "group:a=SELECT,USE_SCHEMA group:x_b=SELECT")),
			"maxRemovals: product orders would lose 4 of 11 facts (36.4%), more than perProduct 25% (at most 3)\n"},
		{"ten facts of a run may go always", perRun, list(members(2)), list(members(12)), ""},
		{"of more facts the share decides", perRun, list(members(9), crowd(180)), list(members(20), crowd(180)),
			"maxRemovals: the run would remove 11 of 200 facts (5.5%), more than perRun 5% (at most 10)\n"},
		{"five in a hundred of a run may go", perRun, list(members(9), crowd(200)), list(members(20), crowd(200)), ""},
		{"what is somebody else's does not count as live", perRun, list(members(9)),
			list(members(20), resource("group@account/synced", "member="+users(900), authority(plan.External))),
			"maxRemovals: the run would remove 11 of 20 facts (55%), more than perRun 5% (at most 10)\n"},
		{"absolute is absolute", absolute, list(members(0)), list(members(13)), "maxRemovals: the run would remove 13, more than absolute 12\n"},
		{"as many as absolute may go", absolute, list(members(0)), list(members(12)), ""},
		{"what has expired does not count", perObject, list(resource(team, "member=", expired(20))), list(members(20)), ""},
		{"what has expired does not count beside what does", perObject, list(resource(team, "member=user:u19", expired(18))), list(members(20)), ""},
		{"a level in place of another does not count", guards(func(g *plan.Guards) { g.Absolute = 0 }),
			list(resource(job, "group:a=CAN_VIEW", single)), list(resource(job, "group:a=CAN_MANAGE")), ""},
		{"a new name does not count", guards(func(g *plan.Guards) { g.Absolute = 0 }),
			list(resource(team, "name=new")), list(resource(team, "name=old")), ""},
		{"one entitlement in place of another does count", guards(func(g *plan.Guards) { g.Absolute = 0 }),
			list(resource(team, "", claims(wanted("entitlement", "workspace-access", at(3, ""))))), list(resource(team, "entitlement=allow-cluster-create")),
			"maxRemovals: the run would remove 1, more than absolute 0\n"},
		{"a deletion does not count", guards(func(g *plan.Guards) { g.Absolute = 0 }),
			list(resource(team, "", claims(absent("", "", at(3, ""))))), list(members(20)), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, checked(t, tt.guards, tt.declared, tt.live)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// levels writes an entry with that level for each of n users.
func levels(n int, level string) string {
	return strings.ReplaceAll(users(n), ",", "="+level+" ") + "=" + level
}

func TestALowerLevelCountsAmongRemovals(t *testing.T) {
	order := []string{"CAN_VIEW", "CAN_MANAGE"}
	lower := func(_ plan.Key, from, to string) bool { return slices.Index(order, to) < slices.Index(order, from) }
	perObject := guards(func(g *plan.Guards) { g.PerObject, g.SmallSets, g.Lower = 50, 10, lower })
	none := guards(func(g *plan.Guards) { g.Absolute, g.Lower = 0, lower })
	ended := claims(wanted("user:u00", "CAN_MANAGE", at(3, "2026-01-01")), wanted("user:u00", "CAN_VIEW", at(4, "")))
	tests := []struct {
		name           string
		guards         plan.Guards
		declared, live plan.Resource
		want           string
	}{
		{"of an object", perObject, resource(job, levels(30, "CAN_VIEW"), single), resource(job, levels(30, "CAN_MANAGE")),
			"maxRemovals: " + job + " would lose 30 of 30 facts (100%), more than perObject 50%\n"},
		{"of a product", guards(func(g *plan.Guards) { g.PerProduct, g.Lower = 25, lower }),
			resource(job, levels(6, "CAN_VIEW"), single, label("product:orders")), resource(job, levels(6, "CAN_MANAGE")),
			"maxRemovals: product orders would lose 6 of 6 facts (100%), more than perProduct 25% (at most 3)\n"},
		{"of a run", guards(func(g *plan.Guards) { g.PerRun, g.Lower = 5, lower }),
			resource(job, levels(11, "CAN_VIEW"), single), resource(job, levels(11, "CAN_MANAGE")),
			"maxRemovals: the run would remove 11 of 11 facts (100%), more than perRun 5% (at most 10)\n"},
		{"beside what goes", guards(func(g *plan.Guards) { g.Absolute, g.Lower = 1, lower }),
			resource(job, "user:a=CAN_VIEW", single), resource(job, "user:a=CAN_MANAGE user:b=CAN_VIEW"),
			"maxRemovals: the run would remove 2, more than absolute 1\n"},
		{"a higher level is no removal", none, resource(job, "user:a=CAN_MANAGE", single), resource(job, "user:a=CAN_VIEW"), ""},
		{"a lower level is none where the higher one has expired", none, resource(job, "", single, ended), resource(job, "user:u00=CAN_MANAGE"), ""},
		{"a small set may be lowered as a whole", guards(func(g *plan.Guards) { g.SmallSets, g.Lower = 10, lower }),
			resource(job, levels(9, "CAN_VIEW"), single), resource(job, levels(9, "CAN_MANAGE")), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, checked(t, tt.guards, list(tt.declared), list(tt.live))); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestSmallSets(t *testing.T) {
	small := guards(func(g *plan.Guards) { g.SmallSets = 10 })
	tests := []struct {
		name           string
		declared, live plan.Resource
		want           string
	}{
		{"two members may go", resource(team, "member=user:c"), resource(team, "member=user:a,user:b,user:c"), ""},
		{"three members may not", resource(team, "member=user:d"), resource(team, "member=user:a,user:b,user:c,user:d"),
			"smallSets: " + team + " has 4 facts, fewer than smallSets 10, and 3 principals would lose access, more than 2: user:a, user:b, user:c\n"},
		{"at the size of smallSets the percentage decides", resource(team, "member=user:u09"), resource(team, "member="+users(10)), ""},
		{"a principal that loses three privileges is one", resource(sales, ""), resource(sales, "group:a=A,B,C group:b=D"), ""},
		{"three principals are three", resource(sales, ""), resource(sales, "group:a=A group:b=A group:c=A"),
			"smallSets: " + sales + " has 3 facts, fewer than smallSets 10, and 3 principals would lose access, more than 2: group:a, group:b, group:c\n"},
		{"the last member does not go where entries are declared", resource(team, "member=", claims(wanted("member", "user:z", at(4, "2026-01-01")))),
			resource(team, "member=user:a"), "smallSets: " + team + " would be left with no member, its last being user:a; declare [] if nobody is meant\n"},
		{"the last member goes where the list is empty", resource(team, "member="), resource(team, "member=user:a"), ""},
		{"the last member does not go where all entries are for other environments", resource(team, "member=", partial),
			resource(team, "member=user:a"), "smallSets: " + team + " would be left with no member, its last being user:a; declare [] if nobody is meant\n"},
		{"a member goes beside another though entries are for other environments", resource(team, "member=user:b", partial),
			resource(team, "member=user:a,user:b"), ""},
		{"the last member goes when its entry ends", resource(team, "member=", claims(wanted("member", "user:a", at(4, "2026-01-01")))),
			resource(team, "member=user:a"), ""},
		{"the last member goes for another", resource(team, "member=user:b"), resource(team, "member=user:a"), ""},
		{"the last entry of an object may go", resource(sales, ""), resource(sales, "group:a=SELECT"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, checked(t, small, list(tt.declared), list(tt.live))); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestMaxDeletes(t *testing.T) {
	var declared, live []plan.Resource
	for i := range 7 {
		k := fmt.Sprintf("group@account/g%d", i)
		declared = append(declared, resource(k, "", claims(absent("", "", at(i+1, "")))))
		live = append(live, resource(k, "", presence(plan.Present)))
	}
	if got := checked(t, guards(func(g *plan.Guards) { g.MaxDeletes = 7 }), declared, live); got != "" {
		t.Errorf("as many deletions as allowed are refused: %s", got)
	}
	const want = "maxDeletes: the run would delete 7, more than maxDeletes 6: group@account/g0, group@account/g1, group@account/g2, group@account/g3, group@account/g4 and 2 more\n"
	if got := checked(t, guards(func(g *plan.Guards) { g.MaxDeletes = 6 }), declared, live); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMinAdmins(t *testing.T) {
	const (
		admins, inner, outer = "group@account/admins", "group@account/inner", "group@account/outer"
		assigned             = "assignment@main/group:admins"
	)
	rights := func(f plan.Fact) (string, int, bool) {
		switch {
		case f.Field == "role" && f.Value == "account_admin":
			return "account", 2, true
		case f.Field == "permission" && f.Value == "ADMIN":
			return "workspace " + f.Key.Target, 2, true
		}
		return "", 0, false
	}
	g := guards(func(g *plan.Guards) { g.Admin = rights })
	gone := claims(absent("", "", at(4, "")))
	present := presence(plan.Present)
	const two = "member=user:a,user:b "
	left := resource("user@account/left", "active=false", authority(plan.External))
	tests := []struct {
		name           string
		declared, live []plan.Resource
		want           string
	}{
		{"one of three may go", list(resource(admins, "member=user:a,user:b")), list(resource(admins, "member=user:a,user:b,user:c role=account_admin")), ""},
		{"one of two may not", list(resource(admins, "member=user:a")), list(resource(admins, two+"role=account_admin")),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"too few that stay as many are no finding", list(resource(admins, "member=user:b")), list(resource(admins, "member=user:a role=account_admin")), ""},
		{"a principal in two groups counts once", list(resource(admins, "member=user:a"), resource(outer, "member=user:a")),
			list(resource(admins, two+"role=account_admin"), resource(outer, "member=user:a role=account_admin")),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"members of nested groups count, cycles and all", list(resource(inner, "member=group:outer")),
			list(resource(outer, "member=group:inner role=account_admin"), resource(inner, "member=group:outer,user:a,sp:b")),
			"minAdmins: account would have 0 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"a group whose members are unknown counts as one", list(resource(admins, "member=group:synced")), list(resource(admins, "member=group:synced,user:a role=account_admin")),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"a deleted administrator is none", list(resource("servicePrincipal@account/b", "", gone)),
			list(resource(admins, "member=sp:b,user:a role=account_admin"), resource("servicePrincipal@account/b", "active=true", present)),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"a deactivated administrator is none", list(resource("servicePrincipal@account/b", "active=false", single)),
			list(resource(admins, "member=sp:b,user:a role=account_admin"), resource("servicePrincipal@account/b", "active=true", present)),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"an inactive person is none, in a group", list(resource(admins, "member=user:a,user:left")),
			list(resource(admins, "member=user:a,user:b,user:left role=account_admin"), left),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"an inactive person is none, in a group of a group", list(resource(admins, "member=group:inner,user:a")),
			list(resource(admins, "member=group:inner,user:a,user:b role=account_admin"), resource(inner, "member=user:left"), left),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"an inactive person is none, by a role of their own", list(resource(admins, "member=user:a")),
			list(resource(admins, two+"role=account_admin"), resource("roles@account/user:left", "role=account_admin", authority(plan.External)), left),
			"minAdmins: account would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"an inactive person of the account is none in a workspace", list(resource(admins, "member=user:a")),
			list(resource(admins, two), resource(assigned, "permission=ADMIN"), resource("assignment@main/user:left", "permission=ADMIN", authority(plan.External)), left),
			"minAdmins: workspace main would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"who is inactive in one workspace counts in the account", list(resource(admins, "member=user:a,user:b")),
			list(resource(admins, "member=user:a,user:b,user:c role=account_admin"), resource("user@other/a", "active=false", authority(plan.External))), ""},
		{"an inactive person who goes makes them no fewer", list(resource(admins, "member=user:a")),
			list(resource(admins, "member=user:a,user:left role=account_admin"), left), ""},
		{"a deleted group takes its members' rights", list(resource(admins, "", gone)), list(resource(admins, two+"role=account_admin", present)),
			"minAdmins: account would have 0 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"an account group administers a workspace", list(resource(admins, "member=user:a")),
			list(resource(admins, two), resource(assigned, "permission=ADMIN")),
			"minAdmins: workspace main would have 1 of its 2 administrators left, fewer than minAdmins 2\n"},
		{"a workspace's own group is not the account's of that name", list(resource(admins, "member=")),
			list(resource(admins, two), resource("group@main/admins", two), resource(assigned, "permission=ADMIN")), ""},
		{"a new administrator makes up for the one that goes", list(resource(admins, "member=user:a"), resource(outer, "role=account_admin member=user:c", present)),
			list(resource(admins, two+"role=account_admin")), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, checked(t, g, tt.declared, tt.live)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestProtectedAndLastOwner(t *testing.T) {
	strong := []string{"CAN_MANAGE", "IS_OWNER", "MANAGE"}
	g := guards(func(g *plan.Guards) {
		g.Protected = func(f plan.Fact) bool {
			return slices.Contains([]string{"user:root", "user:root2"}, plan.Principal(f)) && (f.Field == "member" || f.Field == "owner" || slices.Contains(strong, f.Value))
		}
		g.ProtectedPrincipal = func(who string) bool { return who == "group:grp_team" }
	})
	tests := []struct {
		name           string
		declared, live plan.Resource
		want           string
	}{
		{"a revoked right", resource(sales, "", claims(absent("user:root", "", at(3, "")))), resource(sales, "user:root=MANAGE,SELECT"),
			"protected: user:root is protected and would lose MANAGE on " + sales + "\n"},
		{"a lower level", resource(job, "user:root=CAN_VIEW", single), resource(job, "user:root=CAN_MANAGE"),
			"protected: user:root is protected and would lose CAN_MANAGE on " + job + "\n"},
		{"a higher level is no loss", resource(job, "user:root=IS_OWNER", single), resource(job, "user:root=CAN_MANAGE"), ""},
		{"a membership", resource(team, "member=user:a"), resource(team, "member=user:a,user:root"),
			"protected: user:root is protected and would lose member on " + team + "\n"},
		{"ownership handed to another", resource(sales, "owner=user:a"), resource(sales, "owner=user:root"),
			"protected: user:root is protected and would lose owner on " + sales + "\n"},
		{"ownership handed to another who is protected", resource(sales, "owner=user:root2"), resource(sales, "owner=user:root"),
			"protected: user:root is protected and would lose owner on " + sales + "\n"},
		{"a deleted principal", resource(team, "", claims(absent("", "", at(3, "")))), resource(team, "", presence(plan.Present)),
			"protected: group:grp_team is protected and would be deleted\n"},
		{"an ordinary right is nobody's concern", resource(sales, "", claims(absent("user:root", "", at(3, "")))), resource(sales, "user:root=SELECT"), ""},

		{"the owner field keeps its last value", resource(sales, "owner="), resource(sales, "owner=user:a"),
			"lastOwner: " + sales + " would lose its last owner, user:a\n"},
		{"the last IS_OWNER stays", resource(job, "group:a=CAN_VIEW"), resource(job, "user:b=IS_OWNER"),
			"lastOwner: " + job + " would lose its last owner, user:b\n"},
		{"an owner goes for another", resource(job, "user:c=IS_OWNER"), resource(job, "user:b=IS_OWNER"), ""},
		{"what had no owner needs none", resource(job, ""), resource(job, "user:b=CAN_VIEW"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, checked(t, g, list(tt.declared), list(tt.live))); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestViolationsComeTogetherAndAreWaivedByName(t *testing.T) {
	g := guards(func(g *plan.Guards) {
		g.Absolute, g.Empty = 1, true
		g.RequirePinned = []plan.Unpinned{{Key: key("servicePrincipal@account/spn_etl"), Pos: plan.Pos{File: "a.yaml", Line: 9}}}
	})
	d := folded(t, resource(sales, "owner="))
	l := plan.NewState(list(resource(sales, "owner=user:a group:b=SELECT")))
	all := plan.Check(plan.Diff(d, l, plan.Scope{Owned: owned}), d, l, g)
	const want = `maxRemovals: the run would remove 2, more than absolute 1
lastOwner: grants@metastore/schema/sales would lose its last owner, user:a
emptyRepository: the repository declares nothing for this environment; everything it owns would lose its access
requirePinned: servicePrincipal@account/spn_etl is known by its name only; set its applicationId
`
	if diff := cmp.Diff(want, violations(all)); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	rest, used := plan.Waive(all, map[string]string{"maxRemovals": "moving house", "lastOwner": "agreed", "maxDeletes": "not needed"})
	if diff := cmp.Diff([]plan.Waiver{{Guard: "lastOwner", Reason: "agreed"}, {Guard: "maxRemovals", Reason: "moving house"}}, used); diff != "" {
		t.Errorf("waivers (-want +got):\n%s", diff)
	}
	left := map[string]bool{}
	for _, v := range rest {
		left[v.Guard] = true
	}
	if got := slices.Sorted(maps.Keys(left)); !slices.Equal(got, []string{"emptyRepository", "requirePinned"}) {
		t.Errorf("%v stand, want emptyRepository and requirePinned", got)
	}
}

func TestEveryGuardHasAName(t *testing.T) {
	for _, name := range []string{"maxRemovals", "smallSets", "maxDeletes", "minAdmins", "protected", "lastOwner", "emptyRepository", "requirePinned", "rights"} {
		if !slices.Contains(plan.GuardNames(), name) {
			t.Errorf("no guard %s", name)
		}
	}
}
