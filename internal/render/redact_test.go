package render_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

func TestNoFormOfARedactedPlanNamesAnybody(t *testing.T) {
	people := []string{"alice.smith@example.com", "bob@example.com", "o'neil@example.com", "zoë@example.com"}
	rapid.Check(t, func(rt *rapid.T) {
		p := anyPlan(rt, 4)
		p.Environment = "prd"
		for i := range p.Changes {
			c := &p.Changes[i]
			for _, f := range c.After {
				who := rapid.SampledFrom(people).Draw(rt, "who")
				f.Values[0] = "user:" + who
				plan.Set(f.Values)
			}
			c.Reason, c.Origin.Reason = "Alice Smith, not Bob@Example.com", "asked by "+rapid.SampledFrom(people).Draw(rt, "who")
		}
		p.Warnings = append(p.Warnings, plan.Warning{Message: "user:" + strings.Join(people, " user:") + " Alice Smith"})
		p.Unmanaged = append(p.Unmanaged, plan.Unmanaged{Fact: plan.Fact{Field: "user:alice.smith@example.com"}}, plan.Unmanaged{Fact: plan.Fact{Field: "user:o'neil@example.com"}})
		r := p.Redact([]byte("key"))
		var b bytes.Buffer
		if err := render.Text(&b, r, render.TextOptions{Now: now, Width: 300}); err != nil {
			rt.Fatal(err)
		}
		if err := render.Markdown(&b, r, render.MarkdownOptions{Now: now}); err != nil {
			rt.Fatal(err)
		}
		out := strings.ToLower(b.String())
		for _, who := range append(people, "alice smith") {
			if strings.Contains(out, who) {
				rt.Fatalf("%s is named in\n%s", who, out)
			}
		}
	})
}
