package consumer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/brickgate/brickgate/internal/consumer"
	"github.com/brickgate/brickgate/reconcile"
	"github.com/brickgate/brickgate/spec"
)

func agenda(t testing.TB, r repository, now, within string, envs ...string) consumer.Agenda {
	t.Helper()
	repo := r.load(t)
	span, err := spec.ParseSpan(within)
	if err != nil {
		t.Fatal(err)
	}
	a := consumer.Agenda{Project: repo.Project, Now: at(t, now), Within: span}
	for _, env := range envs {
		declared, err := reconcile.Declare(repo, env)
		if err != nil {
			t.Fatal(err)
		}
		a.Catalogue = declared.Catalogue
		a.Environments = append(a.Environments, consumer.Environment{Name: env, Declared: declared.Resources})
	}
	return a
}

// told spells what is due.
func told(due []consumer.Due) string {
	var b strings.Builder
	for _, d := range due {
		where := d.Product
		if where == "" {
			where = d.File
		}
		fmt.Fprintf(&b, "%s: %s (%d", where, d.On, d.Days)
		if d.Overdue {
			b.WriteString(", overdue")
		}
		fmt.Fprintf(&b, ") %s", strings.TrimSpace(d.What+" "+strings.Join(d.Who, " ")))
		fmt.Fprintf(&b, " in %s", strings.Join(d.Environments, " "))
		if d.Why != "" {
			b.WriteString(": " + d.Why)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Contract items 37 (requests within two business days), 46 (reviews), 48
// (recertification), 50 (post-mortems) and 55 (seven days of notice).
func TestWhatComesAndWhatIsOverdue(t *testing.T) {
	const reviewed = "  reviewed: 2026-02-20\n"
	const alice = "user: alice@example.com"
	for _, test := range []struct {
		name, product, docs, now, within string
		want                             string
	}{
		{name: "an end on the last day of the span", product: reviewed + consumers("{"+alice+", expires: 2026-03-08}"),
			want: "orders: 2026-03-08 (7) access ends user:alice@example.com in prd"},
		{name: "an end today", product: reviewed + consumers("{"+alice+", expires: 2026-03-01}"),
			want: "orders: 2026-03-01 (0) access ends user:alice@example.com in prd"},
		{name: "an end the day after the span", product: reviewed + consumers("{"+alice+", expires: 2026-03-09}")},
		{name: "an end that is past", product: reviewed + consumers("{"+alice+", expires: 2026-02-28}")},
		{name: "a longer span", product: reviewed + consumers("{"+alice+", expires: 2026-04-01}"), within: "1mo",
			want: "orders: 2026-04-01 (31) access ends user:alice@example.com in prd"},
		{name: "an entry of both environments", product: reviewed + consumers("{"+alice+", expires: 2026-03-08, environments: [dev, prd]}"),
			want: "orders: 2026-03-08 (7) access ends user:alice@example.com in dev prd"},
		{name: "an entry for an environment that the product is not in", product: reviewed + consumers("{"+alice+", expires: 2026-03-08, environments: [dev, prd]}") + "  environments: [dev]\n",
			want: "orders: 2026-03-08 (7) access ends user:alice@example.com in dev"},
		{name: "an end of an approval", product: reviewed + consumers("{"+alice+", granted: 2025-03-05, expires: 2026-12-31, approvals: [{role: manager, by: jane@example.com, at: 2025-03-05}]}"),
			want: "orders: 2026-03-05 (4) access ends user:alice@example.com in prd: the approval of manager has run out"},
		{name: "an end with a successor", product: reviewed + consumers("{"+alice+", expires: 2026-03-05}", "{"+alice+", from: 2026-03-06, expires: 2026-12-31}"),
			want: "orders: 2026-03-05 (4) access ends user:alice@example.com in prd: goes on by orders.yaml:28"},
		{name: "no successor is who reads something else", product: reviewed + consumers("{"+alice+", expires: 2026-03-05}", "{"+alice+", layer: silver, expires: 2026-12-31}"),
			want: "orders: 2026-03-05 (4) access ends user:alice@example.com in prd"},
		{name: "a successor after a gap", product: reviewed + consumers("{"+alice+", expires: 2026-03-05}", "{"+alice+", from: 2026-03-07, expires: 2026-12-31}"),
			want: "orders: 2026-03-05 (4) access ends user:alice@example.com in prd"},
		{name: "a certification that is due", product: reviewed + consumers("{"+alice+", pii: true, granted: 2025-01-01, recertified: 2025-03-05, expires: 2026-12-31}"),
			want: "orders: 2026-03-05 (4) recertification user:alice@example.com in prd: personal data, last certified 2025-03-05"},
		{name: "a certification that is overdue, and what comes of it", product: reviewed + consumers("{"+alice+", pii: true, granted: 2025-02-03, expires: 2026-12-31}"),
			want: `orders: 2026-02-03 (-26, overdue) recertification user:alice@example.com in prd: personal data, last certified 2025-02-03
				orders: 2026-03-05 (4) access ends user:alice@example.com in prd: not recertified`},
		{name: "a review, from the last one", product: "  reviewed: 2025-11-25\n" + consumers("{"+alice+", expires: 2026-12-31}"),
			want: "orders: 2026-02-25 (-4, overdue) review in prd: last reviewed 2025-11-25"},
		{name: "a review, from the oldest access in force", product: consumers("{"+alice+", granted: 2025-12-05, expires: 2026-12-31}", "{user: bob@example.com, granted: 2025-12-06, expires: 2026-12-31}", "{user: old@example.com, granted: 2024-01-01, expires: 2025-01-01}"),
			want: "orders: 2026-03-05 (4) review in prd: never reviewed, oldest access granted 2025-12-05"},
		{name: "nobody to review", product: "  reviewed: 2020-01-01\n" + consumers("{"+alice+", expires: 2025-12-31}")},
		{name: "a request, over a weekend", docs: strings.Replace(request("REQ-1", "pending", ""), "2026-01-20", "2026-01-23", 1), now: "2026-01-24",
			want: "orders: 2026-01-27 (3) request waits user:alice@example.com in prd: requested 2026-01-23"},
		{name: "a request that waits too long", docs: request("REQ-1", "pending", ""),
			want: "orders: 2026-01-22 (-38, overdue) request waits user:alice@example.com in prd: requested 2026-01-20"},
		{name: "a request that was denied", docs: request("REQ-1", "denied", ", denied: {by: d@example.com, at: 2026-02-01, reason: data-quality}")},
		{name: "an emergency under way", product: reviewed, docs: emergency("2026-03-01T10:00:00Z", "2026-03-01T20:00:00Z"), within: "30d",
			want: `orders: 2026-03-01T15:00:00+01:00 (0) access ends user:alice@example.com in prd: not approved within 4h
				orders: 2026-03-01T15:00:00+01:00 (0) emergency approval user:alice@example.com in prd
				orders: 2026-03-15T15:00:00+01:00 (14) post-mortem user:alice@example.com in prd: incident INC-1`},
		{name: "an emergency whose post-mortem is overdue", docs: emergency("2026-02-01T10:00:00Z", "2026-02-01T20:00:00Z"),
			want: "orders: 2026-02-15T15:00:00+01:00 (-14, overdue) post-mortem user:alice@example.com in prd: incident INC-1"},
		{name: "an emergency with its post-mortem", docs: strings.Replace(emergency("2026-02-01T10:00:00Z", "2026-02-01T20:00:00Z"), "layers:", "postMortem: \"https://example.com/pm\", layers:", 1)},
		{name: "a product that is retired, once for all of its entries", product: reviewed + consumers("{"+alice+", expires: 2026-12-31}") + "  status: retired\n  retiresOn: 2026-03-06\n",
			want: "orders: 2026-03-06 (5) retirement in dev prd: all access of its consumers ends"},
		{name: "a product that is deprecated", product: "  status: deprecated\n  deprecatedOn: 2026-03-06\n",
			want: "orders: 2026-03-06 (5) deprecation in dev prd: no access is granted after it"},
		{name: "members and grants of other documents", docs: doc("Group", "grp_x", "{members: [{"+alice+", expires: 2026-03-05}, {user: bob@example.com, expires: 2026-03-04, environments: [dev]}]}"),
			want: `more.yaml: 2026-03-04 (3) access ends user:bob@example.com in dev: group@account/grp_x_dev
				more.yaml: 2026-03-05 (4) access ends user:alice@example.com in dev prd: group@account/grp_x_dev, group@account/grp_x_prd`},
		{name: "an end of what another line gives", docs: doc("Group", "grp_x", "{members: [{"+alice+", expires: 2026-03-05}, {"+alice+"}]}"),
			want: "more.yaml: 2026-03-05 (4) access ends user:alice@example.com in dev prd: group@account/grp_x_dev, group@account/grp_x_prd, goes on by more.yaml:4"},
		{name: "an end of what another line gave, and of that line before", docs: doc("Group", "grp_x", "{members: [{"+alice+", expires: 2026-03-05, environments: [prd]}, {"+alice+", expires: 2026-03-02, environments: [prd]}]}"),
			want: `more.yaml: 2026-03-02 (1) access ends user:alice@example.com in prd: group@account/grp_x_prd, goes on by more.yaml:4
				more.yaml: 2026-03-05 (4) access ends user:alice@example.com in prd: group@account/grp_x_prd`},
		{name: "a writer of the product", product: "  writers: [{servicePrincipal: sp-report, expires: 2026-03-05, environments: [prd]}]\n",
			want: "orders: 2026-03-05 (4) access ends sp:sp-report_prd in prd: grants@metastore/catalog/gold_prd, grants@metastore/catalog/silver_prd and 4 more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now, within := "2026-03-01T12:00:00Z", "7d"
			if test.now != "" {
				now = test.now
			}
			if test.within != "" {
				within = test.within
			}
			r := repository{product: test.product, docs: strings.TrimPrefix(test.docs, "---\n")}
			same(t, test.want, told(consumer.Upcoming(agenda(t, r, now, within, "dev", "prd"))))
		})
	}
}

func TestUpcomingOfOneEnvironmentHasNothingOfTheOthers(t *testing.T) {
	r := repository{product: consumers("{user: alice@example.com, expires: 2026-03-05}"), docs: strings.TrimPrefix(
		doc("Group", "grp_x", "{members: [{user: bob@example.com, expires: 2026-03-04}]}"), "---\n")}
	same(t, "more.yaml: 2026-03-04 (3) access ends user:bob@example.com in dev: group@account/grp_x_dev",
		told(consumer.Upcoming(agenda(t, r, "2026-03-01", "7d", "dev"))))
}

// Contract item 57: each product with its contacts.
func TestProductsComeByNameThenFilesEachByDate(t *testing.T) {
	crm := strings.Replace(doc("Product", "crm", "{owners: [{user: o@example.com}], data: {gold: [{schema: crm}]}, consumers: [{user: alice@example.com, expires: 2026-03-07}], contacts: [crm@example.com]}"),
		"{name: crm}", "{name: crm, domain: marketing}", 1)
	r := repository{
		product: "  reviewed: 2026-02-20\n" + consumers("{user: alice@example.com, expires: 2026-03-06}", "{user: bob@example.com, expires: 2026-03-05}"),
		docs:    strings.TrimPrefix(crm+doc("Group", "grp_x", "{members: [{user: bob@example.com, expires: 2026-03-04}]}"), "---\n"),
	}
	due := consumer.Upcoming(agenda(t, r, "2026-03-01", "7d", "prd"))
	same(t, `
		crm: 2026-03-07 (6) access ends user:alice@example.com in prd
		orders: 2026-03-05 (4) access ends user:bob@example.com in prd
		orders: 2026-03-06 (5) access ends user:alice@example.com in prd
		more.yaml: 2026-03-04 (3) access ends user:bob@example.com in prd: group@account/grp_x_prd
	`, told(due))
	for i, want := range []string{"crm@example.com", "sales@example.com", "sales@example.com", ""} {
		if got := strings.Join(due[i].Contacts, ","); got != want {
			t.Errorf("contacts of %s: %q, want %q", due[i].At, got, want)
		}
	}
}
