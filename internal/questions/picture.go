package questions

import (
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/render"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// Picture is the answer as a graph: principals on the left, what gives in between,
// the object on the right.
func (w *World) Picture(a Answer) render.Graph {
	p := &picture{world: w, graph: render.Graph{Title: strings.TrimSuffix(a.Title(), ":"), Notes: a.notes()}, known: map[string]bool{}}
	switch a.Question {
	case WhoCan:
		p.object(*a.Object, render.Neutral)
		for _, h := range a.Holders {
			p.way(h.Way, *a.Object, "")
			if h.Unread {
				p.tone(h.Principal, render.Watch)
			}
			if everybody(h) {
				p.tone(h.Principal, render.Bad)
			}
		}
	case WhatCan:
		p.principal(a.Principal)
		for _, h := range a.Holdings {
			p.holding(a.Principal, h)
		}
	default:
		p.principal(a.Principal)
		p.object(*a.Object, render.Neutral)
		for _, path := range a.Paths {
			p.way(path.Steps, *a.Object, strings.Join(path.Privileges, ", "))
		}
		for _, o := range a.Obstacles {
			p.obstacle(a.Principal, o, *a.Object)
		}
	}
	if p.live {
		p.graph.Notes = append(p.graph.Notes, "Dashed and yellow: only live, no entry of the repository wants it.")
	}
	return p.graph
}

// picture is a graph in the making.
type picture struct {
	world *World
	graph render.Graph
	known map[string]bool
	live  bool // something is only live
}

func (p *picture) node(n render.GraphNode) string {
	if !p.known[n.ID] {
		p.known[n.ID] = true
		p.graph.Nodes = append(p.graph.Nodes, n)
	}
	return n.ID
}

func (p *picture) edge(e render.GraphEdge) { p.graph.Edges = append(p.graph.Edges, e) }

func (p *picture) tone(id string, t render.Tone) {
	for i := range p.graph.Nodes {
		if p.graph.Nodes[i].ID == id {
			p.graph.Nodes[i].Tone = t
		}
	}
}

func (p *picture) principal(token string) string {
	kind, name, _ := strings.Cut(token, ":")
	n := render.GraphNode{ID: token, Type: kind, Name: name}
	switch kind {
	case "group":
		n.Shape = render.GroupNode
	case "sp":
		n.Shape, n.Type = render.PersonNode, "service principal"
	default:
		n.Shape = render.PersonNode
	}
	return p.node(n)
}

// object draws a securable, an object of a workspace or a workspace.
func (p *picture) object(t Thing, tone render.Tone) string {
	n := render.GraphNode{ID: "object " + t.Kind + " " + t.Target + " " + t.Name, Tone: tone}
	typ, name, named := strings.Cut(t.Name, "/")
	switch {
	case t.Kind == kindGrants && t.Name == metastoreName:
		n.Type, n.Name = "securable", "metastore"
	case named && (t.Kind == kindGrants || t.Kind == kindPermissions):
		n.Type, n.Name = typeWord(typ), name
		if t.Kind == kindPermissions {
			n.Type, n.Title = n.Type+" in "+t.Target, t.Label
		}
	case t.Kind == kindGroup:
		n.Shape, n.Type, n.Name = render.GroupNode, "group", t.Name
	case t.Target == account:
		n.Shape, n.Type, n.Name = render.WorkspaceNode, "account", p.world.Env.Account.Value
	default:
		n.Shape, n.Type, n.Name = render.WorkspaceNode, "workspace", t.Target
	}
	switch t.Kind {
	case kindEntitlements:
		n.Type += ": entitlements"
	case kindRoles:
		n.Type += ": roles"
	}
	return p.node(n)
}

// way draws the steps of a way, and how what it ends at leads to the object.
func (p *picture) way(steps []Step, asked Thing, gives string) {
	at := p.principal(steps[0].From)
	for _, s := range steps {
		e := render.GraphEdge{From: at, Label: caption(s, gives), Title: stepTitle(s), Dashed: s.OnlyLive}
		if s.OnlyLive {
			e.Tone = render.Watch
			p.live = true
		}
		on := asked
		if s.Object != nil && s.Above == "" {
			on = *s.Object
		}
		if s.To != "" {
			at = p.group(s)
		} else {
			at = p.object(on, render.Neutral)
			p.contained(on, asked)
		}
		e.To = at
		p.edge(e)
	}
	if last := steps[len(steps)-1]; last.To != "" {
		p.edge(render.GraphEdge{From: at, To: p.object(asked, render.Neutral), Label: "needed", Dashed: true})
	}
}

// group draws the group that a step leads to; the users and admins of a workspace
// as that workspace.
func (p *picture) group(s Step) string {
	if s.Is == Assigned {
		role := strings.TrimPrefix(s.To, "group:")
		return p.node(render.GraphNode{ID: s.Object.Target + " " + s.To, Shape: render.WorkspaceNode, Type: role + " of workspace", Name: s.Object.Target})
	}
	return p.principal(s.To)
}

// caption is what a step says on its edge.
func caption(s Step, gives string) string {
	switch s.Is {
	case Member:
		if !s.until.IsZero() {
			return "until " + (&plan.Origin{Until: s.until}).LastsUntil()
		}
		return ""
	case Everybody:
		return ""
	case Owner:
		return "owner"
	case Admin:
		return gives
	}
	if !s.until.IsZero() {
		return s.Gives + " until " + (&plan.Origin{Until: s.until}).LastsUntil()
	}
	return s.Gives
}

// stepTitle is all that is known of a step.
func stepTitle(s Step) string {
	lines := []string{}
	for _, e := range s.Entries {
		line := e.At
		if e.Until != "" {
			line += " until " + e.Until
		}
		if e.Reason != "" {
			line += fmt.Sprintf(" “%s”", e.Reason)
		}
		lines = append(lines, line)
	}
	if s.OnlyLive {
		lines = append(lines, "only live")
	}
	return strings.Join(lines, "\n")
}

// contained draws how what gives holds the object: a catalog its schemas, these
// their tables, a folder what is in it.
func (p *picture) contained(on, asked Thing) {
	if on.Kind != asked.Kind || on.Name == asked.Name || on.Target != asked.Target {
		return
	}
	chain := []Thing{on}
	outer, inner := segmentsOf(on.Name), segmentsOf(asked.Name)
	if on.Kind == kindGrants && on.Name != metastoreName && len(outer) == 1 && len(inner) == 3 {
		key := plan.Key{Kind: on.Kind, Target: on.Target, Name: "schema/" + spec.JoinSecurable(inner[:2]...)}
		chain = append(chain, *p.world.thing(key))
	}
	chain = append(chain, asked)
	for i := 1; i < len(chain); i++ {
		p.edge(render.GraphEdge{From: p.object(chain[i-1], render.Neutral), To: p.object(chain[i], render.Neutral), Dashed: true, Title: "holds"})
	}
}

func segmentsOf(name string) []string {
	_, full, _ := strings.Cut(name, "/")
	parts, err := spec.SplitSecurable(full)
	if err != nil {
		return []string{full}
	}
	return parts
}

func (p *picture) holding(who string, h Holding) {
	label := strings.Join(p.world.Platform.short(h.Object, h.Privileges), ", ")
	if len(h.Privileges) == 0 {
		label = "nothing"
	}
	to := p.object(h.Object, render.Neutral)
	if h.Contents > 0 {
		i := slices.IndexFunc(p.graph.Nodes, func(n render.GraphNode) bool { return n.ID == to })
		p.graph.Nodes[i].Type += fmt.Sprintf(" and %s in it", countOf(h.Contents, "object"))
	}
	p.edge(render.GraphEdge{From: who, To: to, Label: label, Title: strings.Join(h.Privileges, ", ")})
}

// obstacle draws what is not there.
func (p *picture) obstacle(who string, o Obstacle, asked Thing) {
	title := o.Message
	if o.Entry != nil {
		title += "\n" + o.Entry.At
	}
	to := p.object(*o.Object, render.Bad)
	p.edge(render.GraphEdge{From: who, To: to, Label: o.label(), Title: title, Tone: render.Bad, Dashed: true})
	if *o.Object != asked {
		p.edge(render.GraphEdge{From: to, To: p.object(asked, render.Neutral), Dashed: true})
	}
}

func (o Obstacle) label() string {
	switch {
	case o.Entry != nil:
		return o.Reason
	case o.Privilege == "":
		return o.Reason
	}
	return "no " + o.Privilege
}
