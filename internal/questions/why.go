package questions

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

// WhyNot says for what a principal does not have a privilege on the object of that
// key, and what would mend it; where it has it, by which ways.
func (w *World) WhyNot(p Principal, privilege string, key plan.Key, o Object) Answer {
	a := w.answer(WhyNot)
	a.Principal, a.Privilege, a.Object = p.Token, privilege, w.thing(key)
	can := w.Access.Can(p.Token, privilege, key)
	a.Can = &can
	a.note(p.Notes)
	a.note(o.Notes)
	if can {
		a.Paths = []Path{}
		a.unknown(w, w.Access.Doubts(p.Token, key))
		for _, path := range w.Access.Explain(p.Token, key) {
			if slices.Contains(path.Privileges, privilege) || slices.Contains(path.For, privilege) {
				a.Paths = append(a.Paths, w.path(path, key))
			}
		}
		a.sortPaths()
		return a
	}
	a.Obstacles = []Obstacle{}
	for _, obstacle := range w.Access.WhyNot(p.Token, privilege, key) {
		if obstacle.Reason == access.Unknown {
			a.unknown(w, []access.Gap{{Key: obstacle.Key, Lack: obstacle.Lack}})
			continue
		}
		a.Obstacles = append(a.Obstacles, w.obstacle(obstacle, p.Token, key))
	}
	if w.After != nil {
		after := w.After.Can(p.Token, privilege, key)
		a.AfterApply = &after
	}
	return a
}

// obstacle puts what is missing, and what would mend it, in words.
func (w *World) obstacle(o access.Obstacle, who string, asked plan.Key) Obstacle {
	out := Obstacle{Reason: string(o.Reason), Privilege: o.Privilege, Object: w.thing(o.Key)}
	if o.Claim.Origin != nil {
		e := entry(o.Claim.Origin)
		out.Entry = &e
	}
	on := w.label(o.Key)
	switch o.Reason {
	case access.NotApplicable:
		out.Message = fmt.Sprintf("There is no %s on %s.", o.Privilege, on)
	case access.Inactive:
		out.Message, out.Mend = fmt.Sprintf("%s is deactivated, or about to be deleted.", who), "activating it where it comes from"
	case access.NotGranted:
		out.Message = fmt.Sprintf("Nothing gives %s %s on %s, itself or through a group.", who, o.Privilege, on)
		out.Mend, out.YAML = w.mend(o, who)
	case access.MissingUse:
		out.Message = fmt.Sprintf("%s has no %s on %s, the way to %s.", who, o.Privilege, on, w.label(asked))
		if o.Key == asked {
			out.Message = fmt.Sprintf("%s has no %s on it, the way to what is in it.", who, o.Privilege)
		}
		out.Mend, out.YAML = w.mend(o, who)
	case access.MissingOther:
		out.Message = fmt.Sprintf("%s has no %s on %s, without which the privilege counts for nothing.", who, o.Privilege, on)
		out.Mend, out.YAML = w.mend(o, who)
	case access.NotAssigned:
		out.Message = fmt.Sprintf("%s is not assigned to %s.", who, on)
		out.Mend, out.YAML = w.mend(o, who)
	case access.NotBound:
		out.Message = fmt.Sprintf("%s is isolated, and bound to no workspace in which %s is, or for reading only.", sentence(on), who)
		out.Mend = "binding the catalog to a workspace that it is assigned to, or assigning it to one that the catalog is bound to"
	default:
		out.Message, out.Mend = w.claimed(o)
	}
	if out.YAML != "" {
		out.Groups = w.groupsWith(o)
	}
	return out
}

