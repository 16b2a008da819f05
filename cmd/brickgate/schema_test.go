package main

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/brickgate/brickgate/reconcile"
)

// printedSchema compiles what `brickgate schema` prints as draft-07.
func printedSchema(t *testing.T, kind ...string) *jsonschema.Schema {
	t.Helper()
	code, out, errs := called(t, append([]string{"schema"}, kind...)...)
	if code != exitOK {
		t.Fatal(code, errs)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if named := doc.(map[string]any)["$schema"]; named != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("$schema is %v", named)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	if err := c.AddResource("brickgate.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("brickgate.json")
	if err != nil {
		t.Fatalf("schema %v: %v", kind, err)
	}
	return schema
}

func TestTheSchemaAcceptsTheExamples(t *testing.T) {
	all := printedSchema(t)
	byKind := map[string]*jsonschema.Schema{"Project": printedSchema(t, "Project")}
	for _, k := range reconcile.SpecKinds() {
		byKind[k.Name] = printedSchema(t, k.Name)
	}
	used := map[string]int{}
	for name, doc := range exampleDocuments(t) {
		kind, _ := doc["kind"].(string)
		used[kind]++
		if err := all.Validate(any(doc)); err != nil {
			t.Errorf("%s against the schema of all kinds: %v", name, err)
		}
		if err := byKind[kind].Validate(any(doc)); err != nil {
			t.Errorf("%s against the schema of %s: %v", name, kind, err)
		}
	}
	for kind := range byKind {
		if used[kind] == 0 {
			t.Errorf("no example shows the kind %s", kind)
		}
	}
}

// exampleDocuments are the documents of all examples as an editor sees them.
func exampleDocuments(t *testing.T) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	root := filepath.Join("..", "..", "examples")
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".yaml" || entry.Name() == seedFile {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return err
		}
		dec := yaml.NewDecoder(bytes.NewReader(text))
		for i := 0; ; i++ {
			var doc map[string]any
			if err := dec.Decode(&doc); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			found[name+"#"+string(rune('0'+i))] = texts(doc).(map[string]any)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// texts makes dates what JSON has for them.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = texts(v[k])
		}
	case []any:
		for i := range v {
			v[i] = texts(v[i])
		}
	case interface{ Format(string) string }:
		return v.Format("2006-01-02")
	}
	return v
}

func TestTheSchemaRefusesWhatTheDecoderRefuses(t *testing.T) {
	all := printedSchema(t)
	for name, text := range map[string]string{
		"an unknown field":    "{apiVersion: brickgate.dev/v1, kind: Group, metadata: {name: g}, spec: {member: []}}",
		"an unknown kind":     "{apiVersion: brickgate.dev/v1, kind: Gruop, metadata: {name: g}, spec: {}}",
		"a wrong type":        "{apiVersion: brickgate.dev/v1, kind: Group, metadata: {name: g}, spec: {members: alice}}",
		"a wrong apiVersion":  "{apiVersion: v2, kind: Group, metadata: {name: g}, spec: {}}",
		"nothing for a list":  "{apiVersion: brickgate.dev/v1, kind: Group, metadata: {name: g}, spec: {members: null}}",
		"an unknown level":    "{apiVersion: brickgate.dev/v1, kind: Group, metadata: {name: g}, spec: {authority: all}}",
		"two principals":      "{apiVersion: brickgate.dev/v1, kind: Group, metadata: {name: g}, spec: {members: [{user: a, group: b}]}}",
		"a removal of a list": "{apiVersion: brickgate.dev/v1, kind: Removed, metadata: {name: g}, spec: {kind: Grants, action: delete, reason: x}}",
	} {
		var doc any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		if all.Validate(doc) == nil {
			t.Errorf("the schema accepts %s", name)
		}
		dir := t.TempDir()
		project, err := os.ReadFile(filepath.Join("..", "..", "examples", "quickstart", "brickgate.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for file, data := range map[string][]byte{"brickgate.yaml": project, "x.yaml": []byte(text)} {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if code, _, errs := called(t, "validate", dir); code != exitError || !strings.Contains(errs, "x.yaml:1:") {
			t.Errorf("the decoder takes %s: exit code %d\n%s", name, code, errs)
		}
	}
}

// What validate prints is what its schema says, with findings and with mistakes.
func TestTheSchemaOfFindingsTakesWhatValidatePrints(t *testing.T) {
	schema := printedSchema(t, "findings")
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(filepath.Join("..", "..", "examples", "violations"))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "x.yaml"), []byte("kind: Group\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]int{filepath.Join("..", "..", "examples", "violations"): exitRefused, broken: exitError} {
		code, out, errs := called(t, "validate", "-o", "json", dir)
		if code != want {
			t.Fatal(dir, code, errs)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		mistakes := doc.(map[string]any)["mistakes"].([]any)
		if (len(mistakes) > 0) != (want == exitError) {
			t.Errorf("%s: mistakes %v", dir, mistakes)
		}
		for _, remove := range []string{"findings", "mistakes", "formatVersion"} {
			bad := maps.Clone(doc.(map[string]any))
			delete(bad, remove)
			if schema.Validate(bad) == nil {
				t.Errorf("the schema takes a document without %s", remove)
			}
		}
	}
}

func TestAnUnknownSchemaIsRefusedWithAllThatThereAre(t *testing.T) {
	code, _, errs := called(t, "schema", "finding")
	if code != exitError || !strings.Contains(errs, `unknown kind "finding" (did you mean "findings"?); known: AccessRequest`) || !strings.Contains(errs, "plan, findings, answer") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
