package policy

import "testing"

func TestAccessInAWorkspaceForThoseWhoAreNotInIt(t *testing.T) {
	acl := func(entry string) string {
		return doc("Permissions", "p", `{workspaces: [ml], objects: [{type: jobs, name: nightly}], permissions: [§`+entry+`]}`)
	}
	const byDocument = ": the workspaces: of its document (a.yaml:3) leave it out"
	const inFact = ", neither itself nor through a group"
	elsewhere := doc("Group", "grp_a", "{workspaces: {main: {permission: USER}}}") + "---\n"
	anywhere := doc("Group", "grp_a", "{}") + "---\n"
	user := acl("{user: alice@example.com, level: CAN_VIEW}")
	rule(t, "BG308", []ruling{
		{"a group whose document leaves the workspace out", "", elsewhere + acl("{group: grp_a, level: CAN_VIEW}"), nil,
			"§ warn group:grp_a_dev gets CAN_VIEW on jobs nightly in workspace ml, but is not assigned to that workspace" + byDocument},
		{"the workspace that is left out, of two", "", elsewhere + doc("Permissions", "p", `{workspaces: [main, ml], objects: [{type: jobs, name: nightly}], permissions: [§{group: grp_a, level: CAN_VIEW}]}`), nil,
			"§ warn group:grp_a_dev gets CAN_VIEW on jobs nightly in workspace ml, but is not assigned to that workspace" + byDocument},
		{"an owner", "", doc("ServicePrincipal", "sp", "{workspaces: {}}") + "---\n" + doc("Permissions", "p", `{workspaces: [ml], objects: [{type: jobs, name: nightly}], owner: §{servicePrincipal: sp}}`), nil,
			"§ warn sp:sp_dev gets IS_OWNER on jobs nightly in workspace ml, but is not assigned to that workspace" + byDocument},
		{"a user who is not in it, as the plan knows", "", user, live("assignment@ml/user:bob@example.com | permission | USER"),
			"§ warn user:alice@example.com gets CAN_VIEW on jobs nightly in workspace ml, but is not assigned to that workspace" + inFact},
		{"a group that no document places, as the plan knows", "", anywhere + acl("{group: grp_a, level: CAN_VIEW}"), live("assignment@ml/user:bob@example.com | permission | USER"),
			"§ warn group:grp_a_dev gets CAN_VIEW on jobs nightly in workspace ml, but is not assigned to that workspace" + inFact},
		{"entitlements where the assignment is not managed", "", doc("Group", "grp_a", "{workspaces: {ml: {entitlements: [§workspace-access]}}}"), live("assignment@ml/user:bob@example.com | permission | USER"),
			"§ warn group:grp_a_dev gets workspace-access in workspace ml, but is not assigned to it" + inFact},

		{"nobody can tell offline", "", unmarked(anywhere + acl("{group: grp_a, level: CAN_VIEW}, {user: alice@example.com, level: CAN_VIEW}")), nil, ""},
		{"it is in the workspace by its document", "", unmarked(doc("Group", "grp_a", "{workspaces: {ml: {permission: ADMIN}}}") + "---\n" + acl("{group: grp_a, level: CAN_VIEW}")), nil, ""},
		{"through a group that is", "", unmarked(elsewhere + doc("Group", "grp_b", "{members: [{group: grp_a}], workspaces: {ml: {permission: USER}}}") + "---\n" + acl("{group: grp_a, level: CAN_VIEW}")), nil, ""},
		{"a group of the workspace, and the platform's own", "", unmarked(doc("Group", "local", "{level: workspace, workspace: ml}") + "---\n" + acl("{group: local, level: CAN_VIEW}, {group: users, level: CAN_VIEW}")),
			live("assignment@ml/user:bob@example.com | permission | USER"), ""},
		{"it is live", "", unmarked(user), live("assignment@ml/user:alice@example.com | permission | USER"), ""},
		{"through a group that is live", "", unmarked(user), live("assignment@ml/group:AAD-All | permission | USER", "group@account/AAD-All | member | group:AAD-Some", "group@account/AAD-Some | member | user:alice@example.com"), ""},
		{"of a group in it, the members were not read", "", unmarked(user), live("assignment@ml/group:AAD-All | permission | USER"), ""},
		{"of the workspace, nothing was read", "", unmarked(user), live("assignment@main/user:bob@example.com | permission | USER"), ""},
		{"an external group, which may be the workspace's", "", unmarked(acl("{group: AAD-All, level: CAN_VIEW}")), live("assignment@ml/user:bob@example.com | permission | USER"), ""},
	})
}
