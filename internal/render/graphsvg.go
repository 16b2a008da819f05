package render

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// SVGStyle is the style sheet of every picture, in light and dark, without its
// element: a page whose policy lists style sheets can allow it by its hash. Its
// rules touch nothing outside of the pictures. Where it is not applied, they are
// drawn in the colour of the text around.
const SVGStyle = `.bg-graph{--paper:#fff;--ink:#1f2328;--soft:#59636e;--line:#818b98;--fill:#f6f8fa;--good:#1a7f37;--watch:#9a6700;--bad:#cf222e}` +
	`@media (prefers-color-scheme:dark){.bg-graph{--paper:#0d1117;--ink:#f0f6fc;--soft:#9198a1;--line:#6e7681;--fill:#151b23;--good:#3fb950;--watch:#d29922;--bad:#f85149}}` +
	`.bg-graph{color:var(--ink)}.bg-graph .paper{fill:var(--paper)}.bg-graph .box{fill:var(--fill);stroke:var(--line)}` +
	`.bg-graph .soft{fill:var(--soft)}.bg-graph .wire{stroke:var(--line)}.bg-graph .tip{fill:var(--line)}` +
	`.bg-graph .good .box,.bg-graph .good .wire{stroke:var(--good)}.bg-graph .good .tip,.bg-graph .good .word{fill:var(--good)}` +
	`.bg-graph .watch .box,.bg-graph .watch .wire{stroke:var(--watch)}.bg-graph .watch .tip,.bg-graph .watch .word{fill:var(--watch)}` +
	`.bg-graph .bad .box,.bg-graph .bad .wire{stroke:var(--bad)}.bg-graph .bad .tip,.bg-graph .bad .word{fill:var(--bad)}`

// SVG writes the graph as a picture that stands alone or in a page: without scripts
// and without references to anything outside.
func SVG(w io.Writer, g Graph) error {
	g = g.drawn()
	l := newLayout(g)
	p := &svg{Writer: bufio.NewWriter(w), layout: l}
	header := 0
	for _, line := range folds(safe(g.Title), 110, 2) {
		header += lineHeight + 4
		l.width = max(l.width, textWidth(ansi.StringWidth(line))*7/6+2*margin)
	}
	if header > 0 {
		header += 8
	}
	var notes []string
	for _, n := range g.Notes {
		notes = append(notes, folds(safe(n), 110, 3)...)
	}
	for _, line := range notes {
		l.width = max(l.width, textWidth(ansi.StringWidth(line))+2*margin)
	}
	if len(g.Nodes) == 0 {
		l.height = 0
	}
	height := header + max(l.height, margin) + len(notes)*lineHeight + margin
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" class="bg-graph" role="img" aria-label="%s" width="%d" height="%d" viewBox="0 0 %d %d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="12">`+"\n",
		xmlText(g.Title), l.width, height, l.width, height)
	fmt.Fprintf(p, "<title>%s</title>\n<desc>%s</desc>\n<style>%s</style>\n", xmlText(g.Title), xmlText(g.Desc), SVGStyle)
	fmt.Fprintf(p, `<rect class="paper" width="%d" height="%d" fill="none"/>`+"\n", l.width, height)
	for i, line := range folds(safe(g.Title), 110, 2) {
		fmt.Fprintf(p, `<text x="%d" y="%d" font-size="14" font-weight="600" fill="currentColor">%s</text>`+"\n", margin, margin+(i+1)*(lineHeight+4)-6, xmlText(line))
	}
	fmt.Fprintf(p, `<g transform="translate(0 %d)">`+"\n", header)
	p.links()
	for i := range g.Nodes {
		p.node(&l.spots[i])
	}
	p.WriteString("</g>\n")
	for i, line := range notes {
		fmt.Fprintf(p, `<text class="soft" x="%d" y="%d" fill="currentColor">%s</text>`+"\n", margin, height-margin-(len(notes)-1-i)*lineHeight, xmlText(line))
	}
	p.WriteString("</svg>\n")
	return p.Flush()
}

// svg is one picture being written.
type svg struct {
	*bufio.Writer
	*layout
	labels []frame // that are taken
}

// frame is the place of a label.
type frame struct{ x, y, width, height int }

func (f frame) overlaps(o frame) int {
	w := min(f.x+f.width, o.x+o.width) - max(f.x, o.x)
	h := min(f.y+f.height, o.y+o.height) - max(f.y, o.y)
	return max(w, 0) * max(h, 0)
}

func (p *svg) node(s *spot) {
	n := p.graph.Nodes[s.node]
	x, y := s.x-s.width/2, s.y-s.height/2
	fmt.Fprintf(p, `<g class="node%s">%s`, n.Tone.class(), titleElement(together(n.Name, n.Title, "\n")))
	frame := func(x, y, width, height, round int, more string) {
		fmt.Fprintf(p, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="%d" fill="none" stroke="currentColor"%s/>`, x, y, width, height, round, more)
	}
	switch n.Shape {
	case PersonNode:
		frame(x, y, s.width, s.height, s.height/2, "")
	case GroupNode:
		frame(x+4, y-4, s.width, s.height, 6, "")
		frame(x, y, s.width, s.height, 6, "")
	case WorkspaceNode:
		frame(x, y, s.width, s.height, 0, ` stroke-dasharray="6 3"`)
	default:
		frame(x, y, s.width, s.height, 2, "")
		fmt.Fprintf(p, `<path class="wire" d="M%d %dv%d" fill="none" stroke="currentColor" stroke-width="4"/>`, x+2, y, s.height)
	}
	fmt.Fprintf(p, `<text class="soft" x="%d" y="%d" text-anchor="middle" font-size="10" fill="currentColor">%s</text>`, s.x, y+lineHeight, xmlText(n.Type))
	for i, line := range s.lines {
		fmt.Fprintf(p, `<text class="word" x="%d" y="%d" text-anchor="middle" fill="currentColor">%s</text>`, s.x, y+(i+2)*lineHeight, xmlText(line))
	}
	p.WriteString("</g>\n")
}

