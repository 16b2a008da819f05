package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Kind is a kind of document that the caller knows, with the struct that its
// spec decodes into. Project is known without being listed.
type Kind struct {
	Name string
	Spec reflect.Type
}

func projectKind() Kind { return Kind{"Project", reflect.TypeFor[Project]()} }

// decoder turns the nodes of one document into Go values and reports every
// difference between what is written and what the types allow.
type decoder struct {
	*file
	types        *types
	environments []string // names that environment lists may hold; nil: not known yet
	meta         Metadata
	kind         string
	checked      int // mistakes that checks found
}

// decodes is implemented by types that read their node themselves.
type decodes interface {
	decodeNode(d *decoder, n *yaml.Node, r rules)
}

// parses is implemented by types that are written as one scalar.
type parses interface {
	parse(text string, pos Pos) error
}

// shorthand is implemented by structs that may also be written as one string.
type shorthand interface {
	short(text Text) error
}

// rules are what the tags of a field ask of its value; those on single values
// hold for each one of a list or a map.
type rules struct {
	enum         []string
	required     bool // present and not empty
	nonempty     bool // a list or map with at least one element
	environments bool // a list or the keys of a map are names of environments
	isName       bool // not empty, no control characters
}

// field is one key of a struct, possibly of one that is inlined in it.
type field struct {
	name    string
	index   []int
	rules   rules
	doc     string
	example string
}

// structure is what the decoder and the JSON Schema know about a struct type.
type structure struct {
	fields []field
	inline []field // inlined structs: name is empty
	pos    []int   // index of the field Pos, nil if it has none
	meta   []int   // index of the field Metadata, nil if it has none
	domain string  // "", "optional" or "required"
}

// types remembers the structure of struct types; it is safe for concurrent use.
type types struct {
	byType sync.Map // reflect.Type → *structure
}

func (t *types) of(typ reflect.Type) *structure {
	if s, ok := t.byType.Load(typ); ok {
		return s.(*structure)
	}
	s := structureOf(typ)
	t.byType.Store(typ, s)
	return s
}

// structureOf reads the tags of a struct type. A tag it does not know is a
// mistake in the program, not in a file.
func structureOf(typ reflect.Type) *structure {
	s := &structure{}
	for sf := range typ.Fields() {
		name, opts, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		switch {
		case !sf.IsExported():
		case sf.Name == "Pos" && sf.Type == reflect.TypeFor[Pos]():
			s.pos = sf.Index
		case sf.Type == reflect.TypeFor[Metadata]():
			s.meta = sf.Index
			s.domain = sf.Tag.Get("domain")
		case name == "-":
		case opts == "inline":
			s.addInline(sf)
		case name == "":
			panic(fmt.Sprintf("spec: field %s of %s has no yaml tag", sf.Name, typ))
		default:
			s.fields = append(s.fields, fieldOf(sf, name))
		}
	}
	return s
}

func (s *structure) addInline(sf reflect.StructField) {
	s.inline = append(s.inline, field{index: sf.Index})
	part := structureOf(sf.Type)
	for _, inner := range part.fields {
		inner.index = slices.Concat(sf.Index, inner.index)
		s.fields = append(s.fields, inner)
	}
	for _, inner := range part.inline {
		inner.index = slices.Concat(sf.Index, inner.index)
		s.inline = append(s.inline, inner)
	}
}

func fieldOf(sf reflect.StructField, name string) field {
	f := field{name: name, index: sf.Index, doc: sf.Tag.Get("doc"), example: sf.Tag.Get("example")}
	if enum := sf.Tag.Get("enum"); enum != "" {
		f.rules.enum = strings.Split(enum, ",")
	}
	if sf.Type == reflect.TypeFor[EnvNames]() || name == "environments" && sf.Type == reflect.TypeFor[[]Text]() {
		f.rules.environments = true
	}
	for tag := range strings.SplitSeq(sf.Tag.Get("spec"), ",") {
		switch tag {
		case "":
		case "required":
			f.rules.required = true
		case "nonempty":
			f.rules.nonempty = true
		case "environments":
			f.rules.environments = true
		case "name":
			f.rules.isName = true
		default:
			panic(fmt.Sprintf("spec: field %s has the unknown rule %q", sf.Name, tag))
		}
	}
	return f
}

