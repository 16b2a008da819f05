package sandbox

import (
	"maps"
	"strings"
)

func (s *Server) metastoreRoutes() []route {
	const account = "/api/2.0/accounts/{account}"
	return []route{
		{method: "GET", path: account + "/metastores", handle: listAccountMetastores},
		{method: "GET", path: account + "/metastores/{id}", handle: getAccountMetastore},
		{method: "GET", path: account + "/metastores/{id}/workspaces", handle: listMetastoreWorkspaces},
		{method: "GET", path: account + "/workspaces/{workspace}/metastore", handle: getMetastoreOfWorkspace},
		{method: "GET", path: ucBase + "current-metastore-assignment", handle: currentMetastore},
		{method: "GET", path: ucBase + "metastore_summary", handle: metastoreSummary},
		{method: "GET", path: ucBase + "metastores", query: []string{"max_results", "page_token"}, handle: listMetastores},
		{method: "GET", path: ucBase + "metastores/{id}", handle: getMetastore},
		{method: "PATCH", path: ucBase + "metastores/{id}", handle: updateMetastore, touches: touchesContents},
	}
}

func currentMetastore(c *call) (any, error) {
	return map[string]any{"metastore_id": c.world.state.Metastore.ID, "workspace_id": c.ws.ID, "default_catalog_name": "main"}, nil
}

// metastoreChanges are the fields of an update request that are kept as they come.
var metastoreChanges = strings.Fields(`delta_sharing_organization_name delta_sharing_recipient_token_lifetime_in_seconds
	delta_sharing_scope external_access_enabled privilege_model_version storage_root_credential_id`)

// region is where the metastore is; a seed may leave it open.
func (c *call) region() string {
	inCloud := map[string]string{"aws": "us-west-2", "azure": "westeurope", "gcp": "us-central1"}
	return firstNonEmpty(c.world.state.Metastore.Region, inCloud[c.s.Knobs().cloud()])
}

func (c *call) metastoreInfo() map[string]any {
	m, cloud := c.world.state.Metastore, c.s.Knobs().cloud()
	info := map[string]any{"privilege_model_version": "1.0", "delta_sharing_scope": "INTERNAL"}
	maps.Copy(info, m.Fields)
	info["metastore_id"], info["name"], info["owner"] = m.ID, m.Name, c.ucName(m.Owner)
	info["cloud"], info["region"] = cloud, c.region()
	info["global_metastore_id"] = strings.Join([]string{cloud, c.region(), m.ID}, ":")
	return info
}

func metastoreSummary(c *call) (any, error) { return c.metastoreInfo(), nil }

// needMetastoreAdmin is the error for callers who may neither read nor write
// metastores; account admins may.
func (c *call) needMetastoreAdmin() error {
	if c.isMetastoreAdmin() || c.isAccountAdmin() {
		return nil
	}
	return denied("User is not a metastore admin of Metastore '%s' and no account admin.", c.world.state.Metastore.Name)
}

func listMetastores(c *call) (any, error) {
	if err := c.needMetastoreAdmin(); err != nil {
		return nil, err
	}
	lo, hi, next, err := c.ucPage(1, ucPages(0, 1000), true)
	if err != nil {
		return nil, err
	}
	type list struct {
		Metastores    []map[string]any `json:"metastores,omitempty"`
		NextPageToken string           `json:"next_page_token,omitempty"`
	}
	return list{[]map[string]any{c.metastoreInfo()}[lo:hi], next}, nil
}

func (c *call) ownMetastore() error {
	if id := c.params["id"]; id != c.world.state.Metastore.ID {
		return securableTypeOf("metastore").doesNotExist(id)
	}
	return c.needMetastoreAdmin()
}

func getMetastore(c *call) (any, error) {
	if err := c.ownMetastore(); err != nil {
		return nil, err
	}
	return c.metastoreInfo(), nil
}

func updateMetastore(c *call) (any, error) {
	if err := c.ownMetastore(); err != nil {
		return nil, err
	}
	fields, err := c.fields(append([]string{"new_name", "owner"}, metastoreChanges...))
	if err != nil {
		return nil, err
	}
	name, err := take(fields, "new_name")
	if err != nil {
		return nil, err
	}
	owner, err := take(fields, "owner")
	if err != nil {
		return nil, err
	}
	m := &c.world.state.Metastore
	if owner != "" {
		p, err := c.ucPrincipal(owner)
		if err != nil {
			return nil, err
		}
		m.Owner = p.id
	}
	m.Name = firstNonEmpty(name, m.Name)
	if m.Fields == nil {
		m.Fields = map[string]any{}
	}
	maps.Copy(m.Fields, fields)
	return c.metastoreInfo(), nil
}

// The account's side of the metastore: it is the one of every workspace.

func listAccountMetastores(c *call) (any, error) {
	if err := c.needMetastoreAdmin(); err != nil {
		return nil, err
	}
	return map[string]any{"metastores": []map[string]any{c.metastoreInfo()}}, nil
}

func getAccountMetastore(c *call) (any, error) {
	if err := c.ownMetastore(); err != nil {
		return nil, err
	}
	return map[string]any{"metastore_info": c.metastoreInfo()}, nil
}

func listMetastoreWorkspaces(c *call) (any, error) {
	if err := c.ownMetastore(); err != nil {
		return nil, err
	}
	ids := []int64{}
	for _, ws := range c.world.state.Workspaces {
		ids = append(ids, ws.ID)
	}
	return map[string]any{"workspace_ids": ids}, nil
}

func getMetastoreOfWorkspace(c *call) (any, error) {
	ws, err := c.workspaceByID(c.params["workspace"])
	if err != nil {
		return nil, err
	}
	if err := c.needMetastoreAdmin(); err != nil {
		return nil, err
	}
	return map[string]any{"metastore_assignment": map[string]any{
		"metastore_id": c.world.state.Metastore.ID, "workspace_id": ws.ID, "default_catalog_name": "main",
	}}, nil
}
