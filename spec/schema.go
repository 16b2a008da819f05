package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// constrains is implemented by structs whose fields depend on each other in a
// way that their tags cannot say.
type constrains interface {
	constraint() map[string]any
}

// object is a part of a JSON Schema.
type object = map[string]any

// Schema is the JSON Schema (draft-07) of the documents of a kind; of all
// documents if kind is empty.
func Schema(kinds []Kind, kind string) ([]byte, error) {
	kinds = append([]Kind{projectKind()}, kinds...)
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Name
	}
	w := &schemaWriter{types: &types{}, definitions: object{}, names: map[reflect.Type]string{}}
	var root object
	if kind == "" {
		root = w.anyOfKinds(kinds, names)
	} else {
		at := slices.Index(names, kind)
		if at < 0 {
			return nil, fmt.Errorf("%s", unknown("kind", kind, names))
		}
		root = w.document(kinds[at])
	}
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["definitions"] = w.definitions
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, fmt.Errorf("write the JSON Schema: %w", err)
	}
	return out.Bytes(), nil
}

// schemaWriter collects the definitions of the struct types that it meets.
type schemaWriter struct {
	types       *types
	definitions object
	names       map[reflect.Type]string
}

// anyOfKinds lets the field kind decide which schema holds.
func (w *schemaWriter) anyOfKinds(kinds []Kind, names []string) object {
	var branches []any
	for _, k := range kinds {
		name := k.Name + "Document"
		w.definitions[name] = w.document(k)
		branches = append(branches, object{
			"if":   object{"properties": object{"kind": object{"const": k.Name}}, "required": []string{"kind"}},
			"then": object{"$ref": "#/definitions/" + name},
		})
	}
	return object{
		"title":      "a brickgate document",
		"type":       "object",
		"properties": object{"apiVersion": object{"const": APIVersion}, "kind": object{"enum": names}},
		"required":   envelopeFields,
		"allOf":      branches,
	}
}

// document is the schema of one kind, spec and envelope.
func (w *schemaWriter) document(k Kind) object {
	meta := reflect.TypeFor[plainMetadata]()
	if w.types.of(k.Spec).domain != "" {
		meta = reflect.TypeFor[Metadata]()
	}
	metadata := w.structure(meta)
	if w.types.of(k.Spec).domain == "required" {
		metadata["required"] = []string{"name", "domain"}
	}
	return object{
		"title": k.Name,
		"type":  "object",
		"properties": object{
			"apiVersion": object{"const": APIVersion},
			"kind":       object{"const": k.Name},
			"metadata":   metadata,
			"spec":       w.of(k.Spec, rules{}),
		},
		"required":             envelopeFields,
		"additionalProperties": false,
	}
}

// of is the schema of a type under the rules of its field.
func (w *schemaWriter) of(t reflect.Type, r rules) object {
	if t.Kind() == reflect.Pointer {
		return w.of(t.Elem(), r)
	}
	switch v := reflect.New(t).Interface().(type) {
	case *Text, *Passage:
		return textSchema(r)
	case *When:
		return object{"type": "string", "anyOf": []any{object{"format": "date"}, object{"format": "date-time"}}}
	case *Span:
		return object{"type": "string", "pattern": spanPattern}
	case *Percent:
		return object{"type": "string", "pattern": percentPattern}
	case *Int:
		return object{"type": "integer", "minimum": 0, "maximum": maxInt}
	case *Free:
		return w.free()
	case *OneOrMany:
		return object{"anyOf": []any{required(r), w.list(reflect.TypeFor[Text](), r)}}
	case *ByEnvironment:
		return object{"anyOf": []any{required(r), w.mapping(reflect.TypeFor[Text](), rules{nonempty: true, isName: r.isName})}}
	case *SharedPrincipals:
		return object{"anyOf": []any{required(r), w.mapping(reflect.TypeFor[Text](), rules{nonempty: true})}}
	case isMap:
		return w.mapping(reflect.TypeOf(v.newElement()).Elem(), r)
	}
	switch t.Kind() {
	case reflect.Struct:
		return w.ref(t)
	case reflect.Slice:
		return w.list(t.Elem(), r)
	case reflect.String:
		return textSchema(r)
	case reflect.Bool:
		return object{"type": "boolean"}
	}
	panic(fmt.Sprintf("spec: no schema of %s", t))
}

