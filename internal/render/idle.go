package render

import "github.com/brickgate/brickgate/plan"

// idleOf finds the changed facts that change nothing for anybody.
func idleOf(i *plan.Impact) map[plan.Move]*plan.Idle {
	if i == nil {
		return nil
	}
	out := make(map[plan.Move]*plan.Idle, len(i.Idle))
	for k := range i.Idle {
		out[plan.Move{Fact: i.Idle[k].Fact, Removed: i.Idle[k].Removed}] = &i.Idle[k]
	}
	return out
}

// changesNothing notes of a fact why adding or removing it changes nothing, if so.
func (t *teller) changesNothing(n *note, f plan.Fact, sign string) {
	i := t.idle[plan.Move{Fact: f, Removed: sign == "-"}]
	switch {
	case i == nil || t.withheld:
	case len(i.Through) == 0 && i.Why == plan.NobodyIn && n.words == "": // as of any group that was just made
		n.words = i.Why
	default:
		n.idle = whyIdle(i)
	}
}

func whyIdle(i *plan.Idle) string {
	switch {
	case len(i.Through) > 0 && i.Removed:
		return "still has it through " + through(i.Fact, i.Through)
	case len(i.Through) > 0:
		return "had it already through " + through(i.Fact, i.Through)
	case i.Removed:
		return "led nowhere" + colon(i.Why)
	}
	return "leads nowhere" + colon(i.Why)
}

func colon(why string) string {
	if why == "" {
		return ""
	}
	return ": " + safe(why)
}

// through names what gives the same: who has it, and where that is elsewhere.
func through(f plan.Fact, facts []plan.Fact) string {
	var out []string
	seen := map[string]bool{}
	for _, by := range facts {
		words := plan.Principal(by)
		switch {
		case by.Key.Kind == "group":
			words = "group:" + by.Key.Name
		case by.Field == "owner":
			words += ", who owns " + thing(by.Key).plain()
		case by.Key != f.Key && f.Key.Kind != "group":
			words += " on " + thing(by.Key).plain()
		}
		if words != "" && !seen[words] {
			seen[words] = true
			out = append(out, words)
		}
	}
	return few(out, func(s string) string { return s })
}
