package questions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

func TestPrincipalsAreFoundByWhatPeopleCallThem(t *testing.T) {
	w := world(t)
	for _, test := range []struct{ name, text, want, wrong string }{
		{"an e-mail address is a user", "Ann@Example.com", "user:ann@example.com", ""},
		{"a prefix is exact", "user:ann@example.com", "user:ann@example.com", ""},
		{"the live name", "grp_a_prd", "group:grp_a_prd", ""},
		{"the name in the documents", "grp_a", "group:grp_a_prd", ""},
		{"a service principal by its name in the documents", "spn_a", "sp:spn_a_prd", ""},
		{"an alias of the project", "tableau", "sp:tableau", ""},
		{"a service principal by its application id", "aaaaaaaa-0000-4000-8000-000000000002", "sp:spn_a_prd", ""},
		{"the same with a prefix", "sp:aaaaaaaa-0000-4000-8000-000000000002", "sp:spn_a_prd", ""},
		{"everybody", "account users", "group:account users", ""},
		{"a group out of scope", "elsewhere", "group:elsewhere", ""},
		{"with spaces around", " grp_a ", "group:grp_a_prd", ""},
		{"a prefix does not know the documents' names", "group:grp_a", "", `unknown principal "group:grp_a": the documents call group:grp_a_prd so`},
		{"a prefix and a misspelt name", "group:grp_a_prod", "", `unknown principal "group:grp_a_prod" (did you mean group:grp_a_prd`},
		{"one name for two", "both", "", `"both" could be group:both or sp:both: say which`},
		{"one of two, exactly", "sp:both", "sp:both", ""},
		{"misspelt", "grp_q", "", `unknown group or service principal "grp_q" (did you mean grp_a`},
		{"nobody at all", "zzzzzzzzzzzz", "", `unknown group or service principal "zzzzzzzzzzzz"`},
		{"nothing", "", "", "whose access?"},
		{"only a prefix", "user:", "", `"user:" names nobody: write user:NAME`},
		{"a group of each workspace", "admins", "", "is a group of each of the workspaces main, ml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := w.Principal(test.text)
			holds(t, p.Token, test.want, err, test.wrong)
		})
	}
	if p, err := w.Principal("amn@example.com"); err != nil || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "did you mean user:ann@example.com") {
		t.Errorf("a user of whom nothing is known: %v, %v", p, err)
	}
}

func TestAnAddressThatIsTheNameOfAGroupIsNoAnswerAboutTheGroup(t *testing.T) {
	w := live(t,
		resource("group@account/ann@example.com", "member=user:bob@example.com"),
		resource("grants@metastore/catalog/gold_prd", "user:ann@example.com=SELECT", "sp:etl@example.com=SELECT"))
	for text, want := range map[string]string{"user:Ann@example.com": "user:ann@example.com", "group:ann@example.com": "group:ann@example.com", "bob@example.com": "user:bob@example.com"} {
		if p, err := w.Principal(text); err != nil || p.Token != want {
			t.Errorf("%s: %v, %v", text, p, err)
		}
	}
	for text, want := range map[string]string{
		"ann@example.com": `"ann@example.com" could be group:ann@example.com or user:ann@example.com: say which`,
		"etl@example.com": `"etl@example.com" could be sp:etl@example.com or user:etl@example.com: say which`,
	} {
		p, err := w.Principal(text)
		holds(t, p.Token, "", err, want)
	}
}

