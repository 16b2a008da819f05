package spec

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// courseProject is a Project of two environments in a zone whose clocks are put
// forward at midnight.
const courseProject = `apiVersion: brickgate.dev/v1
kind: Project
metadata: {name: acme}
spec:
  accounts: {main: {}}
  environments:
    dev: {account: main, suffix: _dev}
    prd: {account: main, suffix: _prd}
  roles: {vp_engineering: {user: vp@example.com}, security_team: {user: sec@example.com}, platform_team: {user: ops@example.com}}
  access: {timezone: America/Santiago, consumerEnvironments: [prd], standard: {defaultDuration: 365d, maxDuration: 900d}, emergency: {maxDuration: 24h, approval: [vp_engineering, security_team]}}
  adoption: none
`

const courseProduct = `apiVersion: brickgate.dev/v1
kind: Domain
metadata: {name: sales}
spec: {owners: [{user: dana@example.com}]}
---
apiVersion: brickgate.dev/v1
kind: Product
metadata: {name: orders, domain: sales}
spec:
  owners: [{user: olga@example.com}]
  data: {gold: [{table: sales.orders}, {table: sales.people, pii: true}]}
`

// catalogueOf is the catalogue of the product with these entries, and further
// documents.
func catalogueOf(t testing.TB, entries, more string) (*Project, *Catalogue, []*Error) {
	t.Helper()
	text := courseProduct
	if entries != "" {
		text += "  consumers:\n" + entries
	}
	files := []string{projectFile, courseProject, "a.yaml", text}
	if more != "" {
		files = append(files, "b.yaml", more)
	}
	repo, err := Load(write(t, files...), productKinds())
	if err != nil {
		t.Fatal(err)
	}
	c, mistakes := NewCatalogue(repo.Project, repo.Entries, func(Entry) []ServiceAccess { return nil })
	return repo.Project, c, mistakes
}

func productKinds() []Kind {
	return []Kind{
		{"Domain", reflect.TypeFor[Domain]()}, {"Product", reflect.TypeFor[Product]()},
		{"AccessRequest", reflect.TypeFor[AccessRequest]()}, {"EmergencyAccess", reflect.TypeFor[EmergencyAccess]()},
	}
}

// entry writes an entry of a product's consumers.
func entry(parts ...string) string { return "    - {" + strings.Join(parts, ", ") + "}\n" }

// TestDaysEndInTheZone: also where clocks are put forward at the midnight with
// which the last day begins, and where they are put back.
func TestDaysEndInTheZone(t *testing.T) {
	for name, c := range map[string]struct{ entry, end string }{
		"a day without midnight is counted whole": {entry("user: a@example.com", "granted: 2025-09-06"), "2026-09-07T00:00:00-03:00"},
		"the day before is none the longer":       {entry("user: a@example.com", "granted: 2025-09-05"), "2026-09-06T01:00:00-03:00"},
		"a day with two midnights ends with one":  {entry("user: a@example.com", "granted: 2025-04-04"), "2026-04-05T00:00:00-04:00"},
		"what is not personal is not certified":   {entry("user: a@example.com", "granted: 2026-01-01", "expires: 2028-01-01"), "2028-01-02T00:00:00-03:00"},
		"what is personal is":                     {entry("user: a@example.com", "pii: true", "granted: 2026-01-01", "expires: 2028-01-01"), "2027-02-01T00:00:00-03:00"},
		"an end that is written":                  {entry("user: a@example.com", "granted: 2026-09-01", "expires: 2026-09-05"), "2026-09-06T01:00:00-03:00"},
	} {
		t.Run(name, func(t *testing.T) {
			p, cat, mistakes := catalogueOf(t, c.entry, "")
			if len(mistakes) > 0 {
				t.Fatal(mistakes)
			}
			course := cat.Consumptions[0].Course(p)
			want, err := time.Parse(time.RFC3339, c.end)
			if err != nil {
				t.Fatal(err)
			}
			if !course.Until.Equal(want) {
				t.Errorf("it ends %s, want %s", course.Until, c.end)
			}
			if !course.At(want.Add(-1)) || course.At(want) {
				t.Error("access is given to the last instant and not after it")
			}
		})
	}
}

