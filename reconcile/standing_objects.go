package reconcile

import (
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go/service/iam"

	"github.com/brickgate/brickgate/plan"
)

// inheritance is who manages an object because of something that it is in.
type inheritance struct {
	Principal string
	From      []string // as the API names what it comes from, as /directories/12
}

// inheritances keeps who manages an object by inheritance. The admins of the
// workspace are left out: they manage everything.
func (r *Run) inheritances(key plan.Key, acl []iam.AccessControlResponse) []inheritance {
	var out []inheritance
	for _, e := range acl {
		if e.GroupName == adminsGroup {
			continue
		}
		for _, p := range e.AllPermissions {
			if p.Inherited && string(p.PermissionLevel) == canManage {
				out = append(out, inheritance{r.aclPrincipal(key.Target, e), p.InheritedFromObject})
			}
		}
	}
	return out
}

// managesObject tells whether we may change the ACL of an object.
func (s *standing) managesObject(key plan.Key) maybe {
	out := no
	fields, _ := s.fields(key)
	for _, f := range fields {
		if manages(f.Values) {
			out = max(out, s.isAt(key.Target, f.Name))
		}
	}
	for _, i := range s.run.inherited[key] {
		if out != yes && s.inherits(key.Target, i) {
			out = max(out, s.isAt(key.Target, i.Principal))
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

// inherits tells whether an inherited right still comes from anywhere.
func (s *standing) inherits(workspace string, i inheritance) bool {
	if len(i.From) == 0 {
		return true
	}
	return slices.ContainsFunc(i.From, func(from string) bool {
		id, isFolder := strings.CutPrefix(from, "/directories/")
		if id == "" {
			id = "0"
		}
		k, known := s.folders[place{workspace, id}]
		if _, made := s.made(k); !isFolder || !known || !made {
			return true
		}
		fields, _ := s.fields(k)
		return manages(valuesOf(fields, i.Principal))
	})
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
