package plan

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// Schema is the JSON Schema (draft-07) of the document that JSON writes, made from
// the types that it is written from. It describes FormatVersion and takes what
// later minor versions write as well: these only add fields, so that a reader has
// to leave alone what it does not know.
func Schema() ([]byte, error) {
	w := schemaWriter{definitions: object{}, types: map[string]reflect.Type{}}
	root := w.structure(reflect.TypeFor[document]())
	major, _, _ := strings.Cut(FormatVersion, ".")
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["$id"] = "https://brickgate.dev/schemas/plan-" + FormatVersion + ".json"
	root["title"] = "a brickgate plan, format " + FormatVersion
	root["description"] = "What brickgate plan -o json prints. Later versions " + major + ".x only add fields: leave alone what you do not know."
	root["properties"].(object)["formatVersion"] = object{"type": "string", "pattern": `^` + major + `\.[0-9]+$`}
	root["definitions"] = w.definitions
	return encoded(root, "write the JSON Schema of a plan")
}

// object is a part of a JSON Schema.
type object = map[string]any

// schemaWriter collects the definitions of the struct types that it meets.
type schemaWriter struct {
	definitions object
	types       map[string]reflect.Type // by the name of their definition
}

// of is the schema of a type.
func (w schemaWriter) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[Action]():
		return object{"enum": []Action{Create, Update, Delete}}
	case reflect.TypeFor[Level]():
		return object{"enum": []Level{LevelError, LevelWarn, LevelNote}}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Slice:
		return object{"type": "array", "items": w.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": w.of(t.Elem())}
	case reflect.Pointer:
		return w.of(t.Elem())
	case reflect.Struct:
		return w.ref(t)
	}
	panic(fmt.Sprintf("plan: no schema of %s", t))
}

// ref defines a struct type once and refers to it.
func (w schemaWriter) ref(t reflect.Type) object {
	name := strings.TrimPrefix(t.Name(), "json")
	name = string(unicode.ToLower(rune(name[0]))) + name[1:]
	switch w.types[name] {
	case nil:
		w.types[name] = t // ends recursion
		w.definitions[name] = w.structure(t)
	case t:
	default:
		panic("plan: two types of a document are called " + name)
	}
	return object{"$ref": "#/definitions/" + name}
}

// structure has the fields that encoding/json writes.
func (w schemaWriter) structure(t reflect.Type) object {
	properties, must := object{}, []string{}
	w.fields(t, properties, &must)
	return object{"type": "object", "properties": properties, "required": must}
}

func (w schemaWriter) fields(t reflect.Type, properties object, must *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			w.fields(f.Type, properties, must)
			continue
		case name == "" || name == "-":
			panic("plan: a field of a document without a name: " + t.Name() + "." + f.Name)
		}
		s := w.of(f.Type)
		optional := strings.Contains(options, "omit")
		if f.Type.Kind() == reflect.Pointer && !optional {
			s = object{"anyOf": []object{{"type": "null"}, s}}
		}
		properties[name] = s
		if !optional {
			*must = append(*must, name)
		}
	}
}
