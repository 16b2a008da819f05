package impact_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/impact"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func name(s string) spec.Text { return spec.Text{Value: s} }

// product is one that a group owns, of a domain.
func product(called, domain, owner string) *spec.Product {
	p := &spec.Product{Owners: []spec.Holder{{Ref: spec.Ref{Group: name(owner)}}}}
	p.Metadata.Name, p.Metadata.Domain = name(called), name(domain)
	return p
}

// weigh is the impact of coming from one state to another, in an environment.
func weigh(t *testing.T, env, before, after string) *plan.Impact {
	t.Helper()
	live, desired := state(t, before), state(t, after)
	p := plan.Plan{Changes: changes(live, desired)}
	environments := spec.Map[spec.Environment]{Entries: []spec.MapEntry[spec.Environment]{{Key: name("dev")}, {Key: name("prd")}}}
	return impact.Of(impact.Input{
		Desired: desired, Live: live, Plan: p, Now: now,
		Platform: access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
		Project:  &spec.Project{Environments: environments}, Env: &spec.Environment{Name: env},
		Catalogue: &spec.Catalogue{
			Domains:  map[string]*spec.Domain{"hr": {Owners: []spec.Ref{{User: name("Heidi@example.com")}}}, "sales": {Owners: []spec.Ref{{User: name("sally@example.com")}}}},
			Products: []*spec.Product{product("orders", "sales", "sales_team"), product("people", "hr", "hr_team")},
		},
	})
}

// state reads resources in lines: a key, then field=value,value; #label; "line=7"
// is where the fields that follow are written, "until=2026-12-31" their last day.
func state(t *testing.T, text string) plan.State {
	t.Helper()
	var all []plan.Resource
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.ReplaceAll(line, "account users", "account\x00users"))
		if len(words) == 0 {
			continue
		}
		r := plan.Resource{Key: key(words[0])}
		var o plan.Origin
		for _, w := range words[1:] {
			w = strings.ReplaceAll(w, "\x00", " ")
			field, values, _ := strings.Cut(w, "=")
			switch {
			case strings.HasPrefix(w, "#"):
				r.Labels = append(r.Labels, w[1:])
			case w == "external":
				r.Authority = plan.External
			case field == "line":
				o.Pos = plan.Pos{File: "a.yaml"}
				fmt.Sscan(values, &o.Pos.Line)
			case field == "until":
				day, err := time.Parse(time.DateOnly, values)
				if err != nil {
					t.Fatal(err)
				}
				o.Until = day.AddDate(0, 0, 1)
			default:
				f := plan.Field{Name: field}
				if values != "" {
					f.Values = strings.Split(values, ",")
				}
				r.Fields = append(r.Fields, f)
				for _, v := range f.Values {
					at := o
					r.Claims = append(r.Claims, plan.Claim{Field: field, Value: v, Want: true, Origin: &at})
				}
			}
		}
		all = append(all, r)
	}
	return plan.NewState(all)
}

func key(text string) plan.Key {
	kind, rest, _ := strings.Cut(text, "@")
	target, name, _ := strings.Cut(rest, "/")
	return plan.Key{Kind: kind, Target: target, Name: name}
}

// changes lead from one state to another.
func changes(live, desired plan.State) []plan.Change {
	var out []plan.Change
	document := &plan.Origin{Pos: plan.Pos{File: "document.yaml", Line: 1}}
	for _, r := range live.All() {
		after, ok := desired.Get(r.Key)
		switch {
		case !ok && (r.Key.Kind == "group" || r.Key.Kind == "servicePrincipal"):
			out = append(out, plan.Change{Key: r.Key, Action: plan.Delete, Before: r.Fields})
		case !ok:
			out = append(out, plan.Change{Key: r.Key, Action: plan.Update, Before: r.Fields})
		case !cmp.Equal(r.Fields, after.Fields):
			out = append(out, plan.Change{Key: r.Key, Action: plan.Update, Before: r.Fields, After: after.Fields, Claims: after.Claims, Origin: document})
		}
	}
	for _, r := range desired.All() {
		if _, ok := live.Get(r.Key); !ok {
			out = append(out, plan.Change{Key: r.Key, Action: plan.Create, After: r.Fields, Claims: r.Claims})
		}
	}
	return out
}

