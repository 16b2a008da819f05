package render_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// gain is an effect on an object, with the entry that makes it.
func gain(object string, o *plan.Origin, privileges ...string) plan.Effect {
	return plan.Effect{
		Object: key(object), Privileges: privileges, Gained: true, Count: 1, Named: []string{"user:ann@example.com"}, Before: 3, After: 4,
		Causes: []plan.Cause{{Fact: plan.Fact{Key: key("group@account/team"), Field: "member", Value: "user:ann@example.com"}, Origin: o}},
	}
}

// weighed is a plan with every kind of effect.
func weighed(t *testing.T) plan.Plan {
	o := entry("teams.yaml", 4, "", "")
	member := plan.Fact{Key: key("group@account/team"), Field: "member", Value: "user:ann@example.com"}
	risky := gain("grants@metastore/table/gold.sales.customers", o, "ALL_PRIVILEGES", "APPLY_TAG", "MODIFY", "REFRESH", "SELECT")
	risky.Product, risky.Risks = "orders", []plan.Risk{plan.RiskPersonalData, plan.RiskProduction}
	risky.Way = []plan.Step{
		{From: "user:ann@example.com", To: "group:team", Fact: member, New: true},
		{From: "group:team", Fact: plan.Fact{Key: risky.Object, Field: "group:team", Value: "ALL_PRIVILEGES"}},
	}
	ending := gain("grants@metastore/schema/gold.sales", entry("teams.yaml", 5, "2026-12-31", ""), "SELECT")
	ending.Product, ending.Count, ending.Contents = "orders", 23, 12
	ending.After = 26
	for i := range 20 {
		ending.Named = append(ending.Named, fmt.Sprintf("user:u%02d@example.com", i))
	}
	ending.Named = ending.Named[:20]
	lost := gain("grants@metastore/table/gold.sales.customers", nil, "SELECT")
	lost.Product, lost.Gained, lost.Before, lost.After = "orders", false, 2, 1
	open := gain("grants@metastore/volume/gold.sales.exports", o, "READ_VOLUME")
	open.Count, open.Named, open.Risks = 0, nil, []plan.Risk{plan.RiskExternalParty, plan.RiskExternalGroup}
	open.Open = []plan.OpenGroup{{Group: "group:AAD-Everyone", Heads: 4210}}
	unknown := gain("permissions@main/sql-warehouses/bi", o, "CAN_USE", "CAN_VIEW")
	unknown.Named, unknown.Risks = []string{"sp:etl"}, []plan.Risk{plan.RiskEverybody}
	unknown.Open = []plan.OpenGroup{{Group: "group:account users", Heads: -1}, {Group: "group:AAD-Sales", Heads: -1}}
	way := gain("grants@metastore/catalog/gold", o, "USE_CATALOG")
	effects := []plan.Effect{unknown, risky, open, ending, lost, way}
	for i := range 6 { // with one and the same effect
		e := gain(fmt.Sprintf("grants@metastore/table/gold.hr.t%d", i), o, "SELECT")
		e.Before, e.After = i, i+1
		effects = append(effects, e)
	}
	p := made(t, []plan.Resource{{Key: key("group@account/team"), Presence: plan.Present, Origin: o, Claims: []plan.Claim{
		want("member", "user:ann@example.com", o), want("member", "user:bob@example.com", o), want("member", "group:none", o), want("member", "user:cy@example.com", o),
	}}}, []plan.Resource{{Key: key("group@account/team"), Presence: plan.Present, Fields: []plan.Field{field("member", "user:dan@example.com")}}})
	idle := func(value string, removed bool) plan.Idle {
		return plan.Idle{Fact: plan.Fact{Key: key("group@account/team"), Field: "member", Value: value}, Removed: removed}
	}
	bob, none, cy, dan := idle("user:bob@example.com", false), idle("group:none", false), idle("user:cy@example.com", false), idle("user:dan@example.com", true)
	bob.Through = []plan.Fact{{Key: risky.Object, Field: "group:others", Value: "SELECT"}}
	none.Why, cy.Why = plan.NobodyIn, "needs USE_SCHEMA on schema gold.sales"
	dan.Through = []plan.Fact{{Key: key("owner@metastore/table/gold.sales.customers"), Field: "owner", Value: "user:dan@example.com"}}
	p.Impact = &plan.Impact{Effects: effects, Idle: []plan.Idle{bob, none, cy, dan}, Unknown: []string{"the owner of schema gold.sales"}}
	return p
}

func TestImpact(t *testing.T) {
	golden(t, "impact.txt", text(t, weighed(t), render.TextOptions{}))
	_, out, _ := strings.Cut(comment(t, weighed(t), render.MarkdownOptions{}), "### Impact")
	out, _, _ = strings.Cut(out, "### Additions")
	golden(t, "impact.md", out)
}

// TestAPageTellsTheImpactAsACommentDoes finds every sentence and every place of the
// Markdown in the page.
func TestAPageTellsTheImpactAsACommentDoes(t *testing.T) {
	p := weighed(t)
	seen := words(elements(parsedPage(t, page(t, p)), "main")[0])
	told := 0
	for line := range strings.Lines(comment(t, p, render.MarkdownOptions{})) {
		line, effect := strings.CutPrefix(strings.TrimSpace(line), "- **")
		if !effect || strings.HasPrefix(line, "deleted") {
			continue
		}
		sentence, _, _ := strings.Cut(line, " · ")
		sentence, _, _ = strings.Cut(sentence, " and 2 more")
		sentence = strings.NewReplacer("+** ", "", "−** ", "", "`", "").Replace(sentence)
		if told++; !strings.Contains(seen, sentence) {
			t.Errorf("no %q in the page:\n%s", sentence, seen)
		}
	}
	if told != 6 {
		t.Errorf("%d sentences", told)
	}
}

