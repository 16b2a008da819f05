package spec

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/go-multierror"
)

// Version is an older state of a file.
type Version struct {
	Commit string
	Time   time.Time              // of the commit
	Text   func() ([]byte, error) // ErrNoText: there was no such file then
}

// ErrNoText is that a version has no text: with it the search goes on. With any
// other error it ends, since nobody knows whether an older version than that is to
// be read.
var ErrNoText = errors.New("the version has no text")

// History lists the older versions of a file of the repository in dir, newest
// first. The error says why there may be more than it lists; nil: these are all.
type History func(dir, file string) ([]Version, error)

// suspect is a file with mistakes while it is dealt with.
type suspect struct {
	Broken
	text     string // as it stands
	original *read  // of the text as it stands; nil if that could not be read
	asked    bool   // whether versions have been listed
	versions []Version

	newest                   *read // the newest version that loads; nil: none yet
	newestText, newestCommit string
	time, newestTime         time.Time // of the commits
}

// loads remembers the first version that has no mistakes of its own.
func (sp *suspect) loads(f *read, text string) {
	if sp.newest == nil {
		sp.newest, sp.newestText, sp.newestCommit, sp.newestTime = f, text, sp.Commit, sp.time
	}
}

// failure is the mistakes of a file for which there is no other.
func (sp *suspect) failure() error {
	err := join(slices.Clone(sp.Errors))
	if sp.History == nil {
		return err
	}
	return multierror.Append(err, fmt.Errorf("no older version of %s: %w", sp.File, sp.History))
}

// suspect remembers a file with mistakes, and the first ones found in it.
func (s *Salvaged) suspect(file mistaken) *suspect {
	if sp := s.suspects[file.name]; sp != nil {
		return sp
	}
	text, err := s.rawText(file.name)
	sp := &suspect{Broken: newBroken(file, text, err), text: text, original: s.reads[file.name]}
	if f := sp.original; f != nil && len(f.mistakes) == 0 {
		sp.Loads = err == nil
		sp.loads(f, text)
	}
	s.suspects[file.name] = sp
	return sp
}

// maxText is how much of a file is searched for names.
const maxText = 64 << 20

// rawText is a file as it stands, whatever it holds.
func (s *Salvaged) rawText(name string) (text string, err error) {
	err = s.inRoot(func(l *loader) error {
		if info, err := l.root.Stat(name); err != nil || !info.Mode().IsRegular() || info.Size() > maxText {
			return cmp.Or(err, errors.New("no text"))
		}
		data, err := l.root.ReadFile(name)
		text = string(data)
		return err
	})
	return text, err
}

// replace reads a file with mistakes as it was before; where it never was without
// any, its documents that have none.
func (s *Salvaged) replace(file mistaken) {
	sp := s.suspect(file)
	sound := s.reads[file.name].without(file.mistakes)
	if sp.Instead != InPart && file.name != projectFile {
		if s.next(sp) {
			return
		}
		// What repeats others in this version is found when it is asked again.
		sound = cmp.Or(sp.newest, sp.original).without(nil)
		sp.Commit, sp.time, s.loader.instead[file.name] = sp.newestCommit, sp.newestTime, cmp.Or(sp.newestText, sp.text)
	}
	if len(sound) == 0 {
		s.leaveOut(sp)
		return
	}
	s.reads[file.name] = &read{name: file.name, entries: sound}
	sp.Instead = InPart
}

// without are the documents of a file but those with mistakes.
func (f *read) without(mistakes []*Error) []Entry {
	if f == nil {
		return nil
	}
	var sound []Entry
	for i, e := range f.entries {
		wrong := slices.Contains(f.faulty, i) || slices.ContainsFunc(mistakes, func(m *Error) bool { return m.Pos == e.Pos })
		if !wrong {
			sound = append(sound, e)
		}
	}
	return sound
}

func (s *Salvaged) leaveOut(sp *suspect) {
	sp.Instead, sp.Commit, sp.Repeats, sp.words = LeftOut, "", false, words(sp.text)
	delete(s.loader.instead, sp.File)
	delete(s.reads, sp.File)
}

// next goes on to the next older version that has no mistakes of its own; false
// if there is none.
func (s *Salvaged) next(sp *suspect) bool {
	for s.step(sp) {
		text := s.loader.instead[sp.File]
		f := s.loader.decode(sp.File, text)
		if len(f.mistakes) == 0 {
			sp.loads(f, text)
			s.reads[sp.File] = f
			return true
		}
	}
	return false
}

// step puts the next older text in the place of a file; false if there is none.
func (s *Salvaged) step(sp *suspect) bool {
	if s.rounds > maxRounds {
		return false
	}
	if !sp.asked {
		sp.asked = true
		past := s.past(sp.File)
		sp.versions, sp.History = past.versions, past.err
	}
	for len(sp.versions) > 0 {
		v := sp.versions[0]
		sp.versions = sp.versions[1:]
		text, err := v.Text()
		if err != nil && !errors.Is(err, ErrNoText) {
			sp.versions, sp.History = nil, err
			return false
		}
		if err != nil || len(text) > maxFileSize || string(text) == sp.text {
			continue
		}
		s.loader.instead[sp.File] = string(text)
		sp.Instead, sp.Commit, sp.time = OlderVersion, v.Commit, v.Time
		return true
	}
	return false
}

// keepNewest settles for the newest version of a file that loads.
func (s *Salvaged) keepNewest(sp *suspect) {
	sp.Instead, sp.Commit, sp.time = InPart, sp.newestCommit, sp.newestTime
	s.reads[sp.File], s.loader.instead[sp.File] = sp.newest, sp.newestText
}

// keepProject does so for brickgate.yaml, which is read with all that depends on it.
func (s *Salvaged) keepProject(sp *suspect) {
	sp.Instead, sp.Commit, sp.time = InPart, sp.newestCommit, sp.newestTime
	s.loader.instead[sp.File] = sp.newestText
}
