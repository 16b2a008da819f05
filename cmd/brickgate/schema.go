package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// printed are the documents of no kind: those that are printed as JSON.
var printed = []struct {
	name   string
	schema func() ([]byte, error)
}{
	{"plan", plan.Schema},
	{"findings", findingsSchema},
	{"answer", func() ([]byte, error) { return questions.Schema(), nil }},
}

// schemaNames are all that a schema is printed of.
func schemaNames() []string {
	names := []string{"Project"}
	for _, k := range reconcile.SpecKinds() {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	for _, p := range printed {
		names = append(names, p.name)
	}
	return names
}

// schemaOf is the schema of a kind or of what is printed; "" means all kinds.
func schemaOf(name string) ([]byte, error) {
	for _, p := range printed {
		if p.name == name {
			return p.schema()
		}
	}
	if names := schemaNames(); name != "" && !slices.Contains(names, name) {
		return nil, fmt.Errorf("unknown kind %q%s; known: %s", name, meant(name, names), strings.Join(names, ", "))
	}
	return spec.Schema(reconcile.SpecKinds(), name)
}

func schemaCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [KIND|plan|findings|answer]",
		Short: "Print the JSON Schema (draft-07) of documents, or of what is printed as JSON",
		Long: "Prints the JSON Schema (draft-07) of a kind of document, or of all of them, for editors that complete and\n" +
			"check YAML while it is written. With `plan` it is what plan -o json and drift -o json print, with `findings`\n" +
			"what validate -o json prints, with `answer` what who-can, what-can, explain and why-not print as JSON: later\n" +
			"minor versions of these only add fields, which the schemas take too.",
		Example: "  brickgate schema > .brickgate.schema.json\n  brickgate schema Group\n  brickgate schema plan",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return schemaNames(), cobra.ShellCompDirectiveNoFileComp
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
