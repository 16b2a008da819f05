package render

import (
	"bytes"
	"cmp"
	"html/template"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// pathsView is the ways by which people have what they gain or lose, as a picture
// and as the same in words.
type pathsView struct {
	Sentence string
	Picture  template.HTML
	Edges    []edgeView
}

type edgeView struct {
	From, To term
	By       string
	Sign     *symbol // what the plan does to it; nil: it was there
}

// edgesDrawn is up to how many edges of a picture the next way is added. More could
// not be followed.
const edgesDrawn = 40

// pathsOf draws the way of each effect, the risky first, until the picture is full.
// The rest is counted: every effect tells its way in words.
func pathsOf(m *plan.Impact) (*pathsView, error) {
	d := pathDrawing{nodes: map[string]bool{}, edges: map[GraphEdge]bool{}}
	left := 0
	if m != nil {
		blocks, _ := blocksOf(m.Effects)
		for _, b := range blocks {
			for _, e := range b.effects {
				switch {
				case len(e.Way) == 0:
				case len(d.edges) >= edgesDrawn:
					left++
				default:
					d.way(e)
				}
			}
		}
	}
	if len(d.edges) == 0 {
		return nil, nil
	}
	d.graph.Title = "How those named first come to what they gain and lose"
	d.graph.Desc = "The edges are in the table below."
	v := &pathsView{Edges: d.views, Sentence: "How the first of those who gain or lose comes to it. What the plan adds is marked +, what it removes −."}
	if left > 0 {
		v.Sentence += " " + number(left) + " more not drawn: each effect above tells its way."
	}
	var b bytes.Buffer
	if err := SVG(&b, d.graph); err != nil {
		return nil, err
	}
	v.Picture = template.HTML(b.String()) // the writer escapes what others wrote
	return v, nil
}

// pathDrawing is a picture that grows way by way.
type pathDrawing struct {
	graph Graph
	views []edgeView
	nodes map[string]bool
	edges map[GraphEdge]bool
}

func (d *pathDrawing) way(e *plan.Effect) {
	for _, s := range e.Way {
		from := d.principal(s.From)
		if s.To != "" {
			d.edge(from, d.principal(s.To), "member", s.New, e.Gained)
			continue
		}
		given := cmp.Or(s.Fact.Key, e.Object)
		what := s.Fact.Value
		if what == "" || plan.IsPrincipal(what) {
			what = cmp.Or(s.Fact.Field, strings.Join(e.Privileges, ", "))
		}
		to := d.object(given)
		d.edge(from, to, what, s.New, e.Gained)
		if thing := d.object(e.Object); thing.id != to.id {
			d.edge(to, thing, "what is in it", false, e.Gained)
		}
	}
}

// pathNode is an end of an edge in the picture and in words.
type pathNode struct {
	id    string
	words term
}

func (d *pathDrawing) principal(name string) pathNode {
	kind, bare, ok := strings.Cut(name, ":")
	if !ok || !plan.IsPrincipal(name) {
		kind, bare = "group", name
	}
	n := GraphNode{ID: "p:" + name, Shape: PersonNode, Type: kind, Name: bare}
	switch kind {
	case "group":
		n.Shape = GroupNode
	case "sp":
		n.Type = "service principal"
	}
	return d.node(n, termOf(name))
}

// object is the thing itself, whatever of it a resource is: its grants, its owner.
func (d *pathDrawing) object(k plan.Key) pathNode {
	if plan.IsPrincipal(k.Name) {
		k.Name = "" // of a workspace or account
	}
	_, name, _ := strings.Cut(k.Name, "/")
	n := GraphNode{ID: "o:" + k.Target + "/" + k.Name, Type: typeOf(k), Name: safe(cmp.Or(name, k.Name))}
	switch {
	case k.Name == "" && k.Target == "account":
		n.Shape, n.Type, n.Name = WorkspaceNode, "", "account"
	case k.Name == "":
		n.Shape, n.Type, n.Name = WorkspaceNode, "workspace", safe(k.Target)
	case k.Kind == "permissions":
		n.Title = "in " + safe(k.Target)
	}
	return d.node(n, term{Text: thing(k).plain()})
}

func (d *pathDrawing) node(n GraphNode, words term) pathNode {
	if !d.nodes[n.ID] {
		d.nodes[n.ID] = true
		d.graph.Nodes = append(d.graph.Nodes, n)
	}
	return pathNode{n.ID, words}
}

func (d *pathDrawing) edge(from, to pathNode, label string, changed, gained bool) {
	e := GraphEdge{From: from.id, To: to.id, Label: label}
	v := edgeView{From: from.words, To: to.words, By: safe(label)}
	switch {
	case changed && gained:
		s := signs["+"]
		e.Label, e.Tone, v.Sign = "+ "+label, Good, &s
	case changed:
		s := signs["-"]
		e.Label, e.Tone, v.Sign = "− "+label, Bad, &s
	}
	if d.edges[e] {
		return
	}
	d.edges[e] = true
	d.graph.Edges = append(d.graph.Edges, e)
	d.views = append(d.views, v)
}
