package spec

import (
	"fmt"
	"time"
)

// When is a date, or an instant in RFC 3339.
type When struct {
	text   string
	t      time.Time // of a date: its midnight in UTC
	isDate bool
	pos    Pos
}

// ParseWhen reads a date (2026-12-31) or an instant (2026-12-31T18:00:00Z).
func ParseWhen(text string) (When, error) {
	var w When
	if err := w.parse(text, Pos{}); err != nil {
		return When{}, err
	}
	return w, nil
}

func (w *When) parse(text string, pos Pos) error {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		*w = When{text: text, t: t, isDate: true, pos: pos}
		return nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		*w = When{text: text, t: t, pos: pos}
		return nil
	}
	return fmt.Errorf("%q is neither a date (2026-12-31) nor an instant with its zone (2026-12-31T18:00:00Z)", text)
}

// IsZero reports whether the field is absent.
func (w When) IsZero() bool { return w.text == "" }

// Pos is where it is written.
func (w When) Pos() Pos { return w.pos }

// IsDate reports whether it is a bare date.
func (w When) IsDate() bool { return w.isDate }

// String is the value as written.
func (w When) String() string { return w.text }

// Equal reports whether both are written alike at the same place.
func (w When) Equal(o When) bool { return w.text == o.text && w.pos == o.pos }

// Start is the instant, or the first instant of the date in loc.
func (w When) Start(loc *time.Location) time.Time {
	if !w.isDate {
		return w.t
	}
	return firstInstant(w.t, loc)
}

// End is the instant, or the first instant after the date in loc: what ends on
// a date lasts through that day.
func (w When) End(loc *time.Location) time.Time {
	if !w.isDate {
		return w.t
	}
	return firstInstant(w.t.AddDate(0, 0, 1), loc)
}

// firstInstant is the first instant in loc of the day that day (a midnight in
// UTC) names. Where clocks change at midnight, that day has none or two.
func firstInstant(day time.Time, loc *time.Location) time.Time {
	y, m, d := day.Date()
	t := time.Date(y, m, d, 0, 0, 0, 0, loc)
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		_, offset := from.Add(-1).Zone()
		earlier := day.Add(-time.Duration(offset) * time.Second).In(loc)
		if earlier.Before(from) && earlier.Day() == d {
			return earlier
		}
	}
	switch {
	case t.Day() != d:
		return to
	case t.Hour() != 0 || t.Minute() != 0:
		return from
	}
	return t
}
