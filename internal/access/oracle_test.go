package access_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/access"
	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/reconcile"
)

var (
	now      = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	platform = access.Platform{Privileges: reconcile.Privileges, Levels: reconcile.Levels}
)

// seeds are where random tests begin and how many states they make;
// ACCESS_SEED=n ACCESS_STATES=m tries others.
func seeds(t *testing.T, states int) (from, to uint64) {
	if s, err := strconv.ParseUint(os.Getenv("ACCESS_SEED"), 10, 64); err == nil {
		from, states = s, 1
	}
	if n, err := strconv.Atoi(os.Getenv("ACCESS_STATES")); err == nil {
		states = n
	}
	if testing.Short() {
		states = min(states, 100)
	}
	t.Logf("seeds %d to %d", from, from+uint64(states)-1)
	return from, from + uint64(states)
}

// everybody are those who can be in an answer, by id.
func (n naive) everybody() []string {
	seen := map[string]bool{"account group:account users": true}
	for _, r := range n.all {
		note := func(target, token string) {
			id := n.id(target, token)
			place := strings.HasSuffix(id, " group:users") || strings.HasSuffix(id, " group:admins")
			if strings.HasPrefix(token, "group:") && (place && !strings.HasPrefix(id, "account") || !n.unread(id)) || n.absent(id) {
				return
			}
			seen[id] = true
		}
		switch r.Key.Kind {
		case "user":
			note("", "user:"+r.Key.Name)
		case "servicePrincipal":
			note("", "sp:"+r.Key.Name)
		case "group":
			note(r.Key.Target, "group:"+r.Key.Name)
			members, ok := n.field(r, "member")
			if !ok {
				members, _ = n.context(r, "member")
			}
			for _, m := range members {
				note(r.Key.Target, m)
			}
		case "assignment":
			note("account", r.Key.Name)
		case "entitlements":
			note(r.Key.Target, r.Key.Name)
		case "roles":
			note("account", r.Key.Name)
		case "owner":
			owners, _ := n.field(r, "owner")
			for _, o := range owners[:min(1, len(owners))] {
				note("metastore", o)
			}
		case "grants", "permissions":
			for _, f := range r.Fields {
				if len(f.Values) > 0 {
					note(r.Key.Target, f.Name)
				}
			}
			for _, f := range r.Context {
				if token, ok := strings.CutPrefix(f.Name, "inherited "); ok {
					note(r.Key.Target, token)
				}
			}
			if owners, ok := n.context(r, "owner"); ok {
				note("metastore", owners[0])
			}
		}
	}
	var out []string
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (n naive) unread(id string) bool {
	for _, r := range n.all {
		if r.Key.Kind == "group" && r.Key.Target+" group:"+r.Key.Name == id {
			_, known := n.field(r, "member")
			_, watched := n.context(r, "member")
			return !known && !watched
		}
	}
	return id != "account group:account users"
}

// questions are the privileges to ask about a key.
func questions(k plan.Key) []string {
	typ, _, _ := strings.Cut(k.Name, "/")
	switch k.Kind {
	case "grants":
		return append(slices.Clone(reconcile.Privileges(typ)), "NEW_PRIVILEGE")
	case "permissions":
		return append(slices.Clone(reconcile.Levels(typ)), "IS_OWNER")
	case "assignment":
		return []string{"USER", "ADMIN"}
	case "entitlements":
		return []string{"workspace-access", "allow-cluster-create"}
	}
	return []string{"account_admin"}
}

func token(id string) string { _, t, _ := strings.Cut(id, " "); return t }

// ask is a naive oracle with its answers kept.
type ask struct {
	naive
	people map[string]person
}

func newAsk(all []plan.Resource) ask { return ask{newNaive(all), map[string]person{}} }

func (a ask) can(id string, k plan.Key, privilege string) bool {
	p, ok := a.people[id]
	if !ok {
		p = a.person(id)
		a.people[id] = p
	}
	return p.can(k, privilege)
}

// askable are those who are meant when asked for by name: a group of the account
// hides one of a workspace.
func askable(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return strings.HasPrefix(id, "main ") })
}

