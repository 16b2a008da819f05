package reconcile

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// maybe is what is known of a question: of two, either of which is enough, the
// greater counts, and of two that are both needed the lesser.
type maybe int

const (
	no maybe = iota
	unknown
	yes
)

// certain is the answer to a question that is known.
func certain(b bool) maybe {
	if b {
		return yes
	}
	return no
}

// standing is what the applying identity may do after some of the changes of a
// plan. It follows the rules of the platform over what was read, with these
// changes made; what was not read is unknown, and noted as open.
type standing struct {
	run     *Run
	self    string
	admins  []string // of the account
	changes []plan.Change
	index   map[plan.Key]int
	at      int // changes before this one are made

	open    map[question]bool // met on the way, and not answered
	answers map[question]*reply

	groups      []int                 // the changes of account groups, ascending
	belongs     map[belonging]maybe   // what is known of groups, so that no group is gone through twice
	ever        map[string]bool       // account groups that we are in at any time
	entrants    map[string][]string   // by workspace: we and the groups that are let in, before or after
	directories map[string][]plan.Key // by workspace: folders whose ACL changes
	folders     map[place]plan.Key    // workspace and id → the folder's ACL
}

func (r *Run) standing(changes []plan.Change) *standing {
	s := &standing{
		run: r, self: r.Self(), admins: r.admins(), changes: changes, index: make(map[plan.Key]int, len(changes)),
		answers: map[question]*reply{}, belongs: map[belonging]maybe{}, ever: map[string]bool{},
		entrants: map[string][]string{}, directories: map[string][]plan.Key{}, folders: map[place]plan.Key{},
	}
	for i := range changes {
		s.index[changes[i].Key] = i
		s.note(&changes[i])
		if changes[i].Key.Kind == kindGroup && changes[i].Key.Target == accountTarget {
			s.groups = append(s.groups, i)
		}
	}
	for _, res := range r.Live.All() {
		if _, changed := s.index[res.Key]; !changed {
			s.noteEntrant(res.Key)
		}
	}
	for k, o := range r.objects {
		if o.Type.Name == "directories" {
			s.folders[place{o.Workspace, o.ID}] = k
		}
	}
	return s
}

// note keeps what is looked for by workspace, and who may become account admin.
func (s *standing) note(c *plan.Change) {
	s.noteEntrant(c.Key)
	switch {
	case c.Key.Kind == kindPermissions && strings.HasPrefix(c.Key.Name, "directories/"):
		s.directories[c.Key.Target] = append(s.directories[c.Key.Target], c.Key)
	case c.Key.Kind == kindRoles && !slices.Contains(s.admins, c.Key.Name):
		s.admins = append(s.admins, c.Key.Name)
	}
}

// noteEntrant keeps who may let us into a workspace, ourselves before the groups.
func (s *standing) noteEntrant(k plan.Key) {
	switch {
	case k.Kind != kindAssignment:
	case k.Name == s.self:
		s.entrants[k.Target] = slices.Insert(s.entrants[k.Target], 0, k.Name)
	case plan.IsGroup(k.Name):
		s.entrants[k.Target] = append(s.entrants[k.Target], k.Name)
	}
}

// made is the change to a resource, if it is made by now.
func (s *standing) made(k plan.Key) (*plan.Change, bool) {
	i, ok := s.index[k]
	if !ok || i >= s.at {
		return nil, false
	}
	return &s.changes[i], true
}

// after is the answer after so many changes.
func (s *standing) after(changes int, answer func() maybe) maybe {
	at := s.at
	defer func() { s.at = at }()
	s.at = changes
	return answer()
}

// fields are those of a resource by now; false if nobody has read them.
func (s *standing) fields(k plan.Key) ([]plan.Field, bool) {
	live, read := s.run.Live.Get(k)
	read = read && live.Held == ""
	c, made := s.made(k)
	switch {
	case made && c.Action == plan.Delete:
		return nil, true
	case made && read:
		return c.Upon(live.Fields), true
	case made:
		return c.After, true
	case read:
		return live.Fields, true
	}
	return nil, false
}

// accountAdmin tells whether we administer the account.
func (s *standing) accountAdmin() maybe {
	out := no
	for _, token := range s.admins {
		if s.hasRole(token) {
			out = max(out, s.is(token))
		}
	}
	if name, isUser := strings.CutPrefix(s.self, "user:"); out != yes && isUser && s.run.dir.account.user(name) == nil {
		if s.reply(question{asksRoles, name}) == nil {
			return unknown
		}
	}
	return out
}

// hasRole tells whether somebody has the role account_admin by now.
func (s *standing) hasRole(token string) bool {
	if fields, read := s.fields(plan.Key{Kind: kindRoles, Target: accountTarget, Name: token}); read {
		return slices.Contains(valuesOf(fields, fieldRole), roleAccountAdmin)
	}
	return slices.Contains(s.admins, token)
}

// belonging is an account group after so many changes of account groups.
type belonging struct {
	group   string
	changes int
}

