package access_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
)

// TestCausesAreWhatMakesAnEffect takes the causes of each effect back: nobody gains it
// then, and nobody loses it.
func TestCausesAreWhatMakesAnEffect(t *testing.T) {
	from, to := seeds(t, 400)
	effects, ending := 0, 0
	for seed := from; seed < to; seed++ {
		d := newDice(seed)
		all := d.state()
		changed, touched := d.changeFacts(all)
		d.claim(changed)
		b, a := access.New(plan.NewState(copied(all)), platform, now), access.New(plan.NewState(copied(changed)), platform, now)
		found, _ := access.Diff(b, a, touched)
		for _, e := range found {
			effects++
			err := checkMoves(all, changed, e)
			if err == nil {
				err = checkUndone(changed, e)
			}
			if err == nil {
				err = checkCounts(b, a, e)
			}
			if err == nil && !e.Ends.IsZero() {
				ending++
				err = checkEnd(all, changed, e)
			}
			if err != nil {
				t.Fatalf("seed %d: touched %v: %+v: %v", seed, touched, e, err)
			}
		}
	}
	if ending < int(to-from)/20 {
		t.Errorf("%d of %d effects end", ending, effects)
	}
	if effects < int(to-from) {
		t.Errorf("%d states had %d effects", to-from, effects)
	}
}

// TestEveryEffectHasACause is about changes of whatever there is, of what names mean
// and of what is known too.
func TestEveryEffectHasACause(t *testing.T) {
	from, to := seeds(t, 400)
	for seed := from; seed < to; seed++ {
		d := newDice(seed)
		all := d.state()
		changed, touched := d.change(all)
		for i := range changed { // which no plan changes
			changed[i].Context = nil
		}
		for i := range all {
			all[i].Context = nil
		}
		b, a := access.New(plan.NewState(copied(all)), platform, now), access.New(plan.NewState(copied(changed)), platform, now)
		found, _ := access.Diff(b, a, touched)
		for _, e := range found {
			if len(e.Causes) == 0 {
				t.Fatalf("seed %d: touched %v: %+v has no cause", seed, touched, e)
			}
			if err := checkCounts(b, a, e); err != nil {
				t.Fatalf("seed %d: touched %v: %+v: %v", seed, touched, e, err)
			}
		}
	}
}

// changeFacts changes nothing but facts: what is known, who there is and what names
// mean stays.
func (d dice) changeFacts(from []plan.Resource) ([]plan.Resource, []plan.Key) {
	out := slices.Clone(from)
	var touched []plan.Key
	for range 1 + d.IntN(6) {
		i := d.IntN(len(out))
		r := &out[i]
		if r.Key.Kind == "user" || r.Key.Kind == "servicePrincipal" || r.Key.Kind == "group" && len(r.Fields) == 0 {
			continue
		}
		next := d.resource(r.Key)
		if r.Key.Kind == "group" && len(next.Fields) == 0 {
			continue
		}
		r.Fields = next.Fields
		touched = append(touched, r.Key)
	}
	return out, touched
}

// claim gives every fact an entry, most of which end within five days.
func (d dice) claim(all []plan.Resource) {
	for i := range all {
		r := &all[i]
		r.Claims = nil
		for _, f := range r.Fields {
			for _, v := range f.Values {
				o := &plan.Origin{}
				if d.percent(80) {
					o.Until = now.AddDate(0, 0, 1+d.IntN(5))
				}
				r.Claims = append(r.Claims, plan.Claim{Field: f.Name, Value: v, Want: true, Origin: o})
			}
		}
	}
}

// checkEnd takes back what came and has ended when a gain is said to: nobody has it
// then.
func checkEnd(before, after []plan.Resource, e access.Effect) error {
	all := copied(after)
	for _, r := range after {
		for _, f := range r.Fields {
			for _, v := range f.Values {
				fact := plan.Fact{Key: r.Key, Field: f.Name, Value: v}
				ended := !slices.ContainsFunc(r.Claims, func(c plan.Claim) bool {
					return c.Field == f.Name && c.Value == v && (c.Origin.Until.IsZero() || c.Origin.Until.After(e.Ends))
				})
				if ended && !held(before, fact) {
					all = moved(all, plan.Move{Fact: fact})
				}
			}
		}
	}
	a := access.New(plan.NewState(all), platform, now)
	for _, who := range e.Named {
		for _, p := range e.Privileges {
			if a.Can(who, p, e.Object) {
				return fmt.Errorf("%s still has %s on %s", who, p, e.Ends)
			}
		}
	}
	return nil
}

