package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// TestAProductMoves: its groups are renamed, so that members and grants stay.
func TestAProductMoves(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	l.converge()
	before := l.State()
	moved := with(lakeFiles["sales.yaml"], "{name: sales-orders, domain: sales}", "{name: orders, domain: supply}",
		"  owners: [{group: grp_sales}]\n  writers", "  previously: [{name: sales-orders, domain: sales}]\n  owners: [{group: grp_sales}]\n  writers")
	l.put("sales.yaml", moved+doc("Domain", "supply", salesDomain))
	_, p := l.plan()
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Key.Kind != "group" || !strings.HasPrefix(c.Reason, "renamed from dp-sales-orders-") {
			t.Errorf("%s %s: %s", c.Action, c.Key, c.Reason)
		}
	}
	l.converge()
	after := l.State()
	same(t, "members", members(before, "dp-sales-orders-consumer_dev"), members(after, "dp-supply-orders-consumer_dev"))
	same(t, "grants", strings.ReplaceAll(granted(before, "gold_dev.sales.orders_daily"), "dp-sales-", "dp-supply-"), granted(after, "gold_dev.sales.orders_daily"))
}

// TestASyncedGroup: grants only; its members come from the identity provider.
func TestASyncedGroup(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, map[string]string{"sales.yaml": with(lakeFiles["sales.yaml"],
		"  ports:", "  groups: {consumer: {name: AAD-Finance, environmentSuffix: false, source: external, externalId: ext-finance}}\n  ports:",
		`    - {group: AAD-Finance, port: finance, ticket: RITM1, granted: 2026-01-10, expires: 2026-12-31}`+"\n", "")})
	l.change(func(st *sandbox.State) { join(st, "AAD-Finance", "user:mallory@example.com") })
	run, p := l.plan()
	for i := range p.Changes {
		if p.Changes[i].Key.Name == "AAD-Finance" {
			t.Errorf("the synced group is changed: %s", show(p))
		}
	}
	got, known := run.Members("group:AAD-Finance")
	if !known || strings.Join(got, " ") != "user:mallory@example.com" {
		t.Errorf("members %v, %v", got, known)
	}
	l.converge()
	contains(t, granted(l.State(), "gold_dev.sales.orders_daily"), "group:AAD-Finance=SELECT")
	same(t, "members", "user:mallory@example.com", members(l.State(), "AAD-Finance"))
}

// TestUses: who builds a product reads what it is built of.
func TestUses(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, map[string]string{"all.yaml": docs(lakeFiles["sales.yaml"], product("crm", "sales", `
  owners: [{group: grp_sales}]
  writers: [{servicePrincipal: spn_crm}]
  data: {gold: [{schema: crm}]}
  uses:
    gold: [{table: sales.orders_daily, justification: "joins", expires: 2027-01-31, approvals: [{role: domain_owner, by: dana@example.com, at: 2026-02-01}]}]
`), doc("ServicePrincipal", "spn_crm", "{}"))})
	l.converge()
	contains(t, granted(l.State(), "gold_dev.sales.orders_daily"), "group:dp-sales-crm-owner_dev=SELECT", "sp:spn_crm_dev=SELECT")
	contains(t, granted(l.State(), "gold_dev.sales"), "group:dp-sales-crm-owner_dev=USE_SCHEMA", "sp:spn_crm_dev=USE_SCHEMA")
	if strings.Contains(granted(l.State(), "gold_dev.sales.customers"), "crm") {
		t.Error("who uses one table reads another")
	}
}

// TestTwoProductsInOneSchema: each has its tables, and the way there once.
func TestTwoProductsInOneSchema(t *testing.T) {
	split := with(lakeFiles["sales.yaml"], "      - {table: sales.customers, pii: true}\n", "",
		"    - {user: carol@example.com, pii: true, justification: \"privacy check\", granted: 2026-11-01, expires: 2026-12-31}\n", "")
	l := newLab(t, lakeWorld, lakeProject, map[string]string{"all.yaml": docs(split, product("customers", "sales", `
  owners: [{group: grp_sales}]
  writers: [{servicePrincipal: spn_etl}]
  data: {gold: [{table: sales.customers}]}
  consumers: [{group: AAD-Finance, justification: x, granted: 2026-11-01}]
`))})
	_, p := l.plan()
	for i := range p.Changes {
		for _, d := range p.Changes[i].Deltas() {
			seen := map[string]bool{}
			for _, v := range d.Added {
				if seen[v] {
					t.Errorf("%s: %s %s twice", p.Changes[i].Key, d.Field, v)
				}
				seen[v] = true
			}
		}
	}
	l.converge()
	if strings.Contains(granted(l.State(), "gold_dev.sales.customers"), "sales-orders-consumer") {
		t.Error("consumers of one product read a table of the other")
	}
}

// TestWhoReadsWhat: silver that is for every consumer is for those of gold, and for
// no port; bronze has no group; what a port names in a schema of personal data is
// personal.
func TestWhoReadsWhat(t *testing.T) {
	project := with(lakeProject, "  roles:", "  layers: {silver: {consumers: read}, bronze: {consumers: none}}\n  roles:", "catalogs: {silver", "catalogs: {bronze: bronze_dev, silver")
	product := with(lakeFiles["sales.yaml"], "    silver: [{schema: sales}]\n", "    silver: [{schema: sales}]\n    bronze: [{table: sales.raw, environments: [dev]}]\n",
		"      - {volume: sales.exports}\n", "      - {volume: sales.exports}\n      - {schema: crm, pii: true}\n",
		"finance: [sales.orders_daily]", "finance: [sales.orders_daily, crm.customer_360]",
		"{user: bob@example.com, layer: silver,", "{user: bob@example.com, layer: bronze,")
	l := newLab(t, lakeWorld, with(project, `catalogs: ["{silver}", "{gold}"]`, `catalogs: ["{bronze}", "{silver}", "{gold}"]`), map[string]string{"sales.yaml": product})
	d, err := reconcile.Declare(l.repository(), l.env)
	if err != nil {
		t.Fatal(err)
	}
	readers := func(securable string) string {
		var out []string
		for _, r := range d.Resources {
			for _, c := range r.Claims {
				if r.Key.Name == securable && c.Value == "SELECT" && strings.Contains(c.Field, "consumer") {
					out = append(out, strings.TrimPrefix(c.Field, "group:dp-sales-orders-"))
				}
			}
		}
		return strings.Join(plan.Set(out), " ")
	}
	same(t, "silver", "consumer_dev pii-consumer_dev", readers("schema/silver_dev.sales"))
	same(t, "the port", "consumer_dev finance-consumer_dev pii-consumer_dev", readers("table/gold_dev.sales.orders_daily"))
	same(t, "the port's personal data", "", readers("table/gold_dev.crm.customer_360"))
	for _, r := range d.Resources {
		if strings.Contains(r.Key.Name, "bronze-consumer") {
			t.Errorf("there is %s", r.Key)
		}
	}
}
