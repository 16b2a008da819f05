package spec

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Salvaged is a repository of which some files may hold mistakes: each of them
// is read as it was when it had none; where there is no such version, without its
// documents that have some. It is for what must not wait until somebody has
// mended a file; all else takes Load.
type Salvaged struct {
	*Repository

	dir      string
	kinds    []Kind
	history  History
	loader   *loader
	project  *Entry
	reads    map[string]*read    // what stands for each file; one that is left out is missing
	suspects map[string]*suspect // the files with mistakes
	pasts    map[string]record   // what history has of the files that were asked for
	since    map[string]standing // since when these files are as they stand
	rounds   int
}

// maxRounds is how often files are replaced by older versions because of
// mistakes that only show between files. Each round costs a pass over the whole
// repository; a file that has not settled by then is read in part.
const maxRounds = 64

// Salvage reads the repository in dir, or in the nearest folder above it that
// has a brickgate.yaml. In place of a file with mistakes it reads the newest
// older version without any; where history has none, only the documents without.
// Without a Project there is no repository: then the error holds its mistakes.
func Salvage(dir string, kinds []Kind, history History) (*Salvaged, error) {
	dir, err := FindProject(dir)
	if err != nil {
		return nil, err
	}
	s := &Salvaged{dir: dir, kinds: kinds, history: history, suspects: map[string]*suspect{}, pasts: map[string]record{}, since: map[string]standing{}}
	if err := s.restart(); err != nil {
		return nil, err
	}
	return s, nil
}

// FallBack takes mistakes that were found in what the documents mean together,
// and reads their files as they were before; of two that contradict each other the
// one that changed last. A file of which no older version is left is read with its
// mistakes from then on, and they are no reason to ask again. It reports whether
// the documents have changed, so that they are to be asked again.
func (s *Salvaged) FallBack(mistakes []*Error) (bool, error) {
	s.rounds++
	between, within := s.blame(mistakes)
	s.charge(slices.Concat(between, within))
	// What files say of each other comes first: the rest may only follow from it.
	for _, those := range [][]*Error{between, within} {
		changed := false
		for _, file := range filesOf(those) {
			if s.reads[file.name] == nil {
				continue
			}
			sp := s.suspect(file)
			switch {
			case sp.Instead == InPart:
			case file.name == projectFile:
				if !s.step(sp) {
					s.keepProject(sp)
				}
				return true, s.restart()
			default:
				if !s.next(sp) {
					s.keepNewest(sp)
				}
				changed = true
			}
		}
		if changed {
			return true, s.settle()
		}
	}
	return false, nil
}

// charge lets the files that are read with mistakes in what they mean hold back
// whom the entries with these name, and nobody else.
func (s *Salvaged) charge(mistakes []*Error) {
	of := map[string][]*Error{}
	for _, m := range mistakes {
		of[m.Pos.File] = append(of[m.Pos.File], m)
	}
	for name, sp := range s.suspects {
		if sp.Instead == InPart && sp.Loads {
			sp.words = words(namedAround(name, sp.text, of[name]))
		}
	}
}

// LeaveOut takes mistakes that older versions cannot be expected to mend, since
// they lie between a file and the world, and leaves their files out. It reports
// whether there was anything to leave out; the Project's file never is.
func (s *Salvaged) LeaveOut(mistakes []*Error) (bool, error) {
	left := false
	for _, file := range filesOf(mistakes) {
		if s.reads[file.name] != nil && file.name != projectFile {
			sp := s.suspect(file)
			if !sp.asked {
				sp.History = errNotTried
			}
			s.leaveOut(sp)
			left = true
		}
	}
	if !left {
		return false, nil
	}
	return true, s.settle()
}

var errNotTried = errors.New("older versions were not tried")

// Broken lists the files with mistakes, by name.
func (s *Salvaged) Broken() []Broken {
	out := make([]Broken, 0, len(s.suspects))
	for _, sp := range s.suspects {
		out = append(out, sp.Broken)
	}
	slices.SortFunc(out, func(a, b Broken) int { return cmp.Compare(a.File, b.File) })
	return out
}

