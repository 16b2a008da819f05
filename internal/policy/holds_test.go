package policy

import (
	"slices"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

// approvedBy is an entry that needs the platform team alone, approved by
// somebody on a day.
func approvedBy(email, day string) judged {
	return judged{
		edit:    []string{"  roles:", "  layers: {gold: {approval: [platform_team]}}\n  roles:"},
		entries: consumer("user: alice@example.com", reason, attested, granted, expires, by("platform_team", email, day, "")),
	}
}

func TestMembersOfGroupsHoldRoles(t *testing.T) {
	group := func(name, spec string) string {
		return "apiVersion: brickgate.dev/v1\nkind: Group\nmetadata: {name: " + name + "}\nspec: " + spec + "\n---\n"
	}
	nested := group("grp_oncall", "{members: [{user: deep@example.com}, {group: grp_third}]}") +
		group("grp_third", "{members: [{user: third@example.com, from: 2026-01-20, expires: 2026-01-25}]}")
	for name, c := range map[string]struct {
		who, day string
		holds    bool
	}{
		"a member":                        {"pat@example.com", "2026-01-10", true},
		"in other letters":                {"Pat@Example.com", "2026-01-10", true},
		"nobody":                          {"pete@example.com", "2026-01-10", false},
		"from the next hour on, that day": {"noon@example.com", "2026-01-10", true},
		"from the next hour on":           {"noon@example.com", "2026-01-10T11:59:59Z", false},
		"a member of a member":            {"deep@example.com", "2026-01-22", true},
		"before the group was a member":   {"deep@example.com", "2026-01-14", false},
		"after it was one":                {"deep@example.com", "2026-01-29", false},
		"while all memberships held":      {"third@example.com", "2026-01-20", true},
		"on the last day":                 {"third@example.com", "2026-01-25", true},
		"a moment later":                  {"third@example.com", "2026-01-26T00:00:00Z", false},
		"a day before":                    {"third@example.com", "2026-01-19", false},
	} {
		t.Run(name, func(t *testing.T) {
			j := approvedBy(c.who, c.day)
			j.more = nested
			j.edit = append(j.edit, "{user: pat@example.com}, ", "{user: pat@example.com}, {user: noon@example.com, from: 2026-01-10T12:00:00Z}, {group: grp_oncall, from: 2026-01-15, expires: 2026-01-28}, ")
			found := slices.ContainsFunc(check(t, j.input(t)), func(f plan.Finding) bool { return f.Code == "BG211" })
			if found == c.holds {
				t.Errorf("holds the role: %v", !found)
			}
		})
	}
}

func TestCyclesOfGroupsComeToAnEnd(t *testing.T) {
	in := approvedBy("pete@example.com", "2026-01-10").input(t)
	in.Declared = nil
	in.Live = &Live{Self: "sp:ci", Members: func(group string) ([]string, bool) {
		return map[string][]string{
			"group:grp_platform": {"group:a", "group:b", "group:grp_platform"},
			"group:a":            {"group:b", "user:pat@example.com"},
			"group:b":            {"group:a", "group:grp_platform", "user:pete@example.com"},
		}[group], true
	}}
	same(t, lines(check(t, in), aboutEntries...), "")
}

func TestGroupsThatOthersFill(t *testing.T) {
	synced := approvedBy("pat@example.com", "2026-01-10")
	synced.edit = append(synced.edit, "platform_team: {group: grp_platform}", "platform_team: {anyOf: [{group: AAD-Platform}, {user: boss@example.com}]}")
	domain := judged{
		edit: []string{"owners: [{user: owner@example.com}]", "owners: [{group: AAD-Owners}]"},
		entries: consumer("user: alice@example.com", reason, attested, granted, expires,
			by("manager", "jane@example.com", "2026-01-09", "", "domain_owner", "olaf@example.com", "2026-01-10", "")) +
			consumer("user: bob@example.com", reason, attested, granted, expires,
				by("manager", "jane@example.com", "2026-01-09", "", "domain_owner", "olaf@example.com", "2026-01-10", "")),
	}
	inside := map[string][]string{
		"group:AAD-Platform": {"group:AAD-Team"}, "group:AAD-Team": {"user:pat@example.com"},
		"group:AAD-Owners": {"user:olaf@example.com"},
	}
	outside := map[string][]string{"group:AAD-Platform": {"user:boss@example.com"}, "group:AAD-Owners": {"user:dana@example.com"}}
	for name, c := range map[string]struct {
		judged
		live map[string][]string
		want string
	}{
		"offline":     {synced, nil, `brickgate.yaml:17:37 note BG216: the members of AAD-Platform are known live only: plan tells whether who approved is one of them`},
		"not read":    {synced, map[string][]string{}, `brickgate.yaml:17:37 note BG216: the members of AAD-Platform could not be read: nothing tells whether who approved is one of them`},
		"nested":      {synced, inside, ""},
		"no member":   {synced, outside, `a.yaml:30:37 error BG211: pat@example.com approves as platform_team, but did not hold that role on 2026-01-10: it is held by group:AAD-Platform, user:boss@example.com`},
		"of a domain": {domain, nil, `a.yaml:4:25 note BG216: the members of AAD-Owners are known live only: plan tells whether who approved is one of them`},
		"an owner":    {domain, inside, ""},
		"no owner": {domain, outside, `
a.yaml:31:36 error BG211: olaf@example.com approves as domain_owner, but did not hold that role on 2026-01-10: it is held by group:AAD-Owners, user:dana@example.com
a.yaml:39:36 error BG211: olaf@example.com approves as domain_owner, but did not hold that role on 2026-01-10: it is held by group:AAD-Owners, user:dana@example.com`},
	} {
		t.Run(name, func(t *testing.T) {
			in := c.input(t)
			if c.live != nil {
				in.Live = liveMembers(c.live)
			}
			same(t, lines(check(t, in), aboutEntries...), c.want)
		})
	}
}

// liveMembers is a plan that knows the members of some groups.
func liveMembers(groups map[string][]string) *Live {
	return &Live{Self: "sp:ci", Members: func(group string) ([]string, bool) {
		members, read := groups[group]
		return members, read
	}}
}

// TestGroupsThatAreOnlyAddedTo: a group whose members are declared in part, by
// memberOf of a service principal, can have others.
func TestGroupsThatAreOnlyAddedTo(t *testing.T) {
	c := approvedBy("pat@example.com", "2026-01-10")
	c.edit = append(c.edit, "spec: {members: [{user: pat@example.com}, {user: late@example.com, from: 2026-02-01}]}", "spec: {}")
	c.more = "apiVersion: brickgate.dev/v1\nkind: ServicePrincipal\nmetadata: {name: sp-ci}\nspec: {memberOf: [grp_platform]}\n"
	same(t, lines(check(t, c.input(t)), aboutEntries...),
		`brickgate.yaml:17:28 note BG216: the members of grp_platform_dev are known live only: plan tells whether who approved is one of them`)
}
