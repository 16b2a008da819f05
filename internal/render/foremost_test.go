package render_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// TestWhatAPlanIsOverStandsBeforeIt, however little is written of it.
func TestWhatAPlanIsOverStandsBeforeIt(t *testing.T) {
	p := everything(t)
	p.Warnings = append(p.Warnings, plan.Warning{Message: "planned over a snapshot of prd", Foremost: true})
	markdown := comment(t, p, render.MarkdownOptions{})
	head, rest, _ := strings.Cut(markdown, "\n### ")
	if !strings.Contains(head, "planned over a snapshot of prd") || strings.Contains(rest, "planned over") {
		t.Errorf("not at the top, or twice:\n%s", markdown)
	}
	var b bytes.Buffer
	if err := render.Brief(&b, p, render.TextOptions{}); err != nil || !strings.Contains(b.String(), "planned over a snapshot of prd") || strings.Contains(b.String(), "zoe") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := render.HTML(&b, p, render.HTMLOptions{}); err != nil {
		t.Fatal(err)
	}
	if head, _, _ := strings.Cut(b.String(), "</header>"); !strings.Contains(head, "planned over a snapshot of prd") {
		t.Errorf("not at the top:\n%s", head)
	}
	b.Reset()
	if err := render.Markdown(&b, p, render.MarkdownOptions{Limit: 900}); err == nil || !strings.Contains(b.String(), "planned over a snapshot of prd") {
		t.Errorf("%v\n%s", err, b.String())
	}
}
