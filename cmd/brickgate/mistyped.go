package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/brickgate/brickgate/spec"
)

// mistypedCommand is what a command with commands below it says of an argument,
// which names none of them.
func mistypedCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("unknown command %q%s; %s --help lists the commands", args[0], meantCommand(cmd, args[0]), cmd.CommandPath())
}

// limited says in our words that there are more arguments than a command takes.
func limited(args cobra.PositionalArgs, use string) cobra.PositionalArgs {
	slots := placeholders.FindAllString(use, -1)
	return func(cmd *cobra.Command, given []string) error {
		if n := len(slots); len(given) > n && !strings.HasSuffix(use, "...]") && !strings.HasSuffix(use, "...") {
			return fmt.Errorf("unexpected argument %q; usage: %s", given[n], cmd.UseLine())
		}
		if args == nil {
			return nil
		}
		return args(cmd, given)
	}
}

// calledElsewhere is what other programs call what we have another word for.
var calledElsewhere = map[string]string{
	"audit": "history", "check": "validate", "deploy": "apply", "diff": "plan", "force-unlock": "unlock", "lint": "validate",
	"log": "history", "man": "docs", "preview": "plan", "push": "apply", "status": "plan", "up": "apply",
}

// meantCommand suggests a command: one that others call so, or the nearest.
func meantCommand(cmd *cobra.Command, name string) string {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.Name() == calledElsewhere[name] {
			return fmt.Sprintf(" (did you mean %q?)", sub.Name())
		}
		if !sub.Hidden {
			names = append(names, sub.Name())
		}
	}
	return meant(name, names)
}

// mistypedFlag says which flag is near one that is unknown, or whose it is. What
// precedes it may be a mistyped command, and is the better thing to talk about.
func mistypedFlag(cmd *cobra.Command, err error) error {
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return err
	}
	if cmd.HasAvailableSubCommands() {
		if err := mistypedCommand(cmd, cmd.Flags().Args()); err != nil {
			return err
		}
	}
	name := unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		return fmt.Errorf("unknown flag -%s; %s --help lists the flags", name, cmd.CommandPath())
	}
	if cmd.HasAvailableSubCommands() && slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Flags().Lookup(name) != nil }) {
		return fmt.Errorf("unknown flag --%s: it is one of a command, and goes behind its name; %s --help lists the commands", name, cmd.CommandPath())
	}
	return fmt.Errorf("unknown flag --%s%s; %s --help lists the flags", name, meantFlag(cmd, name), cmd.CommandPath())
}

func meantFlag(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near, ok := spec.Nearest(name, names); ok {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	return ""
}
