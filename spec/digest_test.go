package spec

import "testing"

func TestTheDigestTellsOfEveryEdit(t *testing.T) {
	digestOf := func(files map[string]string) string {
		t.Helper()
		var pairs []string
		for name, text := range files {
			pairs = append(pairs, name, text)
		}
		r, err := Load(write(t, pairs...), testKinds())
		if err != nil {
			t.Fatal(err)
		}
		return r.Digest
	}
	base := func() map[string]string {
		return map[string]string{
			"brickgate.yaml": smallProject,
			"a.yaml":         "apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: a}\nspec: {description: one}\n",
			"README.md":      "no spec",
		}
	}
	first := digestOf(base())
	tests := []struct {
		name string
		edit func(map[string]string)
		same bool
	}{
		{"the same again", func(map[string]string) {}, true},
		{"what is no spec", func(f map[string]string) { f["README.md"] = "still none" }, true},
		{"the world of the sandbox", func(f map[string]string) { f["sandbox.yaml"] = "format: 1\n" }, true},
		{"a value", func(f map[string]string) {
			f["a.yaml"] = "apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: a}\nspec: {description: two}\n"
		}, false},
		{"a comment", func(f map[string]string) { f["a.yaml"] += "# seen\n" }, false},
		{"the Project", func(f map[string]string) { f["brickgate.yaml"] += "# seen\n" }, false},
		{"a name", func(f map[string]string) { f["b.yaml"] = f["a.yaml"]; delete(f, "a.yaml") }, false},
		{"a file more", func(f map[string]string) { f["b.yaml"] = "# nothing yet\n" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := base()
			tt.edit(files)
			if got := digestOf(files) == first; got != tt.same || first == "" {
				t.Errorf("the same: %v, want %v", got, tt.same)
			}
		})
	}
}
