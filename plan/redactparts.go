package plan

import (
	"slices"
	"strings"
)

func (r *redactor) pos(p Pos) Pos {
	p.File = r.text(p.File)
	return p
}

func (r *redactor) origin(o *Origin) *Origin {
	if o == nil {
		return nil
	}
	if out, ok := r.marks[o]; ok {
		return out
	}
	out := *o
	out.Pos, out.Reason, out.Request, out.Ends = r.pos(o.Pos), r.text(o.Reason), r.text(o.Request), r.text(o.Ends)
	out.Product = r.eMails(o.Product)
	if o.Doc != nil {
		doc := r.pos(*o.Doc)
		out.Doc = &doc
	}
	r.marks[o] = &out
	return &out
}

// resource redacts the name of a resource. A group may be called user:x, and is a
// group.
func (r *redactor) resource(k Key) Key {
	switch {
	case k.Kind == "user":
		k.Name = r.person(k.Name)
	case k.isPrincipal():
		k.Name = r.eMails(k.Name)
	default:
		k.Name = r.name(r.homes(k.Name))
	}
	return k
}

// homes redacts people whose name is part of a path, as in directories//Users/bob.
func (r *redactor) homes(path string) string {
	if IsPrincipal(path) {
		return path
	}
	parts := strings.Split(path, "/")
	for i := 1; i < len(parts); i++ {
		if who, ok := r.known[strings.ToLower(parts[i])]; ok {
			parts[i] = who
		}
	}
	return strings.Join(parts, "/")
}

func (r *redactor) resources(keys []Key) []Key {
	out := redactEach(keys, r.resource)
	slices.SortFunc(out, Key.Compare)
	return slices.Compact(out)
}

func (r *redactor) fact(f Fact) Fact {
	return Fact{r.resource(f.Key), r.name(f.Field), r.name(f.Value)}
}

func (r *redactor) move(m Move) Move {
	m.Fact = r.fact(m.Fact)
	return m
}

// set stays one: sorted and unique by the new names.
func (r *redactor) set(values []string) []string {
	if values == nil {
		return nil
	}
	return Set(each(values, r.name))
}

func (r *redactor) fields(fields []Field) []Field {
	if fields == nil {
		return nil
	}
	return canonical(each(fields, func(f Field) Field { return Field{r.name(f.Name), r.set(f.Values)} }))
}

func (r *redactor) change(c Change) Change {
	c.Key, c.Reason, c.Origin = r.resource(c.Key), r.text(c.Reason), r.origin(c.Origin)
	c.Before, c.After, c.gone = r.fields(c.Before), r.fields(c.After), r.fields(c.gone)
	c.WaitsFor, c.refs, c.drops = r.resources(c.WaitsFor), r.resources(c.refs), r.resources(c.drops)
	c.Claims = redactEach(c.Claims, func(cl Claim) Claim {
		return Claim{r.name(cl.Field), r.name(cl.Value), cl.Want, r.origin(cl.Origin)}
	})
	c.Labels = redactEach(c.Labels, r.label)
	c.ID = "" // of a user it names one too, and nobody applies this
	return c
}

// label is a name behind what it is of: product:orders.
func (r *redactor) label(s string) string {
	what, name, ok := strings.Cut(s, ":")
	if !ok {
		return r.eMails(s)
	}
	return what + ":" + r.eMails(name)
}

func (r *redactor) impact(i *Impact) *Impact {
	if i == nil {
		return nil
	}
	out := *i
	out.Unknown = redactEach(i.Unknown, r.text)
	out.Effects = redactEach(i.Effects, r.effect)
	out.Idle = redactEach(i.Idle, func(idle Idle) Idle {
		return Idle{r.fact(idle.Fact), idle.Removed, redactEach(idle.Through, r.fact), r.text(idle.Why)}
	})
	return &out
}

func (r *redactor) effect(e Effect) Effect {
	e.Object, e.Named = r.resource(e.Object), r.set(e.Named)
	e.Privileges = r.set(e.Privileges)
	e.Product, e.Domain = r.eMails(e.Product), r.eMails(e.Domain)
	e.Open = redactEach(e.Open, func(g OpenGroup) OpenGroup { return OpenGroup{r.name(g.Group), g.Heads} })
	e.Causes = redactEach(e.Causes, func(c Cause) Cause { return Cause{r.fact(c.Fact), c.Removed, r.origin(c.Origin)} })
	e.Way = redactEach(e.Way, func(s Step) Step { return Step{r.name(s.From), r.name(s.To), r.fact(s.Fact), s.New} })
	return e
}

func (r *redactor) base(b *Base) *Base {
	if b == nil {
		return nil
	}
	out := *b
	out.Ref = r.text(b.Ref) // branches are called by their authors
	out.Drift = make(map[Move]bool, len(b.Drift))
	for m, is := range b.Drift {
		out.Drift[r.move(m)] = is
	}
	out.Satisfied = redactEach(b.Satisfied, func(s Satisfied) Satisfied { return Satisfied{r.move(s.Move), r.origin(s.Origin)} })
	return &out
}

func (r *redactor) drift(d *Drift) *Drift {
	if d == nil {
		return nil
	}
	out := Drift{Due: make(map[Move]bool, len(d.Due)), Traces: make(map[Move]Trace, len(d.Traces))}
	for m, is := range d.Due {
		out.Due[r.move(m)] = is
	}
	for m, t := range d.Traces {
		t.Fact, t.Who, t.Run, t.Command = r.fact(t.Fact), r.name(t.Who), r.text(t.Run), r.text(t.Command)
		out.Traces[r.move(m)] = t
	}
	return &out
}
