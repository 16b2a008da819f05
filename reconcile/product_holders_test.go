package reconcile_test

import (
	"strings"
	"testing"
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
