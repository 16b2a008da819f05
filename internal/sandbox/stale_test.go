package sandbox_test

import (
	"testing"
	"time"

	"github.com/brickgate/brickgate/internal/sandbox"
)

// clock is a time that stands still until it is moved.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time { return c.now }

func TestStaleReadsSeeTheOldWorldUntilTheWindowEnds(t *testing.T) {
	c := newClock()
	r := startRig(t, company, sandbox.Options{Now: c.read, Knobs: sandbox.Knobs{Staleness: time.Minute}})
	id := r.groupID("analysts")
	path := r.accountPath("/scim/v2/Groups/" + id)
	rename := func(name string) {
		t.Helper()
		got := r.do("PATCH "+path, `{"Operations":[{"op":"replace","path":"displayName","value":"`+name+`"}]}`)
		if got.status != 200 || got.field("displayName") != name {
			t.Fatalf("the write does not see itself: %s", got.body)
		}
	}
	expect := func(name string) {
		t.Helper()
		if got := r.do("GET "+path, ""); got.field("displayName") != name {
			t.Errorf("at %s: %s, want %s", c.now.Format("04:05"), got.body, name)
		}
	}
	rename("one")
	expect("analysts")
	c.now = c.now.Add(30 * time.Second)
	rename("two")
	expect("analysts")
	c.now = c.now.Add(31 * time.Second)
	expect("one")
	c.now = c.now.Add(30 * time.Second)
	expect("two")
}

func TestFlippingReadsSeeOldAndNewInTurns(t *testing.T) {
	c := newClock()
	r := startRig(t, company, sandbox.Options{Now: c.read, Knobs: sandbox.Knobs{Staleness: time.Minute, Flipping: true}})
	created := r.do("POST "+r.accountPath("/scim/v2/Groups"), `{"displayName":"fresh"}`)
	path := "GET " + r.accountPath("/scim/v2/Groups/") + created.field("id").(string)
	var statuses []int
	for range 4 {
		statuses = append(statuses, r.do(path, "").status)
	}
	if got := jsonText(statuses); got != "[404,200,404,200]" {
		t.Errorf("within the window: %s", got)
	}
	c.now = c.now.Add(time.Minute)
	for range 3 {
		if got := r.do(path, ""); got.status != 200 {
			t.Errorf("after the window: %d", got.status)
		}
	}
}
