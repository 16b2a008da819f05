package consumer

import (
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// lastsUntil writes an end, the first instant behind something, as readers count
// it.
func lastsUntil(end time.Time, zone *time.Location) string {
	if end.IsZero() {
		return ""
	}
	o := plan.Origin{Until: end.In(zone)}
	return o.LastsUntil()
}

// daysUntil counts the days from today to the last one before end: 0 is today,
// less is past.
func daysUntil(end, now time.Time, zone *time.Location) int {
	last := day(end.Add(-time.Nanosecond).In(zone))
	return int(last.Sub(day(now.In(zone))) / (24 * time.Hour))
}

// day is the midnight in UTC of a calendar day, so that days can be subtracted
// where clocks change.
func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// place is where something is written, as all output names it.
func place(p spec.Pos) string { return planPos(p).String() }

func planPos(p spec.Pos) plan.Pos { return plan.Pos{File: p.File, Line: p.Line, Col: p.Col} }
