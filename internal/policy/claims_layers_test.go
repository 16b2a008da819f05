package policy

import (
	"strings"
	"testing"
)

// Consumers of the lake: a group that is synced, and a person who reads silver.
const readers = lake + consumers + `    - {group: AAD-Finance, justification: "monthly report", granted: 2026-01-10, expires: 2026-12-31}
    - {user: bob@example.com, layer: silver, justification: "debug loads", granted: 2026-01-10, expires: 2026-12-31}
    - {group: AAD-Former, justification: "monthly report", granted: 2025-01-10, expires: 2025-12-31}
---
`

const dp = "dp-sales-orders-" // what the groups of the lake are called

func grants(securable, entry string) string {
	typ := []string{"catalog", "schema", "table"}[strings.Count(securable, ".")]
	return doc("Grants", "g", `{securables: [{type: `+typ+`, name: "`+securable+`"}], grants: [§`+entry+`]}`)
}

func unmarked(docs string) string { return strings.ReplaceAll(docs, "§", "") }

func TestConsumersGetNothingRaw(t *testing.T) {
	rule(t, "BG301", []ruling{
		{"a group of consumers", "", readers + grants("{bronze}.hr", `{group: `+dp+`consumer, privileges: [SELECT]}`), nil,
			"§ error group:dp-sales-orders-consumer_dev gets SELECT on schema bronze_dev.hr, but consumers of orders get nothing in bronze: leave it out"},
		{"a consumer", "", readers + grants("bronze.sales.raw", `{group: AAD-Finance, privileges: [SELECT]}`), nil,
			"§ error group:AAD-Finance, a consumer of orders, gets SELECT on table bronze_dev.sales.raw: consumers get nothing in bronze"},
		{"everybody", "", readers + grants("{bronze}.sales", `{group: account users, privileges: [SELECT]}`), nil,
			"§ error everybody in the account gets SELECT on schema bronze_dev.sales: bronze is for those who build products of it"},
		{"a layer that the project closes", "  layers: {silver: {consumers: none}}\n", strings.Replace(readers, ", layer: silver", "", 1) + grants("{silver}", `{user: bob@example.com, privileges: [USE CATALOG]}`), nil,
			"§ error user:bob@example.com, a consumer of orders, gets USE_CATALOG on catalog silver_dev: consumers get nothing in silver"},
		{"an emergency, in which it may be read", "  access: {emergency: {layers: [bronze]}}\n", readers + unmarked(grants("{bronze}.sales", `{group: `+dp+`emergency, privileges: [SELECT]}`)), nil, ""},
		{"an emergency, in which it may not", "  access: {emergency: {layers: [gold]}}\n", readers + grants("{bronze}.sales", `{group: `+dp+`emergency, privileges: [SELECT]}`), nil,
			"§ error group:dp-sales-orders-emergency_dev gets SELECT on schema bronze_dev.sales, but consumers of orders get nothing in bronze: leave it out"},
		{"a consumer who was one", "", readers + unmarked(grants("{bronze}.sales", `{group: AAD-Former, privileges: [SELECT]}`)), nil, ""},
		{"a consumer in another layer", "", readers + unmarked(grants("{gold}.sales", `{group: AAD-Finance, privileges: [SELECT]}`)), nil, ""},
		{"a consumer who writes what is there", "", strings.Replace(readers, "writers: [", "writers: [{group: AAD-Finance}, ", 1) + unmarked(grants("{bronze}.sales", `{group: AAD-Finance, privileges: [SELECT]}`)), nil, ""},
		{"somebody else", "", readers + unmarked(grants("{bronze}.sales", `{group: AAD-Platform, privileges: [SELECT]}`)), nil, ""},
	})
}

func TestALayerThatEntriesMustName(t *testing.T) {
	rule(t, "BG302", []ruling{
		{"the consumers of gold", "", readers + grants("{silver}.sales", `{group: `+dp+`consumer, privileges: [SELECT, USE_SCHEMA]}`), nil,
			"§ error group:dp-sales-orders-consumer_dev gets SELECT and USE_SCHEMA on schema silver_dev.sales: who is to read silver has an entry with layer: silver in orders, and a group of its own"},
		{"its own group", "", readers + unmarked(grants("{silver}.sales", `{group: `+dp+`silver-consumer, privileges: [SELECT]}`)), nil, ""},
		{"a port that is called so", "", strings.Replace(readers, "  consumers:", "  ports: {silver-extra: [sales.orders]}\n  consumers:", 1) + grants("{silver}.sales", `{group: `+dp+`silver-extra-consumer, privileges: [SELECT]}`), nil,
			"§ error group:dp-sales-orders-silver-extra-consumer_dev gets SELECT on schema silver_dev.sales: who is to read silver has an entry with layer: silver in orders, and a group of its own"},
		{"the owners", "", readers + unmarked(grants("{silver}.sales", `{group: `+dp+`owner, privileges: [SELECT]}`)), nil, ""},
		{"an emergency, in which it may be read", "  access: {emergency: {layers: [silver]}}\n", readers + unmarked(grants("{silver}.sales", `{group: `+dp+`emergency, privileges: [SELECT]}`)), nil, ""},
		{"an emergency, in which it may not", "  access: {emergency: {layers: [gold]}}\n", readers + grants("{silver}.sales", `{group: `+dp+`emergency, privileges: [SELECT]}`), nil,
			"§ error group:dp-sales-orders-emergency_dev gets SELECT on schema silver_dev.sales: who is to read silver has an entry with layer: silver in orders, and a group of its own"},
	})
}

