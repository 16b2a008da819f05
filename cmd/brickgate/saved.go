package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/history"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// day is for how long a saved plan may be applied, unless something else is said.
const day = 24 * time.Hour

// saving is how plan saves what it shows.
type saving struct {
	out   string
	valid time.Duration
}

func (o *saving) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.out, "out", "", "save the plan in this file, for apply FILE")
	cmd.Flags().DurationVar(&o.valid, "valid", day, "how long the saved plan may be applied")
}

func (o *saving) check() error {
	switch {
	case o.valid <= 0:
		return fmt.Errorf("--valid %s: a plan is valid for some time", o.valid)
	case o.out == "" && o.valid != day:
		return errors.New("--valid is for a plan that --out saves")
	}
	return nil
}

// save writes the plan that was shown.
func (o *saving) save(ctx context.Context, s streams, session *session) error {
	if o.out == "" {
		return nil
	}
	created := time.Now()
	m := plan.Making{
		ToolVersion: toolVersion(), Identity: session.run.Self(), Created: created, Expires: created.Add(o.valid),
		Commit: commitOf(ctx, s, session.repo.Dir), Spec: session.repo.Digest,
	}
	data, err := session.plan.Save(m, session.now)
	if err != nil {
		return err
	}
	if err := replaceFile(o.out, escaped(data)); err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	if mannerOf(ctx).quiet {
		return nil
	}
	fmt.Fprintln(s.err, prefixed("saved: ", fmt.Sprintf("%s, valid until %s", o.out, m.Expires.In(session.now.Location()).Format(time.RFC3339))))
	return nil
}

// commitOf is the commit that is checked out, "" where there is none.
func commitOf(ctx context.Context, s streams, dir string) string {
	past, err := history.Open(ctx, dir)
	commit := ""
	if err == nil {
		commit, err = past.Head(ctx)
	}
	if err != nil && !errors.Is(err, history.ErrNoGit) && !errors.Is(err, history.ErrNoRepository) && !errors.Is(err, history.ErrNoCommit) {
		tell(s, "the saved plan names no commit: "+err.Error())
	}
	return commit
}

// tell says something on the side.
func tell(s streams, note string) { fmt.Fprintln(s.err, prefixed("note: ", note)) }

// replaceFile writes a file whole or not at all. Who may use what is nobody's
// business but its owner's.
func replaceFile(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".brickgate-*")
	if err != nil {
		if at := (*fs.PathError)(nil); errors.As(err, &at) {
			at.Path = name // nobody asked for the other one
		}
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = joined(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return joined(err, os.Remove(f.Name()))
	}
	return nil
}

// hosts are what the clients lead to. The embedded sandbox has another port each
// time and is one place all the same.
func (o *planning) hosts(c *reconcile.Clients) []plan.Host {
	hosts := c.Hosts()
	for i := range hosts {
		if o.sandbox {
			hosts[i].Host = sandboxHost
		}
	}
	return hosts
}

// waivers are the guards that are let off: by the command line, or by the saved
// plan, which was looked at with them. Rights are those of who applies, whatever
// was let off for who planned.
func (o *planning) waivers() (map[string]string, error) {
	if o.saved == nil {
		return parseAllow(o.allow)
	}
	if len(o.allow) > 0 {
		return nil, errors.New("--allow is for a new plan: the waivers of a saved one stand in it")
	}
	allow := map[string]string{}
	for _, w := range o.saved.Waivers {
		if w.Guard != plan.GuardRights {
			allow[w.Guard] = w.Reason
		}
	}
	return allow, nil
}
