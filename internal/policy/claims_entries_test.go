package policy

import (
	"strings"
	"testing"
)

// lake is a domain with a product; entries of its consumers can follow.
const lake = `apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: sales}
spec:
  owners: [{group: AAD-Sales}]
---
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: orders, domain: sales}
spec:
  owners: [{user: alice@example.com}]
  writers: [{servicePrincipal: sp-tableau}]
  data:
    bronze: [{schema: sales}]
    silver: [{schema: sales}]
    gold: [{table: sales.orders}, {table: sales.customers, pii: true}]
`

// consumers begins the entries of its consumers.
const consumers = "  consumers:\n"

const (
	onSales  = `securables: [{type: schema, name: gold_dev.sales}]`
	onOrders = `securables: [{type: table, name: gold_dev.sales.orders}]`
	onJob    = `workspaces: [main], objects: [{type: jobs, name: nightly}]`
)

func TestEntriesOfThoseWhoAreNotOwned(t *testing.T) {
	const advice = "; add it to owns, use absent: true, or authority: exact"
	rule(t, "BG103", []ruling{
		{"a grant", "", doc("Grants", "g", "{"+onSales+", grants: [§{group: AAD-Finance, privileges: [SELECT, USE_SCHEMA]}]}"), nil,
			"§ warn group:AAD-Finance is not owned here: removing this line will not revoke SELECT and USE_SCHEMA on schema gold_dev.sales" + advice},
		{"an ACL entry, under merge", "", doc("Permissions", "p", "{"+onJob+", authority: merge, permissions: [§{user: guest@elsewhere.com, level: CAN_VIEW}]}"), nil,
			"§ warn user:guest@elsewhere.com is not owned here: removing this line will not revoke CAN_VIEW on jobs nightly in workspace main" + advice},
		{"several securables in one entry", "", doc("Grants", "g", "{securables: [{type: schema, name: gold_dev.a}, {type: schema, name: gold_dev.b}], grants: [§{group: AAD-Finance, privileges: [SELECT]}]}"), nil,
			"§ warn group:AAD-Finance is not owned here: removing this line will not revoke SELECT on schema gold_dev.a" + advice},
		{"a writer of a product, and not whom the data is given to", "", strings.Replace(lake, "[{servicePrincipal", "[§{servicePrincipal", 1) + consumers + "    - {group: AAD-Finance, justification: \"a report\", expires: 2026-12-31}\n", nil,
			"§ warn sp:sp-tableau is not owned here: removing this line will not revoke USE_CATALOG on catalog bronze_dev" + advice},
		{"a steward, who gets the data of every product", "  roles: {data_steward: {group: AAD-Stewards}}\n", strings.Replace(lake, "{servicePrincipal: sp-tableau}", "{user: bob@example.com}", 1), nil, ""},
		{"exact, absent, ended, owned, or the platform's own", "", docs(
			doc("Grants", "exact", "{"+onSales+", authority: exact, grants: [{group: AAD-Finance, privileges: [SELECT]}]}"),
			doc("Grants", "others", "{"+onOrders+", grants: [{group: AAD-Finance, absent: true}, {group: AAD-Audit, privileges: [SELECT], expires: 2026-02-28}, {user: bob@example.com, privileges: [SELECT]}, {group: account users, privileges: [SELECT]}]}"),
		), nil, ""},
	})
}

