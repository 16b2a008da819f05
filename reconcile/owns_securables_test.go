package reconcile_test

import (
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Patterns of owns.securables bring what they match into scope, declared or not,
// and no list is read that cannot hold any of it.
func TestOwnedSecurablesInCatalogs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ pattern, thing, lists string }{
		{`{type: catalog, name: "{silver}"}`, "catalog/silver_dev", "catalogs\n"},
		{`{type: schema, name: "{silver}.sales"}`, "schema/silver_dev.sales", "catalogs\nschemas\n"},
		{`{type: table, name: "{silver}.s*.*"}`, "table/silver_dev.sales.orders", "catalogs\nschemas\ntables\n"},
	} {
		l := newLab(t, world, with(project, `    catalogs: ["{silver}", "{gold}"]`, `    securables: [`+test.pattern+`]`), file(doc("Group", "grp_x", `{}`)))
		l.converge()
		l.change(func(st *sandbox.State) {
			for _, name := range []string{"silver_dev", "silver_dev.sales", "silver_dev.sales.orders", "gold_dev.sales"} {
				give(st, name, "group:grp_x_dev", "MANAGE")
			}
		})
		l.ResetRequests()
		l.want(`update grants@metastore/` + test.thing + ` group:grp_x_dev -MANAGE`)
		lists := ""
		for _, r := range l.Requests() {
			for _, name := range []string{"catalogs", "schemas", "tables", "volumes", "functions", "models"} {
				if r.Path == "/api/2.1/unity-catalog/"+name {
					lists += name + "\n"
				}
			}
		}
		same(t, test.pattern, test.lists, lists)
	}
}
