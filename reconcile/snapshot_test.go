package reconcile_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/internal/snapshot"
)

// Whoever reads, with whatever rights, sees over a snapshot what it saw live.
func TestPlansOverSnapshotsOfRandomWorlds(t *testing.T) {
	t.Parallel()
	planned := 0
	own := with(project, `catalogs: ["{silver}", "{gold}"]`, silverOnly, `{workspace: main, type: directories, path: /Shared/sales}`,
		`{workspace: main, type: directories, path: /Shared/sales}`+"\n"+`      - {workspace: main, type: notebooks, path: "/Shared/sales/*"}`)
	l := rightsLab(t, "USER", world, own, nil)
	first := l.State()
	rapid.Check(t, func(rt *rapid.T) {
		r := rights{rt}
		l.change(func(st *sandbox.State) { *st = *first })
		l.change(func(st *sandbox.State) {
			assign(st, robot, rapid.SampledFrom([]string{"USER", "ADMIN"}).Draw(rt, "permission"))
			r.world(st)
		})
		l.put("access.yaml", r.documents())
		if l.sameOverSnapshot() {
			planned++
		}
		if t.Failed() {
			rt.Fatalf("the worlds differ")
		}
	})
	t.Logf("%d planned", planned)
}

// strangeWorld has what documents and lists do not say: principals who are gone, and of
// one name, groups in groups and in workspaces, names in other scripts.
func strangeWorld(st *sandbox.State) {
	st.Account.Users = append(st.Account.Users,
		sandbox.User{UserName: "zoë@example.com", DisplayName: "Zoë"}, sandbox.User{UserName: "gone@example.com"})
	st.Account.ServicePrincipals = append(st.Account.ServicePrincipals,
		sandbox.ServicePrincipal{DisplayName: "spn_twin_dev", ApplicationID: "aaaaaaaa-0000-4000-8000-00000000000a"},
		sandbox.ServicePrincipal{DisplayName: "spn_twin_dev", ApplicationID: "aaaaaaaa-0000-4000-8000-00000000000b"})
	st.Account.Groups = append(st.Account.Groups,
		sandbox.Group{DisplayName: "grp_größe_dev", Members: []string{"user:zoë@example.com", "user:gone@example.com", "sp:aaaaaaaa-0000-4000-8000-00000000000a"}},
		sandbox.Group{DisplayName: "grp_outer_dev", Members: []string{"group:grp_größe_dev", "user:bob@example.com"}},
		sandbox.Group{DisplayName: "AAD-日本", ExternalID: "ext-日本", Members: []string{"user:alice@example.com"}})
	ws := workspace(st, "dev/main")
	ws.Groups = append(ws.Groups, sandbox.Group{DisplayName: "grp_local_dev", Members: []string{"user:alice@example.com", "user:gone@example.com"}})
	ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "group:grp_outer_dev", Permissions: []string{"USER"}})
	ws.Entitlements = append(ws.Entitlements, sandbox.Entitlement{Principal: "group:grp_outer_dev", Values: []string{"workspace-access"}})
	ws.Objects = append(ws.Objects,
		sandbox.Object{Type: "directories", Path: "/Shared/sales/große Pläne", ACL: []sandbox.ACLEntry{{Principal: "group:grp_outer_dev", Level: "CAN_READ"}}},
		sandbox.Object{Type: "jobs", Name: "ночь", Creator: "user:zoë@example.com", ACL: []sandbox.ACLEntry{
			{Principal: "user:zoë@example.com", Level: "IS_OWNER"}, {Principal: "group:grp_local_dev", Level: "CAN_VIEW"}}})
	allowOn(st, "directories", "/Shared/sales", "group:AAD-Auditors", "CAN_EDIT")
	give(st, "silver_dev.sales", "group:grp_größe_dev", "SELECT", "USE_SCHEMA")
	give(st, "silver_dev.sales.orders", "user:gone@example.com", "SELECT")
	give(st, "silver_dev.sales.orders", "sp:aaaaaaaa-0000-4000-8000-00000000000b", "MODIFY")
	gold := securable(st, "gold_dev")
	gold.Fields = map[string]any{"isolation_mode": "ISOLATED", "workspace_bindings": []any{map[string]any{"workspace_id": float64(1001), "binding_type": "BINDING_TYPE_READ_ONLY"}}}
}

