package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// The estate of the benchmark: a made-up company with a thousand products.
const (
	estateProducts  = 1000
	estateConsumers = 50 // of each product
)

const estateProject = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: estate}
spec:
  accounts: {main: {}}
  environments:
    prd:
      account: main
      workspaces: {main: {unityCatalog: true}}
      catalogs: {bronze: bronze, silver: silver, gold: gold}
  owns:
    groups: ["dp-*", "grp_*"]
    users: ["*@example.com"]
    catalogs: ["{bronze}", "{silver}", "{gold}"]
  external: {groups: ["AAD-*"]}
  roles:
    data_steward: {group: AAD-Stewards}
    privacy_team: {group: AAD-Privacy}
    security_team: {group: AAD-Security}
  adoption: none
---
apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: sales}
spec: {owners: [{group: AAD-Sales}], approvers: [dana@example.com]}
`

// writeEstate writes the repository; its size is told in bytes.
func writeEstate(tb testing.TB, dir string) int {
	tb.Helper()
	size := 0
	write := func(name, text string) {
		size += len(text)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	write("brickgate.yaml", estateProject)
	var b strings.Builder
	for p := range estateProducts {
		b.Reset()
		fmt.Fprintf(&b, `apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: product-%03d, domain: sales}
spec:
  description: A product of the estate
  owners: [{group: AAD-Owners-%03d}]
  data:
    silver: [{schema: s%03d}]
    gold:
      - {table: g%03d.facts}
      - {table: g%03d.people, pii: true}
  consumers:
`, p, p, p, p, p)
		for c := range estateConsumers {
			fmt.Fprintf(&b, `    - user: person.%d@example.com
      justification: "Reports for the quarterly business review, number %d"
      granted: 2026-01-10
      expires: 2026-12-31
      approvals:
        - {role: manager, by: lead@example.com, at: 2026-01-09}
        - {role: domain_owner, by: dana@example.com, at: 2026-01-10}
      attestations: {training: true, policy: true, nda: true, sensitivity: true}
`, (p*7+c)%5000, c)
		}
		write(fmt.Sprintf("product-%03d.yaml", p), b.String())
	}
	return size
}

// compileEstate is what validate does with it, and the fold that a plan adds.
func compileEstate(tb testing.TB, dir string) (facts, findings int) {
	tb.Helper()
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		tb.Fatal(err)
	}
	rules, err := policy.Compile(repo.Project)
	if err != nil {
		tb.Fatal(err)
	}
	declared, err := reconcile.Declare(repo, "prd")
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	findings = len(rules.Check(policyInput(declared, now)))
	state, conflicts := plan.Fold(slices.Clone(declared.Resources), now)
	if len(conflicts) > 0 {
		tb.Fatal(conflicts)
	}
	for _, r := range state.All() {
		facts += r.Facts()
	}
	runtime.KeepAlive(repo)
	return facts, findings
}
