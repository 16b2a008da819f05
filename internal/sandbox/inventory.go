package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// inventory is one row of how a type of object is listed, read, made and
// deleted by its own API. Paths, field names and page sizes: SDK v0.175.0.
type inventory struct {
	kind  string
	bases []string // the API's path in each version that clients use
	list  string   // after the base
	query []string // further query parameters of the list
	// filters are query parameters that keep the objects whose field has one of
	// the values given.
	filters map[string]string
	pages   pages
	items   string // key of the list's items
	more    bool   // the list has has_more
	// get is after the base: "/{id}", or with ?parameter. Where byName is set the
	// object is found by its name instead of its id.
	get      string
	getQuery []string
	wrap     string // key of the object in a get's answer
	byName   bool

	id, name, creator string // field names; empty where the API has none
	numericID         bool
	state             map[string]any // fields that the platform sets
	show              func(*Object, map[string]any) map[string]any
	missing           func(id string) error // nil means 404

	makePath  string   // POST, after the base; empty means it cannot be made
	makeQuery []string // query parameters of a create request
	accepts   []string // fields of a create request, or of the object makeIn in it
	// makeIn is the field of a create request that holds the object, where it is
	// not the request itself; beside are the request's further fields.
	makeIn string
	beside []string
	// makeOut says what a create request is answered with: the id alone, the whole
	// object ("*"), or the whole object in a field.
	makeOut  string
	unique   int    // the status for a name that is taken; 0: names need not differ
	dropPath string // "/{id}" for DELETE, else POST with the id in the body
	// dropQuery is the query parameters of a DELETE.
	dropQuery []string
}

func tokens(size string, def, limit int) pages { return pages{size: size, def: def, max: limit} }

