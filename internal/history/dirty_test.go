package history_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/brickgate/brickgate/internal/history"
)

// TestTheCommitThatIsCheckedOut, and whether the folder is as it says; what others
// do beside the folder does not count.
func TestTheCommitThatIsCheckedOut(t *testing.T) {
	w := newWork(t)
	w.commit("access/a.yaml", "one")
	dir := filepath.Join(w.dir, "access")
	past, err := history.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := past.Head(t.Context())
	if err != nil || len(commit) != 40 {
		t.Errorf("%q, %v", commit, err)
	}
	for _, step := range []struct {
		file, text string
		dirty      bool
	}{
		{"other/b.yaml", "new", false},
		{"access/.brickgate/journal.jsonl", "{}", false},
		{"access/new.yaml", "new", true},
		{"access/new.yaml", "", false},
		{"access/a.yaml", "two", true},
		{"access/a.yaml", "one", false},
		{"access/a.yaml", "", true},
	} {
		path := filepath.Join(w.dir, filepath.FromSlash(step.file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		err := os.WriteFile(path, []byte(step.text), 0o644)
		if step.text == "" {
			err = os.Remove(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if dirty, err := past.Dirty(t.Context(), ".brickgate"); err != nil || dirty != step.dirty {
			t.Errorf("%s is %q: dirty %t, %v", step.file, step.text, dirty, err)
		}
	}
}
