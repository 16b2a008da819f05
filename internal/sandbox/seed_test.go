package sandbox_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func TestSeedsAreDeterministicAndComplete(t *testing.T) {
	first, second := startRig(t, company, sandbox.Options{}), startRig(t, company, sandbox.Options{})
	st := first.State()
	if diff := cmp.Diff(st, second.State()); diff != "" {
		t.Errorf("two servers of one seed differ:\n%s", diff)
	}
	again, err := sandbox.New(st, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(st, again.State()); diff != "" {
		t.Errorf("a normalised state changes when it is loaded (-want +got):\n%s", diff)
	}
	if g := st.Account.Groups[0]; g.DisplayName != "analysts" || len(g.Members) != 2 || g.Members[0] != first.userID("alice@example.com") {
		t.Errorf("references are not ids: %+v", g)
	}
}

func TestTheCallerOfASeedIsAdministratorOfAll(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	st := r.State()
	admin := r.userID("admin@example.com")
	if st.Metastore.Owner != admin || st.Account.Users[0].Roles[0] != "account_admin" {
		t.Errorf("owner %s, roles %v", st.Metastore.Owner, st.Account.Users[0].Roles)
	}
	if err := r.Change(func(st *sandbox.State) { st.Workspaces[0].Assignments = st.Workspaces[0].Assignments[1:] }); err != nil {
		t.Fatal(err)
	}
	if got := r.assignments(1001); got != `everyone ["USER"]` {
		t.Errorf("a right taken away later comes back: %s", got)
	}
}

func TestTheDefaultWorld(t *testing.T) {
	server, err := sandbox.New(nil, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := server.WorkspaceID("dev/main"); !ok || id != 1001 || server.Token() != "sandbox-admin@example.com" {
		t.Errorf("workspace %d %v, token %s", id, ok, server.Token())
	}
	if _, ok := server.WorkspaceID("prd/main"); ok {
		t.Error("there is a workspace that nobody asked for")
	}
}

func TestBadSeedsNameThePlace(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown member", "user:bob@example.com\"]}\n    - {displayName: everyone", "user:bib@example.com\"]}\n    - {displayName: everyone", `account.groups[analysts].members[1]: unknown principal "user:bib@example.com"`},
		{"malformed reference", "group:analysts", "analysts", `account.groups[everyone].members[0]: principal "analysts" is not user:NAME`},
		{"ambiguous service principal", "sp:11111111-1111-1111-1111-111111111111", "sp:etl", `account.groups[everyone].members[1]: 2 service principals are called "etl"`},
		{"duplicate group", "displayName: unassigned", "displayName: analysts", `account.groups[2]: displayName "analysts" is there twice`},
		{"duplicate user", "userName: bob@example.com", "userName: ALICE@example.com", `account.users[2]: userName "alice@example.com" is there twice`},
		{"unknown permission", "permissions: [USER]", "permissions: [OWNER]", `workspaces[dev/main].assignments[0]: unknown permission "OWNER"`},
		{"unknown entitlement", "values: [workspace-access]", "values: [fly]", `workspaces[dev/main].entitlements[0]: unknown entitlement "fly"`},
		{"unknown caller", "caller: admin@example.com", "caller: boss@example.com", `caller: "boss@example.com" is no user name`},
		{"local group assigned", `principal: "group:everyone", permissions`, `principal: "group:local", permissions`, `workspaces[dev/main].assignments[0]: unknown principal "group:local"`},
		{"duplicate workspace", "name: prd/main", "name: dev/main", `workspaces[1]: name "dev/main" is there twice`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seed := strings.Replace(company, tt.old, tt.new, 1)
			if seed == company {
				t.Fatal("the seed has nothing to replace")
			}
			st, err := sandbox.Parse([]byte(seed))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := sandbox.New(st, sandbox.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "empty",
		"format: 2":                   "format is 2, want 1",
		"format: 1\nacount: {}":       `unknown field "acount"`,
		"format: 1\nformat: 1":        "already",
		`{"format":1,"acount":{}}`:    `unknown field "acount"`,
		"format: 1\nworkspaces: nope": "workspaces",
		"format: [":                   "yaml",
	} {
		if _, err := sandbox.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want %s", text, err, want)
		}
	}
}

func TestAChangeThatDoesNotHoldTogetherChangesNothing(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	before := r.State()
	err := r.Change(func(st *sandbox.State) {
		st.Account.Groups[0].DisplayName = "renamed"
		st.Account.Groups[1].Members = append(st.Account.Groups[1].Members, "group:nobody")
	})
	if err == nil || !strings.Contains(err.Error(), `unknown principal "group:nobody"`) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, r.State()); diff != "" {
		t.Errorf("the state changed:\n%s", diff)
	}
}

func TestAGroupNameInAWorkspaceMeansTheLocalGroupFirst(t *testing.T) {
	seed := strings.NewReplacer("displayName: local", "displayName: analysts",
		`entitlements: [{principal: "group:everyone"`, `entitlements: [{principal: "group:analysts"`).Replace(company)
	r := startRig(t, seed, sandbox.Options{})
	ws := r.State().Workspaces[0]
	if len(ws.Entitlements) != 0 {
		t.Errorf("the account group got %v", ws.Entitlements)
	}
	if got := ws.Groups[0].Entitlements; len(got) != 2 {
		t.Errorf("the local group has %v, want its own and the seeded entitlement", got)
	}
}
