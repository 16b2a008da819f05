package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dated is a history of texts, newest first, each with the day of its commit.
type dated map[string][]struct {
	day  int
	text string
}

func (p dated) versions(_, file string) ([]Version, error) {
	var out []Version
	for _, v := range p[file] {
		out = append(out, Version{fmt.Sprintf("%s@%d", file, v.day), time.Date(2026, 1, v.day, 0, 0, 0, 0, time.UTC),
			func() ([]byte, error) { return []byte(v.text), nil }})
	}
	return out, nil
}

// quarrels tells, at the first of them, that two documents cannot both be there.
func quarrels(s *Salvaged, one, other string) []*Error {
	find := func(name string) int {
		return slices.IndexFunc(s.Entries, func(e Entry) bool { return e.Name == name })
	}
	a, b := find(one), find(other)
	if a < 0 || b < 0 {
		return nil
	}
	return []*Error{Errorf(s.Entries[a].Pos, "cannot be with %s", other).With(s.Entries[b].Pos)}
}

func TestTheFileThatChangedLastIsToBlame(t *testing.T) {
	a, b, good := named("one"), named("other"), named("good")
	for name, tt := range map[string]struct {
		a    string
		past dated
		want string
	}{
		"neither was ever committed": {a, dated{}, "one\nother\nb.yaml: in part"},
		"one is in no commit":        {a, dated{"b.yaml": {{1, b}}}, "other\none\na.yaml: in part"},
		"one is changed":             {a, dated{"a.yaml": {{2, good}}, "b.yaml": {{3, b}}}, "good\nother\na.yaml: older version a.yaml@2"},
		"the other is changed":       {a, dated{"a.yaml": {{3, a}}, "b.yaml": {{1, good}}}, "one\ngood\nb.yaml: older version b.yaml@1"},
		"one was committed later":    {a, dated{"a.yaml": {{5, a}, {1, good}}, "b.yaml": {{3, b}, {2, named("more")}}}, "good\nother\na.yaml: older version a.yaml@1"},
		"the other was":              {a, dated{"a.yaml": {{3, a}, {1, good}}, "b.yaml": {{5, b}, {2, named("more")}}}, "one\nmore\nb.yaml: older version b.yaml@2"},
		"only the line ends differ":  {strings.ReplaceAll(a, "\n", "\r\n"), dated{"a.yaml": {{3, a}}, "b.yaml": {{5, b}, {2, named("more")}}}, "one\nmore\nb.yaml: older version b.yaml@2"},
		"the later one was never without": {a, dated{"a.yaml": {{5, a}}, "b.yaml": {{3, b}, {2, named("more")}}},
			"other\none\na.yaml: in part"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Salvage(small(t, "a.yaml", tt.a, "b.yaml", b), testKinds(), tt.past.versions)
			if err != nil {
				t.Fatal(err)
			}
			for changed := true; changed; {
				if changed, err = s.FallBack(quarrels(s, "one", "other")); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, s.told()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestACopyGoesWhateverItsName(t *testing.T) {
	same := named("same")
	for copied, want := range map[string]string{"a.yaml": "same\na.yaml: left out", "z.yaml": "same\nz.yaml: left out"} {
		s, err := Salvage(small(t, "m.yaml", same, copied, same), testKinds(), dated{"m.yaml": {{1, same}}}.versions)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, s.told()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		b := s.Broken()[0]
		if b.Mentions("same") || b.Unjudged() || b.Errors[0].Pos.File != copied || b.Errors[0].Source == "" {
			t.Errorf("%+v", b)
		}
	}
}

func TestOnlyTheEntryWithAMistakeNamesAnybody(t *testing.T) {
	const text = `# nobody@example.com
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: orders, domain: sales}
spec:
  owners:
    - group: grp_one
  data: {gold: [{table: sales.orders}]}
  consumers:
    - user: bob@example.com
      approvals: [{role: domain_ownr, by: dana@example.com}]
    - {user: erin@example.com, expires: 2026-12-31}
---
apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-1}
spec:
  product: ordres
  consumer: {user: carol@example.com}
`
	for name, tt := range map[string]struct {
		line, col int
		want      string
	}{
		"the domain of a product":      {4, 33, ""},
		"its name":                     {4, 18, ""},
		"its data":                     {8, 25, ""},
		"an owner":                     {7, 14, "grp_one"},
		"an approval of an entry":      {11, 26, "bob dana"},
		"the entry after it":           {12, 7, "erin"},
		"the list of entries":          {9, 3, "bob dana erin"},
		"a document that is one entry": {18, 12, "carol"},
		"the name of such a document":  {16, 18, "carol"},
		"a place before all documents": {1, 1, "nobody grp_one bob dana erin carol"},
	} {
		t.Run(name, func(t *testing.T) {
			b := Broken{words: words(namedAround("a.yaml", text, []*Error{Errorf(Pos{"a.yaml", tt.line, tt.col}, "wrong")}))}
			var got []string
			for _, who := range []string{"nobody", "grp_one", "bob", "dana", "erin", "carol"} {
				name := who + "@example.com"
				if who == "grp_one" {
					name = who
				}
				if b.Mentions(name) {
					got = append(got, who)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tt.want == "" && b.Mentions("sales") {
				t.Error("the domain is named, and with it its owners")
			}
		})
	}
}
