package policy

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/plan"
)

// by writes approvals: role, who, day, digest in turn.
func by(given ...string) string {
	var list []string
	for i := 0; i < len(given); i += 4 {
		text := "{role: " + given[i] + ", by: " + given[i+1] + ", at: " + given[i+2]
		if given[i+3] != "" {
			text += ", of: \"" + given[i+3] + "\""
		}
		list = append(list, "        - "+text+"}")
	}
	return "approvals:\n" + strings.Join(list, "\n")
}

func TestApprovals(t *testing.T) {
	with := func(parts ...string) string {
		return consumer(append([]string{"user: alice@example.com", reason, attested, granted, expires}, parts...)...)
	}
	manager := []string{"manager", "jane@example.com", "2026-01-09", ""}
	approved := func(more ...string) string { return with(by(append(manager, more...)...)) }
	steward := "    data_steward: {anyOf: [{group: grp_platform}, {user: steward@example.com}]}\n  access:"
	runAll(t, []judged{
		{name: "by both", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "")},
		{name: "by an owner of the domain", entries: approved("domain_owner", "Owner@Example.com", "2026-01-10", "")},
		{name: "by nobody", entries: with(),
			want: `a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of manager, domain_owner; standard access to gold needs manager, domain_owner`},
		{name: "by one", entries: with(by(manager...)),
			want: `a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of domain_owner; standard access to gold needs manager, domain_owner`},
		{name: "in the future", entries: approved("domain_owner", "dana@example.com", "2026-03-02", ""),
			want: `a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of domain_owner (that of dana@example.com is dated 2026-03-02, in the future); standard access to gold needs manager, domain_owner`},
		{name: "today", entries: approved("domain_owner", "dana@example.com", "2026-03-01", "")},
		{name: "temporary", entries: with("access: temporary", by(manager...)), edit: []string{"  access:\n", "  access:\n    temporary: {maxDuration: 365d}\n"},
			want: `a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of domain_owner, security_team; temporary access needs domain_owner, security_team`},
		{name: "a role of nobody", entries: with("access: temporary", by("domain_owner", "dana@example.com", "2026-01-10", "")),
			edit: []string{"  access:\n", "  access:\n    temporary: {maxDuration: 365d}\n", "    security_team: {user: security@example.com}\n", ""},
			want: `a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of security_team (nobody holds it: say who under roles:); temporary access needs domain_owner, security_team`},
		{name: "not a holder", entries: approved("domain_owner", "jim@example.com", "2026-01-10", ""),
			want: `a.yaml:31:36 error BG211: jim@example.com approves as domain_owner, but did not hold that role on 2026-01-10: it is held by user:owner@example.com, user:dana@example.com`},
		{name: "a member of the group", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "", "data_steward", "pat@example.com", "2026-01-10", ""), edit: []string{"  access:", steward}},
		{name: "not a member yet", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "", "data_steward", "late@example.com", "2026-01-31", ""), edit: []string{"  access:", steward},
			want: `a.yaml:32:36 error BG211: late@example.com approves as data_steward, but did not hold that role on 2026-01-31: it is held by group:grp_platform, user:steward@example.com`},
		{name: "a member on that day", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "", "data_steward", "late@example.com", "2026-02-01", ""), edit: []string{"  access:", steward}},
		{name: "the consumer", entries: with(by("manager", "Alice@example.com", "2026-01-10", "", "domain_owner", "dana@example.com", "2026-01-10", "")),
			want: `a.yaml:30:31 error BG212: Alice@example.com cannot approve as manager: consumers do not approve their own access`},
		{name: "one in two roles", entries: with(by("manager", "dana@example.com", "2026-01-10", "", "domain_owner", "dana@example.com", "2026-01-10", "")),
			want: `a.yaml:31:36 error BG212: dana@example.com cannot approve as domain_owner: the same person approves as manager; two roles are two persons`},
		{name: "one in two roles, written otherwise", entries: with(by("manager", "dana@example.com", "2026-01-10", "", "domain_owner", "Dana@Example.com", "2026-01-10", "")),
			want: `a.yaml:31:36 error BG212: Dana@Example.com cannot approve as domain_owner: the same person approves as manager; two roles are two persons`},
		{name: "a manager who owns the domain", entries: with(by("manager", "owner@example.com", "2026-01-10", "", "domain_owner", "dana@example.com", "2026-01-10", "")),
			want: `a.yaml:30:31 error BG212: owner@example.com cannot approve as manager: a manager is nobody who owns the domain sales`},
		{name: "void", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "00000000"), want: `
a.yaml:24:7 error BG210: user:alice@example.com uses orders without the approval of domain_owner (that of dana@example.com is void: it was given for something else); standard access to gold needs manager, domain_owner
a.yaml:31:74 error BG213: the approval of dana@example.com as domain_owner is void: it was given for something else (of: 00000000); what stands here is "d63ec9a5"`},
		{name: "void and given anew", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "00000000", "domain_owner", "dana@example.com", "2026-01-10", ""),
			want: `a.yaml:31:74 error BG213: the approval of dana@example.com as domain_owner is void: it was given for something else (of: 00000000); what stands here is "d63ec9a5"`},
		{name: "a void one is no second role", entries: with(by("manager", "dana@example.com", "2026-01-09", "00000000", "manager", "jane@example.com", "2026-01-09", "", "domain_owner", "dana@example.com", "2026-01-10", "")),
			want: `a.yaml:30:69 error BG213: the approval of dana@example.com as manager is void: it was given for something else (of: 00000000); what stands here is "d63ec9a5"`},
		{name: "of just this", entries: approved("domain_owner", "dana@example.com", "2026-01-10", "D63EC9A5")},
	})
}

