package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// made is one entry of a made-up consumer, with what must come of it.
type made struct {
	who, scope, role string
	from, until      time.Time
}

func makeEntry(t *rapid.T, i int) made {
	people := []string{"alice", "bob", "carol", "mallory"}
	scopes := [][2]string{
		{"", "consumer"}, {"pii: true, ", "pii-consumer"}, {"port: finance, ", "finance-consumer"},
		{"tables: [sales.orders_daily], ", "finance-consumer"}, {"layer: silver, ", "silver-consumer"}, {"access: temporary, ", "consumer"},
	}
	scope := rapid.SampledFrom(scopes).Draw(t, fmt.Sprint("scope", i))
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(-25, 5).Draw(t, fmt.Sprint("from", i)))
	end := start.AddDate(0, 0, rapid.IntRange(1, 29).Draw(t, fmt.Sprint("days", i)))
	return made{
		who: rapid.SampledFrom(people).Draw(t, fmt.Sprint("who", i)), scope: scope[0], role: scope[1],
		from: start, until: end.AddDate(0, 0, 1),
	}
}

func (m made) String() string {
	return fmt.Sprintf("{user: %s@example.com, %sjustification: \"a reason\", granted: %s, expires: %s}",
		m.who, m.scope, m.from.Format(time.DateOnly), m.until.AddDate(0, 0, -1).Format(time.DateOnly))
}

// TestProductsHoldTheAccessModel: whatever the entries, what is live after an
// apply is what they give at that instant, and no group of consumers has more
// than reading on more than its data: contract items 31, 32, 34, 36, 48.
func TestProductsHoldTheAccessModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var entries []made
		taken := map[string]bool{}
		text := ""
		for i := range rapid.IntRange(0, 8).Draw(rt, "entries") {
			m := makeEntry(rt, i)
			if !taken[m.who+m.role] { // a second one may overlap
				taken[m.who+m.role] = true
				entries = append(entries, m)
				text += "    - " + m.String() + "\n"
			}
		}
		l := newLab(t, lakeWorld, lakeProject, consumersOf(text))
		l.converge()
		state := l.State()
		for role := range roles(entries) {
			var want []string
			for _, m := range entries {
				if m.role == role && !now.Before(m.from) && now.Before(m.until) {
					want = append(want, "user:"+m.who+"@example.com")
				}
			}
			same(t, role, strings.Join(plan.Set(want), " "), members(state, "dp-sales-orders-"+role+"_dev"))
		}
		holdsTheModel(t, state)
	})
}

func roles(entries []made) map[string]bool {
	out := map[string]bool{"consumer": true, "pii-consumer": true, "finance-consumer": true}
	for _, m := range entries {
		out[m.role] = true
	}
	return out
}

// holdsTheModel looks at what the live grants allow.
func holdsTheModel(t *testing.T, state *sandbox.State) {
	t.Helper()
	reads := []string{"EXECUTE", "READ_VOLUME", "SELECT", "USE_CATALOG", "USE_SCHEMA"}
	all := tokens(state)
	for _, s := range state.Securables {
		for _, g := range s.Grants {
			who := all[g.Principal]
			if strings.HasSuffix(who, "-owner_dev") || strings.HasPrefix(who, "sp:") {
				if slices.Contains(g.Privileges, "MANAGE") {
					t.Errorf("%s has MANAGE on %s", who, s.Name)
				}
				continue
			}
			for _, p := range g.Privileges {
				if !slices.Contains(reads, p) {
					t.Errorf("%s has %s on %s", who, p, s.Name)
				}
			}
			mayReadPII := strings.Contains(who, "-pii-consumer") || strings.Contains(who, "-emergency")
			if s.Name == "gold_dev.sales.customers" && !mayReadPII {
				t.Errorf("%s has %v on personal data", who, g.Privileges)
			}
			onSilver := strings.Contains(who, "silver-consumer") || strings.Contains(who, "-emergency")
			if strings.HasPrefix(s.Name, "silver_dev") && !onSilver {
				t.Errorf("%s has %v on %s", who, g.Privileges, s.Name)
			}
		}
	}
}
