package main

import (
	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// schemaOfPlan is the argument that names no kind of document.
const schemaOfPlan = "plan"

func schemaOf(name string) ([]byte, error) {
	if name == schemaOfPlan {
		return plan.Schema()
	}
	return spec.Schema(reconcile.SpecKinds(), name)
}

func schemaCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [KIND|plan]",
		Short: "Print the JSON Schema (draft-07) of a kind of document, or of all",
		Long: "Prints the JSON Schema (draft-07) of a kind of document, or of all of them, for editors that complete and\n" +
			"check YAML while it is written. With `plan` it is what plan -o json prints: later minor versions of that\n" +
			"only add fields, which the schema takes too.",
		Example: "  brickgate schema > .brickgate.schema.json\n  brickgate schema Group\n  brickgate schema plan",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names := []string{"Project", schemaOfPlan}
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
