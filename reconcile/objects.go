package reconcile

import (
	"slices"

	"github.com/brickgate/brickgate/spec"
)

// objectType is one row of what the permissions API knows: the levels of a type
// from weak to strong, who owns it, and how a name or a path becomes an id.
// Levels and ids: terraform-provider-databricks permission_definitions.go and
// the Databricks CLI's bundle schema, 2026-08; list endpoints: SDK v0.175.0.
type objectType struct {
	Name   string   // request_object_type, as specs and keys call it
	URL    string   // in /api/2.0/permissions/, where it differs from Name
	Levels []string // without IS_OWNER
	Alias  map[string]string
	Owner  bool // has IS_OWNER; a PUT carries exactly one, and never a group
	List   inventory
	ByPath bool     // found by path in the workspace tree
	Fixed  []string // the only ids there are
	// Fewer are the levels of single ids that allow less than the type.
	Fewer map[string][]string
	// AdminsDirect are ids on which the group admins has a direct entry that
	// no PUT may drop: "Cannot change permissions for group 'admins' to None."
	AdminsDirect []string
	// Lookup finds one object by name where no list gives ids.
	Lookup lookup
}

// inventory says how a type is listed: dots in ID and Name go into nested objects.
type inventory struct {
	Path  string
	Query map[string]any
	Items string
	ID    string
	Name  string
	By    string // field that holds the creator's name
	Pages bool   // numbered pages instead of tokens
}

// lookup finds one object by its name.
type lookup struct {
	Path string
	ID   string
}

const (
	canManage = "CAN_MANAGE"
	isOwner   = "IS_OWNER"
)

var (
	files   = []string{"CAN_READ", "CAN_RUN", "CAN_EDIT", canManage}
	viewed  = map[string]string{"CAN_VIEW": "CAN_READ"} // legacy SQL objects call reading both ways
	useOnly = []string{"CAN_USE", canManage}
	queried = []string{"CAN_QUERY", canManage}
)

