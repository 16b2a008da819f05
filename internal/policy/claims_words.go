package policy

import (
	"fmt"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// String is the thing of a spot in words: schema gold_dev.sales.
func (s spot) String() string { return thing(s.on.Key) }

// thing is what a resource is about, in words.
func thing(k plan.Key) string {
	typ, name, _ := strings.Cut(k.Name, "/")
	switch {
	case k.Kind == kindGroup:
		return "group " + k.Name
	case k.Kind == kindPermissions:
		return fmt.Sprintf("%s %s in workspace %s", typ, name, k.Target)
	case typ == "metastore":
		return "the metastore"
	}
	return typ + " " + name
}

// has is what a line says, in words: of the first of its spots, and how many more
// there are.
func (l *line) has() string {
	first := l.spots[0]
	if first.values == nil {
		return fmt.Sprintf("%s is in %s", l.who, first)
	}
	return l.gets(first) + more(len(l.spots)-1)
}

// gets is what a line says of one spot.
func (l *line) gets(s spot) string {
	return fmt.Sprintf("%s gets %s on %s", l.who, and(s.values), s)
}

// more counts what a message leaves out.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// and joins words: a, b and c.
func and(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
}

// few joins words, and counts those beyond a handful.
func few(words []string) string {
	const shown = 4
	if len(words) <= shown+1 {
		return and(words)
	}
	return strings.Join(words[:shown], ", ") + more(len(words)-shown)
}
