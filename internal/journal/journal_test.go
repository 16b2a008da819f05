package journal_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

// resealed gives the first line the hash of its text, as somebody would who
// writes it anew.
func resealed(t *testing.T, text string) string {
	t.Helper()
	line, rest, _ := strings.Cut(text, "\n")
	body, _, ok := strings.Cut(line, `,"hash":`)
	if !ok {
		t.Fatal(line)
	}
	sum := sha256.Sum256([]byte(body + "}"))
	return body + `,"hash":"` + hex.EncodeToString(sum[:]) + "\"}\n" + rest
}

// TestWhatARecordHolds: who, where, by which commit; what is given and taken, and
// why; how it ended.
func TestWhatARecordHolds(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), grant(), create("bad"))
	log := read(t, contents(t, path))
	if len(log.Report.Problems) > 0 || len(log.Report.Unfinished) > 0 || len(log.Operations) != 2 || log.Report.Records != 6 {
		t.Fatalf("%+v", log)
	}
	o := log.Operations[0]
	want := &journal.Intent{
		Kind: "grants", Target: "metastore", Name: "table/gold.sales.orders", Action: plan.Update,
		Added: []journal.Fact{{Field: "user:alice@example.com", Value: "SELECT", Why: []journal.Why{{
			At: "teams/sales.yaml:12", Until: "2026-12-31", Reason: "Q1 campaign analysis", Request: "REQ-1", Product: "sales-orders",
		}}}},
		Removed: []journal.Fact{{Field: "group:old", Value: "MODIFY"}},
	}
	if diff := cmp.Diff(want, o.Intent); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if o.Run.ID != "r1" || o.Run.Who != "user:admin@example.com" || o.Run.Commit != "abc" || o.Run.Waivers[0].Reason != "teams merged" {
		t.Errorf("run: %+v", o.Run)
	}
	if got := o.At.Format(time.RFC3339); got != "2026-11-22T09:00:02Z" {
		t.Errorf("at %s", got)
	}
	failed := &journal.Outcome{Of: 4, Status: plan.Failed, Error: "not to its liking", TookMs: 20, Requests: []string{"id-1"}}
	if diff := cmp.Diff(failed, log.Operations[1].Outcome); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestEqualRunsGiveEqualBytes(t *testing.T) {
	a, b := newFile(t), newFile(t)
	for _, path := range []string{a, b} {
		write(t, path, "r1", ticking(), grant(), create("bad"))
	}
	if diff := cmp.Diff(contents(t, a), contents(t, b)); diff != "" {
		t.Error(diff)
	}
}

// TestAnOutcomeIsOfAnIntent, and of one: what was never begun is in the counts alone.
func TestAnOutcomeIsOfAnIntent(t *testing.T) {
	path := newFile(t)
	j := opened(t, path, ticking())
	begin(t, j, "r1")
	if err := j.Intent(create("a")); err != nil {
		t.Fatal(err)
	}
	outcomes := []plan.Outcome{{Change: create("a"), Status: plan.Applied}, {Change: create("b"), Status: plan.Blocked}}
	for _, o := range append(outcomes, outcomes...) {
		j.Outcome(o)
	}
	if err := j.End(outcomes); err != nil {
		t.Fatal(err)
	}
	closed(t, j)
	text := contents(t, path)
	if n := strings.Count(text, `"outcome":`); n != 1 || !strings.Contains(text, `"end":{"counts":{"applied":1,"blocked":1}}`) {
		t.Errorf("%d outcomes\n%s", n, text)
	}
}

// TestManyAtOnce: an outcome is of its own intent, whoever else writes.
func TestManyAtOnce(t *testing.T) {
	path := newFile(t)
	j := opened(t, path, time.Now)
	begin(t, j, "r1")
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			c := create(fmt.Sprint("g", i))
			if err := j.Intent(c); err != nil {
				t.Error(err)
			}
			j.Outcome(plan.Outcome{Change: c, Status: plan.Applied, Requests: []string{c.Key.Name}})
		})
	}
	all.Wait()
	if err := j.End(nil); err != nil {
		t.Error(err)
	}
	closed(t, j)
	log := read(t, contents(t, path))
	if len(log.Report.Problems) > 0 || len(log.Report.Unfinished) > 0 || len(log.Operations) != 50 {
		t.Fatalf("%+v", log.Report)
	}
	for _, o := range log.Operations {
		if o.Outcome.Requests[0] != o.Intent.Name {
			t.Errorf("%s has the outcome of %s", o.Intent.Name, o.Outcome.Requests[0])
		}
	}
}

