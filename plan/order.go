package plan

import (
	"container/heap"
	"fmt"
	"slices"
	"strings"
)

// Cycle is a chain of changes in which each waits for the next, the first for
// itself.
type Cycle struct{ Keys []Key }

func (c *Cycle) Error() string {
	names := make([]string, len(c.Keys))
	for i, k := range c.Keys {
		names[i] = k.String()
	}
	return "changes wait for each other: " + strings.Join(append(names, names[0]), " → ")
}

// Order fills WaitsFor and Stage and sorts the changes into an order in which
// they can be applied one after the other. The error is a *Cycle.
//
// A change waits for the changes to what it refers to, those that only remove
// included: who is to leave a group does not get what the group is given. What
// vanishes (a deletion, or a set that becomes empty) instead waits for the changes
// that drop their references to it.
//
// bearing tells what a change does to the rights of the applying identity: below
// zero, it gives some, and comes before all others; above zero, it takes some, and
// comes after all others; the greater, the later. nil: none does either. Nothing waits for what comes last
// that can do without, since the rest may need what is lost.
func Order(p *Plan, bearing func(*Change) int) error {
	g := newGraph(p.Changes)
	setStages(p.Changes, bearing)
	for i := range p.Changes {
		g.connect(i)
	}
	g.levelStages()
	order, err := g.sort()
	if err != nil {
		return err
	}
	sorted := make([]Change, len(order))
	for at, i := range order {
		c := p.Changes[i]
		for _, w := range g.waits[i] {
			c.WaitsFor = append(c.WaitsFor, p.Changes[w].Key)
		}
		slices.SortFunc(c.WaitsFor, Key.Compare)
		sorted[at] = c
	}
	p.Changes = sorted
	return nil
}

type graph struct {
	changes []Change
	index   map[Key]int
	adds    []bool
	waits   [][]int // sorted, unique
	waited  [][]int // the reverse
}

func newGraph(changes []Change) *graph {
	g := &graph{
		changes: changes,
		index:   make(map[Key]int, len(changes)),
		adds:    make([]bool, len(changes)),
		waits:   make([][]int, len(changes)),
		waited:  make([][]int, len(changes)),
	}
	for i := range changes {
		g.index[changes[i].Key] = i
		g.adds[i] = changes[i].Adds()
	}
	return g
}

// connect draws the edges of change i to what it refers to, desired or live.
func (g *graph) connect(i int) {
	for _, k := range g.changes[i].refs {
		if j, ok := g.index[k]; ok && j != i && !g.takesAway(i, j) && !g.leftForLast(j) {
			g.edge(i, j)
		}
	}
	for _, refs := range [][]Key{g.changes[i].refs, g.changes[i].drops} {
		for _, k := range refs {
			if j, ok := g.index[k]; ok && j != i && g.takesAway(i, j) {
				g.edge(j, i)
			}
		}
	}
}

// takesAway tells whether i only lets go of j, which vanishes, so that j waits.
func (g *graph) takesAway(i, j int) bool {
	return g.changes[j].vanishes() && (!g.adds[i] || !slices.Contains(g.changes[i].refs, g.changes[j].Key))
}

// leftForLast tells whether j does nothing for who refers to it, and takes from the
// applying identity, which would have to lose that before it is done.
func (g *graph) leftForLast(j int) bool {
	return g.changes[j].Stage >= stageSelf && !g.changes[j].introduces()
}

func (g *graph) edge(from, to int) {
	if slices.Contains(g.waits[from], to) {
		return
	}
	g.waits[from] = append(g.waits[from], to)
	g.waited[to] = append(g.waited[to], from)
}

// sort is Kahn's algorithm, ties broken by stage and key.
func (g *graph) sort() ([]int, error) {
	missing := make([]int, len(g.changes))
	ready := &queue{changes: g.changes}
	for i := range g.changes {
		if missing[i] = len(g.waits[i]); missing[i] == 0 {
			ready.items = append(ready.items, i)
		}
	}
	heap.Init(ready)
	order := make([]int, 0, len(g.changes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int)
		order = append(order, i)
		for _, j := range g.waited[i] {
			if missing[j]--; missing[j] == 0 {
				heap.Push(ready, j)
			}
		}
	}
	if len(order) < len(g.changes) {
		return nil, g.cycle(missing)
	}
	return order, nil
}

// cycle follows unmet waits until one repeats.
func (g *graph) cycle(missing []int) error {
	at := slices.IndexFunc(missing, func(n int) bool { return n > 0 })
	seen := map[int]int{}
	var path []int
	for {
		if from, ok := seen[at]; ok {
			path = path[from:]
			break
		}
		seen[at] = len(path)
		path = append(path, at)
		next := slices.IndexFunc(g.waits[at], func(j int) bool { return missing[j] > 0 })
		if next < 0 {
			panic(fmt.Sprintf("plan: %s waits for nothing and was not ordered", g.changes[at].Key))
		}
		at = g.waits[at][next]
	}
	keys := make([]Key, len(path))
	for i, c := range path {
		keys[i] = g.changes[c].Key
	}
	return &Cycle{keys}
}

// queue is a heap of indexes into changes, by stage and key.
type queue struct {
	changes []Change
	items   []int
}

func (q *queue) Len() int { return len(q.items) }
func (q *queue) Less(a, b int) bool {
	x, y := &q.changes[q.items[a]], &q.changes[q.items[b]]
	if x.Stage != y.Stage {
		return x.Stage < y.Stage
	}
	return x.Key.Compare(y.Key) < 0
}
func (q *queue) Swap(a, b int) { q.items[a], q.items[b] = q.items[b], q.items[a] }
func (q *queue) Push(x any)    { q.items = append(q.items, x.(int)) }
func (q *queue) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}
