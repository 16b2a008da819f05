package spec

import "time"

// Deadline is the first instant after a span that begins at w. Where w is a date,
// the span lasts through its last day.
func (w When) Deadline(s Span, zone *time.Location) time.Time { return after(w, s, zone) }

// Horizon is the end of the day of zone that lies a span after now.
func (s Span) Horizon(now time.Time, zone *time.Location) time.Time {
	return lastDay(s.AddTo(now.In(zone)))
}
