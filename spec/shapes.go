package spec

import (
	"errors"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// isMap tells a Map of any element type.
type isMap interface {
	newElement() any
}

func (m *Map[T]) newElement() any { return new(T) }

func (m *Map[T]) decodeNode(d *decoder, n *yaml.Node, r rules) {
	m.Pos = d.pos(n)
	if n.Kind != yaml.MappingNode {
		d.want(n, "a mapping")
		return
	}
	if r.nonempty && len(n.Content) == 0 {
		d.errorf(m.Pos, "the mapping is empty")
	}
	m.Entries = make([]MapEntry[T], 0, len(n.Content)/2)
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || seen[key.Value] {
			continue // reported by the strict walk
		}
		seen[key.Value] = true
		e := MapEntry[T]{Key: Text{key.Value, d.pos(key)}}
		if msg := nameMistake(key.Value); msg != "" {
			d.errorf(e.Key.Pos, "the key %s", msg)
		} else if r.environments {
			d.environment(e.Key)
		}
		d.into(n.Content[i+1], &e.Value, rules{enum: r.enum, isName: r.isName, required: true})
		m.Entries = append(m.Entries, e)
	}
}

func (list *OneOrMany) decodeNode(d *decoder, n *yaml.Node, r rules) {
	if n.Kind == yaml.SequenceNode {
		d.into(n, (*[]Text)(list), r)
		return
	}
	r.required = true
	if t, ok := d.text(n, r); ok {
		*list = OneOrMany{t}
	}
}

func (b *ByEnvironment) decodeNode(d *decoder, n *yaml.Node, r rules) {
	b.Pos = d.pos(n)
	if n.Kind == yaml.MappingNode {
		r.environments, r.nonempty = true, true
		d.into(n, &b.Each, r)
		return
	}
	r.required = true
	if t, ok := d.text(n, r); ok {
		b.Value = t
	}
}

func (i *Int) decodeNode(d *decoder, n *yaml.Node, _ rules) {
	if !isPlain(n) || !plainInt.MatchString(n.Value) {
		d.want(n, "a whole number")
		return
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || v < 0 || v > maxInt {
		d.errorf(d.pos(n), "%s is out of range; want 0 to %d", n.Value, maxInt)
		return
	}
	*i = Int{v, d.pos(n)}
}

// maxInt is the largest number that a spec may hold.
const maxInt = 1_000_000_000

func (f *Free) decodeNode(d *decoder, n *yaml.Node, _ rules) {
	f.Pos = d.pos(n)
	switch {
	case n.Kind == yaml.MappingNode:
		var m Map[Free]
		d.into(n, &m, rules{})
		f.Value = m
	case n.Kind == yaml.SequenceNode:
		var list []Free
		d.into(n, &list, rules{})
		f.Value = list
	case n.Kind != yaml.ScalarNode: // an alias, reported by the strict walk
	case !isPlain(n):
		f.Value = n.Value
	case bool12.MatchString(n.Value):
		f.Value = n.Value[0] == 't' || n.Value[0] == 'T'
	case plainInt.MatchString(n.Value):
		f.number(d, n)
	case read12(n.Value) == aFloat:
		f.number(d, n)
	default:
		if t, ok := d.text(n, rules{}); ok {
			f.Value = t.Value
		}
	}
}

func (f *Free) number(d *decoder, n *yaml.Node) {
	if v, err := strconv.Atoi(n.Value); err == nil {
		f.Value = v
		return
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	if err != nil {
		d.errorf(f.Pos, "%s is not a number that can be read; quote it: %q", n.Value, n.Value)
		return
	}
	f.Value = v
}

func (s *SharedPrincipals) decodeNode(d *decoder, n *yaml.Node, _ rules) {
	s.Pos = d.pos(n)
	if n.Kind == yaml.MappingNode {
		d.into(n, &s.ByAccount, rules{nonempty: true})
		return
	}
	if t, ok := d.text(n, rules{required: true}); ok {
		s.Environment = t
	}
}

func (a *Adoption) short(text Text) error {
	if text.Value != "none" {
		return errors.New("write none, or {until: 2026-06-30}")
	}
	return nil
}

func (r *Rule) short(text Text) error {
	r.Level = text
	switch text.Value {
	case "error", "warn", "off":
		return nil
	}
	return errors.New(unknown("level", text.Value, []string{"error", "warn", "off"}))
}
