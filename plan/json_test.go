package plan_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

func jsonOf(t *testing.T, p plan.Plan) []byte {
	t.Helper()
	b, err := p.JSON("v0.1.0")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheJSONOfAChange(t *testing.T) {
	q1, ended := at(31, "2026-12-31"), at(37, "2026-10-31")
	q1.Reason = "Q1 <campaign> & analysis"
	q1.Request, q1.Product, ended.Ends = "REQ-0042", "sales-orders", "revoked (unused)"
	p := plan.Diff(folded(t, resource(team, "member=", refs("group@account/two"), presence(plan.Present),
		claims(wanted("member", "user:alice", q1), wanted("member", "user:bob", ended)))),
		plan.NewState(list(resource(team, "member=user:bob,user:carol", presence(plan.Present)))), plan.Scope{Owned: owned})
	p.Environment = "prd"
	p.Changes[0].ID = "4711"
	golden(t, "change.json", jsonOf(t, p))
}

func TestTheJSONOfAllThatIsNotAChange(t *testing.T) {
	a := plan.Pos{File: "a.yaml", Line: 3}
	p := plan.Plan{
		Environment: "dev", Unchanged: 1204,
		Unmanaged: []plan.Unmanaged{
			{Fact: plan.Fact{Key: key(team)}, Kept: "orphaned"},
			{Fact: plan.Fact{Key: key(sales), Field: "group:a", Value: "SELECT"}, Kept: "adoption", From: "2026-12-22"},
		},
		Blocked: []plan.Change{{
			Key: key(sales), Action: plan.Update, Reason: plan.DocumentError, After: fields("group:b=SELECT"), Origin: at(7, ""),
			Claims: []plan.Claim{wanted("group:b", "SELECT", at(9, ""))},
		}},
		Findings: []plan.Finding{
			{Code: "BG201", Level: plan.LevelError, Pos: a, Doc: plan.Pos{File: "a.yaml", Line: 1}, Message: "nothing says why"},
			{Code: "BG501", Level: plan.LevelWarn, Message: "a member without an entry"},
		},
		Held:     []plan.Held{{Key: key(job), Origin: &plan.Origin{Pos: a}, Reason: "not there yet"}},
		Warnings: []plan.Warning{{Pos: a, Message: "user:zoe is inactive"}, {Message: "no place"}},
		Lacks: []plan.Lack{
			{Key: key(job), Action: plan.Update, Needs: "admin of workspace main", Holders: []string{"group:a", "user:b"}},
			{Key: key(sales), Action: plan.Delete, Needs: "account admin", TakenBy: key(team), By: plan.Update},
		},
		Violations: []plan.Violation{{Guard: plan.GuardProtected, Key: key(team), Pos: a, Message: "user:root is protected"}},
		Waivers:    []plan.Waiver{{Guard: plan.GuardMaxDeletes, Reason: "CHG-9"}},
	}
	golden(t, "findings.json", jsonOf(t, p))
}

func TestTheJSONNamesWhatAChangeWaitsFor(t *testing.T) {
	b := jsonOf(t, plan.Plan{Changes: []plan.Change{{Key: key(sales), Action: plan.Update, WaitsFor: []plan.Key{key(team)}}}})
	var got struct{ Changes []struct{ WaitsFor []string } }
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{team}, got.Changes[0].WaitsFor); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestTheJSONOfAnEmptyPlanHasNoNull(t *testing.T) {
	b := jsonOf(t, plan.Plan{Changes: []plan.Change{{Key: key(team), Action: plan.Create}}})
	if !json.Valid(b) || strings.Contains(string(b), "null") {
		t.Errorf("null or not JSON:\n%s", b)
	}
}

func TestLastsUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data")
	}
	cairo, err := time.LoadLocation("Africa/Cairo") // puts its clocks forward at midnight
	if err != nil {
		t.Skip("no time zone data")
	}
	tests := []struct {
		name  string
		until time.Time
		want  string
	}{
		{"for ever", time.Time{}, ""},
		{"the end of a day in UTC", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "2026-12-31"},
		{"the end of a day in its own zone", time.Date(2026, 7, 1, 0, 0, 0, 0, berlin), "2026-06-30"},
		{"midnight of another zone is an instant", time.Date(2026, 7, 1, 1, 0, 0, 0, berlin), "2026-07-01T01:00:00+02:00"},
		{"the end of a day whose next begins at one", time.Date(2026, 4, 24, 0, 0, 0, 0, cairo), "2026-04-23"},
		{"an instant", time.Date(2026, 1, 12, 10, 10, 0, 0, time.UTC), "2026-01-12T10:10:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := plan.Origin{Until: tt.until}
			if got := o.LastsUntil(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
