package reconcile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// readMembers reads the groups of the product with the given roles.
func (l *lab) readMembers(roles ...string) (map[string][]string, error) {
	l.t.Helper()
	declared, err := reconcile.Declare(l.repository(), l.env)
	if err != nil {
		return nil, err
	}
	var keys []plan.Key
	for _, r := range declared.Resources {
		if r.Key.Kind == "group" && slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(r.Labels, "role:"+role) }) {
			keys = append(keys, r.Key)
		}
	}
	clients, err := reconcile.ConnectAccount(l.t.Context(), declared.Env, l.endpoint, l.transport)
	if err != nil {
		return nil, err
	}
	found, err := reconcile.ReadMembers(l.t.Context(), clients, declared, keys)
	members := map[string][]string{}
	for key, m := range found {
		members[key.Name] = m
	}
	return members, err
}

func TestMembersOfGroupsAreReadWithoutAnythingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	l.converge()
	l.change(func(st *sandbox.State) {
		for i := range st.Account.Groups {
			if g := &st.Account.Groups[i]; g.DisplayName == "dp-sales-orders-consumer_dev" {
				g.Members = append(g.Members, "user:mallory@example.com", "sp:spn_etl_dev", "sp:Tableau", "group:AAD-Finance")
			}
		}
	})
	l.ResetRequests()
	got, err := l.readMembers("consumer", "finance-consumer")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"dp-sales-orders-consumer_dev":         {"group:AAD-Finance", "sp:spn_etl_dev", "sp:spn_tableau", "user:alice@example.com", "user:mallory@example.com"},
		"dp-sales-orders-finance-consumer_dev": {"group:AAD-Finance"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("members (-want +got):\n%s", d)
	}
	// The host's metadata, the lists of groups and of service principals (a page and
	// the empty one each), a GET for each of the two groups, and one page of users that is everybody.
	const most = 1 + 2 + 2 + 2 + 1
	var paths []string
	for _, r := range l.Requests() {
		paths = append(paths, r.Method+" "+r.Path)
		if r.Method != "GET" || !strings.Contains(r.Path, "/accounts/") && !strings.Contains(r.Path, ".well-known") {
			t.Errorf("%s %s is no read of the account", r.Method, r.Path)
		}
	}
	if len(paths) != most {
		t.Errorf("%d requests, want %d:\n%s", len(paths), most, strings.Join(paths, "\n"))
	}
}

func TestAGroupThatIsNotThereHasNoMembersAndAFailedReadIsAnError(t *testing.T) {
	t.Parallel()
	l := newLab(t, lakeWorld, lakeProject, lakeFiles)
	got, err := l.readMembers("consumer")
	if d := cmp.Diff(map[string][]string{"dp-sales-orders-consumer_dev": {}}, got); d != "" || err != nil {
		t.Errorf("before the first apply: %v, %v", got, err)
	}
	l.converge()
	for _, path := range []string{"/Groups/*", "/Groups", "/ServicePrincipals", "/Users"} {
		l.ClearFaults()
		l.Inject(sandbox.Fault{Method: "GET", Path: "*" + path, Status: 403, Times: -1})
		if got, err := l.readMembers("consumer"); err == nil {
			t.Errorf("a read of %s that is refused gives %v", path, got)
		}
	}
}
