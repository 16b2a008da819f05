package policy

import (
	"fmt"
	"strings"
	"testing"
)

func TestHowApprovalsStand(t *testing.T) {
	domainOwner := func(who, day, of string) string {
		return by("manager", "jane@example.com", "2026-01-09", "", "domain_owner", who, day, of)
	}
	for name, c := range map[string]struct {
		approvals   string
		want        string
		outstanding string
	}{
		"nothing":    {"absent: false", "manager unapproved; domain_owner unapproved", "manager domain_owner"},
		"approved":   {domainOwner("dana@example.com", "2026-01-10", ""), "manager approved jane@example.com 2026-01-09; domain_owner approved dana@example.com 2026-01-10", ""},
		"void":       {domainOwner("dana@example.com", "2026-01-10", "00000000"), "manager approved jane@example.com 2026-01-09; domain_owner void dana@example.com 2026-01-10 (that of dana@example.com is void: it was given for something else)", "domain_owner"},
		"future":     {domainOwner("dana@example.com", "2026-03-02", ""), "manager approved jane@example.com 2026-01-09; domain_owner future dana@example.com 2026-03-02 (that of dana@example.com is dated 2026-03-02, in the future)", "domain_owner"},
		"not holder": {domainOwner("jim@example.com", "2026-01-10", ""), "manager approved jane@example.com 2026-01-09; domain_owner unknown jim@example.com 2026-01-10 (who is in AAD-Owners is known live only)", ""},
		"conflict":   {domainOwner("alice@example.com", "2026-01-10", ""), "manager approved jane@example.com 2026-01-09; domain_owner conflict alice@example.com 2026-01-10 (alice@example.com cannot: consumers do not approve their own access)", "domain_owner"},
		"the best of several": {by("manager", "jane@example.com", "2026-01-09", "", "domain_owner", "dana@example.com", "2026-03-02", "", "domain_owner", "dana@example.com", "2026-01-10", ""),
			"manager approved jane@example.com 2026-01-09; domain_owner approved dana@example.com 2026-01-10", ""},
	} {
		t.Run(name, func(t *testing.T) {
			j := judged{
				entries: consumer("user: alice@example.com", reason, attested, granted, expires, c.approvals),
				edit:    []string{"owners: [{user: owner@example.com}]", "owners: [{group: AAD-Owners}]"},
			}
			in := j.input(t)
			of := NewApprovals(in).Of(in.Catalogue.Consumptions[0])
			var got []string
			for _, a := range of {
				text := strings.TrimSpace(fmt.Sprintf("%s %s %s %s", a.Role, a.Standing, a.By, a.At))
				if a.Why != "" {
					text += " (" + a.Why + ")"
				}
				got = append(got, text)
			}
			same(t, strings.Join(got, "; "), c.want)
			same(t, strings.Join(Outstanding(of), " "), c.outstanding)
			if in.Live = liveMembers(map[string][]string{"group:AAD-Owners": nil}); name == "not holder" {
				got := NewApprovals(in).Of(in.Catalogue.Consumptions[0])[1]
				same(t, fmt.Sprint(got.Standing, " ", got.Why), "not holder jim@example.com is no domain_owner")
			}
		})
	}
}
