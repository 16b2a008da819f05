package access

import "math/bits"

// set is a set of small numbers, those of the principals that a question is about.
// The nil set is empty. Sets are shared, so operations make new ones.
type set []uint64

func (s set) has(i int32) bool {
	w := int(i >> 6)
	return w < len(s) && s[w]>>(uint(i)&63)&1 == 1
}

func (s *set) add(i int32) {
	for len(*s) <= int(i>>6) {
		*s = append(*s, 0)
	}
	(*s)[i>>6] |= 1 << (uint(i) & 63)
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func or(a, b set) set {
	switch {
	case len(a) < len(b):
		a, b = b, a
	}
	if len(b) == 0 {
		return a
	}
	out := make(set, len(a))
	copy(out, a)
	for i, w := range b {
		out[i] |= w
	}
	return out
}

func and(a, b set) set {
	n := min(len(a), len(b))
	if n == 0 {
		return nil
	}
	out := make(set, n)
	for i := range out {
		out[i] = a[i] & b[i]
	}
	return out
}

// without is what is in a and not in b.
func without(a, b set) set {
	if a.empty() || len(b) == 0 {
		return a
	}
	out := make(set, len(a))
	copy(out, a)
	for i := range min(len(a), len(b)) {
		out[i] &^= b[i]
	}
	return out
}

func same(a, b set) bool { return without(a, b).empty() && without(b, a).empty() }

// all visits the members in order.
func (s set) all(visit func(int32)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			visit(int32(i<<6 + bits.TrailingZeros64(w)))
		}
	}
}
