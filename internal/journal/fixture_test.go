package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

// ticking is a clock that goes on by a second whenever it is asked.
func ticking() func() time.Time {
	t := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		t = t.Add(time.Second)
		return t
	}
}

func create(name string) plan.Change {
	return plan.Change{Key: plan.Key{Kind: "group", Target: "account", Name: name}, Action: plan.Create, Reason: plan.Missing}
}

// grant gives SELECT on a table to alice, and takes MODIFY from a group.
func grant() plan.Change {
	why := &plan.Origin{
		Pos: plan.Pos{File: "teams/sales.yaml", Line: 12}, Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Reason: "Q1 campaign analysis", Request: "REQ-1", Product: "sales-orders",
	}
	return plan.Change{
		Key: plan.Key{Kind: "grants", Target: "metastore", Name: "table/gold.sales.orders"}, Action: plan.Update,
		Before: []plan.Field{{Name: "group:old", Values: []string{"MODIFY"}}},
		After:  []plan.Field{{Name: "user:alice@example.com", Values: []string{"SELECT"}}},
		Claims: []plan.Claim{{Field: "user:alice@example.com", Value: "SELECT", Want: true, Origin: why}},
	}
}

func newFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), ".brickgate", "journal.jsonl")
}

func opened(t *testing.T, path string, now func() time.Time) *journal.Journal {
	t.Helper()
	j, err := journal.Open(path, now)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// write records a whole run: an intent and an outcome for each change.
func write(t *testing.T, path, id string, now func() time.Time, changes ...plan.Change) {
	t.Helper()
	j := opened(t, path, now)
	begin(t, j, id)
	var outcomes []plan.Outcome
	for _, c := range changes {
		if err := j.Intent(c); err != nil {
			t.Fatal(err)
		}
		o := plan.Outcome{Change: c, Status: plan.Applied, Took: 20 * time.Millisecond}
		if strings.HasPrefix(c.Key.Name, "bad") {
			o.Status, o.Err, o.Requests = plan.Failed, errors.New("not to its liking"), []string{"id-1"}
		}
		j.Outcome(o)
		outcomes = append(outcomes, o)
	}
	if err := j.End(outcomes); err != nil {
		t.Fatal(err)
	}
	closed(t, j)
}

func begin(t *testing.T, j *journal.Journal, id string) {
	t.Helper()
	err := j.Begin(journal.Run{
		ID: id, Command: "apply", Who: "user:admin@example.com", Environment: "dev", Commit: "abc", Hosts: []string{"sandbox"},
		Waivers: journal.Waivers([]plan.Waiver{{Guard: "maxDeletes", Reason: "teams merged"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func closed(t *testing.T, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// read reads a journal's text.
func read(t *testing.T, text string) *journal.Log {
	t.Helper()
	log, err := journal.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// problems are what is wrong with a journal's text, one a line.
func problems(t *testing.T, text string) string {
	t.Helper()
	var out []string
	for _, p := range read(t, text).Report.Problems {
		out = append(out, p.String())
	}
	return strings.Join(out, "\n")
}
