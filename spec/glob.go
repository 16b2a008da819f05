package spec

import (
	"fmt"
	"slices"
	"strings"
)

// MatchName reports whether the name of a principal or object matches a glob,
// in which * stands for any run of characters and all else for itself. Users
// are compared in lower case: lower both first.
func MatchName(pattern, name string) bool {
	before, rest, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == name
	}
	name, ok := strings.CutPrefix(name, before)
	if !ok {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(name, part)
		}
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name, rest = name[at+len(part):], after
	}
}

// MatchSecurable reports whether the full name of a securable matches a glob.
// The segments are matched one by one, so that * never crosses a dot, and in
// lower case. A segment with dots is written in backticks.
func MatchSecurable(pattern, name string) bool {
	want, err := splitSecurable(pattern)
	if err != nil {
		return false
	}
	have, err := splitSecurable(name)
	if err != nil {
		return false
	}
	return slices.EqualFunc(want, have, func(p, n string) bool {
		return MatchName(strings.ToLower(p), strings.ToLower(n))
	})
}

// SplitSecurable splits a full name at its dots, and takes the backticks off.
func SplitSecurable(name string) ([]string, error) { return splitSecurable(name) }

func splitSecurable(name string) ([]string, error) {
	var segments []string
	for rest := name; ; {
		segment, after, err := cutSegment(rest)
		if err != nil {
			return nil, fmt.Errorf("%q %w", name, err)
		}
		segments = append(segments, segment)
		if after == "" {
			return segments, nil
		}
		rest = after[1:] // the dot
	}
}

// cutSegment takes the first segment off a name; after begins with the dot
// that follows it, or is empty.
func cutSegment(name string) (segment, after string, err error) {
	if !strings.HasPrefix(name, "`") {
		end := strings.IndexByte(name, '.')
		if end < 0 {
			end = len(name)
		}
		switch segment = name[:end]; {
		case segment == "":
			return "", "", fmt.Errorf("has an empty segment")
		case strings.Contains(segment, "`"):
			return "", "", fmt.Errorf("has a backtick inside a segment; quote the whole segment")
		}
		return segment, name[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(name); i++ {
		switch {
		case name[i] != '`':
			b.WriteByte(name[i])
		case strings.HasPrefix(name[i:], "``"):
			b.WriteByte('`')
			i++
		case i+1 < len(name) && name[i+1] != '.':
			return "", "", fmt.Errorf("has text after a closing backtick")
		case b.Len() == 0:
			return "", "", fmt.Errorf("has an empty segment")
		default:
			return b.String(), name[i+1:], nil
		}
	}
	return "", "", fmt.Errorf("has a backtick that is not closed")
}

// JoinSecurable joins segments to a full name, with backticks where a segment
// needs them.
func JoinSecurable(segments ...string) string {
	quoted := make([]string, len(segments))
	for i, s := range segments {
		quoted[i] = s
		if strings.ContainsAny(s, ".`") {
			quoted[i] = "`" + strings.ReplaceAll(s, "`", "``") + "`"
		}
	}
	return strings.Join(quoted, ".")
}
