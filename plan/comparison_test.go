package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// approvedOf is the plan as somebody approved it.
func approvedOf(t testing.TB, p plan.Plan) *plan.File { return readFile(t, saved(t, p)) }

// verdict writes a comparison, one edit a line.
func verdict(c plan.Comparison) string {
	var b strings.Builder
	line := func(what string, e plan.Edit, why string) {
		sign := "+"
		if e.Removed {
			sign = "-"
		}
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%s %s %s %s%s %s", what, e.Key, e.Field, sign, e.Value, why)) + "\n")
	}
	for _, e := range c.Left {
		line("left", e, "")
	}
	for _, e := range c.Done {
		line("done", e, "")
	}
	for _, a := range c.Ended {
		line("ended", a.Edit, "")
	}
	for _, l := range c.Lost {
		line("lost", l.Edit, l.Why)
	}
	for _, e := range c.New {
		line("new", e, "")
	}
	return b.String()
}

func TestAnApprovedPlanMeetsTheLiveOfNow(t *testing.T) {
	const grants = sales
	desired := func(extra ...plan.Claim) plan.Resource {
		return resource(grants, "", claims(append(extra, wanted("group:a", "SELECT", at(6, "2026-12-31")))...))
	}
	const before = "group:b=SELECT"
	tests := []struct {
		name    string
		desired plan.Resource
		live    string // now; "none" for no resource
		later   time.Duration
		edit    func(*plan.Plan)
		spec    string
		want    string
	}{
		{"as it was", desired(), before, 0, nil, "beef", `
			left grants@metastore/schema/sales group:a +SELECT
			left grants@metastore/schema/sales group:b -SELECT`},
		{"with the entry of somebody else", desired(), before + " user:x_y=MODIFY", 0, nil, "beef", `
			left grants@metastore/schema/sales group:a +SELECT
			left grants@metastore/schema/sales group:b -SELECT`},
		{"half of it done by somebody", desired(), "group:a=SELECT " + before, 0, nil, "beef", `
			left grants@metastore/schema/sales group:b -SELECT
			done grants@metastore/schema/sales group:a +SELECT`},
		{"all of it done", desired(), "group:a=SELECT", 0, nil, "beef", `
			done grants@metastore/schema/sales group:a +SELECT
			done grants@metastore/schema/sales group:b -SELECT`},
		{"with more to take away from the same group", desired(), "group:b=MODIFY,SELECT", 0, nil, "beef", `
			left grants@metastore/schema/sales group:a +SELECT
			left grants@metastore/schema/sales group:b -SELECT
			new grants@metastore/schema/sales group:b -MODIFY`},
		{"with a group more to take from", desired(), before + " group:c=SELECT", 0, nil, "beef", `
			left grants@metastore/schema/sales group:a +SELECT
			left grants@metastore/schema/sales group:b -SELECT
			new grants@metastore/schema/sales group:c -SELECT`},
		{"when what is given has ended", desired(), before, 60 * 24 * time.Hour, nil, "beef", `
			left grants@metastore/schema/sales group:b -SELECT
			ended grants@metastore/schema/sales group:a +SELECT`},
		{"when what is given has ended, and somebody gave it", desired(), before + " group:a=SELECT", 60 * 24 * time.Hour, nil, "beef", `
			left grants@metastore/schema/sales group:b -SELECT
			done grants@metastore/schema/sales group:a +SELECT
			new grants@metastore/schema/sales group:a -SELECT`},
		{"with another line in the file", desired(wanted("group:a", "MODIFY", at(9, ""))), before, 0, nil, "f00d", `
			left grants@metastore/schema/sales group:a +SELECT
			left grants@metastore/schema/sales group:b -SELECT
			new grants@metastore/schema/sales group:a +MODIFY`},
		{"with an entry for what was to go", desired(wanted("group:b", "SELECT", at(9, ""))), before, 0, nil, "f00d", `
			left grants@metastore/schema/sales group:a +SELECT
			lost grants@metastore/schema/sales group:b -SELECT`},
		{"when it cannot be read", desired(), before, 0, func(p *plan.Plan) {
			p.Changes, p.Held = nil, []plan.Held{{Key: key("owner@metastore/schema/sales"), Reason: "status 403", Failed: true}}
		}, "beef", `
			lost grants@metastore/schema/sales group:a +SELECT status 403
			lost grants@metastore/schema/sales group:b -SELECT status 403`},
		{"when nobody knows whether it is gone", resource(job, ""), "none", 0, func(p *plan.Plan) {
			p.Held = []plan.Held{{Key: key(sales), Reason: "status 500", Failed: true}}
		}, "beef", `
			lost grants@metastore/schema/sales group:a +SELECT status 500
			lost grants@metastore/schema/sales group:b -SELECT status 500`},
		{"when it is waited for", resource(job, ""), "none", 0, func(p *plan.Plan) {
			p.Held = []plan.Held{{Key: key(sales), Reason: "not there yet"}}
		}, "beef", `
			done grants@metastore/schema/sales group:b -SELECT
			lost grants@metastore/schema/sales group:a +SELECT not there yet`},
		{"when a rule objects by now", desired(), before, 0, func(p *plan.Plan) {
			plan.Block(p, []plan.Finding{{Level: plan.LevelError, Doc: plan.Pos{File: "d"}}}, now, nil)
		}, "beef", `
			left grants@metastore/schema/sales group:b -SELECT
			lost grants@metastore/schema/sales group:a +SELECT its document has an error`},
		{"when it is gone", resource(job, ""), "none", 0, nil, "beef", `
			done grants@metastore/schema/sales group:b -SELECT
			lost grants@metastore/schema/sales group:a +SELECT`},
		{"when nobody looks for it any more", resource(job, ""), "none", 0, nil, "f00d", `
			lost grants@metastore/schema/sales group:a +SELECT
			lost grants@metastore/schema/sales group:b -SELECT`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := approvedOf(t, plan.Diff(folded(t, desired()), plan.NewState(list(resource(grants, before))), plan.Scope{Owned: owned}))
			later := now.Add(tt.later)
			for _, cl := range tt.desired.Claims {
				cl.Origin.Doc = &plan.Pos{File: "d"}
			}
			state, _ := plan.Fold(list(tt.desired), later)
			var live plan.State
			if tt.live != "none" {
				live = plan.NewState(list(resource(grants, tt.live)))
			}
			p := plan.Diff(state, live, plan.Scope{Owned: owned})
			if tt.edit != nil {
				tt.edit(&p)
			}
			c := f.Compare(p, plan.Reading{Live: live, Now: later, Spec: tt.spec})
			var want strings.Builder
			for line := range strings.Lines(tt.want) {
				if line = strings.TrimSpace(line); line != "" {
					want.WriteString(line + "\n")
				}
			}
			if d := cmp.Diff(want.String(), verdict(c)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if bad := strings.Contains(tt.want, "new ") || strings.Contains(tt.want, "lost "); c.Agrees() == bad {
				t.Errorf("agrees: %v", c.Agrees())
			}
		})
	}
}

