package plan

import "slices"

// Planned is the state that the plan leaves: live, with its changes made. What
// desired says of why a fact is wanted, or was, stands with each resource, whether
// it changes or not. A principal that is deleted stays, as one that is Gone, since
// what still names it goes with it.
func Planned(desired, live State, p Plan) State {
	changes := make(map[Key]*Change, len(p.Changes))
	for i := range p.Changes {
		changes[p.Changes[i].Key] = &p.Changes[i]
	}
	out := make([]Resource, 0, live.Len())
	for _, r := range live.All() {
		if c := changes[r.Key]; c != nil {
			r = c.made(r)
			delete(changes, r.Key)
		}
		out = append(out, explained(r, desired))
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if changes[c.Key] == nil {
			continue // made, or one of several that a key cannot have
		}
		out = append(out, explained(c.made(fresh(c.Key)), desired))
	}
	return NewState(out)
}

// fresh is a resource that is not live. Nobody is in a new group but whom the plan
// puts there.
func fresh(k Key) Resource {
	r := Resource{Key: k}
	if k.prefix() == groupPrefix {
		r.Context = []Field{{Name: ContextMember}}
	}
	return r
}

// made is a live resource after the change. Fields that are nobody's to change are
// in neither side of the change and stay.
func (c *Change) made(r Resource) Resource {
	if c.Action == Delete {
		r.Presence, r.Fields = Gone, nil
		return r
	}
	if c.Action == Create {
		r.Presence = Present
	}
	fields := slices.DeleteFunc(slices.Clone(r.Fields), func(f Field) bool {
		_, before := find(c.Before, f.Name)
		_, after := find(c.After, f.Name)
		return before || after
	})
	for _, f := range c.After {
		fields = append(fields, Field{f.Name, slices.Clone(f.Values)})
	}
	for _, f := range c.Before {
		if _, after := find(c.After, f.Name); !after && !IsPrincipal(f.Name) {
			fields = append(fields, Field{Name: f.Name}) // nobody, in contrast to unknown
		}
	}
	r.Fields = fields
	return r
}

// explained gives a resource the claims that desired has on it.
func explained(r Resource, desired State) Resource {
	if d, ok := desired.Get(r.Key); ok {
		r.Claims, r.Labels = d.Claims, append(slices.Clip(r.Labels), d.Labels...)
		if d.Origin != nil {
			r.Origin = d.Origin
		}
	}
	return r
}
