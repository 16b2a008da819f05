package sandbox_test

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// largeWorld has 5,000 users, 900 groups that are assigned to the workspace, and
// some 20,000 securables with grants.
func largeWorld() *sandbox.State {
	st := &sandbox.State{
		Format: 1, Caller: "u0@example.com", Workspaces: []sandbox.Workspace{{ID: 1001, Name: "dev/main"}},
	}
	for i := range 5000 {
		st.Account.Users = append(st.Account.Users, sandbox.User{UserName: fmt.Sprintf("u%d@example.com", i)})
	}
	for i := range 900 {
		g := sandbox.Group{DisplayName: fmt.Sprintf("g%d", i)}
		for j := range 30 {
			g.Members = append(g.Members, fmt.Sprintf("user:u%d@example.com", (i*30+j)%5000))
		}
		st.Account.Groups = append(st.Account.Groups, g)
		st.Workspaces[0].Assignments = append(st.Workspaces[0].Assignments,
			sandbox.Assignment{Principal: "group:" + g.DisplayName, Permissions: []string{"USER"}})
	}
	grants := func() []sandbox.Grant {
		return []sandbox.Grant{{Principal: "group:g1", Privileges: []string{"SELECT"}}, {Principal: "group:g2", Privileges: []string{"SELECT"}}}
	}
	for c := range 20 {
		catalog := fmt.Sprintf("c%d", c)
		st.Securables = append(st.Securables, sandbox.Securable{Type: "catalog", Name: catalog})
		for s := range 10 {
			schema := fmt.Sprintf("%s.s%d", catalog, s)
			st.Securables = append(st.Securables, sandbox.Securable{Type: "schema", Name: schema})
			for t := range 100 {
				st.Securables = append(st.Securables, sandbox.Securable{Type: "table", Name: fmt.Sprintf("%s.t%d", schema, t), Grants: grants()})
			}
		}
	}
	return st
}

// BenchmarkLargeAccount is one request of each kind in a large account whose
// state is kept in a file.
func BenchmarkLargeAccount(b *testing.B) {
	server, err := sandbox.New(largeWorld(), sandbox.Options{StateFile: filepath.Join(b.TempDir(), "state.json")})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	made := 0 // names differ from run to run
	scim := "/api/2.0/accounts/" + server.AccountID() + "/scim/v2"
	for _, bb := range []struct{ name, request, body string }{
		{"me", "GET /api/2.0/preview/scim/v2/Me", ""},
		{"workspace group names", "GET /api/2.0/preview/scim/v2/Groups?attributes=displayName&count=100", ""},
		{"workspace user by name", "GET /api/2.0/preview/scim/v2/Users?filter=userName+eq+%22u7@example.com%22", ""},
		{"account group by name", "GET " + scim + "/Groups?filter=displayName+eq+%22g7%22", ""},
		{"account users", "GET " + scim + "/Users?count=100", ""},
		{"tables", "GET /api/2.1/unity-catalog/tables?catalog_name=c1&schema_name=s1", ""},
		{"grants", "GET /api/2.1/unity-catalog/permissions/table/c1.s1.t1", ""},
		{"grant", "PATCH /api/2.1/unity-catalog/permissions/table/c1.s1.t1", `{"changes":[{"principal":"g3","add":["SELECT"]}]}`},
		{"make a group", "POST " + scim + "/Groups", `{"displayName":"new %d"}`},
		{"make a schema", "POST /api/2.1/unity-catalog/schemas", `{"catalog_name":"c1","name":"new_%d"}`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			method, path, _ := strings.Cut(bb.request, " ")
			for b.Loop() {
				body := bb.body
				if strings.Contains(body, "%d") {
					made++
					body = fmt.Sprintf(body, made)
				}
				request := httptest.NewRequest(method, path, strings.NewReader(body))
				request.Header.Set("Authorization", "Bearer "+server.Token())
				answer := httptest.NewRecorder()
				server.ServeHTTP(answer, request)
				if answer.Code >= 300 {
					b.Fatal(answer.Code, answer.Body.String())
				}
			}
		})
	}
}
