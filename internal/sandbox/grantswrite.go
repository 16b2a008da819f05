package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// grantChange is what a request changes for one principal.
type grantChange struct {
	Principal string   `json:"principal"`
	Add       []string `json:"add"`
	Remove    []string `json:"remove"`
}

// updateGrants applies deltas. A change removes first and adds then, so that
// removing ALL_PRIVILEGES and adding one of those it covers leaves the latter.
func updateGrants(c *call) (any, error) {
	target, err := c.grantTarget()
	if err != nil {
		return nil, err
	}
	var body struct {
		Changes      []grantChange `json:"changes"`
		OmitResponse bool          `json:"omit_permissions_in_response"`
		OmitList     bool          `json:"omit_permissions_list"` // the shares API's name for it
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if err := c.needGrant(target); err != nil {
		return nil, err
	}
	grants := slices.Clone(*target.grants)
	for _, change := range body.Changes {
		id, err := c.checkGrantChange(target, &change)
		if err != nil {
			return nil, err
		}
		grants = applyGrantChange(grants, id, change)
	}
	*target.grants = grants
	if body.OmitResponse || body.OmitList {
		return nil, nil
	}
	return assignments{PrivilegeAssignments: c.showGrants(target)}, nil
}

func (c *call) needGrant(target grantTarget) error {
	u := c.uc()
	if target.sec != nil {
		return u.needManage(target.sec)
	}
	if !u.admin {
		return denied("User is not an owner of Metastore '%s'.", target.name)
	}
	return nil
}

// checkGrantChange resolves the principal and puts the privileges into the form
// in which they are kept.
func (c *call) checkGrantChange(target grantTarget, change *grantChange) (string, error) {
	p, err := c.ucPrincipal(change.Principal)
	if err != nil {
		return "", err
	}
	tableType := ""
	if target.sec != nil {
		tableType = target.sec.TableType
	}
	for _, list := range [][]string{change.Add, change.Remove} {
		for i, name := range list {
			privilege, ok := target.t.privilege(name, tableType)
			if !ok {
				return "", badValue("Privilege %s is not applicable to this entity [%s:%s]. It has: %s",
					privilege, target.name, strings.ToUpper(target.t.name), strings.Join(target.t.privilegesOf(tableType), ", "))
			}
			if err := c.needCatalogOwner(target, privilege); err != nil {
				return "", err
			}
			list[i] = privilege
		}
	}
	for _, privilege := range change.Add {
		if slices.Contains(change.Remove, privilege) {
			return "", errf(http.StatusBadRequest, "INVALID_PARAMETER_VALUE",
				"Duplicate privileges to add and delete for principal %s.", change.Principal)
		}
	}
	return p.id, nil
}

// needCatalogOwner: EXTERNAL USE SCHEMA is the catalog owner's alone, not even the
// metastore admin's.
func (c *call) needCatalogOwner(target grantTarget, privilege string) error {
	if privilege != privExternalSchema {
		return nil
	}
	chain := c.world.chain(target.sec)
	catalog := chain[len(chain)-1]
	if c.world.identities(c.caller.id)[catalog.Owner] {
		return nil
	}
	return denied("Only the owner of Catalog '%s' may grant or revoke EXTERNAL USE SCHEMA.", catalog.Name)
}

func applyGrantChange(grants []Grant, id string, change grantChange) []Grant {
	i := slices.IndexFunc(grants, func(g Grant) bool { return g.Principal == id })
	var held []string
	if i >= 0 {
		held = slices.Clone(grants[i].Privileges)
	}
	held = slices.DeleteFunc(held, func(p string) bool {
		return slices.Contains(change.Remove, p) ||
			slices.Contains(change.Remove, allPrivileges) && !slices.Contains(notInAll, p)
	})
	held = append(held, change.Add...)
	slices.Sort(held)
	held = slices.Compact(held)
	switch {
	case i < 0 && len(held) > 0:
		grants = append(grants, Grant{Principal: id, Privileges: held})
	case i >= 0 && len(held) == 0:
		grants = slices.Delete(grants, i, i+1)
	case i >= 0:
		grants[i].Privileges = held
	}
	return grants
}
