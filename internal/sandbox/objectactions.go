package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// objectAction is one endpoint that changes an object that is there. Paths and
// fields: SDK v0.175.0 service/*/impl.go and model.go.
type objectAction struct {
	kind   string
	method string
	paths  []string
	query  []string
	// key is where the request names the object: "{id}" in the path, "?parameter"
	// in the query, else the name of a body field.
	key    string
	byName bool // the key is the object's name
	// in is the body field that holds the new fields, "*" where it is the body
	// itself, empty where the request has none. beside are further body fields.
	in      string
	beside  []string
	accepts []string
	rename  string // the body field with a new name, where it is not the name's own
	whole   bool   // fields that are not sent are lost
	set     map[string]any
	drop    bool   // deletes the object
	out     string // as inventory.makeOut; empty: an empty object
	read    bool   // changes nothing
}

func clusterPaths(verb string) []string {
	return []string{"/api/2.1/clusters/" + verb, "/api/2.0/clusters/" + verb}
}

func jobPaths(verb string) []string {
	return []string{"/api/2.2/jobs/" + verb, "/api/2.1/jobs/" + verb}
}

const (
	post  = http.MethodPost
	patch = http.MethodPatch
	put   = http.MethodPut
)

var updateMask = []string{"update_mask"}

var objectActions = []objectAction{
	{kind: "jobs", method: post, paths: jobPaths("update"), key: "job_id", in: "new_settings", beside: []string{"fields_to_remove"}, accepts: jobSettings},
	{kind: "jobs", method: post, paths: jobPaths("reset"), key: "job_id", in: "new_settings", accepts: jobSettings, whole: true},
	{kind: "pipelines", method: put, paths: []string{"/api/2.0/pipelines/{id}"}, key: "{id}", in: "*", accepts: append([]string{"expected_last_modified"}, pipelineFields...), whole: true},
	{kind: "warehouses", method: post, paths: []string{"/api/2.0/sql/warehouses/{id}/edit"}, key: "{id}", in: "*", accepts: append([]string{"id"}, warehouseFields...)},
	{kind: "warehouses", method: post, paths: []string{"/api/2.0/sql/warehouses/{id}/start"}, key: "{id}", set: map[string]any{"state": "RUNNING"}},
	{kind: "warehouses", method: post, paths: []string{"/api/2.0/sql/warehouses/{id}/stop"}, key: "{id}", set: map[string]any{"state": "STOPPED"}},
	{kind: "clusters", method: post, paths: clusterPaths("edit"), key: "cluster_id", in: "*", accepts: clusterFields, whole: true},
	{kind: "clusters", method: post, paths: clusterPaths("update"), key: "cluster_id", in: "cluster", beside: updateMask, accepts: clusterFields},
	{kind: "clusters", method: post, paths: clusterPaths("resize"), key: "cluster_id", in: "*", accepts: []string{"autoscale", "num_workers"}},
	{kind: "clusters", method: post, paths: clusterPaths("start"), key: "cluster_id", set: map[string]any{"state": "RUNNING"}},
	{kind: "clusters", method: post, paths: clusterPaths("restart"), key: "cluster_id", beside: []string{"restart_user"}, set: map[string]any{"state": "RUNNING"}},
	{kind: "clusters", method: post, paths: clusterPaths("delete"), key: "cluster_id", set: map[string]any{"state": "TERMINATED"}},
	{kind: "clusters", method: post, paths: clusterPaths("pin"), key: "cluster_id", set: map[string]any{"is_pinned": true}},
	{kind: "clusters", method: post, paths: clusterPaths("unpin"), key: "cluster_id", set: map[string]any{"is_pinned": false}},
	{kind: "clusters", method: post, paths: clusterPaths("events"), key: "cluster_id", read: true,
		beside: []string{"end_time", "event_types", "limit", "offset", "order", "page_size", "page_token", "start_time"}},
	{kind: "cluster-policies", method: post, paths: []string{"/api/2.0/policies/clusters/edit"}, key: "policy_id", in: "*", accepts: policyFields, whole: true},
	{kind: "instance-pools", method: post, paths: []string{"/api/2.0/instance-pools/edit"}, key: "instance_pool_id", in: "*", accepts: poolFields},
	{kind: "dashboards", method: patch, paths: []string{"/api/2.0/lakeview/dashboards/{id}"}, query: []string{"dataset_catalog", "dataset_schema"}, key: "{id}", in: "*", accepts: dashboardFields, out: "*"},
	{kind: "genie", method: patch, paths: []string{"/api/2.0/genie/spaces/{id}"}, key: "{id}", in: "*", accepts: append([]string{"etag"}, genieFields...), out: "*"},
	{kind: "queries", method: patch, paths: []string{"/api/2.0/sql/queries/{id}"}, key: "{id}", in: "query", beside: append(updateMask, displayNameFlag...), accepts: append([]string{"owner_user_name"}, queryFields...), out: "*"},
	{kind: "alerts", method: patch, paths: []string{"/api/2.0/sql/alerts/{id}"}, key: "{id}", in: "alert", beside: append(updateMask, displayNameFlag...), accepts: append([]string{"owner_user_name"}, alertFields...), out: "*"},
	{kind: "alertsv2", method: patch, paths: []string{"/api/2.0/alerts/{id}"}, query: updateMask, key: "{id}", in: "*", accepts: alertV2Fields, out: "*"},
	{kind: "experiments", method: post, paths: []string{"/api/2.0/mlflow/experiments/update"}, key: "experiment_id", in: "*", accepts: []string{"new_name"}, rename: "new_name"},
	{kind: "registered-models", method: patch, paths: []string{"/api/2.0/mlflow/registered-models/update"}, key: "name", byName: true, in: "*", accepts: []string{"description"}, out: "registered_model"},
	{kind: "registered-models", method: post, paths: []string{"/api/2.0/mlflow/registered-models/rename"}, key: "name", byName: true, in: "*", accepts: []string{"new_name"}, rename: "new_name", out: "registered_model"},
	{kind: "registered-models", method: http.MethodDelete, paths: []string{"/api/2.0/mlflow/registered-models/delete"}, query: []string{"name"}, key: "?name", byName: true, drop: true},
	{kind: "serving-endpoints", method: put, paths: []string{"/api/2.0/serving-endpoints/{id}/config"}, key: "{id}", byName: true, in: "*", out: "*",
		accepts: strings.Fields(`auto_capture_config name served_entities served_models traffic_config`)},
	{kind: "apps", method: patch, paths: []string{"/api/2.0/apps/{id}"}, key: "{id}", in: "*", accepts: appFields, out: "*"},
	{kind: "database-instances", method: patch, paths: []string{"/api/2.0/database/instances/{id}"}, query: updateMask, key: "{id}", in: "*", accepts: databaseFields, out: "*"},
	{kind: "repos", method: patch, paths: []string{"/api/2.0/repos/{id}"}, key: "{id}", in: "*", accepts: strings.Fields(`branch dangerously_force_discard_all git_credential_id sparse_checkout tag`)},
}

