package access

import (
	"slices"
	"time"

	"github.com/brickgate/brickgate/plan"
)

// Effect is what somebody gains or loses effectively on one object, and in the
// same way on what is in it. All privileges of an Effect have the same people.
type Effect struct {
	Object     plan.Key
	Privileges []string
	Gained     bool
	Count      int      // users and service principals, those of Open not among them
	Named      []string // the first of them
	Open       []string // groups whose members nobody knows, and account users for those whom the states do not name
	Contents   int      // objects in it, at any depth, with the same effect
	Before     int      // how many had the strongest of the privileges before, Open aside
	After      int      // and have it afterwards
	Causes     []plan.Move
	Ends       time.Time // when a gain ends by itself at the latest; zero: it does not
}

// Idle is a changed fact that changes nothing effectively: what it takes is still
// held, what it gives was held before, or it leads nowhere.
type Idle struct {
	Fact    plan.Fact
	Removed bool
	Through []plan.Fact // by which the same is still held, or was before; none: there was no way to it
	Who     []string    // the first of those behind the fact, in the state that has it
}

// sample is how many principals of an Effect are named, and facts of an Idle.
const sample = 20

// Diff tells what a change of the resources of these keys does effectively; in all
// other resources both states must be equal. Who had a privilege in another way
// before does not gain it, and who still has it in another way does not lose it.
// It looks only at what the keys can touch: the principals that the changed facts
// are about, and the objects that they lead to.
func Diff(before, after *Access, touched []plan.Key) ([]Effect, []Idle) {
	r := newReach(before, after)
	for _, k := range slices.CompactFunc(slices.SortedFunc(slices.Values(touched), plan.Key.Compare), func(a, b plan.Key) bool { return a == b }) {
		r.resource(k)
	}
	c := r.comparison()
	c.gains, c.losses = c.causing(r, true), c.causing(r, false)
	c.walkAll()
	slices.SortStableFunc(c.effects, func(a, b *Effect) int { return a.Object.Compare(b.Object) })
	out := make([]Effect, len(c.effects))
	for i, e := range c.effects {
		out[i] = *e
	}
	return out, c.idle(r.changed)
}

// comparison holds the same principals against two states.
type comparison struct {
	before, after *view
	who           []name // the principals, by number
	number        map[name]int32
	persons       set // of these, users and service principals
	touched       map[plan.Key]bool
	leading       map[plan.Key]bool // to what is touched
	effects       []*Effect
	moved         map[plan.Key]map[string]set // by object and privilege: who gains or loses it there or below
	anywhere      set
	gains, losses *causing
	everybody     [2]*view // of all people, before and after; nil until somebody is counted
}

// walkAll goes from the outermost objects of both states inwards.
func (c *comparison) walkAll() {
	var roots []plan.Key
	for _, a := range []*Access{c.before.Access, c.after.Access} {
		for _, o := range a.objects {
			if c.container(o.key) == nil {
				roots = append(roots, o.key)
			}
		}
	}
	for _, k := range keySet(roots) {
		c.walk(k, nil, false)
	}
}

// container is what an object is in: after, if it is there by then.
func (c *comparison) container(k plan.Key) *object {
	for _, a := range []*Access{c.after.Access, c.before.Access} {
		if o := a.byKey[k]; o != nil {
			return o.in
		}
	}
	return nil
}

// delta is who gains and who loses what on one object.
type delta struct {
	privileges []string // all that can be held there
	gained     map[string]set
	lost       map[string]set
	effects    []*Effect // that say so
}

// walk compares an object and what is in it, if it is touched or leads there.
func (c *comparison) walk(k plan.Key, outer *delta, inside bool) map[string]set {
	inside = inside || c.touched[k]
	if !inside && !c.leading[k] {
		return nil
	}
	moved := map[string]set{}
	var d *delta
	if inside {
		d = c.compare(k)
		c.tell(k, d, outer)
		d.move(moved)
	}
	plain := map[string]*delta{}
	for _, in := range c.contents(k) {
		class, isPlain := c.class(in)
		if !inside || !isPlain {
			for p, s := range c.walk(in, d, inside) {
				moved[p] = or(moved[p], s)
			}
			continue
		}
		same := plain[class]
		if same == nil {
			same = c.compare(in)
			plain[class] = same
		}
		c.tell(in, same, d)
		same.move(moved)
	}
	c.moved[k] = moved
	return moved
}

func (d *delta) move(moved map[string]set) {
	for _, p := range d.privileges {
		if s := or(d.gained[p], d.lost[p]); len(s) > 0 {
			moved[p] = or(moved[p], s)
		}
	}
}

