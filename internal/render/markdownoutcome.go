package render

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// OutcomesMarkdown writes how every change ended: the count first, and then each
// that did not end as it should, of which those that are too many for the limit are
// counted. What was merely applied is only counted.
func OutcomesMarkdown(w io.Writer, outcomes []plan.Outcome, opts MarkdownOptions) error {
	if opts.Limit == 0 {
		opts.Limit = MarkdownLimit
	}
	for _, items := range []int{len(outcomes), 200, 20, 0} {
		m := newMarkdown(opts, degree{items: items, words: 300})
		m.outcomes(outcomes)
		if !m.full() || items == 0 {
			_, err := io.WriteString(w, m.String())
			return err
		}
	}
	return nil
}

func (m *markdown) outcomes(outcomes []plan.Outcome) {
	counts := map[ending]int{}
	var lines []string
	for _, e := range endings {
		for i := range outcomes {
			o := &outcomes[i]
			if endingOf(o) != e {
				continue
			}
			if counts[e]++; e.mark.style != green {
				lines = append(lines, m.outcome(o, e))
			}
		}
	}
	m.put("## ", tally(counts, len(outcomes)))
	m.put()
	list(m, "", lines, func(s string) string { return s })
	if len(lines) > 0 {
		m.put()
	}
}

// outcome is one change that did not end as it should.
func (m *markdown) outcome(o *plan.Outcome, e ending) string {
	word := string(e.status)
	if e.sight != "" {
		word = string(e.sight)
	}
	line := "**" + word + "** " + string(o.Change.Action) + " of " + code(o.Change.Key.String()) + m.behind(place(o.Change.Origin))
	if o.Err != nil && !errors.Is(o.Err, context.Canceled) {
		line += ": " + prose(o.Err.Error(), m.words)
	}
	if len(o.BlockedBy) > 0 {
		line += ": waits for " + fewCodes(o.BlockedBy, plan.Key.String)
	}
	if o.Seen.Why != "" {
		line += ": " + prose(o.Seen.Why, m.words)
	}
	var missing []string
	for _, d := range o.Seen.Differs {
		for _, v := range d.Removed {
			missing = append(missing, code(d.Field+" "+v)+" is missing")
		}
		for _, v := range d.Added {
			missing = append(missing, code(d.Field+" "+v)+" was not to be")
		}
	}
	if len(missing) > 0 {
		line += "; " + strings.Join(missing, ", ")
	}
	return line
}
