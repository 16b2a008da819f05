package spec

import (
	"fmt"
	"slices"
	"strings"
)

// Nearest is the known name that a mistyped one most probably means; false if
// none is near enough. Equally near names are decided by the alphabet.
func Nearest(name string, known []string) (string, bool) {
	const longest = 100 // of a name worth comparing; the work grows with the square
	if len(name) > longest {
		return "", false
	}
	best, bestDistance := "", 1+max(1, len([]rune(name))/3)
	for _, k := range known {
		if len(k) > longest || k == "" {
			continue
		}
		d := editDistance(strings.ToLower(name), strings.ToLower(k))
		if d < bestDistance || d == bestDistance && best != "" && k < best {
			best, bestDistance = k, d
		}
	}
	return best, best != ""
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that turn one string into the other.
func editDistance(from, to string) int {
	a, b := []rune(from), []rune(to)
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// unknown says that a name is not known, which one was probably meant, and
// which there are.
func unknown(what, name string, known []string) string {
	list := slices.Clone(known)
	slices.Sort(list)
	msg := fmt.Sprintf("unknown %s %q", what, name)
	if near, ok := Nearest(name, list); ok {
		msg += fmt.Sprintf(" (did you mean %q?)", near)
	}
	if len(list) == 0 {
		return msg + "; none is known"
	}
	return msg + "; known: " + strings.Join(list, ", ")
}
