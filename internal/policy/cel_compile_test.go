package policy

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/plan"
	"github.com/brickgate/brickgate/spec"
)

// company is a project whose policies begin on line 10.
const company = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  owns: {groups: ["grp_*", "dp-*"], catalogs: ["{gold}"]}
  accounts: {main: {host: "https://accounts.example.com", id: "1"}}
  environments: {dev: {account: main, suffix: _dev, workspaces: {main: {host: "https://dev.example.com"}}, catalogs: {silver: silver_dev, gold: gold_dev}}}
  adoption: none
  policies:
`

// mistakesOf are the mistakes of a project's policies.
func mistakesOf(t testing.TB, policies string) string {
	t.Helper()
	_, err := Compile(repository(t, map[string]string{"brickgate.yaml": company + policies}).Project)
	var b strings.Builder
	for _, m := range spec.Errors(err) {
		b.WriteString(strings.TrimPrefix(m.Error(), "brickgate.yaml:") + "\n")
	}
	return b.String()
}

func TestMistakesInAnExpressionAreToldWhereTheyStand(t *testing.T) {
	known := "known: kind, target, name, field, value, principal, product, domain, layer, pii, until, reason, request"
	many := "'[" + strings.Repeat(`"a", `, 99) + `"z"]`
	for name, tt := range map[string]struct{ when, want string }{
		"unknown variable":           {`'kind == "grants" && principle == "x"'`, `10:34: unknown variable "principle" (did you mean "principal"?); ` + known},
		"unknown variable, folded":   {">-\n        kind == \"grants\" &&\n          principle == \"x\"", `12:11: unknown variable "principle" (did you mean "principal"?); ` + known},
		"two of them":                {`'kin == "a" || nam == "b"'`, "10:14: unknown variable \"kin\" (did you mean \"kind\"?); " + known + "\n" + `10:28: unknown variable "nam" (did you mean "name"?); ` + known},
		"nothing like it":            {`'owner == "x"'`, `10:14: unknown name "owner"; the variables are ` + strings.TrimPrefix(known, "known: ")},
		"a variable of changes":      {`'change == "add"'`, `10:14: only a rule with over: changes knows the variable change`},
		"unknown function":           {`'kind.startswith("g")'`, `10:19: unknown name "startswith" (did you mean 'startsWith'?); the variables are ` + strings.TrimPrefix(known, "known: ")},
		"not true or false":          {`'kind'`, `10:14: the expression is of type string; it must be true or false`},
		"a type known only later":    {`'dyn(pii)'`, `10:14: the expression is of type dyn; it must be true or false`},
		"the wrong type":             {`'kind == "a" && name == 3'`, `10:34: there is no == for (string, int)`},
		"the wrong argument":         {`'kind == "a" && name.startsWith(3)'`, `10:34: there is no startsWith for string.(int)`},
		"ends too early":             {`'kind =='`, `10:21: not CEL: the expression ends too early`},
		"a single =":                 {`'kind = "x"'`, `10:19: not CEL: unexpected =`},
		"words for signs":            {`"kind == 'a' and name == 'b'"`, `10:26: not CEL: unexpected and`},
		"after an escape":            {`"kind == \"a\" and name == \"b\""`, `10:28: not CEL: unexpected and`},
		"white space alone":          {`' '`, `10:14: not CEL: the expression ends too early`},
		"bad pattern":                {`'name.matches("(a")'`, "10:27: not a regular expression: missing closing ): `(a`"},
		"bad pattern of a function":  {`'matches(name, "a**")'`, "10:28: not a regular expression: invalid nested repetition operator: `**`"},
		"pattern that only looks so": {`'name.matches("((a{90}){9})")'`, "10:27: the regular expression has 832 steps once its repetitions are written out; 500 is the limit"},
		"pattern out of a fact":      {`'name.matches(value)'`, "10:27: the regular expression must be written out, in quotes"},
		"bad instant":                {`'timestamp(until) < timestamp("2026")'`, "10:43: invalid timestamp argument"},
		"what never works":           {`'pii && int("x") == 1'`, "10:14: the expression cannot be evaluated: type conversion error from 'string' to 'int'"},
		"too expensive":              {many + `.exists(a, reason.contains(a + name))'`, "10:14: the expression may cost 2110211 for one fact; 10000 is the limit: shorten its lists, nest fewer of them, and search in fewer texts"},
		"too long":                   {`'` + strings.Repeat("pii || ", 2000) + `pii'`, "10:13: the expression has 14003 characters; 10000 is the limit"},
		"too deep":                   {`'` + strings.Repeat("(", 300) + "pii" + strings.Repeat(")", 300) + `'`, "10:14: not CEL: expression recursion limit exceeded: 250"},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, mistakesOf(t, "    - when: "+tt.when+"\n      name: mine\n      message: m\n"), tt.want)
		})
	}
}

