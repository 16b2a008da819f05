package main

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the goldens of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(outside{m}, map[string]func(){"brickgate": main})
}

// outside runs the tests as if in no step of GitHub Actions, which they may be in.
type outside struct{ *testing.M }

func (o outside) Run() int {
	sideBySide()
	if err := os.Unsetenv("GITHUB_ACTIONS"); err != nil {
		panic(err)
	}
	return o.M.Run()
}

// sideBySide lets more tests run at once than there are processors, unless a flag
// says how many: most of them wait, for processes and for the pace at which the
// program asks a platform.
func sideBySide() {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if n := flag.Lookup("test.parallel"); !said && n != nil {
		if err := n.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
}

// TestScripts runs the stories in testdata/script. Beside the commands of
// testscript they have those of this file and of platform_test.go.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup:         setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"example":    example,
			"edit":       edit,
			"raw":        raw,
			"stays":      stays,
			"serve":      serving,
			"databricks": platform,
			"fault":      inject,
			"writes":     writes,
			"asked":      asked,
			"requests":   requests,
			"reseal":     reseal,
			"download":   download,
			"headless":   headless,
		},
	})
}

// setup starts every story without credentials, in a time zone that no output
// may depend on.
func setup(env *testscript.Env) error {
	env.Values[storyKey{}] = &story{}
	env.Setenv("TZ", "America/New_York")
	env.Setenv("HOME", filepath.Join(env.WorkDir, ".home"))
	return os.MkdirAll(filepath.Join(env.WorkDir, ".home"), 0o755)
}

// exits CODE PROGRAM [ARG...] runs a program that must end with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// example NAME [DIR] copies one of the examples, without a state that somebody
// left there.
func example(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: example NAME [DIR]")
	}
	name := args[0]
	to := ts.MkAbs(args[len(args)-1])
	ts.Check(copyExample(name, to))
}

func copyExample(name, to string) error {
	if err := os.CopyFS(to, os.DirFS(filepath.Join("..", "..", "examples", name))); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(to, ".brickgate"))
}

// edit FILE OLD NEW replaces a text that stands once in a file; \n is a line
// break.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	breaks := strings.NewReplacer(`\n`, "\n")
	text, old := ts.ReadFile(args[0]), breaks.Replace(args[1])
	if n := strings.Count(text, old); n != 1 {
		ts.Fatalf("%q stands %d times in %s", old, n, args[0])
	}
	text = strings.Replace(text, old, breaks.Replace(args[2]), 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
}

// reseal FILE OLD NEW replaces a text wherever it stands in a saved plan, and
// writes the digest that the file then has, as somebody may who edits it on purpose.
func reseal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: reseal FILE OLD NEW")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
	digest := regexp.MustCompile(`(?m)^  "digest": ".*"$`)
	sum := sha256.Sum256([]byte(digest.ReplaceAllString(text, `  "digest": ""`)))
	text = digest.ReplaceAllString(text, fmt.Sprintf(`  "digest": "%x"`, sum))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// [!] raw stdout|stderr tells whether an output holds what a terminal obeys:
// control characters other than line breaks and tabs, or marks that turn or
// hide text.
func raw(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] raw stdout|stderr")
	}
	text := ts.ReadFile(args[0])
	at := strings.IndexFunc(text, func(c rune) bool {
		return c != '\n' && c != '\t' && (c < ' ' || c >= 0x7f && c < 0xa0 ||
			c >= 0x200b && c <= 0x200f || c >= 0x2028 && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0xfeff)
	})
	if at >= 0 == neg {
		ts.Fatalf("raw text at %d of %s: %q", at, args[0], text)
	}
}

// stays FILE -- PROGRAM [ARG...] runs a program that must not change a file.
func stays(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || args[1] != "--" {
		ts.Fatalf("usage: stays FILE -- PROGRAM [ARG...]")
	}
	before := ts.ReadFile(args[0])
	ts.Check(ts.Exec(args[2], args[3:]...))
	if ts.ReadFile(args[0]) != before {
		ts.Fatalf("%s has changed", args[0])
	}
}
