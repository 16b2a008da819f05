package reconcile_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// The fault matrix: an apply that writes in every way there is, with one thing
// going wrong. How much of it is run is a flag:
//
//	go test ./reconcile -run TestFaultMatrix                     a sample, in seconds
//	go test ./reconcile -run TestFaultMatrix -faults=templates   each fault × one request of every method and path template
//	go test ./reconcile -run TestFaultMatrix -faults=requests    each fault × every single request
//
// All of it runs in the time of synctest, where a stall of minutes takes none.
var matrix = flag.String("faults", "sample", "how much of the fault matrix is run: sample, templates or requests")

// matrixFaults are what can go wrong with a request. after tells whether the
// request was done all the same.
var matrixFaults = []struct {
	name  string
	fault sandbox.Fault
}{
	{"429", sandbox.Fault{Status: 429}},
	{"429 with Retry-After", sandbox.Fault{Status: 429, Header: http.Header{"Retry-After": {"17"}}}},
	{"409", sandbox.Fault{Status: 409}},
	{"500 before", sandbox.Fault{Status: 500}},
	{"500 after", sandbox.Fault{Status: 500, After: true}},
	{"502 with HTML", sandbox.Fault{Status: 502, ContentType: "text/html", Body: "<html><body><h1>Bad Gateway</h1></body></html>"}},
	{"502 with HTML after", sandbox.Fault{Status: 502, ContentType: "text/html", Body: "<html><body><h1>Bad Gateway</h1></body></html>", After: true}},
	{"503", sandbox.Fault{Status: 503}},
	{"503 with Retry-After", sandbox.Fault{Status: 503, Header: http.Header{"Retry-After": {"3"}}}},
	{"504 after", sandbox.Fault{Status: 504, After: true}},
	{"connection lost before", sandbox.Fault{Drop: true}},
	{"connection lost after", sandbox.Fault{Drop: true, After: true}},
	{"truncated", sandbox.Fault{Truncate: true}},
	{"stall before", sandbox.Fault{Stall: true}},
	{"stall after", sandbox.Fault{Stall: true, After: true}},
}

