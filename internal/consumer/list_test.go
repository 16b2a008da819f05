package consumer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/spec"
)

// Contract items 5, 9, 18 and 20: the states of requests and of access.
func TestAnEntryIsWhatItsDatesAndItsGroupSay(t *testing.T) {
	const alice = "user: alice@example.com"
	is := []string{"user:alice@example.com"}
	for _, test := range []struct {
		name, entry, docs, now string
		role                   string // of the group in which she is
		want                   string
	}{
		{name: "active and a member", entry: alice + ", granted: 2026-01-10, expires: 2026-12-31", role: "consumer",
			want: "active, approved and live, until 2026-12-31 (305)"},
		{name: "active and no member", entry: alice + ", granted: 2026-01-10, expires: 2026-12-31",
			want: "active, approved and not yet live, until 2026-12-31 (305)"},
		{name: "a member of another of the groups only", entry: alice + ", layer: silver, granted: 2026-01-10, expires: 2026-12-31", role: "emergency",
			want: "active, approved and not yet live, until 2026-12-31 (305)\nuser:alice@example.com: undeclared, live and not approved"},
		{name: "ends with the default duration", entry: alice + ", granted: 2026-01-10", role: "consumer",
			want: "active, approved and live, until 2027-01-10 (315)"},
		{name: "the last day, late in the evening of the zone", entry: alice + ", expires: 2026-03-01", now: "2026-03-01T22:59:59Z", role: "consumer",
			want: "active, approved and live, until 2026-03-01 (0)"},
		{name: "the day after, which begins before it does in UTC", entry: alice + ", expires: 2026-03-01", now: "2026-03-01T23:00:00Z", role: "consumer",
			want: "expired, live and not approved, until 2026-03-01"},
		{name: "ended and gone", entry: alice + ", expires: 2026-02-01", want: "expired, not live, until 2026-02-01"},
		{name: "begins later", entry: alice + ", from: 2026-04-01, expires: 2026-06-30", want: "scheduled, not live, until 2026-06-30 (121)"},
		{name: "must not be there", entry: alice + ", absent: true, expires: 2026-06-30", role: "consumer", want: "revoked, live and not approved"},
		{name: "ends with the product", entry: alice + ", expires: 2026-12-31\n  status: retired\n  retiresOn: 2026-02-15",
			want: "expired, not live, until 2026-02-15, the product is retired"},
		{name: "requested", docs: request("REQ-1", "pending", ""), role: "consumer", want: "pending, live and not approved"},
		{name: "denied", docs: request("REQ-1", "denied", ", denied: {by: dana@example.com, at: 2026-02-01, reason: data-quality}"), want: "denied, not live"},
		{name: "approved", docs: request("REQ-1", "approved", signed("2026-02-01")), role: "consumer", want: "active, approved and live, until 2027-02-01 (337)"},
		{name: "revoked, in its notice", docs: request("REQ-1", "revoked", signed("2026-02-01")+", revoked: {by: dana@example.com, at: 2026-02-25, reason: unused}"), role: "consumer",
			want: "active, approved and live, until 2026-03-04 (3), revoked (unused)"},
		{name: "revoked at once", docs: request("REQ-1", "revoked", signed("2026-02-01")+", revoked: {by: dana@example.com, at: 2026-02-25, reason: policy-violation, immediate: true}"), role: "consumer",
			want: "revoked, live and not approved, until 2026-02-24, revoked (policy-violation)"},
		{name: "an emergency", docs: emergency("2026-03-01T10:00:00Z", "2026-03-01T20:00:00Z"), role: "emergency",
			want: "active, approved and live, until 2026-03-01T15:00:00+01:00 (0), not approved within 4h"},
		{name: "an emergency that nobody approved", docs: emergency("2026-02-28T10:00:00Z", "2026-02-28T20:00:00Z"),
			want: "expired, not live, until 2026-02-28T15:00:00+01:00, not approved within 4h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			repo := repository{docs: strings.TrimPrefix(test.docs, "---\n")}
			if test.entry != "" {
				entry, more, _ := strings.Cut(test.entry, "\n")
				repo.product = consumers("{"+entry+"}") + more + "\n"
			}
			now := test.now
			if now == "" {
				now = "2026-03-01T12:00:00Z"
			}
			rows := consumer.List(input(t, declare(t, repo.load(t), "prd"), at(t, now), map[string][]string{test.role: is}))
			want := "user:alice@example.com: " + test.want
			if strings.Contains(want, "undeclared") { // which come first
				lines := strings.Split(want, "\n")
				slices.Reverse(lines)
				want = strings.Join(lines, "\n")
			}
			same(t, want, listed(rows))
		})
	}
}

func request(name, status, more string) string {
	return doc("AccessRequest", name, `{product: orders, consumer: {user: alice@example.com}, requested: 2026-01-20, status: `+status+more+`}`)
}

