package render_test

import (
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// The size of a large company: so many securables, each with so many principals,
// of which one resource in a hundred has drifted.
const (
	benchResources  = 100_000
	benchPrincipals = 8
	benchDrift      = 100
)

// company declares every entry on a line of its own, and its live side.
func company() (declared, live []plan.Resource) {
	names, groups := make([]string, 500), make([]plan.Key, 500)
	for i := range names {
		groups[i] = plan.Key{Kind: "group", Target: "account", Name: fmt.Sprintf("grp_team_%03d_prd", i)}
		names[i] = "group:" + groups[i].Name
	}
	privileges := []string{"SELECT", "MODIFY", "READ_VOLUME", "EXECUTE"}
	declared, live = make([]plan.Resource, benchResources), make([]plan.Resource, benchResources)
	for i := range declared {
		file := fmt.Sprintf("grants/domain_%02d/table_%06d.yaml", i%40, i)
		k := plan.Key{Kind: "grants", Target: "metastore", Name: fmt.Sprintf("table/gold_prd.domain_%02d.table_%06d", i%40, i)}
		d := plan.Resource{Key: k, Authority: plan.Managed, Origin: &plan.Origin{Pos: plan.Pos{File: file, Line: 1, Col: 1}}}
		l := plan.Resource{Key: k, ID: k.Name}
		for j := range benchPrincipals {
			at := (i*7 + j*61) % len(names)
			o := &plan.Origin{Pos: plan.Pos{File: file, Line: 8 + j, Col: 7}, Reason: "quarterly report"}
			privilege := privileges[(i+j)%len(privileges)]
			d.Claims = append(d.Claims, plan.Claim{Field: names[at], Value: privilege, Want: true, Origin: o})
			d.Refs = append(d.Refs, groups[at])
			if i%benchDrift == 0 && j == 0 {
				continue // one entry is missing live
			}
			l.Fields = append(l.Fields, plan.Field{Name: names[at], Values: []string{privilege}})
			l.Refs = append(l.Refs, groups[at])
		}
		if i%benchDrift == 0 { // and one is there that nobody declared
			l.Fields = append(l.Fields, plan.Field{Name: "user:mallory@example.com", Values: []string{"MODIFY"}})
		}
		declared[i], live[i] = d, l
	}
	return declared, live
}

func pipeline(tb testing.TB, declared []plan.Resource, live plan.State) (plan.State, plan.Plan) {
	tb.Helper()
	desired, conflicts := plan.Fold(declared, now)
	if len(conflicts) > 0 {
		tb.Fatal(conflicts)
	}
	p := plan.Diff(desired, live, plan.Scope{Owned: func(string) bool { return true }})
	if err := plan.Order(&p, nil); err != nil {
		tb.Fatal(err)
	}
	if err := render.Text(io.Discard, p, render.TextOptions{Now: now}); err != nil {
		tb.Fatal(err)
	}
	return desired, p
}

// TestALargePlanFitsIntoMemory measured 390 MiB in November 2026.
func TestALargePlanFitsIntoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 200,000 resources")
	}
	const most = 400 << 20
	before := heap()
	declared, live := company()
	state := plan.NewState(live)
	desired, p := pipeline(t, declared, state)
	used := heap() - before
	t.Logf("both states and the plan: %d MiB", used>>20)
	if used > most {
		t.Errorf("both states and the plan hold %d MiB, want at most %d", used>>20, most>>20)
	}
	runtime.KeepAlive(state)
	runtime.KeepAlive(desired)
	runtime.KeepAlive(p)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
