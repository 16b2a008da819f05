package reconcile_test

import (
	"strings"
	"testing"
	"time"
)

// consumersOf is the product with other consumers than those of the example.
func consumersOf(entries string, documents ...string) map[string]string {
	spec := salesOrders[:strings.Index(salesOrders, "  consumers:")]
	if entries != "" {
		spec += "  consumers:\n" + entries
	}
	return map[string]string{"sales.yaml": docs(append([]string{
		doc("Domain", "sales", salesDomain),
		doc("Domain", "marketing", "{owners: [{group: AAD-Finance}, {user: alice@example.com}]}"),
		doc("Group", "grp_sales", "{members: [{user: bob@example.com}]}"),
		doc("ServicePrincipal", "spn_etl", "{applicationId: aaaaaaaa-0000-4000-8000-000000000001}"),
		product("sales-orders", "sales", spec),
	}, documents...)...)}
}

// TestWhenAccessEnds: contract items 11, 13, 18, 44, 48, 50, 54, 55. Each case is
// one entry; it has its access at the last instant and not at the next.
func TestWhenAccessEnds(t *testing.T) {
	const approved = "approvals: [{role: domain_owner, by: dana@example.com, at: 2026-02-01}]"
	for name, c := range map[string]struct {
		entry, document string
		role            string
		last            string // the last second of the access
		says            string
	}{
		"a date runs to the end of its day": {
			entry: `{user: alice@example.com, justification: x, granted: 2026-02-01, expires: 2026-03-01}`,
			role:  "consumer", last: "2026-03-01T23:59:59Z",
		},
		"an instant is an instant": {
			entry: `{user: alice@example.com, justification: x, granted: 2026-02-01, expires: 2026-03-01T12:00:00Z}`,
			role:  "consumer", last: "2026-03-01T11:59:59Z",
		},
		"without an end, the default counts from the grant": {
			entry: `{user: alice@example.com, justification: x, granted: 2026-02-01}`,
			role:  "consumer", last: "2027-02-01T23:59:59Z",
		},
		"temporary access ends by itself": {
			entry: `{user: alice@example.com, justification: x, access: temporary, granted: 2026-02-01}`,
			role:  "consumer", last: "2026-03-03T23:59:59Z",
		},
		"an approval carries a year": {
			entry: `{user: alice@example.com, justification: x, granted: 2026-02-01, expires: 2029-01-01, ` + approved + `}`,
			role:  "consumer", last: "2027-02-01T23:59:59Z", says: "the approval of domain_owner has run out",
		},
		"personal data is certified anew, with a grace": {
			entry: `{user: alice@example.com, justification: x, pii: true, granted: 2026-02-01, expires: 2029-01-01, recertified: 2026-03-01}`,
			role:  "pii-consumer", last: "2027-03-31T23:59:59Z", says: "not recertified",
		},
		"a request lasts from its approval on": {
			document: doc("AccessRequest", "REQ-1", `{product: sales-orders, consumer: {user: alice@example.com}, requested: 2026-01-20, justification: x, duration: 30d, status: approved, `+approved+`}`),
			role:     "consumer", last: "2026-03-03T23:59:59Z",
		},
		"a revocation follows its notice": {
			document: doc("AccessRequest", "REQ-1", `{product: sales-orders, consumer: {user: alice@example.com}, requested: 2026-01-20, justification: x, status: revoked, `+approved+`, revoked: {by: dana@example.com, at: 2026-04-01, reason: unused}}`),
			role:     "consumer", last: "2026-04-08T23:59:59Z", says: "revoked (unused)",
		},
		"an immediate revocation is immediate": {
			document: doc("AccessRequest", "REQ-1", `{product: sales-orders, consumer: {user: alice@example.com}, requested: 2026-01-20, justification: x, status: revoked, `+approved+`, revoked: {by: dana@example.com, at: 2026-04-01T08:00:00Z, reason: policy-violation, immediate: true}}`),
			role:     "consumer", last: "2026-04-01T07:59:59Z", says: "revoked (policy-violation)",
		},
		"an emergency that nobody approves ends after hours": {
			document: doc("EmergencyAccess", "INC-1", `{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: carol@example.com, from: 2026-02-01T02:00:00Z, until: 2026-02-01T20:00:00Z}`),
			role:     "emergency", last: "2026-02-01T05:59:59Z", says: "not approved within 4h",
		},
		"an emergency that is approved runs its time": {
			document: doc("EmergencyAccess", "INC-1", `{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: carol@example.com, from: 2026-02-01T02:00:00Z, until: 2026-02-01T20:00:00Z, approvals: [{role: privacy_team, by: bob@example.com, at: 2026-02-01T03:00:00Z}]}`),
			role:     "emergency", last: "2026-02-01T19:59:59Z",
		},
		"an emergency that its starter approves is not approved": {
			document: doc("EmergencyAccess", "INC-1", `{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: carol@example.com, from: 2026-02-01T02:00:00Z, until: 2026-02-01T20:00:00Z, approvals: [{role: privacy_team, by: Carol@example.com, at: 2026-02-01T03:00:00Z}]}`),
			role:     "emergency", last: "2026-02-01T05:59:59Z", says: "not approved within 4h",
		},
		"an emergency that its consumer approves is not approved": {
			document: doc("EmergencyAccess", "INC-1", `{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: carol@example.com, from: 2026-02-01T02:00:00Z, until: 2026-02-01T20:00:00Z, approvals: [{role: privacy_team, by: Alice@example.com, at: 2026-02-01T03:00:00Z}]}`),
			role:     "emergency", last: "2026-02-01T05:59:59Z", says: "not approved within 4h",
		},
		"an emergency ends with its maximum, whatever it says": {
			document: doc("EmergencyAccess", "INC-1", `{product: sales-orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: carol@example.com, from: 2026-02-01T02:00:00Z, until: 2027-02-01T20:00:00Z, approvals: [{role: privacy_team, by: bob@example.com, at: 2026-02-01T03:00:00Z}]}`),
			role:     "emergency", last: "2026-02-02T01:59:59Z", says: "emergency access lasts 24h at most",
		},
		"what was certified before the grant counts no more": {
			entry: `{user: alice@example.com, justification: x, pii: true, granted: 2026-06-01, expires: 2029-01-01, recertified: 2025-03-01}`,
			role:  "pii-consumer", last: "2027-07-01T23:59:59Z", says: "not recertified",
		},
		"personal data is certified anew, also where nothing says when it was granted": {
			entry: `{user: alice@example.com, justification: x, pii: true, from: 2026-02-01, expires: 2029-01-01}`,
			role:  "pii-consumer", last: "2027-03-03T23:59:59Z", says: "not recertified",
		},
	} {
		t.Run(name, func(t *testing.T) {
			last, err := time.Parse(time.RFC3339, c.last)
			if err != nil {
				t.Fatal(err)
			}
			entries := ""
			if c.entry != "" {
				entries = "    - " + c.entry + "\n"
			}
			l := newLab(t, lakeWorld, lakeProject, consumersOf(entries, c.document))
			l.now = last
			l.converge()
			group := "dp-sales-orders-" + c.role + "_dev"
			same(t, "members", "user:alice@example.com", members(l.State(), group))
			l.now = last.Add(time.Second)
			p := l.want("update group@account/" + group + " member -user:alice@example.com")
			why := p.Changes[0].Why("member", "user:alice@example.com")
			if len(why) != 1 || why[0].Ends != c.says || why[0].Doc.File != "sales.yaml" {
				t.Errorf("the removal says %+v, want %q", why, c.says)
			}
			l.converge()
		})
	}
}

