package policy

import (
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Limits of the platform: https://docs.databricks.com/aws/en/resources/limits
const (
	maxGroups           = 5000  // of an account
	maxPrincipals       = 10000 // users and service principals of an account
	maxMemberships      = 1500  // groups that a principal is directly in
	maxParentPrivileges = 4000  // on a securable that holds others
	maxLeafPrivileges   = 1000  // on any other
)

// nearLimits is BG402: three quarters of a limit of the platform are used up. What
// is declared and what is live are counted apart; the larger number counts.
func nearLimits(j *judge) {
	declared, live := j.declaredCensus(), newCensus()
	if j.Live != nil {
		live = liveCensus(j.Live)
	}
	env := &plan.Origin{Pos: planPos(j.Env.Pos), Doc: placed(j.Project.Metadata.Name.Pos)}
	near := func(n, limit int, o *plan.Origin, format string, args ...any) {
		if o == nil {
			o = env
		}
		if 4*n >= 3*limit {
			j.findAt(o.Pos, o.Document(), format+"; the platform allows %d", append(args, limit)...)
		}
	}
	groups := max(len(declared.groups), len(live.groups))
	near(groups, maxGroups, nil, "environment %s knows %d groups of its account", j.Env.Name, groups)
	principals := max(len(declared.principals), len(live.principals))
	near(principals, maxPrincipals, nil, "environment %s knows %d users and service principals of its account", j.Env.Name, principals)
	for who, t := range declared.larger(live, func(c *census) map[string]*tally { return c.memberships }) {
		near(t.n, maxMemberships, t.first, "%s is directly in %d groups", who, t.n)
	}
	for name, t := range declared.larger(live, func(c *census) map[string]*tally { return c.privileges }) {
		near(t.n, maxPrivileges(name), t.first, "there are %d privileges on %s", t.n, words(name))
	}
}

func maxPrivileges(securable string) int {
	switch typ, _, _ := strings.Cut(securable, "/"); typ {
	case "metastore", "catalog", "schema":
		return maxParentPrivileges
	}
	return maxLeafPrivileges
}

// census counts what the platform limits.
type census struct {
	groups, principals map[string]bool
	memberships        map[string]*tally // by principal
	privileges         map[string]*tally // by securable
}

// tally is a number, and the first entry of the repository that is part of it.
type tally struct {
	n     int
	first *plan.Origin
}

func newCensus() *census {
	return &census{
		groups: map[string]bool{}, principals: map[string]bool{},
		memberships: map[string]*tally{}, privileges: map[string]*tally{},
	}
}

func (j *judge) declaredCensus() *census {
	c := newCensus()
	for i := range j.Declared {
		r := &j.Declared[i]
		c.exists(r.Key)
		for _, f := range j.facts(r) {
			c.count(plan.Fact{Key: r.Key, Field: f.Field, Value: f.Value}, f.Origin)
		}
	}
	return c
}

func liveCensus(live *Live) *census {
	c := newCensus()
	for _, r := range live.State.All() {
		c.exists(r.Key)
		for _, f := range r.Fields {
			for _, v := range f.Values {
				c.count(plan.Fact{Key: r.Key, Field: f.Name, Value: v}, nil)
			}
		}
	}
	return c
}

// exists counts a principal of the account.
func (c *census) exists(k plan.Key) {
	switch {
	case k.Target != accountTarget:
	case k.Kind == kindGroup:
		c.groups[k.Name] = true
	case k.Kind == kindServicePrincipal || k.Kind == "user":
		c.principals[principalOf(k)] = true
	}
}

// count counts a fact: the principal in it, and what there is a limit of.
func (c *census) count(f plan.Fact, o *plan.Origin) {
	who := plan.Principal(f)
	if who != "" && !plan.IsGroup(who) {
		c.principals[who] = true
	}
	switch {
	case f.Key.Kind == kindGrants && plan.IsPrincipal(f.Field):
		tallied(c.privileges, f.Key.Name, o)
	case f.Key.Kind == kindGroup && f.Key.Target == accountTarget && f.Field == fieldMember:
		tallied(c.memberships, f.Value, o)
	}
}

func tallied(in map[string]*tally, name string, o *plan.Origin) {
	t := in[name]
	if t == nil {
		t = &tally{first: o}
		in[name] = t
	}
	t.n++
	if o != nil && o.Pos.Compare(t.first.Pos) < 0 {
		t.first = o
	}
}

// larger merges the tallies of two censuses: of each the larger number, and the
// place of the declared one.
func (c *census) larger(o *census, of func(*census) map[string]*tally) map[string]tally {
	out := map[string]tally{}
	for name, t := range of(c) {
		out[name] = *t
	}
	for name, t := range of(o) {
		if known := out[name]; t.n > known.n {
			out[name] = tally{t.n, known.first}
		}
	}
	return out
}
