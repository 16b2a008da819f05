package spec

import (
	"cmp"
	"slices"
)

// Standing is the repository with all files as they stand, without the documents
// that have mistakes of their own; nil where no file has any. Of a file that is read
// as it was, it has what is wanted since: that a file has a mistake is no reason to
// end what the rest of it prolongs.
func (s *Salvaged) Standing() (*Repository, error) {
	if len(s.suspects) == 0 {
		return nil, nil
	}
	var files []*read
	for name, f := range s.reads {
		if s.suspects[name] == nil || name == projectFile {
			files = append(files, &read{name: name, entries: f.entries})
		}
	}
	for name, sp := range s.suspects {
		if name != projectFile {
			files = append(files, &read{name: name, entries: sp.original.without(nil)})
		}
	}
	// Of two documents of one name it has the one of the file with mistakes: what
	// the other one wants is read anyway.
	whole := func(f *read) int {
		if s.suspects[f.name] == nil {
			return 1
		}
		return 0
	}
	slices.SortFunc(files, func(a, b *read) int { return cmp.Or(whole(a)-whole(b), cmp.Compare(a.name, b.name)) })
	var standing *Repository
	err := s.inRoot(func(l *loader) error {
		twice := l.duplicates(files)
		for _, f := range files {
			f.entries = f.without(twice)
		}
		slices.SortFunc(files, func(a, b *read) int { return cmp.Compare(a.name, b.name) })
		standing = newRepository(s.dir, s.project, files)
		return nil
	})
	return standing, err
}
