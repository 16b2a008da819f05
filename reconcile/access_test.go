package reconcile_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// accessProject owns everything in a world of worldDice.
const accessProject = `
apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: test}
spec:
  accounts: {main: {}}
  environments:
    dev:
      account: main
      workspaces: {main: {host: "https://main.example.com", unityCatalog: true}, lab: {host: "https://lab.example.com"}}
      catalogs: {gold: c, silver: e}
  owns:
    groups: ["grp_*"]
    servicePrincipals: ["spn_*"]
    users: ["*@example.com"]
    catalogs: ["{gold}", "{silver}"]
    securables: [{type: external_location, name: "*"}]
    objects:
      - {workspace: "*", type: clusters, name: "*"}
      - {workspace: "*", type: cluster-policies, name: "*"}
      - {workspace: "*", type: jobs, name: "*"}
      - {workspace: "*", type: warehouses, name: "*"}
      - {workspace: "*", type: directories, path: "/Shared/**"}
      - {workspace: "*", type: notebooks, path: "/Shared/**"}
    assignments: true
  adoption: none
`

// worldDice makes random accounts: nested groups with cycles, people who are gone,
// owners, isolated catalogs, folders, and everything granted to anybody.
type worldDice struct{ *rand.Rand }

func (d worldDice) pick(from ...string) string { return from[d.IntN(len(from))] }

func (d worldDice) some(most int, from []string) []string {
	var out []string
	for range d.IntN(most + 1) {
		out = append(out, from[d.IntN(len(from))])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var (
	worldPeople = []string{"user:u0@example.com", "user:u1@example.com", "user:u2@example.com", "user:u3@example.com", "sp:spn_a", "sp:spn_b"}
	// worldCallers are the people as they call.
	worldCallers = []string{
		"u0@example.com", "u1@example.com", "u2@example.com", "u3@example.com",
		"aaaaaaaa-0000-4000-8000-000000000000", "aaaaaaaa-0000-4000-8000-000000000001",
	}
	worldGroups = []string{"group:grp_0", "group:grp_1", "group:grp_2", "group:grp_3", "group:grp_4"}
	worldAll    = slices.Concat(worldPeople, worldGroups, []string{"group:account users"})
)

func (d worldDice) grants(typ string) []sandbox.Grant {
	var out []sandbox.Grant
	for _, who := range d.some(4, worldAll) {
		all := slices.Clone(reconcile.Privileges(typ))
		for _, often := range []string{"USE_CATALOG", "USE_SCHEMA", "SELECT", "ALL_PRIVILEGES"} {
			if slices.Contains(all, often) {
				all = append(all, often, often, often)
			}
		}
		all = slices.DeleteFunc(all, func(p string) bool { return p == "REFRESH" && typ == "table" }) // of materialized views alone
		if privileges := d.some(4, all); len(privileges) > 0 {
			out = append(out, sandbox.Grant{Principal: who, Privileges: privileges})
		}
	}
	return out
}

func (d worldDice) world() *sandbox.State {
	st := &sandbox.State{Format: 1, Caller: "admin@example.com"}
	st.Account.Users = []sandbox.User{{UserName: "admin@example.com", Roles: []string{"account_admin"}}}
	for _, u := range worldPeople[:4] {
		active := d.IntN(6) > 0
		st.Account.Users = append(st.Account.Users, sandbox.User{UserName: strings.TrimPrefix(u, "user:"), Active: &active})
	}
	for i, sp := range worldPeople[4:] {
		active := d.IntN(6) > 0
		st.Account.ServicePrincipals = append(st.Account.ServicePrincipals, sandbox.ServicePrincipal{
			DisplayName: strings.TrimPrefix(sp, "sp:"), ApplicationID: fmt.Sprintf("aaaaaaaa-0000-4000-8000-00000000000%d", i), Active: &active})
	}
	for _, g := range worldGroups {
		members := slices.DeleteFunc(d.some(4, slices.Concat(worldPeople, worldGroups)), func(m string) bool { return m == g })
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: strings.TrimPrefix(g, "group:"), Members: members})
	}
	st.Metastore = sandbox.Metastore{ID: "11111111-0000-4000-8000-000000000001", Name: "main", Owner: "user:admin@example.com"}
	if d.IntN(3) == 0 {
		owners := d.pick(worldGroups...)
		st.Metastore.Owner = owners
		for i := range st.Account.Groups { // who reads must see everything
			if "group:"+st.Account.Groups[i].DisplayName == owners {
				st.Account.Groups[i].Members = append(st.Account.Groups[i].Members, "user:admin@example.com")
			}
		}
	}
	for _, name := range strings.Fields("catalog/c schema/c.s schema/c.r table/c.s.t table/c.s.u volume/c.s.v function/c.s.f model/c.r.m catalog/e schema/e.s table/e.s.t external_location/x") {
		typ, full, _ := strings.Cut(name, "/")
		sec := sandbox.Securable{Type: typ, Name: full, Owner: d.pick(worldAll...), Grants: d.grants(typ)}
		if typ == "catalog" && d.IntN(3) == 0 {
			var bound []any
			for i, kind := range []string{"BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"} {
				if d.IntN(2) == 0 {
					bound = append(bound, map[string]any{"workspace_id": float64(1001 + (i+d.IntN(2))%2), "binding_type": kind})
				}
			}
			sec.Fields = map[string]any{"isolation_mode": "ISOLATED", "workspace_bindings": bound[:min(1, len(bound))]}
		}
		st.Securables = append(st.Securables, sec)
	}
	for i, w := range []string{"dev/main", "dev/lab"} {
		st.Workspaces = append(st.Workspaces, d.workspace(int64(1001+i), w))
	}
	return st
}