// links draws all lines first, so that no line goes through a label.
func (p *svg) links() {
	for i := range p.layout.links {
		p.wire(&p.layout.links[i])
	}
	for i := range p.layout.links {
		p.label(&p.layout.links[i])
	}
}

func (p *svg) wire(k *link) {
	e := p.graph.Edges[k.edge]
	const tip = 8
	var d strings.Builder
	for i := 1; i < len(k.way); i++ {
		a, b := p.spots[k.way[i-1]], p.spots[k.way[i]]
		x1, x2 := a.x+a.width/2, b.x-b.width/2
		if i == 1 {
			if k.back {
				x1 += tip
			}
			fmt.Fprintf(&d, "M%d %d", x1, a.y)
		}
		if i == len(k.way)-1 && !k.back {
			x2 -= tip
		}
		half := (x2 - x1) / 2
		fmt.Fprintf(&d, "C%d %d %d %d %d %d", x1+half, a.y, x2-half, b.y, x2, b.y)
		if b.node < 0 {
			fmt.Fprintf(&d, "H%d", b.x+b.width/2)
		}
	}
	dash := ""
	if e.Dashed {
		dash = ` stroke-dasharray="5 4"`
	}
	end, x := p.spots[k.way[len(k.way)-1]], 0
	x, turn := end.x-end.width/2, -tip
	if k.back {
		end = p.spots[k.way[0]]
		x, turn = end.x+end.width/2, tip
	}
	fmt.Fprintf(p, `<g class="edge%s">%s<path class="wire" d="%s" fill="none" stroke="currentColor" stroke-width="1.4"%s/>`, e.Tone.class(), titleElement(together(e.Label, e.Title, "\n")), d.String(), dash)
	fmt.Fprintf(p, `<path class="tip" d="M%d %dl%d -4v8z" fill="currentColor"/></g>`+"\n", x, end.y, turn)
}

// label writes what an edge gives on its first stretch, where it covers no other.
func (p *svg) label(k *link) {
	if len(k.label) == 0 {
		return
	}
	e := p.graph.Edges[k.edge]
	a, b := p.spots[k.way[0]], p.spots[k.way[1]]
	x1, x2 := a.x+a.width/2, b.x-b.width/2
	wide := 0
	for _, line := range k.label {
		wide = max(wide, textWidth(ansi.StringWidth(line))*11/12)
	}
	height := len(k.label) * 13
	var best frame
	least := -1
	places := []int{50, 42, 58, 35, 65, 28, 72}
	switch out, in := len(a.after), len(b.before); { // where they lie apart
	case out > in:
		places = []int{72, 65, 78, 58, 84, 50}
	case in > out:
		places = []int{28, 35, 22, 42, 16, 50}
	}
	for _, percent := range places {
		x, y := along(x1, a.y, x2, b.y, percent)
		left := max(x1+6, min(x-wide/2, x2-wide-14))
		f := frame{left, y - height/2, wide, height}
		taken := 0
		for _, o := range p.labels {
			taken += f.overlaps(o)
		}
		if least < 0 || taken < least {
			best, least = f, taken
		}
	}
	p.labels = append(p.labels, best)
	fmt.Fprintf(p, `<g class="edge%s">%s<rect class="paper" x="%d" y="%d" width="%d" height="%d" fill="none"/>`,
		e.Tone.class(), titleElement(e.Title), best.x-2, best.y, best.width+4, best.height)
	for i, line := range k.label {
		fmt.Fprintf(p, `<text class="word" x="%d" y="%d" text-anchor="middle" font-size="11" fill="currentColor">%s</text>`,
			best.x+best.width/2, best.y+10+i*13, xmlText(line))
	}
	p.WriteString("</g>\n")
}

// along is the point of a connection's curve at so many hundredths of its way.
func along(x1, y1, x2, y2, percent int) (x, y int) {
	t := percent
	u := 100 - t
	half := (x2 - x1) / 2
	bezier := func(a, b, c, d int) int { return (u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d) / 1000000 }
	return bezier(x1, x1+half, x2-half, x2), bezier(y1, y1, y2, y2)
}

func titleElement(title string) string {
	if title == "" {
		return ""
	}
	return "<title>" + xmlText(title) + "</title>"
}

func (t Tone) class() string {
	switch t {
	case Good:
		return " good"
	case Watch:
		return " watch"
	case Bad:
		return " bad"
	}
	return ""
}

// colour is that of a tone where there are no style sheets.
func (t Tone) colour() string {
	switch t {
	case Good:
		return "#1a7f37"
	case Watch:
		return "#9a6700"
	case Bad:
		return "#cf222e"
	}
	return ""
}

// xmlText is text of others as text or attribute of XML: line breaks stay, whatever
// else is not printable is shown as an escape.
func xmlText(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(safe(l))
	}
	return strings.Join(lines, "\n")
}
