package policy

import (
	"fmt"
	"testing"
)

func TestExternalDrift(t *testing.T) {
	entry := func(who, until string) string {
		return consumer(who, reason, attested, granted, "expires: "+until, signed)
	}
	c := judged{
		edit:    []string{"  ports:", "  groups: {consumer: {name: AAD-Orders, environmentSuffix: false, source: external}}\n  ports:"},
		entries: entry("user: Alice@example.com", "2026-12-31") + entry("group: grp_platform", "2026-12-31") + entry("user: bob@example.com", "2026-02-28") + entry("domain: risk", "2026-12-31") + entry("user: carol@example.com\n      layer: silver", "2026-12-31"),
		more:    "apiVersion: brickgate.dev/v1\nkind: Domain\nmetadata: {name: risk}\nspec: {owners: [{group: AAD-Risk}]}\n",
	}
	for name, x := range map[string]struct {
		live map[string][]string
		want string
	}{
		"as the entries say":    {map[string][]string{"group:AAD-Orders": {"group:AAD-Risk", "group:grp_platform_dev", "user:alice@example.com"}, "group:AAD-Risk": nil}, ""},
		"through another group": {map[string][]string{"group:AAD-Orders": {"group:AAD-Risk", "group:grp_platform_dev"}, "group:AAD-Risk": {"user:alice@example.com"}}, ""},
		"nobody": {map[string][]string{"group:AAD-Orders": nil}, `
a.yaml:25:7 warn BG501: user:alice@example.com has an entry for orders, but user:alice@example.com is not in the synced group AAD-Orders: have the identity provider add it
a.yaml:31:7 warn BG501: group:grp_platform has an entry for orders, but group:grp_platform_dev is not in the synced group AAD-Orders: have the identity provider add it
a.yaml:43:7 warn BG501: domain:risk has an entry for orders, but group:AAD-Risk is not in the synced group AAD-Orders: have the identity provider add it`},
		"who has no entry, or none any more": {map[string][]string{"group:AAD-Orders": {"group:AAD-Risk", "group:grp_platform_dev", "user:alice@example.com", "user:bob@example.com", "user:mallory@example.com"}, "group:AAD-Risk": nil},
			`a.yaml:22:22 warn BG501: the synced group AAD-Orders of orders has members without an entry that is in force: user:bob@example.com, user:mallory@example.com`},
		"not read": {map[string][]string{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in := c.input(t)
			in.Live = liveMembers(x.live)
			same(t, lines(check(t, in), "BG501"), x.want)
		})
	}
	same(t, lines(check(t, c.input(t)), "BG501"), "")
}

// TestOwnersWhoAreSynced: no entry says who owns a product.
func TestOwnersWhoAreSynced(t *testing.T) {
	c := judged{edit: []string{"  ports:", "  groups: {owner: {name: AAD-Orders, environmentSuffix: false, source: external}}\n  ports:"}}
	in := c.input(t)
	in.Live = liveMembers(map[string][]string{"group:AAD-Orders": {"user:olga@example.com"}})
	same(t, lines(check(t, in), "BG501"), "")
}

func TestExternalDriftOfManyIsOneFinding(t *testing.T) {
	var many []string
	for i := range 25 {
		many = append(many, fmt.Sprintf("user:%02d@example.com", i))
	}
	c := judged{edit: []string{"  ports:", "  groups: {consumer: {name: AAD-Orders, environmentSuffix: false, source: external}}\n  ports:"}}
	in := c.input(t)
	in.Live = liveMembers(map[string][]string{"group:AAD-Orders": many})
	found := check(t, in)
	got := lines(found, "BG501")
	if want := "user:19@example.com and 5 more\n"; len(got) < len(want) || got[len(got)-len(want):] != want {
		t.Error(got)
	}
}