// TestAccessDoesNotBeginBeforeItIsGranted: what is granted tomorrow is not given
// by a start that is past.
func TestAccessDoesNotBeginBeforeItIsGranted(t *testing.T) {
	for _, e := range []string{
		entry("user: a@example.com", "from: 2026-01-01", "granted: 2026-06-01"),
		entry("user: a@example.com", "from: 2026-06-01", "granted: 2026-01-01"),
	} {
		p, cat, _ := catalogueOf(t, e, "")
		if from := cat.Consumptions[0].Course(p).From.Format(time.DateOnly); from != "2026-06-01" {
			t.Errorf("%s begins %s", e, from)
		}
	}
}

// TestEmergencyApprovals: each role by a person of its own, in time, for just this.
func TestEmergencyApprovals(t *testing.T) {
	const vp = "{role: vp_engineering, by: vp@example.com, at: 2026-02-01T13:00:00Z}"
	for approvals, approved := range map[string]bool{
		vp: false,
		vp + ", {role: security_team, by: sec@example.com, at: 2026-02-01T14:00:00Z}":                   true,
		vp + ", {role: security_team, by: VP@example.com, at: 2026-02-01T14:00:00Z}":                    false,
		vp + ", {role: security_team, by: sec@example.com, at: 2026-02-01T16:00:01Z}":                   false,
		vp + ", {role: security_team, by: sec@example.com, at: 2026-02-01T14:00:00Z, of: \"00000000\"}": false,
		vp + ", {role: security_team, by: ops@example.com, at: 2026-02-01T14:00:00Z}":                   false,
		vp + ", {role: security_team, by: A@example.com, at: 2026-02-01T14:00:00Z}":                     false,
	} {
		p, cat, mistakes := catalogueOf(t, "", `apiVersion: brickgate.dev/v1
kind: EmergencyAccess
metadata: {name: INC-1}
spec: {product: orders, consumer: {user: a@example.com}, layers: [gold], startedBy: ops@example.com, from: 2026-02-01T12:00:00Z, until: 2026-02-02T12:00:00Z, approvals: [`+approvals+`]}
`)
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		c := cat.Consumptions[0]
		if got := !c.ApprovedAt(p).IsZero(); got != approved || (c.Course(p).Ends == "expired") != approved {
			t.Errorf("approved: %v by %s; it ends: %s", got, approvals, c.Course(p).Ends)
		}
	}
}

// TestEntriesMustSayWhere: with several environments, nobody means all of them.
func TestEntriesMustSayWhere(t *testing.T) {
	anywhere := func(text string) string { return strings.Replace(text, "consumerEnvironments: [prd], ", "", 1) }
	repo, err := Load(write(t, projectFile, anywhere(courseProject), "a.yaml", courseProduct+"  consumers:\n"+
		entry("user: a@example.com", "granted: 2026-01-01")+entry("user: b@example.com", "granted: 2026-01-01", "environments: [dev]")), productKinds())
	if err != nil {
		t.Fatal(err)
	}
	_, mistakes := NewCatalogue(repo.Project, repo.Entries, func(Entry) []ServiceAccess { return nil })
	if len(mistakes) != 1 || !strings.Contains(mistakes[0].Error(), "a.yaml:13:7: in which environments?") {
		t.Error(mistakes)
	}
}

