package spec

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Entry is one document.
type Entry struct {
	Kind, Name   string
	Pos          Pos    // of its metadata.name
	Spec         any    // a pointer to the struct of its kind
	Environments []Text // its spec.environments; nil: all
}

// In reports whether the document applies to an environment.
func (e Entry) In(env string) bool { return EnvNames(e.Environments).Includes(env) }

// Repository is what Load read.
type Repository struct {
	Dir        string // the folder with brickgate.yaml
	Name       string // of the Project
	Project    *Project
	ProjectPos Pos     // of the Project's metadata.name
	Entries    []Entry // all documents but the Project, by file and position
	Digest     string  // of Load: SHA-256 over the names and the texts of all files that were read
}

// projectFile holds the Project, and marks the folder of a repository.
const projectFile = "brickgate.yaml"

// Load reads every document of the repository in dir, or in the nearest folder
// above it that has a brickgate.yaml. The error holds all mistakes of all
// files; Errors lists them. The files are read one by one, each document is
// decoded and forgotten, and only the entries are kept.
func Load(dir string, kinds []Kind) (*Repository, error) {
	dir, err := FindProject(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the repository: %w", err)
	}
	defer root.Close()

	l := newLoader(root, kinds)
	first, project, err := l.project()
	if err != nil {
		return nil, err
	}
	names, misplaced, err := l.names(dir)
	if err != nil {
		return nil, err
	}
	files, err := l.readAll(names)
	if err != nil {
		return nil, err
	}
	files = append(files, first)
	slices.SortFunc(files, func(a, b *read) int { return cmp.Compare(a.name, b.name) })

	mistakes := append(misplaced, l.duplicates(files)...)
	for _, f := range files {
		mistakes = append(mistakes, f.mistakes...)
	}
	if err := join(mistakes); err != nil {
		return nil, err
	}
	r := newRepository(dir, project, files)
	r.Digest = digest(files)
	return r, nil
}

// digest is over all files, so that it tells of an edit that is in no commit.
func digest(files []*read) string {
	all := sha256.New()
	for _, f := range files {
		fmt.Fprintf(all, "%d:%s %x\n", len(f.name), f.name, f.sum)
	}
	return hex.EncodeToString(all.Sum(nil))
}

// newRepository is made of files without mistakes, which are sorted by name.
func newRepository(dir string, project *Entry, files []*read) *Repository {
	r := &Repository{Dir: dir, Name: project.Name, Project: project.Spec.(*Project), ProjectPos: project.Pos}
	for _, f := range files {
		r.Entries = append(r.Entries, f.entries...)
	}
	r.Entries = slices.DeleteFunc(r.Entries, func(e Entry) bool { return e.Kind == projectKind().Name })
	r.Project.complete()
	return r
}

// loader holds what all files of one Load need.
type loader struct {
	root         *os.Root
	kinds        []Kind
	types        *types
	environments []string // nil until the Project has been read
	ignore       []Text
	instead      map[string]string // texts that are read in place of files; nil: none
}

func newLoader(root *os.Root, kinds []Kind) *loader {
	return &loader{root: root, kinds: append([]Kind{projectKind()}, kinds...), types: &types{}}
}

// read is what one file gave.
type read struct {
	name     string
	entries  []Entry
	faulty   []int // the entries that have mistakes, by index
	mistakes []*Error
	sum      [sha256.Size]byte // of the text
}

// readAll reads the files in parallel; the result has the order of the names.
func (l *loader) readAll(names []string) ([]*read, error) {
	files := make([]*read, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() (err error) {
			files[i], err = l.read(name)
			return err
		})
	}
	return files, group.Wait()
}

