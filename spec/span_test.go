package spec_test

import (
	"testing"
	"time"

	"github.com/brickgate/brickgate/spec"
)

// TestASpanBackwards goes by the calendar, as it does forwards.
func TestASpanBackwards(t *testing.T) {
	for _, test := range []struct{ from, span, want string }{
		{"2026-11-22T10:00:00Z", "24h", "2026-11-21T10:00:00Z"},
		{"2026-11-22T10:00:00Z", "90d", "2026-08-24T10:00:00Z"},
		{"2026-11-22T10:00:00Z", "2w", "2026-11-08T10:00:00Z"},
		{"2026-03-31T10:00:00Z", "1mo", "2026-02-28T10:00:00Z"},
		{"2026-11-23T10:00:00Z", "1bd", "2026-11-20T10:00:00Z"}, // a Monday
		{"2026-11-22T10:00:00Z", "7bd", "2026-11-12T10:00:00Z"}, // a Sunday
	} {
		span, err := spec.ParseSpan(test.span)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.Parse(time.RFC3339, test.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := span.TakenFrom(from).Format(time.RFC3339); got != test.want {
			t.Errorf("%s less %s is %s, want %s", test.from, test.span, got, test.want)
		}
	}
}
