package progress

import (
	"math"
	"time"
)

// rate is how many steps end in a second, by those of the stage at hand, each of
// which weighs the less the longer it is ago.
type rate struct {
	stage int
	begun time.Time // when the stage began: at its first step
	last  time.Time
	sum   float64 // the weights of the steps, at last
	steps int     // of the stage, beside the first

	before float64 // the rate of the stage before; 0 = none
}

const (
	memory    = 15 * time.Second // after which a step weighs 1/e
	enough    = 3                // steps of a stage that make a rate
	leastRate = 1.0 / 120        // what is slower is no rate to promise an end by
)

// count takes in a step. The first of a stage only says when it began: how long it
// took itself is hidden by what ran beside it.
func (r *rate) count(stage int, now time.Time) {
	if r.begun.IsZero() || stage != r.stage {
		r.before, _ = r.at(now)
		*r = rate{stage: stage, begun: now, last: now, before: r.before}
		return
	}
	r.sum = r.sum*fading(now.Sub(r.last)) + 1
	r.last = now
	r.steps++
}

// at is the rate at a time; false while it is not known. A stage of which few
// steps have ended is as fast as the one before, unless it cannot be any more.
func (r *rate) at(now time.Time) (perSecond float64, ok bool) {
	took := now.Sub(r.begun)
	seen := 1 - fading(took) // how much of all weight the stage can have had
	if r.steps < enough || seen <= 0 {
		perSecond = min(r.before, float64(r.steps+1)/took.Seconds())
	} else {
		perSecond = r.sum * fading(now.Sub(r.last)) / memory.Seconds() / seen
	}
	return perSecond, perSecond >= leastRate
}

func fading(d time.Duration) float64 { return math.Exp(-d.Seconds() / memory.Seconds()) }
