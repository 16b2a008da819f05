package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// ucCaller decides what a caller may do in Unity Catalog: can says which privileges
// it may use, and all else follows from that.
type ucCaller struct {
	w          *world
	identities map[string]bool
	admin      bool
}

func (c *call) uc() ucCaller {
	u := c.world.ucCaller(c.caller.id)
	u.admin = u.admin || c.shownTo()
	return u
}

func (w *world) ucCaller(id string) ucCaller {
	return ucCaller{w: w, identities: w.identities(id), admin: w.isMetastoreAdmin(id)}
}

// owns tells owners of a securable or of what it is in, and metastore admins.
func (u ucCaller) owns(sec *Securable) bool {
	return u.admin || slices.ContainsFunc(u.w.chain(sec), func(s *Securable) bool { return u.identities[s.Owner] })
}

// has tells whether a privilege was granted on a securable or on what it is in.
func (u ucCaller) has(sec *Securable, privilege string) bool {
	return slices.ContainsFunc(u.w.chain(sec), func(s *Securable) bool { return u.granted(s.Grants, privilege) })
}

func (u ucCaller) granted(grants []Grant, privilege string) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return u.identities[g.Principal] && (slices.Contains(g.Privileges, privilege) ||
			slices.Contains(g.Privileges, allPrivileges) && !slices.Contains(notInAll, privilege))
	})
}

// hasAny tells whether anything that applies to a securable was granted on it or
// on what it is in. BROWSE is no access.
func (u ucCaller) hasAny(sec *Securable) bool {
	t := securableTypeOf(sec.Type)
	return slices.ContainsFunc(t.privilegesOf(sec.TableType), func(p string) bool {
		return p != privBrowse && p != allPrivileges && u.has(sec, p)
	})
}

// manages tells who may grant on a securable, change and delete it.
func (u ucCaller) manages(sec *Securable) bool {
	return u.owns(sec) || u.can(sec, privManage)
}

func (u ucCaller) needManage(sec *Securable) error {
	if u.manages(sec) {
		return nil
	}
	if err := u.way(sec, privManage); err != nil {
		return err
	}
	return u.lacks(sec, privManage)
}

func (u ucCaller) lacks(sec *Securable, privilege string) error {
	return denied("User does not have %s on %s '%s'.", strings.ReplaceAll(privilege, "_", " "), securableTypeOf(sec.Type).label, sec.Name)
}

// reach is the error for callers who lack USE CATALOG or USE SCHEMA on what a
// securable is in.
func (u ucCaller) reach(sec *Securable) error {
	chain := u.w.chain(sec)
	for i := len(chain) - 1; i > 0; i-- {
		if use := securableTypeOf(chain[i].Type).use; !u.w.unseen(chain[i]) && !u.holds(chain[i], use) {
			return u.lacks(chain[i], use)
		}
	}
	return nil
}

// unseen tells containers whose grants a snapshot does not hold: nobody can say whom
// they keep out.
func (w *world) unseen(sec *Securable) bool {
	return w.snap != nil && !w.snap.looked[grantsLook(sec.Type, sec.Name)]
}

// access is the error for callers who may not read a securable. With browse, BROWSE
// is enough.
func (u ucCaller) access(sec *Securable, browse bool) error {
	if u.owns(sec) || browse && u.has(sec, privBrowse) {
		return nil
	}
	if err := u.reach(sec); err != nil {
		return err
	}
	if use := securableTypeOf(sec.Type).use; use != "" {
		if u.can(sec, use) {
			return nil
		}
		return u.lacks(sec, use)
	}
	if u.hasAny(sec) {
		return nil
	}
	return u.lacks(sec, "any privilege")
}

// needCreate is the error for callers who may make nothing of a kind in a parent.
func (u ucCaller) needCreate(parent *Securable, privilege string) error {
	if u.can(parent, privilege) {
		return nil
	}
	if err := u.access(parent, false); err != nil {
		return err
	}
	return u.lacks(parent, privilege)
}

// ucPrincipal finds who a name means in Unity Catalog, which knows account
// principals alone, and new ones only after a while.
func (c *call) ucPrincipal(name string) (*principal, error) {
	p := c.world.accountPrincipal(name)
	if p == nil || !c.settled(p.id, c.s.Knobs().PrincipalDelay) {
		return nil, errf(http.StatusNotFound, "PRINCIPAL_DOES_NOT_EXIST", "Could not find principal with name %s", name)
	}
	return p, nil
}

// ucName is how Unity Catalog names a principal: users in lower case, and those
// who are gone not at all.
func (c *call) ucName(id string) string {
	p := c.world.principals[id]
	switch {
	case p == nil:
		return ""
	case p.kind == kindUser:
		return strings.ToLower(p.name)
	}
	return p.name
}
