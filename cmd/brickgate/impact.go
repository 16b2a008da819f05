package main

import (
	"context"
	"fmt"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/impact"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// weigh adds to a plan what it does to people. It asks for how many are in the groups
// that gain or lose and that somebody else fills, and for nothing else.
func weigh(ctx context.Context, run *reconcile.Run, p *plan.Plan, now time.Time) error {
	p.Impact = impact.Of(impact.Input{
		Desired: run.Desired, Live: run.Live, Plan: *p, Now: now,
		Platform: access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
		Project:  run.Project, Env: run.Env, Catalogue: run.Catalogue,
	})
	heads, err := run.Heads(ctx, impact.Unread(p.Impact))
	if err != nil {
		return fmt.Errorf("count who is in groups: %w", err)
	}
	impact.Count(p.Impact, heads)
	return nil
}