// restart reads everything, since all files depend on the Project.
func (s *Salvaged) restart() error {
	return s.inRoot(func(l *loader) error {
		first, err := s.readProject(l)
		if err != nil {
			return err
		}
		names, misplaced, err := l.names(s.dir)
		if err != nil {
			return err
		}
		for name := range s.suspects {
			if name != projectFile {
				delete(s.suspects, name)
				delete(l.instead, name)
			}
		}
		s.reads = map[string]*read{projectFile: first}
		for _, f := range l.readEach(names) {
			s.reads[f.name] = f
			if len(f.mistakes) > 0 {
				s.replace(mistaken{f.name, f.mistakes})
			}
		}
		for _, file := range filesOf(misplaced) {
			s.replace(file)
		}
		return s.settle()
	})
}

// readProject reads brickgate.yaml as it is to be read by now, or the next older
// version that holds a Project and no mistake.
func (s *Salvaged) readProject(l *loader) (*read, error) {
	for {
		l.environments, l.ignore = nil, nil
		first, project, err := l.project()
		if err != nil {
			first = &read{name: projectFile, mistakes: []*Error{unreadable(projectFile, err)}}
		}
		if len(first.mistakes) == 0 {
			s.project = project
			if sp := s.suspects[projectFile]; sp != nil {
				sp.loads(first, l.instead[projectFile])
			}
			return first, nil
		}
		sp := s.suspect(mistaken{projectFile, first.mistakes})
		switch {
		case s.step(sp):
		case sp.newest == nil:
			return nil, sp.failure()
		default:
			s.keepProject(sp)
		}
	}
}

// settle drops what repeats a document of another file, and makes the Repository
// of the rest.
func (s *Salvaged) settle() error {
	return s.inRoot(func(l *loader) error {
		for {
			files := make([]*read, 0, len(s.reads))
			for _, f := range s.reads {
				files = append(files, f)
			}
			slices.SortFunc(files, func(a, b *read) int { return cmp.Compare(a.name, b.name) })
			twice, same := s.blame(l.duplicates(files))
			twice = append(twice, same...)
			if len(twice) == 0 {
				slices.SortStableFunc(files, func(a, b *read) int { return s.fault(a.name) - s.fault(b.name) })
				s.Repository = newRepository(s.dir, s.project, files)
				return nil
			}
			for _, file := range filesOf(twice) {
				s.replace(file)
				if sp := s.suspects[file.name]; sp.Loads { // then all that it says is known
					sp.words, sp.Repeats = "", sp.Instead == LeftOut
				}
			}
		}
	})
}

// fault orders the files: where two documents want the same thing, the first of
// them has it, which is not to be one with mistakes.
func (s *Salvaged) fault(file string) int {
	if sp := s.suspects[file]; sp != nil && sp.Instead == InPart {
		return 1
	}
	return 0
}

// inRoot opens the folder of the repository for as long as the work takes.
func (s *Salvaged) inRoot(work func(*loader) error) error {
	if s.loader != nil && s.loader.root != nil {
		return work(s.loader)
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return fmt.Errorf("open the repository: %w", err)
	}
	defer root.Close()
	if s.loader == nil {
		s.loader = newLoader(root, s.kinds)
		s.loader.instead = map[string]string{}
	}
	s.loader.root = root
	defer func() { s.loader.root = nil }()
	return work(s.loader)
}

// readEach reads the files in parallel; what the file system refuses is a
// mistake of the file.
func (l *loader) readEach(names []string) []*read {
	files := make([]*read, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() (err error) {
			if files[i], err = l.read(name); err != nil {
				files[i] = &read{name: name, mistakes: []*Error{unreadable(name, err)}}
			}
			return nil
		})
	}
	_ = group.Wait() // none of them fails
	return files
}

func unreadable(name string, err error) *Error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return Errorf(Pos{name, 1, 1}, "the file cannot be read: %v", err)
}

// mistaken is the mistakes of one file.
type mistaken struct {
	name     string
	mistakes []*Error
}

// filesOf groups mistakes by file, in the order of the names.
func filesOf(mistakes []*Error) []mistaken {
	mistakes = slices.Clone(mistakes)
	slices.SortStableFunc(mistakes, func(a, b *Error) int { return cmp.Compare(a.Pos.File, b.Pos.File) })
	var out []mistaken
	for _, m := range mistakes {
		switch n := len(out); {
		case m.Pos.File == "":
		case n > 0 && out[n-1].name == m.Pos.File:
			out[n-1].mistakes = append(out[n-1].mistakes, m)
		default:
			out = append(out, mistaken{m.Pos.File, []*Error{m}})
		}
	}
	return out
}
