package history_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/history"
)

// work is a git repository that a test writes to.
type work struct {
	t   *testing.T
	dir string
}

func newWork(t *testing.T) work {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	for _, name := range []string{"GIT_AUTHOR", "GIT_COMMITTER"} {
		t.Setenv(name+"_NAME", "tester")
		t.Setenv(name+"_EMAIL", "tester@example.com")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	w := work{t, t.TempDir()}
	w.git("init", "-q", "-b", "main")
	return w
}

func (w work) git(args ...string) {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = w.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// commit writes a file, or deletes it if the text is empty, and commits.
func (w work) commit(file, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(file))
	if text == "" {
		w.git("rm", "-q", "--", file)
	} else {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			w.t.Fatal(err)
		}
		w.git("--literal-pathspecs", "add", "--", file)
	}
	w.git("commit", "-q", "-m", file)
}

// texts are what history has of a file; a version without text is "-", one whose
// text cannot be had "?".
func texts(t *testing.T, dir, file string) (string, error) {
	t.Helper()
	r, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := r.Versions(t.Context(), file)
	var out []string
	for _, v := range versions {
		text, err := v.Text(t.Context())
		switch {
		case errors.Is(err, history.ErrNoText):
			text = []byte("-")
		case err != nil:
			text = []byte("?")
		}
		if len(v.Commit) != 40 || v.Time.IsZero() {
			t.Errorf("a commit is called %q, of %s", v.Commit, v.Time)
		}
		out = append(out, string(text))
	}
	return strings.Join(out, " "), err
}

func wantTexts(t *testing.T, dir, file, want string) {
	t.Helper()
	got, err := texts(t, dir, file)
	if err != nil {
		t.Errorf("%s: %v", file, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s: -want +got:\n%s", file, d)
	}
}

func TestVersionsAreNewestFirst(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.commit("b.yaml", "other")
	w.commit("a.yaml", "two")
	w.commit("a.yaml", "")
	w.commit("a.yaml", "three")
	wantTexts(t, w.dir, "a.yaml", "three - two one")
	wantTexts(t, w.dir, "never.yaml", "")
}

func TestNamesAreTakenAsTheyAre(t *testing.T) {
	w := newWork(t)
	for _, name := range []string{"a b/ü [x].yaml", "a b/ü x.yaml", "a b/-x.yaml", "a b/:(top)x.yaml", "a b/*.yaml", "a b/$(id);'\".yaml"} {
		w.commit(name, name)
	}
	for _, name := range []string{"ü [x].yaml", "ü x.yaml", "-x.yaml", ":(top)x.yaml", "*.yaml", "$(id);'\".yaml"} {
		wantTexts(t, filepath.Join(w.dir, "a b"), name, "a b/"+name)
		wantTexts(t, w.dir, "a b/"+name, "a b/"+name)
	}
}

func TestAMergedBranchCountsAsItWasMerged(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.git("checkout", "-q", "-b", "side")
	w.commit("a.yaml", "half-way")
	w.commit("a.yaml", "two")
	w.git("checkout", "-q", "main")
	w.commit("b.yaml", "other")
	w.git("merge", "-q", "--no-ff", "-m", "merged", "side")
	wantTexts(t, w.dir, "a.yaml", "two one")
}

func TestAShallowCloneSaysSo(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.commit("a.yaml", "two")
	clone := t.TempDir()
	w.git("clone", "-q", "--depth", "1", "file://"+filepath.ToSlash(w.dir), clone)
	got, err := texts(t, clone, "a.yaml")
	if got != "two" || !errors.Is(err, history.ErrShallow) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWhereThereIsNoHistory(t *testing.T) {
	w := newWork(t)
	if _, err := history.Open(t.Context(), w.dir); !errors.Is(err, history.ErrNoCommit) {
		t.Errorf("a repository without a commit: %v", err)
	}
	if _, err := history.Open(t.Context(), filepath.Join(w.dir, ".git")); !errors.Is(err, history.ErrNoRepository) {
		t.Errorf("the git folder itself: %v", err)
	}
	elsewhere := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(elsewhere))
	if _, err := history.Open(t.Context(), elsewhere); !errors.Is(err, history.ErrNoRepository) {
		t.Errorf("a folder that is in none: %v", err)
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := history.Open(done, w.dir); !errors.Is(err, context.Canceled) {
		t.Errorf("once it is over: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := history.Open(t.Context(), w.dir); !errors.Is(err, history.ErrNoGit) {
		t.Errorf("without git: %v", err)
	}
}

func TestATextThatIsTooLongIsRefused(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "short")
	w.commit("a.yaml", strings.Repeat("long ", 3<<20))
	wantTexts(t, w.dir, "a.yaml", "- short")
}

func TestHeadIsTheCommitThatIsCheckedOut(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.commit("a.yaml", "two")
	past, err := history.Open(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	versions, err := past.Versions(t.Context(), "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head, err := past.Head(t.Context())
	if err != nil || len(versions) != 2 || head != versions[0].Commit {
		t.Errorf("head is %q, %v; the versions are %v", head, err, versions)
	}
}

// Git tells its hooks by the environment which repository they are run for; that
// need not be the one of the folder.
func TestTheFolderSaysWhichRepositoryIsMeant(t *testing.T) {
	w, other := newWork(t), newWork(t)
	w.commit("lake/a.yaml", "ours")
	other.commit("a.yaml", "another's")
	other.commit("lake/a.yaml", "another's too")
	t.Setenv("GIT_DIR", filepath.Join(other.dir, ".git"))
	wantTexts(t, w.dir, "lake/a.yaml", "ours")
	wantTexts(t, filepath.Join(w.dir, "lake"), "a.yaml", "ours")
	t.Setenv("GIT_WORK_TREE", other.dir)
	t.Setenv("GIT_OBJECT_DIRECTORY", filepath.Join(other.dir, ".git", "objects"))
	t.Setenv("GIT_GLOB_PATHSPECS", "1")
	wantTexts(t, w.dir, "lake/a.yaml", "ours")
}

func TestWhatGitSaysBesidesIsNoFailure(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	t.Setenv("GIT_TRACE2", "2")
	t.Setenv("GIT_TRACE2_CONFIG_PARAMS", "section.*")
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "section.key")
	t.Setenv("GIT_CONFIG_VALUE_0", strings.Repeat("long ", 10_000))
	wantTexts(t, w.dir, "a.yaml", "one")
}

// A clone may leave texts with its origin, which may be out of reach.
func TestATextThatCannotBeHadIsNotTakenForNone(t *testing.T) {
	w := newWork(t)
	for _, text := range []string{"one", "two", "", "three"} {
		w.commit("a.yaml", text)
	}
	w.git("config", "uploadpack.allowFilter", "true")
	clone := work{t, t.TempDir()}
	w.git("clone", "-q", "--filter=blob:none", "file://"+filepath.ToSlash(w.dir), clone.dir)
	clone.git("cat-file", "blob", "HEAD~3:a.yaml")
	clone.git("remote", "set-url", "origin", filepath.Join(w.dir, "gone"))
	wantTexts(t, clone.dir, "a.yaml", "three - ? one")
}

func TestAFolderInTheFilesPlaceHasNoText(t *testing.T) {
	w := newWork(t)
	w.commit("a.yaml", "one")
	w.git("rm", "-q", "a.yaml")
	w.commit("a.yaml/b.yaml", "two")
	wantTexts(t, w.dir, "a.yaml", "- one")
}