// value decodes n into v.
func (d *decoder) value(n *yaml.Node, v reflect.Value, r rules) {
	if isNull(n) {
		d.noValue(n, v)
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), r)
		return
	}
	switch t := v.Addr().Interface().(type) {
	case decodes:
		t.decodeNode(d, n, r)
		return
	case parses:
		d.parsed(n, t, r)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.list(n, v, r)
	case reflect.String:
		if text, ok := d.text(n, r); ok {
			v.SetString(text.Value)
		}
	case reflect.Bool:
		d.boolean(n, v)
	default:
		panic(fmt.Sprintf("spec: no way to decode %s", v.Type()))
	}
}

// into decodes n into what target points to, for types that decode themselves.
func (d *decoder) into(n *yaml.Node, target any, r rules) {
	d.value(n, reflect.ValueOf(target).Elem(), r)
}

func (d *decoder) noValue(n *yaml.Node, v reflect.Value) {
	switch {
	case isListType(v.Type()):
		d.errorf(d.pos(n), "nothing after the colon; write [] to mean nobody, or leave the field out")
	case isMapType(v.Type()):
		d.errorf(d.pos(n), "nothing after the colon; write {} to mean none, or leave the field out")
	default:
		d.errorf(d.pos(n), "no value; write one, or leave the field out")
	}
}

func isListType(t reflect.Type) bool {
	return t.Kind() == reflect.Slice
}

func isMapType(t reflect.Type) bool {
	_, ok := reflect.New(t).Interface().(isMap)
	return ok
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	s := d.types.of(v.Type())
	if s.pos != nil {
		v.FieldByIndex(s.pos).Set(reflect.ValueOf(d.pos(n)))
	}
	if s.meta != nil {
		v.FieldByIndex(s.meta).Set(reflect.ValueOf(d.meta))
	}
	if short, ok := v.Addr().Interface().(shorthand); ok && n.Kind == yaml.ScalarNode {
		d.shorthand(n, short)
		return
	}
	if n.Kind != yaml.MappingNode {
		d.want(n, "a mapping")
		return
	}
	before := d.misshapen()
	d.fields(n, v, s)
	for _, inner := range s.inline {
		part := v.FieldByIndex(inner.index)
		if at := d.types.of(part.Type()).pos; at != nil {
			part.FieldByIndex(at).Set(reflect.ValueOf(d.pos(n)))
		}
	}
	if d.misshapen() == before {
		d.check(v, s)
	}
}

// misshapen counts the mistakes that leave something undecoded. Those that checks
// find do not: what holds their values can be checked all the same.
func (d *decoder) misshapen() int { return len(d.mistakes) - d.checked }

// check calls the rules of a struct and of those inlined in it. A struct that
// embeds another one also has that one's Check; what is found twice is
// reported once, as every mistake.
func (d *decoder) check(v reflect.Value, s *structure) {
	c, before := &Checker{Kind: d.kind, Metadata: d.meta, file: d.file}, len(d.mistakes)
	defer func() { d.checked += len(d.mistakes) - before }()
	for _, inner := range s.inline {
		if checked, ok := v.FieldByIndex(inner.index).Addr().Interface().(checks); ok {
			checked.Check(c)
		}
	}
	if checked, ok := v.Addr().Interface().(checks); ok {
		checked.Check(c)
	}
}

func (d *decoder) shorthand(n *yaml.Node, short shorthand) {
	text, ok := d.text(n, rules{})
	if !ok {
		return
	}
	before := len(d.mistakes)
	if err := short.short(text); err != nil {
		d.errorf(text.Pos, "%s", err)
	}
	if v := reflect.ValueOf(short).Elem(); len(d.mistakes) == before {
		d.check(v, d.types.of(v.Type()))
	}
}

func (d *decoder) fields(n *yaml.Node, v reflect.Value, s *structure) {
	present := make([]bool, len(s.fields))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(s.fields, func(f field) bool { return f.name == key.Value })
		switch {
		case key.Kind != yaml.ScalarNode:
			continue // reported by the strict walk
		case at < 0:
			d.errorf(d.pos(key), "%s", unknown("field", key.Value, s.names()))
			continue
		case present[at]:
			continue // a duplicate, reported by the strict walk
		}
		present[at] = true
		d.value(val, v.FieldByIndex(s.fields[at].index), s.fields[at].rules)
	}
	var missing []string
	for i, f := range s.fields {
		if f.rules.required && !present[i] {
			missing = append(missing, f.name)
		}
	}
	d.missing(n, missing)
}

// missing reports fields that a mapping must have.
func (d *decoder) missing(n *yaml.Node, names []string) {
	switch len(names) {
	case 0:
	case 1:
		d.errorf(d.pos(n), "the field %q is missing", names[0])
	default:
		d.errorf(d.pos(n), "the fields %s are missing", strings.Join(names, ", "))
	}
}

