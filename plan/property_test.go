package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

// world draws a few resources with entries and a list, from few names so that
// two worlds overlap.
func world(t *rapid.T, who string) []plan.Resource {
	var out []plan.Resource
	for _, k := range []string{sales, job, team, "group@account/b", "grants@metastore/catalog/c"} {
		if !rapid.Bool().Draw(t, who+" "+k) {
			continue
		}
		r := plan.Resource{Key: key(k), Authority: plan.Exact, Origin: at(1, "")}
		names := []string{"group:a", "group:x_b", "user:c"}
		if strings.HasPrefix(k, "group@") {
			names, r.Presence = []string{"member"}, plan.Present
		}
		for _, name := range names {
			values := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"group:a", "user:x_c", "user:d", "sp:e"}), rapid.ID[string]).Draw(t, name)
			if len(values) > 0 || name == "member" {
				r.Fields = append(r.Fields, plan.Field{Name: name, Values: values})
			}
		}
		out = append(out, r)
	}
	return out
}

// copied shares nothing with the resources, which a State takes over.
func copied(in []plan.Resource) []plan.Resource {
	out := make([]plan.Resource, len(in))
	for i, r := range in {
		out[i] = r
		out[i].Fields = fields(write(r.Fields))
	}
	return out
}

// apply makes the changes of a plan true of live.
func apply(live plan.State, p plan.Plan) map[plan.Key]string {
	out := map[plan.Key]string{}
	for _, r := range live.All() {
		out[r.Key] = write(nonEmpty(r.Fields))
	}
	for _, c := range p.Changes {
		out[c.Key] = write(nonEmpty(c.After))
		if c.Action == plan.Delete {
			delete(out, c.Key)
		}
	}
	return out
}

func nonEmpty(in []plan.Field) []plan.Field {
	var out []plan.Field
	for _, f := range in {
		if len(f.Values) > 0 {
			out = append(out, f)
		}
	}
	return out
}

func TestApplyingADiffToLiveGivesWhatIsDesired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := world(t, "desired"), world(t, "live")
		everything := plan.Scope{Owned: func(string) bool { return true }}
		desired, live := plan.NewState(copied(a)), plan.NewState(copied(b))
		got := apply(live, plan.Diff(desired, live, everything))
		want := map[plan.Key]string{}
		for _, r := range live.All() {
			want[r.Key] = "" // entries go with the document; an orphaned group stays as it is
			if r.Presence == plan.Present {
				want[r.Key] = write(nonEmpty(r.Fields))
			}
		}
		for _, r := range desired.All() {
			want[r.Key] = write(nonEmpty(r.Fields))
		}
		for k := range want {
			if got[k] != want[k] {
				t.Fatalf("%s is %q after the plan, want %q", k, got[k], want[k])
			}
		}
		if again := plan.Diff(desired, applied(live, got), everything); len(again.Changes) > 0 {
			t.Fatalf("the next plan is not empty:\n%s", show(again))
		}
	})
}

// applied is the live state with those fields.
func applied(live plan.State, after map[plan.Key]string) plan.State {
	var out []plan.Resource
	for k, fs := range after {
		r := plan.Resource{Key: k, Fields: fields(fs)}
		if k.Kind == "group" {
			r.Presence = plan.Present
		}
		out = append(out, r)
	}
	return plan.NewState(out)
}

func TestManagedNeverTakesFromWhoIsNotOwned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := world(t, "desired"), world(t, "live")
		for i := range a {
			a[i].Authority = plan.Managed
		}
		p := plan.Diff(plan.NewState(a), plan.NewState(b), plan.Scope{Owned: owned})
		for _, c := range p.Changes {
			for _, d := range c.Deltas() {
				for _, v := range d.Removed {
					if f := (plan.Fact{Key: c.Key, Field: d.Field, Value: v}); !owned(plan.Principal(f)) {
						t.Fatalf("%v is taken away, and not ours", f)
					}
				}
			}
		}
	})
}

func TestEveryLiveFactIsKeptOrTakenAndNeverBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := world(t, "desired"), world(t, "live")
		for i := range a {
			a[i].Authority = rapid.SampledFrom([]plan.Authority{plan.Managed, plan.Exact, plan.Merge}).Draw(t, "authority")
		}
		desired, live := plan.NewState(a), plan.NewState(b)
		p := plan.Diff(desired, live, plan.Scope{Owned: owned})
		fate := map[plan.Fact]string{}
		for _, u := range p.Unmanaged {
			fate[u.Fact] += "unmanaged "
		}
		for _, c := range p.Changes {
			for _, d := range c.Deltas() {
				for _, v := range d.Removed {
					fate[plan.Fact{Key: c.Key, Field: d.Field, Value: v}] += "removed "
				}
			}
		}
		for _, r := range desired.All() {
			for _, f := range r.Fields {
				for _, v := range f.Values {
					fate[plan.Fact{Key: r.Key, Field: f.Name, Value: v}] += "desired "
				}
			}
		}
		for _, r := range live.All() {
			if _, declared := desired.Get(r.Key); !declared && r.Presence == plan.Present {
				continue // orphaned: listed once, as itself
			}
			for _, f := range r.Fields {
				for _, v := range f.Values {
					fact := plan.Fact{Key: r.Key, Field: f.Name, Value: v}
					if n := len(strings.Fields(fate[fact])); n != 1 {
						t.Fatalf("%v is %q, want one fate", fact, fate[fact])
					}
				}
			}
		}
	})
}

func TestNewStateKeepsEveryValueOnce(t *testing.T) {
	s := plan.NewState(list(resource(team, "member=user:b,user:a,user:b"), resource(sales, "x=1"), resource(team, "member=user:c,user:a")))
	if got, want := s.Len(), 2; got != want {
		t.Fatalf("%d resources, want %d", got, want)
	}
	r, _ := s.Get(key(team))
	if d := cmp.Diff("member=user:a,user:b,user:c", write(r.Fields)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
