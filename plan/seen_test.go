package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/brickgate/brickgate/plan"
)

func TestDiffersIsAboutWhatTheChangeTouches(t *testing.T) {
	f := func(name string, values ...string) plan.Field { return plan.Field{Name: name, Values: values} }
	c := plan.Change{
		Before: []plan.Field{f("group:a", "SELECT"), f("group:b", "SELECT"), f("user:x@y", "MODIFY")},
		After:  []plan.Field{f("group:a", "MODIFY", "SELECT"), f("user:x@y", "MODIFY")},
	}
	for name, test := range map[string]struct {
		live []plan.Field
		want []plan.Delta
	}{
		"as written":                {live: c.After},
		"another principal's":       {live: []plan.Field{f("group:a", "MODIFY", "SELECT"), f("group:c", "SELECT")}},
		"as before":                 {live: c.Before, want: []plan.Delta{{Field: "group:a", Removed: []string{"MODIFY"}}, {Field: "group:b", Added: []string{"SELECT"}}}},
		"something else":            {live: []plan.Field{f("group:a", "EXECUTE", "SELECT")}, want: []plan.Delta{{Field: "group:a", Added: []string{"EXECUTE"}, Removed: []string{"MODIFY"}}}},
		"nothing is there any more": {want: []plan.Delta{{Field: "group:a", Removed: []string{"MODIFY", "SELECT"}}}},
	} {
		if diff := cmp.Diff(test.want, c.Differs(test.live)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
