package reconcile_test

import (
	"strings"
	"testing"

	"github.com/brickgate/brickgate/reconcile"
)

// twoLakes is the project of the lake with a second environment.
var twoLakes = with(lakeProject, "  adoption: none", "  adoption: none\n  sharedPrincipals: prd", "  owns:", "    prd: {account: main, suffix: _prd, workspaces: {main: {profile: prd}}, catalogs: {silver: silver_prd, gold: gold_prd}}\n  owns:",
	`externalGroups: ["AAD-*"]`, `externalGroups: ["AAD-*"]`+"\n    shared: [\"dp-*\"]",
	"  access:\n", "  access:\n    consumerEnvironments: [dev]\n")

var inTwoLakes = with(lakeFiles["sales.yaml"], "{applicationId: aaaaaaaa-0000-4000-8000-000000000001}", "{environments: [dev]}",
	"writers: [{servicePrincipal: spn_etl}]", "writers: [{servicePrincipal: spn_etl, environments: [dev]}]")

// TestAPortOfAnotherEnvironment: it names what is not there, which is no mistake.
func TestAPortOfAnotherEnvironment(t *testing.T) {
	l := newLab(t, lakeWorld, twoLakes, map[string]string{"sales.yaml": with(inTwoLakes,
		"      - {table: sales.customers, pii: true}\n", "      - {table: sales.customers, pii: true}\n      - {table: sales.forecast, environments: [prd]}\n",
		"ports: {finance:", "ports: {planning: [sales.forecast], finance:")})
	l.converge()
	if got := granted(l.State(), "gold_dev.sales"); strings.Contains(got, "planning") {
		t.Error(got)
	}
}

// TestAGroupThatEnvironmentsShare: an entry for one of them would give access in
// both, or in none.
func TestAGroupThatEnvironmentsShare(t *testing.T) {
	of := func(edit ...string) map[string]string {
		return map[string]string{"sales.yaml": with(inTwoLakes, append(edit, "  ports:", "  groups: {consumer: {environmentSuffix: false}}\n  ports:")...)}
	}
	const mine = "sales.yaml:33:7: the access of user:alice@example.com is for environment %, but goes through dp-sales-orders-consumer, which is the group of environment "
	l := newLab(t, lakeWorld, twoLakes, of())
	l.wantError(strings.Replace(mine, "%", "dev", 1) + "prd too: let the entry apply in both")
	l = newLab(t, lakeWorld, twoLakes, of("granted: 2026-01-10, expires: 2026-12-31}\n    - {group", "granted: 2026-01-10, expires: 2026-12-31, environments: [prd]}\n    - {group",
		`{user: bob@example.com, justification: "was here"`, `{user: bob@example.com, environments: [dev, prd], justification: "was here"`))
	l.env = "prd"
	l.wantError(strings.Replace(mine, "%", "prd", 1) + "dev too")
	both := of()
	both["sales.yaml"] = strings.ReplaceAll(both["sales.yaml"], "expires: 2026-12-31}", "expires: 2026-12-31, environments: [dev, prd]}")
	both["sales.yaml"] = strings.ReplaceAll(both["sales.yaml"], "expires: 2026-03-31}", "expires: 2026-03-31, environments: [dev, prd]}")
	l = newLab(t, lakeWorld, twoLakes, both)
	if _, err := reconcile.Declare(l.repository(), l.env); err != nil {
		t.Error(err)
	}
}
