package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/snapshot"
)

// A plan over a snapshot of an example is the plan over the example, to the byte, in text
// and JSON, with its exit code; and an apply is rehearsed on it to the end.
func TestExamplesOverSnapshots(t *testing.T) {
	inEveryExample(t, func(string) bool { return true }, samePlanOverSnapshot)
}

func samePlanOverSnapshot(t *testing.T, dir, env string) {
	file := filepath.Join(t.TempDir(), "live.snapshot")
	at := "--at=2026-11-22T12:00:00Z"
	if code, out, errs := called(t, "snapshot", "--sandbox", "--env", env, "--out", file, dir); code != exitOK || out != "" {
		t.Fatalf("snapshot: exit code %d\n%s%s", code, out, errs)
	}
	for _, output := range []string{"text", "json"} {
		code, want, _ := called(t, "plan", "--sandbox", "--env", env, at, "-o", output, dir)
		over, got, errs := called(t, "plan", "--live", file, "--env", env, at, "-o", output, dir)
		if got = unnoticed(t, got); got != want || over != code {
			t.Errorf("%s: exit code %d, want %d\n%s%s", output, over, code, errs, diffOf(want, got))
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the snapshot can be read by others: %v %v", info.Mode(), err)
	}
}

// unnoticed takes out the one warning that a plan over a snapshot has more.
func unnoticed(t *testing.T, text string) string {
	t.Helper()
	const said = "planned over a snapshot of "
	if strings.Count(text, said) != 1 {
		t.Errorf("the plan does not say once that it is over a snapshot:\n%s", text)
		return text
	}
	for _, form := range []string{
		`"warnings": \[\n +"planned over [^\n]*"\n +\],`, // JSON, no other
		`\n +"planned over [^\n]*",`,                     // JSON, and others
		`(?m)^warning: planned over [^\n]*\n(?: [^\n]*\n)*\n?`,
	} {
		if found := regexp.MustCompile(form).FindString(text); found != "" {
			instead := ""
			if strings.HasPrefix(found, `"warnings`) {
				instead = `"warnings": [],`
			}
			return strings.Replace(text, found, instead, 1)
		}
	}
	return text
}

func diffOf(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "live: " + a[i] + "\nover: " + b[i]
		}
	}
	return "one is longer than the other"
}

// The file is read as it was written, and the next snapshot replaces it.
func TestSnapshotFileIsReplacedBySnapshots(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyExample("quickstart", dir); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "live.snapshot")
	for range 2 {
		if code, out, errs := called(t, "snapshot", "--sandbox", "--out", file, dir); code != exitOK {
			t.Fatalf("snapshot: exit code %d\n%s%s", code, out, errs)
		}
		if _, err := snapshot.Open(file); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := fs.Glob(os.DirFS(dir), ".brickgate-*")
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}
