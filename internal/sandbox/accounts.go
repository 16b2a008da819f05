package sandbox

// accountRoutes are the account's list of workspaces.
func (s *Server) accountRoutes() []route {
	return []route{
		{method: "GET", path: "/api/2.0/accounts/{account}/workspaces", handle: listWorkspaces},
		{method: "GET", path: "/api/2.0/accounts/{account}/workspaces/{workspace}", handle: getWorkspace},
	}
}

type workspaceView struct {
	AccountID       string `json:"account_id"`
	WorkspaceID     int64  `json:"workspace_id"`
	WorkspaceName   string `json:"workspace_name"`
	DeploymentName  string `json:"deployment_name"`
	WorkspaceStatus string `json:"workspace_status"`
	Cloud           string `json:"cloud"`
	PricingTier     string `json:"pricing_tier"`
}

func (c *call) viewWorkspace(ws *Workspace) workspaceView {
	return workspaceView{
		AccountID: c.world.state.Account.ID, WorkspaceID: ws.ID, WorkspaceName: ws.Name,
		DeploymentName:  "dbc-" + hexOf(8, "deployment", ws.Name),
		WorkspaceStatus: "RUNNING", Cloud: c.s.Knobs().cloud(), PricingTier: "ENTERPRISE",
	}
}

// listWorkspaces shows account admins every workspace, others those they are in.
func listWorkspaces(c *call) (any, error) {
	list := []workspaceView{}
	for i := range c.world.state.Workspaces {
		ws := &c.world.state.Workspaces[i]
		if c.isAccountAdmin() || c.world.isVisibleIn(ws, c.caller.id) {
			list = append(list, c.viewWorkspace(ws))
		}
	}
	return list, nil
}

func getWorkspace(c *call) (any, error) {
	ws, err := c.workspaceByID(c.params["workspace"])
	if err != nil {
		return nil, err
	}
	if !c.isAccountAdmin() && !c.world.isVisibleIn(ws, c.caller.id) {
		return nil, denied("%s is not an account admin and not in workspace %d.", c.caller.name, ws.ID)
	}
	return c.viewWorkspace(ws), nil
}
