package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/history"
	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

const (
	ownFolder   = ".brickgate"
	journalFile = ownFolder + "/journal.jsonl"
)

// recording is where a command that writes to Databricks keeps its journal.
type recording struct {
	journal   string
	command   string // that records
	sandboxed bool   // whether it writes to the embedded sandbox
}

func (o *recording) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.journal, "journal", "", "file to record in (default "+journalFile+" beside brickgate.yaml)")
}

// file is where the journal of the repository in dir is.
func (o *recording) file(dir string) string {
	if o.journal != "" {
		return o.journal
	}
	return filepath.Join(dir, filepath.FromSlash(journalFile))
}

// as says which command records, and whether it writes to the sandbox.
func (o carrying) as(command string, sandbox bool) carrying {
	o.command, o.sandboxed = command, sandbox
	return o
}

// begin opens the journal and records that a command begins.
func (o *recording) begin(ctx context.Context, s streams, session *session) (*journal.Journal, error) {
	run := runOf(o.command, session)
	if o.sandboxed {
		run.Hosts = []string{"sandbox"}
	}
	var err error
	if run.Commit, run.Dirty, err = commit(ctx, session.repo.Dir); err != nil {
		fmt.Fprintln(s.err, prefixed("warning: ", "the journal names no commit: "+err.Error()))
	}
	log, err := journal.Open(o.file(session.repo.Dir), time.Now)
	if err != nil {
		return nil, notRecorded(err)
	}
	if err := log.Begin(run); err != nil {
		return nil, notRecorded(joined(err, log.Close()))
	}
	return log, nil
}

func notRecorded(err error) error {
	return fmt.Errorf("nothing is applied, since it cannot be recorded: %w", err)
}

// runOf is what is known of a run when it begins.
func runOf(command string, session *session) journal.Run {
	p, now := session.plan, time.Now().UTC()
	run := journal.Run{
		ID:      now.Format("20060102T150405Z") + "-" + strings.ToLower(rand.Text()[:8]),
		Command: command, Who: session.run.Self(), Hosts: hostNames(session.run.Hosts()), PID: os.Getpid(),
		Project: session.run.Project.Metadata.Name.Value, Environment: p.Environment, Checksum: p.Checksum(),
		Tool: toolVersion(), Now: session.now, Changes: len(p.Changes), Waivers: journal.Waivers(p.Waivers),
	}
	if u, err := user.Current(); err == nil {
		run.User = u.Username
	}
	run.Machine, _ = os.Hostname() // a machine without a name has none to record
	return run
}

// hostNames are those of the account and the workspaces, each once.
func hostNames(hosts []plan.Host) []string {
	var out []string
	for _, h := range hosts {
		out = append(out, h.Host)
	}
	return plan.Set(out)
}

// commit is the one that the repository is at, "" where there is no git.
func commit(ctx context.Context, dir string) (id string, dirty bool, err error) {
	past, err := history.Open(ctx, dir)
	switch {
	case errors.Is(err, history.ErrNoGit), errors.Is(err, history.ErrNoRepository), errors.Is(err, history.ErrNoCommit):
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	if id, err = past.Head(ctx); err != nil {
		return "", false, err
	}
	dirty, err = past.Dirty(ctx, ownFolder)
	return id, dirty, err
}

func journalCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "What was applied, line by line",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(journalVerifyCommand(s))
	return cmd
}

func journalVerifyCommand(s streams) *cobra.Command {
	dir := here
	cmd := &cobra.Command{
		Use:   "verify [FILE]",
		Short: "Check that nobody edited a journal, and list what was in flight",
		Long: "Checks every line of a journal: that its text has its hash, and that it continues the line before. It\n" +
			"names the lines that were edited, dropped, inserted or moved, and the changes that a run had begun and\n" +
			"of which it did not record an end. Lines taken off the very end are seen only by who keeps the number\n" +
			"and the hash of the last one, which are printed.",
		Example: "  brickgate journal verify\n" +
			"  brickgate journal verify journals/prd.jsonl",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var o recording
			if len(args) > 0 {
				o.journal = args[0]
			}
			return verifyJournal(s, dir, o)
		},
	}
	cmd.Flags().StringVarP(&dir, "dir", "C", here, "folder of the repository, or one below it")
	return cmd
}

func verifyJournal(s streams, dir string, o recording) error {
	name, log, err := readJournal(dir, o)
	if err != nil {
		return err
	}
	r := log.Report
	for _, p := range r.Problems {
		fmt.Fprintf(s.out, "%s: %s\n", clean(name), clean(p.String()))
	}
	for _, line := range r.Torn {
		fmt.Fprintf(s.out, "line %d was torn when its writer was killed; the record behind it says so\n", line)
	}
	for _, u := range r.Unfinished {
		tellUnfinished(s, u)
	}
	fmt.Fprintf(s.out, "%s of %s; the last is %d, %s\n", counted(r.Records, "record"), counted(r.Runs, "run"), r.LastSeq, clean(r.LastHash))
	if n := len(r.Problems); n > 0 {
		fmt.Fprintln(s.err, prefixed("error: ", fmt.Sprintf("the journal %s is broken: %s", name, counted(n, "problem"))))
		return exit{exitError}
	}
	return nil
}

// tellUnfinished prints what was in flight in a run.
func tellUnfinished(s streams, u journal.Unfinished) {
	words := "run " + u.Run.ID + " has no end"
	if u.Run.Who != "" {
		words = fmt.Sprintf("run %s of %s in %s has no end", u.Run.ID, u.Run.Who, u.Run.Environment)
	}
	if len(u.InFlight) == 0 {
		fmt.Fprintf(s.out, "%s; nothing was in flight\n", clean(words))
		return
	}
	fmt.Fprintf(s.out, "%s; in flight, made or not:\n", clean(words))
	for _, o := range u.InFlight {
		fmt.Fprintf(s.out, "  line %d  %s  %s %s\n", o.Line, o.At.Format(time.RFC3339), o.Intent.Action, clean(o.Intent.Key().String()))
	}
}

// counted writes a number and what is counted.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// readJournal reads the journal of a repository, or the one that is named.
func readJournal(dir string, o recording) (string, *journal.Log, error) {
	if o.journal == "" {
		var err error
		if dir, err = spec.FindProject(dir); err != nil {
			return "", nil, err
		}
	}
	name := o.file(dir)
	f, err := os.Open(name)
	if err != nil {
		return "", nil, fmt.Errorf("read the journal: %w", err)
	}
	defer f.Close()
	log, err := journal.Read(f)
	return name, log, err
}
