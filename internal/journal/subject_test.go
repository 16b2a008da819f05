package journal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

func change(kind, target, name string, field string, values ...string) plan.Change {
	return plan.Change{Key: plan.Key{Kind: kind, Target: target, Name: name}, Action: plan.Update, After: []plan.Field{{Name: field, Values: values}}}
}

// TestWhoeverIsAskedFor: a principal by what it gets, what it is in and what it
// is; an object by its name, with or without its type.
func TestWhoeverIsAskedFor(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(),
		change("group", "account", "readers", "member", "user:alice@example.com", "user:bob@example.com"),
		change("grants", "metastore", "schema/gold.sales", "group:readers", "SELECT", "USE_SCHEMA"),
		change("grants", "metastore", "table/gold.sales", "user:alice@example.com", "SELECT"),
		change("entitlements", "main", "group:readers", "entitlement", "workspace-access"),
		change("permissions", "main", "clusters/etl", "sp:readers", "CAN_MANAGE"),
		change("permissions", "main", "notebooks//Users/alice@example.com/x", "group:readers", "CAN_READ"),
		change("servicePrincipal", "account", "etl", "active", "true"),
		create("empty"),
	)
	log := read(t, contents(t, path))
	for asked, want := range map[string]string{
		"Alice@Example.com":                    "readers: user:alice@example.com; table/gold.sales: SELECT",
		"user:alice@example.com":               "readers: user:alice@example.com; table/gold.sales: SELECT",
		"group:readers":                        "readers: user:alice@example.com user:bob@example.com; schema/gold.sales: SELECT USE_SCHEMA; group:readers: workspace-access; notebooks//Users/alice@example.com/x: CAN_READ",
		"sp:readers":                           "clusters/etl: CAN_MANAGE",
		"servicePrincipal:etl":                 "etl: true",
		"etl":                                  "clusters/etl: CAN_MANAGE; etl: true",
		"clusters:etl":                         "clusters/etl: CAN_MANAGE",
		"warehouses:etl":                       "",
		"Gold.Sales":                           "schema/gold.sales: SELECT USE_SCHEMA; table/gold.sales: SELECT",
		"schema:gold.sales":                    "schema/gold.sales: SELECT USE_SCHEMA",
		"/Users/alice@example.com/x":           "notebooks//Users/alice@example.com/x: CAN_READ",
		"notebooks:/Users/alice@example.com/x": "notebooks//Users/alice@example.com/x: CAN_READ",
		"empty":                                "empty:",
		"alice":                                "",
		"group:Readers":                        "",
	} {
		var got []string
		for _, o := range log.Find(journal.Filter{Subject: journal.ParseSubject(asked)}) {
			values := []string{o.Intent.Name + ":"}
			for _, f := range o.Intent.Added {
				values = append(values, f.Value)
			}
			got = append(got, strings.Join(values, " "))
		}
		if diff := cmp.Diff(want, strings.Join(got, "; ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", asked, diff)
		}
	}
	if n := len(log.Find(journal.Filter{})); n != 8 {
		t.Errorf("%d of 8 operations without a question", n)
	}
}
