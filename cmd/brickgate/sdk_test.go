package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/iam"
)

// servedLakehouse runs `brickgate sandbox serve` on the example's world, with
// what it prints as the only configuration of this process.
func servedLakehouse(t *testing.T) {
	t.Helper()
	program, err := exec.LookPath("brickgate")
	if err != nil {
		t.Fatal(err)
	}
	seed := filepath.Join("..", "..", "examples", "lakehouse", "sandbox.yaml")
	cmd := exec.Command(program, "sandbox", "serve", "--listen", "127.0.0.1:0", "--seed", seed)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("sandbox serve, interrupted: %v", err)
		}
	})
	t.Setenv("HOME", t.TempDir())
	lines := bufio.NewScanner(out)
	for range 3 {
		if !lines.Scan() {
			t.Fatal("sandbox serve has no three lines")
		}
		name, value, _ := strings.Cut(lines.Text(), "=")
		t.Setenv(name, value)
	}
}

func TestTheServedSandboxAnswersTheSDK(t *testing.T) {
	servedLakehouse(t)
	ctx := t.Context()
	w, err := databricks.NewWorkspaceClient()
	if err != nil {
		t.Fatal(err)
	}
	me, err := w.CurrentUser.Me(ctx, iam.MeRequest{})
	if err != nil || me.UserName != "admin@example.com" {
		t.Errorf("who am I: %+v, %v", me, err)
	}
	catalogs, err := w.Catalogs.ListAll(ctx, catalog.ListCatalogsRequest{})
	if err != nil || !slices.ContainsFunc(catalogs, func(c catalog.CatalogInfo) bool { return c.Name == "gold_dev" }) {
		t.Errorf("catalogs: %v, %v", catalogs, err)
	}
	if _, err := w.GroupsV2.Create(ctx, iam.CreateGroupRequest{DisplayName: "local"}); err != nil {
		t.Errorf("create a group of the workspace: %v", err)
	}
	changed, err := w.Grants.Update(ctx, catalog.UpdatePermissions{
		SecurableType: "schema", FullName: "gold_dev.sales",
		Changes: []catalog.PermissionsChange{{Principal: "account users", Add: []catalog.Privilege{catalog.PrivilegeUseSchema}}},
	})
	if err != nil || !slices.ContainsFunc(changed.PrivilegeAssignments, func(a catalog.PrivilegeAssignment) bool { return a.Principal == "account users" }) {
		t.Errorf("grant: %+v, %v", changed, err)
	}
}

func TestTheServedSandboxAnswersTheSDKForTheAccount(t *testing.T) {
	servedLakehouse(t)
	ctx := t.Context()
	a, err := databricks.NewAccountClient()
	if err != nil {
		t.Fatal(err)
	}
	users, err := a.UsersV2.ListAll(ctx, iam.ListAccountUsersRequest{Filter: `userName eq "alice@example.com"`})
	if err != nil || len(users) != 1 {
		t.Fatalf("users: %v, %v", users, err)
	}
	group, err := a.GroupsV2.Create(ctx, iam.CreateAccountGroupRequest{DisplayName: `with "quotes"`, Members: []iam.ComplexValue{{Value: users[0].Id}}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := a.GroupsV2.ListAll(ctx, iam.ListAccountGroupsRequest{Filter: `displayName eq "with \"quotes\""`})
	if err != nil || len(found) != 1 || found[0].Id != group.Id {
		t.Errorf("groups: %v, %v", found, err)
	}
	assigned, err := a.WorkspaceAssignment.ListByWorkspaceId(ctx, 1001)
	if err != nil || len(assigned.PermissionAssignments) < 4 {
		t.Errorf("assignments: %v, %v", assigned, err)
	}
}
