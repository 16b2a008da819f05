package spec

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mistakes loads a repository and gives its mistakes, one a line.
func mistakes(t *testing.T, dir string) []string {
	t.Helper()
	r, err := Load(dir, testKinds())
	if err == nil {
		return nil
	}
	if r != nil {
		t.Error("Load gave a repository and an error")
	}
	var lines []string
	for _, e := range Errors(err) {
		lines = append(lines, e.Error())
		if e.Source == "" && !strings.Contains(e.Msg, "symbolic link") && !strings.Contains(e.Msg, "larger") {
			t.Errorf("no source line for %s", e)
		}
	}
	if len(lines) == 0 {
		t.Fatalf("not a spec mistake: %v", err)
	}
	return lines
}

func TestStrictness(t *testing.T) {
	const (
		teamFields    = "authority, description, displayName, environmentNames, environmentSuffix, environments, level, members, roles, workspaces"
		quoteOldBool  = " is a boolean in YAML 1.1 and a string in YAML 1.2; quote it: "
		whereAString  = "; where a string is wanted, quote it: "
		notForUs      = "; a file that is not for brickgate goes into the Project's ignore: list"
		envelopeKnown = "; known: apiVersion, kind, metadata, spec"
	)
	for name, tt := range map[string]struct {
		text string
		want []string
	}{
		"unknown field, with the nearest": {aTeam("  memers: []\n"),
			[]string{`x.yaml:5:3: unknown field "memers" (did you mean "members"?); known: ` + teamFields}},
		"fields are case sensitive": {aTeam("  Members: []\n"),
			[]string{`x.yaml:5:3: unknown field "Members" (did you mean "members"?); known: ` + teamFields}},
		"unknown field of a document": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetdata: {}\nmetadata: {name: x}\nspec: {}\n",
			[]string{`x.yaml:3:1: unknown field "metdata" (did you mean "metadata"?)` + envelopeKnown}},
		"unknown field of metadata": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: x, domain: sales}\nspec: {}\n",
			[]string{`x.yaml:3:21: unknown field "domain"; known: name`}},
		"unknown kind, with the nearest": {"apiVersion: brickgate.dev/v1\nkind: team\nmetadata: {name: x}\nspec: {}\n",
			[]string{`x.yaml:2:7: unknown kind "team" (did you mean "Team"?); known: Project, Service, Team`}},
		"wrong apiVersion, and no more about it": {"apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 03}\n",
			[]string{`x.yaml:1:13: apiVersion "apps/v1" is not "brickgate.dev/v1"` + notForUs}},
		"no apiVersion, and no more about it": {"repos:\n  - repo: local\non: push\n",
			[]string{`x.yaml:1:1: the field "apiVersion" is missing` + notForUs}},
		"an alias for the apiVersion": {"kind: &a Team\napiVersion: *a\nmetadata: {name: x}\nspec: {}\n",
			[]string{
				`x.yaml:1:7: anchors are not allowed; write the value out where it is used`,
				`x.yaml:2:13: aliases are not allowed; write the value out`}},
		"metadata without a name": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {}\nspec: {}\n",
			[]string{`x.yaml:3:11: the field "name" is missing`}},
		"an empty name": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: \"\"}\nspec: {}\n",
			[]string{`x.yaml:3:18: the name is empty`}},
		"a control character in a name": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: \"a\\tb\"}\nspec: {}\n",
			[]string{`x.yaml:3:18: the name has control characters or invisible ones`}},
		"an invisible character in a name": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: a\u202eb}\nspec: {}\n",
			[]string{`x.yaml:3:18: the name has control characters or invisible ones`}},
		"neither name nor spec": {"apiVersion: brickgate.dev/v1\nkind: Team\n",
			[]string{`x.yaml:1:1: the fields metadata, spec are missing`}},
		"no spec": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: x}\n",
			[]string{`x.yaml:1:1: the field "spec" is missing`}},
		"a spec with nothing in it": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: x}\nspec:\n",
			[]string{`x.yaml:4:6: no value; write one, or leave the field out`}},
		"a document that is a list": {"- a\n",
			[]string{`x.yaml:1:1: want a document, which is a mapping with apiVersion, kind, metadata and spec, not a list`}},
		"a list with nothing after the colon": {aTeam("  members:\n  level: account\n"),
			[]string{`x.yaml:5:11: nothing after the colon; write [] to mean nobody, or leave the field out`}},
		"null for a list": {aTeam("  members: null\n"),
			[]string{`x.yaml:5:12: nothing after the colon; write [] to mean nobody, or leave the field out`}},
		"a map with nothing after the colon": {aTeam("  workspaces: ~\n"),
			[]string{`x.yaml:5:15: nothing after the colon; write {} to mean none, or leave the field out`}},
		"a string with nothing after the colon": {aTeam("  description:\n"),
			[]string{`x.yaml:5:15: no value; write one, or leave the field out`}},
		"nothing after a dash": {aTeam("  members:\n    -\n    - user: a@example.com\n"),
			[]string{`x.yaml:6:6: nothing after the dash`}},
		"a mapping where a list is wanted": {aTeam("  members: {user: a@example.com}\n"),
			[]string{`x.yaml:5:12: want a list, not a mapping`}},
		"a string where a mapping is wanted": {aTeam("  members: [alice@example.com]\n"),
			[]string{`x.yaml:5:13: want a mapping, not "alice@example.com"`}},
		"a list where a string is wanted": {aTeam("  description: [a]\n"),
			[]string{`x.yaml:5:16: want a string, not a list`}},
		"a value outside the enum": {aTeam("  level: acount\n"),
			[]string{`x.yaml:5:10: unknown value "acount" (did you mean "account"?); known: account, workspace`}},
		"an empty list where one is needed": {aTeam("  roles: []\n"),
			[]string{`x.yaml:5:10: the list is empty`}},
		"an empty string in a list": {aTeam("  roles: [\"\"]\n"),
			[]string{`x.yaml:5:11: the value is empty`}},
		"duplicate keys": {aTeam("  description: a\n  level: account\n  description: b\n"),
			[]string{`x.yaml:7:3: duplicate key "description"; first at line 5, column 3`}},
		"duplicate keys of the document": {"apiVersion: brickgate.dev/v1\nkind: Team\nmetadata: {name: x}\nspec: {}\nspec: {members: []}\n",
			[]string{`x.yaml:5:1: duplicate key "spec"; first at line 4, column 1`}},
		"duplicate keys of a map": {aTeam("  workspaces:\n    ml: {permission: USER}\n    \"ml\": {permission: ADMIN}\n"),
			[]string{`x.yaml:7:5: duplicate key "ml"; first at line 6, column 5`}},
		"a number as key": {aTeam("  workspaces: {7: {permission: USER}}\n"),
			[]string{`x.yaml:5:16: a key must be a string: plain 7 is a whole number` + whereAString + `"7"`}},
		"a boolean as key": {aTeam("  workspaces: {on: {permission: USER}}\n"),
			[]string{`x.yaml:5:16: a key must be a string: plain on` + quoteOldBool + `"on"`}},
		"a list as key": {aTeam("  ? [a]\n  : b\n"),
			[]string{`x.yaml:5:5: a key must be a string`}},
		"anchors and aliases": {aTeam("  description: &a text\n  level: *a\n"),
			[]string{
				`x.yaml:5:16: anchors are not allowed; write the value out where it is used`,
				`x.yaml:6:10: aliases are not allowed; write the value out`}},
		"merge keys": {aTeam("  <<: {level: account}\n"),
			[]string{`x.yaml:5:3: merge keys are not allowed; write the fields out`}},
		"custom tags": {aTeam("  description: !secret x\n"),
			[]string{`x.yaml:5:16: tags such as !secret are not allowed; quote a value to make it a string`}},
		"standard tags": {aTeam("  description: !!str 1\n"),
			[]string{`x.yaml:5:16: tags such as !!str are not allowed; quote a value to make it a string`}},
		"no, which one YAML reads as false": {aTeam("  description: no\n"),
			[]string{`x.yaml:5:16: plain no` + quoteOldBool + `"no"`}},
		"an octal number": {aTeam("  description: 0755\n"),
			[]string{`x.yaml:5:16: plain 0755 is octal in YAML 1.1 and decimal in YAML 1.2; quote it: "0755"`}},
		"a sexagesimal number": {aTeam("  description: 12:30:45\n"),
			[]string{`x.yaml:5:16: plain 12:30:45 is a whole number in YAML 1.1 and a string in YAML 1.2; quote it: "12:30:45"`}},
		"a number with an exponent": {aTeam("  description: 1e3\n"),
			[]string{`x.yaml:5:16: plain 1e3 is a string in YAML 1.1 and a number in YAML 1.2; quote it: "1e3"`}},
		"a plain number for a string": {aTeam("  description: 123\n"),
			[]string{`x.yaml:5:16: plain 123 is a whole number` + whereAString + `"123"`}},
		"a plain boolean for a string": {aTeam("  description: true\n"),
			[]string{`x.yaml:5:16: plain true is a boolean` + whereAString + `"true"`}},
		"a plain date for a string": {aTeam("  description: 2026-01-01\n"),
			[]string{`x.yaml:5:16: plain 2026-01-01 is a date` + whereAString + `"2026-01-01"`}},
		"a quoted boolean for a boolean": {aTeam("  members: [{user: a@example.com, absent: \"true\"}]\n"),
			[]string{`x.yaml:5:43: want true or false, not "true"`}},
		"a day that does not exist": {aTeam("  members: [{user: a@example.com, expires: 2026-02-30}]\n"),
			[]string{`x.yaml:5:44: "2026-02-30" is neither a date (2026-12-31) nor an instant with its zone (2026-12-31T18:00:00Z)`}},
		"an instant without zone": {aTeam("  members: [{user: a@example.com, expires: 2026-02-20T10:00:00}]\n"),
			[]string{`x.yaml:5:44: "2026-02-20T10:00:00" is neither a date (2026-12-31) nor an instant with its zone (2026-12-31T18:00:00Z)`}},
		"access that ends before it begins": {aTeam("  members: [{user: a@example.com, from: 2026-03-02, expires: 2026-03-01}]\n"),
			[]string{`x.yaml:5:62: expires 2026-03-01, before it begins on 2026-03-02`}},
		"an approver who is no person": {aTeam("  members: [{user: a@example.com, approvals: [{role: r, by: bob, at: 2026-01-01}]}]\n"),
			[]string{`x.yaml:5:61: "bob" is not an e-mail; approvals are given by persons`}},
		"an entry without a principal": {aTeam("  members: [{expires: 2026-03-01}]\n"),
			[]string{`x.yaml:5:13: no principal; write user:, group:, servicePrincipal:, or product: with role:`}},
		"an entry with two principals": {aTeam("  members: [{user: a@example.com, group: g}]\n"),
			[]string{`x.yaml:5:42: an entry names one principal; write a second entry for this one`}},
		"a user who is no e-mail": {aTeam("  members: [{user: alice}]\n"),
			[]string{`x.yaml:5:20: "alice" is not an e-mail; a user is named by e-mail`}},
		"an unknown environment of a document": {aTeam("  environments: [dev, prod]\n"),
			[]string{`x.yaml:5:23: unknown environment "prod" (did you mean "prd"?); known: dev, prd`}},
		"an unknown environment of an entry": {aTeam("  members: [{user: a@example.com, environments: [qa]}]\n"),
			[]string{`x.yaml:5:50: unknown environment "qa"; known: dev, prd`}},
		"an unknown environment of a map": {aTeam("  environmentNames: {tst: x}\n"),
			[]string{`x.yaml:5:22: unknown environment "tst"; known: dev, prd`}},
		"an unknown environment of a value by environment": {aService("  due: 2026-01-01\n  applicationId: {acc: x}\n"),
			[]string{`x.yaml:6:19: unknown environment "acc"; known: dev, prd`}},
		"no environment at all": {aTeam("  environments: []\n"),
			[]string{`x.yaml:5:17: applies to no environment; leave the field out to mean all`}},
		"an environment twice": {aTeam("  environments: [dev, dev]\n"),
			[]string{`x.yaml:5:23: environment "dev" is listed twice`}},
		"a missing field": {aService("  limit: 1\n"),
			[]string{`x.yaml:5:3: the field "due" is missing`}},
		"a fraction for a whole number": {aService("  due: 2026-01-01\n  limit: 1.5\n"),
			[]string{`x.yaml:6:10: want a whole number, not "1.5"`}},
		"a negative number": {aService("  due: 2026-01-01\n  limit: -1\n"),
			[]string{`x.yaml:6:10: -1 is out of range; want 0 to 1000000000`}},
		"a number for a duration": {aService("  due: 2026-01-01\n  every: 30\n"),
			[]string{`x.yaml:6:10: plain 30 is a whole number` + whereAString + `"30"`}},
		"an unknown unit": {aService("  due: 2026-01-01\n  every: 30 days\n"),
			[]string{`x.yaml:6:10: "30 days" is not a duration; write 24h, 30d, 2w, 3mo or 2bd (business days)`}},
		"more than all": {aService("  due: 2026-01-01\n  share: 101%\n"),
			[]string{`x.yaml:6:10: 101% is more than 100%`}},
		"a mistake that the document finds itself": {aService("  due: 1999-01-01\n"),
			[]string{`x.yaml:5:8: Service job is too old`}},
		"a second Project in another file": {smallProject,
			[]string{`x.yaml:2:7: the Project belongs in brickgate.yaml, in the folder of the repository`}},
		"YAML that is broken on the first line": {"a: b: c\n",
			[]string{`x.yaml:1:1: not YAML: mapping values are not allowed in this context`}},
		"YAML that is broken": {aTeam("  description: 'open\n"),
			[]string{`x.yaml:5:3: not YAML: found unexpected end of stream`}},
		"a tab for indentation": {aTeam("\tdescription: x\n"),
			[]string{`x.yaml:5:2: not YAML: found character that cannot start any token`}},
		"not UTF-8": {aTeam("  description: caf\xe9\n"),
			[]string{`x.yaml:5:19: the file is not UTF-8`}},
		"a control character": {aTeam("  description: a\x1bb\n"),
			[]string{`x.yaml:5:17: U+001B is not allowed in YAML; write it as an escape in double quotes`}},
		"a line break of one YAML only": {aTeam("  description: a\u2028b\n"),
			[]string{`x.yaml:5:17: U+2028 ends a line in YAML 1.1 and not in YAML 1.2; write it as an escape in double quotes`}},
		"a file over 1 MiB": {"# " + strings.Repeat("x", 1<<20) + "\n",
			[]string{`x.yaml:1:1: the file is larger than 1 MiB; split it`}},
		"several mistakes, in the order of the file": {aTeam("  roles: [no]\n  nonsense: 1\n  members: [{user: x}]\n") + "---\n" + aTeam("  level: x\n"),
			[]string{
				`x.yaml:5:11: plain no` + quoteOldBool + `"no"`,
				`x.yaml:6:3: unknown field "nonsense"; known: ` + teamFields,
				`x.yaml:7:20: "x" is not an e-mail; a user is named by e-mail`,
				`x.yaml:11:18: Team "core" is declared twice; first at x.yaml:3:18`,
				`x.yaml:13:10: unknown value "x"; known: account, workspace`}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, mistakes(t, small(t, "x.yaml", tt.text))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatTheStrictnessLetsPass(t *testing.T) {
	for name, text := range map[string]string{
		"quoted scalars of every kind":      aTeam("  description: \"no\"\n  roles: ['0755', \"1e3\", '2026-01-01', \"null\"]\n"),
		"block scalars":                     aTeam("  description: |\n    yes\n    no\n"),
		"plain text with digits in it":      aTeam("  description: 1.2.3\n  roles: [6d5d1b3c-0000, v1, 10.0.0.1, 3d, 12-31]\n"),
		"plain dates where dates are asked": aService("  due: 2026-01-31T10:00:00+02:00\n"),
		"quoted dates":                      aService("  due: \"2026-01-31\"\n"),
		"one value for all environments":    aService("  due: 2026-01-31\n  applicationId: x-1\n  in: main\n"),
		"a value by environment, a list":    aService("  due: 2026-01-31\n  applicationId: {dev: x-1}\n  in: [main, ml]\n"),
		"free values":                       aService("  due: 2026-01-31\n  extra: {a: [1, 2.5, true, text, {b: \"no\"}]}\n"),
		"Windows line ends":                 strings.ReplaceAll(aTeam("  members: []\n"), "\n", "\r\n"),
		"a byte order mark":                 "\ufeff" + aTeam("  members: []\n"),
		"only comments":                     "# nothing here\n",
		"nothing":                           "",
		"a domain where the kind has one":   "apiVersion: brickgate.dev/v1\nkind: Service\nmetadata: {name: job, domain: sales}\nspec: {due: 2026-01-01}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := mistakes(t, small(t, "x.yaml", text)); got != nil {
				t.Error(strings.Join(got, "\n"))
			}
		})
	}
}

