package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// ignores are the patterns of the .gitignore files that were seen so far, the
// deepest last. A folder that is ignored is not entered, as in git: no pattern
// brings back a file below it.
type ignores struct {
	prefix   string // path from the top of the git repository, "" or "a/b/"
	patterns []ignorePattern
}

// ignorePattern is one line of a .gitignore file.
type ignorePattern struct {
	glob    string // for the whole path from the top of the git repository
	negated bool
	dirOnly bool
}

// ignoresAbove reads the .gitignore files of the folders above dir, up to the
// one that has .git.
func ignoresAbove(dir string) (*ignores, error) {
	top := dir
	for !exists(filepath.Join(top, ".git")) {
		if top == filepath.Dir(top) {
			return &ignores{}, nil // not in a git repository
		}
		top = filepath.Dir(top)
	}
	rel, err := filepath.Rel(top, dir)
	if err != nil {
		return nil, fmt.Errorf("find the top of the git repository: %w", err)
	}
	found := &ignores{}
	if rel == "." {
		return found, nil
	}
	found.prefix = filepath.ToSlash(rel) + "/"
	above := ""
	for step := range strings.SplitSeq(strings.TrimSuffix(found.prefix, "/"), "/") {
		text, err := os.ReadFile(filepath.Join(top, filepath.FromSlash(above), ".gitignore"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read .gitignore: %w", err)
		}
		found.parse(above, string(text))
		above += step + "/"
	}
	return found, nil
}

// add reads the .gitignore file of a folder of the repository, if it has one.
func (i *ignores) add(root *os.Root, dir string) error {
	name := path.Join(dir, ".gitignore")
	text, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	at := i.prefix
	if dir != "." {
		at += dir + "/"
	}
	i.parse(at, string(text))
	return nil
}

// parse adds the patterns of a .gitignore file in the folder at, which is
// empty or ends with a slash.
func (i *ignores) parse(at, text string) {
	for line := range strings.Lines(text) {
		line = trimPattern(strings.TrimRight(line, "\r\n"))
		p := ignorePattern{}
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '!' {
			p.negated, line = true, line[1:]
		}
		if rest, ok := strings.CutSuffix(line, "/"); ok {
			p.dirOnly, line = true, rest
		}
		// A slash before the end ties the pattern to this folder.
		tied := strings.Contains(line, "/")
		line = strings.TrimPrefix(line, "/")
		if line == "" {
			continue
		}
		if !tied {
			line = "**/" + line
		}
		p.glob = quoteGlob(at) + braces.Replace(line)
		if doublestar.ValidatePattern(p.glob) {
			i.patterns = append(i.patterns, p)
		}
	}
}

// braces have no meaning in a .gitignore file, and one in our globs.
var braces = strings.NewReplacer("{", `\{`, "}", `\}`, `\{`, `\{`, `\}`, `\}`)

// trimPattern cuts spaces from the end, unless a backslash keeps them.
func trimPattern(line string) string {
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	return line
}

// quoteGlob makes a glob that matches exactly text.
func quoteGlob(text string) string {
	var b strings.Builder
	for _, c := range text {
		if strings.ContainsRune(`*?[]{}\`, c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// match reports whether a file or folder of the repository is ignored: the
// last pattern that matches decides.
func (i *ignores) match(name string, isDir bool) bool {
	name = i.prefix + name
	for at := len(i.patterns) - 1; at >= 0; at-- {
		p := i.patterns[at]
		if (isDir || !p.dirOnly) && doublestar.MatchUnvalidated(p.glob, name) {
			return !p.negated
		}
	}
	return false
}