func holds(t *testing.T, got, want string, err error, wrong string) {
	t.Helper()
	switch {
	case wrong == "" && err != nil:
		t.Errorf("error: %v", err)
	case wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), "\n")):
		t.Errorf("error %v, want %s", err, wrong)
	case wrong == "" && got != want:
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestObjectsAreFoundByWhatPeopleCallThem(t *testing.T) {
	w := world(t)
	for _, test := range []struct{ name, text, want, wrong string }{
		{"a catalog", "gold_prd", "grants@metastore/catalog/gold_prd", ""},
		{"a schema in any case", "GOLD_PRD.S", "grants@metastore/schema/gold_prd.s", ""},
		{"a table", "gold_prd.s.t", "grants@metastore/table/gold_prd.s.t", ""},
		{"a table by its layer", "{gold}.s.t", "grants@metastore/table/gold_prd.s.t", ""},
		{"a table by its bare layer", "gold.s.t", "grants@metastore/table/gold_prd.s.t", ""},
		{"in backticks", "gold_prd.s.`odd.name`", "grants@metastore/table/gold_prd.s.`odd.name`", ""},
		{"a view is a table", "view:gold_prd.s.t", "grants@metastore/table/gold_prd.s.t", ""},
		{"another type", "external_location:landing", "grants@metastore/external_location/landing", ""},
		{"another type with a dash", "external-location:landing", "grants@metastore/external_location/landing", ""},
		{"the metastore", "metastore", "grants@metastore/metastore/current", ""},
		{"the account", "account", "roles@account/", ""},
		{"a workspace", "main", "assignment@main/", ""},
		{"a workspace, said to be one", "workspace:ml", "assignment@ml/", ""},
		{"a warehouse", "warehouse:only", "permissions@main/warehouses/only", ""},
		{"in the plural", "warehouses:only", "permissions@main/warehouses/only", ""},
		{"in a workspace", "ml/warehouse:bi", "permissions@ml/warehouses/bi", ""},
		{"with an underscore", "cluster_policy:p", "permissions@main/cluster-policies/p", ""},
		{"by path", "directory:/Shared/x", "permissions@main/directories/Shared/x", ""},
		{"by path with a slash behind", "directory:/Shared/x/", "permissions@main/directories/Shared/x", ""},
		{"by name and id", "job:twin#2", "permissions@main/jobs/twin#2", ""},
		{"out of scope", "gold_prd.s.unowned", "grants@metastore/volume/gold_prd.s.unowned", ""},
		{"a warehouse out of scope", "warehouse:unowned", "permissions@ml/warehouses/unowned", ""},
		{"a layer of two catalogs", "{gold}", "", `"{gold}" could be catalog:gold_prd or catalog:gold_extra_prd: say which`},
		{"a table and a volume", "gold_prd.s.twice", "", `could be table:gold_prd.s.twice or volume:gold_prd.s.twice`},
		{"one of both", "volume:gold_prd.s.twice", "grants@metastore/volume/gold_prd.s.twice", ""},
		{"in two workspaces", "warehouse:bi", "", `"bi" could be main/warehouse:bi or ml/warehouse:bi: say which`},
		{"two of a name", "job:twin", "", `"twin" could be main/job:twin#1 or main/job:twin#2: say which`},
		{"a catalog and a workspace", "ml", "", `"ml" is a catalog and a workspace: say catalog:ml or workspace:ml`},
		{"misspelt", "gold_prd.s.tt", "", `there is no table, volume, function or model "gold_prd.s.tt" in prd (did you mean gold_prd.s.t`},
		{"an unknown warehouse", "warehouse:onyl", "", `there is no warehouse "onyl" in prd (did you mean only?)`},
		{"an unknown type", "warehuose:bi", "", `unknown type "warehuose" of an object (did you mean warehouse?); there are catalog,`},
		{"an unknown workspace", "workspace:mian", "", `environment prd has no workspace "mian" (did you mean main`},
		{"an unknown placeholder", "{glod}.s.t", "", `unknown placeholder "{glod}"`},
		{"too many segments", "a.b.c.d", "", `has 4 segments`},
		{"too few segments", "table:a.b", "", `is no name of a table; write catalog.schema.name`},
		{"no name", "job:", "", `"job:" names no object: write job:NAME`},
		{"a securable in a workspace", "main/table:a.b.c", "", "a table is in no workspace"},
		{"empty segments", "a..b", "", `"a..b"`},
		{"nothing", " ", "", "on what?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, err := w.Object(test.text)
			got := ""
			if len(o.Keys) > 0 {
				got = o.Keys[0].String()
			}
			holds(t, got, test.want, err, test.wrong)
		})
	}
}