// TestRequestsThatGiveNothing: contract items 11, 18, 19, 53.
func TestRequestsThatGiveNothing(t *testing.T) {
	for name, status := range map[string]string{
		"pending": "status: pending",
		"denied":  "status: denied, denied: {by: dana@example.com, at: 2026-02-01, reason: consumer-not-trained}",
	} {
		t.Run(name, func(t *testing.T) {
			request := doc("AccessRequest", "REQ-1", `{product: sales-orders, consumer: {user: alice@example.com}, requested: 2026-01-20, justification: x, `+status+`}`)
			l := newLab(t, lakeWorld, lakeProject, consumersOf("", request))
			l.converge()
			same(t, "members", "", members(l.State(), "dp-sales-orders-consumer_dev"))
		})
	}
}

// TestOtherConsumers: contract items 43, 49: a domain, a service principal by its
// own document, a group of another product.
func TestOtherConsumers(t *testing.T) {
	l := newLab(t, lakeWorld, lakeProject, consumersOf(`
    - {domain: marketing, justification: "a new product", granted: 2026-11-01}
    - {product: crm, role: owner, justification: "joins", granted: 2026-11-01}
`, doc("ServicePrincipal", "spn_report", `{access: [{product: sales-orders, scope: read, justification: "monthly report", granted: 2026-11-01}]}`),
		product("crm", "marketing", "{owners: [{user: carol@example.com}], data: {gold: [{schema: crm}]}}")))
	l.converge()
	same(t, "members", "group:AAD-Finance group:dp-marketing-crm-owner_dev sp:spn_report_dev user:alice@example.com",
		members(l.State(), "dp-sales-orders-consumer_dev"))
}

// TestAProductRetires: what its consumers have ends with it; owners stay.
func TestAProductRetires(t *testing.T) {
	files := consumersOf("    - {user: alice@example.com, justification: x, granted: 2026-11-01}\n")
	files["sales.yaml"] = with(files["sales.yaml"], "  writers:", "  status: retired\n  retiresOn: 2026-11-30\n  writers:")
	l := newLab(t, lakeWorld, lakeProject, files)
	l.converge()
	l.now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	p := l.want("update group@account/dp-sales-orders-consumer_dev member -user:alice@example.com")
	if why := p.Changes[0].Why("member", "user:alice@example.com"); why[0].Ends != "the product is retired" {
		t.Errorf("it says %q", why[0].Ends)
	}
}

// TestARequestOnItsWay: contract items 37, 38 and 42, as far as they are about
// access: a pull request asks, approves or denies, and revokes, and the group
// follows.
func TestARequestOnItsWay(t *testing.T) {
	const request = "{product: sales-orders, consumer: {user: alice@example.com}, requester: carol@example.com, requested: 2026-11-02, justification: \"Q1 campaign\", "
	const approvals = "approvals: [{role: manager, by: jane@example.com, at: 2026-11-03}, {role: domain_owner, by: dana@example.com, at: 2026-11-04}]"
	l := newLab(t, lakeWorld, lakeProject, consumersOf(""))
	for _, step := range []struct{ rest, members string }{
		{"status: pending}", ""},
		{"status: approved, " + approvals + "}", "user:alice@example.com"},
		{"status: revoked, " + approvals + ", revoked: {by: dana@example.com, at: 2026-11-20, reason: owner-discretion}}", "user:alice@example.com"},
		{"status: revoked, " + approvals + ", revoked: {by: dana@example.com, at: 2026-11-20, reason: policy-violation, immediate: true}}", ""},
		{"status: denied, denied: {by: dana@example.com, at: 2026-11-05, reason: alternative-available}}", ""},
	} {
		l.put("REQ-1.yaml", doc("AccessRequest", "REQ-1", request+step.rest))
		l.converge()
		same(t, step.rest, step.members, members(l.State(), "dp-sales-orders-consumer_dev"))
	}
}
