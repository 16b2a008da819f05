package render_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/render"
)

func accessGraph() render.Graph {
	return render.Graph{
		Title: "How user:ann@example.com comes to SELECT on gold_prd.sales.orders",
		Nodes: []render.GraphNode{
			{ID: "ann", Shape: render.PersonNode, Type: "user", Name: "ann@example.com"},
			{ID: "team", Shape: render.GroupNode, Type: "group", Name: "sales-team_prd", Title: "groups/teams.yaml:3"},
			{ID: "dp", Shape: render.GroupNode, Type: "group", Name: "dp-sales-orders-consumer_prd"},
			{ID: "main", Shape: render.WorkspaceNode, Type: "workspace", Name: "main"},
			{ID: "catalog", Shape: render.ObjectNode, Type: "catalog", Name: "gold_prd"},
			{ID: "schema", Shape: render.ObjectNode, Type: "schema", Name: "gold_prd.sales"},
			{ID: "table", Shape: render.ObjectNode, Type: "table", Name: "gold_prd.sales.orders_of_all_regions_by_day_and_channel", Tone: render.Good},
		},
		Edges: []render.GraphEdge{
			{From: "ann", To: "team", Label: "member", Title: "teams.yaml:31"},
			{From: "ann", To: "dp", Label: "until 2026-12-31", Title: "sales.yaml:31 \"Q1\"", Tone: render.Watch},
			{From: "team", To: "dp", Label: "member"},
			{From: "team", To: "schema", Label: "SELECT, USE_SCHEMA", Dashed: true, Title: "only live"},
			{From: "dp", To: "catalog", Label: "USE_CATALOG"},
			{From: "dp", To: "schema", Label: "USE_SCHEMA"},
			{From: "dp", To: "table", Label: "SELECT", Tone: render.Bad},
			{From: "ann", To: "main", Label: "USER"},
			{From: "main", To: "catalog", Label: "bound"},
			{From: "catalog", To: "schema", Dashed: true},
			{From: "schema", To: "table", Dashed: true},
		},
		Notes: []string{"Dashed: nobody declares it."},
	}
}

