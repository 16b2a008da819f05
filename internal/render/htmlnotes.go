package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// guarded is a guard that objects, or that was let off.
type guarded struct{ Guard, Message, At string }

func refused(violations []plan.Violation) []guarded {
	var out []guarded
	for _, v := range violations {
		out = append(out, guarded{safe(v.Guard), oneLine(v.Message), safe(v.Pos.String())})
	}
	return out
}

func waived(waivers []plan.Waiver) []guarded {
	var out []guarded
	for _, w := range waivers {
		out = append(out, guarded{Guard: safe(w.Guard), Message: oneLine(w.Reason)})
	}
	return out
}

// lackView is a right that changes need and the applying identity does not have.
type lackView struct {
	Needs   string
	Changes []keyView
	TakenBy string
	Holders []term
}

func lackViews(lacks []plan.Lack) []lackView {
	var out []lackView
	for _, l := range byRight(lacks) {
		v := lackView{Needs: oneLine(l.Needs), Holders: terms(l.Holders)}
		for _, k := range l.changes {
			v.Changes = append(v.Changes, keyOf(k))
		}
		if l.TakenBy != (plan.Key{}) {
			v.TakenBy = safe(string(l.By) + " " + l.TakenBy.String())
		}
		out = append(out, v)
	}
	return out
}

// noteSection is what a plan says besides its changes.
type noteSection struct {
	ID, Heading, Sentence string
	Count                 int
	Lists                 []noteList
}

// noteList is notes of one sort. A folded one is not needed to decide.
type noteList struct {
	Heading string
	Folded  bool
	Notes   []noteView
}

type noteView struct {
	Sign     symbol
	Word     string // beside the sign, where that is not enough
	Resource *keyView
	Owner    string
	Field    term
	Values   []term
	Text, At string
}

func noteSections(p plan.Plan) []noteSection {
	all := []noteSection{findingNotes(p.Findings), warningNotes(p.Warnings), heldNotes(p), unmanagedNotes(p.Unmanaged)}
	return slices.DeleteFunc(all, func(s noteSection) bool { return s.Count == 0 })
}

var levelSigns = map[plan.Level]symbol{
	plan.LevelError: {"!", "error", "remove"},
	plan.LevelWarn:  {"!", "warning", "blocked"},
	plan.LevelNote:  {"i", "note", ""},
}

func findingNotes(findings []plan.Finding) noteSection {
	findings = plan.SortFindings(slices.Clone(findings))
	s := noteSection{ID: "findings", Heading: "Findings", Sentence: levelCounts(findings) + ".", Count: len(findings)}
	names := map[plan.Level]string{plan.LevelError: "Errors", plan.LevelWarn: "Warnings", plan.LevelNote: "Notes"}
	for _, level := range levels {
		l := noteList{Heading: names[level]}
		for _, f := range findings {
			if f.Level == level {
				l.Notes = append(l.Notes, noteView{Sign: levelSigns[level], Word: safe(f.Code), Text: oneLine(f.Message), At: safe(f.Pos.String())})
			}
		}
		if len(l.Notes) > 0 {
			s.Lists = append(s.Lists, l)
		}
	}
	return s
}

func warningNotes(warnings []plan.Warning) noteSection {
	s := noteSection{ID: "warnings", Heading: "Warnings", Count: len(warnings)}
	warnings = slices.Clone(warnings)
	slices.SortStableFunc(warnings, func(a, b plan.Warning) int { return a.Pos.Compare(b.Pos) })
	var l noteList
	for _, w := range warnings {
		l.Notes = append(l.Notes, noteView{Sign: levelSigns[plan.LevelWarn], Text: oneLine(w.Message), At: safe(w.Pos.String())})
	}
	s.Lists = []noteList{l}
	return s
}

func heldNotes(p plan.Plan) noteSection {
	s := noteSection{ID: "held", Heading: "Held back", Count: len(p.Held), Sentence: "Nothing is written to these in this run."}
	if p.Ended {
		s.Sentence = "What is named here stays as it is in this run."
	}
	var l noteList
	for _, h := range p.Held {
		key := keyOf(h.Key)
		v := noteView{
			Sign: symbol{"=", "held back", ""}, Resource: &key, Owner: safe(plan.Principal(plan.Fact{Key: h.Key})),
			Text: oneLine(h.Reason), At: at("", place(h.Origin)),
		}
		if h.Failed {
			v.Sign = symbol{"!", "could not be read", "remove"}
		}
		l.Notes = append(l.Notes, v)
	}
	s.Lists = []noteList{l}
	return s
}

func unmanagedNotes(all []plan.Unmanaged) noteSection {
	s := noteSection{ID: "unmanaged", Heading: "Unmanaged", Count: len(all), Sentence: "Live, not declared, and left alone."}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b plan.Unmanaged) int {
		return cmp.Or(keptOrder[b.Kept]-keptOrder[a.Kept], strings.Compare(a.Kept, b.Kept), strings.Compare(a.From, b.From))
	})
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Kept == all[0].Kept && all[n].From == all[0].From {
			n++
		}
		l := noteList{Heading: keptTitle(all[:n]), Folded: keptOrder[all[0].Kept] == 0 && n > unmanagedShown}
		for _, u := range byField(all[:n]) {
			key := keyOf(u.key)
			l.Notes = append(l.Notes, noteView{
				Sign: symbol{"?", "unmanaged", ""}, Resource: &key, Owner: safe(plan.Principal(plan.Fact{Key: u.key})),
				Field: termOf(u.field), Values: terms(u.values),
			})
		}
		s.Lists = append(s.Lists, l)
		all = all[n:]
	}
	return s
}
