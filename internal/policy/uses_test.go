package policy

import (
	"strings"
	"testing"
)

func TestUses(t *testing.T) {
	crm := func(approvals string) string {
		return `apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: crm}
spec: {owners: [{group: AAD-CRM}], approvers: [carla@example.com]}
---
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: customer-360, domain: crm}
spec:
  owners: [{user: carla@example.com}]
  data: {gold: [{schema: crm}]}
  uses:
    gold:
      - {table: sales.orders, justification: "joins orders", ` + approvals + `}
`
	}
	private := func(approvals string) string {
		return strings.Replace(crm(approvals), "table: sales.orders", "table: sales.customers, minimisation: \"ids only\"", 1)
	}
	runAll(t, []judged{
		{name: "approved", more: crm("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-01-10}]")},
		{name: "not approved", more: crm("expires: 2026-03-01"),
			want: `b.yaml:14:17 error BG217: customer-360 uses sales.orders, data of orders (gold), without the approval of domain_owner of the domain sales`},
		{name: "approved by the wrong domain", more: crm("approvals: [{role: domain_owner, by: carla@example.com, at: 2026-01-10}]"),
			want: `b.yaml:14:17 error BG217: customer-360 uses sales.orders, data of orders (gold), without the approval of domain_owner of the domain sales`},
		{name: "approved in another role", more: crm("approvals: [{role: privacy_team, by: dana@example.com, at: 2026-01-10}]"),
			want: `b.yaml:14:17 error BG217: customer-360 uses sales.orders, data of orders (gold), without the approval of domain_owner of the domain sales`},
		{name: "approved in the future", more: crm("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-03-02}]"),
			want: `b.yaml:14:17 error BG217: customer-360 uses sales.orders, data of orders (gold), without the approval of domain_owner of the domain sales`},
		{name: "approved by somebody of a synced group", more: crm("approvals: [{role: domain_owner, by: olaf@example.com, at: 2026-01-10}]"),
			edit: []string{"owners: [{user: owner@example.com}]", "owners: [{group: AAD-Owners}]"},
			want: `a.yaml:4:25 note BG216: the members of AAD-Owners are known live only: plan tells whether who approved is one of them`},
		{name: "personal data, approved by the owner alone", more: private("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-01-10}]"),
			want: `b.yaml:14:17 error BG220: customer-360 uses sales.customers, personal data of orders, without the approval of privacy_team; it needs domain_owner, privacy_team`},
		{name: "personal data, approved by somebody else", more: private("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-01-10}, {role: privacy_team, by: jim@example.com, at: 2026-01-10}]"),
			want: `b.yaml:14:17 error BG220: customer-360 uses sales.customers, personal data of orders, without the approval of privacy_team; it needs domain_owner, privacy_team`},
		{name: "personal data, approved by all", more: private("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-01-10}, {role: privacy_team, by: privacy@example.com, at: 2026-01-10}]")},
		{name: "personal data, approved by nobody", more: private("from: 2026-01-10"), want: `
b.yaml:14:17 error BG217: customer-360 uses sales.customers, data of orders (gold), without the approval of domain_owner of the domain sales
b.yaml:14:17 error BG220: customer-360 uses sales.customers, personal data of orders, without the approval of privacy_team; it needs domain_owner, privacy_team`},
		{name: "personal data, as much as there is", more: strings.Replace(private("approvals: [{role: domain_owner, by: dana@example.com, at: 2026-01-10}, {role: privacy_team, by: privacy@example.com, at: 2026-01-10}]"), "ids only", "tbd", 1),
			want: `b.yaml:14:17 error BG221: customer-360 uses sales.customers, personal data of orders, and nothing says how that is kept small: write minimisation:`},
		{name: "over", more: crm("expires: 2026-02-28")},
		{name: "to come", more: crm("from: 2026-03-02")},
	})
}
