package spec

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// team and service are document kinds that use every form of the language.
type team struct {
	Description  Text      `yaml:"description" doc:"what it is for"`
	Level        Text      `yaml:"level" enum:"account,workspace"`
	Members      []member  `yaml:"members"`
	Authority    string    `yaml:"authority" enum:"managed,exact,merge"`
	Workspaces   Map[seat] `yaml:"workspaces"`
	Roles        []Text    `yaml:"roles" spec:"nonempty"`
	Environments EnvNames  `yaml:"environments"`
	LiveNaming   `yaml:",inline"`
	Pos          Pos `yaml:"-"`
}

type member struct {
	Ref   `yaml:",inline"`
	Terms `yaml:",inline"`
}

type seat struct {
	Permission   Text   `yaml:"permission" spec:"required" enum:"USER,ADMIN"`
	Entitlements []Text `yaml:"entitlements"`
}

type service struct {
	ApplicationID ByEnvironment `yaml:"applicationId"`
	In            OneOrMany     `yaml:"in"`
	Limit         Int           `yaml:"limit"`
	Share         Percent       `yaml:"share"`
	Every         Span          `yaml:"every"`
	Due           When          `yaml:"due" spec:"required"`
	Pinned        *bool         `yaml:"pinned"`
	Extra         Free          `yaml:"extra"`
	Metadata      Metadata      `yaml:"-" domain:"optional"`
}

// Check reports a service that is due before the language was made.
func (s *service) Check(c *Checker) {
	if strings.HasPrefix(s.Due.String(), "19") {
		c.Errorf(s.Due.Pos(), "%s %s is too old", c.Kind, c.Metadata.Name)
	}
}

func testKinds() []Kind {
	return []Kind{{"Team", reflect.TypeFor[team]()}, {"Service", reflect.TypeFor[service]()}}
}

const smallProject = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {}}
  environments:
    dev: {account: main, suffix: _dev, workspaces: {main: {}}}
    prd: {account: main, suffix: _prd, workspaces: {main: {}}}
  adoption: none
`

// write makes a repository of files: pairs of a name and a text.
func write(t testing.TB, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// small makes a repository with a small Project and further files.
func small(t testing.TB, files ...string) string {
	t.Helper()
	return write(t, append([]string{projectFile, smallProject}, files...)...)
}

func mustLoad(t testing.TB, dir string) *Repository {
	t.Helper()
	r, err := Load(dir, testKinds())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return r
}

// aTeam and aService are documents with the given lines as their spec; the
// first of them is line 5 of the file.
func aTeam(spec string) string {
	return "apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: core}\nspec:\n" + spec
}

func aService(spec string) string {
	return "apiVersion: brickgate.dev/v1\nkind: Service\nmetadata: {name: job}\nspec:\n" + spec
}

func TestLoadKeepsValuesAndTheirPositions(t *testing.T) {
	dir := small(t, "teams/core.yaml", aTeam(`  description: "the core"
  members:
    - user: Alice@Example.com
    - {group: grp_x, expires: 2026-12-31, environments: [dev]}
  workspaces: {ml: {permission: USER, entitlements: []}, main: {permission: ADMIN}}
  environments: [prd]
`))
	r := mustLoad(t, dir)
	if len(r.Entries) != 1 {
		t.Fatalf("want one entry, got %v", r.Entries)
	}
	e := r.Entries[0]
	at := func(line, col int) Pos { return Pos{"teams/core.yaml", line, col} }
	if e.Kind != "Team" || e.Name != "core" || e.Pos != at(3, 18) {
		t.Errorf("entry is %s %q at %s", e.Kind, e.Name, e.Pos)
	}
	if !e.In("prd") || e.In("dev") {
		t.Errorf("the document is for prd alone, not %v", e.Environments)
	}
	until, err := ParseWhen("2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	until.pos = at(8, 31)
	want := &team{
		Description: Text{"the core", at(5, 16)},
		Members: []member{
			{Ref: Ref{User: Text{"Alice@Example.com", at(7, 13)}, Pos: at(7, 7)}},
			{Ref: Ref{Group: Text{"grp_x", at(8, 15)}, Pos: at(8, 7)},
				Terms: Terms{Expires: until, Environments: EnvNames{{"dev", at(8, 58)}}}},
		},
		Workspaces: Map[seat]{Pos: at(9, 15), Entries: []MapEntry[seat]{
			{Text{"ml", at(9, 16)}, seat{Text{"USER", at(9, 33)}, []Text{}}},
			{Text{"main", at(9, 58)}, seat{Permission: Text{"ADMIN", at(9, 77)}}},
		}},
		Environments: EnvNames{{"prd", at(10, 18)}},
		Pos:          at(5, 3),
	}
	if diff := cmp.Diff(want, e.Spec); diff != "" {
		t.Errorf("spec differs (-want +got):\n%s", diff)
	}
	got := e.Spec.(*team)
	if m := got.Members[0]; m.Kind() != RefUser || m.Name() != "alice@example.com" {
		t.Errorf("the first member is %s", m)
	}
}

func TestLoadAbsentIsNilAndEmptyIsNot(t *testing.T) {
	r := mustLoad(t, small(t, "a.yaml", aTeam("  members: []\n")))
	got := r.Entries[0].Spec.(*team)
	if got.Members == nil {
		t.Error("members: [] is nil, as if it were absent")
	}
	if got.Roles != nil || !got.Workspaces.IsZero() {
		t.Error("absent fields are not nil")
	}
}

func TestEntriesAreSortedByFileAndPosition(t *testing.T) {
	doc := func(name string) string {
		return "apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: " + name + "}\nspec: {}\n"
	}
	r := mustLoad(t, write(t,
		projectFile, doc("one")+"---\n"+smallProject+"---\n"+doc("two"),
		"z.yaml", doc("five"), "a.yml", doc("zero")+"---\n---\n# nothing\n---\n"+doc("half"),
		"b/c.yaml", doc("a")))
	var names []string
	for _, e := range r.Entries {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{"zero", "half", "a", "one", "two", "five"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if want := (Pos{projectFile, 8, 18}); r.ProjectPos != want {
		t.Errorf("the Project is at %s, want %s", r.ProjectPos, want)
	}
}

func TestUnknownEnvironmentListsTheKnown(t *testing.T) {
	r := mustLoad(t, small(t))
	if e, err := r.Environment("prd"); err != nil || e.Name != "prd" || e.Suffix.Value != "_prd" {
		t.Errorf("Environment(prd) = %v, %v", e, err)
	}
	_, err := r.Environment("prod")
	want := `unknown environment "prod" (did you mean "prd"?); known: dev, prd`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