var inventories = []inventory{
	{kind: "jobs", bases: []string{"/api/2.2/jobs", "/api/2.1/jobs"}, list: "/list", query: []string{"name", "expand_tasks", "offset"},
		pages: tokens("limit", 20, 100), items: "jobs", more: true, get: "/get?job_id", getQuery: []string{"include_trigger_state", "page_token"},
		id: "job_id", name: "name", creator: "creator_user_name", numericID: true, show: showJob, missing: missingJob,
		makePath: "/create", accepts: jobFields, dropPath: "/delete"},
	{kind: "pipelines", bases: []string{"/api/2.0/pipelines"}, query: []string{"filter", "order_by"}, pages: tokens("max_results", 25, 100),
		items: "statuses", get: "/{id}", id: "pipeline_id", name: "name", creator: "creator_user_name",
		state: map[string]any{"state": "IDLE"}, show: showPipeline, makePath: "/", accepts: pipelineFields, dropPath: "/{id}", dropQuery: []string{"cascade", "force"}},
	{kind: "warehouses", bases: []string{"/api/2.0/sql/warehouses"}, query: []string{"run_as_user_id"}, pages: tokens("page_size", 0, 0),
		items: "warehouses", get: "/{id}", id: "id", name: "name", creator: "creator_name",
		state: map[string]any{"state": "RUNNING"}, makePath: "/", accepts: warehouseFields, dropPath: "/{id}"},
	{kind: "clusters", bases: []string{"/api/2.1/clusters", "/api/2.0/clusters"}, list: "/list",
		query: []string{"sort_by.direction", "sort_by.field", "can_use_client"}, filters: clusterFilters,
		pages: tokens("page_size", 20, 100), items: "clusters", get: "/get?cluster_id", id: "cluster_id", name: "cluster_name",
		creator: "creator_user_name", state: map[string]any{"state": "RUNNING", "cluster_source": "UI"}, missing: missingCluster,
		makePath: "/create", accepts: clusterFields, dropPath: "/permanent-delete"},
	{kind: "cluster-policies", bases: []string{"/api/2.0/policies/clusters"}, list: "/list", query: []string{"sort_column", "sort_order"},
		items: "policies", get: "/get?policy_id", id: "policy_id", name: "name", creator: "creator_user_name",
		makePath: "/create", accepts: policyFields, dropPath: "/delete"},
	{kind: "instance-pools", bases: []string{"/api/2.0/instance-pools"}, list: "/list", items: "instance_pools", get: "/get?instance_pool_id",
		id: "instance_pool_id", name: "instance_pool_name", state: map[string]any{"state": "ACTIVE"},
		makePath: "/create", accepts: poolFields, dropPath: "/delete"},
	{kind: "repos", bases: []string{"/api/2.0/repos"}, query: []string{"path_prefix", "next_page_token"}, pages: tokens("", 20, 0),
		items: "repos", get: "/{id}", id: "id", numericID: true, show: showWithPath,
		makePath: "/", makeOut: "*", accepts: repoFields, dropPath: "/{id}"},
	{kind: "dashboards", bases: []string{"/api/2.0/lakeview/dashboards"}, query: []string{"show_trashed", "view"}, pages: tokens("page_size", 100, 1000),
		items: "dashboards", get: "/{id}", id: "dashboard_id", name: "display_name", state: map[string]any{"lifecycle_state": "ACTIVE"},
		show: showDashboard, makePath: "/", makeQuery: []string{"dataset_catalog", "dataset_schema"}, makeOut: "*",
		accepts: dashboardFields, dropPath: "/{id}"},
	{kind: "genie", bases: []string{"/api/2.0/genie/spaces"}, pages: tokens("page_size", 20, 100), items: "spaces", get: "/{id}",
		getQuery: []string{"include_serialized_space"}, id: "space_id", name: "title",
		makePath: "/", makeOut: "*", accepts: genieFields, dropPath: "/{id}"},
	{kind: "queries", bases: []string{"/api/2.0/sql/queries"}, pages: tokens("page_size", 20, 100), items: "results", get: "/{id}",
		id: "id", name: "display_name", creator: "owner_user_name", state: map[string]any{"lifecycle_state": "ACTIVE"},
		makePath: "/", makeIn: "query", beside: displayNameFlag, makeOut: "*", accepts: queryFields, dropPath: "/{id}"},
	{kind: "alerts", bases: []string{"/api/2.0/sql/alerts"}, pages: tokens("page_size", 20, 100), items: "results", get: "/{id}",
		id: "id", name: "display_name", creator: "owner_user_name", state: map[string]any{"lifecycle_state": "ACTIVE"},
		makePath: "/", makeIn: "alert", beside: displayNameFlag, makeOut: "*", accepts: alertFields, dropPath: "/{id}"},
	{kind: "alertsv2", bases: []string{"/api/2.0/alerts"}, pages: tokens("page_size", 20, 100), items: "alerts", get: "/{id}",
		id: "id", name: "display_name", creator: "owner_user_name", state: map[string]any{"lifecycle_state": "ACTIVE"},
		makePath: "/", makeOut: "*", accepts: alertV2Fields, dropPath: "/{id}", dropQuery: []string{"purge"}},
	{kind: "experiments", bases: []string{"/api/2.0/mlflow/experiments"}, list: "/list", query: []string{"view_type"},
		pages: tokens("max_results", 0, 1000), items: "experiments", get: "/get?experiment_id", wrap: "experiment",
		id: "experiment_id", name: "name", state: map[string]any{"lifecycle_stage": "active"},
		makePath: "/create", accepts: experimentFields, unique: http.StatusBadRequest, dropPath: "/delete"},
	{kind: "registered-models", bases: []string{"/api/2.0/mlflow/registered-models"}, list: "/list", pages: tokens("max_results", 100, 1000),
		items: "registered_models", name: "name", creator: "user_id",
		makePath: "/create", makeOut: "registered_model", accepts: workspaceModelFields, unique: http.StatusBadRequest},
	{kind: "registered-models", bases: []string{"/api/2.0/mlflow/databricks/registered-models"}, get: "/get?name", byName: true,
		wrap: "registered_model_databricks", id: "id", name: "name", creator: "user_id"},
	{kind: "experiments", bases: []string{"/api/2.0/mlflow/experiments"}, get: "/get-by-name?experiment_name", byName: true, wrap: "experiment",
		id: "experiment_id", name: "name", state: map[string]any{"lifecycle_stage": "active"}},
	{kind: "registered-models", bases: []string{"/api/2.0/mlflow/registered-models"}, list: "/search", query: []string{"filter", "order_by"},
		pages: tokens("max_results", 100, 1000), items: "registered_models", name: "name", creator: "user_id"},
	{kind: "serving-endpoints", bases: []string{"/api/2.0/serving-endpoints"}, items: "endpoints", get: "/{id}", byName: true,
		id: "id", name: "name", creator: "creator", state: map[string]any{"state": map[string]any{"ready": "READY", "config_update": "NOT_UPDATING"}},
		makePath: "/", makeOut: "*", accepts: servingFields, unique: http.StatusConflict, dropPath: "/{id}"},
	{kind: "vector-search-endpoints", bases: []string{"/api/2.0/vector-search/endpoints"}, pages: tokens("", 100, 0), items: "endpoints",
		get: "/{id}", byName: true, id: "id", name: "name", creator: "creator",
		state:    map[string]any{"endpoint_status": map[string]any{"state": "ONLINE"}},
		makePath: "/", makeOut: "*", accepts: vectorSearchFields, unique: http.StatusConflict, dropPath: "/{id}"},
	{kind: "apps", bases: []string{"/api/2.0/apps"}, query: []string{"space"}, pages: tokens("page_size", 20, 100), items: "apps",
		get: "/{id}", name: "name", creator: "creator",
		state:    map[string]any{"app_status": map[string]any{"state": "RUNNING"}, "compute_status": map[string]any{"state": "ACTIVE"}},
		makePath: "/", makeQuery: []string{"no_compute"}, makeOut: "*", accepts: appFields, unique: http.StatusConflict, dropPath: "/{id}"},
	{kind: "database-instances", bases: []string{"/api/2.0/database/instances"}, pages: tokens("page_size", 100, 100),
		items: "database_instances", get: "/{id}", name: "name", creator: "creator", state: map[string]any{"state": "AVAILABLE"},
		makePath: "/", makeOut: "*", accepts: databaseFields, unique: http.StatusConflict, dropPath: "/{id}", dropQuery: []string{"force", "purge"}},
	{kind: "database-projects", bases: []string{"/api/2.0/postgres/projects"}, query: []string{"show_deleted"}, pages: tokens("page_size", 100, 100),
		items: "projects", get: "/{id}", id: "project_id", show: showProject},
	{kind: "knowledge-assistants", bases: []string{"/api/2.1/knowledge-assistants"}, pages: tokens("page_size", 100, 100),
		items: "knowledge_assistants", get: "/{id}", id: "id", name: "display_name", creator: "creator", show: showAgent},
	{kind: "supervisor-agents", bases: []string{"/api/2.1/supervisor-agents"}, pages: tokens("page_size", 100, 100),
		items: "supervisor_agents", get: "/{id}", id: "id", name: "display_name", creator: "creator", show: showAgent},
}