// checkCounts asks both states who has it.
func checkCounts(before, after *access.Access, e access.Effect) error {
	for _, side := range []struct {
		a    *access.Access
		told int
	}{{before, e.Before}, {after, e.After}} {
		n := 0
		for _, p := range plan.Set(append(before.Principals(), after.Principals()...)) {
			if !plan.IsGroup(p) && side.a.Can(p, platform.Strongest(e.Object, e.Privileges), e.Object) {
				n++
			}
		}
		if n != side.told {
			return fmt.Errorf("%d can, not %d", n, side.told)
		}
	}
	return nil
}

func held(all []plan.Resource, f plan.Fact) bool {
	for _, r := range all {
		for _, field := range r.Fields {
			if r.Key == f.Key && field.Name == f.Field && slices.Contains(field.Values, f.Value) {
				return true
			}
		}
	}
	return false
}

// checkMoves makes sure that causes are changes.
func checkMoves(before, after []plan.Resource, e access.Effect) error {
	for _, m := range e.Causes {
		if m.Fact.Field == "" || m.Fact.Field == "active" {
			continue // of the principal itself
		}
		if had, has := held(before, m.Fact), held(after, m.Fact); had != m.Removed || has == m.Removed {
			return fmt.Errorf("%v is no change", m)
		}
	}
	return nil
}

func checkUndone(after []plan.Resource, e access.Effect) error {
	all := copied(after)
	for _, m := range e.Causes {
		all = moved(all, m)
	}
	a := access.New(plan.NewState(all), platform, now)
	for _, who := range e.Named {
		for _, p := range e.Privileges {
			if a.Can(who, p, e.Object) == e.Gained {
				return fmt.Errorf("without %v, Can(%s, %s) is still %v", e.Causes, who, p, e.Gained)
			}
		}
	}
	return nil
}

// moved takes a move back.
func moved(all []plan.Resource, m plan.Move) []plan.Resource {
	i := slices.IndexFunc(all, func(r plan.Resource) bool { return r.Key == m.Fact.Key })
	if i < 0 {
		return append(all, plan.Resource{Key: m.Fact.Key, Fields: []plan.Field{{Name: m.Fact.Field, Values: []string{m.Fact.Value}}}})
	}
	if m.Removed && (m.Fact.Key.Kind == "owner" || m.Fact.Key.Kind == "assignment") { // there is one
		all[i].Fields = nil
	}
	if m.Removed {
		all[i].Fields = append(all[i].Fields, plan.Field{Name: m.Fact.Field, Values: []string{m.Fact.Value}})
		return all
	}
	for k := range all[i].Fields {
		if f := &all[i].Fields[k]; f.Name == m.Fact.Field {
			f.Values = slices.DeleteFunc(f.Values, func(v string) bool { return v == m.Fact.Value })
		}
	}
	return all
}

// TestHoldersHaveWhatTheyHaveUntilItEnds takes back what has ended when a holder is
// said to lose it, and what ends a day before.
func TestHoldersHaveWhatTheyHaveUntilItEnds(t *testing.T) {
	from, to := seeds(t, 300)
	lost := 0
	for seed := from; seed < to; seed++ {
		d := newDice(seed)
		all := d.state()
		d.claim(all)
		a := access.New(plan.NewState(copied(all)), platform, now)
		days := map[time.Time]*access.Access{}
		on := func(day time.Time) *access.Access {
			if days[day] == nil {
				days[day] = access.New(plan.NewState(until(all, day)), platform, now)
			}
			return days[day]
		}
		for _, k := range a.Objects() {
			for _, q := range questions(k) {
				holders, _ := a.WhoCan(q, k)
				for _, h := range holders {
					if h.Unread || h.Principal == "group:account users" {
						continue
					}
					last := now.AddDate(1, 0, 0)
					if !h.Ends.IsZero() {
						last = h.Ends.AddDate(0, 0, -1)
						lost++
						if on(h.Ends).Can(h.Principal, q, k) {
							t.Fatalf("seed %d: %s can %s on %s beyond %s", seed, h.Principal, q, k, h.Ends)
						}
					}
					if !on(last).Can(h.Principal, q, k) {
						t.Fatalf("seed %d: %s can no longer %s on %s on %s, before %s", seed, h.Principal, q, k, last, h.Ends)
					}
				}
			}
		}
	}
	if lost == 0 {
		t.Error("nothing ever ends")
	}
}

// until is a state without the facts of which every entry has ended by then.
func until(all []plan.Resource, end time.Time) []plan.Resource {
	out := copied(all)
	for i, r := range out {
		for j, f := range r.Fields {
			out[i].Fields[j].Values = slices.DeleteFunc(slices.Clone(f.Values), func(v string) bool {
				return !slices.ContainsFunc(all[i].Claims, func(c plan.Claim) bool {
					return c.Field == f.Name && c.Value == v && (c.Origin.Until.IsZero() || c.Origin.Until.After(end))
				})
			})
		}
	}
	return out
}
