package reconcile_test

import (
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// What happens to access that is live and not declared.
func TestAuthority(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ authority, want, kept string }{
		{"managed", `
			update grants@metastore/schema/silver_dev.sales group:AAD-Finance -SELECT user:alice@example.com -SELECT
			update permissions@main/clusters/shared-etl user:alice@example.com -CAN_RESTART`, "not owned"},
		{"exact", `
			update grants@metastore/schema/silver_dev.sales group:AAD-Finance -SELECT user:alice@example.com -SELECT user:partner@other.example -SELECT
			update permissions@main/clusters/shared-etl user:alice@example.com -CAN_RESTART user:partner@other.example -CAN_RESTART`, ""},
		{"merge", `
			update grants@metastore/schema/silver_dev.sales group:AAD-Finance -SELECT`, "authority: merge"},
	} {
		t.Run(test.authority, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(docs(
				doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: `+test.authority+`, permissions: [{group: AAD-Auditors, level: CAN_RESTART}]}`),
				doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: `+test.authority+`, grants: [{group: AAD-Auditors, privileges: [SELECT]}, {group: AAD-Finance, absent: true}]}`))))
			l.converge()
			l.change(func(st *sandbox.State) {
				for _, who := range []string{"user:alice@example.com", "user:partner@other.example"} {
					allowOn(st, "clusters", "shared-etl", who, "CAN_RESTART")
					give(st, "silver_dev.sales", who, "SELECT")
				}
				give(st, "silver_dev.sales", "group:AAD-Finance", "SELECT")
			})
			p := l.want(test.want)
			if test.kept != "" {
				contains(t, kept(p), "grants@metastore/schema/silver_dev.sales user:partner@other.example SELECT: "+test.kept)
			}
			l.converge()
		})
	}
}

// An object that nobody owns here can be added to, and nothing else.
func TestAuthorityNeedsOwnership(t *testing.T) {
	t.Parallel()
	own := with(project, `      - {workspace: main, type: clusters, name: "*"}
`, "", `catalogs: ["{silver}", "{gold}"]`, `catalogs: ["{gold}"]`)
	l := newLab(t, world, own, file(onCluster(`{group: AAD-Auditors, level: CAN_RESTART}`)))
	l.wantError("access.yaml:5:", "shared-etl is not owned by this repository", "authority: merge")
	l.put("access.yaml", onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`))
	l.wantError("access.yaml:4:", "silver_dev.sales is not owned by this repository", "authority: merge")
	l.put("access.yaml", doc("Permissions", "cluster", `{objects: [{type: clusters, id: 0123-456780-abcdef0}], permissions: [{group: AAD-Auditors, level: CAN_RESTART}]}`))
	l.wantError("access.yaml:5:", "not owned by this repository")
}

// Access begins and ends at its days, whatever the authority.
func TestFromAndExpires(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_team", `{authority: merge, members: [{user: alice@example.com, expires: 2026-11-30, justification: "the migration"}, {user: bob@example.com, from: 2026-12-01}, {user: carol@example.com}]}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: merge, grants: [{group: AAD-Auditors, privileges: [SELECT, MODIFY], expires: 2026-11-30}, {group: AAD-Auditors, privileges: [SELECT], expires: 2026-12-31}]}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: merge, permissions: [{user: alice@example.com, level: CAN_MANAGE, expires: 2026-11-30}, {user: alice@example.com, level: CAN_RESTART}]}`))))
	l.want(`
		create group@account/grp_team_dev member +user:alice@example.com +user:carol@example.com
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +MODIFY +SELECT
		update permissions@main/clusters/shared-etl user:alice@example.com +CAN_MANAGE`)
	l.converge()
	l.now = time.Date(2026, 11, 30, 23, 59, 59, 0, time.UTC)
	l.settled()
	l.now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	p := l.want(`
		update group@account/grp_team_dev member +user:bob@example.com -user:alice@example.com
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -MODIFY
		update permissions@main/clusters/shared-etl user:alice@example.com +CAN_RESTART -CAN_MANAGE`)
	data, err := p.JSON("test")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(data), "the migration", "2026-11-30")
	l.converge()
	l.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors -SELECT`)
	l.converge()
}

// Until adoption ends, only what entries take away goes; the plan lists what will.
func TestAdoption(t *testing.T) {
	t.Parallel()
	adopting := with(project, "adoption: none", "adoption: {until: 2026-12-31}")
	l := newLab(t, world, adopting, file(docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`),
		doc("Group", "grp_old", `{members: []}`),
		doc("Grants", "schema", `{securables: [{type: schema, name: silver.sales}], authority: exact, grants: [{group: AAD-Auditors, privileges: [SELECT]}, {group: AAD-Finance, absent: true}]}`))))
	l.converge()
	l.put("more.yaml", doc("Removed", "grp_older", `{kind: Group, action: delete, reason: over}`))
	l.change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_older_dev"})
		join(st, "grp_team_dev", "user:mallory@example.com")
		give(st, "silver_dev.sales", "user:mallory@example.com", "SELECT")
		give(st, "silver_dev.sales", "group:AAD-Finance", "SELECT")
	})
	p := l.want(`
		update grants@metastore/schema/silver_dev.sales group:AAD-Finance -SELECT
		delete group@account/grp_older_dev`)
	contains(t, kept(p),
		"group@account/grp_team_dev member user:mallory@example.com: adoption 2027-01-01",
		"grants@metastore/schema/silver_dev.sales user:mallory@example.com SELECT: adoption 2027-01-01")
	l.converge()
	l.now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	l.want(`
		update group@account/grp_team_dev member -user:mallory@example.com
		update grants@metastore/schema/silver_dev.sales user:mallory@example.com -SELECT`)
	l.converge()
}

// Several documents on one thing: the union holds, an entry as long as its
// longest origin; two authorities, two owners, wanted and absent are mistakes.
func TestSeveralDocumentsOnOneThing(t *testing.T) {
	t.Parallel()
	two := func(a, b string) map[string]string {
		return map[string]string{
			"a.yaml": doc("Grants", "a", `{securables: [{type: schema, name: silver.sales}]`+a+`}`),
			"b.yaml": doc("Grants", "b", `{securables: [{type: schema, name: "{silver}.sales"}]`+b+`}`),
		}
	}
	l := newLab(t, world, project, two(
		`, authority: exact, grants: [{group: AAD-Auditors, privileges: [SELECT]}]`,
		`, grants: [{group: AAD-Finance, privileges: [SELECT]}, {group: AAD-Auditors, privileges: [SELECT], expires: 2026-11-01}]`))
	l.want(`update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +SELECT group:AAD-Finance +SELECT`)
	l.converge()
	for _, test := range []struct{ a, b, want string }{
		{`, authority: exact, grants: []`, `, authority: merge, grants: []`, "authority of grants@metastore/schema/silver_dev.sales is set at a.yaml:"},
		{`, owner: {group: AAD-Auditors}`, `, owner: {group: AAD-Finance}`, "the owner of silver_dev.sales is set at a.yaml:"},
		{`, grants: [{group: AAD-Auditors, privileges: [SELECT]}]`, `, grants: [{group: AAD-Auditors, absent: true}]`, "group:AAD-Auditors is wanted and absent"},
	} {
		l.putAll(two(test.a, test.b))
		l.wantError("b.yaml:", test.want)
	}
}