func (s *structure) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, r rules) {
	if n.Kind != yaml.SequenceNode {
		d.want(n, "a list")
		return
	}
	if r.nonempty && len(n.Content) == 0 {
		d.errorf(d.pos(n), "the list is empty")
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	element := rules{enum: r.enum, environments: r.environments, isName: r.isName, required: true}
	for i, item := range n.Content {
		if isNull(item) {
			d.errorf(d.pos(item), "nothing after the dash")
			continue
		}
		d.value(item, v.Index(i), element)
	}
	if r.environments {
		d.environmentList(n)
	}
}

// environmentList checks the form of a list of environments; its names were
// checked one by one.
func (d *decoder) environmentList(n *yaml.Node) {
	if len(n.Content) == 0 {
		d.errorf(d.pos(n), "applies to no environment; leave the field out to mean all")
	}
	seen := make(map[string]bool, len(n.Content))
	for _, item := range n.Content {
		if seen[item.Value] {
			d.errorf(d.pos(item), "environment %q is listed twice", item.Value)
		}
		seen[item.Value] = true
	}
}

// environment checks the name of an environment.
func (d *decoder) environment(t Text) {
	if d.environments != nil && !slices.Contains(d.environments, t.Value) {
		d.errorf(t.Pos, "%s", unknown("environment", t.Value, d.environments))
	}
}

// text reads a scalar that must be a string.
func (d *decoder) text(n *yaml.Node, r rules) (Text, bool) {
	if n.Kind != yaml.ScalarNode {
		d.want(n, "a string")
		return Text{}, false
	}
	if isPlain(n) {
		if msg := notString(n.Value); msg != "" {
			d.errorf(d.pos(n), "%s", msg)
			return Text{}, false
		}
	}
	t := Text{n.Value, d.pos(n)}
	if msg := nameMistake(t.Value); r.isName && msg != "" {
		d.errorf(t.Pos, "the name %s", msg)
		return Text{}, false
	}
	if r.required && t.Value == "" {
		d.errorf(t.Pos, "the value is empty")
		return Text{}, false
	}
	if r.enum != nil && !slices.Contains(r.enum, t.Value) {
		d.errorf(t.Pos, "%s", unknown("value", t.Value, r.enum))
		return Text{}, false
	}
	if r.environments {
		d.environment(t)
	}
	return t, true
}

// parsed reads a scalar into a type that parses it. Dates and numbers may be
// plain where they are wanted.
func (d *decoder) parsed(n *yaml.Node, into parses, r rules) {
	if _, ok := into.(*When); ok && n.Kind == yaml.ScalarNode && time11.MatchString(n.Value) {
		if err := into.parse(n.Value, d.pos(n)); err != nil {
			d.errorf(d.pos(n), "%s", err)
		}
		return
	}
	text, ok := d.text(n, r)
	if !ok {
		return
	}
	if err := into.parse(text.Value, text.Pos); err != nil {
		d.errorf(text.Pos, "%s", err)
	}
}

func (d *decoder) boolean(n *yaml.Node, v reflect.Value) {
	if !isPlain(n) || !bool12.MatchString(n.Value) {
		d.want(n, "true or false")
		return
	}
	v.SetBool(strings.EqualFold(n.Value, "true"))
}

// want reports a value of the wrong type.
func (d *decoder) want(n *yaml.Node, wanted string) {
	switch {
	case n.Kind == yaml.AliasNode: // reported by the strict walk
	case n.Kind == yaml.MappingNode:
		d.errorf(d.pos(n), "want %s, not a mapping", wanted)
	case n.Kind == yaml.SequenceNode:
		d.errorf(d.pos(n), "want %s, not a list", wanted)
	default:
		d.errorf(d.pos(n), "want %s, not %s", wanted, strconv.Quote(n.Value))
	}
}

// spec decodes the spec of a document, and finds its list of environments.
func (d *decoder) spec(n *yaml.Node, kind Kind) (any, []Text) {
	into := reflect.New(kind.Spec)
	d.value(n, into.Elem(), rules{})
	at := slices.IndexFunc(d.types.of(kind.Spec).fields, func(f field) bool { return f.name == "environments" })
	if at < 0 {
		return into.Interface(), nil
	}
	switch list := into.Elem().FieldByIndex(d.types.of(kind.Spec).fields[at].index).Interface().(type) {
	case EnvNames:
		return into.Interface(), list
	case []Text:
		return into.Interface(), list
	}
	return into.Interface(), nil
}