// TestWhatAnApprovalStandsOn: whatever decides who gets what, where and until
// when voids an approval when it changes; what only explains it does not.
func TestWhatAnApprovalStandsOn(t *testing.T) {
	base := []string{"user: a@example.com", "granted: 2026-01-10"}
	digest := func(parts ...string) string {
		_, cat, mistakes := catalogueOf(t, entry(parts...), "")
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		return cat.Consumptions[0].Digest()
	}
	before := digest(base...)
	for _, change := range []string{
		"expires: 2026-12-31", "from: 2026-01-10", "pii: true", "access: temporary",
		"environments: [dev]", "environments: [prd]", "environments: [dev, prd]",
	} {
		if digest(append(base, change)...) == before {
			t.Errorf("%s leaves the approvals as they are", change)
		}
	}
	for _, same := range []string{"layer: gold", "access: standard", "justification: reports", "ticket: RITM1", "minimisation: ids", "recertified: 2026-02-01"} {
		if digest(append(base, same)...) != before {
			t.Errorf("%s voids the approvals", same)
		}
	}
	from := append(base[:1:1], "from: 2026-02-01")
	if digest(append(from, "granted: 2026-01-10")...) == digest(append(from, "granted: 2026-01-20")...) {
		t.Error("the day of the grant decides when it ends, and voids nothing")
	}
	if digest(append(base, "environments: [dev, prd]")...) != digest(append(base, "environments: [prd, dev]")...) {
		t.Error("the order of environments voids the approvals")
	}
}

// TestEntriesThatOverlap: two that give the same at one time are a mistake, and
// those that only look so are not.
func TestEntriesThatOverlap(t *testing.T) {
	request := func(name, status string) string {
		return fmt.Sprintf(`apiVersion: brickgate.dev/v1
kind: AccessRequest
metadata: {name: %s}
spec: {product: orders, consumer: {user: a@example.com}, requested: 2026-01-01, duration: 30d, %s, approvals: [{role: manager, by: m@example.com, at: 2026-02-10}]}
`, name, status)
	}
	emergency := func(name, from string) string {
		return fmt.Sprintf(`apiVersion: brickgate.dev/v1
kind: EmergencyAccess
metadata: {name: %s}
spec: {product: orders, consumer: {user: a@example.com}, layers: [gold], startedBy: ops@example.com, from: %s, until: 2026-02-02T12:00:00Z}
`, name, from)
	}
	of := func(parts ...string) string { return entry(append(parts, "user: a@example.com")...) }
	for name, c := range map[string]struct {
		entries, more string
		overlap       bool
	}{
		"the same day":                  {of("granted: 2026-01-01", "expires: 2026-01-31") + of("granted: 2026-01-31"), "", true},
		"the next day":                  {of("granted: 2026-01-01", "expires: 2026-01-31") + of("granted: 2026-02-01"), "", false},
		"the same instant":              {of("granted: 2026-01-01", "expires: 2026-01-31T12:00:00Z") + of("from: 2026-01-31T12:00:00Z", "expires: 2026-02-28"), "", false},
		"in other environments":         {of("granted: 2026-01-01", "environments: [dev]") + of("granted: 2026-01-01"), "", false},
		"in one of several":             {of("granted: 2026-01-01", "environments: [dev, prd]") + of("granted: 2026-01-01"), "", true},
		"personal data beside":          {of("granted: 2026-01-01", "pii: true") + of("granted: 2026-01-01"), "", false},
		"a request beside an entry":     {of("granted: 2026-01-01"), request("REQ-1", "status: approved"), true},
		"a request that is pending":     {of("granted: 2026-01-01"), request("REQ-1", "status: pending"), false},
		"one revoked before it began":   {of("granted: 2026-01-01"), request("REQ-1", "status: revoked, revoked: {by: d@example.com, at: 2026-02-01, reason: unused, immediate: true}"), false},
		"an emergency beside an entry":  {of("granted: 2026-01-01"), emergency("INC-1", "2026-02-01T12:00:00Z"), false},
		"two emergencies of one person": {"", emergency("INC-1", "2026-02-01T12:00:00Z") + "---\n" + emergency("INC-2", "2026-02-01T13:00:00Z"), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, mistakes := catalogueOf(t, c.entries, c.more)
			if (len(mistakes) > 0) != c.overlap {
				t.Errorf("mistakes: %v", mistakes)
			}
			for _, m := range mistakes {
				if !strings.Contains(m.Error(), "for the same time: write one entry") {
					t.Error(m)
				}
			}
		})
	}
}