func (d worldDice) workspace(id int64, name string) sandbox.Workspace {
	ws := sandbox.Workspace{ID: id, Name: name, Assignments: []sandbox.Assignment{{Principal: "user:admin@example.com", Permissions: []string{"ADMIN"}}}}
	for _, who := range d.some(6, worldAll[:len(worldAll)-1]) {
		ws.Assignments = append(ws.Assignments, sandbox.Assignment{Principal: who, Permissions: []string{d.pick("USER", "USER", "USER", "ADMIN")}})
	}
	local := slices.Concat(worldAll, []string{"group:users"})
	for _, o := range []sandbox.Object{
		{Type: "clusters", Name: "k"}, {Type: "cluster-policies", Name: "p"}, {Type: "jobs", Name: "j"}, {Type: "warehouses", Name: "w"},
		{Type: "directories", Path: "/Shared/a"}, {Type: "directories", Path: "/Shared/a/b"}, {Type: "notebooks", Path: "/Shared/a/b/n"}, {Type: "notebooks", Path: "/Shared/m"},
	} {
		for _, who := range d.some(3, local) {
			levels := reconcile.Levels(o.Type)
			o.ACL = append(o.ACL, sandbox.ACLEntry{Principal: who, Level: levels[d.IntN(len(levels))]})
		}
		if o.Type == "jobs" {
			owner := d.pick(worldPeople...)
			o.ACL = slices.DeleteFunc(o.ACL, func(e sandbox.ACLEntry) bool { return e.Principal == owner })
			o.ACL = append(o.ACL, sandbox.ACLEntry{Principal: owner, Level: "IS_OWNER"})
		}
		ws.Objects = append(ws.Objects, o)
	}
	return ws
}

var accessWorlds = flag.Uint64("worlds", 40, "in how many worlds access is held against what the sandbox enforces")

// What is read answers as the platform enforces, for everybody and everything.
func TestAccessIsWhatTheSandboxEnforces(t *testing.T) {
	worlds := *accessWorlds
	if testing.Short() {
		worlds = 5
	}
	all, yes := 0, 0
	for seed := range worlds {
		t.Run(fmt.Sprint("world ", seed), func(t *testing.T) {
			asked, can := compareWithSandbox(t, worldDice{rand.New(rand.NewPCG(seed, 2))})
			all, yes = all+asked, yes+can
		})
	}
	t.Logf("%d worlds, %d questions, %d of them answered yes", worlds, all, yes)
	if all < 1000*int(worlds) || yes < all/20 {
		t.Error("so few: was everything read?")
	}
}

