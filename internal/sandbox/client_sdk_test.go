//lint:file-ignore SA1019 programs in the field use the deprecated services and methods; that they work is what is tested

package sandbox_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// attempt is one call of an SDK's service; steps are made in order, since later
// ones use what earlier ones made.
type attempt struct {
	name string
	call func() error
}

func run(t *testing.T, attempts []attempt) {
	t.Helper()
	for _, a := range attempts {
		if err := a.call(); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
}

// got turns a call that answers into one that only fails.
func got[T any](_ T, err error) error { return err }

// filled is got for answers that must not be empty.
func filled[T any](list []T, err error) error {
	if err == nil && len(list) == 0 {
		return errors.New("the answer is empty")
	}
	return err
}

// startDefault is the world of a sandbox without a seed.
func startDefault(t *testing.T) (*rig, *databricks.WorkspaceClient) {
	t.Helper()
	r := serveRig(t, nil, sandbox.Options{})
	return r, r.workspace("dev/main")
}

func TestSDKReadsOfPrincipals(t *testing.T) {
	r, w := startDefault(t)
	a, ctx := r.account(), t.Context()
	alice, group, sp := r.userID("alice@example.com"), r.groupID("data-engineers"), r.State().Account.ServicePrincipals[0].ID
	run(t, []attempt{
		{"me", func() error { return got(w.CurrentUser.Me(ctx, iam.MeRequest{})) }},
		{"groups", func() error {
			return filled(w.Groups.ListAll(ctx, iam.ListGroupsRequest{Attributes: "id,displayName", SortBy: "displayName", SortOrder: iam.ListSortOrderDescending}))
		}},
		{"groups by name", func() error { return got(w.Groups.GetByDisplayName(ctx, "data-engineers")) }},
		{"group", func() error { return got(w.Groups.GetById(ctx, group)) }},
		{"groups v2", func() error {
			return filled(w.GroupsV2.ListAll(ctx, iam.ListGroupsRequest{ExcludedAttributes: "members"}))
		}},
		{"group v2", func() error { return got(w.GroupsV2.Get(ctx, iam.GetGroupRequest{Id: group})) }},
		{"users", func() error {
			return filled(w.Users.ListAll(ctx, iam.ListUsersRequest{Filter: `userName co "example"`}))
		}},
		{"users by name", func() error { return got(w.Users.GetByUserName(ctx, "alice@example.com")) }},
		{"user", func() error { return got(w.Users.GetById(ctx, alice)) }},
		{"users v2", func() error { return filled(w.UsersV2.ListAll(ctx, iam.ListUsersRequest{})) }},
		{"user v2", func() error { return got(w.UsersV2.Get(ctx, iam.GetUserRequest{Id: alice})) }},
		{"service principals", func() error { return filled(w.ServicePrincipals.ListAll(ctx, iam.ListServicePrincipalsRequest{})) }},
		{"service principal", func() error { return got(w.ServicePrincipals.GetById(ctx, sp)) }},
		{"service principals v2", func() error { return filled(w.ServicePrincipalsV2.ListAll(ctx, iam.ListServicePrincipalsRequest{})) }},
		{"service principal v2", func() error { return got(w.ServicePrincipalsV2.Get(ctx, iam.GetServicePrincipalRequest{Id: sp})) }},
		{"password levels", func() error { return got(w.Users.GetPermissionLevels(ctx)) }},
		{"passwords", func() error { return got(w.Users.GetPermissions(ctx)) }},
		{"token levels", func() error { return got(w.TokenManagement.GetPermissionLevels(ctx)) }},
		{"tokens", func() error { return got(w.TokenManagement.GetPermissions(ctx)) }},
		{"account groups", func() error { return filled(a.Groups.ListAll(ctx, iam.ListAccountGroupsRequest{})) }},
		{"account group", func() error { return got(a.Groups.GetById(ctx, group)) }},
		{"account groups v2", func() error { return filled(a.GroupsV2.ListAll(ctx, iam.ListAccountGroupsRequest{})) }},
		{"account group v2", func() error { return got(a.GroupsV2.Get(ctx, iam.GetAccountGroupRequest{Id: group})) }},
		{"account users", func() error { return filled(a.Users.ListAll(ctx, iam.ListAccountUsersRequest{})) }},
		{"account user", func() error { return got(a.Users.GetById(ctx, alice)) }},
		{"account users v2", func() error { return filled(a.UsersV2.ListAll(ctx, iam.ListAccountUsersRequest{})) }},
		{"account user v2", func() error { return got(a.UsersV2.Get(ctx, iam.GetAccountUserRequest{Id: alice})) }},
		{"account service principals", func() error {
			return filled(a.ServicePrincipals.ListAll(ctx, iam.ListAccountServicePrincipalsRequest{}))
		}},
		{"account service principal", func() error { return got(a.ServicePrincipals.GetById(ctx, sp)) }},
		{"account service principals v2", func() error {
			return filled(a.ServicePrincipalsV2.ListAll(ctx, iam.ListAccountServicePrincipalsRequest{}))
		}},
		{"account service principal v2", func() error {
			return got(a.ServicePrincipalsV2.Get(ctx, iam.GetAccountServicePrincipalRequest{Id: sp}))
		}},
		{"workspaces", func() error { return filled(a.Workspaces.List(ctx)) }},
		{"workspace", func() error { return got(a.Workspaces.GetByWorkspaceId(ctx, 1001)) }},
		{"assignments", func() error { return got(a.WorkspaceAssignment.ListByWorkspaceId(ctx, 1001)) }},
		{"assignment levels", func() error { return got(a.WorkspaceAssignment.GetByWorkspaceId(ctx, 1001)) }},
		{"account metastores", func() error { return filled(a.Metastores.ListAll(ctx)) }},
		{"account metastore", func() error { return got(a.Metastores.GetByMetastoreId(ctx, r.State().Metastore.ID)) }},
		{"metastore of a workspace", func() error { return got(a.MetastoreAssignments.GetByWorkspaceId(ctx, 1001)) }},
		{"workspaces of a metastore", func() error {
			return filled(a.MetastoreAssignments.ListAll(ctx, catalog.ListAccountMetastoreAssignmentsRequest{MetastoreId: r.State().Metastore.ID}))
		}},
		{"the workspace's client", func() error {
			ws, err := a.Workspaces.GetByWorkspaceId(ctx, 1001)
			if err != nil {
				return err
			}
			of, err := a.GetWorkspaceClient(*ws)
			if err != nil {
				return err
			}
			id, err := of.CurrentWorkspaceID(ctx)
			if err == nil && id != 1001 {
				return errors.New("it is the client of workspace " + strconv.FormatInt(id, 10))
			}
			return err
		}},
	})
}
