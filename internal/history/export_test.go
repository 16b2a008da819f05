package history_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/history"
)

func yaml(name string) bool { return strings.HasSuffix(name, ".yaml") }

func open(t *testing.T, dir string) *history.Repository {
	t.Helper()
	r, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exported lists the files of a commit as they were written, with their texts; of a
// link where it leads.
func exported(t *testing.T, dir, ref string) (string, map[string]string) {
	t.Helper()
	r, into := open(t, dir), t.TempDir()
	fork, err := r.Fork(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := r.Export(t.Context(), fork.Commit, into, yaml)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	err = filepath.WalkDir(into, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(into, path)
		text, err := os.ReadFile(path)
		if d.Type()&fs.ModeSymlink != 0 {
			var to string
			to, err = os.Readlink(path)
			text = []byte("-> " + to)
		}
		files[filepath.ToSlash(name)] = string(text[:min(len(text), 40)])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := filepath.Rel(into, folder)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(in), files
}

func TestExportWritesAFolderAsACommitHasIt(t *testing.T) {
	w := newWork(t)
	w.commit(".gitignore", "tmp")
	w.commit("lake/.gitignore", "drafts")
	w.commit("lake/access/.gitignore", "*.bak")
	w.commit("lake/access/brickgate.yaml", "project")
	w.commit("lake/access/teams/ü [x] *.yaml", "team\nof two\n")
	w.commit("lake/access/empty.yaml", "\n")
	w.commit("lake/access/notes.txt", "not asked for")
	w.commit("lake/access/.github/x.yaml", "hidden")
	w.commit("lake/other.yaml", "beside")
	w.git("tag", "then")
	w.commit("lake/access/brickgate.yaml", "later")
	w.commit("lake/access/teams/ü [x] *.yaml", "")
	folder, files := exported(t, filepath.Join(w.dir, "lake", "access"), "then")
	if folder != "lake/access" {
		t.Errorf("the folder is %s", folder)
	}
	want := map[string]string{
		".gitignore": "tmp", "lake/.gitignore": "drafts", "lake/access/.gitignore": "*.bak", "lake/access/empty.yaml": "\n",
		"lake/access/brickgate.yaml": "project", "lake/access/teams/ü [x] *.yaml": "team\nof two\n",
	}
	if d := cmp.Diff(want, files); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestExportKeepsLinksAndWhatTheyMayLeadTo(t *testing.T) {
	w := newWork(t)
	w.commit("shared/team.txt", "a team")
	w.commit("out", "x")
	for name, to := range map[string]string{"a.yaml": "shared/team.txt", "b.yaml": "/etc/passwd", "dir": "shared"} {
		if err := os.Symlink(to, filepath.Join(w.dir, name)); err != nil {
			t.Skip(err)
		}
	}
	w.git("add", ".")
	w.git("commit", "-q", "-m", "links")
	_, files := exported(t, w.dir, "HEAD")
	want := map[string]string{"shared/team.txt": "a team", "out": "x", "a.yaml": "-> shared/team.txt", "b.yaml": "-> /etc/passwd", "dir": "-> shared"}
	if d := cmp.Diff(want, files); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestExportCutsWhatNobodyWillRead(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "first")
	w.commit("huge.yaml", strings.Repeat("x", 3<<20))
	w.commit("z.yaml", "last")
	r, into := open(t, w.dir), t.TempDir()
	head, err := r.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder, err := r.Export(t.Context(), head, into, yaml)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int64{"a.yaml": 5, "huge.yaml": 1<<20 + 1, "z.yaml": 4} {
		if info, err := os.Stat(filepath.Join(folder, name)); err != nil || info.Size() != size {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestExportReadsASubmoduleWhereItIsCheckedOut(t *testing.T) {
	sub, w := newWork(t), newWork(t)
	sub.commit("team.yaml", "then")
	w.commit("brickgate.yaml", "project")
	w.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.dir, "teams")
	w.git("commit", "-q", "-m", "teams")
	w.git("tag", "with")
	in := work{t, filepath.Join(w.dir, "teams")}
	in.commit("team.yaml", "now")
	_, files := exported(t, w.dir, "with")
	if d := cmp.Diff(map[string]string{"brickgate.yaml": "project", "teams/team.yaml": "then"}, files); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}

	clone := work{t, t.TempDir()}
	w.git("clone", "-q", "file://"+filepath.ToSlash(w.dir), clone.dir)
	_, files = exported(t, clone.dir, "with")
	if d := cmp.Diff(map[string]string{"brickgate.yaml": "project"}, files); d != "" {
		t.Errorf("in a clone that leaves it empty: -want +got:\n%s", d)
	}

	w.git("rm", "-q", "-f", "teams")
	w.git("commit", "-q", "-m", "no teams")
	r := open(t, w.dir)
	fork, err := r.Fork(t.Context(), "with")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Export(t.Context(), fork.Commit, t.TempDir(), yaml); err == nil || !strings.Contains(err.Error(), "teams is a submodule in commit") {
		t.Errorf("once it is gone: %v", err)
	}
}

func TestForkIsWhereBothParted(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.git("tag", "-a", "-m", "first", "v1")
	w.commit("a.yaml", "two")
	w.git("checkout", "-q", "-b", "side")
	w.commit("b.yaml", "ours")
	w.git("checkout", "-q", "main")
	w.commit("a.yaml", "three")
	w.commit("a.yaml", "four")
	w.git("checkout", "-q", "side")
	r := open(t, w.dir)
	id := func(ref string) string {
		cmd := exec.Command("git", "-C", w.dir, "rev-parse", ref+"^{commit}")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	for ref, want := range map[string]history.Fork{
		"main":            {Commit: id("main~2"), Missing: 2},
		"HEAD":            {Commit: id("HEAD")},
		"HEAD~1":          {Commit: id("HEAD~1")},
		"v1":              {Commit: id("v1")},
		id("v1")[:12]:     {Commit: id("v1")},
		"main@{0}":        {Commit: id("main~2"), Missing: 2},
		"HEAD^{/a.yaml}~": {Commit: id("v1")},
	} {
		if got, err := r.Fork(t.Context(), ref); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", ref, got, err, want)
		}
	}
}

func TestWhatIsNoReferenceIsRefusedInOneLine(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.git("tag", "blob", "HEAD:a.yaml")
	r := open(t, w.dir)
	for ref, want := range map[string]string{
		"": "it is empty", "  ": "it is empty", "--upload-pack=touch x": "does not begin with -", "--all": "does not begin with -", "-x": "does not begin with -",
		"main\nHEAD": "no spaces and no control", "main feature": "no spaces", "ma\x1b[31min": "no control", "ma\u202ein": "no control", "ma\x00in": "no control",
		"HEAD~9": "git knows no", "main..HEAD": "a range", "main...HEAD": "a range", "^main": "a range", ":/one": "no reference", ":a.yaml": "no reference",
		"blob": "it names a blob", "HEAD:a.yaml": "it names a blob", "HEAD:": "it names a tree", "HEAD^{tree}": "it names a tree",
		"nosuch": "git knows no", "$(touch x)": "no spaces", "`touch`": "git knows no", "main;touch": "git knows no", strings.Repeat("x", 5000): "longer than",
		strings.Repeat("0", 40): "git knows no",
	} {
		_, err := r.Fork(t.Context(), ref)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q: %v, want %q", ref, err, want)
		}
	}
	if files, err := os.ReadDir(w.dir); err != nil || len(files) != 2 {
		t.Errorf("the folder has %v, %v", files, err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Fork(done, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("once it is over: %v", err)
	}
}

// A clone may leave texts with its origin, which may be out of reach.
func TestExportOfATextThatCannotBeHadFails(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.commit("a.yaml", "two")
	w.git("config", "uploadpack.allowFilter", "true")
	clone := work{t, t.TempDir()}
	w.git("clone", "-q", "--filter=blob:none", "file://"+filepath.ToSlash(w.dir), clone.dir)
	clone.git("remote", "set-url", "origin", filepath.Join(w.dir, "gone"))
	r := open(t, clone.dir)
	fork, err := r.Fork(t.Context(), "HEAD~1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Export(t.Context(), fork.Commit, t.TempDir(), yaml); err == nil || !strings.Contains(err.Error(), "read a.yaml: the clone does not hold it") {
		t.Errorf("got %v", err)
	}
}

func TestReferencesAreBranchesAndTags(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "1")
	w.git("branch", "feature/x")
	w.git("tag", "v1")
	w.git("update-ref", "refs/remotes/origin/main", "HEAD")
	got, err := open(t, w.dir).References(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if want := []string{"feature/x", "main", "origin/main", "v1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
