package plan

import (
	"cmp"
	"slices"
	"strings"
)

// State is a sorted set of resources, unique by key; NewState is the only way
// to make one.
type State struct {
	resources []Resource
}

// NewState canonicalises: resources by key, fields by name, values sorted and
// unique. Resources of one key become one: their fields, claims and references
// are joined, whatever order they come in. It takes over the slice.
func NewState(resources []Resource) State {
	sortByKey(resources)
	out := resources[:0]
	for _, r := range resources {
		if n := len(out); n > 0 && out[n-1].Key == r.Key {
			join(&out[n-1], r)
			continue
		}
		out = append(out, r)
	}
	for i := range out {
		out[i].Fields = canonical(out[i].Fields)
		out[i].Gone = canonical(out[i].Gone)
		out[i].Context = canonical(out[i].Context)
		out[i].Labels = Set(out[i].Labels)
		out[i].Refs = refs(out[i].Refs)
	}
	return State{resources: out}
}

// sortByKey is a stable sort that moves each resource once: they are large, and
// states have many.
func sortByKey(resources []Resource) {
	byKey := func(a, b int32) int { return resources[a].Key.Compare(resources[b].Key) }
	from := make([]int32, len(resources)) // from[i] is where the one for place i stands
	for i := range from {
		from[i] = int32(i)
	}
	if slices.IsSortedFunc(from, byKey) {
		return
	}
	slices.SortStableFunc(from, byKey)
	for start := range from {
		if from[start] == int32(start) {
			continue
		}
		first := resources[start]
		at := start
		for int(from[at]) != start {
			next := int(from[at])
			resources[at], from[at] = resources[next], int32(at)
			at = next
		}
		resources[at], from[at] = first, int32(at)
	}
}

// All returns the resources in order. Callers do not write to them.
func (s State) All() []Resource { return s.resources }

// Len is the number of resources.
func (s State) Len() int { return len(s.resources) }

// Get returns the resource of that key.
func (s State) Get(k Key) (*Resource, bool) {
	i, ok := slices.BinarySearchFunc(s.resources, k, func(r Resource, k Key) int { return r.Key.Compare(k) })
	if !ok {
		return nil, false
	}
	return &s.resources[i], true
}

func refs(keys []Key) []Key {
	if !slices.IsSortedFunc(keys, Key.Compare) {
		slices.SortFunc(keys, Key.Compare)
	}
	return slices.Compact(keys)
}

// join adds o to r. The one that sets an authority governs; of two that do, or
// of two that do not, the one that stands first in the repository.
func join(r *Resource, o Resource) {
	if governs(&o, r) {
		r.Authority, r.Origin = o.Authority, o.Origin
	}
	r.Fields = append(r.Fields, o.Fields...)
	r.Gone = append(r.Gone, o.Gone...)
	r.Claims = append(r.Claims, o.Claims...)
	r.Refs = append(r.Refs, o.Refs...)
	r.Labels = append(r.Labels, o.Labels...)
	r.Context = append(r.Context, o.Context...)
	r.Presence = max(r.Presence, o.Presence)
	r.Single = r.Single || o.Single
	r.Partial = r.Partial || o.Partial
	r.Late = r.Late || o.Late
	r.ID = cmp.Or(r.ID, o.ID)
	if r.Held == "" || o.Held != "" && o.Held < r.Held {
		r.Held = o.Held
	}
}

func governs(a, b *Resource) bool {
	switch {
	case (a.Authority == "") != (b.Authority == ""):
		return a.Authority != ""
	case a.Origin == nil || b.Origin == nil:
		return a.Origin != nil
	}
	return a.Origin.Pos.Compare(b.Origin.Pos) < 0
}

// canonical sorts fields and values and joins fields of one name. Input that
// is canonical already is returned as it is, without allocating.
func canonical(fields []Field) []Field {
	if !slices.IsSortedFunc(fields, byName) {
		slices.SortStableFunc(fields, byName)
	}
	out := fields[:0]
	for _, f := range fields {
		if n := len(out); n > 0 && out[n-1].Name == f.Name {
			out[n-1].Values = append(slices.Clip(out[n-1].Values), f.Values...)
			continue
		}
		out = append(out, f)
	}
	for i := range out {
		out[i].Values = Set(out[i].Values)
	}
	return out
}

func byName(a, b Field) int { return strings.Compare(a.Name, b.Name) }

// Set sorts the values in place and drops duplicates.
func Set(values []string) []string {
	if !slices.IsSorted(values) {
		slices.Sort(values)
	}
	return slices.Compact(values)
}
