package plan

import (
	"slices"
	"strings"
)

// people are the names of all users that the plan names as principals, sorted.
func (p *Plan) people() []string {
	n := naming{}
	for _, changes := range [][]Change{p.Changes, p.Blocked} {
		for i := range changes {
			n.change(&changes[i])
		}
	}
	for _, u := range p.Unmanaged {
		n.fact(u.Fact)
	}
	for _, h := range p.Held {
		n.key(h.Key)
	}
	for _, l := range p.Lacks {
		n.key(l.Key)
		n.key(l.TakenBy)
		n.note(l.Holders...)
	}
	for _, v := range p.Violations {
		n.key(v.Key)
	}
	if p.Impact != nil {
		n.impact(p.Impact)
	}
	if p.Base != nil {
		for m := range p.Base.Drift {
			n.fact(m.Fact)
		}
		for _, s := range p.Base.Satisfied {
			n.fact(s.Fact)
		}
	}
	if p.Drift != nil {
		n.drift(p.Drift)
	}
	return Set(n.who)
}

// naming collects the users that are named.
type naming struct{ who []string }

func (n *naming) note(texts ...string) {
	for _, s := range texts {
		if who, ok := strings.CutPrefix(s, userPrefix); ok && who != "" {
			n.who = append(n.who, who)
		}
	}
}

func (n *naming) key(k Key) {
	n.note(k.Name)
	if k.Kind == "user" {
		n.who = append(n.who, k.Name)
	}
}

func (n *naming) fact(f Fact) {
	n.key(f.Key)
	n.note(f.Field, f.Value)
}

func (n *naming) change(c *Change) {
	n.key(c.Key)
	for _, k := range slices.Concat(c.WaitsFor, c.refs, c.drops) {
		n.key(k)
	}
	for _, f := range slices.Concat(c.Before, c.After, c.gone) {
		n.note(f.Name)
		n.note(f.Values...)
	}
	for _, cl := range c.Claims {
		n.note(cl.Field, cl.Value)
	}
}

func (n *naming) impact(i *Impact) {
	for _, e := range i.Effects {
		n.key(e.Object)
		n.note(e.Named...)
		for _, c := range e.Causes {
			n.fact(c.Fact)
		}
		for _, s := range e.Way {
			n.note(s.From, s.To)
			n.fact(s.Fact)
		}
	}
	for _, idle := range i.Idle {
		n.fact(idle.Fact)
		for _, f := range idle.Through {
			n.fact(f)
		}
	}
}

func (n *naming) drift(d *Drift) {
	for m := range d.Due {
		n.fact(m.Fact)
	}
	for m, t := range d.Traces {
		n.fact(m.Fact)
		n.fact(t.Fact)
		n.note(t.Who)
	}
}
