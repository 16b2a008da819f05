package journal

import (
	"slices"
	"strings"

	"github.com/brickgate/brickgate/plan"
)

// Subject is whom or what somebody asks about; the zero Subject is everything.
type Subject struct {
	names []string // of a principal, as facts have it, in all the forms that it may be meant in
	kind  string   // of an object: schema, clusters, …; "" for any
	name  string   // of an object
}

// prefixes are how a principal may be written, and how facts have it.
var prefixes = map[string]string{
	"user": "user:", "group": "group:", "sp": "sp:", "servicePrincipal": "sp:",
}

// ParseSubject reads user:alice@example.com, alice@example.com, group:NAME,
// sp:NAME, TYPE:NAME for an object or securable, or a bare name for whatever is
// called so.
func ParseSubject(text string) Subject {
	if kind, name, ok := strings.Cut(text, ":"); ok {
		if prefix, ok := prefixes[kind]; ok {
			return Subject{names: []string{prefix + canonical(prefix, name)}}
		}
		if kind != "" && !strings.ContainsAny(kind, "/.@ ") {
			return Subject{kind: kind, name: name}
		}
	}
	if strings.Contains(text, "@") && !strings.Contains(text, "/") {
		return Subject{names: []string{"user:" + canonical("user:", text)}}
	}
	if text == "" {
		return Subject{}
	}
	return Subject{names: []string{"group:" + text, "sp:" + text}, name: text}
}

// canonical: e-mail addresses are in lower case everywhere.
func canonical(prefix, name string) string {
	if prefix == "user:" {
		return strings.ToLower(name)
	}
	return name
}

func (s *Subject) everything() bool { return len(s.names) == 0 && s.name == "" }

// concerns tells whether a change is about the subject.
func (s *Subject) concerns(i *Intent) bool {
	k := i.Key()
	if s.everything() || s.is(k) {
		return true
	}
	about := func(f Fact) bool { return s.concernsFact(k, f) }
	return slices.ContainsFunc(i.Added, about) || slices.ContainsFunc(i.Removed, about)
}

// concernsFact tells whether a fact is about the subject: its principal, what it
// is a fact of, or whom it names.
func (s *Subject) concernsFact(k plan.Key, f Fact) bool {
	return s.everything() || s.is(k) || slices.Contains(s.names, f.Field) || slices.Contains(s.names, f.Value)
}

// of are those facts of a change that are about the subject.
func (s *Subject) of(i *Intent, facts []Fact) []Fact {
	var out []Fact
	for _, f := range facts {
		if s.concernsFact(i.Key(), f) {
			out = append(out, f)
		}
	}
	return out
}

// is tells whether the resource is the subject, or holds its access.
func (s *Subject) is(k plan.Key) bool {
	if slices.Contains(s.names, plan.Principal(plan.Fact{Key: k})) {
		return true
	}
	kind, name, ok := strings.Cut(k.Name, "/")
	if s.name == "" || !ok || s.kind != "" && s.kind != kind {
		return false
	}
	return name == s.name || k.Target == "metastore" && strings.EqualFold(name, s.name)
}
