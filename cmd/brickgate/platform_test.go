package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// serve [ARG...] runs `brickgate sandbox serve` on a free port, waits for the
// three lines that it prints, and takes them into the environment of the story.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve [ARG...]")
	}
	program, err := exec.LookPath("brickgate")
	ts.Check(err)
	cmd := exec.Command(program, append([]string{"sandbox", "serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	ts.Check(cmd.Start())
	ts.Defer(func() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		rest, _ := io.ReadAll(out)
		err := cmd.Wait()
		if len(rest) > 0 || complaints.Len() > 0 || err != nil {
			ts.Fatalf("brickgate sandbox serve: %v, printed after its lines: %s%s", err, rest, &complaints)
		}
	})
	lines := bufio.NewReader(out)
	for _, want := range []string{"DATABRICKS_HOST", "DATABRICKS_TOKEN", "DATABRICKS_ACCOUNT_ID"} {
		line, err := lines.ReadString('\n')
		ts.Check(err)
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !ok || name != want || value == "" || strings.ContainsAny(value, ` "'`) {
			ts.Fatalf("brickgate sandbox serve printed %q, want an unquoted %s", line, want)
		}
		ts.Setenv(name, value)
	}
}

// story is what the commands of one script share.
type story struct{ server *sandbox.Server }

type storyKey struct{}

// databricks SEED runs a platform that can be told to fail, and points the
// environment of the story to it.
func platform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: databricks SEED")
	}
	seed, err := sandbox.Parse([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	server, err := sandbox.New(seed, sandbox.Options{})
	ts.Check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	web := &http.Server{Handler: server, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	ts.Defer(func() {
		ts.Check(web.Close())
		<-ended
	})
	ts.Value(storyKey{}).(*story).server = server
	ts.Setenv("DATABRICKS_HOST", "http://"+listener.Addr().String())
	ts.Setenv("DATABRICKS_TOKEN", server.Token())
	ts.Setenv("DATABRICKS_ACCOUNT_ID", server.AccountID())
}

func serverOf(ts *testscript.TestScript) *sandbox.Server {
	s := ts.Value(storyKey{}).(*story).server
	if s == nil {
		ts.Fatalf("no platform: say databricks SEED first")
	}
	return s
}

// fault METHOD PATH STATUS [BODY-FILE [CONTENT-TYPE]] makes every such request
// fail from now on; fault clear ends all of them. * in a path is any text.
func inject(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	if len(args) == 1 && args[0] == "clear" {
		s.ClearFaults()
		return
	}
	if neg || len(args) < 3 || len(args) > 5 {
		ts.Fatalf("usage: fault METHOD PATH STATUS [BODY-FILE [CONTENT-TYPE]] | fault clear")
	}
	status, err := strconv.Atoi(args[2])
	ts.Check(err)
	f := sandbox.Fault{Method: args[0], Path: args[1], Status: status, Times: -1}
	if len(args) > 3 {
		f.Body = ts.ReadFile(args[3])
	}
	if len(args) > 4 {
		f.ContentType = args[4]
	}
	s.Inject(f)
}

// writes N counts the writing requests since the last count, those of the lock
// apart.
func writes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: writes N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var found []string
	for _, r := range serverOf(ts).Requests() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !ofTheLock(r.Path) {
			found = append(found, r.Method+" "+r.Path)
		}
	}
	serverOf(ts).ResetRequests()
	if len(found) != want {
		ts.Fatalf("%d writes, want %d:\n%s", len(found), want, strings.Join(found, "\n"))
	}
}

// ofTheLock tells the requests that take, renew and release the lock.
func ofTheLock(path string) bool { return strings.HasPrefix(path, "/api/2.0/workspace/") }

// [!] asked METHOD PATH tells whether there was such a request since the last
// count. * is any method, and in a path any text.
func asked(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] asked METHOD PATH")
	}
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(args[1]), `\*`, ".*") + "$"
	for _, r := range serverOf(ts).Requests() {
		ok, err := regexp.MatchString(pattern, r.Path)
		ts.Check(err)
		if !ok || args[0] != r.Method && args[0] != "*" {
			continue
		}
		if neg {
			ts.Fatalf("there was a request %s %s", r.Method, r.Path)
		}
		return
	}
	if !neg {
		ts.Fatalf("there was no request %s %s", args[0], args[1])
	}
}

// requests FILE writes the number of requests since the last count.
func requests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: requests FILE")
	}
	n := len(serverOf(ts).Requests())
	serverOf(ts).ResetRequests()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strconv.Itoa(n)+"\n"), 0o644))
}
