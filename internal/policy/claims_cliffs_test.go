package policy

import (
	"fmt"
	"strings"
	"testing"
)

// ending is a group with n members whose entries end as the text says; the first
// is marked.
func ending(name string, n int, terms string) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf("{user: u%d@example.com%s}", i, terms))
	}
	return doc("Group", name, "{members: [§"+strings.Join(members, ", ")+"]}")
}

func TestTooMuchEndsOnOneDay(t *testing.T) {
	const on = ", expires: 2026-06-30"
	many := ending("grp_many", 300, "")
	rule(t, "BG401", []ruling{
		{"more than ten of little", "", docs(ending("grp_a", 8, on), unmarked(ending("grp_b", 3, on))), nil,
			"§ warn 11 of 11 facts end on 2026-06-30 (UTC), more than the 10 that one run should remove by guards.maxRemovals: spread their ends (a.yaml 11)"},
		{"more than the share of much", "", docs(ending("grp_a", 16, on), unmarked(many)), nil,
			"§ warn 16 of 316 facts end on 2026-06-30 (UTC), more than the 15 that one run should remove by guards.maxRemovals: spread their ends (a.yaml 16)"},
		{"more than the absolute number", "  guards: {maxRemovals: {absolute: 5}}\n", ending("grp_a", 6, on), nil,
			"§ warn 6 of 6 facts end on 2026-06-30 (UTC), more than the 5 that one run should remove by guards.maxRemovals: spread their ends (a.yaml 6)"},
		{"a day of the project's zone", "  access: {timezone: America/New_York}\n", ending("grp_a", 11, ", expires: \"2026-07-01T03:30:00Z\""), nil,
			"§ warn 11 of 11 facts end on 2026-06-30 (America/New_York), more than the 10 that one run should remove by guards.maxRemovals: spread their ends (a.yaml 11)"},
		{"the share of much", "", unmarked(docs(ending("grp_a", 15, on), many)), nil, ""},
		{"two days", "", unmarked(docs(ending("grp_a", 8, on), ending("grp_b", 8, ", expires: 2026-07-01"))), nil, ""},
		{"what ended", "", unmarked(ending("grp_a", 20, ", expires: 2026-02-28")), nil, ""},
		{"what another entry keeps", "", doc("Grants", "g", "{"+onSales+", grants: ["+entries(11, on)+"]}") + "---\n" + doc("Grants", "h", "{"+onSales+", grants: ["+entries(2, "")+"]}"), nil, ""},
	})
}

// entries are n grants to different groups.
func entries(n int, terms string) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("{group: AAD-%d, privileges: [SELECT]%s}", i, terms))
	}
	return strings.Join(out, ", ")
}

func TestAProductsConsumersWhoEndTogether(t *testing.T) {
	var b strings.Builder
	for i := range 11 {
		fmt.Fprintf(&b, "    - {group: AAD-%02d, justification: \"monthly report\", granted: 2026-01-10, expires: 2026-12-31}\n", i)
	}
	rule(t, "BG401", []ruling{
		{"they are told by product", "", lake + consumers + strings.Replace(b.String(), "{", "§{", 1), nil,
			"§ warn 11 of 53 facts end on 2026-12-31 (UTC), more than the 10 that one run should remove by guards.maxRemovals: spread their ends (orders 11)"},
	})
}
