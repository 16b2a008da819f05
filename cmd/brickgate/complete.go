package main

import (
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/brickgate/brickgate/plan"
)

// Completion asks nobody but the files of the repository and its git, and says nothing: of one
// that does not load it offers what can be read, and of one that is not there,
// nothing. What is offered is on one line and holds nothing that steers a terminal.

// completer lists all that may stand in a place of the command line.
type completer func(*cobra.Command) []string

// nothing is for places where anything may stand, but no file.
func nothing(*cobra.Command) []string { return nil }

// completedFlags is how the values of flags are completed, whatever command they
// belong to. Those that are not here are files, or folders.
var completedFlags = map[string]completer{
	"allow":          func(*cobra.Command) []string { return suffixed(plan.GuardNames(), "=") },
	"at":             nothing,
	"base":           completeReferences,
	"env":            completeEnvironments,
	"expect":         nothing,
	"journal-volume": func(*cobra.Command) []string { return []string{noVolume, "/Volumes/"} },
	"latency":        nothing,
	"listen":         nothing,
	"lock-timeout":   nothing,
	"on":             func(*cobra.Command) []string { return []string{"live", "desired", "planned"} },
	"product":        completeProducts,
	"since":          nothing,
	"status":         func(*cobra.Command) []string { return statusNames() },
	"valid":          nothing,
	"verify-timeout": nothing,
	"within":         nothing,
}

// fileFlags are flags whose value is a file with one of these endings.
var fileFlags = map[string][]string{
	"journal": {"jsonl"},
	"live":    {"json", "yaml"},
	"seed":    {"yaml", "yml", "json"},
	"state":   {"json"},
}

// completedArguments is how arguments are completed, by how the use of a command
// calls them.
var completedArguments = map[string]completer{
	"CODE":      func(*cobra.Command) []string { return ruleCodes() },
	"OBJECT":    completeObjects,
	"PRINCIPAL": completePrincipals,
	"PRIVILEGE": completePrivileges,
	"PRODUCT":   completeProducts,
}

// completes gives a command its completions, by the names of its flags and by what
// its use says of its arguments.
func completes(cmd *cobra.Command) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		list, ok := completedFlags[f.Name]
		if endings := fileFlags[f.Name]; endings != nil {
			_ = cmd.MarkFlagFilename(f.Name, endings...) // it exists
		}
		switch {
		case f.Name == "dir":
			_ = cmd.MarkFlagDirname(f.Name)
		case f.Name == "output":
			list, ok = func(*cobra.Command) []string { return formsIn(f.Usage) }, true
		}
		if ok {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, completing(list))
		}
	})
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 && !cmd.HasAvailableSubCommands() {
		cmd.ValidArgsFunction = arguments(cmd.Use)
	}
}

// formsIn are the forms that a usage lists: "text, json or markdown".
func formsIn(usage string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(usage, " or ", ","), func(c rune) bool { return c == ',' || c == ' ' })
}

func suffixed(names []string, suffix string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n + suffix
	}
	return out
}

// completing offers of a list what begins with what is typed.
func completing(list completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
		var out []string
		directive := cobra.ShellCompDirectiveNoFileComp
		for _, text := range list(cmd) {
			if !strings.HasPrefix(text, typed) || strings.ContainsFunc(text, unfit) {
				continue
			}
			if strings.HasSuffix(text, "=") || strings.HasSuffix(text, "/") || strings.HasSuffix(text, ":") {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			out = append(out, text)
		}
		return out, directive
	}
}

// unfit are the characters of names that no shell can be offered: those that break a
// line of the answer, steer a terminal, or that the shells' scripts evaluate.
func unfit(c rune) bool { return steers(c) || strings.ContainsRune("`$\\\"'", c) }

// placeholders are the names of arguments in the use of a command.
var placeholders = regexp.MustCompile(`[A-Z]+(?:\|[A-Z]+)*(?:\.\.\.)?`)

// arguments completes what the use of a command names, in its order: PRINCIPAL
// OBJECT, or [FILE|DIR...].
func arguments(use string) cobra.CompletionFunc {
	slots := placeholders.FindAllString(use, -1)
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		at := len(args)
		if len(slots) > 0 && strings.HasSuffix(slots[len(slots)-1], "...") {
			at = min(at, len(slots)-1)
		}
		if at >= len(slots) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		slot := strings.TrimSuffix(slots[at], "...")
		switch {
		case slot == "DIR":
			return nil, cobra.ShellCompDirectiveFilterDirs
		case strings.Contains(slot, "FILE"):
			return nil, cobra.ShellCompDirectiveDefault
		}
		list := func(cmd *cobra.Command) []string {
			var all []string
			for name := range strings.SplitSeq(slot, "|") {
				if list := completedArguments[name]; list != nil {
					all = append(all, list(cmd)...)
				}
			}
			return all
		}
		return completing(list)(cmd, args, typed)
	}
}
