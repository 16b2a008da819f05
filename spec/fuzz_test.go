package spec

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// anywhere compares values whatever their positions.
var anywhere = cmp.Options{
	cmp.Comparer(func(Pos, Pos) bool { return true }),
	cmp.Comparer(func(a, b When) bool { return a.text == b.text }),
	cmp.Comparer(func(a, b Span) bool { return a.count == b.count && a.unit == b.unit }),
	cmp.Comparer(func(a, b Percent) bool { return a.hundredths == b.hundredths }),
}

// rewritten is the same YAML in another layout: no comments, block style.
func rewritten(text []byte) ([]byte, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	for {
		var n yaml.Node
		if err := dec.Decode(&n); err != nil {
			break
		}
		strip(&n)
		if err := enc.Encode(&n); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), enc.Close()
}

func strip(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if n.Kind == yaml.ScalarNode && !isPlain(n) {
		n.Style = yaml.DoubleQuotedStyle
	} else {
		n.Style = 0
	}
	for _, c := range n.Content {
		strip(c)
	}
}

// FuzzLoad proves that reading a file never panics and always ends, that every
// mistake has a place in a file, and that what loads means the same when it is
// loaded again and when it is laid out differently.
func FuzzLoad(f *testing.F) {
	full, err := os.ReadFile("testdata/project.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	for _, seed := range []string{
		"", "---\n---\n", "a: &x [*x]\n", "? [a]\n: b\n", "!!map {}\n", "%YAML 1.1\n---\na: b\n", "\ufeffa: b\n", "{", "a: |\n  b\n \n", "a: b\r\nc: d\r",
		aTeam("  members:\n    - user: a@example.com\n      expires: 2026-12-31\n  roles: ['a', \"b\\n\"]\n"),
		aTeam("  workspaces: {main: {permission: USER}}\n") + "---\n" + aService("  {due: 2026-12-31, extra: [1, {a: 1.5}]}\n"),
		aService("  due: 2026-12-31\n  share: 12.5%\n  every: 2bd\n  applicationId: {dev: x-1}\n  in: a\n"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := small(t, "x.yaml", string(text))
		if strings.Contains(string(text), "kind: Project\n") {
			dir = write(t, projectFile, string(text))
		}
		first, err := Load(dir, testKinds())
		if err != nil {
			for _, e := range Errors(err) {
				if e.Pos.File == "" || e.Pos.Line < 1 || e.Pos.Col < 1 || e.Msg == "" {
					t.Errorf("a mistake without its place: %+v", e)
				}
				_ = e.Excerpt()
			}
			return
		}
		again, err := Load(dir, testKinds())
		if err != nil {
			t.Fatalf("the second time: %v", err)
		}
		if diff := cmp.Diff(first.Entries, again.Entries); diff != "" {
			t.Errorf("the second time (-first +second):\n%s", diff)
		}
		other, err := rewritten(text)
		if err != nil {
			t.Skip(err) // the writer cannot lay out everything that can be read
		}
		name := "x.yaml"
		if first.ProjectPos.File == projectFile && strings.Contains(string(text), "kind: Project\n") {
			name = projectFile
		}
		if err := os.WriteFile(filepath.Join(dir, name), other, 0o644); err != nil {
			t.Fatal(err)
		}
		moved, err := Load(dir, testKinds())
		if err != nil {
			t.Fatalf("laid out differently: %v\n%s", err, other)
		}
		if diff := cmp.Diff(first.Entries, moved.Entries, anywhere); diff != "" {
			t.Errorf("laid out differently (-first +second):\n%s", diff)
		}
	})
}

// FuzzMatchSecurable proves that names split and join without loss.
func FuzzMatchSecurable(f *testing.F) {
	for _, seed := range []string{"a.b.c", "`a.b`.c", "```a```", "a.*", "", ".", "`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parts, err := SplitSecurable(name)
		if err != nil {
			return
		}
		joined := JoinSecurable(parts...)
		again, err := SplitSecurable(joined)
		if err != nil || !cmp.Equal(parts, again) {
			t.Errorf("%q splits to %q, joins to %q, splits to %q, %v", name, parts, joined, again, err)
		}
		if !strings.Contains(name, "*") && !MatchSecurable(name, name) {
			t.Errorf("%q does not match itself", name)
		}
	})
}
