package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func TestFilters(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if err := r.Change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups,
			sandbox.Group{DisplayName: `say "hi" \o/`}, sandbox.Group{DisplayName: "it's (new)"}, sandbox.Group{DisplayName: "über all"})
	}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind, filter string
		want         []string
	}{
		{"Groups", `displayName eq "analysts"`, []string{"analysts"}},
		{"Groups", `displayName EQ "Analysts"`, []string{"analysts"}},
		{"Groups", `displayName eq 'analysts'`, []string{"analysts"}},
		{"Groups", `displayName sw una`, []string{"unassigned"}},
		{"Groups", `displayName co "ss"`, []string{"unassigned"}},
		{"Groups", `displayName eq "say \"hi\" \\o/"`, []string{`say "hi" \o/`}},
		{"Groups", `displayName eq "it's (new)"`, []string{"it's (new)"}},
		{"Groups", `displayName eq 'it\'s (new)'`, []string{"it's (new)"}},
		{"Groups", `displayName eq "über all"`, []string{"über all"}},
		{"Groups", `displayName eq "a" or displayName eq "everyone" or displayName eq "analysts"`, []string{"analysts", "everyone"}},
		{"Groups", `displayName sw "a" and (displayName co "users" or displayName co "lys")`, []string{"analysts", "account users"}},
		{"Groups", `displayName sw "a" and displayName ne "analysts"`, []string{"account users"}},
		{"Groups", `not (displayName sw "a") and displayName co "n"`, []string{"everyone", "unassigned", "it's (new)"}},
		{"Groups", `id eq "` + r.groupID("analysts") + `"`, []string{"analysts"}},
		{"Groups", `members.value eq "` + r.userID("bob@example.com") + `"`, []string{"account users", "analysts"}},
		{"Groups", `displayName eq "nobody"`, nil},
		{"Users", `userName eq "ALICE@EXAMPLE.COM"`, []string{"Alice"}},
		{"Users", `externalId pr`, []string{"Alice"}},
		{"Users", `active eq true and userName sw "b"`, []string{"Bob"}},
		{"ServicePrincipals", `applicationId eq "22222222-2222-2222-2222-222222222222"`, []string{"etl"}},
		{"ServicePrincipals", `displayName eq "etl"`, []string{"etl", "etl"}},
	} {
		got := r.list(r.accountPath("/scim/v2/"+tt.kind), "filter="+url.QueryEscape(tt.filter))
		slices.Sort(got)
		slices.Sort(tt.want)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.filter, got, tt.want)
		}
	}
}

func TestBadFiltersAreErrors(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	long := strings.TrimSuffix(strings.Repeat(`displayName eq "x" or `, 101), " or ")
	for filter, want := range map[string]string{
		`displayName is "x"`:             `unknown operator "is"`,
		`display_name eq "x"`:            `unknown attribute "display_name"`,
		`userName eq "x"`:                `unknown attribute "username"`,
		`displayName eq "x`:              "not closed",
		`displayName eq`:                 "ends too early",
		`(displayName eq "x"`:            "ends too early",
		`displayName eq "x" displayName`: `unexpected "displayName"`,
		long:                             "more than 200",
	} {
		got := r.do("GET "+r.accountPath("/scim/v2/Groups?filter=")+url.QueryEscape(filter), "")
		if detail, _ := got.field("detail").(string); got.status != 400 || !strings.Contains(detail, want) {
			t.Errorf("%s: %d %s, want 400 with %s", filter, got.status, got.body, want)
		}
	}
}

// list gives the display names of a SCIM list.
func (r *rig) list(path, query string) []string {
	r.t.Helper()
	got := r.do("GET "+path+"?"+query, "")
	if got.status != 200 {
		r.t.Fatalf("GET %s?%s: %d %s", path, query, got.status, got.body)
	}
	var names []string
	resources, _ := got.field("Resources").([]any)
	for _, res := range resources {
		name, _ := res.(map[string]any)["displayName"].(string)
		names = append(names, name)
	}
	return names
}

func TestListPagesByStartIndexUntilAPageIsEmpty(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	if err := r.Change(func(st *sandbox.State) {
		for i := range 246 {
			st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: fmt.Sprintf("g%03d", i)})
		}
	}); err != nil {
		t.Fatal(err)
	}
	r.ResetRequests()
	a := r.account()
	it := a.GroupsV2.List(t.Context(), iam.ListAccountGroupsRequest{Count: 100, Attributes: "id,displayName"})
	seen := map[string]bool{}
	for it.HasNext(t.Context()) {
		g, err := it.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen[g.DisplayName] = true
	}
	lists := 0
	for _, req := range r.Requests() {
		if strings.HasSuffix(req.Path, "/Groups") {
			lists++
		}
	}
	if len(seen) != 250 || lists != 4 {
		t.Errorf("saw %d groups in %d requests, want 250 in 4", len(seen), lists)
	}
	past := r.do("GET "+r.accountPath("/scim/v2/Groups?startIndex=300&count=100"), "")
	if past.field("itemsPerPage") != 0.0 || past.field("Resources") != nil || past.field("startIndex") != 300.0 || past.field("totalResults") != 250.0 {
		t.Errorf("past the end: %s", past.body)
	}
	low := r.do("GET "+r.accountPath("/scim/v2/Groups?startIndex=-3&count=-1"), "")
	if low.field("startIndex") != 1.0 || low.field("itemsPerPage") != 0.0 {
		t.Errorf("below the range: %s", low.body)
	}
	r.SetKnobs(sandbox.Knobs{PageSize: 7})
	if got := r.list(r.accountPath("/scim/v2/Groups"), "count=100"); len(got) != 7 {
		t.Errorf("PageSize 7 gave %d groups", len(got))
	}
}

func TestListOrder(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Users")
	got := r.list(path, "sortBy=userName&sortOrder=descending")
	if !slices.Equal(got, []string{"Bob", "Alice", "Admin"}) {
		t.Errorf("descending: %v", got)
	}
	for _, query := range []string{"sortOrder=up", "sortBy=shoeSize", "count=many"} {
		if got := r.do("GET "+path+"?"+query, ""); got.status != 400 {
			t.Errorf("%s: %d %s, want 400", query, got.status, got.body)
		}
	}
}

func TestAttributesSelectAndExclude(t *testing.T) {
	r := startRig(t, company, sandbox.Options{})
	path := r.accountPath("/scim/v2/Users/" + r.userID("alice@example.com"))
	got := r.do("GET "+path+"?attributes=username,name.givenName", "")
	if got.field("userName") != "Alice@example.com" || got.field("id") == nil || got.field("displayName") != nil {
		t.Errorf("attributes: %s", got.body)
	}
	got = r.do("GET "+path+"?excludedAttributes=emails,id", "")
	if got.field("emails") != nil || got.field("id") == nil || got.field("displayName") != "Alice" {
		t.Errorf("excludedAttributes: %s", got.body)
	}
}
