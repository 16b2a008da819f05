package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// download VOLUME DIR copies the files of a volume of the platform into a folder.
func download(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: download VOLUME DIR")
	}
	for _, f := range volumeFiles(serverOf(ts), args[0]) {
		name := filepath.Join(ts.MkAbs(args[1]), filepath.FromSlash(f.Path))
		ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
		ts.Check(os.WriteFile(name, f.Content, 0o644))
	}
}

// headless FROM TO copies a journal without its first run.
func headless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: headless FROM TO")
	}
	parts, err := journal.Parts(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	var rest []byte
	for _, p := range parts[1:] {
		rest = append(rest, p.Text...)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), rest, 0o600))
}

func volumeFiles(server *sandbox.Server, volume string) []sandbox.VolumeFile {
	for _, s := range server.State().Securables {
		if s.Type == "volume" && s.Name == volume {
			return s.Files
		}
	}
	return nil
}

// withJournalVolume gives the quickstart of onPlatform a volume for its journal.
func withJournalVolume(t *testing.T, server *sandbox.Server, dir string) {
	t.Helper()
	project := filepath.Join(dir, "brickgate.yaml")
	text, err := os.ReadFile(project)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(project, append(text, "  journal: {volume: /Volumes/ops/logs/journal}\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	err = server.Change(func(st *sandbox.State) {
		st.Securables = append(st.Securables, sandbox.Securable{Type: "catalog", Name: "ops"},
			sandbox.Securable{Type: "schema", Name: "ops.logs"}, sandbox.Securable{Type: "volume", Name: "ops.logs.journal"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnInterruptedApplyIsUploaded with what it did, and does not wait for long
// where the volume does not answer.
func TestAnInterruptedApplyIsUploaded(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	var once sync.Once
	server, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if !ofTheLock(r.URL.Path) {
			once.Do(interrupt)
		}
	})
	withJournalVolume(t, server, dir)
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"apply", "--yes", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitInterrupted {
		t.Errorf("exit code %d, want %d\n%s", code, exitInterrupted, &errs)
	}
	files := volumeFiles(server, "ops.logs.journal")
	if len(files) != 1 || path.Dir(files[0].Path) != "quickstart/dev" || !strings.Contains(string(files[0].Content), `"cancelled":1`) {
		t.Fatalf("uploaded %+v\n%s", files, &errs)
	}
	if bytes.Contains(files[0].Content, []byte(server.Token())) {
		t.Errorf("a token is uploaded:\n%s", files[0].Content)
	}
	name := filepath.Join(t.TempDir(), "part.jsonl")
	if err := os.WriteFile(name, files[0].Content, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := called(t, "journal", "verify", name); code != exitOK || strings.Contains(out, "no end") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}

// TestAnInterruptedUploadIsGivenUp: who interrupts a run that is over does not wait
// for a volume that does not answer; what was applied is applied.
func TestAnInterruptedUploadIsGivenUp(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	server, dir := onPlatform(t, func(_ *sandbox.Server, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/2.0/fs/") {
			interrupt()
		}
	})
	withJournalVolume(t, server, dir)
	server.Inject(sandbox.Fault{Path: "/api/2.0/fs/*", Stall: true, Times: -1})
	start := time.Now()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"apply", "--yes", dir}, streams{strings.NewReader(""), &out, &errs}); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, &out, &errs)
	}
	if took := time.Since(start); took > interruptedTime || !strings.Contains(errs.String(), "warning: not all of the journal is uploaded: ") {
		t.Errorf("after %s:\n%s", took, &errs)
	}
}

