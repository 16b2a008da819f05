package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// here is where the repository is looked for unless something else is said.
const here = "."

// selection is which environment of which repository a command is about.
type selection struct {
	dir, env string
}

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.dir, "dir", "C", here, "folder of the repository, or one below it")
	cmd.Flags().StringVar(&s.env, "env", "", "environment; may be left out where the project has one")
}

// folder is DIR, which an argument may name in place of -C.
func (s *selection) folder(args []string) (string, error) {
	if len(args) > 0 {
		if s.dir != here {
			return "", fmt.Errorf("which repository? -C says %s and the argument %s", s.dir, args[0])
		}
		s.dir = args[0]
	}
	return s.dir, nil
}

// load reads the repository, as far as it can be read where files have mistakes.
func (s *selection) load(args []string) (*loaded, error) {
	dir, err := s.folder(args)
	if err != nil {
		return nil, err
	}
	return load(dir)
}

// choose settles on an environment: the only one, unless one is named.
func (s *selection) choose(p *spec.Project) error {
	if s.env != "" {
		return nil
	}
	names := p.Environments.Keys()
	if len(names) != 1 {
		return fmt.Errorf("which environment? say --env with one of %s", strings.Join(names, ", "))
	}
	s.env = names[0]
	return nil
}

// declare reads the repository and what it says about the environment. Where
// that has mistakes, there is a repository all the same.
func (s *selection) declare(args []string) (*spec.Repository, *reconcile.Declared, error) {
	repo, err := s.load(args)
	if err != nil {
		return nil, nil, err
	}
	if err := s.choose(repo.Project); err != nil {
		return nil, nil, cmp.Or(repo.unread, err)
	}
	declared, err := reconcile.Declare(repo.Repository, s.env)
	return repo.Repository, declared, repo.mistakes(err)
}

// parseAllow reads GUARD=REASON.
func parseAllow(flags []string) (map[string]string, error) {
	allow := map[string]string{}
	for _, f := range flags {
		guard, reason, ok := strings.Cut(f, "=")
		if !ok || strings.TrimSpace(reason) == "" {
			return nil, fmt.Errorf("--allow %s: write GUARD=REASON; the reason is recorded", f)
		}
		known := false
		for _, g := range plan.GuardNames() {
			known = known || g == guard
		}
		if !known {
			return nil, fmt.Errorf("--allow %s: unknown guard %q%s; the guards are %s", f, guard, meant(guard, plan.GuardNames()), strings.Join(plan.GuardNames(), ", "))
		}
		if before, twice := allow[guard]; twice {
			return nil, fmt.Errorf("--allow %s: %s is let off already, because of %q; give one reason", f, guard, before)
		}
		allow[guard] = reason
	}
	return allow, nil
}

// parseAt reads the day or instant to plan as of; a day is its first instant,
// at which what ends with it still holds.
func parseAt(at string, zone *time.Location) (time.Time, error) {
	if at == "" {
		return time.Now().In(zone), nil
	}
	when, err := spec.ParseWhen(at)
	if err != nil {
		return time.Time{}, fmt.Errorf("--at: %w", err)
	}
	return when.Start(zone).In(zone), nil
}
