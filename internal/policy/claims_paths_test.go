package policy

import (
	"strings"
	"testing"
)

// named gives a document another name.
func named(name, document string) string {
	return strings.Replace(document, "name: g}", "name: "+name+"}", 1)
}

func TestGrantsWithoutTheirPath(t *testing.T) {
	const toIt = ": grant that too, to it or to a group that it is in"
	onTable := grants("{gold}.sales.orders", `{group: grp_a, privileges: [SELECT]}`)
	group := doc("Group", "grp_a", "{}") + "---\n"
	catalog := func(who, privilege string) string {
		return unmarked(named("c", grants("{gold}", `{group: `+who+`, privileges: [`+privilege+`]}`)))
	}
	schema := func(who, privilege string) string {
		return unmarked(named("s", grants("{gold}.sales", `{group: `+who+`, privileges: [`+privilege+`]}`)))
	}
	rule(t, "BG305", []ruling{
		{"a table, of which nothing leads to it", "", group + onTable, nil,
			"§ warn group:grp_a_dev gets SELECT on table gold_dev.sales.orders, which gives nothing without USE_CATALOG on catalog gold_dev and USE_SCHEMA on schema gold_dev.sales" + toIt},
		{"a table, of which half the way is there", "", group + docs(onTable, catalog("grp_a", "USE CATALOG")), nil,
			"§ warn group:grp_a_dev gets SELECT on table gold_dev.sales.orders, which gives nothing without USE_SCHEMA on schema gold_dev.sales" + toIt},
		{"USE_SCHEMA alone", "", group + grants("{gold}.sales", `{group: grp_a, privileges: [USE SCHEMA]}`), nil,
			"§ warn group:grp_a_dev gets USE_SCHEMA on schema gold_dev.sales, which gives nothing without USE_CATALOG on catalog gold_dev" + toIt},
		{"a catalog", "", group + grants("{gold}", `{group: grp_a, privileges: [SELECT, USE CATALOG]}`), nil,
			"§ warn group:grp_a_dev gets SELECT and USE_CATALOG on catalog gold_dev, which gives nothing without USE_SCHEMA on catalog gold_dev" + toIt},
		{"a way that ended", "", group + docs(onTable, unmarked(named("c", grants("{gold}", `{group: grp_a, privileges: [ALL PRIVILEGES], expires: 2026-02-28}`)))), nil,
			"§ warn group:grp_a_dev gets SELECT on table gold_dev.sales.orders, which gives nothing without USE_CATALOG on catalog gold_dev and USE_SCHEMA on schema gold_dev.sales" + toIt},
		{"a name with a dot", "", group + doc("Grants", "g", "{securables: [{type: table, name: \"{gold}.`a.b`.t\"}], grants: [§{group: grp_a, privileges: [SELECT]}]}"), nil,
			"§ warn group:grp_a_dev gets SELECT on table gold_dev.`a.b`.t, which gives nothing without USE_CATALOG on catalog gold_dev and USE_SCHEMA on schema gold_dev.`a.b`" + toIt},
		{"its own way", "", unmarked(group + docs(onTable, catalog("grp_a", "USE CATALOG"), schema("grp_a", "USE SCHEMA"))), nil, ""},
		{"everything on the schema", "", unmarked(group + docs(onTable, catalog("grp_a", "USE CATALOG"), schema("grp_a", "ALL PRIVILEGES"))), nil, ""},
		{"everything on the catalog", "", unmarked(group + docs(onTable, catalog("grp_a", "ALL PRIVILEGES"))), nil, ""},
		{"a way for everybody", "", unmarked(group + docs(onTable, catalog("account users", "USE CATALOG, USE SCHEMA"))), nil, ""},
		{"a way through two groups", "", unmarked(group + docs(onTable, catalog("grp_c", "USE CATALOG"), schema("grp_b", "USE SCHEMA"),
			doc("Group", "grp_b", "{members: [{group: grp_a}]}"), doc("Group", "grp_c", "{members: [{group: grp_b}]}"))), nil, ""},
		{"the owner", "", unmarked(group + docs(onTable, doc("Grants", "c", `{securables: [{type: catalog, name: "{gold}"}], owner: {group: grp_a}}`))), nil, ""},
		{"a schema of the catalog", "", unmarked(group + docs(grants("{gold}", `{group: grp_a, privileges: [SELECT, USE CATALOG]}`), schema("grp_a", "USE SCHEMA"))), nil, ""},
		{"what needs no way", "", unmarked(group + docs(grants("{gold}", `{group: grp_a, privileges: [BROWSE]}`),
			doc("Grants", "x", `{securables: [{type: external_location, name: landing}], authority: merge, grants: [{group: grp_a, privileges: [READ FILES]}]}`))), nil, ""},
		{"a way that is live", "", unmarked(group + onTable),
			live("grants@metastore/catalog/gold_dev | group:grp_a_dev | USE_CATALOG | USE_SCHEMA"), ""},
		{"a membership that is live", "", unmarked(group + docs(onTable, catalog("AAD-All", "USE CATALOG, USE SCHEMA"))),
			live("group@account/AAD-All | member | group:grp_a_dev"), ""},
	})
}

