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
	{[]string{"READ_FILES", "READ_VOLUME", "SELECT"}, "read"},
	{[]string{"MODIFY", "MODIFY_CLEAN_ROOM", "WRITE_FILES", "WRITE_VOLUME"}, "write"},
	{[]string{"EXECUTE", "EXECUTE_CLEAN_ROOM_TASK"}, "run"},
	{[]string{"ACCESS", "USE_CONNECTION", "USE_MARKETPLACE_ASSETS", "USE_PROVIDER", "USE_RECIPIENT", "USE_SHARE"}, "use"},
	{[]string{"EXTERNAL_USE_LOCATION", "EXTERNAL_USE_SCHEMA"}, "reach from outside of Databricks"},
}

// handingOn lets somebody decide who else has what.
var handingOn = []deed{{[]string{"MANAGE", "MANAGE_ALLOWLIST"}, "give others access to"}}

// ways lead to what is granted, and open nothing themselves.
var ways = deed{[]string{"BROWSE", "USE_CATALOG", "USE_SCHEMA"}, "go through"}

// isWay tells an effect that opens nothing by itself.
func isWay(e *plan.Effect) bool {
	return !slices.ContainsFunc(e.Privileges, func(p string) bool { return !slices.Contains(ways.privileges, p) })
}

// isMinor tells an effect of which a reviewer need not know where the same people have
// ALL_PRIVILEGES on the object, which brings it along.
func isMinor(e *plan.Effect) bool {
	return !isWay(e) && e.Object.Kind == "grants" && len(deedsOf(grantDeeds, e.Privileges))+len(deedsOf(handingOn, e.Privileges)) == 0 && !slices.ContainsFunc(e.Privileges, isCreating)
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

// can is what somebody with these privileges can do with an object, which is named or
// called "it".
func can(k plan.Key, privileges []string, it phrase) phrase {
	switch k.Kind {
	case "assignment":
		if slices.Contains(privileges, "ADMIN") {
			return say("administer ").then(it)
		}
		return say("enter ").then(it)
	case "entitlements":
		return say("use ").then(namings(privileges), within(k, it))
	case "roles":
		if slices.Contains(privileges, "account_admin") {
			return say("administer the account")
		}
		return say("act as ").then(namings(privileges), within(k, it))
	}
	words := deedsOf(grantDeeds, privileges)
	if k.Kind == "permissions" {
		if words = deedsOf(levelDeeds, privileges); len(words) > 1 {
			words = words[:1]
		}
	}
	var does []phrase
	if len(words) > 0 {
		does = append(does, say(and(words)+" ").then(it))
		it = say("it")
	}
	if slices.ContainsFunc(privileges, isCreating) {
		does = append(does, say("create objects in ").then(it))
		it = say("it")
	}
	if len(deedsOf(handingOn, privileges)) > 0 {
		does = append(does, say("give others access to ").then(it))
	}
	switch {
	case len(does) > 1:
		return joined(does[:len(does)-1], ", ").then(say(" and "), does[len(does)-1])
	case len(does) > 0:
		return does[0]
	case slices.Contains(privileges, allPrivileges):
		return say("do all else with ").then(it)
	case isWay(&plan.Effect{Privileges: privileges}):
		return say("go through ").then(it, say(", which opens nothing by itself"))
	}
	return say("have ").then(namings(privileges), say(" on "), it)
}

// within says where roles and entitlements hold, unless that was said.
func within(k plan.Key, it phrase) phrase {
	if it.plain() == "it" {
		return nil
	}
	return say(" in ").then(thing(plan.Key{Target: k.Target}))
}

// and joins words as a sentence does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// thing is an object as people call it: "table gold.sales.orders", "cluster shared-etl
// in workspace main".
func thing(k plan.Key) phrase {
	_, name, named := strings.Cut(k.Name, "/")
	workspace := say("workspace ").then(naming(k.Target))
	switch {
	case k.Kind == "roles" && k.Target == "account":
		return say("roles in the account")
	case k.Name == "" && k.Target == "account":
		return say("the account")
	case k.Kind == "roles" || k.Kind == "entitlements":
		return say(k.Kind + " in ").then(workspace)
	case k.Name == "":
		return workspace
	case k.Name == "metastore/current":
		return say("the metastore")
	case !named:
		return naming(k.Name)
	case k.Kind == "permissions":
		return say(typeOf(k)+" ").then(naming(name), say(" in "), workspace)
	}
	return say(typeOf(k) + " ").then(naming(name))
}

// typeOf is what an object is, in one word or two. What is not made of letters was
// never the name of a type.
func typeOf(k plan.Key) string {
	typ, _, _ := strings.Cut(k.Name, "/")
	typ = strings.NewReplacer("_", " ", "-", " ").Replace(typ)
	switch {
	case strings.Trim(typ, " abcdefghijklmnopqrstuvwxyz") != "":
		return "object"
	case k.Kind != "permissions":
		return typ
	case typ == "directories":
		return "folder"
	case strings.HasSuffix(typ, "ies"):
		return strings.TrimSuffix(typ, "ies") + "y"
	}
	return strings.TrimSuffix(typ, "s")
}
