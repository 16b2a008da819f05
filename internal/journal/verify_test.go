package journal_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVerifyFindsWhatWasDone: lines are counted from 1, and a run of three
// changes has eight.
func TestVerifyFindsWhatWasDone(t *testing.T) {
	path, other := newFile(t), newFile(t)
	write(t, path, "r1", ticking(), create("a"), grant(), create("b"))
	write(t, other, "r1", ticking(), create("a"), grant(), create("c"), create("d"))
	lines, foreign := strings.SplitAfter(contents(t, path), "\n"), strings.SplitAfter(contents(t, other), "\n")
	lines, foreign = lines[:8], foreign[:10]
	edited := strings.Replace(lines[3], "SELECT", "MODIFY", 1)
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"nothing", lines, ""},
		{"an edited line", slices.Concat(lines[:3], []string{edited}, lines[4:]),
			"line 4: was edited: its hash is not that of its text"},
		{"an edited last line", slices.Concat(lines[:7], []string{strings.Replace(lines[7], "applied", "failed", 1)}),
			"line 8: was edited: its hash is not that of its text"},
		{"a dropped line", slices.Concat(lines[:3], lines[4:]), "line 4: record 4 is missing before it"},
		{"dropped lines", slices.Concat(lines[:3], lines[6:]), "line 4: records 4 to 6 are missing before it"},
		{"a dropped beginning", lines[2:], "line 1: records 1 to 2 are missing before it"},
		{"a line twice", slices.Concat(lines[:4], lines[2:3], lines[4:]), "line 5: record 3 stands on line 3 already: one of them was inserted"},
		{"an inserted text", slices.Concat(lines[:4], []string{"hello\n", "\n"}, lines[4:]),
			"line 5: is no record of a journal: inserted, edited, or torn\nline 6: is no record of a journal: inserted, edited, or torn"},
		{"a record of another journal", slices.Concat(lines[:6], foreign[6:7], lines[6:]), "line 7: does not continue line 6: one of them was written anew\nline 8: record 7 stands on line 7 already: one of them was inserted"},
		{"two lines in the other order", slices.Concat(lines[:3], lines[4:5], lines[3:4], lines[5:]),
			"line 4: record 5 is out of order: record 4 should stand here\nline 5: record 4 is out of order, behind record 5"},
		{"a line moved to the end", slices.Concat(lines[:3], lines[4:], lines[3:4]),
			"line 4: record 5 is out of order: record 4 should stand here\nline 8: record 4 is out of order, behind record 8"},
		{"a rest of another journal", slices.Concat(lines[:7], foreign[7:]), "line 8: does not continue line 7: one of them was written anew"},
		{"a torn end", append(slices.Clone(lines[:7]), lines[7][:100]),
			"line 8: torn end: the writer was killed in the middle of it, or somebody cut the file; the next run records that"},
		{"a torn line in the middle", slices.Concat(lines[:3], []string{lines[3][:100] + "\n"}, lines[4:]),
			"line 4: is no record of a journal: inserted, edited, or torn\nline 5: record 4 is missing before it"},
		{"another file", []string{"127.0.0.1 localhost\n"}, "line 1: is no record of a journal: inserted, edited, or torn"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, problems(t, strings.Join(test.lines, ""))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestEveryByteCounts changes one byte after another.
func TestEveryByteCounts(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), grant())
	text := contents(t, path)
	for i := range text {
		changed := []byte(text)
		changed[i] ^= 1
		if problems(t, string(changed)) == "" {
			t.Errorf("nobody sees that %q became %q at %d", text[i], changed[i], i)
		}
	}
}

// TestTheEndOfAJournalIsKnownElsewhere: what the chain cannot show, the number
// and the hash of its last record do.
func TestTheEndOfAJournalIsKnownElsewhere(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	text := contents(t, path)
	whole := read(t, text).Report
	cut := read(t, text[:strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")+1]).Report
	if len(cut.Problems) > 0 || cut.LastSeq == whole.LastSeq || cut.LastHash == whole.LastHash || len(cut.Unfinished) != 1 {
		t.Errorf("whole %+v, cut %+v", whole, cut)
	}
	if !strings.HasSuffix(text, `"hash":"`+whole.LastHash+"\"}\n") {
		t.Errorf("the last hash is %s", whole.LastHash)
	}
}

// TestAnotherFormatIsNamed: a reader does not guess.
func TestAnotherFormatIsNamed(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking())
	text := strings.Replace(contents(t, path), `"format":1`, `"format":2`, 1)
	if got := problems(t, resealed(t, text)); !strings.Contains(got, "line 1: begins a run in format 2; this version reads 1") {
		t.Error(got)
	}
}
