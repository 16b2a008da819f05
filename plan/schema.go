package plan

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// Schema is the JSON Schema (draft-07) of the document that JSON writes.
func Schema() ([]byte, error) {
	return Printed{Name: "plan", Title: "a brickgate plan", Command: "brickgate plan -o json and brickgate drift -o json", Format: FormatVersion, Document: document{}}.Schema()
}

// Printed is a kind of document that is written as JSON.
type Printed struct {
	Name, Title string // of its schema
	Command     string // what prints it
	Format      string // of which version it is, as MAJOR.MINOR
	Document    any    // a value of the struct type that it is written from; it has a field formatVersion
}

// Schema is the JSON Schema (draft-07) of the documents, made from the type that they
// are written from. It describes the format and takes what later minor versions write
// as well: these only add fields, so that a reader has to leave alone what it does
// not know.
func (d Printed) Schema() ([]byte, error) {
	w := schemaWriter{definitions: object{}, types: map[string]reflect.Type{}}
	root := w.structure(reflect.TypeOf(d.Document))
	major, _, _ := strings.Cut(d.Format, ".")
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["$id"] = "https://brickgate.dev/schemas/" + d.Name + "-" + d.Format + ".json"
	root["title"] = d.Title + ", format " + d.Format
	root["description"] = "What " + d.Command + " prints. Later versions " + major + ".x only add fields: leave alone what you do not know. " +
		"Where there is none to print, it is {\"error\": {…}} instead."
	root["properties"].(object)["formatVersion"] = object{"type": "string", "pattern": `^` + major + `\.[0-9]+$`}
	root["definitions"] = w.definitions
	return encoded(root, "write the JSON Schema of "+d.Title)
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
