package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entryLists are the fields of documents whose items are each about somebody: a
// mistake in one says nothing of the others.
var entryLists = []string{"consumers", "owners", "writers", "members", "grants", "permissions"}

// namedAround is what the entries say in which mistakes lie. Of a product whose
// mistakes are elsewhere, in its domain or its data, that is nothing: whom it lets
// in is known all the same. Of any other document it is all.
func namedAround(name, text string, mistakes []*Error) string {
	var b strings.Builder
	f := newFile(name, text)
	if len(mistakes) == 0 {
		return ""
	}
	var roots []*yaml.Node
	f.documents(func(root *yaml.Node) { roots = append(roots, root) })
	told := map[*yaml.Node]bool{}
	for _, m := range mistakes {
		root := enclosing(roots, m.Pos)
		if root == nil {
			return text
		}
		if entry := entryAt(root, m.Pos); entry != nil && !told[entry] {
			told[entry] = true
			scalars(entry, &b)
		}
	}
	return b.String()
}

// entryAt is the part of a document that a mistake leaves in doubt; nil: nothing.
func entryAt(root *yaml.Node, pos Pos) *yaml.Node {
	_, fields := fieldAt(root, pos, "spec")
	_, value := fieldAt(fields, pos, entryLists...)
	switch {
	case value != nil && value.Kind == yaml.SequenceNode && !before(pos, value):
		if item := enclosing(value.Content, pos); item != nil {
			return item
		}
		return value
	case value != nil:
		return value
	case isProduct(root):
		return nil
	}
	return root
}

// fieldAt finds the field of a mapping that holds a place, if it is one of these.
func fieldAt(n *yaml.Node, pos Pos, names ...string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content) && !before(pos, n.Content[i]); i += 2 {
		key, value = n.Content[i], n.Content[i+1]
	}
	if key == nil || !slices.Contains(names, key.Value) {
		return nil, nil
	}
	return key, value
}

func isProduct(root *yaml.Node) bool {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == "kind" {
			return root.Content[i+1].Value == "Product"
		}
	}
	return false
}

// enclosing is the last of these nodes that begins at a place or before it; nil
// if none does.
func enclosing(nodes []*yaml.Node, pos Pos) *yaml.Node {
	var last *yaml.Node
	for _, n := range nodes {
		if !before(pos, n) {
			last = n
		}
	}
	return last
}

func before(pos Pos, n *yaml.Node) bool {
	return pos.Compare(Pos{pos.File, n.Line, n.Column}) < 0
}

// scalars writes all that a part of a document says.
func scalars(n *yaml.Node, b *strings.Builder) {
	if n.Kind == yaml.ScalarNode {
		b.WriteString(n.Value + " , ")
	}
	for _, c := range n.Content {
		scalars(c, b)
	}
}