// compareWithSandbox asks both about everybody and everything in one world, and
// counts the questions and those answered yes.
func compareWithSandbox(t *testing.T, d worldDice) (asked, can int) {
	seed, err := json.Marshal(d.world())
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, string(seed), accessProject, map[string]string{"principals.yaml": worldDocuments()})
	run, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	a := access.New(run.Live, access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels}, now)
	for _, r := range run.Live.All() {
		if r.Held != "" {
			t.Fatalf("%s was not read: %s", r.Key, r.Held)
		}
		target, privileges := sandboxTarget(&r)
		for _, p := range privileges {
			for i, who := range worldPeople {
				want, err := l.Can(worldCallers[i], p, target)
				if err != nil {
					t.Fatal(err)
				}
				if got := a.Can(who, p, r.Key); got != want {
					t.Fatalf("can %s %s on %s: %t, the sandbox says %t\npaths %v\nobstacles %v", who, p, r.Key, got, want,
						a.Explain(who, r.Key), a.WhyNot(who, p, r.Key))
				}
				asked++
				if want {
					can++
				}
			}
		}
	}
	return asked, can
}

// worldDocuments declare the principals of a world, and nothing of what they have.
func worldDocuments() string {
	var out strings.Builder
	for _, g := range worldGroups {
		out.WriteString(doc("Group", strings.TrimPrefix(g, "group:"), "{}"))
	}
	for i, sp := range worldPeople {
		if name, ok := strings.CutPrefix(sp, "sp:"); ok {
			out.WriteString(doc("ServicePrincipal", name, "{applicationId: "+worldCallers[i]+"}"))
		}
	}
	return out.String()
}

// sandboxTarget is what a live resource is about, and what can be asked of it.
func sandboxTarget(r *plan.Resource) (sandbox.Target, []string) {
	typ, name, _ := strings.Cut(r.Key.Name, "/")
	switch {
	case r.Key.Kind == "grants":
		return sandbox.Target{Type: typ, Name: name}, slices.DeleteFunc(slices.Clone(reconcile.Privileges(typ)), func(p string) bool { return p == "REFRESH" && typ == "table" })
	case r.Key.Kind == "permissions":
		return sandbox.Target{Workspace: "dev/" + r.Key.Target, Type: typ, Name: r.ID}, append(slices.Clone(reconcile.Levels(typ)), "IS_OWNER")
	}
	return sandbox.Target{}, nil
}

// What a plan is said to leave is what is there once it is applied.
func TestThePlannedStateIsWhatAnApplyLeaves(t *testing.T) {
	l := newLab(t, world, project, map[string]string{"access.yaml": docs(
		doc("Group", "grp_new", "{members: [{user: alice@example.com}, {servicePrincipal: spn_etl}], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}"),
		doc("ServicePrincipal", "spn_etl", "{applicationId: {dev: aaaaaaaa-0000-4000-8000-000000000001}}"),
		doc("Grants", "sales", `{securables: [{type: schema, name: "{silver}.sales"}], owner: {group: grp_new}, grants: [{group: grp_new, privileges: [ALL_PRIVILEGES, MANAGE]}]}`),
		doc("Permissions", "cluster", "{objects: [{type: clusters, name: shared-etl}], permissions: [{group: grp_new, level: CAN_RESTART}]}"),
		doc("Permissions", "job", "{objects: [{type: jobs, name: sales-etl}], owner: {servicePrincipal: spn_etl}, permissions: [{user: bob@example.com, level: CAN_VIEW}]}"),
	)})
	l.change(func(st *sandbox.State) {
		give(st, "silver_dev.sales", "user:mallory@example.com", "SELECT")
		give(st, "silver_dev.sales", "user:bob@example.com", "MODIFY", "SELECT")
		allowOn(st, "clusters", "shared-etl", "user:mallory@example.com", "CAN_MANAGE")
	})
	var desired plan.State
	l.judge = func(d plan.State, _ plan.Plan) []plan.Finding { desired = d; return nil }
	run, p := l.plan()
	if len(p.Changes) < 6 {
		t.Fatalf("only %d changes", len(p.Changes))
	}
	planned := plan.Planned(desired, run.Live, p)
	l.apply()
	after, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	got, want := factLines(planned), factLines(after.Live)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after the apply (-), and as planned (+):\n%s", diff)
	}
}

// factLines are the facts of a state, without those of what is about to be deleted.
func factLines(s plan.State) []string {
	var out []string
	for _, r := range s.All() {
		for _, f := range r.Fields {
			if r.Presence == plan.Gone {
				continue
			}
			for _, v := range f.Values {
				out = append(out, r.Key.String()+" "+f.Name+" "+v)
			}
		}
	}
	return out
}
