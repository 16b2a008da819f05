package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

func (s *Server) permissionRoutes() []route {
	var routes []route
	for _, base := range []string{"/api/2.0/permissions/{type}/{id}", "/api/2.0/permissions/sql/{sql}/{id}"} {
		routes = append(routes,
			route{method: "GET", path: base, handle: getPermissions},
			route{method: "PUT", path: base, handle: setPermissions, touches: touchesContents},
			route{method: "PATCH", path: base, handle: updatePermissions, touches: touchesContents},
			route{method: "GET", path: base + "/permissionLevels", handle: getPermissionLevels},
		)
	}
	return routes
}

// aclRequest is one entry as clients send it; exactly one principal is set.
type aclRequest struct {
	UserName             string `json:"user_name"`
	GroupName            string `json:"group_name"`
	ServicePrincipalName string `json:"service_principal_name"`
	PermissionLevel      string `json:"permission_level"`
}

type permissionsAnswer struct {
	ObjectID   string      `json:"object_id"`
	ObjectType string      `json:"object_type"`
	ACL        []aclAnswer `json:"access_control_list"`
}

type aclAnswer struct {
	UserName             string             `json:"user_name,omitempty"`
	GroupName            string             `json:"group_name,omitempty"`
	ServicePrincipalName string             `json:"service_principal_name,omitempty"`
	DisplayName          string             `json:"display_name,omitempty"`
	AllPermissions       []permissionAnswer `json:"all_permissions"`
}

type permissionAnswer struct {
	PermissionLevel     string   `json:"permission_level"`
	Inherited           bool     `json:"inherited"`
	InheritedFromObject []string `json:"inherited_from_object,omitempty"`
}

// permissionTarget is the object and the type that the path names.
func (c *call) permissionTarget() (*Object, *objectType, error) {
	name, id := c.params["type"], c.params["id"]
	if sql := c.params["sql"]; sql != "" {
		name = sqlTypes[sql]
		if name == "" {
			return nil, nil, badValue("request_object_type is not recognized: sql/%s", sql)
		}
	}
	t := objectTypeOf(name, id)
	if t == nil && name == "authorization" {
		return nil, nil, notFound("%s %s does not exist", name, id)
	}
	if t == nil {
		return nil, nil, badValue("request_object_type is not recognized: %s", name)
	}
	o := c.object(name, id)
	if o != nil && o.Deleted && t.deleted == deletedInvalid {
		return nil, nil, errf(http.StatusBadRequest, "INVALID_STATE",
			"Cannot access cluster %s that was terminated or unpinned more than 30 days ago.", id)
	}
	if o == nil || o.Deleted && t.deleted != deletedKeeps {
		return nil, nil, notFound("%s %s does not exist", t.object, id)
	}
	return o, t, nil
}

// managedTarget is permissionTarget for callers who may manage the object.
func (c *call) managedTarget() (*Object, *objectType, error) {
	o, t, err := c.permissionTarget()
	if err != nil {
		return nil, nil, err
	}
	return o, t, c.needManage(o)
}

func getPermissions(c *call) (any, error) {
	o, t, err := c.managedTarget()
	if err != nil {
		return nil, err
	}
	return c.showPermissions(o, t), nil
}

func getPermissionLevels(c *call) (any, error) {
	type level struct {
		PermissionLevel string `json:"permission_level"`
		Description     string `json:"description"`
	}
	_, t, err := c.permissionTarget()
	if err != nil {
		return nil, err
	}
	levels := []level{}
	for _, l := range t.allowed() {
		words := strings.ToLower(strings.ReplaceAll(l, "_", " "))
		levels = append(levels, level{l, strings.ToUpper(words[:1]) + words[1:] + " permission on the " + strings.ToLower(t.label)})
	}
	return map[string]any{"permission_levels": levels}, nil
}

func (c *call) showPermissions(o *Object, t *objectType) permissionsAnswer {
	ans := permissionsAnswer{ObjectID: t.prefix() + o.ID, ObjectType: t.object, ACL: []aclAnswer{}}
	last := ""
	for _, v := range c.world.effectiveACL(c.ws, o) {
		if v.principal != last {
			ans.ACL = append(ans.ACL, c.showPrincipal(v.principal))
			last = v.principal
		}
		entry := &ans.ACL[len(ans.ACL)-1]
		if v.from == "" {
			entry.AllPermissions = append(entry.AllPermissions, permissionAnswer{PermissionLevel: v.level})
			continue
		}
		same := func(p permissionAnswer) bool { return p.Inherited && p.PermissionLevel == v.level }
		i := slices.IndexFunc(entry.AllPermissions, same)
		if i < 0 {
			i = len(entry.AllPermissions)
			entry.AllPermissions = append(entry.AllPermissions, permissionAnswer{PermissionLevel: v.level, Inherited: true})
		}
		found := &entry.AllPermissions[i]
		if v.from == fromNowhere {
			continue
		}
		found.InheritedFromObject = append(found.InheritedFromObject, v.from)
	}
	return ans
}

func (c *call) showPrincipal(id string) aclAnswer {
	p := c.world.principals[id]
	switch p.kind {
	case kindUser:
		return aclAnswer{UserName: p.name, DisplayName: p.display}
	case kindServicePrincipal:
		return aclAnswer{ServicePrincipalName: p.name, DisplayName: p.display}
	}
	return aclAnswer{GroupName: p.name}
}

// setPermissions replaces all direct entries.
func setPermissions(c *call) (any, error) {
	return c.writePermissions(func(o *Object, t *objectType, sent []ACLEntry) ([]ACLEntry, error) {
		acl := upsertACL(nil, sent)
		if t.owner == ownerKept {
			return keepOwner(o, acl)
		}
		return acl, nil
	})
}

// updatePermissions gives each principal it names a new direct level; it removes
// nothing.
func updatePermissions(c *call) (any, error) {
	return c.writePermissions(func(o *Object, t *objectType, sent []ACLEntry) ([]ACLEntry, error) {
		if t.owner == ownerExactly && countOwners(o.ACL) == 0 {
			return nil, errf(http.StatusInternalServerError, "INTERNAL_ERROR", "%s %s has no owner.", t.label, o.ID)
		}
		return upsertACL(o.ACL, sent), nil
	})
}

// writePermissions checks a request, lets merge make the new direct entries of
// it, checks these and stores them.
func (c *call) writePermissions(merge func(*Object, *objectType, []ACLEntry) ([]ACLEntry, error)) (any, error) {
	o, t, err := c.managedTarget()
	if err != nil {
		return nil, err
	}
	var body struct {
		ACL []aclRequest `json:"access_control_list"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	sent, err := c.readACL(body.ACL, t)
	if err != nil {
		return nil, err
	}
	acl, err := merge(o, t, sent)
	if err != nil {
		return nil, err
	}
	if err := c.checkWrittenACL(acl, o, t); err != nil {
		return nil, err
	}
	o.ACL = acl
	return c.showPermissions(o, t), nil
}
