package render

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// page is all that a page says: the template lays it out and decides nothing. Every
// text in it is safe to look at; the template makes it safe to parse.
type page struct {
	Title, Heading string
	Verdict        verdict
	Foremost       []string // warnings about the whole plan
	Counts         []tile
	Refused        []guarded
	Lacks          []lackView
	Impact         *impactView
	Unknown        []string // what could mean more
	Idle           []idleView
	Removals       [][]pageRow
	Paths          *pathsView
	Parts          []part
	Satisfied      []satisfied
	Blocked        []pageGroup
	Notes          []noteSection
	Waivers        []guarded
	Nav            []jump
	Products       []string
	Risks          []riskView
	Zone, Checksum string
	Summary        string
	Large          bool
	Redacted       bool // people are pseudonyms

	Policy string
	Style  template.CSS
	Script template.JS
}

// verdict is what becomes of the plan, in one word and in one sentence.
type verdict struct{ Class, Word, Sentence string }

// tile is one number of the plan.
type tile struct{ Class, Number, Words string }

type jump struct{ ID, Words, Number string }

// part is the changes that are asked for by the same: by this change of the
// repository, or by what it said before.
type part struct {
	ID, Nav, Heading, Sentence string
	Groups                     []pageGroup
}

// term is a name that somebody chose.
type term struct {
	Text      string
	Principal bool
}

func termOf(s string) term { return term{safe(s), plan.IsPrincipal(s)} }

func terms(names []string) []term {
	out := make([]term, len(names))
	for i, s := range names {
		out[i] = termOf(s)
	}
	return out
}

// oneLine is a reason as a page shows it, whole.
func oneLine(s string) string { return safe(strings.Join(strings.Fields(s), " ")) }

// openLines is up to how many changed lines a page shows all of them at once; of
// more, a reader opens the products that matter.
const openLines = 150

// largeLines is from how many lines on a browser lays out only what is seen.
const largeLines = 3000

func newPage(p plan.Plan, opts HTMLOptions) (*page, error) {
	paths, err := pathsOf(p.Impact)
	if err != nil {
		return nil, fmt.Errorf("draw the access paths: %w", err)
	}
	b := &pageBuilder{teller: newTeller(p, opts.Now), index: effectsOf(p.Impact)}
	b.whole = true
	v := &page{
		Title:    safe(cmp.Or(p.Environment, "plan")) + ": " + strings.TrimPrefix(summary(p.Summary()), "Plan: "),
		Heading:  "Access plan",
		Verdict:  verdictOf(p),
		Checksum: safe(opts.Checksum),
		Summary:  strings.TrimSpace(partsSummary(p) + " " + summary(p.Summary())),
		Redacted: p.Redacted != "",
	}
	for _, w := range p.Warnings {
		if w.Foremost {
			v.Foremost = append(v.Foremost, oneLine(w.Message))
		}
	}
	if p.Environment != "" {
		v.Heading += " for " + safe(p.Environment)
	}
	v.Refused = refused(p.Violations)
	v.Lacks = lackViews(p.Lacks)
	v.Impact = b.impact(p.Impact)
	if p.Impact != nil {
		v.Idle, v.Unknown = idleViews(p.Impact.Idle), unknowns(p.Impact.Unknown)
	}
	removals := b.removals(p)
	v.Removals = slices.Collect(slices.Chunk(removals, rowsOnPage))
	v.Paths = paths
	v.Parts = b.parts(p)
	v.Satisfied = b.satisfied(p.Base)
	v.Blocked = b.blockedGroups(p.Blocked)
	v.Notes = noteSections(p)
	v.Waivers = waived(p.Waivers)
	v.Counts = b.tiles(p.Summary())
	v.Large = b.added+b.removed+len(p.Changes) > largeLines
	v.Products, v.Risks = b.products(p), b.index.risks()
	v.Nav = v.links(len(removals))
	if b.zone != "" {
		v.Zone = safe(b.zone)
	}
	return v, nil
}

