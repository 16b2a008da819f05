package sandbox

// publishedField keeps the published version of a dashboard among its fields.
const publishedField = "published"

// publishRoutes are the published version of dashboards.
func (s *Server) publishRoutes() []route {
	const path = "/api/2.0/lakeview/dashboards/{id}/published"
	return []route{
		{method: "GET", path: path, handle: getPublished},
		{method: "POST", path: path, handle: publish, touches: touchesContents},
		{method: "DELETE", path: path, handle: unpublish, touches: touchesContents},
	}
}

func getPublished(c *call) (any, error) {
	o, err := inventoryOf("dashboards").find(c, c.params["id"])
	if err != nil {
		return nil, err
	}
	if err := c.needSee(o); err != nil {
		return nil, err
	}
	if o.Fields[publishedField] == nil {
		return nil, notFound("Unable to find published dashboard [dashboardId=%s]", o.ID)
	}
	return o.Fields[publishedField], nil
}

func (c *call) managedDashboard() (*Object, error) {
	o, err := inventoryOf("dashboards").find(c, c.params["id"])
	if err != nil {
		return nil, err
	}
	return o, c.needManage(o)
}

func publish(c *call) (any, error) {
	o, err := c.managedDashboard()
	if err != nil {
		return nil, err
	}
	var body struct {
		EmbedCredentials bool   `json:"embed_credentials"`
		WarehouseID      string `json:"warehouse_id"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if o.Fields == nil {
		o.Fields = map[string]any{}
	}
	published := map[string]any{
		"display_name": o.Name, "embed_credentials": body.EmbedCredentials, "warehouse_id": body.WarehouseID,
		"revision_create_time": c.now.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	o.Fields[publishedField] = published
	return published, nil
}

func unpublish(c *call) (any, error) {
	o, err := c.managedDashboard()
	if err != nil {
		return nil, err
	}
	delete(o.Fields, publishedField)
	return nil, nil
}