// free is any value but null, at every depth.
func (w *schemaWriter) free() object {
	self := object{"$ref": "#/definitions/Free"}
	w.definitions["Free"] = object{"anyOf": []any{
		object{"type": []string{"string", "boolean", "number"}},
		object{"type": "array", "items": self},
		object{"type": "object", "additionalProperties": self},
	}}
	return self
}

func textSchema(r rules) object {
	s := object{"type": "string"}
	switch {
	case r.enum != nil:
		s["enum"] = r.enum
	case r.isName:
		s["minLength"] = 1
		s["pattern"] = namePattern
	case r.required:
		s["minLength"] = 1
	}
	return s
}

// namePattern is what nameMistake asks of a name, as far as the regular
// expressions of editors go.
const namePattern = `^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$`

func required(r rules) object {
	r.required = true
	return textSchema(r)
}

func (w *schemaWriter) list(element reflect.Type, r rules) object {
	s := object{"type": "array", "items": w.of(element, rules{enum: r.enum, isName: r.isName, required: true})}
	if r.nonempty || r.environments {
		s["minItems"] = 1
	}
	if r.environments {
		s["uniqueItems"] = true
	}
	return s
}

func (w *schemaWriter) mapping(element reflect.Type, r rules) object {
	s := object{
		"type":                 "object",
		"additionalProperties": w.of(element, rules{enum: r.enum, isName: r.isName, required: true}),
		"propertyNames":        object{"pattern": namePattern},
	}
	if r.nonempty {
		s["minProperties"] = 1
	}
	return s
}

// ref defines a struct type once and refers to it.
func (w *schemaWriter) ref(t reflect.Type) object {
	name, known := w.names[t]
	if !known {
		name = t.Name()
		for n := 2; w.definitions[name] != nil; n++ {
			name = t.Name() + strconv.Itoa(n)
		}
		w.names[t] = name
		w.definitions[name] = object{} // taken, and ends recursion
		w.definitions[name] = w.shorthand(t, w.structure(t))
	}
	return object{"$ref": "#/definitions/" + name}
}

// shorthand adds the string that may stand for a struct.
func (w *schemaWriter) shorthand(t reflect.Type, long object) object {
	switch reflect.New(t).Interface().(type) {
	case *Adoption:
		return object{"anyOf": []any{object{"const": "none"}, long}}
	case *Rule:
		return object{"anyOf": []any{object{"enum": []string{"error", "warn"}}, long}}
	case shorthand:
		return object{"anyOf": []any{object{"type": "string", "minLength": 1}, long}}
	}
	return long
}

func (w *schemaWriter) structure(t reflect.Type) object {
	known := w.types.of(t)
	properties, must := object{}, []string{}
	for _, f := range known.fields {
		properties[f.name] = w.field(f, t.FieldByIndex(f.index).Type)
		if f.rules.required {
			must = append(must, f.name)
		}
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(must) > 0 {
		s["required"] = must
	}
	var all []any
	for _, inner := range known.inline {
		if c, ok := reflect.New(t.FieldByIndex(inner.index).Type).Interface().(constrains); ok {
			all = append(all, c.constraint())
		}
	}
	if c, ok := reflect.New(t).Interface().(constrains); ok && len(all) == 0 {
		all = append(all, c.constraint())
	}
	if len(all) > 0 {
		s["allOf"] = all
	}
	return s
}

// field is the schema of one field with what its tags tell the reader. What
// stands beside $ref is not read in draft-07, so that is wrapped.
func (w *schemaWriter) field(f field, t reflect.Type) object {
	s := w.of(t, f.rules)
	if _, isRef := s["$ref"]; isRef && f.doc != "" {
		s = object{"allOf": []any{s}}
	}
	if f.doc != "" {
		s["description"] = f.doc
	}
	if f.example != "" {
		s["examples"] = []string{f.example}
	}
	return s
}
