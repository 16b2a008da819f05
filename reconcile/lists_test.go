package reconcile_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Lists that are not what they seem: cut short, shifted, repeated.

// crowd is a world with n users more, and a group document that names all of
// them.
func crowd(n int) (seed, document string) {
	var users, members strings.Builder
	for i := range n {
		fmt.Fprintf(&users, "    - {userName: u%03d@example.com}\n", i)
		fmt.Fprintf(&members, "{user: u%03d@example.com}, ", i)
	}
	seed = with(world, "  users:\n", "  users:\n    - {userName: leaver@example.com}\n"+users.String())
	return seed, doc("Group", "grp_a", `{members: [`+members.String()+`]}`)
}

func dropUser(st *sandbox.State, name string) {
	st.Account.Users = slices.DeleteFunc(st.Account.Users, func(u sandbox.User) bool { return u.UserName == name })
}

// A user who moved to the page before, while the list was read, has not left.
func TestListThatShifts(t *testing.T) {
	t.Parallel()
	seed, document := crowd(120)
	l := newLab(t, seed, project, file(document))
	l.SetKnobs(sandbox.Knobs{PageSize: 100})
	l.converge()
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*accounts/*scim/v2/Users", Skip: 1, Mutate: func(st *sandbox.State) {
		dropUser(st, "leaver@example.com")
	}})
	p := l.want("")
	if len(p.Warnings) > 0 {
		t.Errorf("warned of somebody who is there: %s", warned(p))
	}
}

// Users are asked for on their own where the list does not hold them, once.
func TestDepartedUserIsAskedForOnce(t *testing.T) {
	t.Parallel()
	lists := func(members string) int {
		l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: [`+members+`]}`)))
		l.ResetRequests()
		l.plan()
		n := 0
		for _, r := range l.Requests() {
			if strings.HasSuffix(r.Path, "/Users") {
				n++
			}
		}
		return n
	}
	// One page holds everybody, so that nobody need be asked for, nor the empty page.
	if n := lists(`{user: alice@example.com}`); n != 1 {
		t.Errorf("%d requests find a user on the first page", n)
	}
	// One who is not there costs the empty page and one answer that is empty.
	if n := lists(`{user: alice@example.com}, {user: gone@example.com}`); n != 3 {
		t.Errorf("%d requests look for a user who is gone", n)
	}
}

// A list that ends before all of it has come fails the plan.
func TestListThatIsCutShort(t *testing.T) {
	t.Parallel()
	const members = `{members: [{user: alice@example.com}]}`
	l := newLab(t, world, with(project, `groups: ["grp_*"]`, `groups: ["*"]`), file(doc("Group", "grp_team", members)))
	l.converge()
	for _, resource := range []string{"Groups", "ServicePrincipals"} {
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/accounts/*/scim/v2/" + resource, Times: -1, Status: http.StatusOK,
			Body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":9,"startIndex":1,"itemsPerPage":0}`})
		l.wantError("list " + resource + ": 0 of 9 items came")
		l.ClearFaults()
	}
	l.put("access.yaml", doc("Group", "grp_team", `{members: [{user: alice@example.com}, {user: gone@example.com}]}`))
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/accounts/*/scim/v2/Users", Skip: 1, Times: -1, Status: http.StatusOK,
		Body: `{"schemas":["x"],"totalResults":99}`})
	l.wantError("list Users: 8 of 99 items came")
}

// A member of whom no list knows stays, unless a 404 says that it is gone.
func TestMembersThatNoListKnows(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_a", `{members: [{user: alice@example.com}]}`)))
	l.converge()
	l.change(func(st *sandbox.State) { join(st, "grp_a_dev", "user:bob@example.com") })
	l.want(`update group@account/grp_a_dev member -user:bob@example.com`)

	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*accounts/*scim/v2/Users", Times: -1, Status: http.StatusOK, Body: `{"schemas":["x"],"totalResults":0}`})
	bob := idOf(l.State(), "user:bob@example.com")
	p := l.want("")
	contains(t, warned(p), "group grp_a_dev has a member of the id "+bob, "it stays")
	contains(t, kept(p), "user:#"+bob+": protected")

	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*accounts/*scim/v2/Users/" + bob, Times: -1, Status: http.StatusNotFound})
	l.want(`update group@account/grp_a_dev member -user:#` + bob)
	run, p := l.plan()
	l.carryOut(run, p)
	if m := members(l.State(), "grp_a_dev"); m != "user:alice@example.com" {
		t.Errorf("the group has %s", m)
	}
}

// A name that looks like the mark of an unknown member is a name.
func TestGroupWhoseNameBeginsWithAHash(t *testing.T) {
	t.Parallel()
	l := newLab(t, with(world, "    - {displayName: grp_stranger", "    - {displayName: \"#ops\"}\n    - {displayName: grp_stranger"),
		with(project, `    groups: ["AAD-*"]
    servicePrincipals: {spn`, `    groups: ["AAD-*", "#ops"]
    servicePrincipals: {spn`), file(doc("Group", "grp_a", `{members: [{group: "#ops"}]}`)))
	l.converge()
	if m := members(l.State(), "grp_a_dev"); m != "group:#ops" {
		t.Errorf("the group has %q", m)
	}
}

// Items without an id or a name are no items.
func TestListedItemsWithoutAName(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(doc("Group", "grp_a", `{members: [{user: alice@example.com}]}`), onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`))))
	for _, test := range []struct{ path, body, want string }{
		{"*accounts/*scim/v2/Groups", `{"schemas":["x"],"totalResults":1,"Resources":[{"displayName":"grp_a_dev"}]}`, "list Groups: an item lacks its id or name"},
		{"*accounts/*scim/v2/Groups", `{"schemas":["x"],"totalResults":1,"Resources":[{"id":"5"}]}`, "list Groups: an item lacks its id or name"},
		{"*accounts/*scim/v2/ServicePrincipals", `{"schemas":["x"],"totalResults":1,"Resources":[{"id":"5","displayName":"x"}]}`, "list ServicePrincipals: an item lacks"},
		{"*accounts/*scim/v2/Users", `{"schemas":["x"],"totalResults":1,"Resources":[{"id":"5"}]}`, "list Users: an item lacks"},
		{"/api/2.1/unity-catalog/schemas", `{"schemas":[{"catalog_name":"silver_dev"}]}`, "list schemas: an item has no name"},
	} {
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: test.path, Times: -1, Status: http.StatusOK, Body: test.body})
		l.wantError(test.want)
		l.ClearFaults()
	}
}

// A list that leads back to a page it has shown ends in an error.
func TestEndlessLists(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, with(project, `{workspace: main, type: jobs, name: "*"}`, `{workspace: main, type: dbsql-dashboards, name: "*"}`),
		file(docs(doc("Group", "grp_a", `{members: [{user: nobody@example.com}]}`), onCluster(`{group: AAD-Auditors, level: CAN_MANAGE}`), onSchema(`{group: AAD-Auditors, privileges: [SELECT]}`))))
	for path, body := range map[string]string{
		"/api/2.1/clusters/list":                            `{"clusters":[],"next_page_token":"same"}`,
		"/api/2.0/preview/sql/dashboards":                   `{"results":[{"id":"a","name":"a"}]}`,
		"/api/2.1/unity-catalog/schemas":                    `{"schemas":[],"next_page_token":"same"}`,
		"*scim/v2/Groups":                                   `{"schemas":["x"],"totalResults":9,"Resources":[{"id":"5","displayName":"x"}]}`,
		"/api/2.1/unity-catalog/permissions/schema/silver*": `{"privilege_assignments":[],"next_page_token":"same"}`,
	} {
		l.Inject(sandbox.Fault{Method: http.MethodGet, Path: path, Times: -1, Status: http.StatusOK, Body: body})
		_, p, err := l.tryPlan()
		text := fmt.Sprint(err, p.Held)
		contains(t, text, "repeats")
		l.ClearFaults()
	}
}

// Users who hold power, and whom no document names, are looked up without reading
// the first page of all users again.
func TestPowerfulUsersAreFoundInFewRequests(t *testing.T) {
	t.Parallel()
	seed, _ := crowd(500)
	l := newLab(t, seed, project, file(docs(doc("Group", "grp_a", `{members: [{user: u499@example.com}]}`), onSchema(``))))
	l.change(func(st *sandbox.State) { give(st, "silver_dev.sales", "user:u498@example.com", "MANAGE") })
	l.SetKnobs(sandbox.Knobs{PageSize: 100})
	l.ResetRequests()
	l.plan()
	var lists []string
	for _, r := range l.Requests() {
		if strings.HasSuffix(r.Path, "/Users") && !strings.Contains(fmt.Sprint(r.Query), "filter") {
			lists = append(lists, fmt.Sprint(r.Query))
		}
	}
	if len(lists) != 1 {
		t.Errorf("the list of users is read %d times: %v", len(lists), lists)
	}
}

// An ACL entry without a principal is nobody's, and what is read with it is not
// to be relied on; a privilege that the tables do not know keeps its name.
func TestEntriesThatNobodyKnows(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(onCluster(`{group: AAD-Auditors, level: CAN_MANAGE}`)))
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.0/permissions/clusters/*", Times: -1, Status: http.StatusOK,
		Body: `{"object_id":"/x","access_control_list":[{"all_permissions":[{"permission_level":"CAN_MANAGE"}]}]}`})
	p := l.want("")
	if len(p.Held) != 1 {
		t.Fatalf("held: %v", p.Held)
	}
	contains(t, p.Held[0].Reason, "an entry without a principal")
	l.ClearFaults()

	l.put("access.yaml", doc("Grants", "t", `{securables: [{type: table, name: "{silver}.sales.orders"}], grants: []}`))
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "/api/2.1/unity-catalog/permissions/table/*", Times: -1, Status: http.StatusOK,
		Body: `{"privilege_assignments":[{"principal":"alice@example.com","privileges":["CREATE","USAGE"]}]}`})
	l.want(`update grants@metastore/table/silver_dev.sales.orders user:alice@example.com -CREATE -USAGE`)
}