// told writes effects that are more than the way, one a line.
func told(i *plan.Impact) []string {
	var out []string
	for _, e := range i.Effects {
		if !slices.ContainsFunc(e.Privileges, func(p string) bool { return !strings.HasPrefix(p, "USE_") }) {
			continue
		}
		sign := "-"
		if e.Gained {
			sign = "+"
		}
		s := fmt.Sprintf("%s %s %s: %s", sign, e.Object.Name, strings.Join(e.Privileges, ","), strings.Join(e.Named, ","))
		for _, g := range e.Open {
			s += " " + g.Group
		}
		for _, r := range e.Risks {
			s += "; " + string(r)
		}
		out = append(out, s)
	}
	return out
}

// world is what the cases begin with: two products, one with personal data, and the
// way to both for everybody.
const world = `
	grants@metastore/catalog/gold group:account users=USE_CATALOG,USE_SCHEMA group:sales_team=
	grants@metastore/table/gold.sales.orders #product:orders #domain:sales group:orders_readers=SELECT
	grants@metastore/table/gold.hr.people #product:people #domain:hr #pii group:people_readers=SELECT
	group@account/orders_readers #source:databricks member=user:ann@example.com
	group@account/people_readers #source:databricks member=
	group@account/sales_team #name:sales_team member=user:sam@example.com
	group@account/hr_team #name:hr_team member=user:hal@example.com
	group@account/AAD-Known external
`