func TestDeepAndWideFilesAreReadInTime(t *testing.T) {
	for name, text := range map[string]string{
		"flow lists in lists":        "a: " + strings.Repeat("[", 500_000),
		"flow maps in maps":          strings.Repeat("{a: ", 200_000),
		"block lists in lists":       strings.Repeat("- ", 500_000),
		"complex keys":               strings.Repeat("? ", 500_000),
		"closed lists":               aTeam("  roles: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n"),
		"many keys":                  aTeam(strings.Repeat("  a: 1\n", 100_000)),
		"many documents":             strings.Repeat("---\na: b\n", 100_000),
		"many anchors and aliases":   aTeam("  roles: [&a x" + strings.Repeat(", *a", 200_000) + "]\n"),
		"environments of many names": aTeam("  environments: [" + manyNames(150_000) + "]\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if got := mistakes(t, small(t, "x.yaml", text)); got == nil {
				t.Error("no mistake found")
			}
		})
	}
}

func TestExcerptShowsTheLineAndTheColumn(t *testing.T) {
	_, err := Load(small(t, "x.yaml", aTeam("  members:\n\n  - {user: ä@example.com, exp: 1}\n")), testKinds())
	found := Errors(err)
	if len(found) != 1 {
		t.Fatalf("got %v", err)
	}
	want := "  - {user: ä@example.com, exp: 1}\n" +
		"                          ^"
	if got := found[0].Excerpt(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	hostile := &Error{Pos: Pos{"x", 1, 3}, Source: "a\x1b\u202eb"}
	if got := hostile.Excerpt(); got != "a\ufffd\ufffdb\n  ^" {
		t.Errorf("a terminal would obey %q", got)
	}
	long := &Error{Pos: Pos{"x", 1, 501}, Source: strings.Repeat("a", 500) + "!" + strings.Repeat("b", 500)}
	lines := strings.Split(long.Excerpt(), "\n")
	if len(lines[0]) > 200 || lines[0][strings.IndexByte(lines[1], '^')] != '!' {
		t.Errorf("a long line is shown as\n%s", long.Excerpt())
	}
}

// manyNames is a list of different names.
func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("e" + strconv.FormatInt(int64(i), 36) + ", ")
	}
	return b.String()
}
