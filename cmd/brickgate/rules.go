package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/policy"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

type rulesOptions struct {
	dir    string
	output string
}

func rulesCommand(s streams) *cobra.Command {
	var o rulesOptions
	cmd := &cobra.Command{
		Use:   "rules [CODE]",
		Short: "List the built-in rules, or explain one",
		Long: "Lists the built-in rules that validate, plan and apply ask, with the levels that they have in this\n" +
			"repository, or by themselves where there is none. With a code it says why, and what to do.",
		Example: "  brickgate rules\n  brickgate rules BG201",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleCodes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return runRules(s, o, args) },
	}
	cmd.Flags().StringVarP(&o.dir, "dir", "C", here, "folder of the repository, or one below it")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

func runRules(s streams, o rulesOptions, args []string) error {
	if err := checkOutput(o.output, "text", "json"); err != nil {
		return err
	}
	project, rules, err := rulesIfAny(s, o.dir)
	if err != nil {
		return err
	}
	listed := listRules(project, rules)
	if len(args) > 0 {
		if listed, err = named(listed, args[0]); err != nil {
			return err
		}
	}
	if o.output == "json" {
		return writeJSON(s.out, map[string][]listedRule{"rules": listed})
	}
	for _, r := range listed {
		line := fmt.Sprintf("%s  %-5s  %s", r.Code, r.Level, r.Title)
		if r.Level != r.Default {
			line += fmt.Sprintf(" (%s by default)", r.Default)
		}
		fmt.Fprintln(s.out, line)
		if len(args) > 0 {
			fmt.Fprintln(s.out, r.Doc)
		}
		if len(args) > 0 && r.Reason != "" {
			fmt.Fprintln(s.out, prefixed("  ", fmt.Sprintf("%s here: %q", r.Level, r.Reason)))
		}
	}
	return nil
}

// rulesIfAny are the rules of the repository; where there is none, or it has
// mistakes, those without it: who asks wants to know what to write.
func rulesIfAny(s streams, dir string) (*spec.Project, *policy.Rules, error) {
	sel := selection{dir: dir}
	repo, err := sel.load(nil)
	if err == nil {
		var rules *policy.Rules
		if rules, err = policy.Compile(repo.Project); err == nil {
			return repo.Project, rules, nil
		}
	}
	switch {
	case len(spec.Errors(err)) > 0:
		fmt.Fprintln(s.err, "warning: the repository has mistakes, which validate lists; these are the levels without it")
	case dir != here:
		return nil, nil, err
	}
	none := &spec.Project{}
	rules, err := policy.Compile(none)
	return none, rules, err
}

// listedRule is a built-in rule as a repository has it.
type listedRule struct {
	Code    string     `json:"code"`
	Level   plan.Level `json:"level"`
	Default plan.Level `json:"default"`
	Reason  string     `json:"reason"` // for which the repository has another level
	Title   string     `json:"title"`
	Doc     string     `json:"doc"`
}

func listRules(project *spec.Project, rules *policy.Rules) []listedRule {
	builtin := policy.Builtin()
	out := make([]listedRule, len(builtin))
	for i, r := range builtin {
		set, _ := project.Rules.Get(r.Code)
		out[i] = listedRule{r.Code, rules.Level(r.Code), r.Level, set.Reason.Value, r.Title, r.Doc}
	}
	return out
}

func named(listed []listedRule, code string) ([]listedRule, error) {
	for _, r := range listed {
		if strings.EqualFold(r.Code, code) {
			return []listedRule{r}, nil
		}
	}
	meant := ""
	if near, ok := spec.Nearest(code, ruleCodes()); ok {
		meant = fmt.Sprintf(" (did you mean %s?)", near)
	}
	return nil, fmt.Errorf("there is no rule %s%s; brickgate rules lists them", code, meant)
}

func ruleCodes() []string {
	var codes []string
	for _, r := range policy.Builtin() {
		codes = append(codes, r.Code)
	}
	return codes
}
