package main

import (
	"time"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// writeMarkdown writes the plan for a comment on a pull request. It links nothing,
// so that a comment which is updated differs where the plan does.
func writeMarkdown(s streams, p plan.Plan, now time.Time) error {
	return render.Markdown(s.out, p, render.MarkdownOptions{Now: now, Checksum: checksumOf(p)})
}

// checksumOf is what a reader is shown of the plan's checksum; "" for plans that are
// not for apply --expect.
func checksumOf(p plan.Plan) string {
	if p.Ended || p.Drift != nil {
		return ""
	}
	return plan.ShortChecksum(p.Checksum())
}
