package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

type upcomingOptions struct {
	selection
	within, at, output string
}

func upcomingCommand(s streams) *cobra.Command {
	var o upcomingOptions
	cmd := &cobra.Command{
		Use:   "upcoming [DIR]",
		Short: "Show what ends and what is due, offline",
		Long: "Shows the access that ends within a span, and the recertifications, reviews, post-mortems and requests\n" +
			"that are due in it or overdue: by product, with the contacts of each. It talks to nobody.",
		Example: "  brickgate upcoming\n" +
			"  brickgate upcoming --within 30d --env prd -o markdown",
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return upcoming(s, o, args) },
	}
	o.selection.flags(cmd)
	cmd.Flags().Lookup("env").Usage = "only this environment"
	cmd.Flags().StringVar(&o.within, "within", "", "how far to look ahead, such as 7d or 3mo (default: the Project's access.noticeBefore)")
	cmd.Flags().StringVar(&o.at, "at", "", "as of this day, or instant in RFC 3339")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text, json or markdown")
	return cmd
}

func upcoming(s streams, o upcomingOptions, args []string) error {
	if err := checkOutput(o.output, "text", "json", "markdown"); err != nil {
		return err
	}
	repo, err := o.load(args)
	if err != nil {
		return err
	}
	agenda := consumer.Agenda{Project: repo.Project, Within: repo.Project.Access.NoticeBefore}
	if o.within != "" {
		if agenda.Within, err = spec.ParseSpan(o.within); err != nil {
			return fmt.Errorf("--within: %w", err)
		}
	}
	if agenda.Now, err = parseAt(o.at, repo.Project.Access.Location()); err != nil {
		return err
	}
	environments := repo.Project.Environments.Keys()
	if o.env != "" {
		environments = []string{o.env}
	}
	var errs []error
	for _, env := range environments {
		declared, err := reconcile.Declare(repo.Repository, env)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		agenda.Catalogue = declared.Catalogue
		agenda.Environments = append(agenda.Environments, consumer.Environment{Name: env, Declared: declared.Resources})
	}
	if err := repo.mistakes(distinct(errs)); err != nil {
		return err
	}
	return writeUpcoming(s, &agenda, o.output)
}

// upcomingDocument is what programs get.
type upcomingDocument struct {
	FormatVersion string         `json:"formatVersion"`
	At            string         `json:"at"`
	Within        string         `json:"within"`
	Through       string         `json:"through"` // the last day looked at
	Zone          string         `json:"zone"`    // in which days are meant
	Due           []consumer.Due `json:"due"`
}

func writeUpcoming(s streams, a *consumer.Agenda, output string) error {
	due := consumer.Upcoming(*a)
	if output == "json" {
		return writeJSON(s.out, upcomingDocument{
			FormatVersion: listFormat, At: a.Now.Format(time.RFC3339), Within: a.Within.String(), Through: a.LastDay(),
			Zone: a.Project.Access.Location().String(), Due: orNone(due),
		})
	}
	return writeTable(s, upcomingTable(a, due), output)
}

func upcomingTable(a *consumer.Agenda, due []consumer.Due) render.Table {
	if len(due) == 0 {
		return render.Table{Title: fmt.Sprintf("Nothing is due through %s, and nothing is overdue.", a.LastDay())}
	}
	overdue, zone := 0, a.Project.Access.Location()
	t := render.Table{Columns: []render.Column{
		{Name: "by"}, {Name: "left"}, {Name: "what"}, {Name: "who"}, {Name: "env"}, {Name: "remark", Use: render.Remark}, {Name: "at", Use: render.Place},
	}}
	for i, d := range due {
		if i == 0 || !sameGroup(d, due[i-1]) {
			t.Sections = append(t.Sections, sectionOf(d))
		}
		if d.Overdue {
			overdue++
		}
		last := &t.Sections[len(t.Sections)-1]
		last.Rows = append(last.Rows, dueCells(d, zone))
	}
	t.Title = fmt.Sprintf("Due through %s: %d, of which %d overdue.", a.LastDay(), len(due), overdue)
	t.Notes = []string{zoneNote(zone)}
	return t
}

func sameGroup(a, b consumer.Due) bool {
	return a.Product == b.Product && (a.Product != "" || a.File == b.File)
}

func sectionOf(d consumer.Due) render.Section {
	if d.Product == "" {
		return render.Section{Title: d.File}
	}
	section := render.Section{Title: "product " + d.Product}
	if len(d.Contacts) > 0 {
		section.Note = "contacts: " + strings.Join(d.Contacts, ", ")
	}
	return section
}

func dueCells(d consumer.Due, zone *time.Location) render.Row {
	left := render.Cell{Text: strconv.Itoa(d.Days) + " d"}
	switch {
	case d.Overdue && d.Days == 0:
		left = render.Cell{Text: "overdue", Tone: render.Bad}
	case d.Overdue:
		left = render.Cell{Text: fmt.Sprintf("overdue %d d", -d.Days), Tone: render.Bad}
	case d.Days == 0:
		left = render.Cell{Text: "today", Tone: render.Watch}
	}
	return render.Row{
		{Text: localTime(d.On, zone)}, left, {Text: d.What}, {Text: strings.Join(d.Who, ", ")}, {Text: strings.Join(d.Environments, ", ")},
		{Text: d.Why}, {Text: d.At},
	}
}
