package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/actions"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// step is the step of GitHub Actions that this runs in; nil elsewhere.
func step() *actions.Run { return actions.Of(os.Getenv) }

// tellStep tells the step of a plan. Steps behind it decide by the outputs, so that
// these have to be written; the summary and annotations are for readers.
func tellStep(s streams, p plan.Plan, session *session, saved string) error {
	run := step()
	if run == nil {
		return nil
	}
	if saved != "" {
		whole, err := filepath.Abs(saved)
		if err != nil {
			return fmt.Errorf("find the saved plan again: %w", err)
		}
		saved = whole
	}
	removals := 0
	edits := p.Edits()
	for _, e := range edits {
		if e.Removed {
			removals++
		}
	}
	err := run.Output(
		actions.Value{Name: "has_changes", Value: strconv.FormatBool(len(p.Changes) > 0)},
		actions.Value{Name: "additions", Value: strconv.Itoa(len(edits) - removals)},
		actions.Value{Name: "removals", Value: strconv.Itoa(removals)},
		actions.Value{Name: "blocked", Value: strconv.Itoa(len(p.Blocked))},
		actions.Value{Name: "plan_path", Value: saved},
	)
	if err != nil {
		return err
	}
	summarise(s, planSummary(p, session))
	annotate(s, p.Findings, session.repo.Dir)
	return nil
}

// summary writes Markdown of at most so many bytes.
type summary func(run *actions.Run, room int) (string, error)

// leastRoom is what any summary of ours needs.
const leastRoom = 4 << 10

// summarise adds to the summary of the step. One that cannot be written stops
// nothing.
func summarise(s streams, write summary) {
	run := step()
	if run == nil || os.Getenv("GITHUB_STEP_SUMMARY") == "" {
		return
	}
	err := errors.New("there is no room left in it")
	if room := run.Room(); room >= leastRoom {
		text := ""
		if text, err = write(run, room); err == nil {
			err = run.Summary(text)
		}
	}
	if err != nil {
		fmt.Fprintln(s.err, prefixed("warning: ", "the summary of the step does not tell of this: "+err.Error()))
	}
}

// planSummary is the plan, with links into the repository at this commit.
func planSummary(p plan.Plan, session *session) summary {
	return func(run *actions.Run, room int) (string, error) {
		var b strings.Builder
		err := render.Markdown(&b, p, render.MarkdownOptions{
			Now: session.now, Checksum: checksumOf(p), Limit: room, Blob: blobOf(run, session.repo.Dir),
		})
		if errors.As(err, new(*render.TooLarge)) {
			err = nil // it says so itself
		}
		return b.String(), err
	}
}

// outcomeSummary is how the changes ended.
func outcomeSummary(outcomes []plan.Outcome, session *session) summary {
	return func(run *actions.Run, room int) (string, error) {
		var b strings.Builder
		err := render.OutcomesMarkdown(&b, outcomes, render.MarkdownOptions{Now: session.now, Limit: room, Blob: blobOf(run, session.repo.Dir)})
		return b.String(), err
	}
}

// blobOf is where files of the repository are read in a browser; "" if nobody knows.
func blobOf(run *actions.Run, dir string) string {
	blob, below := run.Blob(), beneath(dir)
	if blob == "" || below == "" {
		return blob
	}
	return blob + "/" + render.URLPath(below)
}

// beneath is where a folder is in its git repository, with slashes; "" at its top,
// or where there is none.
func beneath(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for top := dir; ; top = filepath.Dir(top) {
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			below, err := filepath.Rel(top, dir)
			if err != nil || below == "." {
				return ""
			}
			return filepath.ToSlash(below)
		}
		if top == filepath.Dir(top) {
			return ""
		}
	}
}

// annotate marks findings in the files of a pull request. Runners read them from
// what is printed on the side too, so that stdout stays what was asked for.
func annotate(s streams, findings []plan.Finding, dir string) {
	if step() == nil || len(findings) == 0 {
		return
	}
	levels := map[plan.Level]actions.Level{plan.LevelError: actions.Error, plan.LevelWarn: actions.Warning, plan.LevelNote: actions.Notice}
	below := beneath(dir)
	notes := make([]actions.Note, len(findings))
	for i, f := range findings {
		notes[i] = actions.Note{Level: levels[f.Level], Line: f.Pos.Line, Col: f.Pos.Col, Title: clean(f.Code), Message: clean(f.Message)}
		if f.Pos.File != "" {
			notes[i].File = clean(path.Join(below, f.Pos.File))
		}
	}
	if err := actions.Annotate(s.err, notes); err != nil {
		fmt.Fprintln(s.err, prefixed("warning: ", "not everything is annotated: "+err.Error()))
	}
}

// mistakeCode stands in the place of a rule's where something is no document.
const mistakeCode = "mistake"

// findingsOf are mistakes as findings.
func findingsOf(err error) []plan.Finding {
	var out []plan.Finding
	for _, m := range spec.Errors(err) {
		out = append(out, plan.Finding{Code: mistakeCode, Level: plan.LevelError, Pos: plan.Pos(m.Pos), Message: m.Msg})
	}
	return out
}

// annotateMistakes marks the mistakes that an error tells of.
func annotateMistakes(cmd *cobra.Command, s streams, err error) {
	if step() == nil {
		return
	}
	annotate(s, findingsOf(err), folderOf(cmd))
}

// folderOf is the folder of the repository that a command was about; "" if nobody
// knows.
func folderOf(cmd *cobra.Command) string {
	named := cmd.Flags().Args()
	if dir := cmd.Flags().Lookup("dir"); dir != nil {
		named = append(named, dir.Value.String())
	}
	for _, dir := range named {
		if found, err := spec.FindProject(dir); err == nil {
			return found
		}
	}
	return ""
}