func TestAWayThatThePlanTakesAwayIsNone(t *testing.T) {
	in := declaredInput(t, acme, unmarked(doc("Group", "grp_a", "{}")+"---\n"+grants("{gold}.sales.orders", `{group: grp_a, privileges: [SELECT]}`)))
	in.Live = live("grants@metastore/catalog/gold_dev | group:grp_a_dev | USE_CATALOG | USE_SCHEMA")
	in.Live.Changes = changes(t, in)
	same(t, lines(check(t, in), "BG305"), "a.yaml:9:75 warn BG305: group:grp_a_dev gets SELECT on table gold_dev.sales.orders, which gives nothing without "+
		"USE_CATALOG on catalog gold_dev and USE_SCHEMA on schema gold_dev.sales: grant that too, to it or to a group that it is in")
}

func TestPrivilegesThatAreInherited(t *testing.T) {
	table := grants("{gold}.sales.orders", `{group: AAD-Team, privileges: [SELECT, MODIFY]}`)
	above := func(securable, privileges string) string {
		return unmarked(named("c", grants(securable, `{group: AAD-Team, privileges: [`+privileges+`]}`)))
	}
	const it = "§ warn group:AAD-Team has "
	rule(t, "BG306", []ruling{
		{"from the schema", "", docs(table, above("{gold}.sales", "SELECT, USE SCHEMA")), nil,
			it + "SELECT on schema gold_dev.sales already, so that on table gold_dev.sales.orders it adds nothing more: leave it out"},
		{"from the longest of two grants", "", docs(table, unmarked(named("b", grants("{gold}.sales", `{group: AAD-Team, privileges: [SELECT], expires: 2026-12-31}`))), above("{gold}.sales", "SELECT")), nil,
			it + "SELECT on schema gold_dev.sales already, so that on table gold_dev.sales.orders it adds nothing more: leave it out"},
		{"from the catalog, with everything", "", docs(table, above("{gold}", "ALL PRIVILEGES")), nil,
			it + "MODIFY and SELECT on catalog gold_dev already, so that on table gold_dev.sales.orders they add nothing more: leave it out"},
		{"from what is live", "", table, live("grants@metastore/schema/gold_dev.sales | group:AAD-Team | MODIFY"),
			it + "MODIFY on schema gold_dev.sales already, so that on table gold_dev.sales.orders it adds nothing more: leave it out"},
		{"for less time", "", docs(unmarked(table), unmarked(named("c", grants("{gold}.sales", `{group: AAD-Team, privileges: [SELECT], expires: 2026-12-31}`)))), nil, ""},
		{"for less time than that lasts", "", docs(unmarked(grants("{gold}.sales.orders", `{group: AAD-Team, privileges: [SELECT], expires: 2027-06-30}`)), unmarked(named("c", grants("{gold}.sales", `{group: AAD-Team, privileges: [SELECT], expires: 2026-12-31}`)))), nil, ""},
		{"of another principal", "", docs(unmarked(table), unmarked(named("c", grants("{gold}.sales", `{group: AAD-Other, privileges: [SELECT]}`)))), nil, ""},
		{"what everything does not hold", "", docs(unmarked(grants("{gold}.sales.orders", `{group: AAD-Team, privileges: [MANAGE]}`)), above("{gold}", "ALL PRIVILEGES")), nil, ""},
		{"the way through", "", docs(unmarked(grants("{gold}.sales", `{group: AAD-Team, privileges: [USE SCHEMA]}`)), above("{gold}", "USE CATALOG, USE SCHEMA")), nil, ""},
	})
}
