package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Objects and securables that documents name: how they are found, and what is
// done where they are not.

func TestWaitingForWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	waiting := func(required string) string {
		return docs(
			doc("Permissions", "objects", `{objects: [{type: clusters, name: nope}, {type: notebooks, path: /Shared/nope}, {type: jobs, id: "42"}, {type: clusters, name: shared-etl}], authority: merge`+required+`, permissions: [{group: AAD-Auditors, level: CAN_MANAGE}]}`),
			doc("Grants", "securables", `{securables: [{type: schema, name: silver.nope}, {type: table, name: other.nope.t}, {type: schema, name: silver.sales}], authority: merge`+required+`, owner: {group: AAD-Auditors}, grants: [{group: AAD-Auditors, privileges: [MANAGE]}]}`))
	}
	own := with(project, `    assignments: true`, `    securables: [{type: table, name: "other.*.*"}]
    assignments: true`)
	l := newLab(t, world, own, file(waiting("")))
	p := l.want(`
		update grants@metastore/schema/silver_dev.sales group:AAD-Auditors +MANAGE
		update owner@metastore/schema/silver_dev.sales owner +group:AAD-Auditors -user:bob@example.com
		update permissions@main/clusters/shared-etl group:AAD-Auditors +CAN_MANAGE`)
	contains(t, warned(p), "clusters nope does not exist", "notebooks Shared/nope does not exist", "jobs #42 does not exist",
		"schema silver_dev.nope does not exist", "table other.nope.t does not exist")
	for _, w := range p.Warnings {
		contains(t, w.String(), "access.yaml:", "waiting: ")
	}
	l.converge()
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects, sandbox.Object{Type: "clusters", Name: "nope"})
	})
	l.want(`update permissions@main/clusters/nope group:AAD-Auditors +CAN_MANAGE`)
	l.converge()

	l.put("access.yaml", waiting(", required: true"))
	message := l.planError()
	contains(t, message, "access.yaml:", "and is required")
	if n := strings.Count(message, "and is required"); n != 4 {
		t.Errorf("%d of 4 are reported at once:\n%s", n, message)
	}
}

func TestAmbiguousObjectName(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onCluster(`{group: AAD-Auditors, level: CAN_MANAGE}`)))
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects, sandbox.Object{Type: "clusters", ID: "0123-456789-bbbbbbb", Name: "shared-etl"})
	})
	l.wantError("access.yaml:5:", `2 clusters in workspace main are called "shared-etl"`, "0123-456780-abcdef0, 0123-456789-bbbbbbb")
	l.put("access.yaml", doc("Permissions", "cluster", `{objects: [{type: clusters, id: 0123-456789-bbbbbbb}], permissions: [{group: AAD-Auditors, level: CAN_MANAGE}]}`))
	l.want(`update permissions@main/clusters/shared-etl#0123-456789-bbbbbbb group:AAD-Auditors +CAN_MANAGE`)
	l.converge()
}

// One object, named by id in one document and by name in another, is one.
func TestObjectByIDAndName(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Permissions", "a", `{objects: [{type: jobs, id: {dev: "90071992547409930"}}], permissions: [{group: AAD-Auditors, level: CAN_VIEW}]}`),
		doc("Permissions", "b", `{objects: [{type: jobs, name: sales-etl}], permissions: [{user: alice@example.com, level: CAN_VIEW}]}`))))
	l.want(`update permissions@main/jobs/sales-etl group:AAD-Auditors +CAN_VIEW user:alice@example.com +CAN_VIEW`)
	l.converge()
}

func TestObjectsByPath(t *testing.T) {
	t.Parallel()
	own := with(project, `{workspace: main, type: directories, path: /Shared/sales}`, `{workspace: "*", type: directories, path: "/Shared/{env}"}
      - {workspace: main, type: dashboards, path: /Shared/dev/Sales.lvdash.json}`)
	l := newLab(t, world, own, file(docs(
		doc("Permissions", "folder", `{objects: [{type: directories, path: "/Shared/{env}/"}], permissions: [{group: AAD-Auditors, level: CAN_RUN}]}`),
		doc("Permissions", "dashboard", `{objects: [{type: dashboards, path: /Shared/dev/Sales.lvdash.json}], permissions: [{group: AAD-Auditors, level: CAN_EDIT}]}`))))
	l.change(func(st *sandbox.State) {
		ws := workspace(st, "dev/main")
		ws.Objects = append(ws.Objects, sandbox.Object{Type: "dashboards", Path: "/Shared/dev/Sales.lvdash.json"})
	})
	l.want(`
		update permissions@main/directories/Shared/dev group:AAD-Auditors +CAN_RUN
		update permissions@main/dashboards/Shared/dev/Sales.lvdash.json group:AAD-Auditors +CAN_EDIT`)
	l.converge()
	l.put("access.yaml", doc("Permissions", "folder", `{objects: [{type: notebooks, path: /Shared/dev}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_RUN}]}`))
	l.wantError("access.yaml:5:", "/Shared/dev is a directory, not one of the notebooks")
}

// A job keeps its owner unless the documents name one; the new one displaces the
// old one, whatever else he had.
func TestJobOwner(t *testing.T) {
	t.Parallel()
	job := func(owner, entries string) map[string]string {
		return file(doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], authority: exact, permissions: [`+entries+`]`+owner+`}`) +
			doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000001}`))
	}
	l := newLab(t, world, project, job("", `{user: alice@example.com, level: CAN_VIEW}, {user: bob@example.com, level: CAN_VIEW}`))
	l.want(`update permissions@main/jobs/sales-etl user:alice@example.com +CAN_VIEW`)
	l.converge()
	l.putAll(job(", owner: {servicePrincipal: spn_etl}", `{user: alice@example.com, level: CAN_VIEW}, {user: bob@example.com, level: CAN_VIEW}`))
	l.want(`update permissions@main/jobs/sales-etl sp:spn_etl_dev +IS_OWNER user:bob@example.com +CAN_VIEW -IS_OWNER`)
	l.converge()
	l.putAll(job(", owner: {user: alice@example.com}", ``))
	l.want(`update permissions@main/jobs/sales-etl sp:spn_etl_dev -IS_OWNER user:alice@example.com +IS_OWNER -CAN_VIEW user:bob@example.com -CAN_VIEW`)
	l.converge()
	l.putAll(job("", ``))
	l.settled()
}

// Who made an object keeps his CAN_MANAGE under managed, and loses it under exact.
func TestCreatorKeepsTheRightToManage(t *testing.T) {
	t.Parallel()
	cluster := func(authority string) map[string]string {
		return file(doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], authority: `+authority+`, permissions: [{group: AAD-Auditors, level: CAN_RESTART}]}`))
	}
	l := newLab(t, with(world, `name: shared-etl, creator: "user:admin@example.com"`, `name: shared-etl, creator: "user:bob@example.com"`), project, cluster("managed"))
	l.converge()
	l.change(func(st *sandbox.State) {
		allowOn(st, "clusters", "shared-etl", "user:bob@example.com", "CAN_MANAGE")
		allowOn(st, "clusters", "shared-etl", "user:alice@example.com", "CAN_MANAGE")
	})
	p := l.want(`update permissions@main/clusters/shared-etl user:alice@example.com -CAN_MANAGE`)
	contains(t, kept(p), "permissions@main/clusters/shared-etl user:bob@example.com CAN_MANAGE: protected")
	l.converge()
	l.putAll(cluster("exact"))
	l.want(`update permissions@main/clusters/shared-etl user:bob@example.com -CAN_MANAGE`)
	l.converge()
}
