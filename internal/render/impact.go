package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

const (
	takersShown   = 6  // principals of an effect that are named
	sameShown     = 4  // objects with one and the same effect
	plainShown    = 25 // blocks of objects without a risk or a loss; of others more
	riskyShown    = 100
	unknownShown  = 4
	waysShown     = 3
	everybodyHere = "group:account users"
	undeclared    = "not declared"
	allPrivileges = "ALL_PRIVILEGES"
)

// impact writes who can do more and who can do less, the risky first.
func (t *text) impact(p plan.Plan) {
	if p.Impact == nil || len(p.Changes) == 0 {
		return
	}
	if len(p.Impact.Effects) == 0 {
		t.line("", span{"impact", bold}, span{": nobody can do more or less than before", plain})
		t.unread(p.Impact.Unknown)
		t.line("")
		return
	}
	t.line("", span{"impact", bold}, span{": who can do more, and who can do less", plain})
	t.indent(2)
	blocks, ways := blocksOf(p.Impact.Effects)
	var left hidden
	shown := map[bool]int{}
	heading := "\x00"
	for i := range blocks {
		b := &blocks[i]
		limit := plainShown
		if b.grave() {
			limit = riskyShown
		}
		if shown[b.grave()]++; shown[b.grave()] > limit {
			left.add(b)
			continue
		}
		if b.product != heading {
			heading = b.product
			t.heading(heading)
		}
		t.block(b)
	}
	left.tell(t)
	t.theWay(ways)
	t.indent(-2)
	t.unread(p.Impact.Unknown)
	t.line("")
}

func (t *text) heading(product string) {
	if product == "" {
		t.line("", span{"of no product", bold})
		return
	}
	t.line("", span{"product " + safe(product), bold})
}

// block is what happens on one object, or in the same way on several of a product.
type block struct {
	product string
	objects []*plan.Effect // the first effect of each object
	effects []*plan.Effect // of the first object
	risks   []plan.Risk
}

// grave tells whether a block is shown even if there are many.
func (b *block) grave() bool {
	return len(b.risks) > 0 || slices.ContainsFunc(b.effects, func(e *plan.Effect) bool { return !e.Gained })
}

