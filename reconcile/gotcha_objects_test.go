package reconcile_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// The traps of the permissions API.

func onJob(entries string) string {
	return doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], permissions: [`+entries+`]}`)
}

func TestGotcha09RevocationKeepsTheOwner(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onJob(`{group: AAD-Auditors, level: CAN_VIEW}`)))
	l.converge()
	l.put("access.yaml", onJob(``))
	l.want(`update permissions@main/jobs/sales-etl group:AAD-Auditors -CAN_VIEW`)
	l.converge()
	same(t, "acl", "user:bob@example.com=IS_OWNER", acl(l.State(), "jobs", "sales-etl"))
}

func TestGotcha09OwnerlessJobIsSkipped(t *testing.T) {
	t.Parallel()
	seed := with(world, `acl: [{principal: "user:bob@example.com", level: IS_OWNER}]`, `acl: [{principal: "user:mallory@example.com", level: CAN_VIEW}]`)
	l := newLab(t, seed, project, file(onJob(`{group: AAD-Auditors, level: CAN_VIEW}`)))
	p := l.want("")
	contains(t, warned(p), "it has no owner", "declare owner:")
	l.put("access.yaml", doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], permissions: [{group: AAD-Auditors, level: CAN_VIEW}], owner: {user: bob@example.com}}`))
	l.want(`update permissions@main/jobs/sales-etl group:AAD-Auditors +CAN_VIEW user:bob@example.com +IS_OWNER user:mallory@example.com -CAN_VIEW`)
	l.converge()
}

// A warehouse without an owner takes no PUT without one either.
func TestGotcha09OwnerlessWarehouseIsSkipped(t *testing.T) {
	t.Parallel()
	seed := with(world, `acl: [{principal: "user:admin@example.com", level: IS_OWNER}]`, `acl: [{principal: "user:mallory@example.com", level: CAN_VIEW}]`)
	onWarehouse := func(owner string) string {
		return doc("Permissions", "bi", `{objects: [{type: warehouses, name: bi}], permissions: [{group: AAD-Auditors, level: CAN_USE}]`+owner+`}`)
	}
	l := newLab(t, seed, project, file(onWarehouse("")))
	contains(t, warned(l.want("")), "it has no owner", "declare owner:")
	l.put("access.yaml", onWarehouse(", owner: {user: bob@example.com}"))
	l.converge()
	same(t, "acl", "group:AAD-Auditors=CAN_USE user:bob@example.com=IS_OWNER", acl(l.State(), "warehouses", "bi"))
}

func TestGotcha09NoGroupOwner(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], owner: {group: AAD-Auditors}}`)))
	l.wantError("access.yaml:5:", "a group cannot own jobs")
}

// notAdmin is a reconciler who manages one warehouse and administers no workspace.
const notAdmin = `    - {userName: recon@ops.example, roles: [account_admin]}
    - {userName: bob@example.com}`

func TestGotcha10TheCallerKeepsTheRightToManage(t *testing.T) {
	t.Parallel()
	seed := with(world, `    - {userName: bob@example.com}`, notAdmin,
		`    objects:`, `      - {principal: "user:recon@ops.example", permissions: [USER]}
    objects:`,
		`acl: [{principal: "user:admin@example.com", level: IS_OWNER}]`, `acl: [{principal: "user:admin@example.com", level: IS_OWNER}, {principal: "user:recon@ops.example", level: CAN_MANAGE}, {principal: "user:mallory@example.com", level: CAN_USE}]`)
	warehouse := func(entries string) map[string]string {
		return file(doc("Permissions", "bi", `{objects: [{type: warehouses, name: bi}], authority: exact, permissions: [`+entries+`]}`))
	}
	own := with(project, `      - {workspace: main, type: clusters, name: "*"}
      - {workspace: main, type: jobs, name: "*"}
`, "", `      - {workspace: main, type: directories, path: /Shared/sales}
`, "", `    catalogs: ["{silver}", "{gold}"]
`, "")
	l := newLab(t, seed, own, warehouse(`{group: AAD-Auditors, level: CAN_USE}`))
	token, err := l.TokenOf("recon@ops.example")
	if err != nil {
		t.Fatal(err)
	}
	l.token = token
	l.want(`update permissions@main/warehouses/bi group:AAD-Auditors +CAN_USE user:mallory@example.com -CAN_USE`)
	l.converge()
	l.putAll(warehouse(`{user: alice@example.com, level: CAN_USE}`))
	l.converge()
	same(t, "acl", "user:admin@example.com=IS_OWNER user:alice@example.com=CAN_USE user:recon@ops.example=CAN_MANAGE",
		acl(l.State(), "warehouses", "bi"))
}

func TestGotcha11AdminsAreNeverCompared(t *testing.T) {
	t.Parallel()
	tokens := with(project, `      - {workspace: main, type: directories, path: /Shared/sales}`, `      - {workspace: main, type: authorization, name: tokens}
      - {workspace: main, type: registered-models, name: root}
      - {workspace: main, type: directories, path: /}`)
	seed := with(world, `    objects:`, `    objects:
      - {type: authorization, id: tokens, acl: [{principal: "group:users", level: CAN_USE}]}`)
	entries := func(who string) map[string]string {
		return file(docs(
			doc("Permissions", "tokens", `{objects: [{type: authorization, id: tokens}], authority: exact, permissions: [`+strings.ReplaceAll(who, "LEVEL", "CAN_USE")+`]}`),
			doc("Permissions", "models", `{objects: [{type: registered-models, id: root}, {type: directories, path: /}], authority: exact, permissions: [`+strings.ReplaceAll(who, "LEVEL", "CAN_READ")+`]}`),
			doc("Permissions", "job", `{objects: [{type: jobs, name: sales-etl}], authority: exact, permissions: [`+strings.ReplaceAll(who, "LEVEL", "CAN_VIEW")+`]}`)))
	}
	l := newLab(t, seed, tokens, entries(`{group: AAD-Auditors, level: LEVEL}, {user: alice@example.com, level: LEVEL}`))
	l.converge()
	l.putAll(entries(`{user: alice@example.com, level: LEVEL}`))
	l.converge()
	contains(t, acl(l.State(), "directories", "/"), "group:admins=CAN_MANAGE", "user:alice@example.com=CAN_READ")
}

func TestGotcha12OneEntryPerPrincipal(t *testing.T) {
	t.Parallel()
	for _, cloud := range []string{"aws", "gcp"} {
		t.Run(cloud, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, map[string]string{
				"a.yaml": onCluster(`{user: alice@example.com, level: CAN_ATTACH_TO}, {user: Alice@example.com, level: CAN_MANAGE}`),
				"b.yaml": doc("Permissions", "again", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: alice@example.com, level: CAN_RESTART}, {servicePrincipal: spn_tableau, level: CAN_RESTART}]}`),
				"c.yaml": doc("ServicePrincipal", "spn_tableau", `{source: reference, displayName: Tableau, applicationId: cccccccc-0000-4000-8000-000000000001}`),
			})
			l.SetKnobs(sandbox.Knobs{Cloud: cloud})
			l.change(func(st *sandbox.State) {
				ws := workspace(st, "dev/main")
				ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "sp:Tableau", Permissions: []string{"USER"}})
			})
			_, p := l.plan()
			contains(t, show(p), "user:alice@example.com +CAN_MANAGE\n")
			if strings.Count(show(p), "user:alice@example.com") != 1 {
				t.Errorf("alice has several entries:\n%s", show(p))
			}
			l.carryOut(l.plan())
			l.settled()
		})
	}
}

