package render

// Table is rows under columns, the same for text, Markdown and CSV. Its texts may
// be hostile: each writer escapes them for its form.
type Table struct {
	Title    string // one line: what it is, or that there is nothing
	Columns  []Column
	Sections []Section
	Notes    []string // lines below
}

// Column is one column.
type Column struct {
	Name string // lower case; CSV joins its words with _
	Use  Use
}

// Use says how the forms for people show a column; CSV has all of them.
type Use int

const (
	Shown  Use = iota // beside the others, or below its row where the width is used up
	Number            // the same, flush right
	Remark            // the same, below its row without its name
	Place             // where a row comes from: at the right-hand edge where there is room, else first below
	Quote             // words of others: in text last, in quotes, cut to the width
	Data              // not shown: for programs
)

// Section is a part of the rows, with a heading where it has a title.
type Section struct {
	Title string
	Note  string // beside the title
	Rows  []Row
}

// Row has a cell for every column.
type Row []Cell

// Cell is a text and what it means to the reader.
type Cell struct {
	Text string
	Tone Tone
}

// Tone repeats in colour what the text says.
type Tone int

const (
	Neutral Tone = iota
	Good
	Watch
	Bad
)

func (t Tone) style() style {
	switch t {
	case Good:
		return green
	case Watch:
		return yellow
	case Bad:
		return alarm
	}
	return plain
}

// empty tells whether there is no row.
func (t *Table) empty() bool {
	for _, s := range t.Sections {
		if len(s.Rows) > 0 {
			return false
		}
	}
	return true
}

// rows are those of all sections.
func (t *Table) rows() []Row {
	var out []Row
	for _, s := range t.Sections {
		out = append(out, s.Rows...)
	}
	return out
}
