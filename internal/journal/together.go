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

// Together lists what several files hold, by runs, the oldest first. A run that
// stands in more than one of them, as in a journal and in the part of it that was
// uploaded, is there once.
func Together(files []Source) *Log {
	if len(files) == 1 {
		return files[0].Log
	}
	type place struct {
		run string
		seq int64
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
			switch {
			case !twice:
				at[key] = len(all.Operations)
				all.Operations = append(all.Operations, o)
			case all.Operations[i].Outcome == nil:
				all.Operations[i].Outcome = o.Outcome
			}
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