func signed(day string) string {
	return `, approvals: [{role: manager, by: jane@example.com, at: ` + day + `}]`
}

func emergency(from, until string) string {
	return doc("EmergencyAccess", "INC-1", `{product: orders, consumer: {user: alice@example.com}, layers: [gold], startedBy: lead@example.com, from: "`+from+`", until: "`+until+`"}`)
}

// Contract item 9: what somebody must act on comes first, pending requests the
// oldest first.
func TestRowsComeInTheOrderOfWhatTheyAskFor(t *testing.T) {
	repo := repository{product: consumers(
		"{user: late@example.com, granted: 2026-01-10, expires: 2026-12-31}",
		"{user: soon@example.com, granted: 2026-01-10, expires: 2026-03-31}",
		"{user: old@example.com, expires: 2025-01-31}",
		"{user: older@example.com, expires: 2024-01-31}",
		"{user: unsigned@example.com, granted: 2025-01-10, expires: 2026-12-31}",
	), docs: strings.TrimPrefix(request("REQ-2", "pending", "")+strings.Replace(request("REQ-1", "pending", ""), "requested: 2026-01-20", "requested: 2026-01-08", 1), "---\n")}
	in := input(t, declare(t, repo.load(t), "prd"), at(t, "2026-03-01"), map[string][]string{
		"consumer": {"user:late@example.com", "user:mallory@example.com", "user:old@example.com"},
	})
	in.Missing = func(c *spec.Consumption) []consumer.Missing {
		if c.Party.Name() == "unsigned@example.com" {
			return []consumer.Missing{{Role: "manager"}}
		}
		return nil
	}
	rows := consumer.List(in)
	same(t, `
		user:mallory@example.com: undeclared, live and not approved
		user:alice@example.com: pending, not live
		user:alice@example.com: pending, not live
		user:unsigned@example.com: pending, not live, until 2026-12-31 (305)
		user:soon@example.com: active, approved and not yet live, until 2026-03-31 (30)
		user:late@example.com: active, approved and live, until 2026-12-31 (305)
		user:old@example.com: expired, live and not approved, until 2025-01-31
		user:older@example.com: expired, not live, until 2024-01-31
	`, listed(rows))
	if rows[1].Request != "REQ-1" || rows[2].Request != "REQ-2" {
		t.Errorf("the older request is not the first: %s, %s", rows[1].Request, rows[2].Request)
	}
	if n := consumer.Unapproved(rows); n != 2 {
		t.Errorf("%d are live and not approved, want 2", n)
	}
}

func TestAccessThatAnotherEntryGivesIsNotHeldAgainstAnEndedOne(t *testing.T) {
	repo := repository{product: consumers(
		"{user: alice@example.com, expires: 2026-02-01}",
		"{user: alice@example.com, from: 2026-02-02, expires: 2026-12-31}",
	)}
	in := input(t, declare(t, repo.load(t), "prd"), at(t, "2026-03-01"), map[string][]string{"consumer": {"user:alice@example.com"}})
	same(t, `
		user:alice@example.com: active, approved and live, until 2026-12-31 (305)
		user:alice@example.com: expired, live by another entry, until 2026-02-01
	`, listed(consumer.List(in)))
	in.Missing = func(*spec.Consumption) []consumer.Missing { return []consumer.Missing{{Role: "manager"}} }
	same(t, `
		user:alice@example.com: pending, live and not approved, until 2026-12-31 (305)
		user:alice@example.com: expired, live and not approved, until 2026-02-01
	`, listed(consumer.List(in)))
}

func TestADomainIsLiveOnceAllOfItsOwnersAre(t *testing.T) {
	repo := repository{product: consumers("{domain: marketing, granted: 2026-01-10, expires: 2026-12-31}")}
	declared := declare(t, repo.load(t), "prd")
	for _, test := range []struct {
		now  string
		live []string
		want string
	}{
		{"2026-03-01", []string{"user:mike@example.com"}, "domain:marketing: active, approved and not yet live, until 2026-12-31 (305)"},
		{"2026-03-01", []string{"user:mike@example.com", "user:mona@example.com"}, "domain:marketing: active, approved and live, until 2026-12-31 (305)"},
		{"2027-03-01", []string{"user:mike@example.com"}, "domain:marketing: expired, live and not approved, until 2026-12-31"},
		{"2027-03-01", nil, "domain:marketing: expired, not live, until 2026-12-31"},
	} {
		in := input(t, declared, at(t, test.now), map[string][]string{"consumer": test.live})
		same(t, test.want, listed(consumer.List(in)))
	}
}

