package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlannedIsLiveWithTheChangesMade(t *testing.T) {
	key := func(kind, name string) Key { return Key{Kind: kind, Target: "account", Name: name} }
	live := NewState([]Resource{
		{Key: key("group", "old"), Presence: Present, Fields: []Field{{"member", []string{"user:ann"}}}},
		{Key: key("group", "team"), Presence: Present, Fields: []Field{{"member", []string{"user:ann", "user:bob"}}, {"name", []string{"Team"}}}},
		{Key: key("grants", "same"), Fields: []Field{{"group:team", []string{"SELECT"}}}, Context: []Field{{ContextOwner, []string{"user:ann"}}}},
	})
	why := Claim{Field: "group:team", Value: "SELECT", Want: true, Origin: &Origin{Pos: Pos{File: "a.yaml", Line: 3}}}
	desired := NewState([]Resource{
		{Key: key("grants", "same"), Claims: []Claim{why}},
		{Key: key("group", "empty"), Fields: []Field{{Name: "member"}}},
	})
	p := Plan{Changes: []Change{
		{Key: key("group", "old"), Action: Delete, Before: []Field{{"member", []string{"user:ann"}}}},
		{Key: key("group", "team"), Action: Update, Before: []Field{{"member", []string{"user:ann", "user:bob"}}}},
		{Key: key("group", "empty"), Action: Create},
		{Key: key("group", "new"), Action: Create, After: []Field{{"member", []string{"user:bob"}}}},
	}}
	want := []Resource{
		{Key: key("grants", "same"), Fields: []Field{{"group:team", []string{"SELECT"}}}, Context: []Field{{ContextOwner, []string{"user:ann"}}}, Claims: []Claim{why}},
		{Key: key("group", "empty"), Presence: Present, Context: []Field{{Name: ContextMember}}},
		{Key: key("group", "new"), Presence: Present, Fields: []Field{{"member", []string{"user:bob"}}}, Context: []Field{{Name: ContextMember}}},
		{Key: key("group", "old"), Presence: Gone},
		{Key: key("group", "team"), Presence: Present, Fields: []Field{{Name: "member"}, {"name", []string{"Team"}}}},
	}
	if diff := cmp.Diff(want, Planned(desired, live, p).All()); diff != "" {
		t.Error(diff)
	}
	if f, _ := live.All()[2].Field("member"); len(f.Values) != 2 {
		t.Error("the live state was written to")
	}
}
