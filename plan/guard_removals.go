package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Floors: so many removals never need a waiver, whatever the percentage.
const (
	leastPerProduct = 3
	leastPerRun     = 10
	mostOfSmallSet  = 2 // principals that a small set may lose at once
)

const productLabel = "product:"

// unasked lists the facts that the change removes and that no entry asks to
// remove; a value that makes room for another is not removed.
func (c *Change) unasked() []Fact {
	if c.Action == Delete {
		return nil
	}
	var out []Fact
	for _, d := range c.Deltas() {
		if c.Displaces(d) {
			continue
		}
		for _, v := range d.Removed {
			if !c.ByClaim(d.Field, v) {
				out = append(out, Fact{c.Key, d.Field, v})
			}
		}
	}
	return out
}

// lowered lists the facts that make room for less and that no entry asks to
// remove. Whoever has them keeps a declared part of them, so that they count
// among many removals but nobody loses access.
func (c *Change) lowered(g Guards) []Fact {
	if g.Lower == nil {
		return nil
	}
	var out []Fact
	for _, d := range c.Deltas() {
		if !c.Displaces(d) {
			continue
		}
		for _, v := range d.Removed {
			kept := func(to string) bool { return !g.Lower(c.Key, v, to) }
			if !c.ByClaim(d.Field, v) && !slices.ContainsFunc(d.Added, kept) {
				out = append(out, Fact{c.Key, d.Field, v})
			}
		}
	}
	return out
}

// maxRemovals compares what goes or is lowered without being asked for with what
// is live: of each object, of each product, of the run.
func maxRemovals(p Plan, desired, live State, g Guards) []Violation {
	var out []Violation
	removed := map[Key]int{}
	total := 0
	for i := range p.Changes {
		c := &p.Changes[i]
		n := len(c.unasked()) + len(c.lowered(g))
		if n == 0 {
			continue
		}
		removed[c.Key] = n
		total += n
		of := facts(live, c.Key)
		if of >= g.SmallSets && exceeds(n, of, g.PerObject) {
			out = append(out, Violation{GuardMaxRemovals, c.Key, origin(c),
				fmt.Sprintf("%s would lose %s, more than perObject %d%%", c.Key, share(n, of), g.PerObject)})
		}
	}
	out = append(out, perProduct(removed, desired, live, g)...)
	if of := live.facts(); exceeds(total, of, g.PerRun) && total > leastPerRun {
		out = append(out, Violation{Guard: GuardMaxRemovals, Message: fmt.Sprintf(
			"the run would remove %s, more than perRun %d%% (at most %d)", share(total, of), g.PerRun, most(of, g.PerRun, leastPerRun))})
	}
	if total > g.Absolute {
		out = append(out, Violation{Guard: GuardMaxRemovals,
			Message: fmt.Sprintf("the run would remove %d, more than absolute %d", total, g.Absolute)})
	}
	return out
}

// perProduct sums over the resources that carry the same product's label.
func perProduct(removed map[Key]int, desired, live State, g Guards) []Violation {
	type count struct{ lost, of int }
	products := map[string]*count{}
	for i := range desired.resources {
		r := &desired.resources[i]
		for _, l := range r.Labels {
			name, ok := strings.CutPrefix(l, productLabel)
			if !ok {
				continue
			}
			if products[name] == nil {
				products[name] = &count{}
			}
			products[name].lost += removed[r.Key]
			products[name].of += facts(live, r.Key)
		}
	}
	var out []Violation
	for _, name := range slices.Sorted(maps.Keys(products)) {
		c := products[name]
		if exceeds(c.lost, c.of, g.PerProduct) && c.lost > leastPerProduct {
			out = append(out, Violation{Guard: GuardMaxRemovals, Message: fmt.Sprintf(
				"product %s would lose %s, more than perProduct %d%% (at most %d)",
				name, share(c.lost, c.of), g.PerProduct, most(c.of, g.PerProduct, leastPerProduct))})
		}
	}
	return out
}

func exceeds(n, of int, limit Percent) bool { return n*100 > of*int(limit) }

// most is how many of them the limit allows.
func most(of int, limit Percent, floor int) int { return max(floor, of*int(limit)/100) }

// share writes "12 of 20 facts (60%)".
func share(n, of int) string {
	percent := strconv.FormatFloat(100*float64(n)/float64(max(of, 1)), 'f', 1, 64)
	return fmt.Sprintf("%d of %d facts (%s%%)", n, of, strings.TrimSuffix(percent, ".0"))
}

// facts counts the live facts of one resource.
func facts(live State, k Key) int {
	r, ok := live.Get(k)
	if !ok {
		return 0
	}
	return r.Facts()
}

// facts counts what this repository could take away.
func (s State) facts() int {
	n := 0
	for i := range s.resources {
		if s.resources[i].Authority != External {
			n += s.resources[i].Facts()
		}
	}
	return n
}

// smallSets holds for what is too small for percentages: at most two principals
// lose something, and a set of principals keeps its last member unless an entry,
// an empty list or a withheld member says otherwise.
func smallSets(p Plan, desired, live State, g Guards) []Violation {
	var out []Violation
	for i := range p.Changes {
		c := &p.Changes[i]
		gone := c.unasked()
		of := facts(live, c.Key)
		if len(gone) == 0 || of >= g.SmallSets {
			continue
		}
		if losers := principals(gone); len(losers) > mostOfSmallSet {
			out = append(out, Violation{GuardSmallSets, c.Key, origin(c), fmt.Sprintf(
				"%s has %d facts, fewer than smallSets %d, and %d principals would lose access, more than %d: %s",
				c.Key, of, g.SmallSets, len(losers), mostOfSmallSet, list(losers))})
		}
		d, _ := desired.Get(c.Key)
		for _, f := range c.emptied(gone, d) {
			if p.withholds(f) {
				continue
			}
			out = append(out, Violation{GuardSmallSets, c.Key, origin(c), fmt.Sprintf(
				"%s would be left with no %s, its last being %s; declare [] if nobody is meant", c.Key, f.Field, f.Value)})
		}
	}
	return out
}

// withholds tells whether the set of a fact is to have others once their document
// has no error: what it is left with until then is no accident.
func (p Plan) withholds(f Fact) bool {
	return slices.ContainsFunc(p.Blocked, func(c Change) bool { return c.Key == f.Key && len(c.Added(f.Field)) > 0 })
}

// principals lists whose access the facts are, each once.
func principals(facts []Fact) []string {
	out := make([]string, len(facts))
	for i, f := range facts {
		out[i] = cmp.Or(Principal(f), f.Value)
	}
	return Set(out)
}

// emptied returns the last removed fact of each set of principals that has none left,
// except where desired declares the empty list.
func (c *Change) emptied(gone []Fact, desired *Resource) []Fact {
	var out []Fact
	for _, f := range gone {
		after, _ := find(c.After, f.Field)
		if IsPrincipal(f.Field) || !IsPrincipal(f.Value) || len(after.Values) > 0 || declaredEmpty(desired, f.Field) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Field == f.Field {
			out[n-1] = f
			continue
		}
		out = append(out, f)
	}
	return out
}

// declaredEmpty tells whether the field is there without any entry: a list whose
// entries have all ended is not an empty list.
func declaredEmpty(desired *Resource, field string) bool {
	if desired == nil {
		return false
	}
	f, ok := desired.Field(field)
	return ok && !desired.Partial && len(f.Values) == 0 && !slices.ContainsFunc(desired.Claims, func(cl Claim) bool { return cl.Field == field })
}
