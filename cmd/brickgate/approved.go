package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// open reads the saved plan, where the argument is one and no folder. What remains
// are the arguments that name the repository.
func (o *applyOptions) open(args []string) ([]string, error) {
	if _, err := plan.Expected("", o.expect); err != nil && o.expect != "" {
		return nil, fmt.Errorf("--expect %s: %w", o.expect, err)
	}
	if len(args) == 0 {
		return nil, nil
	}
	info, err := os.Stat(args[0])
	if err != nil {
		return nil, fmt.Errorf("find the repository or the saved plan: %w", err)
	}
	if info.IsDir() {
		return args, nil
	}
	o.file = args[0]
	f, err := os.Open(o.file)
	if err != nil {
		return nil, fmt.Errorf("open the saved plan: %w", err)
	}
	defer f.Close()
	if o.saved, err = plan.ReadFile(f); err == nil {
		err = o.suits()
	}
	return nil, o.located(err)
}

// suits tells whether the saved plan may be applied at all. The environment need
// not be named again.
func (o *applyOptions) suits() error {
	if err := o.saved.Usable(toolVersion(), time.Now()); err != nil {
		return err
	}
	if o.env == "" {
		o.env = o.saved.Environment
	}
	if err := o.saved.For(o.env); err != nil {
		return err
	}
	if o.expect == "" {
		return nil
	}
	if ok, _ := plan.Expected(o.saved.Checksum, o.expect); !ok {
		return unexpected(o.saved.Checksum, o.expect)
	}
	return nil
}

func unexpected(sum, expected string) error {
	return &plan.Refusal{Reason: fmt.Sprintf("its checksum is %s, not %s as expected: it is another plan", sum[:len(expected)], expected)}
}

// located says of which saved plan a refusal is.
func (o *applyOptions) located(err error) error {
	switch {
	case err == nil || o.file == "":
		return err
	case errors.As(err, new(*plan.Refusal)):
		return fmt.Errorf("%s is not applied: %w", o.file, err)
	case o.saved == nil:
		return fmt.Errorf("%s: %w", o.file, err)
	}
	return err
}

// approved tells whether what would be done now is what somebody looked at. Where
// nothing is left to do, there is nothing to refuse.
func (o *applyOptions) approved(ctx context.Context, s streams, session *session) error {
	if o.saved != nil {
		return o.located(o.compare(ctx, s, session))
	}
	if o.expect == "" {
		return nil
	}
	sum := session.plan.Checksum()
	if ok, _ := plan.Expected(sum, o.expect); ok {
		return nil
	}
	if len(session.plan.Changes) == 0 {
		tell(s, "the plan is not the expected one, but nothing is left to do")
		return nil
	}
	if err := writePlan(s, session.plan, "text", session.now); err != nil {
		return err
	}
	return fmt.Errorf("the plan is not applied: %w", unexpected(sum, o.expect))
}

// compare holds the saved plan against the one of now.
func (o *applyOptions) compare(ctx context.Context, s streams, session *session) error {
	if who := session.run.Self(); who != o.saved.Identity {
		tell(s, fmt.Sprintf("planned by %s, applied by %s", o.saved.Identity, who))
	}
	if session.repo.Digest != o.saved.Spec {
		tell(s, "the repository is not as it was when the plan was made"+o.commits(ctx, s, session))
	}
	c := o.saved.Compare(session.plan, plan.Reading{Live: session.run.Live, Now: session.now, Spec: session.repo.Digest})
	if err := render.Comparison(s.out, c, textOptions(s, session.now)); err != nil {
		return err
	}
	session.approved = o.saved.Checksum
	if !c.Agrees() {
		return &plan.Refusal{Reason: "what would be done now is not what was approved: plan again"}
	}
	if len(session.plan.Changes) == 0 {
		fmt.Fprintln(s.out, "Nothing left to do.")
	}
	return nil
}

// commits names both commits, where they are known and differ.
func (o *applyOptions) commits(ctx context.Context, s streams, session *session) string {
	now := commitOf(ctx, s, session.repo.Dir)
	if now == o.saved.Commit || now == "" || o.saved.Commit == "" {
		return ""
	}
	return fmt.Sprintf(" (commit %.12s, now %.12s)", o.saved.Commit, now)
}
