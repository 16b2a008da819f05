package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The topic of exit codes has every one that the program can end with, and no other.
func TestTheTopicOfExitCodesHasThemAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []int
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "exit") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			code, err := strconv.Atoi(lit.Value)
			if err != nil {
				t.Error(err)
			}
			want = append(want, code)
		}
		return true
	})
	for _, m := range regexp.MustCompile(`(?m)^ +(\d+)  `).FindAllStringSubmatch(exitCodesTopic(), -1) {
		code, _ := strconv.Atoi(m[1])
		got = append(got, code)
	}
	if !slices.Equal(got, want) || len(want) < 7 {
		t.Errorf("the topic has %v, the program %v", got, want)
	}
}

// lookups find the environment variables that a line of the program asks for: by the
// package os, or by a function that stands for it.
var lookups = regexp.MustCompile(`(?:[Gg]etenv|LookupEnv|\benv)\("([A-Z][A-Z0-9_]*)"\)`)

// lookedUpByConstant finds those that have a name in the program.
var lookedUpByConstant = regexp.MustCompile(`\.(?:Getenv|LookupEnv)\((\w+)\)`)

// constant is the value of a constant, wherever it stands.
func constant(sources map[string]string, name string) string {
	for _, text := range sources {
		if m := regexp.MustCompile(`(?m)\b` + name + `\s*=\s*"([^"]*)"`).FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return ""
}

// The topic of the environment has every variable that the program asks for.
func TestTheTopicOfTheEnvironmentHasAllVariables(t *testing.T) {
	topic := strings.FieldsFunc(environmentTopic(), func(c rune) bool { return c == ' ' || c == ',' || c == '\n' })
	n, all := 0, sources(t)
	for name, text := range all {
		for _, m := range lookedUpByConstant.FindAllStringSubmatch(text, -1) {
			if value := constant(all, m[1]); value == "" || !slices.Contains(topic, value) {
				t.Errorf("%s asks for %s, which is %q, of which brickgate help environment says nothing", name, m[1], value)
			}
		}
		for _, m := range lookups.FindAllStringSubmatch(text, -1) {
			n++
			if !slices.Contains(topic, m[1]) {
				t.Errorf("%s asks for %s, of which brickgate help environment says nothing", name, m[1])
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d variables were found", n)
	}
}

// Everything of the environment that is asked for is asked for in a form that the
// test above finds.
func TestTheEnvironmentIsAskedByName(t *testing.T) {
	for name, text := range sources(t) {
		for _, line := range strings.Split(text, "\n") {
			if regexp.MustCompile(`\.(Getenv|LookupEnv)\(`).MatchString(line) && !lookups.MatchString(line) && !lookedUpByConstant.MatchString(line) {
				t.Errorf("%s: %s", name, strings.TrimSpace(line))
			}
		}
	}
}

// sources are the files of the program, without its tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	root, found := filepath.Join("..", ".."), map[string]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, name))
		found[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
