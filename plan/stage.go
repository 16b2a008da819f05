package plan

// Stages of a run. All changes of a stage have ended, well or badly, before the
// next begins: nobody loses access while what replaces it is still under way.
// A change that fails holds up those that wait for it, and nothing else: what is
// to be taken away goes, even where what was to replace it could not be given.
//
//	give ──▶ take ──▶ hand over ──▶ delete ──▶ ourselves
const (
	stageGive = iota // creates and everything that adds
	stageTake        // changes that only remove
	stageLate        // ownership
	stageDelete
	stageSelf // what the applying identity loses, and what waits for that
)

// nameField is what a renamed principal is called.
const nameField = "name"

func stageOf(c *Change, self string) int {
	switch {
	case self != "" && c.takesFrom(self):
		return stageSelf
	case c.Action == Delete:
		return stageDelete
	case c.late:
		return stageLate
	case c.Adds():
		return stageGive
	}
	return stageTake
}

func (c *Change) takesFrom(principal string) bool {
	if c.Action == Delete && c.Key.principal() == principal {
		return true
	}
	for _, d := range c.Deltas() {
		if d.Field == nameField {
			continue // another name takes nothing
		}
		for _, v := range d.Removed {
			if Principal(Fact{c.Key, d.Field, v}) == principal {
				return true
			}
		}
	}
	return false
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
		if g.changes[i].Stage == stageSelf {
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

// postpone moves what waits for i, and what waits for that, behind everything else.
func (g *graph) postpone(i int) {
	for _, j := range g.waited[i] {
		if g.changes[j].Stage != stageSelf {
			g.changes[j].Stage = stageSelf
			g.postpone(j)
		}
	}
}
