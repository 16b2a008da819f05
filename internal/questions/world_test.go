package questions_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/internal/questions"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

const project = `
apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: test}
spec:
  accounts: {main: {}}
  environments:
    prd: {account: main, suffix: _prd, workspaces: {main: {profile: main}, ml: {profile: ml}}, catalogs: {silver: silver_prd, gold: [gold_prd, gold_extra_prd]}}
  owns: {groups: ["grp_*"], servicePrincipals: ["spn_*"], users: ["*@example.com"], catalogs: ["*"], objects: [{workspace: "*", type: warehouses, name: "*"}]}
  adoption: none
  external: {servicePrincipals: {tableau: cccccccc-0000-4000-8000-000000000001}}
---
apiVersion: brickgate.dev/v1
kind: Group
metadata: {name: grp_a}
spec: {members: [{user: ann@example.com}]}
---
apiVersion: brickgate.dev/v1
kind: Group
metadata: {name: both}
spec: {source: external, displayName: both}
---
apiVersion: brickgate.dev/v1
kind: ServicePrincipal
metadata: {name: both}
spec: {source: external, displayName: both, applicationId: aaaaaaaa-0000-4000-8000-000000000001}
---
apiVersion: brickgate.dev/v1
kind: ServicePrincipal
metadata: {name: spn_a}
spec: {applicationId: aaaaaaaa-0000-4000-8000-000000000002}
`

// declared is the environment prd of the project.
func declared(t testing.TB) *reconcile.Declared {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "brickgate.yaml"), []byte(project), 0o600); err != nil {
		t.Fatal(err)
	}
	repo, err := spec.Load(dir, reconcile.SpecKinds())
	if err != nil {
		t.Fatal(err)
	}
	d, err := reconcile.Declare(repo, "prd")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// live is a world of these resources.
func live(t testing.TB, all ...plan.Resource) *questions.World {
	t.Helper()
	d := declared(t)
	state := plan.NewState(all)
	p := questions.Platform{
		Platform:   access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels},
		Securables: reconcile.SecurableTypes(), Objects: reconcile.ObjectTypes(), Segments: reconcile.Segments,
		Privilege: reconcile.Privilege, Level: reconcile.Level,
	}
	return &questions.World{
		Access: access.New(state, p.Platform, now), State: state, On: questions.Live, Env: d.Env, Now: now, Platform: p, Called: d.Called(),
		Known: []string{"group:elsewhere"},
		ServicePrincipal: func(id string) (string, bool) {
			return "sp:spn_a_prd", id == "aaaaaaaa-0000-4000-8000-000000000002"
		},
		Exists: func(k plan.Key) (bool, error) {
			return k.Name == "volume/gold_prd.s.unowned" || k.Target == "ml" && k.Name == "warehouses/unowned", nil
		},
	}
}

// resource is a key, and fields as name=value,value.
func resource(key string, fields ...string) plan.Resource {
	kind, rest, _ := strings.Cut(key, "@")
	target, name, _ := strings.Cut(rest, "/")
	r := plan.Resource{Key: plan.Key{Kind: kind, Target: target, Name: name}}
	for _, f := range fields {
		name, values, _ := strings.Cut(f, "=")
		field := plan.Field{Name: name}
		if values != "" {
			field.Values = strings.Split(values, ",")
		}
		r.Fields = append(r.Fields, field)
	}
	return r
}

// claimed adds a claim on a field's value from a line of a file.
func claimed(r plan.Resource, field, value string, o plan.Origin) plan.Resource {
	r.Claims = append(r.Claims, plan.Claim{Field: field, Value: value, Want: true, Origin: &o})
	return r
}

func world(t testing.TB) *questions.World {
	t.Helper()
	return live(t,
		resource("group@account/grp_a_prd", "member=user:ann@example.com"),
		resource("grants@metastore/catalog/gold_prd", "group:grp_a_prd=USE_CATALOG"),
		resource("grants@metastore/catalog/gold_extra_prd"),
		resource("grants@metastore/catalog/ml"),
		resource("grants@metastore/schema/gold_prd.s", "group:grp_a_prd=SELECT,USE_SCHEMA"),
		resource("grants@metastore/table/gold_prd.s.t"),
		resource("grants@metastore/table/gold_prd.s.twice"),
		resource("grants@metastore/volume/gold_prd.s.twice"),
		resource("grants@metastore/table/gold_prd.s.`odd.name`"),
		resource("grants@metastore/external_location/landing", "user:ann@example.com=READ_FILES"),
		resource("permissions@main/warehouses/bi", "group:grp_a_prd=CAN_USE"),
		resource("permissions@ml/warehouses/bi"),
		resource("permissions@main/warehouses/only"),
		resource("permissions@main/jobs/twin#1"),
		resource("permissions@main/jobs/twin#2"),
		resource("permissions@main/cluster-policies/p"),
		resource("permissions@main/directories/Shared/x", "user:ann@example.com=CAN_READ"),
		resource("assignment@main/group:grp_a_prd", "permission=USER"),
		resource("assignment@ml/group:other", "permission=USER"),
		resource("roles@account/user:ann@example.com", "role=account_admin"),
	)
}
