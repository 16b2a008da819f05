package reconcile_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// The traps of SCIM, each with the check that tells whether one is in it.

const three = `{members: [{user: alice@example.com}, {user: bob@example.com}, {user: carol@example.com}]}`

func TestGotcha01AccountListsCarryNoMembers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", three)))
	l.converge()
	l.SetKnobs(sandbox.Knobs{MembersInAccountList: true})
	l.settled()
}

func TestGotcha02RemovalNamesOneMember(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", three)))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_team", `{members: [{user: alice@example.com}, {user: bob@example.com}]}`))
	l.apply()
	same(t, "members", "user:alice@example.com user:bob@example.com", members(l.State(), "grp_team_dev"))
	for _, w := range l.writes() {
		if strings.Contains(strings.ReplaceAll(w.Body, " ", ""), `"path":"members"`) && strings.Contains(w.Body, `"remove"`) {
			t.Errorf("a removal of all members: %s", w.Body)
		}
	}
	l.settled()
}

func TestGotcha03LastMemberRemovedTwice(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_team", `{members: []}`))
	first, p1 := l.plan()
	second, p2 := l.plan()
	for _, o := range append(l.carryOut(first, p1), l.carryOut(second, p2)...) {
		if o.Err != nil {
			t.Errorf("%s: %v", o.Status, o.Err)
		}
	}
	l.settled()
}

// Somebody empties the group between our plan and our PATCH, which adds one and
// removes another.
func TestGotcha03GroupEmptiedUnderUs(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)))
	l.converge()
	l.put("access.yaml", doc("Group", "grp_team", `{members: []}`))
	l.Inject(sandbox.Fault{Method: http.MethodPatch, Path: "*/Groups/*", Mutate: func(st *sandbox.State) {
		leave(st, "grp_team_dev", "user:alice@example.com")
	}})
	l.apply()
	l.settled()
}

func TestGotcha06ListsAreReadToTheEnd(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, nil)
	var text strings.Builder
	l.change(func(st *sandbox.State) {
		for len(st.Account.Groups) < 250 {
			name := fmt.Sprintf("grp_%03d", len(st.Account.Groups))
			st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: name + "_dev"})
			text.WriteString(doc("Group", name, `{}`))
		}
	})
	l.put("access.yaml", text.String())
	l.SetKnobs(sandbox.Knobs{PageSize: 100})
	l.settled()
	lists := 0
	for _, r := range l.Requests() {
		if strings.HasPrefix(r.Path, "/api/2.0/accounts/") && strings.HasSuffix(r.Path, "/Groups") {
			lists++
		}
	}
	if lists != 4 {
		t.Errorf("%d requests list 250 groups in pages of 100, want 4", lists)
	}
}

func TestGotcha07AccountGroupsAreAssignedNotCreated(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}], workspaces: {main: {permission: USER, entitlements: [workspace-access]}}}`)))
	l.change(func(st *sandbox.State) {
		st.Account.Groups = append(st.Account.Groups, sandbox.Group{DisplayName: "grp_team_dev"})
	})
	l.want(`
		update group@account/grp_team_dev member +user:alice@example.com
		update assignment@main/group:grp_team_dev permission +USER
		update entitlements@main/group:grp_team_dev entitlement +workspace-access`)
	l.converge()
}

// A local group of the same name is somebody else.
func TestGotcha07LocalGroupOfTheSameName(t *testing.T) {
	t.Parallel()
	seed := with(world, "    objects:", "    groups: [{displayName: grp_team_dev, members: [\"user:mallory@example.com\"]}]\n    objects:")
	l := newLab(t, seed, project, file(doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`)))
	l.want(`create group@account/grp_team_dev member +user:alice@example.com`)
	l.converge()
	if g := workspace(l.State(), "dev/main").Groups; len(g) != 3 || len(g[0].Members) != 1 {
		t.Errorf("the workspace's groups have changed: %v", g)
	}
}

