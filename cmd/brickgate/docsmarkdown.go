package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// markdownPage writes a page whose texts look as they do in --help.
func markdownPage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n", c.CommandPath(), markdownText(c.Short))
	if use := synopsis(c); use != "" {
		fmt.Fprintf(&b, "\n%s", fenced(use))
	}
	if c.Long != "" {
		fmt.Fprintf(&b, "\n%s", fenced(description(c)))
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\n## Examples\n\n%s", fenced(unindented(c.Example)))
	}
	for _, s := range sections(c) {
		fmt.Fprintf(&b, "\n## %s\n\n", s.title)
		for _, sub := range s.commands {
			fmt.Fprintf(&b, "- [`%s`](%s.md): %s\n", sub.Name(), pageName(sub), markdownText(sub.Short))
		}
	}
	for _, s := range flagsOf(c) {
		fmt.Fprintf(&b, "\n## %s\n\n", s.title)
		for _, f := range s.flags {
			fmt.Fprintf(&b, "- `%s`: %s\n", f.whole(), markdownText(f.means))
		}
	}
	if c.HasParent() {
		fmt.Fprintf(&b, "\nBack to [`%s`](%s.md)\n", c.Parent().CommandPath(), pageName(c.Parent()))
	}
	return b.String()
}

func fenced(text string) string { return "```text\n" + text + "\n```\n" }

func unindented(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", "\n"), "  ")
}

// markdownText escapes what Markdown would take for more than text.
func markdownText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`, "`", "\\`", "|", `\|`).Replace(text)
}