func svgOf(t *testing.T, g render.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.SVG(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// manyNodes are people in two groups, each the same as many others.
func manyNodes(people int) render.Graph {
	g := render.Graph{Title: "Many", Nodes: []render.GraphNode{
		{ID: "g0", Shape: render.GroupNode, Type: "group", Name: "readers"},
		{ID: "g1", Shape: render.GroupNode, Type: "group", Name: "writers"},
		{ID: "o", Type: "table", Name: "main.sales.orders"},
	}, Edges: []render.GraphEdge{{From: "g0", To: "o", Label: "SELECT"}, {From: "g1", To: "o", Label: "MODIFY"}}}
	for i := range people {
		id := fmt.Sprintf("p%03d", i)
		g.Nodes = append(g.Nodes, render.GraphNode{ID: id, Shape: render.PersonNode, Type: "user", Name: id + "@example.com"})
		g.Edges = append(g.Edges, render.GraphEdge{From: id, To: fmt.Sprintf("g%d", i%2), Label: "member"})
	}
	return g
}

func TestPictureIsWellFormedAndHarmless(t *testing.T) {
	const hostile = "\"><script>alert(1)</script>&#x6a;]]>\x1b[31m\u202eevil\x00\xff"
	g := accessGraph()
	for i := range g.Nodes {
		g.Nodes[i].Name += hostile
		g.Nodes[i].Title, g.Nodes[i].Type = hostile, hostile
	}
	for i := range g.Edges {
		g.Edges[i].Label, g.Edges[i].Title = hostile, hostile
	}
	g.Title, g.Desc, g.Notes = hostile, hostile, []string{hostile}
	d := xml.NewDecoder(strings.NewReader(svgOf(t, g)))
	allowed := []string{"svg", "title", "desc", "style", "rect", "g", "path", "text"}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !slices.Contains(allowed, start.Name.Local) {
			t.Errorf("element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if name := a.Name.Local; strings.HasPrefix(name, "on") || strings.Contains(name, "href") || name == "id" {
				t.Errorf("attribute %s of %s", name, start.Name.Local)
			}
		}
	}
}

func TestPictureIsTheSameEveryTime(t *testing.T) {
	first := svgOf(t, accessGraph())
	for range 20 {
		if svgOf(t, accessGraph()) != first {
			t.Fatal("two pictures of one graph differ")
		}
	}
}

// box is a drawn node.
type box struct {
	X      int `xml:"x,attr"`
	Y      int `xml:"y,attr"`
	Width  int `xml:"width,attr"`
	Height int `xml:"height,attr"`
}

type picture struct {
	Width  int `xml:"width,attr"`
	Height int `xml:"height,attr"`
	Whole  struct {
		Groups []struct {
			Class string `xml:"class,attr"`
			Title string `xml:"title"`
			Rects []box  `xml:"rect"`
		} `xml:"g"`
	} `xml:"g"`
	Texts []string `xml:"text"`
}

func read(t *testing.T, g render.Graph) (p picture, nodes map[string]box) {
	t.Helper()
	if err := xml.Unmarshal([]byte(svgOf(t, g)), &p); err != nil {
		t.Fatal(err)
	}
	nodes = map[string]box{}
	for _, g := range p.Whole.Groups {
		if strings.HasPrefix(g.Class, "node") {
			title, _, _ := strings.Cut(g.Title, "\n")
			nodes[title] = g.Rects[len(g.Rects)-1]
		}
	}
	return p, nodes
}

func TestPictureReadsFromLeftToRight(t *testing.T) {
	g := accessGraph()
	p, nodes := read(t, g)
	if len(nodes) != len(g.Nodes) {
		t.Fatalf("%d nodes are drawn of %d", len(nodes), len(g.Nodes))
	}
	names := map[string]string{}
	for _, n := range g.Nodes {
		names[n.ID] = n.Name
	}
	for _, e := range g.Edges {
		from, to := nodes[names[e.From]], nodes[names[e.To]]
		if from.X+from.Width >= to.X {
			t.Errorf("%s is not to the left of %s", e.From, e.To)
		}
	}
	for a, x := range nodes {
		if x.X < 0 || x.Y < 0 || x.X+x.Width > p.Width || x.Y+x.Height > p.Height {
			t.Errorf("%s is outside of the picture", a)
		}
		for b, y := range nodes {
			if a != b && x.X < y.X+y.Width && y.X < x.X+x.Width && x.Y < y.Y+y.Height && y.Y < x.Y+x.Height {
				t.Errorf("%s lies on %s", a, b)
			}
		}
	}
}

func TestCirclesAreDrawn(t *testing.T) {
	g := render.Graph{Title: "round", Nodes: []render.GraphNode{{ID: "a", Name: "a"}, {ID: "b", Name: "b"}, {ID: "c", Name: "c"}}, Edges: []render.GraphEdge{
		{From: "a", To: "b"}, {From: "b", To: "c"}, {From: "c", To: "a"}, {From: "a", To: "a"}, {From: "b", To: "nobody"},
	}}
	if _, nodes := read(t, g); len(nodes) != 3 {
		t.Errorf("nodes: %v", nodes)
	}
}

func TestLargePictureSaysWhatItLeavesOut(t *testing.T) {
	p, nodes := read(t, manyNodes(300))
	if len(nodes) != 3+2*3+1 { // both rests have one title
		t.Errorf("%d nodes: %v", len(nodes), nodes)
	}
	if !slices.Contains(p.Texts, "294 nodes not drawn one by one: they stand in the same places as others.") {
		t.Errorf("texts: %q", p.Texts)
	}
	different := render.Graph{Title: "long"}
	for i := range 1000 {
		id := fmt.Sprint(i)
		different.Nodes = append(different.Nodes, render.GraphNode{ID: id, Name: id})
		different.Edges = append(different.Edges, render.GraphEdge{From: fmt.Sprint(i - 1), To: id, Label: id})
	}
	p, nodes = read(t, different)
	if len(nodes) != 120 || !slices.Contains(p.Texts, "Too large for a picture: the 120 nodes with the most edges are drawn, of 1,000.") {
		t.Errorf("%d nodes; texts: %q", len(nodes), p.Texts)
	}
}

func TestEmptyPicture(t *testing.T) {
	p, _ := read(t, render.Graph{Title: "Nobody can SELECT on main.sales.orders"})
	if !slices.Contains(p.Texts, "Nobody can SELECT on main.sales.orders") {
		t.Errorf("texts: %q", p.Texts)
	}
}

// TestDOTIsQuoted reads the language as its grammar has it: what is no quoted string
// is ours, and in quoted strings a quote stands behind a backslash.
func TestDOTIsQuoted(t *testing.T) {
	const hostile = "\"];evil[label=\"\\\"\\\n&quot;\x00"
	g := accessGraph()
	g.Title = hostile
	for i := range g.Nodes {
		g.Nodes[i].Name, g.Nodes[i].Title = hostile, hostile+"\\"
	}
	for i := range g.Edges {
		g.Edges[i].Label = "\\" + hostile
	}
	var b bytes.Buffer
	if err := render.DOT(&b, g); err != nil {
		t.Fatal(err)
	}
	var ours strings.Builder
	inside := false
	for text := b.String(); text != ""; text = text[1:] {
		switch {
		case inside && text[0] == '\\':
			text = text[1:]
		case text[0] == '"':
			inside = !inside
		case !inside:
			ours.WriteByte(text[0])
		}
	}
	if inside || strings.Contains(ours.String(), "evil") || strings.Count(ours.String(), "->") != len(g.Edges) {
		t.Errorf("unquoted: %s", ours.String())
	}
	if dot, err := exec.LookPath("dot"); err == nil {
		cmd := exec.Command(dot, "-Tplain")
		cmd.Stdin = &b
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("dot: %v: %s", err, out)
		}
	}
}
