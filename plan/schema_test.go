package plan_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

func planSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := plan.Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	id := doc.(map[string]any)["$id"].(string)
	if want := "plan-" + plan.FormatVersion + ".json"; !strings.HasSuffix(id, want) {
		t.Errorf("$id is %s, want one that ends with %s", id, want)
	}
	if err := c.AddResource(id, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestTheSchemaTakesWhatIsWritten(t *testing.T) {
	schema := planSchema(t)
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if err := schema.Validate(read(t, must(os.ReadFile(name)))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := plan.Diff(plan.NewState(world(rt, "desired")), plan.NewState(world(rt, "live")), plan.Scope{Owned: owned})
		p.Warnings = []plan.Warning{{Message: rapid.String().Draw(rt, "warning")}}
		if rapid.Bool().Draw(rt, "redacted") {
			p = p.Redact(secret)
		}
		if err := schema.Validate(read(t, must(p.JSON("v0.1.0")))); err != nil {
			rt.Fatal(err)
		}
	})
}

func read(t *testing.T, text []byte) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestTheSchemaRefusesWhatIsNotWritten and takes what a later minor version may add.
func TestTheSchemaRefusesWhatIsNotWritten(t *testing.T) {
	schema := planSchema(t)
	text := string(must(os.ReadFile("testdata/change.json")))
	for name, c := range map[string]struct {
		old, new string
		accepted bool
	}{
		"a later minor version":  {`"formatVersion": "` + plan.FormatVersion + `"`, `"formatVersion": "1.99"`, true},
		"a field that was added": {`"action": "update"`, `"action": "update", "mood": "good"`, true},
		"another major version":  {`"formatVersion": "` + plan.FormatVersion + `"`, `"formatVersion": "2.0"`, false},
		"an unknown action":      {`"action": "update"`, `"action": "rename"`, false},
		"no action":              {`"action": "update",`, ``, false},
		"a number for a name":    {`"environment": "prd"`, `"environment": 1`, false},
		"null for a list":        {`"blocked": []`, `"blocked": null`, false},
	} {
		changed := strings.Replace(text, c.old, c.new, 1)
		if changed == text || !json.Valid([]byte(changed)) {
			t.Fatalf("%s: nothing to change in\n%s", name, text)
		}
		if err := schema.Validate(read(t, []byte(changed))); (err == nil) != c.accepted {
			t.Errorf("%s: %v", name, err)
		}
	}
}