func TestMistakesInAMessageAreToldWhereTheyStand(t *testing.T) {
	known := "; known: {kind}, {target}, {name}, {field}, {value}, {principal}, {product}, {domain}, {layer}, {pii}, {until}, {reason}, {request}"
	for name, tt := range map[string]struct{ message, want string }{
		"unknown":               {`"say \"{principle}\""`, `10:23: unknown placeholder {principle} (did you mean {principal}?)` + known},
		"two of them":           {`'{kin} é {x}'`, "10:17: unknown placeholder {kin} (did you mean {kind}?)" + known + "\n10:25: unknown placeholder {x}" + known},
		"not closed":            {`a {name of it`, "10:18: a { that is not closed; braces hold the name of a variable"},
		"of changes":            {`a {change}`, "10:18: only a rule with over: changes knows {change}"},
		"with spaces":           {`a { name }`, "10:18: unknown placeholder { name } (did you mean {name}?)" + known},
		"on the line of a text": {"|\n        first\n        then {kin}", "12:14: unknown placeholder {kin} (did you mean {kind}?)" + known},
	} {
		t.Run(name, func(t *testing.T) {
			same(t, mistakesOf(t, "    - message: "+tt.message+"\n      name: mine\n      when: pii\n"), tt.want)
		})
	}
}

func TestAllMistakesOfAllPoliciesAreToldAtOnce(t *testing.T) {
	got := mistakesOf(t, `    - {name: a, when: kind, message: "{nme}"}
    - {name: b, when: pii, message: fine}
    - {name: c, over: changes, when: 'change == 1', message: "{change}"}
`)
	if lines := strings.Count(got, "\n"); lines != 3 || !strings.Contains(got, "12:46: there is no ==") {
		t.Errorf("got %s", got)
	}
}

// Whatever a policy says, it compiles or is refused in good time.
func FuzzPolicy(f *testing.F) {
	for _, text := range []string{
		`kind == "grants" && principal.startsWith("user:")`, `[1, 2].exists(x, [x].all(y, y > x))`, `name.matches("^(grp|dp)[_-]")`,
		`matches(name)`, `{"a": [1]}["a"][0] == 1`, `timestamp(until).getFullYear("Europe/Berlin") > 2026`, `has(kind.x)`, "kind\n== '''a\nb'''",
		`size(value + value) / 0 == 1`, `dyn(1)`, `(((((`, `r"\d" == b"\x00"`, `[[[[1]]]].map(x, x).filter(y, y == y) == []`, "{", "{name} {", "é{é}",
	} {
		f.Add(text, text)
	}
	language, err := newLanguage(true)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, when, text string) {
		pos := spec.Pos{File: "f", Line: 1, Col: 1}
		program, mistakes := language.compile(spec.Passage{Text: spec.Text{Value: when, Pos: pos}})
		message, unknown := language.parseMessage(spec.Passage{Text: spec.Text{Value: text, Pos: pos}})
		for _, m := range append(mistakes, unknown...) {
			if len(spec.Errors(m)) != 1 || m.Error() == "f:1:1: " {
				t.Errorf("%q: the mistake %v has no place or no words", when, m)
			}
		}
		if (program == nil) != (mistakes != nil) {
			t.Errorf("%q: program %v, mistakes %v", when, program, mistakes)
		}
		s := subject{Input: &Input{Env: &spec.Environment{}}, variables: language.variables, entry: &plan.Origin{}}
		if program != nil {
			_, _, _ = program.Eval(&s)
		}
		if unknown == nil {
			message.fill(&s)
		}
	})
}
