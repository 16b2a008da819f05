package policy

import (
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// notAssigned is BG308: an ACL knows only who is in its workspace, and so do
// entitlements.
func notAssigned(j *judge) {
	a := assignments{judge: j, of: map[string]*assigned{}}
	for _, list := range [][]*line{j.claims().permissions, j.claims().objectOwners} {
		for _, l := range list {
			for _, s := range l.spots {
				if why := a.missing(l.who, s.on.Key.Target); why != "" {
					j.findAt(l.origin.Pos, l.origin.Document(), "%s, but is not assigned to that workspace%s", l.gets(s), why)
					break
				}
			}
		}
	}
	for i := range j.Declared {
		r := &j.Declared[i]
		if r.Key.Kind != kindEntitlements {
			continue
		}
		if given := j.wanted(r); len(given) > 0 {
			if why := a.missing(r.Key.Name, r.Key.Target); why != "" {
				o := given[0].Origin
				j.findAt(o.Pos, o.Document(), "%s gets %s in workspace %s, but is not assigned to it%s", r.Key.Name, given[0].Value, r.Key.Target, why)
			}
		}
	}
}

// assignments finds out who is in which workspace.
type assignments struct {
	*judge
	of map[string]*assigned // by workspace
}

// assigned are those who are in a workspace, by the documents and by what is live
// and stays, themselves and through groups.
type assigned struct {
	all  map[string]bool
	read bool // all assignments that are live
	sure bool // and all members of the groups
}

// missing says why it is clear that a principal is not in a workspace; "" if it
// is not clear.
func (a *assignments) missing(who, workspace string) string {
	in := a.in(workspace)
	if in.all[who] {
		return ""
	}
	if d := a.declared(plan.Key{Kind: kindAssignment, Target: workspace, Name: who}); d != nil {
		return ": the workspaces: of its document (" + d.Origin.Pos.String() + ") leave it out"
	}
	// What the workspace has of its own, as some groups that no document declares,
	// needs no assignment.
	ofAccount := isUser(who) || a.declared(keyOf(who, accountTarget)) != nil
	if in.read && in.sure && ofAccount {
		return ", neither itself nor through a group"
	}
	return ""
}

// keyOf is the resource of a principal.
func keyOf(who, target string) plan.Key {
	kind, name, _ := strings.Cut(who, ":")
	if kind == "sp" {
		kind = kindServicePrincipal
	}
	return plan.Key{Kind: kind, Target: target, Name: name}
}

// in collects who is in a workspace. Live assignments come in one list: where
// there are some, all are there.
func (a *assignments) in(workspace string) *assigned {
	if in := a.of[workspace]; in != nil {
		return in
	}
	in := &assigned{all: map[string]bool{}, sure: true}
	a.of[workspace] = in
	for i := range a.Declared {
		if r := &a.Declared[i]; r.Key.Kind == kindAssignment && r.Key.Target == workspace && len(a.wanted(r)) > 0 {
			a.admit(in, r.Key.Name)
		}
	}
	if a.Live == nil {
		return in
	}
	for r := range a.Live.staying(kindAssignment) {
		if r.Key.Target == workspace {
			in.read = true
			a.admit(in, r.Key.Name)
		}
	}
	return in
}

// admit lets a principal in, and whoever is in it now.
func (a *assignments) admit(in *assigned, who string) {
	in.all[who] = true
	group, ok := strings.CutPrefix(who, "group:")
	if !ok {
		return
	}
	members := a.groups.of(group)
	for member, times := range members.times {
		if anyOverlaps(times, a.instant()) {
			in.all[member] = true
		}
	}
	for _, times := range members.unread {
		in.sure = in.sure && !anyOverlaps(times, a.instant())
	}
}
