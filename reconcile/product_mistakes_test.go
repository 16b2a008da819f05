package reconcile_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestProductMistakes: each is told with its place and what is allowed, and
// nothing is written.
func TestProductMistakes(t *testing.T) {
	consumer := func(entry string) map[string]string { return consumersOf("    - " + entry + "\n") }
	crm := func(spec string) map[string]string {
		return map[string]string{"sales.yaml": lakeFiles["sales.yaml"], "crm.yaml": product("crm", "sales", spec)}
	}
	edited := func(oldnew ...string) map[string]string {
		return map[string]string{"sales.yaml": with(lakeFiles["sales.yaml"], oldnew...)}
	}
	for name, c := range map[string]struct {
		files map[string]string
		says  []string
	}{
		"the same access twice": {
			consumer("{user: alice@example.com, justification: x, granted: 2026-01-01}\n    - {user: Alice@example.com, justification: again, granted: 2026-06-01}"),
			[]string{"sales.yaml:38:7: user:alice@example.com has consumer access to sales-orders at sales.yaml:37:7 already, for the same time"},
		},
		"wanted and absent": {
			consumer("{user: alice@example.com, justification: x, granted: 2026-01-01}\n    - {user: alice@example.com, absent: true}"),
			[]string{"sales.yaml:38:7: user:alice@example.com has consumer access"},
		},
		"no data": {
			edited(strings.Split(lakeFiles["sales.yaml"][strings.Index(lakeFiles["sales.yaml"], "  data:"):], "  ports:")[0], "  data: {gold: []}\n",
				"    - {user: bob@example.com, layer: silver, justification: \"debugging\", granted: 2026-11-01, expires: 2026-12-31}\n", ""),
			[]string{"a product without data"},
		},
		"an unknown layer of data":   {edited("    silver: [{schema", "    platinum: [{schema"), []string{`unknown layer "platinum"`, "known: bronze, gold, silver"}},
		"an unknown layer of entry":  {consumer("{user: alice@example.com, layer: platinum, justification: x, granted: 2026-01-01}"), []string{`sales.yaml:37:`, `unknown layer "platinum"`}},
		"a layer without data":       {consumer("{user: alice@example.com, layer: bronze, justification: x, granted: 2026-01-01}"), []string{"no data in layer bronze; it has some in silver, gold"}},
		"an unknown domain of entry": {consumer("{domain: marketng, justification: x, granted: 2026-01-01}"), []string{`sales.yaml:37:`, `unknown domain "marketng" (did you mean "marketing"?)`}},
		"an approval that ran out":   {consumer("{user: alice@example.com, access: temporary, justification: x, granted: 2026-06-01, approvals: [{role: domain_owner, by: dana@example.com, at: 2026-04-01}]}"), []string{"the approval of domain_owner carries temporary access for 30d, and has run out when it begins on 2026-06-01"}},
		"an end of what goes on":     {edited("  writers:", "  retiresOn: 2027-01-01\n  writers:"), []string{"retiresOn goes with status: retired"}},
		"deprecated and active":      {edited("  writers:", "  deprecatedOn: 2027-01-01\n  writers:"), []string{"deprecatedOn goes with status: deprecated"}},
		"a former name in use":       {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + product("crm", "sales", "{previously: [{name: sales-orders}], owners: [{group: grp_sales}], data: {gold: [{schema: crm}]}}")}, []string{"product sales-orders is still declared at sales.yaml:19:18"}},
		"a revocation by nobody":     {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("AccessRequest", "REQ-1", "{product: sales-orders, consumer: {user: a@example.com}, requested: 2026-01-20, status: denied, denied: {by: dana, at: 2026-01-01, reason: data-quality}}")}, []string{`"dana" is not an e-mail`, "decided on 2026-01-01, before it was requested on 2026-01-20"}},
		"an id of another plane":     {edited("  ports:", "  groups: {consumer: {externalId: \"1\"}}\n  ports:"), []string{"externalId goes with source: external"}},
		"an unknown port":            {consumer("{user: alice@example.com, port: hr, justification: x, granted: 2026-01-01}"), []string{`unknown port "hr"; known: finance`}},
		"tables of no port":          {consumer("{user: alice@example.com, tables: [sales.exports], justification: x, granted: 2026-01-01}"), []string{"no port of just these tables", "finance sales.orders_daily"}},
		"no date":                    {consumer("{user: alice@example.com, justification: x, granted: soon}"), []string{`"soon" is neither a date`}},
		"an end before its start":    {consumer("{user: alice@example.com, justification: x, granted: 2026-06-01, expires: 2026-05-01}"), []string{"expires 2026-05-01, before it was granted on 2026-06-01"}},
		"no end at all":              {consumer("{user: alice@example.com, justification: x}"), []string{"nobody can tell when the access of user:alice@example.com ends"}},
		"personal data for a domain": {
			consumer("{domain: marketing, pii: true, justification: x, granted: 2026-06-01}"), []string{"a domain cannot be given personal data"}},
		"an unknown domain":          {edited("domain: sales}", "domain: slaes}"), []string{`unknown domain "slaes" (did you mean "sales"?)`}},
		"a domain without owners":    {edited("owners: [{group: grp_sales}], approvers", "approvers"), []string{`the field "owners" is missing`}},
		"an unknown consumer":        {consumer("{group: grp_nobody, justification: x, granted: 2026-06-01}"), []string{`unknown group "grp_nobody"`}},
		"an unknown product":         {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("AccessRequest", "REQ-1", "{product: sales-order, consumer: {user: a@example.com}, requested: 2026-01-01, status: pending}")}, []string{`unknown product "sales-order" (did you mean "sales-orders"?)`}},
		"a role that there is not":   {consumer("{user: alice@example.com, justification: x, granted: 2026-06-01, approvals: [{role: boss, by: a@example.com, at: 2026-01-01}]}"), []string{`unknown role "boss"`}},
		"data of another product":    {crm("{owners: [{group: grp_sales}], data: {gold: [{table: sales.orders_daily}]}}"), []string{"crm.yaml:5:60: table gold_dev.sales.orders_daily is listed", "sales.yaml:27:17: table gold_dev.sales.orders_daily belongs to product crm"}},
		"a table in its schema":      {crm("{owners: [{group: grp_sales}], data: {silver: [{table: sales.orders}]}}"), []string{"crm.yaml:5:62:", "is in the schema silver_dev.sales", "sales.yaml:25:23:", "holds silver_dev.sales.orders"}},
		"personal data in a schema":  {edited("      - {volume: sales.exports}", "      - {schema: sales}"), []string{"holds personal data and is in the schema"}},
		"use of nobody's data":       {crm("{owners: [{group: grp_sales}], data: {gold: [{schema: crm}]}, uses: {gold: [{table: hr.people}]}}"), []string{"is no data of any product"}},
		"use of its own data":        {crm("{owners: [{group: grp_sales}], data: {gold: [{schema: crm}]}, uses: {gold: [{table: crm.customer_360}]}}"), []string{"is data of the product itself"}},
		"two products of one name":   {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + product("orders", "sales", "{owners: [{group: grp_sales}], data: {gold: [{schema: crm}]}}")}, []string{"sales.yaml:40:18: the consumer group of product orders has the name dp-sales-orders-consumer_dev, like the consumer group of product sales-orders at sales.yaml:19:18", "sales.yaml:19:18: the consumer group of product sales-orders"}},
		"a derived group, declared":  {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("Group", "dp-sales-orders-consumer", "{members: []}")}, []string{"Group dp-sales-orders-consumer has the name"}},
		"a role of a product":        {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("Group", "grp_x", "{members: [{product: sales-orders, role: reader}]}")}, []string{`no group of the role "reader"`, "known: "}},
		"an emergency by the day":    {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("EmergencyAccess", "INC-1", "{product: sales-orders, consumer: {user: a@example.com}, layers: [gold], startedBy: a@example.com, from: 2026-01-01, until: 2026-01-02}")}, []string{"2026-01-01 is a day; emergency access is counted in hours"}},
		"an emergency too deep":      {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("EmergencyAccess", "INC-1", "{product: sales-orders, consumer: {user: a@example.com}, layers: [bronze], startedBy: a@example.com, from: 2026-01-01T00:00:00Z, until: 2026-01-01T02:00:00Z}")}, []string{`unknown layer of emergency access "bronze"`}},
		"a denial without reason":    {map[string]string{"sales.yaml": lakeFiles["sales.yaml"] + doc("AccessRequest", "REQ-1", "{product: sales-orders, consumer: {user: a@example.com}, requested: 2026-01-01, status: denied}")}, []string{"status: denied and denied: go together"}},
		"a catalog of another layer": {edited("{volume: sales.exports}", "{volume: silver_dev.sales.exports}"), []string{"catalog silver_dev is none of layer gold in environment dev: gold_dev"}},
		"a port of other data":       {edited("finance: [sales.orders_daily]", "finance: [crm.customer_360]"), []string{"port finance: table gold_dev.crm.customer_360 is not among the gold data"}},
		"a port of another layer":    {consumer("{user: alice@example.com, layer: silver, port: finance, justification: x, granted: 2026-01-01}"), []string{"ports are of the gold layer"}},
		"a port like personal data":  {edited("ports: {finance:", "ports: {pii:", "port: finance", "port: pii"), []string{"sales.yaml:30:11: port pii would share the group of the role pii-consumer with personal data"}},
		"a port like a layer":        {edited("ports: {finance:", "ports: {silver:", "port: finance", "port: silver"), []string{"sales.yaml:30:11: port silver would share the group of the role silver-consumer with layer silver"}},
		"a port like another's pii":  {edited("ports: {finance: [sales.orders_daily]", "ports: {finance: [sales.orders_daily], finance-pii: [sales.orders_daily]"), []string{"port finance-pii would share the group of the role finance-pii-consumer with port finance"}},
		"a group that is not there":  {edited("  ports:", "  groups: {consumers: {source: external}}\n  ports:"), []string{`sales.yaml:30:12: product sales-orders: unknown role of a group "consumers" (did you mean "consumer"?); known: bronze-consumer, bronze-pii-consumer, consumer, emergency, finance-consumer`}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, lakeWorld, lakeProject, c.files)
			l.wantError(c.says...)
		})
	}
}

// TestProductMistakesComeTogether: one round shows what is wrong in all files.
func TestProductMistakesComeTogether(t *testing.T) {
	files := consumersOf("    - {user: alice@example.com, port: hr, justification: x, granted: 2026-06-01}\n    - {group: grp_nobody, justification: x, granted: 2026-06-01}\n",
		doc("AccessRequest", "REQ-1", "{product: nothing, consumer: {user: a@example.com}, requested: 2026-01-01, status: pending}"))
	l := newLab(t, lakeWorld, lakeProject, files)
	err := l.planError()
	if n := strings.Count(err, "sales.yaml:"); n != 3 {
		t.Error(fmt.Sprintf("%d mistakes, want 3:\n", n) + err)
	}
}
