package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// pageGroup is the changes that one product or file asks for.
type pageGroup struct {
	ID, Heading, File string
	Product           bool
	Open              bool
	Numbers           string
	Changes           int
	Pages             [][]pageChange // a browser lays out only those that are seen
}

// changesOnPage is how many changes are laid out together.
const changesOnPage = 50

// rowsOnPage is the same for lines that stand alone.
const rowsOnPage = 200

// pageChange is one change with its lines.
type pageChange struct {
	Sign         symbol
	Key          keyView
	Principal    string // whose resource it is, "" if nobody's
	Products     string // one a line
	Reason, At   string
	Rows         []pageRow
	Risks        string
	added, taken int
}

// keyView is the name of a resource, what it is apart from how it is called.
type keyView struct{ Kind, Name string }

func keyOf(k plan.Key) keyView { return keyView{safe(k.Kind + "@" + k.Target + "/"), safe(k.Name)} }

// pageRow is one line: values that come or go for the same reason.
type pageRow struct {
	Resource *keyView // of a line that stands apart from its change; nil where it is the resource that goes
	Products string
	Owner    string // the principal of that resource
	Field    term
	Values   []mark
	Words    string
	Reason   string
	At       string
	Idle     string // what it does not change, and why
	Trace    string // what was recorded of it before
	Risks    string // one a line
}

// mark is a value behind its sign.
type mark struct {
	Sign symbol
	term
}

// symbol says what happens in a character, in a word and in a colour.
type symbol struct{ Character, Word, Class string }

var signs = map[string]symbol{
	"+": {"+", "added", "add"},
	"-": {"−", "removed", "remove"},
	"~": {"~", "changed", "update"},
	"!": {"!", "withheld", "blocked"},
}

// parts are the changes by who asks for them: of this change of the repository and
// before it, of drift and due, or all in one.
func (b *pageBuilder) parts(p plan.Plan) []part {
	lines := 0
	for i := range p.Changes {
		lines += 1 + countValues(&p.Changes[i])
	}
	open := lines <= openLines
	switch {
	case p.Drift != nil:
		drift, due := p.Drifted()
		return some(part{
			ID: "drift", Nav: "Drift", Heading: "Drift",
			Sentence: "Live is not as the repository says.", Groups: b.groups(drift, open),
		}, part{
			ID: "due", Nav: "Due", Heading: "Due",
			Sentence: "Access that has ended, for the next run to take away.", Groups: b.groups(due, open),
		})
	case p.Base == nil:
		return some(part{ID: "changes", Nav: "Changes", Heading: "Changes by product and file", Groups: b.groups(p.Changes, open)})
	}
	intent, drift := p.Parts()
	return some(part{
		ID: "changes", Nav: "This change",
		Heading:  "What this change asks for",
		Sentence: "What the repository says since " + since(p.Base) + ".",
		Groups:   b.groups(intent, open),
	}, part{
		ID: "drift", Nav: "Drift",
		Heading:  "Drift that was there before",
		Sentence: "The plan of " + safe(p.Base.Ref) + " would do the same.",
		Groups:   b.groups(drift, open),
	})
}

func some(parts ...part) []part {
	return slices.DeleteFunc(parts, func(p part) bool { return len(p.Groups) == 0 })
}

func countValues(c *plan.Change) int {
	n := 0
	for _, d := range c.Deltas() {
		n += len(d.Added) + len(d.Removed)
	}
	return n
}

func (b *pageBuilder) groups(changes []plan.Change, open bool) []pageGroup {
	var out []pageGroup
	for _, g := range groups(changes) {
		b.groupCount++
		v := pageGroup{ID: fmt.Sprintf("g%d", b.groupCount), Heading: heading(g.file), Open: open, Changes: len(g.changes)}
		if g.product != "" {
			v.Heading, v.File, v.Product = safe(g.product), safe(g.file), true
		}
		added, taken := 0, 0
		var all []pageChange
		for _, c := range g.changes {
			all = append(all, b.change(c, g.file))
			added, taken = added+all[len(all)-1].added, taken+all[len(all)-1].taken
		}
		b.added, b.removed = b.added+added, b.removed+taken
		v.Numbers = count(len(all), "change")
		if added > 0 {
			v.Numbers += ", +" + number(added)
		}
		if taken > 0 {
			v.Numbers += ", −" + number(taken)
		}
		v.Pages = slices.Collect(slices.Chunk(all, changesOnPage))
		out = append(out, v)
	}
	return out
}

// blockedGroups are what documents with an error would add.
func (b *pageBuilder) blockedGroups(changes []plan.Change) []pageGroup {
	added, removed := b.added, b.removed
	b.withheld = true
	out := b.groups(changes, true)
	b.withheld = false
	b.added, b.removed = added, removed
	return out
}