func TestOneWriterAtATime(t *testing.T) {
	path := newFile(t)
	j := opened(t, path, ticking())
	if _, err := journal.Open(path, ticking()); err == nil || !strings.Contains(err.Error(), path+": in use by another run") {
		t.Errorf("a second writer: %v", err)
	}
	begin(t, j, "r1")
	if got := problems(t, contents(t, path)); got != "" { // readers are not kept out
		t.Error(got)
	}
	closed(t, j)
	if err := j.Intent(create("a")); err == nil {
		t.Error("a closed journal takes an intent")
	}
	closed(t, opened(t, path, ticking()))
}

// TestAClockThatJumpsBack changes times and nothing else, and hides nothing from
// who asks for the last days.
func TestAClockThatJumpsBack(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	write(t, path, "r2", func() time.Time { return time.Unix(0, 0) }, create("b"))
	write(t, path, "r3", ticking(), create("c"))
	log := read(t, contents(t, path))
	if len(log.Report.Problems) > 0 {
		t.Errorf("%v", log.Report.Problems)
	}
	var got []string
	for _, o := range log.Find(journal.Filter{Since: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}) {
		got = append(got, o.Intent.Name)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestAWriterKilledAnywhere cuts the file off at every byte of the last line, and
// of the line that the next writer wrote of that.
func TestAWriterKilledAnywhere(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	text := contents(t, path)
	last := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n") + 1
	for at := last + 1; at < len(text); at++ {
		cut(t, path, text[:at])
		closed(t, opened(t, path, ticking()))
		recorded := contents(t, path)
		if at == len(text)-1 {
			continue // all but the line break was there
		}
		if !strings.HasPrefix(recorded, text[:at]+"\n") {
			t.Fatalf("%d bytes: what was there is not there any more", at)
		}
		r := read(t, recorded).Report
		if len(r.Problems) > 0 || len(r.Torn) != 1 || r.Torn[0] != 4 {
			t.Errorf("%d bytes: %+v", at, r)
		}
	}
	for at := last + 101; at < last+260; at++ { // "\n" and a piece of the record that says so
		recorded := text[:last+100]
		cut(t, path, recorded)
		closed(t, opened(t, path, ticking()))
		cut(t, path, contents(t, path)[:at])
		closed(t, opened(t, path, ticking()))
		if r := read(t, contents(t, path)).Report; len(r.Problems) > 0 || len(r.Torn) != 1 {
			t.Errorf("%d bytes: %+v\n%s", at, r, contents(t, path))
		}
	}
}

// TestALastRecordWithoutItsLineBreak is whole, and is continued.
func TestALastRecordWithoutItsLineBreak(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	cut(t, path, strings.TrimSuffix(contents(t, path), "\n"))
	if got := problems(t, contents(t, path)); got != "" {
		t.Error(got)
	}
	write(t, path, "r2", ticking(), create("b"))
	if r := read(t, contents(t, path)).Report; len(r.Problems) > 0 || len(r.Torn) > 0 || r.Runs != 2 {
		t.Errorf("%+v", r)
	}
}

func cut(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestATornLineThatIsGone: the record that tells of it accuses whoever took it.
func TestATornLineThatIsGone(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	text := contents(t, path)
	lines := strings.SplitAfter(text, "\n")
	cut(t, path, strings.TrimSuffix(text, lines[3])+lines[3][:100])
	closed(t, opened(t, path, ticking()))
	text = contents(t, path)
	for name, changed := range map[string]string{
		"gone": strings.Replace(text, lines[3][:100]+"\n", "", 1), "edited": strings.Replace(text, lines[3][:100], lines[3][:99]+"x", 1),
	} {
		if got := problems(t, changed); !strings.Contains(got, "says that a line before it was torn, and it is not that line that stands there") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestOnlyAJournalIsContinued: a file that is something else stays as it is, and
// so does a journal whose end somebody changed.
func TestOnlyAJournalIsContinued(t *testing.T) {
	path := newFile(t)
	write(t, path, "r1", ticking(), create("a"))
	whole := contents(t, path)
	edited := strings.TrimSuffix(whole, "\n")
	edited = edited[:len(edited)-10] + "0000000000"[:8] + `"}`
	for name, test := range map[string]struct{ text, want string }{
		"another file":            {"127.0.0.1 localhost\n", "is no journal"},
		"one without a line end":  {"secret", "is no journal"},
		"an edited end":           {edited + "\n", "what stands behind record 3 was edited or inserted"},
		"one without a line end2": {edited, "what stands behind record 3 was edited or inserted"},
		"an added text":           {whole + "hello", "what stands behind record 4 was edited or inserted"},
		"an empty line":           {whole + "\n", "what stands behind record 4 was edited or inserted"},
	} {
		cut(t, path, test.text)
		if _, err := journal.Open(path, ticking()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if contents(t, path) != test.text {
			t.Errorf("%s: was written to", name)
		}
	}
}

// TestALongLineIsFound at the end of a long journal.
func TestALongLineIsFound(t *testing.T) {
	path := newFile(t)
	c := create("big")
	var members []string
	for i := range 10000 {
		members = append(members, fmt.Sprintf("user:%05d@example.com", i))
	}
	c.After = []plan.Field{{Name: "member", Values: members}}
	j := opened(t, path, ticking())
	begin(t, j, "r1")
	if err := j.Intent(c); err != nil {
		t.Fatal(err)
	}
	closed(t, j)
	write(t, path, "r2", ticking())
	if r := read(t, contents(t, path)).Report; len(r.Problems) > 0 || len(r.Unfinished) != 1 || len(r.Unfinished[0].InFlight[0].Intent.Added) != 10000 {
		t.Errorf("%v", r.Problems)
	}
}

// TestWhereNothingCanBeWritten: the error comes before the change.
func TestWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	cut(t, file, "")
	if _, err := journal.Open(filepath.Join(file, "journal.jsonl"), ticking()); err == nil {
		t.Error("a journal in a file")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() > 0 { // root writes everywhere, and Windows has no such mode
		if _, err := journal.Open(filepath.Join(folder, "journal.jsonl"), ticking()); !errors.Is(err, os.ErrPermission) {
			t.Errorf("a read-only folder: %v", err)
		}
	}
}

func TestAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	j := opened(t, "/dev/full", ticking())
	for range 2 {
		if err := j.Intent(create("a")); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "journal /dev/full: ") {
			t.Errorf("an intent: %v", err)
		}
	}
}

// full takes so many bytes, and no more.
type full struct {
	journal.File
	left int
}

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	f.left -= n
	if n, err := f.File.Write(p[:n]); err != nil || n == len(p) {
		return n, err
	}
	return n, errFull
}

// unsynced is a disk that takes what it is given and then fails.
type unsynced struct{ journal.File }

func (unsynced) Sync() error { return errFull }

// TestADiskThatFillsUp at each byte: an intent without an error is on disk, one
// error fails all that comes later, and the next run goes on from there.
func TestADiskThatFillsUp(t *testing.T) {
	for left := 0; left < 2200; left += 37 {
		path := newFile(t)
		j := opened(t, path, ticking())
		begin(t, j, "r1")
		j.Over(func(f journal.File) journal.File { return &full{f, left} })
		promised, failed := 0, false
		for i := range 5 {
			c := create(fmt.Sprint("g", i))
			err := j.Intent(c)
			if err == nil {
				promised++
				j.Outcome(plan.Outcome{Change: c, Status: plan.Applied})
			}
			if failed && err == nil {
				t.Errorf("%d bytes: an intent after an error", left)
			}
			failed = failed || err != nil
		}
		if err := j.End(nil); failed && !errors.Is(err, errFull) {
			t.Errorf("%d bytes: the end: %v", left, err)
		}
		closed(t, j)
		write(t, path, "r2", ticking(), create("next"))
		log := read(t, contents(t, path))
		if len(log.Report.Problems) > 0 || len(log.Operations) < promised+1 {
			t.Errorf("%d bytes: %d intents promised, %d there: %v", left, promised, len(log.Operations)-1, log.Report.Problems)
		}
	}
}

func TestAnIntentThatIsNotFlushedIsNone(t *testing.T) {
	j := opened(t, newFile(t), ticking())
	defer closed(t, j)
	j.Over(func(f journal.File) journal.File { return unsynced{f} })
	if err := j.Intent(create("a")); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

// TestHostileTextStaysInItsLine and steers neither a terminal nor a runner.
func TestHostileTextStaysInItsLine(t *testing.T) {
	path := newFile(t)
	name := "##vso[task]a\"}\n{\"seq\":1}\x1b[2J\u202e\u0085\U000e0001é" + strings.Repeat(`"}`, 3)
	c := create(name)
	c.Reason = name
	write(t, path, name, ticking(), c)
	text := contents(t, path)
	if n := strings.Count(text, "\n"); n != 4 || strings.ContainsAny(text, "\x1b\u202e\u0085\U000e0001") || strings.Contains(text, "##") {
		t.Errorf("%d lines:\n%q", n, text)
	}
	log := read(t, text)
	if len(log.Report.Problems) > 0 || log.Operations[0].Intent.Name != name || log.Operations[0].Run.ID != name {
		t.Errorf("%v %q", log.Report.Problems, log.Operations[0].Intent.Name)
	}
	if !json.Valid([]byte(strings.Split(text, "\n")[1])) {
		t.Error("not JSON")
	}
}

// TestALongErrorIsCut: a gateway may answer with a page.
func TestALongErrorIsCut(t *testing.T) {
	path := newFile(t)
	j := opened(t, path, ticking())
	begin(t, j, "r1")
	if err := j.Intent(create("a")); err != nil {
		t.Fatal(err)
	}
	j.Outcome(plan.Outcome{Change: create("a"), Status: plan.Failed, Err: errors.New(strings.Repeat("é", 1<<20))})
	closed(t, j)
	if n := len(contents(t, path)); n > 8<<10 {
		t.Errorf("%d bytes", n)
	}
}

// killedEnv names the journal in the process that is going to be killed.
const killedEnv = "JOURNAL_TEST_KILLED"

// TestWriteAnIntentAndWait is that process.
func TestWriteAnIntentAndWait(t *testing.T) {
	path := os.Getenv(killedEnv)
	if path == "" {
		t.Skip("runs in the process of TestKilledBetweenIntentAndOutcome")
	}
	j := opened(t, path, time.Now)
	begin(t, j, "killed")
	for _, c := range []plan.Change{create("made"), grant()} {
		if err := j.Intent(c); err != nil {
			t.Fatal(err)
		}
		if c.Key.Name == "made" {
			j.Outcome(plan.Outcome{Change: c, Status: plan.Applied})
		}
	}
	fmt.Println("\nwritten")
	time.Sleep(time.Minute) // it is killed before
}

// TestKilledBetweenIntentAndOutcome: the journal is whole, names what was in
// flight, and the lock is gone with its holder.
func TestKilledBetweenIntentAndOutcome(t *testing.T) {
	path := newFile(t)
	writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteAnIntentAndWait$", "-test.v")
	writer.Env = append(os.Environ(), killedEnv+"="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "written"; {
		continue
	}
	if err := writer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	writer.Wait() // it was killed, and says so
	write(t, path, "next", time.Now, create("a"))
	r := read(t, contents(t, path)).Report
	if len(r.Problems) > 0 || len(r.Unfinished) != 1 {
		t.Fatalf("%+v", r)
	}
	u := r.Unfinished[0]
	if u.Run.ID != "killed" || len(u.InFlight) != 1 || u.InFlight[0].Intent.Key() != grant().Key {
		t.Errorf("%+v", u)
	}
}
