package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// against plans the repository as it is, against what declared says, over the
// answers of one reading. It returns the requests that the base took in addition.
func (l *lab) against(base *reconcile.Declared) (p plan.Plan, more []string) {
	l.t.Helper()
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		l.t.Fatal(err)
	}
	declared, err := reconcile.Declare(repo, l.env)
	if err != nil {
		l.t.Fatal(err)
	}
	memory := &reconcile.Memory{Base: l.transport}
	clients, err := reconcile.Connect(l.t.Context(), declared.Env, l.endpoint, memory)
	if err != nil {
		l.t.Fatal(err)
	}
	run, err := reconcile.Read(l.t.Context(), clients, declared, l.opts)
	if err != nil {
		l.t.Fatal(err)
	}
	if p, err = run.Plan(l.now, l.allow, l.judge); err != nil {
		l.t.Fatal(err)
	}
	bare := show(p)
	l.ResetRequests()
	memory.Recall()
	before, err := run.ReadBase(l.t.Context(), nil, base)
	if err != nil {
		l.t.Fatal(err)
	}
	p.Base = &plan.Base{Ref: "main"}
	if err := run.Part(&p, before, l.now, l.judge); err != nil {
		l.t.Fatal(err)
	}
	same(l.t, "the plan itself", bare, show(p))
	for _, r := range l.Requests() {
		more = append(more, r.Method+" "+r.Path)
	}
	return p, more
}

func satisfied(p plan.Plan) string {
	var b strings.Builder
	for _, s := range p.Base.Satisfied {
		sign := "+"
		if s.Removed {
			sign = "-"
		}
		fmt.Fprintf(&b, "%s %s %s%s\n", s.Key, s.Field, sign, s.Value)
	}
	return b.String()
}