func (b *pageBuilder) change(c *plan.Change, file string) pageChange {
	v := pageChange{
		Sign:      map[plan.Action]symbol{plan.Create: signs["+"], plan.Update: signs["~"], plan.Delete: signs["-"]}[c.Action],
		Key:       keyOf(c.Key),
		Principal: safe(plan.Principal(plan.Fact{Key: c.Key})),
		Products:  strings.Join(productsOf(c), "\n"),
		At:        at(file, place(c.Origin)),
		Risks:     b.index.risksOf(plan.Fact{Key: c.Key}, c.Action == plan.Delete),
	}
	switch c.Action {
	case plan.Create:
		v.Sign.Word = "created"
	case plan.Delete:
		v.Sign.Word = "deleted"
	}
	if b.withheld {
		v.Sign = signs["!"]
	}
	if !slices.Contains([]string{plan.Missing, plan.Differs, plan.DocumentError}, c.Reason) {
		v.Reason = oneLine(c.Reason)
	}
	for _, r := range b.rows(c, file) {
		row := b.row(c, r)
		for _, m := range row.Values {
			switch m.Sign.Class {
			case "add":
				v.added++
			case "remove":
				v.taken++
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (b *pageBuilder) row(c *plan.Change, r row) pageRow {
	v := pageRow{Field: termOf(r.field), Words: r.note.words, Reason: oneLine(r.note.reason), At: r.note.at, Trace: r.note.trace}
	risks := map[plan.Risk]bool{}
	for _, s := range r.values {
		v.Values = append(v.Values, mark{signs[s.sign], termOf(s.value)})
		m := plan.Move{Fact: plan.Fact{Key: c.Key, Field: r.field, Value: s.value}, Removed: s.sign == "-"}
		for _, risk := range b.index.risky[m] {
			risks[risk] = true
		}
	}
	v.Risks, v.Idle = textLines(sortRisks(risks)), r.note.idle
	return v
}

// removals are all lines that take something away, each whole: no product needs
// to be opened to see one.
func (b *pageBuilder) removals(p plan.Plan) []pageRow {
	var out []pageRow
	for _, g := range groups(p.Changes) {
		for _, c := range g.changes {
			out = append(out, b.removalsOf(c)...)
		}
	}
	return out
}

func (b *pageBuilder) removalsOf(c *plan.Change) []pageRow {
	var out []pageRow
	key := keyOf(c.Key)
	apart := pageRow{Products: strings.Join(productsOf(c), "\n"), Owner: safe(plan.Principal(plan.Fact{Key: c.Key}))}
	if c.Action == plan.Delete {
		self := apart
		self.Values = []mark{{signs["-"], term{Text: safe(c.Key.String())}}}
		self.Words, self.Reason, self.At = "deleted", oneLine(c.Reason), at("", place(c.Origin))
		self.Risks = b.index.risksOf(plan.Fact{Key: c.Key}, true)
		out = append(out, self)
	}
	replaced := replacements(c)
	for _, r := range b.rows(c, "") {
		r.values = slices.DeleteFunc(slices.Clone(r.values), func(s signed) bool { return s.sign != "-" })
		if len(r.values) == 0 {
			continue
		}
		v := b.row(c, r)
		v.Resource, v.Products, v.Owner = &key, apart.Products, apart.Owner
		v.At = cmp.Or(v.At, at("", place(c.Origin)))
		switch by, ok := replaced[r.field]; {
		case c.Action == plan.Delete:
			v.Words = "goes with it"
		case ok:
			v.Words = strings.TrimSuffix("replaced by "+by+", "+v.Words, ", ")
		}
		out = append(out, v)
	}
	return out
}

// replacements are the values that take the place of others, by field.
func replacements(c *plan.Change) map[string]string {
	out := map[string]string{}
	for _, d := range c.Deltas() {
		if c.Displaces(d) && c.Action != plan.Delete {
			out[d.Field] = safe(strings.Join(d.Added, ", "))
		}
	}
	return out
}

// satisfied is what was asked for and is live already.
type satisfied struct {
	Value      mark
	Field      term
	Resource   keyView
	Reason, At string
}

func (b *pageBuilder) satisfied(base *plan.Base) []satisfied {
	if base == nil {
		return nil
	}
	var out []satisfied
	for _, s := range base.Satisfied {
		v := satisfied{Value: mark{signs["+"], termOf(s.Fact.Value)}, Field: termOf(s.Fact.Field), Resource: keyOf(s.Fact.Key), At: at("", place(s.Origin))}
		if s.Removed {
			v.Value.Sign = signs["-"]
		}
		if s.Fact.Value == "" {
			v.Value.Text = "the whole of it"
		}
		if s.Origin != nil {
			v.Reason = oneLine(s.Origin.Reason)
		}
		out = append(out, v)
	}
	return out
}

func textLines[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = safe(string(v))
	}
	return strings.Join(out, "\n")
}

func sortedKeys[T any](set map[string]T) []string { return slices.Sorted(maps.Keys(set)) }
