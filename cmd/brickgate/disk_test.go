package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// onDisk runs commands of the shell where the folder of the journal is a disk of
// its own, which takes no mount of this machine and no right to make one. DIR is
// the repository.
func onDisk(t *testing.T, dir, options, commands string) string {
	t.Helper()
	script := `mkdir -p "$DIR/.brickgate" && mount -t tmpfs -o ` + options + ` none "$DIR/.brickgate" || exit 99; ` + commands
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
	cmd.Env = append(cmd.Environ(), "DIR="+dir)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() == 99 || strings.HasPrefix(string(out), "unshare: ") {
		t.Skipf("no disk can be made here: %v\n%s", err, out)
	}
	return string(out)
}

// What cannot be recorded is not done: a disk that is full, one that may not be
// written, and one that fills up while changes are made.
func TestADiskThatTakesNoJournal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no namespaces")
	}
	for _, test := range []struct {
		name, options, want string
		partly              bool
	}{
		{"read-only", "ro", "error: nothing is applied, since it cannot be recorded: journal ", false},
		{"full", "size=4k,nr_inodes=1", "no space left on device", false},
		{"fills up", "size=4k", "error: not all of this is recorded: journal ", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, dir := onPlatform(t, func(*sandbox.Server, *http.Request) {})
			file := filepath.Join(dir, "readers.yaml")
			readers := must(os.ReadFile(file))
			long := bytes.Replace(readers, []byte("annual report"), bytes.Repeat([]byte("annual report "), 110), 1) // 4k end in the second or third change
			if err := os.WriteFile(file, long, 0o644); err != nil {
				t.Fatal(err)
			}
			out := onDisk(t, dir, test.options, `brickgate apply --yes "$DIR"; echo "ended with $?"; brickgate journal verify -C "$DIR"`)
			if !strings.Contains(out, test.want) || strings.Contains(out, "ended with 0") {
				t.Errorf("%q is missing in:\n%s", test.want, out)
			}
			n := written(server)
			if (n == 1 || n == 2) != test.partly || n > 2 || len(locks(server)) > 0 {
				t.Errorf("%d writes; left %v\n%s", n, locks(server), out)
			}
			if test.partly && (!strings.Contains(strings.Join(strings.Fields(out), " "), "nothing was written, since it cannot be recorded") || !strings.Contains(out, "ended with 5")) {
				t.Errorf("said:\n%s", out)
			}
			if code, out, errs := called(t, "apply", "--yes", dir); code != exitOK || !strings.Contains(out, fmt.Sprintf("Applied %d of", 3-n)) {
				t.Errorf("with a disk: exit code %d\n%s%s", code, out, errs)
			}
		})
	}
}

// Two processes that apply the same at once: one does it, the other waits and
// finds nothing left.
func TestTwoProcessesApplyAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	first := newEstate(t)
	second := &estate{t: t, server: first.server, dir: filepath.Join(t.TempDir(), "lakehouse")}
	if err := copyExample("lakehouse", second.dir); err != nil {
		t.Fatal(err)
	}
	var said [2]string
	var both sync.WaitGroup
	for i, e := range []*estate{first, second} {
		both.Go(func() {
			code, out, errs := e.run(e.server, "apply", "--yes", "--env", "dev", "--lock-timeout", "1m", e.dir)
			if code != exitOK {
				t.Errorf("exit code %d\n%s%s", code, out, errs)
			}
			said[i] = out
		})
	}
	both.Wait()
	all := said[0] + said[1]
	if strings.Count(all, "Applied 63 of 63 changes.") != 1 || !strings.Contains(all, "Nothing is left to do: somebody else has done it.") && !strings.Contains(all, "No changes: ") {
		t.Errorf("said:\n%s", all)
	}
	if code, out, errs := first.run(first.server, "plan", "--detailed-exitcode", "--env", "dev", first.dir); code != exitOK {
		t.Errorf("the plan afterwards: exit code %d\n%s%s", code, out, errs)
	}
	made := map[string]int{}
	for _, r := range first.server.Requests() {
		if isChange(r.Method, r.Path) {
			made[r.Method+" "+r.Path+" "+r.Body]++
		}
	}
	for what, n := range made {
		if n > 1 {
			t.Errorf("%d times: %s", n, what)
		}
	}
	if len(made) < 63 {
		t.Errorf("%d writes for 63 changes", len(made))
	}
}