func TestRisks(t *testing.T) {
	for _, test := range []struct {
		name, env, old, new string
		want                []string
	}{
		{"reading without a risk", "prd", "member=user:ann@example.com", "member=user:ann@example.com,user:bob@example.com",
			[]string{"+ table/gold.sales.orders SELECT: user:bob@example.com"}},
		{"losing it", "prd", "member=user:ann@example.com", "member=",
			[]string{"- table/gold.sales.orders SELECT: user:ann@example.com"}},
		{"everybody", "prd", "group:orders_readers=SELECT", "group:orders_readers=SELECT group:account users=SELECT",
			[]string{"+ table/gold.sales.orders SELECT: user:hal@example.com,user:sam@example.com group:AAD-Known group:account users; everybody; external party; external group"}},
		{"personal data", "prd", "people_readers #source:databricks member=", "people_readers #source:databricks member=user:bob@example.com",
			[]string{"+ table/gold.hr.people SELECT: user:bob@example.com; personal data"}},
		{"personal data, on what it is in", "prd", "USE_SCHEMA group:sales_team=", "USE_SCHEMA user:bob@example.com=SELECT",
			[]string{"+ catalog/gold SELECT: user:bob@example.com; personal data"}},
		{"write in production", "prd", "group:orders_readers=SELECT", "group:orders_readers=MODIFY,SELECT",
			[]string{"+ table/gold.sales.orders MODIFY: user:ann@example.com; write in production"}},
		{"write elsewhere", "dev", "group:orders_readers=SELECT", "group:orders_readers=MODIFY,SELECT",
			[]string{"+ table/gold.sales.orders MODIFY: user:ann@example.com"}},
		{"managing", "dev", "group:orders_readers=SELECT", "group:orders_readers=MANAGE,SELECT",
			[]string{"+ table/gold.sales.orders MANAGE: user:ann@example.com; owner"}},
		{"the first access of an external party", "dev", "member=user:ann@example.com", "member=group:AAD-Known,user:ann@example.com",
			[]string{"+ table/gold.sales.orders SELECT:  group:AAD-Known; external party; external group"}},
		{"of one that nobody declares", "dev", "group:orders_readers=SELECT", "group:orders_readers=SELECT group:AAD-Else=SELECT",
			[]string{"+ table/gold.sales.orders SELECT:  group:AAD-Else; external party; external group"}},
		{"of a service principal of somebody else's", "dev", "group:orders_readers=SELECT", "group:orders_readers=SELECT sp:Tableau=SELECT",
			[]string{"+ table/gold.sales.orders SELECT: sp:Tableau; external party"}},
		{"outside the domain, by team", "dev", "member=user:ann@example.com", "member=group:hr_team,user:ann@example.com",
			[]string{"+ table/gold.sales.orders SELECT: user:hal@example.com; outside the domain"}},
		{"outside the domain, by its owner", "dev", "member=user:ann@example.com", "member=user:ann@example.com,user:heidi@example.com",
			[]string{"+ table/gold.sales.orders SELECT: user:heidi@example.com; outside the domain"}},
		{"inside it", "dev", "member=user:ann@example.com", "member=group:sales_team,user:ann@example.com",
			[]string{"+ table/gold.sales.orders SELECT: user:sam@example.com"}},
		{"only the way has no risk", "prd", "USE_SCHEMA group:sales_team=", "USE_SCHEMA group:AAD-Known=USE_CATALOG", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.Count(world, test.old) != 1 {
				t.Fatalf("the world has not one %q", test.old)
			}
			got := told(weigh(t, test.env, world, strings.Replace(world, test.old, test.new, 1)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestASecondAccessIsNotTheFirst tells parties that have something of the product.
func TestASecondAccessIsNotTheFirst(t *testing.T) {
	before := strings.Replace(world, "group:orders_readers=SELECT", "group:orders_readers=SELECT group:AAD-Known=SELECT", 1)
	got := told(weigh(t, "dev", before, strings.Replace(before, "group:AAD-Known=SELECT", "group:AAD-Known=MODIFY,SELECT", 1)))
	if diff := cmp.Diff([]string{"+ table/gold.sales.orders MODIFY:  group:AAD-Known; external group"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoReadsPersonalDataAndMayChangeItToo(t *testing.T) {
	before := strings.Replace(world, "people_readers #source:databricks member=", "people_readers #source:databricks member=user:bob@example.com", 1)
	got := told(weigh(t, "dev", before, strings.Replace(before, "group:people_readers=SELECT", "group:people_readers=MODIFY,SELECT", 1)))
	if diff := cmp.Diff([]string{"+ table/gold.hr.people MODIFY: user:bob@example.com; personal data"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestWhoBelongsToBothDomainsIsInside, whatever group lets them in.
func TestWhoBelongsToBothDomainsIsInside(t *testing.T) {
	before := strings.Replace(world, "member=user:hal@example.com", "member=user:sally@example.com", 1)
	got := told(weigh(t, "dev", before, strings.Replace(before, "member=user:ann@example.com", "member=group:hr_team,user:ann@example.com", 1)))
	if diff := cmp.Diff([]string{"+ table/gold.sales.orders SELECT: user:sally@example.com"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestALossOfOwnershipIsOneToLookAt(t *testing.T) {
	before := strings.Replace(world, "group:orders_readers=SELECT", "group:orders_readers=MANAGE,SELECT", 1)
	if diff := cmp.Diff([]string{"- table/gold.sales.orders MANAGE: user:ann@example.com; owner"}, told(weigh(t, "dev", before, world))); diff != "" {
		t.Error(diff)
	}
}

func TestWhoDecidesWhatMayBeRunIsOneToLookAt(t *testing.T) {
	before := "grants@metastore/metastore/current group:others=CREATE_CATALOG"
	if diff := cmp.Diff([]string{"+ metastore/current MANAGE_ALLOWLIST: user:bob@example.com; owner"}, told(weigh(t, "dev", before, before+" user:bob@example.com=MANAGE_ALLOWLIST"))); diff != "" {
		t.Error(diff)
	}
}

// TestTheRiskyComeFirst orders by risk, product and object.
func TestTheRiskyComeFirst(t *testing.T) {
	after := strings.NewReplacer(
		"member=user:ann@example.com", "member=user:ann@example.com,user:bob@example.com",
		"people_readers #source:databricks member=", "people_readers #source:databricks member=user:bob@example.com",
	).Replace(world)
	want := []string{"+ table/gold.hr.people SELECT: user:bob@example.com; personal data", "+ table/gold.sales.orders SELECT: user:bob@example.com"}
	if diff := cmp.Diff(want, told(weigh(t, "prd", world, after))); diff != "" {
		t.Error(diff)
	}
}

func TestProduction(t *testing.T) {
	for env, want := range map[string]bool{"prd": true, "eu-prod": true, "PRODUCTION": true, "live_2": true, "dev": false, "product-test": false, "preprod": false} {
		after := strings.Replace(world, "group:orders_readers=SELECT", "group:orders_readers=MODIFY,SELECT", 1)
		got := strings.Contains(strings.Join(told(weigh(t, env, world, after)), "\n"), string(plan.RiskProduction))
		if got != want {
			t.Errorf("%s is production: %v, want %v", env, got, want)
		}
	}
}

// TestCauses has the entries that make an effect, its end, and the way.
func TestCauses(t *testing.T) {
	before := `
		grants@metastore/catalog/gold group:readers=USE_CATALOG,USE_SCHEMA
		grants@metastore/table/gold.s.t group:readers=SELECT
		group@account/readers member=user:ann@example.com
		group@account/team member=
	`
	after := `
		grants@metastore/catalog/gold group:readers=USE_CATALOG,USE_SCHEMA
		grants@metastore/table/gold.s.t group:readers=SELECT
		group@account/readers line=3 until=2026-12-31 member=group:team
		group@account/team line=5 member=user:bob@example.com
	`
	i := weigh(t, "dev", before, after)
	at := slices.IndexFunc(i.Effects, func(e plan.Effect) bool { return e.Gained && e.Object.Name == "table/gold.s.t" })
	lost := slices.IndexFunc(i.Effects, func(e plan.Effect) bool { return !e.Gained && e.Object.Name == "table/gold.s.t" })
	if at < 0 || lost < 0 {
		t.Fatalf("%+v", i.Effects)
	}
	e := i.Effects[at]
	var causes []string
	for _, c := range e.Causes {
		causes = append(causes, c.Fact.Value+" "+c.Origin.Pos.String())
	}
	if diff := cmp.Diff([]string{"group:team a.yaml:3", "user:bob@example.com a.yaml:5"}, causes); diff != "" {
		t.Error(diff)
	}
	if got := e.Until().Format(time.DateOnly); got != "2027-01-01" {
		t.Errorf("until %s", got)
	}
	var way []string
	for _, s := range e.Way {
		way = append(way, fmt.Sprint(s.From, " ", s.To, " ", s.New))
	}
	if diff := cmp.Diff([]string{"user:bob@example.com group:team true", "group:team group:readers true", "group:readers  false"}, way); diff != "" {
		t.Error(diff)
	}
	if e.Before != 1 || e.After != 1 {
		t.Errorf("%d → %d, want 1 → 1", e.Before, e.After)
	}
	if l := i.Effects[lost]; len(l.Causes) != 1 || l.Causes[0].Origin != nil || !l.Causes[0].Removed {
		t.Errorf("what nothing declares any more: %+v", l.Causes)
	}
}

func TestIdle(t *testing.T) {
	before := `
		grants@metastore/catalog/gold group:readers=USE_CATALOG group:others=USE_CATALOG
		grants@metastore/schema/gold.s group:others=USE_SCHEMA
		grants@metastore/table/gold.s.t group:readers=SELECT group:others=SELECT
		group@account/readers member=user:ann@example.com
		group@account/others member=user:ann@example.com
		group@account/empty member=
	`
	after := `
		grants@metastore/catalog/gold group:readers=USE_CATALOG group:others=USE_CATALOG
		grants@metastore/schema/gold.s group:others=USE_SCHEMA
		grants@metastore/table/gold.s.t group:others=SELECT group:empty=SELECT user:bob@example.com=SELECT user:ann@example.com=SELECT
		group@account/readers member=user:ann@example.com
		group@account/others member=user:ann@example.com
		group@account/empty member=
		group@account/new member=user:ann@example.com
	`
	i := weigh(t, "dev", before, after)
	var got []string
	for _, idle := range i.Idle {
		s := fmt.Sprintf("%v %s %s %s:", idle.Removed, idle.Fact.Key.Name, idle.Fact.Field, idle.Fact.Value)
		for _, f := range idle.Through {
			s += " " + f.Field
		}
		got = append(got, strings.TrimSpace(s+" "+idle.Why))
	}
	want := []string{
		"false table/gold.s.t group:empty SELECT: nobody is in it",
		"true table/gold.s.t group:readers SELECT: group:others user:ann@example.com",
		"false table/gold.s.t user:ann@example.com SELECT: group:others group:readers",
		"false table/gold.s.t user:bob@example.com SELECT: needs USE_CATALOG on catalog gold",
		"false new member user:ann@example.com: nothing that was read gives group:new anything",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(i.Effects) != 0 {
		t.Errorf("%+v", i.Effects)
	}
}

// TestAWayThatNobodyReadIsOpen tells of what somebody gains or loses behind a catalog of
// which nobody read the grants: who has no known way to it may well have one.
func TestAWayThatNobodyReadIsOpen(t *testing.T) {
	const known = "grants@metastore/catalog/gold group:others=USE_CATALOG\n"
	granted, more := "grants@metastore/schema/gold.s group:others=USE_SCHEMA\n"+"grants@metastore/table/gold.s.t group:others=SELECT", " user:bob@example.com=SELECT"
	for name, c := range map[string]struct{ before, after, want string }{
		"a gain":        {granted, granted + more, "+ table/gold.s.t SELECT: user:bob@example.com"},
		"a loss":        {granted + more, granted, "- table/gold.s.t SELECT: user:bob@example.com"},
		"no way at all": {known + granted, known + granted + more, ""},
	} {
		i := weigh(t, "dev", c.before, c.after)
		if got := strings.Join(told(i), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if c.want != "" && !slices.Contains(i.Unknown, "who has access to catalog gold") {
			t.Errorf("%s: not told what nobody read: %q", name, i.Unknown)
		}
	}
}

// TestWhatCouldNotBeReadIsNotKnown, whether or not an effect hangs on it.
func TestWhatCouldNotBeReadIsNotKnown(t *testing.T) {
	before := "group@account/readers member=\n"
	live, desired := state(t, before), state(t, before+"group@account/new member=user:ann@example.com")
	p := plan.Plan{Changes: changes(live, desired)}
	for _, k := range []string{"grants@metastore/table/gold.s.t", "permissions@main/clusters/c", "group@account/readers", "entitlements@main/group:readers"} {
		p.Held = append(p.Held, plan.Held{Key: key(k), Failed: true})
	}
	p.Held = append(p.Held, plan.Held{Key: key("group@account/waits")})
	i := impact.Of(impact.Input{
		Desired: desired, Live: live, Plan: p, Now: now, Project: &spec.Project{}, Env: &spec.Environment{Name: "dev"}, Catalogue: &spec.Catalogue{},
		Platform: access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
	})
	want := []string{
		"the members of group:readers", "what is live of entitlements@main/group:readers",
		"who has access to clusters c in workspace main", "who has access to table gold.s.t",
	}
	if diff := cmp.Diff(want, i.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestHeads(t *testing.T) {
	i := weigh(t, "dev", world, strings.Replace(world, "member=user:ann@example.com", "member=group:AAD-Known,group:AAD-Else,user:ann@example.com", 1))
	if diff := cmp.Diff([]string{"group:AAD-Else", "group:AAD-Known"}, impact.Unread(i)); diff != "" {
		t.Fatal(diff)
	}
	impact.Count(i, map[string]int{"group:AAD-Known": 12})
	if diff := cmp.Diff([]plan.OpenGroup{{Group: "group:AAD-Else", Heads: -1}, {Group: "group:AAD-Known", Heads: 12}}, i.Effects[0].Open); diff != "" {
		t.Error(diff)
	}
}

func TestAPlanWithoutChangesHasNoImpact(t *testing.T) {
	if diff := cmp.Diff(&plan.Impact{}, weigh(t, "prd", world, world)); diff != "" {
		t.Error(diff)
	}
}
