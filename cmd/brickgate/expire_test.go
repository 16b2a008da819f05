package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

var removal = regexp.MustCompile(`(?m) - \S+ +expired .*$`)

// TestExpireOfAFileBrokenAnywhere takes out a line here and there of the
// example, whatever that makes of the documents, and cuts the file off there:
// nothing goes that would not go from the healthy repository, and the command
// ends as it should.
func TestExpireOfAFileBrokenAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the example a few hundred times")
	}
	dir := filepath.Join(t.TempDir(), "lakehouse")
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	code, out, errs := called(t, "expire", "--sandbox", "--env", "dev", dir)
	may := removal.FindAllString(out, -1)
	if code != exitError || len(may) == 0 || !strings.HasPrefix(errs, "error: not applied") {
		t.Fatalf("the healthy repository: exit code %d\n%s%s", code, out, errs)
	}
	n := 0
	for _, name := range specFiles(t, dir) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(text), "\n")
		for i := 0; i < len(lines); i += 8 {
			without := strings.Join(slices.Concat(lines[:i], lines[i+1:]), "")
			for _, broken := range []string{without, strings.Join(lines[:i], "") + strings.TrimRight(lines[i], "}\n")} {
				if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
					t.Fatal(err)
				}
				code, out, errs := called(t, "expire", "--sandbox", "--env", "dev", dir)
				if code != exitOK && code != exitError && code != exitRefused {
					t.Errorf("%s:%d: exit code %d\n%s%s", name, i+1, code, out, errs)
				}
				for _, r := range removal.FindAllString(out, -1) {
					if !slices.ContainsFunc(may, func(m string) bool { return strings.Fields(m)[1] == strings.Fields(r)[1] }) {
						t.Errorf("%s:%d: %s", name, i+1, r)
					}
				}
				n++
			}
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d runs", n)
}

// specFiles are the files of the example that hold documents.
func specFiles(t *testing.T, dir string) []string {
	t.Helper()
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	files := []string{repo.ProjectPos.File}
	for _, e := range repo.Entries {
		files = append(files, e.Pos.File)
	}
	slices.Sort(files)
	return slices.Compact(files)
}
