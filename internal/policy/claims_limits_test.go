package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

// many is a text for each number, with the number in it.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestLimitsOfThePlatform(t *testing.T) {
	groups := func(n int) string {
		return many(n, "---\n"+doc("Group", "g%d", "{members: [{user: alice@example.com}]}"))
	}
	grantees := func(n int) string {
		return "{" + onOrders + ", grants: [" + many(n, "{group: AAD-%d, privileges: [SELECT]}, ") + "]}"
	}
	rule(t, "BG402", []ruling{
		{"groups of one principal", "", strings.Replace(groups(1125), "[{", "[§{", 1), nil,
			"§ warn user:alice@example.com is directly in 1125 groups; the platform allows 1500"},
		{"one group less", "", groups(1124), nil, ""},
		{"privileges on a table", "", strings.Replace(doc("Grants", "g", grantees(750)), "[{group", "[§{group", 1), nil,
			"§ warn there are 750 privileges on table gold_dev.sales.orders; the platform allows 1000"},
		{"one privilege less", "", doc("Grants", "g", grantees(749)), nil, ""},
		{"privileges on a schema", "", doc("Grants", "g", strings.Replace(grantees(750), "table, name: gold_dev.sales.orders", "schema, name: gold_dev.sales", 1)), nil, ""},
		{"ended entries do not count", "", doc("Grants", "g", strings.ReplaceAll(grantees(750), "[SELECT]", "[SELECT], expires: 2026-02-28")), nil, ""},
	})
}

func TestLimitsOfAnAccount(t *testing.T) {
	in := declaredInput(t, acme, doc("Group", "grp_a", "{members: ["+many(7500, "{user: u%d@example.com}, ")+"]}"))
	for i := range 3749 {
		in.Declared = append(in.Declared, plan.Resource{Key: plan.Key{Kind: kindGroup, Target: accountTarget, Name: fmt.Sprint("h", i)}})
	}
	same(t, lines(check(t, in), "BG402"), `
brickgate.yaml:8:7 warn BG402: environment dev knows 3750 groups of its account; the platform allows 5000
brickgate.yaml:8:7 warn BG402: environment dev knows 7500 users and service principals of its account; the platform allows 10000`)
}

func TestLimitsThatOnlyThePlanSees(t *testing.T) {
	in := declaredInput(t, acme, doc("Grants", "g", "{"+onOrders+", grants: [{group: AAD-Finance, privileges: [SELECT]}]}"))
	in.Live = live("grants@metastore/table/gold_dev.sales.orders | group:AAD-Finance | SELECT" + many(749, " | P%d"))
	same(t, lines(check(t, in), "BG402"), "a.yaml:4:75 warn BG402: there are 750 privileges on table gold_dev.sales.orders; the platform allows 1000")
	in.Live = live("grants@metastore/table/gold_dev.sales.orders | group:AAD-Finance | SELECT" + many(748, " | P%d"))
	same(t, lines(check(t, in), "BG402"), "")
}