// factsOf are the facts of resources, those that exist included.
func factsOf(of map[plan.Key]string) map[plan.Edit]bool {
	out := map[plan.Edit]bool{}
	for k, fs := range of {
		out[plan.Edit{Fact: plan.Fact{Key: k}}] = true
		for _, f := range fields(fs) {
			for _, v := range f.Values {
				out[plan.Edit{Fact: plan.Fact{Key: k, Field: f.Name, Value: v}}] = true
			}
		}
	}
	return out
}

func written(s plan.State) map[plan.Key]string {
	return apply(s, plan.Plan{})
}

var owning = plan.Scope{Owned: func(string) bool { return true }}

// Whatever part of an approved plan is made, the rest is still approved.
func TestARunThatWasCutShortGoesOn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := world(r, "desired"), world(r, "live")
		desired, live := plan.NewState(copied(a)), plan.NewState(copied(b))
		p := plan.Diff(desired, live, owning)
		data, err := p.Save(making(), now)
		if err != nil {
			r.Fatal(err)
		}
		f := readFile(t, data)
		part := p
		part.Changes = slices.DeleteFunc(slices.Clone(p.Changes), func(plan.Change) bool { return rapid.Bool().Draw(r, "left") })
		half := applied(live, apply(live, part))
		rest := plan.Diff(desired, half, owning)
		c := f.Compare(rest, plan.Reading{Live: half, Now: now, Spec: "beef"})
		if !c.Agrees() || len(c.Left) != len(rest.Edits()) {
			r.Fatalf("after a part of it:\n%s", verdict(c))
		}
	})
}

// What is done in the name of an approved plan was approved, and of what was
// approved nothing stays undone, whatever has become of live.
func TestNothingIsDoneThatWasNotApproved(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := world(r, "desired")
		desired := plan.NewState(copied(a))
		p := plan.Diff(desired, plan.NewState(world(r, "live")), owning)
		data, err := p.Save(making(), now)
		if err != nil {
			r.Fatal(err)
		}
		f := readFile(t, data)
		live := plan.NewState(world(r, "later"))
		rest := plan.Diff(desired, live, owning)
		c := f.Compare(rest, plan.Reading{Live: live, Now: now, Spec: "beef"})
		if n := len(c.Left) + len(c.Done) + len(c.Ended) + len(c.Lost); n != len(f.Edits) {
			r.Fatalf("%d of %d approved edits", n, len(f.Edits))
		}
		if !c.Agrees() {
			return
		}
		approved := map[plan.Edit]bool{}
		for _, e := range f.Edits {
			approved[e.Edit] = true
		}
		before, after := factsOf(written(live)), factsOf(apply(live, rest))
		for fact := range after {
			if fact.Field != "" && !before[fact] && !approved[fact] {
				r.Fatalf("given and not approved: %v", fact)
			}
		}
		for fact := range before {
			if fact.Field != "" && !after[fact] && !approved[plan.Edit{Fact: fact.Fact, Removed: true}] {
				r.Fatalf("taken and not approved: %v", fact)
			}
		}
		for e := range approved {
			if e.Field != "" && after[plan.Edit{Fact: e.Fact}] == e.Removed {
				r.Fatalf("approved and not so: %v", e)
			}
		}
	})
}