// strangeDocuments are about all of it.
var strangeDocuments = docs(
	doc("Group", "grp_größe", `{members: [{user: zoë@example.com}]}`),
	doc("Group", "grp_outer", `{members: [{group: grp_größe}], workspaces: {main: {permission: USER, entitlements: []}}}`),
	doc("Group", "grp_local", `{level: workspace, workspace: main, members: [{user: alice@example.com}, {user: bob@example.com}]}`),
	doc("ServicePrincipal", "spn_twin", `{applicationId: aaaaaaaa-0000-4000-8000-00000000000b, memberOf: [grp_outer]}`),
	doc("Group", "AAD-Auditors", external+`}`),
	doc("Grants", "sales", `{securables: [{type: schema, name: "{silver}.sales"}], authority: exact, grants: [{group: AAD-Auditors, privileges: [USE_SCHEMA, SELECT]}]}`),
	doc("Permissions", "night", `{objects: [{type: jobs, name: ночь}], authority: exact, permissions: [{group: AAD-Auditors, level: CAN_VIEW}]}`),
	doc("Permissions", "plans", `{objects: [{type: directories, path: /Shared/sales/große Pläne}], authority: merge, permissions: [{group: grp_outer, level: CAN_EDIT}]}`),
)

func strangeLab(t *testing.T) *lab {
	t.Helper()
	l := newLab(t, world, project, map[string]string{"access.yaml": strangeDocuments})
	l.change(strangeWorld)
	l.change(func(st *sandbox.State) { // its grants and entries stay behind
		id := idOf(st, "user:gone@example.com")
		st.Account.Users = slices.DeleteFunc(st.Account.Users, func(u sandbox.User) bool { return u.ID == id })
		for i := range st.Account.Groups {
			st.Account.Groups[i].Members = slices.DeleteFunc(st.Account.Groups[i].Members, func(m string) bool { return m == id })
		}
		local := &workspace(st, "dev/main").Groups
		for i := range *local {
			(*local)[i].Members = slices.DeleteFunc((*local)[i].Members, func(m string) bool { return m == id })
		}
	})
	return l
}

func TestSnapshotOfAStrangeWorld(t *testing.T) {
	t.Parallel()
	l := strangeLab(t)
	if !l.sameOverSnapshot() {
		t.Fatal("there is no plan:", l.planError())
	}
}

// A rehearsal ends as the apply itself does, and the second one has nothing to do.
func TestRehearsalOnASnapshot(t *testing.T) {
	t.Parallel()
	l := strangeLab(t)
	state := l.taken()
	over := l.over(state)
	over.apply()
	over.settled()
	if !over.State().Snapshot.Rehearsed {
		t.Error("the state still passes for what was read live")
	}
	l.apply()
	l.settled()
}

// What could not be read is held over a snapshot as it is live, and nobody writes to it.
func TestSnapshotOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path, unread string
	}{
		{"grants", "/api/2.1/unity-catalog/permissions/schema/silver_dev.sales", "grants on schema silver_dev.sales"},
		{"bindings", "/api/2.1/unity-catalog/bindings/catalog/gold_dev", "bindings of catalog gold_dev"},
		{"an ACL", "/api/2.0/permissions/clusters/*", "dev/main: permissions of clusters/0123-456780-abcdef0"},
		{"a folder", "/api/2.0/workspace/get-status", "dev/main: path /Shared/sales/große Pläne"},
	} {
		for _, status := range []int{403, 500} {
			t.Run(fmt.Sprint(c.name, " ", status), func(t *testing.T) {
				t.Parallel()
				l := strangeLab(t)
				l.Inject(sandbox.Fault{Method: "GET", Path: c.path, Status: status, Times: -1})
				if !l.sameOverSnapshot() {
					t.Fatal("there is no plan:", l.planError())
				}
				state := l.taken()
				if !slices.Contains(unread(state), c.unread) {
					t.Errorf("unread is %q, want %q in it", unread(state), c.unread)
				}
			})
		}
	}
}

