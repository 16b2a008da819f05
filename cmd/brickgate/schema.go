package main

import (
	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// Arguments that name no kind of document.
const (
	schemaOfPlan   = "plan"
	schemaOfAnswer = "answer" // what questions print
)

func schemaOf(name string) ([]byte, error) {
	switch name {
	case schemaOfPlan:
		return plan.Schema()
	case schemaOfAnswer:
		return questions.Schema(), nil
	}
	return spec.Schema(reconcile.SpecKinds(), name)
}

func schemaCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [KIND|plan|answer]",
		Short: "Print the JSON Schema (draft-07) of documents, or of what is printed as JSON",
		Long: "Prints the JSON Schema (draft-07) of a kind of document, or of all of them, for editors that complete and\n" +
			"check YAML while it is written. With `plan` it is what plan -o json prints, with `answer` what who-can,\n" +
			"what-can, explain and why-not print as JSON: later minor versions of these only add fields, which the schemas\n" +
			"take too.",
		Example: "  brickgate schema > .brickgate.schema.json\n  brickgate schema Group\n  brickgate schema plan",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names := []string{"Project", schemaOfPlan, schemaOfAnswer}
			for _, k := range reconcile.SpecKinds() {
				names = append(names, k.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			kind := ""
			if len(args) > 0 {
				kind = args[0]
			}
			schema, err := schemaOf(kind)
			if err != nil {
				return err
			}
			_, err = s.out.Write(schema)
			return err
		},
	}
}
