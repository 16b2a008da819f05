package sandbox_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// Many clients at once: every request has its answer, and what they made is there.
func TestManyClientsAcrossAllServices(t *testing.T) {
	r := serveRig(t, nil, sandbox.Options{StateFile: filepath.Join(t.TempDir(), "state.json")})
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 15 {
				name := fmt.Sprintf("g%d-%d", c, i)
				for request, body := range map[string]string{
					"POST " + r.accountPath("/scim/v2/Groups"):                        `{"displayName":"` + name + `"}`,
					"POST /api/2.1/unity-catalog/schemas":                             `{"catalog_name":"main","name":"` + name + `"}`,
					"POST /api/2.2/jobs/create":                                       `{"name":"` + name + `"}`,
					"GET /api/2.0/preview/scim/v2/Users":                              "",
					"GET /api/2.1/unity-catalog/permissions/catalog/main":             "",
					"GET /api/2.2/jobs/list":                                          "",
					"PATCH /api/2.1/unity-catalog/permissions/schema/main.default":    `{"changes":[{"principal":"account users","add":["SELECT"]}]}`,
					"PUT /api/2.0/preview/permissionassignments/principals/1":         `{"permissions":["USER"]}`,
					"GET /api/2.1/unity-catalog/tables/main.default.orders":           "",
					"PATCH /api/2.1/unity-catalog/catalogs/main":                      `{"comment":"` + name + `"}`,
					"GET /api/2.1/unity-catalog/schemas?catalog_name=main":            "",
					"GET /api/2.0/workspace/list?path=/":                              "",
					"GET /api/2.0/preview/scim/v2/Groups?attributes=displayName,meta": "",
				} {
					if a := r.do(request, body); a.status >= 300 {
						t.Errorf("%s: %d %s", request, a.status, a.body)
					}
				}
			}
		})
	}
	clients.Wait()
	st := r.State()
	if got := len(st.Account.Groups); got != 2+8*15 {
		t.Errorf("%d groups", got)
	}
	if got := len(st.Securables); got != 4+8*15 {
		t.Errorf("%d securables", got)
	}
}

// The request log of a sandbox that serves for long does not grow without end.
func TestTheRequestLogIsBounded(t *testing.T) {
	r := serveRig(t, nil, sandbox.Options{})
	const size = 8 << 20
	body := `{"displayName":"` + strings.Repeat("x", size) + `"}`
	for range 12 {
		r.doAs("nobody", "POST /api/2.0/preview/scim/v2/Groups", body)
	}
	kept := 0
	for _, request := range r.Requests() {
		kept += len(request.Body)
	}
	if kept > 64<<20 || kept < size {
		t.Errorf("the log keeps %d MiB of bodies", kept>>20)
	}
}
