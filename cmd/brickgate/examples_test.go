package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// called runs the program in this process.
func called(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(""), &stdout, &stderr})
	return code, stdout.String(), stderr.String()
}

func exampleNames(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestExamples applies every environment of every example, without a waiver.
// Violations are what they are; they have tests of their own.
func TestExamples(t *testing.T) {
	inEveryExample(t, func(name string) bool { return name != "violations" }, convergesAtOnce)
}

// inEveryExample tests each environment of the examples of these names, each example in
// a copy.
func inEveryExample(t *testing.T, of func(name string) bool, test func(t *testing.T, dir, env string)) {
	for _, name := range exampleNames(t) {
		if !of(name) {
			continue
		}
		dir := filepath.Join(t.TempDir(), name)
		if err := copyExample(name, dir); err != nil {
			t.Fatal(err)
		}
		repo, err := spec.Load(dir, reconcile.SpecKinds())
		if err != nil {
			t.Fatal(err)
		}
		for _, env := range repo.Project.Environments.Keys() {
			t.Run(name+"/"+env, func(t *testing.T) { test(t, dir, env) })
		}
	}
}

func convergesAtOnce(t *testing.T, dir, env string) {
	if code, out, errs := called(t, "validate", dir, "--env", env); code != exitOK || errs != "" {
		t.Fatalf("validate: exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := called(t, "plan", "--sandbox", "--env", env, "--detailed-exitcode", dir); code != exitChanges {
		t.Fatalf("the first plan: exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := called(t, "apply", "--sandbox", "--yes", "--env", env, dir); code != exitOK {
		t.Fatalf("apply: exit code %d\n%s%s", code, out, errs)
	}
	if code, out, errs := called(t, "plan", "--sandbox", "--env", env, "--detailed-exitcode", dir); code != exitOK {
		t.Errorf("the plan after apply: exit code %d\n%s%s", code, out, errs)
	}
}

// TestTheLakehouseShowsWhatThereIs keeps every feature that the example is for.
func TestTheLakehouseShowsWhatThereIs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lakehouse")
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	code, out, errs := called(t, "plan", "--sandbox", "--env", "dev", "-o", "json", dir)
	if code != exitOK {
		t.Fatal(code, errs)
	}
	plan := flatten(t, out)
	for what, pattern := range map[string]string{
		"a native group with two users and a service principal": `group account grp_data_engineering_dev update .*user:bob@`,
		"two entitlements":                      `entitlements main group:grp_business_intelligence_dev .*databricks-sql-access.*workspace-access`,
		"an external group with an entitlement": `entitlements main group:Cloud-Databricks-Admins .*workspace-access`,
		"a cluster ACL":                         `permissions main clusters/shared-etl `,
		"the ACL of a job":                      `permissions main jobs/sales-etl `,
		"the ACL of a warehouse":                `permissions main warehouses/bi `,
		"the ACL of a folder":                   `permissions main directories/Shared/sales `,
		"the ACL of a dashboard":                `permissions main dashboards/`,
		"a nested group":                        `group account grp_business_intelligence_dev .*member \+group:grp_sales_analytics_dev`,
		"an instance profile":                   `roles account group:grp_data_engineering_dev .*instance-profile`,
		"grants on a catalog":                   `grants metastore catalog/gold_dev `,
		"grants on a schema":                    `grants metastore schema/gold_dev.sales `,
		"grants on a table":                     `grants metastore table/gold_dev.sales`,
		"grants on a volume":                    `grants metastore volume/gold_dev.sales`,
		"an owner":                              `owner metastore schema/silver_dev.sales `,
		"a rename":                              `group account grp_business_intelligence_dev update .*-grp_bi_team_dev`,
		"a Removed group":                       `group account grp_old_reporting_dev delete`,
		"an expired member":                     `group account grp_data_engineering_dev .*-user:carol@example.com until`,
		"drift":                                 `group account grp_data_engineering_dev .*-user:mallory@example.com`,
		"an unmanaged group":                    `unmanaged group account grp_hackathon_dev`,
	} {
		if !regexp.MustCompile(`(?m)^` + pattern).MatchString(plan) {
			t.Errorf("the lakehouse shows no %s:\n%s", what, plan)
		}
	}
}

// flatten writes a plan's JSON as one line a change.
func flatten(t *testing.T, text string) string {
	t.Helper()
	type value struct {
		Value string
		Why   []struct{ At, Until string }
	}
	type key struct{ Kind, Target, Name string }
	var p struct {
		Changes []struct {
			key
			Action string
			Fields []struct {
				Name           string
				Added, Removed []value
			}
		}
		Unmanaged []key
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	write := func(sign string, values []value) {
		for _, v := range values {
			b.WriteString(" " + sign + v.Value)
			if len(v.Why) > 0 && v.Why[0].Until != "" {
				b.WriteString(" until " + v.Why[0].Until)
			}
		}
	}
	for _, c := range p.Changes {
		b.WriteString(c.Kind + " " + c.Target + " " + c.Name + " " + c.Action)
		for _, f := range c.Fields {
			b.WriteString(" " + f.Name)
			write("+", f.Added)
			write("-", f.Removed)
		}
		b.WriteString("\n")
	}
	for _, u := range p.Unmanaged {
		b.WriteString("unmanaged " + u.Kind + " " + u.Target + " " + u.Name + "\n")
	}
	return b.String()
}

// TestTheLakehouseProject holds the example against what strangers who point it
// at an account of their own rely on.
func TestTheLakehouseProject(t *testing.T) {
	dir := filepath.Join("..", "..", "examples", "lakehouse")
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	p := repo.Project
	if n := len(p.Environments.Entries); n != 3 || len(p.Accounts.Entries) != 1 {
		t.Errorf("%d environments on %d accounts, want 3 on 1", n, len(p.Accounts.Entries))
	}
	if a := p.Accounts.Entries[0].Value; a.Host.Value+a.ID.Value != "" {
		t.Errorf("the account names %q %q, want neither host nor id", a.Host.Value, a.ID.Value)
	}
	dev, _ := p.Environments.Get("dev")
	if len(dev.Workspaces.Entries) != 1 || dev.Workspaces.Entries[0].Value.Host.Value != "" {
		t.Errorf("dev has %d workspaces, want one without a host", len(dev.Workspaces.Entries))
	}
	if !p.Adoption.Until.IsZero() {
		t.Errorf("adoption until %s, want none", p.Adoption.Until)
	}
	ignored, err := os.ReadFile(filepath.Join("..", "..", ".gitignore"))
	if err != nil || !strings.Contains("\n"+string(ignored), "\n.brickgate/\n") {
		t.Errorf(".gitignore holds no .brickgate/: %v", err)
	}
}

// TestTheLakehouseWorld is what programs that meet the seeded sandbox expect.
func TestTheLakehouseWorld(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "examples", "lakehouse", "sandbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	world, err := sandbox.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	first := world.Workspaces[0]
	users, groups := 0, 0
	for _, a := range first.Assignments {
		if strings.HasPrefix(a.Principal, "user:") {
			users++
		}
		if strings.HasPrefix(a.Principal, "group:") {
			groups++
		}
	}
	if len(world.Account.Users) < 3 || users < 3 || groups < 1 {
		t.Errorf("%d users in the account, %d users and %d groups in the workspace; want 3, 3 and 1", len(world.Account.Users), users, groups)
	}
	owned := false
	for _, o := range first.Objects {
		for _, e := range o.ACL {
			owned = owned || o.Type == "jobs" && e.Level == "IS_OWNER"
		}
	}
	if !owned {
		t.Error("no job of the first workspace has an owner")
	}
}

// TestThePlanOfTheReadme: its lines are those of the plan that the lakehouse has,
// in their order; … stands for what is left out.
func TestThePlanOfTheReadme(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "lakehouse")
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	code, rest, errs := called(t, "plan", "--sandbox", "--env", "dev", "--at", "2026-11-22", dir)
	if code != exitOK {
		t.Fatal(code, errs)
	}
	_, excerpt, _ := strings.Cut(string(readme), "\n```\n")
	excerpt, _, _ = strings.Cut(excerpt, "\n```\n")
	for line := range strings.SplitSeq(excerpt, "\n") {
		_, after, found := strings.Cut(rest, line+"\n")
		if !found && line != "…" {
			t.Fatalf("the README's plan has a line that is not in it, or not there:\n%s\n\n%s", line, rest)
		}
		if found {
			rest = after
		}
	}
}

// TestTheSpecsOfTheReadmeAreValid reads its documents as a repository.
func TestTheSpecsOfTheReadmeAreValid(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var specs []string
	for i, part := range strings.Split(string(readme), "```") {
		if text, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 && strings.Contains(text, "kind: ") {
			specs = append(specs, text)
		}
	}
	if len(specs) != 3 {
		t.Fatalf("%d blocks of specs, want the Project, the documents and a product", len(specs))
	}
	// What the documents refer to, and the apiVersion that they leave out.
	documents := "---\n" + specs[1] + "---\n" + specs[2] + `---
kind: Group
metadata: {name: grp_analysts}
spec: {}
---
kind: ServicePrincipal
metadata: {name: spn_etl_pipeline}
spec: {}
`
	documents = strings.ReplaceAll(documents, "---\n", "---\napiVersion: brickgate.dev/v1\n")
	dir := t.TempDir()
	for file, text := range map[string]string{"brickgate.yaml": specs[0], "documents.yaml": documents} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, errs := called(t, "validate", dir); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