func TestPartsOverOneLiveState(t *testing.T) {
	t.Parallel()
	spn := func(name, rest string) string {
		return doc("ServicePrincipal", name, `{applicationId: aaaaaaaa-0000-4000-8000-000000000001`+rest+`}`)
	}
	user := func(level string) string { return onCluster(`{user: alice@example.com, level: ` + level + `}`) }
	on := func(level string) func(*sandbox.State) {
		return func(s *sandbox.State) {
			s.Workspaces[0].Objects[0].ACL = append(s.Workspaces[0].Objects[0].ACL, sandbox.ACLEntry{Principal: "user:alice@example.com", Level: level})
		}
	}
	for name, tt := range map[string]struct {
		base, head               string
		live                     func(*sandbox.State)
		intent, drift, satisfied string
		more                     int // requests for the base
	}{
		"a service principal that gets another name": {
			base:   spn("spn_etl", "") + onSchema(`{servicePrincipal: spn_etl, privileges: [USE_SCHEMA]}`),
			head:   spn("spn_load", ", previously: [spn_etl]") + onSchema(`{servicePrincipal: spn_load, privileges: [USE_SCHEMA, SELECT]}`),
			intent: "update servicePrincipal@account/spn_load_dev name +spn_load_dev -spn_etl_dev\nupdate grants@metastore/schema/silver_dev.sales sp:spn_load_dev +SELECT\n",
			drift:  "update grants@metastore/schema/silver_dev.sales sp:spn_load_dev +USE_SCHEMA\n",
		},
		"a group that the base would rename, and that keeps its name now": {
			base: doc("Group", "grp_new", `{previously: [grp_old], members: [{user: alice@example.com}]}`),
			head: doc("Group", "grp_old", `{members: [{user: alice@example.com}, {user: bob@example.com}]}`),
			live: func(s *sandbox.State) {
				s.Account.Groups = append(s.Account.Groups, sandbox.Group{DisplayName: "grp_old_dev"})
			},
			intent: "update group@account/grp_old_dev member +user:bob@example.com\n",
			drift:  "update group@account/grp_old_dev member +user:alice@example.com\n",
		},
		"a level that stands between what was and what is wanted": {
			base: user("CAN_ATTACH_TO"), head: user("CAN_MANAGE"), live: on("CAN_RESTART"),
			intent: "update permissions@main/clusters/shared-etl user:alice@example.com +CAN_MANAGE -CAN_RESTART\n",
		},
		"a level that is there already": {
			base: user("CAN_ATTACH_TO"), head: user("CAN_MANAGE"), live: on("CAN_MANAGE"),
			satisfied: "permissions@main/clusters/shared-etl user:alice@example.com +CAN_MANAGE\n",
		},
		"a group that is to be deleted, and is gone": {
			base:      doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`),
			head:      doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`),
			satisfied: "group@account/grp_team_dev  -\n",
		},
		"a group that is to be made, and is there": {
			base: doc("Group", "grp_other", `{members: []}`),
			head: doc("Group", "grp_other", `{members: []}`) + doc("Group", "grp_team", `{members: [{user: alice@example.com}]}`),
			live: func(s *sandbox.State) {
				s.Account.Groups = append(s.Account.Groups, sandbox.Group{DisplayName: "grp_other_dev"}, sandbox.Group{DisplayName: "grp_team_dev", Members: []string{"user:alice@example.com"}})
			},
			satisfied: "group@account/grp_team_dev  +\ngroup@account/grp_team_dev member +user:alice@example.com\n",
		},
		"an object that is not there yet: nobody can say": {
			base:   onCluster(`{user: alice@example.com, level: CAN_RESTART}`),
			head:   doc("Permissions", "cluster", `{objects: [{type: clusters, name: nosuch}], permissions: [{user: alice@example.com, level: CAN_RESTART}]}`),
			live:   on("CAN_RESTART"),
			intent: "update permissions@main/clusters/shared-etl user:alice@example.com -CAN_RESTART\n",
		},
		"what only the base looks at is read for it": {
			base:      onSchema(`{user: alice@example.com, privileges: [USE_SCHEMA]}`) + doc("Grants", "more", `{authority: merge, securables: [{type: table, name: "{silver}.sales.orders"}], grants: [{user: bob@example.com, privileges: [SELECT]}]}`),
			head:      onSchema(`{user: alice@example.com, privileges: [USE_SCHEMA]}`),
			drift:     "update grants@metastore/schema/silver_dev.sales user:alice@example.com +USE_SCHEMA\n",
			satisfied: "grants@metastore/table/silver_dev.sales.orders user:bob@example.com -SELECT\n",
			more:      -1,
		},
		"users of whom the base names others, and more": {
			base:      doc("Group", "grp_team", `{members: [{user: mallory@example.com}, {user: partner@other.example}, {user: nobody@example.com}]}`),
			head:      doc("Group", "grp_team", `{members: [{user: carol@example.com}, {user: partner@other.example}]}`),
			intent:    "update group@account/grp_team_dev member +user:carol@example.com\n",
			drift:     "create group@account/grp_team_dev member +user:partner@other.example\n",
			satisfied: "group@account/grp_team_dev member -user:mallory@example.com\n",
			more:      -1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, file(tt.base))
			if tt.live != nil {
				l.change(tt.live)
			}
			base := l.declared()
			l.putAll(file(tt.head))
			p, more := l.against(base)
			intent, drift := p.Parts()
			same(t, "intent", sorted(lines(tt.intent)), sorted(show(plan.Plan{Changes: intent})))
			same(t, "drift", sorted(lines(tt.drift)), sorted(show(plan.Plan{Changes: drift})))
			same(t, "satisfied", tt.satisfied, satisfied(p))
			if tt.more >= 0 && len(more) != tt.more || len(more) > 4 {
				t.Errorf("the base took %d requests, want %d: %v", len(more), tt.more, more)
			}
		})
	}
}

