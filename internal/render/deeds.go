package render

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Privileges and levels in words that need no knowledge of the platform. What is not
// here is told by its name.

// deed is what privileges let somebody do with an object.
type deed struct {
	privileges []string
	words      string
}

// levelDeeds are the permission levels of workspace objects, each of which includes those
// behind it, as far as an object has them; the first that is held is told.
var levelDeeds = []deed{
	{[]string{"IS_OWNER"}, "own"},
	{[]string{"CAN_MANAGE"}, "manage"},
	{[]string{"CAN_MANAGE_PRODUCTION_VERSIONS"}, "manage the production versions of"},
	{[]string{"CAN_MANAGE_STAGING_VERSIONS"}, "manage the staging versions of"},
	{[]string{"CAN_CREATE"}, "create in"},
	{[]string{"CAN_EDIT"}, "edit"},
	{[]string{"CAN_MANAGE_RUN"}, "start and stop"},
	{[]string{"CAN_RESTART"}, "restart and use"},
	{[]string{"CAN_RUN"}, "run"},
	{[]string{"CAN_QUERY"}, "query"},
	{[]string{"CAN_USE", "CAN_ATTACH_TO", "CAN_BIND"}, "use"},
	{[]string{"CAN_MONITOR", "CAN_MONITOR_ONLY"}, "watch"},
	{[]string{"CAN_READ"}, "read"},
	{[]string{"CAN_VIEW", "CAN_VIEW_METADATA"}, "see"},
}

// grantDeeds are the privileges on securables that a reviewer decides by; all that are
// held are told.
var grantDeeds = []deed{
	{[]string{"MANAGE", "MANAGE_ALLOWLIST"}, "give others access to"},
	{[]string{"READ_FILES", "READ_VOLUME", "SELECT"}, "read"},
	{[]string{"MODIFY", "MODIFY_CLEAN_ROOM", "WRITE_FILES", "WRITE_VOLUME"}, "write"},
	{[]string{"EXECUTE", "EXECUTE_CLEAN_ROOM_TASK"}, "run"},
	{[]string{"ACCESS", "USE_CONNECTION", "USE_MARKETPLACE_ASSETS", "USE_PROVIDER", "USE_RECIPIENT", "USE_SHARE"}, "use"},
	{[]string{"EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA"}, "reach from outside of Databricks"},
}

// ways lead to what is granted, and open nothing themselves.
var ways = deed{[]string{"BROWSE", "USE_CATALOG", "USE_SCHEMA"}, "go through"}

// isWay tells an effect that opens nothing by itself.
func isWay(e *plan.Effect) bool {
	return !slices.ContainsFunc(e.Privileges, func(p string) bool { return !slices.Contains(ways.privileges, p) })
}

// isMinor tells an effect of which a reviewer need not know where the same people have
// ALL_PRIVILEGES on the object, which brings it along.
func isMinor(e *plan.Effect) bool {
	return !isWay(e) && e.Object.Kind == "grants" && len(deedsOf(grantDeeds, e.Privileges)) == 0 && !slices.ContainsFunc(e.Privileges, isCreating)
}

func isCreating(p string) bool { return strings.HasPrefix(p, "CREATE_") }

func deedsOf(table []deed, privileges []string) []string {
	var out []string
	for _, d := range table {
		if slices.ContainsFunc(d.privileges, func(p string) bool { return slices.Contains(privileges, p) }) {
			out = append(out, d.words)
		}
	}
	return out
}

// can is what somebody with these privileges can do with the object: "read it".
func can(k plan.Key, privileges []string) string {
	switch k.Kind {
	case "assignment":
		if slices.Contains(privileges, "ADMIN") {
			return "administer it"
		}
		return "enter it"
	case "entitlements":
		return "use " + listed(privileges)
	case "roles":
		if slices.Contains(privileges, "account_admin") {
			return "administer the account"
		}
		return "act as " + listed(privileges)
	case "permissions":
		if words := deedsOf(levelDeeds, privileges); len(words) > 0 {
			return words[0] + " it"
		}
		return "have " + listed(privileges) + " on it"
	}
	words := deedsOf(grantDeeds, privileges)
	if len(words) == 0 && slices.Contains(privileges, "ALL_PRIVILEGES") {
		return "do all else with it"
	}
	if slices.ContainsFunc(privileges, isCreating) {
		words = append(words, "create in")
	}
	switch {
	case len(words) > 0:
		return and(words) + " it"
	case !slices.ContainsFunc(privileges, func(p string) bool { return !slices.Contains(ways.privileges, p) }):
		return ways.words + " it, which opens nothing by itself"
	}
	return "have " + listed(privileges) + " on it"
}

func listed(names []string) string { return safe(strings.Join(names, ", ")) }

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// thing is an object as people call it: "table gold.sales.orders", "cluster shared-etl
// in workspace main".
func thing(k plan.Key) string {
	typ, name, named := strings.Cut(k.Name, "/")
	switch {
	case k.Kind == "roles" && k.Target == "account":
		return "roles in the account"
	case k.Kind == "roles" || k.Kind == "entitlements":
		return k.Kind + " in workspace " + safe(k.Target)
	case k.Name == "":
		return "workspace " + safe(k.Target)
	case k.Name == "metastore/current":
		return "the metastore"
	case !named:
		return safe(k.Name)
	}
	typ = strings.NewReplacer("_", " ", "-", " ").Replace(typ)
	if k.Kind == "permissions" {
		return singular(typ) + " " + safe(name) + " in workspace " + safe(k.Target)
	}
	return safe(typ) + " " + safe(name)
}

// singular is one of the objects that a type names.
func singular(types string) string {
	switch {
	case types == "directories":
		return "folder"
	case strings.HasSuffix(types, "ies"):
		return strings.TrimSuffix(types, "ies") + "y"
	}
	return safe(strings.TrimSuffix(types, "s"))
}
