package spec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errNoHistory = errors.New("there is no git")

// past is a history of texts, newest first, whose commits are numbered: file@1.
type past map[string][]string

func (p past) versions(_, file string) ([]Version, error) {
	if p == nil {
		return nil, errNoHistory
	}
	var out []Version
	for i, text := range p[file] {
		out = append(out, Version{fmt.Sprintf("%s@%d", file, i+1), time.Time{}, func() ([]byte, error) {
			switch text {
			case "deleted":
				return nil, ErrNoText
			case "out of reach":
				return nil, errNoHistory
			}
			return []byte(text), nil
		}})
	}
	return out, nil
}

// salvaged reads what can be read.
func salvaged(t testing.TB, dir string, p past) *Salvaged {
	t.Helper()
	s, err := Salvage(dir, testKinds(), p.versions)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// told lists what was read: the documents by name, then what stands for each file
// with mistakes.
func (s *Salvaged) told() string {
	var out []string
	for _, e := range s.Entries {
		out = append(out, e.Name)
	}
	for _, b := range s.Broken() {
		line := b.File + ": " + string(b.Instead)
		if b.Commit != "" {
			line += " " + b.Commit
		}
		if errors.Is(b.History, errNoHistory) {
			line += ", no history"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

const garbage = "apiVersion: [\n"

func TestAFileWithMistakesIsReadAsItWas(t *testing.T) {
	wrong := func(name string) string { return strings.Replace(named(name), "spec: {}", "spec: {owner: x}", 1) }
	large := named("large") + strings.Repeat("#\n", maxFileSize/2)
	for name, tt := range map[string]struct {
		files []string
		past  past
		want  string
	}{
		"nothing is wrong": {[]string{"a.yaml", named("a")}, past{"a.yaml": {named("old")}}, "a"},
		"an unknown field": {[]string{"a.yaml", wrong("a"), "b.yaml", named("b")}, past{"a.yaml": {named("before")}},
			"before\nb\na.yaml: older version a.yaml@1"},
		"not YAML":  {[]string{"a.yaml", garbage}, past{"a.yaml": {named("before")}}, "before\na.yaml: older version a.yaml@1"},
		"too large": {[]string{"a.yaml", large}, past{"a.yaml": {named("before")}}, "before\na.yaml: older version a.yaml@1"},
		"versions with mistakes are passed over": {[]string{"a.yaml", garbage}, past{"a.yaml": {garbage, wrong("x"), large, "deleted", named("good"), named("older")}},
			"good\na.yaml: older version a.yaml@5"},
		"behind a version that cannot be had nobody looks": {[]string{"a.yaml", garbage}, past{"a.yaml": {garbage, "out of reach", named("old")}},
			"a.yaml: left out, no history"},
		"a new file is left out": {[]string{"a.yaml", garbage, "b.yaml", named("b")}, past{}, "b\na.yaml: left out"},
		"without history its sound documents are read": {[]string{"a.yaml", named("one") + "---\n" + wrong("two") + "---\n" + named("three")}, nil,
			"one\nthree\na.yaml: in part, no history"},
		"what stands before the mistake is read": {[]string{"a.yaml", named("one") + "---\n" + garbage}, nil, "one\na.yaml: in part, no history"},
		"a second document of a name": {[]string{"a.yaml", named("same"), "b.yaml", named("same") + "---\n" + named("other")}, past{"b.yaml": {named("b")}},
			"same\nb\nb.yaml: older version b.yaml@1"},
		"a second document of a name in a new file": {[]string{"a.yaml", named("same"), "b.yaml", named("same") + "---\n" + named("other")}, past{},
			"same\nother\nb.yaml: in part"},
		"the same name in every version": {[]string{"a.yaml", named("same"), "b.yaml", named("same") + "---\n" + named("other")}, past{"a.yaml": {named("same")}, "b.yaml": {named("same"), named("more") + "---\n" + named("same")}},
			"same\nother\nb.yaml: in part"},
		"two documents of a name in one file": {[]string{"a.yaml", named("same") + "---\n" + named("same")}, nil, "same\na.yaml: in part, no history"},
		"the Project": {[]string{projectFile, smallProject + "  owner: x\n", "a.yaml", named("a")}, past{projectFile: {garbage, smallProject}},
			"a\nbrickgate.yaml: older version brickgate.yaml@2"},
		"the Project without what a file needs": {
			[]string{projectFile, strings.Replace(smallProject, "prd:", "prod:", 1) + "  owner: x\n", "a.yaml", aTeam("  environments: [prod]\n")},
			past{projectFile: {smallProject}, "a.yaml": {named("before")}},
			"before\na.yaml: older version a.yaml@1\nbrickgate.yaml: older version brickgate.yaml@1"},
		"a second Project": {[]string{projectFile, smallProject + "---\n" + smallProject, "a.yaml", named("a")}, nil, "a\nbrickgate.yaml: in part"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := small(t, tt.files...)
			if diff := cmp.Diff(tt.want, salvaged(t, dir, tt.past).told()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutAProjectThereIsNoRepository(t *testing.T) {
	_, err := Salvage(write(t, projectFile, "apiVersion: brickgate.dev/v1\nkind: Projekt\n"), testKinds(), past(nil).versions)
	if len(Errors(err)) == 0 || !errors.Is(err, errNoHistory) || !strings.Contains(err.Error(), "Projekt") {
		t.Errorf("got %v", err)
	}
	if _, err := Salvage(t.TempDir(), testKinds(), past{}.versions); err == nil {
		t.Error("a folder without brickgate.yaml is salvaged")
	}
}

func TestWhatIsNoTextIsLeftOut(t *testing.T) {
	dir := small(t, "a.yaml", named("a"), "b.yaml", named("b"))
	if err := os.Symlink(filepath.Join(t.TempDir(), "gone.yaml"), filepath.Join(dir, "c.yaml")); err != nil {
		t.Skip(err)
	}
	s := salvaged(t, dir, past{"c.yaml": {named("c")}})
	if diff := cmp.Diff("a\nb\nc\nc.yaml: older version c.yaml@1", s.told()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s = salvaged(t, dir, past{})
	if diff := cmp.Diff("a\nb\nc.yaml: left out", s.told()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b := s.Broken()[0]; !b.Mentions("anybody") {
		t.Error("nobody knows what it says, so it may name anybody")
	}
}

// meaning reports every document of a forbidden name, as what reads the documents
// together would.
func meaning(s *Salvaged, forbidden ...string) []*Error {
	var mistakes []*Error
	for _, e := range s.Entries {
		if slices.Contains(forbidden, e.Name) {
			mistakes = append(mistakes, Errorf(e.Pos, "%s means nothing", e.Name))
		}
	}
	return mistakes
}

// asked falls back until nothing is wrong or nothing changes.
func asked(t *testing.T, s *Salvaged, forbidden ...string) string {
	t.Helper()
	for {
		changed, err := s.FallBack(meaning(s, forbidden...))
		if err != nil {
			t.Fatal(err)
		}
		if !changed {
			return s.told()
		}
	}
}

func TestMistakesBetweenFilesFallBackToo(t *testing.T) {
	for name, tt := range map[string]struct {
		files []string
		past  past
		want  string
	}{
		"to the version before": {[]string{"a.yaml", named("bad"), "b.yaml", named("b")}, past{"a.yaml": {named("bad"), named("good")}},
			"good\nb\na.yaml: older version a.yaml@2"},
		"to the one before that": {[]string{"a.yaml", named("bad")}, past{"a.yaml": {named("worse"), garbage, named("good")}},
			"good\na.yaml: older version a.yaml@3"},
		"a new file is read in part": {[]string{"a.yaml", named("bad") + "---\n" + named("good")}, past{},
			"bad\ngood\na.yaml: in part"},
		"with every version wrong, the newest is read in part": {[]string{"a.yaml", named("bad")}, past{"a.yaml": {named("worse"), named("bad")}},
			"bad\na.yaml: in part"},
		"with every version wrong, the newest that loads is read in part": {[]string{"a.yaml", garbage}, past{"a.yaml": {named("worse"), named("bad")}},
			"worse\na.yaml: in part a.yaml@1"},
		"the Project": {[]string{projectFile, smallProject + "---\n" + named("bad"), "a.yaml", named("a")},
			past{projectFile: {garbage, smallProject + "---\n" + named("good")}},
			"a\ngood\nbrickgate.yaml: older version brickgate.yaml@2"},
		"the Project, wrong in every version": {[]string{projectFile, smallProject + "---\n" + named("bad"), "a.yaml", named("a")},
			past{projectFile: {smallProject + "---\n" + named("worse")}},
			"a\nbad\nbrickgate.yaml: in part"},
		"an older version that repeats a document of another file": {[]string{"a.yaml", named("bad"), "b.yaml", named("good")}, past{"a.yaml": {named("good"), named("fine")}},
			"good\na.yaml: older version a.yaml@1\nb.yaml: left out"},
	} {
		t.Run(name, func(t *testing.T) {
			s := salvaged(t, small(t, tt.files...), tt.past)
			if diff := cmp.Diff(tt.want, asked(t, s, "bad", "worse")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatStandsIsKnownBesideWhatIsRead(t *testing.T) {
	standing := func(s *Salvaged) string {
		r, err := s.Standing()
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			return "nothing else"
		}
		var out []string
		for _, e := range r.Entries {
			out = append(out, e.Name)
		}
		return strings.Join(out, " ")
	}
	s := salvaged(t, small(t, "a.yaml", named("bad"), "b.yaml", named("new")+"---\n"+garbage, "c.yaml", named("c"), "d.yaml", named("c")+"---\n"+named("d")),
		past{"a.yaml": {named("good")}, "b.yaml": {named("old")}, "d.yaml": {named("before")}})
	asked(t, s, "bad")
	if diff := cmp.Diff("good\nold\nc\nbefore\na.yaml: older version a.yaml@1\nb.yaml: older version b.yaml@1\nd.yaml: older version d.yaml@1", s.told()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := standing(s); got != "bad new c d" {
		t.Errorf("what stands: %s", got)
	}
	if diff := cmp.Diff("good old c before", strings.Join(strings.Fields(s.told())[:4], " ")); diff != "" {
		t.Errorf("what is read has changed (-want +got):\n%s", diff)
	}
	if got := standing(salvaged(t, small(t, "a.yaml", named("a")), past{})); got != "nothing else" {
		t.Errorf("nothing is broken, yet there is %s", got)
	}
}

func TestOlderVersionsAreNotTriedForEver(t *testing.T) {
	all := past{}
	for i := range 10 * maxRounds {
		all["a.yaml"] = append(all["a.yaml"], strings.Replace(named("bad"), "spec: {}", fmt.Sprintf("spec: {description: v%d}", i), 1))
	}
	s := salvaged(t, small(t, "a.yaml", named("bad")), all)
	if diff := cmp.Diff("bad\na.yaml: in part", asked(t, s, "bad")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.rounds > maxRounds+3 {
		t.Errorf("%d rounds", s.rounds)
	}
}

func TestMistakesWithTheWorldLeaveOut(t *testing.T) {
	s := salvaged(t, small(t, "a.yaml", named("bad"), "b.yaml", named("b")), past{"a.yaml": {named("good")}})
	left, err := s.LeaveOut(append(meaning(s, "bad"), Errorf(s.ProjectPos, "the Project stays"), Errorf(Pos{}, "nowhere")))
	if err != nil || !left {
		t.Fatal(left, err)
	}
	if diff := cmp.Diff("b\na.yaml: left out", s.told()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if left, err := s.LeaveOut([]*Error{Errorf(s.ProjectPos, "again"), Errorf(Pos{"a.yaml", 1, 1}, "again")}); left || err != nil {
		t.Errorf("there is nothing to leave out: %v, %v", left, err)
	}
}

func TestTheFirstMistakesOfABrokenFileAreKept(t *testing.T) {
	s := salvaged(t, small(t, "a.yaml", "x: y\n---\nz: y\n"), past{})
	b := s.Broken()[0]
	if len(b.Errors) != 2 || b.Errors[0].Pos.Line != 1 || b.Errors[0].Source != "x: y" {
		t.Errorf("got %v", b.Errors)
	}
}

func TestABrokenFileMentionsWhomItNames(t *testing.T) {
	dir := small(t, "a.yaml", "- user: Alice@Example.com\n  group: grp_sales_emea, \"Cloud\n    Admins\"\n# sales-orders\n", "b.yaml", "b\x00o\x00b\x00@\x00x\x00.\x00y\x00")
	broken := salvaged(t, dir, past{}).Broken()
	for name, want := range map[string]bool{
		"alice@example.com": true, "ALICE@EXAMPLE.COM": true, "lice@example.com": false, "alice@example.co": false,
		"grp_sales_emea": true, "grp_sales": false, "sales_emea": false, "cloud admins": true, "sales-orders": true, "sales": false, "orders": false,
		"": false, " ": false,
	} {
		if got := broken[0].Mentions(name); got != want {
			t.Errorf("mentions %q: %v", name, got)
		}
	}
	if !broken[1].Mentions("bob@x.y") {
		t.Error("a text in UTF-16 names nobody")
	}
}

// FuzzSalvage proves that reading what can be read never panics and always ends,
// that it reads what Load reads, and that it loses no document that is sound,
// of this file or of another one.
func FuzzSalvage(f *testing.F) {
	for _, seed := range []string{"", garbage, named("a") + "---\n" + garbage, named("b"), named("other"), smallProject, "\x00", aTeam("  members:\n")} {
		f.Add(seed, named("old"))
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, older string) {
		dir := small(t, "x.yaml", text, "other.yaml", named("other"))
		s := salvaged(t, dir, past{"x.yaml": {older}})
		if r, err := Load(dir, testKinds()); err == nil {
			if diff := cmp.Diff(r.Entries, s.Entries); diff != "" {
				t.Errorf("not what is loaded (-load +salvage):\n%s", diff)
			}
			if len(s.Broken()) > 0 {
				t.Errorf("nothing is broken, yet %s", s.told())
			}
			return
		}
		if len(s.Broken()) == 0 {
			t.Error("nothing is said to be broken")
		}
		l := newLoader(nil, testKinds())
		l.environments = s.Project.Environments.Keys()
		all := salvaged(t, dir, nil)
		for _, e := range append(l.decode("x.yaml", text).without(nil), Entry{Kind: "Team", Name: "other"}) {
			if !slices.ContainsFunc(all.Entries, func(o Entry) bool { return o.Kind == e.Kind && o.Name == e.Name }) {
				t.Errorf("%s %s is lost", e.Kind, e.Name)
			}
		}
		for range 5 {
			mistakes := []*Error{Errorf(Pos{"x.yaml", 1, 1}, "wrong"), Errorf(Pos{projectFile, 1, 1}, "wrong")}
			if _, err := s.FallBack(mistakes); err != nil {
				t.Fatal(err)
			}
			_ = s.Broken()[0].Mentions(older)
			if _, err := s.Standing(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