// A changed repository asks for what the snapshot does not hold: never is that taken
// for something that does not exist.
func TestSnapshotAndAChangedRepository(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, project, document, want string
	}{
		{"a table out of scope", project, doc("Grants", "other", `{securables: [{type: table, name: other.sales.orders}], authority: merge, grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`), "table other.sales.orders"},
		{"a path", project, doc("Permissions", "other", `{objects: [{type: directories, path: /Shared/other}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_READ}]}`), "dev/main: path /Shared/other"},
		{"a fixed object", project, doc("Permissions", "other", `{objects: [{type: authorization, id: tokens}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_USE}]}`), "dev/main: permissions of authorization/tokens"},
		{"a type of objects", project, doc("Permissions", "other", `{objects: [{type: pipelines, name: nightly}], authority: merge, permissions: [{group: AAD-Auditors, level: CAN_VIEW}]}`), "dev/main: list of pipelines"},
		{"a catalog", with(project, `catalogs: ["{silver}", "{gold}"]`, `catalogs: ["{silver}", "{gold}", other]`), "", "list of schemas in other"},
		{"a type of securables", with(project, `catalogs: ["{silver}", "{gold}"]`, "catalogs: [\"{silver}\", \"{gold}\"]\n    securables: [{type: external_location, name: \"*\"}]"), "", "list of external_locations"},
		{"a group", project, doc("Group", "grp_old", `{members: []}`), "account: group "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, map[string]string{"access.yaml": doc("Group", "AAD-Auditors", external+`}`)})
			l.change(func(st *sandbox.State) {
				st.Securables = append(st.Securables, sandbox.Securable{Type: "catalog", Name: "other"},
					sandbox.Securable{Type: "schema", Name: "other.sales"}, sandbox.Securable{Type: "table", Name: "other.sales.orders"})
				st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_old_dev", Members: []string{"user:bob@example.com"}})
				ws := workspace(st, "dev/main")
				ws.Objects = append(ws.Objects, sandbox.Object{Type: "pipelines", Name: "nightly", ACL: []sandbox.ACLEntry{{Principal: "user:bob@example.com", Level: "IS_OWNER"}}},
					sandbox.Object{Type: "directories", Path: "/Shared/other"}, sandbox.Object{Type: "authorization", ID: "tokens"})
			})
			state := l.taken()
			l.put("brickgate.yaml", c.project)
			if c.document != "" {
				l.put("other.yaml", c.document)
			}
			_, live, err := l.tryPlan()
			if err != nil {
				t.Fatal("live:", err)
			}
			if len(live.Held) > 0 {
				t.Fatalf("live holds %v", live.Held)
			}
			_, p, err := l.over(state).tryPlan()
			told := warned(p) + fmt.Sprint(err)
			for _, h := range p.Held {
				if !h.Failed {
					t.Errorf("%s is no failed read", h.Key)
				}
				told += "\n" + h.Reason
			}
			contains(t, told, "did not look at "+c.want, "take it again")
			if strings.Contains(told, "not exist") {
				t.Errorf("said of something nobody looked at:\n%s", told)
			}
		})
	}
}

// New people and groups need no new snapshot: all lists of principals are whole.
func TestSnapshotKnowsAllPrincipals(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, map[string]string{"access.yaml": doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)})
	state := l.taken()
	l.put("access.yaml", doc("Group", "grp_team", `{members: [{user: alice@example.com}, {user: carol@example.com}, {user: frank@example.com}, {servicePrincipal: spn_tableau}]}`)+
		doc("Group", "grp_new", `{members: [{user: mallory@example.com}]}`))
	_, want := l.plan()
	_, got := l.over(state).plan()
	same(t, "plan", show(want)+warned(want), show(got)+warned(got))
}

// A snapshot takes the requests of a plan, and those that list the rest of the users.
func TestSnapshotAsksWhatAPlanAsks(t *testing.T) {
	t.Parallel()
	l := strangeLab(t)
	l.ResetRequests()
	l.plan()
	plain := l.asked()
	l.ResetRequests()
	l.snapshot()
	for request, n := range l.asked() {
		if strings.Contains(request, "/scim/v2/Users") {
			continue
		}
		if plain[request] != n {
			t.Errorf("%s: %d times for a snapshot, %d for a plan", request, n, plain[request])
		}
	}
	if len(l.writes()) > 0 {
		t.Error("a snapshot writes")
	}
}

// asked counts the logged requests.
func (l *lab) asked() map[string]int {
	asked := map[string]int{}
	for _, r := range l.Requests() {
		asked[r.Method+" "+r.Path]++
	}
	return asked
}

// Two snapshots of one world are one file, and neither holds anything of a person but
// the user name.
func TestSnapshotsAreEqualAndDiscreet(t *testing.T) {
	t.Parallel()
	l := strangeLab(t)
	l.change(func(st *sandbox.State) {
		for i := range st.Account.Users {
			u := &st.Account.Users[i]
			u.DisplayName, u.GivenName, u.FamilyName = "Secret Display", "Secretgiven", "Secretfamily"
			u.Emails = []sandbox.Email{{Value: "secret-private@home.example", Type: "home"}}
		}
		for i := range st.Securables {
			st.Securables[i].Comment = "secret comment"
			if st.Securables[i].Fields == nil {
				st.Securables[i].Fields = map[string]any{}
			}
			st.Securables[i].Fields["storage_root"] = "s3://secret-bucket"
		}
		ws := workspace(st, "dev/main")
		for i := range ws.Objects {
			ws.Objects[i].Fields = map[string]any{"spark_env_vars": map[string]any{"TOKEN": "secret-token"}}
			ws.Objects[i].Content = []byte("secret content")
		}
	})
	var files [2][]byte
	for i := range files {
		state := l.taken()
		var err error
		if files[i], err = snapshot.Encode(state); err != nil {
			t.Fatal(err)
		}
		l.opts.Concurrency = 1
	}
	same(t, "second snapshot", string(files[0]), string(files[1]))
	text := strings.ToLower(string(files[0]))
	for _, word := range []string{"secret", "s3:", l.Token(), "displayname\": \"zo"} {
		if strings.Contains(text, word) {
			t.Errorf("the snapshot holds %q:\n%s", word, text)
		}
	}
	contains(t, string(files[0]), "zoë@example.com", "grp_größe_dev", "spn_twin_dev")
}

