package access

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Lack is what a state does not know.
type Lack string

const (
	LackGrants     Lack = "grants"     // what is granted on a securable, or who is in an object's ACL
	LackOwner      Lack = "owner"      // who owns a securable
	LackMembers    Lack = "members"    // who is in a group
	LackFolders    Lack = "folders"    // what an object inherits
	LackBinding    Lack = "binding"    // to which workspaces an isolated catalog is bound
	LackAssignment Lack = "assignment" // who is assigned to a workspace
)

// Gap is one thing that the state does not know and that could mean more access
// than an answer has. For a workspace, the key is that of its assignments without a
// name; a binding to a workspace that the state lacks is the catalog's gap.
type Gap struct {
	Key  plan.Key
	Lack Lack
}

// Gaps is what is not known and could mean more holders of a privilege on an object.
func (a *Access) Gaps(privilege string, object plan.Key) []Gap {
	return a.gaps(a.at(object), privilege)
}

// gaps is what could give a privilege on an object and is not known.
func (a *Access) gaps(o *object, privilege string) []Gap {
	var out []Gap
	add := func(k plan.Key, l Lack) { out = append(out, Gap{k, l}) }
	o.chain(func(at *object) {
		if !at.read {
			add(at.key, LackGrants)
		}
	})
	switch o.key.Kind {
	case kindGrants:
		for at := o; at != nil; at = at.in {
			if at.owner == nil && a.ownerMatters(o, at, privilege) {
				add(at.key, LackOwner)
			}
		}
		if c := o.catalog(); c != nil && c.isolated {
			if c.unbound {
				add(c.key, LackBinding)
			}
			for _, b := range c.bound {
				if b.workspace == nil || !b.workspace.assigned {
					add(c.key, LackAssignment)
				}
			}
		}
	case kindPermissions:
		if o.path != "" && o.path != "/" && !o.inherited && !a.folders(o) {
			add(o.key, LackFolders)
		}
		if o.workspace != nil && !o.workspace.assigned {
			add(plan.Key{Kind: kindAssignment, Target: o.key.Target}, LackAssignment)
		}
	}
	slices.SortFunc(out, compareGaps)
	return slices.Compact(out)
}

func compareGaps(a, b Gap) int {
	return cmp.Or(a.Key.Compare(b.Key), strings.Compare(string(a.Lack), string(b.Lack)))
}

// ownerMatters tells whether the owner of what a securable is in, or of itself,
// could have the privilege or the way to it.
func (a *Access) ownerMatters(o, at *object, privilege string) bool {
	if privilege == manage {
		return true
	}
	if at == o && a.ownerHas(o, privilege) && at.typ != "metastore" {
		return true
	}
	v := view{Access: a}
	return slices.ContainsFunc(v.needs(o, privilege), func(n need) bool { return n.on == at && n.owner })
}

// folders tells whether the state has every folder above an object.
func (a *Access) folders(o *object) bool {
	at := o
	for at.path != "/" {
		if at.in == nil || !at.in.read || at.in.path != parent(at.path) {
			return false
		}
		at = at.in
	}
	return true
}

// unread tells whether there may be grants on a securable, itself or from what it is
// in, that the state does not know.
func (o *object) unread() bool {
	unread := false
	o.chain(func(at *object) { unread = unread || !at.read })
	return unread
}

// unbounded tells whether nobody knows who is in all workspaces that a catalog is bound to.
func (o *object) unbounded() bool {
	return o.unbound || slices.ContainsFunc(o.bound, func(b binding) bool { return b.workspace == nil || !b.workspace.assigned })
}

func parent(p string) string { return path.Dir(p) }
