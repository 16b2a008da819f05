package access

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Platform is what Databricks can grant, from the tables that read and write it.
type Platform struct {
	// Privileges lists what can be granted on a type of securable; nil for none.
	Privileges func(securable string) []string
	// Levels lists the permission levels of a type of object, weak to strong and
	// without IS_OWNER; nil for none.
	Levels func(object string) []string
}

// Kinds and fields of facts, as reconcile reads and declares them.
const (
	kindAssignment   = "assignment"
	kindEntitlements = "entitlements"
	kindGrants       = "grants"
	kindGroup        = "group"
	kindOwner        = "owner"
	kindPermissions  = "permissions"
	kindRoles        = "roles"
	kindSP           = "servicePrincipal"
	kindUser         = "user"

	fieldActive     = "active"
	fieldMember     = "member"
	fieldOwner      = "owner"
	fieldPermission = "permission"

	account   = "account"
	metastore = "metastore"
)

const (
	isolated     = "ISOLATED"
	readWrite    = "READ_WRITE"
	inactive     = "false"
	accountUsers = "group:account users"
	users        = "group:users"
	admins       = "group:admins"

	permissionUser  = "USER"
	permissionAdmin = "ADMIN"
	isOwner         = "IS_OWNER"
)

const (
	allPrivileges = "ALL_PRIVILEGES"
	browse        = "BROWSE"
	manage        = "MANAGE"
	useCatalog    = "USE_CATALOG"
	useSchema     = "USE_SCHEMA"
)

// notInAll are the privileges that ALL_PRIVILEGES does not give:
// https://docs.databricks.com/aws/en/data-governance/unity-catalog/access-control/privileges-reference#all-privileges
// and, for the last, databricks/cli#6733.
var notInAll = []string{"EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA", manage, "READ_METADATA"}

// notOwners are those that an owner lacks. ALL_PRIVILEGES is not granted to owners,
// who have it all the same.
var notOwners = []string{allPrivileges, "EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA"}

// InAll tells whether ALL_PRIVILEGES gives a privilege.
func InAll(privilege string) bool { return !slices.Contains(notInAll, privilege) }

// companions are privileges that count with another one only.
var companions = map[string]string{"MODIFY": "SELECT", "WRITE_FILES": "READ_FILES"}

// aboutItself are the privileges on containers that are about the container, in
// contrast to what is in it.
var aboutItself = map[string][]string{
	"catalog": {"APPLY_TAG", browse, "CREATE_SCHEMA", manage, "READ_METADATA", useCatalog},
	"schema": {
		"APPLY_TAG", "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME",
		"EXTERNAL_USE_SCHEMA", manage, "READ_METADATA", useSchema,
	},
}

// reading are the privileges that a read-only binding leaves.
var reading = []string{browse, "EXECUTE", "EXTERNAL_USE_SCHEMA", "READ_METADATA", "READ_VOLUME", "SELECT", useCatalog, useSchema}

// unordered are the levels of a type of which neither includes the other: a
// warehouse is monitored or used.
var unordered = map[string][2]string{"warehouses": {"CAN_MONITOR", "CAN_USE"}}

// weighty are the privileges that others are judged by, the one that does most first.
var weighty = []string{manage, "MODIFY", "WRITE_FILES", "WRITE_VOLUME", "SELECT", "READ_FILES", "READ_VOLUME", "EXECUTE"}

// Strongest is the privilege or level that does most of some on an object; of those
// that nobody weighs, the first.
func (p Platform) Strongest(object plan.Key, privileges []string) string {
	order := weighty
	if typ, _, _ := strings.Cut(object.Name, "/"); object.Kind == kindPermissions {
		order = append(slices.Clone(p.Levels(typ)), isOwner)
		slices.Reverse(order)
	}
	for _, strong := range order {
		if slices.Contains(privileges, strong) {
			return strong
		}
	}
	return privileges[0]
}

// Includes tells whether one level of a type gives another.
func (p Platform) Includes(object, has, wanted string) bool {
	if has == wanted {
		return true
	}
	if wanted == isOwner {
		return false
	}
	levels := p.Levels(object)
	w := slices.Index(levels, wanted)
	if w < 0 {
		return false
	}
	if has == isOwner {
		return true
	}
	apart := unordered[object]
	if slices.Contains(apart[:], has) && slices.Contains(apart[:], wanted) {
		return false
	}
	return slices.Index(levels, has) > w
}

// inTree are the types whose objects inherit from the folders above; dashboards
// have a name or a path, which their context says.
var inTree = []string{"directories", "files", "notebooks", "repos"}