// objectTypes is the table, sorted by name.
var objectTypes = []objectType{
	{Name: "alerts", Levels: files, Alias: viewed, List: inventory{Path: "/api/2.0/sql/alerts", Items: "results", ID: "id", Name: "display_name"}},
	{Name: "alertsv2", Levels: files, List: inventory{Path: "/api/2.0/alerts", Items: "alerts", ID: "id", Name: "display_name"}},
	{Name: "apps", Levels: useOnly, List: inventory{Path: "/api/2.0/apps", Items: "apps", ID: "name", Name: "name"}},
	{Name: "authorization", Levels: useOnly, Fixed: []string{"passwords", "tokens"}, Fewer: map[string][]string{"passwords": {"CAN_USE"}}, AdminsDirect: []string{"tokens"}},
	{Name: "cluster-policies", Levels: []string{"CAN_USE"}, List: inventory{Path: "/api/2.0/policies/clusters/list", Items: "policies", ID: "policy_id", Name: "name"}},
	{Name: "clusters", Levels: []string{"CAN_ATTACH_TO", "CAN_RESTART", canManage}, List: inventory{Path: "/api/2.1/clusters/list", Query: map[string]any{"page_size": 100}, Items: "clusters", ID: "cluster_id", Name: "cluster_name", By: "creator_user_name"}},
	{Name: "dashboards", Levels: files, ByPath: true, List: inventory{Path: "/api/2.0/lakeview/dashboards", Query: map[string]any{"page_size": 1000}, Items: "dashboards", ID: "dashboard_id", Name: "display_name"}},
	{Name: "database-instances", Levels: useOnly, List: inventory{Path: "/api/2.0/database/instances", Items: "database_instances", ID: "name", Name: "name"}},
	{Name: "database-projects", Levels: useOnly, List: inventory{Path: "/api/2.0/postgres/projects", Items: "projects", ID: "status.project_id", Name: "status.display_name"}},
	{Name: "dbsql-dashboards", Levels: files, Alias: viewed, List: inventory{Path: "/api/2.0/preview/sql/dashboards", Query: map[string]any{"page_size": 250}, Items: "results", ID: "id", Name: "name", Pages: true}},
	{Name: "directories", Levels: files, ByPath: true, AdminsDirect: []string{"0"}},
	{Name: "experiments", Levels: []string{"CAN_READ", "CAN_EDIT", canManage}, List: inventory{Path: "/api/2.0/mlflow/experiments/list", Query: map[string]any{"max_results": 1000}, Items: "experiments", ID: "experiment_id", Name: "name"}},
	{Name: "files", Levels: files, ByPath: true},
	{Name: "genie", Levels: files, Alias: viewed, List: inventory{Path: "/api/2.0/genie/spaces", Items: "spaces", ID: "space_id", Name: "title"}},
	{Name: "instance-pools", Levels: []string{"CAN_ATTACH_TO", canManage}, List: inventory{Path: "/api/2.0/instance-pools/list", Items: "instance_pools", ID: "instance_pool_id", Name: "instance_pool_name"}},
	{Name: "jobs", Levels: []string{"CAN_VIEW", "CAN_MANAGE_RUN", canManage}, Owner: true, List: inventory{Path: "/api/2.2/jobs/list", Query: map[string]any{"limit": 100}, Items: "jobs", ID: "job_id", Name: "settings.name", By: "creator_user_name"}},
	{Name: "knowledge-assistants", Levels: queried, List: inventory{Path: "/api/2.1/knowledge-assistants", Items: "knowledge_assistants", ID: "id", Name: "display_name"}},
	{Name: "notebooks", Levels: files, ByPath: true},
	{Name: "pipelines", Levels: []string{"CAN_VIEW", "CAN_RUN", canManage}, Owner: true, List: inventory{Path: "/api/2.0/pipelines", Query: map[string]any{"max_results": 100}, Items: "statuses", ID: "pipeline_id", Name: "name", By: "creator_user_name"}},
	{Name: "queries", Levels: files, Alias: viewed, List: inventory{Path: "/api/2.0/sql/queries", Query: map[string]any{"page_size": 100}, Items: "results", ID: "id", Name: "display_name"}},
	{Name: "registered-models", Levels: []string{"CAN_READ", "CAN_EDIT", "CAN_MANAGE_STAGING_VERSIONS", "CAN_MANAGE_PRODUCTION_VERSIONS", canManage}, Fixed: []string{"root"}, AdminsDirect: []string{"root"}, Lookup: lookup{Path: "/api/2.0/mlflow/databricks/registered-models/get", ID: "registered_model_databricks.id"}},
	{Name: "repos", Levels: files, ByPath: true},
	{Name: "serving-endpoints", Levels: []string{"CAN_VIEW", "CAN_QUERY", canManage}, List: inventory{Path: "/api/2.0/serving-endpoints", Items: "endpoints", ID: "id", Name: "name", By: "creator"}},
	{Name: "supervisor-agents", Levels: queried, List: inventory{Path: "/api/2.1/supervisor-agents", Items: "supervisor_agents", ID: "id", Name: "display_name"}},
	{Name: "vector-search-endpoints", Levels: useOnly, List: inventory{Path: "/api/2.0/vector-search/endpoints", Items: "endpoints", ID: "id", Name: "name"}},
	{Name: "warehouses", URL: "sql/warehouses", Levels: []string{"CAN_VIEW", "CAN_MONITOR", "CAN_USE", canManage}, Owner: true, List: inventory{Path: "/api/2.0/sql/warehouses", Items: "warehouses", ID: "id", Name: "name", By: "creator_name"}},
}

func objectTypeNames() []string {
	names := make([]string, len(objectTypes))
	for i, t := range objectTypes {
		names[i] = t.Name
	}
	return names
}

// findObjectType accepts the URL form too (sql/warehouses).
func findObjectType(name string) (*objectType, bool) {
	i := slices.IndexFunc(objectTypes, func(t objectType) bool { return t.Name == name || t.URL == name })
	if i < 0 {
		return nil, false
	}
	return &objectTypes[i], true
}

// url is the type in the path of the permissions API.
func (t *objectType) url() string {
	if t.URL != "" {
		return t.URL
	}
	return t.Name
}

// allowed lists the levels that an entry may have, weak to strong.
func (t *objectType) allowed() []string {
	if t.Owner {
		return append(slices.Clip(t.Levels), isOwner)
	}
	return t.Levels
}

// level is the canonical spelling of a level, false if the type has no such level.
func (t *objectType) level(name string) (string, bool) {
	l := apiSpelling(name)
	if to, ok := t.Alias[l]; ok {
		l = to
	}
	return l, slices.Contains(t.allowed(), l)
}

// strongest is the highest of several levels of one principal; a level that the
// table does not know yet counts least.
func (t *objectType) strongest(levels []string) string {
	best := levels[0]
	for _, l := range levels[1:] {
		if slices.Index(t.allowed(), l) > slices.Index(t.allowed(), best) {
			best = l
		}
	}
	return best
}

// allowedOnly turns a table's names into the end of a message.
func allowedOnly(known []string) string { return "; allowed: " + list(known) }

// nearest ends a message about an unknown name with the one that was meant.
func nearest(name string, known []string) string {
	if n, ok := spec.Nearest(name, known); ok {
		return " (did you mean " + n + "?)"
	}
	return ""
}
