package render

import "io"

// Listing is items under a title, each with lines of its own: what a table has no
// room for. Its texts may be hostile.
type Listing struct {
	Title string
	Items []Item
	Notes []string // lines below
}

// Item is one entry of a listing.
type Item struct {
	Text  string
	Place string // where it comes from
	Lines []string
	Quote string // words of others
	Tone  Tone
}

// ListingText writes the listing for a terminal.
func ListingText(w io.Writer, l Listing, opts TextOptions) error {
	p := newPrinter(w, opts.Color, opts.Width)
	p.paragraph(safe(l.Title))
	for _, item := range l.Items {
		p.line("")
		p.item(item)
	}
	if len(l.Notes) > 0 {
		p.line("")
	}
	for _, n := range l.Notes {
		p.paragraph(safe(n))
	}
	return p.done()
}

func (p *printer) item(i Item) {
	lines := wrap(safe(i.Text), p.width-2)
	for n, l := range lines {
		lead := "  "
		if n == 0 {
			lead = "- "
		}
		p.line("", span{lead, plain}, span{l, i.Tone.style()})
	}
	p.indent(4)
	defer p.indent(-4)
	for _, l := range i.Lines {
		p.paragraph(safe(l))
	}
	if i.Place != "" {
		p.line("", span{safe(i.Place), faint})
	}
	if i.Quote != "" {
		p.line("", span{quoted(i.Quote, p.width), plain})
	}
}