func TestPersonalAccounts(t *testing.T) {
	rule(t, "BG105", []ruling{
		{"the owner of a job", "", doc("Permissions", "p", "{"+onJob+", owner: §{user: alice@example.com}}"), nil,
			"§ warn user:alice@example.com, a personal account, owns jobs nightly in workspace main: it fails when the person leaves; let a service principal own it"},
		{"a writer of a product", "", doc("Domain", "sales", "{owners: [{group: AAD-Sales}]}") + "---\napiVersion: brickgate.dev/v1\nkind: Product\nmetadata: {name: orders, domain: sales}\nspec: {owners: [{group: AAD-Sales}], writers: [§{user: bob@example.com}], data: {gold: [{table: s.t}]}}\n", nil,
			"§ warn user:bob@example.com, a personal account, writes the data of orders: let a service principal do it"},
		{"a service principal, and a user who may manage", "", doc("Permissions", "p", "{"+onJob+", owner: {servicePrincipal: sp-tableau}, permissions: [{user: alice@example.com, level: CAN_MANAGE}]}"), nil, ""},
		{"a writer who is one no more", "", doc("Domain", "sales", "{owners: [{group: AAD-Sales}]}") + "---\napiVersion: brickgate.dev/v1\nkind: Product\nmetadata: {name: orders, domain: sales}\nspec: {owners: [{group: AAD-Sales}], writers: [{user: bob@example.com, expires: 2026-02-28}], data: {gold: [{table: s.t}]}}\n", nil, ""},
	})
}

func TestUsersWhoGetAccessDirectly(t *testing.T) {
	rule(t, "BG106", []ruling{
		{"a grant on two securables", "", doc("Grants", "g", "{securables: [{type: schema, name: gold_dev.a}, {type: schema, name: gold_dev.b}], grants: [§{user: bob@example.com, privileges: [SELECT, MODIFY]}]}"), nil,
			"§ warn user:bob@example.com gets MODIFY and SELECT on schema gold_dev.a and 1 more directly: give it to a group, and make the user a member"},
		{"an ACL entry", "", doc("Permissions", "p", "{"+onJob+", permissions: [§{user: bob@example.com, level: CAN_VIEW}]}"), nil,
			"§ warn user:bob@example.com gets CAN_VIEW on jobs nightly in workspace main directly: give it to a group, and make the user a member"},
		{"a writer of a product", "", strings.Replace(lake, "{servicePrincipal: sp-tableau}", "{user: bob@example.com}", 1), nil, ""},
		{"a group, an owner, a member, and an entry that ended", "", docs(
			doc("Grants", "g", "{"+onSales+", grants: [{group: AAD-Finance, privileges: [SELECT]}, {user: bob@example.com, privileges: [SELECT], expires: 2026-02-28}]}"),
			doc("Permissions", "p", "{"+onJob+", owner: {user: bob@example.com}}"),
			doc("Group", "grp_a", "{members: [{user: bob@example.com}]}"),
		), nil, ""},
	})
}

const (
	endless = `{members: [{user: bob@example.com}, {user: eve@example.com, expires: 2026-12-31}]}`
	marked  = `{members: [§{user: bob@example.com}, {user: eve@example.com, expires: 2026-12-31}]}`
)

func TestEntriesWithoutAnEnd(t *testing.T) {
	const required = "  access: {requireExpiry: [members, grants]}\n"
	rule(t, "BG224", []ruling{
		{"members and grants", required, docs(doc("Group", "grp_a", marked),
			doc("Grants", "g", "{"+onSales+", grants: [§{group: AAD-Finance, privileges: [SELECT]}]}"),
			doc("Permissions", "p", "{"+onJob+", permissions: [{group: AAD-Finance, level: CAN_VIEW}]}")), nil, `
			§ error user:bob@example.com is in group grp_a_dev without an end, which access.requireExpiry wants of all members: add expires:
			§ error group:AAD-Finance gets SELECT on schema gold_dev.sales without an end, which access.requireExpiry wants of all grants: add expires:`},
		{"what a product gives", required, lake, nil, ""},
		{"where nothing is required", "", doc("Group", "grp_a", endless), nil, ""},
	})
	rule(t, "BG225", []ruling{
		{"it is off", "", doc("Group", "grp_a", endless), nil, ""},
		{"turned on, for what is not required", "  access: {requireExpiry: [grants]}\n  rules: {BG225: warn}\n", doc("Group", "grp_a", marked), nil,
			"§ warn user:bob@example.com is in group grp_a_dev without an end: add expires:"},
		{"what is required is told once", required + "  rules: {BG225: warn}\n", doc("Group", "grp_a", endless), nil, ""},
	})
}