func TestGotcha08AmbiguousServicePrincipal(t *testing.T) {
	t.Parallel()
	seed := with(world, "  groups:\n", `    - {displayName: spn_etl_dev, applicationId: aaaaaaaa-0000-4000-8000-000000000002}
  groups:
`, "sp:spn_etl_dev", "sp:aaaaaaaa-0000-4000-8000-000000000001")
	member := doc("Group", "grp_team", `{members: [{servicePrincipal: spn_etl}]}`)
	l := newLab(t, seed, project, map[string]string{
		"a.yaml": doc("ServicePrincipal", "spn_etl", `{}`), "b.yaml": member})
	l.wantError("a.yaml:", "2 service principals in account are called spn_etl_dev", "applicationId",
		"aaaaaaaa-0000-4000-8000-000000000001, aaaaaaaa-0000-4000-8000-000000000002")

	l.put("a.yaml", doc("ServicePrincipal", "spn_etl", `{applicationId: aaaaaaaa-0000-4000-8000-000000000002}`))
	l.want(`create group@account/grp_team_dev member +sp:aaaaaaaa-0000-4000-8000-000000000002`)
	l.converge()
}

// An application id as a member would be taken and add nobody: it is refused, or
// becomes the id of whom it means.
func TestGotcha08MemberByApplicationID(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", `{members: [{servicePrincipal: cccccccc-0000-4000-8000-000000000001}]}`)))
	l.want(`create group@account/grp_team_dev member +sp:spn_tableau`)
	l.converge()
	l.put("access.yaml", doc("Group", "grp_team", `{members: [{servicePrincipal: dddddddd-0000-4000-8000-000000000001}]}`))
	l.wantError("access.yaml:5:", "unknown service principal")
}

func TestGotcha08NamesOfUsersFoldNamesOfGroupsDoNot(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_team", `{members: [{user: ALICE@example.COM}]}`),
		doc("Permissions", "cluster", `{objects: [{type: clusters, name: shared-etl}], permissions: [{user: aLiCe@example.com, level: CAN_MANAGE}]}`))))
	l.converge()
	l.change(func(st *sandbox.State) { group(st, "grp_team_dev").DisplayName = "Grp_Team_dev" })
	l.want(`create group@account/grp_team_dev member +user:alice@example.com`)
}

func TestGotcha23PlainTextNotFoundIsGone(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_old", `{}`)))
	l.converge()
	l.put("access.yaml", docs(doc("Removed", "grp_old", `{kind: Group, action: delete, reason: over}`)))
	l.Inject(sandbox.Fault{Method: http.MethodDelete, After: true, Status: http.StatusNotFound, ContentType: "text/plain", Body: "no such thing"})
	l.apply()
	l.settled()
}

func TestGotcha24LostAnswers(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(docs(
		doc("Group", "grp_old", `{}`),
		onCluster(`{user: alice@example.com, level: CAN_MANAGE}, {user: bob@example.com, level: CAN_MANAGE}`))))
	l.converge()
	l.put("access.yaml", docs(
		doc("Removed", "grp_old", `{kind: Group, action: delete, reason: over}`),
		onCluster(`{user: alice@example.com, level: CAN_MANAGE}`)))
	l.Inject(sandbox.Fault{Method: http.MethodDelete, Path: "*/Groups/*", After: true, Status: http.StatusInternalServerError})
	l.Inject(sandbox.Fault{Method: http.MethodPut, Path: "/api/2.0/permissions/*", After: true, Status: http.StatusGatewayTimeout})
	l.apply()
	same(t, "acl", "user:alice@example.com=CAN_MANAGE", acl(l.State(), "clusters", "shared-etl"))
	l.settled()
}

// A create whose answer is lost is not repeated blindly: the next run goes on
// from what is live.
func TestGotcha24LostAnswerToACreate(t *testing.T) {
	t.Parallel()
	l := newLab(t, world, project, file(doc("Group", "grp_team", three)))
	l.Inject(sandbox.Fault{Method: http.MethodPost, Path: "*/Groups", After: true, Status: http.StatusGatewayTimeout})
	l.carryOut(l.plan())
	l.settled()
}
