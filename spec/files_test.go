package spec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named is a document with a name.
func named(name string) string {
	return "apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: " + name + "}\nspec: {}\n"
}

// loaded lists the names of the documents, by file.
func loaded(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for _, e := range mustLoad(t, dir).Entries {
		names = append(names, e.Name)
	}
	return names
}

func TestWhichFilesHoldDocuments(t *testing.T) {
	broken := "not: ours\n"
	dir := small(t,
		"a.yaml", named("in-yaml"),
		"b/c.yml", named("in-yml"),
		"b/sandbox.yaml", named("sandbox-below"),
		"dot/.hidden.yaml", named("dot-file"),
		"sandbox.yaml", broken,
		".github/workflows/ci.yaml", broken,
		"b/.terraform/x.yaml", broken,
		"readme.md", broken, "x.yaml.bak", broken, "x.json", broken,
	)
	want := []string{"in-yaml", "in-yml", "sandbox-below", "dot-file"}
	if diff := cmp.Diff(want, loaded(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIgnoreGlobsOfTheProject(t *testing.T) {
	dir := write(t,
		projectFile, strings.Replace(smallProject, "adoption: none", "adoption: none\n  ignore: [deploy, \"**/values*.yaml\", \"tmp/**\"]", 1),
		"deploy/a.yaml", "x: y\n", "deploy/b/a.yaml", "x: y\n", "tmp/x.yaml", "x: y\n",
		"a/b/values-dev.yaml", "x: y\n", "a/deploy/b.yaml", named("kept"))
	if diff := cmp.Diff([]string{"kept"}, loaded(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGitIgnoredFilesAreSkipped(t *testing.T) {
	for name, tt := range map[string]struct {
		gitignore string
		ignored   string // of a.yaml b/a.yaml b/c/d.yaml {x}.yaml
	}{
		"a name, anywhere":           {"a.yaml", "a.yaml b/a.yaml"},
		"a name, here":               {"/a.yaml", "a.yaml"},
		"a path":                     {"b/a.yaml", "b/a.yaml"},
		"a folder":                   {"b/", "b/a.yaml b/c/d.yaml"},
		"a folder by name, anywhere": {"c", "b/c/d.yaml"},
		"a folder only, not a file":  {"a.yaml/", ""},
		"stars":                      {"*.yaml\n!a.yaml", "b/c/d.yaml {x}.yaml"},
		"a star stays in its folder": {"/*/a.yaml", "b/a.yaml"},
		"two stars cross folders":    {"b/**/d.yaml", "b/c/d.yaml"},
		"all below":                  {"b/**", "b/a.yaml b/c/d.yaml"},
		"the last pattern decides":   {"!a.yaml\na.yaml\n!/a.yaml", "b/a.yaml"},
		"not out of an ignored one":  {"b/\n!b/a.yaml", "b/a.yaml b/c/d.yaml"},
		"comments and blank lines":   {"# a.yaml\n\n   \n", ""},
		"spaces at the end":          {"a.yaml  \r\n", "a.yaml b/a.yaml"},
		"braces are no alternatives": {"{a,x}.yaml", ""},
		"braces stand for braces":    {"{x}.yaml", "{x}.yaml"},
		"classes":                    {"/[!b].yaml", "a.yaml"},
		"an escaped mark":            {"\\!a.yaml\n\\#b", ""},
		"a broken class":             {"[", ""},
	} {
		t.Run(name, func(t *testing.T) {
			all := []string{"a.yaml", "b/a.yaml", "b/c/d.yaml", "{x}.yaml"}
			files := []string{".gitignore", tt.gitignore}
			var want []string
			for _, f := range all {
				files = append(files, f, named("\""+f+"\""))
				if !strings.Contains(" "+tt.ignored+" ", " "+f+" ") {
					want = append(want, f)
				}
			}
			if diff := cmp.Diff(want, loaded(t, small(t, files...))); diff != "" {
				t.Errorf("loaded (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGitIgnoreFilesAboveAndBelowCount(t *testing.T) {
	top := write(t,
		".git/HEAD", "", ".gitignore", "/sub/top.yaml\nlocal.yaml\n",
		"sub/"+projectFile, smallProject,
		"sub/top.yaml", "x: y\n", "sub/a/local.yaml", "x: y\n",
		"sub/a/.gitignore", "below.yaml\n!local2.yaml\n",
		"sub/a/b/below.yaml", "x: y\n", "sub/below.yaml", named("kept"))
	if diff := cmp.Diff([]string{"kept"}, loaded(t, filepath.Join(top, "sub"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoadFindsTheProjectAbove(t *testing.T) {
	dir := small(t, "a/b/x.yaml", named("x"), "other.yaml", named("other"))
	if diff := cmp.Diff([]string{"x", "other"}, loaded(t, filepath.Join(dir, "a", "b"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNoProject(t *testing.T) {
	for name, tt := range map[string]struct {
		files []string
		want  string
	}{
		"nothing":            {nil, "no brickgate.yaml in DIR or the folders above it"},
		"brickgate.yml":      {[]string{"brickgate.yml", smallProject}, "no brickgate.yaml in DIR; rename brickgate.yml"},
		"no such folder":     {[]string{"x", ""}, "find brickgate.yaml: stat DIR/sub: no such file or directory"},
		"not a Project":      {[]string{projectFile, named("x")}, "brickgate.yaml:1:1: no document of kind Project"},
		"an empty one":       {[]string{projectFile, ""}, "brickgate.yaml:1:1: no document of kind Project"},
		"two Projects":       {[]string{projectFile, smallProject + "---\n" + smallProject}, "brickgate.yaml:13:18: a second Project; the first is at brickgate.yaml:3:18"},
		"a broken Project":   {[]string{projectFile, strings.Replace(smallProject, "none", "soon", 1), "a.yaml", aTeam("  environments: [nope]\n  x: 1\n")}, "a.yaml:5:18: unknown environment \"nope\"; known: dev, prd\na.yaml:6:3: unknown field \"x\"; known: authority, description, displayName, environmentNames, environmentSuffix, environments, level, members, roles, workspaces\nbrickgate.yaml:9:13: write none, or {until: 2026-06-30}"},
		"beside the Project": {[]string{projectFile, aTeam("  environments: [nope]\n") + "---\n" + smallProject}, `brickgate.yaml:5:18: unknown environment "nope"; known: dev, prd`},
		"a Project further":  {[]string{projectFile, smallProject, "b/brickgate.yaml", smallProject}, "b/brickgate.yaml:2:7: the Project belongs in brickgate.yaml, in the folder of the repository"},
	} {
		t.Run(name, func(t *testing.T) {
			// A folder .git ends the search for a Project above.
			dir := write(t, append(tt.files, ".git/HEAD", "")...)
			at := dir
			if name == "no such folder" {
				at = filepath.Join(dir, "sub")
			}
			_, err := Load(at, testKinds())
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), dir, "DIR"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestLinksAreNotFollowedOutOfTheRepository(t *testing.T) {
	outside := write(t, "secret.yaml", named("secret"), "folder/x.yaml", named("x"))
	dir := small(t, "a.yaml", named("a"), ".data/b.yaml", named("b"))
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	link("a.yaml", "same.yaml")      // read under its own name
	link(".data/b.yaml", "b.yaml")   // the only way to it
	link("nowhere", "dangling.link") // no spec
	if diff := cmp.Diff([]string{"a", "b"}, loaded(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	link(filepath.Join(outside, "secret.yaml"), "out.yaml")
	link(filepath.Join(outside, "folder"), "out")
	link("nowhere", "dangling.yaml")
	const msg = ":1:1: a symbolic link that leads nowhere or out of the repository; such links are not followed"
	want := []string{"dangling.yaml" + msg, "out" + msg, "out.yaml" + msg}
	if diff := cmp.Diff(want, mistakes(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLocateFillsInSourceLines(t *testing.T) {
	r := mustLoad(t, small(t, "x.yaml", aTeam("  level: account\n")))
	err := r.Locate(Errorf(Pos{"x.yaml", 5, 3}, "level %s", "unknown"))
	found := Errors(err)
	if len(found) != 1 || found[0].Source != "  level: account" || err.Error() != "x.yaml:5:3: level unknown" {
		t.Errorf("located: %v, %+v", err, found)
	}
	both := r.Locate(errors.Join(os.ErrClosed, fmt.Errorf("declare: %w", Errorf(Pos{"x.yaml", 5, 10}, "b")), Errorf(Pos{"x.yaml", 5, 3}, "a")))
	if want := "x.yaml:5:3: a\nx.yaml:5:10: b\n" + os.ErrClosed.Error(); both.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", both, want)
	}
	if got := r.Locate(os.ErrClosed); got != os.ErrClosed {
		t.Errorf("an error without position became %v", got)
	}
}
