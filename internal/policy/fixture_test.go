package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// project is a company with one environment.
const project = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {host: "https://accounts.example.com", id: "1"}}
  environments:
    dev:
      account: main
      suffix: _dev
      workspaces: {main: {host: "https://dev.example.com"}}
      catalogs: {bronze: bronze_dev, silver: silver_dev, gold: gold_dev}
  adoption: none
  owns: {groups: ["grp_*", "dp-*"], servicePrincipals: ["sp-*"], users: ["*@example.com"], catalogs: ["{bronze}", "{silver}", "{gold}"]}
  external: {groups: ["AAD-*"]}
  roles:
    platform_team: {group: grp_platform}
    privacy_team: {user: privacy@example.com}
    security_team: {user: security@example.com}
    vp_engineering: {anyOf: [{user: vp@example.com}, {user: deputy@example.com}]}
  access:
    emergency: {maxDuration: 24h, approvalWithin: 4h}
`

// market is the domain and the product that the entries of tests are about, in
// a.yaml. The entries stand at the end, from line 24 on.
const market = `apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: sales}
spec: {owners: [{user: owner@example.com}], approvers: [dana@example.com]}
---
apiVersion: brickgate.dev/v1
kind: Group
metadata: {name: grp_platform}
spec: {members: [{user: pat@example.com}, {user: late@example.com, from: 2026-02-01}]}
---
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: orders, domain: sales}
spec:
  owners: [{user: olga@example.com}]
  data:
    bronze: [{schema: sales}]
    silver: [{schema: sales}]
    gold:
      - {table: sales.orders}
      - {table: sales.customers, pii: true}
  ports: {finance: [sales.orders]}
  consumers:
`

// Parts of an entry about which no rule has anything to say.
const (
	reason    = `justification: "monthly revenue report"`
	granted   = `granted: 2026-01-10`
	expires   = `expires: 2026-12-31`
	signed    = `approvals: [` + byManager + `, ` + byOwner + `]`
	byOwner   = `{role: domain_owner, by: dana@example.com, at: 2026-01-10}`
	byManager = `{role: manager, by: jane@example.com, at: 2026-01-09}`
	attested  = `attestations: {training: true, policy: true, nda: true, sensitivity: true}`
)

// consumer writes an entry of the product's consumers, a line for each part.
func consumer(parts ...string) string { return "    - " + strings.Join(parts, "\n      ") + "\n" }

// today is the instant at which tests ask, unless they say another.
const today = "2026-03-01T12:00:00Z"

// repository writes files into a folder and loads it.
func repository(t testing.TB, files map[string]string) *spec.Repository {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
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

// input is what the rules see of a repository in its first environment.
func input(t testing.TB, repo *spec.Repository, now string) Input {
	t.Helper()
	env := repo.Project.Environments.Keys()[0]
	d, err := reconcile.Declare(repo, env)
	if err != nil {
		t.Fatalf("declare: %v", err)
	}
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		Project: d.Project, Env: d.Env, Catalogue: d.Catalogue, Now: at,
		Declared: d.Resources, Uses: d.Uses, Owned: d.Owned,
	}
}

// check asks the rules of the project.
func check(t testing.TB, in Input) []plan.Finding {
	t.Helper()
	rules, err := Compile(in.Project)
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	return rules.Check(in)
}

// aboutEntries are the codes of the rules about entries of consumers, but for
// BG215, which finds something in most of them.
var aboutEntries = []string{
	"BG201", "BG202", "BG203", "BG204", "BG205", "BG206", "BG207", "BG208", "BG209", "BG210", "BG211", "BG212", "BG213",
	"BG214", "BG216", "BG217", "BG220", "BG221", "BG222", "BG223", "BG301", "BG501",
}

// lines writes findings of the codes as tests spell them.
func lines(findings []plan.Finding, codes ...string) string {
	var b strings.Builder
	for _, f := range findings {
		if slices.Contains(codes, f.Code) {
			fmt.Fprintf(&b, "%s:%d %s %s: %s\n", f.Pos, f.Pos.Col, f.Level, f.Code, f.Message)
		}
	}
	return b.String()
}

func same(t testing.TB, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
