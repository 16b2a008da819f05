package journal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/internal/journal"
	"github.com/brickgate/brickgate/plan"
)

// TestWhatWasSeenIsRecorded: beside the outcome, for what was applied and looked
// at; a journal without it reads as before.
func TestWhatWasSeenIsRecorded(t *testing.T) {
	path, now := newFile(t), ticking()
	write(t, path, "r1", now, grant())
	j := opened(t, path, now)
	begin(t, j, "r2")
	looked := plan.Outcome{Change: grant(), Status: plan.Applied, Seen: plan.Seen{
		Sight: plan.Changed, Why: strings.Repeat("é", 9000),
		Differs: []plan.Delta{{Field: "group:old", Added: []string{"MODIFY"}}, {Field: "user:alice@example.com", Removed: []string{"SELECT"}}},
	}}
	unlooked := plan.Outcome{Change: create("grp_a"), Status: plan.Applied}
	never := plan.Outcome{Change: create("grp_b"), Status: plan.Cancelled, Seen: plan.Seen{Sight: plan.Visible}}
	for _, o := range []plan.Outcome{looked, unlooked} {
		if err := j.Intent(o.Change); err != nil {
			t.Fatal(err)
		}
		j.Outcome(o)
	}
	for _, o := range []plan.Outcome{looked, unlooked, never} {
		j.Seen(o)
	}
	if err := j.End(nil); err != nil {
		t.Fatal(err)
	}
	closed(t, j)

	log := read(t, contents(t, path))
	if len(log.Report.Problems) > 0 || len(log.Report.Unfinished) > 0 || len(log.Operations) != 3 || log.Report.Records != 4+7 {
		t.Fatalf("%+v", log.Report)
	}
	if log.Operations[0].Seen != nil || log.Operations[2].Seen != nil {
		t.Error("seen although nobody looked")
	}
	got := log.Operations[1].Seen
	if len(got.Why) > 5000 || !strings.HasSuffix(got.Why, "…") {
		t.Errorf("%d bytes of words", len(got.Why))
	}
	got.Why = ""
	want := &journal.Seen{
		Of: 6, Sight: plan.Changed,
		Extra: []journal.Fact{{Field: "group:old", Value: "MODIFY"}}, Missing: []journal.Fact{{Field: "user:alice@example.com", Value: "SELECT"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
