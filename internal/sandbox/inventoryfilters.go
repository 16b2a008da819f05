package sandbox

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var clusterFilters = map[string]string{
	"filter_by.cluster_sources": "cluster_source",
	"filter_by.cluster_states":  "state",
	"filter_by.is_pinned":       "is_pinned",
	"filter_by.policy_id":       "policy_id",
}

// matches applies the filters of a list's query to one object.
func (inv *inventory) matches(c *call, o *Object) (bool, error) {
	if name := c.query.Get("name"); name != "" && !strings.EqualFold(name, o.Name) {
		return false, nil
	}
	if prefix := c.query.Get("path_prefix"); prefix != "" && !strings.HasPrefix(o.Path, cleanPath(prefix)) {
		return false, nil
	}
	if filter := c.query.Get("filter"); filter != "" {
		if matches, err := matchesLike(filter, o.Name); err != nil || !matches {
			return false, err
		}
	}
	var fields map[string]any
	for _, param := range sortedKeys(inv.filters) {
		wanted := c.query[param]
		if len(wanted) == 0 {
			continue
		}
		if fields == nil {
			fields = inv.render(c, o)
		}
		value := "false"
		if v := fields[inv.filters[param]]; v != nil {
			value = fmt.Sprint(v)
		}
		if !slices.Contains(wanted, value) {
			return false, nil
		}
	}
	return true, nil
}

var nameFilter = regexp.MustCompile(`(?i)^\s*name\s*(=|\bi?like\b)\s*['"](.*)['"]\s*$`)

// matchesLike is the filter of pipelines and MLflow: name = 'text', or
// name LIKE 'pattern', where % stands for anything.
func matchesLike(filter, name string) (bool, error) {
	found := nameFilter.FindStringSubmatch(filter)
	if found == nil {
		return false, badValue("filter %q is neither name = 'text' nor name LIKE 'pattern'", filter)
	}
	if found[1] == "=" {
		return name == found[2], nil
	}
	parts := strings.Split(found[2], "%")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MatchString("^"+strings.Join(parts, ".*")+"$", name)
}

// searchExperiments is the list of experiments with its parameters in the body.
func searchExperiments(c *call) (any, error) {
	var body struct {
		Filter     string   `json:"filter"`
		MaxResults int      `json:"max_results"`
		OrderBy    []string `json:"order_by"`
		PageToken  string   `json:"page_token"`
		ViewType   string   `json:"view_type"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	c.query.Set("filter", body.Filter)
	c.query.Set("page_token", body.PageToken)
	if body.MaxResults > 0 {
		c.query.Set("max_results", strconv.Itoa(body.MaxResults))
	}
	return inventoryOf("experiments").handleList(c)
}

func folderOf(p string) string { return path.Dir(p) }

const legacyDashboards = "/api/2.0/preview/sql/dashboards"

// listLegacyDashboards is the one list with numbered pages; past the last page
// there is an empty one.
func listLegacyDashboards(c *call) (any, error) {
	page, err := c.intQuery("page", 1)
	if err != nil {
		return nil, err
	}
	size, err := c.intQuery("page_size", 25)
	if err != nil {
		return nil, err
	}
	if page < 1 || size < 1 {
		return nil, badValue("page and page_size must be positive")
	}
	size = min(size, 250)
	if limit := c.s.Knobs().PageSize; limit > 0 {
		size = min(size, limit)
	}
	var found []*Object
	for _, o := range c.visible(c.world.byType[objectKey(c.ws.ID, "dbsql-dashboards", "")]) {
		if !o.Unlisted && strings.Contains(strings.ToLower(o.Name), strings.ToLower(c.query.Get("q"))) {
			found = append(found, o)
		}
	}
	lo := min((page-1)*size, len(found))
	results := []any{}
	for _, o := range found[lo:min(lo+size, len(found))] {
		results = append(results, c.showLegacyDashboard(o))
	}
	return map[string]any{"count": len(found), "page": page, "page_size": size, "results": results}, nil
}

func (c *call) showLegacyDashboard(o *Object) map[string]any {
	fields := map[string]any{"is_archived": false}
	for name, v := range o.Fields {
		fields[name] = v
	}
	fields["id"], fields["name"] = o.ID, o.Name
	if p := c.world.principals[o.Creator]; p != nil {
		fields["user"] = map[string]any{"email": p.name, "name": p.display}
	}
	return fields
}

func getLegacyDashboard(c *call) (any, error) {
	o := c.object("dbsql-dashboards", c.params["id"])
	if o == nil || o.Deleted {
		return nil, notFound("Dashboard %s does not exist.", c.params["id"])
	}
	if err := c.needSee(o); err != nil {
		return nil, err
	}
	return c.showLegacyDashboard(o), nil
}
