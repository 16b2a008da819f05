package sandbox

import (
	"slices"
	"strings"
)

// objectType is one row of what the permissions API knows.
// Levels, ids and owner rules: terraform-provider-databricks
// permissions/permission_definitions.go, databricks/cli libs/testserver and the
// level enums of SDK v0.175.0.
type objectType struct {
	name   string // request_object_type; "authorization" has one row for each of its two ids
	object string // object_type of answers
	label  string // in messages
	under  string // the first part of object_id, where it is not the name
	levels []string
	alias  map[string]string // levels that are stored as another one
	owner  ownerRule
	id     idForm
	// tree is the object_type that the workspace tree shows; empty for what does
	// not stand in it.
	tree string
	// adminsDirect: admins have no inherited entry but a direct one, which no
	// write may lower. rootID is the object of this type that has it, and from
	// which all others inherit.
	adminsDirect bool
	rootID       string
	deleted      afterDelete
}

// ownerRule says who owns objects of a type.
type ownerRule int

const (
	ownerNone    ownerRule = iota // the type has no IS_OWNER
	ownerExactly                  // every write has to leave exactly one
	ownerKept                     // a write that names none keeps the one there is
)

// idForm is how ids of a type look.
type idForm int

const (
	idNumber idForm = iota
	idUUID
	idHex16
	idHex32
	idCluster
	idName // the object's name is its id
	idFixed
)

// afterDelete says what the permissions API answers for a deleted object.
type afterDelete int

const (
	deletedGone    afterDelete = iota // 404, as if it had never been there
	deletedKeeps                      // goes on answering with the ACL
	deletedInvalid                    // 400 INVALID_STATE
)

const (
	levelManage = "CAN_MANAGE"
	levelOwner  = "IS_OWNER"
	levelUse    = "CAN_USE"
)

var (
	treeLevels  = []string{"CAN_READ", "CAN_RUN", "CAN_EDIT", levelManage}
	useLevels   = []string{levelUse, levelManage}
	makeLevels  = []string{levelUse, "CAN_CREATE", levelManage}
	queryLevels = []string{"CAN_QUERY", levelManage}
	viewIsRead  = map[string]string{"CAN_VIEW": "CAN_READ"}
)