func TestTheRequesterDoesNotApprove(t *testing.T) {
	runAll(t, []judged{{name: "by the requester", more: `apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-0042}
spec:
  product: orders
  consumer: {group: AAD-Finance}
  requester: jane@example.com
  requested: 2026-01-08
  ` + reason + "\n  " + attested + "\n  " + signed + "\n  status: approved\n",
		want: `b.yaml:11:35 error BG212: jane@example.com cannot approve as manager: who asks for access does not approve it`,
	}, {name: "by nobody knows whom", more: `apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-0042}
spec:
  product: orders
  consumer: {group: AAD-Finance}
  requested: 2026-01-08
  ` + reason + "\n  " + attested + "\n  " + signed + "\n  status: approved\n",
		want: `b.yaml:3:18 error BG212: nothing says who asked for the access of group:AAD-Finance to orders, and who asks does not approve: write requester:`,
	}})
}

// TestOwnersOfADomainDoNotApproveItsAccess: an entry for a domain is one for them.
func TestOwnersOfADomainDoNotApproveItsAccess(t *testing.T) {
	runAll(t, []judged{{
		name:    "by one of them",
		entries: consumer("domain: marketing", reason, granted, expires, signed),
		more:    "apiVersion: brickgate.dev/v1\nkind: Domain\nmetadata: {name: marketing}\nspec: {owners: [{group: AAD-Marketing}, {user: Jane@example.com}]}\n",
		want:    `a.yaml:28:39 error BG212: jane@example.com cannot approve as manager: consumers do not approve their own access`,
	}})
}

// TestMembersOfAConsumerDoNotApprove: what a group gets its members get.
func TestMembersOfAConsumerDoNotApprove(t *testing.T) {
	runAll(t, []judged{{
		name:    "by one of them",
		entries: consumer("group: grp_platform", reason, granted, expires, "approvals: [{role: manager, by: pat@example.com, at: 2026-01-09}, "+byOwner+"]"),
		want:    `a.yaml:28:39 error BG212: pat@example.com cannot approve as manager: members of a group that is a consumer do not approve its access`,
	}})
}

func TestWhoAppliesDoesNotApprove(t *testing.T) {
	c := judged{entries: consumer("user: alice@example.com", reason, attested, granted, expires, signed)}
	in := c.input(t)
	nobody := func(string) ([]string, bool) { return nil, false }
	in.Live = &Live{Self: "user:jane@example.com", Members: nobody}
	same(t, lines(check(t, in), aboutEntries...),
		`a.yaml:29:39 error BG212: jane@example.com cannot approve as manager: who applies access does not approve it`)
	in.Live.Self = "sp:ci"
	same(t, lines(check(t, in), aboutEntries...), "")
}