// matrixBefore is applied before anything goes wrong, matrixAfter while it does.
// Between them lies a change of every kind, made in every way.
var (
	matrixBefore = docs(
		doc("Group", "grp_team", `{members: [{user: alice@example.com}, {user: bob@example.com}], roles: [profile/a, profile/b], workspaces: {main: {permission: USER, entitlements: [workspace-access, allow-cluster-create]}}}`),
		doc("Group", "grp_first", `{members: [{user: alice@example.com}]}`),
		doc("Group", "grp_old", `{members: [{user: alice@example.com}]}`),
		doc("Group", "grp_placed", `{workspaces: {main: {permission: USER}}}`),
		doc("Group", "grp_local", `{level: workspace, workspace: main, members: [{user: alice@example.com}]}`),
		doc("Group", "grp_local_old", `{level: workspace, workspace: main}`),
		doc("ServicePrincipal", "spn_first", `{}`),
		doc("ServicePrincipal", "spn_old", `{}`),
		onCluster(`{group: AAD-Auditors, level: CAN_RESTART}, {user: alice@example.com, level: CAN_MANAGE}`),
		onSchema(`{group: AAD-Auditors, privileges: [USE SCHEMA, SELECT]}, {user: alice@example.com, privileges: [SELECT]}`),
	)
	matrixAfter = docs(
		doc("Group", "grp_team", `{members: [{user: bob@example.com}, {user: carol@example.com}], roles: [profile/c], workspaces: {main: {permission: ADMIN, entitlements: [databricks-sql-access]}}}`),
		doc("Group", "grp_second", `{previously: [grp_first], members: [{user: alice@example.com}, {servicePrincipal: spn_new}]}`),
		doc("Removed", "grp_old", `{kind: Group, action: delete, reason: over}`),
		doc("Group", "grp_placed", `{workspaces: {}}`),
		doc("Group", "grp_new", `{members: [{user: alice@example.com}, {group: grp_team}], roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		doc("Group", "grp_local", `{level: workspace, workspace: main, members: [{user: bob@example.com}], workspaces: {main: {entitlements: [workspace-access]}}}`),
		doc("Removed", "grp_local_old", `{kind: Group, action: delete, reason: over, level: workspace, workspace: main}`),
		doc("Group", "grp_local_new", `{level: workspace, workspace: main, members: [{user: bob@example.com}]}`),
		doc("ServicePrincipal", "spn_second", `{previously: [spn_first]}`),
		doc("ServicePrincipal", "spn_new", `{roles: [profile/a], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`),
		doc("Removed", "spn_old", `{kind: ServicePrincipal, action: delete, reason: over}`),
		onCluster(`{group: grp_new, level: CAN_RESTART}`),
		doc("Permissions", "bi", `{objects: [{type: warehouses, name: bi}], authority: merge, permissions: [{group: grp_new, level: CAN_USE}]}`),
		doc("Permissions", "etl", `{objects: [{type: jobs, name: sales-etl}], owner: {user: alice@example.com}, permissions: [{group: grp_new, level: CAN_VIEW}]}`),
		onSchema(`{group: grp_new, privileges: [USE SCHEMA]}, {servicePrincipal: spn_new, privileges: [SELECT]}`),
		doc("Grants", "orders", `{securables: [{type: table, name: silver.sales.orders}], grants: [{group: AAD-Auditors, privileges: [SELECT]}]}`),
		doc("Grants", "gold", `{securables: [{type: schema, name: gold.sales}], owner: {group: grp_new}}`),
	)
)

// bench is what every cell of the matrix starts from: the state that the first
// documents leave, the folder of the second, and what an undisturbed apply does.
type bench struct {
	state    *sandbox.State
	dir      string
	requests []sandbox.Request
	facts    string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	seed := with(world, "name: gold_dev.sales", `name: gold_dev.sales, owner: "user:bob@example.com"`)
	l := newLab(t, seed, project, file(matrixBefore))
	l.converge()
	l.put("access.yaml", matrixAfter)
	b := &bench{state: l.State(), dir: l.dir}
	synctest.Test(t, func(t *testing.T) {
		l := b.lab(t)
		l.ResetRequests()
		outcomes := l.run()
		b.requests, b.facts = l.Requests(), facts(l.State())
		l.allApplied(outcomes)
		l.settled()
		kinds := map[string]bool{}
		for _, o := range outcomes {
			kinds[o.Change.Key.Kind] = true
		}
		if len(kinds) != len(contracts) || len(outcomes) < 20 {
			t.Fatalf("%d changes of the kinds %v", len(outcomes), slices.Sorted(maps.Keys(kinds)))
		}
	})
	return b
}

func (b *bench) lab(t *testing.T) *lab {
	l := newBubbleLab(t, b.state, sandbox.Options{Now: time.Now})
	l.dir = b.dir
	l.allow = map[string]string{plan.GuardMaxRemovals: "the world is small"}
	return l
}

// run plans and applies; nil where planning fails, which says why.
func (l *lab) run() []plan.Outcome {
	l.t.Helper()
	run, p, err := l.tryPlan()
	if err != nil {
		if err.Error() == "" {
			l.t.Error("an error without a word")
		}
		return nil
	}
	if len(p.Violations) > 0 {
		l.t.Fatalf("guards: %v\n%s", p.Violations, show(p))
	}
	return l.carryOut(run, p)
}

func (l *lab) allApplied(outcomes []plan.Outcome) {
	l.t.Helper()
	if outcomes == nil {
		l.t.Error("nothing could be planned")
	}
	for _, o := range outcomes {
		if o.Status != plan.Applied {
			l.t.Errorf("%s %s: %s: %v", o.Change.Action, o.Change.Key, o.Status, o.Err)
		}
	}
}

var (
	variable = regexp.MustCompile(`/(\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(/|$)`)
	thing    = regexp.MustCompile(`^(/api/2\.0/permissions/(?:sql/)?[^/]+|/api/2\.1/unity-catalog/(?:permissions/)?[^/]+)/[^/]+$`)
)

// template is the path of a request with {} for what names a single thing.
func template(path string) string {
	path = thing.ReplaceAllString(path, "$1/{}")
	for variable.MatchString(path) {
		path = variable.ReplaceAllString(path, "/{}$3")
	}
	return path
}

// target is one request of the undisturbed run, as a fault finds it.
type target struct {
	name         string
	method, path string
	skip         int
}

func (b *bench) templates() []target {
	seen := map[string]target{}
	for _, r := range b.requests {
		path := template(r.Path)
		name := r.Method + " " + path
		seen[name] = target{name: name, method: r.Method, path: "^" + strings.ReplaceAll(regexp.QuoteMeta(path), `\{\}`, "[^/]+") + "$"}
	}
	var out []target
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, seen[name])
	}
	return out
}

func (b *bench) single() []target {
	var out []target
	for i, r := range b.requests {
		out = append(out, target{name: fmt.Sprintf("%d %s %s", i, r.Method, r.Path), skip: i})
	}
	return out
}

func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	targets := b.templates()
	if *matrix == "requests" {
		targets = b.single()
	}
	cells := 0
	for i, target := range targets {
		for j, f := range matrixFaults {
			sampled := i%len(matrixFaults) == j || target.method != http.MethodGet && (i+j)%5 == 0
			if *matrix == "sample" && !sampled {
				continue
			}
			cells++
			t.Run(target.name+"/"+f.name, func(t *testing.T) {
				fault := f.fault
				fault.Method, fault.Path, fault.Skip = target.method, target.path, target.skip
				synctest.Test(t, func(t *testing.T) { b.once(t, fault) })
			})
		}
	}
	t.Logf("%d faults × requests; an apply makes %d requests of %d methods and path templates", cells, len(b.requests), len(b.templates()))
}

// once lets one request go wrong: nobody notices.
func (b *bench) once(t *testing.T, fault sandbox.Fault) {
	l := b.lab(t)
	var struck atomic.Int32
	fault.Mutate = func(*sandbox.State) { struck.Add(1) }
	l.Inject(fault)
	l.allApplied(l.run())
	if struck.Load() != 1 {
		t.Errorf("the fault has struck %d requests", struck.Load())
	}
	same(t, "end", b.facts, facts(l.State()))
	l.settled()
}

// always lets every such request of a run go wrong: each change has one clear
// outcome, and the next run does the rest.
func (b *bench) always(t *testing.T, fault sandbox.Fault) {
	l := b.lab(t)
	fault.Times = -1
	l.Inject(fault)
	for _, o := range l.run() {
		switch {
		case o.Status == plan.Failed && !strings.HasPrefix(o.Err.Error(), fmt.Sprintf("%s %s: ", o.Change.Action, o.Change.Key)):
			t.Errorf("%s failed and says %q", o.Change.Key, o.Err)
		case o.Status == plan.Failed && fault.Status >= 500 && !strings.HasSuffix(o.Err.Error(), fmt.Sprintf(" (HTTP %d; the next plan tells whether it was made)", fault.Status)):
			t.Errorf("%s failed and does not say how: %q", o.Change.Key, o.Err)
		case o.Status == plan.Blocked && len(o.BlockedBy) == 0, o.Status == plan.Cancelled:
			t.Errorf("%s is %s", o.Change.Key, o.Status)
		}
	}
	l.ClearFaults()
	if _, p := l.plan(); len(p.Changes) > 0 {
		l.allApplied(l.run())
	}
	same(t, "end", b.facts, facts(l.State()))
	l.settled()
}

func TestFaultMatrixOfLastingFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, target := range b.templates() {
		for j, f := range matrixFaults {
			if *matrix == "sample" && (target.method == http.MethodGet || i%len(matrixFaults) != j) {
				continue
			}
			t.Run(target.name+"/"+f.name, func(t *testing.T) {
				fault := f.fault
				fault.Method, fault.Path = target.method, target.path
				synctest.Test(t, func(t *testing.T) { b.always(t, fault) })
			})
		}
	}
}

// facts are who has what in a state, a fact a line, without the ids that the
// server chose.
func facts(st *sandbox.State) string {
	names := tokens(st)
	who := func(id string) string {
		if name, ok := names[id]; ok {
			return name
		}
		return id
	}
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)+"\n") }
	groups := func(at string, list []sandbox.Group) {
		for _, g := range list {
			add("%s group %s %v", at, g.DisplayName, g.Roles)
			for _, m := range g.Members {
				add("%s group %s has %s", at, g.DisplayName, who(m))
			}
		}
	}
	groups("account", st.Account.Groups)
	for _, sp := range st.Account.ServicePrincipals {
		add("service principal %s %v %v", sp.DisplayName, sp.Active == nil || *sp.Active, sp.Roles)
	}
	for _, s := range st.Securables {
		add("%s is of %s", s.Name, who(s.Owner))
		for _, g := range s.Grants {
			add("%s %s %v", s.Name, who(g.Principal), g.Privileges)
		}
	}
	for _, w := range st.Workspaces {
		groups(w.Name, w.Groups)
		for _, a := range w.Assignments {
			add("%s assigns %s %v", w.Name, who(a.Principal), a.Permissions)
		}
		for _, e := range w.Entitlements {
			add("%s entitles %s %v", w.Name, who(e.Principal), e.Values)
		}
		for _, o := range w.Objects {
			for _, e := range o.ACL {
				add("%s %s %s%s %s %s", w.Name, o.Type, o.Name, o.Path, who(e.Principal), e.Level)
			}
		}
	}
	slices.Sort(out)
	return strings.Join(out, "")
}
