package policy

import (
	"strings"
	"testing"
)

func TestNamesFollowTheConventions(t *testing.T) {
	const conventions = "  naming: {conventions: {group: \"^(grp|dp)[_-][a-z_-]+$\", servicePrincipal: \"^spn_\"}}\n"
	rule(t, "BG101", []ruling{
		{"a group", conventions, doc("Group", "§Team1", "{}"), nil,
			"§ error the name Team1 does not follow the convention ^(grp|dp)[_-][a-z_-]+$ (brickgate.yaml:21:33)"},
		{"a service principal", conventions, doc("ServicePrincipal", "§etl", "{}"), nil,
			"§ error the name etl does not follow the convention ^spn_ (brickgate.yaml:21:77)"},
		{"one that is synced", conventions, doc("Group", "Team1", "{source: external}"), nil, ""},
		{"names that follow", conventions, docs(doc("Group", "grp_team", "{}"), doc("ServicePrincipal", "spn_etl", "{}")), nil, ""},
		{"a group that a product derives", "  naming: {ownerGroup: \"Owner-{product}\", conventions: {group: \"^dp-\"}}\n", strings.Replace(lake, "name: orders", "name: §orders", 1), nil,
			"§ error the name Owner-orders does not follow the convention ^dp- (brickgate.yaml:21:64)"},
		{"no conventions", "", doc("Group", "Team1", "{}"), nil, ""},
	})
}

func TestGroupsHaveTheEntitlementsThatTheirNamesRequire(t *testing.T) {
	const required = "  naming: {requiredEntitlements: {\"grp_*\": [workspace-access, databricks-sql-access]}}\n"
	const lacks = "which naming.requiredEntitlements wants of grp_* (brickgate.yaml:21:35)"
	rule(t, "BG102", []ruling{
		{"one is missing", required, doc("Group", "grp_a", "{workspaces: {main: {permission: §USER, entitlements: [workspace-access]}}}"), nil,
			"§ error grp_a lacks databricks-sql-access in workspace main, " + lacks},
		{"all are missing where entitlements are not managed", required, doc("Group", "grp_a", "{workspaces: {ml: {permission: §USER}}}"), nil,
			"§ error grp_a lacks workspace-access and databricks-sql-access in workspace ml, " + lacks},
		{"all are missing where the assignment is not managed", required, doc("Group", "§grp_a", "{workspaces: {ml: {entitlements: []}}}"), nil,
			"§ error grp_a lacks workspace-access and databricks-sql-access in workspace ml, " + lacks},
		{"a group of the workspace", required, doc("Group", "§grp_a", "{level: workspace, workspace: ml}"), nil,
			"§ error grp_a lacks workspace-access and databricks-sql-access in workspace ml, " + lacks},
		{"nothing is missing", required, doc("Group", "grp_a", "{workspaces: {main: {permission: USER, entitlements: [databricks-sql-access, workspace-access, allow-cluster-create]}}}"), nil, ""},
		{"a group that is nowhere", required, doc("Group", "grp_a", "{workspaces: {}}"), nil, ""},
		{"a group of another name", required, doc("Group", "team", "{workspaces: {main: {permission: USER}}}"), nil, ""},
	})
}
