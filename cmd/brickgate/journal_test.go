package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// TestTheJournalAnswers who, when, what and why: contract items 14 (permission
// changes are tracked) and 45 (timestamp, user, data product, action), as far as
// they are about changes of access; queries are in Databricks' own audit log.
func TestTheJournalAnswers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lakehouse")
	if err := copyExample("lakehouse", dir); err != nil {
		t.Fatal(err)
	}
	commit := committed(t, dir)
	if code, out, errs := called(t, "apply", "--sandbox", "--yes", "--env", "dev", dir); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	code, out, errs := called(t, "history", "felix@example.com", "-o", "json", "-C", dir)
	var doc struct {
		Operations []struct {
			When, Run, Kind, Name, Action, Status string
			Of                                    struct {
				Who, Command, Environment, Commit, Checksum, Tool string
				Hosts                                             []string
				Dirty                                             bool
			}
			Added []struct {
				Field, Value string
				Why          []struct{ At, Until, Reason, Request, Product string }
			}
			Requests []string
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitOK || errs != "" || len(doc.Operations) != 1 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, out, errs)
	}
	o := doc.Operations[0]
	why := o.Added[0].Why[0]
	got := []string{
		o.Of.Who, o.Of.Command, o.Of.Environment, o.Of.Commit, strings.Join(o.Of.Hosts, " "), o.Kind, o.Name, o.Action, o.Status,
		o.Added[0].Field, o.Added[0].Value, why.At, why.Until, why.Reason, why.Request, why.Product,
	}
	want := []string{
		"user:admin@example.com", "apply", "dev", commit, "sandbox", "group", "dp-sales-orders-finance-consumer_dev", "create", "applied",
		"member", "user:felix@example.com", "requests/REQ-0042.yaml:3", "2027-04-19", "reconciliation of orders with the ledger", "REQ-0042", "sales-orders",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for asked, want := range map[string]string{
		"grp_old_reporting_dev":                                 `applied  delete\s[^"]*the reporting team was\s+dissolved`,
		"mallory@example.com":                                   `- member user:mallory@example\.com[^"]*not declared`,
		"dp-marketing-campaigns-consumer_dev":                   `renamed from dp-sales-campaigns-consumer_dev`,
		"group:dp-sales-orders-finance-consumer_dev --since 1d": `applied  create`,
	} {
		args := append([]string{"history", "-C", dir}, strings.Fields(asked)...)
		if code, out, errs := called(t, args...); code != exitOK || !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%s: exit code %d\n%s%s", asked, code, out, errs)
		}
	}
	if o.Of.Dirty || o.When == "" || len(o.Requests) == 0 || len(o.Of.Checksum) != 64 {
		t.Errorf("%+v", o)
	}
}

// committed makes the folder a repository of its own, and returns its commit.
func committed(t *testing.T, dir string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=tester", "-c", "user.email=tester@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "access")
	return git("rev-parse", "HEAD")
}

// TestAnApplyThatIsKilled at a write that the platform has made and not answered:
// the journal verifies and names it, and the next run ends the work.
func TestAnApplyThatIsKilled(t *testing.T) {
	made := make(chan bool)
	var first sync.Once
	server, dir := behind(t, func(server *sandbox.Server, w http.ResponseWriter, r *http.Request) {
		kill := false
		if r.Method != http.MethodGet && !ofTheLock(r.URL.Path) { // the lock comes first
			first.Do(func() { kill = true })
		}
		if !kill {
			server.ServeHTTP(w, r)
			return
		}
		server.ServeHTTP(httptest.NewRecorder(), r)
		close(made)
		<-r.Context().Done()
	})

	cmd := exec.Command("brickgate", "apply", "--yes", dir)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-made
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // it was killed, and says so
	for range 2 {
		code, out, errs := called(t, "journal", "verify", "-C", dir)
		inFlight := regexp.MustCompile(`(?m)^run \S+ of user:admin@example.com in dev has no end; in flight, made or not:\n  line 2  \S+  create group@account/grp_readers_dev$`)
		if code != exitOK || errs != "" || !inFlight.MatchString(out) {
			t.Errorf("exit code %d\n%s%s%s", code, out, errs, &printed)
		}
		if code, out, errs := called(t, "apply", "--yes", dir); code != exitOK {
			t.Errorf("the next run: exit code %d\n%s%s", code, out, errs)
		}
	}
	if groups := server.State().Account.Groups; len(groups) != 2 { // account users is the other
		t.Errorf("groups: %+v", groups)
	}
	if data, err := os.ReadFile(filepath.Join(dir, ".brickgate", "journal.jsonl")); err != nil || bytes.Contains(data, []byte(server.Token())) {
		t.Errorf("%v\n%s", err, data)
	}
}
