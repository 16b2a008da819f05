package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatchName(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"grp_*", "grp_a", true},
		{"grp_*", "grp_", true},
		{"grp_*", "Grp_a", false},
		{"grp_*", "a_grp_b", false},
		{"*", "", true},
		{"*", "a.b/c", true},
		{"*@example.com", "a@example.com", true},
		{"*@example.com", "a@example.com.evil", false},
		{"a*b*c", "aXbYc", true},
		{"a*b*c", "acb", false},
		{"a*a", "a", false},
		{"ab*ba", "aba", false},
		{"a**b", "ab", true},
		{"grp?", "grpx", false},
		{"[a]", "[a]", true},
		{"exact", "exact", true},
		{"exact", "exact2", false},
		{"", "", true},
		{"", "a", false},
	} {
		if got := MatchName(tt.pattern, tt.name); got != tt.want {
			t.Errorf("MatchName(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}

func TestMatchSecurable(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"gold.*", "gold.sales", true},
		{"gold.*", "gold.sales.orders", false},
		{"gold.*.*", "gold.sales.orders", true},
		{"*", "gold", true},
		{"*", "gold.sales", false},
		{"Gold.SALES", "gold.sales", true},
		{"gold.stag*", "gold.staging_1", true},
		{"gold.*", "gold.`a.b`", true},
		{"gold.`a.*`", "gold.`a.b`", true},
		{"gold.a.b", "gold.`a.b`", false},
		{"`gold`.sales", "gold.sales", true},
		{"gold.``", "gold.``", false},
		{"gold..a", "gold..a", false},
	} {
		if got := MatchSecurable(tt.pattern, tt.name); got != tt.want {
			t.Errorf("MatchSecurable(%q, %q) = %v", tt.pattern, tt.name, got)
		}
	}
}

func TestLiveName(t *testing.T) {
	yes, no := true, false
	prd := Map[Text]{Entries: []MapEntry[Text]{{Text{Value: "prd"}, Text{Value: "special"}}}}
	for name, tt := range map[string]struct {
		naming   LiveNaming
		dev, prd string
		fixed    bool // in dev
	}{
		"the name and the suffix":            {LiveNaming{}, "grp_x_dev", "grp_x_prd", false},
		"environmentSuffix: true is default": {LiveNaming{EnvironmentSuffix: &yes}, "grp_x_dev", "grp_x_prd", false},
		"without suffix":                     {LiveNaming{EnvironmentSuffix: &no}, "grp_x", "grp_x", true},
		"a display name":                     {LiveNaming{DisplayName: Text{Value: "X"}}, "X", "X", true},
		"a name by environment comes first":  {LiveNaming{DisplayName: Text{Value: "X"}, EnvironmentNames: prd}, "X", "special", true},
		"and else the suffix":                {LiveNaming{EnvironmentNames: prd}, "grp_x_dev", "special", false},
	} {
		devEnv := &Environment{Name: "dev", Suffix: Text{Value: "_dev"}}
		prdEnv := &Environment{Name: "prd", Suffix: Text{Value: "_prd"}}
		got := []string{tt.naming.LiveName("grp_x", devEnv), tt.naming.LiveName("grp_x", prdEnv)}
		if diff := cmp.Diff([]string{tt.dev, tt.prd}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if tt.naming.Fixed(devEnv) != tt.fixed {
			t.Errorf("%s: fixed is %v", name, !tt.fixed)
		}
	}
}

const sharedAccount = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {}, other: {}}
  environments:
    dev:  {account: main, suffix: _dev, catalogs: {silver: silver_dev, gold: [Gold_Dev, gold_restricted]}, workspaces: {w: {}}}
    edev: {account: main, suffix: _eu_dev}
    prd:  {account: main, suffix: "", workspaces: {a: {profile: a}, b: {profile: b}}}
    far:  {account: other, suffix: _far}
  sharedPrincipals: prd
  otherSuffixes: [_tst]
  owns:
    groups: ["grp_*"]
    servicePrincipals: ["sp_*"]
    users: ["*@Example.com"]
    externalGroups: ["AAD-*"]
    shared: [grp_all, "grp_free*"]
    except: ["grp_platform*", ceo@example.com, AAD-Admins, grp_free_not]
    catalogs: ["{gold}", {name: "{silver}", depth: schema}]
    securables: [{type: external_location, name: "sales_{env}_*"}]
    exceptSecurables: ["{gold}.staging_*"]
  adoption: none
`

func TestHomeOfLivePrincipals(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, sharedAccount)).Project
	declared := func(live string) (string, bool) {
		home, ok := map[string]string{"grp_declared_dev": "prd", "odd": "dev"}[live]
		return home, ok
	}
	for _, tt := range []struct{ account, kind, live, want string }{
		{"main", RefGroup, "grp_x_dev", "dev"},
		{"main", RefGroup, "grp_x_eu_dev", "edev"},    // the longest suffix decides
		{"main", RefGroup, "grp_declared_dev", "prd"}, // a declaration decides before any suffix
		{"main", RefGroup, "odd", "dev"},
		{"main", RefGroup, "other_dev", ""},        // no glob matches
		{"main", RefGroup, "_dev", ""},             // nothing before the suffix
		{"main", RefGroup, "grp_platform_dev", ""}, // except
		{"main", RefGroup, "grp_x_tst", ""},        // somebody else's suffix
		{"main", RefGroup, "grp_x_far", ""},        // another account's suffix is none here
		{"other", RefGroup, "grp_x_far", "far"},
		{"main", RefGroup, "grp_all", "prd"},
		{"main", RefGroup, "grp_free_1", "prd"},
		{"main", RefGroup, "grp_free_not", ""},
		{"main", RefGroup, "grp_x", ""}, // without suffix, and not shared
		{"other", RefGroup, "grp_all", ""},
		{"main", RefServicePrincipal, "sp_x_dev", "dev"},
		{"main", RefServicePrincipal, "grp_x_dev", ""},
	} {
		home, ok := p.Home(tt.account, tt.kind, tt.live, declared)
		if home != tt.want || ok != (tt.want != "") {
			t.Errorf("home of %s %q in %s is %q, %v; want %q", tt.kind, tt.live, tt.account, home, ok, tt.want)
		}
	}
	o := p.Owns
	for name, holds := range map[string]bool{
		"a user in any case":        o.User("Alice@EXAMPLE.com"),
		"a synced group":            o.ExternalGroup("AAD-Sales"),
		"a name before its suffix":  o.Principal(RefGroup, "grp_x"),
		"not an excepted user":      !o.User("CEO@example.com"),
		"not another's user":        !o.User("alice@elsewhere.com"),
		"not an excepted synced":    !o.ExternalGroup("AAD-Admins"),
		"not an excepted principal": !o.Principal(RefGroup, "grp_platform"),
	} {
		if !holds {
			t.Errorf("owns: %s: wrong", name)
		}
	}
}

func TestTheOnlyEnvironmentNeedsNoSuffix(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec: {accounts: {main: {}}, environments: {prd: {account: main}}, owns: {shared: ["grp_*"]}, adoption: none}
`)).Project
	nobody := func(string) (string, bool) { return "", false }
	if home, _ := p.Home("main", RefGroup, "grp_x", nobody); home != "prd" {
		t.Errorf("home is %q", home)
	}
}