// TestAKilledApplyIsUploadedByTheNextOne, with the change that was in flight.
func TestAKilledApplyIsUploadedByTheNextOne(t *testing.T) {
	server, dir := onPlatform(t, func(*sandbox.Server, *http.Request) {})
	withJournalVolume(t, server, dir)
	if code, out, errs := called(t, "apply", "--yes", dir); code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	file := filepath.Join(dir, ".brickgate", "journal.jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// What a process leaves that is killed while it records its first outcome, and
	// so uploads nothing.
	lines := bytes.SplitAfter(text, []byte("\n"))
	if err := os.WriteFile(file, append(bytes.Join(lines[:2], nil), lines[2][:60]...), 0o600); err != nil {
		t.Fatal(err)
	}
	err = server.Change(func(st *sandbox.State) {
		for i := range st.Securables {
			st.Securables[i].Files = nil
		}
		readers := &st.Account.Groups[len(st.Account.Groups)-1]
		readers.Members = nil
	})
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := called(t, "apply", "--yes", dir)
	files := volumeFiles(server, "ops.logs.journal")
	if code != exitOK || strings.Count(errs, "journal: uploaded to ") != 2 || len(files) != 2 {
		t.Fatalf("exit code %d\n%s%s%+v", code, out, errs, files)
	}
	audit := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(audit, path.Base(f.Path)), f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs = called(t, "journal", "verify", audit)
	if code != exitOK || errs != "" || strings.Contains(out, "is not here") || !strings.Contains(out, "was torn when its writer was killed") ||
		!strings.Contains(out, "has no end; in flight, made or not:\n  line 2 ") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	if _, out, _ := called(t, "history", "--journal", audit); !strings.Contains(out, "in flight") {
		t.Errorf("history:\n%s", out)
	}
}

// TestAJournalThatContradictsTheVolume is no proof, although each of them verifies.
func TestAJournalThatContradictsTheVolume(t *testing.T) {
	dir := t.TempDir()
	for name, asked := range map[string]string{"local.jsonl": "grp_innocent", "volume.jsonl": "grp_readers"} {
		log, err := journal.Open(filepath.Join(dir, name), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Begin(journal.Run{ID: "r1", Command: "apply", Who: "user:alice@example.com", Environment: "dev"}); err != nil {
			t.Fatal(err)
		}
		err = log.Intent(plan.Change{Key: plan.Key{Kind: "group", Target: "account", Name: asked}, Action: plan.Delete})
		if err := joined(err, log.Close()); err != nil {
			t.Fatal(err)
		}
	}
	const want = "local.jsonl and %s/volume.jsonl tell run r1 differently, from record 1 on: one of them was written anew"
	if code, _, errs := called(t, "journal", "verify", dir); code != exitError || !strings.Contains(errs, fmt.Sprintf(want, dir)) {
		t.Errorf("exit code %d\n%s", code, errs)
	}
	if _, out, errs := called(t, "history", "-o", "json", "--journal", dir); !strings.Contains(errs, fmt.Sprintf(want, dir)) || !strings.Contains(out, `"whole": false`) {
		t.Errorf("%s%s", out, errs)
	}
}

// TestAnUploadThatEndsInItsMiddleLeavesNoHole: what the next run finds there is the
// beginning of the journal, so that it knows what is missing.
func TestAnUploadThatEndsInItsMiddleLeavesNoHole(t *testing.T) {
	server, dir := onPlatform(t, func(*sandbox.Server, *http.Request) {})
	withJournalVolume(t, server, dir)
	apply := func(uploads int) (uploaded int) {
		t.Helper()
		server.ClearFaults()
		server.Inject(sandbox.Fault{Method: "PUT", Path: "/api/2.0/fs/files/*", Skip: uploads, Status: http.StatusForbidden, Times: -1})
		err := server.Change(func(st *sandbox.State) {
			st.Account.Groups[len(st.Account.Groups)-1].Members = nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if code, out, errs := called(t, "apply", "--yes", "--allow", "smallSets=test", dir); code != exitOK || !strings.Contains(out, "\nApplied ") {
			t.Fatalf("exit code %d\n%s%s", code, out, errs)
		}
		return len(volumeFiles(server, "ops.logs.journal"))
	}
	for run, uploads := range []int{0, 0, 1, 2, 9} {
		if got, want := apply(uploads), []int{0, 0, 1, 3, 5}[run]; got != want {
			t.Errorf("after run %d there are %d parts, want %d", run+1, got, want)
		}
	}
}
