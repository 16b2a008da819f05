package plan_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/plan"
)

var secret = []byte("a key of this repository")

// staff are people, as they are called in plans and as somebody may write of them.
var staff = map[string][]string{
	"alice.smith@example.com":    {"Alice Smith", "ALICE.SMITH@example.com", "alice-smith", "alice_smith"},
	"bob@example.com":            {"Bob@Example.com", "bob@example.com."},
	"o'brien@example.com":        {"'o'brien@example.com'"},
	"ann@example.com":            {"mail=ann@example.com", "/Users/ann@example.com/notebook"},
	"anna@example.com":           {},
	"ann@example.com.au":         {},
	"josé.garcía@beispiel.de":    {"José García"},
	"a b@example.com":            {"the a b@example.com one"},
	"mallory":                    {"mallory", "Mallory's"},
	"svc+etl_2@sub.example.org":  {},
	"joão.de.sousa@example.com":  {"João de Sousa"},
	"x=y@example.com":            {},
	"dana@example.com-old.local": {},
}

func TestNobodyIsNamedInARedactedPlan(t *testing.T) {
	var names []string
	for name := range staff {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		who := func() string { return rapid.SampledFrom(names).Draw(t, "who") }
		said := func() string { return rapid.SampledFrom(append(staff[who()], who())).Draw(t, "said") }
		reason := func() string { return "asked for by " + said() + ", and (" + said() + ") agrees: " + said() }
		p := plan.Plan{Environment: "prd"}
		for i := range rapid.IntRange(1, 5).Draw(t, "changes") {
			team := plan.Set([]string{"user:" + who(), "user:" + who(), "group:a"})
			o := &plan.Origin{Pos: plan.Pos{File: "users/" + said() + ".yaml", Line: i + 1}, Reason: reason(), Ends: reason(), Request: said()}
			p.Changes = append(p.Changes, plan.Change{
				Key: plan.Key{Kind: "permissions", Target: "main", Name: "directories//Users/" + who()}, Action: plan.Update, Reason: reason(),
				Before: []plan.Field{{Name: "user:" + who(), Values: []string{"CAN_USE"}}}, After: []plan.Field{{Name: "owner", Values: team}},
				Claims: []plan.Claim{{Field: "owner", Value: team[0], Want: true, Origin: o}}, Origin: o,
				WaitsFor: []plan.Key{{Kind: "user", Target: "account", Name: who()}},
			})
		}
		for _, name := range names { // all of them are known as people
			p.Unmanaged = append(p.Unmanaged, plan.Unmanaged{Fact: plan.Fact{Key: key(sales), Field: "user:" + name, Value: "SELECT"}, Kept: "not owned"})
		}
		p.Findings = []plan.Finding{{Code: "BG106", Level: plan.LevelWarn, Message: "a direct grant to user:" + who() + ": " + said()}}
		p.Warnings = []plan.Warning{{Message: reason()}}
		p.Waivers = []plan.Waiver{{Guard: "maxDeletes", Reason: reason()}}
		redacted := p.Redact(secret)
		out := strings.ToLower(string(must(redacted.JSON("v"))))
		for name, others := range staff {
			for _, s := range append(others, name) {
				s = strings.ToLower(strings.Trim(s, "'./=: "))
				if strings.Contains(out, s) {
					t.Fatalf("%s is named in\n%s", s, out)
				}
			}
		}
		if redacted.Checksum() != p.Checksum() {
			t.Fatal("the checksum is that of another plan")
		}
		if _, err := redacted.Save(plan.Making{}, now); err == nil {
			t.Fatal("it can be saved")
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTheSamePersonHasOnePseudonymWhereverTheyAreNamed(t *testing.T) {
	p := plan.Plan{
		Changes: []plan.Change{{
			Key: key(team), Action: plan.Update, Before: fields("member=user:ann@x.de,user:bob@x.de"), After: fields("member=user:ann@x.de,user:zoe.low@x.de"),
			Claims: []plan.Claim{{Field: "member", Value: "user:zoe.low@x.de", Want: true, Origin: &plan.Origin{Reason: "Zoe Low succeeds bob@x.de"}}},
		}},
		Warnings: []plan.Warning{{Message: "user:zoe.low@x.de is inactive, ask ANN@X.DE"}},
	}
	r := p.Redact(secret)
	alias := func(name string) string { return aliasOf(name) }
	c := r.Changes[0]
	want := plan.Set([]string{"user:" + alias("ann@x.de"), "user:" + alias("zoe.low@x.de")})
	if d := cmp.Diff(want, c.After[0].Values); d != "" {
		t.Errorf("members -want +got:\n%s", d)
	}
	if got, want := c.Claims[0].Origin.Reason, alias("zoe.low@x.de")+" succeeds "+alias("bob@x.de"); got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	if got, want := r.Warnings[0].Message, "user:"+alias("zoe.low@x.de")+" is inactive, ask "+alias("ann@x.de"); got != want {
		t.Errorf("warning %q, want %q", got, want)
	}
	if alias("ann@x.de") == alias("bob@x.de") {
		t.Error("two people are one")
	}
	if d := cmp.Diff(p.Redact(secret).Changes[0].After, p.Redact([]byte("another key")).Changes[0].After); d == "" {
		t.Error("the key changes nothing")
	}
	if p.Changes[0].After[0].Values[0] != "user:ann@x.de" {
		t.Error("the plan itself is changed")
	}
}

// aliasOf is the pseudonym of a person in any plan with that key.
func aliasOf(name string) string {
	p := plan.Plan{Unmanaged: []plan.Unmanaged{{Fact: plan.Fact{Value: "user:" + name}}}}
	return strings.TrimPrefix(p.Redact(secret).Unmanaged[0].Fact.Value, "user:")
}

func TestSetsStaySets(t *testing.T) {
	values := plan.Set([]string{"group:a", "sp:b", "user:Ann@x.de", "user:ann@x.de", "user:bob@x.de", "user:cem@x.de", "user:dan@x.de", "user:eve@x.de", "user:fay@x.de"})
	p := plan.Plan{Changes: []plan.Change{{Key: key(sales), Action: plan.Update}}}
	for _, v := range values {
		p.Changes[0].Before = append(p.Changes[0].Before, plan.Field{Name: v, Values: values})
	}
	p.Impact = &plan.Impact{Effects: []plan.Effect{{Named: values}}}
	r := p.Redact(secret)
	c := r.Changes[0]
	if named := r.Impact.Effects[0].Named; !slices.IsSorted(named) || len(named) != len(values)-1 {
		t.Errorf("named are %v", named)
	}
	if n := len(c.Before); n != len(values)-1 || !slices.IsSortedFunc(c.Before, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d fields: %v", n, c.Before)
	}
	for _, f := range c.Before {
		if !slices.IsSorted(f.Values) || len(f.Values) != len(values)-1 {
			t.Errorf("%d values: %v", len(f.Values), f.Values)
		}
	}
}

func TestGroupsKeepTheirNamesButForEMailsInThem(t *testing.T) {
	p := plan.Plan{Unmanaged: []plan.Unmanaged{
		{Fact: plan.Fact{Key: key("group@account/team of ann@x.de"), Field: "group:grp_ann", Value: "sp:etl of ann@x.de"}},
		{Fact: plan.Fact{Key: plan.Key{Kind: "group", Target: "account", Name: "user:decoy"}}},
	}}
	r := p.Redact(secret).Unmanaged
	ann := aliasOf("ann@x.de")
	if got, want := r[0].Fact, (plan.Fact{Key: key("group@account/team of " + ann), Field: "group:grp_ann", Value: "sp:etl of " + ann}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := r[1].Fact.Key.Name; got != "user:decoy" {
		t.Errorf("a group called user:decoy is now called %s", got)
	}
}

// open are what holds no names of people: our own words, and those of the project
// and the platform.
var open = []string{
	"Plan.Environment", "Plan.Redacted", "Host.Host", "Host.ID", "Action", "Level", "Kind", "Target",
	"Risks", "By", "Base.Commit",
}

// TestNoTextOfAPlanIsForgotten fills every text of a plan, also those that it will
// have one day.
func TestNoTextOfAPlanIsForgotten(t *testing.T) {
	var p plan.Plan
	fill(reflect.ValueOf(&p).Elem(), "Plan")
	redacted := p.Redact(secret)
	var found []string
	look(reflect.ValueOf(redacted), "Plan", &found)
	if len(found) > 0 {
		t.Errorf("somebody is named in %s", strings.Join(plan.Set(found), ", "))
	}
}

const somebody = "user:ann@x.de"

func isOpen(path string) bool {
	return slices.ContainsFunc(open, func(o string) bool { return path == o || strings.HasSuffix(path, "."+o) })
}

func fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		if !isOpen(path) {
			v.SetString(somebody)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), name(path, v.Type(), i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path)
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, path)
		fill(e, path)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	}
}

// name is that of the type and the field.
func name(path string, t reflect.Type, i int) string {
	if t.Field(i).Anonymous {
		return path
	}
	return t.Name() + "." + t.Field(i).Name
}

func look(v reflect.Value, path string, found *[]string) {
	switch v.Kind() {
	case reflect.String:
		if strings.Contains(v.String(), "ann@x.de") {
			*found = append(*found, path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			look(v.Field(i), name(path, v.Type(), i), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			look(v.Index(i), path, found)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			look(v.Elem(), path, found)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			look(k, path, found)
			look(v.MapIndex(k), path, found)
		}
	}
}
