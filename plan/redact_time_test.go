// How long it takes says nothing under the race detector.

//go:build !race

package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
)

func TestRedactingALargePlanIsQuick(t *testing.T) {
	var p plan.Plan
	for i := range 20_000 {
		who := fmt.Sprintf("user:first%c%c%c.last@example.com", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)
		o := &plan.Origin{Reason: "for First Last, as agreed with somebody@example.com in March"}
		p.Changes = append(p.Changes, plan.Change{Key: key(sales), Action: plan.Update, After: []plan.Field{{Name: who, Values: []string{"SELECT"}}},
			Claims: []plan.Claim{{Field: who, Value: "SELECT", Want: true, Origin: o}}})
	}
	from := time.Now()
	r := p.Redact(secret)
	if took := time.Since(from); took > 5*time.Second {
		t.Errorf("it takes %s", took)
	}
	seen := map[string]bool{}
	for _, c := range r.Changes {
		seen[c.After[0].Name] = true
	}
	if len(seen) != len(p.Changes) {
		t.Errorf("%d pseudonyms of %d people", len(seen), len(p.Changes))
	}
}