var objectTypes = []objectType{
	{name: "alerts", object: "alert", label: "Alert", under: "sql/alerts", levels: treeLevels, alias: viewIsRead, id: idUUID},
	{name: "alertsv2", object: "alertv2", label: "Alert", levels: treeLevels, id: idUUID},
	{name: "apps", object: "apps", label: "App", levels: useLevels, id: idName},
	{name: "authorization", object: "passwords", label: "Passwords", rootID: "passwords", levels: []string{levelUse}, id: idFixed},
	{name: "authorization", object: "tokens", label: "Tokens", rootID: "tokens", levels: useLevels, id: idFixed, adminsDirect: true},
	{name: "cluster-policies", object: "cluster-policy", label: "Cluster policy", levels: []string{levelUse}, id: idHex16},
	{name: "clusters", object: "cluster", label: "Cluster", levels: []string{"CAN_ATTACH_TO", "CAN_RESTART", levelManage}, id: idCluster, deleted: deletedInvalid},
	{name: "dashboards", object: "dashboard", label: "Dashboard", levels: treeLevels, id: idHex32, tree: "DASHBOARD"},
	{name: "database-instances", object: "database-instances", label: "Database instance", levels: makeLevels, id: idName},
	{name: "database-projects", object: "database-projects", label: "Database project", levels: useLevels, id: idName},
	{name: "dbsql-dashboards", object: "dbsql-dashboard", label: "Dashboard", levels: treeLevels, alias: viewIsRead, id: idUUID},
	{name: "directories", object: "directory", label: "Directory", levels: treeLevels, id: idNumber, tree: "DIRECTORY", adminsDirect: true, rootID: "0"},
	{name: "experiments", object: "mlflowExperiment", label: "Experiment", levels: []string{"CAN_READ", "CAN_EDIT", levelManage}, id: idNumber},
	{name: "files", object: "file", label: "File", levels: treeLevels, id: idNumber, tree: "FILE"},
	{name: "genie", object: "genie-space", label: "Genie space", levels: treeLevels, alias: viewIsRead, id: idHex32, deleted: deletedKeeps},
	{name: "instance-pools", object: "instance-pool", label: "Instance pool", levels: []string{"CAN_ATTACH_TO", levelManage}, id: idHex16},
	{name: "jobs", object: "job", label: "Job", levels: []string{"CAN_VIEW", "CAN_MANAGE_RUN", levelManage}, owner: ownerExactly, id: idNumber, deleted: deletedKeeps},
	{name: "knowledge-assistants", object: "knowledge-assistants", label: "Knowledge assistant", levels: queryLevels, id: idUUID},
	{name: "notebooks", object: "notebook", label: "Notebook", levels: treeLevels, id: idNumber, tree: "NOTEBOOK"},
	{name: "pipelines", object: "pipelines", label: "Pipeline", levels: []string{"CAN_VIEW", "CAN_RUN", levelManage}, owner: ownerExactly, id: idUUID, deleted: deletedKeeps},
	{name: "queries", object: "query", label: "Query", under: "sql/queries", levels: treeLevels, alias: viewIsRead, id: idUUID},
	{name: "registered-models", object: "registered-model", label: "Registered model", id: idHex32, adminsDirect: true, rootID: "root",
		levels: []string{"CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS", levelManage}},
	{name: "repos", object: "repo", label: "Repo", levels: treeLevels, id: idNumber, tree: "REPO"},
	{name: "serving-endpoints", object: "serving-endpoint", label: "Serving endpoint", levels: []string{"CAN_VIEW", "CAN_QUERY", levelManage}, id: idHex32},
	{name: "supervisor-agents", object: "supervisor-agents", label: "Supervisor agent", levels: queryLevels, id: idUUID},
	{name: "vector-search-endpoints", object: "vector-search-endpoints", label: "Vector search endpoint", levels: makeLevels, id: idUUID},
	{name: "warehouses", object: "warehouses", label: "SQL warehouse", under: "sql/warehouses", levels: []string{"CAN_VIEW", "CAN_MONITOR", levelUse, levelManage}, owner: ownerKept, id: idHex16},
}

// objectTypeOf is the row for a type's name; the id tells the two of
// "authorization" apart. nil when there is none.
func objectTypeOf(name, id string) *objectType {
	for i := range objectTypes {
		if t := &objectTypes[i]; t.name == name && (t.id != idFixed || t.rootID == id) {
			return t
		}
	}
	return nil
}

// sqlTypes are the types whose URLs may have sql/ before them.
var sqlTypes = map[string]string{
	"warehouses": "warehouses", "queries": "queries", "alerts": "alerts", "dashboards": "dbsql-dashboards",
}

func objectTypeNames() string {
	var names []string
	for _, t := range objectTypes {
		names = append(names, t.name)
	}
	return strings.Join(slices.Compact(names), ", ")
}

// prefix is what object_id and inherited_from_object begin with.
func (t *objectType) prefix() string {
	if t.under != "" {
		return "/" + t.under + "/"
	}
	return "/" + t.name + "/"
}

// level is how a permission level is stored, false where the type lacks it.
func (t *objectType) level(name string) (string, bool) {
	if stored, ok := t.alias[name]; ok {
		return stored, true
	}
	return name, slices.Contains(t.allowed(), name)
}

// allowed is every level an entry may have, weak to strong.
func (t *objectType) allowed() []string {
	if t.owner == ownerNone {
		return t.levels
	}
	return append(slices.Clip(t.levels), levelOwner)
}

// strongest is the level that admins have everywhere.
func (t *objectType) strongest() string { return t.levels[len(t.levels)-1] }
