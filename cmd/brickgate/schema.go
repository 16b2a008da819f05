package main

import (
	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// schemaOfAnswer is the argument for what questions print, which is no kind of document.
const schemaOfAnswer = "answer"

func schemaCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [KIND|answer]",
		Short: "Print the JSON Schema (draft-07) of a kind of document, of all, or of an answer",
		Long: "Prints the JSON Schema (draft-07) of a kind of document, or of all of them, for editors that complete and\n" +
			"check YAML while it is written. With answer it is what who-can, what-can, explain and why-not print as JSON.",
		Example: "  brickgate schema > .brickgate.schema.json\n  brickgate schema Group",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names := []string{"Project", schemaOfAnswer}
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
			if kind == schemaOfAnswer {
				_, err := s.out.Write(questions.Schema())
				return err
			}
			schema, err := spec.Schema(reconcile.SpecKinds(), kind)
			if err != nil {
				return err
			}
			_, err = s.out.Write(schema)
			return err
		},
	}
}
