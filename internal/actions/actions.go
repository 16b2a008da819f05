package actions

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// SummaryLimit is what the summary of a step may hold; GitHub drops a larger one.
const SummaryLimit = 1 << 20

// Run is a step of a workflow.
type Run struct{ getenv func(string) string }

// Of is the step that the environment tells of; nil where it is none.
func Of(getenv func(string) string) *Run {
	if getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	return &Run{getenv}
}

// Value is an output of the step, for steps and jobs behind it.
type Value struct{ Name, Value string }

// Output adds outputs to those of the step. Without a file for them, nobody asks.
func (r *Run) Output(values ...Value) error {
	var b strings.Builder
	for _, v := range values {
		end := "end_of_value"
		for strings.Contains(v.Value, end) {
			end += "_"
		}
		fmt.Fprintf(&b, "%s<<%s\n%s\n%s\n", v.Name, end, v.Value, end)
	}
	return r.add("GITHUB_OUTPUT", b.String())
}

// Room is how many bytes the summary of the step still takes; zero where there is
// none.
func (r *Run) Room() int {
	name := r.getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return 0
	}
	written := 0
	if info, err := os.Stat(name); err == nil {
		written = int(min(info.Size(), SummaryLimit))
	}
	return max(0, SummaryLimit-written-2) // for the line breaks around it
}

// Summary adds Markdown to the summary of the step.
func (r *Run) Summary(markdown string) error { return r.add("GITHUB_STEP_SUMMARY", "\n"+markdown+"\n") }

// add writes at the end of the file that a variable names.
func (r *Run) add(variable, text string) error {
	name := r.getenv(variable)
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write $%s: %w", variable, err)
	}
	_, err = f.WriteString(text)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write $%s: %w", variable, err)
	}
	return nil
}

// Workspace is the folder of the repository that the workflow checked out.
func (r *Run) Workspace() string { return r.getenv("GITHUB_WORKSPACE") }

// Blob is the URL of the repository's files at the commit of the run, without a
// slash at its end; "" where it is not known.
func (r *Run) Blob() string {
	server, repository, sha := r.getenv("GITHUB_SERVER_URL"), r.getenv("GITHUB_REPOSITORY"), r.getenv("GITHUB_SHA")
	base, err := url.Parse(server)
	if err != nil || base.Scheme != "https" || base.Host == "" || repository == "" || strings.Trim(sha, "0123456789abcdef") != "" || sha == "" {
		return ""
	}
	base.RawQuery, base.Fragment = "", ""
	return base.JoinPath(append(strings.Split(repository, "/"), "blob", sha)...).String()
}
