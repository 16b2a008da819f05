package sandbox

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

func (s *Server) securableRoutes() []route {
	routes := []route{
		{method: "GET", path: ucBase + "table-summaries", handle: listTableSummaries,
			query: []string{"catalog_name", "schema_name_pattern", "table_name_pattern", "include_manifest_capabilities", "max_results", "page_token"}},
		{method: "GET", path: ucBase + "tables/{name}/exists", handle: tableExists},
	}
	for i := range securableTypes {
		t := &securableTypes[i]
		if t.path == "" {
			continue
		}
		query := append([]string{"page_token", t.pages.size}, t.listQuery...)
		routes = append(routes,
			route{method: "GET", path: t.path, query: query, handle: t.handleList},
			route{method: "GET", path: t.path + "/{name}", query: t.getQuery, handle: t.handleGet},
			route{method: "PATCH", path: t.path + "/{name}", query: t.updateQuery, handle: t.handleUpdate, touches: touchesContents},
			route{method: "DELETE", path: t.path + "/{name}", query: t.deleteQuery, handle: t.handleDelete, touches: touchesSecurables})
		if t.makes != "" {
			routes = append(routes, route{method: "POST", path: t.path, handle: t.handleMake, touches: touchesContents})
		}
	}
	return routes
}

// handleList is a list of what the caller may see.
func (t *securableType) handleList(c *call) (any, error) {
	candidates, err := t.candidates(c)
	if err != nil {
		return nil, err
	}
	browse, err := c.boolQuery("include_browse")
	if err != nil {
		return nil, err
	}
	u := c.uc()
	var seen []*Securable
	for _, sec := range candidates {
		if !sec.Unlisted && u.access(sec, browse) == nil {
			seen = append(seen, sec)
		}
	}
	lo, hi, next, err := c.ucPage(len(seen), t.pages, t.pages.def == 0)
	if err != nil {
		return nil, err
	}
	ans := map[string]any{}
	if hi > lo {
		items := make([]any, 0, hi-lo)
		for _, sec := range seen[lo:hi] {
			items = append(items, t.render(c, u, sec))
		}
		ans[t.items] = items
	}
	if next != "" {
		ans["next_page_token"] = next
	}
	return ans, nil
}

// candidates is what a list is about before visibility: what is in the catalog or
// schema of the query.
func (t *securableType) candidates(c *call) ([]*Securable, error) {
	parent := t.parentType()
	if parent == nil {
		list := c.world.children[securableKey(t.name, "")]
		if purpose := c.query.Get("purpose"); purpose != "" {
			list = slices.DeleteFunc(slices.Clone(list), func(sec *Securable) bool {
				return !strings.EqualFold(purpose, firstNonEmpty(textField(sec.Fields, "purpose"), "SERVICE"))
			})
		}
		return list, nil
	}
	catalog, schema := c.query.Get("catalog_name"), c.query.Get("schema_name")
	if t.name == "model" && catalog == "" && schema == "" {
		return c.allOf(t.name), nil // models can be listed across the metastore
	}
	if catalog == "" || t.depth == 3 && schema == "" {
		return nil, badValue("%s needs catalog_name%s", c.route.path, map[int]string{2: "", 3: " and schema_name"}[t.depth])
	}
	within := catalog
	if t.depth == 3 {
		within = joinName(catalog, schema)
	}
	sec, err := c.world.securable(parent, within)
	if err != nil {
		return nil, err
	}
	browse, err := c.boolQuery("include_browse")
	if err != nil {
		return nil, err
	}
	if err := c.uc().access(sec, browse); err != nil {
		return nil, err
	}
	return c.world.children[securableKey(t.name, sec.Name)], nil
}

func (c *call) allOf(kind string) []*Securable {
	var list []*Securable
	for i := range c.world.state.Securables {
		if sec := &c.world.state.Securables[i]; sec.Type == kind {
			list = append(list, sec)
		}
	}
	return list
}

