package consumer_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// project is a company with two environments, whose days are those of Berlin.
const project = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {}}
  environments:
    dev: {account: main, suffix: _dev, workspaces: {main: {}}, catalogs: {silver: silver_dev, gold: gold_dev}}
    prd: {account: main, suffix: _prd, workspaces: {main: {}}, catalogs: {silver: silver_prd, gold: gold_prd}}
  adoption: none
  owns: {groups: ["grp_*", "dp-*"], servicePrincipals: ["sp-*"], externalGroups: ["AAD-*"], catalogs: ["{silver}", "{gold}"]}
  external: {groups: ["AAD-*"]}
  roles: {privacy_team: {user: privacy@example.com}, vp_engineering: {user: vp@example.com}}
  access:
    timezone: Europe/Berlin
    consumerEnvironments: [prd]
    emergency: {approval: [vp_engineering]}
`

// market are the domains, and the product but for its entries.
const market = `apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: sales}
spec: {owners: [{user: owner@example.com}], contacts: [sales@example.com]}
---
apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: marketing}
spec: {owners: [{user: mona@example.com}, {user: mike@example.com}]}
---
apiVersion: brickgate.dev/v1
kind: ServicePrincipal
metadata: {name: sp-report}
spec: {applicationId: {prd: "bbbbbbbb-0000-4000-8000-000000000002"}, environments: [prd]}
---
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: orders, domain: sales}
spec:
  owners: [{user: owner@example.com}]
  data:
    silver: [{schema: sales}]
    gold: [{table: sales.orders}, {table: sales.customers, pii: true}]
  ports: {finance: [sales.orders]}
`

// case of a repository: the product with these lines more, and other documents.
type repository struct {
	product string
	access  string // lines under access
	docs    string
}

func (r repository) load(t testing.TB) *spec.Repository {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"brickgate.yaml": project + r.access, "orders.yaml": market + r.product, "more.yaml": r.docs} {
		if text == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return repo
}

func declare(t testing.TB, repo *spec.Repository, env string) *reconcile.Declared {
	t.Helper()
	declared, err := reconcile.Declare(repo, env)
	if err != nil {
		t.Fatalf("declare: %v", err)
	}
	return declared
}

// consumers wraps entries of consumers as lines of the product.
func consumers(entries ...string) string {
	return "  consumers:\n    - " + strings.Join(entries, "\n    - ") + "\n"
}

func doc(kind, name, spec string) string {
	return fmt.Sprintf("---\napiVersion: brickgate.dev/v1\nkind: %s\nmetadata: {name: %s}\nspec: %s\n", kind, name, spec)
}

func at(t testing.TB, instant string) time.Time {
	t.Helper()
	w, err := spec.ParseWhen(instant)
	if err != nil {
		t.Fatal(err)
	}
	return w.Start(time.UTC)
}

// input is the product in an environment; live are the members of its groups by
// role, nil where nobody was asked.
func input(t testing.TB, declared *reconcile.Declared, now time.Time, live map[string][]string) consumer.Input {
	t.Helper()
	in := consumer.Input{
		Project: declared.Project, Catalogue: declared.Catalogue, Product: declared.Catalogue.Product("orders"),
		Env: declared.Env.Name, Now: now, Principals: declared.Consumers,
	}
	if live == nil {
		return in
	}
	in.Groups = []consumer.Group{}
	for _, r := range declared.Resources {
		for _, l := range r.Labels {
			if role, ok := strings.CutPrefix(l, "role:"); ok && role != spec.RoleOwner && r.Key.Kind == "group" {
				in.Groups = append(in.Groups, consumer.Group{Role: role, Name: r.Key.Name, Members: plan.Set(live[role]), Claims: r.Claims})
			}
		}
	}
	return in
}

// written is a row as tests spell it.
func written(r consumer.Row) string {
	s := r.Principal + ": " + string(r.Status)
	if r.Live != "" {
		s += ", " + string(r.Live)
	}
	if r.Expires != "" {
		s += ", until " + r.Expires
	}
	if r.DaysLeft != nil {
		s += fmt.Sprintf(" (%d)", *r.DaysLeft)
	}
	if r.Ends != "" && r.Ends != "expired" {
		s += ", " + r.Ends
	}
	return s
}

func listed(rows []consumer.Row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(written(r) + "\n")
	}
	return b.String()
}

func same(t testing.TB, want, got string) {
	t.Helper()
	trim := func(s string) string {
		var out []string
		for l := range strings.Lines(strings.TrimSpace(s)) {
			out = append(out, strings.TrimSpace(l))
		}
		return strings.Join(out, "\n")
	}
	if d := cmp.Diff(trim(want), trim(got)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
