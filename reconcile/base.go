package reconcile

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// ReadBase reads what another version of the repository declares, for Part. Over
// the connection of r, where clients is nil, it asks for no user whom r knows;
// with a Memory under it, for nothing that r has read.
func (r *Run) ReadBase(ctx context.Context, clients *Clients, declared *Declared) (*Run, error) {
	if clients == nil {
		again := *r.clients
		again.Self.groupIDs = maps.Clone(r.clients.Self.groupIDs)
		clients = &again
	}
	base := newRun(clients, declared, r.Options)
	base.after = r
	return base, base.read(ctx)
}

// Part parts the plan of r: p.Base learns what the plan of the base would do as
// well, and what the change of the repository asks for that live has already. What
// the base could not read, or what its rules withhold, it would not do; nor what its
// guards refuse and those of now do not. Targets
// that are elsewhere by now have nothing to do with each other.
func (r *Run) Part(p *plan.Plan, base *Run, now time.Time, judge Judge) error {
	desired, _, err := r.desired(now)
	if err != nil {
		return err
	}
	r.leaveToOthers(desired, now)
	before, said, err := base.differences(now, judge)
	if err != nil {
		return err
	}
	base.leaveRefused(&before, said, *p)
	say, moved := r.translation(base), r.movedSince(base)
	p.Base.Hold(p.Changes, translated(before.Changes, say, moved))
	asked := plan.Diff(desired, asLive(said, say, moved), r.scope(now))
	p.Base.Satisfied = r.satisfied(base, asked)
	return nil
}

// differences is Plan up to what is different, for a version of the repository that
// nobody is going to apply: whom it names and who is not there, nobody has to mend.
func (r *Run) differences(now time.Time, judge Judge) (plan.Plan, plan.State, error) {
	desired, _, err := r.desired(now)
	if err != nil {
		return plan.Plan{}, plan.State{}, err
	}
	r.leaveToOthers(desired, now)
	p := plan.Diff(desired, r.Live, r.scope(now))
	if judge != nil {
		plan.Block(&p, judge(desired, p), now, takesAway)
	}
	return p, desired, nil
}

// leaveRefused takes out of the plan of a base what its guards refuse, unless the plan
// of now meets the same guard: a change of the repository that lets a guard off asks for
// what that kept from happening. A guard about no resource is about all that is removed.
func (r *Run) leaveRefused(before *plan.Plan, said plan.State, now plan.Plan) {
	for _, v := range plan.Check(*before, said, r.Live, r.guards()) {
		still := slices.ContainsFunc(now.Violations, func(n plan.Violation) bool { return n.Guard == v.Guard && n.Key == v.Key }) ||
			slices.ContainsFunc(now.Waivers, func(w plan.Waiver) bool { return w.Guard == v.Guard })
		if still {
			continue
		}
		before.Changes = slices.DeleteFunc(before.Changes, func(c plan.Change) bool {
			if v.Key != (plan.Key{}) {
				return c.Key == v.Key
			}
			return slices.ContainsFunc(c.Edits(), func(m plan.Move) bool { return m.Removed })
		})
	}
}

// movedSince tells the targets that are not what they were for the base.
func (r *Run) movedSince(base *Run) func(plan.Key) bool {
	hosts, before := r.Hosts(), base.Hosts()
	return func(k plan.Key) bool {
		if k.Target == metastoreTarget {
			return r.metastore.ID != "" && base.metastore.ID != "" && r.metastore.ID != base.metastore.ID
		}
		at := func(hosts []plan.Host) int {
			return slices.IndexFunc(hosts, func(h plan.Host) bool { return h.Target == k.Target })
		}
		i, j := at(hosts), at(before)
		return i < 0 || j < 0 || hosts[i] != before[j]
	}
}

// translation is how r calls what the base calls otherwise: a group that r is about
// to rename, or that the base would have renamed, and a service principal whose name
// has changed.
func (r *Run) translation(base *Run) words {
	w := words{groups: map[place]string{}, sps: map[string]string{}}
	for old, name := range base.dir.renamed {
		w.groups[place{old.target, "group:" + name}] = "group:" + r.dir.groupName(old.target, old.name)
	}
	for _, p := range r.Names.All() {
		if p.Kind != kindGroup {
			continue
		}
		for _, name := range p.Previously {
			w.groups[place{p.target(), "group:" + name}] = p.token()
			for old, to := range base.dir.renamed {
				if old == (place{p.target(), name}) {
					w.groups[place{p.target(), "group:" + to}] = p.token()
				}
			}
		}
	}
	for token, id := range base.dir.appIDs {
		if now := r.dir.spToken(id); now != token {
			w.sps[token] = now
		}
	}
	return w
}

