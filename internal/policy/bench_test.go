package policy

import (
	"fmt"
	"strings"
	"testing"
)

// productsOf50 is a company with products of 50 consumers each.
func productsOf50(products int) map[string]string {
	files := map[string]string{"brickgate.yaml": strings.Replace(project, "  access:\n", "  access:\n    timezone: Europe/Berlin\n", 1), "a.yaml": strings.TrimSuffix(market, "  consumers:\n")}
	for p := range products {
		var b strings.Builder
		fmt.Fprintf(&b, `apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: product-%03d, domain: sales}
spec:
  owners: [{user: olga@example.com}]
  data: {gold: [{schema: g%03d, pii: true}]}
  consumers:
`, p, p)
		for c := range 50 {
			parts := []string{
				fmt.Sprintf("user: person.%d@example.com", (p*7+c)%5000), "pii: true", granted, expires, attested, `minimisation: "ids only"`,
				fmt.Sprintf("justification: \"Reports for the quarterly business review, number %d\"", c),
				by("manager", "lead@example.com", "2026-01-09", "", "domain_owner", "owner@example.com", "2026-01-10", "", "privacy_team", "pat@example.com", "2026-01-10", "00000000"),
			}
			b.WriteString(consumer(parts...))
		}
		files[fmt.Sprintf("product-%03d.yaml", p)] = b.String()
	}
	return files
}

// BenchmarkCheck: all rules over 50,000 entries in force, each of which has a
// digest to be recomputed and findings: 0.9 s CPU on an EPYC.
func BenchmarkCheck(b *testing.B) {
	in := input(b, repository(b, productsOf50(1000)), today)
	rules, err := Compile(in.Project)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(rules.Check(in)); n < 50_000 {
			b.Fatalf("%d findings", n)
		}
	}
}
