package reconcile_test

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// world is the account of most tests. Nothing in it is as documents want it, and
// nothing of it is declared.
const world = `
format: 1
caller: admin@example.com
account:
  users:
    - {userName: admin@example.com}
    - {userName: breakglass@example.com, roles: [account_admin]}
    - {userName: Alice@Example.com}
    - {userName: bob@example.com}
    - {userName: carol@example.com}
    - {userName: mallory@example.com}
    - {userName: partner@other.example}
    - {userName: frank@example.com, active: false}
  servicePrincipals:
    - {displayName: spn_etl_dev, applicationId: aaaaaaaa-0000-4000-8000-000000000001}
    - {displayName: Tableau, applicationId: cccccccc-0000-4000-8000-000000000001}
  groups:
    - {displayName: AAD-Auditors, externalId: ext-auditors, members: ["user:carol@example.com"]}
    - {displayName: AAD-Finance, externalId: ext-finance}
    - {displayName: grp_stranger, members: ["user:mallory@example.com"]}
metastore: {id: 11111111-0000-4000-8000-000000000001, name: main}
securables:
  - {type: catalog, name: silver_dev}
  - {type: schema, name: silver_dev.sales, owner: "user:bob@example.com"}
  - {type: table, name: silver_dev.sales.orders}
  - {type: catalog, name: gold_dev}
  - {type: schema, name: gold_dev.sales}
workspaces:
  - id: 1001
    name: dev/main
    assignments:
      - {principal: "user:breakglass@example.com", permissions: [ADMIN]}
      - {principal: "user:alice@example.com", permissions: [USER]}
      - {principal: "user:bob@example.com", permissions: [USER]}
      - {principal: "user:mallory@example.com", permissions: [USER]}
      - {principal: "user:partner@other.example", permissions: [USER]}
      - {principal: "group:AAD-Auditors", permissions: [USER]}
      - {principal: "group:grp_stranger", permissions: [USER]}
      - {principal: "sp:spn_etl_dev", permissions: [USER]}
    objects:
      - {type: clusters, id: 0123-456780-abcdef0, name: shared-etl, creator: "user:admin@example.com"}
      - {type: jobs, id: "90071992547409930", name: sales-etl, creator: "user:bob@example.com", acl: [{principal: "user:bob@example.com", level: IS_OWNER}]}
      - {type: warehouses, id: 1a2b3c4d5e6f7a80, name: bi, creator: "user:admin@example.com", acl: [{principal: "user:admin@example.com", level: IS_OWNER}]}
      - {type: directories, path: /Shared/sales}
`

// project is the Project of most tests: one environment, one workspace.
const project = `
apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: test}
spec:
  accounts: {main: {}}
  environments:
    dev:
      account: main
      suffix: _dev
      workspaces: {main: {unityCatalog: true}}
      catalogs: {silver: silver_dev, gold: gold_dev}
  owns:
    groups: ["grp_*"]
    servicePrincipals: ["spn_*"]
    externalGroups: ["AAD-*"]
    users: ["*@example.com"]
    except: ["grp_platform*"]
    catalogs: ["{silver}", "{gold}"]
    objects:
      - {workspace: main, type: clusters, name: "*"}
      - {workspace: main, type: jobs, name: "*"}
      - {workspace: main, type: warehouses, name: "*"}
      - {workspace: main, type: directories, path: /Shared/sales}
    assignments: true
  external:
    groups: ["AAD-*"]
    servicePrincipals: {spn_tableau: cccccccc-0000-4000-8000-000000000001}
  adoption: none
`

// with replaces parts of a text, each of which must be there.
func with(text string, oldnew ...string) string {
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			panic("not in the text: " + oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	return text
}

// doc is one document; its spec is written in flow style or indented by two.
func doc(kind, name, spec string) string {
	text := "---\napiVersion: brickgate.dev/v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\n"
	if strings.HasPrefix(spec, "{") {
		return text + "spec: " + spec + "\n"
	}
	return text + "spec:\n" + strings.TrimRight(spec, "\n ") + "\n"
}

func docs(documents ...string) string { return strings.Join(documents, "") }

// The parts of a live state that tests edit.

func group(st *sandbox.State, name string) *sandbox.Group {
	i := slices.IndexFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.DisplayName == name })
	if i < 0 {
		panic("no account group " + name)
	}
	return &st.Account.Groups[i]
}

