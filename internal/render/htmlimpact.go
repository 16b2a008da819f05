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
	Empty string // said where nobody gains or loses anything
	Lists []effectList
}

// effectList is the effects that ask for the same attention.
type effectList struct {
	Heading string
	Folded  bool
	Effects []effectView
}

type effectView struct {
	Sign       symbol
	Who        []namedView // in place of Subject where it is one
	Subject    string
	Verb       string
	Privileges []term
	Object     objectView
	Until      string
	Product    string
	Risks      []string
	RiskLines  string
	Named      []namedView
	Numbers    []string // of holders, of contents
	Causes     []causeView
	More       []causeView // that a reader opens
	MoreCauses string
	Way        []stepView
}

// namedView is one of those who gain or lose, or what is to be said of others.
type namedView struct {
	term
	Note string
}

// objectView is what access is to: "on", "table", "gold.sales.orders", "in main".
type objectView struct{ At, Kind, Name, In string }

type causeView struct {
	Value      mark
	Field      term
	Resource   keyView
	Until      string
	Reason, At string
}

type stepView struct {
	From, To term
	By       string // what the last step gives
	New      bool
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
	idle  map[plan.Move]string
}

func effectsOf(m *plan.Impact) effectIndex {
	x := effectIndex{map[plan.Move][]plan.Risk{}, map[plan.Move]string{}}
	if m == nil {
		return x
	}
	for i := range m.Effects {
		for _, c := range m.Effects[i].Causes {
			move := plan.Move{Fact: c.Fact, Removed: c.Removed}
			x.risky[move] = append(x.risky[move], m.Effects[i].Risks...)
		}
	}
	for _, idle := range m.Idle {
		x.idle[plan.Move{Fact: idle.Fact, Removed: idle.Removed}] = whyIdle(idle)
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

// risks are all that there are, the worst first.
func (x effectIndex) risks() []string {
	set := map[plan.Risk]bool{}
	for _, risks := range x.risky {
		for _, r := range risks {
			set[r] = true
		}
	}
	var out []string
	for _, r := range sortRisks(set) {
		out = append(out, safe(string(r)))
	}
	return out
}

func whyIdle(i plan.Idle) string {
	if len(i.Through) == 0 {
		return strings.TrimSuffix("changes nothing: it leads nowhere, "+safe(i.Why), ", ")
	}
	ways := make([]string, len(i.Through))
	for n, f := range i.Through {
		ways[n] = factWords(f)
	}
	if i.Removed {
		return "changes nothing: still has access through " + strings.Join(ways, ", ")
	}
	return "changes nothing: had access before through " + strings.Join(ways, ", ")
}

// factWords names a fact where it is not shown: "member user:x of group@account/y".
func factWords(f plan.Fact) string {
	return strings.TrimSpace(safe(strings.TrimSpace(f.Field+" "+f.Value)) + " of " + safe(f.Key.String()))
}

// gainsOpen is up to how many gains without a risk are open: what is lost and what is
// risky must not be looked for among them.
const gainsOpen = 12

// opensNothing tells an effect that is only the way to what else is granted.
func opensNothing(e *plan.Effect) bool {
	return !slices.ContainsFunc(e.Privileges, func(p string) bool {
		return !slices.Contains([]string{"BROWSE", "USE_CATALOG", "USE_SCHEMA"}, p)
	})
}

func (b *pageBuilder) impact(m *plan.Impact) *impactView {
	if m == nil {
		return nil
	}
	v := &impactView{Count: len(m.Effects)}
	if v.Count == 0 {
		v.Empty = "Nobody gains or loses any access effectively."
	}
	var risky, gains, losses, ways []effectView
	for i := range m.Effects {
		e := b.effect(&m.Effects[i])
		switch {
		case len(e.Risks) > 0:
			risky = append(risky, e)
		case m.Effects[i].Gained && opensNothing(&m.Effects[i]):
			ways = append(ways, e)
		case m.Effects[i].Gained:
			gains = append(gains, e)
		default:
			losses = append(losses, e)
		}
	}
	for _, l := range []effectList{
		{Heading: "Look twice", Effects: risky},
		{Heading: "Losses", Effects: losses},
		{Heading: "Gains", Effects: gains, Folded: len(gains) > gainsOpen},
		{Heading: "The way to other objects", Effects: ways, Folded: len(ways) > 1},
	} {
		if len(l.Effects) > 0 {
			l.Heading += " (" + number(len(l.Effects)) + ")"
			v.Lists = append(v.Lists, l)
		}
	}
	return v
}

func idleViews(idle []plan.Idle) []idleView {
	var out []idleView
	for _, i := range idle {
		out = append(out, idleView{moved(i.Fact, i.Removed), termOf(i.Fact.Field), keyOf(i.Fact.Key), whyIdle(i)})
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

func (b *pageBuilder) effect(e *plan.Effect) effectView {
	v := effectView{
		Sign: signs["+"], Privileges: terms(e.Privileges), Object: objectOf(e.Object), Product: safe(e.Product),
		RiskLines: textLines(e.Risks),
	}
	if !e.Gained {
		v.Sign = signs["-"]
	}
	for _, r := range e.Risks {
		v.Risks = append(v.Risks, safe(string(r)))
	}
	v.subject(e)
	v.Until = b.ends(e)
	if len(e.Privileges) > 0 && e.Before+e.After > 0 {
		v.Numbers = append(v.Numbers, "held by "+number(e.Before)+" before, "+number(e.After)+" after")
	}
	if e.Contents > 0 {
		v.Numbers = append(v.Numbers, "likewise on "+count(e.Contents, "object")+" in it")
	}
	for _, c := range onTheWayFirst(e) {
		v.Causes = append(v.Causes, b.cause(c))
	}
	if more := len(v.Causes) - causesOpen; more > 1 {
		v.Causes, v.More = v.Causes[:causesOpen], v.Causes[causesOpen:]
		v.MoreCauses = number(more) + " more changes lead to it"
	}
	v.Way = steps(e)
	return v
}

// causesOpen is how many causes of an effect are seen at once.
const causesOpen = 3

// onTheWayFirst are the causes, those by which the person that is named comes to it
// before those that only others need.
func onTheWayFirst(e *plan.Effect) []plan.Cause {
	causes := slices.Clone(e.Causes)
	at := func(c plan.Cause) int {
		if i := slices.IndexFunc(e.Way, func(s plan.Step) bool { return s.New && s.Fact == c.Fact }); i >= 0 {
			return i
		}
		return len(e.Way)
	}
	slices.SortStableFunc(causes, func(a, b plan.Cause) int { return at(a) - at(b) })
	return causes
}

func (b *pageBuilder) cause(c plan.Cause) causeView {
	v := causeView{Value: moved(c.Fact, c.Removed), Field: termOf(c.Fact.Field), Resource: keyOf(c.Fact.Key), At: at("", place(c.Origin))}
	switch o := c.Origin; {
	case o == nil && c.Removed:
		v.Until = "not declared"
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

// ends is the last day or instant of an effect that ends by itself.
func (b *pageBuilder) ends(e *plan.Effect) string {
	end := e.Until()
	if end.IsZero() {
		return ""
	}
	return "until " + b.until(&plan.Origin{Until: end})
}

// subject says who gains or loses: one by name, several by their number.
func (v *effectView) subject(e *plan.Effect) {
	var named, open []namedView
	for _, s := range e.Named {
		named = append(named, namedView{term: termOf(s)})
	}
	for _, g := range e.Open {
		open = append(open, namedView{termOf(g.Group), "(" + openHeads(g.Heads) + ")"})
	}
	v.Verb = "gains"
	if !e.Gained {
		v.Verb = "loses"
	}
	switch {
	case e.Count == 0 && len(open) > 0:
		v.Who = open
	case e.Count == 1 && len(e.Named) == 1 && len(open) == 0:
		v.Who = named
		return
	default:
		v.Subject = count(e.Count, noun(e))
		if len(open) > 0 {
			v.Subject += " and " + count(len(open), "group")
		}
		v.Named = append(named, open...)
		if more := e.Count - len(e.Named); more > 0 {
			v.Named = append(v.Named, namedView{Note: number(more) + " more"})
		}
	}
	if e.Count+len(open) != 1 {
		v.Verb = strings.TrimSuffix(v.Verb, "s")
	}
}

func noun(e *plan.Effect) string {
	users := 0
	for _, s := range e.Named {
		if strings.HasPrefix(s, "user:") {
			users++
		}
	}
	if users == e.Count {
		return "user"
	}
	return "principal"
}

func openHeads(n int) string {
	switch {
	case n < 0:
		return "nobody could say how many are in it"
	case n == 0:
		return "nobody is in it"
	}
	return count(n, "head") + " in it"
}

// objectOf takes the name of a resource apart.
func objectOf(k plan.Key) objectView {
	v := objectView{At: "on"}
	switch {
	case k.Name == "" && k.Target == "account":
		v.At, v.Kind = "in", "the account"
		return v
	case k.Name == "":
		v.At, v.Kind, v.Name = "in", "workspace", safe(k.Target)
		return v
	}
	kind, name, ok := strings.Cut(k.Name, "/")
	v.Kind, v.Name = safe(kind), safe(name)
	if !ok || plan.Principal(plan.Fact{Key: k}) != "" {
		v.Kind, v.Name = safe(k.Kind), safe(k.Name)
	}
	if k.Target != "metastore" {
		v.In = "in " + safe(k.Target)
	}
	return v
}

func steps(e *plan.Effect) []stepView {
	var out []stepView
	for _, s := range e.Way {
		v := stepView{From: termOf(s.From), To: termOf(s.To), New: s.New}
		if s.To == "" {
			v.By = gives(s.Fact)
		}
		out = append(out, v)
	}
	return out
}

// gives says what the last step of a way gives.
func gives(f plan.Fact) string {
	what := f.Value
	if plan.IsPrincipal(what) || what == "" {
		what = f.Field
	}
	return safe(strings.TrimSpace(what + " by " + f.Key.String()))
}
