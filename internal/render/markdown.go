package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// MarkdownLimit is what a comment may hold: a little less than the 65,536
// characters that GitHub takes. Bytes are counted, of which there are never fewer.
const MarkdownLimit = 60_000

// MarkdownOptions say where the Markdown is read.
type MarkdownOptions struct {
	Now      time.Time // at which the plan was made
	Checksum string    // of the plan, to be printed; "" for none
	Limit    int       // bytes; 0 for MarkdownLimit
	Blob     string    // URL of the repository's folder at a commit, to which places lead; "" for no links
}

// TooLarge is a plan that takes away more than the Markdown can name.
type TooLarge struct{ Removals, Limit int }

func (e *TooLarge) Error() string {
	return fmt.Sprintf("the plan takes away %s facts, more than %s characters of Markdown can name; the other forms have all of them",
		number(e.Removals), number(e.Limit))
}

// Markdown writes the plan for a comment on a pull request, in the Markdown of
// GitHub: what stops it, its numbers and what it means to people first, then every
// removal, and what it adds to be opened. Whatever somebody else wrote stands in
// code spans, unless it is made of nothing but words.
//
// Where all of it is more than the limit, what is added is summarised, and then
// what is said of removals is shortened; that something is removed is never left
// out. A plan for which that is still too much is written as its numbers alone,
// and the error is a *TooLarge.
func Markdown(w io.Writer, p plan.Plan, opts MarkdownOptions) error {
	if opts.Limit == 0 {
		opts.Limit = MarkdownLimit
	}
	for _, d := range degrees {
		m := newMarkdown(opts, d)
		m.plan(p)
		if !m.full() {
			_, err := io.WriteString(w, m.String())
			return err
		}
	}
	large := &TooLarge{removals(p.Changes), opts.Limit}
	m := newMarkdown(opts, degrees[len(degrees)-1])
	m.limit = -1
	m.tooLarge(p, large)
	if _, err := io.WriteString(w, m.String()); err != nil {
		return err
	}
	return large
}

// degree is how much of a plan is written.
type degree struct {
	additions additionsShown
	removals  removalsShown
	items     int // of each list that is neither, as warnings
	effects   int
	words     int // of a reason or a message, in columns
}

type additionsShown int

const (
	everyAddition additionsShown = iota
	additionsByChange
	additionsByFile
	additionsCounted
)

type removalsShown int

const (
	removalsInFull     removalsShown = iota
	removalsInShort                  // without reasons and links
	removalsByResource               // a line for each field of a resource
	removalsByValue                  // a line for each value, with the resources that lose it
)

// degrees are tried until one fits.
var degrees = []degree{
	{everyAddition, removalsInFull, 50, 50, 300},
	{additionsByChange, removalsInFull, 50, 50, 300},
	{additionsByFile, removalsInFull, 30, 30, 200},
	{additionsCounted, removalsInFull, 20, 20, 120},
	{additionsCounted, removalsInShort, 10, 10, 80},
	{additionsCounted, removalsByResource, 5, 5, 80},
	{additionsCounted, removalsByValue, 5, 5, 80},
	{additionsCounted, removalsByResource, 0, 0, 40},
	{additionsCounted, removalsByValue, 0, 0, 40},
}

// markdown is one plan being written.
type markdown struct {
	strings.Builder
	teller
	degree
	limit    int
	blob     string
	checksum string
}

func newMarkdown(opts MarkdownOptions, d degree) *markdown {
	m := &markdown{teller: teller{now: opts.Now}, degree: d, limit: opts.Limit, blob: opts.Blob, checksum: opts.Checksum}
	if d.removals > removalsInFull {
		m.blob = "" // a link is longer than what it leads to
	}
	return m
}

// full tells whether the limit is exceeded. What is written then is dropped.
func (m *markdown) full() bool { return m.limit >= 0 && m.Len() > m.limit }

// put writes a line.
func (m *markdown) put(parts ...string) {
	if m.full() {
		return
	}
	for _, s := range parts {
		m.WriteString(s)
	}
	m.WriteByte('\n')
}
