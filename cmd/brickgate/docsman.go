package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// manPage writes a page in the macros that every man knows. It bears no date, so that
// the same version writes the same bytes. Texts stand as they are in --help, line by
// line: they are broken already, and their tables must not be.
func manPage(c *cobra.Command) string {
	var b strings.Builder
	name := pageName(c)
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"User Commands\"\n", strings.ToUpper(roff(name)), "brickgate "+roff(toolVersion()))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(c.Short))
	if use := synopsis(c); use != "" {
		fmt.Fprintf(&b, ".SH SYNOPSIS\n.nf\n%s\n.fi\n", roff(use))
	}
	fmt.Fprintf(&b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(description(c)))
	for _, s := range sections(c) {
		fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(s.title)))
		for _, sub := range s.commands {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(sub.Name()), roff(sub.Short))
		}
	}
	for _, s := range flagsOf(c) {
		fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(s.title)))
		for _, f := range s.flags {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(f.whole()), roff(f.means))
		}
	}
	if c.HasExample() {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(c.Example))
	}
	if pages := related(c); len(pages) > 0 {
		b.WriteString(".SH SEE ALSO\n")
		for i, r := range pages {
			end := ","
			if i == len(pages)-1 {
				end = ""
			}
			fmt.Fprintf(&b, ".BR %s (1)%s\n", roff(pageName(r)), end)
		}
	}
	return b.String()
}

// roff writes a text so that nothing in it is an instruction, and every hyphen is one
// that can be copied.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\[u2026]`, "–", `\[en]`, "'", `\[aq]`, "`", "\\`").Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
