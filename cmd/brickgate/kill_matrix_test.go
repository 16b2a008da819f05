package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/internal/sandbox"
)

// The kill matrix: an apply of the lakehouse, all kinds of changes, is a process
// that dies at one of its requests by SIGKILL. How much of it is run is a flag:
//
//	go test ./cmd/brickgate -run TestKillMatrix               a sample, in seconds
//	go test ./cmd/brickgate -run TestKillMatrix -kills=all    after every request, and in every moment of a write
var kills = flag.String("kills", "sample", "how much of the kill matrix is run: sample or all")

// moment is when a process dies at a request.
type moment int

const (
	undone     moment = iota // the platform has the request and has done nothing
	unanswered               // it is done, and nobody was told
	answered                 // the answer is on its way
)

func (m moment) String() string { return []string{"undone", "unanswered", "answered"}[m] }

// which requests are counted until the one at which a process dies. The order in
// which they come is not always the same.
type which int

const (
	anyRequest which = iota // all
	anyWrite                // those that change something, the lock included
	takingOver              // all from the first write on
)

func (w which) String() string { return []string{"request", "write", "taking over"}[w] }

// kill is when a run is killed: at the so-manieth of these requests.
type kill struct {
	which
	at     int // 0 = never
	moment moment
}

func (k kill) String() string { return fmt.Sprintf("%s %d/%s", k.which, k.at, k.moment) }

// executioner is a platform that kills its client at one request.
type executioner struct {
	kill
	server *sandbox.Server
	stop   func() // kills, and returns once the client is dead

	seen atomic.Int64
	// last is the request at which it was killed, its body read.
	last struct {
		*http.Request
		body []byte
	}
}

func (e *executioner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	read := r.Method == http.MethodGet
	skipped := read && (e.which == anyWrite || e.which == takingOver && e.seen.Load() == 0)
	if skipped || e.seen.Add(1) != int64(e.at) {
		e.server.ServeHTTP(w, r)
		return
	}
	e.last.Request, e.last.body = r, bodyOf(r)
	switch e.moment {
	case undone:
		e.stop()
	case unanswered:
		e.server.ServeHTTP(&unsent{header: http.Header{}}, r)
		e.stop()
	case answered:
		e.server.ServeHTTP(w, r)
		_ = http.NewResponseController(w).Flush() // nobody may be there to read it
		e.stop()
		return
	}
	panic(http.ErrAbortHandler)
}

// unsent is an answer that nobody gets.
type unsent struct{ header http.Header }

func (u *unsent) Header() http.Header         { return u.header }
func (u *unsent) Write(p []byte) (int, error) { return len(p), nil }
func (u *unsent) WriteHeader(int)             {}

