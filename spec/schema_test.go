package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// compiled is the JSON Schema of a kind, ready to judge.
func compiled(t testing.TB, kind string) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(testKinds(), kind)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asEditor reads a document as an editor does, by YAML 1.2.
func asEditor(t testing.TB, text string) any {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return plainValue(n.Content[0])
}

func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plainValue(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plainValue(item))
		}
		return list
	}
	if isPlain(n) {
		switch read12(n.Value) {
		case aNull:
			return nil
		case aBool:
			return strings.EqualFold(n.Value, "true")
		case anInt, aFloat:
			return json.Number(n.Value)
		}
	}
	return n.Value
}

func TestSchemaAndDecoderJudgeAlike(t *testing.T) {
	project := func(old, new string) string {
		text := strings.Replace(fullProject(t), old, new, 1)
		if text == fullProject(t) && old != "" {
			t.Fatalf("%q is not in the Project", old)
		}
		return text
	}
	full := aTeam(`  description: x
  level: workspace
  members:
    - user: a@example.com
    - {group: g, expires: 2026-12-31, from: 2026-01-01T10:00:00Z, environments: [dev], absent: false, approvals: []}
    - {servicePrincipal: s, approvals: [{role: manager, by: b@example.com, at: 2026-01-01, of: "1", ref: r}]}
  authority: merge
  workspaces: {main: {permission: USER, entitlements: []}}
  roles: [a]
  environments: [dev, prd]
  displayName: x
  environmentNames: {dev: core}
  environmentSuffix: false
`)
	fullService := aService(`  applicationId: {dev: a, prd: b}
  in: [a, b]
  limit: 3
  share: 12.5%
  every: 3mo
  due: 2026-12-31
  pinned: true
  extra: [1, 2.5, {a: b}, text, true]
`)
	for _, tt := range []struct {
		name, text string
		good       bool
	}{
		{"full Project", project("", ""), true},
		{"small Project", smallProject, true},
		{"shared by account", project("sharedPrincipals: prd", "sharedPrincipals: {main: prd}"), true},
		{"no adoption", project("  adoption: {until: 2026-06-30}\n", ""), false},
		{"adoption of a day", project("{until: 2026-06-30}", "2026-06-30"), false},
		{"adoption without day", project("{until: 2026-06-30}", "{}"), false},
		{"no environments", "apiVersion: brickgate.dev/v1\nkind: Project\nmetadata: {name: x}\nspec: {environments: {}, adoption: none}\n", false},
		{"a bad percentage", project("perRun: 5%", "perRun: 5"), false},
		{"a bad number", project("maxDeletes: 5", "maxDeletes: five"), false},
		{"a bad level", project("BG101: error", "BG101: fatal"), false},
		{"a rule in long form without level", project("BG101: error", "BG101: {reason: x}"), false},
		{"an owned catalog of bad depth", project("depth: schema", "depth: table"), false},
		{"a protected nobody", project("{user: breakglass@example.com}", "{}"), false},
		{"requireExpiry of something", project("requireExpiry: [consumers]", "requireExpiry: [all]"), false},
		{"a policy without message", project(`message: "grant to a group, not to {principal}", `, ""), false},
		{"a policy over changes", project("over: facts", "over: changes"), true},
		{"a policy over something", project("over: facts", "over: groups"), false},
		{"a policy with a list for its expression", project("when: 'kind == \"grants\" && principal.startsWith(\"user:\")'", "when: [a]"), false},
		{"a policy without expression", project("when: 'kind == \"grants\" && principal.startsWith(\"user:\")'", "when: ''"), false},
		{"notify is a list of mappings", project(`- {to: "https://hooks.example.com/1", events: [drift, expiry], retries: 3}`, "- drift"), false},

		{"full Team", full, true},
		{"full Service", fullService, true},
		{"an empty spec", aTeam("  {}\n"), true},
		{"one value", aService("  {applicationId: a, in: b, due: 2026-12-31T23:00:00+01:00}\n"), true},
		{"a domain", strings.Replace(fullService, "{name: job}", "{name: job, domain: sales}", 1), true},
		{"a domain where there is none", strings.Replace(full, "{name: core}", "{name: core, domain: sales}", 1), false},
		{"no name", strings.Replace(full, "{name: core}", "{}", 1), false},
		{"an empty name", strings.Replace(full, "{name: core}", `{name: ""}`, 1), false},
		{"a name with a tab", strings.Replace(full, "{name: core}", `{name: "a\tb"}`, 1), false},
		{"a name with a space at its end", strings.Replace(full, "{name: core}", `{name: "a "}`, 1), false},
		{"another apiVersion", strings.Replace(full, "dev/v1", "dev/v2", 1), false},
		{"another kind", strings.Replace(full, "kind: Team", "kind: Teams", 1), false},
		{"a further field", full + "extra: 1\n", false},
		{"a further field of spec", full + "  extra: 1\n", false},
		{"nothing for a list", aTeam("  members:\n"), false},
		{"nothing for a text", aTeam("  description:\n"), false},
		{"a text for a list", aTeam("  members: all\n"), false},
		{"a list for a text", aTeam("  description: [x]\n"), false},
		{"a number for a text", aTeam("  description: 12\n"), false},
		{"a text for a boolean", aTeam("  environmentSuffix: \"false\"\n"), false},
		{"outside the enum", aTeam("  level: acount\n"), false},
		{"an empty list", aTeam("  roles: []\n"), false},
		{"an empty text in a list", aTeam("  roles: [\"\"]\n"), false},
		{"an empty list of environments", aTeam("  environments: []\n"), false},
		{"an environment twice", aTeam("  environments: [dev, dev]\n"), false},
		{"nobody", aTeam("  members: [{expires: 2026-12-31}]\n"), false},
		{"two in one", aTeam("  members: [{user: a@example.com, group: g}]\n"), false},
		{"a day that is none", aTeam("  members: [{user: a@example.com, expires: 2026-02-30}]\n"), false},
		{"a time without day", aTeam("  members: [{user: a@example.com, expires: tomorrow}]\n"), false},
		{"an approval without date", aTeam("  members: [{user: a@example.com, approvals: [{role: r, by: b@example.com}]}]\n"), false},
		{"a seat without permission", aTeam("  workspaces: {main: {}}\n"), false},
		{"a fraction", aService("  {due: 2026-12-31, limit: 1.5}\n"), false},
		{"below nothing", aService("  {due: 2026-12-31, limit: -1}\n"), false},
		{"a span without unit", aService("  {due: 2026-12-31, every: \"30\"}\n"), false},
		{"a value by no environment", aService("  {due: 2026-12-31, applicationId: {}}\n"), false},
		{"a list by environment", aService("  {due: 2026-12-31, applicationId: [a]}\n"), false},
		{"null in free values", aService("  {due: 2026-12-31, extra: [null]}\n"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := small(t, "x.yaml", tt.text)
			if strings.Contains(tt.text, "kind: Project\n") {
				dir = write(t, projectFile, tt.text)
			}
			_, err := Load(dir, testKinds())
			if good := err == nil; good != tt.good {
				t.Errorf("the decoder says %v", err)
			}
			value := asEditor(t, tt.text)
			if err := compiled(t, "").Validate(value); (err == nil) != tt.good {
				t.Errorf("the schema of all kinds says %v", err)
			}
			kind, _ := value.(map[string]any)["kind"].(string)
			if kind == "Teams" {
				return
			}
			if err := compiled(t, kind).Validate(value); (err == nil) != tt.good {
				t.Errorf("the schema of %s says %v", kind, err)
			}
		})
	}
}