// TestCausesOfAllObjectsAreNamed puts objects together that have the same effect by
// entries of their own.
func TestCausesOfAllObjectsAreNamed(t *testing.T) {
	p := weighed(t)
	p.Impact.Effects = nil
	for i := range 3 {
		e := gain(fmt.Sprintf("grants@metastore/table/gold.sales.t%d", i), nil, "SELECT")
		e.Causes = []plan.Cause{{Fact: plan.Fact{Key: e.Object, Field: "group:team", Value: "SELECT"}, Origin: entry("a.yaml", 10+i, "", "")}}
		p.Impact.Effects = append(p.Impact.Effects, e)
	}
	elsewhere := gain("permissions@dev/clusters/etl", entry("b.yaml", 1, "", ""), "CAN_RESTART")
	here := elsewhere
	here.Object.Target = "prd"
	p.Impact.Effects = append(p.Impact.Effects, elsewhere, here)
	for form, got := range map[string]string{
		"text": text(t, p, render.TextOptions{}), "Markdown": comment(t, p, render.MarkdownOptions{}), "page": page(t, p),
	} {
		for _, want := range []string{":10", ":11", ":12", "in workspace"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %s in\n%s", form, want, got)
			}
		}
	}
	if got := text(t, p, render.TextOptions{}); !strings.Contains(got, "cluster etl in workspace dev\n") || !strings.Contains(got, "cluster etl in workspace prd\n") {
		t.Errorf("two workspaces are one:\n%s", got)
	}
}

func TestImpactFitsTheWidth(t *testing.T) {
	for _, width := range []int{60, 80, 140} {
		_, impact, _ := strings.Cut(text(t, weighed(t), render.TextOptions{Width: width}), "impact:")
		for line := range strings.Lines(impact) {
			if n := ansi.StringWidth(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d columns for %d: %q", n, width, line)
			}
		}
	}
}

func TestAPlanThatDoesNothingToAnybodySaysSo(t *testing.T) {
	p := weighed(t)
	p.Impact.Effects = nil
	if got := text(t, p, render.TextOptions{}); !strings.Contains(got, "\nimpact: nobody can do more or less than before\n") {
		t.Error(got)
	}
	if got := text(t, p, render.TextOptions{}); !strings.Contains(got, "  ? not known, and could mean more: the owner of schema gold.sales\n") {
		t.Errorf("it does not say what it does not know:\n%s", got)
	}
	p.Changes = nil
	if got := text(t, p, render.TextOptions{}); strings.Contains(got, "impact") {
		t.Errorf("a plan without changes tells of an impact:\n%s", got)
	}
	p.Impact = nil
	text(t, p, render.TextOptions{})
}

// TestManyObjectsAreOneBlockInTime would take minutes if joining them copied what is
// there already.
func TestManyObjectsAreOneBlockInTime(t *testing.T) {
	p := weighed(t)
	p.Impact.Effects = nil
	for i := range 20_000 {
		e := gain(fmt.Sprintf("grants@metastore/table/gold.sales.t%05d", i), nil, "SELECT")
		e.Causes = []plan.Cause{{Fact: plan.Fact{Key: e.Object, Field: "group:team", Value: "SELECT"}, Origin: entry("a.yaml", i, "", "")}}
		p.Impact.Effects = append(p.Impact.Effects, e)
	}
	start := time.Now()
	out := comment(t, p, render.MarkdownOptions{})
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("%s", took)
	}
	if !strings.Contains(out, "can read 20,000 tables: ") || !strings.Contains(out, "and because of 19,997 more") {
		t.Error(out)
	}
}

// TestManyEffectsAreCounted leaves plain gains out before losses and risks.
func TestManyEffectsAreCounted(t *testing.T) {
	p := weighed(t)
	p.Impact.Effects = nil
	for i := range 300 {
		e := gain(fmt.Sprintf("grants@metastore/table/gold.sales.t%03d", i), entry("a.yaml", 1, "", ""), "SELECT")
		e.Named = []string{fmt.Sprintf("user:u%03d@example.com", i)} // alike, and not the same
		if i%5 == 0 {
			e.Gained = false
		}
		p.Impact.Effects = append(p.Impact.Effects, e)
	}
	got := text(t, p, render.TextOptions{})
	if n := strings.Count(got, " can no longer read it"); n != 60 {
		t.Errorf("%d losses told, want all 60", n)
	}
	if n := strings.Count(got, " can read it"); n != 25 {
		t.Errorf("%d gains told, want 25", n)
	}
	if !strings.Contains(got, "  and on 215 more objects: 215 gains, 0 losses; -o json has them all\n") {
		t.Error(got)
	}
}

func TestOnlyTheWayIsToldWhereThereIsNothingElse(t *testing.T) {
	p := weighed(t)
	p.Impact.Effects = []plan.Effect{gain("grants@metastore/schema/gold.sales", entry("a.yaml", 1, "", ""), "USE_SCHEMA")}
	if got := text(t, p, render.TextOptions{}); !strings.Contains(got, "+ user:ann@example.com can go through it, which opens nothing by itself (3 → 4): USE_SCHEMA") {
		t.Error(got)
	}
}
