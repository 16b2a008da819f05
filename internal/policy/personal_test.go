package policy

import "testing"

func TestPersonalData(t *testing.T) {
	privacy := []string{"manager", "jane@example.com", "2026-01-09", "", "domain_owner", "dana@example.com", "2026-01-10", "", "privacy_team", "privacy@example.com", "2026-01-10", ""}
	with := func(parts ...string) string {
		return consumer(append([]string{"user: officer@example.com", "pii: true", reason, attested}, parts...)...)
	}
	const minimised = `minimisation: "ids only"`
	yearly := []string{"  access:\n", "  access:\n    standard: {defaultDuration: 720d, maxDuration: 720d}\n"}
	runAll(t, []judged{
		{name: "as it should be", entries: with(granted, expires, minimised, by(privacy...))},
		{name: "without the privacy team", entries: with(granted, expires, minimised, by(privacy[:8]...)),
			want: `a.yaml:24:7 error BG220: user:officer@example.com reads personal data of orders without the approval of privacy_team; it needs domain_owner, privacy_team`},
		{name: "without the manager", entries: with(granted, expires, minimised, by(privacy[4:]...)),
			want: `a.yaml:24:7 error BG210: user:officer@example.com uses orders without the approval of manager; standard access to gold needs manager`},
		{name: "the product says who", entries: with(granted, expires, minimised, by(privacy[:8]...)), edit: []string{"  ports:", "  privacy: {approval: [domain_owner]}\n  ports:"}},
		{name: "one person for two roles", entries: with(granted, expires, minimised, by(append(privacy[:8:8], "privacy_team", "dana@example.com", "2026-01-10", "")...)),
			edit: []string{"privacy_team: {user: privacy@example.com}", "privacy_team: {user: dana@example.com}"},
			want: `a.yaml:34:36 error BG212: dana@example.com cannot approve as privacy_team: the same person approves as domain_owner; two roles are two persons`},
		{name: "not minimised", entries: with(granted, expires, by(privacy...)),
			want: `a.yaml:24:7 error BG221: user:officer@example.com reads personal data of orders, and nothing says how its use is kept small: write minimisation:`},
		{name: "minimised by name only", entries: with(granted, expires, `minimisation: "n/a"`, by(privacy...)),
			want: `a.yaml:30:21 error BG221: user:officer@example.com reads personal data of orders, and nothing says how its use is kept small: write minimisation:`},
		{name: "certified anew", entries: with(granted, expires, minimised, by(privacy...), "recertified: 2026-12-01"), now: "2027-01-20T12:00:00Z", edit: yearly,
			want: ``},
		{name: "certified in the future", entries: with(granted, expires, minimised, by(privacy...), "recertified: 2026-03-02"),
			want: `a.yaml:35:20 warn BG222: the access of user:officer@example.com to personal data of orders was certified on 2026-03-02, which is in the future: write the day on which it was`},
		{name: "not certified anew", entries: with(granted, "expires: 2027-06-30", minimised, by(privacy...)), now: "2027-01-11T00:00:00Z", edit: yearly,
			want: `a.yaml:24:7 warn BG222: the access of user:officer@example.com to personal data of orders was to be certified anew by 2027-01-10: it ends with 2027-02-09 (not recertified)`},
		{name: "certified too long ago", entries: with("granted: 2025-06-30", "expires: 2027-06-18", minimised, by(privacy...), "recertified: 2025-12-31"), now: "2027-01-11T00:00:00Z", edit: yearly,
			want: `a.yaml:35:20 warn BG222: the access of user:officer@example.com to personal data of orders was to be certified anew by 2026-12-31: it ends with 2027-01-30 (not recertified)`},
		{name: "nothing tells since when", entries: with(expires, minimised, by(privacy...))},
		{name: "to be certified tomorrow", entries: with(granted, "expires: 2027-06-30", minimised, by(privacy...)), now: "2027-01-10T23:59:59Z", edit: yearly},
		{name: "after the grace", entries: with(granted, "expires: 2027-06-30", minimised, by(privacy...)), now: "2027-02-10T00:00:00Z", edit: yearly},
	})
}

func TestLayersWithoutConsumers(t *testing.T) {
	with := func(parts ...string) string {
		return consumer(append([]string{"user: alice@example.com", reason, attested, granted, expires}, parts...)...)
	}
	runAll(t, []judged{
		{name: "bronze", entries: with(by("platform_team", "pat@example.com", "2026-01-10", ""), "layer: bronze"),
			want: `a.yaml:31:14 error BG301: user:alice@example.com reads the bronze layer of orders, which has consumers: none`},
		{name: "silver", entries: with(signed, "layer: silver")},
		{name: "an emergency", edit: []string{"  roles:", "  layers: {gold: {consumers: none}}\n  roles:"}, more: `apiVersion: brickgate.dev/v1
kind: EmergencyAccess
metadata: {name: INC-4711}
spec:
  product: orders
  consumer: {user: oncall@example.com}
  layers: [bronze, gold]
  startedBy: pat@example.com
  from: 2026-03-01T10:00:00Z
  until: 2026-03-02T10:00:00Z
  approvals: [{role: vp_engineering, by: vp@example.com, at: 2026-03-01T11:00:00Z}]
`},
		{name: "gold that is closed", entries: with(signed), edit: []string{"  roles:", "  layers: {gold: {consumers: none}}\n  roles:"},
			want: `a.yaml:24:7 error BG301: user:alice@example.com reads the gold layer of orders, which has consumers: none`},
	})
}
