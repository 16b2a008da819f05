package reconcile_test

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// now is the instant at which tests plan.
var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// lab is a repository and the account that it is about, behind HTTP.
type lab struct {
	*sandbox.Server
	t         *testing.T
	url       string
	dir       string
	env       string
	token     string // of the applying identity
	now       time.Time
	allow     map[string]string
	judge     reconcile.Judge
	opts      reconcile.Options
	transport *reconcile.Transport
	snapped   bool     // planned over a snapshot of it
	said      []string // what the platform answered to what it refused, where denied was asked
}

// newLab starts a sandbox from a seed and writes a repository: the Project, and
// files by name.
func newLab(t *testing.T, seed, project string, files map[string]string) *lab {
	t.Helper()
	return newLabWith(t, sandbox.Options{}, seed, project, files)
}

func newLabWith(t *testing.T, opts sandbox.Options, seed, project string, files map[string]string) *lab {
	t.Helper()
	state, err := sandbox.Parse([]byte(seed))
	if err != nil {
		t.Fatal(err)
	}
	server, err := sandbox.New(state, opts)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	base := &http.Transport{MaxIdleConnsPerHost: 32}
	t.Cleanup(func() {
		base.CloseIdleConnections()
		web.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	l := newLabOn(t, server, web.URL, base)
	l.transport.Backoff = time.Millisecond
	l.opts = reconcile.Options{SettlePause: time.Millisecond, Settle: 5 * time.Second, Stale: 5 * time.Millisecond}
	l.dir = t.TempDir()
	l.put("brickgate.yaml", project)
	l.putAll(files)
	return l
}

// newLabOn is a lab on a server that answers already, without a repository.
func newLabOn(t *testing.T, server *sandbox.Server, url string, base http.RoundTripper) *lab {
	return &lab{
		Server: server, t: t, url: url, env: "dev", token: server.Token(), now: now,
		transport: &reconcile.Transport{Base: base, Pace: math.Inf(1)},
	}
}

// put writes one file of the repository; an empty text deletes it.
func (l *lab) put(name, text string) {
	l.t.Helper()
	path := filepath.Join(l.dir, filepath.FromSlash(name))
	if text == "" {
		if err := os.Remove(path); err != nil {
			l.t.Fatal(err)
		}
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) putAll(files map[string]string) {
	l.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		l.put(name, files[name])
	}
}

// read loads the repository, connects and reads the environment.
func (l *lab) read() (*reconcile.Run, error) {
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		return nil, err
	}
	declared, err := reconcile.Declare(repo, l.env)
	if err != nil {
		return nil, err
	}
	clients, err := reconcile.Connect(l.t.Context(), declared.Env, l.endpoint, l.transport)
	if err != nil {
		return nil, err
	}
	return reconcile.Read(l.t.Context(), clients, declared, l.opts)
}

func (l *lab) endpoint(workspace string) reconcile.Endpoint {
	e := reconcile.Endpoint{Host: l.url, Token: l.token, AccountID: l.AccountID()}
	if id, ok := l.WorkspaceID(l.env + "/" + workspace); ok {
		e.WorkspaceID = strconv.FormatInt(id, 10)
	}
	return e
}

// tryPlan reads and plans.
func (l *lab) tryPlan() (*reconcile.Run, plan.Plan, error) {
	run, err := l.read()
	if err != nil {
		return nil, plan.Plan{}, err
	}
	p, err := run.Plan(l.now, l.allow, l.judge)
	if err == nil {
		err = run.Preflight(l.t.Context(), &p, l.allow)
	}
	return run, p, err
}

func (l *lab) plan() (*reconcile.Run, plan.Plan) {
	l.t.Helper()
	run, p, err := l.tryPlan()
	if err != nil {
		l.t.Fatal(err)
	}
	return run, p
}

// planError is the text of the error that planning must end in.
func (l *lab) planError() string {
	l.t.Helper()
	_, p, err := l.tryPlan()
	if err == nil {
		l.t.Fatalf("planned without an error:\n%s", show(p))
	}
	return err.Error()
}

// wantError plans and expects an error that says all of these, and no write.
func (l *lab) wantError(parts ...string) {
	l.t.Helper()
	l.ResetRequests()
	contains(l.t, l.planError(), parts...)
	if w := l.writes(); len(w) > 0 {
		l.t.Errorf("written in spite of the error: %v", w)
	}
}

// want plans and expects these changes, in whatever order.
func (l *lab) want(changes string) plan.Plan {
	l.t.Helper()
	_, p := l.plan()
	same(l.t, "plan", sorted(lines(changes)), sorted(show(p)))
	return p
}

// apply plans and applies, and expects every change to succeed, every write to be
// explained by a change and every change to be written.
func (l *lab) apply() plan.Plan {
	l.t.Helper()
	before := l.State()
	run, p := l.plan()
	if len(p.Violations) > 0 {
		l.t.Fatalf("guards: %v\n%s", p.Violations, show(p))
	}
	l.ResetRequests()
	outcomes := l.carryOut(run, p)
	for _, o := range outcomes {
		if o.Status != plan.Applied {
			l.t.Errorf("%s %s: %s: %v %v", o.Change.Action, o.Change.Key, o.Status, o.Err, o.BlockedBy)
		}
	}
	explain(l.t, p, l.writes(), before, l.State())
	l.allVisible(run, outcomes)
	return p
}

// carryOut applies a plan and checks that each change has exactly one outcome,
// told once, in the order of the plan.
func (l *lab) carryOut(run *reconcile.Run, p plan.Plan) []plan.Outcome {
	l.t.Helper()
	told := map[plan.Key]int{}
	outcomes := run.Apply(l.t.Context(), p, func(o plan.Outcome) { told[o.Change.Key]++ })
	if len(outcomes) != len(p.Changes) {
		l.t.Fatalf("%d outcomes for %d changes", len(outcomes), len(p.Changes))
	}
	for i, o := range outcomes {
		if o.Change.Key != p.Changes[i].Key || told[o.Change.Key] != 1 || o.Status == "" {
			l.t.Errorf("outcome %d is of %s, status %q, told %d times; want %s", i, o.Change.Key, o.Status, told[o.Change.Key], p.Changes[i].Key)
		}
	}
	return outcomes
}

// converge applies, then expects an empty plan and a second apply without writes.
func (l *lab) converge() plan.Plan {
	l.t.Helper()
	if *snapshots == "all" || !l.snapped {
		l.sameOverSnapshot()
	}
	p := l.apply()
	l.settled()
	return p
}

// settled expects an empty plan, and that applying it writes nothing.
func (l *lab) settled() {
	l.t.Helper()
	l.ResetRequests()
	run, p := l.plan()
	same(l.t, "plan after apply", "", show(p))
	l.carryOut(run, p)
	if w := l.writes(); len(w) > 0 {
		l.t.Errorf("written without a change: %v", w)
	}
}

// change edits the live state behind the back of the API.
func (l *lab) change(edit func(*sandbox.State)) {
	l.t.Helper()
	if err := l.Change(edit); err != nil {
		l.t.Fatal(err)
	}
}

// writes are the logged requests that are no reads.
func (l *lab) writes() []sandbox.Request {
	return slices.DeleteFunc(l.Requests(), func(r sandbox.Request) bool { return r.Method == http.MethodGet })
}

// reads are the paths of the logged GETs, each once.
func (l *lab) reads() []string {
	seen := map[string]bool{}
	for _, r := range l.Requests() {
		if r.Method == http.MethodGet {
			seen[r.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// show writes the changes of a plan, one a line, with what they add and remove.
func show(p plan.Plan) string {
	var b strings.Builder
	for i := range p.Changes {
		c := &p.Changes[i]
		fmt.Fprintf(&b, "%s %s", c.Action, c.Key)
		for _, d := range c.Deltas() {
			if c.Action == plan.Delete {
				break // all of it goes
			}
			fmt.Fprintf(&b, " %s", d.Field)
			for _, v := range d.Added {
				b.WriteString(" +" + v)
			}
			for _, v := range d.Removed {
				b.WriteString(" -" + v)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// kept writes what a plan leaves alone and why.
func kept(p plan.Plan) string {
	var b strings.Builder
	for _, u := range p.Unmanaged {
		b.WriteString(strings.Join(strings.Fields(fmt.Sprintf("%s %s %s: %s %s", u.Fact.Key, u.Fact.Field, u.Fact.Value, u.Kept, u.From)), " ") + "\n")
	}
	return b.String()
}

// warned writes the warnings of a plan without their places.
func warned(p plan.Plan) string {
	var b strings.Builder
	for _, w := range p.Warnings {
		b.WriteString(w.Message + "\n")
	}
	return b.String()
}

// lines trims every line and drops empty ones.
func lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func sorted(text string) string {
	return strings.Join(slices.Sorted(strings.Lines(text)), "")
}

func same(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}
