package questions_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// asked answers a question as the commands do.
func asked(t testing.TB, w *questions.World, q questions.Question, args ...string) questions.Answer {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	object := func(i int) questions.Object {
		o, err := w.Object(args[i])
		must(err)
		return o
	}
	privilege := func(i int, o questions.Object) (string, plan.Key) {
		p, k, err := w.Privilege(args[i], o)
		must(err)
		return p, k
	}
	if q == questions.WhoCan {
		o := object(1)
		p, k := privilege(0, o)
		return w.WhoCan(p, k, o)
	}
	who, err := w.Principal(args[0])
	must(err)
	switch q {
	case questions.WhatCan:
		return w.WhatCan(who)
	case questions.Explain:
		return w.Explain(who, object(1))
	}
	o := object(2)
	p, k := privilege(1, o)
	return w.WhyNot(who, p, k, o)
}

func text(t testing.TB, w *questions.World, a questions.Answer) string {
	t.Helper()
	var b bytes.Buffer
	if err := questions.Text(&b, a, w.Platform, render.TextOptions{Now: now}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	december = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	june     = time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	october  = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

func at(line int) plan.Pos { return plan.Pos{File: "a.yaml", Line: line} }

// entries is a world in which everything has an end, a reason or no entry at all.
func entries(t testing.TB) *questions.World {
	t.Helper()
	team := resource("group@account/grp_a_prd", "member=user:ann@example.com,user:bob@example.com")
	team = claimed(team, "member", "user:ann@example.com", plan.Origin{Pos: at(3), Until: june, Reason: "the Q1 campaign"})
	team = claimed(team, "member", "user:carl@example.com", plan.Origin{Pos: at(4), Until: october, Ends: "revoked (unused)"})
	team = claimed(team, "member", "user:dora@example.com", plan.Origin{Pos: at(5)})
	table := resource("grants@metastore/table/gold_prd.s.t", "group:grp_a_prd=SELECT")
	table = claimed(table, "group:grp_a_prd", "SELECT", plan.Origin{Pos: at(9), Until: december})
	return live(t, team, table,
		resource("grants@metastore/catalog/gold_prd", "group:account users=USE_CATALOG", "group:AAD-Synced=SELECT"),
		resource("grants@metastore/schema/gold_prd.s", "group:account users=USE_SCHEMA"),
		resource("owner@metastore/table/gold_prd.s.t", "owner=user:olga@example.com"),
		resource("owner@metastore/catalog/gold_prd", "owner=user:olga@example.com"),
		resource("owner@metastore/schema/gold_prd.s", "owner=user:olga@example.com"),
		resource("grants@metastore/metastore/current"),
	)
}

func TestWhoCanSaysByWhatUntilWhenAndWhere(t *testing.T) {
	w := entries(t)
	want := `SELECT on table gold_prd.s.t in prd (live): 3 users, 1 group of unknown members.

principal              until       how                         where
group:AAD-Synced                   SELECT on catalog gold_prd  only live
user:ann@example.com   2026-12-31  SELECT through grp_a_prd    a.yaml:3 > a.yaml:9
    "the Q1 campaign"
user:bob@example.com   2026-12-31  SELECT through grp_a_prd    only live > a.yaml:9
user:olga@example.com              owner                       only live
`
	if diff := cmp.Diff(want, text(t, w, asked(t, w, questions.WhoCan, "select", "gold_prd.s.t"))); diff != "" {
		t.Error(diff)
	}
}

func TestWhyNotSaysWhatWouldMendIt(t *testing.T) {
	w := entries(t)
	desired := w.State
	w.After = access.New(desired, w.Platform.Platform, now)
	for _, test := range []struct {
		name, who, privilege, object string
		parts                        []string
	}{
		{"it has ended", "carl@example.com", "select", "gold_prd.s.t", []string{
			"Nothing gives user:carl@example.com SELECT on table gold_prd.s.t",
			"mended by: an entry of a Grants document on {type: table, name: gold_prd.s.t}",
			"- {user: carl@example.com, privileges: [SELECT]}",
			"or by: membership in group:AAD-Synced or group:grp_a_prd",
			"Membership of user:carl@example.com in group grp_a_prd has ended: revoked (unused) 2026-10-31.",
			"a.yaml:4",
		}},
		{"it is declared and not live", "dora@example.com", "select", "gold_prd.s.t", []string{
			"Membership of user:dora@example.com in group grp_a_prd is declared and not live.",
			"mended by: brickgate apply",
		}},
		{"a companion is missing", "ann@example.com", "modify", "gold_prd.s.t", []string{"Nothing gives user:ann@example.com MODIFY"}},
		{"a group by the documents' name", "spn_a", "select", "gold_prd.s.t", []string{"- {servicePrincipal: spn_a, privileges: [SELECT]}"}},
		{"a workspace", "ann@example.com", "user", "main", []string{"Nothing gives user:ann@example.com USER on workspace main", "membership in a group that is placed in workspace main"}},
		{"a workspace and a group", "grp_a", "workspace-access", "workspace:main", []string{`workspaces: {main: {entitlements: [workspace-access]}}`}},
		{"nobody knows who is in a group", "ann@example.com", "manage", "gold_prd", []string{"Nothing gives"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := text(t, w, asked(t, w, questions.WhyNot, test.who, test.privilege, test.object))
			for _, part := range test.parts {
				if !strings.Contains(strings.Join(strings.Fields(out), " "), part) {
					t.Errorf("%q is missing in:\n%s", part, out)
				}
			}
		})
	}
	if out := text(t, w, asked(t, w, questions.WhyNot, "ann@example.com", "select", "gold_prd.s.t")); !strings.HasPrefix(out, "user:ann@example.com has SELECT on table gold_prd.s.t in prd (live):") {
		t.Errorf("who has it:\n%s", out)
	}
}

func TestWhyNotSaysWhatApplyWouldChange(t *testing.T) {
	w := entries(t)
	all := slices.Clone(w.State.All())
	for i := range all {
		if all[i].Key.Kind == "group" {
			all[i].Fields = []plan.Field{{Name: "member", Values: []string{"user:dora@example.com"}}}
		}
	}
	w.After = access.New(plan.NewState(all), w.Platform.Platform, now)
	a := asked(t, w, questions.WhyNot, "dora@example.com", "select", "gold_prd.s.t")
	if a.AfterApply == nil || !*a.AfterApply || !strings.Contains(text(t, w, a), "it has it after brickgate apply.") {
		t.Error(text(t, w, a))
	}
	a = asked(t, w, questions.WhyNot, "carl@example.com", "select", "gold_prd.s.t")
	if a.AfterApply == nil || *a.AfterApply || !strings.Contains(text(t, w, a), "brickgate apply changes nothing about that.") {
		t.Error(text(t, w, a))
	}
}

const hostile = "x\x1b[2J\u202e\"\n::error::<script>&`|"

// everything asks all kinds of questions, of a world with hostile names too.
func everything(t *testing.T) (worlds []*questions.World, answers []questions.Answer) {
	t.Helper()
	ask := func(w *questions.World, q questions.Question, args ...string) {
		worlds, answers = append(worlds, w), append(answers, asked(t, w, q, args...))
	}
	w := world(t)
	for _, o := range []string{"gold_prd.s.t", "main", "account", "metastore", "main/warehouse:bi", "gold_prd.s.unowned", "directory:/Shared/x"} {
		for _, who := range []string{"ann@example.com", "grp_a", "account users", "spn_a", "nobody@example.com"} {
			ask(w, questions.Explain, who, o)
			ask(w, questions.WhatCan, who)
		}
	}
	for _, q := range [][2]string{{"SELECT", "gold_prd.s.t"}, {"USER", "main"}, {"account_admin", "account"}, {"CAN_USE", "main/warehouse:bi"}, {"MANAGE", "gold_prd"}, {"CREATE_CATALOG", "metastore"}} {
		ask(w, questions.WhoCan, q[0], q[1])
		ask(w, questions.WhyNot, "nobody@example.com", q[0], q[1])
		ask(w, questions.WhyNot, "ann@example.com", q[0], q[1])
	}
	e := entries(t)
	ask(e, questions.WhyNot, "carl@example.com", "select", "gold_prd.s.t")
	bad := resource("group@account/"+hostile, "member=user:ann@example.com")
	bad = claimed(bad, "member", "user:ann@example.com", plan.Origin{Pos: plan.Pos{File: hostile, Line: 1}, Reason: hostile, Until: june})
	h := live(t, bad, resource("permissions@main/jobs/"+hostile, "group:"+hostile+"=CAN_VIEW"), resource("assignment@main/group:"+hostile, "permission=USER"))
	ask(h, questions.WhoCan, "view", "main/job:"+hostile)
	ask(h, questions.Explain, "ann@example.com", "main/job:"+hostile)
	ask(h, questions.WhyNot, "group:"+hostile, "manage", "main/job:"+hostile)
	ask(h, questions.WhatCan, "group:"+hostile)
	return worlds, answers
}

// strict is the schema, with nothing allowed that it does not name.
func strict(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(questions.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	var close func(v any)
	close = func(v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		if m["type"] == "object" {
			m["additionalProperties"] = false
		}
		for _, name := range []string{"definitions", "properties"} {
			of, _ := m[name].(map[string]any)
			for _, inner := range of {
				close(inner)
			}
		}
	}
	close(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("answer.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnswersAreWhatTheSchemaSays(t *testing.T) {
	s := strict(t)
	_, answers := everything(t)
	for i, a := range answers {
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); err != nil {
			t.Errorf("answer %d: %v\n%.300s", i, err, data)
		}
	}
}

func TestNothingInAnAnswerSteersATerminal(t *testing.T) {
	worlds, answers := everything(t)
	for i, a := range answers {
		out := text(t, worlds[i], a)
		if at := strings.IndexFunc(out, func(c rune) bool { return c != '\n' && (c < ' ' || c == 0x202e) }); at >= 0 {
			t.Errorf("answer %d: %q", i, out[at:])
		}
		for l := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(l), "::") {
				t.Errorf("answer %d commands a runner: %s", i, l)
			}
		}
	}
}

// TestPicturesShowWhatTheAnswerSays draws every answer: each edge has its nodes, and
// who is told of is there.
func TestPicturesShowWhatTheAnswerSays(t *testing.T) {
	worlds, answers := everything(t)
	for i, a := range answers {
		g := worlds[i].Picture(a)
		var ids []string
		for _, n := range g.Nodes {
			ids = append(ids, n.ID)
		}
		for _, e := range g.Edges {
			if !slices.Contains(ids, e.From) || !slices.Contains(ids, e.To) {
				t.Errorf("answer %d: an edge from %q to %q", i, e.From, e.To)
			}
		}
		for _, h := range a.Holders {
			if !slices.Contains(ids, h.Principal) {
				t.Errorf("answer %d: %s is not drawn", i, h.Principal)
			}
		}
		for _, write := range []func() error{
			func() error { return render.SVG(new(bytes.Buffer), g) }, func() error { return render.DOT(new(bytes.Buffer), g) },
		} {
			if err := write(); err != nil {
				t.Errorf("answer %d: %v", i, err)
			}
		}
	}
}

// TestDesiredSaysWhatTheRepositoryLeavesOpen speaks of the repository, which cannot
// be read wrongly.
func TestDesiredSaysWhatTheRepositoryLeavesOpen(t *testing.T) {
	w := world(t)
	w.On = questions.Desired
	out := text(t, w, asked(t, w, questions.WhoCan, "select", "gold_prd.s.t"))
	if !strings.Contains(out, "The repository does not say who owns") || strings.Contains(out, "Not known") {
		t.Error(out)
	}
}
