package policy

import "testing"

func TestEmergencies(t *testing.T) {
	started := func(name, fields string) string {
		return `apiVersion: brickgate.dev/v1
kind: EmergencyAccess
metadata: {name: ` + name + `}
spec:
  product: orders
  consumer: {user: oncall@example.com}
  layers: [bronze, gold]
  startedBy: pat@example.com
  from: 2026-03-01T10:00:00Z
` + fields
	}
	const (
		until    = "  until: 2026-03-02T10:00:00Z\n"
		approved = "  approvals: [{role: vp_engineering, by: vp@example.com, at: 2026-03-01T11:00:00Z}]\n"
		hour     = "2026-04-01T12:00:00Z"
	)
	runAll(t, []judged{
		{name: "as it should be", more: started("INC-4711", until+approved)},
		{name: "of a deprecated product", more: started("INC-4711", until+approved), edit: []string{"  ports:", "  status: deprecated\n  deprecatedOn: 2026-01-09\n  ports:"}},
		{name: "for too long", more: started("INC-4711", "  until: 2026-03-02T10:00:01Z\n"+approved),
			want: `b.yaml:10:10 error BG205: user:oncall@example.com has orders until 2026-03-02T10:00:01Z: emergency access lasts 24h at most, from 2026-03-01T10:00:00Z until 2026-03-02T10:00:00Z`},
		{name: "by somebody who may not", more: started("INC-4711", until+approved), edit: []string{"user: pat@", "user: pete@"},
			want: `b.yaml:3:18 error BG205: pat@example.com started emergency access to orders, but may not: it is started by platform_team`},
		{name: "not approved", more: started("INC-4711", until),
			want: `b.yaml:3:18 warn BG206: the emergency access of user:oncall@example.com to orders is not approved by vp_engineering: without that, it ends at 2026-03-01T14:00:00Z (4h after it began)`},
		{name: "approved in the future", more: started("INC-4711", until+"  approvals: [{role: vp_engineering, by: vp@example.com, at: 2026-03-01T13:00:00Z}]\n"),
			want: `b.yaml:3:18 warn BG206: the emergency access of user:oncall@example.com to orders is not approved by vp_engineering (that of vp@example.com is dated 2026-03-01T13:00:00Z, in the future): without that, it ends at 2026-03-01T14:00:00Z (4h after it began)`},
		{name: "approved by who started it", more: started("INC-4711", until+"  approvals: [{role: vp_engineering, by: Pat@example.com, at: 2026-03-01T11:00:00Z}]\n"),
			edit: []string{"{user: vp@example.com}", "{user: pat@example.com}"}, want: `
b.yaml:3:18 warn BG206: the emergency access of user:oncall@example.com to orders is not approved by vp_engineering (Pat@example.com cannot: who asks for access does not approve it): without that, it ends at 2026-03-01T14:00:00Z (4h after it began)
b.yaml:11:42 error BG212: Pat@example.com cannot approve as vp_engineering: who asks for access does not approve it`},
		{name: "approved by nobody where nobody must", more: started("INC-4711", until), edit: []string{"approvalWithin: 4h", "approvalWithin: 4h, approval: []"}, now: "2026-03-01T20:00:00Z"},
		{name: "never approved", more: started("INC-4711", until), now: "2026-03-01T14:00:00Z"},
		{name: "no incident", more: started("oncall-access", until+approved+"  "+reason+"\n"),
			want: `b.yaml:3:18 error BG207: the emergency access of user:oncall@example.com to orders names no incident: write incident:, or call the document by its number, like INC-4711`},
		{name: "an incident elsewhere", more: started("oncall-access", until+approved+"  incident: INC0012345\n")},
		{name: "an incident to come", more: started("oncall-access", until+approved+"  incident: tbd\n  "+reason+"\n"),
			want: `b.yaml:3:18 error BG207: the emergency access of user:oncall@example.com to orders names no incident: write incident:, or call the document by its number, like INC-4711`},
		{name: "a post-mortem that is not due", more: started("INC-4711", until+approved), now: "2026-03-16T09:59:59Z"},
		{name: "a post-mortem that is due", more: started("INC-4711", until+approved), now: "2026-03-16T10:00:00Z",
			want: `b.yaml:3:18 warn BG208: the post-mortem of the emergency access of user:oncall@example.com to orders was due on 2026-03-16T10:00:00Z: write postMortem: with its place`},
		{name: "a post-mortem", more: started("INC-4711", until+approved+"  postMortem: \"https://wiki.example.com/4711\"\n"), now: hour},
		{name: "a post-mortem long ago", more: started("INC-4711", until+approved+"  postMortem: \"https://wiki.example.com/4711\"\n"), now: "2026-06-12T12:00:00Z",
			want: `b.yaml:3:18 warn BG223: the access of user:oncall@example.com to orders ended with 2026-03-02T10:00:00Z (expired): remove the entry; git keeps it`},
		{name: "a post-mortem that never came", more: started("INC-4711", until+approved+"  postMortem: todo\n"), now: "2026-06-12T12:00:00Z",
			want: `b.yaml:3:18 warn BG208: the post-mortem of the emergency access of user:oncall@example.com to orders was due on 2026-03-16T10:00:00Z: write postMortem: with its place`},
	})
}
