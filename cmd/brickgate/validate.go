package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

func validateCommand(s streams) *cobra.Command {
	var sel selection
	cmd := &cobra.Command{
		Use:   "validate [DIR]",
		Short: "Check the repository, offline",
		Long:  "Checks every document of the repository for every environment, or for one with --env. It talks to\nnobody and needs no credentials.",
		Example: "  brickgate validate\n" +
			"  brickgate validate examples/lakehouse --env dev",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return validate(s, sel, args)
		},
	}
	sel.flags(cmd)
	return cmd
}

func validate(s streams, sel selection, args []string) error {
	repo, err := sel.load(args)
	if err != nil {
		return err
	}
	environments := repo.Project.Environments.Keys()
	if sel.env != "" {
		environments = []string{sel.env}
	}
	var errs []error
	for _, env := range environments {
		declared, err := reconcile.Declare(repo, env)
		if err == nil {
			err = repo.Locate(declared.Check(time.Now().In(declared.Zone)))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if err := repo.Locate(distinct(errs)); err != nil {
		return err
	}
	if len(repo.Entries) == 0 {
		fmt.Fprintln(s.err, "warning: the repository holds no documents yet: plan and apply refuse an empty one")
	}
	_, err = fmt.Fprintf(s.out, "%d documents are valid for %s.\n", len(repo.Entries)+1, strings.Join(environments, ", "))
	return err
}

// distinct drops the mistakes at places where an environment before has some:
// they are mostly the same, told with another environment's names.
func distinct(errs []error) error {
	told := map[spec.Pos]bool{}
	var out []error
	for _, err := range errs {
		mistakes := spec.Errors(err)
		if len(mistakes) == 0 {
			out = append(out, err)
		}
		var here []spec.Pos
		for _, m := range mistakes {
			if !told[m.Pos] {
				here = append(here, m.Pos)
				out = append(out, m)
			}
		}
		for _, pos := range here {
			told[pos] = true
		}
	}
	return errors.Join(out...)
}
