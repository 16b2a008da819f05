package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type docsOptions struct{ man, markdown string }

func docsCommand(s streams) *cobra.Command {
	var o docsOptions
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write the manual of all commands, as man pages or Markdown",
		Long: "Writes one file for each command and topic into a folder, which is made if it is not there: man pages\n" +
			"(brickgate-plan.1), or Markdown (brickgate-plan.md) whose pages lead to each other. They are what\n" +
			"--help says, and the same for the same version.",
		Example: "  brickgate docs --man ~/.local/share/man/man1\n" +
			"  brickgate docs --markdown manual",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return writeDocs(s, o, cmd.Root()) },
	}
	cmd.Flags().StringVar(&o.man, "man", "", "`DIR` to write man pages into")
	cmd.Flags().StringVar(&o.markdown, "markdown", "", "`DIR` to write Markdown into")
	return cmd
}

func writeDocs(s streams, o docsOptions, root *cobra.Command) error {
	if o.man == "" && o.markdown == "" {
		return errors.New("in which form? say --man DIR or --markdown DIR")
	}
	for _, form := range []struct {
		dir, ending string
		page        func(*cobra.Command) string
	}{
		{o.man, ".1", manPage},
		{o.markdown, ".md", markdownPage},
	} {
		if form.dir == "" {
			continue
		}
		if err := os.MkdirAll(form.dir, 0o755); err != nil {
			return fmt.Errorf("write the manual: %w", err)
		}
		n := 0
		for c := range everyCommand(root) {
			if c.Hidden {
				continue
			}
			name := filepath.Join(form.dir, pageName(c)+form.ending)
			if err := os.WriteFile(name, []byte(form.page(c)), 0o644); err != nil {
				return fmt.Errorf("write the manual: %w", err)
			}
			n++
		}
		fmt.Fprintln(s.out, prefixed("", fmt.Sprintf("%s in %s", counted(n, "page"), form.dir)))
	}
	return nil
}

// pageName is the name of a command's page: brickgate-journal-verify.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// description is what a page says a command is.
func description(c *cobra.Command) string {
	if c.Long != "" {
		return strings.TrimSpace(c.Long)
	}
	return c.Short + "."
}

// synopsis is how a command is called; "" for a topic.
func synopsis(c *cobra.Command) string {
	switch {
	case c.HasAvailableSubCommands():
		return c.CommandPath() + " COMMAND"
	case c.IsAdditionalHelpTopicCommand():
		return ""
	}
	return c.UseLine()
}

// flagsOf are the flags of a command by heading, those of all commands last.
func flagsOf(c *cobra.Command) []flagSection {
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	var out []flagSection
	for _, s := range []struct {
		title string
		flags *pflag.FlagSet
	}{{"Flags", c.LocalFlags()}, {"Flags of all commands", c.InheritedFlags()}} {
		section := flagSection{title: s.title}
		s.flags.VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				section.flags = append(section.flags, flagWords(f))
			}
		})
		if len(section.flags) > 0 && !c.IsAdditionalHelpTopicCommand() {
			out = append(out, section)
		}
	}
	return out
}

type flagSection struct {
	title string
	flags []flagEntry
}

// width is that of the longest name.
func (s *flagSection) width() int {
	longest := 0
	for _, f := range s.flags {
		longest = max(longest, len(f.name))
	}
	return longest
}

// flagEntry is a flag as it is written, -C or --dir DIR, and what it means.
type flagEntry struct{ letter, name, means string }

// whole is the flag in both forms.
func (f *flagEntry) whole() string {
	if f.letter == "" {
		return f.name
	}
	return f.letter + ", " + f.name
}

// valueNames are what stands for the value of a flag, where its usage does not say
// it in backquotes.
var valueNames = map[string]string{
	"allow": "GUARD=REASON", "at": "DAY", "base": "REF", "dir": "DIR", "env": "ENV", "expect": "CHECKSUM", "journal": "FILE",
	"listen": "ADDRESS", "live": "FILE", "on": "STATE", "out": "FILE", "output": "FORM", "product": "PRODUCT", "seed": "FILE",
	"since": "SPAN|DAY", "state": "FILE", "status": "STATUS", "within": "SPAN",
}

func flagWords(f *pflag.Flag) flagEntry {
	value, means := pflag.UnquoteUsage(f)
	if name := valueNames[f.Name]; name != "" && value != "" {
		value = name
	}
	e := flagEntry{name: strings.TrimSpace("--" + f.Name + " " + strings.ToUpper(value)), means: means}
	if f.Shorthand != "" {
		e.letter = "-" + f.Shorthand
	}
	switch f.DefValue {
	case "", "false", "0", "0s", "[]", here:
	default:
		e.means += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	return e
}

// related are the pages that a page leads to: the command above, those below, and
// from the first page the topics.
func related(c *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	if c.HasParent() {
		out = append(out, c.Parent())
	}
	for _, sub := range c.Commands() {
		if !sub.Hidden {
			out = append(out, sub)
		}
	}
	return out
}
