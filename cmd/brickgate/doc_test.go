package main

import (
	"go/parser"
	"go/token"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/plan"
)

// TestThePageForWhoIsOnCall names commands, flags, outcomes and exit codes that
// exist, and all of them that an apply can end with.
func TestThePageForWhoIsOnCall(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	page := file.Doc.Text()
	root := rootCommand(streams{nil, io.Discard, io.Discard})
	var flags []string
	var collect func(*cobra.Command)
	collect = func(c *cobra.Command) {
		flags = append(flags, regexp.MustCompile(`--[a-z-]+`).FindAllString(c.UsageString(), -1)...)
		for _, sub := range c.Commands() {
			collect(sub)
		}
	}
	collect(root)
	for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(page, -1) {
		if !slices.Contains(flags, flag) {
			t.Errorf("no command has %s", flag)
		}
	}
	for _, m := range regexp.MustCompile(`brickgate\s+([a-z]+)`).FindAllStringSubmatch(page, -1) {
		if known := append(commandNames(), "never", "wrote"); !slices.Contains(known, m[1]) {
			t.Errorf("the page speaks of brickgate %s", m[1])
		}
	}
	for _, s := range []plan.Status{plan.Applied, plan.Failed, plan.Blocked, plan.Cancelled, inFlight} {
		if !strings.Contains(page, "\n\t"+string(s)+" ") {
			t.Errorf("the page does not say what %q is", s)
		}
	}
	for _, code := range []int{exitOK, exitError, exitRefused, exitAuth, exitPartial, exitInterrupted} {
		if !regexp.MustCompile(`\n\t` + strconv.Itoa(code) + ` `).MatchString(page) {
			t.Errorf("the page does not say what exit code %d means", code)
		}
	}
}
