package main

import (
	"time"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// writePage writes the plan as a page that can be kept with a build and sent on.
func writePage(s streams, p plan.Plan, now time.Time) error {
	opts := render.HTMLOptions{Now: now}
	if !p.Ended {
		opts.Checksum = plan.ShortChecksum(p.Checksum())
	}
	return render.HTML(s.out, p, opts)
}
