package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// filterQuoter writes a value as clients do between double quotes.
var filterQuoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// FuzzFilter: no text makes the parser panic, what it refuses it refuses as a bad
// request, and a quoted value is one value: it finds what has that name and
// nothing else, whatever stands in it.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{
		"", "x", `displayName eq "a"`, `not (displayName co "a" or id pr) and userName sw 'b\''`, `userName eq "`, "((", ") and",
		`a" or displayName pr or displayName eq "`, `\`, `\" or id pr or "`, "İ", "\u202e", "grp_%2f/..'; drop--", "id pr and",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Count(text, "(")+strings.Count(strings.ToLower(text), "not") > 10_000 {
			t.Skip("longer than a URL may be")
		}
		filter, err := parseFilter(text)
		if err == nil {
			_, err = filter(attributesOf("some name"))
		}
		if failure := (*scimError)(nil); err != nil && (!errors.As(err, &failure) || failure.status != http.StatusBadRequest) {
			t.Errorf("%q: %v", text, err)
		}
		exact, err := parseFilter(`displayName eq "` + filterQuoter.Replace(text) + `"`)
		if err != nil {
			t.Fatalf("%q in quotes: %v", text, err)
		}
		for _, name := range []string{text, "some name", text + "x"} {
			found, err := exact(attributesOf(name))
			have, want := strings.ToLower(name), strings.ToLower(text)
			if err != nil || found != (have == want) {
				t.Errorf("%q finds %q: %v %v", text, name, found, err)
			}
		}
	})
}

func attributesOf(name string) func(string) ([]string, bool) {
	return func(attribute string) ([]string, bool) {
		values, ok := map[string][]string{"displayname": {name}, "id": {"7"}, "username": {}}[attribute]
		return values, ok
	}
}

// FuzzPatch: no operation makes the parser of paths or values panic; a refusal is
// a bad request or something unsupported; and a path that chooses a member takes
// away that one at most.
func FuzzPatch(f *testing.F) {
	for _, seed := range [][3]string{
		{"remove", `members[value eq "2"]`, ""}, {"remove", "members", `[{"value":"1"}]`}, {"add", "members", `[{"value":"9"}]`},
		{"replace", "displayName", `"x"`}, {"add", "", `{"members":[{"value":"4"}]}`}, {"remove", `members[display eq "b c"]`, ""},
		{"remove", `members[value ne "2"]`, ""}, {"remove", `members[value eq "2" or value pr]`, ""}, {"remove", "members[", "null"},
		{"replace", `urn:x:members[value eq "1"]`, "[]"}, {"add", "entitlements", `{"value":""}`}, {"remove", "externalId", ""},
		{"replace", "emails", `[{}]`}, {"replace", "name", `{"givenName":"x"}`}, {"Add", "active", `"TRUE"`},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, op, path, value string) {
		for _, kind := range []principalKind{kindUser, kindServicePrincipal, kindGroup} {
			draft := scimDraft{displayName: "n", members: []string{"1", "2", "3"}, roles: []string{"r"}, entitlements: []string{"e"}}
			before := draft.clone()
			p := patcher{kind: kind, draft: &draft, display: func(id string) string { return "member " + id }}
			err := p.apply(scimOperation{Op: op, Path: path, Value: json.RawMessage(value)})
			failure := (*scimError)(nil)
			if err != nil && (!errors.As(err, &failure) || failure.status != http.StatusBadRequest && failure.status != http.StatusNotImplemented) {
				t.Errorf("%s %q %q: %v", op, path, value, err)
			}
			if !strings.Contains(path, "[") {
				continue
			}
			gone := len(before.members) - len(draft.members)
			if gone < 0 || gone > 1 || !isPart(draft.members, before.members) || draft.displayName != before.displayName {
				t.Errorf("%s %q %q leaves %+v", op, path, value, draft)
			}
		}
	})
}

// isPart tells whether all of a is in b.
func isPart(a, b []string) bool {
	return !slices.ContainsFunc(a, func(v string) bool { return !slices.Contains(b, v) })
}
