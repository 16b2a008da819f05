package journal_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

func parts(t *testing.T, text string) []journal.Part {
	t.Helper()
	out, err := journal.Parts(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ofThreeRuns is a journal of three runs, the second of which was killed in the
// middle of a line.
func ofThreeRuns(t *testing.T) string {
	t.Helper()
	path := newFile(t)
	now := ticking()
	write(t, path, "r1", now, create("a"), grant())
	j := opened(t, path, now)
	begin(t, j, "r2")
	for _, name := range []string{"b", "c"} {
		if err := j.Intent(create(name)); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, j)
	text := contents(t, path)
	if err := os.WriteFile(path, []byte(text[:len(text)-150]), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, path, "r3", now, create("b"))
	return contents(t, path)
}

// TestPartsAreTheJournal, one after the other, and each of them verifies by itself.
func TestPartsAreTheJournal(t *testing.T) {
	text := ofThreeRuns(t)
	var all []byte
	var ids []string
	var sources []journal.Source
	for _, p := range parts(t, text) {
		all = append(all, p.Text...)
		ids = append(ids, p.Run.ID+" "+p.Run.Environment)
		if got := problems(t, string(p.Text)); got != "" {
			t.Errorf("part %s: %s", p.Run.ID, got)
		}
		sources = append(sources, journal.Source{Name: p.Run.ID, Log: read(t, string(p.Text))})
	}
	if diff := cmp.Diff([]string{"r1 dev", "r2 dev", "r3 dev"}, ids); diff != "" || string(all) != text {
		t.Errorf("(-want +got)\n%s\n%s", diff, all)
	}
	if loose := journal.Loose(sources); len(loose) != 0 {
		t.Errorf("loose: %v", loose)
	}
	if loose := journal.Loose(sources[1:]); len(loose) != 1 || loose[0].Name != "r2" {
		t.Errorf("loose without the first: %v", loose)
	}
	if loose := journal.Loose([]journal.Source{{Log: read(t, text)}, sources[2]}); len(loose) != 0 {
		t.Errorf("loose beside the whole: %v", loose)
	}
	if r := sources[2].Log.Report; r.FirstSeq <= 1 || len(r.Torn) != 1 {
		t.Errorf("the last part: %+v", r)
	}
}

// TestPartsDoNotChange when others come behind them.
func TestPartsDoNotChange(t *testing.T) {
	text := ofThreeRuns(t)
	later := parts(t, text)
	for n := range len(text) {
		if n > 0 && text[n-1] != '\n' {
			continue
		}
		early := parts(t, text[:n])
		for i := range max(len(early)-1, 0) { // the last one may not have ended
			if !bytes.Equal(early[i].Text, later[i].Text) {
				t.Fatalf("after %d bytes, part %d is %s", n, i, early[i].Text)
			}
		}
	}
}

// TestWhatIsTakenFromAPartIsSeen, except from its end, which the next part shows.
func TestWhatIsTakenFromAPartIsSeen(t *testing.T) {
	all := parts(t, ofThreeRuns(t))
	lines := strings.SplitAfter(strings.TrimSuffix(string(all[0].Text), "\n"), "\n")
	for i := range len(lines) - 1 {
		if problems(t, strings.Join(slices.Concat(lines[:i], lines[i+1:]), "")) == "" {
			t.Errorf("nobody misses line %d", i+1)
		}
	}
	cut := strings.Join(lines[:len(lines)-1], "")
	sources := []journal.Source{{Name: "r1", Log: read(t, cut)}, {Name: "r2", Log: read(t, string(all[1].Text))}}
	if loose := journal.Loose(sources); len(loose) != 1 || loose[0].Name != "r2" {
		t.Errorf("loose: %v", loose)
	}
	last := strings.SplitAfter(string(all[2].Text), "\n")
	if got := problems(t, strings.Join(last[3:], "")); !strings.Contains(got, "are missing before it") { // a torn line, what says so, and the beginning
		t.Errorf("a part without the beginning of its run: %q", got)
	}
}

// TestTogether lists each run once, whatever files hold it.
func TestTogether(t *testing.T) {
	text := ofThreeRuns(t)
	sources := []journal.Source{{Name: "whole", Log: read(t, text)}}
	for _, p := range slices.Backward(parts(t, text)) {
		sources = append(sources, journal.Source{Name: p.Run.ID, Log: read(t, string(p.Text))})
	}
	want := read(t, text).Operations
	for _, some := range [][]journal.Source{sources, sources[1:], sources[:1]} {
		got := journal.Together(some).Operations
		if len(got) != len(want) {
			t.Fatalf("%d operations, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i].Seq != want[i].Seq || got[i].Run.ID != want[i].Run.ID || got[i].Run.Command == "" || (got[i].Outcome == nil) != (want[i].Outcome == nil) {
				t.Errorf("operation %d: %+v, want %+v", i, got[i], want[i])
			}
		}
	}
}

// TestARunThatIsToldInTwoWays: each file verifies, and not both can be true.
func TestARunThatIsToldInTwoWays(t *testing.T) {
	one, other := newFile(t), newFile(t)
	write(t, one, "r1", ticking(), create("a"), grant())
	write(t, one, "r2", ticking(), create("b"))
	write(t, other, "r1", ticking(), create("innocent"), grant())
	source := func(name, text string) journal.Source { return journal.Source{Name: name, Log: read(t, text)} }
	whole := source("whole", contents(t, one))
	part := source("part", string(parts(t, contents(t, one))[0].Text))
	forged := source("forged", contents(t, other))
	if got := journal.Disputes([]journal.Source{whole, part}); len(got) != 0 {
		t.Errorf("a part of the same: %v", got)
	}
	want := []journal.Dispute{{Run: "r1", Seq: 2, A: "whole", B: "forged"}}
	if diff := cmp.Diff(want, journal.Disputes([]journal.Source{whole, part, forged})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTogetherKeepsWhatWasSeen, whichever of the files has it.
func TestTogetherKeepsWhatWasSeen(t *testing.T) {
	path := newFile(t)
	j := opened(t, path, ticking())
	begin(t, j, "r1")
	if err := j.Intent(create("a")); err != nil {
		t.Fatal(err)
	}
	o := plan.Outcome{Change: create("a"), Status: plan.Applied, Seen: plan.Seen{Sight: plan.Changed}}
	j.Outcome(o)
	before := contents(t, path)
	j.Seen(o)
	closed(t, j)
	sources := []journal.Source{{Name: "before", Log: read(t, before)}, {Name: "after", Log: read(t, contents(t, path))}}
	if got := journal.Together(sources).Operations; len(got) != 1 || got[0].Seen == nil {
		t.Errorf("%+v", got)
	}
}