// blocksOf gathers the effects on one object, and the objects with the same effects, in
// the order in which they come; effects that are only the way to others come apart.
func blocksOf(effects []plan.Effect) (blocks []block, ways []*plan.Effect) {
	only := !slices.ContainsFunc(effects, func(e plan.Effect) bool { return !isWay(&e) })
	at := map[plan.Key]int{}
	var all []block
	for i := range effects {
		e := &effects[i]
		if isWay(e) && !only {
			ways = append(ways, e)
			continue
		}
		k, ok := at[e.Object]
		if !ok {
			k = len(all)
			at[e.Object] = k
			all = append(all, block{product: e.Product, objects: []*plan.Effect{e}})
		}
		all[k].effects = append(all[k].effects, e)
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

// join adds an object with the same effects, by whatever entries it has them.
func (b *block) join(o *block) {
	for i, e := range o.effects {
		if len(b.objects) == 1 { // the plan's own
			own := *b.effects[i]
			own.Causes = slices.Clone(own.Causes)
			b.effects[i] = &own
		}
		b.effects[i].Causes = append(b.effects[i].Causes, e.Causes...)
	}
	b.objects = append(b.objects, o.objects[0])
}

// settle orders the effects as a reviewer reads them, gains before losses and what most
// can do first, drops those that others bring along, and gathers the risks.
func (b *block) settle() {
	for _, e := range b.effects {
		for _, r := range e.Risks {
			if !slices.Contains(b.risks, r) {
				b.risks = append(b.risks, r)
			}
		}
	}
	all := slices.Clone(b.effects)
	b.effects = slices.DeleteFunc(b.effects, func(e *plan.Effect) bool {
		return isMinor(e) && !slices.Contains(e.Privileges, allPrivileges) &&
			slices.ContainsFunc(all, func(m *plan.Effect) bool { return broughtBy(e, m) })
	})
	slices.SortStableFunc(b.effects, func(x, y *plan.Effect) int {
		if x.Gained != y.Gained {
			return map[bool]int{true: -1, false: 1}[x.Gained]
		}
		return cmp.Compare(y.Count, x.Count)
	})
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
	fmt.Fprintf(&s, "%q %q", b.product, b.risks)
	for _, e := range b.effects {
		fmt.Fprintf(&s, "%v %q %q %d %q %v %d %s", e.Gained, e.Object.Kind, e.Privileges, e.Count, e.Named, e.Open, e.Contents, e.Until())
		if len(b.effects) > 1 {
			fmt.Fprintf(&s, " %d %d", e.Before, e.After)
		}
		typ, _, _ := strings.Cut(e.Object.Name, "/")
		fmt.Fprintf(&s, " %s", typ)
	}
	return s.String()
}

// block writes one.
func (t *text) block(b *block) {
	first := b.objects[0].Object
	head := strings.Split(thing(first), " ")
	if len(b.objects) > 1 {
		typ, _, _ := strings.Cut(first.Name, "/")
		head = strings.Split(count(len(b.objects), strings.ReplaceAll(safe(typ), "_", " "))+": "+several(b), " ")
	}
	if n := b.effects[0].Contents; n > 0 {
		head[len(head)-1] += ","
		head = append(head, strings.Split("and the same on "+count(n, "object")+" in it", " ")...)
	}
	t.items(head, "", span{"  ", plain})
	if len(b.risks) > 0 {
		t.line("", span{"    ! ", alarm}, span{dangers(b.risks), alarm})
	}
	for _, e := range b.effects {
		t.effect(e, len(b.objects) == 1 || len(b.effects) > 1)
	}
}

// several names the objects of a block, with numbers of their own where it has one
// effect.
func several(b *block) string {
	var names []string
	for _, e := range b.objects[:min(len(b.objects), sameShown)] {
		_, name, _ := strings.Cut(e.Object.Name, "/")
		name = safe(name)
		if len(b.effects) == 1 {
			name += " " + numbers(e)
		}
		names = append(names, name)
	}
	if more := len(b.objects) - len(names); more > 0 {
		return strings.Join(names, ", ") + " and " + number(more) + " more"
	}
	return strings.Join(names, ", ")
}

func numbers(e *plan.Effect) string {
	return "(" + number(e.Before) + " → " + number(e.After) + ")"
}

// dangers says why to look twice.
func dangers(risks []plan.Risk) string {
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
	return strings.Join(out, "; ")
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

func (h *hidden) tell(t *text) {
	if h.objects > 0 {
		t.line("", span{fmt.Sprintf("and on %s: %s, %s; -o json has them all", count(h.objects, "more object"), count(h.gains, "gain"), lossesOf(h.losses)), plain})
	}
}

func lossesOf(n int) string {
	if n == 1 {
		return "1 loss"
	}
	return number(n) + " losses"
}

// theWay sums up what leads to the rest.
func (t *text) theWay(effects []*plan.Effect) {
	for _, gained := range []bool{true, false} {
		var on, privileges []string
		most := 0
		for _, e := range effects {
			if e.Gained == gained {
				on = append(on, thing(e.Object))
				privileges = append(privileges, e.Privileges...)
				most = max(most, e.Count)
			}
		}
		if len(on) == 0 {
			continue
		}
		sign, verb := "  + ", "may go through "
		if !gained {
			sign, verb = "  - ", "may no longer go through "
		}
		words := "the way there: up to " + number(most) + " " + verb + few(plan.Set(on), func(s string) string { return s })
		t.paragraph(words+" ("+safe(strings.Join(plan.Set(privileges), ", "))+")", span{sign, colorOf(strings.TrimSpace(sign))})
	}
}

// unread says what could change the numbers.
func (t *text) unread(unknown []string) {
	for i, u := range unknown {
		if i == unknownShown {
			t.line("", span{"  ? and " + number(len(unknown)-i) + " more that were not read", yellow})
			return
		}
		t.paragraph("not known, and could mean more: "+safe(u), span{"  ? ", yellow})
	}
}