func TestEveryAnswerIsThatOfTheNaiveClosure(t *testing.T) {
	from, to := seeds(t, 400)
	for seed := from; seed < to; seed++ {
		all := newDice(seed).state()
		n := newAsk(plan.NewState(copied(all)).All())
		a := access.New(plan.NewState(copied(all)), platform, now)
		everybody := n.everybody()
		for _, k := range a.Objects() {
			for _, q := range questions(k) {
				var want []string
				for _, id := range everybody {
					if n.can(id, k, q) {
						want = append(want, token(id))
					}
				}
				slices.Sort(want)
				var got []string
				holders, _ := a.WhoCan(q, k)
				for _, h := range holders {
					got = append(got, h.Principal)
					if h.Via == (plan.Fact{}) {
						t.Errorf("seed %d: %s can %s on %s by nothing", seed, h.Principal, q, k)
					}
					if err := checkWay(h); err != nil {
						t.Errorf("seed %d: %s can %s on %s: %v", seed, h.Principal, q, k, err)
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("seed %d: who can %s on %s: %v, want %v", seed, q, k, got, want)
				}
			}
		}
		who := askable(everybody)
		for range 2 {
			id := who[int(seed*7919)%len(who)]
			who = slices.DeleteFunc(who, func(o string) bool { return o == id && len(who) > 1 })
			if err := checkPrincipal(a, n, id); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
}

// checkWay follows a holder's way to what gives.
func checkWay(h access.Holder) error {
	at := h.Principal
	for i, s := range h.Way {
		if last := i == len(h.Way)-1; s.From != at || last != (s.To == "") {
			return fmt.Errorf("step %d of the way is from %s to %q: %v", i, s.From, s.To, h.Way)
		}
		at = s.To
	}
	if len(h.Way) == 0 || h.Via.Key.Kind != "group" && h.Way[len(h.Way)-1].Fact != h.Via {
		return fmt.Errorf("the way does not end at %v: %v", h.Via, h.Way)
	}
	return nil
}

// checkPrincipal holds what can be asked about one principal against the oracle.
func checkPrincipal(a *access.Access, n ask, id string) error {
	who := token(id)
	holdings, _ := a.WhatCan(who)
	have := map[plan.Key][]string{}
	for _, h := range holdings {
		have[h.Object] = h.Privileges
	}
	objects := setOf(a)
	for _, k := range a.Objects() {
		var want []string
		for _, q := range questions(k) {
			can := n.can(id, k, q)
			if can {
				want = append(want, q)
			}
			if got := a.Can(who, q, k); got != can {
				return fmt.Errorf("can %s %s on %s: %t", who, q, k, got)
			}
			if why := a.WhyNot(who, q, k); (len(why) == 0) != can {
				return fmt.Errorf("why not %s %s on %s: %v, and it can: %t", who, q, k, why, can)
			}
		}
		slices.Sort(want)
		if got := expanded(objects, n, have, k); !slices.Equal(got, want) {
			return fmt.Errorf("what can %s on %s: %v, want %v", who, k, got, want)
		}
		if err := checkPaths(a, n, who, k, want); err != nil {
			return err
		}
	}
	return nil
}

// expanded is what holdings say of an object: its own, or those of what it is in.
func expanded(a objectSet, n ask, have map[plan.Key][]string, k plan.Key) []string {
	if own, ok := have[k]; ok {
		return own
	}
	in, ok := containerOf(a, k)
	if !ok {
		return nil
	}
	var out []string
	for _, p := range expanded(a, n, have, in) {
		if n.exists(k, p) && (in.Name != "metastore/current" || p == "MANAGE") {
			out = append(out, p)
		}
	}
	return out
}

type objectSet map[plan.Key]bool

func setOf(a *access.Access) objectSet {
	out := objectSet{}
	for _, k := range a.Objects() {
		out[k] = true
	}
	return out
}

// exists tells whether there is such a privilege on an object.
func (n naive) exists(k plan.Key, privilege string) bool {
	r, _ := n.get(k.Kind, k.Target, k.Name)
	granted := slices.ContainsFunc(r.Fields, func(f plan.Field) bool { return slices.Contains(f.Values, privilege) })
	return granted || privilege != "NEW_PRIVILEGE" && slices.Contains(questions(k), privilege)
}

// containerOf is what an object of a state is in.
func containerOf(a objectSet, k plan.Key) (plan.Key, bool) {
	typ, label, _ := strings.Cut(k.Name, "/")
	has := func(name string) (plan.Key, bool) {
		in := plan.Key{Kind: k.Kind, Target: k.Target, Name: name}
		return in, a[in]
	}
	switch {
	case k.Kind == "grants" && typ == "schema":
		return has("catalog/" + label[:strings.Index(label, ".")])
	case k.Kind == "grants" && strings.Count(label, ".") == 2:
		return has("schema/" + label[:strings.LastIndex(label, ".")])
	case k.Kind == "grants" && typ != "metastore":
		return has("metastore/current")
	case typ == "registered-models" && label != "root":
		return has("registered-models/root")
	case k.Kind != "permissions" || label == "" || strings.HasPrefix(label, "#"):
		return k, false
	}
	if !slices.Contains([]string{"directories", "notebooks", "files", "repos"}, typ) {
		return k, false
	}
	for at := label; at != ""; {
		at = at[:max(strings.LastIndex(at, "/"), 0)]
		if in, ok := has("directories/" + at); ok {
			return in, true
		}
	}
	return k, false
}

// checkPaths makes sure that paths lead from the principal to what it has, over
// facts of the state, and to all of it.
func checkPaths(a *access.Access, n ask, who string, k plan.Key, want []string) error {
	var got []string
	for _, p := range a.Explain(who, k) {
		if len(p.For) == 0 {
			got = append(got, p.Privileges...)
		}
		at := who
		for _, s := range p.Steps {
			if s.From != at {
				return fmt.Errorf("explain %s on %s: a step from %s where %s is due: %v", who, k, s.From, at, p)
			}
			at = s.To
			if s.Fact == (plan.Fact{}) || s.Above != "" {
				continue
			}
			r, _ := n.get(s.Fact.Key.Kind, s.Fact.Key.Target, s.Fact.Key.Name)
			values, _ := n.field(r, s.Fact.Field)
			more, _ := n.context(r, s.Fact.Field)
			if !slices.Contains(slices.Concat(values, more), s.Fact.Value) {
				return fmt.Errorf("explain %s on %s: no fact of the state: %v", who, k, s.Fact)
			}
		}
	}
	if got = plan.Set(got); !slices.Equal(got, want) {
		return fmt.Errorf("explain %s on %s: %v, want %v", who, k, got, want)
	}
	return nil
}

func TestDiffIsTheDifferenceOfTheClosures(t *testing.T) {
	from, to := seeds(t, 400)
	for seed := from; seed < to; seed++ {
		d := newDice(seed)
		all := d.state()
		changed, touched := d.change(all)
		before, after := newAsk(plan.NewState(copied(all)).All()), newAsk(plan.NewState(copied(changed)).All())
		b, a := access.New(plan.NewState(copied(all)), platform, now), access.New(plan.NewState(copied(changed)), platform, now)
		effects, _ := access.Diff(b, a, touched)
		if err := checkEffects(before, after, b, a, effects); err != nil {
			t.Fatalf("seed %d: touched %v: %v", seed, touched, err)
		}
	}
}

// checkEffects compares, for each object, with what the closures differ in.
func checkEffects(before, after ask, b, a *access.Access, effects []access.Effect) error {
	told := map[plan.Key][]string{}
	for _, e := range effects {
		told[e.Object] = append(told[e.Object], effectLines(e)...)
	}
	keys := append(b.Objects(), a.Objects()...)
	slices.SortFunc(keys, plan.Key.Compare)
	keys = slices.Compact(keys)
	who := slices.Concat(before.everybody(), after.everybody())
	for _, n := range []ask{before, after} {
		for id := range n.gone {
			if strings.HasPrefix(id, " ") { // somebody who comes back is not named any more
				who = append(who, id)
			}
		}
	}
	slices.Sort(who)
	who = slices.Compact(who)
	differs := map[plan.Key][]string{}
	for _, k := range keys {
		differs[k] = difference(before, after, who, k)
	}
	for _, k := range keys {
		got, want := told[k], differs[k]
		slices.Sort(got)
		if slices.Equal(got, want) {
			continue
		}
		in, ok := containerOf(setOf(a), k)
		if !ok {
			in, _ = containerOf(setOf(b), k)
		}
		if len(got) > 0 || !slices.Equal(applying(differs[in], before, after, k), want) {
			return fmt.Errorf("on %s in %s: %v, want %v; there %v", k, in, got, want, differs[in])
		}
	}
	return nil
}

func effectLines(e access.Effect) []string {
	sign := "- "
	if e.Gained {
		sign = "+ "
	}
	var out []string
	for _, p := range e.Privileges {
		for _, who := range slices.Concat(e.Named, e.Open) {
			out = append(out, sign+p+" "+who)
		}
	}
	return out
}

func difference(before, after ask, who []string, k plan.Key) []string {
	var out []string
	for _, q := range questions(k) {
		for _, id := range who {
			had, has := before.can(id, k, q), after.can(id, k, q)
			switch {
			case had && !has:
				out = append(out, "- "+q+" "+token(id))
			case has && !had:
				out = append(out, "+ "+q+" "+token(id))
			}
		}
	}
	slices.Sort(out)
	return out
}

// applying are the lines about privileges that there are on an object too.
func applying(lines []string, before, after ask, k plan.Key) []string {
	var out []string
	for _, l := range lines {
		if p := strings.Fields(l)[1]; before.exists(k, p) || after.exists(k, p) {
			out = append(out, l)
		}
	}
	return out
}
