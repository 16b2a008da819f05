package plan

import "slices"

// Stages of a run. All changes of a stage have ended, well or badly, before the
// next begins: nobody loses access while what replaces it is still under way.
// A change that fails holds up those that wait for it, and nothing else: what is
// to be taken away goes, even where what was to replace it could not be given.
//
//	to ourselves ──▶ give ──▶ take ──▶ hand over ──▶ delete ──▶ from ourselves
const (
	stageGive = iota // creates and everything that adds; before it, what gives rights to the applying identity
	stageTake        // changes that only remove
	stageLate        // ownership
	stageDelete
	stageSelf // from here on: what takes rights from the applying identity, and what waits for that
)

// nameField is what a renamed principal is called.
const nameField = "name"

// setStages puts every change into its stage. What bears on the applying identity has
// a stage for each bearing, so that one is over before the next begins.
func setStages(changes []Change, bearing func(*Change) int) {
	bearings := make([]int, len(changes))
	for i := range changes {
		if bearing != nil {
			bearings[i] = bearing(&changes[i])
		}
	}
	distinct := append(slices.Clone(bearings), 0)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	none, _ := slices.BinarySearch(distinct, 0)
	for i := range changes {
		switch at, _ := slices.BinarySearch(distinct, bearings[i]); {
		case at < none:
			changes[i].Stage = stageGive - none + at
		case at > none:
			changes[i].Stage = stageSelf + at - none - 1
		default:
			changes[i].Stage = stageOf(&changes[i])
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
