package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// prose are words that follow the program's name in sentences about it.
var prose = []string{"and", "document", "for", "goes", "last", "reads", "since"}

var calls = regexp.MustCompile(`\bbrickgate ([a-z]+(?:-[a-z]+)*)\b`)

func TestNoMessageNamesACommandThatDoesNotExist(t *testing.T) {
	known := append(commandNames(), prose...)
	for file, texts := range literals(t) {
		for _, text := range texts {
			for _, m := range calls.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(known, m[1]) {
					t.Errorf("%s speaks of %q", file, m[0])
				}
			}
		}
	}
}

func commandNames() []string {
	root := rootCommand(streams{nil, io.Discard, io.Discard})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd("completion")
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// literals are the strings of the program, by file.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string][]string{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					found[name] = append(found[name], text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// shown are the calls of the program in the README's code and in the examples
// of the help texts.
var shown = regexp.MustCompile(`(?m)(?:\./cmd/|\./|\b)brickgate ([a-z][^\n` + "`" + `#>|;&]*)`)

func TestTheCommandsThatAreShownExist(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := code(string(readme))
	root := rootCommand(streams{nil, io.Discard, io.Discard})
	for _, c := range root.Commands() {
		lines = append(lines, strings.Split(c.Example, "\n")...)
	}
	n := 0
	for _, line := range lines {
		for _, m := range shown.FindAllStringSubmatch(line, -1) {
			n++
			checkCall(t, strings.NewReplacer("[", "", "]", "", `\`, "").Replace(m[1]))
		}
	}
	if n < 12 {
		t.Errorf("only %d calls were found", n)
	}
}

// code are the fenced blocks and the code spans of a Markdown text.
func code(markdown string) []string {
	var out []string
	for i, part := range strings.Split(markdown, "```") {
		if i%2 == 1 {
			out = append(out, strings.Split(part, "\n")...)
			continue
		}
		for j, span := range strings.Split(part, "`") {
			if j%2 == 1 {
				out = append(out, span)
			}
		}
	}
	return out
}

func checkCall(t *testing.T, line string) {
	t.Helper()
	root := rootCommand(streams{nil, io.Discard, io.Discard})
	root.InitDefaultCompletionCmd("completion")
	words := strings.Fields(line)
	cmd, _, err := root.Find(words)
	if err != nil {
		t.Errorf("brickgate %s: %v", line, err)
		return
	}
	for _, w := range words {
		if flag, long := strings.CutPrefix(w, "--"); long {
			flag, _, _ = strings.Cut(flag, "=")
			if !hasFlag(cmd, flag) {
				t.Errorf("brickgate %s: %s has no flag --%s", line, cmd.Name(), flag)
			}
		}
	}
}

func hasFlag(cmd *cobra.Command, name string) bool {
	cmd.InitDefaultHelpFlag()
	return cmd.Flags().Lookup(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
}
