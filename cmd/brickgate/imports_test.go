package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/brickgate/brickgate"
	sdk    = "github.com/databricks/databricks-sdk-go"
)

// everything stands for all packages of ours.
var everything = []string{"*"}

// importRule is which packages of ours each package may import:
//
//	                             cmd/brickgate
//	     ┌──────────────┬─────────────┴─────┬──────────────────┬────────────────┐
//	 reconcile   internal/policy,    internal/render   internal/journal  internal/sandbox,
//	  │     │    internal/consumer,         │             │       │      internal/history,
//	  │     │    internal/access,           │             │       │      internal/progress,
//	  │     │    internal/impact            │             │       │      internal/actions
//	spec   plan    spec    plan            plan          plan  filelock      filelock
//
// Above reconcile and the sandbox, snapshot knows both: it keeps what the one reads in
// what the other starts from.
//
// plan, spec, history, progress, actions and filelock know nobody, reconcile, policy,
// consumer and access know plan and spec. policy asks access what a privilege covers, and
// impact what somebody can before and after a plan; questions words what access answers
// and has it drawn by render, which knows plan alone, as journal does. journal and sandbox
// lock their files alike; else sandbox knows nobody. Only cmd knows everything. A new
// package has no place until it stands here.
var importRule = map[string][]string{
	"plan":               {},
	"spec":               {},
	"internal/access":    {"spec", "plan"},
	"reconcile":          {"spec", "plan"},
	"internal/actions":   {},
	"internal/consumer":  {"spec", "plan"},
	"internal/filelock":  {},
	"internal/history":   {},
	"internal/impact":    {"spec", "plan", "internal/access"},
	"internal/journal":   {"plan", "internal/filelock"},
	"internal/policy":    {"spec", "plan", "internal/access"},
	"internal/progress":  {},
	"internal/questions": {"spec", "plan", "internal/access", "internal/render"},
	"internal/render":    {"plan"},
	"internal/sandbox":   {"internal/filelock"},
	"internal/snapshot":  {"plan", "reconcile", "internal/sandbox"},
	"cmd/brickgate":      everything,
}

// withoutSDK are the packages that must not know the SDK: the sandbox would
// share its mistakes and accept the unknown fields that it accepts, and the
// others stay free of the platform's types.
var withoutSDK = []string{"plan", "spec", "internal/access", "internal/actions", "internal/consumer", "internal/filelock", "internal/history", "internal/impact", "internal/journal", "internal/policy", "internal/progress", "internal/questions", "internal/render", "internal/sandbox", "internal/snapshot"}

// topLevel is what the top of the repository holds beside dot-files.
var topLevel = []string{
	"LICENSE", "README.md", "cmd", "examples", "go.mod", "go.sum", "internal", "plan", "reconcile", "spec",
}

func TestImportRule(t *testing.T) {
	imports := importsOfOurs(t)
	for pkg := range importRule {
		if _, ok := imports[pkg]; !ok {
			t.Errorf("the rule has %s, which is no package", pkg)
		}
	}
	for pkg, names := range imports {
		allowed, ok := importRule[pkg]
		if !ok {
			t.Errorf("%s is not in the rule: say what it may import", pkg)
			continue
		}
		for name, file := range names {
			ours, isOurs := strings.CutPrefix(name, module+"/")
			if isOurs && !slices.Contains(allowed, ours) && !slices.Equal(allowed, everything) {
				t.Errorf("%s: %s must not import %s", file, pkg, ours)
			}
			if slices.Contains(withoutSDK, pkg) && (name == sdk || strings.HasPrefix(name, sdk+"/")) {
				t.Errorf("%s: %s must not import %s", file, pkg, name)
			}
		}
	}
}

// importsOfOurs lists what each package of the module imports outside its
// tests, for all platforms, and a file that does.
func importsOfOurs(t *testing.T) map[string]map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string]map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		if found[pkg] == nil {
			found[pkg] = map[string]string{}
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[pkg][imported] = name
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s does not belong to the top of the repository", e.Name())
		}
	}
}
