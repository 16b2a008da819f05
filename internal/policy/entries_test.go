package policy

import (
	"strings"
	"testing"
)

// judged is a repository and what the rules about entries find in it.
type judged struct {
	name    string
	entries string   // of the product's consumers
	more    string   // further documents, in b.yaml
	edit    []string // old and new texts of brickgate.yaml and a.yaml
	now     string   // today, unless said
	want    string   // sorted by place
}

func (c judged) input(t *testing.T) Input {
	t.Helper()
	edit := strings.NewReplacer(c.edit...)
	product := market
	if c.entries == "" {
		product = strings.TrimSuffix(product, "  consumers:\n")
	}
	files := map[string]string{"brickgate.yaml": edit.Replace(project), "a.yaml": edit.Replace(product) + c.entries}
	if c.more != "" {
		files["b.yaml"] = c.more
	}
	now := c.now
	if now == "" {
		now = today
	}
	return input(t, repository(t, files), now)
}

func runAll(t *testing.T, cases []judged) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			same(t, lines(check(t, c.input(t)), aboutEntries...), c.want)
		})
	}
}

func TestReasons(t *testing.T) {
	with := func(parts ...string) string {
		return consumer(append([]string{"user: alice@example.com", granted, expires, signed, attested}, parts...)...)
	}
	runAll(t, []judged{
		{name: "a reason", entries: with(reason)},
		{name: "a ticket for a reason", entries: with("ticket: RITM0012345")},
		{name: "nothing", entries: with(),
			want: `a.yaml:24:7 error BG201: nothing says why user:alice@example.com uses orders: write justification:, or ticket: with the ticket that says it`},
		{name: "an empty reason", entries: with(`justification: "  "`),
			want: `a.yaml:29:22 error BG201: nothing says why user:alice@example.com uses orders: write justification:, or ticket: with the ticket that says it`},
		{name: "a placeholder", entries: with("justification: TBD."),
			want: `a.yaml:29:22 error BG202: the justification "TBD." says nothing: write what user:alice@example.com uses orders for`},
		{name: "a placeholder beside a ticket", entries: with("justification: n/a", "ticket: RITM1"),
			want: `a.yaml:29:22 error BG202: the justification "n/a" says nothing: write what user:alice@example.com uses orders for`},
		{name: "one word", entries: with("justification: reporting"),
			want: `a.yaml:29:22 error BG202: the justification "reporting" says little: write what user:alice@example.com uses orders for, or add ticket:`},
		{name: "one word beside a ticket", entries: with("justification: reporting", "ticket: RITM1")},
		{name: "a ticket that is none", entries: with("ticket: tbd"),
			want: `a.yaml:29:15 error BG202: the ticket "tbd" is none: write its number, or justification: in its place`},
		{name: "an entry that has ended", entries: consumer("user: alice@example.com", "granted: 2025-01-10", "expires: 2026-02-28")},
		{name: "an entry that has not begun", entries: consumer("user: alice@example.com", "from: 2026-04-01", "expires: 2026-05-28")},
		{name: "an entry that must not be", entries: consumer("user: alice@example.com", "absent: true")},
	})
}
