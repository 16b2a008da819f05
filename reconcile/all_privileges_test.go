package reconcile_test

import (
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// The platform takes what ALL_PRIVILEGES covers along with it; what is to stay is
// given again in the same change, and printed.
func TestAllPrivilegesLeavesBehindWhatStays(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: merge, grants: [{group: AAD-Auditors, privileges: [ALL PRIVILEGES], expires: 2026-01-01}]}`)))
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "group:AAD-Auditors", "ALL_PRIVILEGES", "SELECT", "USE_SCHEMA")
	})
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT +USE_SCHEMA -ALL_PRIVILEGES`)
	l.converge()
	same(t, "granted", "group:AAD-Auditors=SELECT,USE_SCHEMA", granted(l.State(), "silver_dev.sales"))
}

// What an ALL_PRIVILEGES that stays gives already is not granted again and again.
func TestAllPrivilegesThatStaysIsEnough(t *testing.T) {
	t.Parallel()
	for name, project := range map[string]string{
		"in adoption": with(project, "adoption: none", "adoption: {until: 2026-12-31}"),
		"not owned":   with(project, `    externalGroups: ["AAD-*"]`+"\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`)))
			l.change(func(st *sandbox.State) {
				give(st, "silver_dev.sales", "group:AAD-Auditors", "ALL_PRIVILEGES", "MODIFY")
			})
			l.settled()
		})
	}
}

// Wanted as a whole, what it covers is wanted too, and nothing changes.
func TestAllPrivilegesCoversWhatIsLive(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onSchema(`{group: AAD-Auditors, privileges: [ALL PRIVILEGES]}`)))
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "group:AAD-Auditors", "ALL_PRIVILEGES", "SELECT", "MANAGE")
	})
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -MANAGE`)
	l.converge()
}