func TestSecurable(t *testing.T) {
	r := mustLoad(t, write(t, projectFile, sharedAccount))
	dev, err := r.Environment("dev")
	if err != nil {
		t.Fatal(err)
	}
	prd, err := r.Environment("prd")
	if err != nil {
		t.Fatal(err)
	}
	pos := Pos{"x.yaml", 3, 4}
	for _, tt := range []struct {
		env             *Environment
		typ, name, want string
	}{
		{dev, "catalog", "{gold}", "gold_dev"},
		{dev, "catalog", "gold", "gold_dev"},
		{dev, "schema", "{gold}.Sales", "gold_dev.sales"},
		{dev, "schema", "gold.sales", "gold_dev.sales"},
		{dev, "schema", "GOLD.sales", "gold.sales"},
		{dev, "schema", "literal.sales", "literal.sales"},
		{dev, "table", "gold.gold.gold", "gold_dev.gold.gold"},
		{dev, "table", "gold.sales_{env}.`Odd.Name`", "gold_dev.sales_dev.`odd.name`"},
		{dev, "table", "`gold`.`s`.`t`", "gold_dev.s.t"},
		{dev, "schema", "x_{workspace}.s", "x_w.s"},
		{prd, "schema", "gold.sales", "gold.sales"},
		{dev, "external_location", "gold", "gold"},
		{dev, "external_location", "Sales_{env}", "sales_dev"},
		{prd, "schema", "{gold}.sales", `x.yaml:3:4: unknown placeholder "{gold}"; known: {env}, {workspace} in environment prd`},
		{prd, "schema", "a.{workspace}", `x.yaml:3:4: {workspace} could mean any workspace of environment prd here`},
		{dev, "schema", "gold", `x.yaml:3:4: "gold" is no name of a schema; write catalog.schema`},
		{dev, "table", "gold.a", `x.yaml:3:4: "gold.a" is no name of a table; write catalog.schema.name`},
		{dev, "schema", "gold.`a", "x.yaml:3:4: \"gold.`a\" has a backtick that is not closed"},
		{dev, "schema", "gold.", `x.yaml:3:4: "gold." has an empty segment`},
		{dev, "schema", "gold.{env", `x.yaml:3:4: "{env" has a { that is not closed`},
	} {
		got, err := tt.env.Securable(pos, tt.typ, tt.name)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s %s in %s is\n%s, want\n%s", tt.typ, tt.name, tt.env.Name, got, tt.want)
		}
	}
	globs, err := dev.Securables(pos, "schema", "{gold}.s*")
	if diff := cmp.Diff([]string{"gold_dev.s*", "gold_restricted.s*"}, globs); err != nil || diff != "" {
		t.Errorf("a layer stands for its catalogs: %v\n%s", err, diff)
	}
	if got, err := dev.Expand(pos, "/Shared/{env}/{workspace}/{gold}", "ml"); got != "/Shared/dev/ml/Gold_Dev" {
		t.Errorf("a path is %s, %v", got, err)
	}
}

