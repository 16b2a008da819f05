package reconcile_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/spec"

	"github.com/brickgate/brickgate/reconcile"
)

const example = "../examples/lakehouse"

// exampleLab is examples/lakehouse with the world that it comes with.
func exampleLab(t *testing.T) *lab {
	t.Helper()
	seed, err := os.ReadFile(example + "/sandbox.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l := newLab(t, string(seed), project, nil)
	if err := os.Remove(l.dir + "/brickgate.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(l.dir, os.DirFS(example)); err != nil {
		t.Fatal(err)
	}
	return l
}

// A plan of nothing makes at most a tenth more requests than what there is to
// read: the lists that the scope needs, each with its final empty page where it
// has one, one GET per account group, securable and object in scope, one per
// declared path, and three per client.
func TestRequestsOfAnEmptyPlan(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"dev", "prd"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			l := exampleLab(t)
			l.env = env
			l.converge()
			l.ResetRequests()
			l.want("")
			got := len(l.Requests())
			workspaces := len(l.environment().Workspaces.Keys())
			formula := l.toRead() + 3*(1+workspaces)
			t.Logf("%s: %d requests, the formula says %d", env, got, formula)
			if got*10 > formula*11 {
				t.Errorf("%d requests are more than 1.1 × %d", got, formula)
			}
			// The account's client asks for the host's metadata, a workspace's also who
			// we are, and one of them for the metastore; a page of users that is
			// everybody needs no empty one after it.
			if exact := l.toRead() + 1 + 2*workspaces + 1 - 1; got != exact {
				t.Errorf("%d requests, and it takes %d", got, exact)
			}
		})
	}
}

func (l *lab) repository() *spec.Repository {
	l.t.Helper()
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		l.t.Fatal(err)
	}
	return repo
}

func (l *lab) environment() *spec.Environment {
	l.t.Helper()
	env, err := l.repository().Environment(l.env)
	if err != nil {
		l.t.Fatal(err)
	}
	return env
}

// toRead counts from the live state and the documents, never from the client.
func (l *lab) toRead() int {
	repo, env, st := l.repository(), l.environment(), l.State()
	catalogs := l.ownedCatalogs(env)
	n := 3 * 2 // users, groups, service principals of the account: a page and the empty one
	n += l.groupsInScope(repo, env, st)
	for _, w := range env.Workspaces.Keys() {
		n += 2 + 1 // groups; assignments
		n += robotPages(st, workspace(st, l.env+"/"+w))
		n += l.objectRequests(repo, w, st)
	}
	n++ // catalogs
	for _, s := range st.Securables {
		if !slices.Contains(catalogs, strings.Split(s.Name, ".")[0]) {
			continue
		}
		n++ // its grants
		switch s.Type {
		case "catalog":
			n++ // its schemas
		case "schema":
			n += 4 // tables, volumes, functions, models
		}
	}
	return n
}

// robotPages are those of a workspace's service principals: where there are none,
// the empty page is the first.
func robotPages(st *sandbox.State, w *sandbox.Workspace) int {
	all := tokens(st)
	for _, a := range w.Assignments {
		who := all[a.Principal]
		if name, ok := strings.CutPrefix(who, "group:"); ok {
			who += " " + members(st, name)
		}
		if strings.Contains(who, "sp:") {
			return 2
		}
	}
	return 1
}

func (l *lab) ownedCatalogs(env *spec.Environment) []string {
	var names []string
	for _, layer := range env.Catalogs.Entries {
		for _, c := range layer.Value {
			names = append(names, c.Value)
		}
	}
	return names
}

// groupsInScope are the account groups whose members the documents declare, those
// of products included, and the synced groups that entries are compared with.
func (l *lab) groupsInScope(repo *spec.Repository, env *spec.Environment, st *sandbox.State) int {
	n := 0
	for _, g := range st.Account.Groups {
		if strings.HasPrefix(g.DisplayName, "dp-") && strings.HasSuffix(g.DisplayName, env.Suffix.Value) {
			n++
		}
	}
	for _, e := range repo.Entries {
		if p, ok := e.Spec.(*spec.Product); ok {
			for _, g := range p.Groups.Entries {
				if g.Value.Source.Value == "external" {
					n++
				}
			}
		}
		g, ok := e.Spec.(*reconcile.Group)
		if !ok || !e.In(env.Name) || g.Source.Value == "external" {
			continue
		}
		live := g.LiveName(e.Name, env)
		if slices.ContainsFunc(st.Account.Groups, func(have sandbox.Group) bool { return have.DisplayName == live }) {
			n++
		}
	}
	return n
}

// objectRequests are one list per type that owns patterns name in the workspace,
// one lookup per path, and one ACL per object in scope.
func (l *lab) objectRequests(repo *spec.Repository, workspaceName string, st *sandbox.State) int {
	types, n := map[string]bool{}, 0
	for _, o := range repo.Project.Owns.Objects {
		if o.Workspace.Value != workspaceName && o.Workspace.Value != "*" {
			continue
		}
		if !o.Path.IsZero() {
			n++ // one lookup
		} else if !types[o.Type.Value] {
			types[o.Type.Value] = true
			n++ // one list
		}
		for _, have := range workspace(st, l.env+"/"+workspaceName).Objects {
			if have.Type == o.Type.Value && (have.Path == o.Path.Value && have.Path != "" || !o.Name.IsZero() && spec.MatchName(o.Name.Value, have.Name)) {
				n++ // its ACL
			}
		}
	}
	return n
}

// Users are listed or looked up, whichever takes fewer requests.
func TestUsersAreFoundInFewRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ named, most int }{{1, 3}, {70, 5}, {400, 6}} {
		var entries []string
		l := newLab(t, world, project, nil)
		l.change(func(st *sandbox.State) {
			for i := range 500 {
				name := fmt.Sprintf("o'u%03d@example.com", i)
				st.Account.Users = append(st.Account.Users, sandbox.User{UserName: name})
				if i >= 500-test.named {
					entries = append(entries, `{user: "`+name+`"}`)
				}
			}
		})
		l.put("access.yaml", doc("Group", "grp_many", `{members: [`+strings.Join(entries, ", ")+`]}`))
		l.SetKnobs(sandbox.Knobs{PageSize: 100})
		l.ResetRequests()
		_, p := l.plan()
		if n := strings.Count(show(p), "+user:"); n != test.named || len(p.Warnings) > 0 {
			t.Errorf("%d of %d users are found; warnings: %v", n, test.named, p.Warnings)
		}
		lists := 0
		for _, r := range l.Requests() {
			if strings.HasSuffix(r.Path, "/Users") {
				lists++
			}
		}
		if lists > test.most {
			t.Errorf("%d requests find %d of 500 users, want at most %d", lists, test.named, test.most)
		}
	}
}
