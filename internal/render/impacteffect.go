package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/brickgate/brickgate/plan"
)

// effect writes who gains or loses what.
func (t *text) effect(e *plan.Effect, counted bool) {
	sign, verb := span{"    + ", green}, " can "
	if !e.Gained {
		sign, verb = span{"    - ", red}, " can no longer "
	}
	who, named := takers(e)
	words := strings.Split(who+verb+can(e.Object, e.Privileges), " ")
	if counted && e.Count > 0 {
		words = append(words, numbers(e))
	}
	if e.Object.Kind == "grants" || e.Object.Kind == "permissions" {
		words[len(words)-1] += ":"
		words = append(words, strings.Split(names(e.Privileges), " ")...)
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
	lead := span{"        at: ", faint}
	if at == undeclared {
		lead.text = "        "
	}
	if !beside {
		t.items(strings.Split(at, " "), "", lead)
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
	missing := false
	for _, c := range list {
		switch {
		case c.Origin == nil:
			missing = true
		case !slices.Contains(at, c.Origin.Pos):
			at = append(at, c.Origin.Pos)
		}
	}
	out := lines(at)
	switch {
	case out == "" && missing:
		return undeclared
	case missing:
		return out + ", " + undeclared
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