// pageBuilder collects what parts of a page have in common.
type pageBuilder struct {
	teller
	index          effectIndex
	added, removed int // values
	groupCount     int
}

// verdictOf says first what stops everything.
func verdictOf(p plan.Plan) verdict {
	s := p.Summary()
	changes := s.Create + s.Update + s.Delete
	failed := slices.ContainsFunc(p.Held, func(h plan.Held) bool { return h.Failed })
	switch {
	case len(p.Violations) > 0:
		return verdict{"refused", "Refused", "Nothing is applied while a guard objects."}
	case failed:
		return verdict{"blocked", "Incomplete", "Some of what is live could not be read, and stays as it is. " + wouldApply(changes)}
	case plan.Errors(p.Findings):
		return verdict{"blocked", "Blocked", "What documents with an error would add is not applied. " + wouldApply(changes)}
	case changes == 0:
		return verdict{"nothing", "Nothing to do", noChanges(p)}
	}
	return verdict{"ready", "Ready", "Nothing stands in the way. " + wouldApply(changes)}
}

func wouldApply(changes int) string {
	if changes == 0 {
		return "There is nothing else to apply."
	}
	return "Apply makes " + count(changes, "change") + "."
}

func (b *pageBuilder) tiles(s plan.Summary) []tile {
	out := []tile{
		{"add", number(s.Create), "to create"},
		{"update", number(s.Update), "to change"},
		{"remove", number(s.Delete), "to delete"},
		{"", number(s.Unchanged), "unchanged"},
	}
	if s.Blocked > 0 {
		out = append(out, tile{"blocked", number(s.Blocked), "blocked"})
	}
	return append(out,
		tile{"add", "+" + number(b.added), plural(b.added, "value") + " added"},
		tile{"remove", "−" + number(b.removed), plural(b.removed, "value") + " removed"})
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// links lead to the parts of the page that there are.
func (v *page) links(removals int) []jump {
	var out []jump
	add := func(id, words string, n int) {
		if n > 0 {
			out = append(out, jump{id, words, number(n)})
		}
	}
	add("refused", "Refused", len(v.Refused))
	add("rights", "Needs rights", len(v.Lacks))
	if v.Impact != nil {
		add("impact", "Effects", v.Impact.Count)
	}
	add("unknown", "Not known", len(v.Unknown))
	add("removals", "Removals", removals)
	add("idle", "No effect", len(v.Idle))
	if v.Paths != nil {
		add("paths", "Access paths", len(v.Paths.Edges))
	}
	for _, p := range v.Parts {
		add(p.ID, p.Nav, changesIn(p.Groups))
	}
	add("satisfied", "Already so", len(v.Satisfied))
	add("blocked", "Blocked", changesIn(v.Blocked))
	for _, s := range v.Notes {
		add(s.ID, s.Heading, s.Count)
	}
	add("waivers", "Let off", len(v.Waivers))
	return out
}

func changesIn(groups []pageGroup) int {
	n := 0
	for i := range groups {
		n += groups[i].Changes
	}
	return n
}

// products are those that the changes and effects belong to, sorted.
func (b *pageBuilder) products(p plan.Plan) []string {
	seen := map[string]bool{}
	for _, changes := range [][]plan.Change{p.Changes, p.Blocked} {
		for i := range changes {
			for _, name := range productsOf(&changes[i]) {
				seen[name] = true
			}
		}
	}
	if p.Impact != nil {
		for i := range p.Impact.Effects {
			if name := p.Impact.Effects[i].Product; name != "" {
				seen[safe(name)] = true
			}
		}
	}
	return sortedKeys(seen)
}

// productsOf are all products that the change is labelled with.
func productsOf(c *plan.Change) []string {
	var out []string
	for _, l := range c.Labels {
		if name, ok := strings.CutPrefix(l, "product:"); ok {
			out = append(out, safe(name))
		}
	}
	return out
}
