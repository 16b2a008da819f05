package reconcile_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/reconcile"
)

// withSynced adds a group that somebody else fills to the world's account.
func withSynced(l *lab, name string, members ...string) {
	l.change(func(st *sandbox.State) {
		i := slices.IndexFunc(st.Account.Groups, func(g sandbox.Group) bool { return g.DisplayName == name })
		if i < 0 {
			i = len(st.Account.Groups)
			st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: name})
		}
		st.Account.Groups[i].Members = members
	})
}

// headsLab is a world with synced groups in each other.
func headsLab(t *testing.T) (*lab, *reconcile.Run) {
	l := newLab(t, world, project, map[string]string{"a.yaml": doc("Group", "grp_a", "{members: [{user: alice@example.com}]}")})
	withSynced(l, "AAD-Inner", "user:bob@example.com", "user:carol@example.com")
	withSynced(l, "AAD-Finance", "user:alice@example.com", "user:bob@example.com", "group:AAD-Inner")
	run, err := l.read()
	if err != nil {
		t.Fatal(err)
	}
	return l, run
}

func heads(t *testing.T, run *reconcile.Run, groups ...string) map[string]int {
	t.Helper()
	got, err := run.Heads(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestHeads counts everybody in a group once, one GET for each group that it takes.
func TestHeads(t *testing.T) {
	l, run := headsLab(t)
	before := len(l.Requests())
	got := heads(t, run, "group:AAD-Auditors", "group:AAD-Finance", "group:AAD-Not-There")
	if diff := cmp.Diff(map[string]int{"group:AAD-Auditors": 1, "group:AAD-Finance": 3, "group:AAD-Not-There": 0}, got); diff != "" {
		t.Error(diff)
	}
	if n := len(l.Requests()) - before; n != 3 {
		t.Errorf("%d requests, want one for each of AAD-Auditors, AAD-Finance and AAD-Inner", n)
	}
	if before = len(l.Requests()); len(heads(t, run)) != 0 || len(l.Requests()) != before {
		t.Error("a question about no group asks for something")
	}
}

// TestHeadsThatCannotBeReadAreUnknown, and so are those of a group that holds them.
func TestHeadsThatCannotBeReadAreUnknown(t *testing.T) {
	l, run := headsLab(t)
	l.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*/Groups/*", Skip: 1, Status: http.StatusForbidden, Times: -1})
	if diff := cmp.Diff(map[string]int{}, heads(t, run, "group:AAD-Finance")); diff != "" {
		t.Error(diff)
	}
	l.ClearFaults()
	if diff := cmp.Diff(map[string]int{"group:AAD-Finance": 3}, heads(t, run, "group:AAD-Finance")); diff != "" {
		t.Error(diff)
	}
}
