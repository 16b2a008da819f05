package reconcile

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// managesObject tells whether we may change the ACL of an object.
func (s *standing) managesObject(key plan.Key) maybe {
	out := no
	fields, _ := s.fields(key)
	for _, f := range fields {
		if manages(f.Values) {
			out = max(out, s.isAt(key.Target, f.Name))
		}
	}
	live, _ := s.run.Live.Get(key)
	for i := range inherited(live) {
		if out != yes && s.inherits(key.Target, i) {
			out = max(out, s.isAt(key.Target, i.principal))
		}
	}
	if out != yes {
		out = max(out, s.givenAbove(key))
	}
	if out != yes {
		out = max(out, s.workspaceAdmin(key.Target))
	}
	return out
}

func manages(levels []string) bool {
	return slices.Contains(levels, canManage) || slices.Contains(levels, isOwner)
}

// inheritance is who manages an object because of something that it is in, as the API
// names that: /directories/12.
type inheritance struct{ principal, from string }

// inherited is who manages an object by inheritance, as it was read.
func inherited(live *plan.Resource) iter.Seq[inheritance] {
	return func(yield func(inheritance) bool) {
		if live == nil {
			return
		}
		for _, f := range live.Context {
			principal, inherits := strings.CutPrefix(f.Name, plan.ContextInherited)
			for _, v := range f.Values {
				level, from := plan.Inherited(v)
				if inherits && level == canManage && !yield(inheritance{principal, from}) {
					return
				}
			}
		}
	}
}

// inherits tells whether an inherited right is still there: what a change of its
// folder does not take stays.
func (s *standing) inherits(workspace string, i inheritance) bool {
	id, isFolder := strings.CutPrefix(i.from, "/directories/")
	k, known := s.folders[place{workspace, cmp.Or(id, "0")}]
	if _, made := s.made(k); !isFolder || !known || !made {
		return true
	}
	fields, _ := s.fields(k)
	return manages(valuesOf(fields, i.principal))
}

// givenAbove tells whether a change gave us the right on a folder that the object
// is in.
func (s *standing) givenAbove(key plan.Key) maybe {
	out := no
	for _, k := range s.directories[key.Target] {
		_, made := s.made(k)
		if !made || !within(s.run.objects[key].Name, s.run.objects[k].Name) {
			continue
		}
		fields, _ := s.fields(k)
		for _, f := range fields {
			if manages(f.Values) {
				out = max(out, s.isAt(key.Target, f.Name))
			}
		}
	}
	return out
}

// within tells whether a path is below a folder. Neither begins with a slash for
// certain.
func within(path, folder string) bool {
	path, folder = strings.Trim(path, "/"), strings.Trim(folder, "/")
	return folder == "" || strings.HasPrefix(path, folder+"/")
}

// isAt tells whether a principal of an ACL is us, or a group that we are in.
func (s *standing) isAt(workspace, token string) maybe {
	name, isGroup := strings.CutPrefix(token, "group:")
	switch {
	case !isGroup:
		return certain(token == s.self)
	case name == usersGroup:
		return yes
	case name == adminsGroup:
		return s.workspaceAdmin(workspace)
	case s.run.dir.whereIs(workspace, name) == accountTarget:
		return s.is(token)
	}
	return s.inLocal(workspace, name)
}

// inLocal tells whether we are in a group of the workspace alone. The workspace
// told which of these we are in; through which other groups it did not say.
func (s *standing) inLocal(workspace, name string) maybe {
	if c, made := s.made(plan.Key{Kind: kindGroup, Target: workspace, Name: name}); made {
		switch {
		case c.Action == plan.Delete:
			return no
		case slices.Contains(c.Added(fieldMember), s.self):
			return yes
		case !slices.Contains(c.Removed(fieldMember), s.self):
		case slices.ContainsFunc(valuesOf(c.After, fieldMember), plan.IsGroup):
			return unknown
		default:
			return no
		}
	}
	g, err := s.run.dir.workspaces[workspace].group(name, true)
	if err == nil && g != nil && s.run.clients.Self.groupIDs[g.ID] {
		return yes
	}
	return unknown
}