func securable(st *sandbox.State, name string) *sandbox.Securable {
	i := slices.IndexFunc(st.Securables, func(s sandbox.Securable) bool { return s.Name == name })
	if i < 0 {
		panic("no securable " + name)
	}
	return &st.Securables[i]
}

func workspace(st *sandbox.State, name string) *sandbox.Workspace {
	i := slices.IndexFunc(st.Workspaces, func(w sandbox.Workspace) bool { return w.Name == name })
	if i < 0 {
		panic("no workspace " + name)
	}
	return &st.Workspaces[i]
}

func object(st *sandbox.State, kind, name string) *sandbox.Object {
	ws := workspace(st, "dev/main")
	i := slices.IndexFunc(ws.Objects, func(o sandbox.Object) bool { return o.Type == kind && (o.Name == name || o.Path == name) })
	if i < 0 {
		panic("no object " + kind + "/" + name)
	}
	return &ws.Objects[i]
}

// idOf is the id of user:…, group:… or sp:DISPLAY_NAME.
func idOf(st *sandbox.State, ref string) string {
	for id, token := range tokens(st) {
		if token == ref {
			return id
		}
	}
	panic("no principal " + ref)
}

// tokens names every principal of a state by id, as facts do where display names
// of service principals are unique.
func tokens(st *sandbox.State) map[string]string {
	all := map[string]string{}
	for _, u := range st.Account.Users {
		all[u.ID] = "user:" + strings.ToLower(u.UserName)
	}
	for _, sp := range st.Account.ServicePrincipals {
		all[sp.ID] = "sp:" + sp.DisplayName
	}
	for _, g := range st.Account.Groups {
		all[g.ID] = "group:" + g.DisplayName
	}
	for _, w := range st.Workspaces {
		for _, g := range w.Groups {
			all[g.ID] = "group:" + g.DisplayName
		}
	}
	return all
}

// members are the members of an account group, as facts name them.
func members(st *sandbox.State, name string) string {
	all := tokens(st)
	var out []string
	for _, id := range group(st, name).Members {
		out = append(out, all[id])
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// granted is what stands on a securable: "group:x=SELECT,MODIFY …".
func granted(st *sandbox.State, name string) string {
	all := tokens(st)
	var out []string
	for _, g := range securable(st, name).Grants {
		out = append(out, all[g.Principal]+"="+strings.Join(g.Privileges, ","))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// acl is the direct entries of an object: "group:x=CAN_USE …".
func acl(st *sandbox.State, kind, name string) string {
	all := tokens(st)
	var out []string
	for _, e := range object(st, kind, name).ACL {
		out = append(out, all[e.Principal]+"="+e.Level)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// give adds a grant to a live securable.
func give(st *sandbox.State, name, ref string, privileges ...string) {
	s := securable(st, name)
	s.Grants = append(s.Grants, sandbox.Grant{Principal: ref, Privileges: privileges})
}

// join adds a member to a live group.
func join(st *sandbox.State, name, ref string) {
	g := group(st, name)
	g.Members = append(g.Members, ref)
}

// leave takes a member out of a live group.
func leave(st *sandbox.State, name, ref string) {
	id := idOf(st, ref)
	g := group(st, name)
	g.Members = slices.DeleteFunc(g.Members, func(m string) bool { return m == id })
}

// allowOn adds an entry to a live object's ACL.
func allowOn(st *sandbox.State, kind, name, ref, level string) {
	o := object(st, kind, name)
	o.ACL = append(o.ACL, sandbox.ACLEntry{Principal: ref, Level: level})
}
