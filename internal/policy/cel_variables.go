package policy

import (
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"github.com/brickgate/brickgate/plan"
)

// variable is a word that rules of the repository's own may use.
type variable struct {
	name      string
	longest   uint64 // characters, by which the worst cost is judged
	of        func(*subject) string
	boolean   bool // "true" or "false"
	ofChanges bool // known only to rules over changes
}

// variables is the table of them.
var variables = []variable{
	{name: "kind", longest: 64, of: func(s *subject) string { return s.fact.Key.Kind }},
	{name: "target", longest: 128, of: func(s *subject) string { return s.fact.Key.Target }},
	{name: "name", longest: 1024, of: func(s *subject) string { return s.fact.Key.Name }},
	{name: "field", longest: 320, of: func(s *subject) string { return s.fact.Field }},
	{name: "value", longest: 320, of: func(s *subject) string { return s.fact.Value }},
	{name: "principal", longest: 320, of: func(s *subject) string { return plan.Principal(s.fact) }},
	{name: "product", longest: 256, of: (*subject).product},
	{name: "domain", longest: 256, of: (*subject).domain},
	{name: "layer", longest: 64, of: (*subject).layer},
	{name: "pii", boolean: true, of: (*subject).pii},
	{name: "until", longest: 32, of: func(s *subject) string { return s.entry.LastsUntil() }},
	{name: "reason", longest: 2048, of: func(s *subject) string { return s.entry.Reason }},
	{name: "request", longest: 256, of: func(s *subject) string { return s.entry.Request }},
	{name: "change", longest: 6, ofChanges: true, of: func(s *subject) string { return s.change }},
}

// What a change does to a value.
const (
	added   = "add"
	removed = "remove"
)

// subject is what a rule looks at: a fact with one of the entries that want it,
// or one value of a change. One is filled again and again; what it says of the
// fact is worked out when the rule asks.
type subject struct {
	*Input
	variables map[string]*variable
	labels    []string
	fact      plan.Fact
	entry     *plan.Origin // never nil; zero where no entry speaks of the value
	change    string
}

// ResolveName gives CEL the value of a variable.
func (s *subject) ResolveName(name string) (any, bool) {
	v := s.variables[name]
	switch {
	case v == nil:
		return nil, false
	case v.boolean:
		return types.Bool(v.of(s) == "true"), true
	}
	return types.String(v.of(s)), true
}

// Parent is nil: all variables are the subject's.
func (s *subject) Parent() interpreter.Activation { return nil }

// label is the first label of that prefix, without it.
func (s *subject) label(prefix string) string {
	for _, l := range s.labels {
		if rest, ok := strings.CutPrefix(l, prefix); ok {
			return rest
		}
	}
	return ""
}

func (s *subject) product() string {
	if s.entry.Product != "" {
		return s.entry.Product
	}
	return s.label("product:")
}

// domain is that of the product, since a schema may hold the data of several.
func (s *subject) domain() string {
	if s.Catalogue != nil {
		if p := s.Catalogue.Product(s.product()); p != nil {
			return p.Metadata.Domain.Value
		}
	}
	return s.label("domain:")
}

// layer is that of the catalog where no label tells it.
func (s *subject) layer() string {
	if layer := s.label("layer:"); layer != "" {
		return layer
	}
	typ, full, _ := strings.Cut(s.fact.Key.Name, "/")
	if s.fact.Key.Target != "metastore" {
		return ""
	}
	layer, _ := s.Env.LayerOf(typ, full)
	return layer
}

func (s *subject) pii() string {
	for _, l := range s.labels {
		if l == labelPII {
			return "true"
		}
	}
	return "false"
}
