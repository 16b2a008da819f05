package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func allCommands() (*cobra.Command, []*cobra.Command) {
	root := rootCommand(streams{nil, io.Discard, io.Discard})
	var out []*cobra.Command
	for c := range everyCommand(root) {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return root, out
}

// Every command says what it does, and shows how it is called.
func TestEveryCommandIsExplained(t *testing.T) {
	_, all := allCommands()
	for _, c := range all {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || strings.ContainsAny(c.Short, "\n") || len(c.Short) > 90 {
			t.Errorf("%s: short: %q", c.CommandPath(), c.Short)
		}
		if c.Long == "" {
			t.Errorf("%s has no description", c.CommandPath())
		}
		if c.Example == "" && !c.IsAdditionalHelpTopicCommand() {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, l := range strings.Split(c.Long+"\n"+c.Example, "\n") {
			if len(l) > 160 || strings.HasSuffix(l, " ") || strings.Contains(l, "\t") {
				t.Errorf("%s: line of the help: %q", c.CommandPath(), l)
			}
		}
		if c.Example != "" && !strings.HasPrefix(c.Example, "  ") {
			t.Errorf("%s: the examples are not indented", c.CommandPath())
		}
	}
	if len(all) < 15 {
		t.Errorf("only %d commands were found", len(all))
	}
}

// The example of a command calls it, with flags that it has.
func TestTheExamplesAreOfTheirCommand(t *testing.T) {
	_, all := allCommands()
	for _, c := range all {
		if c.Example != "" && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s: the example does not call it", c.CommandPath())
		}
		for _, m := range shown.FindAllStringSubmatch(c.Example, -1) {
			checkCall(t, m[1])
		}
	}
}

// Each flag says what it is, and completes as something that was thought of.
func TestEveryFlagIsExplainedAndCompleted(t *testing.T) {
	_, all := allCommands()
	for _, c := range all {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") {
				t.Errorf("%s --%s: usage %q", c.CommandPath(), f.Name, f.Usage)
			}
			if f.Value.Type() == "bool" || f.Annotations[cobra.BashCompFilenameExt] != nil || f.Annotations[cobra.BashCompSubdirsInDir] != nil {
				return
			}
			if _, ok := c.GetFlagCompletionFunc(f.Name); !ok && !strings.Contains(f.Usage, "file") && !strings.Contains(f.Usage, "DIR") {
				t.Errorf("%s --%s: would complete files: say in completedFlags what it is", c.CommandPath(), f.Name)
			}
		})
	}
}

// What -o completes is what the command accepts.
func TestTheFormsThatAreCompletedAreAccepted(t *testing.T) {
	_, all := allCommands()
	form := regexp.MustCompile(`^[a-z]+$`)
	for _, c := range all {
		o := c.Flags().Lookup("output")
		if o == nil {
			continue
		}
		forms := formsIn(o.Usage)
		if len(forms) < 2 || forms[0] != "text" {
			t.Errorf("%s: forms %q", c.CommandPath(), forms)
		}
		for _, f := range forms {
			if !form.MatchString(f) {
				t.Errorf("%s: form %q", c.CommandPath(), f)
			}
		}
		args := append(strings.Fields(c.CommandPath())[1:], "-o", "bogus", "-C", t.TempDir())
		for range regexp.MustCompile(` [A-Z]+`).FindAllString(c.Use, -1) {
			args = append(args, "x")
		}
		var said strings.Builder
		run(t.Context(), args, streams{strings.NewReader(""), io.Discard, &said})
		want := strings.Join(forms[:len(forms)-1], ", ") + " and " + forms[len(forms)-1]
		if !strings.HasSuffix(said.String(), "the forms are "+want+"\n") {
			t.Errorf("%s -o bogus: %s; completed: %s", c.CommandPath(), &said, want)
		}
	}
}

// Every command has its place in the help, once.
func TestTheGroupsHoldEachCommandOnce(t *testing.T) {
	root, _ := allCommands()
	help := root.UsageString()
	for _, c := range root.Commands() {
		if n := len(regexp.MustCompile(`(?m)^  `+c.Name()+` `).FindAllString(help, -1)); n != 1 {
			t.Errorf("%s stands %d times in the help", c.Name(), n)
		}
	}
}