// is tells whether a principal of the account is us or a group that we are in.
func (s *standing) is(token string) maybe {
	name, isGroup := strings.CutPrefix(token, "group:")
	if !isGroup {
		return certain(token == s.self)
	}
	made, _ := slices.BinarySearch(s.groups, s.at)
	if was, ok := s.belongs[belonging{name, made}]; ok {
		return was
	}
	is := s.in(name, nil)
	if is != unknown {
		s.belongs[belonging{name, made}] = is
	}
	return is
}

// in tells whether we are in an account group, directly or through those on the
// way, which do not count again.
func (s *standing) in(group string, through []string) maybe {
	switch {
	case group == accountUsersGroup:
		return yes
	case slices.Contains(through, group):
		return no
	}
	members, read := s.members(group)
	if !read {
		return s.listed(group)
	}
	out := no
	for _, m := range members {
		if m == s.self {
			return yes
		}
		if nested, ok := strings.CutPrefix(m, "group:"); ok && out != yes {
			out = max(out, s.in(nested, append(through, group)))
		}
	}
	return out
}

// members are those of an account group by now; false where they were not read.
func (s *standing) members(group string) ([]string, bool) {
	k := plan.Key{Kind: kindGroup, Target: accountTarget, Name: group}
	if i, ok := s.index[k]; ok && i >= s.at && s.changes[i].Action == plan.Create {
		return nil, true // not there yet
	}
	if fields, ok := s.fields(k); ok && slices.ContainsFunc(fields, func(f plan.Field) bool { return f.Name == fieldMember }) {
		return valuesOf(fields, fieldMember), true
	}
	if c, made := s.made(k); made && c.Action != plan.Update {
		return valuesOf(c.After, fieldMember), true
	}
	if answer := s.answers[question{asksMembers, group}]; answer != nil && answer.err == nil {
		return answer.members, true
	}
	return nil, false
}

// listed is what is known of a group of which only that we were in it when we read:
// by which way was not told, so that once a group of ours is left, its members
// are to be asked for.
func (s *standing) listed(group string) maybe {
	if s.wasIn(group) && !s.left() {
		return yes
	}
	s.reply(question{asksMembers, group})
	return unknown
}

// wasIn tells whether we are known to have been in a group before the changes,
// although its members were not read.
func (s *standing) wasIn(group string) bool {
	return slices.ContainsFunc(s.run.clients.Self.Groups, func(name string) bool { return s.run.dir.groupName(accountTarget, name) == group })
}

// left tells whether we, or a group of ours, are no longer in some group by now.
func (s *standing) left() bool {
	return slices.ContainsFunc(s.groups, func(i int) bool {
		c := &s.changes[i]
		return i < s.at && (c.Action == plan.Delete && s.ours(plan.Principal(plan.Fact{Key: c.Key})) || slices.ContainsFunc(c.Removed(fieldMember), s.ours))
	})
}

// entered tells whether we are let into a workspace.
func (s *standing) entered(workspace string) maybe {
	return s.assigned(workspace, func([]string) bool { return true })
}

// workspaceAdmin tells whether we administer a workspace.
func (s *standing) workspaceAdmin(workspace string) maybe {
	if s.run.clients.Account == nil {
		return max(unknown, certain(s.run.clients.Self.Admin[workspace]))
	}
	administers := func(permissions []string) bool { return slices.Contains(permissions, permissionAdmin) }
	out := s.assigned(workspace, administers)
	if out == yes {
		return yes
	}
	first := s.after(0, func() maybe { return s.assigned(workspace, administers) })
	if first != yes && s.run.clients.Self.Admin[workspace] {
		return yes // by a way that no change is about
	}
	return max(out, s.ofAdmins(workspace))
}

// ofAdmins tells whether we are in the group admins of a workspace by a way other
// than an assignment.
func (s *standing) ofAdmins(workspace string) maybe {
	answer := s.reply(question{asksAdmins, workspace})
	if answer == nil || answer.err != nil {
		return unknown
	}
	out := no
	for _, m := range answer.members {
		live, assigned := s.run.Live.Get(plan.Key{Kind: kindAssignment, Target: workspace, Name: m})
		if assigned && slices.Contains(valuesOf(live.Fields, fieldPermission), permissionAdmin) {
			continue
		}
		out = max(out, s.isAt(workspace, m)) // a group there may be the workspace's own
	}
	return out
}

// assigned tells whether we have an assignment to a workspace, by ourselves or by
// a group, whose permissions are enough.
func (s *standing) assigned(workspace string, enough func(permissions []string) bool) maybe {
	out := no
	for _, token := range s.entrants[workspace] {
		fields, _ := s.fields(plan.Key{Kind: kindAssignment, Target: workspace, Name: token})
		if permissions := valuesOf(fields, fieldPermission); len(permissions) > 0 && enough(permissions) {
			if out = max(out, s.is(token)); out == yes {
				return yes
			}
		}
	}
	return out
}

// active tells whether we can still sign in.
func (s *standing) active() maybe {
	c, made := s.made(principalKey(accountTarget, s.self))
	return certain(!made || c.Action != plan.Delete && !slices.Contains(c.Added(fieldActive), isInactive))
}
