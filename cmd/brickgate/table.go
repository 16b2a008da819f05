package main

import (
	"time"

	"github.com/brickgate/brickgate/internal/render"
)

// listFormat is the version of the JSON documents of lists: a minor step only adds.
const listFormat = "1.0"

// writeTable writes a table in one of the forms for people, or as CSV.
func writeTable(s streams, t render.Table, output string) error {
	switch output {
	case "csv":
		return render.TableCSV(s.out, t)
	case "markdown":
		return render.TableMarkdown(s.out, t)
	}
	return render.TableText(s.out, t, render.TextOptions{Color: coloured(s.out), Width: width(s.out)})
}

// zoneNote says what days and times in a table mean.
func zoneNote(zone *time.Location) string {
	return "Dates are whole days, times local, in " + zone.String() + "."
}