// What others do between our plan and our write is kept, or stops the write.
func TestGotcha13WritesOfOthersInBetween(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) *lab {
		l := newLab(t, world, project, file(onCluster(`{group: AAD-Auditors, level: CAN_MANAGE}, {user: alice@example.com, level: CAN_MANAGE}`)))
		l.converge()
		l.put("access.yaml", onCluster(`{user: alice@example.com, level: CAN_MANAGE}`))
		return l
	}
	t.Run("of somebody else's entry", func(t *testing.T) {
		t.Parallel()
		l := start(t)
		run, p := l.plan()
		l.change(func(st *sandbox.State) {
			allowOn(st, "clusters", "shared-etl", "user:partner@other.example", "CAN_RESTART")
		})
		l.carryOut(run, p)
		same(t, "acl", "user:alice@example.com=CAN_MANAGE user:partner@other.example=CAN_RESTART", acl(l.State(), "clusters", "shared-etl"))
	})
	t.Run("of the entry itself", func(t *testing.T) {
		t.Parallel()
		l := start(t)
		run, p := l.plan()
		l.change(func(st *sandbox.State) { object(st, "clusters", "shared-etl").ACL[0].Level = "CAN_RESTART" })
		o := l.carryOut(run, p)
		if o[0].Status != plan.Failed {
			t.Fatalf("%s: %v", o[0].Status, o[0].Err)
		}
		contains(t, o[0].Err.Error(), "changed by somebody else since the plan", "plan again")
		l.converge()
	})
}

func TestGotcha25ExistenceIsAskedOfTheObjectsOwnAPI(t *testing.T) {
	t.Parallel()
	own := with(project, `      - {workspace: main, type: jobs, name: "*"}`, `      - {workspace: main, type: jobs, name: "*"}
      - {workspace: main, type: vector-search-endpoints, name: "*"}
      - {workspace: main, type: authorization, name: tokens}`)
	l := newLab(t, world, own, file(docs(
		onJob(`{group: AAD-Auditors, level: CAN_VIEW}`),
		onCluster(`{group: AAD-Auditors, level: CAN_MANAGE}`),
		doc("Permissions", "rest", `{objects: [{type: vector-search-endpoints, name: gone}], permissions: [{group: AAD-Auditors, level: CAN_USE}]}`))))
	l.change(func(st *sandbox.State) {
		allowOn(st, "jobs", "sales-etl", "user:mallory@example.com", "CAN_VIEW")
		object(st, "jobs", "sales-etl").Deleted = true
		object(st, "clusters", "shared-etl").Deleted = true
	})
	l.ResetRequests()
	p := l.want("")
	contains(t, warned(p), "jobs sales-etl does not exist", "clusters shared-etl does not exist", "vector-search-endpoints gone does not exist")
	for _, path := range l.reads() {
		if strings.HasPrefix(path, "/api/2.0/permissions/jobs") || strings.HasPrefix(path, "/api/2.0/permissions/clusters") {
			t.Errorf("the ACL of a deleted object is read: %s", path)
		}
	}
}

// A workspace without a single token has no ACL of tokens yet.
func TestGotcha25NoTokensYet(t *testing.T) {
	t.Parallel()
	own := with(project, `      - {workspace: main, type: directories, path: /Shared/sales}`, `      - {workspace: main, type: authorization, name: tokens}`)
	l := newLab(t, world, own, file(doc("Permissions", "tokens", `{objects: [{type: authorization, id: tokens}], permissions: [{group: AAD-Auditors, level: CAN_USE}]}`)))
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/permissions/authorization/tokens", Times: -1, Status: http.StatusNotFound,
		Body: `{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"tokens tokens does not exist"}`})
	p := l.want("")
	contains(t, warned(p), "waiting", "tokens")
	if len(p.Held) > 0 {
		t.Errorf("held as if the read had failed: %v", p.Held)
	}
}
