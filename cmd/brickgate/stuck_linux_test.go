package main

import (
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// A second signal ends a run that waits for somebody to read what it tells, as less
// does not until a key is pressed.
func TestASecondSignalStopsARunThatNobodyListensTo(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	var once sync.Once
	full := make(chan struct{})
	_, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if ofTheLock(r.URL.Path) {
			return
		}
		once.Do(func() {
			go to.Write(make([]byte, 1<<20)) // more than fits
			for n := 0; n < 1<<16; runtime.Gosched() {
				if n, err = unix.IoctlGetInt(int(from.Fd()), unix.TIOCINQ); err != nil {
					break
				}
			}
			close(full)
		})
	})
	cmd := exec.Command("brickgate", "apply", "--yes", dir)
	cmd.Stderr = to
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-full
	over := make(chan struct{})
	go func() { cmd.Wait(); close(over) }() // the exit code tells
	ended := false
	for signals := 0; signals < 20 && !ended; signals++ { // two that come at once may be one
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-over:
			ended = true
		case <-time.After(500 * time.Millisecond):
		}
	}
	if !ended {
		cmd.Process.Kill()
		<-over
	}
	if code := cmd.ProcessState.ExitCode(); !ended || code != exitInterrupted {
		t.Errorf("ended %t, exit code %d", ended, code)
	}
}