// estate is the lakehouse, a platform for it, and a folder in which to apply it.
type estate struct {
	t      *testing.T
	server *sandbox.Server
	dir    string
	// torn tells whether the last line of the journal may be a piece of one: a run
	// was killed, and none has written since.
	torn bool
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{t: t, dir: filepath.Join(t.TempDir(), "lakehouse")}
	if err := copyExample("lakehouse", e.dir); err != nil {
		t.Fatal(err)
	}
	seed, err := readSeed(filepath.Join(e.dir, "sandbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) } // so that ends can be compared
	if e.server, err = sandbox.New(seed, sandbox.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
	return e
}

// patience is how long a process may take; a run that hangs is killed with it.
const patience = 2 * time.Minute

// run runs the program against a handler, to its end.
func (e *estate) run(handler http.Handler, args ...string) (code int, out, errs string) {
	e.t.Helper()
	return e.runKilled(&executioner{}, handler, args...)
}

// runKilled runs the program, which may be killed by k. When it returns, the
// platform has done all that it was asked for.
func (e *estate) runKilled(k *executioner, handler http.Handler, args ...string) (code int, out, errs string) {
	e.t.Helper()
	web := newPlatform(handler)
	defer web.Close() // which waits for what is being answered
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "brickgate", args...)
	cmd.Env = append(os.Environ(), "HOME="+filepath.Dir(e.dir), "DATABRICKS_HOST="+web.URL,
		"DATABRICKS_TOKEN="+e.server.Token(), "DATABRICKS_ACCOUNT_ID="+e.server.AccountID())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	started, dead := make(chan struct{}), make(chan struct{})
	k.stop = func() {
		<-started
		_ = cmd.Process.Kill() // it may have come to its end
		<-dead
	}
	if err := cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	close(started)
	_ = cmd.Wait() // the exit code tells
	close(dead)
	if ctx.Err() != nil {
		e.t.Errorf("%v: no end after %s", args, patience)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func (e *estate) apply() (code int, out, errs string) {
	e.t.Helper()
	code, out, errs = e.run(e.server, "apply", "--yes", "--env", "dev", e.dir)
	e.torn = e.torn && !strings.Contains(out, "\nApplied ")
	return code, out, errs
}

// undisturbed applies without being killed, and tells how many requests it took,
// which of them are writes, and where that leads.
func undisturbed(t *testing.T) (all []sandbox.Request, end *sandbox.State) {
	t.Helper()
	e := newEstate(t)
	code, out, errs := e.apply()
	if code != exitOK || !strings.Contains(out, "Applied 63 of 63 changes.") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	return e.server.Requests(), e.server.State()
}

// planned are the kills of the matrix: after each request, and for those that
// write also while nothing is done yet, and when it is done and nobody knows. In
// the sample one is at the lock, one between the lock and the first change, one at
// the release, and the others are spread over the changes.
func planned(all []sandbox.Request) []kill {
	n, first := 0, 0
	for i, r := range all {
		if r.Method != http.MethodGet {
			n++
		}
		if n == 1 && first == 0 {
			first = i + 1
		}
	}
	if *kills != "all" {
		return []kill{
			{anyWrite, 3, unanswered}, {anyRequest, first + 8, answered}, {anyWrite, n / 5, undone}, {anyWrite, 2 * n / 5, unanswered},
			{anyWrite, 3 * n / 5, answered}, {anyWrite, 4 * n / 5, unanswered}, {anyWrite, n, undone},
		}
	}
	var out []kill
	for i := range all {
		out = append(out, kill{anyRequest, i + 1, answered})
	}
	for i := range n {
		out = append(out, kill{anyWrite, i + 1, undone}, kill{anyWrite, i + 1, unanswered})
	}
	return out
}

func TestKillMatrix(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("processes of this system are not told apart")
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	all, end := undisturbed(t)
	cells := planned(all)
	var tally tally
	var turns errgroup.Group
	turns.SetLimit(24) // they wait for the rates of the platform most of the time
	for _, c := range cells {
		turns.Go(func() error {
			t.Run(c.String(), func(t *testing.T) { tally.killed(t, c, end) })
			return nil
		})
	}
	for _, c := range takeovers() {
		turns.Go(func() error {
			t.Run(c.String(), func(t *testing.T) { killedTwice(t, c, end) })
			return nil
		})
	}
	_ = turns.Wait() // the tests tell
	t.Logf("%d more were killed while they took over a lock", len(takeovers()))
	t.Logf("an apply makes %d requests; killed %d times, %d of them with a write in flight and %d with the lock; %d came to their end before",
		len(all), tally.kills.Load(), tally.writes.Load(), tally.locked.Load(), tally.ended.Load())
	if tally.ended.Load() > int64(len(cells)/20) {
		t.Error("too few were killed to tell anything")
	}
}

// tally counts what the cells of the matrix came to.
type tally struct{ kills, writes, locked, ended atomic.Int64 }

// killed is one cell: a run is killed, and the next one ends as if nothing had
// happened.
func (n *tally) killed(t *testing.T, c kill, end *sandbox.State) {
	e := newEstate(t)
	names := nameBook{e.server.State(), end}
	k := &executioner{kill: c, server: e.server}
	code, out, errs := e.runKilled(k, k, "apply", "--yes", "--env", "dev", e.dir)
	if code == exitOK {
		n.ended.Add(1) // the order of requests is not always the same
	} else if code != -1 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	} else {
		n.kills.Add(1)
		e.torn = true
	}
	flight := e.inFlight()
	e.recorded(names)
	if k.last.Request != nil && isChange(k.last.Method, k.last.URL.Path) {
		n.writes.Add(1)
		who := names.subjectOf(k.last.Method, k.last.URL.Path, string(k.last.body), e.server.State())
		if c.moment != answered && !slices.ContainsFunc(flight, who.is) {
			t.Errorf("killed at %s %s, but in flight were %v", k.last.Method, k.last.URL.Path, keysOf(flight))
		}
	}
	locked := len(locks(e.server)) > 0
	code, out, errs = e.apply()
	if code != exitOK {
		t.Errorf("the next run: exit code %d\n%s%s", code, out, errs)
	}
	if locked {
		n.locked.Add(1)
		if took := strings.Count(errs, "took over the lock of admin@example.com"); took != 1 && strings.Contains(out, "\nApplied ") {
			t.Errorf("the lock was taken over %d times\n%s%s", took, out, errs)
		}
	}
	if diff := lineDiff(worldOf(end), worldOf(e.server.State())); diff != "" {
		t.Errorf("the end is not that of an undisturbed run (-want +got):\n%s", diff)
	}
	if after := e.inFlight(); !slices.Equal(keysOf(flight), keysOf(after)) {
		t.Errorf("in flight were %v, and then %v", keysOf(flight), keysOf(after))
	}
	if code, out, errs := e.run(e.server, "plan", "--detailed-exitcode", "--env", "dev", e.dir); code != exitOK {
		t.Errorf("the plan afterwards: exit code %d\n%s%s", code, out, errs)
	}
}

// takeovers are the kills of a run that takes over the lock of one that was
// killed in a write: at each of the requests by which it does that and begins.
func takeovers() []kill {
	if *kills != "all" {
		return []kill{{takingOver, 2, unanswered}, {takingOver, 4, unanswered}}
	}
	var out []kill
	for at := 1; at <= 12; at++ {
		out = append(out, kill{takingOver, at, undone}, kill{takingOver, at, unanswered}, kill{takingOver, at, answered})
	}
	return out
}

// killedTwice kills a run in a write, and the next one while it takes over the
// lock: the third one ends it.
func killedTwice(t *testing.T, c kill, end *sandbox.State) {
	e := newEstate(t)
	for _, c := range []kill{{anyWrite, 20, unanswered}, c} {
		k := &executioner{kill: c, server: e.server}
		if code, out, errs := e.runKilled(k, k, "apply", "--yes", "--env", "dev", e.dir); code != -1 {
			t.Fatalf("exit code %d\n%s%s", code, out, errs)
		}
		e.torn = true
	}
	if code, out, errs := e.apply(); code != exitOK {
		t.Errorf("the third run: exit code %d\n%s%s", code, out, errs)
	}
	if diff := lineDiff(worldOf(end), worldOf(e.server.State())); diff != "" || len(locks(e.server)) > 0 {
		t.Errorf("left %v; the end is not that of an undisturbed run (-want +got):\n%s", locks(e.server), diff)
	}
	e.inFlight()
}

// journalled is what the journal holds, nothing where there is none yet.
func (e *estate) journalled() *journal.Log {
	e.t.Helper()
	data, err := os.ReadFile(filepath.Join(e.dir, filepath.FromSlash(journalFile)))
	if err != nil && !os.IsNotExist(err) {
		e.t.Fatal(err)
	}
	log, err := journal.Read(bytes.NewReader(data))
	if err != nil {
		e.t.Fatal(err)
	}
	for _, p := range log.Report.Problems {
		if !e.torn || p.Line != bytes.Count(data, []byte("\n"))+1 {
			e.t.Errorf("%s\n%s", p, data)
		}
	}
	return log
}

// inFlight is what `journal verify` and `history` name as in flight.
func (e *estate) inFlight() []*journal.Intent {
	e.t.Helper()
	var flight []*journal.Intent
	log := e.journalled()
	for _, u := range log.Report.Unfinished {
		for _, o := range u.InFlight {
			flight = append(flight, o.Intent)
		}
	}
	if len(log.Operations) == 0 {
		return nil
	}
	var out, errs, table bytes.Buffer
	if err := verifyJournals(streams{nil, &out, &errs}, e.dir, nil); err != nil && len(log.Report.Problems) == 0 {
		e.t.Errorf("journal verify: %v\n%s%s", err, &out, &errs)
	}
	if err := writeTable(streams{nil, &table, &errs}, historyTable("", time.Time{}, log.Operations), "text"); err != nil {
		e.t.Error(err)
	}
	for _, i := range flight {
		if !strings.Contains(out.String(), fmt.Sprintf("  %s %s\n", i.Action, i.Key())) {
			e.t.Errorf("journal verify does not name %s %s:\n%s", i.Action, i.Key(), &out)
		}
	}
	if strings.Contains(table.String(), string(inFlight)) != (len(flight) > 0) {
		e.t.Errorf("history tells of %v:\n%s", flight, &table)
	}
	return flight
}

// recorded expects an intent for every change that the platform was asked for.
func (e *estate) recorded(names nameBook) {
	e.t.Helper()
	after, log := e.server.State(), e.journalled()
	for _, r := range e.server.Requests() {
		if !isChange(r.Method, r.Path) {
			continue
		}
		who := names.subjectOf(r.Method, r.Path, r.Body, after)
		if !slices.ContainsFunc(log.Operations, func(o journal.Operation) bool { return who.is(o.Intent) }) {
			e.t.Errorf("nothing is recorded of %s %s (%v)", r.Method, r.Path, who)
		}
	}
}

func keysOf(intents []*journal.Intent) []string {
	var out []string
	for _, i := range intents {
		out = append(out, string(i.Action)+" "+i.Key().String())
	}
	slices.Sort(out)
	return out
}