// class tells objects apart that have nothing of their own for these principals:
// those of one type in one place have the same access. There are many of these.
func (c *comparison) class(k plan.Key) (string, bool) {
	class := ""
	for _, v := range []*view{c.before, c.after} {
		o := v.byKey[k]
		if o == nil {
			class += "|"
			continue
		}
		if len(o.contents) > 0 || v.concerned(o) {
			return "", false
		}
		class += "|" + o.key.Kind + " " + o.typ
	}
	return class, true
}

func (c *comparison) contents(k plan.Key) []plan.Key {
	var out []plan.Key
	for _, a := range []*Access{c.before.Access, c.after.Access} {
		if o := a.byKey[k]; o != nil {
			for _, o := range o.contents {
				if in := c.container(o.key); in != nil && in.key == k {
					out = append(out, o.key)
				}
			}
		}
	}
	return keySet(out)
}

func keySet(keys []plan.Key) []plan.Key {
	if !slices.IsSortedFunc(keys, plan.Key.Compare) {
		slices.SortFunc(keys, plan.Key.Compare)
	}
	return slices.Compact(keys)
}

func (c *comparison) compare(k plan.Key) *delta {
	b, a := c.before.at(k), c.after.at(k)
	d := &delta{
		privileges: plan.Set(append(c.before.privileges(b), c.after.privileges(a)...)),
		gained:     map[string]set{}, lost: map[string]set{},
	}
	for _, p := range d.privileges {
		had, has := c.before.can(b, p), c.after.can(a, p)
		if s := without(has, had); !s.empty() {
			d.gained[p] = s
		}
		if s := without(had, has); !s.empty() {
			d.lost[p] = s
		}
	}
	return d
}

// tell makes the effects of an object, unless they are those of what it is in.
func (c *comparison) tell(k plan.Key, d, outer *delta) {
	if outer != nil && d.follows(outer) {
		d.effects = outer.effects
		for _, e := range outer.effects {
			if slices.ContainsFunc(e.Privileges, func(p string) bool { return slices.Contains(d.privileges, p) }) {
				e.Contents++
			}
		}
		return
	}
	d.effects = append(c.group(k, d, d.gained, true), c.group(k, d, d.lost, false)...)
	c.effects = append(c.effects, d.effects...)
}

// follows tells whether the same happens as on the container, as far as its
// privileges exist here.
func (d *delta) follows(outer *delta) bool {
	for _, p := range d.privileges {
		if !same(d.gained[p], outer.gained[p]) || !same(d.lost[p], outer.lost[p]) {
			return false
		}
	}
	return true
}

// group makes one effect of all privileges that the same principals gain or lose.
func (c *comparison) group(k plan.Key, d *delta, moved map[string]set, gained bool) []*Effect {
	var out []*Effect
	var sets []set
	for _, p := range d.privileges {
		s := moved[p]
		if s.empty() {
			continue
		}
		c.anywhere = or(c.anywhere, s)
		if i := slices.IndexFunc(sets, func(o set) bool { return same(s, o) }); i >= 0 {
			out[i].Privileges = append(out[i].Privileges, p)
			continue
		}
		e := &Effect{Object: k, Privileges: []string{p}, Gained: gained, Count: and(s, c.persons).count()}
		s.all(func(i int32) {
			switch {
			case !c.persons.has(i):
				e.Open = append(e.Open, c.who[i].token)
			case len(e.Named) < sample:
				e.Named = append(e.Named, c.who[i].token)
			}
		})
		out, sets = append(out, e), append(sets, s)
	}
	for i, e := range out {
		c.detail(e, sets[i])
	}
	return out
}

// detail says of an effect why it is, until when, and how many have the privilege.
func (c *comparison) detail(e *Effect, who set) {
	causes := c.gains
	if !e.Gained {
		causes = c.losses
	}
	var ends lasting
	for _, p := range e.Privileges {
		because := causes.of(e.Object, p, who)
		e.Causes = append(e.Causes, because.moves...)
		ends.add(because.ends)
	}
	slices.SortFunc(e.Causes, compareMoves)
	e.Causes = slices.Compact(e.Causes)
	if e.Gained {
		e.Ends = ends.until()
	}
	e.Before, e.After = c.count(0, e), c.count(1, e)
}

// count is how many people have the strongest privilege of an effect in one state.
func (c *comparison) count(i int, e *Effect) int {
	if c.everybody[0] == nil {
		people := c.people()
		c.everybody = [2]*view{c.before.viewOf(people), c.after.viewOf(people)}
	}
	v := c.everybody[i]
	return v.can(v.at(e.Object), v.platform.Strongest(e.Object, e.Privileges)).count()
}

// people are the users and service principals of both states.
func (c *comparison) people() []name {
	seen := map[name]bool{}
	var out []name
	for _, a := range []*Access{c.before.Access, c.after.Access} {
		for i := range a.nodes {
			if n := &a.nodes[i]; n.person && !seen[n.name] {
				seen[n.name] = true
				out = append(out, n.name)
			}
		}
	}
	return out
}