func TestPersonalDataPastTheEntries(t *testing.T) {
	private := strings.Replace(readers, consumers, consumers+`    - {user: pia@example.com, pii: true, justification: "privacy checks", granted: 2026-01-10, expires: 2026-12-31}`+"\n", 1)
	const byEntry = `§ error user:pia@example.com reads personal data of orders without the approval of domain_owner, privacy_team (nobody holds it: say who under roles:); it needs domain_owner, privacy_team` + "\n"
	private = strings.Replace(private, "{user: pia", "§{user: pia", 1)
	rule(t, "BG220", []ruling{
		{"the consumers", "", private + grants("{gold}.sales.customers", `{group: `+dp+`consumer, privileges: [SELECT]}`), nil,
			byEntry + "§ error group:dp-sales-orders-consumer_dev gets SELECT on table gold_dev.sales.customers, where personal data of orders is: who is to read it has an entry with pii: true, and a group of its own"},
		{"with the schema", "", private + grants("{gold}.sales", `{group: `+dp+`consumer, privileges: [SELECT]}`), nil,
			byEntry + "§ error group:dp-sales-orders-consumer_dev gets SELECT on schema gold_dev.sales, where personal data of orders is: who is to read it has an entry with pii: true, and a group of its own"},
		{"everybody", "", private + grants("{gold}.sales.customers", `{group: account users, privileges: [SELECT]}`), nil,
			byEntry + "§ error group:account users gets SELECT on table gold_dev.sales.customers, where personal data of orders is: who is to read it has an entry with pii: true, and a group of its own"},
		{"stewards", "  roles: {data_steward: {group: AAD-Stewards}}\n", private + grants("{gold}.sales.customers", `{group: AAD-Stewards, privileges: [SELECT]}`), nil,
			byEntry + "§ error group:AAD-Stewards gets SELECT on table gold_dev.sales.customers, where personal data of orders is: who is to read it has an entry with pii: true, and a group of its own"},
		{"the way there", "", private + unmarked(grants("{gold}.sales", `{group: `+dp+`consumer, privileges: [USE_SCHEMA]}`)), nil, byEntry},
		{"a table beside it", "", private + unmarked(grants("{gold}.sales.other", `{group: `+dp+`consumer, privileges: [SELECT]}`)), nil, byEntry},
		{"those who may", "", private + unmarked(grants("{gold}.sales.customers", `{group: `+dp+`pii-consumer, privileges: [SELECT]}`)), nil, byEntry},
		{"the owners", "", private + unmarked(grants("{gold}.sales.customers", `{group: `+dp+`owner, privileges: [SELECT]}`)), nil, byEntry},
	})
}