func TestAnEntryForNobodyHereIsNotLive(t *testing.T) {
	repo := repository{product: consumers("{domain: marketing, granted: 2026-01-10, expires: 2026-12-31}")}
	in := input(t, declare(t, repo.load(t), "prd"), at(t, "2026-03-01"), map[string][]string{})
	in.Principals = func(*spec.Consumption) []string { return nil }
	same(t, "domain:marketing: active, approved and not yet live, until 2026-12-31 (305)", listed(consumer.List(in)))
}

func TestPrincipalsAreNamedAsPlansNameThem(t *testing.T) {
	repo := repository{product: consumers("{servicePrincipal: sp-report, port: finance, expires: 2026-12-31}", "{group: AAD-Risk, pii: true, granted: 2026-01-01}")}
	declared := declare(t, repo.load(t), "prd")
	live := map[string][]string{"finance-consumer": {"sp:sp-report_prd"}, "pii-consumer": {"user:mallory@example.com"}}
	rows := consumer.List(input(t, declared, at(t, "2026-03-01"), live))
	same(t, `
		user:mallory@example.com: undeclared, live and not approved
		sp:sp-report_prd: active, approved and live, until 2026-12-31 (305)
		group:AAD-Risk: active, approved and not yet live, until 2027-01-01 (306)
	`, listed(rows))
	if r := rows[0]; r.Layer != "gold" || !r.PII || r.Type != "user" || r.Group != "dp-sales-orders-pii-consumer_prd" {
		t.Errorf("the stranger reads %+v", r)
	}
	if r := rows[1]; r.Type != "servicePrincipal" || r.Port != "finance" || r.Layer != "gold" || r.PII {
		t.Errorf("the service principal reads %+v", r)
	}
	offline := consumer.List(input(t, declared, at(t, "2026-03-01"), nil))
	same(t, `
		sp:sp-report_prd: active, until 2026-12-31 (305)
		group:AAD-Risk: active, until 2027-01-01 (306)
	`, listed(offline))
	if rows := consumer.List(input(t, declare(t, repo.load(t), "dev"), at(t, "2026-03-01"), nil)); len(rows) > 0 {
		t.Errorf("entries for prd are listed for dev: %s", listed(rows))
	}
}

// Every entry of the environment is in the list once, whatever its dates, its
// status and the members, and so is every member.
func TestEveryEntryIsListedOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var entries []string
		people := rapid.SliceOfNDistinct(rapid.IntRange(0, 30), 1, 8, rapid.ID[int]).Draw(rt, "people")
		layers := []string{"", ", layer: silver", ", pii: true", ", port: finance", ", environments: [dev]", ", environments: [dev, prd]", ", absent: true"}
		for _, p := range people {
			from := rapid.IntRange(1, 12).Draw(rt, "from")
			to := rapid.IntRange(from, 12).Draw(rt, "to")
			entries = append(entries, fmt.Sprintf("{user: p%d@example.com, from: 2026-%02d-01, expires: 2026-%02d-28%s}", p, from, to, rapid.SampledFrom(layers).Draw(rt, "layer")))
		}
		members := func(role string) []string {
			var out []string
			for _, n := range rapid.SliceOfDistinct(rapid.IntRange(0, 40), rapid.ID[int]).Draw(rt, role) {
				out = append(out, fmt.Sprintf("user:p%d@example.com", n))
			}
			return out
		}
		docs := strings.TrimPrefix(request("REQ-1", rapid.SampledFrom([]string{"pending", "denied, denied: {by: d@example.com, at: 2026-01-22, reason: data-quality}"}).Draw(rt, "status"), ""), "---\n")
		declared := declare(t, repository{product: consumers(entries...), docs: docs}.load(t), "prd")
		live := map[string][]string{"consumer": members("consumer"), "emergency": members("emergency")}
		now := at(t, fmt.Sprintf("2026-%02d-15", rapid.IntRange(1, 12).Draw(rt, "now")))
		in := input(t, declared, now, live)
		rows := consumer.List(in)

		entriesAt, told := map[string]int{}, map[string]int{}
		for _, c := range declared.Catalogue.Of(in.Product) {
			if c.Environments.Includes("prd") {
				entriesAt[fmt.Sprintf("%s:%d", c.Pos.File, c.Pos.Line)]++
			}
		}
		for _, r := range rows {
			if r.Status == consumer.Undeclared {
				told[r.Group+r.Principal]++
				continue
			}
			entriesAt[r.At]--
		}
		for place, n := range entriesAt {
			if n != 0 {
				rt.Fatalf("the entry at %s is listed %d times less than it is there:\n%s", place, n, listed(rows))
			}
		}
		for who, n := range told {
			if n > 1 {
				rt.Fatalf("%s is listed %d times:\n%s", who, n, listed(rows))
			}
		}
		total := 0
		for _, s := range consumer.Statuses() {
			total += len(consumer.Only(rows, s))
		}
		if total != len(rows) {
			rt.Fatalf("%d rows have a status that can be asked for, of %d", total, len(rows))
		}
	})
}
