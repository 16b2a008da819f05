package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// onPlatform puts the quickstart's platform behind HTTP and points the environment
// to it. Every request but a GET is told before it is handled.
func onPlatform(t *testing.T, told func(*sandbox.Server, *http.Request)) (server *sandbox.Server, dir string) {
	t.Helper()
	return behind(t, func(server *sandbox.Server, w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			told(server, r)
		}
		server.ServeHTTP(w, r)
	})
}

// behind does so with a handler between them.
func behind(t *testing.T, handle func(*sandbox.Server, http.ResponseWriter, *http.Request)) (server *sandbox.Server, dir string) {
	t.Helper()
	dir = quickstart(t)
	seed, err := os.ReadFile(filepath.Join(dir, "sandbox.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	world, err := sandbox.Parse(seed)
	if err != nil {
		t.Fatal(err)
	}
	if server, err = sandbox.New(world, sandbox.Options{}); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handle(server, w, r) }))
	t.Cleanup(host.Close)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DATABRICKS_HOST", host.URL)
	t.Setenv("DATABRICKS_TOKEN", server.Token())
	t.Setenv("DATABRICKS_ACCOUNT_ID", server.AccountID())
	return server, dir
}

// written counts the writes that were handled, those of the lock apart.
func written(server *sandbox.Server) int {
	n := 0
	for _, r := range server.Requests() {
		if r.Method != http.MethodGet && !ofTheLock(r.Path) {
			n++
		}
	}
	return n
}

// locks are the files of locks that are left.
func locks(server *sandbox.Server) []string {
	var left []string
	for _, o := range server.State().Workspaces[0].Objects {
		if o.Type == "files" {
			left = append(left, o.Path)
		}
	}
	return left
}

// readers is the group of the quickstart, made by somebody else.
func readers(st *sandbox.State, members ...string) {
	g := sandbox.Group{DisplayName: "grp_readers_dev"}
	for _, m := range members {
		g.Members = append(g.Members, "user:"+m+"@example.com")
	}
	st.Account.Groups = append(st.Account.Groups, g)
}

// What has changed between the plan and the lock: less than was shown is done,
// more is refused, and nothing is nothing.
func TestThePlanIsMadeAgainUnderTheLock(t *testing.T) {
	for _, test := range []struct {
		name      string
		meanwhile func(*sandbox.State)
		code      int
		out, errs string
		writes    int
	}{
		{"nothing", func(*sandbox.State) {}, exitOK, "Applied 3 of 3 changes.", "", 3},
		{"a part is done", func(st *sandbox.State) { readers(st, "alice", "bob") }, exitOK, "Applied 2 of 2 changes.", "warning: what is live has changed since this plan was made", 2},
		{"all is done", func(st *sandbox.State) {
			readers(st, "alice", "bob")
			ws := &st.Workspaces[0]
			ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: "group:grp_readers_dev", Permissions: []string{"USER"}})
			ws.Entitlements = append(ws.Entitlements, sandbox.Entitlement{Principal: "group:grp_readers_dev", Values: []string{"workspace-access"}})
		}, exitOK, "Nothing is left to do: somebody else has done it.", "", 0},
		{"there is more to do", func(st *sandbox.State) { readers(st, "alice", "bob", "admin") }, exitRefused, "- user:admin@example.com",
			"error: not applied: this plan does what the first one did not", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			var once sync.Once
			server, dir := onPlatform(t, func(server *sandbox.Server, r *http.Request) {
				if r.URL.Path == "/api/2.0/workspace/import" {
					once.Do(func() {
						if err := server.Change(test.meanwhile); err != nil {
							t.Error(err)
						}
					})
				}
			})
			code, out, errs := called(t, "apply", "--yes", dir)
			if code != test.code || !strings.Contains(out, test.out) || !strings.Contains(errs, test.errs) {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, out, errs)
			}
			if n := written(server); n != test.writes || len(locks(server)) > 0 {
				t.Errorf("%d writes, want %d; left %v", n, test.writes, locks(server))
			}
		})
	}
}

// TestAKilledApplyLeavesALockThatTheNextOneTakes kills a process in its first
// write.
func TestAKilledApplyLeavesALockThatTheNextOneTakes(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("processes of this system are not told apart")
	}
	writing, killed := make(chan struct{}), make(chan struct{})
	var once sync.Once
	server, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if !ofTheLock(r.URL.Path) {
			once.Do(func() { close(writing); <-killed })
		}
	})
	cmd := exec.Command("brickgate", "apply", "--yes", dir)
	cmd.Env = append(os.Environ(), "GITHUB_SERVER_URL=https://git.example.com", "GITHUB_REPOSITORY=acme/access", "GITHUB_RUN_ID=77")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-writing

	// While it lives, the next one is told of it.
	code, _, errs := called(t, "apply", "--yes", dir)
	for _, part := range []string{"error: not applied: locked by admin@example.com, since ", "https://git.example.com/acme/access/actions/runs/77", "--lock-timeout"} {
		if code != exitError || !strings.Contains(errs, part) {
			t.Errorf("exit code %d, %q is missing in:\n%s", code, part, errs)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // that it was killed is no news
	close(killed)
	if len(locks(server)) != 1 {
		t.Errorf("left %v\n%s", locks(server), &said)
	}
	code, out, errs := called(t, "apply", "--yes", dir)
	if code != exitOK || strings.Count(errs, "took over the lock of admin@example.com, since ") != 1 || !strings.Contains(errs, "that process is gone") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if len(locks(server)) != 0 {
		t.Errorf("left %v", locks(server))
	}
	if code, out, _ := called(t, "plan", "--detailed-exitcode", dir); code != exitOK {
		t.Errorf("not all is applied:\n%s", out)
	}
}

func TestRunURL(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"": {},
		"https://github.com/acme/access/actions/runs/7":              {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/access", "GITHUB_RUN_ID": "7"},
		"https://gitlab.com/acme/access/-/jobs/7":                    {"CI_JOB_URL": "https://gitlab.com/acme/access/-/jobs/7"},
		"https://dev.azure.com/acme/access/_build/results?buildId=7": {"SYSTEM_COLLECTIONURI": "https://dev.azure.com/acme/", "SYSTEM_TEAMPROJECT": "access", "BUILD_BUILDID": "7"},
		"https://jenkins.example.com/job/access/7/":                  {"BUILD_URL": "https://robot:secret@jenkins.example.com/job/access/7/"},
	} {
		if got := runURL(func(name string) string { return env[name] }); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
