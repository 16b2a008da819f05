package spec

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDepth is how deep values may nest; the language itself needs nine levels.
const maxDepth = 64

// strict walks a document before it is decoded and reports what YAML allows
// and the language does not, whatever the field.
type strict struct {
	file *file
}

// node reports the mistakes in n and below it; false if it nests too deeply to
// be decoded.
func (s strict) node(n *yaml.Node, depth int) bool {
	pos := s.file.pos(n)
	if depth > maxDepth {
		s.file.errorf(pos, "nested deeper than %d levels", maxDepth)
		return false
	}
	if n.Anchor != "" {
		s.file.errorf(pos, "anchors are not allowed; write the value out where it is used")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		s.file.errorf(pos, "tags such as %s are not allowed; quote a value to make it a string", n.Tag)
	}
	switch n.Kind {
	case yaml.AliasNode:
		s.file.errorf(pos, "aliases are not allowed; write the value out")
		return true
	case yaml.ScalarNode:
		s.scalar(n)
		return true
	case yaml.MappingNode:
		s.keys(n)
	}
	ok := true
	for _, child := range n.Content {
		ok = s.node(child, depth+1) && ok
	}
	return ok
}

func (s strict) scalar(n *yaml.Node) {
	if !isPlain(n) {
		return
	}
	if msg := ambiguity(n.Value); msg != "" {
		s.file.errorf(s.file.pos(n), "%s", msg)
	}
}

// keys reports keys that are no strings, merge keys and keys written twice.
func (s strict) keys(n *yaml.Node) {
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		pos := s.file.pos(key)
		switch {
		case key.Kind == yaml.AliasNode:
			continue // reported as an alias
		case key.Kind != yaml.ScalarNode:
			s.file.errorf(pos, "a key must be a string")
			continue
		case isPlain(key) && key.Value == "<<":
			s.file.errorf(pos, "merge keys are not allowed; write the fields out")
			continue
		}
		if isPlain(key) {
			if msg := notString(key.Value); msg != "" {
				if differs := ambiguity(key.Value); differs != "" {
					msg = differs
				}
				s.file.errorf(pos, "a key must be a string: %s", msg)
			}
		}
		if first, twice := seen[key.Value]; twice {
			s.file.errorf(pos, "duplicate key %q; first at line %d, column %d", key.Value, first.Line, first.Column)
			continue
		}
		seen[key.Value] = key
	}
}

// isPlain is true of a scalar without quotes, block form or tag.
func isPlain(n *yaml.Node) bool {
	const marked = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	return n.Kind == yaml.ScalarNode && n.Style&marked == 0
}

// isNull is true of a missing value and of null itself.
func isNull(n *yaml.Node) bool {
	return isPlain(n) && null.MatchString(strings.TrimSpace(n.Value))
}
