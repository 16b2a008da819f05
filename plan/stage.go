package plan

import "slices"

// Stages of a run. All changes of a stage have ended, well or badly, before the
// next begins: nobody loses access while what replaces it is still under way.
// A change that fails holds up those that wait for it, and nothing else: what is
// to be taken away goes, even where what was to replace it could not be given.
//
//	to ourselves ──▶ give ──▶ take ──▶ hand over ──▶ delete ──▶ from ourselves
const (
	stageFirst = iota - 1 // what gives rights to the applying identity, and what that waits for
	stageGive             // creates and everything that adds
	stageTake             // changes that only remove
	stageLate             // ownership
	stageDelete
	stageSelf // from here on: what takes rights from the applying identity, and what waits for that
)

// nameField is what a renamed principal is called.
const nameField = "name"

// setStages puts every change into its stage. What takes from the applying identity
// has a stage for each bearing, so that the least of it is over before the next begins.
func setStages(changes []Change, bearing func(*Change) int) {
	bearings := make([]int, len(changes))
	var takes []int
	for i := range changes {
		if bearing != nil {
			bearings[i] = bearing(&changes[i])
		}
		if bearings[i] > 0 {
			takes = append(takes, bearings[i])
		}
	}
	slices.Sort(takes)
	takes = slices.Compact(takes)
	for i := range changes {
		changes[i].Stage = stageOf(&changes[i])
		if at, ok := slices.BinarySearch(takes, bearings[i]); ok {
			changes[i].Stage = stageSelf + at
		} else if bearings[i] < 0 {
			changes[i].Stage = stageFirst
		}
	}
}

func stageOf(c *Change) int {
	switch {
	case c.Action == Delete:
		return stageDelete
	case c.late:
		return stageLate
	case c.Adds():
		return stageGive
	}
	return stageTake
}

// vanishes tells whether nothing is left of the resource. A group without members
// is there as before.
func (c *Change) vanishes() bool {
	return c.Action == Delete || c.Action == Update && len(c.After) == 0 && len(c.Before) > 0 && !c.Key.isPrincipal()
}

// introduces tells whether what the resource is called exists only once the
// change is made.
func (c *Change) introduces() bool {
	return c.Action == Create || len(c.Added(nameField)) > 0
}

// levelStages brings the stages in line with the edges. What waits for a loss of
// the applying identity comes after it; any other change is pulled into the stage
// of what waits for it.
func (g *graph) levelStages() {
	for i := range g.changes {
		if g.changes[i].Stage >= stageSelf {
			g.postpone(i)
		}
	}
	queue := make([]int, 0, len(g.changes))
	for i := range g.changes {
		queue = append(queue, i)
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, j := range g.waits[i] {
			if g.changes[j].Stage > g.changes[i].Stage {
				g.changes[j].Stage = g.changes[i].Stage
				queue = append(queue, j)
			}
		}
	}
}

// postpone moves what waits for i, and what waits for that, to where i is: behind
// everything that takes less from the applying identity.
func (g *graph) postpone(i int) {
	for _, j := range g.waited[i] {
		if g.changes[j].Stage < g.changes[i].Stage {
			g.changes[j].Stage = g.changes[i].Stage
			g.postpone(j)
		}
	}
}