// read reads and decodes one file. Its mistakes are in the result; the error
// is that of the file system.
func (l *loader) read(name string) (*read, error) {
	text, err := l.text(name)
	if errors.Is(err, errTooLarge) {
		return &read{name: name, mistakes: []*Error{Errorf(Pos{name, 1, 1},
			"the file is larger than 1 MiB; split it")}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return l.decode(name, text), nil
}

func (l *loader) decode(name, text string) *read {
	f := newFile(name, text)
	entries, faulty := l.documents(f)
	f.locate(f.mistakes)
	return &read{name, entries, faulty, f.mistakes, sha256.Sum256([]byte(text))}
}

var errTooLarge = errors.New("larger than 1 MiB")

func (l *loader) text(name string) (string, error) {
	if text, ok := l.instead[name]; ok {
		return text, nil
	}
	f, err := l.root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var b bytes.Buffer
	if info, err := f.Stat(); err == nil {
		b.Grow(int(min(info.Size(), maxFileSize)) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(f, maxFileSize+1)); err != nil {
		return "", err
	}
	if b.Len() > maxFileSize {
		return "", errTooLarge
	}
	return b.String(), nil
}

// project reads brickgate.yaml and finds the Project in it; nil comes with a
// mistake. The file is read twice: its other documents can be checked only when
// the environments are known, wherever in the file the Project stands.
func (l *loader) project() (*read, *Entry, error) {
	for {
		f, err := l.read(projectFile)
		if err != nil {
			return nil, nil, err
		}
		isProject := func(e Entry) bool { return e.Kind == projectKind().Name }
		at := slices.IndexFunc(f.entries, isProject)
		if at < 0 {
			if len(f.mistakes) == 0 {
				f.mistakes = append(f.mistakes, Errorf(Pos{f.name, 1, 1}, "no document of kind Project"))
			}
			return f, nil, nil
		}
		project := f.entries[at].Spec.(*Project)
		if l.environments != nil || project.Environments.Len() == 0 {
			l.ignore = project.Ignore
			return f, &f.entries[at], nil
		}
		l.environments = project.Environments.Keys()
	}
}

// duplicates reports documents of one kind and name, at the later of the two.
func (l *loader) duplicates(files []*read) []*Error {
	type id struct{ kind, name string }
	first := map[id]Pos{}
	var mistakes []*Error
	for _, f := range files {
		for _, e := range f.entries {
			key := id{e.Kind, e.Name}
			if e.Kind == projectKind().Name {
				key.name = "" // there is one, whatever its name
			}
			at, twice := first[key]
			switch {
			case !twice:
				first[key] = e.Pos
			case key.name == "":
				mistakes = append(mistakes, Errorf(e.Pos, "a second Project; the first is at %s", at).With(at))
			default:
				mistakes = append(mistakes, Errorf(e.Pos, "%s %q is declared twice; first at %s", e.Kind, e.Name, at).With(at))
			}
		}
	}
	l.locate(mistakes)
	return mistakes
}

// locate fills in the source lines of mistakes that were found after their
// files were read. What cannot be read again keeps none.
func (l *loader) locate(mistakes []*Error) {
	byFile := map[string][]*Error{}
	for _, m := range mistakes {
		if m.Source == "" {
			byFile[m.Pos.File] = append(byFile[m.Pos.File], m)
		}
	}
	for name, those := range byFile {
		if text, err := l.text(name); err == nil {
			newFile(name, text).locate(those)
		}
	}
}

// Locate fills in the source lines of the spec mistakes in err, which other
// packages found, and sorts them by position, before any other errors. An
// error without mistakes is returned as it is.
func (r *Repository) Locate(err error) error {
	mistakes, others := split(err)
	if len(mistakes) == 0 {
		return err
	}
	root, openErr := os.OpenRoot(r.Dir)
	if openErr != nil {
		return err
	}
	defer root.Close()
	(&loader{root: root}).locate(mistakes)
	return join(mistakes, others...)
}

// Environment is the environment of that name.
func (r *Repository) Environment(name string) (*Environment, error) {
	for i := range r.Project.Environments.Entries {
		if e := &r.Project.Environments.Entries[i]; e.Key.Value == name {
			return &e.Value, nil
		}
	}
	return nil, errors.New(unknown("environment", name, r.Project.Environments.Keys()))
}
