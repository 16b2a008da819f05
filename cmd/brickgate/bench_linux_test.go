package main

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkEstate loads, expands, judges and folds a thousand products with
// fifty consumers each, 20 MB of YAML: 4.4 s of CPU, the garbage collector's
// included, and 480 to 510 MiB resident at most, on two busy cores of an AMD
// EPYC (November 2026). 6 s and 600 MiB are the most that it may take. Both are reported by
// themselves, since a busy machine's clock says little.
func BenchmarkEstate(b *testing.B) {
	dir := b.TempDir()
	size := writeEstate(b, dir)
	b.SetBytes(int64(size))
	facts, findings := 0, 0
	before := usage(b)
	for b.Loop() {
		facts, findings = compileEstate(b, dir)
	}
	after := usage(b)
	b.ReportMetric((cpuTime(after)-cpuTime(before)).Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(after.Maxrss)/1024, "MiB-peak")
	b.ReportMetric(float64(facts), "facts")
	b.ReportMetric(float64(findings), "findings")
}

func usage(b *testing.B) syscall.Rusage {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

// cpuTime is the time that this process has spent on processors.
func cpuTime(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }
