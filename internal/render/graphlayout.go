package render

import (
	"cmp"
	"math"
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// layout places a graph in columns from left to right. Each edge leads from one
// column to the next, through bends where it is longer:
//
//	rank (longest way from the left) ─▶ bends ─▶ order in columns (few crossings) ─▶ places
type layout struct {
	graph   Graph
	spots   []spot // nodes as in graph, then bends
	links   []link
	columns [][]int // of spots, from above
	width   int
	height  int
}

// spot is a node or a bend of an edge. x and y are those of its middle.
type spot struct {
	node          int // in the graph; -1 for a bend
	lines         []string
	rank          int
	x, y          int
	width, height int
	before, after []int // spots in the neighbouring columns
}

// link is an edge with all that it passes, from left to right.
type link struct {
	edge  int
	way   []int
	back  bool // it is drawn against its direction, as one of each circle must be
	label []string
}

const (
	lineHeight  = 16
	columnWidth = 7.3 // of a character, in a monospaced font of 12 pixels
	nodeColumns = 30  // characters in a line of a node
	nodeLines   = 3
	edgeColumns = 26
	gapMin      = 56 // between columns of nodes
	gapRows     = 14 // between nodes in a column
	margin      = 16
)

func newLayout(g Graph) *layout {
	l := &layout{graph: g}
	for i, n := range g.Nodes {
		lines := folds(safe(n.Name), nodeColumns, nodeLines)
		widest := ansi.StringWidth(safe(n.Type)) * 9 / 10
		for _, line := range lines {
			widest = max(widest, ansi.StringWidth(line))
		}
		l.spots = append(l.spots, spot{node: i, lines: lines, width: textWidth(widest) + 24, height: (len(lines)+1)*lineHeight + 12})
	}
	l.rank()
	l.bend()
	l.order()
	l.place()
	return l
}

func textWidth(columns int) int { return int(math.Ceil(float64(columns) * columnWidth)) }

// rank puts every node to the right of all that lead to it. An edge that closes a
// circle counts as one in the other direction.
func (l *layout) rank() {
	index := map[string]int{}
	for i, n := range l.graph.Nodes {
		index[n.ID] = i
	}
	out := make([][]int, len(l.spots)) // links by their first spot
	for i, e := range l.graph.Edges {
		from, to := index[e.From], index[e.To]
		l.links = append(l.links, link{edge: i, way: []int{from, to}, label: folds(safe(e.Label), edgeColumns, 2)})
		out[from] = append(out[from], i)
	}
	state := make([]int, len(l.spots)) // 0 new, 1 on the way here, 2 done
	var done []int
	var visit func(int)
	visit = func(n int) {
		state[n] = 1
		for _, i := range out[n] {
			switch to := l.links[i].way[1]; state[to] {
			case 0:
				visit(to)
			case 1:
				l.links[i] = link{edge: l.links[i].edge, way: []int{to, n}, back: true, label: l.links[i].label}
			}
		}
		state[n] = 2
		done = append(done, n)
	}
	for n := range l.spots {
		if state[n] == 0 {
			visit(n)
		}
	}
	left := make([][]int, len(l.spots))
	for _, k := range l.links {
		left[k.way[1]] = append(left[k.way[1]], k.way[0])
	}
	for _, n := range slices.Backward(done) { // what leads to a node is done after it
		for _, from := range left[n] {
			l.spots[n].rank = max(l.spots[n].rank, l.spots[from].rank+1)
		}
	}
	l.draw()
}

// draw pulls whoever nothing leads to next to what it leads to first.
func (l *layout) draw() {
	for n := range l.spots {
		nearest, leads := math.MaxInt, false
		for _, k := range l.links {
			leads = leads || k.way[1] == n
			if k.way[0] == n {
				nearest = min(nearest, l.spots[k.way[1]].rank)
			}
		}
		if !leads && nearest != math.MaxInt && l.graph.Nodes[n].Shape != PersonNode {
			l.spots[n].rank = nearest - 1
		}
	}
}

// bend gives edges across several columns a bend in each of them.
func (l *layout) bend() {
	for i := range l.links {
		k := &l.links[i]
		from, to := k.way[0], k.way[1]
		k.way = []int{from}
		for rank := l.spots[from].rank + 1; rank < l.spots[to].rank; rank++ {
			k.way = append(k.way, len(l.spots))
			l.spots = append(l.spots, spot{node: -1, rank: rank, height: lineHeight})
		}
		k.way = append(k.way, to)
		for j := 1; j < len(k.way); j++ {
			a, b := k.way[j-1], k.way[j]
			l.spots[a].after = append(l.spots[a].after, b)
			l.spots[b].before = append(l.spots[b].before, a)
		}
	}
	for i := range l.spots {
		for len(l.columns) <= l.spots[i].rank {
			l.columns = append(l.columns, nil)
		}
		l.columns[l.spots[i].rank] = append(l.columns[l.spots[i].rank], i)
	}
}

// order sorts columns by the middle of the neighbours, to the right and to the left
// again, and keeps the order with the fewest crossings.
func (l *layout) order() {
	const sweeps = 12
	at := make([]int, len(l.spots))
	number := func(column []int) {
		for i, s := range column {
			at[s] = i
		}
	}
	for _, c := range l.columns {
		number(c)
	}
	best, fewest := l.clone(), l.crossings(at)
	for sweep := range sweeps {
		for step := range l.columns {
			rank, neighbours := step, func(s *spot) []int { return s.before }
			if sweep%2 == 1 {
				rank, neighbours = len(l.columns)-1-step, func(s *spot) []int { return s.after }
			}
			column := l.columns[rank]
			middle := map[int]float64{}
			for _, s := range column {
				middle[s] = float64(at[s])
				if near := neighbours(&l.spots[s]); len(near) > 0 {
					sum := 0
					for _, n := range near {
						sum += at[n]
					}
					middle[s] = float64(sum) / float64(len(near))
				}
			}
			slices.SortStableFunc(column, func(a, b int) int { return cmp.Compare(middle[a], middle[b]) })
			number(column)
		}
		if n := l.crossings(at); n < fewest {
			best, fewest = l.clone(), n
		}
	}
	l.columns = best
}

func (l *layout) clone() [][]int {
	out := make([][]int, len(l.columns))
	for i, c := range l.columns {
		out[i] = slices.Clone(c)
	}
	return out
}

// crossings counts the pairs of edges between two columns that cross.
func (l *layout) crossings(at []int) int {
	n := 0
	for _, column := range l.columns {
		var ends [][2]int
		for _, s := range column {
			for _, t := range l.spots[s].after {
				ends = append(ends, [2]int{at[s], at[t]})
			}
		}
		for i, a := range ends {
			for _, b := range ends[:i] {
				if (a[0]-b[0])*(a[1]-b[1]) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// place gives every spot its coordinates: columns as wide as their widest node, and
// in them everything as near to the height of its neighbours as order and size allow.
func (l *layout) place() {
	for _, column := range l.columns {
		l.stack(column, func(s *spot) []int { return nil })
	}
	for sweep := range 9 {
		for step := range l.columns {
			if sweep%2 == 0 {
				l.stack(l.columns[step], func(s *spot) []int { return s.before })
			} else {
				l.stack(l.columns[len(l.columns)-1-step], func(s *spot) []int { return s.after })
			}
		}
	}
	x := margin
	for rank, column := range l.columns {
		wide := 0
		for _, s := range column {
			wide = max(wide, l.spots[s].width)
		}
		if rank > 0 {
			x += l.gap(rank)
		}
		for _, s := range column {
			l.spots[s].x = x + wide/2
			if l.spots[s].node < 0 {
				l.spots[s].width = wide
			}
		}
		x += wide
	}
	top := math.MaxInt
	for _, s := range l.spots {
		top = min(top, s.y-s.height/2)
	}
	for i := range l.spots {
		s := &l.spots[i]
		s.y += margin - top
		l.height = max(l.height, s.y+s.height/2+margin)
	}
	l.width = x + margin
}

// gap is the room before a column: that of the longest label there.
func (l *layout) gap(rank int) int {
	room := gapMin
	for _, k := range l.links {
		if l.spots[k.way[1]].rank == rank {
			for _, line := range k.label {
				room = max(room, textWidth(ansi.StringWidth(line))*11/12+36)
			}
		}
	}
	return room
}

// stack places a column: each spot as near as can be to the middle of its neighbours
// without changing the order or coming too near to another. Spots that would overlap
// move as one block to the mean of where they want to be.
func (l *layout) stack(column []int, neighbours func(*spot) []int) {
	type block struct{ sum, n, first int }
	var blocks []block
	offsets := make([]int, len(column))
	for i, s := range column {
		p := &l.spots[s]
		if i > 0 {
			offsets[i] = offsets[i-1] + (l.spots[column[i-1]].height+p.height)/2 + gapRows
		}
		want := p.y
		if near := neighbours(p); len(near) > 0 {
			want = 0
			for _, n := range near {
				want += l.spots[n].y
			}
			want /= len(near)
		}
		blocks = append(blocks, block{want - offsets[i], 1, i})
		for n := len(blocks); n > 1 && blocks[n-2].sum*blocks[n-1].n > blocks[n-1].sum*blocks[n-2].n; n-- {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].n += blocks[n-1].n
			blocks = blocks[:n-1]
		}
	}
	for b, at := range blocks {
		last := len(column)
		if b+1 < len(blocks) {
			last = blocks[b+1].first
		}
		for i := at.first; i < last; i++ {
			l.spots[column[i]].y = at.sum/at.n + offsets[i]
		}
	}
}
