package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/spec"
)

func journalVerifyCommand(s streams) *cobra.Command {
	dir := here
	cmd := &cobra.Command{
		Use:   "verify [FILE|DIR...]",
		Short: "Check that nobody edited a journal, and list what was in flight",
		Long: "Checks every line of a journal: that its text has its hash, and that it continues the line before. It\n" +
			"names the lines that were edited, dropped, inserted or moved, and the changes that a run had begun and\n" +
			"of which it did not record an end. Lines taken off the very end are seen only by who keeps the number\n" +
			"and the hash of the last one, which are printed.\n\n" +
			"Parts of journals, as they are uploaded, verify by themselves. With several of them, or a folder that\n" +
			"was downloaded, those are named that go on behind a record which is in none: a part is missing then. A run that is\n" +
			"in several of them, as in the journal of a machine and in the volume, has to be the same in each.",
		Example: "  brickgate journal verify\n" +
			"  brickgate journal verify journals/prd.jsonl\n" +
			"  databricks fs cp -r dbfs:/Volumes/ops/brickgate/journal audit && brickgate journal verify audit",
		RunE: func(_ *cobra.Command, args []string) error { return verifyJournals(s, dir, args) },
	}
	cmd.Flags().StringVarP(&dir, "dir", "C", here, "folder of the repository, or one below it")
	return cmd
}

func verifyJournals(s streams, dir string, named []string) error {
	sources, err := readJournals(dir, named)
	if err != nil {
		return err
	}
	broken := 0
	for i := range sources {
		tellReport(s, sources[i], len(sources) > 1)
		if n := len(sources[i].Log.Report.Problems); n > 0 {
			broken++
			fmt.Fprintln(s.err, prefixed("error: ", fmt.Sprintf("the journal %s is broken: %s", sources[i].Name, counted(n, "problem"))))
		}
	}
	for _, l := range journal.Loose(sources) {
		fmt.Fprintf(s.out, "%s begins with record %d; what was before it is not here (%s)\n", clean(l.Name), l.Log.Report.FirstSeq, clean(l.Log.Report.Before))
	}
	disputes := journal.Disputes(sources)
	for _, d := range disputes {
		fmt.Fprintln(s.err, prefixed("error: ", disputed(d)))
	}
	if broken+len(disputes) > 0 {
		return exit{exitError}
	}
	return nil
}

// disputed says that one of two files lies.
func disputed(d journal.Dispute) string {
	return fmt.Sprintf("%s and %s tell run %s differently, from record %d on: one of them was written anew", d.A, d.B, d.Run, d.Seq)
}

// tellReport prints what a journal is worth.
func tellReport(s streams, source journal.Source, several bool) {
	name, r := clean(source.Name), source.Log.Report
	for _, p := range r.Problems {
		fmt.Fprintf(s.out, "%s: %s\n", name, clean(p.String()))
	}
	before := ""
	if several {
		before = name + ": "
	}
	for _, line := range r.Torn {
		fmt.Fprintf(s.out, "%sline %d was torn when its writer was killed; the record behind it says so\n", before, line)
	}
	for _, u := range r.Unfinished {
		tellUnfinished(s, before, u)
	}
	fmt.Fprintf(s.out, "%s%s of %s; the last is %d, %s\n", before, counted(r.Records, "record"), counted(r.Runs, "run"), r.LastSeq, clean(r.LastHash))
}

// tellUnfinished prints what was in flight in a run.
func tellUnfinished(s streams, before string, u journal.Unfinished) {
	words := "run " + u.Run.ID + " has no end"
	if u.Run.Who != "" {
		words = fmt.Sprintf("run %s of %s in %s has no end", u.Run.ID, u.Run.Who, u.Run.Environment)
	}
	if len(u.InFlight) == 0 {
		fmt.Fprintf(s.out, "%s%s; nothing was in flight\n", before, clean(words))
		return
	}
	fmt.Fprintf(s.out, "%s%s; in flight, made or not:\n", before, clean(words))
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

// readJournals reads the journal of a repository, or what is named: files, and all
// that folders hold of them.
func readJournals(dir string, named []string) ([]journal.Source, error) {
	if len(named) == 0 {
		root, err := spec.FindProject(dir)
		if err != nil {
			return nil, err
		}
		name := (&recording{}).file(root)
		log, err := readJournal(name)
		if err != nil {
			return nil, err
		}
		log.Report.MustBegin() // it stands where it was written
		return []journal.Source{{Name: name, Log: log}}, nil
	}
	var sources []journal.Source
	for _, name := range named {
		files, err := journalFiles(name)
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		for _, f := range files {
			log, err := readJournal(f)
			if err != nil {
				return nil, err
			}
			sources = append(sources, journal.Source{Name: f, Log: log})
		}
	}
	return sources, nil
}

// journalFiles are a file itself, and the journals below a folder.
func journalFiles(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() {
		return []string{name}, err
	}
	var files []string
	err = filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && filepath.Ext(path) == ".jsonl" {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no file *.jsonl", name)
	}
	slices.Sort(files)
	return files, err
}

func readJournal(name string) (*journal.Log, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer f.Close()
	return journal.Read(f)
}
