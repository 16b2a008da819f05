package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those for which there is a script, and where it goes.
var shells = []struct{ name, now, always string }{
	{"bash", "source <(brickgate completion bash)", "brickgate completion bash > ~/.local/share/bash-completion/completions/brickgate"},
	{"zsh", "source <(brickgate completion zsh)", `brickgate completion zsh > "${fpath[1]}/_brickgate"`},
	{"fish", "brickgate completion fish | source", "brickgate completion fish > ~/.config/fish/completions/brickgate.fish"},
	{"powershell", "brickgate completion powershell | Out-String | Invoke-Expression", "brickgate completion powershell >> $PROFILE"},
}

func completionCommand(s streams) *cobra.Command {
	var names, now, always []string
	for _, shell := range shells {
		names = append(names, shell.name)
		now = append(now, fmt.Sprintf("  %-10s  %s", shell.name, shell.now))
		always = append(always, fmt.Sprintf("  %-10s  %s", shell.name, shell.always))
	}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script with which a shell completes commands and names",
		Long: "Prints the script with which bash, zsh, fish or PowerShell completes what is typed: commands, flags, and\n" +
			"the environments, products, principals and securables of the repository. It asks nobody.\n\n" +
			"For the shell at hand:\n\n" + strings.Join(now, "\n") + "\n\n" +
			"For every shell that is opened from now on:\n\n" + strings.Join(always, "\n") + "\n\n" +
			"bash needs its package bash-completion, and zsh `autoload -U compinit; compinit`.",
		Example:   "  source <(brickgate completion bash)",
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return errors.New("for which shell? name one: " + strings.Join(names, ", "))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.out, true)
			case "zsh":
				return root.GenZshCompletion(s.out)
			case "fish":
				return root.GenFishCompletion(s.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.out)
			}
			return fmt.Errorf("unknown shell %q%s; there are %s", args[0], meant(args[0], names), strings.Join(names, ", "))
		},
	}
}

// helpCommand prints the help of a command, or a topic.
func helpCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND|TOPIC...]",
		Short:   "Show the help of a command, or a topic",
		Long:    "Shows the help of a command, as --help does, or one of the topics that brickgate --help lists.",
		Example: "  brickgate help apply\n  brickgate help exit-codes",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			about, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var out []string
			for _, sub := range about.Commands() {
				if !sub.Hidden && strings.HasPrefix(sub.Name(), typed) {
					out = append(out, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return fmt.Errorf("unknown command or topic %q%s; brickgate --help lists them", rest[0], meantCommand(about, rest[0]))
			}
			about.InitDefaultHelpFlag()
			about.InitDefaultVersionFlag()
			about.SetOut(s.out)
			return about.Help()
		},
	}
}
