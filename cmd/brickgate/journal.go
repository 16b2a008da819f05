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
)

const (
	ownFolder   = ".brickgate"
	journalFile = ownFolder + "/journal.jsonl"
)

// recording is where a command that writes to Databricks keeps its journal.
type recording struct {
	journal   string
	volume    volumeFlag
	command   string // that records
	sandboxed bool   // whether it writes to the embedded sandbox
}

func (o *recording) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.journal, "journal", "", "file to record in (default "+journalFile+" beside brickgate.yaml)")
	o.volume.flag(cmd)
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
		run.Hosts = []string{sandboxHost}
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
	session.recorded = run.ID
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
		Project: session.run.Project.Metadata.Name.Value, Environment: p.Environment, Checksum: p.Checksum(), Approved: session.approved, URL: runURL(os.Getenv),
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
		Long: "The journal is what apply and expire record of each change, before and after it: in " + journalFile + "\n" +
			"beside brickgate.yaml, or where --journal says, and in a volume where journal.volume names one.\n" +
			"brickgate history shows it.",
		Example: "  brickgate journal verify",
	}
	cmd.AddCommand(journalVerifyCommand(s), journalUploadCommand(s))
	return cmd
}
