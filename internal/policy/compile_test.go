package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/spec"
)

func TestTheTableOfRulesIsInOrderAndSaysWhy(t *testing.T) {
	rules := Builtin()
	if !slices.IsSortedFunc(rules, func(a, b Rule) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("the rules are not sorted by code")
	}
	for i, r := range rules {
		if r.Title == "" || r.Doc == "" || r.check == nil || strings.ContainsAny(r.Title+r.Doc, "\n") {
			t.Errorf("%s: title %q, doc %q", r.Code, r.Title, r.Doc)
		}
		if !slices.Contains([]string{"error", "warn", "note", "off"}, string(r.Level)) {
			t.Errorf("%s has the level %q", r.Code, r.Level)
		}
		if i > 0 && rules[i-1].Code == r.Code {
			t.Errorf("two rules are called %s", r.Code)
		}
	}
}

func TestARuleThatDoesNotExistIsRefusedWhereItStands(t *testing.T) {
	repo := repository(t, map[string]string{"brickgate.yaml": project + "  rules:\n    BG201: warn\n    BG516: warn\n"})
	_, err := Compile(repo.Project)
	mistakes := spec.Errors(err)
	if len(mistakes) != 1 {
		t.Fatalf("mistakes: %v", err)
	}
	if got := mistakes[0].Error(); !strings.HasPrefix(got, "brickgate.yaml:24:5: there is no rule BG516 (did you mean BG216") {
		t.Error(got)
	}
}

func TestAProjectSetsTheLevelsOfRules(t *testing.T) {
	entry := consumer("user: alice@example.com", granted, expires, signed, attested)
	for rules, want := range map[string]string{
		"":                          "a.yaml:24:7 error BG201",
		"  rules: {BG201: warn}\n":  "a.yaml:24:7 warn BG201",
		"  rules: {BG201: error}\n": "a.yaml:24:7 error BG201",
		"  rules: {BG201: {level: \"off\", reason: later}}\n": "",
	} {
		repo := repository(t, map[string]string{"brickgate.yaml": project + rules, "a.yaml": market + entry})
		got, _, _ := strings.Cut(lines(check(t, input(t, repo, today)), "BG201"), ": ")
		same(t, got, want)
	}
}
