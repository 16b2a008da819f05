package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

// dice makes random states.
type dice struct{ *rand.Rand }

func newDice(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 1))} }

func (d dice) percent(n int) bool { return d.IntN(100) < n }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// some is a few of a list.
func some[T any](d dice, from []T, most int) []T {
	var out []T
	for range d.IntN(most + 1) {
		out = append(out, pick(d, from))
	}
	return out
}

var (
	people  = []string{"user:u0@x", "user:u1@x", "user:u2@x", "sp:s0", "user:u3@x"}
	groups  = []string{"group:g0", "group:g1", "group:g2", "group:g3", "group:g4"}
	anybody = slices.Concat(people, groups, []string{"group:account users"})
	local   = slices.Concat(anybody, []string{"group:local", "group:admins", "group:users"})

	securables = strings.Fields(`metastore/current catalog/c schema/c.s schema/c.r table/c.s.t table/c.s.v volume/c.s.o function/c.s.f model/c.r.m
		catalog/e schema/e.s table/e.s.t external_location/x storage_credential/k external_metadata/em`)
	objects = strings.Fields(`directories/ directories/a directories/a/b notebooks/a/b/n files/a/f notebooks/#77 jobs/j warehouses/w cluster-policies/p
		clusters/k registered-models/root registered-models/m authorization/tokens dashboards/d`)
	workspaces = []string{"main", "test"}
)

// state is one of 20 to 60 resources, with cycles among groups, groups that nobody
// read, principals who are gone, and places that are not in it.
func (d dice) state() []plan.Resource {
	var out []plan.Resource
	for _, k := range d.keys() {
		if d.percent(75) {
			out = append(out, d.resource(k))
		}
	}
	return out
}

func (d dice) keys() []plan.Key {
	var out []plan.Key
	add := func(kind, target, name string) { out = append(out, plan.Key{Kind: kind, Target: target, Name: name}) }
	for _, g := range groups {
		add("group", "account", g[6:])
	}
	add("group", "main", "local")
	if d.percent(30) {
		add("group", "main", "g1")
	}
	if d.percent(30) {
		add("group", "main", "admins")
	}
	if d.percent(40) {
		add("user", "account", "u1@x")
		add("servicePrincipal", "account", "s0")
	}
	for _, s := range securables {
		add("grants", "metastore", s)
		if d.percent(40) {
			add("owner", "metastore", s)
		}
	}
	for _, w := range workspaces {
		for _, o := range objects {
			if w == "main" || d.percent(20) {
				add("permissions", w, o)
			}
		}
		for _, p := range anybody {
			if d.percent(30) {
				add("assignment", w, p)
			}
			if d.percent(10) {
				add("entitlements", w, p)
			}
			if d.percent(5) {
				add("roles", "account", p)
			}
		}
	}
	return out
}

// resource is what a state has of a key.
func (d dice) resource(k plan.Key) plan.Resource {
	r := plan.Resource{Key: k}
	typ, _, _ := strings.Cut(k.Name, "/")
	set := func(name string, values ...string) {
		r.Fields = append(r.Fields, plan.Field{Name: name, Values: values})
	}
	context := func(name string, values ...string) {
		r.Context = append(r.Context, plan.Field{Name: name, Values: values})
	}
	switch k.Kind {
	case "group":
		from := slices.Concat(people, groups)
		if k.Target != "account" {
			from = local[:len(local)-2]
		}
		switch {
		case d.percent(70):
			set("member", some(d, from, 4)...)
		case d.percent(40):
			context("member", some(d, from, 4)...)
		}
		if d.percent(8) {
			r.Presence = plan.Gone
		}
	case "user", "servicePrincipal":
		set("active", pick(d, []string{"true", "false"}))
	case "grants":
		for range d.IntN(4) {
			set(pick(d, anybody), some(d, d.privileges(typ), 4)...)
		}
		if d.percent(30) {
			context("owner", pick(d, anybody))
		}
		if typ == "catalog" && d.percent(25) {
			context("isolation", "ISOLATED")
			context("binding", some(d, []string{"main READ_WRITE", "main READ_ONLY", "test READ_WRITE", "#9 READ_WRITE"}, 2)...)
		}
	case "owner":
		set("owner", some(d, anybody, 1)...)
	case "permissions":
		r.ID = fmt.Sprint(len(k.Name), "0")
		if k.Name == "directories/" {
			r.ID = "0"
		}
		for range d.IntN(4) {
			set(pick(d, local), pick(d, append(slices.Clone(reconcile.Levels(typ)), "IS_OWNER")))
		}
		if d.percent(30) {
			above := []string{"/directories/", "/directories/990", "/jobs/"} // the second is never in the state
			if strings.Contains(k.Name, "/a/") {
				above = append(above, "/directories/130") // that is directories/a
			}
			from := pick(d, above)
			context("inherited "+pick(d, local), pick(d, reconcile.Levels(typ))+" "+from)
		}
	case "assignment":
		set("permission", pick(d, []string{"USER", "USER", "ADMIN"}))
	case "entitlements":
		set("entitlement", some(d, []string{"workspace-access", "allow-cluster-create"}, 2)...)
	case "roles":
		set("role", "account_admin")
	}
	return r
}

// privileges are those of a type, the ones that open ways more often.
func (d dice) privileges(typ string) []string {
	out := slices.Clone(reconcile.Privileges(typ))
	for _, p := range []string{"USE_CATALOG", "USE_SCHEMA", "SELECT", "ALL_PRIVILEGES"} {
		if slices.Contains(out, p) {
			out = append(out, p, p, p, p)
		}
	}
	return append(out, "NEW_PRIVILEGE")
}

// change is another state, and the keys in which it differs.
func (d dice) change(from []plan.Resource) ([]plan.Resource, []plan.Key) {
	out := slices.Clone(from)
	var touched []plan.Key
	for range 1 + d.IntN(4) {
		switch d.IntN(4) {
		case 0: // one comes
			k := pick(d, d.keys())
			if !slices.ContainsFunc(out, func(r plan.Resource) bool { return r.Key == k }) {
				out, touched = append(out, d.resource(k)), append(touched, k)
			}
		case 1: // one goes; a place is known by its resources, so one of these stays
			i := d.IntN(len(out))
			if k := out[i].Key; k.Kind != "permissions" && k.Kind != "assignment" && !(k.Kind == "group" && k.Target == "main") {
				touched = append(touched, k)
				out = slices.Delete(out, i, i+1)
			}
		default:
			i := d.IntN(len(out))
			touched = append(touched, out[i].Key)
			id := out[i].ID
			out[i] = d.resource(out[i].Key)
			out[i].ID = id
		}
	}
	return out, touched
}

// copied lets NewState take a list over without touching the original.
func copied(from []plan.Resource) []plan.Resource {
	out := slices.Clone(from)
	for i := range out {
		out[i].Fields, out[i].Context = copiedFields(out[i].Fields), copiedFields(out[i].Context)
	}
	return out
}

func copiedFields(from []plan.Field) []plan.Field {
	out := slices.Clone(from)
	for i := range out {
		out[i].Values = slices.Clone(out[i].Values)
	}
	return out
}
