package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// Log is what a journal holds.
type Log struct {
	Operations []Operation // in the order of their intents
	Report     Report

	links []link
}

// Operation is a change that a run was about to make, and how it ended.
type Operation struct {
	Line    int
	Seq     int64 // of its intent
	Run     *Run
	At      time.Time // of the intent, by the clock of that run
	Intent  *Intent
	Outcome *Outcome // nil: it is in flight, or the run died
	Seen    *Seen    // nil: nobody looked afterwards
	// Since is the latest time in the journal up to At: a clock that was put back
	// hides nothing from a question about the last days.
	Since time.Time
}

// Read reads a journal as far as it can. What does not verify is left out of the
// operations and is in the report; the error is of r alone.
func Read(r io.Reader) (*Log, error) {
	reading := &reading{
		lines: bufio.NewReaderSize(r, 64<<10), runs: map[string]*Run{}, ended: map[string]bool{},
		intents: map[int64]int{},
	}
	for {
		more, err := reading.line()
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		if !more {
			break
		}
	}
	return reading.log(), nil
}

// Verify reads a journal and tells what is wrong with it, and what was in flight.
func Verify(r io.Reader) (Report, error) {
	log, err := Read(r)
	if err != nil {
		return Report{}, err
	}
	return log.Report, nil
}

// reading is a journal on its way in.
type reading struct {
	lines    *bufio.Reader
	at       int    // number of the line
	left     []byte // lines that are no records, until a record says that they were torn
	leftFrom int

	links      []link
	problems   []Problem
	torn       []int
	operations []Operation
	intents    map[int64]int // index of the operation by the number of its intent
	runs       map[string]*Run
	order      []string
	ended      map[string]bool
	latest     time.Time
}

// line reads one line, and tells whether there was one.
func (r *reading) line() (more bool, err error) {
	text, err := r.lines.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if len(text) == 0 {
		return false, nil
	}
	r.at++
	whole := text[len(text)-1] == '\n'
	rec, hash, wrong := open(bytes.TrimSuffix(text, []byte("\n")))
	if errors.Is(wrong, errNoRecord) {
		if r.left == nil {
			r.leftFrom = r.at
		}
		r.left = append(r.left, text...)
		return whole, nil
	}
	r.behind(&rec, wrong == nil)
	r.links = append(r.links, link{line: r.at, seq: rec.Seq, run: rec.Run, prev: rec.Prev, hash: hash, opens: rec.Begin != nil || rec.Torn != nil})
	if wrong != nil {
		r.problem(r.at, wrong.Error())
		return whole, nil
	}
	r.record(&rec)
	return whole, nil
}

// behind settles what the lines before a record were, which were none: torn, if
// the record says so.
func (r *reading) behind(rec *record, genuine bool) {
	left := r.left
	r.left = nil
	if t := rec.Torn; t != nil && genuine {
		text := bytes.TrimSuffix(left, []byte("\n"))
		for _, l := range [][]byte{left, text} { // the line break is of this record, or of the second writer that was killed
			if len(left) > 0 && t.Bytes == len(l) && t.SHA256 == digest(l) {
				r.torn = append(r.torn, r.leftFrom)
				return
			}
		}
		r.problem(r.at, "says that a line before it was torn, and it is not that line that stands there")
		return
	}
	if len(left) > 0 {
		r.noRecords(left)
	}
}

// noRecords reports every line of left.
func (r *reading) noRecords(left []byte) {
	for i := range bytes.Count(bytes.TrimSuffix(left, []byte("\n")), []byte("\n")) + 1 {
		r.problem(r.leftFrom+i, errNoRecord.Error()+": inserted, edited, or torn")
	}
}

// record takes in what a record says.
func (r *reading) record(rec *record) {
	if rec.At.After(r.latest) {
		r.latest = rec.At
	}
	switch {
	case rec.Begin != nil && rec.Begin.Format != Format:
		r.problem(r.at, fmt.Sprintf("begins a run in format %d; this version reads %d", rec.Begin.Format, Format))
	case rec.Begin != nil:
		run := r.run(rec.Run)
		*run = rec.Begin.Run
		run.ID = rec.Run
	case rec.Intent != nil:
		r.intents[rec.Seq] = len(r.operations)
		r.operations = append(r.operations, Operation{Line: r.at, Seq: rec.Seq, Run: r.run(rec.Run), At: rec.At, Intent: rec.Intent, Since: r.latest})
	case rec.Outcome != nil:
		if i, ok := r.intents[rec.Outcome.Of]; ok {
			r.operations[i].Outcome = rec.Outcome
		}
	case rec.Seen != nil:
		if i, ok := r.intents[rec.Seen.Of]; ok {
			r.operations[i].Seen = rec.Seen
		}
	case rec.End != nil:
		r.ended[rec.Run] = true
	}
}

// run is the run of that name; one without a beginning is only a name.
func (r *reading) run(id string) *Run {
	if _, ok := r.runs[id]; !ok {
		r.runs[id] = &Run{ID: id}
		r.order = append(r.order, id)
	}
	return r.runs[id]
}

func (r *reading) log() *Log {
	if len(r.left) > 0 {
		r.tornEnd()
	}
	r.problems = append(r.problems, broken(r.links)...)
	sortProblems(r.problems)
	log := &Log{Operations: r.operations, links: r.links, Report: Report{
		Records: len(r.links), Runs: len(r.order), Problems: r.problems, Torn: r.torn,
	}}
	if n := len(r.links); n > 0 {
		before := beginning(r.links)
		log.Report.FirstSeq, log.Report.Before = before.seq+1, before.hash
		log.Report.LastSeq, log.Report.LastHash = r.links[n-1].seq, r.links[n-1].hash
	}
	inFlight := map[string][]Operation{}
	for _, o := range r.operations {
		if o.Outcome == nil {
			inFlight[o.Run.ID] = append(inFlight[o.Run.ID], o)
		}
	}
	for _, id := range r.order {
		if ops := inFlight[id]; len(ops) > 0 || !r.ended[id] {
			log.Report.Unfinished = append(log.Report.Unfinished, Unfinished{r.runs[id], ops})
		}
	}
	return log
}

// tornEnd reports what stands behind the last record.
func (r *reading) tornEnd() {
	t := tail{hash: first}
	if n := len(r.links); n > 0 {
		t.seq, t.hash = r.links[n-1].seq, r.links[n-1].hash
	}
	if !unfinished(r.left, t.seq+1, t.hash) {
		r.noRecords(r.left)
		return
	}
	r.problem(r.leftFrom, "torn end: the writer was killed in the middle of it, or somebody cut the file; the next run records that")
}

func (r *reading) problem(line int, what string) {
	r.problems = append(r.problems, Problem{line, what})
}

// Filter asks for operations; its zero value, for all.
type Filter struct {
	Subject Subject
	Since   time.Time
}

// Find lists the operations that are asked for, each with those of its facts that
// are, the newest last.
func (l *Log) Find(f Filter) []Operation {
	var out []Operation
	for _, o := range l.Operations {
		if o.Since.Before(f.Since) || !f.Subject.concerns(o.Intent) {
			continue
		}
		intent := *o.Intent
		intent.Added, intent.Removed = f.Subject.of(o.Intent, intent.Added), f.Subject.of(o.Intent, intent.Removed)
		o.Intent = &intent
		out = append(out, o)
	}
	return out
}
