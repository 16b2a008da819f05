// How long it takes says nothing under the race detector.

//go:build !race

package questions_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
)

// large is 100,000 resources and 20,000 people in 2,000 groups.
func large() []plan.Resource {
	var all []plan.Resource
	for g := range 2000 {
		var members []string
		for i := range 25 {
			members = append(members, fmt.Sprintf("user:u%05d@example.com", (g*37+i*811)%20_000))
		}
		all = append(all, resource(fmt.Sprintf("group@account/grp_%04d", g), "member="+strings.Join(members, ",")))
	}
	all = append(all, resource("grants@metastore/catalog/c", "group:account users=USE_CATALOG,USE_SCHEMA"))
	for i := 0; len(all) < 100_000; i++ {
		all = append(all, resource(fmt.Sprintf("grants@metastore/table/c.s%02d.t%05d", i%50, i),
			fmt.Sprintf("group:grp_%04d=MODIFY,SELECT", i%2000), fmt.Sprintf("user:u%05d@example.com=SELECT", i%20_000)))
	}
	return all
}

// answerAll is the pure part of all four commands, from the state to the bytes.
func answerAll(b testing.TB, w *questions.World, state plan.State) {
	w.Access = access.New(state, w.Platform.Platform, now)
	for _, q := range []struct {
		question questions.Question
		args     []string
	}{
		{questions.WhoCan, []string{"USE_CATALOG", "catalog:c"}},
		{questions.WhatCan, []string{"u00001@example.com"}},
		{questions.Explain, []string{"u00001@example.com", "c.s01.t00001"}},
		{questions.WhyNot, []string{"u00001@example.com", "modify", "c.s02.t00002"}},
	} {
		a := asked(b, w, q.question, q.args...)
		text(b, w, a)
		if err := render.SVG(new(bytes.Buffer), w.Picture(a)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkQuestions: all four of 100,000 resources in 0.9 s (AMD EPYC, two cores that
// others use too).
func BenchmarkQuestions(b *testing.B) {
	all := large()
	state, w := plan.NewState(all), live(b, all...)
	w.Exists = nil
	for b.Loop() {
		answerAll(b, w, state)
	}
}

func TestALargeAccountIsAnsweredInTime(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 100,000 resources")
	}
	all := large()
	state, w := plan.NewState(all), live(t, all...)
	start := time.Now()
	answerAll(t, w, state)
	if took := time.Since(start); took > 8*time.Second { // of four questions, on a machine that is shared
		t.Errorf("four questions took %v", took)
	}
}
