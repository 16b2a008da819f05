package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// TestOnlyAccessInForceIsJudged: whatever the entries, a finding is about one
// that gives access now. An overdue post-mortem and an entry that ended long ago
// are about the past.
func TestOnlyAccessInForceIsJudged(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		entries := ""
		for i := range rapid.IntRange(1, 6).Draw(r, "entries") {
			entries += anEntry(r, i)
		}
		in := judged{entries: entries, more: anEmergency(r), now: aDay(r, "now") + "T12:00:00Z"}.input(t)
		for _, f := range check(t, in) {
			about := consumptionAt(in.Catalogue, f.Pos)
			past := f.Code == "BG208" || f.Code == "BG223"
			switch {
			case !strings.HasPrefix(f.Code, "BG2") && f.Code != "BG301":
			case about == nil:
				t.Fatalf("%s at %s is about no entry: %s", f.Code, f.Pos, f.Message)
			case about.Gives() && about.Course(in.Project).At(in.Now) == past && f.Code != "BG208":
				t.Fatalf("%s at %s, now %s: %s", f.Code, f.Pos, in.Now, f.Message)
			case !about.Gives():
				t.Fatalf("%s about access that is never given: %s", f.Code, f.Message)
			}
		}
	})
}

// consumptionAt is the entry that a place is in: the last one that begins before it.
func consumptionAt(c *spec.Catalogue, pos plan.Pos) *spec.Consumption {
	var found *spec.Consumption
	for _, one := range c.Consumptions {
		if one.Pos.File == pos.File && planPos(one.Pos).Compare(pos) <= 0 {
			found = one
		}
	}
	return found
}

func aDay(r *rapid.T, label string) string {
	return fmt.Sprintf("20%02d-%02d-15", rapid.IntRange(25, 27).Draw(r, label+" year"), rapid.IntRange(1, 12).Draw(r, label+" month"))
}

// anEntry is one of the product's consumers, each for somebody else.
func anEntry(r *rapid.T, i int) string {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(r, label) }
	days := []string{aDay(r, "a"), aDay(r, "b")}
	slices.Sort(days)
	parts := []string{
		fmt.Sprintf("user: user%d@example.com", i),
		"granted: " + days[0],
		pick("expires", "absent: false", "expires: "+days[1]),
		pick("access", "absent: false", "access: temporary", "layer: bronze", "pii: true"),
		pick("reason", "absent: false", reason, "justification: tbd", "justification: word"),
		pick("approvals", "absent: false", by("manager", "jane@example.com", days[0], "", "domain_owner", "dana@example.com", days[0], ""), by("domain_owner", "nobody@example.com", days[0], ""), by("manager", "dana@example.com", days[1], "00000000")),
		pick("attestations", "absent: false", attested),
		pick("absent", "absent: false", "absent: true"),
	}
	once := parts[:0]
	for k, p := range parts { // a key is written once
		if p != "absent: false" || k == len(parts)-1 {
			once = append(once, p)
		}
	}
	return consumer(once...)
}

func anEmergency(r *rapid.T) string {
	day := aDay(r, "emergency")
	return fmt.Sprintf(`apiVersion: brickgate.dev/v1
kind: EmergencyAccess
metadata: {name: %s}
spec:
  product: orders
  consumer: {user: oncall@example.com}
  layers: [gold]
  startedBy: %s@example.com
  from: %sT11:00:00Z
  until: %sT23:00:00Z
`, rapid.SampledFrom([]string{"INC-1", "oncall"}).Draw(r, "name"), rapid.SampledFrom([]string{"pat", "pete"}).Draw(r, "starter"), day, day)
}
