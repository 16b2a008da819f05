package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// readACL resolves the entries of a request, in their order. The same principal
// may come twice, except on GCP (databricks/cli#3688).
func (c *call) readACL(requests []aclRequest, t *objectType) ([]ACLEntry, error) {
	var entries []ACLEntry
	for _, r := range requests {
		p, named, err := c.aclPrincipal(r)
		if err != nil {
			return nil, err
		}
		level, ok := t.level(r.PermissionLevel)
		if !ok {
			return nil, badValue("permission_level %q is not supported for %s; supported: %s",
				r.PermissionLevel, t.object, strings.Join(t.allowed(), ", "))
		}
		if level == levelOwner && p.kind == kindGroup {
			return nil, badValue("Groups can not be owners; %s was given IS_OWNER on %s", named, t.object)
		}
		twice := slices.ContainsFunc(entries, func(e ACLEntry) bool { return e.Principal == p.id })
		if twice && c.s.Knobs().cloud() == "gcp" {
			return nil, badValue("Permissions being set for %s are ambiguous", named)
		}
		entries = append(entries, ACLEntry{Principal: p.id, Level: level})
	}
	return entries, nil
}

// aclPrincipal finds who an entry means among those the workspace knows. A user
// name that is a service principal's application id is taken as such
// (databricks/cli#6710).
func (c *call) aclPrincipal(r aclRequest) (p *principal, named string, err error) {
	given := 0
	try := func(kind principalKind, label, name string) {
		if name == "" {
			return
		}
		given++
		named = fmt.Sprintf("%s(%s)", label, name)
		p = c.world.namedIn(c.ws, kind, name)
		if p == nil && kind == kindUser {
			p = c.world.namedIn(c.ws, kindServicePrincipal, name)
		}
	}
	try(kindUser, "UserName", r.UserName)
	try(kindGroup, "GroupName", r.GroupName)
	try(kindServicePrincipal, "ServicePrincipalName", r.ServicePrincipalName)
	if given != 1 {
		return nil, "", badValue("an entry of access_control_list needs exactly one of user_name, group_name and service_principal_name, got %d", given)
	}
	if p == nil {
		return nil, "", notFound("Principal: %s does not exist", named)
	}
	return p, named, nil
}

// upsertACL gives each principal in sent its last level there.
func upsertACL(acl, sent []ACLEntry) []ACLEntry {
	acl = slices.Clone(acl)
	for _, e := range sent {
		same := func(have ACLEntry) bool { return have.Principal == e.Principal }
		if i := slices.IndexFunc(acl, same); i >= 0 {
			acl[i] = e
		} else {
			acl = append(acl, e)
		}
	}
	return acl
}

// keepOwner puts the present owner into entries that name none.
func keepOwner(o *Object, acl []ACLEntry) ([]ACLEntry, error) {
	if countOwners(acl) > 0 {
		return acl, nil
	}
	for _, e := range o.ACL {
		if e.Level == levelOwner {
			return upsertACL(acl, []ACLEntry{e}), nil
		}
	}
	return nil, badValue("PUT requests for warehouse %s with no existing owner must provide a new owner.", o.ID)
}

func countOwners(acl []ACLEntry) int {
	n := 0
	for _, e := range acl {
		if e.Level == levelOwner {
			n++
		}
	}
	return n
}

// checkWrittenACL is about the whole of the new direct entries.
func (c *call) checkWrittenACL(acl []ACLEntry, o *Object, t *objectType) error {
	owners := countOwners(acl)
	if t.owner == ownerExactly && owners != 1 || owners > 1 {
		return badValue("The %s must have exactly one owner.", strings.ToLower(t.label))
	}
	if !t.adminsDirect || o.ID != t.rootID {
		return nil
	}
	admins := c.world.systemGroup(c.ws, groupAdmins).ID
	level := "None"
	for _, e := range acl {
		if e.Principal == admins {
			level = e.Level
		}
	}
	if level != levelManage {
		return errf(http.StatusBadRequest, "INVALID_PARAMETER_VALUE", "Cannot change permissions for group 'admins' to %s.", level)
	}
	return nil
}