func (s *Server) inventoryRoutes() []route {
	routes := []route{
		{method: "GET", path: legacyDashboards, query: []string{"page", "page_size", "order", "q"}, handle: listLegacyDashboards},
		{method: "GET", path: legacyDashboards + "/{id}", handle: getLegacyDashboard},
		{method: "POST", path: "/api/2.0/mlflow/experiments/search", handle: searchExperiments, read: true},
	}
	for i := range inventories {
		inv := &inventories[i]
		for _, base := range inv.bases {
			routes = append(routes, inv.routes(base)...)
		}
	}
	for i := range objectActions {
		routes = append(routes, objectActions[i].routes()...)
	}
	return routes
}

// routes is the endpoints of one row under one base.
func (inv *inventory) routes(base string) []route {
	var routes []route
	if inv.items != "" {
		query := append([]string{"page_token"}, inv.query...)
		query = append(query, sortedKeys(inv.filters)...)
		if inv.pages.size != "" {
			query = append(query, inv.pages.size)
		}
		routes = append(routes, route{method: "GET", path: base + inv.list, query: query, handle: inv.handleList})
	}
	if inv.get != "" {
		get, param, _ := strings.Cut(inv.get, "?")
		query := inv.getQuery
		if param != "" {
			query = append(slices.Clip(query), param)
		}
		routes = append(routes, route{method: "GET", path: base + get, query: query, handle: inv.handleGet})
	}
	if inv.makePath != "" {
		routes = append(routes, route{method: "POST", path: base + strings.TrimSuffix(inv.makePath, "/"), query: inv.makeQuery, handle: inv.handleMake, touches: touchesContents})
	}
	if inv.dropPath == "/{id}" {
		routes = append(routes, route{method: "DELETE", path: base + inv.dropPath, query: inv.dropQuery, handle: inv.handleDrop, touches: touchesObjects})
	} else if inv.dropPath != "" {
		routes = append(routes, route{method: "POST", path: base + inv.dropPath, handle: inv.handleDrop, touches: touchesObjects})
	}
	return routes
}

