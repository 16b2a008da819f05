package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
	"github.com/brickgate/brickgate/plan"
)

// An apply says what is not visible yet or cannot be read again, and ends well all
// the same: it was applied.
func TestWhatAnApplySeesAfterwards(t *testing.T) {
	for _, test := range []struct {
		name      string
		meanwhile func(*sandbox.Server)
		timeout   string
		out, errs []string
	}{
		{"all of it", func(*sandbox.Server) {}, "1m", []string{"Applied 3 of 3 changes.\n"}, nil},
		{"old reads", func(s *sandbox.Server) { s.SetKnobs(sandbox.Knobs{Staleness: time.Hour}) }, "10ms",
			[]string{"? applied    create  group@account/grp_readers_dev", "not yet visible: what is read is still as it was before", "Applied 3 of 3 changes; 3 not yet visible.\n"},
			[]string{"3 changes are not visible yet: reads may be old for a minute; looking for up to ", "warning: 3 changes are applied and not yet visible: plan again in a few minutes"}},
		{"no reads", func(s *sandbox.Server) {
			s.Inject(sandbox.Fault{Method: http.MethodGet, Path: "*/scim/v2/Groups/*", Status: http.StatusForbidden, Times: -1})
		}, "1m", []string{"not verified: ", "Applied 3 of 3 changes; 2 not verified.\n"}, []string{"warning: 2 changes are applied and not verified\n"}},
		{"nobody looks", func(s *sandbox.Server) { s.SetKnobs(sandbox.Knobs{Staleness: time.Hour}) }, "0", []string{"Applied 3 of 3 changes.\n"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, dir := onPlatform(t, func(server *sandbox.Server, r *http.Request) {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Groups") {
					test.meanwhile(server)
				}
			})
			code, out, errs := called(t, "apply", "--yes", "--verify-timeout", test.timeout, dir)
			if code != exitOK {
				t.Errorf("exit code %d", code)
			}
			for _, part := range test.out {
				if !strings.Contains(out, part) {
					t.Errorf("%q is missing in:\n%s", part, out)
				}
			}
			for _, part := range test.errs {
				if strings.Count(errs, part) != 1 {
					t.Errorf("%q is not told once in:\n%s", part, errs)
				}
			}
			if test.errs == nil && strings.Contains(errs, "warning: ") {
				t.Errorf("told:\n%s", errs)
			}
			if n := written(server); n != 3 {
				t.Errorf("%d writes", n)
			}
			_, recorded, _ := called(t, "history", "-C", dir)
			if test.name == "old reads" != strings.Contains(recorded, "when verified not yet visible") {
				t.Errorf("history:\n%s", recorded)
			}
		})
	}
}

// What somebody else has changed since is not what was asked for.
func TestChangedBySomebodyElseIsNoSuccess(t *testing.T) {
	for sight, want := range map[plan.Sight]int{plan.Visible: exitOK, plan.NotYet: exitOK, plan.Unverified: exitOK, plan.Changed: exitPartial} {
		err := applied(t.Context(), plan.Plan{}, []plan.Outcome{{Status: plan.Applied, Seen: plan.Seen{Sight: sight}}})
		if got := codeOf(err); got != want || err != nil && !errors.As(err, new(exit)) {
			t.Errorf("%s: exit code %d, want %d", sight, got, want)
		}
	}
}

// Unity Catalog hears of the groups of the account, and knows none of a workspace.
func TestWhichRemovalsUnityCatalogHearsOf(t *testing.T) {
	for target, want := range map[string]bool{"account": true, "main": false} {
		var out, errs strings.Builder
		tellSeen(t.Context(), streams{nil, &out, &errs}, []plan.Outcome{{Status: plan.Applied, Change: plan.Change{
			Key: plan.Key{Kind: "group", Target: target, Name: "grp_a"}, Action: plan.Update, Before: []plan.Field{{Name: "member", Values: []string{"user:bob@example.com"}}},
		}}})
		if got := strings.Contains(out.String(), "effective in Unity Catalog"); got != want {
			t.Errorf("%s: told:\n%s", target, &out)
		}
	}
}