// keyWalk compares, at every place of the schema where keys are known, those
// keys with the ones that the decoder says it knows there.
type keyWalk struct {
	t           *testing.T
	kind        string
	definitions map[string]any
	places      int
}

const strange = "zzzzzzzzzzzzzzzzzzzzzzzz"

func (w *keyWalk) walk(s map[string]any, wrap func(inner string) string, depth int) {
	if depth > 12 {
		return // Free values hold Free values
	}
	if ref, ok := s["$ref"].(string); ok {
		w.walk(w.definitions[strings.TrimPrefix(ref, "#/definitions/")].(map[string]any), wrap, depth)
	}
	for _, part := range []string{"allOf", "anyOf"} {
		parts, _ := s[part].([]any)
		for _, p := range parts {
			w.walk(p.(map[string]any), wrap, depth)
		}
	}
	if items, ok := s["items"].(map[string]any); ok {
		w.walk(items, func(inner string) string { return wrap("[" + inner + "]") }, depth+1)
	}
	if more, ok := s["additionalProperties"].(map[string]any); ok {
		w.walk(more, func(inner string) string { return wrap("{dev: " + inner + "}") }, depth+1)
	}
	properties, ok := s["properties"].(map[string]any)
	if !ok {
		return
	}
	w.compare(slices.Sorted(maps.Keys(properties)), wrap("{"+strange+": 1}"))
	for key, inner := range properties {
		w.walk(inner.(map[string]any), func(text string) string { return wrap("{" + key + ": " + text + "}") }, depth+1)
	}
}

