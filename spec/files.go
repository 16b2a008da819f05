package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// sandboxFile describes the live world of the sandbox; it is no spec.
const sandboxFile = "sandbox.yaml"

// FindProject is the folder that has a brickgate.yaml: dir, or the nearest
// above it. The search ends at the top of the git repository.
func FindProject(dir string) (string, error) {
	asked := dir
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", projectFile, err)
	}
	if info, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("find %s: %w", projectFile, err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("find %s: %s is not a folder", projectFile, asked)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if exists(filepath.Join(at, projectFile)) {
			return at, nil
		}
		if exists(filepath.Join(at, ".git")) || at == filepath.Dir(at) {
			return "", noProject(asked, dir)
		}
	}
}

func noProject(asked, dir string) error {
	if exists(filepath.Join(dir, "brickgate.yml")) {
		return fmt.Errorf("no %s in %s; rename brickgate.yml", projectFile, asked)
	}
	return fmt.Errorf("no %s in %s or the folders above it", projectFile, asked)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// names lists the spec files of the repository but brickgate.yaml, sorted, and
// the mistakes of links that lead out of it.
func (l *loader) names(dir string) ([]string, []*Error, error) {
	ignored, err := ignoresAbove(dir)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	var mistakes []*Error
	real := map[string]bool{}
	var links []string
	err = fs.WalkDir(l.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("list the files of the repository: %w", err)
		case name == ".":
			return ignored.add(l.root, ".")
		case l.skipped(name, entry.IsDir()) || ignored.match(name, entry.IsDir()):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return ignored.add(l.root, name)
		case entry.Type()&fs.ModeSymlink != 0:
			links = append(links, name)
		case !IsSpec(name):
		case !entry.Type().IsRegular():
			mistakes = append(mistakes, Errorf(Pos{name, 1, 1}, "not a regular file"))
		default:
			names = append(names, name)
			real[filepath.Join(dir, filepath.FromSlash(name))] = true
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	names, broken := l.follow(dir, names, links, real)
	slices.Sort(names)
	return names, append(mistakes, broken...), nil
}

// follow adds the links that lead to files of the repository which are not
// read under their own name. One that leads out of it is a mistake: skipping
// it silently would revoke what it declares.
func (l *loader) follow(dir string, names, links []string, real map[string]bool) ([]string, []*Error) {
	base, err := filepath.EvalSymlinks(dir)
	if err != nil {
		base = dir
	}
	var mistakes []*Error
	for _, name := range links {
		info, err := l.root.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && !IsSpec(name):
			continue
		case err != nil:
			if _, statErr := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); IsSpec(name) || statErr == nil && leadsToFolder(dir, name) {
				mistakes = append(mistakes, Errorf(Pos{name, 1, 1}, "a symbolic link that leads nowhere or out of the repository; such links are not followed"))
			}
			continue
		case info.IsDir() || !IsSpec(name):
			continue // its files are read under their own names
		}
		target, err := filepath.EvalSymlinks(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(base, target); err == nil {
			target = filepath.Join(dir, rel)
		}
		if !real[target] && filepath.Base(target) != projectFile {
			real[target] = true
			names = append(names, name)
		}
	}
	return names, mistakes
}

func leadsToFolder(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
	return err == nil && info.IsDir()
}

// IsSpec tells by its name whether a file may hold documents.
func IsSpec(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// skipped is true of what is no spec by its name or by the Project.
func (l *loader) skipped(name string, isDir bool) bool {
	if name == projectFile || name == sandboxFile {
		return true
	}
	if isDir && strings.HasPrefix(path.Base(name), ".") {
		return true
	}
	return slices.ContainsFunc(l.ignore, func(glob Text) bool {
		return doublestar.MatchUnvalidated(glob.Value, name)
	})
}
