package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

var violations = filepath.Join("..", "..", "examples", "violations")

// unshown are the built-in rules that no file of the example breaks, and why.
var unshown = map[string]string{
	"BG402": "it takes hundreds of privileges, or thousands of groups",
}

// live is what a plan finds of the files where it is not what validate finds.
var live = map[string]string{
	"BG216.yaml": "BG211.yaml", // the group could be read, and the approver is not in it
}

// found once: a rule at a line of a file.
func findingText(file string, line any, level, code string) string {
	return fmt.Sprintf("%s:%v: %s %s", file, line, level, code)
}

// wantedViolations is one finding for each file: the rule in its name, at the
// only line with a comment.
func wantedViolations(t *testing.T) []string {
	t.Helper()
	levels := map[string]string{}
	for _, r := range policy.Builtin() {
		levels[r.Code] = string(r.Level)
	}
	project := violationsProject(t)
	for _, r := range project.Rules.Entries {
		levels[r.Key.Value] = r.Value.Level.Value
	}
	for _, p := range project.Policies {
		levels[p.Name.Value] = "error"
	}
	entries, err := os.ReadDir(violations)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range entries {
		if slices.Contains([]string{"brickgate.yaml", seedFile, filepath.Dir(stateFile)}, e.Name()) {
			continue
		}
		code := strings.TrimSuffix(e.Name(), ".yaml")
		level, known := levels[code]
		if !known {
			t.Errorf("%s: there is no rule of that name", e.Name())
		}
		want = append(want, findingText(e.Name(), commented(t, e.Name()), level, code))
	}
	return want
}

// commented is the only line of a file with a comment.
func commented(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(violations, name))
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.Contains(line, " # ") {
			continue
		}
		if at != 0 {
			t.Errorf("%s: comments on lines %d and %d; one says what is wrong", name, at, i+1)
		}
		at = i + 1
	}
	return at
}

func violationsProject(t *testing.T) *spec.Project {
	t.Helper()
	repo, err := spec.Load(violations, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	return repo.Project
}

// TestViolationsBreakOneRuleEach: validate names the rule, the file and the line
// of each, on any day. Contract items 10, 26, 27, 31, 44, 48, 50, 51
// and 52.
func TestViolationsBreakOneRuleEach(t *testing.T) {
	offline := slices.DeleteFunc(wantedViolations(t), func(f string) bool { return strings.HasPrefix(f, "BG501.yaml") })
	finding := regexp.MustCompile(`(?m)^(\S+\.yaml):(\d+):\d+: (error|warn|note): .* \((\S+)\)$`)
	for _, day := range [][]string{nil, {"--at", "2026-11-22"}, {"--at", "2040-01-01"}} {
		code, out, errs := called(t, append([]string{"validate", violations}, day...)...)
		if code != exitRefused || errs != "" {
			t.Errorf("validate %v: exit code %d, want %d\n%s", day, code, exitRefused, errs)
		}
		var got []string
		for _, m := range finding.FindAllStringSubmatch(out, -1) {
			got = append(got, findingText(m[1], m[2], m[3], m[4]))
		}
		if diff := cmp.Diff(offline, got); diff != "" {
			t.Errorf("validate %v (-want +got):\n%s", day, diff)
		}
	}
}

// TestViolationsOfThePlan: it tells what is known live only, applies what has no
// error, and withholds the rest.
func TestViolationsOfThePlan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "violations")
	if err := copyExample("violations", dir); err != nil {
		t.Fatal(err)
	}
	want := wantedViolations(t)
	for i, f := range want {
		if file, _, _ := strings.Cut(f, ":"); live[file] != "" {
			want[i] = findingText(file, lineOf(t, file, "role: domain_owner"), "error", strings.TrimSuffix(live[file], ".yaml"))
		}
	}
	first := planOfViolations(t, dir, want)
	if code, out, errs := called(t, "apply", "--sandbox", "--yes", "--env", "dev", dir); code != exitRefused {
		t.Fatalf("apply: exit code %d, want %d\n%s%s", code, exitRefused, out, errs)
	}
	second := planOfViolations(t, dir, want)
	if len(first.Changes) == 0 || len(second.Changes) != 0 || len(second.Blocked) == 0 {
		t.Errorf("%d changes, then %d, with %d blocked; want some, then none but those that are blocked",
			len(first.Changes), len(second.Changes), len(second.Blocked))
	}
}

// shownPlan is what these tests read of a plan's JSON.
type shownPlan struct {
	Changes, Blocked []struct{ Name string }
	Findings         []struct{ Code, Level, At string }
}

func planOfViolations(t *testing.T, dir string, want []string) (p shownPlan) {
	t.Helper()
	code, out, errs := called(t, "plan", "--sandbox", "--env", "dev", "-o", "json", dir)
	if code != exitRefused {
		t.Fatalf("plan: exit code %d, want %d\n%s", code, exitRefused, errs)
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range p.Findings {
		file, line, _ := strings.Cut(f.At, ":")
		got = append(got, findingText(file, line, f.Level, f.Code))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	return p
}

// lineOf is the only line of a file with that text.
func lineOf(t *testing.T, name, part string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(violations, name))
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(text), part)
	if !found {
		t.Fatalf("%s has no line with %s", name, part)
	}
	return 1 + strings.Count(before, "\n")
}

// TestEveryRuleIsViolated: a rule comes with a file that breaks it.
func TestEveryRuleIsViolated(t *testing.T) {
	project := violationsProject(t)
	names := []string{}
	for _, p := range project.Policies {
		names = append(names, p.Name.Value)
	}
	for _, r := range policy.Builtin() {
		if r.Level != plan.Level("off") && unshown[r.Code] == "" {
			names = append(names, r.Code)
		}
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(violations, name+".yaml")); err != nil {
			t.Errorf("no file breaks %s", name)
		}
	}
}
