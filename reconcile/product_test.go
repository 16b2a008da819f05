package reconcile_test

import (
	"strings"
	"testing"
)

// lakeWorld is the world with the data of two products.
var lakeWorld = with(world, "  - {type: schema, name: gold_dev.sales}\n", `  - {type: schema, name: gold_dev.sales}
  - {type: table, name: gold_dev.sales.orders_daily}
  - {type: table, name: gold_dev.sales.customers}
  - {type: volume, name: gold_dev.sales.exports}
  - {type: schema, name: gold_dev.crm}
  - {type: table, name: gold_dev.crm.customer_360}
`)

// lakeProject is the Project with derived groups, roles and a single layer less.
var lakeProject = with(project, `groups: ["grp_*"]`, `groups: ["grp_*", "dp-*"]`,
	"  adoption: none", `  roles:
    data_steward: {group: AAD-Auditors}
    privacy_team: {group: AAD-Auditors}
  access:
    emergency: {approval: [privacy_team], mayStart: [privacy_team], layers: [silver, gold]}
  adoption: none`)

const salesDomain = `{owners: [{group: grp_sales}], approvers: [dana@example.com], contacts: [sales@example.com]}`

const salesOrders = `
  owners: [{group: grp_sales}]
  writers: [{servicePrincipal: spn_etl}]
  data:
    silver: [{schema: sales}]
    gold:
      - {table: sales.orders_daily}
      - {table: sales.customers, pii: true}
      - {volume: sales.exports}
  ports: {finance: [sales.orders_daily]}
  consumers:
    - {user: alice@example.com, justification: "Q1 campaign", granted: 2026-01-10, expires: 2026-12-31}
    - {group: AAD-Finance, port: finance, ticket: RITM1, granted: 2026-01-10, expires: 2026-12-31}
    - {user: bob@example.com, layer: silver, justification: "debugging", granted: 2026-11-01, expires: 2026-12-31}
    - {user: carol@example.com, pii: true, justification: "privacy check", granted: 2026-11-01, expires: 2026-12-31}
    - {user: bob@example.com, justification: "was here", granted: 2026-01-01, expires: 2026-03-31}
`

func product(name, domain, spec string) string {
	return strings.Replace(doc("Product", name, spec), "{name: "+name+"}", "{name: "+name+", domain: "+domain+"}", 1)
}

var lakeFiles = map[string]string{
	"sales.yaml": docs(
		doc("Domain", "sales", salesDomain),
		doc("Group", "grp_sales", "{members: [{user: bob@example.com}]}"),
		doc("ServicePrincipal", "spn_etl", "{applicationId: aaaaaaaa-0000-4000-8000-000000000001}"),
		product("sales-orders", "sales", salesOrders),
	),
}

// TestProductExpands: contract items 31-36, 39, 41, 43, 44, 48: from one document
// to groups, members and grants, on the narrowest securables, with the USE path.
func TestProductExpands(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	_, p := l.plan()
	same(t, "groups", lines(`
		create group@account/dp-sales-orders-consumer_dev member +user:alice@example.com
		create group@account/dp-sales-orders-emergency_dev
		create group@account/dp-sales-orders-finance-consumer_dev member +group:AAD-Finance
		create group@account/dp-sales-orders-owner_dev member +group:grp_sales_dev
		create group@account/dp-sales-orders-pii-consumer_dev member +user:carol@example.com
		create group@account/dp-sales-orders-silver-consumer_dev member +user:bob@example.com
		create group@account/grp_sales_dev member +user:bob@example.com
	`), sorted(only(show(p), "create")))
	l.converge()
	state := l.State()
	for name, want := range map[string]string{
		"gold_dev": `group:AAD-Auditors=USE_CATALOG group:dp-sales-orders-consumer_dev=USE_CATALOG group:dp-sales-orders-emergency_dev=USE_CATALOG
			group:dp-sales-orders-finance-consumer_dev=USE_CATALOG group:dp-sales-orders-owner_dev=USE_CATALOG group:dp-sales-orders-pii-consumer_dev=USE_CATALOG
			sp:spn_etl_dev=USE_CATALOG`,
		"gold_dev.sales": `group:AAD-Auditors=USE_SCHEMA group:dp-sales-orders-consumer_dev=USE_SCHEMA group:dp-sales-orders-emergency_dev=USE_SCHEMA
			group:dp-sales-orders-finance-consumer_dev=USE_SCHEMA group:dp-sales-orders-owner_dev=USE_SCHEMA group:dp-sales-orders-pii-consumer_dev=USE_SCHEMA
			sp:spn_etl_dev=CREATE_TABLE,CREATE_VOLUME,USE_SCHEMA`,
		"gold_dev.sales.orders_daily": `group:AAD-Auditors=SELECT group:dp-sales-orders-consumer_dev=SELECT group:dp-sales-orders-emergency_dev=SELECT
			group:dp-sales-orders-finance-consumer_dev=SELECT group:dp-sales-orders-owner_dev=ALL_PRIVILEGES group:dp-sales-orders-pii-consumer_dev=SELECT
			sp:spn_etl_dev=MODIFY,SELECT`,
		"gold_dev.sales.customers": `group:dp-sales-orders-emergency_dev=SELECT group:dp-sales-orders-owner_dev=ALL_PRIVILEGES
			group:dp-sales-orders-pii-consumer_dev=SELECT sp:spn_etl_dev=MODIFY,SELECT`,
		"silver_dev": `group:dp-sales-orders-emergency_dev=USE_CATALOG group:dp-sales-orders-owner_dev=USE_CATALOG
			group:dp-sales-orders-silver-consumer_dev=USE_CATALOG sp:spn_etl_dev=USE_CATALOG`,
		"silver_dev.sales": `group:dp-sales-orders-emergency_dev=EXECUTE,READ_VOLUME,SELECT,USE_SCHEMA group:dp-sales-orders-owner_dev=ALL_PRIVILEGES
			group:dp-sales-orders-silver-consumer_dev=EXECUTE,READ_VOLUME,SELECT,USE_SCHEMA
			sp:spn_etl_dev=CREATE_TABLE,CREATE_VOLUME,EXECUTE,MODIFY,READ_VOLUME,SELECT,USE_SCHEMA,WRITE_VOLUME`,
		"gold_dev.crm": "",
	} {
		same(t, name, strings.Join(strings.Fields(want), " "), granted(state, name))
	}
}

// only are the lines that begin in one way.
func only(text, prefix string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			b.WriteString(line)
		}
	}
	return b.String()
}
