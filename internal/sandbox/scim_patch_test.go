package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// patchGroup sends operations to the account group analysts, whose members are
// alice and bob, and gives the names of the members afterwards.
func patchGroup(r *rig, operations string) (reply, []string) {
	r.t.Helper()
	path := r.accountPath("/scim/v2/Groups/" + r.groupID("analysts"))
	got := r.do("PATCH "+path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+operations+`]}`)
	after := r.do("GET "+path, "")
	var names []string
	members, _ := after.field("members").([]any)
	for _, m := range members {
		names = append(names, m.(map[string]any)["display"].(string))
	}
	return got, names
}

func TestGroupPatch(t *testing.T) {
	const alice, bob, admin = "100000000002", "100000000003", "100000000001"
	for _, tt := range []struct {
		name, ops string
		status    int
		scimType  string // of an error
		members   string
	}{
		{"add to the path", `{"op":"add","path":"members","value":[{"value":"` + admin + `"}]}`, 200, "", "Admin Alice Bob"},
		{"add without path", `{"op":"add","value":{"members":[{"value":"` + admin + `"}]}}`, 200, "", "Admin Alice Bob"},
		{"op and path in any case", `{"op":"Add","path":"Members","value":[{"value":"` + admin + `"}]}`, 200, "", "Admin Alice Bob"},
		{"path with its schema", `{"op":"add","path":"urn:ietf:params:scim:schemas:core:2.0:Group:members","value":[{"value":"` + admin + `"}]}`, 200, "", "Admin Alice Bob"},
		{"add one who is there", `{"op":"add","path":"members","value":[{"value":"` + bob + `"}]}`, 200, "", "Alice Bob"},
		{"remove one", `{"op":"remove","path":"members[value eq \"` + alice + `\"]"}`, 200, "", "Bob"},
		{"remove one unquoted", `{"op":"remove","path":"members[value eq ` + alice + `]"}`, 200, "", "Bob"},
		{"remove one by name", `{"op":"remove","path":"members[display eq 'Alice']"}`, 200, "", "Bob"},
		{"remove one who is not there", `{"op":"remove","path":"members[value eq \"` + admin + `\"]"}`, 200, "", "Alice Bob"},
		{"remove with a plain path wipes", `{"op":"remove","path":"members"}`, 200, "", ""},
		{"remove with a value wipes as well", `{"op":"remove","path":"members","value":[{"value":"` + alice + `"}]}`, 200, "", ""},
		{"remove with an object wipes as well", `{"op":"remove","path":"members","value":{"members":[{"value":"` + alice + `"}]}}`, 200, "", ""},
		{"replace", `{"op":"replace","path":"members","value":[{"value":"` + admin + `"}]}`, 200, "", "Admin"},
		{"remove from what has just become empty", `{"op":"remove","path":"members"},{"op":"remove","path":"members[value eq \"` + alice + `\"]"}`, 400, "invalidPath", "Alice Bob"},
		{"remove an absent attribute", `{"op":"remove","path":"roles"}`, 400, "invalidPath", "Alice Bob"},
		{"remove without path", `{"op":"remove","value":{"members":[]}}`, 400, "noTarget", "Alice Bob"},
		{"another operator in the path", `{"op":"remove","path":"members[value ne \"1\"]"}`, 501, "", "Alice Bob"},
		{"a text for a list", `{"op":"add","path":"members","value":"` + admin + `"}`, 400, "invalidSyntax", "Alice Bob"},
		{"a list of texts", `{"op":"add","path":"members","value":["` + admin + `"]}`, 400, "invalidSyntax", "Alice Bob"},
		{"no value", `{"op":"add","path":"members"}`, 400, "invalidSyntax", "Alice Bob"},
		{"unknown op", `{"op":"move","path":"members"}`, 400, "invalidSyntax", "Alice Bob"},
		{"unknown attribute", `{"op":"add","path":"colour","value":"red"}`, 400, "invalidPath", "Alice Bob"},
		{"no operations", ``, 400, "invalidSyntax", "Alice Bob"},
		{"a failing operation undoes those before it", `{"op":"remove","path":"members"},{"op":"add","path":"colour","value":"red"}`, 400, "invalidPath", "Alice Bob"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := startRig(t, company, sandbox.Options{})
			got, members := patchGroup(r, tt.ops)
			slices.Sort(members)
			scimType, _ := got.field("scimType").(string)
			if got.status != tt.status || scimType != tt.scimType || strings.Join(members, " ") != tt.members {
				t.Errorf("got %d %s, members %v; want %d %q, members %s", got.status, got.body, members, tt.status, tt.scimType, tt.members)
			}
		})
	}
}

