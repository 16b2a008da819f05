package impact

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

// idle tells a fact that changes nothing, and where it leads nowhere, why.
func (m *measure) idle(i *access.Idle) plan.Idle {
	out := plan.Idle{Fact: i.Fact, Removed: i.Removed, Through: i.Through}
	if len(i.Through) == 0 {
		out.Why = m.nowhere(i)
	}
	return out
}

// nowhere is why a fact gives nobody anything.
func (m *measure) nowhere(i *access.Idle) string {
	token := plan.Principal(i.Fact)
	switch {
	case len(i.Who) == 0 && plan.IsGroup(token):
		return plan.NobodyIn
	case len(i.Who) == 0:
		return token + " is inactive"
	case i.Fact.Key.Kind == "group":
		return "nothing that was read gives group:" + i.Fact.Key.Name + " anything"
	}
	at := m.after
	if i.Removed {
		at = m.before
	}
	for _, o := range at.WhyNot(i.Who[0], i.Fact.Value, i.Fact.Key) {
		if words := obstacle(o); words != "" {
			return words
		}
	}
	return ""
}

// obstacle says in words what is missing.
func obstacle(o access.Obstacle) string {
	switch o.Reason {
	case access.MissingUse, access.MissingOther:
		return "needs " + o.Privilege + " on " + thing(o.Key)
	case access.NotAssigned:
		return "not assigned to workspace " + o.Key.Target
	case access.NotBound:
		return thing(o.Key) + " is isolated, and not bound to a workspace of theirs"
	}
	return ""
}

// thing is what a key names, as people call it.
func thing(k plan.Key) string {
	typ, name, _ := strings.Cut(k.Name, "/")
	if k.Kind == "permissions" {
		return typ + " " + name + " in workspace " + k.Target
	}
	if name == "" {
		return "workspace " + k.Target
	}
	return typ + " " + name
}

// unknownShown is how many things that are not known are told; the rest would be more
// of the same.
const unknownShown = 20

// unknown is what was not read and could change the numbers.
func (m *measure) unknown(effects []access.Effect) []string {
	var out []string
	seen := map[access.Gap]bool{}
	for i := range effects {
		e := &effects[i]
		for _, p := range e.Privileges {
			if slices.Contains(ways, p) {
				continue
			}
			for _, g := range m.after.Gaps(p, e.Object) {
				if !seen[g] {
					seen[g] = true
					out = append(out, gap(g))
				}
			}
		}
	}
	for _, h := range m.Plan.Held {
		if h.Failed {
			out = append(out, held(h.Key))
		}
	}
	out = plan.Set(out)
	return out[:min(len(out), unknownShown)]
}

// held says of a resource that could not be read what is not known.
func held(k plan.Key) string {
	switch k.Kind {
	case "grants", "permissions":
		return gap(access.Gap{Key: k, Lack: access.LackGrants})
	case "owner":
		return gap(access.Gap{Key: k, Lack: access.LackOwner})
	case "group":
		return gap(access.Gap{Key: k, Lack: access.LackMembers})
	}
	return "what is live of " + k.String()
}

// gap says in words what is not known.
func gap(g access.Gap) string {
	switch g.Lack {
	case access.LackGrants:
		return "who has access to " + thing(g.Key) + ""
	case access.LackOwner:
		return "the owner of " + thing(g.Key)
	case access.LackMembers:
		return "the members of group:" + g.Key.Name
	case access.LackFolders:
		return "what " + thing(g.Key) + " inherits from the folders above"
	case access.LackBinding:
		return "the workspaces that " + thing(g.Key) + " is bound to"
	}
	if g.Key.Kind == "assignment" {
		return "who is assigned to workspace " + g.Key.Target
	}
	return "who is assigned to the workspaces that " + thing(g.Key) + " is bound to"
}
