package render_test

import (
	"io"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
)

// BenchmarkMarkdown of a plan that changes 100,000 groups, which is tried in every
// degree, took 3.6 s in November 2026.
func BenchmarkMarkdown(b *testing.B) {
	p := leaving(100_000, 1)
	for b.Loop() {
		_ = render.Markdown(io.Discard, p, render.MarkdownOptions{Now: now})
	}
}
