package reconcile_test

import (
	"strings"
	"testing"
	"time"
)

// TestAnAbsentWriter: absent takes away; it gives neither the product's data nor
// what the product uses.
func TestAnAbsentWriter(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	l.converge()
	contains(t, granted(l.State(), "gold_dev.sales.orders_daily"), "sp:spn_etl_dev=MODIFY,SELECT")
	l.put("sales.yaml", with(lakeFiles["sales.yaml"], "writers: [{servicePrincipal: spn_etl}]", "writers: [{servicePrincipal: spn_etl, absent: true}]"))
	l.converge()
	for _, name := range []string{"gold_dev.sales.orders_daily", "gold_dev.sales", "silver_dev.sales"} {
		if got := granted(l.State(), name); strings.Contains(got, "sp:spn_etl_dev=") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestEverybodyIsNoWriter: a product's data is not written by the whole account.
func TestEverybodyIsNoWriter(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, map[string]string{
		"sales.yaml": with(lakeFiles["sales.yaml"], "{servicePrincipal: spn_etl}]", "{group: account users}]"),
	})
	l.wantError(`the system group account users cannot write the data of a product`)
}

// TestAWriterWhoseTimeIsOver: what the product uses is read no longer either.
func TestAWriterWhoseTimeIsOver(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, map[string]string{"all.yaml": docs(lakeFiles["sales.yaml"], product("crm", "sales", `
  owners: [{group: grp_sales}]
  writers: [{servicePrincipal: spn_crm, expires: 2027-01-31}]
  data: {gold: [{schema: crm}]}
  uses: {gold: [{table: sales.orders_daily, expires: 2027-03-31}]}
`), doc("ServicePrincipal", "spn_crm", "{}"))})
	l.converge()
	contains(t, granted(l.State(), "gold_dev.sales.orders_daily"), "sp:spn_crm_dev=SELECT", "group:dp-sales-crm-owner_dev=SELECT")
	l.now = time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)
	l.converge()
	if got := granted(l.State(), "gold_dev.sales.orders_daily"); strings.Contains(got, "spn_crm") || !strings.Contains(got, "crm-owner") {
		t.Error(got)
	}
}
