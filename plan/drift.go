package plan

import "time"

// Drift is what makes a plan a report of drift: what of it is none, and what was
// recorded of its facts before.
type Drift struct {
	Due    map[Move]bool // access that has ended and waits for the next run: no drift
	Traces map[Move]Trace
}

// Trace is the last recorded change of a fact, before it came to differ.
type Trace struct {
	Fact    Fact // the fact itself, or its resource, which was made without it
	Removed bool // what was done to Fact then
	At      time.Time
	Run     string
	Who     string // the applying identity, as facts name it
	Command string
}

// Due are the removals of access that merely has ended: every entry that wanted it
// is over. A lower level that takes the place of one that has ended goes with it.
func Due(changes []Change, now time.Time) map[Move]bool {
	due := map[Move]bool{}
	for i := range changes {
		c := &changes[i]
		if c.Action != Update {
			continue
		}
		for _, d := range c.Deltas() {
			ended := 0
			for _, v := range d.Removed {
				if f := (Fact{c.Key, d.Field, v}); c.hasEnded(f, now) {
					due[Move{f, true}] = true
					ended++
				}
			}
			if ended > 0 && ended == len(d.Removed) && c.Displaces(d) {
				for _, v := range d.Added {
					due[Move{Fact{c.Key, d.Field, v}, false}] = true
				}
			}
		}
	}
	return due
}

// Drifted splits the changes into drift and what is merely due. Without Drift, all
// of it is drift.
func (p Plan) Drifted() (drift, due []Change) {
	if p.Drift == nil {
		return p.Changes, nil
	}
	due, drift = parted(p.Changes, func(m Move) bool { return p.Drift.Due[m] })
	return drift, due
}

// Returned is unmanaged access that came back, or came, after an apply had left its
// resource without it.
func (p Plan) Returned() []Unmanaged {
	if p.Drift == nil {
		return nil
	}
	var out []Unmanaged
	for _, u := range p.Unmanaged {
		if _, ok := p.Drift.Traces[Move{u.Fact, true}]; ok {
			out = append(out, u)
		}
	}
	return out
}
