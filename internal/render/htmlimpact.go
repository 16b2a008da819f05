package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// impactView is what the plan does to people.
type impactView struct {
	Count int
	Lead  string
	Lists []effectList
}

// effectList is the effects of a product; those that a reader may skip are folded where
// they are many.
type effectList struct {
	Heading  phrase
	Effects  []effectView
	FoldedAs string
	Folded   []effectView
}

type effectView struct {
	Sign       symbol
	What       phrase
	Product    string
	Privileges []term
	Dangers    []string
	Risks      string
	Named      []phrase
	Way        []stepView
	Causes     []causeView
	More       []causeView // that a reader opens
	MoreCauses string
}

type causeView struct {
	Value      mark
	Field      term
	Resource   keyView
	Until      string
	Reason, At string
}

type stepView struct {
	To  phrase
	New bool
}

type idleView struct {
	Value    mark
	Field    term
	Resource keyView
	Why      string
}

// riskOrder is the worst first.
var riskOrder = []plan.Risk{
	plan.RiskEverybody, plan.RiskPersonalData, plan.RiskProduction, plan.RiskOwner,
	plan.RiskExternalParty, plan.RiskExternalGroup, plan.RiskOutside,
}

func sortRisks(set map[plan.Risk]bool) []plan.Risk {
	var out []plan.Risk
	for r := range set {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b plan.Risk) int {
		return cmp.Or(riskRank(a)-riskRank(b), strings.Compare(string(a), string(b)))
	})
	return out
}

func riskRank(r plan.Risk) int {
	if at := slices.Index(riskOrder, r); at >= 0 {
		return at
	}
	return len(riskOrder)
}

// effectIndex finds what a changed fact does.
type effectIndex struct {
	risky map[plan.Move][]plan.Risk
}

func effectsOf(m *plan.Impact) effectIndex {
	x := effectIndex{map[plan.Move][]plan.Risk{}}
	if m == nil {
		return x
	}
	for i := range m.Effects {
		for _, c := range m.Effects[i].Causes {
			move := plan.Move{Fact: c.Fact, Removed: c.Removed}
			x.risky[move] = append(x.risky[move], m.Effects[i].Risks...)
		}
	}
	return x
}

func (x effectIndex) risksOf(f plan.Fact, removed bool) string {
	set := map[plan.Risk]bool{}
	for _, r := range x.risky[plan.Move{Fact: f, Removed: removed}] {
		set[r] = true
	}
	return textLines(sortRisks(set))
}

// riskView is a risk by which the page is filtered.
type riskView struct{ Value, Words string }

// risks are all that there are, the worst first.
func (x effectIndex) risks() []riskView {
	set := map[plan.Risk]bool{}
	for _, risks := range x.risky {
		for _, r := range risks {
			set[r] = true
		}
	}
	var out []riskView
	for _, r := range sortRisks(set) {
		out = append(out, riskView{safe(string(r)), dangers([]plan.Risk{r})[0]})
	}
	return out
}

// gainsOpen is up to how many gains without a risk are open: what is lost and what is
// risky must not be looked for among them.
const gainsOpen = 12

func (b *pageBuilder) impact(m *plan.Impact) *impactView {
	if m == nil {
		return nil
	}
	v := &impactView{Lead: strings.ToUpper(whoCan[:1]) + whoCan[1:] + "."}
	if len(m.Effects) == 0 {
		v.Lead = "Nobody can do more or less than before."
	}
	blocks, ways := blocksOf(m.Effects)
	for len(blocks) > 0 {
		n := 0
		for n < len(blocks) && blocks[n].product == blocks[0].product {
			n++
		}
		v.Lists = append(v.Lists, b.effects(blocks[:n]))
		blocks = blocks[n:]
	}
	there := effectList{Heading: say("The way there")}
	for _, w := range waysThere(ways, len(ways)) {
		there.Effects = append(there.Effects, effectView{Sign: comesOrGoes(w.gained), What: w.words})
	}
	if len(there.Effects) > 0 {
		v.Lists = append(v.Lists, there)
	}
	for _, l := range v.Lists {
		v.Count += len(l.Effects) + len(l.Folded)
	}
	return v
}

// effects are those of one product. Gains without a risk are folded where they are many.
func (b *pageBuilder) effects(blocks []block) effectList {
	out := effectList{Heading: capital(headingOf(blocks[0].product))}
	for i := range blocks {
		bl := &blocks[i]
		for _, e := range bl.effects {
			v := b.effect(bl, e)
			if bl.grave() {
				out.Effects = append(out.Effects, v)
			} else {
				out.Folded = append(out.Folded, v)
			}
		}
	}
	if len(out.Folded) <= gainsOpen {
		out.Effects, out.Folded = append(out.Effects, out.Folded...), nil
	}
	out.FoldedAs = count(len(out.Folded), "gain") + " without a risk"
	return out
}

func comesOrGoes(gained bool) symbol {
	if gained {
		return signs["+"]
	}
	return signs["-"]
}

func idleViews(idle []plan.Idle) []idleView {
	var out []idleView
	for _, i := range idle {
		out = append(out, idleView{moved(i.Fact, i.Removed), termOf(i.Fact.Field), keyOf(i.Fact.Key), whyIdle(&i)})
	}
	return out
}

func unknowns(all []string) []string {
	out := make([]string, len(all))
	for i, u := range all {
		out[i] = oneLine(u)
	}
	return out
}

// moved is a fact behind the sign of what happens to it.
func moved(f plan.Fact, removed bool) mark {
	m := mark{signs["+"], termOf(f.Value)}
	if removed {
		m.Sign = signs["-"]
	}
	if f.Value == "" {
		m.Text = "the whole of it"
	}
	return m
}

func (b *pageBuilder) effect(of *block, e *plan.Effect) effectView {
	told := b.tell(of, e, of.on(len(of.objects)), e.Count+len(e.Open))
	v := effectView{
		Sign: comesOrGoes(e.Gained), What: told.sentence.then(say(told.numbers + told.until)), Product: safe(e.Product),
		Privileges: terms(told.privileges), Dangers: dangers(e.Risks), Risks: textLines(e.Risks), Named: told.named,
	}
	for _, c := range told.causes {
		v.Causes = append(v.Causes, b.cause(c))
	}
	if more := len(v.Causes) - causesOpen; more > 1 {
		v.Causes, v.More = v.Causes[:causesOpen], v.Causes[causesOpen:]
		v.MoreCauses = number(more) + " more changes lead to it"
	}
	if len(e.Way) > 0 {
		v.Way = append(v.Way, stepView{To: naming(e.Way[0].From)})
	}
	for _, s := range e.Way {
		v.Way = append(v.Way, stepView{stepTo(s, e.Object), s.New})
	}
	return v
}

// causesOpen is how many causes of an effect are seen at once.
const causesOpen = 3

func (b *pageBuilder) cause(c causeAt) causeView {
	v := causeView{Value: moved(c.Fact, c.Removed), Field: termOf(c.Fact.Field), Resource: keyOf(c.Fact.Key), At: at("", c.at)}
	switch o := c.Origin; {
	case !c.declared:
		v.Until = "not declared"
		if v.At != "" {
			v.Until += " in"
		}
	case o != nil && o.Over(b.now):
		v.Until = cmp.Or(safe(o.Ends), "expired") + " " + b.until(o)
	case o != nil && !o.Until.IsZero() && !c.Removed:
		v.Until = "until " + b.until(o)
	}
	if c.Origin != nil {
		v.Reason = oneLine(c.Origin.Reason)
	}
	return v
}
