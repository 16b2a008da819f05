package access

import (
	"slices"

	"github.com/brickgate/brickgate/plan"
)

// Holding is what somebody can do with an object, and with everything in it that
// has no Holding of its own.
type Holding struct {
	Object     plan.Key
	Privileges []string // or levels; sorted. None: not even what it has on what holds the object
	Contents   int      // objects of the state in it, at any depth, that the Holding speaks for
}

// WhatCan lists what a principal can do effectively, by object, and the gaps that
// lie on the way: groups, the members of which nobody knows, that have anything.
// The principal may be a group: what its members have by being in it, and with it
// what everybody has.
func (a *Access) WhatCan(principal string) ([]Holding, []Gap) {
	who := a.find(principal)
	v := a.view([]int32{who})
	touched := map[*object]bool{}
	for _, id := range a.identities(who) {
		for _, o := range a.naming[id] {
			touched[o] = true
		}
		if p := a.places[a.nodes[id].target]; p != nil && p.admins == id {
			for _, o := range p.objects {
				touched[o] = true
			}
		}
	}
	w := what{view: v, touched: touched}
	for _, o := range a.objects {
		if o.in == nil {
			w.walk(o, nil, nil, touched[o])
		}
	}
	slices.SortFunc(w.found, func(a, b *Holding) int { return a.Object.Compare(b.Object) })
	out := make([]Holding, len(w.found))
	for i, h := range w.found {
		out[i] = *h
	}
	return out, a.unread(who)
}

// what walks from containers to what is in them.
type what struct {
	*view
	touched map[*object]bool
	found   []*Holding
}

// walk lists an object unless what is held on it is what comes from the container.
func (w *what) walk(o *object, outer *Holding, above []string, touched bool) {
	var have []string
	touched = touched || w.touched[o]
	if touched {
		have = w.all(o)
	}
	if slices.Equal(have, w.applying(o, above)) {
		outer.covers(have)
	} else {
		outer = &Holding{Object: o.key, Privileges: have}
		w.found = append(w.found, outer)
	}
	plain := map[string][]string{} // by type: what is held on those with nothing of their own
	for _, c := range o.contents {
		if w.touched[c] || len(c.contents) > 0 {
			w.walk(c, outer, have, touched)
			continue
		}
		same, ok := plain[c.typ]
		if !ok && touched {
			same = w.all(c)
			plain[c.typ] = same
		}
		switch {
		case !slices.Equal(same, w.applying(c, have)):
			w.found = append(w.found, &Holding{Object: c.key, Privileges: same})
		default:
			outer.covers(same)
		}
	}
}

// covers counts an object on which what comes of the Holding is held: the way to it,
// as USE_CATALOG, is nothing there.
func (h *Holding) covers(have []string) {
	if h != nil && (len(have) > 0 || len(h.Privileges) == 0) {
		h.Contents++
	}
}

// all is everything that is held on an object.
func (w *what) all(o *object) []string {
	var have []string
	for _, p := range w.privileges(o) {
		if !w.can(o, p).empty() {
			have = append(have, p)
		}
	}
	return have
}

// applying are those of a container's privileges that there are on what is in it.
func (w *what) applying(o *object, above []string) []string {
	if o.in == nil || o.in.key.Name == metastoreName {
		above = slices.DeleteFunc(slices.Clone(above), func(p string) bool { return p != manage })
	}
	all := w.privileges(o)
	return slices.DeleteFunc(slices.Clone(above), func(p string) bool { return !slices.Contains(all, p) })
}

// unread are the groups of whom nobody knows the members and that could be more
// groups of a principal; those that give nothing are left out.
func (a *Access) unread(who int32) []Gap {
	mine := a.identities(who)
	var out []Gap
	for i := range a.nodes {
		n := &a.nodes[i]
		if !n.unread || n.absent || slices.Contains(mine, int32(i)) {
			continue
		}
		if slices.ContainsFunc(a.identities(int32(i)), func(id int32) bool { return id != a.everyone && len(a.naming[id]) > 0 }) {
			out = append(out, Gap{a.groupKey(int32(i)), LackMembers})
		}
	}
	slices.SortFunc(out, compareGaps)
	return out
}

// groupKey is the key of the resource of a group.
func (a *Access) groupKey(n int32) plan.Key {
	return plan.Key{Kind: kindGroup, Target: a.nodes[n].target, Name: a.nodes[n].token[len("group:"):]}
}
