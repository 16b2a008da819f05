package main

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

func quickstart(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "quickstart")
	if err := copyExample("quickstart", dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCtrlCEndsAPlanWith130(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	asked, over := make(chan struct{}, 100), make(chan struct{})
	host := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select { // never answers
		case <-r.Context().Done():
		case <-over:
		}
	}))
	defer host.Close()
	defer close(over)

	cmd := exec.Command("brickgate", "plan", quickstart(t))
	cmd.Env = append(os.Environ(), "DATABRICKS_HOST="+host.URL, "DATABRICKS_TOKEN=x", "DATABRICKS_ACCOUNT_ID=00000000-0000-0000-0000-0000000000aa")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // the exit code tells
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if out.Len() > 0 || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("printed %s%s", &out, &errs)
	}
}

// TestAnInterruptedApplyFinishesWhatItBegan interrupts at the first write.
func TestAnInterruptedApplyFinishesWhatItBegan(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var once sync.Once
	_, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if !ofTheLock(r.URL.Path) {
			once.Do(interrupt)
		}
	})
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"apply", "--yes", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, &errs)
	}
	if !strings.Contains(out.String(), "Applied 1 of 3 changes; 1 blocked, 1 cancelled.") || strings.Contains(out.String(), "context") {
		t.Errorf("outcomes:\n%s", &out)
	}
	for _, part := range []string{"interrupted: what is under way is finished, and nothing new begins", "interrupted: 2 changes are left, as listed; the next run goes on"} {
		if strings.Count(errs.String(), part) != 1 {
			t.Errorf("%q is not told once in:\n%s", part, &errs)
		}
	}
	if code, out, _ := called(t, "apply", "--yes", dir); code != exitOK || !strings.Contains(out, "Applied 2 of 2 changes.") {
		t.Errorf("the next run: exit code %d\n%s", code, out)
	}
}

func TestAnInterruptedRunEndsWith130(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"apply", "--sandbox", "--yes", quickstart(t)}, streams{strings.NewReader(""), &out, &errs}); code != exitInterrupted {
		t.Errorf("exit code %d\n%s%s", code, &out, &errs)
	}
}

// TestAnInterruptedApplyOutlivesItsReaders: Ctrl-C goes to all of `apply | tee`, and a
// lost connection takes the terminal away. Both leave nobody who reads.
func TestAnInterruptedApplyOutlivesItsReaders(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if signal.Ignored(s) {
			continue // as under nohup, which is respected
		}
		writing, over := make(chan struct{}), make(chan struct{})
		var once sync.Once
		server, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
			if !ofTheLock(r.URL.Path) {
				once.Do(func() { close(writing); <-over })
			}
		})
		cmd := exec.Command("brickgate", "apply", "--yes", dir)
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = write, write
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		write.Close()
		<-writing
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(read)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "interrupted: ") {
			continue // until the signal is heard
		}
		read.Close()
		close(over)
		cmd.Wait() // the exit code tells
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || len(locks(server)) != 0 {
			t.Errorf("%v: ended as %v, left %v", s, cmd.ProcessState, locks(server))
		}
		if code, out, _ := called(t, "journal", "verify", "-C", dir); code != exitOK || strings.Contains(out, "in flight") {
			t.Errorf("%v: exit code %d\n%s", s, code, out)
		}
	}
}

// TestASecondSignalStopsAtOnce: in the middle of a write, with the lock in hand.
// What was in flight is in the journal, and the next run goes on.
func TestASecondSignalStopsAtOnce(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("processes of this system are not told apart")
	}
	writing, over := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if !ofTheLock(r.URL.Path) {
			once.Do(func() { close(writing); <-over })
		}
	})
	cmd := exec.Command("brickgate", "apply", "--yes", dir)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-writing
	if _, _, told := called(t, "unlock", dir); !strings.Contains(told, "runs on this machine: it goes on writing") {
		t.Errorf("unlock told of a run that lives: %s", told)
	}
	lines := bufio.NewScanner(errs)
	signal := func(s os.Signal, want string) {
		t.Helper()
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), want) {
				return
			}
		}
		t.Errorf("%v: %q was not told", s, want)
	}
	signal(syscall.SIGTERM, "interrupted: what is under way is finished")
	signal(os.Interrupt, "stopped at once: what was under way may be made or not; `brickgate journal verify "+filepath.Join(dir, ".brickgate", "journal.jsonl")+"` names it")
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "the lock is left behind: ") {
		t.Errorf("told of the lock: %q", lines.Text())
	}
	cmd.Wait() // the exit code tells
	close(over)
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || len(locks(server)) != 1 {
		t.Errorf("exit code %d, left %v", code, locks(server))
	}
	if _, out, _ := called(t, "journal", "verify", "-C", dir); !strings.Contains(out, "in flight, made or not:\n") || !strings.Contains(out, "create group@account/grp_readers_dev") {
		t.Errorf("in flight:\n%s", out)
	}
	if _, _, told := called(t, "unlock", dir); strings.Contains(told, "runs on this machine") {
		t.Errorf("unlock told of a run that is gone: %s", told)
	}
	code, out, told := called(t, "apply", "--yes", dir)
	if code != exitOK || !strings.Contains(told, "took over the lock") {
		t.Errorf("the next run: exit code %d\n%s%s", code, out, told)
	}
	if code, out, _ := called(t, "plan", "--detailed-exitcode", dir); code != exitOK {
		t.Errorf("not all is applied:\n%s", out)
	}
}
