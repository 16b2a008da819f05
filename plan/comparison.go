package plan

import (
	"slices"
	"time"
)

// Comparison holds what was approved against what would be done now. Every
// approved edit is in one of the first four lists, every edit of the plan of now in
// Left or in New.
type Comparison struct {
	Left  []Edit     // approved, and to be done
	Done  []Edit     // approved, and true already
	Ended []Approval // given only until an instant that has passed: dropped
	Lost  []Lost     // approved, and neither: nobody knows what else has changed
	New   []Edit     // to be done, and not approved
}

// Lost is an approved edit that is no longer to be done.
type Lost struct {
	Edit
	Why string // "" if nothing is known of it
}

// Agrees tells whether the plan of now does nothing but what was approved, and
// leaves nothing of that undone.
func (c *Comparison) Agrees() bool { return len(c.Lost)+len(c.New) == 0 }

// Reading is what an approved plan meets when it is applied.
type Reading struct {
	Live State
	Now  time.Time
	Spec string // digest of the documents
}

// Compare holds the file against the plan of now. What concerns other facts of the
// same resources is no matter.
func (f *File) Compare(p Plan, r Reading) Comparison {
	edits := p.Edits()
	m := newMatching(f, p, r)
	var out Comparison
	for _, a := range f.Edits {
		if _, left := slices.BinarySearchFunc(edits, a.Edit, Edit.Compare); left {
			out.Left = append(out.Left, a.Edit)
			continue
		}
		why, unread := m.withheld(a.Edit)
		switch {
		case !unread && m.isTrue(a.Edit):
			out.Done = append(out.Done, a.Edit)
		case !a.Until.IsZero() && !r.Now.Before(a.Until):
			out.Ended = append(out.Ended, a)
		default:
			out.Lost = append(out.Lost, Lost{a.Edit, why})
		}
	}
	for _, e := range edits {
		if _, approved := slices.BinarySearchFunc(f.Edits, e, func(a Approval, e Edit) int { return a.Compare(e) }); !approved {
			out.New = append(out.New, e)
		}
	}
	return out
}

// matching looks for what has become of an edit that is not in the plan.
type matching struct {
	Reading
	sameScope bool // what is not in Live does not exist; else it may only not have been looked for
	blocked   map[Edit]string
	held      map[[2]string]Held
}

func newMatching(f *File, p Plan, r Reading) *matching {
	m := &matching{Reading: r, sameScope: r.Spec == f.Spec, blocked: map[Edit]string{}, held: map[[2]string]Held{}}
	for i := range p.Blocked {
		for _, e := range p.Blocked[i].Edits() {
			m.blocked[e] = p.Blocked[i].Reason
		}
	}
	for _, h := range p.Held {
		if at := placeOf(h.Key); !m.held[at].Failed {
			m.held[at] = h
		}
	}
	return m
}

// withheld is why the plan leaves the edit out, as far as it says so, and whether
// that is because nobody knows what is live.
func (m *matching) withheld(e Edit) (why string, unread bool) {
	if why, ok := m.blocked[e]; ok {
		return why, false
	}
	if h, ok := m.held[placeOf(e.Key)]; ok {
		return h.Reason, h.Failed
	}
	if live, ok := m.Live.Get(e.Key); ok && live.Held != "" {
		return live.Held, true
	}
	return "", false
}

// placeOf is what resources of several kinds are about, as the grants and the
// owner of one securable: what cannot be read of it holds back all of them.
func placeOf(k Key) [2]string { return [2]string{k.Target, k.Name} }

// isTrue tells whether live is as the edit would make it.
func (m *matching) isTrue(e Edit) bool {
	live, ok := m.Live.Get(e.Key)
	if !ok {
		return e.Removed && m.sameScope
	}
	if e.Field == "" {
		return e.Removed != (live.Presence == Present)
	}
	f, ok := live.Field(e.Field)
	if !ok && e.Field == nameField {
		return live.Presence == Present // it is called what its key says
	}
	return f.Has(e.Value) != e.Removed
}
