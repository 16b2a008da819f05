package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/internal/render"
)

// consumersDocument is what programs get of a list.
type consumersDocument struct {
	FormatVersion string         `json:"formatVersion"`
	Product       string         `json:"product"`
	Environment   string         `json:"environment"`
	At            string         `json:"at"`
	Zone          string         `json:"zone"` // in which days are meant
	Asked         bool           `json:"liveAsked"`
	Contacts      []string       `json:"contacts"`
	Counts        map[string]int `json:"counts"` // by status, whatever status was asked for
	Unapproved    int            `json:"liveAndNotApproved"`
	Consumers     []consumer.Row `json:"consumers"`
}

func writeConsumers(s streams, in consumer.Input, all []consumer.Row, o listOptions) error {
	rows := all
	if o.status != allStatuses {
		rows = consumer.Only(all, consumer.Status(o.status))
	}
	if o.output != "json" {
		return writeTable(s, consumersTable(in, all, rows, o), o.output)
	}
	doc := consumersDocument{
		FormatVersion: listFormat, Product: in.Product.Metadata.Name.Value, Environment: in.Env,
		At: in.Now.Format(time.RFC3339), Zone: in.Project.Access.Location().String(), Asked: in.Groups != nil,
		Contacts: orNone(in.Catalogue.Contacts(in.Product)), Counts: map[string]int{}, Unapproved: consumer.Unapproved(all),
		Consumers: orNone(rows),
	}
	counts := consumer.Counts(all)
	for _, status := range consumer.Statuses() {
		doc.Counts[string(status)] = counts[status]
	}
	return writeJSON(s.out, doc)
}

// orNone is a list that JSON writes as [] where there is nothing.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// consumersTable shows rows, and in its title what there is in all.
func consumersTable(in consumer.Input, all, rows []consumer.Row, o listOptions) render.Table {
	t := render.Table{Title: consumersTitle(in, all), Columns: []render.Column{
		{Name: "principal"}, {Name: "type", Use: render.Data}, {Name: "status"}, {Name: "live"}, {Name: "expires"},
		{Name: "days left", Use: render.Number}, {Name: "layer"}, {Name: "access"}, {Name: "granted"},
		{Name: "note", Use: render.Remark}, {Name: "approvals"}, {Name: "port", Use: render.Data}, {Name: "pii", Use: render.Data}, {Name: "ends", Use: render.Data},
		{Name: "request", Use: render.Data}, {Name: "requested", Use: render.Data}, {Name: "ticket", Use: render.Data},
		{Name: "zone", Use: render.Data}, {Name: "at", Use: render.Place}, {Name: "justification", Use: render.Quote},
	}}
	zone := in.Project.Access.Location()
	section := render.Section{}
	for _, r := range rows {
		section.Rows = append(section.Rows, consumerCells(r, zone, o.output))
	}
	t.Sections = []render.Section{section}
	if len(rows) == 0 && len(all) > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("None is %s.", o.status))
		return t
	}
	if len(all) == 0 {
		return t
	}
	if contacts := in.Catalogue.Contacts(in.Product); len(contacts) > 0 {
		t.Notes = append(t.Notes, "Contacts: "+strings.Join(contacts, ", "))
	}
	t.Notes = append(t.Notes, zoneNote(zone))
	if in.Groups == nil {
		t.Notes = append(t.Notes, "Offline: nobody was asked who is live.")
	}
	return t
}

// consumersTitle counts: "sales-orders in prd: 2 pending (1 request, the oldest of
// 2026-01-08), 4 active".
func consumersTitle(in consumer.Input, all []consumer.Row) string {
	name := in.Product.Metadata.Name.Value + " in " + in.Env
	if len(all) == 0 {
		return "No consumers of " + name + "."
	}
	counts := consumer.Counts(all)
	var parts []string
	for _, status := range consumer.Statuses() {
		if counts[status] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", counts[status], status)
		if status == consumer.Pending {
			part += requestWords(all)
		}
		parts = append(parts, part)
	}
	title := name + ": " + strings.Join(parts, ", ")
	if n := consumer.Unapproved(all); n > 0 {
		title += fmt.Sprintf("; %d live and not approved", n)
	}
	return title + "."
}

// requestWords count the pending rows that are requests; the oldest is first.
func requestWords(rows []consumer.Row) string {
	n, oldest := 0, ""
	for _, r := range rows {
		if r.Status == consumer.Pending && r.Requested != "" {
			n, oldest = n+1, cmp.Or(oldest, r.Requested)
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return " (1 request, of " + oldest + ")"
	}
	return fmt.Sprintf(" (%d requests, the oldest of %s)", n, oldest)
}

// consumerCells are the cells of a row, in the order of the columns. Programs
// have layer, port and personal data in columns of their own, and instants as
// they are.
func consumerCells(r consumer.Row, zone *time.Location, output string) render.Row {
	days, layer, local := "", scopeWords(r), func(s string) string { return localTime(s, zone) }
	if r.DaysLeft != nil {
		days = strconv.Itoa(*r.DaysLeft)
	}
	if output == "csv" {
		layer, local = r.Layer, func(s string) string { return s }
	}
	return render.Row{
		{Text: r.Principal}, {Text: r.Type}, {Text: string(r.Status), Tone: statusTones[r.Status]}, liveCell(r.Live), {Text: local(r.Expires)},
		{Text: days}, {Text: layer}, {Text: r.Access}, {Text: local(r.Granted)},
		{Text: noteWords(r)}, {Text: approvalWords(r, local)}, {Text: r.Port}, {Text: strconv.FormatBool(r.PII)}, {Text: r.Ends},
		{Text: r.Request}, {Text: r.Requested}, {Text: r.Ticket},
		{Text: zone.String()}, {Text: r.At}, {Text: cmp.Or(r.Justification, r.Ticket)},
	}
}

// localTime writes an instant as people of the zone read it; a day stays.
func localTime(s string, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// scopeWords say what of the product is read: gold, gold finance, gold pii.
func scopeWords(r consumer.Row) string {
	words := []string{}
	if r.Layer != "" {
		words = append(words, r.Layer)
	}
	if r.Port != "" {
		words = append(words, r.Port)
	}
	if r.PII {
		words = append(words, "pii")
	}
	return strings.Join(words, " ")
}

var statusTones = map[consumer.Status]render.Tone{
	consumer.Undeclared: render.Bad, consumer.Pending: render.Watch, consumer.Active: render.Good,
}

// noteWords say what a status comes from, and how an entry ends other than by
// its own term.
func noteWords(r consumer.Row) string {
	switch {
	case r.Group != "":
		return "in " + r.Group
	case r.Denied != "":
		return r.Denied
	case r.Starts != "":
		return "from " + r.Starts
	case r.Requested != "" && r.Status == consumer.Pending:
		return "requested " + r.Requested
	case r.Ends != "expired":
		return r.Ends
	}
	return ""
}

func liveCell(t consumer.Truth) render.Cell {
	tone := map[consumer.Truth]render.Tone{
		consumer.AsApproved: render.Good, consumer.NotYetLive: render.Watch, consumer.NotApproved: render.Bad,
	}[t]
	return render.Cell{Text: string(t), Tone: tone}
}

// approvalWords tell who approved, and which roles are still to come.
func approvalWords(r consumer.Row, local func(string) string) string {
	var out []string
	for _, a := range r.Approvals {
		text := a.Role + " " + a.By + " " + local(a.At)
		if a.Void {
			text += " (void)"
		}
		out = append(out, text)
	}
	for _, m := range r.Missing {
		text := "missing " + m.Role
		if m.Why != "" {
			text += " (" + m.Why + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
