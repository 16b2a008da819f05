package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// What all forms of a plan tell of its impact: blocks of effects by product, in the
// order in which a reviewer reads them, and apart from them the way to what they open.

// whoCan says what the lines of an impact tell, and what the numbers in them are.
const whoCan = "who can do more, and who can do less (how many before → after)"

const (
	takersShown = 6  // principals of an effect that are named
	sameShown   = 4  // objects with one and the same effect
	plainShown  = 25 // blocks of objects without a risk or a loss; of others more
	riskyShown  = 100

	allPrivileges = "ALL_PRIVILEGES"
)

// block is what happens on one object, or in the same way on several of a product.
type block struct {
	product string
	objects []*plan.Effect // the first effect of each object
	effects []*plan.Effect // of the first object, with the causes of all
}

// grave tells whether a block is shown even if there are many.
func (b *block) grave() bool {
	return slices.ContainsFunc(b.effects, func(e *plan.Effect) bool { return !e.Gained || len(e.Risks) > 0 })
}

// blocksOf gathers the effects on one object, and the objects with the same effects, in
// the order in which they come; effects that are only the way to others come apart.
func blocksOf(effects []plan.Effect) (blocks []block, ways []*plan.Effect) {
	only := !slices.ContainsFunc(effects, func(e plan.Effect) bool { return !isWay(&e) })
	type object struct {
		key     plan.Key
		product string
	}
	at := map[object]int{}
	var all []block
	for i := range effects {
		e := effects[i]
		e.Causes = slices.Clip(e.Causes) // those of others may follow
		if isWay(&e) && !only {
			ways = append(ways, &e)
			continue
		}
		k, ok := at[object{e.Object, e.Product}]
		if !ok {
			k = len(all)
			at[object{e.Object, e.Product}] = k
			all = append(all, block{product: e.Product, objects: []*plan.Effect{&e}})
		}
		all[k].effects = append(all[k].effects, &e)
	}
	same := map[string]int{}
	for _, b := range all {
		b.settle()
		id := b.id()
		if k, ok := same[id]; ok {
			blocks[k].join(&b)
			continue
		}
		same[id] = len(blocks)
		blocks = append(blocks, b)
	}
	first := map[string]int{} // the worst of each product decides where it comes
	for i, b := range blocks {
		if _, ok := first[b.product]; !ok {
			first[b.product] = i
		}
	}
	slices.SortStableFunc(blocks, func(x, y block) int { return cmp.Compare(first[x.product], first[y.product]) })
	return blocks, ways
}

// join adds an object with the same effects, and what causes them there.
func (b *block) join(other *block) {
	b.objects = append(b.objects, other.objects...)
	for i, e := range other.effects {
		b.effects[i].Causes = append(b.effects[i].Causes, e.Causes...)
	}
}

// settle orders the effects as a reviewer reads them, gains before losses and what most
// can do first, and drops those that others bring along, but for their risks.
func (b *block) settle() {
	slices.SortStableFunc(b.effects, func(x, y *plan.Effect) int {
		if x.Gained != y.Gained {
			return map[bool]int{true: -1, false: 1}[x.Gained]
		}
		return cmp.Compare(y.Count, x.Count)
	})
	all := slices.Clone(b.effects)
	b.effects = slices.DeleteFunc(b.effects, func(e *plan.Effect) bool {
		if !isMinor(e) || slices.Contains(e.Privileges, allPrivileges) {
			return false
		}
		at := slices.IndexFunc(all, func(m *plan.Effect) bool { return broughtBy(e, m) })
		if at < 0 {
			return false
		}
		for _, r := range e.Risks {
			if !slices.Contains(all[at].Risks, r) {
				all[at].Risks = append(slices.Clip(all[at].Risks), r)
			}
		}
		return true
	})
	if len(b.effects) > 0 {
		b.objects[0] = b.effects[0]
	}
}

// broughtBy tells whether everybody of an effect has ALL_PRIVILEGES by another one.
func broughtBy(e, m *plan.Effect) bool {
	without := func(named []string) func(string) bool {
		return func(s string) bool { return !slices.Contains(named, s) }
	}
	return m.Gained == e.Gained && slices.Contains(m.Privileges, allPrivileges) &&
		e.Count == len(e.Named) && !slices.ContainsFunc(e.Named, without(m.Named)) &&
		!slices.ContainsFunc(e.Open, func(g plan.OpenGroup) bool { return !slices.Contains(m.Open, g) })
}

