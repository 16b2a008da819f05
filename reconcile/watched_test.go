package reconcile_test

import (
	"strings"
	"testing"
)

// TestGroupsOfApproversAreRead: whoever holds a role through a synced group, or
// must not be a manager through one, is known in a plan, whatever was approved.
func TestGroupsOfApproversAreRead(t *testing.T) {
	const approvedBy = "{user: alice@example.com, justification: x, granted: 2026-11-01, approvals: [{role: %, by: bob@example.com, at: 2026-11-01}]}"
	by := func(role string) string { return "    - " + strings.Replace(approvedBy, "%", role, 1) + "\n" }
	synced := []string{"owners: [{group: grp_sales}], approvers", "owners: [{group: AAD-Finance}], approvers"}
	for name, c := range map[string]struct {
		entries string
		more    []string // documents
		edit    []string // of sales.yaml
		project []string
	}{
		"a role in a group of the repository": {
			entries: by("privacy_team"), more: []string{doc("Group", "grp_privacy", "{members: [{group: grp_inner}]}"), doc("Group", "grp_inner", "{members: [{group: AAD-Finance}]}")},
			project: []string{"privacy_team: {group: AAD-Auditors}", "privacy_team: {group: grp_privacy}"},
		},
		"the owners of a domain": {entries: by("domain_owner"), edit: synced},
		"who cannot be manager":  {entries: by("manager"), edit: synced},
		"who may start": {
			entries: "", project: []string{"privacy_team: {group: AAD-Auditors}", "privacy_team: {group: AAD-Finance}"},
			more: []string{doc("EmergencyAccess", "INC-1", "{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: bob@example.com, from: 2026-11-22T00:00:00Z, until: 2026-11-22T02:00:00Z}")},
		},
		"who lets others use data": {
			edit: synced, more: []string{product("crm", "sales", "{owners: [{group: grp_sales}], data: {gold: [{schema: crm}]}, uses: {gold: [{table: sales.orders_daily, approvals: [{role: domain_owner, by: bob@example.com, at: 2026-11-01}]}]}}")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := consumersOf(c.entries, c.more...)
			files["sales.yaml"] = with(files["sales.yaml"], c.edit...)
			l := newLab(t, lakeWorld, with(lakeProject, c.project...), files)
			run, _ := l.plan()
			if _, known := run.Members("group:AAD-Finance"); !known {
				t.Error("nobody knows who is in AAD-Finance")
			}
		})
	}
}
