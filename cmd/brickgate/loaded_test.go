package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// A file that does not load takes its documents from all others. Whatever it is,
// nothing breaks over what is missing, its own mistake is told, and no other file is
// accused of one that it has only because of that.
func TestAFileThatDoesNotLoadAccusesNoOther(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "examples", "lakehouse"))); err != nil {
		t.Fatal(err)
	}
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string]bool{"brickgate.yaml": true} // without which nothing is read
	for _, e := range repo.Entries {
		if file := e.Pos.File; !broken[file] {
			broken[file] = true
			t.Run(file, func(t *testing.T) { accusesNoOther(t, dir, file) })
		}
	}
}

func accusesNoOther(t *testing.T, dir, file string) {
	path := filepath.Join(dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer rewrite(t, path, text)
	rewrite(t, path, bytes.ReplaceAll(text, []byte("\nspec:"), []byte("\nspeck:")))

	repo, err := load(dir)
	if err != nil || repo.unread == nil {
		t.Fatalf("loaded as %v: %v", repo, err)
	}
	o := validateOptions{selection{dir: dir}, "2026-11-01", "text"}
	_, wrong, err := o.check(repo, repo.Project.Environments.Keys())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range spec.Errors(wrong) {
		if m.Pos.File != file {
			t.Errorf("%v", m)
		}
	}
}

func rewrite(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