func TestReadersDoNotWrite(t *testing.T) {
	const steward = "  roles: {data_steward: {group: AAD-Stewards}}\n"
	rule(t, "BG303", []ruling{
		{"a steward", steward, readers + grants("{gold}.hr", `{group: AAD-Stewards, privileges: [SELECT, MODIFY, CREATE TABLE]}`), nil,
			"§ error group:AAD-Stewards gets CREATE_TABLE and MODIFY on schema gold_dev.hr, but holds the role data_steward, which writes nothing"},
		{"a steward with everything", steward, readers + grants("{gold}.hr", `{group: AAD-Stewards, privileges: [ALL PRIVILEGES]}`), nil,
			"§ error group:AAD-Stewards gets ALL_PRIVILEGES on schema gold_dev.hr, but holds the role data_steward, which writes nothing"},
		{"a steward who owns", steward, readers + doc("Grants", "g", "{"+onSales+", owner: §{group: AAD-Stewards}}"), nil,
			"§ error group:AAD-Stewards owns schema gold_dev.sales, but holds the role data_steward, which writes nothing"},
		{"a steward who is a writer", steward, strings.Replace(lake, "writers: [", "writers: [§{group: AAD-Stewards}, ", 1), nil,
			"§ error group:AAD-Stewards gets CREATE_TABLE, CREATE_VOLUME, MODIFY and WRITE_VOLUME on schema bronze_dev.sales, but holds the role data_steward, which writes nothing"},
		{"a group of consumers", "", readers + grants("{gold}.hr", `{group: `+dp+`pii-consumer, privileges: [WRITE VOLUME]}`), nil,
			"§ error group:dp-sales-orders-pii-consumer_dev, a consumer of orders, gets WRITE_VOLUME on schema gold_dev.hr: consumers only read"},
		{"a consumer, above what it consumes", "", readers + grants("{gold}", `{group: AAD-Finance, privileges: [MODIFY, USE CATALOG]}`), nil,
			"§ error group:AAD-Finance, a consumer of orders, gets MODIFY on catalog gold_dev: consumers only read"},
		{"a consumer who owns", "", readers + doc("Grants", "g", "{"+onOrders+", owner: §{group: AAD-Finance}}"), nil,
			"§ error group:AAD-Finance, a consumer of orders, owns table gold_dev.sales.orders: consumers only read"},
		{"a steward in a group that writes", steward, readers + doc("Group", "grp_writers", "{members: [{group: AAD-Stewards}]}") + "---\n" + grants("{gold}.hr", `{group: grp_writers, privileges: [MODIFY]}`), nil,
			"§ error group:grp_writers_dev gets MODIFY on schema gold_dev.hr, and group:AAD-Stewards is in it, which holds the role data_steward: stewards write nothing"},
		{"consumers in a group that writes", "", readers + doc("Group", "grp_writers", "{members: [{product: orders, role: consumer}]}") + "---\n" + grants("{gold}.hr", `{group: grp_writers, privileges: [MODIFY]}`), nil,
			"§ error group:grp_writers_dev gets MODIFY on schema gold_dev.hr, and group:dp-sales-orders-consumer_dev is in it, which is for consumers of orders: consumers only read"},
		{"a steward who was in it", steward, readers + doc("Group", "grp_writers", "{members: [{group: AAD-Stewards, expires: 2020-01-01}]}") + "---\n" + unmarked(grants("{gold}.hr", `{group: grp_writers, privileges: [MODIFY]}`)), nil, ""},
		{"a consumer on other data", "", readers + unmarked(grants("{gold}.sales.invoices", `{group: AAD-Finance, privileges: [MODIFY]}`)), nil, ""},
		{"a consumer on what only has the name of what it consumes", "", readers + doc("Grants", "g", `{securables: [{type: volume, name: gold_dev.sales.orders}], grants: [{group: AAD-Finance, privileges: [WRITE VOLUME]}]}`), nil, ""},
		{"a steward who reads", steward, readers + unmarked(grants("{gold}.sales", `{group: AAD-Stewards, privileges: [SELECT, EXECUTE, READ VOLUME]}`)), nil, ""},
	})
}

func TestAllPrivileges(t *testing.T) {
	rule(t, "BG304", []ruling{
		{"for everybody", "", grants("{gold}.hr", `{group: account users, privileges: [ALL PRIVILEGES]}`), nil,
			"§ error everybody in the account gets ALL_PRIVILEGES on schema gold_dev.hr: name who needs what"},
		{"for a group of consumers", "", readers + grants("{gold}.hr", `{group: `+dp+`consumer, privileges: [ALL PRIVILEGES]}`), nil,
			"§ error group:dp-sales-orders-consumer_dev, a consumer of orders, gets ALL_PRIVILEGES on schema gold_dev.hr: consumers only read"},
		{"for a consumer, in what it consumes", "", readers + grants("{silver}.sales.lines", `{group: AAD-Finance, privileges: [ALL PRIVILEGES]}`), nil,
			"§ error group:AAD-Finance, a consumer of orders, gets ALL_PRIVILEGES on table silver_dev.sales.lines: consumers only read"},
		{"for a consumer, elsewhere, and for others", "", readers + unmarked(docs(grants("{gold}.hr", `{group: AAD-Finance, privileges: [ALL PRIVILEGES]}`),
			strings.Replace(grants("{gold}.sales", `{group: AAD-Team, privileges: [ALL PRIVILEGES]}`), "name: g}", "name: h}", 1))), nil, ""},
	})
}

func TestConsumersOfWholeSchemas(t *testing.T) {
	const orders = "consumers of orders read all that is and will be in "
	rule(t, "BG307", []ruling{
		{"from the product", "", strings.Replace(readers, "silver: [{schema: ", "silver: [{schema: §", 1), nil, "§ warn " + orders + "schema silver_dev.sales: name its tables and volumes"},
		{"past the product", "", strings.Replace(readers, ", layer: silver", "", 1) + grants("{gold}", `{group: AAD-Finance, privileges: [SELECT]}`), nil, "§ warn " + orders + "catalog gold_dev: name its tables and volumes"},
		{"the way through, a table, and those in an emergency", "  access: {emergency: {layers: [silver]}}\n",
			strings.Replace(readers, ", layer: silver", "", 1) + unmarked(docs(grants("{gold}.sales", `{group: AAD-Finance, privileges: [USE SCHEMA]}`),
				strings.Replace(grants("{gold}.sales.orders", `{group: AAD-Finance, privileges: [SELECT]}`), "name: g}", "name: h}", 1))), nil, ""},
	})
}