// id is the same for objects with the same effects. Where it is one effect, the numbers
// of each object are told beside it.
func (b *block) id() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%q", b.product)
	for _, e := range b.effects {
		fmt.Fprintf(&s, "%v %q %q %q %d %q %v %d %s %q", e.Gained, e.Object.Kind, e.Object.Target, e.Privileges, e.Count, e.Named, e.Open, e.Contents, e.Until(), e.Risks)
		if len(b.effects) > 1 {
			fmt.Fprintf(&s, " %d %d", e.Before, e.After)
		}
		typ, _, _ := strings.Cut(e.Object.Name, "/")
		fmt.Fprintf(&s, " %s", typ)
	}
	return s.String()
}

// risks are those of all its effects.
func (b *block) risks() []plan.Risk {
	var out []plan.Risk
	for _, e := range b.effects {
		for _, r := range e.Risks {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// on is what a block is on: one object, or the first of several, with numbers of their
// own where they have one effect.
func (b *block) on(shown int) phrase {
	first := b.effects[0]
	out := thing(first.Object)
	if len(b.objects) > 1 {
		var names []phrase
		for _, e := range b.objects {
			_, name, _ := strings.Cut(e.Object.Name, "/")
			p := naming(name)
			if len(b.effects) == 1 {
				p = p.then(say(numbers(e)))
			}
			names = append(names, p)
		}
		out = say(count(len(names), typeOf(first.Object)) + ": ").then(firstOf(names, shown))
		if first.Object.Kind == "permissions" {
			out = out.then(say(" in workspace "), naming(first.Object.Target))
		}
	}
	if n := first.Contents; n > 0 {
		out = out.then(say(" with " + count(n, "object") + " in it"))
	}
	return out
}

// numbers are how many had it and have it; nothing of what only groups have whose
// members nobody knows.
func numbers(e *plan.Effect) string {
	if e.Count == 0 {
		return ""
	}
	return " (" + number(e.Before) + " → " + number(e.After) + ")"
}

// dangers says why to look twice.
func dangers(risks []plan.Risk) []string {
	words := map[plan.Risk]string{
		plan.RiskEverybody:     "everybody",
		plan.RiskOwner:         "ownership or administration",
		plan.RiskExternalParty: "first access of an external party",
		plan.RiskExternalGroup: "external group: somebody else decides who is in it",
	}
	var out []string
	for _, r := range risks {
		if r == plan.RiskExternalGroup && slices.Contains(risks, plan.RiskExternalParty) {
			continue // which it is
		}
		out = append(out, cmp.Or(words[r], safe(string(r))))
	}
	return out
}

// fewer leaves out blocks where they are more than so many, and sums up which.
func fewer(blocks []block, plain, risky int) (shown []block, left hidden) {
	told := map[bool]int{}
	for _, b := range blocks {
		limit := plain
		if b.grave() {
			limit = risky
		}
		if told[b.grave()]++; told[b.grave()] > limit {
			left.add(&b)
			continue
		}
		shown = append(shown, b)
	}
	return shown, left
}

// hidden counts what is left out.
type hidden struct{ objects, gains, losses int }

func (h *hidden) add(b *block) {
	h.objects += len(b.objects)
	for _, e := range b.effects {
		if e.Gained {
			h.gains += len(b.objects)
		} else {
			h.losses += len(b.objects)
		}
	}
}

func (h hidden) words() string {
	losses := "1 loss"
	if h.losses != 1 {
		losses = number(h.losses) + " losses"
	}
	return fmt.Sprintf("and on %s: %s, %s; -o json has them all", count(h.objects, "more object"), count(h.gains, "gain"), losses)
}

// wayThere sums up what leads to the rest.
type wayThere struct {
	gained bool
	words  phrase
}

func waysThere(effects []*plan.Effect, shown int) []wayThere {
	var out []wayThere
	for _, gained := range []bool{true, false} {
		var on []phrase
		var privileges, who []string
		most, last := 0, phrase(nil)
		for _, e := range effects {
			if e.Gained == gained {
				on = append(on, thing(e.Object))
				privileges = append(privileges, e.Privileges...)
				most = max(most, e.Count)
				last, _ = takers(e, 0)
				who = append(who, last.plain()+fmt.Sprintf("%q", e.Named))
			}
		}
		if len(on) == 0 {
			continue
		}
		if len(plan.Set(who)) > 1 {
			last = say("up to " + number(most))
		}
		verb := " may go through "
		if !gained {
			verb = " may no longer go through "
		}
		slices.SortFunc(on, func(a, b phrase) int { return strings.Compare(a.plain(), b.plain()) })
		words := say("the way there: ").then(last, say(verb), firstOf(on, shown), say(" ("), namings(plan.Set(privileges)), say(")"))
		out = append(out, wayThere{gained, words})
	}
	return out
}

// headingOf is what stands above the blocks of a product.
func headingOf(product string) phrase {
	if product == "" {
		return say("no product")
	}
	return say("product ").then(naming(product))
}
