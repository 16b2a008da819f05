package journal

import (
	"cmp"
	"slices"
	"time"
)

// Source is a journal, or a part of one, and where it was read.
type Source struct {
	Name string
	Log  *Log
}

// place is where a record stands, in whatever file it is.
type place struct {
	run string
	seq int64
}

// Together lists what several files hold, by runs, the oldest first. A run that
// stands in more than one of them, as in a journal and in the part of it that was
// uploaded, is there once.
func Together(files []Source) *Log {
	if len(files) == 1 {
		return files[0].Log
	}
	at := map[place]int{}
	began := map[string]time.Time{}
	runs := map[string]*Run{}
	all := &Log{}
	for _, f := range files {
		for _, o := range f.Log.Operations {
			if first, ok := began[o.Run.ID]; !ok || o.At.Before(first) {
				began[o.Run.ID] = o.At
			}
			if have := runs[o.Run.ID]; have == nil || have.Command == "" { // without its beginning, a run is only a name
				runs[o.Run.ID] = o.Run
			}
			key := place{o.Run.ID, o.Seq}
			i, twice := at[key]
			if !twice {
				at[key] = len(all.Operations)
				all.Operations = append(all.Operations, o)
				continue
			}
			have := &all.Operations[i]
			have.Outcome, have.Seen = cmp.Or(have.Outcome, o.Outcome), cmp.Or(have.Seen, o.Seen)
		}
	}
	for i := range all.Operations {
		all.Operations[i].Run = runs[all.Operations[i].Run.ID]
	}
	slices.SortStableFunc(all.Operations, func(a, b Operation) int {
		return cmp.Or(began[a.Run.ID].Compare(began[b.Run.ID]), cmp.Compare(a.Run.ID, b.Run.ID), cmp.Compare(a.Seq, b.Seq))
	})
	return all
}

// Loose are the files that go on behind a record which none of the files has:
// what was before is elsewhere, or was taken away.
func Loose(files []Source) []Source {
	there := map[string]bool{}
	for _, f := range files {
		for _, l := range f.Log.links {
			there[l.hash] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(files), func(f Source) bool {
		return f.Log.Report.FirstSeq <= 1 || there[f.Log.Report.Before]
	})
}

// Dispute is a record that two files have with different words: each of them may
// verify, and one was written anew.
type Dispute struct {
	Run  string
	Seq  int64 // the first one of that run in these files
	A, B string
}

// Disputes are the runs that files tell differently, in the order of the files.
func Disputes(files []Source) []Dispute {
	type told struct{ hash, file string }
	first := map[place]told{}
	found := map[[3]string]bool{}
	var out []Dispute
	for _, f := range files {
		for _, l := range f.Log.links {
			at := place{l.run, l.seq}
			before, ok := first[at]
			if !ok {
				first[at] = told{l.hash, f.Name}
				continue
			}
			pair := [3]string{l.run, before.file, f.Name}
			if before.hash != l.hash && before.file != f.Name && l.run != "" && !found[pair] {
				found[pair] = true
				out = append(out, Dispute{l.run, l.seq, before.file, f.Name})
			}
		}
	}
	return out
}
