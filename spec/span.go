package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Span is a length of time as people write it: 24h, 30d, 2w, 3mo, 2bd.
// A bd is a business day, Monday to Friday.
type Span struct {
	count int
	unit  string
	pos   Pos
}

var spanForm = regexp.MustCompile(spanPattern)

const spanPattern = `^([1-9][0-9]{0,4})(h|d|w|mo|bd)$`

// ParseSpan reads a span.
func ParseSpan(text string) (Span, error) {
	var s Span
	if err := s.parse(text, Pos{}); err != nil {
		return Span{}, err
	}
	return s, nil
}

func (s *Span) parse(text string, pos Pos) error {
	m := spanForm.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is not a duration; write 24h, 30d, 2w, 3mo or 2bd (business days)", text)
	}
	count, err := strconv.Atoi(m[1])
	if err != nil {
		return err
	}
	*s = Span{count, m[2], pos}
	return nil
}

// IsZero reports whether the field is absent.
func (s Span) IsZero() bool { return s.count == 0 }

// Pos is where it is written; zero for a default.
func (s Span) Pos() Pos { return s.pos }

// Equal reports whether both are the same length, written at the same place.
func (s Span) Equal(o Span) bool { return s == o }

// String is the span as written; empty if absent.
func (s Span) String() string {
	if s.IsZero() {
		return ""
	}
	return strconv.Itoa(s.count) + s.unit
}

// AddTo is t plus the span, by the calendar of t's location: a day later is the
// same time of day, a month later the same day or the last one of its month.
func (s Span) AddTo(t time.Time) time.Time {
	switch s.unit {
	case "h":
		return t.Add(time.Duration(s.count) * time.Hour)
	case "d":
		return t.AddDate(0, 0, s.count)
	case "w":
		return t.AddDate(0, 0, 7*s.count)
	case "mo":
		return addMonths(t, s.count)
	case "bd":
		return addBusinessDays(t, s.count)
	}
	return t
}

// TakenFrom is t less the span, by the calendar of t's location.
func (s Span) TakenFrom(t time.Time) time.Time {
	back := s
	back.count = -s.count
	if s.unit != "bd" {
		return back.AddTo(t)
	}
	for n := s.count; n > 0; {
		t = t.AddDate(0, 0, -1)
		if !isWeekend(t) {
			n--
		}
	}
	return t
}

// addMonths keeps to the month that AddDate would leave: January 31 plus one
// month is the last day of February.
func addMonths(t time.Time, n int) time.Time {
	first := t.AddDate(0, 0, 1-t.Day()).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// addBusinessDays counts from the Friday where t is on a weekend.
func addBusinessDays(t time.Time, n int) time.Time {
	for isWeekend(t) {
		t = t.AddDate(0, 0, -1)
	}
	t = t.AddDate(0, 0, n/5*7)
	for n %= 5; n > 0; {
		t = t.AddDate(0, 0, 1)
		if !isWeekend(t) {
			n--
		}
	}
	return t
}

func isWeekend(t time.Time) bool {
	return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
}
