package journal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Report is what a journal is worth.
type Report struct {
	Records    int
	Runs       int
	FirstSeq   int64  // more than 1 in what begins with a later run: the part of one, or
	Before     string // what is left of a journal. The hash is that of the record before
	LastSeq    int64  // number and hash of the last record: kept elsewhere, they
	LastHash   string // show what the journal cannot, that its end was taken off
	Problems   []Problem
	Torn       []int        // lines that a killed writer left unfinished, and a later record says so
	Unfinished []Unfinished // runs that did not come to their end
}

// MustBegin makes it a problem that the journal is only a part: where it is known
// to have been written from its first record on.
func (r *Report) MustBegin() {
	if r.FirstSeq > 1 {
		r.Problems = append([]Problem{{1, fmt.Sprintf("records 1 to %d are missing before it", r.FirstSeq-1)}}, r.Problems...)
		r.FirstSeq = 1
	}
}

// Problem is what is wrong with a line, counted from 1.
type Problem struct {
	Line int
	What string
}

func (p Problem) String() string { return fmt.Sprintf("line %d: %s", p.Line, p.What) }

// Unfinished is a run without an end, and what was in flight in it: each of
// these operations may have been made or not.
type Unfinished struct {
	Run      *Run
	InFlight []Operation
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.What, b.What))
	})
}

// link is the place of a line in the chain, as the line has it.
type link struct {
	line       int
	seq        int64
	run        string
	prev, hash string
	opens      bool // a run may begin with it
}

// beginning is what the first link stands behind: nothing, or in a part of a
// journal the last record of the run before.
func beginning(links []link) link {
	begin := links[0]
	later := !slices.ContainsFunc(links, func(l link) bool { return l.seq < begin.seq })
	if begin.seq > 1 && begin.opens && later {
		return link{seq: begin.seq - 1, hash: begin.prev}
	}
	return link{hash: first}
}

// chain is all lines by their numbers.
type chain struct {
	bySeq   map[int64][]link
	numbers []int64 // sorted
}

// broken walks the chain and tells where it does not hold. A number that is not
// the next one is out of order if what should stand there stands elsewhere, else
// something is missing; a number that stands twice was inserted.
func broken(links []link) []Problem {
	c := chain{bySeq: map[int64][]link{}}
	for _, l := range links {
		c.bySeq[l.seq] = append(c.bySeq[l.seq], l)
	}
	for seq := range c.bySeq {
		c.numbers = append(c.numbers, seq)
	}
	slices.Sort(c.numbers)
	if len(links) == 0 {
		return nil
	}
	var out []Problem
	last := beginning(links)
	for _, l := range links {
		if what := c.wrong(l, last); what != "" {
			out = append(out, Problem{l.line, what})
		}
		if l.seq > last.seq {
			last = l
		}
	}
	return out
}

// wrong tells what is wrong with a line behind the last one in order; "" if
// nothing is.
func (c *chain) wrong(l, last link) string {
	expected := last.seq + 1
	switch {
	case l.seq < expected && c.bySeq[l.seq][0].line < l.line:
		return fmt.Sprintf("record %d stands on line %d already: one of them was inserted", l.seq, c.bySeq[l.seq][0].line)
	case l.seq < expected:
		return fmt.Sprintf("record %d is out of order, behind record %d", l.seq, last.seq)
	case l.seq > expected && c.has(expected, l.seq):
		return fmt.Sprintf("record %d is out of order: record %d should stand here", l.seq, expected)
	case l.seq == expected+1:
		return fmt.Sprintf("record %d is missing before it", expected)
	case l.seq > expected:
		return fmt.Sprintf("records %d to %d are missing before it", expected, l.seq-1)
	case l.prev == last.hash:
		return ""
	case slices.ContainsFunc(c.bySeq[last.seq], func(twin link) bool { return twin.hash == l.prev }):
		return "" // told where the twin stands
	case last.line == 0:
		return "does not begin a journal: what was before it was taken away"
	}
	return fmt.Sprintf("does not continue line %d: one of them was written anew", last.line)
}

// has tells whether every number from one up to another stands somewhere.
func (c *chain) has(from, to int64) bool {
	i, _ := slices.BinarySearch(c.numbers, from)
	j, _ := slices.BinarySearch(c.numbers, to)
	return int64(j-i) == to-from
}
