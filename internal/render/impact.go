package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

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
)

// impact writes who can do more and who can do less, the risky first.
func (t *text) impact(p plan.Plan) {
	if p.Impact == nil || len(p.Changes) == 0 {
		return
	}
	if len(p.Impact.Effects) == 0 {
		t.line("", span{"impact", bold}, span{": nobody can do more or less than before", plain})
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
			blocks[k].objects = append(blocks[k].objects, b.objects[0])
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
	major := slices.DeleteFunc(slices.Clone(b.effects), isMinor)
	b.effects = slices.DeleteFunc(b.effects, func(e *plan.Effect) bool {
		return isMinor(e) && !slices.Contains(e.Privileges, "ALL_PRIVILEGES") &&
			slices.ContainsFunc(major, func(m *plan.Effect) bool { return m.Gained == e.Gained })
	})
	slices.SortStableFunc(b.effects, func(x, y *plan.Effect) int {
		if x.Gained != y.Gained {
			return map[bool]int{true: -1, false: 1}[x.Gained]
		}
		return cmp.Compare(y.Count, x.Count)
	})
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
	head := []span{{"  " + thing(first), plain}}
	if len(b.objects) > 1 {
		typ, _, _ := strings.Cut(first.Name, "/")
		head = []span{{fmt.Sprintf("  %s: ", count(len(b.objects), strings.ReplaceAll(safe(typ), "_", " "))), plain}, {t.several(b), plain}}
	}
	if n := b.effects[0].Contents; n > 0 {
		head = append(head, span{", and the same on " + count(n, "object") + " in it", plain})
	}
	t.line("", head...)
	if len(b.risks) > 0 {
		t.line("", span{"    ! ", alarm}, span{t.dangers(b.risks), alarm})
	}
	for _, e := range b.effects {
		t.effect(e, len(b.objects) == 1 || len(b.effects) > 1)
	}
}

// several names the objects of a block, with numbers of their own where it has one
// effect.
func (t *text) several(b *block) string {
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
func (t *text) dangers(risks []plan.Risk) string {
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

// effect writes who gains or loses what.
func (t *text) effect(e *plan.Effect, counted bool) {
	sign, verb := span{"    + ", green}, " can "
	if !e.Gained {
		sign, verb = span{"    - ", red}, " can no longer "
	}
	who, named := takers(e)
	words := strings.Split(who+verb+can(e.Object, e.Privileges), " ")
	if e.Object.Kind == "grants" || e.Object.Kind == "permissions" {
		words[len(words)-1] += ":"
		words = append(words, strings.Split(names(e.Privileges), " ")...)
	}
	if counted && e.Count > 0 {
		words = append(words, numbers(e))
	}
	if until := e.Until(); !until.IsZero() {
		words[len(words)-1] += ","
		words = append(words, "until", t.until(&plan.Origin{Until: until}))
		if e.Count+len(e.Open) > 1 {
			words = append(words, "at", "the", "latest")
		}
	}
	at := causes(e)
	line := strings.Join(words, " ")
	beside := ansi.StringWidth(line)+ansi.StringWidth(at)+8 <= t.width
	if beside {
		t.line(at, sign, span{line, plain})
	} else {
		t.items(words, "", sign)
	}
	t.items(named, ",", span{"        ", plain})
	if len(e.Way) > 1 && e.Count+len(e.Open) == 1 {
		t.items(way(e), " →", span{"        by: ", plain})
	}
	if !beside {
		t.items(strings.Split(at, " "), "", span{"        at: ", faint})
	}
}

// items writes a list, broken between its items: names are never torn apart.
func (t *text) items(list []string, separator string, lead span) {
	line := ""
	for i, item := range list {
		if i < len(list)-1 {
			item += separator
		}
		if line != "" && ansi.StringWidth(lead.text)+ansi.StringWidth(line)+1+ansi.StringWidth(item) > t.width {
			t.line("", lead, span{line, plain})
			lead, line = span{strings.Repeat(" ", ansi.StringWidth(lead.text)), plain}, ""
		}
		if line != "" {
			line += " "
		}
		line += item
	}
	if line != "" {
		t.line("", lead, span{line, plain})
	}
}

// names are the first privileges, those first that a reviewer decides by.
func names(privileges []string) string {
	weight := func(p string) int {
		one := []string{p}
		switch {
		case len(deedsOf(levelDeeds, one))+len(deedsOf(grantDeeds, one)) > 0:
			return 0
		case p == "ALL_PRIVILEGES":
			return 1
		case isCreating(p):
			return 2
		}
		return 3
	}
	list := slices.Clone(privileges)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(weight(a), weight(b)) })
	return few(list, func(p string) string { return p })
}

// takers counts those of an effect, and names them where they are more than one.
func takers(e *plan.Effect) (who string, named []string) {
	var groups []string
	everybody := false
	for _, g := range e.Open {
		if g.Group == everybodyHere {
			everybody = true
			continue
		}
		groups = append(groups, headed(g))
	}
	switch {
	case everybody:
		who = "every user of the account"
	case e.Count == 1 && len(groups) == 0 && len(e.Named) > 0:
		return safe(e.Named[0]), nil
	case e.Count == 0 && len(groups) == 1:
		return groups[0], nil
	}
	var parts, names []string
	if e.Count > 0 {
		parts = append(parts, people(e)...)
	}
	if len(groups) > 0 {
		parts = append(parts, count(len(groups), "group"))
	}
	for _, n := range e.Named[:min(len(e.Named), takersShown)] {
		names = append(names, safe(n))
	}
	if more := e.Count - len(names); more > 0 {
		names = append(names, "and "+number(more)+" more")
	}
	names = append(names, groups[:min(len(groups), takersShown)]...)
	if more := len(groups) - takersShown; more > 0 {
		names = append(names, "and "+count(more, "more group"))
	}
	if everybody {
		if len(parts) > 0 {
			who += ", " + and(parts) + " by name,"
		}
		return who, names
	}
	return and(parts), names
}

// people counts those of an effect by what they are.
func people(e *plan.Effect) []string {
	users := 0
	for _, n := range e.Named {
		if strings.HasPrefix(n, "user:") {
			users++
		}
	}
	machines := len(e.Named) - users
	if len(e.Named) < e.Count && machines > 0 {
		return []string{number(e.Count) + " people and service principals"}
	}
	var out []string
	switch users = e.Count - machines; {
	case users == 1:
		out = append(out, "1 person")
	case users > 1:
		out = append(out, number(users)+" people")
	}
	if machines > 0 {
		out = append(out, count(machines, "service principal"))
	}
	return out
}

// headed is a group with how many are in it.
func headed(g plan.OpenGroup) string {
	switch {
	case g.Heads < 0:
		return safe(g.Group) + " (nobody could say how many)"
	case g.Heads == 1:
		return safe(g.Group) + " (1 person)"
	}
	return safe(g.Group) + " (" + number(g.Heads) + " people)"
}

// causes are the places of the entries that make an effect: those by which the one
// who is named first has it, then what gives it to the others, then the way to it.
func causes(e *plan.Effect) string {
	gives := map[string]bool{}
	along := map[plan.Fact]bool{}
	for _, s := range e.Way {
		along[s.Fact] = true
	}
	for _, c := range e.Causes {
		if c.Fact.Key == e.Object {
			gives[c.Fact.Field] = true
		}
	}
	weight := func(c plan.Cause) int {
		switch {
		case along[c.Fact]:
			return 0
		case c.Fact.Key == e.Object, c.Fact.Key.Kind == "group" && gives["group:"+c.Fact.Key.Name]:
			return 1
		case c.Fact.Key.Kind == "group":
			return 2
		}
		return 3
	}
	list := slices.Clone(e.Causes)
	slices.SortStableFunc(list, func(a, b plan.Cause) int { return cmp.Compare(weight(a), weight(b)) })
	var at []plan.Pos
	undeclared := false
	for _, c := range list {
		switch {
		case c.Origin == nil:
			undeclared = true
		case !slices.Contains(at, c.Origin.Pos):
			at = append(at, c.Origin.Pos)
		}
	}
	out := lines(at)
	switch {
	case out == "" && undeclared:
		return "not declared"
	case undeclared:
		return out + ", not declared"
	}
	return out
}

// lines are the first of some places; a file is written once.
func lines(list []plan.Pos) string {
	var out []string
	file := ""
	for _, p := range list[:min(len(list), placesShown)] {
		out = append(out, at(file, p))
		file = p.File
	}
	s := strings.Join(out, ", ")
	if more := len(list) - len(out); more > 0 {
		s += " and " + number(more) + " more"
	}
	return s
}

// way is how somebody has it.
func way(e *plan.Effect) []string {
	out := []string{safe(e.Way[0].From)}
	for _, s := range e.Way {
		to := safe(s.To)
		switch {
		case to == "" && s.Fact.Field == "owner":
			to = "owner"
		case to == "":
			to = cmp.Or(safe(s.Fact.Value), "has it")
		}
		switch {
		case s.New && e.Gained:
			to += " (new)"
		case s.New:
			to += " (gone)"
		}
		out = append(out, to)
	}
	return out
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
		t.line("", span{fmt.Sprintf("and on %s: %s, %s; -o json has them all", count(h.objects, "more object"), number(h.gains)+" × more", number(h.losses)+" × less"), plain})
	}
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
