package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// DOT writes the graph in Graphviz's language, all names as quoted strings.
func DOT(w io.Writer, g Graph) error {
	g = g.drawn()
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "digraph %s {\n", dotString(g.Title))
	fmt.Fprint(out, "  rankdir=LR;\n  node [fontname=\"monospace\", fontsize=11];\n  edge [fontname=\"monospace\", fontsize=10];\n")
	if label := strings.Join(append([]string{g.Title}, g.Notes...), "\n"); label != "" {
		fmt.Fprintf(out, "  label=%s;\n", dotString(label))
	}
	for i, n := range g.Nodes {
		label := n.Name
		if n.Type != "" {
			label = n.Type + "\n" + n.Name
		}
		fmt.Fprintf(out, "  n%d [label=%s, shape=%s%s%s];\n", i, dotString(label), n.Shape.dot(), dotTitle(n.Title), n.Tone.dot())
	}
	index := map[string]int{}
	for i, n := range g.Nodes {
		index[n.ID] = i
	}
	for _, e := range g.Edges {
		style := ""
		if e.Dashed {
			style = ", style=dashed"
		}
		fmt.Fprintf(out, "  n%d -> n%d [label=%s%s%s%s];\n", index[e.From], index[e.To], dotString(e.Label), dotTitle(e.Title), e.Tone.dot(), style)
	}
	fmt.Fprint(out, "}\n")
	return out.Flush()
}

func (s Shape) dot() string {
	switch s {
	case PersonNode:
		return "ellipse"
	case GroupNode:
		return "octagon"
	case WorkspaceNode:
		return "folder"
	}
	return "box"
}

func dotTitle(title string) string {
	if title == "" {
		return ""
	}
	return ", tooltip=" + dotString(title)
}

func (t Tone) dot() string {
	if c := t.colour(); c != "" {
		return fmt.Sprintf(", color=%q", c)
	}
	return ""
}

// dotString is a quoted string in which nothing is an escape of Graphviz's but the
// line breaks that are ours. Entities of HTML would be read in it, so & is one.
func dotString(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;").Replace(safe(l))
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
