package policy

import "testing"

func TestDurations(t *testing.T) {
	with := func(parts ...string) string {
		return consumer(append([]string{"user: alice@example.com", reason, attested, signed}, parts...)...)
	}
	temporary := func(parts ...string) string {
		return consumer(append([]string{"user: auditor@example.com", "access: temporary", reason, attested,
			"approvals: [{role: domain_owner, by: dana@example.com, at: 2026-02-15}, {role: security_team, by: security@example.com, at: 2026-02-15}]"}, parts...)...)
	}
	request := func(fields string) string {
		return `apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-0042}
spec:
  product: orders
  consumer: {user: john@example.com}
  requested: 2026-01-08
  ` + reason + "\n  " + attested + "\n  " + signed + "\n  status: approved\n" + fields
	}
	deprecated := []string{"  consumers:", "  status: deprecated\n  deprecatedOn: 2026-01-09\n  consumers:"}
	runAll(t, []judged{
		{name: "a year", entries: with(granted, "expires: 2027-01-10")},
		{name: "a day more than a year", entries: with(granted, "expires: 2027-01-11"),
			want: `a.yaml:29:16 error BG203: user:alice@example.com has orders until 2027-01-11: standard access lasts 365d at most, from 2026-01-10 until 2027-01-10`},
		{name: "counted from the last approval", entries: with("expires: 2027-01-11"),
			want: `a.yaml:28:16 error BG203: user:alice@example.com has orders until 2027-01-11: standard access lasts 365d at most, from 2026-01-10 until 2027-01-10`},
		{name: "counted from its beginning", entries: with("from: 2026-02-01", "expires: 2027-02-01")},
		{name: "counted from now", entries: consumer("user: alice@example.com", reason, attested, "expires: 2027-03-02"), want: `
a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of manager, domain_owner; standard access to gold needs manager, domain_owner
a.yaml:27:16 error BG203: user:alice@example.com has orders until 2027-03-02: standard access lasts 365d at most, from 2026-03-01 until 2027-03-01`},
		{name: "a shorter maximum", entries: with(granted, "expires: 2026-04-11"), edit: []string{"  access:\n", "  access:\n    standard: {maxDuration: 90d}\n"},
			want: `a.yaml:29:16 error BG203: user:alice@example.com has orders until 2026-04-11: standard access lasts 90d at most, from 2026-01-10 until 2026-04-10`},
		{name: "temporary", entries: temporary("granted: 2026-02-15", "expires: 2026-03-17")},
		{name: "temporary by default", entries: temporary("granted: 2026-02-15")},
		{name: "temporary for too long", entries: temporary("granted: 2026-02-15", "expires: 2026-03-18"),
			want: `a.yaml:30:16 error BG204: user:auditor@example.com has orders until 2026-03-18: temporary access lasts 30d at most, from 2026-02-15 until 2026-03-17`},
		{name: "a request for a year", more: request("  duration: 365d\n")},
		{name: "a request for more", more: request("  duration: 366d\n"),
			want: `b.yaml:12:13 error BG203: user:john@example.com asks for 366d of orders: standard access lasts 365d at most`},
		{name: "a pending request", more: `apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-0042}
spec: {product: orders, consumer: {user: john@example.com}, requested: 2026-01-08, status: pending}
`},
		{name: "granted before it was deprecated", entries: with("granted: 2026-01-09", expires), edit: deprecated},
		{name: "granted after it was deprecated", entries: with(granted, expires), edit: deprecated,
			want: `a.yaml:30:16 error BG209: user:alice@example.com was given orders on 2026-01-10, but it is deprecated: nobody gets it after 2026-01-09`},
		{name: "approved after it was deprecated", entries: with(expires), edit: deprecated,
			want: `a.yaml:26:7 error BG209: user:alice@example.com was given orders on 2026-01-10, but it is deprecated: nobody gets it after 2026-01-09`},
		{name: "ended 90 days ago", entries: with(granted, "expires: 2026-01-31"), now: "2026-05-02T00:00:00Z"},
		{name: "ended longer ago", entries: with(granted, "expires: 2026-01-31"), now: "2026-05-02T00:00:01Z",
			want: `a.yaml:24:7 warn BG223: the access of user:alice@example.com to orders ended with 2026-01-31 (expired): remove the entry; git keeps it`},
	})
}

// TestOneEnvironmentIsJudged: what is in others is judged there.
func TestOneEnvironmentIsJudged(t *testing.T) {
	prd := []string{"  adoption: none", `    prd:
      account: main
      suffix: _prd
      workspaces: {main: {host: "https://prd.example.com"}}
      catalogs: {bronze: bronze_prd, silver: silver_prd, gold: gold_prd}
  adoption: none`, "  access:\n", "  access:\n    consumerEnvironments: [dev]\n"}
	bad := []string{"user: alice@example.com", attested, granted, expires, signed}
	runAll(t, []judged{
		{name: "here", edit: prd, entries: consumer(bad...),
			want: `a.yaml:24:7 error BG201: nothing says why user:alice@example.com uses orders: write justification:, or ticket: with the ticket that says it`},
		{name: "the entry is elsewhere", edit: prd, entries: consumer(append(bad, "environments: [prd]")...)},
		{name: "the product is elsewhere", edit: append(prd, "  ports:", "  environments: [prd]\n  ports:"), entries: consumer(bad...)},
	})
}

func TestDurationsInAZone(t *testing.T) {
	runAll(t, []judged{{
		name: "the last day is that of the zone", edit: []string{"  access:\n", "  access:\n    timezone: Pacific/Auckland\n"},
		entries: consumer("user: alice@example.com", reason, attested, signed, granted, "expires: 2027-01-11"),
		want:    `a.yaml:29:16 error BG203: user:alice@example.com has orders until 2027-01-11: standard access lasts 365d at most, from 2026-01-10 until 2027-01-10`,
	}})
}
