package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readersOf is the team of the quickstart with these lines as its members.
func readersOf(members string) string {
	return "apiVersion: brickgate.dev/v1\nkind: Group\nmetadata: {name: grp_readers}\nspec:\n  members:\n" + members +
		"  workspaces:\n    main: {permission: USER, entitlements: [workspace-access]}\n"
}

const (
	alice = "    - user: alice@example.com\n"
	admin = "    - user: admin@example.com\n"
	ours  = "acme/access"
)

// The plan of a pull request is shown in one comment, and when it is merged that
// plan is applied, and a second time nothing.
func TestTheReviewedPlanIsApplied(t *testing.T) {
	f := newForge(t)
	head := f.change("feature", "access/readers.yaml", readersOf(alice))
	for range 2 {
		planned := f.pullRequest(head, ours)
		if !planned.ok || planned.writes > 0 || !slices.Equal(planned.jobs, []string{"validate", "plan"}) {
			t.Fatalf("planned: %v, %d writes, jobs %v\n%s", planned.ok, planned.writes, planned.jobs, planned.log)
		}
	}
	all := f.comments()
	if len(all) != 1 || !strings.HasPrefix(all[0].Body, "<!-- brickgate plan dev -->\n") || !strings.Contains(all[0].Body, "alice@example.com") {
		t.Fatalf("comments: %+v", all)
	}
	merged := f.merge(head)
	if applied := f.push(merged); !applied.ok || applied.writes == 0 || !strings.Contains(applied.log, "\nApplied ") {
		t.Errorf("applied: %v, %d writes\n%s", applied.ok, applied.writes, applied.log)
	}
	if _, err := os.Stat(filepath.Join(f.world, "artifacts", "3", "access-journal-3-1", "journal.jsonl")); err != nil {
		t.Error(err)
	}
	if again := f.push(merged); !again.ok || again.writes > 0 || !strings.Contains(again.log, "Nothing left to do.") {
		t.Errorf("again: %v, %d writes\n%s", again.ok, again.writes, again.log)
	}
}

// Where main says more than what was reviewed, nothing is applied; what is left is
// shown, and whoever has looked at it applies it by its checksum, and nothing else.
func TestAChangedMainIsNotApplied(t *testing.T) {
	f := newForge(t)
	head := f.change("feature", "access/readers.yaml", readersOf(alice))
	if planned := f.pullRequest(head, ours); !planned.ok {
		t.Fatal(planned.log)
	}
	f.change("main", "access/more.yaml", strings.Replace(readersOf(admin), "grp_readers", "grp_more", 1))
	refused := f.push(f.merge(head))
	if refused.ok || refused.writes > 0 || !strings.Contains(refused.log, "what would be done now is not what was approved") {
		t.Fatalf("%v, %d writes\n%s", refused.ok, refused.writes, refused.log)
	}
	if !strings.Contains(refused.summary, "grp_more") || !strings.Contains(refused.summary, "by hand with the checksum") {
		t.Errorf("summary:\n%s", refused.summary)
	}
	if wrong := f.dispatch("main", strings.Repeat("0", 32)); wrong.ok || wrong.writes > 0 {
		t.Errorf("another checksum: %v, %d writes\n%s", wrong.ok, wrong.writes, wrong.log)
	}
	sum := regexp.MustCompile("(?m)^Checksum: `([0-9a-f]{32})`$").FindStringSubmatch(refused.summary)
	if sum == nil {
		t.Fatalf("no checksum in the summary:\n%s", refused.summary)
	}
	if elsewhere := f.dispatch("feature", sum[1]); len(elsewhere.jobs) > 0 {
		t.Errorf("by hand, on a branch that nobody merged: %v\n%s", elsewhere.jobs, elsewhere.log)
	}
	if applied := f.dispatch("main", sum[1]); !applied.ok || applied.writes == 0 {
		t.Errorf("by hand: %v, %d writes\n%s", applied.ok, applied.writes, applied.log)
	}
}

