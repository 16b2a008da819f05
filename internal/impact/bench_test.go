// How long it takes says nothing under the race detector.

//go:build !race

package impact_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/impact"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// company is 100,000 resources and 20,000 people: 2,000 groups in 100 larger ones, 50
// catalogs of 40 schemas, and tables with grants of their own, a tenth of them
// personal data. A quarter of the people move to another group, and one group comes
// to read a catalog.
func company() (live, desired plan.State) {
	const people = 20_000
	build := func(later bool) plan.State {
		var all []plan.Resource
		add := func(kind, target, name string, fields ...plan.Field) {
			r := plan.Resource{Key: plan.Key{Kind: kind, Target: target, Name: name}, Fields: fields}
			if kind == "grants" && len(all)%10 == 0 {
				r.Labels = []string{"product:p" + fmt.Sprint(len(all)%400), "domain:d", "pii"}
			}
			all = append(all, r)
		}
		for g := range 2000 {
			f := plan.Field{Name: "member"}
			for i := range 10 {
				who := g*10 + i
				if later && i%4 == 0 {
					who = (who + 310) % people // to another group
				}
				f.Values = append(f.Values, fmt.Sprintf("user:u%05d@example.com", who))
			}
			add("group", "account", fmt.Sprintf("grp_%04d", g), f)
		}
		for g := range 100 {
			f := plan.Field{Name: "member"}
			for i := range 20 {
				f.Values = append(f.Values, fmt.Sprintf("group:grp_%04d", g*20+i))
			}
			add("group", "account", fmt.Sprintf("dep_%03d", g), f)
		}
		for c := range 50 {
			fields := []plan.Field{{Name: "group:account users", Values: []string{"USE_CATALOG"}}}
			if later && c == 0 {
				fields = append(fields, plan.Field{Name: "group:dep_001", Values: []string{"SELECT", "USE_SCHEMA"}})
			}
			add("grants", "metastore", fmt.Sprintf("catalog/c%02d", c), fields...)
			for s := range 40 {
				add("grants", "metastore", fmt.Sprintf("schema/c%02d.s%02d", c, s), plan.Field{Name: fmt.Sprintf("group:dep_%03d", (c*40+s)%100), Values: []string{"SELECT", "USE_SCHEMA"}})
			}
		}
		for i := 0; len(all) < 100_000; i++ {
			add("grants", "metastore", fmt.Sprintf("table/c%02d.s%02d.t%05d", i%50, i/50%40, i), plan.Field{Name: fmt.Sprintf("group:grp_%04d", i%2000), Values: []string{"MODIFY", "SELECT"}})
		}
		return plan.NewState(all)
	}
	return build(false), build(true)
}

// few leaves the first changes of a plan.
func few(p plan.Plan, n int) plan.Plan {
	p.Changes = p.Changes[:n]
	return p
}

// BenchmarkImpact weighs plans of one group, of fifty, and of all that there is. On two
// cores at 2.6 GHz, 2026-11: 0.5 s, 0.8 s, and 6 s for 2,000 changes that have 7,800
// effects; of which 9 and 56 MiB stay. What it takes meanwhile is what access takes for a
// difference, 140 MiB.
func BenchmarkImpact(b *testing.B) {
	live, desired := company()
	p := plan.Plan{Changes: changes(live, desired)}
	for _, bench := range []struct {
		name string
		plan plan.Plan
	}{{"of1Change", few(p, 1)}, {"of50Changes", few(p, 50)}, {"ofAllChanges", p}} {
		b.Run(bench.name, func(b *testing.B) {
			before := liveHeap()
			var i *plan.Impact
			for b.Loop() {
				i = impactOf(live, desired, bench.plan)
			}
			b.ReportMetric(float64(liveHeap()-before)/(1<<20), "heap-MiB")
			b.ReportMetric(float64(len(i.Effects)), "effects")
			b.ReportMetric(float64(len(bench.plan.Changes)), "changes")
		})
	}
}

func impactOf(live, desired plan.State, p plan.Plan) *plan.Impact {
	return impact.Of(impact.Input{
		Desired: desired, Live: live, Plan: p, Now: now,
		Platform: access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
		Project:  &spec.Project{}, Env: &spec.Environment{Name: "prd"}, Catalogue: &spec.Catalogue{},
	})
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestALargePlanIsWeighedInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	live, desired := company()
	p := few(plan.Plan{Changes: changes(live, desired)}, 50)
	heap, start := liveHeap(), time.Now()
	i := impactOf(live, desired, p)
	took, grown := time.Since(start), liveHeap()-heap
	t.Logf("%d effects in %s, %d MiB kept", len(i.Effects), took.Round(time.Millisecond), grown>>20)
	if took > 10*time.Second { // five times what is promised, for a machine that does other things
		t.Errorf("took %s", took)
	}
	if grown > 400<<20 {
		t.Errorf("holds %d MiB", grown>>20)
	}
}
