package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestValuesByEnvironment(t *testing.T) {
	r := mustLoad(t, small(t,
		"a.yaml", aService("  {due: 2026-12-31, applicationId: {dev: x-1}, pinned: false, extra: {a: [1, 2.5, true, \"no\"]}}\n"),
		"b.yaml", strings.Replace(aService("  {due: 2026-12-31, applicationId: x-2, in: main}\n"), "job", "job2", 1),
		"c.yaml", strings.Replace(aService("  {due: 2026-12-31}\n"), "job", "job3", 1)))
	for i, want := range []struct {
		dev, prd string
		all      string
	}{{"x-1", "", "dev=x-1"}, {"x-2", "x-2", "=x-2"}, {"", "", ""}} {
		id := r.Entries[i].Spec.(*service).ApplicationID
		for env, value := range map[string]string{"dev": want.dev, "prd": want.prd} {
			if got, ok := id.For(env); got.Value != value || ok != (value != "") {
				t.Errorf("%d in %s: %q, %v", i, env, got.Value, ok)
			}
		}
		var all []string
		for _, e := range id.All() {
			all = append(all, e.Key.Value+"="+e.Value.Value)
		}
		if got := strings.Join(all, " "); got != want.all {
			t.Errorf("%d: all are %q, want %q", i, got, want.all)
		}
	}
	first := r.Entries[0].Spec.(*service)
	if first.Pinned == nil || *first.Pinned {
		t.Errorf("pinned: false is %v", first.Pinned)
	}
	list, _ := first.Extra.Value.(Map[Free]).Get("a")
	var values []any
	for _, v := range list.Value.([]Free) {
		values = append(values, v.Value)
	}
	if diff := cmp.Diff([]any{1, 2.5, true, "no"}, values); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if in := r.Entries[1].Spec.(*service).In; len(in) != 1 || in[0].Value != "main" {
		t.Errorf("one value is the list %v", in)
	}
}

func TestRefKinds(t *testing.T) {
	r := mustLoad(t, small(t, "a.yaml", aTeam("  members: [{user: A@X.y}, {group: G}, {servicePrincipal: S}]\n")))
	var got []string
	for _, m := range r.Entries[0].Spec.(*team).Members {
		got = append(got, m.Ref.String()+" "+m.Text().Pos.String())
	}
	want := []string{"user:a@x.y a.yaml:5:20", "group:G a.yaml:5:36", "servicePrincipal:S a.yaml:5:59"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !(Ref{}).IsZero() {
		t.Error("a zero Ref names somebody")
	}
}

func TestExternalGroupsAndZones(t *testing.T) {
	p := mustLoad(t, write(t, projectFile, strings.Replace(fullProject(t), "timezone: UTC", "timezone: Europe/Berlin", 1))).Project
	if !p.External.Group("AAD-Sales") || p.External.Group("grp_x") {
		t.Error("external groups are those that a glob matches")
	}
	if got := p.Access.Location().String(); got != "Europe/Berlin" {
		t.Errorf("the zone is %s", got)
	}
	if platform, _ := p.Roles.Get("platform_team"); platform.Holders()[0].String() != "group:grp_platform" {
		t.Errorf("the platform team is %v", platform.Holders())
	}
	dev, _ := p.Environments.Get("dev")
	if dev.Project() != p {
		t.Error("the environment does not know its Project")
	}
}
