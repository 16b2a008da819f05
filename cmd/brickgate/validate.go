package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

type validateOptions struct {
	selection
	at     string
	output string
}

func validateCommand(s streams) *cobra.Command {
	var o validateOptions
	cmd := &cobra.Command{
		Use:   "validate [DIR]",
		Short: "Check the repository, offline",
		Long: "Checks every document of the repository for every environment, or for one with --env, and holds what\n" +
			"is in force against the rules. It talks to nobody and needs no credentials. It ends with 1 if there are\n" +
			"mistakes, and with 3 if the rules find an error.\n\n" +
			"-o json and -o sarif write one document, whatever is wrong: SARIF 2.1.0 is for code scanning. In GitHub\n" +
			"Actions mistakes and findings are annotated too.",
		Example: "  brickgate validate\n" +
			"  brickgate validate examples/lakehouse --env dev\n" +
			"  brickgate validate -o sarif > brickgate.sarif",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return validate(s, o, args)
		},
	}
	o.selection.flags(cmd)
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, json or sarif")
	cmd.Flags().StringVar(&o.at, "at", "", "judge what is in force on this day, or at this instant in RFC 3339")
	return cmd
}

func validate(s streams, o validateOptions, args []string) error {
	if err := checkOutput(o.output, "text", "json", "sarif"); err != nil {
		return err
	}
	repo, err := o.load(args)
	if err != nil {
		return o.unloaded(s, err)
	}
	environments := repo.Project.Environments.Keys()
	if o.env != "" {
		environments = []string{o.env}
	}
	all, wrong, err := o.check(repo, environments)
	if err != nil {
		return err
	}
	if wrong == nil && len(repo.Entries) == 0 {
		fmt.Fprintln(s.err, "warning: the repository holds no documents yet: plan and apply refuse an empty one")
	}
	v := validated{repo.Dir, environments, len(repo.Entries) + 1, told(all), wrong}
	annotate(s, v.annotated(), v.dir)
	if o.output != "text" {
		return o.write(s, v)
	}
	if err := render.Findings(s.out, v.findings, textOptions(s, time.Time{})); err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	if err := v.verdict(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%d documents are valid for %s.\n", v.documents, strings.Join(environments, ", "))
	return err
}

// check declares each environment and asks the rules about it. wrong holds all
// mistakes of all environments; where there are some, the findings are those that
// stand without the documents that have them.
func (o *validateOptions) check(repo *loaded, environments []string) (all []found, wrong, err error) {
	now, err := parseAt(o.at, repo.Project.Access.Location())
	if err != nil {
		return nil, nil, err
	}
	rules, err := policy.Compile(repo.Project)
	errs := []error{err}
	for _, env := range environments {
		declared, err := reconcile.Declare(repo.Repository, env)
		if declared != nil {
			err = joined(err, declared.Check(now))
			all = append(all, found{env, rules.Check(policyInput(declared, now))})
		}
		errs = append(errs, err)
	}
	wrong = repo.mistakes(distinct(errs))
	if wrong != nil {
		for i := range all {
			all[i].findings = slices.DeleteFunc(all[i].findings, repo.doubtful)
		}
	}
	return all, wrong, nil
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