func TestRemovingTheLastMemberUnsetsTheAttribute(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	for _, user := range []string{"alice@example.com", "bob@example.com"} {
		got, _ := patchGroup(r, `{"op":"remove","path":"members[value eq \"`+r.userID(user)+`\"]"}`)
		if got.status != 200 {
			t.Fatalf("remove %s: %s", user, got.body)
		}
	}
	got, _ := patchGroup(r, `{"op":"remove","path":"members[value eq \"`+r.userID("bob@example.com")+`\"]"}`)
	want := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"invalidPath","detail":"No such attribute with the name : members in the current resource","status":"400"}`
	if strings.TrimSpace(got.body) != want {
		t.Errorf("got  %s\nwant %s", got.body, want)
	}
	r.SetKnobs(sandbox.Knobs{LenientSCIM: true})
	if got, _ := patchGroup(r, `{"op":"remove","path":"members[value eq \"1\"]"}`); got.status != 200 {
		t.Errorf("lenient: %d %s, want 200", got.status, got.body)
	}
}

func TestLenientRemoveTakesOnlyTheListed(t *testing.T) {
	r := startRig(t, company, sandbox.Options{Knobs: sandbox.Knobs{LenientSCIM: true}})
	_, members := patchGroup(r, `{"op":"remove","path":"members","value":[{"value":"`+r.userID("alice@example.com")+`"}]}`)
	if !slices.Equal(members, []string{"Bob"}) {
		t.Errorf("members are %v, want Bob", members)
	}
}

func TestUserPatch(t *testing.T) {
	for _, tt := range []struct{ ops, field, want string }{
		{`{"op":"replace","path":"active","value":"false"}`, "active", "false"},
		{`{"op":"replace","path":"active","value":[{"value":"False"}]}`, "active", "false"},
		{`{"op":"replace","path":"active","value":false}`, "active", "false"},
		{`{"op":"replace","value":{"active":false,"displayName":"A"}}`, "displayName", "A"},
		{`{"op":"replace","path":"userName","value":"a@example.com"}`, "userName", "a@example.com"},
		{`{"op":"add","path":"name.givenName","value":"Al"}`, "name", "map[givenName:Al]"},
		{`{"op":"replace","path":"name","value":{"familyName":"Ice"}}`, "name", "map[familyName:Ice]"},
		{`{"op":"remove","path":"externalId"}`, "externalId", "<nil>"},
		{`{"op":"add","path":"roles","value":[{"value":"arn:x"},{"value":"arn:y"}]},{"op":"remove","path":"roles[value eq \"arn:x\"]"}`, "roles", "[map[value:arn:y]]"},
		{`{"op":"replace","path":"emails","value":[{"value":"e@x.com","type":"work","primary":true}]}`, "emails", "[map[primary:true type:work value:e@x.com]]"},
	} {
		r := startRig(t, company, sandbox.Options{})
		path := r.accountPath("/scim/v2/Users/" + r.userID("alice@example.com"))
		got := r.do("PATCH "+path, `{"Operations":[`+tt.ops+`]}`)
		if text := fmt.Sprint(got.field(tt.field)); got.status != 200 || text != tt.want {
			t.Errorf("%s: %d %s, want %s %s", tt.ops, got.status, got.body, tt.field, tt.want)
		}
	}
}

func TestUserPatchRefusals(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Users/" + r.userID("alice@example.com"))
	for ops, status := range map[string]int{
		`{"op":"replace","path":"userName","value":"BOB@example.com"}`: 409,
		`{"op":"remove","path":"userName"}`:                            400,
		`{"op":"replace","path":"active","value":"maybe"}`:             400,
		`{"op":"replace","path":"displayName","value":7}`:              400,
		`{"op":"add","path":"members","value":[{"value":"1"}]}`:        400,
	} {
		if got := r.do("PATCH "+path, `{"Operations":[`+ops+`]}`); got.status != status {
			t.Errorf("%s: %d %s, want %d", ops, got.status, got.body, status)
		}
	}
}