// claimed is what an entry of the repository has to do with it.
func (w *World) claimed(o access.Obstacle) (message, mend string) {
	origin := o.Claim.Origin
	what := w.wanted(o.Fact)
	switch o.Reason {
	case access.NotApplied:
		mend = "brickgate apply, unless brickgate plan says why it is not applied"
		if w.On == Live {
			return fmt.Sprintf("%s is declared and not live.", what), mend
		}
		return fmt.Sprintf("%s is declared, and the plan does not make it.", what), "what brickgate plan asks for where it blocks or holds back"
	case access.Ended:
		ends := "expired"
		if origin.Ends != "" {
			ends = origin.Ends
		}
		return fmt.Sprintf("%s has ended: %s %s.", what, ends, origin.LastsUntil()), "a later end of that entry, with the approvals that this takes"
	case access.NotYet:
		return fmt.Sprintf("%s does not begin before %s.", what, origin.From.Format("2006-01-02")), "an earlier begin of that entry"
	case access.Absent:
		return fmt.Sprintf("%s must not be: the entry says absent.", what), "removing that entry"
	}
	return string(o.Reason), ""
}

// wanted is what a fact would be, as the beginning of a sentence.
func (w *World) wanted(f plan.Fact) string {
	switch f.Key.Kind {
	case kindGroup:
		return fmt.Sprintf("Membership of %s in %s", f.Value, w.label(f.Key))
	case kindAssignment:
		return fmt.Sprintf("Assignment of %s to workspace %s", f.Key.Name, f.Key.Target)
	case kindEntitlements, kindRoles:
		return fmt.Sprintf("%s for %s", f.Value, f.Key.Name)
	}
	value := f.Value
	if value == "" {
		value = "Access"
	}
	return fmt.Sprintf("%s for %s on %s", value, f.Field, w.label(f.Key))
}

// mend is where to write what, for access that is not there.
func (w *World) mend(o access.Obstacle, who string) (mend, yaml string) {
	typ, name, _ := strings.Cut(o.Key.Name, "/")
	switch o.Key.Kind {
	case kindGrants:
		securable := "type: " + typ
		if o.Key.Name != metastoreName {
			securable += ", name: " + scalar(name)
		}
		mend = "an entry of a Grants document on {" + securable + "}"
		yaml = fmt.Sprintf("- {%s, privileges: [%s]}", w.spelled(who), o.Privilege)
	case kindPermissions:
		mend = "an entry of a Permissions document on " + w.label(o.Key)
		yaml = fmt.Sprintf("- {%s, level: %s}", w.spelled(who), o.Privilege)
		if o.Privilege == isOwner {
			mend, yaml = "a Permissions document on "+w.label(o.Key), fmt.Sprintf("owner: {%s}", w.spelled(who))
		}
	case kindAssignment, kindEntitlements:
		if strings.HasPrefix(who, "user:") {
			mend = "membership in a group that is placed in " + w.label(o.Key)
			break
		}
		what := "permission: " + o.Privilege
		if o.Key.Kind == kindEntitlements {
			what = "entitlements: [" + o.Privilege + "]"
		}
		mend = "the document of " + who
		yaml = fmt.Sprintf("workspaces: {%s: {%s}}", scalar(o.Key.Target), what)
	default:
		return "a role of " + who, ""
	}
	return mend, yaml
}

// groupsWith are a few of the groups that are given what is missing.
func (w *World) groupsWith(o access.Obstacle) []string {
	const shown = 3
	holders, _ := w.Access.WhoCan(o.Privilege, o.Key)
	var groups []string
	for _, h := range holders {
		if by := h.Way[len(h.Way)-1].From; plan.IsGroup(by) && by != accountUsers && !slices.Contains([]string{"group:users", "group:admins"}, by) {
			groups = append(groups, by)
		}
	}
	groups = plan.Set(groups)
	return groups[:min(len(groups), shown)]
}

// plainScalar is what YAML reads as the text that it is.
var plainScalar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_@./-]*$`)

// scalar is a text as YAML in a flow mapping.
func scalar(s string) string {
	if plainScalar.MatchString(s) && !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(s)) {
		return s
	}
	quoted, err := json.Marshal(s) // JSON is YAML
	if err != nil {
		panic(fmt.Sprintf("questions: a string that is no JSON: %q", s))
	}
	return string(quoted)
}
