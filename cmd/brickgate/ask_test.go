package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/internal/sandbox"
)

// lakehouse serves the example's sandbox to the environment of this test.
func lakehouse(t *testing.T) (server *sandbox.Server, world *sandbox.State, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	seed, err := os.ReadFile(filepath.Join(dir, seedFile))
	if err != nil {
		t.Fatal(err)
	}
	if world, err = sandbox.Parse(seed); err != nil {
		t.Fatal(err)
	}
	if server, err = sandbox.New(world, sandbox.Options{}); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(server)
	t.Cleanup(host.Close)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DATABRICKS_HOST", host.URL)
	t.Setenv("DATABRICKS_TOKEN", server.Token())
	t.Setenv("DATABRICKS_ACCOUNT_ID", server.AccountID())
	return server, world, dir
}

// document asks, holds the document against the schema that `brickgate schema answer`
// prints, and reads it.
func document(t *testing.T, schema *jsonschema.Schema, args ...string) questions.Answer {
	t.Helper()
	code, out, errs := called(t, append(args, "-o", "json")...)
	if code != exitOK || errs != "" {
		t.Fatalf("%v: exit code %d: %s%s", args, code, errs, out)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	var a questions.Answer
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestWhoCanIsWhomTheSandboxLets holds answers about live against what the sandbox
// itself enforces, before and after an apply.
func TestWhoCanIsWhomTheSandboxLets(t *testing.T) {
	server, world, dir := lakehouse(t)
	schema := printedSchema(t, "answer")
	tests := []struct {
		privilege, object string
		on                sandbox.Target
	}{
		{"SELECT", "gold_dev.sales.orders_daily", sandbox.Target{Type: "table", Name: "gold_dev.sales.orders_daily"}},
		{"SELECT", "silver_dev.sales", sandbox.Target{Type: "schema", Name: "silver_dev.sales"}},
		{"MODIFY", "silver_dev.sales.orders", sandbox.Target{Type: "table", Name: "silver_dev.sales.orders"}},
		{"MANAGE", "gold_dev.marketing.campaigns", sandbox.Target{Type: "table", Name: "gold_dev.marketing.campaigns"}},
		{"CAN_USE", "warehouse:bi", sandbox.Target{Workspace: "dev/main", Type: "warehouses", Name: "1a2b3c4d5e6f7a80"}},
		{"CAN_RESTART", "cluster:shared-etl", sandbox.Target{Workspace: "dev/main", Type: "clusters", Name: "0123-456780-abcdef0"}},
		{"CAN_VIEW", "job:sales-etl", sandbox.Target{Workspace: "dev/main", Type: "jobs", Name: "90071992547409930"}},
	}
	callers := map[string]string{} // by the principal of facts
	for _, u := range world.Account.Users {
		callers["user:"+u.UserName] = u.UserName
	}
	for _, sp := range world.Account.ServicePrincipals {
		callers["sp:"+sp.DisplayName] = sp.ApplicationID
	}
	compare := func(t *testing.T) {
		answers := 0
		for _, test := range tests {
			a := document(t, schema, "who-can", test.privilege, test.object, "-C", dir, "--env", "dev")
			for principal, caller := range callers {
				can, err := server.Can(caller, test.privilege, test.on)
				if err != nil {
					t.Fatal(err)
				}
				told := slices.ContainsFunc(a.Holders, func(h questions.Holder) bool { return h.Principal == principal })
				if can != told {
					t.Errorf("%s: %s on %s: the sandbox says %t, the answer %t", principal, test.privilege, test.object, can, told)
				}
				if can {
					answers++
				}
			}
		}
		if answers < 10 {
			t.Errorf("only %d of all can anything: this proves little", answers)
		}
	}
	t.Run("before", compare)
	if code, out, errs := called(t, "apply", "--yes", "--env", "dev", "--verify-timeout", "0", dir); code != exitOK {
		t.Fatalf("apply: exit code %d: %s%s", code, out, errs)
	}
	t.Run("after", compare)
}

// TestAnswersAreDocuments asks what the schema tells apart.
func TestAnswersAreDocuments(t *testing.T) {
	_, _, dir := lakehouse(t)
	schema := printedSchema(t, "answer")
	for _, question := range []string{
		"what-can alice@example.com", "explain alice@example.com job:sales-etl", "explain dana@example.com silver_dev.sales",
		"why-not alice@example.com CAN_MANAGE job:sales-etl", "why-not bob@example.com SELECT silver_dev.sales.orders",
		"who-can ADMIN workspace:main", "who-can account_admin account", "who-can CREATE_CATALOG metastore",
	} {
		for _, on := range questions.States() {
			document(t, schema, append(strings.Fields(question), "-C", dir, "--env", "dev", "--on", on)...)
		}
	}
}
