//go:build unix

package render_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// BenchmarkPlan is fold, Diff, Order and the text of 100,000 resources with 8
// principals each, 1 % of them drifted: 0.6 s of CPU, the garbage collector's
// included, and 50 MB allocated on an AMD EPYC (November 2026). 1 s is the most
// it may take. The CPU time is reported by itself, since a busy machine's clock
// says little.
func BenchmarkPlan(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		declared, live := company()
		state := plan.NewState(live)
		runtime.GC()
		b.StartTimer()
		before := cpu(b)
		_, p := pipeline(b, declared, state)
		used += cpu(b) - before
		if len(p.Changes) != benchResources/benchDrift {
			b.Fatalf("%d changes", len(p.Changes))
		}
	}
	b.ReportMetric(used.Seconds()/float64(b.N), "cpu-s/op")
}

// cpu is the time that this process has spent on processors.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