func TestOwnsSecurable(t *testing.T) {
	r := mustLoad(t, write(t, projectFile, sharedAccount))
	dev, err := r.Environment("dev")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		typ, name string
		want      bool
	}{
		{"catalog", "gold_dev", true},
		{"catalog", "gold_restricted", true},
		{"schema", "gold_dev.sales", true},
		{"table", "gold_dev.sales.orders", true},
		{"volume", "gold_dev.sales.`a.b`", true},
		{"schema", "gold_dev.staging_1", false},
		{"table", "gold_dev.staging_1.orders", false},
		{"schema", "gold_dev.information_schema", false},
		{"table", "gold_dev.information_schema.tables", false},
		{"catalog", "silver_dev", true},
		{"schema", "silver_dev.s", true},
		{"table", "silver_dev.s.t", false}, // depth: schema
		{"catalog", "gold", false},         // the layer's name is not the catalog
		{"external_location", "sales_dev_1", true},
		{"external_location", "sales_prd_1", false},
		{"storage_credential", "sales_dev_1", false},
	} {
		if got := dev.OwnsSecurable(tt.typ, tt.name); got != tt.want {
			t.Errorf("owns %s %s: %v", tt.typ, tt.name, got)
		}
	}
}

func TestOwnedAtIsTheLineOfTheProject(t *testing.T) {
	r := mustLoad(t, write(t, projectFile, sharedAccount))
	dev, err := r.Environment("dev")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"gold_dev": "brickgate.yaml:20:16", "silver_dev": "brickgate.yaml:20:26"} {
		if pos, ok := dev.OwnedAt("catalog", name); !ok || pos.String() != want {
			t.Errorf("%s is owned at %s, %v; want %s", name, pos, ok, want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := strings.Fields("members memberOf description level")
	for name, want := range map[string]string{
		"memers": "members", "MEMBERS": "members", "memebrs": "members", "lvel": "level",
		"memberof": "memberOf", "xyz": "", "": "", strings.Repeat("m", 10_000): "",
	} {
		if got, ok := Nearest(name, known); got != want || ok != (want != "") {
			t.Errorf("Nearest(%.20q) = %q, %v; want %q", name, got, ok, want)
		}
	}
}

// A view is a table to the grants API, and is owned however a pattern calls it.
func TestOwnedViewsAreTables(t *testing.T) {
	for typ, want := range map[string]string{"view": "table", "Streaming_Table": "table", "registered_model": "model", "schema": "schema"} {
		if got := LiveType(typ); got != want {
			t.Errorf("LiveType(%q) = %q, want %q", typ, got, want)
		}
	}
	r := mustLoad(t, write(t, projectFile, strings.Replace(sharedAccount, `{type: external_location, name: "sales_{env}_*"}`, `{type: view, name: "other.s.v_*"}`, 1)))
	dev, err := r.Environment("dev")
	if err != nil {
		t.Fatal(err)
	}
	if !dev.OwnsSecurable("table", "other.s.v_1") || dev.OwnsSecurable("table", "other.s.t") {
		t.Error("the pattern of views is not taken for one of tables")
	}
}

func TestLayerOfASecurable(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, fullProject(t))).Project
	dev, _ := p.Environments.Get("dev")
	for full, want := range map[string]string{
		"catalog gold_dev":                      "gold",
		"schema gold_restricted_dev.sales":      "gold",
		"table bronze_dev.sales.orders":         "bronze",
		"volume `gold_dev`.`a.b`.files":         "gold",
		"schema gold_prd.sales":                 "",
		"external_location gold_dev":            "",
		"table gold_dev..orders":                "",
		"registered_model GOLD_DEV.sales.score": "gold",
	} {
		typ, name, _ := strings.Cut(full, " ")
		if got, ok := dev.LayerOf(typ, name); got != want || ok != (want != "") {
			t.Errorf("%s is of layer %q, want %q", full, got, want)
		}
	}
}
