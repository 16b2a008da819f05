package spec

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestADateLastsThroughItsDay(t *testing.T) {
	for _, tt := range []struct{ text, zone, start, end string }{
		{"2026-12-31", "UTC", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"2026-12-31", "Europe/Berlin", "2026-12-31T00:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{"2026-03-29", "Europe/Berlin", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"2017-10-14", "America/Sao_Paulo", "2017-10-14T00:00:00-03:00", "2017-10-15T01:00:00-02:00"}, // no midnight that night
		{"2026-12-31T18:00:00+02:00", "UTC", "2026-12-31T18:00:00+02:00", "2026-12-31T18:00:00+02:00"},
	} {
		loc, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		w, err := ParseWhen(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Start(loc).Format(time.RFC3339); got != tt.start {
			t.Errorf("%s in %s starts %s, want %s", w, tt.zone, got, tt.start)
		}
		if got := w.End(loc).Format(time.RFC3339); got != tt.end {
			t.Errorf("%s in %s ends %s, want %s", w, tt.zone, got, tt.end)
		}
		if w.IsDate() != (len(tt.text) == 10) {
			t.Errorf("%s: IsDate is %v", w, w.IsDate())
		}
	}
}

// The end of a day is its first instant that is no longer the day: the instant
// before belongs to the day, whatever the clocks do at midnight.
func TestTheEndOfADayIsTheFirstInstantAfterIt(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "America/Havana", "Asia/Gaza", "Atlantic/Azores"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		day := time.Date(2000, 1, 1+rapid.IntRange(0, 9000).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		w, err := ParseWhen(day.Format(time.DateOnly))
		if err != nil {
			t.Fatal(err)
		}
		end := w.End(loc)
		if got := end.Add(-1).In(loc).Format(time.DateOnly); got != w.String() {
			t.Errorf("the instant before %s is in %s, not in %s", end, got, w)
		}
		if got := end.In(loc).Format(time.DateOnly); got <= w.String() {
			t.Errorf("%s ends at %s, which is still %s", w, end, got)
		}
	})
}

func TestSpanAddTo(t *testing.T) {
	for _, tt := range []struct{ from, span, want string }{
		{"2026-01-31T10:00:00Z", "24h", "2026-02-01T10:00:00Z"},
		{"2026-01-31T10:00:00Z", "30d", "2026-03-02T10:00:00Z"},
		{"2026-01-31T10:00:00Z", "2w", "2026-02-14T10:00:00Z"},
		{"2026-01-31T10:00:00Z", "1mo", "2026-02-28T10:00:00Z"},
		{"2024-01-31T10:00:00Z", "1mo", "2024-02-29T10:00:00Z"},
		{"2026-01-15T10:00:00Z", "12mo", "2027-01-15T10:00:00Z"},
		{"2026-11-19T10:00:00Z", "2bd", "2026-11-23T10:00:00Z"}, // Thursday to Monday
		{"2026-11-20T10:00:00Z", "1bd", "2026-11-23T10:00:00Z"}, // Friday to Monday
		{"2026-11-21T10:00:00Z", "1bd", "2026-11-23T10:00:00Z"}, // Saturday to Monday
		{"2026-11-22T10:00:00Z", "2bd", "2026-11-24T10:00:00Z"}, // Sunday to Tuesday
		{"2026-11-20T10:00:00Z", "5bd", "2026-11-27T10:00:00Z"},
		{"2026-11-21T10:00:00Z", "5bd", "2026-11-27T10:00:00Z"},
		{"2026-11-20T10:00:00Z", "11bd", "2026-12-07T10:00:00Z"},
	} {
		from, err := time.Parse(time.RFC3339, tt.from)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseSpan(tt.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.AddTo(from).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s + %s = %s, want %s", tt.from, s, got, tt.want)
		}
	}
}

// n business days are n days that are counted one by one.
func TestBusinessDaysAreCountedOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2026, 1, rapid.IntRange(1, 400).Draw(t, "day"), 9, 0, 0, 0, time.UTC)
		n := rapid.IntRange(1, 300).Draw(t, "n")
		want := from
		for left := n; left > 0; {
			want = want.AddDate(0, 0, 1)
			if want.Weekday() != time.Saturday && want.Weekday() != time.Sunday {
				left--
			}
		}
		if got := (Span{count: n, unit: "bd"}).AddTo(from); !got.Equal(want) {
			t.Errorf("%s + %dbd = %s, want %s", from, n, got, want)
		}
	})
}

func TestPercentOf(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want int
	}{{"50%", 11, 5}, {"5%", 100, 5}, {"0%", 7, 0}, {"100%", 7, 7}, {"12.5%", 80, 10}, {"33.33%", 100, 33}} {
		p, err := ParsePercent(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Of(tt.n); got != tt.want || p.String() != tt.text {
			t.Errorf("%s of %d is %d, want %d", p, tt.n, got, tt.want)
		}
	}
}