func (a *objectAction) routes() []route {
	var routes []route
	for _, path := range a.paths {
		r := route{method: a.method, path: path, query: a.query, handle: a.handle, read: a.read, touches: touchesContents}
		if a.drop || a.rename != "" {
			r.touches = touchesObjects
		}
		routes = append(routes, r)
	}
	return routes
}

// inventoryOf is the row that shows single objects of a kind.
func inventoryOf(kind string) *inventory {
	for i := range inventories {
		if inv := &inventories[i]; inv.kind == kind && inv.get != "" {
			return inv
		}
	}
	return nil
}

func (a *objectAction) handle(c *call) (any, error) {
	body, err := c.fields(a.bodyFields())
	if err != nil {
		return nil, err
	}
	inv := inventoryOf(a.kind)
	o, err := inv.find(c, a.idIn(c, body))
	if err != nil {
		return nil, err
	}
	if a.read {
		return nil, c.needSee(o)
	}
	if err := c.needManage(o); err != nil {
		return nil, err
	}
	if a.drop {
		id := o.ID
		c.ws.Objects = slices.DeleteFunc(c.ws.Objects, func(have Object) bool { return have.Type == a.kind && have.ID == id })
		return nil, nil
	}
	fields := body
	if a.in != "*" && a.in != "" {
		if fields, err = c.innerFields(body, a.in, a.accepts); err != nil {
			return nil, err
		}
	}
	if err := a.apply(c, inv, o, fields, body); err != nil {
		return nil, err
	}
	switch a.out {
	case "":
		return nil, nil
	case "*":
		return inv.render(c, o), nil
	}
	return map[string]any{a.out: inv.render(c, o)}, nil
}

// bodyFields are the fields that the body may have.
func (a *objectAction) bodyFields() []string {
	known := slices.Clone(a.beside)
	if !strings.HasPrefix(a.key, "{") && !strings.HasPrefix(a.key, "?") {
		known = append(known, a.key)
	}
	switch a.in {
	case "":
	case "*":
		known = append(known, a.accepts...)
	default:
		known = append(known, a.in)
	}
	return known
}

// idIn is the object that the request names.
func (a *objectAction) idIn(c *call, body map[string]any) string {
	if param, ok := strings.CutPrefix(a.key, "?"); ok {
		return c.query.Get(param)
	}
	if a.key == "{id}" {
		return c.params["id"]
	}
	return idText(body[a.key])
}

// idText is an id of a body, which may be a number.
func idText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// apply puts the fields of a request into the object; what the platform sets is
// left alone.
func (a *objectAction) apply(c *call, inv *inventory, o *Object, fields, body map[string]any) error {
	name, err := take(fields, firstNonEmpty(a.rename, inv.name))
	if err != nil {
		return err
	}
	for _, own := range slices.Concat([]string{inv.id, a.key, inv.creator, "id", "parent_path", "path"}, a.besideOf()) {
		delete(fields, own)
	}
	if name != "" {
		o.Name = name
	}
	kept := map[string]any{}
	for field, v := range o.Fields {
		if !a.whole || field == "created_time" {
			kept[field] = v
		}
	}
	for field, v := range fields {
		kept[field] = v
	}
	for field, v := range a.set {
		kept[field] = v
	}
	if gone, ok := body["fields_to_remove"].([]any); ok {
		for _, field := range gone {
			delete(kept, idText(field))
		}
	}
	o.Fields = kept
	return nil
}

// besideOf are the further fields, where they stand among the object's.
func (a *objectAction) besideOf() []string {
	if a.in == "*" || a.in == "" {
		return a.beside
	}
	return nil
}

// innerFields reads the object inside a body strictly.
func (c *call) innerFields(body map[string]any, name string, accepted []string) (map[string]any, error) {
	inner, ok := body[name].(map[string]any)
	if !ok {
		if body[name] != nil {
			return nil, badValue("%s must be an object", name)
		}
		inner = map[string]any{}
	}
	return inner, c.checkFields(inner, name+".", accepted)
}
