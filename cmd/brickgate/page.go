package main

import (
	"time"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// writePage writes the plan as a page that can be kept with a build and sent on.
func writePage(s streams, p plan.Plan, now time.Time) error {
	return render.HTML(s.out, p, render.HTMLOptions{Now: now, Checksum: checksumOf(p)})
}