// What a guard kept from happening is asked for by whoever lets the guard off.
func TestAGuardThatIsLetOffIsNoDrift(t *testing.T) {
	t.Parallel()
	carol := func(s *sandbox.State) { give(s, "silver_dev.sales", "user:carol@example.com", "MANAGE") }
	files := file(onSchema(`{user: alice@example.com, privileges: [SELECT]}`))
	const intent = "update grants@metastore/schema/silver_dev.sales user:carol@example.com -MANAGE\n"
	protect := with(project, `  adoption: none`, "  guards: {protected: [{user: carol@example.com}]}\n  adoption: none")
	for name, tt := range map[string]struct{ base, head, intent, drift string }{
		"let off":        {protect, project, intent, ""},
		"never there":    {project, project, "", intent},
		"still there":    {protect, protect, "", ""},
		"there since":    {project, protect, "", ""},
		"of all at once": {with(project, "  adoption: none", "  guards: {maxRemovals: {absolute: 0}}\n  adoption: none"), project, intent, ""},
		"another number": {with(project, "  adoption: none", "  guards: {maxRemovals: {absolute: 0}}\n  adoption: none"), with(project, "  adoption: none", "  guards: {maxRemovals: {absolute: 0}, maxDeletes: 3}\n  adoption: none"), "", intent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, project, files)
			l.converge()
			l.change(carol)
			l.put("brickgate.yaml", tt.base)
			base := l.declared()
			l.put("brickgate.yaml", tt.head)
			p, _ := l.against(base)
			intent, drift := p.Parts()
			same(t, "intent", sorted(lines(tt.intent)), sorted(show(plan.Plan{Changes: intent})))
			same(t, "drift", sorted(lines(tt.drift)), sorted(show(plan.Plan{Changes: drift})))
		})
	}
}

// What the base leaves alone and this change of the repository takes over is intent:
// nobody overlooks it as drift.
func TestWhatIsTakenOverIsNoDrift(t *testing.T) {
	t.Parallel()
	grants := func(authority string) string {
		return doc("Grants", "schema", `{authority: `+authority+`, securables: [{type: schema, name: "{silver}.sales"}], grants: [{user: alice@example.com, privileges: [SELECT]}]}`)
	}
	carol := "update grants@metastore/schema/silver_dev.sales user:carol@example.com -SELECT\n"
	member := "update group@account/grp_team_dev member -user:carol@example.com\n"
	for name, tt := range map[string]struct{ base, head, baseProject, headProject, intent, drift string }{
		"exact before":    {grants("exact"), grants("exact"), project, project, "", carol},
		"exact since":     {grants("merge"), grants("exact"), project, project, carol, ""},
		"a group since":   {doc("Group", "grp_other", `{members: []}`), doc("Group", "grp_team", `{authority: exact, members: []}`), project, project, member, ""},
		"a group merged":  {doc("Group", "grp_team", `{authority: merge, members: []}`), doc("Group", "grp_team", `{authority: exact, members: []}`), project, project, member, ""},
		"a group before":  {doc("Group", "grp_team", `{authority: exact, members: []}`), doc("Group", "grp_team", `{authority: exact, members: []}`), project, project, "", member},
		"a group adopted": {doc("Group", "grp_team", `{members: []}`), doc("Group", "grp_team", `{members: []}`), with(project, "  adoption: none", "  adoption: {until: 2099-01-01}"), project, member, ""},
		"deleted since":   {doc("Group", "grp_team", `{authority: exact, members: []}`), doc("Removed", "grp_team", `{kind: Group, action: delete, reason: over}`), project, project, "delete group@account/grp_team_dev\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, world, tt.baseProject, file(tt.base))
			l.change(func(s *sandbox.State) {
				if strings.Contains(tt.head, "Grants") {
					give(s, "silver_dev.sales", "user:carol@example.com", "SELECT")
					give(s, "silver_dev.sales", "user:alice@example.com", "SELECT")
				}
				s.Account.Groups = append(s.Account.Groups, sandbox.Group{DisplayName: "grp_team_dev", Members: []string{"user:carol@example.com"}})
			})
			base := l.declared()
			l.put("brickgate.yaml", tt.headProject)
			l.putAll(file(tt.head))
			p, _ := l.against(base)
			intent, drift := p.Parts()
			only := func(text string) string { // what takes something away
				return strings.Join(slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return !strings.Contains(s, " -") && !strings.HasPrefix(s, "delete") }), "\n")
			}
			same(t, "intent", only(tt.intent), only(show(plan.Plan{Changes: intent})))
			same(t, "drift", only(tt.drift), only(show(plan.Plan{Changes: drift})))
		})
	}
}
