package plan

import "time"

// LastsUntil writes the end of the entry as a reader counts it: the last day on
// which it holds, where it ends with a day of its zone, else the instant in
// RFC 3339; "" if it does not end.
func (o *Origin) LastsUntil() string {
	if o.Until.IsZero() {
		return ""
	}
	if day, whole := o.lastDay(); whole {
		return day
	}
	return o.Until.Format(time.RFC3339)
}

// lastDay is the day that ends at Until. Where clocks are put forward at
// midnight a day begins later, so the day is asked when it ends.
func (o *Origin) lastDay() (day string, whole bool) {
	last := o.Until.Add(-time.Nanosecond)
	y, m, d := last.Date()
	end := time.Date(y, m, d+1, 0, 0, 0, 0, last.Location())
	return last.Format(time.DateOnly), end.Equal(o.Until)
}

// EndsWithDay tells whether LastsUntil is a bare day, which holds to its end in
// the zone that Until carries.
func (o *Origin) EndsWithDay() bool {
	_, whole := o.lastDay()
	return whole && !o.Until.IsZero()
}