func (inv *inventory) handleList(c *call) (any, error) {
	if token := c.query.Get("next_page_token"); token != "" {
		c.query.Set("page_token", token) // repos name the request's parameter as the answer's
	}
	var objects []*Object
	for _, o := range c.visible(c.world.byType[objectKey(c.ws.ID, inv.kind, "")]) {
		if o.Unlisted || o.ID == objectTypeOf(o.Type, o.ID).rootID {
			continue
		}
		if matches, err := inv.matches(c, o); err != nil {
			return nil, err
		} else if matches {
			objects = append(objects, o)
		}
	}
	if offset, err := c.intQuery("offset", 0); err != nil || offset < 0 {
		return nil, badValue("offset must be a number from 0 on")
	} else if c.query.Get("page_token") == "" {
		objects = objects[min(offset, len(objects)):]
	}
	lo, hi, next, err := c.page(len(objects), inv.pages)
	if err != nil {
		return nil, err
	}
	ans := map[string]any{}
	if hi > lo {
		shown := make([]any, 0, hi-lo)
		for _, o := range objects[lo:hi] {
			shown = append(shown, inv.render(c, o))
		}
		ans[inv.items] = shown
	}
	if inv.more {
		ans["has_more"] = next != ""
	}
	if next != "" {
		ans["next_page_token"] = next
	}
	return ans, nil
}

func (inv *inventory) handleGet(c *call) (any, error) {
	o, err := inv.find(c, c.idOf(inv.get))
	if err != nil {
		return nil, err
	}
	if err := c.needSee(o); err != nil {
		return nil, err
	}
	if inv.wrap != "" {
		return map[string]any{inv.wrap: inv.render(c, o)}, nil
	}
	return inv.render(c, o), nil
}

// idOf is the id of a request whose route's path or query parameter holds it.
func (c *call) idOf(pattern string) string {
	if _, param, ok := strings.Cut(pattern, "?"); ok {
		return c.query.Get(param)
	}
	return c.params["id"]
}

func (inv *inventory) find(c *call, id string) (*Object, error) {
	o := c.object(inv.kind, id)
	if inv.byName {
		o = nil
		for _, candidate := range c.world.byType[objectKey(c.ws.ID, inv.kind, "")] {
			if id != "" && candidate.Name == id {
				o = candidate
			}
		}
	}
	if o != nil && !o.Deleted {
		return o, nil
	}
	if inv.missing != nil {
		return nil, inv.missing(id)
	}
	return nil, notFound("%s %s does not exist.", objectTypeOf(inv.kind, "").label, id)
}

// render is an object in the shape of its own API.
func (inv *inventory) render(c *call, o *Object) map[string]any {
	fields := maps.Clone(inv.state)
	if fields == nil {
		fields = map[string]any{}
	}
	maps.Copy(fields, o.Fields)
	if inv.id != "" {
		fields[inv.id] = o.ID
	}
	if number, err := strconv.ParseInt(o.ID, 10, 64); inv.numericID && err == nil {
		fields[inv.id] = number
	}
	if inv.name != "" {
		fields[inv.name] = o.Name
	}
	if p := c.world.principals[o.Creator]; inv.creator != "" && p != nil {
		fields[inv.creator] = p.name
	}
	if inv.show != nil {
		return inv.show(o, fields)
	}
	return fields
}
