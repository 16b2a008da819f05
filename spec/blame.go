package spec

import (
	"cmp"
	"strings"
	"time"
)

// record is what history has of a file.
type record struct {
	versions []Version
	err      error // why there may be more
}

func (s *Salvaged) past(file string) record {
	if _, asked := s.pasts[file]; !asked {
		versions, err := s.history(s.dir, file)
		s.pasts[file] = record{versions, err}
	}
	return s.pasts[file]
}

// standing is since when a file is as it is.
type standing struct {
	committed bool
	at        time.Time // of the commit
}

func (a standing) compare(b standing) int {
	if a.committed != b.committed {
		if a.committed {
			return -1
		}
		return 1
	}
	return a.at.Compare(b.at)
}

// standingOf is that of a file as it is read by now.
func (s *Salvaged) standingOf(file string) standing {
	if sp := s.suspects[file]; sp != nil && sp.Commit != "" {
		return standing{true, sp.time}
	}
	if _, known := s.since[file]; !known {
		s.since[file] = s.workTree(file)
	}
	return s.since[file]
}

// workTree finds the version that a file in the work tree is at. Line ends do not
// count: git may write other ones than it keeps.
func (s *Salvaged) workTree(file string) standing {
	text, err := s.rawText(file)
	if err != nil {
		return standing{}
	}
	text = strings.Join(sourceLines(text), "\n")
	for _, v := range s.past(file).versions {
		if data, err := v.Text(); err == nil && strings.Join(sourceLines(string(data)), "\n") == text {
			return standing{true, v.Time}
		}
	}
	return standing{}
}

// newer reports whether a file changed after another one. What is in no commit
// is newer than all that is; where nothing tells, it is the one with the later name.
func (s *Salvaged) newer(file, other string) bool {
	return cmp.Or(s.standingOf(file).compare(s.standingOf(other)), strings.Compare(file, other)) > 0
}

// blame tells each contradiction between two files at the one that changed last,
// apart from the mistakes of a single file.
func (s *Salvaged) blame(mistakes []*Error) (between, within []*Error) {
	type pair struct{ pos, also Pos }
	told := map[pair]bool{}
	for _, m := range mistakes {
		told[pair{m.Pos, m.Also}] = true
	}
	for _, m := range mistakes {
		switch other := m.Also.File; {
		case other == "" || other == m.Pos.File:
			within = append(within, m)
		case s.newer(m.Pos.File, other):
			between = append(between, m)
		case !told[pair{m.Also, m.Pos}]:
			mirrored := Errorf(m.Also, "contradicts %s: %s", m.Pos, m.Msg).With(m.Pos)
			mirrored.Source = s.sourceLine(m.Also)
			between = append(between, mirrored)
		}
	}
	return between, within
}

// sourceLine is the line of a place as it is read by now; "" if it cannot be.
func (s *Salvaged) sourceLine(pos Pos) string {
	m := Errorf(pos, "")
	_ = s.inRoot(func(l *loader) error {
		l.locate([]*Error{m})
		return nil
	})
	return m.Source
}