// compare decodes a document with a strange key, and compares the keys that
// the decoder proposes instead.
func (w *keyWalk) compare(keys []string, text string) {
	w.places++
	doc := fmt.Sprintf("apiVersion: brickgate.dev/v1\nkind: %s\nmetadata: {name: x, domain: y1}\nspec: %s\n", w.kind, text)
	dir := small(w.t, "x.yaml", doc)
	if w.kind == "Project" {
		dir = write(w.t, projectFile, doc)
	}
	_, err := Load(dir, testKinds())
	for _, e := range Errors(err) {
		if known, ok := strings.CutPrefix(e.Msg, "unknown field \""+strange+"\"; known: "); ok {
			if diff := cmp.Diff(keys, strings.Split(known, ", ")); diff != "" {
				w.t.Errorf("%s: keys of the schema and the decoder (-schema +decoder):\n%s", text, diff)
			}
			return
		}
	}
	w.t.Errorf("%s: the decoder does not see the strange key: %v", text, err)
}

func TestSchemaAndDecoderKnowTheSameKeys(t *testing.T) {
	for _, kind := range []string{"Project", "Team", "Service"} {
		text, err := Schema(testKinds(), kind)
		if err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		w := &keyWalk{t: t, kind: kind, definitions: schema["definitions"].(map[string]any)}
		spec := schema["properties"].(map[string]any)["spec"].(map[string]any)
		w.walk(spec, func(inner string) string { return inner }, 0)
		if atLeast := map[string]int{"Project": 20, "Team": 3, "Service": 1}[kind]; w.places < atLeast {
			t.Errorf("%s: only %d places were compared", kind, w.places)
		}
	}
}

func TestSchemaTellsWhatTheFieldsMean(t *testing.T) {
	text, err := Schema(testKinds(), "Team")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Schema      string `json:"$schema"`
		Definitions map[string]struct {
			Properties map[string]struct {
				Description string
				Examples    []string
				Enum        []string
			}
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if schema.Schema != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("the draft is %s", schema.Schema)
	}
	user := schema.Definitions["member"].Properties["user"]
	if user.Description != "a user, by e-mail" || !slices.Equal(user.Examples, []string{"alice@example.com"}) {
		t.Errorf("user: %+v", user)
	}
	if level := schema.Definitions["team"].Properties["level"]; !slices.Equal(level.Enum, []string{"account", "workspace"}) {
		t.Errorf("level: %+v", level)
	}
	again, err := Schema(testKinds(), "Team")
	if err != nil || !bytes.Equal(text, again) {
		t.Error("two calls give different bytes")
	}
	if _, err := Schema(testKinds(), "Taem"); err == nil || err.Error() != `unknown kind "Taem" (did you mean "Team"?); known: Project, Service, Team` {
		t.Errorf("an unknown kind: %v", err)
	}
}

// Every key of the Project is described, since the schema is its only manual
// in an editor.
func TestEveryKeyOfTheProjectIsDescribed(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var visit func(reflect.Type)
	visit = func(typ reflect.Type) {
		if m, ok := reflect.New(typ).Interface().(isMap); ok {
			visit(reflect.TypeOf(m.newElement()).Elem())
			return
		}
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			visit(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if _, ok := reflect.New(typ).Interface().(parses); ok || seen[typ] {
			return
		}
		if _, ok := reflect.New(typ).Interface().(decodes); ok {
			return
		}
		seen[typ] = true
		for _, f := range structureOf(typ).fields {
			if f.doc == "" {
				t.Errorf("%s.%s has no description", typ.Name(), f.name)
			}
			visit(typ.FieldByIndex(f.index).Type)
		}
	}
	visit(reflect.TypeFor[Project]())
	visit(reflect.TypeFor[member]())
	if len(seen) < 20 {
		t.Errorf("only %d types were seen", len(seen))
	}
}
