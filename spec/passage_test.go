package spec

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// passages is the Project of one policy whose two texts are written as given.
func passages(t testing.TB, text string) Policy {
	t.Helper()
	return mustLoad(t, write(t, projectFile, smallProject+"  policies:\n"+text)).Project.Policies[0]
}

// The first policy stands on line 11, its text at column 13.
func TestPlacesInAPassage(t *testing.T) {
	for name, tt := range map[string]struct {
		when string
		word string // whose place is asked
		want string
	}{
		"plain":                     {`kind == other`, "other", "11:21"},
		"plain over lines":          {"kind ==\n        a &&\n\n          other", "other", "14:11"},
		"single quotes":             {`'kind == other'`, "other", "11:22"},
		"a quote in single quotes":  {`'kind == ''it'' && other'`, "other", "11:32"},
		"the quote itself":          {`'kind == ''it'' && other'`, "'it'", "11:22"},
		"single quotes over lines":  {"'kind ==\n\n    other'", "other", "13:5"},
		"double quotes":             {`"kind == \"it\" && other"`, "other", "11:32"},
		"an escaped letter":         {`"kind == \x6fther"`, "other", "11:22"},
		"after escapes":             {`"\u006bind\t\n== \U0000006F && other"`, "other", "11:44"},
		"a continued line":          {"\"kind == oth\\\n    er && more\"", "more", "12:11"},
		"double quotes over lines":  {"\"kind ==\n    other\"", "other", "12:5"},
		"literal":                   {"|\n        kind ==\n          other\n", "other", "13:11"},
		"literal with comment":      {"|- # why\n        kind ==\n          other\n", "other", "13:11"},
		"folded":                    {">-\n        kind ==\n        other\n", "other", "13:9"},
		"folded with empty lines":   {">+\n\n        kind ==\n\n\n        other\n", "other", "16:9"},
		"after letters of any size": {`'kind == "žlutý 🐎" && other'`, "other", "11:35"},
	} {
		t.Run(name, func(t *testing.T) {
			when := passages(t, "    - when: "+tt.when+"\n      name: x\n      message: m\n").When
			before, _, found := strings.Cut(when.Value, tt.word)
			if !found {
				t.Fatalf("%q is not in %q", tt.word, when.Value)
			}
			if got, want := when.At(len([]rune(before))).String(), projectFile+":"+tt.want; got != want {
				t.Errorf("%q stands at %s, want %s", tt.word, got, want)
			}
		})
	}
}

func TestPlacesOfSeveralPassages(t *testing.T) {
	for name, breaks := range map[string]string{"unix": "\n", "windows": "\r\n", "old mac": "\r"} {
		text := smallProject + "  policies:\n    - {message: m, name: x, when: 'é == a'} # é\n    - name: z\n      message: \"n\"\n      when: >\n        one\n        two\n"
		p := mustLoad(t, write(t, projectFile, strings.ReplaceAll(text, "\n", breaks))).Project
		for got, want := range map[Pos]string{
			p.Policies[0].When.At(5):    "11:41",
			p.Policies[0].When.At(6):    "11:42", // the end
			p.Policies[1].When.At(0):    "15:9",
			p.Policies[1].When.At(4):    "16:9",
			p.Policies[1].Message.At(0): "13:17",
			p.Policies[1].When.At(-1):   "15:9",
			p.Policies[1].When.At(1000): "16:12",
		} {
			if got.String() != projectFile+":"+want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
}

// However a text is written, each of its letters is found where it stands.
func FuzzPassage(f *testing.F) {
	for _, text := range []string{"kind == 'a' && b", "a\nb\n\n  c\n", "\"é\"\t\\n🐎", "a: b # c", " lead", "''", "%@`|>"} {
		for style := range 5 {
			f.Add(text, byte(style))
		}
	}
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	f.Fuzz(func(t *testing.T, text string, style byte) {
		out, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "k"}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: styles[int(style)%5]},
		}})
		if err != nil {
			t.Skip()
		}
		d := &decoder{file: newFile("f", string(out)), types: &types{}}
		d.documents(func(root *yaml.Node) {
			if root.Kind != yaml.MappingNode || len(root.Content) != 2 || root.Content[1].Style&yaml.TaggedStyle != 0 {
				return
			}
			var p Passage
			d.into(root.Content[1], &p, rules{})
			lines, at := sourceLines(d.file.text), 0
			for _, c := range p.Value {
				pos := p.At(at)
				if line := []rune(lines[pos.Line-1]); !isBlank(c) && (pos.Col > len(line) || line[pos.Col-1] != c && line[pos.Col-1] != '\\') {
					t.Fatalf("%q of %q is said to stand at %s of\n%s", c, p.Value, pos, d.file.text)
				}
				at++
			}
		})
	})
}