// What nobody has reviewed is not applied: a push without a pull request, one whose
// plan was refused, and a plan that is not the one that the comment shows.
func TestWhatNobodyReviewedIsNotApplied(t *testing.T) {
	t.Run("no pull request", func(t *testing.T) {
		f := newForge(t)
		sha := f.change("main", "access/readers.yaml", readersOf(alice))
		if got := f.push(sha); got.ok || got.writes > 0 || !strings.Contains(got.log, "::error::No merged pull request led to this commit") {
			t.Errorf("%v, %d writes\n%s", got.ok, got.writes, got.log)
		}
	})
	t.Run("a refused plan", func(t *testing.T) {
		f := newForge(t)
		head := f.change("feature", "access/readers.yaml", "# nothing is declared any more\n")
		planned := f.pullRequest(head, ours)
		if planned.ok || len(f.comments()) != 1 || !strings.Contains(f.comments()[0].Body, "Refused") {
			t.Fatalf("%v %+v\n%s", planned.ok, f.comments(), planned.log)
		}
		if got := f.push(f.merge(head)); got.ok || got.writes > 0 || !strings.Contains(got.log, "::error::access-plan has no successful run") {
			t.Errorf("%v, %d writes\n%s", got.ok, got.writes, got.log)
		}
	})
	t.Run("a pull request of a fork, or to another branch", func(t *testing.T) {
		f := newForge(t)
		head := f.change("feature", "access/readers.yaml", readersOf(alice))
		if planned := f.pullRequest(head, ours); !planned.ok {
			t.Fatal(planned.log)
		}
		sha := f.mergeOf(head, "mallory/access", "main")
		if got := f.push(sha); got.ok || got.writes > 0 || !strings.Contains(got.log, "::error::Pull request 7 came from a fork") {
			t.Errorf("a fork: %v, %d writes\n%s", got.ok, got.writes, got.log)
		}
		f.write("pulls-"+sha, strings.ReplaceAll(f.read("pulls-"+sha), `"ref": "main"`, `"ref": "release"`))
		if got := f.push(sha); got.ok || got.writes > 0 || !strings.Contains(got.log, "::error::No merged pull request led to this commit") {
			t.Errorf("another branch: %v, %d writes\n%s", got.ok, got.writes, got.log)
		}
	})
	t.Run("another plan than the comment shows", func(t *testing.T) {
		f := newForge(t)
		head := f.change("feature", "access/readers.yaml", readersOf(alice))
		if planned := f.pullRequest(head, ours); !planned.ok {
			t.Fatal(planned.log)
		}
		f.write("comments-7", regexp.MustCompile("Checksum: `[0-9a-f]{4}").ReplaceAllString(f.read("comments-7"), "Checksum: `0000"))
		if got := f.push(f.merge(head)); got.ok || got.writes > 0 || !strings.Contains(got.log, "it is another plan") {
			t.Errorf("%v, %d writes\n%s", got.ok, got.writes, got.log)
		}
	})
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A mistake fails the validation, and a plan that cannot be made does not leave the
// comment of an earlier one standing.
func TestAPullRequestWithMistakes(t *testing.T) {
	f := newForge(t)
	good := f.change("feature", "access/readers.yaml", readersOf(alice))
	if planned := f.pullRequest(good, ours); !planned.ok {
		t.Fatal(planned.log)
	}
	bad := f.change("feature", "access/readers.yaml", strings.Replace(readersOf(alice), "members", "member", 1))
	if got := f.pullRequest(bad, ours); got.ok || !slices.Equal(got.jobs, []string{"validate"}) || !strings.Contains(got.log, `unknown field "member"`) {
		t.Errorf("%v, jobs %v\n%s", got.ok, got.jobs, got.log)
	}
	f.vars["DATABRICKS_CLIENT_ID"] = "somebody else"
	if got := f.pullRequest(good, ours); got.ok {
		t.Error(got.log)
	}
	all := f.comments()
	if len(all) != 1 || !strings.Contains(all[0].Body, "There is no plan for this commit: [the run](https://github.com/acme/access/actions/runs/3)") {
		t.Errorf("comments: %+v", all)
	}
}

// A fork gets a validation, and nobody's rights; and where nothing is configured,
// nothing runs.
func TestForksAndRepositoriesThatAreNotConfigured(t *testing.T) {
	f := newForge(t)
	head := f.change("feature", "access/readers.yaml", readersOf(alice))
	if got := f.pullRequest(head, "mallory/access"); !got.ok || !slices.Equal(got.jobs, []string{"validate"}) || len(f.comments()) > 0 {
		t.Errorf("%v, jobs %v\n%s", got.ok, got.jobs, got.log)
	}
	f.vars["BRICKGATE_ENV"] = ""
	if got := f.push(f.merge(head)); !got.ok || len(got.jobs) > 0 {
		t.Errorf("%v, jobs %v\n%s", got.ok, got.jobs, got.log)
	}
}

// What a pull request says stands in no command, and what others write in comments
// is no plan of ours.
func TestHostileTextReachesNoCommand(t *testing.T) {
	f := newForge(t)
	forged := `[{"id": 1, "user": {"login": "mallory"}, "body": "<!-- brickgate plan dev -->\nChecksum: ` + "`00000000000000000000000000000000`" + `\n"}]`
	f.write("comments-7", forged)
	hostile := "$(touch pwned) `touch pwned` '; touch pwned; ' @/etc/passwd ${{ github.token }} ::error::x"
	head := f.change("feature", "access/readers.yaml",
		readersOf("    - {user: alice@example.com, expires: 2030-01-01, justification: \""+hostile+"\"}\n"))
	planned := f.pullRequest(head, ours)
	all := f.comments()
	if !planned.ok || len(all) != 2 || all[0].Body != "<!-- brickgate plan dev -->\nChecksum: `00000000000000000000000000000000`\n" {
		t.Fatalf("%v %+v\n%s", planned.ok, all, planned.log)
	}
	if !strings.Contains(all[1].Body, "touch pwned") {
		t.Errorf("the reason is not shown: %s", all[1].Body)
	}
	applied := f.push(f.merge(head))
	if !applied.ok || applied.writes == 0 {
		t.Errorf("%v, %d writes\n%s", applied.ok, applied.writes, applied.log)
	}
	for _, log := range []string{planned.log, applied.log} {
		if regexp.MustCompile(`(?m)^\s*::error::x`).MatchString(log) {
			t.Errorf("a command of the runner: %s", log)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(filepath.Dir(f.world), "*", "*", "pwned")); len(found) > 0 {
		t.Errorf("made: %v", found)
	}
}

// Workflows bear nothing that somebody else may change or fill in.
func TestTheWorkflowsAreSafe(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", ".github", "workflows", "*.yml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		text := string(mustRead(t, file))
		for _, m := range regexp.MustCompile(`(?m)^\s*-? ?uses: (.*)$`).FindAllStringSubmatch(text, -1) {
			if !regexp.MustCompile(`^actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(m[1]) {
				t.Errorf("%s: %s is not pinned to a commit of an action of GitHub's own", file, m[1])
			}
		}
		w := readWorkflow(t, filepath.Base(file))
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s: permissions %v", file, w.Permissions)
		}
		for name, job := range w.Jobs {
			if job.Timeout == 0 {
				t.Errorf("%s: job %s may run for hours", file, name)
			}
			for _, s := range job.Steps {
				if strings.Contains(s.Run, "${{") {
					t.Errorf("%s: step %q: what stands in ${{ }} is part of the command: pass it in env", file, s.Name)
				}
			}
		}
		for _, word := range []string{`pull_request_target\b`, `secrets\.`, `workflow_run\b`} {
			if regexp.MustCompile(`(?m)^[^#\n]*` + word).MatchString(text) {
				t.Errorf("%s has %s", file, word)
			}
		}
	}
}
