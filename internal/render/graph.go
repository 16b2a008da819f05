package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Graph is a picture of how principals come to what they can do. Its texts may be
// hostile: each writer escapes them for its form.
type Graph struct {
	Title string // one line: what the picture answers
	Desc  string // the same in a sentence or two, for whoever does not see it; "" for what can be counted
	Nodes []GraphNode
	Edges []GraphEdge // of nodes that there are; those of a pair are drawn as one
	Notes []string    // lines below
}

// GraphNode is somebody or something.
type GraphNode struct {
	ID    string // unique in the graph, never shown
	Shape Shape
	Type  string // over the name: user, group, table, …
	Name  string
	Title string // more about it, shown where a pointer rests; "" for none
	Tone  Tone
}

// Shape tells kinds of nodes apart.
type Shape int

const (
	ObjectNode    Shape = iota // an object
	PersonNode                 // a user or service principal
	GroupNode                  // a group
	WorkspaceNode              // a workspace
)

// GraphEdge leads from who has something to where it is had from.
type GraphEdge struct {
	From, To string // IDs
	Label    string // what it gives; "" for a mere connection
	Title    string // why, where it is written, until when
	Tone     Tone
	Dashed   bool // nobody declares it, or it follows from others
}

// graphLimit is how many nodes a picture has at most. More could not be told apart.
const graphLimit = 120

// alikeShown is how many of the nodes that stand in the same way between the same
// others are drawn where there are too many.
const alikeShown = 3

// drawn is the graph as it is drawn: edges of a pair merged, sorted, those of unknown
// nodes gone, and summarised where it has too many nodes.
func (g Graph) drawn() Graph {
	g = g.merged()
	whole := g
	for _, shown := range []int{alikeShown, 0} {
		if len(g.Nodes) > graphLimit {
			g = whole.folded(shown)
		}
	}
	if len(g.Nodes) > graphLimit {
		g = g.cut(len(whole.Nodes))
	}
	if g.Desc == "" {
		g.Desc = fmt.Sprintf("A graph of %s and %s, to be read from left to right.", count(len(g.Nodes), "node"), count(len(g.Edges), "edge"))
	}
	return g
}

// merged keeps one edge for each pair of nodes.
func (g Graph) merged() Graph {
	known := map[string]bool{}
	g.Nodes = slices.DeleteFunc(slices.Clone(g.Nodes), func(n GraphNode) bool {
		twice := known[n.ID]
		known[n.ID] = true
		return twice
	})
	at := map[[2]string]int{}
	var edges []GraphEdge
	for _, e := range g.Edges {
		pair := [2]string{e.From, e.To}
		i, twice := at[pair]
		switch {
		case !known[e.From] || !known[e.To] || e.From == e.To:
		case !twice:
			at[pair] = len(edges)
			edges = append(edges, e)
		default:
			m := &edges[i]
			m.Label, m.Title = together(m.Label, e.Label, ", "), together(m.Title, e.Title, "\n")
			m.Tone, m.Dashed = max(m.Tone, e.Tone), m.Dashed && e.Dashed
		}
	}
	g.Edges = edges
	return g
}

// together joins texts that differ.
func together(a, b, by string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "" || slices.Contains(strings.Split(a, by), b):
		return a
	}
	return a + by + b
}

// folded draws one node for all that stand in the same way between the same others,
// but for the first few.
func (g Graph) folded(shown int) Graph {
	surroundings := g.surroundings()
	alike := map[string][]int{}
	for i, n := range g.Nodes {
		alike[surroundings[n.ID]] = append(alike[surroundings[n.ID]], i)
	}
	into, left := map[string]string{}, 0
	nodes := make([]GraphNode, 0, len(g.Nodes))
	for i, n := range g.Nodes {
		all := alike[surroundings[n.ID]]
		first := slices.Index(all, i)
		switch rest := len(all) - shown; {
		case rest < 2 || first < shown:
			nodes = append(nodes, n)
		case first == shown:
			n.Name = number(rest) + " more"
			if shown == 0 {
				n.Name = number(rest) + " of them"
			}
			n.Title = ""
			nodes = append(nodes, n)
			left += rest
		default:
			into[n.ID] = g.Nodes[all[shown]].ID
		}
	}
	if len(into) == 0 {
		return g
	}
	g.Nodes = nodes
	edges := make([]GraphEdge, len(g.Edges))
	for i, e := range g.Edges {
		e.From, e.To = cmp.Or(into[e.From], e.From), cmp.Or(into[e.To], e.To)
		if e.From != g.Edges[i].From || e.To != g.Edges[i].To {
			e.Title = ""
		}
		edges[i] = e
	}
	g.Edges = edges
	g.Notes = append(slices.Clip(g.Notes), fmt.Sprintf("%s not drawn one by one: they stand in the same places as others.", count(left, "node")))
	return g.merged()
}

// surroundings tell nodes apart by what they are and by their edges.
func (g Graph) surroundings() map[string]string {
	ends := map[string][]string{}
	for _, e := range g.Edges {
		about := fmt.Sprintf("%q %d %t", e.Label, e.Tone, e.Dashed)
		ends[e.From] = append(ends[e.From], fmt.Sprintf("> %q %s", e.To, about))
		ends[e.To] = append(ends[e.To], fmt.Sprintf("< %q %s", e.From, about))
	}
	out := map[string]string{}
	for _, n := range g.Nodes {
		slices.Sort(ends[n.ID])
		out[n.ID] = fmt.Sprintf("%d %q %d %q", n.Shape, n.Type, n.Tone, ends[n.ID])
	}
	return out
}

// cut keeps the nodes with the most edges, and says how many are missing.
func (g Graph) cut(total int) Graph {
	edges := map[string]int{}
	for _, e := range g.Edges {
		edges[e.From]++
		edges[e.To]++
	}
	kept := slices.Clone(g.Nodes)
	slices.SortStableFunc(kept, func(a, b GraphNode) int { return edges[b.ID] - edges[a.ID] })
	left := map[string]bool{}
	for _, n := range kept[graphLimit:] {
		left[n.ID] = true
	}
	g.Nodes = slices.DeleteFunc(slices.Clone(g.Nodes), func(n GraphNode) bool { return left[n.ID] })
	g.Notes = append(slices.Clip(g.Notes), fmt.Sprintf("Too large for a picture: the %d nodes with the most edges are drawn, of %s.", graphLimit, number(total)))
	return g.merged()
}