func TestWhatIsOutOfScopeIsToldApartFromWhatIsNotThere(t *testing.T) {
	w := world(t)
	o, err := w.Object("gold_prd.s.unowned")
	if err != nil || len(o.Notes) != 1 || !strings.HasPrefix(o.Notes[0], "Volume gold_prd.s.unowned exists and is out of scope") {
		t.Errorf("out of scope: %v, %v", o, err)
	}
	w.Exists = func(plan.Key) (bool, error) { return false, errors.New("no permission") }
	if o, err = w.Object("gold_prd.s.maybe"); err != nil || !strings.Contains(o.Notes[0], "could not be found out: no permission.") {
		t.Errorf("not to be found out: %v, %v", o, err)
	}
	w.Exists = nil
	if o, err = w.Object("gold_prd.s.tt"); err != nil || !strings.HasPrefix(o.Notes[0], "The repository says nothing about table gold_prd.s.tt itself (did you mean gold_prd.s.t") {
		t.Errorf("offline: %v, %v", o, err)
	}
}

func TestPrivilegesAreFoundByWhatPeopleCallThem(t *testing.T) {
	w := world(t)
	for _, test := range []struct{ object, text, want, wrong string }{
		{"gold_prd.s.t", "select", "SELECT", ""},
		{"gold_prd.s.t", "ALL PRIVILEGES", "ALL_PRIVILEGES", ""},
		{"gold_prd.s", "use schema", "USE_SCHEMA", ""},
		{"gold_prd.s", "usage", "USE_SCHEMA", ""},
		{"gold_prd.s", "use", "USE_SCHEMA", ""},
		{"gold_prd.s.t", "read", "SELECT", ""},
		{"volume:gold_prd.s.twice", "read", "READ_VOLUME", ""},
		{"volume:gold_prd.s.twice", "write", "WRITE_VOLUME", ""},
		{"external_location:landing", "read", "READ_FILES", ""},
		{"ml/warehouse:bi", "can use", "CAN_USE", ""},
		{"ml/warehouse:bi", "use", "CAN_USE", ""},
		{"ml/warehouse:bi", "manage", "CAN_MANAGE", ""},
		{"ml/warehouse:bi", "own", "IS_OWNER", ""},
		{"directory:/Shared/x", "read", "CAN_READ", ""},
		{"main", "user", "USER", ""},
		{"main", "workspace_access", "workspace-access", ""},
		{"account", "Account Admin", "account_admin", ""},
		{"gold_prd.s.t", "SELCT", "", `there is no privilege "SELCT" on a table (did you mean SELECT?); allowed: ALL_PRIVILEGES,`},
		{"gold_prd.s.t", "USE_CATALOG", "", `there is no privilege "USE_CATALOG" on a table`},
		{"ml/warehouse:bi", "CAN_READ", "", `there is no level "CAN_READ" on a warehouse; allowed: CAN_VIEW, CAN_MONITOR, CAN_USE, CAN_MANAGE, IS_OWNER`},
		{"main", "SELECT", "", `nobody can have "SELECT" on workspace main; allowed: USER, ADMIN, workspace-access,`},
		{"account", "USER", "", `nobody can have "USER" on the account; allowed: account_admin`},
		{"gold_prd.s.t", " ", "", "which privilege?"},
	} {
		t.Run(test.object+" "+test.text, func(t *testing.T) {
			o, err := w.Object(test.object)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := w.Privilege(test.text, o)
			holds(t, got, test.want, err, test.wrong)
		})
	}
}

// TestOddNamesAreMistakesAndNoPanics asks about anything.
func TestOddNamesAreMistakesAndNoPanics(t *testing.T) {
	w := world(t)
	parts := []string{"user:", "group:", "sp:", "@", ".", "..", "`", "``", "/", "//", "#", ":", "{", "}", "{gold}", "gold_prd", "main", "ml/", "warehouse:", "table:", "directory:", "metastore", "account", "\x00", "\n", "\xff", "\u202e", "\u0130", "\U0001f600", " ", "*", "ann@example.com", "workspace:", "model:", "roles", "account users", "USER", "SELECT"}
	seed := uint32(7)
	pick := func() string {
		seed = seed*1664525 + 1013904223
		return parts[int(seed>>8)%len(parts)]
	}
	for range 20_000 {
		text := pick() + pick() + pick()
		p, err := w.Principal(text)
		if err == nil && p.Token == "" || err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("principal %q: %v, %v", text, p, err)
		}
		o, err := w.Object(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("object %q: %v", text, err)
			}
			continue
		}
		name, key, err := w.Privilege(pick()+pick(), o)
		if err == nil && p.Token != "" {
			w.WhyNot(p, name, key, o)
		}
	}
}
