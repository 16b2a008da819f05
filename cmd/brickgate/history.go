package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

type historyOptions struct {
	dir, since, output string
	journals           []string
}

func historyCommand(s streams) *cobra.Command {
	var o historyOptions
	cmd := &cobra.Command{
		Use:   "history [PRINCIPAL|OBJECT]",
		Short: "Show who changed whose access, when, what and why, offline",
		Long: "Shows what was applied from here, the newest last, as the journal has it: all of it, or what concerns a\n" +
			"principal (alice@example.com, group:NAME, sp:NAME), a securable or an object (gold_prd.sales, or with\n" +
			"its type: schema:gold_prd.sales, clusters:shared-etl). With --journal, what was applied from many\n" +
			"machines: of a folder that was downloaded from the volume, for instance. Each run is shown once.",
		Example: "  brickgate history alice@example.com --since 90d\n" +
			"  brickgate history schema:gold_prd.sales -o json\n" +
			"  brickgate history group:dp-sales-orders-consumer --journal journals/prd.jsonl\n" +
			"  databricks fs cp -r dbfs:/Volumes/ops/brickgate/journal audit && brickgate history --journal audit",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return showHistory(s, o, args, time.Now()) },
	}
	cmd.Flags().StringVarP(&o.dir, "dir", "C", here, "folder of the repository, or one below it")
	cmd.Flags().StringVar(&o.since, "since", "", "only the last span, such as 90d, or since a day or an instant in RFC 3339")
	cmd.Flags().StringArrayVar(&o.journals, "journal", nil, "file to read, or folder of files *.jsonl (repeatable; default "+journalFile+" beside brickgate.yaml)")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

func showHistory(s streams, o historyOptions, args []string, now time.Time) error {
	if err := checkOutput(o.output, "text", "json"); err != nil {
		return err
	}
	var asked string
	if len(args) > 0 {
		asked = args[0]
	}
	since, err := parseSince(o.since, now)
	if err != nil {
		return err
	}
	sources, err := readJournals(o.dir, o.journals)
	if err != nil {
		return err
	}
	whole := tellGaps(s, sources)
	found := journal.Together(sources).Find(journal.Filter{Subject: journal.ParseSubject(asked), Since: since})
	if o.output == "json" {
		return writeJSON(s.out, historyOf(asked, since, found, whole))
	}
	return writeTable(s, historyTable(asked, since, found), o.output)
}

// tellGaps warns of what is not shown because it does not verify, is not here or is
// told in two ways, and tells whether nothing is.
func tellGaps(s streams, sources []journal.Source) (whole bool) {
	whole = true
	for _, source := range sources {
		if n := len(source.Log.Report.Problems); n > 0 {
			whole = false
			warn(s, fmt.Sprintf("the journal is broken, and what is wrong in it is not shown: %s; `brickgate journal verify %s` tells", counted(n, "problem"), source.Name))
		}
	}
	for _, l := range journal.Loose(sources) {
		whole = false
		warn(s, fmt.Sprintf("%s begins with record %d; what was before it is not here", l.Name, l.Log.Report.FirstSeq))
	}
	for _, d := range journal.Disputes(sources) {
		whole = false
		warn(s, disputed(d)+"; what the first says is shown")
	}
	return whole
}

// parseSince reads how far back to look: a span, a day or an instant. Times in a
// journal are in UTC, and so are days here.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := spec.ParseSpan(text); err == nil {
		return span.TakenFrom(now.UTC()), nil
	}
	when, err := spec.ParseWhen(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("--since: %q is neither a span (90d, 3mo), a day (2026-12-31) nor an instant with its zone", text)
	}
	return when.Start(time.UTC), nil
}

// historyDocument is what programs get.
type historyDocument struct {
	FormatVersion string          `json:"formatVersion"`
	Asked         string          `json:"asked"`
	Since         string          `json:"since"`
	Whole         bool            `json:"whole"` // all that was read verifies, and nothing is missing before it
	Operations    []historyChange `json:"operations"`
}

type historyChange struct {
	When string       `json:"when"`
	ID   string       `json:"run"`
	Run  *journal.Run `json:"of"`
	*journal.Intent
	Status   plan.Status `json:"status"` // "in flight" without an outcome
	Error    string      `json:"error"`
	Requests []string    `json:"requests"`
	Seen     plan.Sight  `json:"seen"` // when it was verified; "" where nobody looked
}

// inFlight is the status of a change without an outcome.
const inFlight plan.Status = "in flight"

func historyOf(asked string, since time.Time, found []journal.Operation, whole bool) historyDocument {
	doc := historyDocument{FormatVersion: listFormat, Asked: asked, Whole: whole, Operations: []historyChange{}}
	if !since.IsZero() {
		doc.Since = since.Format(time.RFC3339)
	}
	for _, o := range found {
		c := historyChange{When: o.At.Format(time.RFC3339Nano), ID: o.Run.ID, Run: o.Run, Intent: o.Intent, Status: inFlight, Requests: []string{}}
		if o.Outcome != nil {
			c.Status, c.Error, c.Requests = o.Outcome.Status, o.Outcome.Error, orNone(o.Outcome.Requests)
		}
		if o.Seen != nil {
			c.Seen = o.Seen.Sight
		}
		doc.Operations = append(doc.Operations, c)
	}
	return doc
}

