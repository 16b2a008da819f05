package render_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// TestNobodyIsHiddenBehindSomebodyElse tells of privileges that a reviewer need not know
// beside others only where the same people have those, too.
func TestNobodyIsHiddenBehindSomebodyElse(t *testing.T) {
	const table = "grants@metastore/table/gold.sales.orders"
	o := entry("teams.yaml", 4, "", "")
	reads := gain(table, o, "SELECT")
	all := gain(table, o, "ALL_PRIVILEGES", "SELECT")
	many := gain(table, o, "ALL_PRIVILEGES", "SELECT")
	many.Count = 30
	of := func(who string, privileges ...string) plan.Effect {
		e := gain(table, o, privileges...)
		e.Named = []string{who}
		return e
	}
	open := of("", "APPLY_TAG")
	open.Count, open.Named, open.Open = 0, nil, []plan.OpenGroup{{Group: "group:AAD-All", Heads: 9}}
	some := of("user:ann@example.com", "APPLY_TAG")
	some.Count = 25 // of whom one is named
	for name, c := range map[string]struct {
		effects []plan.Effect
		want    string
		shown   bool
	}{
		"of somebody else":                 {[]plan.Effect{all, of("user:mallory@example.com", "APPLY_TAG")}, "mallory", true},
		"of a group":                       {[]plan.Effect{all, open}, "AAD-All", true},
		"of somebody who is not named":     {[]plan.Effect{many, some}, "25 people", true},
		"given by itself":                  {[]plan.Effect{reads, of("user:ann@example.com", "APPLY_TAG")}, "APPLY_TAG", true},
		"what all privileges bring along":  {[]plan.Effect{all, of("user:ann@example.com", "APPLY_TAG")}, "APPLY_TAG", false},
		"of two who have all":              {[]plan.Effect{two(all), of("user:bob@example.com", "REFRESH")}, "REFRESH", false},
		"what nobody needs beside no more": {[]plan.Effect{of("user:ann@example.com", "APPLY_TAG")}, "APPLY_TAG", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := weighed(t)
			p.Impact = &plan.Impact{Effects: c.effects}
			got := text(t, p, render.TextOptions{Width: 200})
			if strings.Contains(got, c.want) != c.shown {
				t.Errorf("%q shown: %v\n%s", c.want, !c.shown, got)
			}
		})
	}
}

// TestObjectsWithOneEffectShowTheEntriesOfAll leads to what causes each of them.
func TestObjectsWithOneEffectShowTheEntriesOfAll(t *testing.T) {
	p := weighed(t)
	granted := func(object string, o *plan.Origin) plan.Effect {
		e := gain(object, o, "SELECT")
		e.Causes[0].Fact = plan.Fact{Key: e.Object, Field: "group:team", Value: "SELECT"}
		return e
	}
	p.Impact = &plan.Impact{Effects: []plan.Effect{
		granted("grants@metastore/table/gold.sales.a", entry("a.yaml", 4, "", "")),
		granted("grants@metastore/table/gold.sales.b", entry("b.yaml", 9, "", "")),
		granted("grants@metastore/table/gold.sales.c", nil),
	}}
	_, got, _ := strings.Cut(text(t, p, render.TextOptions{Width: 200}), "impact:")
	if !strings.Contains(got, "3 tables: gold.sales.a (3 → 4)") || !strings.Contains(got, "a.yaml:4, b.yaml:9, not declared\n") {
		t.Error(got)
	}
}

// two is the same effect for another one.
func two(e plan.Effect) plan.Effect {
	e.Count, e.Named = 2, []string{"user:ann@example.com", "user:bob@example.com"}
	return e
}