// What the snapshot's sandbox answers to whoever asks, whether a plan does or not.
func TestSandboxOfASnapshotRefusesWhatItDoesNotHold(t *testing.T) {
	t.Parallel()
	l := strangeLab(t)
	l.Inject(sandbox.Fault{Method: "GET", Path: "/api/2.1/unity-catalog/permissions/schema/silver_dev.sales", Status: 403, Times: -1})
	state := l.taken()
	over := l.over(state)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/2.1/unity-catalog/permissions/table/silver_dev.sales.orders", "", 200, "MODIFY"},
		{"GET", "/api/2.1/unity-catalog/permissions/schema/silver_dev.sales", "", 403, "could not read grants on schema silver_dev.sales"},
		{"PATCH", "/api/2.1/unity-catalog/permissions/schema/silver_dev.sales", `{"changes":[]}`, 403, "nothing can be changed there"},
		{"GET", "/api/2.1/unity-catalog/permissions/table/silver_dev.sales.other", "", 400, "did not look at grants on table silver_dev.sales.other"},
		{"PATCH", "/api/2.1/unity-catalog/permissions/table/silver_dev.sales.other", `{"changes":[]}`, 400, "did not look at"},
		{"GET", "/api/2.1/unity-catalog/tables/silver_dev.sales.other", "", 400, "did not look at table silver_dev.sales.other"},
		{"GET", "/api/2.0/pipelines", "", 400, "did not look at dev/main: list of pipelines"},
		{"GET", "/api/2.0/workspace/list?path=/Shared", "", 400, "did not look at dev/main: folder /Shared"},
		{"GET", "/api/2.0/accounts/" + l.AccountID() + "/scim/v2/Users/424242", "", 400, "did not look at account: user 424242"},
		{"GET", "/api/2.0/accounts/" + l.AccountID() + "/scim/v2/Users?filter=userName%20eq%20%22nobody@example.com%22", "", 200, `"totalResults":0`},
	} {
		status, body := over.ask(c.method, c.path, c.body)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d %s\nwant %d and %q", c.method, c.path, status, body, c.status, c.says)
		}
	}
}

// ask sends one request as the caller, to the workspace or the account.
func (l *lab) ask(method, path, body string) (int, string) {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	req.Header.Set("X-Databricks-Workspace-Id", "1001")
	resp, err := within{l.Server}.RoundTrip(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// Who is no admin sees over a snapshot what it saw live, although the snapshot does not
// hold what its right to see it comes from.
func TestSnapshotOfACallerWithFewRights(t *testing.T) {
	t.Parallel()
	own := with(project, `catalogs: ["{silver}", "{gold}"]`, `securables: [{type: schema, name: "{silver}.sales"}]`)
	l := rightsLab(t, "ADMIN", world, own, map[string]string{"access.yaml": doc("Group", "AAD-Auditors", external+`}`)})
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev", robot, "USE_CATALOG")
		securable(st, "silver_dev.sales").Owner = robot
	})
	if !l.sameOverSnapshot() {
		t.Fatal("there is no plan: ", l.planError())
	}
}

// An environment without an account has its principals in its workspaces alone.
func TestSnapshotWithoutAnAccount(t *testing.T) {
	t.Parallel()
	alone := with(project, "      account: main\n", "", "  accounts: {main: {}}\n", "", `    catalogs: ["{silver}", "{gold}"]`+"\n", "", "    assignments: true\n", "")
	l := newLab(t, world, alone, map[string]string{"access.yaml": doc("Permissions", "etl",
		`{objects: [{type: jobs, name: sales-etl}], permissions: [{group: AAD-Auditors, level: CAN_VIEW}, {user: bob@example.com, level: CAN_MANAGE}]}`)})
	if !l.sameOverSnapshot() {
		t.Fatal("there is no plan:", l.planError())
	}
}