// historyTable has a section for each run, in which there is a row for each fact.
func historyTable(asked string, since time.Time, found []journal.Operation) render.Table {
	t := render.Table{Title: historyTitle(asked, since, len(found)), Columns: []render.Column{
		{Name: "when"}, {Name: "status"}, {Name: "change"}, {Name: "on"},
		{Name: "remark", Use: render.Remark}, {Name: "at", Use: render.Place}, {Name: "why", Use: render.Quote},
	}}
	for i := range found {
		if i == 0 || found[i].Run != found[i-1].Run {
			t.Sections = append(t.Sections, runSection(found[i].Run))
		}
		last := &t.Sections[len(t.Sections)-1]
		last.Rows = append(last.Rows, historyRows(&found[i])...)
	}
	if len(found) > 0 {
		t.Notes = []string{"Times are in UTC."}
	}
	return t
}

// runSection says who, where and from which commit.
func runSection(r *journal.Run) render.Section {
	if r.Command == "" {
		return render.Section{Title: "run " + r.ID, Note: "its beginning is missing"}
	}
	note := r.Command + ", run " + r.ID
	if r.Commit != "" {
		note += ", commit " + r.Commit[:min(len(r.Commit), shownCommit)]
	}
	if r.Dirty {
		note += " and what was not committed"
	}
	if r.Checksum != "" {
		note += ", plan " + plan.ShortChecksum(r.Checksum)
	}
	if r.Approved != "" && r.Approved != r.Checksum {
		note += " of the approved " + plan.ShortChecksum(r.Approved)
	}
	if r.URL != "" {
		note += ", " + r.URL
	}
	for _, w := range r.Waivers {
		note += "; " + w.Guard + " let off: " + w.Reason
	}
	return render.Section{Title: r.Who + " in " + r.Environment, Note: note}
}

func historyTitle(asked string, since time.Time, n int) string {
	words := counted(n, "change")
	if n == 0 {
		words = "No recorded change"
	}
	if asked != "" {
		words += " of " + asked
	}
	if !since.IsZero() {
		words += " since " + since.Format("2006-01-02 15:04")
	}
	return words + "."
}

// historyRows are one row for each fact of a change, behind one that says what it
// makes or deletes, or that it was made where it has no facts.
func historyRows(o *journal.Operation) []render.Row {
	var rows []render.Row
	if o.Intent.Action != plan.Update || len(o.Intent.Removed)+len(o.Intent.Added) == 0 {
		rows = append(rows, historyRow(o, "", journal.Fact{}))
	}
	for _, f := range o.Intent.Removed {
		rows = append(rows, historyRow(o, "- ", f))
	}
	for _, f := range o.Intent.Added {
		rows = append(rows, historyRow(o, "+ ", f))
	}
	return rows
}

func historyRow(o *journal.Operation, sign string, f journal.Fact) render.Row {
	var why journal.Why
	if len(f.Why) > 0 {
		why = f.Why[0]
	}
	change := string(o.Intent.Action)
	if sign != "" {
		change = sign + factWords(f)
	}
	return render.Row{
		{Text: o.At.Format("2006-01-02 15:04:05")}, statusCell(o), {Text: change}, {Text: o.Intent.Key().String()},
		{Text: remarkWords(o, why, sign == "- " && len(f.Why) == 0)}, {Text: cmp.Or(why.At, o.Intent.At)}, {Text: why.Reason},
	}
}

// factWords write a fact: group:readers SELECT, member user:alice@example.com.
func factWords(f journal.Fact) string { return f.Field + " " + f.Value }

func statusCell(o *journal.Operation) render.Cell {
	switch {
	case o.Outcome == nil:
		return render.Cell{Text: string(inFlight), Tone: render.Watch}
	case o.Outcome.Status != plan.Applied:
		return render.Cell{Text: string(o.Outcome.Status), Tone: render.Bad}
	}
	return render.Cell{Text: string(o.Outcome.Status), Tone: render.Good}
}

// remarkWords say what else is known: the product, the request, how long it was
// to last, why the change was made, how it failed. What nobody asks for, and goes, is
// not declared.
func remarkWords(o *journal.Operation, why journal.Why, undeclared bool) string {
	var words []string
	add := func(prefix, text string) {
		if text != "" {
			words = append(words, prefix+text)
		}
	}
	add("product ", cmp.Or(why.Product, o.Intent.Product))
	add("request ", why.Request)
	add("until ", why.Until)
	add("", why.Ends)
	switch r := o.Intent.Reason; {
	case r != plan.Missing && r != plan.Differs && r != why.Reason:
		add("", r)
	case r == plan.Differs && undeclared:
		add("", "not declared")
	}
	if o.Outcome != nil {
		add("", o.Outcome.Error)
	}
	if o.Seen != nil && o.Seen.Sight != plan.Visible {
		add("when verified ", seenWords(o.Seen))
	}
	return strings.Join(words, "; ")
}

// seenWords say what was read of a change that was not as it left it.
func seenWords(s *journal.Seen) string {
	words := string(s.Sight)
	for _, f := range s.Extra {
		words += ", + " + factWords(f)
	}
	for _, f := range s.Missing {
		words += ", - " + factWords(f)
	}
	if s.Why != "" {
		words += ": " + s.Why
	}
	return words
}
