package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// group is a heading of the root's help, and the commands under it.
type group struct {
	title    string
	commands []string
}

// groups are in the order in which somebody meets them. What stands in none is
// listed in the last.
var groups = []group{
	{"Plan and apply", []string{"validate", "plan", "apply", "expire", "drift", "snapshot", "unlock"}},
	{"Questions", []string{"who-can", "what-can", "explain", "why-not"}},
	{"Data products", []string{"consumers", "upcoming"}},
	{"What was done", []string{"history", "journal"}},
	{"More", []string{"rules", "schema", "sandbox", "completion", "docs", "help", "version"}},
}

// finish gives all commands what they have in common: groups, topics, the form of
// the help, completion, and words for what is mistyped.
func finish(root *cobra.Command, s streams) {
	help := helpCommand(s)
	root.SetHelpCommand(help)
	root.AddCommand(help)
	root.AddCommand(topicCommands()...)
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
	}
	for _, c := range root.Commands() {
		if !c.IsAdditionalHelpTopicCommand() {
			c.GroupID = groupOf(c.Name())
		}
	}
	root.SetUsageFunc(func(c *cobra.Command) error { return writeUsage(c.OutOrStdout(), c) })
	root.SetFlagErrorFunc(mistypedFlag)
	root.SetVersionTemplate("brickgate {{.Version}}\n")
	for c := range everyCommand(root) {
		if c.HasAvailableSubCommands() {
			c.Args, c.RunE = mistypedCommand, showHelp
		} else if c.Runnable() {
			c.Args = limited(c.Args, c.Use)
		}
		completes(c)
	}
}

func showHelp(c *cobra.Command, _ []string) error { return c.Help() }

func groupOf(command string) string {
	for _, g := range groups {
		for _, name := range g.commands {
			if name == command {
				return g.title
			}
		}
	}
	return groups[len(groups)-1].title
}

// everyCommand walks a command and all below it, those that are hidden included.
func everyCommand(c *cobra.Command) func(yield func(*cobra.Command) bool) {
	return func(yield func(*cobra.Command) bool) { walk(c, yield) }
}

func walk(c *cobra.Command, yield func(*cobra.Command) bool) bool {
	if !yield(c) {
		return false
	}
	for _, sub := range c.Commands() {
		if !walk(sub, yield) {
			return false
		}
	}
	return true
}

// writeUsage writes what stands under the description of a command.
func writeUsage(w io.Writer, c *cobra.Command) error {
	var b strings.Builder
	use := c.UseLine()
	if c.HasAvailableSubCommands() {
		use = c.CommandPath() + " COMMAND"
	}
	fmt.Fprintf(&b, "Usage:\n  %s\n", use)
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	for _, s := range sections(c) {
		fmt.Fprintf(&b, "\n%s:\n", s.title)
		for _, sub := range s.commands {
			fmt.Fprintf(&b, "  %-*s  %s\n", c.Commands()[0].NamePadding(), sub.Name(), sub.Short)
		}
	}
	for _, section := range flagsOf(c) {
		fmt.Fprintf(&b, "\n%s:\n", section.title)
		for _, f := range section.flags {
			indent := "      "
			if f.letter != "" {
				indent = "  " + f.letter + ", "
			}
			fmt.Fprintf(&b, "%s%-*s  %s\n", indent, section.width(), f.name, f.means)
		}
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s COMMAND --help tells more about a command.\n", c.CommandPath())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// section is a heading with the commands, or topics, under it.
type section struct {
	title    string
	commands []*cobra.Command
}

// sections are the commands below one, and at the end the topics that can be read.
func sections(c *cobra.Command) []section {
	all := []section{{title: "Commands"}}
	for _, g := range c.Groups() {
		all = append(all, section{title: g.Title})
	}
	topics := section{title: "Topics, with brickgate help"}
	for _, sub := range c.Commands() {
		switch {
		case sub.IsAdditionalHelpTopicCommand():
			topics.commands = append(topics.commands, sub)
		case sub.IsAvailableCommand() || sub.Name() == "help":
			for i := range all {
				if all[i].title == sub.GroupID || i == 0 && sub.GroupID == "" {
					all[i].commands = append(all[i].commands, sub)
				}
			}
		}
	}
	var out []section
	for _, s := range append(all, topics) {
		if len(s.commands) > 0 {
			out = append(out, s)
		}
	}
	return out
}
