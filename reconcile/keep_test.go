package reconcile_test

import (
	"testing"
	"time"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

// declared is what the repository says as it is now.
func (l *lab) declared() *reconcile.Declared {
	l.t.Helper()
	repo, err := spec.Load(l.dir, reconcile.SpecKinds())
	if err != nil {
		l.t.Fatal(err)
	}
	d, err := reconcile.Declare(repo, l.env)
	if err != nil {
		l.t.Fatal(err)
	}
	return d
}

// endedBeside plans what has ended by what was declared then, beside what is today.
func (l *lab) endedBeside(then, today *reconcile.Declared) plan.Plan {
	l.t.Helper()
	then.Keep(today, l.now)
	clients, err := reconcile.Connect(l.t.Context(), then.Env, l.endpoint, l.transport)
	if err != nil {
		l.t.Fatal(err)
	}
	run, err := reconcile.Read(l.t.Context(), clients, then, l.opts)
	if err != nil {
		l.t.Fatal(err)
	}
	p, err := run.Ended(l.now, nil, func([]string) string { return "" })
	if err != nil {
		l.t.Fatal(err)
	}
	return p
}

func TestWhatOtherDeclarationsWantIsKeptAndNothingElse(t *testing.T) {
	t.Parallel()
	two := with(project, "  owns:\n", `    prd: {account: main, suffix: _prd, workspaces: {other: {unityCatalog: true}}, catalogs: {silver: silver_prd, gold: gold_prd}}
  owns:
    securables: [{type: external_location, name: "abfss_*"}]
`)
	member := func(who, until string) string { return "{user: " + who + "@example.com, expires: " + until + "}" }
	files := func(prd string, members ...string) string {
		list := members[0]
		for _, m := range members[1:] {
			list += ", " + m
		}
		return docs(doc("Group", "grp_a", `{environments: [dev], members: [`+list+`]}`),
			doc("Grants", "dev", `{securables: [{type: external_location, name: abfss_sales}], environments: [dev], grants: [{group: AAD-Finance, privileges: [READ_FILES], expires: 2026-12-31}]}`),
			doc("Grants", "prd", `{securables: [{type: external_location, name: abfss_sales}], environments: [prd], grants: [{group: AAD-Finance, privileges: [READ_FILES], expires: `+prd+`}]}`))
	}
	l := newLab(t, with(world, "  - {type: schema, name: gold_dev.sales}\n", "  - {type: schema, name: gold_dev.sales}\n  - {type: external_location, name: abfss_sales}\n"), two,
		file(files("2026-12-31", member("alice", "2026-12-31"), member("bob", "2026-12-31"), member("carol", "2026-12-31"))))
	l.converge()
	l.put("access.yaml", files("2026-12-31", member("alice", "2026-12-31"), member("bob", "2026-12-31")))
	then := l.declared()
	l.put("access.yaml", files("2099-12-31", member("alice", "2099-12-31"), member("bob", "2026-12-31"), member("carol", "2026-12-30")))
	l.now = time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC)
	p := l.endedBeside(then, l.declared())
	same(t, "plan", "update group@account/grp_a_dev member -user:bob@example.com\n", show(p))
	same(t, "warnings", lines(`
		the entry of user:alice@example.com has ended; it still has access through access.yaml:5 (group@account/grp_a_dev)
		the entry of group:AAD-Finance has ended; it still has access through access.yaml:15 (grants@metastore/external_location/abfss_sales)
	`), warned(p))
}