func (t *securableType) handleGet(c *call) (any, error) {
	sec, err := c.world.securable(t, c.params["name"])
	if err != nil {
		return nil, err
	}
	browse, err := c.boolQuery("include_browse")
	if err != nil {
		return nil, err
	}
	u := c.uc()
	if err := u.access(sec, browse); err != nil {
		return nil, err
	}
	return t.render(c, u, sec), nil
}

// render is a securable in the shape of its own API.
func (t *securableType) render(c *call, u ucCaller, sec *Securable) map[string]any {
	fields := maps.Clone(t.state)
	if fields == nil {
		fields = map[string]any{}
	}
	maps.Copy(fields, sec.Fields)
	delete(fields, bindingsField)
	parts := t.segments(sec.Name)
	for i, name := range []string{"catalog_name", "schema_name"} {
		if i < len(parts)-1 {
			fields[name] = parts[i]
		}
	}
	fields["name"], fields["full_name"] = parts[len(parts)-1], sec.Name
	fields["metastore_id"] = c.world.state.Metastore.ID
	fields["owner"] = c.ucName(sec.Owner)
	if t.idField != "" {
		fields[t.idField] = sec.ID
	}
	if sec.Comment != "" {
		fields["comment"] = sec.Comment
	}
	if t.name == "table" {
		fields["table_type"] = sec.TableType
		if fields["data_source_format"] == nil && (sec.TableType == "MANAGED" || sec.TableType == "EXTERNAL") {
			fields["data_source_format"] = "DELTA"
		}
	}
	if u.access(sec, false) != nil {
		fields["browse_only"] = true
	}
	for omit, names := range map[string][]string{
		"omit_columns": {"columns"}, "omit_properties": {"properties"}, "omit_username": {"owner", "created_by", "updated_by"},
	} {
		if c.query.Get(omit) == "true" {
			for _, name := range names {
				delete(fields, name)
			}
		}
	}
	return fields
}

func textField(fields map[string]any, name string) string {
	text, _ := fields[name].(string)
	return text
}

// listTableSummaries is the cheap way to enumerate the tables of a catalog.
func listTableSummaries(c *call) (any, error) {
	catalog, err := c.world.securable(securableTypeOf("catalog"), c.query.Get("catalog_name"))
	if err != nil {
		return nil, err
	}
	u := c.uc()
	if err := u.access(catalog, false); err != nil {
		return nil, err
	}
	schemaLike, tableLike := likePattern(c.query.Get("schema_name_pattern")), likePattern(c.query.Get("table_name_pattern"))
	var seen []*Securable
	for _, schema := range c.world.children[securableKey("schema", catalog.Name)] {
		if !schemaLike.MatchString(splitName(schema.Name)[1]) {
			continue
		}
		for _, table := range c.world.children[securableKey("table", schema.Name)] {
			if tableLike.MatchString(splitName(table.Name)[2]) && u.access(table, false) == nil {
				seen = append(seen, table)
			}
		}
	}
	lo, hi, next, err := c.ucPage(len(seen), ucPages(10000, 10000), false)
	if err != nil {
		return nil, err
	}
	type summary struct {
		FullName  string `json:"full_name"`
		TableType string `json:"table_type"`
	}
	type list struct {
		Tables        []summary `json:"tables,omitempty"`
		NextPageToken string    `json:"next_page_token,omitempty"`
	}
	ans := list{NextPageToken: next}
	for _, table := range seen[lo:hi] {
		ans.Tables = append(ans.Tables, summary{table.Name, table.TableType})
	}
	return ans, nil
}

// likePattern is SQL's LIKE, whatever the case; empty matches everything.
func likePattern(pattern string) *regexp.Regexp {
	if pattern == "" {
		pattern = "%"
	}
	var expr strings.Builder
	for _, ch := range pattern {
		switch ch {
		case '%':
			expr.WriteString(".*")
		case '_':
			expr.WriteString(".")
		default:
			expr.WriteString(regexp.QuoteMeta(string(ch)))
		}
	}
	return regexp.MustCompile("(?is)^" + expr.String() + "$")
}

func tableExists(c *call) (any, error) {
	sec, err := c.world.securable(securableTypeOf("table"), c.params["name"])
	return map[string]bool{"table_exists": err == nil && c.uc().access(sec, false) == nil}, nil
}