func TestApprovalsWithoutDigest(t *testing.T) {
	entry := consumer("user: alice@example.com", reason, attested, granted, expires, signed)
	for name, c := range map[string]struct {
		project string
		want    string
	}{
		"a warning":                   {"", `a.yaml:29:19 warn BG215: nothing tells what manager, domain_owner approved: an approval of this entry has of: "d63ec9a5"`},
		"required":                    {"    requireApprovalDigest: true\n", `a.yaml:29:19 error BG215: nothing tells what manager, domain_owner approved: an approval of this entry has of: "d63ec9a5"`},
		"required, but the rule says": {"    requireApprovalDigest: true\n  rules: {BG215: warn}\n", `a.yaml:29:19 warn BG215: nothing tells what manager, domain_owner approved: an approval of this entry has of: "d63ec9a5"`},
	} {
		t.Run(name, func(t *testing.T) {
			repo := repository(t, map[string]string{"brickgate.yaml": project + c.project, "a.yaml": market + entry})
			same(t, lines(check(t, input(t, repo, today)), "BG215"), c.want)
		})
	}
	signed := consumer("user: alice@example.com", reason, attested, granted, expires,
		by("manager", "jane@example.com", "2026-01-09", "d63ec9a5", "domain_owner", "dana@example.com", "2026-01-10", "d63ec9a5"))
	repo := repository(t, map[string]string{"brickgate.yaml": project, "a.yaml": market + signed})
	same(t, lines(check(t, input(t, repo, today)), "BG215"), "")
}

func TestAttestations(t *testing.T) {
	with := func(parts ...string) string { return consumer(append(parts, reason, granted, expires, signed)...) }
	runAll(t, []judged{
		{name: "none", entries: with("user: alice@example.com"),
			want: `a.yaml:24:7 error BG214: user:alice@example.com has not confirmed training, policy, nda, sensitivity: write attestations: once it is done`},
		{name: "some", entries: with("user: alice@example.com", "attestations: {training: true, nda: true}"),
			want: `a.yaml:25:21 error BG214: user:alice@example.com has not confirmed policy, sensitivity: write attestations: once it is done`},
		{name: "a group", entries: with("group: AAD-Finance")},
		{name: "a request for a group", more: `apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: REQ-0042}
spec:
  product: orders
  consumer: {group: AAD-Finance}
  requester: john@example.com
  requested: 2026-01-08
  ` + reason + "\n  " + signed + "\n  status: approved\n",
			want: `b.yaml:3:18 error BG214: group:AAD-Finance has not confirmed training, policy, nda, sensitivity: write attestations: once it is done`},
	})
}

// A product that is renamed, or moves to another domain, keeps what was approved:
// the digests of its former name count, and so do the owners of its former domain.
func TestApprovalsOutliveAMove(t *testing.T) {
	before := judged{entries: consumer("user: alice@example.com", reason, granted, expires, signed, attested)}.input(t)
	of := before.Catalogue.Consumptions[0].Digest()
	entry := consumer("user: alice@example.com", reason, granted, expires, attested,
		by("manager", "jane@example.com", "2026-01-09", of, "domain_owner", "dana@example.com", "2026-01-10", of))
	const supply = "apiVersion: brickgate.dev/v1\nkind: Domain\nmetadata: {name: supply}\nspec: {owners: [{user: sue@example.com}], approvers: [sue@example.com]}\n"
	edit := []string{"metadata: {name: orders, domain: sales}\nspec:\n", "metadata: {name: purchases, domain: supply}\nspec:\n  previously: [{name: orders, domain: sales}]\n"}
	for _, f := range check(t, judged{entries: entry, edit: edit, more: supply}.input(t)) {
		if f.Level == plan.LevelError {
			t.Errorf("%s %s", f.Code, f.Message)
		}
	}
}
