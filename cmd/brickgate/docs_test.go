package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual writes the manual, and returns its pages by file.
func manual(t *testing.T, form string) (string, map[string]string) {
	t.Helper()
	dir, pages := filepath.Join(t.TempDir(), "manual"), map[string]string{}
	if code := run(t.Context(), []string{"docs", form, dir}, streams{nil, io.Discard, os.Stderr}); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		pages[f.Name()] = string(data)
	}
	return dir, pages
}

func TestTheManualHasAllCommandsAndFlags(t *testing.T) {
	_, all := allCommands()
	for form, ending := range map[string]string{"--man": ".1", "--markdown": ".md"} {
		_, pages := manual(t, form)
		_, again := manual(t, form)
		for _, c := range all {
			name := pageName(c) + ending
			page := strings.ReplaceAll(pages[name], `\-`, "-")
			if page == "" || pages[name] != again[name] {
				t.Errorf("%s is missing, or differs the second time", name)
				continue
			}
			delete(pages, name)
			if c.IsAdditionalHelpTopicCommand() {
				continue
			}
			c.Flags().VisitAll(func(f *pflag.Flag) {
				if !strings.Contains(page, "--"+f.Name) {
					t.Errorf("%s says nothing of --%s", name, f.Name)
				}
			})
			if !hasHelpOfAll(page, c) {
				t.Errorf("%s lacks a command", name)
			}
		}
		if len(pages) > 0 {
			t.Errorf("%s: pages of nothing: %d", form, len(pages))
		}
	}
}

func hasHelpOfAll(page string, c *cobra.Command) bool {
	return !slices.ContainsFunc(c.Commands(), func(sub *cobra.Command) bool { return !strings.Contains(page, sub.Name()) })
}

func TestTheLinksOfTheManualLeadSomewhere(t *testing.T) {
	_, pages := manual(t, "--markdown")
	n := 0
	for name, page := range pages {
		for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(page, -1) {
			n++
			if pages[m[1]] == "" {
				t.Errorf("%s leads to %s", name, m[1])
			}
		}
	}
	if n < 2*(len(pages)-1) {
		t.Errorf("only %d links", n)
	}
}

// What man says of a page is what --help says, and it has nothing to complain about.
func TestManReadsThePages(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff")
	}
	dir, pages := manual(t, "--man")
	for name := range pages {
		cmd := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-P-c", "-ww", "-rLL=200n", filepath.Join(dir, name))
		var complaints strings.Builder
		cmd.Stderr = &complaints
		text, err := cmd.Output()
		if err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v\n%s", name, err, &complaints)
		}
		if name == "brickgate-apply.1" && !strings.Contains(string(text), "brickgate apply --env prd --yes --allow 'maxDeletes=teams merged, CHG-1234'\n") {
			t.Errorf("%s: an example is not as it is to be typed:\n%s", name, text)
		}
	}
}

func TestTheManualIsRefusedInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"docs"}, {"docs", "--man", file}, {"docs", "x"}} {
		var said strings.Builder
		if code := run(t.Context(), args, streams{nil, io.Discard, &said}); code != exitError || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%q: exit code %d, said %q", args, code, &said)
		}
	}
}
