package actions_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/actions"
)

// step is a run whose files are in a folder of their own.
func step(t *testing.T, more map[string]string) (*actions.Run, func(name string) string) {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary"),
	}
	for k, v := range more {
		env[k] = v
	}
	return actions.Of(func(k string) string { return env[k] }), func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestOutsideOfActionsThereIsNobodyToTell(t *testing.T) {
	for _, is := range []string{"", "false", "1"} {
		if actions.Of(func(string) string { return is }) != nil {
			t.Errorf("GITHUB_ACTIONS=%q is taken for Actions", is)
		}
	}
}

// outputs reads the file as a runner does: name<<delimiter, and the lines until it.
func outputs(text string) map[string]string {
	out := map[string]string{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		name, end, ok := strings.Cut(lines[i], "<<")
		if !ok {
			if name, value, ok := strings.Cut(lines[i], "="); ok {
				out[name] = value
			}
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		out[name] = strings.Join(value, "\n")
	}
	return out
}

func TestAnOutputIsReadAsItIsWhateverItHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		run, read := step(t, nil)
		value := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\n<=_endofvalue")))).Draw(rt, "value")
		value += rapid.SampledFrom([]string{"", "\nend_of_value\nhas_changes=false", "end_of_value_", "\na<<b"}).Draw(rt, "more")
		if err := run.Output(actions.Value{Name: "plan_path", Value: value}, actions.Value{Name: "has_changes", Value: "true"}); err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(map[string]string{"plan_path": value, "has_changes": "true"}, outputs(read("output"))); d != "" {
			rt.Fatalf("-want +got:\n%s", d)
		}
	})
}

func TestASummaryIsAddedToWhatIsThereAndLeavesRoom(t *testing.T) {
	run, read := step(t, nil)
	if run.Room() < actions.SummaryLimit-10 {
		t.Errorf("room for %d", run.Room())
	}
	for _, text := range []string{"one", "two"} {
		if err := run.Summary(text); err != nil {
			t.Fatal(err)
		}
	}
	if got := read("summary"); got != "\none\n\ntwo\n" {
		t.Errorf("%q", got)
	}
	if err := run.Summary(strings.Repeat("x", run.Room())); err != nil {
		t.Fatal(err)
	}
	if n := len(read("summary")); n != actions.SummaryLimit || run.Room() != 0 {
		t.Errorf("%d bytes, and room for %d", n, run.Room())
	}
}

func TestAFileThatCannotBeWrittenIsNamed(t *testing.T) {
	run, _ := step(t, map[string]string{"GITHUB_OUTPUT": t.TempDir()})
	if err := run.Output(actions.Value{Name: "a", Value: "b"}); err == nil || !strings.Contains(err.Error(), "write $GITHUB_OUTPUT: ") {
		t.Errorf("error %v", err)
	}
	run, _ = step(t, map[string]string{"GITHUB_OUTPUT": ""})
	if err := run.Output(actions.Value{Name: "a", Value: "b"}); err != nil {
		t.Errorf("nobody asks for outputs, and: %v", err)
	}
}

func TestTheFilesOfTheCommit(t *testing.T) {
	for name, c := range map[string]struct{ server, repository, sha, want string }{
		"all known":     {"https://github.com", "acme/access", "4711", "https://github.com/acme/access/blob/4711"},
		"odd names":     {"https://ghe.example.com/", "ac)me/a b", "4711", "https://ghe.example.com/ac%29me/a%20b/blob/4711"},
		"no commit":     {"https://github.com", "acme/access", "", ""},
		"a wrong one":   {"https://github.com", "acme/access", "4711/../x", ""},
		"no repository": {"https://github.com", "", "4711", ""},
		"no server":     {"javascript:alert(1)", "acme/access", "4711", ""},
	} {
		run, _ := step(t, map[string]string{"GITHUB_SERVER_URL": c.server, "GITHUB_REPOSITORY": c.repository, "GITHUB_SHA": c.sha})
		if got := run.Blob(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnnotationsEscapeWhatWouldEndThem(t *testing.T) {
	var b strings.Builder
	err := actions.Annotate(&b, []actions.Note{
		{Level: actions.Warning, Message: "a 100%\r\n::error::b"},
		{Level: actions.Error, File: "a,b:c%.yaml", Line: 3, Col: 7, Title: "BG201,x::y", Message: "nothing: says, why"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac%25.yaml,line=3,col=7,title=BG201%2Cx%3A%3Ay::nothing: says, why\n" +
		"::warning::a 100%25%0D%0A::error::b\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestOfEachLevelNineAreShownAndTheRestCounted(t *testing.T) {
	notes := make([]actions.Note, 30)
	for i := range notes {
		notes[i] = actions.Note{Level: actions.Error, Message: "x"}
		if i >= 20 {
			notes[i].Level = actions.Notice
		}
	}
	var b strings.Builder
	if err := actions.Annotate(&b, notes); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	if strings.Count(out, "::error") != 10 || !strings.Contains(out, "::error::and 11 more of this level\n") ||
		strings.Count(out, "::notice") != 10 || !strings.Contains(out, "::notice::and 1 more of this level\n") {
		t.Error(out)
	}
}
