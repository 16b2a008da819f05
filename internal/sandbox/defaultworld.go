package sandbox

const defaultAccountID = "00000000-0000-0000-0000-0000000000aa"

// defaultWorld is the seed of a sandbox that is given none: what a quickstart of
// an SDK lists and what a first Terraform configuration refers to. Its service
// principal has a fixed application id, to sign in with over OAuth.
func defaultWorld() *State {
	const (
		admin    = "user:admin@example.com"
		engineer = "group:data-engineers"
	)
	return &State{
		Format: stateFormat,
		Caller: "admin@example.com",
		Account: Account{
			ID: defaultAccountID,
			Users: []User{
				{UserName: "admin@example.com", DisplayName: "Admin"},
				{UserName: "alice@example.com", DisplayName: "Alice"},
				{UserName: "bob@example.com", DisplayName: "Bob"},
			},
			ServicePrincipals: []ServicePrincipal{{DisplayName: "automation", ApplicationID: "00000000-0000-0000-0000-0000000000bb"}},
			Groups:            []Group{{DisplayName: "data-engineers", Members: []string{"user:alice@example.com", "sp:automation"}}},
		},
		Metastore: Metastore{Name: "main", Owner: admin},
		Securables: []Securable{
			{Type: "catalog", Name: "main", Grants: []Grant{{Principal: "group:account users", Privileges: []string{privUseCatalog}}}},
			{Type: "schema", Name: "main.default", Grants: []Grant{{Principal: engineer, Privileges: []string{"CREATE_TABLE", privUseSchema}}}},
			{Type: "table", Name: "main.default.orders", Grants: []Grant{{Principal: engineer, Privileges: []string{"SELECT"}}}},
			{Type: "volume", Name: "main.default.files"},
		},
		Workspaces: []Workspace{{
			ID: 1001, Name: "dev/main",
			Assignments: []Assignment{
				{Principal: "user:bob@example.com", Permissions: []string{permissionUser}},
				{Principal: engineer, Permissions: []string{permissionUser}},
			},
			Objects: defaultObjects(admin),
		}},
	}
}

func defaultObjects(owner string) []Object {
	small := map[string]any{"node_type_id": "i3.xlarge", "num_workers": 1, "spark_version": sparkVersions[0].Key}
	return []Object{
		{Type: "authorization", ID: "passwords"},
		{Type: "authorization", ID: "tokens"},
		{Type: "cluster-policies", Name: "Personal Compute", Creator: owner, Fields: map[string]any{"definition": "{}"}},
		{Type: "clusters", Name: "shared", Creator: owner, Fields: small},
		{Type: "warehouses", Name: "Starter Warehouse", Creator: owner, ACL: []ACLEntry{{Principal: owner, Level: levelOwner}},
			Fields: map[string]any{"cluster_size": "2X-Small", "auto_stop_mins": 10, "warehouse_type": "PRO"}},
	}
}