// words are names of principals that another version of the repository uses.
type words struct {
	groups map[place]string // by target and token
	sps    map[string]string
}

func (w words) token(target, token string) string {
	for _, at := range []string{target, accountTarget} {
		if to, ok := w.groups[place{at, token}]; ok {
			return to
		}
	}
	if to, ok := w.sps[token]; ok {
		return to
	}
	return token
}

func (w words) key(k plan.Key) plan.Key {
	switch {
	case k.Kind == kindGroup:
		k.Name = strings.TrimPrefix(w.token(k.Target, "group:"+k.Name), "group:")
	case k.Kind == kindServicePrincipal:
		k.Name = strings.TrimPrefix(w.token(k.Target, "sp:"+k.Name), "sp:")
	default:
		k.Name = w.token(k.Target, k.Name)
	}
	return k
}

func (w words) fields(target string, fields []plan.Field) []plan.Field {
	out := make([]plan.Field, len(fields))
	for i, f := range fields {
		out[i].Name = w.token(target, f.Name)
		for _, v := range f.Values {
			if f.Name != fieldName { // which is text, whatever it looks like
				v = w.token(target, v)
			}
			out[i].Values = append(out[i].Values, v)
		}
		out[i].Values = plan.Set(out[i].Values)
	}
	slices.SortFunc(out, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// translated are changes of the base as r would write them.
func translated(changes []plan.Change, say words, moved func(plan.Key) bool) []plan.Change {
	var out []plan.Change
	for _, c := range changes {
		if moved(c.Key) {
			continue
		}
		c.Before, c.After = say.fields(c.Key.Target, c.Before), say.fields(c.Key.Target, c.After)
		c.Key = say.key(c.Key)
		out = append(out, c)
	}
	return out
}

// asLive is what the base wanted, as if it were live: the plan from there is what
// the change of the repository asks for.
func asLive(said plan.State, say words, moved func(plan.Key) bool) plan.State {
	var out []plan.Resource
	for _, res := range said.All() {
		if moved(res.Key) || res.Presence == plan.Gone {
			continue
		}
		res.Fields = slices.DeleteFunc(say.fields(res.Key.Target, res.Fields), func(f plan.Field) bool { return f.Name == fieldName })
		res.Key = say.key(res.Key)
		res.Gone, res.Claims, res.Refs, res.Context = nil, nil, nil, nil
		out = append(out, res)
	}
	return plan.NewState(out)
}

// satisfied are the facts that are asked for and true already. Of what was not read
// nobody can say.
func (r *Run) satisfied(base *Run, asked plan.Plan) []plan.Satisfied {
	unread := map[place]bool{}
	for _, h := range slices.Concat(r.Held, base.Held) {
		unread[placeOf(h.Key)] = true
	}
	var out []plan.Satisfied
	for i := range asked.Changes {
		c := &asked.Changes[i]
		if unread[placeOf(c.Key)] {
			continue
		}
		anyway := goAnyway(c)
		for _, m := range c.Edits() {
			if !r.isTrue(m) || m.Field == fieldName || m.Removed && m.Field != "" && anyway[m.Field] {
				continue // a name is in the key
			}
			s := plan.Satisfied{Move: m}
			if why := c.Why(m.Field, m.Value); len(why) > 0 {
				s.Origin = why[0]
			} else if m.Field == "" {
				s.Origin = c.Origin
			}
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b plan.Satisfied) int { return a.Compare(b.Move) })
	return out
}

// goAnyway are the fields of which what goes goes without saying: with its resource,
// or as the level before another one.
func goAnyway(c *plan.Change) map[string]bool {
	out := map[string]bool{}
	for _, d := range c.Deltas() {
		out[d.Field] = c.Action == plan.Delete || c.Displaces(d)
	}
	return out
}

// isTrue tells whether live is as a move would make it, for certain.
func (r *Run) isTrue(m plan.Move) bool {
	live, ok := r.Live.Get(m.Key)
	switch {
	case !ok:
		return m.Removed && (m.Key.Kind == kindGroup || m.Key.Kind == kindServicePrincipal) // lists show all of them
	case live.Held != "":
		return false
	case m.Field == "":
		return m.Removed != (live.Presence == plan.Present)
	}
	f, _ := live.Field(m.Field)
	return f.Has(m.Value) != m.Removed
}
