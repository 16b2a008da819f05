package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// acme is a Project with one environment, two workspaces and three layers. Tests
// add to it at the end.
const acme = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {}}
  environments:
    dev:
      account: main
      suffix: _dev
      workspaces: {main: {host: "https://main.example.com"}, ml: {host: "https://ml.example.com"}}
      catalogs: {bronze: bronze_dev, silver: silver_dev, gold: gold_dev}
  owns:
    groups: ["*"]
    servicePrincipals: ["*"]
    users: ["*@example.com"]
    catalogs: ["{bronze}", "{silver}", "{gold}"]
    objects: [{workspace: "*", type: jobs, name: "*"}, {workspace: "*", type: clusters, name: "*"}]
    assignments: true
  external: {groups: ["AAD-*"], servicePrincipals: {sp-tableau: "cccccccc-0000-0000-0000-000000000001"}}
  adoption: none
`

// now is the instant at which tests about claims ask.
var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// doc is a document of four lines or more: the spec begins on the fourth.
func doc(kind, name, spec string) string {
	return fmt.Sprintf("apiVersion: brickgate.dev/v1\nkind: %s\nmetadata: {name: %s}\nspec: %s\n", kind, name, spec)
}

// docs joins documents in one file: with specs of one line, that of the second is
// on line 9, of the third on line 14.
func docs(documents ...string) string { return strings.Join(documents, "---\n") }

// declaredInput is what the rules see of a repository with the project and the
// documents in a.yaml.
func declaredInput(t testing.TB, project, documents string) Input {
	t.Helper()
	repo := repository(t, map[string]string{"brickgate.yaml": project, "a.yaml": documents})
	d, err := reconcile.Declare(repo, "dev")
	if err != nil {
		t.Fatalf("declare: %v", err)
	}
	return Input{
		Project: d.Project, Env: d.Env, Catalogue: d.Catalogue, Now: now,
		Declared: d.Resources, Uses: d.Uses, Owned: d.Owned,
	}
}

// ruling is a test of one rule: what it finds in a repository.
type ruling struct {
	name    string
	project string // after acme
	docs    string
	live    *Live
	want    string // without the code; each § is the place of the next § in docs
}

// rule runs the tests of a rule.
func rule(t *testing.T, code string, tests []ruling) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			docs, want := places(tt.docs, tt.want)
			in := declaredInput(t, acme+tt.project, docs)
			in.Live = tt.live
			var b strings.Builder
			for _, f := range check(t, in) {
				if f.Code == code {
					fmt.Fprintf(&b, "%s:%d %s %s\n", f.Pos, f.Pos.Col, f.Level, f.Message)
					if f.Doc.Line == 0 || f.Doc.File != f.Pos.File || f.Doc.Line > f.Pos.Line {
						t.Errorf("the finding is in the document at %s:%d", f.Doc, f.Doc.Col)
					}
				}
			}
			same(t, b.String(), strings.ReplaceAll(want, "\t", ""))
		})
	}
}

// places takes the marks out of the documents of a.yaml, and puts where they were
// in place of those in want.
func places(docs, want string) (string, string) {
	for {
		before, after, found := strings.Cut(docs, "§")
		if !found {
			return docs, want
		}
		col := len(before) - strings.LastIndex(before, "\n")
		want = strings.Replace(want, "§", fmt.Sprintf("a.yaml:%d:%d", 1+strings.Count(before, "\n"), col), 1)
		docs = before + after
	}
}

// live is a live state: resources of one field each, "grants@metastore/table/a.b.c
// group:x SELECT MODIFY".
func live(resources ...string) *Live {
	var all []plan.Resource
	for _, text := range resources {
		f := strings.Split(text, " | ")
		kind, rest, _ := strings.Cut(f[0], "@")
		target, name, _ := strings.Cut(rest, "/")
		r := plan.Resource{Key: plan.Key{Kind: kind, Target: target, Name: name}}
		if kind == kindGroup {
			r.Presence = plan.Present
		}
		if len(f) > 1 {
			r.Fields = []plan.Field{{Name: f[1], Values: f[2:]}}
		}
		all = append(all, r)
	}
	l := &Live{State: plan.NewState(all)}
	l.Members = func(group string) ([]string, bool) {
		r, ok := l.State.Get(plan.Key{Kind: kindGroup, Target: accountTarget, Name: strings.TrimPrefix(group, "group:")})
		if !ok {
			return nil, false
		}
		f, read := r.Field(fieldMember)
		return f.Values, read
	}
	return l
}

// changes is what a plan would do to make the live state as declared.
func changes(t testing.TB, in Input) []plan.Change {
	t.Helper()
	desired, conflicts := plan.Fold(copied(in), in.Now)
	if len(conflicts) > 0 {
		t.Fatalf("conflicts: %v", conflicts)
	}
	return plan.Diff(desired, in.Live.State, plan.Scope{Owned: in.Owned}).Changes
}

// copied are the claims of an input, for what writes to them.
func copied(in Input) []plan.Resource {
	out := slices.Clone(in.Declared)
	for i := range out {
		out[i].Claims, out[i].Fields = slices.Clone(out[i].Claims), slices.Clone(out[i].Fields)
	}
	return out
}
