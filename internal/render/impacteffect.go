package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

const everybodyHere = "group:account users"

// telling is an effect in the words in which all forms tell it.
type telling struct {
	gained     bool
	object     plan.Key
	one        bool     // it is about one alone, and the way is theirs
	sentence   phrase   // "3 people can read it"
	numbers    string   // " (11 → 14)", where they are not told with the objects
	until      string   // ", until 2026-12-31"
	privileges []string // by which, those first that a reviewer decides by
	named      []phrase // who they are, where the sentence counts them
	way        []plan.Step
	causes     []causeAt
}

// tell puts an effect into words. On calls what it is on.
func (t *teller) tell(b *block, e *plan.Effect, on phrase, shown int) *telling {
	who, named := takers(e, shown)
	out := &telling{gained: e.Gained, object: e.Object, one: e.Count+len(e.Open) == 1, named: named, way: e.Way, causes: t.causes(e)}
	verb := " can "
	if !e.Gained {
		verb = " can no longer "
	}
	out.sentence = who.then(say(verb), can(e.Object, e.Privileges, on))
	if len(b.objects) == 1 || len(b.effects) > 1 {
		out.numbers = numbers(e)
	}
	if e.Object.Kind == "grants" || e.Object.Kind == "permissions" {
		out.privileges = decisive(e.Privileges)
	}
	if until := e.Until(); !until.IsZero() {
		out.until = ", until " + t.until(&plan.Origin{Until: until})
		if !out.one {
			out.until += " at the latest"
		}
	}
	return out
}

// decisive puts those privileges first that a reviewer decides by.
func decisive(privileges []string) []string {
	weight := func(p string) int {
		one := []string{p}
		switch {
		case len(deedsOf(levelDeeds, one))+len(deedsOf(grantDeeds, one))+len(deedsOf(handingOn, one)) > 0:
			return 0
		case p == allPrivileges:
			return 1
		case isCreating(p):
			return 2
		}
		return 3
	}
	list := slices.Clone(privileges)
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(weight(a), weight(b)) })
	return list
}

// takers counts those of an effect, and names the first of them where they are more than
// one.
func takers(e *plan.Effect, shown int) (who phrase, named []phrase) {
	var groups []phrase
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
	case e.Count == 1 && len(groups) == 0 && len(e.Named) > 0:
		return naming(e.Named[0]), nil
	case e.Count == 0 && len(groups) == 1:
		return groups[0], nil
	}
	var parts []string
	if e.Count > 0 {
		parts = append(parts, people(e)...)
	}
	if len(groups) > 0 {
		parts = append(parts, count(len(groups), "group"))
	}
	for _, n := range e.Named[:min(len(e.Named), shown)] {
		named = append(named, naming(n))
	}
	if more := e.Count - len(named); more > 0 {
		named = append(named, say("and "+number(more)+" more"))
	}
	named = append(named, groups[:min(len(groups), shown)]...)
	if more := len(groups) - shown; more > 0 {
		named = append(named, say("and "+count(more, "more group")))
	}
	switch {
	case everybody && len(parts) > 0:
		return say("every user of the account, among them " + and(parts) + " by name,"), named
	case everybody:
		return say("every user of the account"), named
	}
	return say(and(parts)), named
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
func headed(g plan.OpenGroup) phrase {
	heads := " (" + number(g.Heads) + " people)"
	switch {
	case g.Heads < 0:
		heads = " (nobody could say how many)"
	case g.Heads == 1:
		heads = " (1 person)"
	}
	return naming(g.Group).then(say(heads))
}

// causeAt is a cause, and where a reader finds it: its entry, or what no longer has one.
type causeAt struct {
	plan.Cause
	at       plan.Pos
	declared bool
	onTheWay bool // of the one who is named first
}

// causes are what makes an effect: first that by which the one who is named first has
// it, then what gives it to the others, then the way to it.
func (t *teller) causes(e *plan.Effect) []causeAt {
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
	weight := func(c causeAt) int {
		switch {
		case c.onTheWay:
			return 0
		case c.Fact.Key == e.Object, c.Fact.Key.Kind == "group" && gives["group:"+c.Fact.Key.Name]:
			return 1
		case c.Fact.Key.Kind == "group":
			return 2
		}
		return 3
	}
	var out []causeAt
	seen := map[plan.Move]bool{}
	for _, c := range e.Causes {
		if m := (plan.Move{Fact: c.Fact, Removed: c.Removed}); !seen[m] {
			seen[m] = true
			b := causeAt{c, place(c.Origin), c.Origin != nil, along[c.Fact]}
			if !b.declared {
				b.at = t.documents[c.Fact.Key]
			}
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b causeAt) int { return cmp.Compare(weight(a), weight(b)) })
	return out
}

// undeclared says that nothing declares a fact, and where it would stand.
func undeclared(at string) string {
	if at == "" {
		return "not declared"
	}
	return "not declared in " + at
}

// lines are the first of the places of causes; a file is written once.
func lines(causes []causeAt) string {
	var found, missing []plan.Pos
	for _, c := range causes {
		list := &found
		if !c.declared {
			list = &missing
		}
		if !slices.Contains(*list, c.at) {
			*list = append(*list, c.at)
		}
	}
	out := []string{}
	if len(found) > 0 {
		out = append(out, places(found))
	}
	if len(missing) > 0 {
		out = append(out, undeclared(places(missing)))
	}
	return strings.Join(out, ", ")
}

func places(list []plan.Pos) string {
	var out []string
	file := ""
	for _, p := range list[:min(len(list), placesShown)] {
		if s := at(file, p); s != "" {
			out = append(out, s)
		}
		file = p.File
	}
	s := strings.Join(out, ", ")
	if more := len(list) - placesShown; more > 0 {
		s += " and " + number(more) + " more"
	}
	return s
}

// steps are how the first who is named has it, from where to what gives it.
func (e *telling) steps() []phrase {
	out := []phrase{naming(e.way[0].From)}
	for _, s := range e.way {
		to := stepTo(s, e.object)
		switch {
		case s.New && e.gained:
			to = to.then(say(" (new)"))
		case s.New:
			to = to.then(say(" (gone)"))
		}
		out = append(out, to)
	}
	return out
}

// stepTo is where a step of a way to an object leads: to a group, or to what is given,
// and on what if it is given elsewhere.
func stepTo(s plan.Step, object plan.Key) phrase {
	at, elsewhere := s.Fact.Key, s.Fact.Key.Target != object.Target || s.Fact.Key.Name != object.Name
	switch {
	case s.To != "":
		return naming(s.To)
	case s.Fact.Field == "owner" && elsewhere:
		return say("owner of ").then(thing(at))
	case s.Fact.Field == "owner":
		return say("owner")
	case s.Fact.Value == "":
		return say("has it")
	case elsewhere && (at.Kind == "grants" || at.Kind == "permissions"):
		return naming(s.Fact.Value).then(say(" on "), thing(at))
	}
	return naming(s.Fact.Value)
}
